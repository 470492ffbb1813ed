package truce

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// in reads a wall-clock time such as "2026-11-25 15:00" in a zone.
func in(t testing.TB, loc *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// tenToSix is the calendar of PRODUCT.md's examples.
func tenToSix(loc *time.Location) Calendar {
	c := NewCalendar(loc)
	c.Hours = Window{10 * 60, 18 * 60}
	return c
}

func TestCalendarAdd(t *testing.T) {
	const h, m = time.Hour, time.Minute
	holidays := map[Date]Window{{2026, 12, 24}: {10 * 60, 14 * 60}, {2026, 12, 25}: {}, {2026, 12, 26}: {10 * 60, 12 * 60}}
	for _, tt := range []struct {
		name, zone, from string
		d                time.Duration
		want             string
		dates            map[Date]Window
	}{
		{"Wednesday 15:00 + 10 h", "UTC", "2026-11-25 15:00", 10 * h, "2026-11-26 17:00", nil},
		{"Wednesday 20:00 + 10 h", "UTC", "2026-11-25 20:00", 10 * h, "2026-11-27 12:00", nil},
		{"before opening", "UTC", "2026-11-25 03:00", 1 * h, "2026-11-25 11:00", nil},
		{"to the minute of closing", "UTC", "2026-11-25 10:00", 8 * h, "2026-11-25 18:00", nil},
		{"a minute more", "UTC", "2026-11-25 10:00", 8*h + m, "2026-11-26 10:01", nil},
		{"over a weekend", "UTC", "2026-11-27 17:30", 1 * h, "2026-11-30 10:30", nil},
		{"forty hours are a week", "UTC", "2026-11-25 15:00", 40 * h, "2026-12-02 15:00", nil},
		{"nothing on a Sunday is Monday's opening", "UTC", "2026-11-29 15:00", 0, "2026-11-30 10:00", nil},
		{"nothing in the middle of a day", "UTC", "2026-11-25 15:00", 0, "2026-11-25 15:00", nil},
		{"half day, closed day, worked Saturday", "UTC", "2026-12-24 13:00", 4 * h, "2026-12-28 11:00", holidays},
		{"Berlin, over the change in spring", "Europe/Berlin", "2027-03-26 17:00", 2 * h, "2027-03-29 11:00", nil},
		{"Berlin, over the change in autumn", "Europe/Berlin", "2026-10-23 17:00", 2 * h, "2026-10-26 11:00", nil},
		{"New York, over the change in spring", "America/New_York", "2026-03-06 17:00", 2 * h, "2026-03-09 11:00", nil},
		{"New York, over the change in autumn", "America/New_York", "2026-10-30 17:00", 2 * h, "2026-11-02 11:00", nil},
		{"Cairo, the clock changes on a workday", "Africa/Cairo", "2026-04-23 17:00", 2 * h, "2026-04-24 11:00", nil},
		{"Beirut, a workday's midnight is skipped", "Asia/Beirut", "2026-03-27 17:00", 2 * h, "2026-03-30 11:00", nil},
		{"back within a day", "UTC", "2026-11-25 15:00", -4 * h, "2026-11-25 11:00", nil},
		{"back to the opening", "UTC", "2026-11-25 15:00", -5 * h, "2026-11-25 10:00", nil},
		{"back over a weekend", "UTC", "2026-11-30 11:00", -4 * h, "2026-11-27 15:00", nil},
		{"back from a Sunday", "UTC", "2026-11-29 15:00", -1 * h, "2026-11-27 17:00", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tenToSix(zone(t, tt.zone))
			c.Dates = tt.dates
			// The answer may not depend on the zone in which the moment happens to be written.
			for _, from := range []time.Time{in(t, c.Loc, tt.from), in(t, c.Loc, tt.from).UTC()} {
				got, ok := c.Add(from, tt.d)
				if want := in(t, c.Loc, tt.want); !ok || !got.Equal(want) {
					t.Errorf("Add(%s, %s) = %s, %t, want %s", from, tt.d, got, ok, want)
				}
			}
		})
	}
}

