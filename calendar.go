package truce

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Window is a stretch of one day in minutes after midnight on the wall clock, From included, To not. The zero Window is
// a closed day.
type Window struct{ From, To int }

// ParseWindow reads "09:00-17:00", also with 24:00 as its end. Hours over midnight and hours of no length are refused.
func ParseWindow(s string) (Window, error) {
	from, to, ok := strings.Cut(s, "-")
	a, err1 := ParseMinutes(strings.TrimSpace(from))
	b, err2 := ParseMinutes(strings.TrimSpace(to))
	w := Window{a, b}
	if !ok || err1 != nil || err2 != nil {
		return Window{}, fmt.Errorf("%q is not hours such as 09:00-17:00", s)
	}
	if err := w.check(); err != nil {
		return Window{}, err
	}
	return w, nil
}

// ParseMinutes reads a time of day such as "10:00" (00:00 to 24:00) as minutes after midnight.
func ParseMinutes(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hours, err1 := strconv.ParseUint(h, 10, 8)
	minutes, err2 := strconv.ParseUint(m, 10, 8)
	n := int(hours)*60 + int(minutes)
	if !ok || err1 != nil || err2 != nil || len(h) > 2 || len(m) != 2 || minutes > 59 || n > 24*60 {
		return 0, fmt.Errorf("%q is not a time of day such as 10:00", s)
	}
	return n, nil
}

