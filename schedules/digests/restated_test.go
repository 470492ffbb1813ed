package digests_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestAnySentDigestIsRestatedOnce: what comes late for a week five weeks ago is said in the next digest, in counts and money, and
// not again.
func TestAnySentDigestIsRestatedOnce(t *testing.T) {
	now := monday.AddDate(0, 0, -6*7)
	s := openStore(t, func() time.Time { return now })
	lead := func(id string, at time.Time) {
		write(t, s, func(tx *storage.Tx) error {
			_, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at, Source: "Webinar"})
			return err
		})
	}
	win := func(id string, at time.Time, cents int64) {
		write(t, s, func(tx *storage.Tx) error {
			_, err := tx.AddOutcome(truce.Outcome{LeadID: id, DealID: "d" + id, Status: truce.Won, At: at, Origin: truce.FromImport, HasAmount: true,
				Amount: truce.Money{Amount: cents, Currency: "EUR"}})
			return err
		})
	}
	send := func() (id, text string) {
		t.Helper()
		for _, job := range maker().Jobs(s, digests.Timetable{}, slog.New(slog.DiscardHandler)) {
			if job.Name == "digest.leads" {
				if err := job.Run(t.Context(), now); err != nil {
					t.Fatal(err)
				}
			}
		}
		read(t, s, func(tx *storage.Tx) error {
			g, err := tx.LastDigest(digests.LeadsDigest)
			if err != nil {
				return err
			}
			var c chat.Card
			id = g.ID
			if err := json.Unmarshal(g.Card, &c); err != nil {
				return err
			}
			text = chat.PlainText(c, 10000)
			return nil
		})
		return id, text
	}
	var first string
	for week := range 6 {
		for i := range 3 {
			lead(fmt.Sprint(week, "-", i), now.AddDate(0, 0, -3))
		}
		win(fmt.Sprint(week, "-0"), now.AddDate(0, 0, -2), 100_000_49)
		id, text := send()
		if strings.Contains(text, "restated") {
			t.Errorf("week %d: nothing came late, and yet:\n%s", week, text)
		}
		if first == "" {
			first = id
		}
		now = now.AddDate(0, 0, 7)
	}
	old := now.AddDate(0, 0, -6*7) // the first digest's moment
	lead("late", old.AddDate(0, 0, -4))
	win("late", old.AddDate(0, 0, -1), 50_000_00)
	win("0-0", old.AddDate(0, 0, -2), 100_000_20) // less than what is shown
	_, text := send()
	want := first + " (5 to 11 Oct 2026) restated: leads 3 to 4, accepted 1 to 2, won 1 to 2, deals 1 to 2, money 100,000 EUR to 150,000 EUR."
	if !strings.Contains(text, want) || strings.Count(text, "restated") != 1 {
		t.Errorf("the digest does not say %q:\n%s", want, text)
	}
	now = now.AddDate(0, 0, 7)
	lead("new", now.AddDate(0, 0, -3))
	if _, text = send(); strings.Contains(text, "restated") {
		t.Errorf("it was restated before:\n%s", text)
	}
	win("1-1", old.AddDate(0, 0, 5), 1_00) // a week later: the second digest
	now = now.AddDate(0, 0, 7)
	lead("newer", now.AddDate(0, 0, -3))
	if _, text = send(); strings.Count(text, "restated") != 1 || !strings.Contains(text, "money 100,000 EUR to 100,001 EUR") {
		t.Errorf("one more deal of 1 EUR came late:\n%s", text)
	}
}