func TestCalendarInsideAChangeOfTheClock(t *testing.T) {
	c := Calendar{Loc: zone(t, "Europe/Berlin"), Days: [7]bool{true, true, true, true, true, true, true}, Hours: Window{0, 24 * 60}}
	for _, tt := range []struct {
		day  string
		want time.Duration
	}{
		{"2026-03-28 00:00", 24 * time.Hour}, {"2026-03-29 00:00", 23 * time.Hour}, {"2026-10-25 00:00", 25 * time.Hour},
	} {
		from := in(t, c.Loc, tt.day)
		if got := c.Between(from, c.Date(from).Add(1).At(0, c.Loc)); got != tt.want {
			t.Errorf("round the clock on %s: %s, want %s", tt.day, got, tt.want)
		}
	}
	c.Hours = Window{2*60 + 15, 2*60 + 45} // swallowed in spring, there twice in autumn
	if got := c.Between(in(t, c.Loc, "2026-03-29 00:00"), in(t, c.Loc, "2026-03-30 00:00")); got != 0 {
		t.Errorf("hours inside the skipped hour: %s, want none", got)
	}
	if got := c.Between(in(t, c.Loc, "2026-10-25 00:00"), in(t, c.Loc, "2026-10-26 00:00")); got != 30*time.Minute {
		t.Errorf("hours inside the doubled hour: %s, want them once", got)
	}
}

func TestCalendarDeadline(t *testing.T) {
	const h = time.Hour
	early := map[Date]Window{{2026, 11, 26}: {9 * 60, 9*60 + 45}}
	for _, tt := range []struct {
		name, from string
		d          time.Duration
		want       string
		dates      map[Date]Window
	}{
		{"late enough", "2026-11-25 09:00", 3 * h, "2026-11-25 12:00", nil},
		{"never before 10:00", "2026-11-24 16:30", 1 * h, "2026-11-25 10:00", nil},
		{"10:00 itself", "2026-11-24 16:00", 2 * h, "2026-11-25 10:00", nil},
		{"four hours on Friday at four", "2026-11-27 16:00", 4 * h, "2026-11-30 12:00", nil},
		{"a day that has closed by ten", "2026-11-25 16:30", 1 * h, "2026-11-27 10:00", early},
		{"the closing minute stays", "2026-11-25 09:00", 8 * h, "2026-11-25 17:00", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCalendar(zone(t, "Europe/Berlin"))
			c.Dates = tt.dates
			got, ok := c.Deadline(in(t, c.Loc, tt.from), tt.d)
			if want := in(t, c.Loc, tt.want); !ok || !got.Equal(want) {
				t.Errorf("Deadline(%s, %s) = %s, %t, want %s", tt.from, tt.d, got, ok, want)
			}
		})
	}
}

