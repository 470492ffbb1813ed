package digests

import (
	"math"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file counts the leads that were not worked within three business days, beside the other figures of a cohort. See truce.Work: it is
// counted to Sales, and no part of what is said of a source's quality.

// workedAtOnce is with how many leads in 13 weeks whoever asks for the summary can wait for those that were not worked: about 50 ms. Of a
// larger company the scheduled summary tells it, and all figures do.
const workedAtOnce = 10_000

// worked calls fn for the leads of a cohort that were handed off with a clock and whose three business days are over at asOf, alike ones
// together.
func (d Maker) worked(tx *storage.Tx, from, to, asOf time.Time, fn func(h storage.HandedOff, w truce.Work)) error {
	return d.handedOff(tx, tx.HandOffs, from, to, asOf, fn)
}

// handedOff is worked by a reader: storage.Tx.HandOffs, or HandOffLeads one by one.
func (d Maker) handedOff(tx *storage.Tx, read func(from, to, due, early time.Time, fn func(storage.HandedOff)) error, from, to,
	asOf time.Time, fn func(h storage.HandedOff, w truce.Work)) error {
	due, ok := d.Calendar.WorkDueBefore(asOf)
	if to = minTime(to, asOf.Add(time.Millisecond)); !ok || !from.Before(to) {
		return nil
	}
	logged, err := tx.FirstTouch()
	if err != nil {
		return err
	}
	early := time.UnixMilli(math.MaxInt64 / 2) // nobody logs touches
	if logged.After(asOf) {
		logged = time.Time{}
	}
	if !logged.IsZero() {
		if early, ok = d.Calendar.WorkDueBefore(logged.Add(-time.Millisecond)); !ok {
			early = time.Time{}
		}
	}
	return read(from, to, due, early, func(h storage.HandedOff) {
		deadline, ok := d.Calendar.WorkedBy(h.At)
		if !ok {
			return
		}
		var w truce.Work
		w.Count(h.HandOff, deadline, logged, h.N)
		fn(h, w)
	})
}

// countWorked counts a cohort's leads that were not worked into those of its groups that there are.
func (d Maker) countWorked(tx *storage.Tx, c *Cohort, asOf time.Time) error {
	return d.worked(tx, c.From, c.To, asOf, func(h storage.HandedOff, w truce.Work) {
		for _, g := range []*Group{c.Totals, c.sources[truce.SourceName(h.Source)], c.campaign[truce.SourceName(h.Campaign)],
			c.segments[truce.SourceName(h.Segment)]} {
			if g != nil {
				g.Work.Add(w)
			}
		}
	})
}

// notWorked is the leads not worked of those of which that is measured.
func notWorked(w truce.Work) stats.Proportion {
	k, n := w.NotWorked()
	return stats.Proportion{K: k, N: n}
}
