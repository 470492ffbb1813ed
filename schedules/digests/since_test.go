package digests_test

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// A company in which nothing has changed does not look faster since Truce: deals count by their close, not by when their lead came.
func TestSinceTruceAFlatCompanyIsNoFaster(t *testing.T) {
	for _, known := range []int{700, 300} { // days of leads; with 300 only fast wins of the year before could name one
		t.Run(fmt.Sprint(known), func(t *testing.T) { sinceTruceNoFaster(t, known) })
	}
}

func sinceTruceNoFaster(t *testing.T, known int) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := openStore(t, func() time.Time { return now })
	write(t, s, func(tx *storage.Tx) error {
		if err := tx.SetMeta("installed_at", "2026-08-24T09:00:00Z"); err != nil { // 13 weeks ago
			return err
		}
		for day := range known { // a lead a day; every third is won after 40, 120 or 200 days, every third lost after 60
			at := now.AddDate(0, 0, -known+day)
			l := truce.Lead{ID: fmt.Sprint("L", day), MQLAt: at, Source: "Webinar", Company: fmt.Sprint("Lab ", day)}
			o := truce.Outcome{Status: truce.Won, At: at.AddDate(0, 0, 40)}
			switch {
			case day%3 == 1:
				o.Status, o.At = truce.Lost, at.AddDate(0, 0, 60)
			case day%3 == 2:
				o = truce.Outcome{Status: truce.Accepted, At: at.AddDate(0, 0, 1)}
			default:
				o.At = at.AddDate(0, 0, 40+80*(day/3%3))
			}
			if o.At.After(now) {
				o = truce.Outcome{Status: truce.Accepted, At: at}
			}
			if err := addLead(tx, l, o); err != nil {
				return err
			}
		}
		return nil
	})
	d := maker()
	for _, job := range d.Jobs(s, digests.Timetable{}, slog.New(slog.DiscardHandler)) {
		if job.Name == "digest.monthly" {
			if err := job.Run(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(t, s, func(tx *storage.Tx) error {
		card, err := d.Card(tx, digests.Query{Kind: digests.MonthlyDigest, AsOf: now}, false)
		if err != nil {
			return err
		}
		text := chat.PlainText(card, 120)
		for _, name := range []string{"Median days to win, deals by their close", "Win rate, deals by their close"} {
			var line []string
			for l := range strings.Lines(text) {
				if strings.HasPrefix(l, name) {
					line = strings.Fields(strings.TrimPrefix(l, name))
				}
			}
			if len(line) < 4 || strings.Contains(strings.Join(line, " "), "not measured") && known == 700 {
				t.Fatalf("%s is not measured:\n%s", name, text)
			}
		}
		var daysThen, daysNow int
		for l := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(l, "Median days to win, deals by their close"); ok {
				days := regexp.MustCompile(`(\d+) \(\d+ won with a lead\)`).FindAllStringSubmatch(rest, -1)
				if known == 300 && strings.HasPrefix(strings.TrimSpace(rest), "not measured") {
					return nil
				}
				if len(days) != 2 {
					t.Fatalf("the line reads %q", l)
				}
				daysThen, daysNow = number(days[0][1]), number(days[1][1])
			}
		}
		if daysThen < 40 || daysThen > 200 || daysNow != daysThen { // a third of them takes 40 days, a third 120, a third 200
			t.Errorf("days to win were %d and are %d in a company that has not changed", daysThen, daysNow)
		}
		for _, word := range []string{"because of", "thanks to", "due to"} {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("the sponsor's month says %q:\n%s", word, text)
			}
		}
		return nil
	})
}
