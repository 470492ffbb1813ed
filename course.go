package truce

import (
	"slices"
	"time"
)

// Marks are what was known of a lead at the end of a day, as far as a source is judged by it.
type Marks uint8

// The marks. They follow Figures: what a lead with the mark adds to Judged, SentBack, SourceFaults, Won and Lost.
const (
	MarkJudged Marks = 1 << iota
	MarkSentBack
	MarkSourceFault
	MarkWon
	MarkLost
	marksEnd
)

// Turn is that the marks of a lead are these from the end of a day on.
type Turn struct {
	Day   int // of the zone's calendar, see DayNumber
	Marks Marks
}

// Course is how the marks of a lead have changed, oldest first: what a report as of the end of any day would have counted of it.
func (c LeadCase) Course(loc *time.Location) (course []Turn) {
	days := make([]int, 0, len(c.Outcomes))
	for _, o := range c.Outcomes {
		days = append(days, DayNumber(o.At, loc))
		if !o.Elsewhere.IsZero() {
			days = append(days, DayNumber(o.Elsewhere, loc))
		}
	}
	slices.Sort(days)
	var last Marks
	for _, day := range slices.Compact(days) {
		end := Date{Year: 1970, Month: time.January, Day: 1}.Add(day+1).At(0, loc).Add(-time.Millisecond)
		if m := c.marks(end); m != last {
			course, last = append(course, Turn{day, m}), m
		}
	}
	return course
}

// marks are those of the lead by what was known at a moment.
func (c LeadCase) marks(asOf time.Time) (m Marks) {
	var f Figures
	f.Count(c.Lead, LeadCase{Outcomes: c.Outcomes}.Facts(asOf))
	for i, n := range [...]int{f.Judged, f.SentBack, f.SourceFaults, f.Won, f.Lost} {
		if n > 0 {
			m |= 1 << i
		}
	}
	return m
}

// EachMark calls fn with each mark that a lead gets (n is 1) or loses (-1), and the days since it qualified.
func EachMark(course []Turn, mqlDay int, fn func(m Marks, days, n int)) {
	var last Marks
	for _, t := range course {
		for m := MarkJudged; m < marksEnd; m <<= 1 {
			switch {
			case t.Marks&m != 0 && last&m == 0:
				fn(m, max(0, t.Day-mqlDay), 1)
			case t.Marks&m == 0 && last&m != 0:
				fn(m, max(0, t.Day-mqlDay), -1)
			}
		}
		last = t.Marks
	}
}
