package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file gathers what is shown of a case and of a lead, for replies and for messages alike.

// CaseFile is a case with all that is shown of it.
func (tx *Tx) CaseFile(t truce.Terms, id string) (truce.CaseFile, error) {
	d, err := tx.Dispute(id)
	if err != nil {
		return truce.CaseFile{}, err
	}
	f := truce.CaseFile{Dispute: d, Now: tx.Now}
	if f.Lead, err = tx.Lead(d.LeadID); err != nil {
		return f, err
	}
	if f.Pending, err = tx.pendingOnCase(t, d, f.Lead); err != nil {
		return f, err
	}
	if f.Fit, err = tx.KeptFit(f.Lead, t, tx.Now); err != nil {
		return f, err
	}
	if f.Precedents, err = tx.PrecedentsNow(t, d.Source, d.Reason); err != nil {
		return f, err
	}
	if d.Settled() && !d.ClosedAt.Before(tx.Now.AddDate(0, 0, -t.PrecedentDay)) { // it is no precedent of itself
		if d.Outcome == truce.Upheld {
			f.Precedents.Upheld--
		} else {
			f.Precedents.Declined--
		}
	}
	bundle, err := tx.BundleOf(d.Bundle)
	if err != nil {
		return f, err
	}
	for _, b := range bundle {
		f.Bundle = append(f.Bundle, b.ID)
	}
	if f.Rule, err = tx.RuleFor(d.Source, d.Reason); err != nil {
		return f, err
	}
	if !d.AnsweredAt.IsZero() {
		f.Took = t.Calendar.Between(d.OpenedAt, d.AnsweredAt)
	}
	if d.Closed() && d.Outcome.Upheld() {
		if f.SentBack, err = tx.sentBackBy(d); err != nil {
			return f, err
		}
	}
	return f, nil
}

// pendingOnCase is what waits because of a case.
func (tx *Tx) pendingOnCase(t truce.Terms, d truce.Dispute, l truce.Lead) ([]truce.Pending, error) {
	if d.Closed() {
		return nil, nil
	}
	a := truce.Affairs{Now: tx.Now, Terms: t, Cases: []truce.OpenCase{{Dispute: d, Lead: l}}}
	var err error
	if a.Promises, err = tx.OpenPromises(d.ID); err != nil {
		return nil, err
	}
	for _, o := range d.Owed() { // mostly it is plain whom it waits for
		if o.Kind != truce.RulingPromise && slices.ContainsFunc(a.Promises,
			func(p truce.Promise) bool { return p.Answers(o) && p.Result == truce.Running }) {
			continue
		}
		if a.People, err = tx.castNow(); err != nil {
			return nil, err
		}
		break
	}
	return a.Pending(), nil
}

// PrecedentsNow counts the precedents of a source and reason that are young enough.
func (tx *Tx) PrecedentsNow(t truce.Terms, source string, reason truce.Reason) (truce.Precedents, error) {
	return tx.Precedents(source, reason, tx.Now.AddDate(0, 0, -t.PrecedentDay))
}

// LeadFile is a lead with all that is shown of it.
func (tx *Tx) LeadFile(id string) (f truce.LeadFile, err error) {
	if f.Lead, err = tx.Lead(id); err != nil {
		return f, err
	}
	return f, tx.fill(&f)
}

