package storage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file reads and writes cases, and carries out what follows from their moves: that is decided in the root package.

const disputeColumns = `id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, round, question, evidence, answer, answered_by, answered_at,
	escalation, closed_at, closed_by, moved_at, version, bundle, parties, owner_id,
	was_outcome, was_opened_at, was_answer, was_answered_by, was_answered_at, was_escalation, was_closed_at, was_closed_by, stood`

func (tx *Tx) disputes(query string, args ...any) ([]truce.Dispute, error) {
	list, err := all(tx, func(scan func(...any) error) (d truce.Dispute, err error) {
		return d, scan(&d.ID, &d.LeadID, &d.Source, &d.Reason, &d.Text, &d.OpenerID, &d.State, &d.Outcome, moment{&d.OpenedAt}, &d.Round,
			&d.Question, &d.Evidence,
			&d.Answer, &d.AnsweredBy, moment{&d.AnsweredAt}, &d.Escalation, moment{&d.ClosedAt}, &d.ClosedBy, moment{&d.MovedAt}, &d.Version,
			&d.Bundle, fromJSON{&d.Parties}, &d.OwnerID,
			&d.Was.Outcome, moment{&d.Was.OpenedAt}, &d.Was.Answer, &d.Was.AnsweredBy, moment{&d.Was.AnsweredAt}, &d.Was.Escalation,
			moment{&d.Was.ClosedAt}, &d.Was.ClosedBy, &d.Stood)
	}, `SELECT `+disputeColumns+` FROM disputes `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	for i := range list {
		switch list[i].State {
		case truce.DisputeOwner, truce.DisputeOpen, truce.DisputeAsked, truce.DisputeDeclined: // nobody has ruled in this round
			continue
		}
		round := list[i].Round
		if list[i].Stood { // by the first round's decision
			round = 1
		}
		if list[i].Rulings, err = tx.rulings(list[i].ID, round); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (tx *Tx) rulings(id string, round int) ([]truce.Ruling, error) {
	list, err := all(tx, func(scan func(...any) error) (r truce.Ruling, err error) {
		return r, scan(&r.Side, &r.PersonID, &r.Uphold, &r.Text, moment{&r.At})
	}, `SELECT side, person_id, uphold, text, at FROM rulings WHERE dispute_id = ? AND round = ? ORDER BY at, side`, id, round)
	if err != nil {
		return nil, fmt.Errorf("read the rulings on %s: %w", id, err)
	}
	return list, nil
}

// Dispute finds a case by its id, in any case of its letters.
func (tx *Tx) Dispute(id string) (truce.Dispute, error) {
	list, err := tx.disputes(`WHERE id = upper(?)`, id)
	if err != nil {
		return truce.Dispute{}, err
	}
	if len(list) == 0 {
		return truce.Dispute{}, truce.Errorf(truce.NotFound, "There is no case %s. /dispute list shows the open ones.", id)
	}
	return list[0], nil
}

// LeadDisputes are the cases about a lead, oldest first.
func (tx *Tx) LeadDisputes(lead string) ([]truce.Dispute, error) {
	return tx.disputes(`WHERE lead_id = ? ORDER BY opened_at, id`, lead)
}

// OpenDisputes are the cases that are not closed, oldest first.
func (tx *Tx) OpenDisputes() ([]truce.Dispute, error) {
	return tx.disputes(`WHERE state IN ('owner', 'open', 'asked', 'declined', 'escalated', 'sponsor') ORDER BY opened_at, id`)
}

// DisputesOf are the cases that a person opened, the open ones first, the longest open of them first, then the newest; at most n.
func (tx *Tx) DisputesOf(opener string, n int) ([]truce.Dispute, error) {
	return tx.disputes(`WHERE opener_id = ? ORDER BY state = 'closed', CASE WHEN state = 'closed' THEN -opened_at ELSE opened_at END, id
		LIMIT ?`, opener, n)
}

// BundleOf are the cases of a bundle that wait for Marketing, oldest first.
func (tx *Tx) BundleOf(bundle string) ([]truce.Dispute, error) {
	if bundle == "" {
		return nil, nil
	}
	return tx.disputes(`WHERE bundle = ? AND state = 'open' ORDER BY opened_at, id`, bundle)
}

// bundleFor is the bundle that a new case belongs to: the newest of the same source and reason that waits for Marketing and
// began at or after since; "" where there is none.
func (tx *Tx) bundleFor(source string, reason truce.Reason, since time.Time) (string, error) {
	var bundle string
	err := tx.row(`SELECT d.bundle FROM disputes d JOIN disputes f ON f.id = d.bundle WHERE d.source = ? AND d.reason = ? AND d.opened_at >= ?
		AND d.state = 'open'
		AND f.opened_at >= ? ORDER BY d.opened_at DESC LIMIT 1`, []any{source, reason, millis(since), millis(since)}, &bundle)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return bundle, err
}

// Precedents counts how people ruled since a moment on cases of a source and reason; lapses are no rulings.
func (tx *Tx) Precedents(source string, reason truce.Reason, since time.Time) (p truce.Precedents, err error) {
	err = tx.row(`SELECT coalesce(sum(outcome = 'upheld'), 0), coalesce(sum(outcome = 'declined'), 0) FROM disputes
		WHERE source = ? AND reason = ? AND state = 'closed' AND closed_at >= ?`, []any{source, reason, millis(since)}, &p.Upheld, &p.Declined)
	if err != nil {
		return p, fmt.Errorf("count the precedents: %w", err)
	}
	return p, nil
}

func (tx *Tx) addDispute(d truce.Dispute) (truce.Dispute, error) {
	n, err := tx.next("dispute")
	if err != nil {
		return d, err
	}
	d.ID = fmt.Sprintf("D-%d", n)
	if d.Bundle == "" {
		d.Bundle = d.ID
	}
	err = tx.exec(`INSERT INTO disputes (`+disputeColumns+
		`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.LeadID, d.Source, d.Reason, d.Text, d.OpenerID, d.State, d.Outcome, millis(d.OpenedAt), d.Round, d.Question, d.Evidence, d.Answer,
		d.AnsweredBy,
		millis(d.AnsweredAt), d.Escalation, millis(d.ClosedAt), d.ClosedBy, millis(d.MovedAt), d.Version, d.Bundle, asJSON(d.Parties),
		d.OwnerID, d.Was.Outcome, millis(d.Was.OpenedAt), d.Was.Answer, d.Was.AnsweredBy, millis(d.Was.AnsweredAt), d.Was.Escalation,
		millis(d.Was.ClosedAt), d.Was.ClosedBy, d.Stood)
	if err != nil {
		return d, fmt.Errorf("add dispute %s: %w", d.ID, err)
	}
	return d, nil
}

// saveDispute stores a case after a move; somebody else's move in between is a conflict, which one writer at a time makes
// impossible as long as a case is read and moved in the same event.
func (tx *Tx) saveDispute(before, d truce.Dispute) error {
	n, err := tx.execN(`UPDATE disputes SET state = ?, outcome = ?, opened_at = ?, round = ?, question = ?, evidence = ?, answer = ?,
		answered_by = ?, answered_at = ?,
		escalation = ?, closed_at = ?, closed_by = ?, moved_at = ?, version = ?, bundle = ?, parties = ?, opener_id = ?,
		was_outcome = ?, was_opened_at = ?, was_answer = ?, was_answered_by = ?, was_answered_at = ?, was_escalation = ?, was_closed_at = ?,
		was_closed_by = ?, stood = ?
		WHERE id = ? AND version = ?`,
		d.State, d.Outcome, millis(d.OpenedAt), d.Round, d.Question, d.Evidence, d.Answer, d.AnsweredBy, millis(d.AnsweredAt), d.Escalation,
		millis(d.ClosedAt),
		d.ClosedBy, millis(d.MovedAt), d.Version, d.Bundle, asJSON(d.Parties), d.OpenerID,
		d.Was.Outcome, millis(d.Was.OpenedAt), d.Was.Answer, d.Was.AnsweredBy, millis(d.Was.AnsweredAt), d.Was.Escalation, millis(d.Was.ClosedAt),
		d.Was.ClosedBy, d.Stood, d.ID, before.Version)
	if err == nil && n == 0 {
		err = truce.Errorf(truce.Conflict, "Somebody was faster with %s. Nothing changed.", d.ID)
	}
	if err != nil {
		return fmt.Errorf("save dispute %s: %w", d.ID, err)
	}
	if d.Stood { // what was ruled in this round stays in it, beside
		return nil
	}
	known := map[truce.Side]bool{}
	if before.Round == d.Round {
		for _, r := range before.Rulings {
			known[r.Side] = true
		}
	}
	for _, r := range d.Rulings {
		if known[r.Side] {
			continue
		}
		if err := tx.exec(`INSERT INTO rulings (dispute_id, round, side, person_id, uphold, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			d.ID, d.Round, r.Side, r.PersonID, r.Uphold, r.Text, millis(r.At)); err != nil {
			return fmt.Errorf("save the ruling of %s on %s: %w", r.Side, d.ID, err)
		}
	}
	return nil
}

// OpenDispute stores a new case, puts it into its bundle, and does what follows from opening it.
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
	s := truce.Step{Action: "dispute.open", By: d.OpenerID, Network: network}
	around, err := tx.around(t, d, s)
	if err != nil {
		return d, err
	}
	return d, tx.follow(t, d.Opens(s, around), s)
}

// MoveDispute stores a case after a move, with all that follows from it.
func (tx *Tx) MoveDispute(t truce.Terms, before, after truce.Dispute, s truce.Step) (truce.Dispute, error) {
	around, err := tx.around(t, after, s)
	if err != nil {
		return after, err
	}
	c := after.Consequences(before, s, around)
	if err := tx.saveDispute(before, c.Case); err != nil {
		return c.Case, err
	}
	return c.Case, tx.follow(t, c, s)
}

// follow carries out what follows from a step of a case that is stored already.
func (tx *Tx) follow(t truce.Terms, c truce.Consequences, s truce.Step) error {
	d := c.Case
	for _, p := range c.Promises {
		if err := tx.SavePromise(p); err != nil {
			return err
		}
	}
	if err := tx.ChangeLead(t, d.LeadID, c.Lead); err != nil {
		return err
	}
	if err := tx.Audit(s.By, s.Network, s.Action, d.ID, c.Log); err != nil {
		return err
	}
	if err := tx.post(d); err != nil {
		return err
	}
	if d.Version > 1 { // the case's message itself tells of its opening
		if err := tx.Send(Message{Key: string(StepSubject(d)), To: ToThread(ToChannel("disputes"), DisputeSubject(d.ID)), Subject: StepSubject(d),
			Kind: CaseMessage}); err != nil {
			return err
		}
	}
	for _, id := range c.Homes {
		if err := tx.RefreshHome(id); err != nil {
			return err
		}
	}
	for _, told := range c.Tell {
		if err := tx.RefreshHome(told.PersonID); err != nil {
			return err
		}
		subject := ToldSubject(d, told.PersonID)
		// What a clock waits for is outside the silence budget.
		kind := map[truce.Hearing]MessageKind{truce.HearsEnd: ReplyTo, truce.HearsTurn: Reminder, truce.HearsNews: Notice}[told.As]
		if err := tx.Send(Message{Key: string(subject), To: ToPerson(told.PersonID), Subject: subject, Kind: kind,
			PersonID: told.PersonID}); err != nil {
			return err
		}
	}
	return nil
}

// post has the case's message shown as it is now, and those of its bundle, whose buttons speak of all of them.
func (tx *Tx) post(d truce.Dispute) error {
	if err := tx.Send(Message{To: ToChannel("disputes"), Subject: DisputeSubject(d.ID), Kind: CaseMessage}); err != nil {
		return err
	}
	if d.Version == 1 && d.Bundle == d.ID {
		return nil
	}
	if err := tx.refreshTold(d); err != nil {
		return err
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

// Rulers are the active people who may rule on a case for a side; with there, only those who can act now.
func (tx *Tx) Rulers(d truce.Dispute, side truce.Side, there bool) ([]truce.Colleague, error) {
	cast, err := tx.cast([]string{d.OpenerID})
	if err != nil {
		return nil, err
	}
	return d.Rulers(side, cast.people, there), nil
}

// cast is everybody who has a part in cases, and what they have to do with others of them.
type cast struct {
	people  []truce.Colleague         // who has a role
	there   map[string]bool           // of these and of the people asked for
	answers map[string]map[string]int // by person and bundle: answers whose time runs
}

// caseRoles are the roles that have a part in cases.
var caseRoles = []truce.Role{truce.Marketer, truce.SalesManager, truce.MarketingManager, truce.Sponsor, truce.Admin}

// cast reads who has a role, and which of them, and of further people, can act now; nil is everybody.
func (tx *Tx) cast(further []string) (cast, error) {
	c := cast{there: map[string]bool{}, answers: map[string]map[string]int{}}
	people, err := tx.PeopleWith(caseRoles...)
	if err != nil {
		return c, err
	}
	ids := any(nil)
	if further != nil {
		for _, p := range people {
			further = append(further, p.ID)
		}
		ids = asJSON(further)
	}
	err = tx.each(`SELECT p.id FROM people p WHERE (?1 IS NULL OR p.id IN (SELECT value FROM json_each(?1))) AND p.active = 1
			AND NOT (p.leave_from IS NOT NULL AND p.leave_from <= ?2 AND (p.leave_to IS NULL OR p.leave_to > ?2))
			AND EXISTS (SELECT 1 FROM identities i WHERE i.person_id = p.id AND i.unreachable_at IS NULL)`, []any{ids, millis(tx.Now)},
		func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			c.there[id] = true
			return nil
		})
	if err != nil {
		return c, fmt.Errorf("see who is there: %w", err)
	}
	for _, p := range people {
		c.people = append(c.people, truce.Colleague{Person: p, There: c.there[p.ID]})
	}
	return c, nil
}

// owes counts the answers that promises of a case are (n is 1), or were (-1).
func (c cast) owes(d truce.Dispute, promises []truce.Promise, n int) {
	for _, p := range promises {
		if p.Kind != truce.AnswerPromise || p.Result != truce.Running {
			continue
		}
		if c.answers[p.PersonID] == nil {
			c.answers[p.PersonID] = map[string]int{}
		}
		c.answers[p.PersonID][cmp.Or(d.Bundle, d.ID)] += n
	}
}

// around is the people a case finds.
func (c cast) around(d truce.Dispute) truce.Around {
	a := truce.Around{People: make([]truce.Colleague, 0, len(c.people)+1)}
	for _, p := range c.people {
		for bundle, n := range c.answers[p.ID] {
			p.Answers += n
			p.Bundle = p.Bundle || n > 0 && bundle == cmp.Or(d.Bundle, d.ID)
		}
		a.People = append(a.People, p)
	}
	for _, id := range []string{d.OpenerID, d.OwnerID} {
		if id != "" && !slices.ContainsFunc(a.People, func(p truce.Colleague) bool { return p.ID == id }) {
			a.People = append(a.People, truce.Colleague{Person: truce.Person{ID: id, Active: c.there[id]}, There: c.there[id]})
		}
	}
	return a
}

// around is what a case finds as it takes a step.
func (tx *Tx) around(t truce.Terms, d truce.Dispute, s truce.Step) (truce.Around, error) {
	cast, err := tx.cast([]string{d.OpenerID, d.OwnerID})
	if err != nil {
		return truce.Around{}, err
	}
	err = tx.each(`SELECT c.person_id, d.bundle, d.id, count(*) FROM clocks c JOIN disputes d ON d.id = c.subject
		WHERE c.person_id IN (SELECT value FROM json_each(?))
			AND c.kind = 'answer' AND c.result = '' GROUP BY 1, 2, 3`, []any{asJSON(slices.Collect(maps.Keys(cast.there)))},
		func(scan func(...any) error) error {
			var person, bundle, id string
			var n int
			if err := scan(&person, &bundle, &id, &n); err != nil {
				return err
			}
			if cast.answers[person] == nil {
				cast.answers[person] = map[string]int{}
			}
			cast.answers[person][cmp.Or(bundle, id)] += n
			return nil
		})
	if err != nil {
		return truce.Around{}, fmt.Errorf("count who owes answers: %w", err)
	}
	a := cast.around(d)
	a.Now, a.Terms = tx.Now, t
	if a.Promises, err = tx.OpenPromises(d.ID); err != nil {
		return a, err
	}
	if s.Lapsed {
		a.Delivered = map[string]time.Time{}
		for _, p := range a.Promises {
			if a.Delivered[p.ID], _, err = tx.ReminderDelivered(p); err != nil {
				return a, err
			}
		}
	}
	if a.Lead, err = tx.Lead(d.LeadID); err != nil {
		return a, err
	}
	if a.SentBack, err = tx.sentBackBy(d); err != nil {
		return a, err
	}
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM touches WHERE lead_id = ?1) OR EXISTS (SELECT 1 FROM ratings WHERE lead_id = ?1)
		OR EXISTS (SELECT 1 FROM outcomes WHERE lead_id = ?1 AND origin <> 'silence'
		AND status IN ('accepted', 'sql', 'opportunity', 'won', 'lost'))`, d.LeadID)
	a.Worked = n > 0
	return a, err
}

// sentBackBy reports whether a case's lead went back by it.
func (tx *Tx) sentBackBy(d truce.Dispute) (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM outcomes WHERE lead_id = ? AND note = ?
		AND status IN ('rejected', 'recycled'))`, d.LeadID, d.ID)
	return n > 0, err
}
