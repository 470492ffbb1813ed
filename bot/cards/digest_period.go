package cards

import (
	"fmt"
	"net/url"
	"time"

	"truce"
)

// This file names stretches of time as digests speak of them. Whatever figure a digest shows says over which days it was
// counted: the period asked for, the weeks its rates rest on, the leads that are old enough to tell.

// Period is what a digest covers.
type Period struct {
	Kind     string // leads, weekly, mine, monthly
	From, To time.Time
	AsOf     time.Time
	Loc      *time.Location
	By       string // the attribute that the leads are tabled by; "" is the digest itself

	Withheld truce.Sides // whose figures its reader does not see; no button carries it
}

// Span is a stretch of time [From, To), midnights of the company's zone. The zero Span is the digest's own period.
type Span struct{ From, To time.Time }

// Span is the period as a stretch of time.
func (p Period) Span() Span { return Span{p.From, p.To} }

// Is reports whether a stretch is the period itself.
func (p Period) Is(s Span) bool {
	return s == Span{} || s.From.Equal(p.From) && s.To.Equal(p.To)
}

// String is the period as it is called: "16 to 22 Nov 2026", "October 2026", "Q3 2026", "2026".
func (p Period) String() string { return p.Of(p.Span()) }

// Name is what the period is called in a sentence: "Last week", "16 to 22 Nov 2026".
func (p Period) Name() string {
	if p.To.Sub(p.From) < 8*24*time.Hour && p.days(p.Span()) == 7 && p.recent(p.Span()) && p.From.In(p.Loc).Weekday() == time.Monday {
		return "Last week"
	}
	return upperFirst(p.String())
}

// days is the length of a stretch in days of the calendar, whatever the clocks did meanwhile.
func (p Period) days(s Span) int {
	return int((s.To.In(p.Loc).Sub(s.From.In(p.Loc)) + 12*time.Hour) / (24 * time.Hour))
}

// recent reports whether a stretch ended within the last week, so that "the last" of it needs no date.
func (p Period) recent(s Span) bool {
	return !p.AsOf.Before(s.To) && p.AsOf.Sub(s.To) < 7*24*time.Hour
}

// Of is a stretch as it follows "of" or "over": "the last 13 weeks", "the year to 31 Oct 2026", "October 2026". One that is
// not over yet ends in "so far".
func (p Period) Of(s Span) string {
	name, _ := p.name(s)
	return name
}

// In is a stretch with its preposition: "in the last 13 weeks", "in October 2026", "from 16 to 22 Nov 2026".
func (p Period) In(s Span) string {
	name, days := p.name(s)
	switch {
	case !days:
		return "in " + name
	case p.days(s) == 1:
		return "on " + name
	}
	return "from " + name
}

// name is a stretch in words, and whether they are its days.
func (p Period) name(s Span) (name string, days bool) {
	if s == (Span{}) {
		s = p.Span()
	}
	a, last := s.From.In(p.Loc), s.To.In(p.Loc).Add(-12*time.Hour) // noon of the last day
	long := map[int]string{91: "13 weeks", 182: "26 weeks", 364: "year"}[p.days(s)]
	switch {
	case long != "" && p.recent(s):
		return "the last " + long, false
	case long != "" && !p.Is(s):
		name = "the " + long + " to " + last.Format("2 Jan 2006")
	default:
		if name = calendarName(a, s.To.In(p.Loc)); name == "" {
			name, days = dayRange(a, last), true
		}
	}
	if p.AsOf.Before(s.To) && p.AsOf.After(s.From) {
		name += " so far"
	}
	return name, days
}

// calendarName is the name of a whole month, quarter or year; "" where it is none.
func calendarName(from, to time.Time) string {
	if from.Day() != 1 || to.Day() != 1 {
		return ""
	}
	switch months := 12*(to.Year()-from.Year()) + int(to.Month()-from.Month()); {
	case months == 1:
		return from.Format("January 2006")
	case months == 3 && from.Month()%3 == 1:
		return fmt.Sprintf("Q%d %d", (from.Month()+2)/3, from.Year())
	case months == 12 && from.Month() == time.January:
		return from.Format("2006")
	}
	return ""
}

// dayRange is the days from one to another, both included.
func dayRange(a, b time.Time) string {
	switch {
	case a.Year() != b.Year():
		return a.Format("2 Jan 2006") + " to " + b.Format("2 Jan 2006")
	case a.Month() != b.Month():
		return a.Format("2 Jan") + " to " + b.Format("2 Jan 2006")
	case a.Day() != b.Day():
		return a.Format("2") + " to " + b.Format("2 Jan 2006")
	}
	return a.Format("2 Jan 2006")
}

// Arg is the period as a button carries it; the handlers read it back with ParseArg.
func (p Period) Arg(more ...string) string {
	v := url.Values{"k": {p.Kind}, "f": {p.From.In(p.Loc).Format(time.DateOnly)}, "t": {p.To.In(p.Loc).Format(time.DateOnly)},
		"a": {p.AsOf.UTC().Format(time.RFC3339Nano)}}
	if p.By != "" {
		v.Set("b", p.By)
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v.Encode()
}

// ParseArg reads what Arg wrote. It comes from outside: what cannot be read is refused.
func ParseArg(s string, loc *time.Location) (Period, url.Values, error) {
	v, err := url.ParseQuery(s)
	if err != nil {
		return Period{}, nil, fmt.Errorf("read a digest's button: %w", err)
	}
	p := Period{Kind: v.Get("k"), Loc: loc, By: v.Get("b")}
	day := func(s string) time.Time {
		t, e := time.ParseInLocation(time.DateOnly, s, loc)
		if e != nil {
			err = e
		}
		return t
	}
	p.From, p.To = day(v.Get("f")), day(v.Get("t"))
	var e error
	if p.AsOf, e = time.Parse(time.RFC3339, v.Get("a")); e != nil {
		err = e
	}
	if err != nil || !p.From.Before(p.To) {
		return Period{}, nil, fmt.Errorf("read a digest's button: no such period")
	}
	return p, v, nil
}