// LeadFileByRef is LeadFile by our reference, which is what buttons carry.
func (tx *Tx) LeadFileByRef(ref string) (f truce.LeadFile, err error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE ref = ?`, ref)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no lead %s.", ref)
	}
	if err != nil {
		return f, err
	}
	f.Lead = list[0]
	return f, tx.fill(&f)
}

func (tx *Tx) fill(f *truce.LeadFile) (err error) {
	if f.Outcomes, err = tx.LeadOutcomes(f.ID); err != nil {
		return err
	}
	if f.Ratings, err = tx.LeadRatings(f.ID); err != nil {
		return err
	}
	if f.Touches, err = tx.LeadTouches(f.ID); err != nil {
		return err
	}
	if f.Disputes, err = tx.LeadDisputes(f.ID); err != nil {
		return err
	}
	f.Now = tx.Now
	if f.Second, err = tx.SecondLookAt(f.ID, tx.Now); err != nil {
		return err
	}
	a := truce.Affairs{Now: tx.Now, Leads: map[string]truce.LeadFile{f.Ref: *f}}
	if a.Promises, err = tx.OpenPromises(f.Ref); err != nil {
		return err
	}
	for _, p := range a.Promises {
		if p.Result != truce.Paused {
			continue
		}
		who, err := tx.Person(p.PersonID)
		if err != nil {
			return err
		}
		c := truce.Colleague{Person: who}
		if c.There, err = tx.present(who); err != nil {
			return err
		}
		a.People = append(a.People, c)
	}
	f.Pending = a.Pending()
	return nil
}

// OpenLeadsOf are a person's leads that wait for a verdict or are worked, those without a verdict first, each the longest waiting first; at
// most n. Those that they look at a second time are among them.
func (tx *Tx) OpenLeadsOf(t truce.Terms, person string, n int) ([]truce.Lead, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE owner_id = ?
		AND state NOT IN ('won', 'lost', 'rejected', 'recycled')
		ORDER BY state <> '', coalesce(handed_off_at, mql_at), id LIMIT ?`, person, n)
	if err != nil {
		return nil, fmt.Errorf("read the leads of %s: %w", person, err)
	}
	looks, err := tx.LooksUnderWay(t, person)
	if err != nil {
		return nil, err
	}
	var second []truce.Lead
	for _, l := range looks {
		if f := l.Veiled(tx.Now); f.Open() {
			second = append(second, f.Lead)
		}
	}
	return among(list, second, n, func(a, b truce.Lead) int {
		if judged := a.State != truce.NoStatus; judged != (b.State != truce.NoStatus) {
			return map[bool]int{true: 1, false: -1}[judged]
		}
		return cmp.Or(a.HandedOver().Compare(b.HandedOver()), cmp.Compare(a.ID, b.ID))
	}), nil
}

// among puts a person's second looks where ordinary leads would stand in a list of at most n.
func among(list, second []truce.Lead, n int, order func(a, b truce.Lead) int) []truce.Lead {
	if len(second) == 0 {
		return list
	}
	list = slices.DeleteFunc(list, func(l truce.Lead) bool {
		return slices.ContainsFunc(second, func(s truce.Lead) bool { return s.ID == l.ID })
	})
	list = append(list, second...)
	slices.SortStableFunc(list, order)
	return list[:min(n, len(list))]
}

// UnratedLeadsOf are a person's open, accepted leads without a rating of theirs, the oldest first, handed off before a
// moment; at most n. A lead without a hand-off goes by the day it qualified. Those that they look at a second time are among them.
func (tx *Tx) UnratedLeadsOf(t truce.Terms, person string, before time.Time, n int) ([]truce.Lead, error) {
	list, err := tx.listed(unratedOf(person, before), n)
	if err != nil {
		return nil, err
	}
	second, err := tx.unratedLooks(t, person, before)
	return among(list, second, n, func(a, b truce.Lead) int { return cmp.Or(a.MQLAt.Compare(b.MQLAt), cmp.Compare(a.ID, b.ID)) }), err
}

func unratedOf(person string, before time.Time) leadList {
	return leadList{what: "the unrated leads of " + person, order: "mql_at, id", args: []any{person, millis(before)},
		where: `owner_id = ? AND state IN ('accepted', 'sql') AND by_silence = 0 AND coalesce(handed_off_at, mql_at) <= ?
			AND NOT EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = l.id AND r.rater IN (l.owner_id, l.owner))`}
}

// NobodysLeads are the leads without an owner, or whose owner has left, that nobody has judged, the oldest first, since a moment;
// at most n.
func (tx *Tx) NobodysLeads(since time.Time, n int) ([]truce.Lead, error) {
	return tx.listed(nobodys(since), n)
}

func nobodys(since time.Time) leadList {
	return leadList{what: "the leads without an owner", order: "mql_at, id", args: []any{millis(since)},
		where: `owner_id IS NULL AND state = '' AND mql_at >= ?
			AND (owner = '' OR EXISTS (SELECT 1 FROM audit a WHERE a.subject = l.ref AND a.action = 'lead.release'))`}
}

// leadList is a list of leads, for what SQL says of one named l.
type leadList struct {
	what, where, order string
	args               []any
}

// listed are its first n.
func (tx *Tx) listed(l leadList, n int) ([]truce.Lead, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads l WHERE `+l.where+` ORDER BY `+l.order+` LIMIT ?`, append(l.args, n)...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", l.what, err)
	}
	return list, nil
}
