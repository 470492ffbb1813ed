package digests_test

import (
	"testing"
	"time"

	"truce/schedules/digests"
	"truce/storage"
)

// TestWhatAPeriodIsHeldAgainst holds weeks against whole weeks, and months and quarters against those of the calendar.
func TestWhatAPeriodIsHeldAgainst(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	read(t, s, func(tx *storage.Tx) error {
		for _, tt := range []struct{ from, to, before, yearFrom, yearTo string }{
			{"2026-03-09", "2026-03-16", "2026-03-02", "2025-03-10", "2025-03-17"},
			{"2026-03-01", "2026-04-01", "2026-02-01", "2025-03-01", "2025-04-01"},
			{"2026-01-01", "2026-04-01", "2025-10-01", "2025-01-01", "2025-04-01"},
			{"2025-01-01", "2026-01-01", "2024-01-01", "2024-01-01", "2025-01-01"},
			{"2026-03-01", "2026-03-21", "2026-02-09", "2025-03-02", "2025-03-22"},
		} {
			study, err := maker().Study(tx, digests.Query{Kind: digests.LeadsDigest, From: day(tt.from), To: day(tt.to), AsOf: noon})
			if err != nil {
				return err
			}
			if !study.Before.From.Equal(day(tt.before)) || !study.Before.To.Equal(day(tt.from)) || !study.YearAgo.From.Equal(day(tt.yearFrom)) ||
				!study.YearAgo.To.Equal(day(tt.yearTo)) {
				t.Errorf("%s to %s is held against %s to %s and %s to %s", tt.from, tt.to, study.Before.From, study.Before.To, study.YearAgo.From,
					study.YearAgo.To)
			}
		}
		return nil
	})
}
