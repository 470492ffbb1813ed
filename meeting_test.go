package truce_test

import (
	"strings"
	"testing"
	"time"

	"truce"
)

// TestMeetingsAreCutByTheCalendar: the clock on the wall decides, a closed day moves a meeting on, and one that would run into the
// next does not take place.
func TestMeetingsAreCutByTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cal := truce.NewCalendar(berlin)
	closed := func(days ...truce.Date) truce.Calendar {
		c := cal
		c.Dates = map[truce.Date]truce.Window{}
		for _, d := range days {
			c.Dates[d] = truce.Window{}
		}
		return c
	}
	thursday := truce.MeetingSeries{Name: "Task force", Day: time.Thursday, Minutes: 10 * 60}
	monthly := truce.MeetingSeries{Name: "Task force", Monthly: true, Week: truce.LastWeek, Day: time.Thursday, Minutes: 14*60 + 30}
	second := truce.MeetingSeries{Name: "Task force", Monthly: true, Week: 2, Day: time.Tuesday, Minutes: 9 * 60}
	week := func() (days []truce.Date) {
		for d := 24; d <= 31; d++ {
			days = append(days, truce.Date{Year: 2026, Month: time.December, Day: d})
		}
		return days
	}
	for name, c := range map[string]struct {
		series truce.MeetingSeries
		cal    truce.Calendar
		after  string
		want   []string
	}{
		"weekly over the spring change": {thursday, cal, "2026-03-20T12:00:00+01:00",
			[]string{"2026-03-26T10:00:00+01:00", "2026-04-02T10:00:00+02:00"}},
		"weekly over the autumn change": {thursday, cal, "2026-10-19T12:00:00+02:00",
			[]string{"2026-10-22T10:00:00+02:00", "2026-10-29T10:00:00+01:00"}},
		"the one that begins now is over": {thursday, cal, "2026-03-26T10:00:00+01:00", []string{"2026-04-02T10:00:00+02:00"}},
		"a holiday moves it to the next day": {thursday, closed(truce.Date{Year: 2026, Month: time.May, Day: 14}), "2026-05-11T08:00:00+02:00",
			[]string{"2026-05-15T10:00:00+02:00", "2026-05-21T10:00:00+02:00"}},
		"on the holiday itself it still comes": {thursday, closed(truce.Date{Year: 2026, Month: time.May, Day: 14}), "2026-05-14T12:00:00+02:00",
			[]string{"2026-05-15T10:00:00+02:00"}},
		"a closed week leaves one out": {thursday, closed(week()...), "2026-12-20T08:00:00+01:00",
			[]string{"2027-01-01T10:00:00+01:00", "2027-01-07T10:00:00+01:00"}},
		"the last of a month": {monthly, cal, "2026-10-01T08:00:00+02:00",
			[]string{"2026-10-29T14:30:00+01:00", "2026-11-26T14:30:00+01:00", "2026-12-31T14:30:00+01:00"}},
		"the second of a month": {second, cal, "2026-02-10T09:00:00+01:00", []string{"2026-03-10T09:00:00+01:00", "2026-04-14T09:00:00+02:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				var ok bool
				if at, ok = c.series.Next(c.cal, at); !ok || at.In(berlin).Format(time.RFC3339) != want {
					t.Fatalf("next is %s (%v), want %s", at.In(berlin).Format(time.RFC3339), ok, want)
				}
			}
		})
	}
}

func matter(wants truce.Section, kind, ref string) truce.Matter {
	return truce.Matter{AgendaItem: truce.AgendaItem{Kind: kind, Ref: ref, Title: ref, Why: "It is new."}, Wants: wants}
}

func refs(list []truce.AgendaItem) (s string) {
	for _, i := range list {
		s += " " + i.Ref
	}
	return strings.TrimSpace(s)
}

