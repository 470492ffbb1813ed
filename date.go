package truce

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day on the wall calendar, in no zone: a holiday, the first day of a report. Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t's own zone shows; put t into the company's zone first.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-12-24".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-12-24", s)
	}
	return DateOf(t), nil
}

// String writes the day as 2026-12-24.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Words is a day as people write it: "26 Oct 2026".
func (d Date) Words() string { return d.At(0, time.UTC).Format("2 Jan 2006") }

// Add is the day n days later, earlier for a negative n.
func (d Date) Add(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC))
}

// Number numbers the days of the calendar; 1 January 1970 is 0.
func (d Date) Number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Compare is -1 where d is the earlier day, 1 where it is the later one, 0 for the same.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Quarter is the first day of the calendar quarter that d is in. Truce knows no other fiscal year.
func (d Date) Quarter() Date { return Date{d.Year, d.Month - (d.Month-1)%3, 1} }

// QuarterEndDays is how many days the end of a quarter is long: its last two weeks.
const QuarterEndDays = 14

// EndsQuarter reports whether d is one of the last QuarterEndDays days of its calendar quarter.
func (d Date) EndsQuarter() bool {
	first := d.Quarter()
	next := DateOf(time.Date(first.Year, first.Month+3, 1, 12, 0, 0, 0, time.UTC))
	return next.Number()-d.Number() <= QuarterEndDays
}

// At is the moment at which the clocks of loc show the given minutes after midnight of the day; 1440 is the next
// midnight. A time that the change to summer time skips is the moment of the change; one that the change back shows twice
// is its first showing. So moments never run backwards while the wall clock goes on, which time.Date does not promise.
func (d Date) At(minutes int, loc *time.Location) time.Time {
	face := time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, time.UTC)
	return OnWall(face, loc)
}

// Later is the later one of two moments.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Face is what the clocks of t's zone show at t, kept as a time in UTC: a clock face without jumps. OnWall goes back.
func Face(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// OnWall is the moment at which the clocks of loc show face (see Face), by the rule of Date.At for skipped and doubled
// times.
func OnWall(face time.Time, loc *time.Location) time.Time {
	at := time.Date(face.Year(), face.Month(), face.Day(), face.Hour(), face.Minute(), face.Second(), face.Nanosecond(), loc)
	start, end := at.ZoneBounds()
	switch got := Face(at); {
	case got.Before(face): // skipped, and time.Date chose the offset before the change
		return end
	case got.After(face): // skipped, and it chose the offset after it
		return start
	case start.IsZero(): // this zone never changed before
		return at
	}
	_, now := at.Zone()
	_, before := start.Add(-1).In(loc).Zone()
	first := at.Add(time.Duration(now-before) * time.Second)
	if first.Before(start) && Face(first).Equal(face) {
		return first
	}
	return at
}
