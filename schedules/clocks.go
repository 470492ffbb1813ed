package schedules

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Clocks keeps watch over promises: it reminds, and lets silence move cases and leads when a deadline has passed. Each thing
// is done once because the state of the promise says so, in the event that changes it: a repetition finds nothing to do.
type Clocks struct {
	Store *storage.Store
	Terms truce.Terms
	Log   *slog.Logger
}

const clocksBatch = 200 // things done in one event, so that nobody waits long

// Once does what is due now. What fails for one promise is logged, and keeps the others from nothing.
func (k Clocks) Once(ctx context.Context) error {
	update := func(fn func(Clocks, *storage.Tx) error) error {
		return k.Store.Update(ctx, func(tx *storage.Tx) (err error) {
			now := k
			if now.Terms, err = tx.Terms(k.Terms); err != nil {
				return err
			}
			return fn(now, tx)
		})
	}
	// What is agreed comes first: the terms that hold from a day on are those of everything that this round does.
	if err := update(func(k Clocks, tx *storage.Tx) error { return tx.TendProposals(k.Terms.Calendar) }); err != nil {
		return fmt.Errorf("tend proposals: %w", err)
	}
	if err := update(func(k Clocks, tx *storage.Tx) error { return tx.TendPromises(k.Terms) }); err != nil {
		return fmt.Errorf("tend promises: %w", err)
	}
	if err := update(func(k Clocks, tx *storage.Tx) error { return tx.TendCharter(k.Terms.Calendar) }); err != nil {
		return fmt.Errorf("tend the charter: %w", err)
	}
	if err := update(func(k Clocks, tx *storage.Tx) error { return tx.TendRamp(k.Terms) }); err != nil {
		return fmt.Errorf("tend the ramp: %w", err)
	}
	failed := map[string]bool{}
	for {
		var n int
		err := update(func(k Clocks, tx *storage.Tx) (err error) {
			n, err = k.some(tx, failed)
			return err
		})
		if err != nil {
			return err
		}
		if n < clocksBatch || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// some reminds of and lapses at most a batch of promises.
func (k Clocks) some(tx *storage.Tx, failed map[string]bool) (int, error) {
	due, err := tx.PromisesDue(tx.Now, clocksBatch+len(failed))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range due {
		if failed[p.ID] {
			continue
		}
		n++
		err := tx.Try(func() error {
			now, err := tx.Promise(p.ID) // the lapse of another may have ended it
			if err != nil || now.Result != truce.Running {
				return err
			}
			return k.overdue(tx, now)
		})
		if err != nil {
			failed[p.ID] = true
			k.Log.Error("a promise is due", "promise", p.ID, "subject", p.Subject, "kind", p.Kind, "error", err)
		}
	}
	remind, err := tx.PromisesToRemind(tx.Now, clocksBatch)
	if err != nil {
		return n, err
	}
	looks, err := tx.LooksToRemind(k.Terms)
	if err != nil {
		return n, err
	}
	if err := k.remind(tx, remind, looks); err != nil {
		return n, fmt.Errorf("remind: %w", err)
	}
	return max(n, len(remind)), nil
}

// remind sends each person one reminder of all that is due soon; a second look is reminded of as an ordinary lead.
func (k Clocks) remind(tx *storage.Tx, list []truce.Promise, looks []truce.LookUnderWay) error {
	mine := map[string][]truce.Promise{} // by person: what they are reminded of
	asked := map[string][]truce.Promise{}
	var people []string
	for _, p := range list {
		who, err := k.owes(tx, p)
		if err != nil {
			return err
		}
		if moot, err := k.moot(tx, p); err != nil {
			return err
		} else if moot {
			continue
		}
		for _, id := range who {
			if !slices.Contains(people, id) {
				people = append(people, id)
			}
			if p.Kind == truce.RatingPromise {
				asked[id] = append(asked[id], p)
			} else {
				mine[id] = append(mine[id], p)
			}
		}
	}
	second, asksOf := map[string]bool{}, map[string][]truce.Lead{} // by person: whom looks remind, of which leads they ask a rating
	for _, l := range looks {
		id := l.Look.PersonID
		if !slices.Contains(people, id) {
			people = append(people, id)
		}
		for _, p := range l.Reminding(tx.Now) {
			if p.Kind != truce.RatingPromise {
				second[id] = true
			} else if f := l.Veiled(tx.Now); f.Stage >= truce.StageAccepted {
				asksOf[id] = append(asksOf[id], f.Lead)
			}
		}
	}
	keys := map[string]string{} // by promise
	for _, id := range people {
		if len(mine[id]) > 0 || second[id] {
			subject := storage.ReminderSubject(id, tx.Now)
			for _, p := range mine[id] {
				if keys[p.ID] != "" {
					keys[p.ID] += " "
				}
				keys[p.ID] += string(subject)
			}
			if err := tx.Send(storage.Message{Key: string(subject), To: storage.ToPerson(id), Subject: subject, Kind: storage.Reminder,
				PersonID: id}); err != nil {
				return err
			}
		}
		if len(asked[id])+len(asksOf[id]) > 0 {
			if err := k.askForRatings(tx, id, asked[id], asksOf[id]); err != nil {
				return err
			}
		}
	}
	for _, l := range looks {
		if err := tx.SaveSecondLook(l.Remind(tx.Now)); err != nil {
			return err
		}
	}
	for _, p := range list {
		if keys[p.ID] == "" {
			continue
		}
		p.Reminder = keys[p.ID]
		if err := tx.SavePromise(p); err != nil {
			return err
		}
	}
	return nil
}

// owes are the people a promise is owed by.
func (k Clocks) owes(tx *storage.Tx, p truce.Promise) ([]string, error) {
	if p.PersonID != "" {
		return []string{p.PersonID}, nil
	}
	d, err := tx.Dispute(p.Subject)
	if err != nil {
		return nil, err
	}
	rulers, err := tx.Rulers(d, p.Side, true)
	var ids []string
	for _, r := range rulers {
		ids = append(ids, r.ID)
	}
	return ids, err
}

// moot ends a promise about a lead that the CRM's own data has kept in the meantime, or that has no point any more.
func (k Clocks) moot(tx *storage.Tx, p truce.Promise) (bool, error) {
	if !p.OnLead() {
		return false, nil
	}
	f, err := tx.LeadFileByRef(p.Subject)
	if err != nil {
		return false, err
	}
	ended, over := f.Overtaken(p, tx.Now)
	if !over && p.Kind == truce.RatingPromise && f.Stage < truce.StageAccepted {
		ended, over = p.Stop(truce.Void, tx.Now), true
	}
	if !over {
		return false, nil
	}
	return true, tx.SavePromise(ended)
}

// askForRatings asks for ratings, once: the asking itself ends the promise. leads are those of second looks.
func (k Clocks) askForRatings(tx *storage.Tx, person string, list []truce.Promise, leads []truce.Lead) error {
	key := fmt.Sprintf("rating:%s/%d", person, tx.Now.UnixMilli())
	if len(list) > 0 {
		key = "rating:" + list[0].ID
	}
	for _, p := range list {
		f, err := tx.LeadFileByRef(p.Subject)
		if err != nil {
			return err
		}
		leads = append(leads, f.Lead)
		if err := tx.SavePromise(p.Stop(truce.Void, tx.Now)); err != nil {
			return err
		}
	}
	return sendCard(tx, person, key, storage.Notice, time.Time{}, cards.RatingAsked(leads))
}

func sendCard(tx *storage.Tx, person, key string, kind storage.MessageKind, notBefore time.Time, card chat.Card) error {
	body, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return tx.Send(storage.Message{Key: key, To: storage.ToPerson(person), Body: body, Kind: kind, PersonID: person, NotBefore: notBefore})
}

// overdue lapses a promise whose deadline has come, or moves the deadline where the reminder came late.
func (k Clocks) overdue(tx *storage.Tx, p truce.Promise) error {
	if moot, err := k.moot(tx, p); err != nil || moot {
		return err
	}
	if p.Kind == truce.RatingPromise { // asked for in this very event
		return nil
	}
	delivered, lost, err := tx.ReminderDelivered(p)
	if err != nil {
		return err
	}
	next, lapses := k.Terms.Overdue(p, delivered, tx.Now)
	if !lapses {
		if lost && delivered.IsZero() { // say it again
			next.Reminder = ""
		}
		if err := tx.SavePromise(next); err != nil {
			return err
		}
		if !p.OnLead() {
			return tx.PostDispute(p.Subject)
		}
		return nil
	}
	if !p.OnLead() {
		return k.lapseCase(tx, next)
	}
	return k.lapseLead(tx, next)
}

// lapseCase lets silence move a case, and tells the one who was silent, then that person's manager.
func (k Clocks) lapseCase(tx *storage.Tx, p truce.Promise) error {
	before, err := tx.Dispute(p.Subject)
	if err != nil {
		return err
	}
	after := before
	if !after.Lapse(p.Kind, tx.Now) {
		return tx.SavePromise(p.Stop(truce.Void, tx.Now))
	}
	action := "lapse." + string(p.Kind)
	if before.State == truce.DisputeSponsor {
		action = "lapse.sponsor"
	}
	silent, err := k.owes(tx, p)
	if err != nil {
		return err
	}
	if after, err = tx.MoveDispute(k.Terms, before, after, truce.Step{Action: action, Did: p.Kind, Side: p.Side, Lapsed: true}); err != nil {
		return err
	}
	lead, err := tx.Lead(after.LeadID)
	if err != nil {
		return err
	}
	for _, id := range silent {
		if id != after.OpenerID || !after.Closed() { // the opener hears of the end anyway
			if err := sendCard(tx, id, "missed:"+p.ID+">"+id, storage.Reminder, time.Time{}, cards.Missed(after, lead, p, true)); err != nil {
				return err
			}
		}
		managers, err := k.managersOf(tx, id, p.Side)
		if err != nil {
			return err
		}
		later, ok := k.Terms.Calendar.Add(tx.Now, k.Terms.Notice)
		for _, m := range managers {
			if m == id || !ok {
				continue
			}
			if err := sendCard(tx, m, "missed:"+p.ID+">"+m, storage.Notice, later, cards.Missed(after, lead, p, false)); err != nil {
				return err
			}
		}
	}
	return nil
}

// managersOf are who hears second that a person was silent: the manager on record, else those of the side.
func (k Clocks) managersOf(tx *storage.Tx, id string, side truce.Side) ([]string, error) {
	p, err := tx.Person(id)
	if err != nil {
		return nil, err
	}
	if p.ManagerID != "" {
		return []string{p.ManagerID}, nil
	}
	role := map[truce.Side]truce.Role{truce.Sales: truce.SalesManager, truce.Marketing: truce.MarketingManager}[side]
	if role == "" || p.Has(role) { // nobody is told on a manager or the sponsor
		return nil, nil
	}
	people, err := tx.PeopleWith(role)
	var ids []string
	for _, m := range people {
		ids = append(ids, m.ID)
	}
	return ids, err
}

// lapseLead lets silence accept a lead. A first touch that was not logged moves nothing; where nobody logs any, it was not
// measured.
func (k Clocks) lapseLead(tx *storage.Tx, p truce.Promise) error {
	f, err := tx.LeadFileByRef(p.Subject)
	if err != nil {
		return err
	}
	if p.Kind == truce.TouchPromise {
		measured, err := tx.AnyTouch()
		if err != nil {
			return err
		}
		result := truce.Lapsed
		if !measured {
			result = truce.Void
		}
		return tx.SavePromise(p.Stop(result, tx.Now))
	}
	if err := tx.SavePromise(p.Stop(truce.Lapsed, tx.Now)); err != nil {
		return err
	}
	if _, err := tx.AddOutcome(truce.Outcome{LeadID: f.ID, Status: truce.Accepted, At: tx.Now, Origin: truce.FromSilence}); err != nil {
		return err
	}
	return tx.Audit("", "", "lapse.verdict", f.Ref, nil)
}
