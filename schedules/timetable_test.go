package schedules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"truce"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func spec(t testing.TB, line string, loc *time.Location) Spec {
	t.Helper()
	s, err := Parse(line, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const stamp = "Mon 2006-01-02 15:04 MST"

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		name, zone, line string
		after            string // RFC 3339
		want             []string
	}{
		{"Mondays at nine", "Europe/Berlin", "0 9 * * 1", "2026-10-16T12:00:00Z",
			[]string{"Mon 2026-10-19 09:00 CEST", "Mon 2026-10-26 09:00 CET", "Mon 2026-11-02 09:00 CET"}},
		{"not the moment itself", "UTC", "0 9 * * 1", "2026-11-23T09:00:00Z", []string{"Mon 2026-11-30 09:00 UTC"}},
		{"a nanosecond before it", "UTC", "0 9 * * 1", "2026-11-23T08:59:59.999999999Z", []string{"Mon 2026-11-23 09:00 UTC"}},
		{"02:30 that Berlin skips runs at the change", "Europe/Berlin", "30 2 * * *", "2026-03-28T00:00:00Z",
			[]string{"Sat 2026-03-28 02:30 CET", "Sun 2026-03-29 03:00 CEST", "Mon 2026-03-30 02:30 CEST"}},
		{"02:30 that Berlin has twice runs once", "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z",
			[]string{"Sun 2026-10-25 02:30 CEST", "Mon 2026-10-26 02:30 CET"}},
		{"asked between the two", "Europe/Berlin", "30 2 * * *", "2026-10-25T00:45:00Z", []string{"Mon 2026-10-26 02:30 CET"}},
		{"01:30 that New York has twice", "America/New_York", "30 1 * * *", "2026-11-01T00:00:00Z",
			[]string{"Sun 2026-11-01 01:30 EDT", "Mon 2026-11-02 01:30 EST"}},
		{"the weekly Sunday job skips no week", "America/New_York", "30 2 * * 0", "2026-03-02T00:00:00Z",
			[]string{"Sun 2026-03-08 03:00 EDT", "Sun 2026-03-15 02:30 EDT"}},
		{"midnight that Beirut skips", "Asia/Beirut", "0 0 * * *", "2026-03-28T12:00:00Z",
			[]string{"Sun 2026-03-29 01:00 EEST", "Mon 2026-03-30 00:00 EEST"}},
		{"half an hour on Lord Howe", "Australia/Lord_Howe", "0 2 * * *", "2026-04-04T00:00:00Z",
			[]string{"Sun 2026-04-05 02:00 +1030", "Mon 2026-04-06 02:00 +1030"}},
		{"hourly, spring: nothing skipped or doubled", "Europe/Berlin", "0 * * * *", "2026-03-29T00:00:00Z",
			[]string{"Sun 2026-03-29 03:00 CEST", "Sun 2026-03-29 04:00 CEST"}},
		{"29 February", "UTC", "0 9 29 2 *", "2096-03-01T00:00:00Z", []string{"Fri 2104-02-29 09:00 UTC"}},
		{"29 February or the weekend: a step counts as given", "UTC", "0 9 29 2 */6", "2032-02-28T12:00:00Z",
			[]string{"Sun 2032-02-29 09:00 UTC", "Sat 2033-02-05 09:00 UTC"}},
		{"day of the month or weekday", "UTC", "0 9 1 * 1", "2026-11-24T00:00:00Z",
			[]string{"Mon 2026-11-30 09:00 UTC", "Tue 2026-12-01 09:00 UTC", "Mon 2026-12-07 09:00 UTC"}},
		{"@weekly", "UTC", "@weekly", "2026-11-24T00:00:00Z", []string{"Sun 2026-11-29 00:00 UTC"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339Nano, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			s := spec(t, tt.line, zone(t, tt.zone))
			for _, want := range tt.want {
				at = s.Next(at)
				if got := at.Format(stamp); got != want {
					t.Fatalf("Next = %s, want %s", got, want)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                          "not a cron line",
		"every monday":              "not a cron line",
		"0 9 * *":                   "not a cron line",
		"0 0 9 * * 1":               "not a cron line",
		"0 9 * * 7":                 "Sunday is 0",
		"0 9 * * 1 # Mondays":       "not a cron line",
		"61 9 * * 1":                "not a cron line",
		"0 9 30 2 *":                "never comes",
		"0 9 31 4,6 *":              "never comes",
		"*/70 * * * *":              "step /70 is more than",
		"@every 1h":                 "@every is not supported",
		" @every 500ms":             "@every is not supported",
		"@reboot":                   "not a cron line",
		"TZ=UTC 0 9 * * 1":          "time zone does not belong here",
		"CRON_TZ=Europe/Berlin":     "time zone does not belong here",
		"CRON_TZ=Local @every 1h":   "time zone does not belong here",
		strings.Repeat("1,", 200):   "longer than",
		"0 9 * * 1\n0 10 * * 1":     "not a cron line",
		"*/0 * * * *":               "not a cron line",
		"0 9 * * 99999999999999999": "not a cron line",
	} {
		if s, err := Parse(line, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v, want ...%s...", line, s, err, want)
		}
	}
}

// The definition, found in another way: a local time is due at the first moment at which the place's clocks show it or
// more. So every local day has each time exactly once, skipped ones at the change, doubled ones at their first showing.
func TestNextAgreesWithTheDefinition(t *testing.T) {
	const quarter = 15 * time.Minute // every offset and change below is a multiple of it
	lines := []string{"*/15 * * * *", "0 * * * *", "45 * * * *", "30 2 * * 0", "0 0 1 * *", "0 9 * * 1", "0 0,12 * * 1-5", "@daily"}
	for h := range 24 {
		for m := 0; m < 60; m += 15 {
			lines = append(lines, fmt.Sprintf("%d %d * * *", m, h))
		}
	}
	for name, from := range map[string]int{
		"UTC": 2024, "Europe/Berlin": 2024, "America/New_York": 2024, "Africa/Cairo": 2023, "Asia/Beirut": 2024, "America/Havana": 2024,
		"America/Sao_Paulo": 2016, "Australia/Lord_Howe": 2024, "Asia/Kathmandu": 2024, "Pacific/Chatham": 2024, "Asia/Tehran": 2020,
		"Pacific/Apia": 2010, "America/Asuncion": 2022, "Africa/Casablanca": 2024, "America/St_Johns": 2009, "Atlantic/Azores": 2024,
		"Asia/Pyongyang": 2014,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			start, end := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(from+3, 1, 1, 0, 0, 0, 0, time.UTC)
			due := map[time.Time]time.Time{} // clock face -> the first moment that shows it or more
			shown := truce.Face(start.In(loc))
			changes := []time.Time{start.AddDate(0, 0, 10)}
			for u := start; u.Before(end); u = u.Add(quarter) {
				if _, until := u.In(loc).ZoneBounds(); until.Equal(u.Add(quarter)) {
					changes = append(changes, until)
				}
				for f := truce.Face(u.In(loc)); !shown.After(f); shown = shown.Add(quarter) {
					due[shown] = u
				}
			}
			for _, line := range lines {
				s := spec(t, line, loc)
				for _, change := range changes {
					a, b := change.Add(-50*time.Hour), change.Add(50*time.Hour)
					if a.Before(start.Add(24*time.Hour)) || b.After(end.Add(-24*time.Hour)) {
						continue
					}
					var want, got []time.Time
					for f := s.face.Next(truce.Face(a.In(loc)).Add(-48 * time.Hour)); f.Before(truce.Face(b.In(loc)).Add(48 * time.Hour)); f = s.face.Next(f) {
						if at := due[f]; at.After(a) && !at.After(b) && (len(want) == 0 || !at.Equal(want[len(want)-1])) {
							want = append(want, at)
						}
					}
					for at := s.Next(a); !at.After(b); at = s.Next(at) {
						got = append(got, at.UTC())
					}
					if !slices.Equal(got, want) {
						t.Fatalf("%q around %s:\ngot  %v\nwant %v", line, change.In(loc), got, want)
					}
				}
			}
		})
	}
}

func TestDue(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, berlin) // a Tuesday
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, berlin)
	week := func(n int) time.Time { return monday.AddDate(0, 0, 7*n) }
	for _, tt := range []struct {
		name string
		last time.Time
		now  time.Time
		n    int
		want []time.Time
	}{
		{"nothing missed", monday, now, 3, nil},
		{"up to now", week(-1), monday, 3, []time.Time{monday}},
		{"last time is not due again", monday, monday, 3, nil},
		{"one", week(-1), now, 3, []time.Time{monday}},
		{"down for weeks: the newest, in order", week(-10), now, 3, []time.Time{week(-2), week(-1), monday}},
		{"never ran", time.Time{}, now, 1, []time.Time{monday}},
		{"none wanted", week(-10), now, 0, nil},
		{"the clock was put back", now.Add(time.Hour), now, 3, nil},
	} {
		if got := spec(t, "0 9 * * 1", berlin).Due(tt.last, tt.now, tt.n); !slices.EqualFunc(got, tt.want, time.Time.Equal) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := (Spec{}).Due(time.Time{}, now, 3); got != nil || !(Spec{}).Next(now).IsZero() {
		t.Errorf("switched off, yet due: %v", got)
	}
}

// Catching up costs what it brings, not what was missed: the minutes of nine years take 33 s one by one.
func TestDueIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for line, most := range map[string]int{"* * * * *": 5, "0 9 29 2 *": 5, "* * 1 1 *": 5} {
		s, began := spec(t, line, time.UTC), time.Now()
		got := s.Due(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), now, most)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%q: catching up took %s", line, took)
		}
		if len(got) != most || !slices.IsSortedFunc(got, time.Time.Compare) || s.Next(got[most-1]).Before(now) {
			t.Errorf("%q: %v, want the %d newest before %s", line, got, most, now)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"0 9 * * 1", "*/15 8-18 1,15 * mon-fri", "@monthly", "@every 1h", "CRON_TZ=Europe/Berlin", "TZ=",
		"0 9 30 2 *", "? ? ? ? ?", "* * 29 2 6/1"} {
		f.Add(line)
	}
	loc := zone(f, "America/New_York")
	f.Fuzz(func(t *testing.T, line string) {
		s, err := Parse(line, loc)
		if err != nil {
			return
		}
		at := time.Date(2026, 3, 8, 0, 0, 0, 0, loc)
		for range 3 {
			next := s.Next(at)
			if !next.After(at) {
				t.Fatalf("%q: after %s comes %s", line, at, next)
			}
			at = next
		}
	})
}
