package crm

import (
	"testing"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
)

func TestMoment(t *testing.T) {
	want := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{"1772359200000", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000+0100",
		"2026-03-01T11:00:00+01:00", " 2026-03-01T10:00:00 "} {
		if got, err := Moment(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	if got, err := Moment("2026-03-01"); err != nil || !got.Equal(want.Add(-10*time.Hour)) {
		t.Errorf("a day: %s, %v", got, err)
	}
	if got, err := Moment(""); err != nil || !got.IsZero() {
		t.Errorf("nothing: %s, %v", got, err)
	}
	if _, err := Moment("soon"); err == nil {
		t.Error("soon is no date")
	}
}

// TestVerdicts: the last time that a lead became a status counts; back to new takes back what was said.
func TestVerdicts(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	s, err := NewStatuses(map[string]truce.Status{"new": Nothing, "working": truce.Accepted, "bad": truce.Rejected},
		[]sheet.Pair{{Key: "status:On hold", Value: "recycled"}, {Key: "Bad", Value: "open"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		history []Entry
		want    map[truce.Status]time.Time
	}{
		{[]Entry{{day(2), "working"}, {day(1), "new"}}, map[truce.Status]time.Time{truce.Accepted: day(2)}},
		{[]Entry{{day(1), "working"}, {day(2), "on_hold"}, {day(3), "Working"}},
			map[truce.Status]time.Time{truce.Recycled: day(2), truce.Accepted: day(3)}},
		{[]Entry{{day(1), "working"}, {day(2), "working"}}, map[truce.Status]time.Time{truce.Accepted: day(1)}},
		{[]Entry{{day(1), "working"}, {day(2), "new"}}, map[truce.Status]time.Time{}},
		{[]Entry{{day(1), "working"}, {day(2), ""}}, map[truce.Status]time.Time{}},
		{[]Entry{{day(1), "working"}, {day(2), "bad"}, {day(3), "on hold"}}, map[truce.Status]time.Time{truce.Recycled: day(3)}},
		{[]Entry{{day(1), "working"}, {day(2), "nobody said"}}, map[truce.Status]time.Time{truce.Accepted: day(1)}},
	} {
		got := s.Verdicts(c.history)
		if len(got) != len(c.want) {
			t.Errorf("%v: %v", c.history, got)
		}
		for status, at := range c.want {
			if !got[status].Equal(at) {
				t.Errorf("%v: %v", c.history, got)
			}
		}
	}
	if _, err := NewStatuses(nil, []sheet.Pair{{Key: "x", Value: "someday"}}); err == nil {
		t.Error("someday is no status")
	}
}

// FuzzMoment: whatever a CRM writes, it is a moment or a fault, and a moment is read again as the same one.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"1772359200000", "2026-03-01T10:00:00.5Z", "2026-03-01", "x", "-1", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := Moment(text)
		if err != nil || at.IsZero() || at.Year() < 1 || at.Year() > 9999 {
			return
		}
		if again, err := Moment(at.Format(time.RFC3339Nano)); err != nil || !again.Equal(at) {
			t.Errorf("%q: %s, then %s, %v", text, at, again, err)
		}
	})
}
