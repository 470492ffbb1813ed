package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file decides whether the CRM's data is too old to hold anybody to a deadline. A call or a verdict may have been logged in
// the CRM and not have come here; whoever is reminded of what is done already stops reading reminders.

// LastData is when data about what becomes of leads last came in whole, by a moment: outcomes, deals or touches. Where the CRM
// sends them as they happen, whatever it sends shows that it is heard, because a day on which nothing happens is no silence. Zero:
// no such data has ever come, and what Truce is told itself is all there is.
func (tx *Tx) LastData(by time.Time) (last time.Time, err error) {
	const what = `kind IN ('outcomes', 'deals', 'touches') AND complete = 1 AND at <= ?`
	err = tx.row(`SELECT max(at) FROM imports WHERE `+what, []any{millis(by)}, moment{&last})
	if err != nil || last.IsZero() {
		return last, err
	}
	var heard time.Time
	err = tx.row(`SELECT max(at) FROM imports WHERE kind IN ('leads', 'engagements', 'outcomes', 'deals', 'touches') AND complete = 1
		AND at <= ? AND origin = 'hook'
		AND EXISTS (SELECT 1 FROM imports WHERE `+what+` AND origin = 'hook')`, []any{millis(by), millis(by)}, moment{&heard})
	if heard.After(last) {
		last = heard
	}
	return last, err
}

// Stale is since when data is missing at a moment: the last that came, where it is older than the terms allow. Zero: it is not.
func (tx *Tx) Stale(t truce.Terms, at time.Time) (since time.Time, err error) {
	if t.StaleAfter <= 0 {
		return since, nil
	}
	last, err := tx.LastData(at)
	if err != nil {
		return since, fmt.Errorf("look how old the data is: %w", err)
	}
	if !last.IsZero() && at.Sub(last) > t.StaleAfter {
		return last, nil
	}
	return since, nil
}

// staleTimes are the times since a moment in which promises about leads stood still because data was missing, the oldest first; the last
// of them goes on where its To is zero.
func (tx *Tx) staleTimes(t truce.Terms, from time.Time) (list []truce.Standstill, err error) {
	if t.StaleAfter <= 0 {
		return nil, nil
	}
	last, err := tx.LastData(from)
	if err != nil {
		return nil, err
	}
	came, err := all(tx, func(scan func(...any) error) (at time.Time, err error) { return at, scan(moment{&at}) },
		`SELECT at FROM imports WHERE complete = 1 AND at > ? AND at <= ? ORDER BY at`, millis(from), millis(tx.Now))
	if err != nil {
		return nil, fmt.Errorf("read when data came: %w", err)
	}
	for _, at := range came {
		heard, err := tx.LastData(at)
		if err != nil {
			return nil, err
		}
		if !last.IsZero() && heard.Sub(last) > t.StaleAfter {
			list = append(list, truce.Standstill{From: last.Add(t.StaleAfter), To: heard})
		}
		last = heard
	}
	if !last.IsZero() && tx.Now.Sub(last) > t.StaleAfter {
		list = append(list, truce.Standstill{From: last.Add(t.StaleAfter)})
	}
	return list, nil
}

// pauseLeadPromises stops the running promises about leads as of the moment from which data is missing; those of people who are
// there run on when it comes again.
func (tx *Tx) pauseLeadPromises(t truce.Terms, from time.Time) error {
	running, err := tx.promises(`WHERE c.result = '' AND c.kind IN ('verdict', 'touch', 'rating')`)
	if err != nil {
		return err
	}
	for _, p := range running {
		at := from
		if p.StartedAt.After(at) {
			at = p.StartedAt
		}
		if err := tx.SavePromise(t.Pause(p, at)); err != nil {
			return err
		}
	}
	return nil
}
