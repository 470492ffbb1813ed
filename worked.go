package truce

import "time"

// This file is about leads that Sales has let lie. "The leads are bad" and "the leads are not worked" are two sentences: what was
// not worked stands in a column of its own, counted to Sales, and says nothing of the lead's source.

// WorkDays is how many business days Sales has to work a lead (PRODUCT.md, "Against gaming").
const WorkDays = 3

// HandOff is a lead that Sales was given with a clock, and what was first done with it. Leads of before Truce's start have no clock and
// are none.
type HandOff struct {
	At    time.Time // the lead's first hand-off: one that was recycled and comes back is a second run of it, not a second hand-off
	Touch time.Time // the first logged call, meeting or personal mail; zero: none

	// Verdict is when a person first judged it, zero where nobody did: an outcome of any kind that silence did not bring about, the
	// opening of a dispute, or a verdict that was promised and given. The last tells of the first run of a recycled lead, whose
	// acceptance the second run's has replaced.
	Verdict time.Time
}

// WorkedBy is until when a lead handed off at a moment counts as worked in time: the end of the WorkDays-th business day after the day of
// the hand-off, which is midnight of the company's zone. Weekends, holidays and other closed dates of the calendar are no business days; a
// lead that comes on one, or in the evening, has the following ones. ok is false where the calendar is never open.
func (c Calendar) WorkedBy(handedOff time.Time) (deadline time.Time, ok bool) {
	at, ok := c.AddDays(c.Date(handedOff).At(12*60, c.loc()), WorkDays) // noon is never skipped
	if !ok {
		return time.Time{}, false
	}
	return c.Date(at).Add(1).At(0, c.loc()), true
}

// WorkDueBefore turns WorkedBy round: exactly the leads handed off before it have a deadline at or before a moment, since whoever comes
// later never has to be worked sooner. ok is false where there are none.
func (c Calendar) WorkDueBefore(at time.Time) (before time.Time, ok bool) {
	day := c.Date(at)
	for range searched {
		day = day.Add(-1)
		deadline, open := c.WorkedBy(day.At(0, c.loc()))
		if !open {
			return time.Time{}, false
		}
		if !deadline.After(at) {
			return day.Add(1).At(0, c.loc()), true
		}
	}
	return time.Time{}, false
}

// Work counts how many of the leads handed off were not worked, as it stood at a moment:
//
//	not worked = due leads with neither a touch nor a person's verdict by their deadline / due leads
//
// A lead is due once its deadline (WorkedBy) has come; one whose days are not over is in neither number. What came about by silence is
// nobody's verdict. What is done at the deadline itself, or before the hand-off, counts; what is done later does not change the figure.
//
// Of leads whose deadline came before anybody logged touches at all, it is told only that a verdict came in time, never that nothing was
// done. Such early leads are counted where all of them were judged in time, and left out otherwise; where that leaves none, it is not
// measured, as speed to lead without touches is not.
//
// It is no part of Figures on purpose: no rate of a source (acceptance, wins, what was sent back, the headline) can come to use it.
type Work struct {
	Due, Not      int // leads whose deadline came after the first touch ever logged, and those of them that were not worked
	Early, Untold int // leads whose deadline came before, and those of them without a verdict in time
}

// Count adds n equal leads whose deadline has come. logged is when the first touch of all was logged; zero: none was.
func (w *Work) Count(h HandOff, deadline, logged time.Time, n int) {
	by := func(t time.Time) bool { return !t.IsZero() && !t.After(deadline) }
	if !by(logged) {
		if w.Early += n; !by(h.Verdict) {
			w.Untold += n
		}
		return
	}
	if w.Due += n; !by(h.Touch) && !by(h.Verdict) {
		w.Not += n
	}
}

// Add adds the counts of other leads.
func (w *Work) Add(o Work) {
	w.Due, w.Not, w.Early, w.Untold = w.Due+o.Due, w.Not+o.Not, w.Early+o.Early, w.Untold+o.Untold
}

// Any reports whether any lead's deadline has come.
func (w Work) Any() bool { return w.Due+w.Early > 0 }

// NotWorked is how many of how many leads were not worked; n is 0 where that is not measured.
func (w Work) NotWorked() (k, n int) {
	if w.Untold > 0 {
		return w.Not, w.Due
	}
	return w.Not, w.Due + w.Early
}