func TestCalendarBetween(t *testing.T) {
	c := tenToSix(zone(t, "America/New_York"))
	for _, tt := range []struct {
		a, b string
		want time.Duration
	}{
		{"2026-11-25 15:00", "2026-11-26 17:00", 10 * time.Hour},
		{"2026-11-26 17:00", "2026-11-25 15:00", -10 * time.Hour},
		{"2026-11-27 18:00", "2026-11-30 10:00", 0},
		{"2026-11-28 09:00", "2026-11-29 21:00", 0},
		{"2026-11-25 15:00", "2026-11-25 15:00", 0},
		{"2026-11-25 03:00", "2026-11-25 23:00", 8 * time.Hour},
		{"2016-11-25 10:00", "2026-11-25 10:00", 2608 * 8 * time.Hour}, // ten years of weekdays
	} {
		if got := c.Between(in(t, c.Loc, tt.a), in(t, c.Loc, tt.b)); got != tt.want {
			t.Errorf("Between(%s, %s) = %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestCalendarAddDays(t *testing.T) {
	c := NewCalendar(zone(t, "Europe/Berlin"))
	c.Dates = map[Date]Window{{2026, 12, 25}: {}}
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-25 15:00", 0, "2026-11-25 15:00"},
		{"2026-11-25 15:00", 10, "2026-12-09 15:00"},
		{"2026-11-27 20:00", 1, "2026-11-30 20:00"},
		{"2026-11-28 20:00", 1, "2026-11-30 20:00"},
		{"2026-11-29 20:00", 1, "2026-11-30 20:00"},
		{"2026-12-24 09:00", 1, "2026-12-28 09:00"},
		{"2026-11-30 20:00", -1, "2026-11-27 20:00"},
		{"2026-10-23 12:00", 1, "2026-10-26 12:00"}, // 73 hours later
	} {
		got, ok := c.AddDays(in(t, c.Loc, tt.from), tt.n)
		if want := in(t, c.Loc, tt.want); !ok || !got.Equal(want) {
			t.Errorf("AddDays(%s, %d) = %s, %t, want %s", tt.from, tt.n, got, ok, want)
		}
	}
}

func TestCalendarCutsDaysAndWeeksInItsZone(t *testing.T) {
	for _, tt := range []struct {
		name, zone, at       string // at is UTC
		day, week, next, ago string // UTC
	}{
		{"UTC, a Sunday", "UTC", "2026-11-22 23:59", "2026-11-22 00:00", "2026-11-16 00:00", "2026-11-23 00:00", "2026-08-17 00:00"},
		{"Auckland is a day ahead", "Pacific/Auckland", "2026-11-22 11:30", "2026-11-22 11:00", "2026-11-22 11:00", "2026-11-29 11:00",
			"2026-08-23 12:00"},
		{"New York, week of the change back", "America/New_York", "2026-11-01 18:00", "2026-11-01 04:00", "2026-10-26 04:00", "2026-11-02 05:00",
			"2026-07-27 04:00"},
		{"Beirut, midnight was skipped", "Asia/Beirut", "2026-03-29 12:00", "2026-03-28 22:00", "2026-03-22 22:00", "2026-03-29 21:00",
			"2025-12-21 22:00"},
		{"Havana, midnight was skipped", "America/Havana", "2026-03-08 12:00", "2026-03-08 05:00", "2026-03-02 05:00", "2026-03-09 04:00",
			"2025-12-01 05:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, at := NewCalendar(zone(t, tt.zone)), in(t, time.UTC, tt.at)
			for what, got := range map[string]struct {
				got  time.Time
				want string
			}{
				"StartOfDay": {c.StartOfDay(at), tt.day}, "StartOfWeek": {c.StartOfWeek(at), tt.week},
				"Week 1": {c.Week(at, 1), tt.next}, "Week -13": {c.Week(at, -13), tt.ago},
			} {
				if want := in(t, time.UTC, got.want); !got.got.Equal(want) {
					t.Errorf("%s = %s, want %s", what, got.got.UTC(), want)
				}
			}
		})
	}
}

func TestCalendarThatNeverOpensEnds(t *testing.T) {
	closed := NewCalendar(time.UTC)
	closed.Days = [7]bool{}
	overMidnight := NewCalendar(time.UTC)
	overMidnight.Hours = Window{22 * 60, 6 * 60}
	evening := NewCalendar(time.UTC)
	evening.NoDeadlineBefore = 20 * 60
	for name, c := range map[string]Calendar{"zero": {}, "no workdays": closed, "hours over midnight": overMidnight} {
		for _, d := range []time.Duration{time.Hour, -time.Hour} {
			if at, ok := c.Add(time.Unix(0, 0), d); ok {
				t.Errorf("%s: Add = %s, want no answer", name, at)
			}
		}
		if at, ok := c.AddDays(time.Unix(0, 0), 1); ok && name != "hours over midnight" {
			t.Errorf("%s: AddDays = %s, want no answer", name, at)
		}
		if c.Validate() == nil {
			t.Errorf("%s: passes Validate", name)
		}
	}
	if at, ok := evening.Deadline(time.Unix(0, 0), time.Hour); ok {
		t.Errorf("no deadline before 20:00, closed at 17:00: Deadline = %s, want no answer", at)
	}
	if at, ok := NewCalendar(time.UTC).Add(time.Unix(0, 0), 1<<62); ok {
		t.Errorf("Add of 146 years = %s, want no answer", at)
	}
}

func TestCalendarValidate(t *testing.T) {
	if err := NewCalendar(nil).Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for _, tt := range []struct {
		name, want string
		change     func(*Calendar)
	}{
		{"no hours", "begin before they end", func(c *Calendar) { c.Hours = Window{} }},
		{"over midnight", "hours 22:00-06:00 must begin", func(c *Calendar) { c.Hours = Window{22 * 60, 6 * 60} }},
		{"a day of 25 hours", "must begin before they end, on the same day", func(c *Calendar) { c.Hours = Window{0, 25 * 60} }},
		{"negative", "must begin", func(c *Calendar) { c.Hours = Window{-60, 60} }},
		{"no workday", "the week has no workday", func(c *Calendar) { c.Days = [7]bool{} }},
		{"half day of no length", "2026-12-31: hours 10:00-10:00 must",
			func(c *Calendar) { c.Dates = map[Date]Window{{2026, 12, 31}: {600, 600}} }},
		{"deadlines at night only", "leaves no deadline at all in hours 09:00-17:00", func(c *Calendar) { c.NoDeadlineBefore = 17 * 60 }},
	} {
		c := NewCalendar(time.UTC)
		tt.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want ...%s...", tt.name, err, tt.want)
		}
	}
}

