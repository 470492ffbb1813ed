package storage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file keeps second looks. What a rep says in one stands in its own table: a lead's verdict, and all figures, stay what they were.

func init() {
	begins[truce.SecondLookGround] = func(*Tx, truce.Proposal) error { return nil }
}

const lookColumns = `id, week, kind, lead_id, ref, person_id, reason, available, drawn, at, verdict, verdict_at, said, note, rating, touch, touched_at, reminded, ended_at, void, knew, knew_at`

func (tx *Tx) looks(where string, args ...any) ([]truce.SecondLook, error) {
	list, err := all(tx, func(scan func(...any) error) (l truce.SecondLook, err error) {
		var week string
		if err = scan(&l.ID, &week, &l.Kind, &l.LeadID, &l.Ref, &l.PersonID, &l.Reason, &l.Available, &l.Drawn, moment{&l.At}, &l.Verdict,
			moment{&l.VerdictAt}, &l.Said, &l.Note,
			&l.Rating, &l.Touch, moment{&l.TouchedAt}, fromJSON{&l.Reminded}, moment{&l.EndedAt}, &l.Void, &l.Knew, moment{&l.KnewAt}); err == nil {
			l.Week, err = truce.ParseDate(week)
		}
		return l, err
	}, `SELECT `+lookColumns+` FROM second_looks `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read second looks: %w", err)
	}
	return list, nil
}

// SecondLooksOn reports whether both sides have agreed on second looks, at a moment.
func (tx *Tx) SecondLooksOn(at time.Time) (bool, error) {
	p, err := tx.InForce(truce.SecondLookGround, "", at)
	return truce.SecondLookOn(p), err
}

// SecondLooks are all looks that had begun by a moment, the oldest first.
func (tx *Tx) SecondLooks(at time.Time) ([]truce.SecondLook, error) {
	return tx.looks(`WHERE at <= ? ORDER BY at, length(id), id`, millis(at))
}

