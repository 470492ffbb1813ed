package truce

import "time"

// Cost is what was paid for leads: for a source, for one campaign, or for one campaign within a source.
type Cost struct {
	ID         string
	Source     string // as leads have it; "" where only the campaign is told
	Campaign   string // "" where the money was for the source as a whole
	First      Date   // the day it is of, or the first of its month
	Days       int    // 1, or how many days the month has
	Amount     Money  // negative for a credit
	RecordedAt time.Time
}

// Month reports whether the cost is of a whole month.
func (c Cost) Month() bool { return c.Days > 1 }

// At is the day or the month of the cost as files have it: 2026-03-15 or 2026-03.
func (c Cost) At() string {
	if c.Month() {
		return c.First.String()[:len("2006-01")]
	}
	return c.First.String()
}

// Within is the part of the cost, in minor units, that falls on the days of [from, to). The cost of a month is spread evenly
// over its days; the parts of neighbouring stretches sum to the whole, to the cent.
func (c Cost) Within(from, to Date) int64 {
	if to.Compare(from) <= 0 {
		return 0
	}
	return c.upTo(to) - c.upTo(from)
}

// upTo is the part of the days before a day: amount x days / length, cut towards zero. It grows with the day only, which makes
// the parts sum.
func (c Cost) upTo(day Date) int64 {
	n := int64(max(0, min(c.Days, day.Number()-c.First.Number())))
	length := int64(max(1, c.Days))
	return c.Amount.Amount/length*n + c.Amount.Amount%length*n/length // the product as a whole might not fit
}
