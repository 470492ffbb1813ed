package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file reads what was done with the leads that Sales was given; truce.Work says what is counted of it. It is not in the sums by day:
// which business days are over, and which were business days, is the calendar's to say at the time of the report. So it costs something
// for each lead of the period that was handed off since Truce's start: one step along an index, and of those that were not worked at once a
// row read here. See decision 0024.

// HandedOff is some leads alike: what they are counted by, and what was first done with them.
type HandedOff struct {
	ID                        string // of one lead; "" where alike ones stand together
	Source, Campaign, Segment string
	truce.HandOff
	N int
}

// atOnce is after which time something done with a lead is certainly in time: sooner than any three business days can end.
const atOnce = 48 * time.Hour

// firstDone is, of a lead named l, its first touch and its first verdict.
const firstDone = `(SELECT min(t.at) FROM touches t WHERE t.lead_id = l.id),
		(SELECT min(v.at) FROM (SELECT o.at FROM outcomes o WHERE o.lead_id = l.id AND o.origin <> 'silence'
			UNION ALL SELECT d.opened_at FROM disputes d WHERE d.lead_id = l.id
			UNION ALL SELECT c.stopped_at FROM clocks c WHERE c.subject = l.ref AND c.kind = 'verdict' AND c.result IN ('kept', 'late')) v)`

// handOffsQuery reads the leads that qualified in [?1, ?2) and were handed off before ?3. Those with a verdict or touch within ?4
// of the hand-off, one row for all of a source, campaign and segment on the same side of ?5, as if all was done at the hand-off;
// the others one by one. What a verdict is, truce.HandOff says.
const handOffsQuery = `WITH given AS (
		SELECT id, ref, source, campaign, segment, handed_off_at AS at, handed_off_at < ?5 AS early,
			EXISTS (SELECT 1 FROM outcomes o WHERE o.lead_id = l.id AND o.origin <> 'silence' AND o.at <= l.handed_off_at + ?4)
				OR handed_off_at >= ?5 AND EXISTS (SELECT 1 FROM touches t WHERE t.lead_id = l.id AND t.at <= l.handed_off_at + ?4) AS soon
		FROM leads l WHERE mql_at >= ?1 AND mql_at < ?2 AND handed_off_at IS NOT NULL AND handed_off_at < ?3)
	SELECT source, campaign, segment, max(at) AS at, NULL, max(at), count(*) FROM given WHERE soon GROUP BY source, campaign, segment, early
	UNION ALL
	SELECT source, campaign, segment, at, ` + firstDone + `, 1
	FROM given l WHERE NOT soon`

// HandOffs calls fn for the leads that qualified in [from, to) and were handed off with a clock before due, alike ones together.
// early is the hand-off from which on the deadline comes after the first touch of all was logged: leads on different sides of it
// are not put together.
func (tx *Tx) HandOffs(from, to, due, early time.Time, fn func(HandedOff)) error {
	args := []any{millis(from), millis(to), millis(due), atOnce.Milliseconds(), early.UnixMilli()}
	err := tx.each(handOffsQuery, args, func(scan func(...any) error) error {
		var h HandedOff
		if err := scan(&h.Source, &h.Campaign, &h.Segment, moment{&h.At}, moment{&h.Touch}, moment{&h.Verdict}, &h.N); err != nil {
			return err
		}
		fn(h)
		return nil
	})
	if err != nil {
		return fmt.Errorf("see which leads were worked: %w", err)
	}
	return nil
}

// handOffLeadsQuery reads them one by one.
const handOffLeadsQuery = `SELECT l.id, l.source, l.campaign, l.segment, l.handed_off_at, ` + firstDone + `
	FROM leads l WHERE l.mql_at >= ? AND l.mql_at < ? AND l.handed_off_at IS NOT NULL AND l.handed_off_at < ?`

// HandOffLeads is HandOffs lead by lead, for whoever asks which they are.
func (tx *Tx) HandOffLeads(from, to, due, _ time.Time, fn func(HandedOff)) error {
	err := tx.each(handOffLeadsQuery, []any{millis(from), millis(to), millis(due)}, func(scan func(...any) error) error {
		h := HandedOff{N: 1}
		if err := scan(&h.ID, &h.Source, &h.Campaign, &h.Segment, moment{&h.At}, moment{&h.Touch}, moment{&h.Verdict}); err != nil {
			return err
		}
		fn(h)
		return nil
	})
	if err != nil {
		return fmt.Errorf("see which leads were worked: %w", err)
	}
	return nil
}

// FirstTouch is when the first touch of all was logged: before it nobody can tell who was not touched. Zero: none was.
func (tx *Tx) FirstTouch() (first time.Time, err error) {
	return first, tx.row(`SELECT min(at) FROM touches`, nil, moment{&first})
}