func TestParseWindow(t *testing.T) {
	for s, want := range map[string]Window{
		"09:00-17:00": {540, 1020}, "9:00-17:30": {540, 1050}, "00:00 - 24:00": {0, 1440},
	} {
		if got, err := ParseWindow(s); err != nil || got != want {
			t.Errorf("ParseWindow(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "9-17", "17:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-10:00", "-1:00-10:00", "09:00-17:00-18:00",
		"+9:00-17:00", "09:0-17:00", "999:00-17:00"} {
		if got, err := ParseWindow(s); err == nil {
			t.Errorf("ParseWindow(%q) = %v, want a refusal", s, got)
		}
	}
}

// Laws that hold for every calendar, zone and moment.
func TestCalendarLaws(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Africa/Casablanca", "America/Asuncion", "Asia/Tehran"}
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	moment := func() time.Time { return start.Add(time.Duration(rnd.Int64N(int64(20 * 365 * 24 * time.Hour)))) }
	for range 2000 {
		from := rnd.IntN(23 * 60)
		c := Calendar{Loc: zone(t, zones[rnd.IntN(len(zones))]), Hours: Window{from, from + 60 + rnd.IntN(23*60-from)}, Dates: map[Date]Window{}}
		c.NoDeadlineBefore = rnd.IntN(c.Hours.To)
		c.Days[rnd.IntN(7)], c.Days[rnd.IntN(7)], c.Days[rnd.IntN(7)] = true, true, true
		a, d, e := moment(), time.Duration(rnd.Int64N(int64(60*time.Hour))), time.Duration(rnd.Int64N(int64(60*time.Hour)))
		for range rnd.IntN(6) { // closed and odd days just where it matters
			w := Window{}
			if rnd.IntN(2) == 0 {
				w.From = rnd.IntN(20 * 60)
				w.To = w.From + 1 + rnd.IntN(4*60)
			}
			c.Dates[c.Date(a).Add(rnd.IntN(14)-7)] = w
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		what := func(law string) string {
			return law + " in " + c.Loc.String() + " from " + a.String() + " + " + d.String() + ", hours " + c.Hours.String()
		}

		at, ok := c.Add(a, d)
		if !ok {
			t.Fatal(what("Add has an answer"))
		}
		if got := c.Between(a, at); got != d {
			t.Fatalf("%s: Between(t, Add(t, d)) = %s, want d", what("inverse"), got)
		}
		if back, ok := c.Add(at, -d); !ok || c.Between(back, at) != d {
			t.Fatalf("%s: Add(%s, -d) = %s, %t", what("back"), at, back, ok)
		}
		if at.Before(a) {
			t.Fatalf("%s: Add went back to %s", what("forward"), at)
		}
		if later, ok := c.Add(a, d+e); !ok || later.Before(at) {
			t.Fatalf("%s: %s more ends at %s, before %s", what("monotone in d"), e, later, at)
		}
		if b, _ := c.Add(a.Add(e), d); b.Before(at) {
			t.Fatalf("%s: begun %s later it ends at %s, before %s", what("monotone in t"), e, b, at)
		}
		if twice, _ := c.Add(at, e); e > 0 {
			if once, _ := c.Add(a, d+e); !once.Equal(twice) {
				t.Fatalf("%s: in two steps %s, in one %s", what("additive"), twice, once)
			}
		}
		b, m := a.AddDate(0, 0, rnd.IntN(400)-200), a.AddDate(0, 0, rnd.IntN(400)-200)
		if got, want := c.Between(a, m)+c.Between(m, b), c.Between(a, b); got != want {
			t.Fatalf("%s: Between by way of %s = %s, straight = %s", what("additive"), m, got, want)
		}
		dl, ok := c.Deadline(a, d)
		if clock := Face(dl); !ok || dl.Before(at) || clock.Hour()*60+clock.Minute() < c.NoDeadlineBefore {
			t.Fatalf("%s: Deadline %s, %t, Add %s, no deadline before %d", what("deadline"), dl, ok, at, c.NoDeadlineBefore)
		}
		if day, next := c.StartOfDay(a), c.StartOfWeek(a); day.After(a) || next.After(day) || c.Date(day) != c.Date(a) ||
			c.Date(next).Weekday() != time.Monday || !c.Week(a, 1).After(a) {
			t.Fatalf("%s: day %s, week %s", what("cut"), day, next)
		}
	}
}

func BenchmarkCalendarAdd(b *testing.B) {
	c, t := NewCalendar(zone(b, "Europe/Berlin")), time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Add(t, 16*time.Hour)
	}
}

func BenchmarkCalendarBetweenAMonth(b *testing.B) {
	c, t := NewCalendar(zone(b, "Europe/Berlin")), time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Between(t, t.Add(30*24*time.Hour))
	}
}

func TestTheEndOfAQuarter(t *testing.T) {
	for day, want := range map[Date]bool{{Year: 2026, Month: 3, Day: 17}: false, {Year: 2026, Month: 3, Day: 18}: true,
		{Year: 2026, Month: 3, Day: 31}: true, {Year: 2026, Month: 4, Day: 1}: false,
		{Year: 2026, Month: 6, Day: 16}: false, {Year: 2026, Month: 6, Day: 17}: true, {Year: 2026, Month: 12, Day: 17}: false,
		{Year: 2026, Month: 12, Day: 18}: true, {Year: 2026, Month: 12, Day: 31}: true,
		{Year: 2028, Month: 2, Day: 29}: false, {Year: 2027, Month: 1, Day: 1}: false} {
		if got := day.EndsQuarter(); got != want {
			t.Errorf("%s is in the last two weeks of its quarter: %v, want %v", day, got, want)
		}
	}
	for day, want := range map[Date]string{{Year: 2026, Month: 1, Day: 31}: "2026-01-01", {Year: 2026, Month: 11, Day: 30}: "2026-10-01",
		{Year: 2026, Month: 6, Day: 1}: "2026-04-01"} {
		if got := day.Quarter().String(); got != want {
			t.Errorf("the quarter of %s begins on %s, want %s", day, got, want)
		}
	}
}
