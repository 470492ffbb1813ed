package storage

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file gathers what package truce needs to say what waits for whom until when.

const livePromise = `(c.result IN ('', 'paused') OR c.stopped_at > ?) AND c.started_at <= ?`

// Pending is all that waits at a moment, the first due first.
func (tx *Tx) Pending(t truce.Terms, at time.Time) ([]truce.Pending, error) {
	list, err := tx.promises(`WHERE `+livePromise+` ORDER BY c.started_at, c.id`, millis(at), millis(at))
	if err != nil {
		return nil, err
	}
	a := truce.Affairs{Now: at, Terms: t, Promises: list}
	if err := tx.affairs(&a); err != nil {
		return nil, err
	}
	return a.Pending(), nil
}

// PendingOf is what waits for a person now, each lead once, the first due first; and all that waits because of cases.
func (tx *Tx) PendingOf(t truce.Terms, person string) (mine, cases []truce.Pending, err error) {
	list, err := tx.promises(`WHERE c.result IN ('', 'paused') AND (c.person_id = ? OR c.kind NOT IN ('verdict', 'touch', 'rating'))
		ORDER BY c.started_at, c.id`, person)
	if err != nil {
		return nil, nil, err
	}
	a := truce.Affairs{Now: tx.Now, Terms: t, Promises: list}
	if err := tx.affairs(&a); err != nil {
		return nil, nil, err
	}
	all := a.Pending()
	mine, err = tx.PendingFor(t, all, person)
	return mine, ofCases(all), err
}

// ofCases are those that wait because of cases.
func ofCases(all []truce.Pending) []truce.Pending {
	return slices.DeleteFunc(slices.Clone(all), func(p truce.Pending) bool { return p.Case == nil })
}

// PendingFor is what of all that waits now waits for a person, each lead once, the first due first; what they are given to look at a
// second time stands among it as any lead.
func (tx *Tx) PendingFor(t truce.Terms, all []truce.Pending, person string) ([]truce.Pending, error) {
	second, err := tx.secondWaits(t, person)
	return secondWaitsAmong(truce.PendingFor(all, person), second), err
}

// PendingAmong is what of the given promises, and of what is owed on second looks, still waits for a person now, each lead once.
func (tx *Tx) PendingAmong(t truce.Terms, list []truce.Promise, second []truce.Pending, person string) ([]truce.Pending, error) {
	mine, _, err := tx.PendingOf(t, person)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(mine, func(p truce.Pending) bool {
		return !slices.ContainsFunc(append(slices.Clone(p.Also), p.Promise), func(q truce.Promise) bool {
			if p.Second != nil { // what is owed there is no promise and has no id
				return slices.ContainsFunc(second, func(of truce.Pending) bool { return of.Subject == q.Subject && of.Kind == q.Kind })
			}
			return slices.ContainsFunc(list, func(of truce.Promise) bool { return of.ID == q.ID })
		})
	}), nil
}

