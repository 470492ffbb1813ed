package storage

import (
	"cmp"
	"fmt"
	"time"

	"truce"
)

// This file is what follows from a move of a case, whoever made it: a person who pressed a button or time that passed. The
// case is stored, promises end and begin, the lead is sent back, the log is written, and those concerned hear of it.

// Step says how a case moved: by whom, and which promise that was.
type Step struct {
	Action  string            // dispute.uphold
	By      string            // "" is silence
	Network string            // from where
	Did     truce.PromiseKind // the promise that was fulfilled by it, or that lapsed; "" for none
	Side    truce.Side        // whose promise
	Lapsed  bool              // silence moved the case
}

// StepTaken is what the audit log holds of a step of a case.
type StepTaken struct {
	Version int                  `json:"version"`
	State   truce.DisputeState   `json:"state"`
	Outcome truce.DisputeOutcome `json:"outcome,omitempty"`
	Side    truce.Side           `json:"side,omitempty"`
	Uphold  bool                 `json:"uphold,omitempty"`
	Text    string               `json:"text,omitempty"`
}

// DisputeSubject is the one message of a case, StepSubject a step of it told in its thread, ToldSubject a message about it to
// one person after the step of a version.
func DisputeSubject(id string) string { return "dispute:" + id }
func StepSubject(d truce.Dispute) string {
	return fmt.Sprintf("step:%s/%d", d.ID, d.Version)
}
func ToldSubject(d truce.Dispute, person string) string {
	return fmt.Sprintf("told:%s/%d/%s", d.ID, d.Version, person)
}

// OpenDispute stores a new case, puts it into its bundle, starts its clock and posts it. Where nobody in Marketing can
// answer, the case is kept without a clock, and admins hear of it where Marketing has nobody at all.
func (tx *Tx) OpenDispute(t truce.Terms, d truce.Dispute, network string) (truce.Dispute, error) {
	since, ok := t.Calendar.AddDays(tx.Now, -t.BundleDays)
	if ok {
		bundle, err := tx.bundleFor(d.Source, d.Reason, since)
		if err != nil {
			return d, fmt.Errorf("look for like cases: %w", err)
		}
		d.Bundle = bundle
	}
	d, err := tx.addDispute(d)
	if err != nil {
		return d, err
	}
	if err := tx.settlePromises(t, d, Step{}); err != nil {
		return d, err
	}
	if err := tx.judgedByDispute(t, d); err != nil {
		return d, err
	}
	if err := tx.takeDown(d, Step{Action: "dispute.open", By: d.OpenerID, Network: network}, d.Text); err != nil {
		return d, err
	}
	if err := tx.post(d); err != nil {
		return d, err
	}
	if marketing, err := tx.PeopleWith(truce.Marketer, truce.MarketingManager); err != nil || len(marketing) > 0 {
		return d, err
	}
	return d, tx.tellRole(d, truce.Admin)
}

