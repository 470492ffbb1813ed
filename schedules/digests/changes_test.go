package digests_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

// TestAChangedThresholdIsDrawn changes what figures rest on in the course of the weeks: each digest says what and when, the chart of
// the weeks is marked, and a digest of a time without a change, or as of one, is silent.
func TestAChangedThresholdIsDrawn(t *testing.T) {
	now := monday
	s, _ := quillwater(t, func() time.Time { return now })
	for _, c := range []struct {
		daysAgo int
		score   string
	}{{300, "50"}, {42, "60"}, {4, "55"}} {
		now = monday.AddDate(0, 0, -c.daysAgo)
		write(t, s, func(tx *storage.Tx) error {
			_, err := tx.KeepThresholds([]truce.Threshold{{Key: "promises.mql_score", Name: "score threshold", Value: c.score}})
			return err
		})
	}
	now = monday
	d := maker()
	read(t, s, func(tx *storage.Tx) error {
		says := func(r digests.Query) string {
			card, err := d.Card(tx, r, false)
			if err != nil {
				t.Fatal(err)
			}
			text := chat.PlainText(card, 1000)
			if !strings.Contains(text, "Changed") {
				return ""
			}
			return cut(text, "Changed", "\n")
		}
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest} {
			if got, want := says(digests.Query{Kind: kind, AsOf: now}),
				"Changed in the last 13 weeks: score threshold 50 to 60 (12 Oct) · score threshold 60 to 55 (19 Nov)."; got != want {
				t.Errorf("%s says %q, want %q", kind, got, want)
			}
			if got, want := says(digests.Query{Kind: kind, AsOf: now.AddDate(0, 0, -14)}),
				"Changed in the last 13 weeks: score threshold 50 to 60 (12 Oct)."; got != want {
				t.Errorf("%s of two weeks ago says %q, want %q", kind, got, want)
			}
			if got := says(digests.Query{Kind: kind, AsOf: now.AddDate(0, 0, -60)}); got != "" {
				t.Errorf("%s of before says %q", kind, got)
			}
		}
		if got, want := says(digests.Query{Kind: digests.MonthlyDigest, AsOf: now}),
			"Changed in the 13 weeks to 31 Oct 2026: score threshold 50 to 60 (12 Oct)."; got != want {
			t.Errorf("the month says %q, want %q", got, want)
		}
		all, err := d.All(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: now})
		if err != nil {
			return err
		}
		report, err := d.Report(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: now})
		if err != nil {
			return err
		}
		fields, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		golden.Check(t, "changes.txt", cut(chat.PlainText(all, 100), "Leads a week", "By source")+"\n\n"+
			cut(string(fields), `  "changes"`, "\n  ]"))
		return nil
	})
}

// TestLeadsAWeek holds the weeks of the chart against a query each.
func TestLeadsAWeek(t *testing.T) {
	s, path := quillwater(t, func() time.Time { return monday })
	var want []int
	for week := 13; week > 0; week-- {
		n, from := 0, monday.Truncate(24*time.Hour).AddDate(0, 0, -7*week)
		ask(t, path, `SELECT count(*) FROM leads WHERE mql_at >= ? AND mql_at < ?`, from.UnixMilli(), from.AddDate(0, 0, 7).UnixMilli(), &n)
		want = append(want, n)
	}
	read(t, s, func(tx *storage.Tx) error {
		study, err := maker().Study(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: monday})
		if err == nil && !slices.Equal(study.LeadWeeks, want) {
			t.Errorf("leads a week: %v, want %v", study.LeadWeeks, want)
		}
		return err
	})
}
