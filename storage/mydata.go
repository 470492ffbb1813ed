package storage

import (
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file is what Truce holds of one person, to be shown.

// Record is one thing Truce holds of a person.
type Record struct {
	Kind  string // objections, field notes, ratings...
	Where string // O-1, a lead's reference
	At    time.Time
	Text  string
}

// HeldKinds are the kinds of records, in the order they are shown.
func HeldKinds() []string {
	kinds := make([]string, len(heldOf))
	for i, h := range heldOf {
		kinds[i] = h.kind
	}
	return kinds
}

// CountHeld is how many records of each kind are held of a person.
func (tx *Tx) CountHeld(person string) (map[string]int, error) {
	counts := map[string]int{}
	for _, h := range heldOf {
		n, err := tx.count(`SELECT count(*) FROM (`+h.query+`)`, person)
		if err != nil {
			return nil, fmt.Errorf("count the %s of %s: %w", h.kind, person, err)
		}
		counts[h.kind] = int(n)
	}
	return counts, nil
}

// Held are the records of one kind held of a person, newest first, from the given place on, at most n.
func (tx *Tx) Held(person, kind string, from, n int) ([]Record, error) {
	i := slices.IndexFunc(heldOf, func(h held) bool { return h.kind == kind })
	if i < 0 {
		return nil, truce.Errorf(truce.NotFound, "I keep no %q.", kind)
	}
	list, err := all(tx, func(scan func(...any) error) (r Record, err error) {
		r.Kind = kind
		return r, scan(&r.Where, moment{&r.At}, text{&r.Text})
	}, fmt.Sprintf(`%s LIMIT %d OFFSET %d`, heldOf[i].query, n, from), person)
	if err != nil {
		return nil, fmt.Errorf("read the %s of %s: %w", kind, person, err)
	}
	return list, nil
}

// Led is what somebody's reports led to.
type Led struct {
	Credited int // approved answers with the person's words
	Answered int // themes the person raised that got an answer afterwards
	Upheld   int // the person's disputes that Marketing or the managers upheld
	Rules    int // rules in force for a source and reason the person had a dispute upheld about
	Helped   int // of Voted: answers the person owns
	Voted    int
}

// LedTo is what came of what a person told.
func (tx *Tx) LedTo(person string) (l Led, err error) {
	for _, q := range []struct {
		into  *int
		query string
	}{
		{&l.Credited, `SELECT count(*) FROM answers WHERE credit_id = ?1 AND state IN ('approved', 'replaced')`},
		{&l.Answered, `SELECT count(DISTINCT o.theme_id) FROM objections o JOIN answers a ON a.theme_id = o.theme_id AND a.state = 'approved'
			AND a.approved_at > o.created_at
			WHERE o.author_id = ?1 AND o.undone_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM answers b WHERE b.theme_id = o.theme_id AND b.approved_at IS NOT NULL AND b.approved_at <= o.created_at)`},
		{&l.Upheld, `SELECT count(*) FROM disputes WHERE opener_id = ?1 AND state = 'closed' AND outcome = 'upheld'`},
		{&l.Rules, `SELECT count(*) FROM proposals r WHERE r.kind = 'rule' AND r.state = 'in force' AND EXISTS (SELECT 1 FROM disputes d
			WHERE d.opener_id = ?1 AND d.outcome = 'upheld'
			AND r.thing = d.reason || ' ' || d.source)`},
		{&l.Helped, `SELECT count(*) FROM answer_uses u JOIN answers a ON a.id = u.answer_id WHERE a.owner_id = ?1 AND u.helped = 1`},
		{&l.Voted, `SELECT count(*) FROM answer_uses u JOIN answers a ON a.id = u.answer_id WHERE a.owner_id = ?1 AND u.helped IS NOT NULL`},
	} {
		n, err := tx.count(q.query, person)
		if err != nil {
			return l, fmt.Errorf("count what %s led to: %w", person, err)
		}
		*q.into = int(n)
	}
	return l, nil
}

// OpenCases are a person's disputes that are not closed.
func (tx *Tx) OpenCases(person string) ([]string, error) {
	return all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT id FROM disputes WHERE opener_id = ? AND state <> 'closed' ORDER BY opened_at, id`, person)
}

// WhoGave are those who decided that a person has a role: config, group, admin, demo, import.
func (tx *Tx) WhoGave(person string, role truce.Role) ([]string, error) {
	return tx.texts(`SELECT source FROM roles WHERE person_id = ? AND role = ? ORDER BY source`, person, role)
}
