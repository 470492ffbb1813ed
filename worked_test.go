package truce

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The deadline is the end of the third business day after the day of the hand-off, whatever the time of day and the clocks do.
func TestWorkedBy(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	holidays := NewCalendar(berlin)
	holidays.Dates = map[Date]Window{{2026, 4, 3}: {}, {2026, 4, 6}: {}} // Good Friday and Easter Monday
	for _, tt := range []struct {
		name         string
		calendar     Calendar
		handed, want string
	}{
		{"a Monday has until Thursday", NewCalendar(berlin), "2026-05-18 00:00", "2026-05-22 00:00"},
		{"whatever the hour", NewCalendar(berlin), "2026-05-18 23:59", "2026-05-22 00:00"},
		{"a Thursday has until Tuesday", NewCalendar(berlin), "2026-05-21 10:00", "2026-05-27 00:00"},
		{"a Saturday and a Sunday until Wednesday", NewCalendar(berlin), "2026-05-17 12:00", "2026-05-21 00:00"},
		{"over holidays", holidays, "2026-04-02 10:00", "2026-04-10 00:00"},
		{"over the change to summer time", NewCalendar(berlin), "2026-03-27 02:30", "2026-04-02 00:00"},
		{"over the change to winter time", NewCalendar(berlin), "2026-10-23 02:30", "2026-10-29 00:00"},
	} {
		got, ok := tt.calendar.WorkedBy(in(t, berlin, tt.handed))
		if want := in(t, berlin, tt.want); !ok || !got.Equal(want) {
			t.Errorf("%s: %s until %s, want %s", tt.name, tt.handed, got, want)
		}
	}
	if at, ok := (Calendar{}).WorkedBy(in(t, berlin, "2026-05-18 10:00")); ok {
		t.Errorf("a calendar that is never open has a deadline, %s", at)
	}
	if at, ok := (Calendar{}).WorkDueBefore(in(t, berlin, "2026-05-18 10:00")); ok {
		t.Errorf("a calendar that is never open has leads due, handed off before %s", at)
	}
}

// Handed off before WorkDueBefore means exactly that the deadline has come.
func TestWorkDueBeforeTurnsTheDeadlineRound(t *testing.T) {
	r := rand.New(rand.NewPCG(95, 24))
	for range 3000 {
		c := NewCalendar(zone(t, []string{"UTC", "America/New_York", "Africa/Cairo", "America/Santiago"}[r.IntN(4)]))
		c.Dates = map[Date]Window{}
		day := Date{2026, 1, 1}.Add(r.IntN(365))
		for range r.IntN(8) {
			c.Dates[day.Add(r.IntN(20)-10)] = Window{}
		}
		if r.IntN(2) == 0 {
			c.Dates[day.Add(r.IntN(14)-7)] = Window{9 * 60, 13 * 60} // perhaps a Saturday that is worked
		}
		handed := day.At(r.IntN(24*60), c.Loc).Add(time.Duration(r.IntN(60_000)) * time.Millisecond)
		deadline, ok := c.WorkedBy(handed)
		if !ok {
			t.Fatalf("no deadline for %s", handed)
		}
		for _, at := range []time.Time{deadline, deadline.Add(-time.Millisecond), deadline.Add(time.Duration(r.IntN(400)-200) * time.Hour)} {
			before, ok := c.WorkDueBefore(at)
			if got := ok && handed.Before(before); got != !deadline.After(at) {
				t.Fatalf("handed off %s, deadline %s: due at %s is %v (before %s)", handed, deadline, at, got, before)
			}
		}
		if early := deadline.Sub(handed); early < 71*time.Hour {
			t.Fatalf("handed off %s, deadline %s: after %s", handed, deadline, early)
		}
	}
}
