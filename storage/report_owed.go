package storage

import (
	"fmt"
	"time"

	"truce"
)

// Owed is a promise that is running: what a side, and where known a person, owes by when.
type Owed struct {
	Subject  string // D-1, or a lead's reference
	Kind     string // answer, evidence, reply, ruling, verdict, touch, rating
	Side     truce.Side
	PersonID string // "" is anybody of the side
	Since    time.Time
	Due      time.Time
}

// Owed are the promises that ran at a moment, the first due first.
func (tx *Tx) Owed(at time.Time) ([]Owed, error) {
	list, err := all(tx, func(scan func(...any) error) (o Owed, err error) {
		return o, scan(&o.Subject, &o.Kind, &o.Side, &o.PersonID, moment{&o.Since}, moment{&o.Due})
	}, `SELECT subject, kind, side, person_id, started_at, due_at FROM clocks WHERE started_at <= ? AND (result = '' OR stopped_at > ?) ORDER BY due_at, id`,
		millis(at), millis(at))
	if err != nil {
		return nil, fmt.Errorf("read what is owed: %w", err)
	}
	return list, nil
}

// LeadSpan is when the first and the last lead qualified; ok is false where there are none.
func (tx *Tx) LeadSpan() (first, last time.Time, ok bool, err error) {
	err = tx.row(`SELECT (SELECT min(mql_at) FROM leads), (SELECT max(mql_at) FROM leads)`, nil, moment{&first}, moment{&last})
	return first, last, !first.IsZero(), err
}