// judgedByDispute ends the verdict that is owed about a disputed lead: sending it back is one. The other promises wait with it.
func (tx *Tx) judgedByDispute(t truce.Terms, d truce.Dispute) error {
	if err := tx.BeginLead(t, d.LeadID); err != nil {
		return err
	}
	lead, err := tx.Lead(d.LeadID)
	if err != nil {
		return err
	}
	if err := tx.StopLeadPromises(lead.Ref, tx.Now, truce.VerdictPromise); err != nil {
		return err
	}
	rest, err := tx.OpenPromises(lead.Ref)
	if err != nil {
		return err
	}
	for _, p := range rest {
		if err := tx.SavePromise(p.Stop(truce.Void, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// MoveDispute stores a case after a move, with all that follows from it.
func (tx *Tx) MoveDispute(t truce.Terms, before, after truce.Dispute, s Step) (truce.Dispute, error) {
	for _, side := range []truce.Side{truce.Sales, truce.Marketing} { // nobody is left who may rule for a side: the sponsor decides
		if after.State != truce.DisputeEscalated {
			break
		}
		if _, ruled := after.RulingOf(side); ruled {
			continue
		}
		rulers, err := tx.Rulers(after, side, false)
		if err != nil {
			return after, err
		}
		if len(rulers) == 0 {
			after.State = truce.DisputeSponsor
		}
	}
	if before.Closed() && !after.Closed() { // a bundle of its own: its time begins anew
		after.Bundle = after.ID
	}
	if err := tx.saveDispute(before, after); err != nil {
		return after, err
	}
	if err := tx.settlePromises(t, after, s); err != nil {
		return after, err
	}
	if !before.Closed() {
		if err := tx.settleDisputed(after, s); err != nil {
			return after, err
		}
	}
	if err := tx.takeDown(after, s, stepText(before, after)); err != nil {
		return after, err
	}
	if err := tx.post(after); err != nil {
		return after, err
	}
	if err := tx.Send(Message{Key: StepSubject(after), To: thread(after), Subject: StepSubject(after), Kind: CaseMessage}); err != nil {
		return after, err
	}
	if err := tx.refreshHomes(before, after, s); err != nil {
		return after, err
	}
	return after, tx.tellAfter(before, after, s)
}

// refreshHomes draws the home pages of those whose list a move may have changed.
func (tx *Tx) refreshHomes(before, after truce.Dispute, s Step) error {
	people := []string{after.OpenerID, s.By}
	for _, d := range []truce.Dispute{before, after} {
		for _, o := range d.Owed() {
			if o.Kind != truce.RulingPromise {
				continue
			}
			rulers, err := tx.Rulers(d, o.Side, false)
			if err != nil {
				return err
			}
			for _, p := range rulers {
				people = append(people, p.ID)
			}
		}
	}
	for _, id := range people {
		if err := tx.RefreshHome(id); err != nil {
			return err
		}
	}
	return nil
}

func thread(d truce.Dispute) Dest {
	return Dest("thread:" + string(ToChannel("disputes")) + "|" + DisputeSubject(d.ID))
}

// stepText is what was written with a step.
func stepText(before, after truce.Dispute) string {
	switch {
	case len(after.Rulings) > len(before.Rulings):
		return after.Rulings[len(after.Rulings)-1].Text
	case after.Question != before.Question:
		return after.Question
	case after.Evidence != before.Evidence:
		return after.Evidence
	case after.Escalation != before.Escalation && after.Escalation != "":
		return after.Escalation
	case after.Answer != before.Answer:
		return after.Answer
	}
	return ""
}

func (tx *Tx) takeDown(d truce.Dispute, s Step, text string) error {
	taken := StepTaken{Version: d.Version, State: d.State, Outcome: d.Outcome, Side: s.Side, Text: text}
	if r, ok := d.RulingOf(s.Side); ok && s.Did == truce.RulingPromise {
		taken.Uphold = r.Uphold
	}
	return tx.Audit(s.By, s.Network, s.Action, d.ID, taken)
}

// post has the case's message shown as it is now, and those of its bundle, whose buttons speak of all of them.
func (tx *Tx) post(d truce.Dispute) error {
	if err := tx.Send(Message{To: ToChannel("disputes"), Subject: DisputeSubject(d.ID), Kind: CaseMessage}); err != nil {
		return err
	}
	if d.Version == 1 && d.Bundle == d.ID {
		return nil
	}
	bundle, err := tx.BundleOf(d.Bundle)
	if err != nil {
		return err
	}
	for _, b := range bundle {
		if b.ID == d.ID {
			continue
		}
		if err := tx.Send(Message{To: ToChannel("disputes"), Subject: DisputeSubject(b.ID), Kind: CaseMessage}); err != nil {
			return err
		}
	}
	return nil
}

// PostDispute has a case's message shown as it is now.
func (tx *Tx) PostDispute(id string) error {
	d, err := tx.Dispute(id)
	if err != nil {
		return err
	}
	return tx.post(d)
}

// tell says to a person what a step means for them, once. What a clock waits for is outside the silence budget.
func (tx *Tx) tell(d truce.Dispute, person string, kind MessageKind) error {
	subject := ToldSubject(d, person)
	if err := tx.RefreshHome(person); err != nil {
		return err
	}
	return tx.Send(Message{Key: subject, To: ToPerson(person), Subject: subject, Kind: kind, PersonID: person})
}

func (tx *Tx) tellRole(d truce.Dispute, roles ...truce.Role) error {
	people, err := tx.PeopleWith(roles...)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := tx.tell(d, p.ID, Notice); err != nil {
			return err
		}
	}
	return nil
}

// tellAfter lets those hear whose turn it is, or whose case it was.
func (tx *Tx) tellAfter(before, d truce.Dispute, s Step) error {
	switch {
	case d.Closed() && before.Closed():
	case d.Closed():
		if s.By != d.OpenerID {
			if err := tx.tell(d, d.OpenerID, ReplyTo); err != nil {
				return err
			}
		}
	case d.State == before.State:
	case d.State == truce.DisputeAsked, d.State == truce.DisputeDeclined:
		return tx.tell(d, d.OpenerID, ReplyTo)
	case d.State == truce.DisputeOpen && before.Closed() && s.By != d.OpenerID: // Marketing re-opened it
		return tx.tell(d, d.OpenerID, ReplyTo)
	case d.State == truce.DisputeOpen && before.State == truce.DisputeAsked: // the answer came, or will not come
		promises, err := tx.OpenPromises(d.ID)
		if err != nil {
			return err
		}
		for _, p := range promises {
			if p.Kind == truce.AnswerPromise && p.PersonID != "" {
				return tx.tell(d, p.PersonID, Reminder)
			}
		}
	case d.State == truce.DisputeEscalated:
		return tx.tellRulers(d, truce.Sales, truce.Marketing)
	case d.State == truce.DisputeSponsor:
		return tx.tellRulers(d, truce.TheSponsor)
	}
	return nil
}

func (tx *Tx) tellRulers(d truce.Dispute, sides ...truce.Side) error {
	for _, side := range sides {
		rulers, err := tx.Rulers(d, side, false)
		if err != nil {
			return err
		}
		if len(rulers) == 0 && side == truce.TheSponsor { // somebody must name one
			return tx.tellRole(d, truce.Admin)
		}
		for _, p := range rulers {
			if err := tx.tell(d, p.ID, Reminder); err != nil {
				return err
			}
		}
	}
	return nil
}

// settlePromises makes the promises of a case those that its state asks for. It is right after a step, and whenever people
// come and go: it changes nothing where nothing is to be changed.
func (tx *Tx) settlePromises(t truce.Terms, d truce.Dispute, s Step) error {
	open, err := tx.OpenPromises(d.ID)
	if err != nil {
		return err
	}
	owed := d.Owed()
	for _, p := range open {
		if stillOwed(p, owed) {
			continue
		}
		var next truce.Promise
		switch {
		case p.Kind == truce.AnswerPromise && d.State == truce.DisputeAsked:
			next = t.Pause(p, tx.Now)
		case p.Kind == s.Did && s.Lapsed: // of two managers both may have been silent, or one not reminded in time
			if next, err = tx.lapsed(t, p); err != nil {
				return err
			}
		case p.Kind == s.Did && p.Side == s.Side && !s.Lapsed && p.Result == truce.Paused:
			next = p.Stop(truce.Kept, tx.Now)
		case p.Kind == s.Did && p.Side == s.Side && !s.Lapsed:
			next = p.Stop(p.Done(tx.Now), tx.Now)
		default:
			next = p.Stop(truce.Void, tx.Now)
		}
		if next != p {
			if err := tx.SavePromise(next); err != nil {
				return err
			}
		}
	}
	for _, o := range owed {
		if err := tx.settlePromise(t, d, o, open); err != nil {
			return err
		}
	}
	return nil
}

// lapsed ends a promise that silence has overtaken: lapsed, where its own deadline has come after a reminder in time.
func (tx *Tx) lapsed(t truce.Terms, p truce.Promise) (truce.Promise, error) {
	delivered, _, err := tx.ReminderDelivered(p)
	if err != nil {
		return p, err
	}
	next, lapses := t.Overdue(p, delivered, tx.Now)
	if !lapses {
		return p.Stop(truce.Void, tx.Now), nil
	}
	return next.Stop(truce.Lapsed, tx.Now), nil
}

func stillOwed(p truce.Promise, owed []truce.Promise) bool {
	for _, o := range owed {
		if p.Kind == o.Kind && p.Side == o.Side && (o.PersonID == "" || o.PersonID == p.PersonID) {
			return true
		}
	}
	return false
}

// settlePromise sees to one promise that is owed: it runs while somebody who can keep it is there, and is paused else.
func (tx *Tx) settlePromise(t truce.Terms, d truce.Dispute, o truce.Promise, open []truce.Promise) error {
	var p truce.Promise
	for _, have := range open {
		if have.Kind == o.Kind && have.Side == o.Side && (o.PersonID == "" || have.PersonID == o.PersonID) {
			p = have
		}
	}
	who, there, err := tx.whoOwes(t, d, o, p)
	if err != nil {
		return err
	}
	next := p
	switch {
	case p.ID == "" && !there && o.PersonID == "": // kept without a clock until somebody is there
		return nil
	case p.ID == "":
		var ok bool
		if next, ok = t.Start(d.ID, o.Kind, o.Side, cmp.Or(who, o.PersonID), false, tx.Now); !ok {
			return nil
		}
		if !there {
			next = t.Pause(next, tx.Now)
		}
	case p.Result == truce.Paused && there:
		next = t.Resume(p, who, tx.Now)
	case p.Result == truce.Running && !there:
		next = t.Pause(p, tx.Now)
	case p.Result == truce.Running && p.PersonID != who: // somebody stands in, with a reminder of their own
		next = t.Resume(t.Pause(p, tx.Now), who, tx.Now)
	}
	if next == p {
		return nil
	}
	return tx.SavePromise(next)
}

// whoOwes is the person a promise is owed by ("" for any manager of the side), and whether anybody who can keep it is there.
func (tx *Tx) whoOwes(t truce.Terms, d truce.Dispute, o, now truce.Promise) (who string, there bool, err error) {
	switch o.Kind {
	case truce.AnswerPromise:
		if now.PersonID != "" && now.Result == truce.Running {
			if p, err := tx.Person(now.PersonID); err != nil {
				return "", false, err
			} else if p.SpeaksForMarketing() {
				if there, err := tx.present(p); err != nil || there {
					return p.ID, there, err
				}
			}
		}
		who, err = tx.answerer(t, d)
		return who, who != "", err
	case truce.RulingPromise:
		rulers, err := tx.Rulers(d, o.Side, true)
		return "", len(rulers) > 0, err
	}
	p, err := tx.Person(o.PersonID)
	if err != nil {
		return "", false, err
	}
	there, err = tx.present(p)
	return o.PersonID, there, err
}

// TendPromises sees to the promises of all open cases, and of leads, after people came or went: it pauses and resumes them,
// finds somebody to stand in, pauses those of leads while the CRM's data is too old, and starts the clocks of cases and leads that had to wait for one.
func (tx *Tx) TendPromises(t truce.Terms) error {
	open, err := tx.OpenDisputes()
	if err != nil {
		return err
	}
	calm, err := tx.calm()
	if err != nil {
		return err
	}
	for _, d := range open {
		if calm(d) {
			continue
		}
		had, err := tx.OpenPromises(d.ID)
		if err != nil {
			return err
		}
		if err := tx.settlePromises(t, d, Step{}); err != nil {
			return fmt.Errorf("tend the promises of %s: %w", d.ID, err)
		}
		has, err := tx.OpenPromises(d.ID)
		if err != nil {
			return err
		}
		if !samePromises(had, has) {
			if err := tx.post(d); err != nil {
				return err
			}
		}
	}
	stale, err := tx.Stale(t, tx.Now)
	if err != nil {
		return err
	}
	away, err := tx.promisesAway()
	if err != nil {
		return err
	}
	for _, p := range away {
		person, err := tx.Person(p.PersonID)
		if err != nil {
			return err
		}
		there, err := tx.present(person)
		if err != nil {
			return err
		}
		next := p
		switch {
		case p.Result == truce.Paused && there && stale.IsZero():
			next = t.Resume(p, p.PersonID, tx.Now)
		case p.Result == truce.Running && !there:
			next = t.Pause(p, tx.Now)
		}
		if next != p {
			if err := tx.SavePromise(next); err != nil {
				return err
			}
		}
	}
	if err := tx.startLeadPromises(t); err != nil || stale.IsZero() {
		return err
	}
	return tx.pauseLeadPromises(t, stale.Add(t.StaleAfter))
}

// calm makes a test that is cheap for many cases: all that a case owes runs, owed by somebody who is there.
func (tx *Tx) calm() (func(truce.Dispute) bool, error) {
	running := map[string][]truce.Promise{}
	list, err := tx.promises(`WHERE c.result = '' AND c.kind IN ('answer', 'evidence', 'reply')`)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		running[p.Subject] = append(running[p.Subject], p)
	}
	there, answers := map[string]bool{}, map[string]bool{}
	err = tx.each(`SELECT p.id, EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id AND r.role IN ('marketer', 'marketing manager')) FROM people p
		WHERE p.active = 1 AND NOT (p.leave_from IS NOT NULL AND p.leave_from <= ? AND (p.leave_to IS NULL OR p.leave_to > ?))
		AND EXISTS (SELECT 1 FROM identities i WHERE i.person_id = p.id AND i.unreachable_at IS NULL)`, []any{millis(tx.Now), millis(tx.Now)},
		func(scan func(...any) error) error {
			var id string
			var marketing bool
			if err := scan(&id, &marketing); err != nil {
				return err
			}
			there[id], answers[id] = true, marketing
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("see who is there: %w", err)
	}
	return func(d truce.Dispute) bool {
		owed := d.Owed()
		for _, o := range owed {
			ok := false
			for _, p := range running[d.ID] {
				ok = ok || p.Kind == o.Kind && there[p.PersonID] && (o.PersonID == "" || o.PersonID == p.PersonID) && (o.Kind != truce.AnswerPromise || answers[p.PersonID])
			}
			if !ok {
				return false
			}
		}
		return true
	}, nil
}

func samePromises(a, b []truce.Promise) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// settleDisputed does to the lead what the end of its case says: upheld, it goes back and leaves its owner; declined after
// it had gone back, it returns.
func (tx *Tx) settleDisputed(d truce.Dispute, s Step) error {
	if !d.Closed() {
		return nil
	}
	lead, err := tx.Lead(d.LeadID)
	if err != nil {
		return err
	}
	if d.Outcome.Upheld() {
		origin := truce.FromDispute
		if d.Outcome == truce.UpheldByLapse {
			origin = truce.FromSilence
		}
		return tx.SendBack(lead, d.Reason, origin, s.By, d.ID)
	}
	// The lead is its owner's again: where a verdict is still missing, its time begins anew.
	if err := tx.exec(`UPDATE leads SET clocked = 0 WHERE id = ? AND state = ''`, lead.ID); err != nil {
		return fmt.Errorf("hand lead %s back: %w", lead.ID, err)
	}
	outcomes, err := tx.LeadOutcomes(lead.ID)
	if err != nil {
		return err
	}
	if sentBackBy(outcomes, d.ID) && (lead.State == truce.Rejected || lead.State == truce.Recycled) {
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: lead.ID, Status: truce.Accepted, At: tx.Now, Origin: truce.FromDispute, PersonID: s.By, Note: d.ID}); err != nil {
			return err
		}
		if lead.OwnerID == "" {
			lead, err = tx.Lead(lead.ID)
			if err != nil {
				return err
			}
			lead.OwnerID = d.OpenerID
			return tx.SaveLead(lead)
		}
	}
	return nil
}

func sentBackBy(outcomes []truce.Outcome, dispute string) bool {
	for _, o := range outcomes {
		if (o.Status == truce.Rejected || o.Status == truce.Recycled) && o.Note == dispute {
			return true
		}
	}
	return false
}

// SendBack records that a lead went back for a reason. note is the case or the rule that settled it. A recycled one has no
// owner any more: it goes to another rep.
func (tx *Tx) SendBack(lead truce.Lead, reason truce.Reason, origin truce.Origin, by, note string) error {
	status := reason.SentBackAs()
	if _, err := tx.AddOutcome(truce.Outcome{LeadID: lead.ID, Status: status, At: tx.Now, Reason: reason, Note: note, Origin: origin, PersonID: by}); err != nil {
		return err
	}
	if err := tx.StopLeadPromises(lead.Ref, tx.Now, truce.VerdictPromise, truce.TouchPromise, truce.RatingPromise); err != nil {
		return err
	}
	if status == truce.Recycled && lead.OwnerID != "" {
		lead, err := tx.Lead(lead.ID)
		if err != nil {
			return err
		}
		lead.OwnerID = ""
		return tx.SaveLead(lead)
	}
	return nil
}

// startLeadPromises starts the clocks of leads that were handed off and have an owner.
func (tx *Tx) startLeadPromises(t truce.Terms) error {
	leads, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE clocked = 0 AND handed_off_at IS NOT NULL AND owner_id IS NOT NULL AND state = ''
		ORDER BY handed_off_at LIMIT 500`)
	if err != nil {
		return fmt.Errorf("find leads without clocks: %w", err)
	}
	for _, l := range leads {
		if err := tx.startPromisesOf(t, l); err != nil {
			return fmt.Errorf("start the clocks of lead %s: %w", l.ID, err)
		}
	}
	return nil
}

// BeginLead starts the clocks of a lead that is about to be judged, where time has not come to it yet: what is done at once
// is a promise kept, too.
func (tx *Tx) BeginLead(t truce.Terms, id string) error {
	l, err := tx.Lead(id)
	if err != nil {
		return err
	}
	begun, err := tx.count(`SELECT clocked FROM leads WHERE id = ?`, id)
	if err != nil || begun > 0 || l.HandedOffAt.IsZero() || l.OwnerID == "" || l.State != truce.NoStatus {
		return err
	}
	return tx.startPromisesOf(t, l)
}

func (tx *Tx) startPromisesOf(t truce.Terms, l truce.Lead) error {
	owner, err := tx.Person(l.OwnerID)
	if err != nil {
		return err
	}
	there, err := tx.present(owner)
	if err != nil {
		return err
	}
	from := l.HandedOffAt
	if given, err := tx.ownedSince(l); err != nil {
		return err
	} else if given.After(from) {
		from = given
	}
	touches, err := tx.LeadTouches(l.ID)
	if err != nil {
		return err
	}
	logged, err := tx.AnyTouch() // where nobody logs touches they are not measured, and nobody is reminded of them
	if err != nil {
		return err
	}
	for _, k := range []truce.PromiseKind{truce.TouchPromise, truce.VerdictPromise, truce.RatingPromise} {
		p, ok := t.Start(l.Ref, k, truce.Sales, l.OwnerID, t.UrgentLead(l), from)
		if !ok || k == truce.TouchPromise && (len(touches) > 0 || !logged) {
			continue
		}
		if !there {
			p = t.Pause(p, tx.Now)
		}
		if err := tx.SavePromise(p); err != nil {
			return err
		}
	}
	return tx.exec(`UPDATE leads SET clocked = 1 WHERE id = ?`, l.ID)
}

// ownedSince is since when the lead's owner has had it without a break, where that is not its hand-off: it was given or
// taken later, or it has come back from a case.
func (tx *Tx) ownedSince(l truce.Lead) (t time.Time, err error) {
	return t, tx.row(`SELECT max(at) FROM (SELECT max(at) AS at FROM audit WHERE subject = ? AND action IN ('lead.give', 'lead.take')
		UNION ALL SELECT max(closed_at) FROM disputes WHERE lead_id = ?)`, []any{l.Ref, l.ID}, moment{&t})
}

// StopLeadPromises ends promises about a lead by what was done at a moment: kept or late. Kinds that nobody breaks are void.
func (tx *Tx) StopLeadPromises(ref string, at time.Time, kinds ...truce.PromiseKind) error {
	open, err := tx.OpenPromises(ref)
	if err != nil {
		return err
	}
	for _, p := range open {
		for _, k := range kinds {
			if p.Kind != k {
				continue
			}
			result := p.Done(at)
			switch {
			case k == truce.RatingPromise:
				result = truce.Void
			case p.Result == truce.Paused:
				result = truce.Kept
			}
			if err := tx.SavePromise(p.Stop(result, tx.Now)); err != nil {
				return err
			}
		}
	}
	return nil
}