// affairs adds to promises the leads and cases that they are about, the other cases that are open, and the people.
func (tx *Tx) affairs(a *truce.Affairs) error {
	var refs, cases []string
	for _, p := range a.Promises {
		if p.OnLead() {
			refs = append(refs, p.Subject)
		} else {
			cases = append(cases, p.Subject)
		}
	}
	var err error
	if a.Leads, err = tx.leadFilesBrief(refs); err != nil {
		return err
	}
	list, err := tx.disputes(`WHERE state IN ('owner', 'open', 'asked', 'declined', 'escalated', 'sponsor') AND opened_at <= ?1
		OR id IN (SELECT value FROM json_each(?2)) OR moved_at > ?1 ORDER BY opened_at, id`, millis(a.Now), asJSON(cases))
	if err == nil {
		list, err = tx.casesAt(list, a.Now)
	}
	if err != nil {
		return err
	}
	leads := map[string]truce.Lead{}
	for _, d := range list {
		leads[d.LeadID] = truce.Lead{}
	}
	of, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE id IN (SELECT value FROM json_each(?))`,
		asJSON(slices.Sorted(maps.Keys(leads))))
	if err != nil {
		return fmt.Errorf("read the leads of cases: %w", err)
	}
	for _, l := range of {
		leads[l.ID] = l
	}
	for _, d := range list {
		a.Cases = append(a.Cases, truce.OpenCase{Dispute: d, Lead: leads[d.LeadID]})
	}
	a.People, err = tx.castNow()
	return err
}

// casesAt takes back what has happened to cases since a moment, as far as it tells what is owed.
func (tx *Tx) casesAt(list []truce.Dispute, at time.Time) ([]truce.Dispute, error) {
	var later []string
	for _, d := range list {
		if d.MovedAt.After(at) {
			later = append(later, d.ID)
		}
	}
	stood, err := tx.casesStood(later, at.Add(time.Millisecond))
	if err != nil {
		return nil, err
	}
	kept := list[:0]
	for _, d := range list {
		s, ok := stood[d.ID]
		switch {
		case !d.MovedAt.After(at):
		case !ok && d.OpenedAt.After(at), s.state == truce.DisputeClosed: // not yet, or nothing is owed
			continue
		case ok:
			if d.State, d.Outcome, d.Round, d.OpenedAt, d.MovedAt = s.state, s.outcome, s.round, s.opened, s.at; s.escalated {
				if d.Rulings, err = tx.rulings(d.ID, d.Round); err != nil {
					return nil, err
				}
				d.Rulings = slices.DeleteFunc(d.Rulings, func(r truce.Ruling) bool { return r.At.After(at) })
			}
		}
		kept = append(kept, d)
	}
	return kept, nil
}

// castNow is everybody who has a role, whether they are there, and how many answers they owe; and whom cases name.
func (tx *Tx) castNow() ([]truce.Colleague, error) {
	cast, err := tx.cast(nil)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, p := range cast.people {
		known[p.ID] = true
	}
	people := cast.people
	for _, id := range slices.Sorted(maps.Keys(cast.there)) { // reps, whose leads and cases wait
		if !known[id] {
			people = append(people, truce.Colleague{Person: truce.Person{ID: id, Active: true}, There: true})
		}
	}
	err = tx.each(`SELECT person_id, count(*) FROM clocks WHERE kind = 'answer' AND result = '' GROUP BY 1`, nil,
		func(scan func(...any) error) error {
			var id string
			var n int
			if err := scan(&id, &n); err != nil {
				return err
			}
			for i := range people {
				if people[i].ID == id {
					people[i].Answers = n
				}
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("count who owes answers: %w", err)
	}
	return people, nil
}

// leadFilesBrief are leads by reference, with what decides whether something is still owed on them.
func (tx *Tx) leadFilesBrief(refs []string) (map[string]truce.LeadFile, error) {
	files := map[string]truce.LeadFile{}
	if len(refs) == 0 {
		return files, nil
	}
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE ref IN (SELECT value FROM json_each(?))`, asJSON(refs))
	if err != nil {
		return nil, fmt.Errorf("read the leads that promises are about: %w", err)
	}
	byID := map[string]*truce.LeadFile{}
	var ids []string
	for _, l := range list {
		byID[l.ID] = &truce.LeadFile{Lead: l, Now: tx.Now}
		ids = append(ids, l.ID)
	}
	among := ` WHERE lead_id IN (SELECT value FROM json_each(?)) ORDER BY `
	outcomes, err := all(tx, scanOutcome, `SELECT `+outcomeColumns+` FROM outcomes`+among+`at, status, deal_id`, asJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("read what became of leads: %w", err)
	}
	for _, o := range outcomes {
		byID[o.LeadID].Outcomes = append(byID[o.LeadID].Outcomes, o)
	}
	touches, err := all(tx, scanTouch, `SELECT `+touchColumns+` FROM touches`+among+`at, id`, asJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("read the touches of leads: %w", err)
	}
	for _, t := range touches {
		byID[t.LeadID].Touches = append(byID[t.LeadID].Touches, t)
	}
	ratings, err := all(tx, scanRating, `SELECT `+ratingColumns+` FROM ratings`+among+`coalesce(at, row_at), rater`, asJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("read the ratings of leads: %w", err)
	}
	for _, r := range ratings {
		byID[r.LeadID].Ratings = append(byID[r.LeadID].Ratings, r)
	}
	for _, f := range byID {
		files[f.Ref] = *f
	}
	return files, nil
}

// Over are the promises of a list that wait for nobody any more of those that did, with their leads; waits are those that still do.
func (tx *Tx) Over(list []truce.Promise, second, waits []truce.Pending) (over []truce.Pending, err error) {
	for _, o := range second {
		if !slices.ContainsFunc(waits, func(w truce.Pending) bool {
			return w.Second != nil && slices.ContainsFunc(append(slices.Clone(w.Also), w.Promise),
				func(p truce.Promise) bool { return p.Subject == o.Subject && p.Kind == o.Kind })
		}) {
			over = append(over, o)
		}
	}
	for _, p := range list {
		if slices.ContainsFunc(waits, func(w truce.Pending) bool {
			return w.ID == p.ID || slices.ContainsFunc(w.Also, func(o truce.Promise) bool { return o.ID == p.ID })
		}) {
			continue
		}
		o := truce.Pending{Promise: p}
		leads, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE id IN (SELECT id FROM leads WHERE ref = ?1 UNION ALL
			SELECT lead_id FROM disputes WHERE id = ?1)`, p.Subject)
		if err != nil {
			return nil, fmt.Errorf("find what %s is about: %w", p.Subject, err)
		}
		if len(leads) > 0 {
			o.Lead = leads[0]
		}
		over = append(over, o)
	}
	return over, nil
}

// Items are what waits, the first n of them with the files that are shown of it.
func (tx *Tx) Items(t truce.Terms, list []truce.Pending, n int) ([]truce.Item, error) {
	var items []truce.Item
	for _, p := range list[:min(n, len(list))] {
		i := truce.Item{Pending: p}
		if p.Case != nil {
			f, err := tx.CaseFile(t, p.Case.ID)
			if err != nil {
				return nil, err
			}
			i.Case = &f
		} else if p.Second != nil {
			f := p.Second.Veiled(tx.Now)
			f.Pending = []truce.Pending{p}
			i.Lead = &f
		} else {
			f, err := tx.LeadFile(p.Lead.ID)
			if err != nil {
				return nil, err
			}
			i.Lead = &f
		}
		items = append(items, i)
	}
	return items, nil
}