// String writes the window as 09:00-17:00, a closed day as "closed".
func (w Window) String() string {
	if w == (Window{}) {
		return "closed"
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

func (w Window) check() error {
	if w.From < 0 || w.To > 24*60 || w.From >= w.To {
		return fmt.Errorf("hours %s must begin before they end, on the same day", w)
	}
	return nil
}

// Calendar says when the company works. All clocks of promises and deadlines run on it. It holds no more than data, so it
// is safe to share; holidays come in as closed dates. The zero Calendar is never open.
type Calendar struct {
	Loc   *time.Location // whose wall clock; nil is UTC
	Days  [7]bool        // workdays by time.Weekday, so Sunday first
	Hours Window         // of a workday

	// Dates are the days that differ: closed (zero Window), shorter, or worked though the weekday is not.
	Dates map[Date]Window

	// NoDeadlineBefore, in minutes after midnight: nobody should find on arriving that a case has just lapsed.
	NoDeadlineBefore int
}

// NewCalendar is the default: Monday to Friday 9 to 17, no holidays, no deadline before 10:00.
func NewCalendar(loc *time.Location) Calendar {
	return Calendar{
		Loc: loc, Days: [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true},
		Hours: Window{9 * 60, 17 * 60}, NoDeadlineBefore: 10 * 60,
	}
}

// Validate says everything that is wrong. A calendar that passes has business hours in every week that Dates leave alone.
func (c Calendar) Validate() error {
	var errs []error
	if err := c.Hours.check(); err != nil {
		errs = append(errs, err)
	} else if c.NoDeadlineBefore < 0 || c.NoDeadlineBefore >= c.Hours.To {
		errs = append(errs, fmt.Errorf("no deadline before %d minutes after midnight leaves no deadline at all in hours %s", c.NoDeadlineBefore,
			c.Hours))
	}
	if c.Days == ([7]bool{}) {
		errs = append(errs, errors.New("the week has no workday"))
	}
	for _, d := range slices.SortedFunc(maps.Keys(c.Dates), Date.Compare) {
		if w := c.Dates[d]; w != (Window{}) && w.check() != nil {
			errs = append(errs, fmt.Errorf("%s: %w", d, w.check()))
		}
	}
	return errors.Join(errs...)
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseDays reads "mon-fri", "sun-thu" (over the end of the week), "mon,wed,fri".
func ParseDays(s string) (days [7]bool, err error) {
	bad := fmt.Errorf("%q is not days such as mon-fri or mon,wed,fri", s)
	for part := range strings.SplitSeq(strings.ToLower(s), ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		a, b := slices.Index(dayNames, strings.TrimSpace(first)), slices.Index(dayNames, strings.TrimSpace(last))
		if a < 0 || b < 0 {
			return days, bad
		}
		for d := a; ; d = (d + 1) % 7 {
			if days[d] = true; d == b {
				break
			}
		}
	}
	return days, nil
}

// DaysText writes workdays as ParseDays reads them: a stretch of at least three as a range.
func DaysText(days [7]bool) string {
	var names []string
	for d := range 7 { // a stretch begins after a day off, and may go over the end of the week
		if !days[d] || days[(d+6)%7] {
			continue
		}
		n := 1
		for days[(d+n)%7] {
			n++
		}
		if n > 2 {
			names = append(names, dayNames[d]+"-"+dayNames[(d+n-1)%7])
			continue
		}
		for i := range n {
			names = append(names, dayNames[(d+i)%7])
		}
	}
	if days[0] && len(names) == 0 {
		return "sun-sat"
	}
	return strings.Join(names, ",")
}

// In is the same calendar on another place's wall clock: a person's working hours.
func (c Calendar) In(loc *time.Location) Calendar {
	c.Loc = loc
	return c
}

// Window is the business hours of a day, zero on a closed one.
func (c Calendar) Window(d Date) Window {
	if w, ok := c.Dates[d]; ok {
		return w
	}
	if c.Days[d.Weekday()] {
		return c.Hours
	}
	return Window{}
}

// Workday reports whether the day has business hours.
func (c Calendar) Workday(d Date) bool { return c.Window(d) != Window{} }

// Open reports whether t lies within business hours.
func (c Calendar) Open(t time.Time) bool {
	from, to := c.span(c.Date(t))
	return !t.Before(from) && t.Before(to)
}

// span is the business hours of a day as moments. The two are equal on a closed day, and where a change of the clock has
// swallowed the hours whole.
func (c Calendar) span(d Date) (from, to time.Time) {
	w := c.Window(d)
	if w == (Window{}) {
		return
	}
	return d.At(w.From, c.loc()), d.At(w.To, c.loc())
}

// searched is how many days of a calendar are looked through, ten years, before we say that no business hours come: the
// dates may close every one of them.
const searched = 3660

// Add is the moment at which d of business time has passed after t, in the company's zone; a negative d goes back, to the
// moment from which -d has passed by t. The end of one day's hours and the beginning of the next are the same business
// time: going forward it is given as the end, unless d is 0, which is the first open moment from t on. ok is false when
// ten years do not hold that much.
func (c Calendar) Add(t time.Time, d time.Duration) (at time.Time, ok bool) {
	t = t.In(c.loc())
	step := 1
	if d < 0 {
		step = -1
	}
	day := DateOf(t)
	for range searched {
		from, to := c.span(day)
		switch {
		case !from.Before(to): // closed
		case step > 0 && t.Before(to):
			if t.Before(from) {
				t = from
			}
			if d <= to.Sub(t) {
				return t.Add(d), true
			}
			d -= to.Sub(t)
		case step < 0 && t.After(from):
			if t.After(to) {
				t = to
			}
			if -d <= t.Sub(from) {
				return t.Add(d), true
			}
			d += t.Sub(from)
		}
		day = day.Add(step)
	}
	return time.Time{}, false
}

// Between is how much business time passed from a to b, negative when b came first. It looks at no more than 290 years,
// which is as much as a Duration holds.
func (c Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	last := c.Date(b)
	for day, n := c.Date(a), 0; n < 290*365; day, n = day.Add(1), n+1 {
		from, to := c.span(day)
		if from.Before(a) {
			from = a
		}
		if to.After(b) {
			to = b
		}
		sum += max(0, to.Sub(from))
		if day == last {
			break
		}
	}
	return sum
}

// Deadline is when a promise of d business time, given at t, runs out: Add, but never earlier in the day than
// NoDeadlineBefore. Where the day has closed by then, it is the next workday that is open then.
func (c Calendar) Deadline(t time.Time, d time.Duration) (at time.Time, ok bool) {
	at, ok = c.Add(t, d)
	if !ok {
		return at, false
	}
	day := DateOf(at)
	if earliest := day.At(c.NoDeadlineBefore, c.loc()); !at.Before(earliest) {
		return at, true
	}
	for range searched {
		from, to := c.span(day)
		earliest := day.At(c.NoDeadlineBefore, c.loc())
		if earliest.Before(from) {
			earliest = from
		}
		if earliest.Before(to) {
			return earliest, true
		}
		day = day.Add(1)
	}
	return time.Time{}, false
}

// AddDays is the n-th workday after t's day (before it, for a negative n) at t's time of day; t itself for 0. The day of
// the event does not count, so one business day after a Friday, a Saturday or a Sunday is the Monday. ok is false when ten
// years do not hold that many.
func (c Calendar) AddDays(t time.Time, n int) (at time.Time, ok bool) {
	t = t.In(c.loc())
	if n == 0 {
		return t, true
	}
	step := 1
	if n < 0 {
		step = -1
	}
	day := DateOf(t)
	for range searched {
		day = day.Add(step)
		if !c.Workday(day) {
			continue
		}
		if n -= step; n == 0 {
			midnight := time.Date(day.Year, day.Month, day.Day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
			return OnWall(midnight, c.loc()), true
		}
	}
	return time.Time{}, false
}

// Date is the company's day at t.
func (c Calendar) Date(t time.Time) Date { return DateOf(t.In(c.loc())) }

// StartOfDay is when the company's day of t began: midnight, or the moment of the change where midnight was skipped.
func (c Calendar) StartOfDay(t time.Time) time.Time { return c.Date(t).At(0, c.loc()) }

// StartOfWeek is when the Monday of t's week began.
func (c Calendar) StartOfWeek(t time.Time) time.Time { return c.Week(t, 0) }

// Week is when the week n weeks after t's (before it, for a negative n) began. Weeks are cut by the calendar, not in
// stretches of 168 hours: one with a change of the clock is an hour longer or shorter. The week of t is
// [Week(t, 0), Week(t, 1)), the trailing 13 weeks that are over [Week(t, -13), Week(t, 0)).
func (c Calendar) Week(t time.Time, n int) time.Time {
	day := c.Date(t)
	sinceMonday := (int(day.Weekday()) + 6) % 7
	return day.Add(7*n-sinceMonday).At(0, c.loc())
}

func (c Calendar) loc() *time.Location {
	if c.Loc == nil {
		return time.UTC
	}
	return c.Loc
}