// TestAgendas: three to decide, four to discuss, the rest to read; what was not discussed comes first once, then asks to be dropped.
func TestAgendas(t *testing.T) {
	first := time.Date(2026, 11, 5, 10, 0, 0, 0, time.UTC)
	d1, d2 := matter(truce.ToDecide, "dispute", "D-1"), matter(truce.ToDecide, "dispute", "D-2")
	d2.Due = first
	var a truce.Agenda
	a.Arrange([]truce.Matter{d1, matter(truce.ToDecide, "rule", "R-1"), matter(truce.ToDecide, "answer", "ffpe"), d2,
		matter(truce.ToDiscuss, "rising", "a"), matter(truce.ToDiscuss, "stuck", "b"), matter(truce.ToDiscuss, "added", "I-1"),
		matter(truce.ToDiscuss, "promise", "c"),
		matter(truce.ToDiscuss, "competitor", "x"), matter(truce.ToRead, "engagement", "")}, nil)
	if got := refs(a.Decide); got != "D-2 D-1 R-1" {
		t.Errorf("to decide: %s", got)
	}
	if got := refs(a.Discuss); got != "I-1 c a b" {
		t.Errorf("to discuss: %s", got)
	}
	if got := refs(a.Read); got != "ffpe x" || !strings.Contains(a.Read[0].Why, "No room to decide it this time.") {
		t.Errorf("to read: %q %+v", got, a.Read)
	}
	last := a.Items()
	for i := range last {
		switch last[i].Ref {
		case "D-2", "a":
			last[i].Mark = truce.Discussed
		case "D-1":
			last[i].Mark = truce.NextTime
		}
	}
	var next truce.Agenda // D-2 still waits, R-1 does not, D-9 is new and due first
	d9 := matter(truce.ToDecide, "dispute", "D-9")
	d9.Due = first
	next.Arrange([]truce.Matter{d1, d2, d9, matter(truce.ToDiscuss, "rising", "a"), matter(truce.ToDiscuss, "added", "I-1")}, last)
	if got := refs(next.Decide); got != "D-1 D-2 D-9" || next.Decide[0].Carried != 1 {
		t.Errorf("to decide next: %s %+v", got, next.Decide)
	}
	if got := refs(next.Discuss); got != "I-1" || next.Discuss[0].Carried != 1 {
		t.Errorf("to discuss next: %s", got)
	}
	if got := refs(next.Read); got != "a R-1" || next.Read[1].Kind != "settled" {
		t.Errorf("to read next: %s %+v", got, next.Read)
	}
	var third truce.Agenda
	third.Arrange([]truce.Matter{d1, d9, matter(truce.ToDiscuss, "added", "I-1"), matter(truce.ToDiscuss, "added", "I-2")}, next.Items())
	if got := refs(third.Discuss); got != "I-2 I-1" || third.Discuss[1].Carried != 2 || !strings.Contains(third.Discuss[1].Why, "drop it") {
		t.Errorf("what was carried twice comes last and asks to be dropped: %s %+v", got, third.Discuss)
	}
	if got := refs(third.Decide); got != "D-9 D-1" {
		t.Errorf("to decide at last: %s", got)
	}
}

func TestActionsAtTheTop(t *testing.T) {
	today := truce.Date{Year: 2026, Month: time.November, Day: 5}
	var list []truce.MeetingAction
	for i, id := range []string{"X-10", "X-9", "X-1", "X-2", "X-3", "X-4"} {
		list = append(list, truce.MeetingAction{ID: id, Due: today.Add(i - 1)})
	}
	list[2].ClosedAt = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	top, more := truce.Top(list)
	ids := ""
	for _, a := range top {
		ids += a.ID + " " + a.State(today) + ", "
	}
	if ids != "X-2 open, X-3 open, X-4 open, X-9 due, " || more != 1 {
		t.Errorf("at the top: %s and %d more", ids, more)
	}
	if got := list[0].State(today) + " " + list[2].State(today); got != "overdue done" {
		t.Errorf("states: %s", got)
	}
}

func TestICS(t *testing.T) {
	cal := truce.NewCalendar(time.UTC)
	s := truce.MeetingSeries{ID: "TF-1", Name: "Sales, Marketing; " + strings.Repeat("ü", 40), Monthly: true, Week: 1, Day: time.Thursday,
		Minutes: 600}
	asOf := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	got := s.ICS(cal, asOf, []time.Time{time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)})
	if got != s.ICS(cal, asOf, []time.Time{time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)}) {
		t.Error("not the same twice")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("line %q", line)
		}
	}
	for want, n := range map[string]int{"BEGIN:VEVENT\r\n": 11,
		"DTSTART:20260205T100000Z\r\nDTEND:20260205T104500Z\r\nSUMMARY:Sales\\, Marketing\\; ü": 1, "STATUS:CANCELLED": 1,
		"UID:TF-1-2026-02-05@truce": 1} {
		if c := strings.Count(got, want); c != n {
			t.Errorf("%q stands there %d times, want %d:\n%s", want, c, n, got)
		}
	}
}
