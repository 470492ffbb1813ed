package digests_test

import (
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestTheWeeklySummarySaysWhenTheTaskForceMeets looks at a summary before there is a series, with one, and after its next meeting was
// cancelled and one of its actions is overdue.
func TestTheWeeklySummarySaysWhenTheTaskForceMeets(t *testing.T) {
	monday := time.Date(2026, 10, 19, 9, 0, 0, 0, time.UTC)
	now := monday
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := openStore(t, func() time.Time { return now })
	d := maker()
	d.Calendar = truce.NewCalendar(loc)
	says := func() string {
		t.Helper()
		text := ""
		read(t, s, func(tx *storage.Tx) error {
			card, err := d.Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: now}, false)
			text = chat.PlainText(card, 200)
			return err
		})
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "Task force") {
				return strings.TrimSpace(line)
			}
		}
		return ""
	}
	var series truce.MeetingSeries
	write(t, s, func(tx *storage.Tx) error {
		return addLead(tx, truce.Lead{ID: "L", MQLAt: monday.AddDate(0, 0, -7), Source: "Webinar", Company: "Lab"},
			truce.Outcome{Status: truce.Accepted, At: monday.AddDate(0, 0, -6)})
	})
	if got := says(); got != "" {
		t.Errorf("without a series: %q", got)
	}
	write(t, s, func(tx *storage.Tx) (err error) {
		series, err = tx.AddSeries(truce.MeetingSeries{Name: "Task force", Day: time.Thursday, Minutes: 600})
		return err
	})
	now = now.Add(time.Hour)
	if got, want := says(), "Task force meets Thu 22 Oct 10:00; none of its actions is open: /taskforce."; got != want {
		t.Errorf("with a series: %q, want %q", got, want)
	}
	write(t, s, func(tx *storage.Tx) error {
		m, err := tx.MeetingAt(series.ID, time.Date(2026, 10, 22, 8, 0, 0, 0, time.UTC))
		if err != nil {
			return err
		}
		m.CancelledAt, m.Why = now, "a fair"
		if err := tx.SaveMeeting(m); err != nil {
			return err
		}
		for _, due := range []int{19, 30} {
			if _, err := tx.AddMeetingAction(truce.MeetingAction{SeriesID: series.ID, Title: "Call them",
				Due: truce.Date{Year: 2026, Month: time.October, Day: due}}); err != nil {
				return err
			}
		}
		return nil
	})
	now = time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	// The clocks go back on the 25th.
	if got, want := says(), "Task force meets Thu 29 Oct 10:00; 2 actions open, 1 overdue: /taskforce."; got != want {
		t.Errorf("after a cancelled meeting: %q, want %q", got, want)
	}
}