// SecondLook finds a look by its id.
func (tx *Tx) SecondLook(id string) (truce.SecondLook, error) {
	list, err := tx.looks(`WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no second look %s.", id)
	}
	if err != nil {
		return truce.SecondLook{}, err
	}
	return list[0], nil
}

// SecondLooksOf are the looks that a person has under way, the oldest first.
func (tx *Tx) SecondLooksOf(person string) ([]truce.SecondLook, error) {
	return tx.looks(`WHERE person_id = ? AND ended_at IS NULL ORDER BY at, length(id), id`, person)
}

// LooksUnderWay are the looks that a person has under way with their leads, the oldest first. One whose lead was merged away meanwhile is
// about to end and is left out.
func (tx *Tx) LooksUnderWay(t truce.Terms, person string) (list []truce.LookUnderWay, err error) {
	looks, err := tx.SecondLooksOf(person)
	if err != nil || len(looks) == 0 {
		return nil, err
	}
	by, err := tx.Person(person)
	if err != nil {
		return nil, err
	}
	for _, l := range looks {
		of, err := tx.LookedAt(l)
		if truce.KindOf(err) == truce.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		w, err := tx.lookOwed(t, l, of, by)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// lookOwed is a look with what its rep would owe on it by now.
func (tx *Tx) lookOwed(t truce.Terms, l truce.SecondLook, of truce.Lead, by truce.Person) (w truce.LookUnderWay, err error) {
	w = truce.LookUnderWay{Look: l, Lead: of, Why: truce.AwayPause}
	ramp, err := tx.RampAt(t, l.At)
	if err != nil || ramp.At(l.At) < truce.RampDisputes { // a lead of the first weeks has no clock
		return w, err
	}
	then, err := tx.TermsAt(t, l.At)
	if err != nil {
		return w, err
	}
	touches, err := tx.count(`SELECT EXISTS (SELECT 1 FROM touches WHERE at <= ?)`, millis(l.At))
	if err != nil {
		return w, err
	}
	stills, err := tx.staleTimes(t, l.At)
	if err != nil {
		return w, err
	}
	if n := len(stills); n > 0 && stills[n-1].To.IsZero() && !by.OnLeave(tx.Now) {
		w.Why = truce.DataPause
	}
	if !by.LeaveFrom.IsZero() {
		stills = append(stills, truce.Standstill{From: by.LeaveFrom, To: by.LeaveTo})
	}
	w.Owed = l.Owed(of, then, by, touches > 0, stills, tx.Now)
	w.Look.Reminded = maps.Clone(l.Reminded)
	for i, p := range w.Owed {
		at, known := l.Reminded[p.Kind]
		if known && at.IsZero() || p.Result != truce.Running {
			continue
		}
		if known && at.Before(p.RemindAt) { // it stood still since: what runs anew has a reminder of its own
			delete(w.Look.Reminded, p.Kind)
			known, w.Anew = false, true
		}
		if p.Kind == truce.RatingPromise || p.DueAt.After(tx.Now) {
			continue
		}
		if known { // one whose reminder came late, or has not come, is due later, as an ordinary one
			p.Reminder = string(ReminderSubject(l.PersonID, at))
		}
		delivered, lost, err := tx.ReminderDelivered(p)
		if err != nil {
			return w, err
		}
		if next, lapses := then.Overdue(p, delivered, tx.Now); !lapses {
			if w.Owed[i] = next; lost && delivered.IsZero() { // say it again
				delete(w.Look.Reminded, p.Kind)
			}
		}
	}
	return w, nil
}

// LooksToRemind are the looks under way of whose waits their reps are to be reminded now, or whose reminders are to be drawn anew because
// their time is over.
func (tx *Tx) LooksToRemind(t truce.Terms) (list []truce.LookUnderWay, err error) {
	open, err := tx.OpenSecondLooks()
	if err != nil {
		return nil, err
	}
	var people []string
	for _, l := range open {
		if !slices.Contains(people, l.PersonID) {
			people = append(people, l.PersonID)
		}
	}
	for _, id := range people {
		by, err := tx.Person(id)
		if err != nil {
			return nil, err
		}
		if there, err := tx.present(by); err != nil || !there {
			if err != nil {
				return nil, err
			}
			continue
		}
		looks, err := tx.LooksUnderWay(t, id)
		if err != nil {
			return nil, err
		}
		for _, l := range looks {
			if l.Anew || len(l.Reminding(tx.Now))+len(l.Outdated(tx.Now)) > 0 {
				list = append(list, l)
			}
		}
	}
	return list, nil
}

// LooksRemindedBy are the looks of a person that a reminder, by its outbox key, is or was about: of each what it reminds of, as it
// stands now.
func (tx *Tx) LooksRemindedBy(t truce.Terms, key, person string) (list []truce.Pending, err error) {
	looks, err := tx.LooksUnderWay(t, person)
	for _, l := range looks {
		for _, p := range l.Owed {
			if at := l.Look.Reminded[p.Kind]; !at.IsZero() && string(ReminderSubject(person, at)) == key {
				list = append(list, truce.Pending{Promise: l.Ended(p, tx.Now), Lead: l.Veiled(tx.Now).Lead, Second: &l})
			}
		}
	}
	return list, err
}

// refreshReminders has those reminders of a look drawn anew that something new has to be said of: what was owed is done, has lapsed or
// stands still, or is reminded of once more.
func (tx *Tx) refreshReminders(was, l truce.SecondLook) error {
	for kind, at := range was.Reminded {
		if at.IsZero() {
			continue
		}
		changed := !l.Reminded[kind].Equal(at)
		for noted := range l.Reminded {
			if _, before := was.Reminded[noted]; !before && strings.HasPrefix(string(noted), string(kind)+" ") {
				changed = true
			}
		}
		switch kind {
		case truce.VerdictPromise:
			changed = changed || l.Verdict != was.Verdict
		case truce.TouchPromise:
			changed = changed || l.Touch != was.Touch || l.Verdict != was.Verdict && l.Verdict == truce.Rejected
		}
		if !changed {
			continue
		}
		if err := tx.refreshPosted(ReminderSubject(l.PersonID, at)); err != nil {
			return err
		}
	}
	return nil
}

// unratedLooks are a person's looks at leads that they accepted and have not rated, given to them before a moment, as they see the leads.
func (tx *Tx) unratedLooks(t truce.Terms, person string, before time.Time) (leads []truce.Lead, err error) {
	looks, err := tx.LooksUnderWay(t, person)
	for _, l := range looks {
		if l.Look.Verdict == truce.Accepted && l.Look.Rating == 0 && !l.Look.At.After(before) {
			leads = append(leads, l.Veiled(tx.Now).Lead)
		}
	}
	return leads, err
}

// OpenSecondLooks are those under way, the oldest first.
func (tx *Tx) OpenSecondLooks() ([]truce.SecondLook, error) {
	return tx.looks(`WHERE ended_at IS NULL ORDER BY at, length(id), id`)
}

// SecondLookAt is the look that was taken at a lead, once it is over; nil where there was none.
func (tx *Tx) SecondLookAt(lead string, at time.Time) (*truce.SecondLook, error) {
	list, err := tx.looks(`WHERE lead_id = ? AND ended_at <= ? AND void = 0`, lead, millis(at))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// LookedAt is the lead of a look: one that qualified, else one below the threshold.
func (tx *Tx) LookedAt(l truce.SecondLook) (truce.Lead, error) {
	if l.Kind == truce.BelowLook {
		list, err := tx.belowLeads(`WHERE id = ?`, l.LeadID)
		if err == nil && len(list) == 0 {
			err = truce.Errorf(truce.NotFound, "There is no lead %s.", l.Ref)
		}
		if err != nil {
			return truce.Lead{}, err
		}
		return list[0], nil
	}
	return tx.Lead(l.LeadID)
}

// AddSecondLook begins a look.
func (tx *Tx) AddSecondLook(l truce.SecondLook) (truce.SecondLook, error) {
	n, err := tx.next("second look")
	if err != nil {
		return l, err
	}
	l.ID, l.At = fmt.Sprintf("S-%d", n), tx.Now
	return l, tx.SaveSecondLook(l)
}

// SaveSecondLook stores a look as it is.
func (tx *Tx) SaveSecondLook(l truce.SecondLook) error {
	was, err := tx.looks(`WHERE id = ?`, l.ID)
	if err != nil {
		return err
	}
	reminded := l.Reminded
	if reminded == nil {
		reminded = truce.LookReminders{}
	}
	err = tx.exec(`INSERT INTO second_looks (`+lookColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET verdict = excluded.verdict, verdict_at = excluded.verdict_at, said = excluded.said, note = excluded.note,
		rating = excluded.rating,
			touch = excluded.touch, touched_at = excluded.touched_at, reminded = excluded.reminded,
			ended_at = excluded.ended_at, void = excluded.void, knew = excluded.knew,
			knew_at = excluded.knew_at`,
		l.ID, l.Week.String(), l.Kind, l.LeadID, l.Ref, l.PersonID, l.Reason, l.Available, l.Drawn, millis(l.At), l.Verdict, millis(l.VerdictAt),
		l.Said, l.Note, l.Rating,
		l.Touch, millis(l.TouchedAt), asJSON(reminded), millis(l.EndedAt), l.Void, l.Knew, millis(l.KnewAt))
	if err != nil {
		return fmt.Errorf("save second look %s: %w", l.ID, err)
	}
	for _, before := range was {
		if err := tx.refreshReminders(before, l); err != nil {
			return err
		}
	}
	return tx.RefreshHome(l.PersonID)
}

// LookCandidates are the leads that may be looked at again of a week: those that people sent back in [from, to) for a fault of
// their source and that no case, rule or second look has touched, and those below the threshold that were told then; each with
// the reps who may be given it.
func (tx *Tx) LookCandidates(from, to time.Time) (list []truce.LookCandidate, err error) {
	reps, err := tx.PeopleWith(truce.Rep)
	if err != nil {
		return nil, err
	}
	there := reps[:0:0]
	for _, p := range reps {
		ok, err := tx.present(p)
		if err != nil {
			return nil, err
		}
		if ok {
			there = append(there, p)
		}
	}
	back, err := tx.rejectedIn(from, to)
	if err != nil {
		return nil, err
	}
	for _, c := range back {
		if !truce.MayLookAgain(c.Lead, c.Reason) {
			continue
		}
		if c.Reps, err = tx.colleagues(c, there); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	below, err := tx.belowLeads(`b WHERE told_at >= ? AND told_at < ? AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.id = b.id)
		AND NOT EXISTS (SELECT 1 FROM second_looks s WHERE s.lead_id = b.id) ORDER BY id`, millis(from), millis(to))
	if err != nil {
		return nil, err
	}
	for _, l := range below {
		c := truce.LookCandidate{Lead: l, Kind: truce.BelowLook}
		if !truce.MayLookAgain(l, "") {
			continue
		}
		if c.Reps, err = tx.colleagues(c, there); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// rejectedIn are the leads that people sent back in [from, to), which stand so now, and which nothing has settled.
func (tx *Tx) rejectedIn(from, to time.Time) ([]truce.LookCandidate, error) {
	columns := "l." + strings.ReplaceAll(leadColumns, ", ", ", l.")
	columns = strings.ReplaceAll(columns, ",\n\t", ", l.")
	return all(tx, func(scan func(...any) error) (c truce.LookCandidate, err error) {
		c.Kind = truce.RejectedLook
		c.Lead, err = scanLead(func(into ...any) error { return scan(append(into, &c.Reason, text{&c.Rejecter})...) })
		return c, err
	}, `SELECT `+columns+`, o.reason, o.person_id FROM outcomes o JOIN leads l ON l.id = o.lead_id
		WHERE o.status = 'rejected' AND o.origin IN ('person', 'import') AND o.at >= ? AND o.at < ? AND l.state = 'rejected'
			AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.lead_id = l.id) AND NOT EXISTS (SELECT 1 FROM second_looks s WHERE s.lead_id = l.id)
			AND NOT EXISTS (SELECT 1 FROM proposals r WHERE r.kind = 'rule' AND r.state = 'in force' AND r.thing = o.reason || ' ' || l.source)
		ORDER BY l.id`, millis(from), millis(to))
}

// colleagues are the reps of the same team as who had a lead, without them; where nobody is known to have had it, all reps.
func (tx *Tx) colleagues(c truce.LookCandidate, reps []truce.Person) (ids []string, err error) {
	had := c.Rejecter
	if had == "" {
		had = c.Lead.OwnerID
	}
	team, known := "", false
	if had != "" {
		p, err := tx.Person(had)
		if err != nil {
			return nil, err
		}
		team, known = p.ManagerID, true
	}
	for _, p := range reps {
		if p.ID != c.Rejecter && p.ID != c.Lead.OwnerID && (!known || p.ManagerID == team) {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

// LookEnds are what became of leads after their looks, by lead: the first opportunity and the first win that are known, whichever lead or
// list told them.
func (tx *Tx) LookEnds(leads []string, at time.Time) (map[string]map[truce.Status]time.Time, error) {
	ends := map[string]map[truce.Status]time.Time{}
	err := tx.each(`SELECT lead_id, status, min(at) FROM (
			SELECT lead_id, status, at FROM outcomes WHERE status IN ('opportunity', 'won') AND recorded_at <= ?2 AND at <= ?2
			AND lead_id IN (SELECT value FROM json_each(?1))
			UNION ALL SELECT lead_id, status, at FROM below_outcomes WHERE status IN ('opportunity', 'won') AND at <= ?2 AND lead_id IN (SELECT value
			FROM json_each(?1)))
		GROUP BY 1, 2`, []any{asJSON(leads), millis(at)}, func(scan func(...any) error) error {
		var id string
		var s truce.Status
		var t time.Time
		if err := scan(&id, &s, moment{&t}); err != nil {
			return err
		}
		if ends[id] == nil {
			ends[id] = map[truce.Status]time.Time{}
		}
		ends[id][s] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what became of second looks: %w", err)
	}
	return ends, nil
}

// secondWaits are what the looks of a person ask of them.
func (tx *Tx) secondWaits(t truce.Terms, person string) (list []truce.Pending, err error) {
	looks, err := tx.LooksUnderWay(t, person)
	if err != nil {
		return nil, err
	}
	for _, l := range looks {
		list = append(list, truce.PendingFor(l.Pending(tx.Now), person)...)
	}
	return list, nil
}

const belowColumns = `id, ref, told_at, email, name, company, account, source, campaign, segment, product, score, owner, attrs`

func (tx *Tx) belowLeads(where string, args ...any) ([]truce.Lead, error) {
	list, err := all(tx, func(scan func(...any) error) (l truce.Lead, err error) {
		var score *float64
		if err = scan(&l.ID, &l.Ref, moment{&l.MQLAt}, &l.Email, &l.Name, &l.Company, &l.Account, &l.Source, &l.Campaign, &l.Segment, &l.Product,
			&score, &l.Owner, fromJSON{&l.Attrs}); score != nil {
			l.Score, l.HasScore = *score, true
		}
		return l, err
	}, `SELECT `+belowColumns+` FROM below_leads `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read leads below the threshold: %w", err)
	}
	return list, nil
}

// UpsertBelow keeps a lead that the CRM has below its threshold. One that had qualified stays a lead.
func (tx *Tx) UpsertBelow(l truce.Lead) (Change, error) {
	if known, err := tx.HasLead(l.ID); err != nil || known {
		if err != nil {
			return "", err
		}
		return tx.UpsertLead(l)
	}
	had, err := tx.belowLeads(`WHERE id = ?`, l.ID)
	if err != nil {
		return "", err
	}
	if len(had) == 0 {
		n, err := tx.next("lead")
		if err != nil {
			return "", err
		}
		l.Ref = fmt.Sprintf("L-%d", n)
	} else {
		l.Ref = had[0].Ref
		if same(had[0], l) {
			return Unchanged, nil
		}
	}
	err = tx.exec(`INSERT INTO below_leads (`+belowColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET told_at = excluded.told_at, email = excluded.email, name = excluded.name, company = excluded.company,
		account = excluded.account,
			source = excluded.source, campaign = excluded.campaign, segment = excluded.segment, product = excluded.product, score = excluded.score,
			owner = excluded.owner, attrs = excluded.attrs`,
		l.ID, l.Ref, millis(l.MQLAt), l.Email, l.Name, l.Company, account(l), l.Source, l.Campaign, l.Segment, l.Product, score(l), l.Owner,
		attrs(l))
	if err != nil {
		return "", fmt.Errorf("keep lead %s, which is below the threshold: %w", l.ID, err)
	}
	if len(had) == 0 {
		return Added, nil
	}
	return Changed, nil
}

// HasBelow reports whether a lead is known that is below the threshold.
func (tx *Tx) HasBelow(id string) (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM below_leads WHERE id = ?`, id)
	return n > 0, err
}

// addBelowOutcome keeps what became of a lead below the threshold; known is false where there is none of that id.
func (tx *Tx) addBelowOutcome(o truce.Outcome) (change Change, known bool, err error) {
	if is, err := tx.HasBelow(o.LeadID); err != nil || !is {
		return "", false, err
	}
	had, err := tx.count(`SELECT count(*) FROM below_outcomes WHERE lead_id = ? AND status = ? AND at = ?`, o.LeadID, o.Status, millis(o.At))
	if err != nil || had > 0 {
		return Unchanged, true, err
	}
	err = tx.exec(`INSERT INTO below_outcomes (lead_id, status, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at`, o.LeadID,
		o.Status, millis(o.At))
	if err != nil {
		return "", true, fmt.Errorf("add %s to lead %s, which is below the threshold: %w", o.Status, o.LeadID, err)
	}
	return Added, true, nil
}

// TendLooks ends the looks whose time is over or whose rep said no, and gives them back; those of reps who left, and of leads
// that are gone or have qualified meanwhile, are void. It forgets leads below the threshold that have qualified and that nobody
// looks at.
func (tx *Tx) TendLooks() (over []truce.SecondLook, err error) {
	open, err := tx.OpenSecondLooks()
	if err != nil {
		return nil, err
	}
	for _, l := range open {
		void, err := tx.looksInVain(l)
		if err != nil {
			return nil, err
		}
		if !void && !l.Due(tx.Now) {
			continue
		}
		l.EndedAt, l.Void = tx.Now, void
		if err := tx.SaveSecondLook(l); err != nil {
			return nil, err
		}
		if err := tx.Audit("", "", "secondlook.end", l.ID, map[string]string{"lead": l.Ref, "verdict": string(l.Verdict)}); err != nil {
			return nil, err
		}
		over = append(over, l)
	}
	err = tx.exec(`DELETE FROM below_leads WHERE id IN (SELECT id FROM leads) AND id NOT IN (SELECT lead_id FROM second_looks)`)
	if err != nil {
		return nil, fmt.Errorf("forget leads below the threshold that have qualified: %w", err)
	}
	return over, nil
}

func (tx *Tx) looksInVain(l truce.SecondLook) (bool, error) {
	p, err := tx.Person(l.PersonID)
	if err != nil {
		return false, err
	}
	if _, err := tx.LookedAt(l); truce.KindOf(err) == truce.NotFound {
		return true, nil
	} else if err != nil {
		return false, err
	}
	if l.Kind == truce.BelowLook {
		if known, err := tx.HasLead(l.LeadID); known || err != nil {
			return known, err
		}
	}
	cases, err := tx.count(`SELECT count(*) FROM disputes WHERE lead_id = ?`, l.LeadID)
	return cases > 0 || !p.Active, err // a case tells everybody what was said
}

// FindBelow finds the lead below the threshold that is meant by an id, a reference or an address: for who erases it, and for nobody else.
func (tx *Tx) FindBelow(query string) ([]truce.Lead, error) {
	query = strings.TrimSpace(query)
	return tx.belowLeads(`WHERE id = ?1 OR ref = upper(?1) OR email <> '' AND lower(email) = ?2 ORDER BY id LIMIT ?3`, query,
		truce.FoldEmail(query), maxFound)
}

// eraseBelow removes who leads below the threshold are, by address or id.
func (tx *Tx) eraseBelow(id, address string) error {
	return tx.exec(`UPDATE below_leads SET email = '', name = '', company = '', account = '', attrs = '{}' WHERE id = ? OR ? <> ''
		AND lower(email) = ?`, id, address, address)
}

// secondWaitsAmong leaves out a person's waits about leads that they look at a second time: the look stands for them.
func secondWaitsAmong(list, second []truce.Pending) []truce.Pending {
	refs := map[string]bool{}
	for _, w := range second {
		refs[w.Lead.Ref] = true
	}
	if len(refs) == 0 {
		return list
	}
	list = slices.DeleteFunc(slices.Clone(list), func(w truce.Pending) bool { return w.Case == nil && refs[w.Lead.Ref] })
	list = append(list, second...)
	slices.SortStableFunc(list, truce.Pending.Sooner)
	return list
}
