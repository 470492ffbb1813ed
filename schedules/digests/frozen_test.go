package digests_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

// TestFrozenFiguresAreTheReport sends each digest and holds the figures it keeps against the report of the same moment, which is
// what `truce digest` prints: costs, the profile and all.
func TestFrozenFiguresAreTheReport(t *testing.T) {
	s, _ := quillwater(t, func() time.Time { return monday })
	write(t, s, func(tx *storage.Tx) error {
		_, err := tx.UpsertCost(truce.Cost{ID: "C1", Source: "Webinar", First: truce.Date{Year: 2026, Month: 11, Day: 17}, Days: 1,
			Amount: truce.Money{Amount: 120_000, Currency: "USD"}})
		if err != nil {
			return err
		}
		_, err = tx.UpsertLead(truce.Lead{ID: "fits", MQLAt: monday.AddDate(0, 0, -5), Source: "Webinar", ICPFit: truce.InsideICP})
		return err
	})
	d := maker()
	for _, job := range d.Jobs(s, digests.Timetable{}, slog.New(slog.DiscardHandler)) {
		kind := map[string]string{"digest.leads": digests.LeadsDigest, "digest.weekly": digests.WeeklyDigest,
			"digest.monthly": digests.MonthlyDigest}[job.Name]
		if kind == "" {
			continue
		}
		if err := job.Run(t.Context(), monday); err != nil {
			t.Fatal(err)
		}
		read(t, s, func(tx *storage.Tx) error {
			sent, err := tx.LastDigest(kind)
			if err != nil {
				return err
			}
			everybody, err := tx.WithheldSides(truce.Person{}) // what a digest keeps is what all may see
			if err != nil {
				return err
			}
			report, err := d.Report(tx, digests.Query{Kind: kind, AsOf: monday, Withheld: everybody})
			if err != nil {
				return err
			}
			want, err := json.Marshal(report)
			if err != nil {
				return err
			}
			if string(sent.Figures) != string(want) {
				t.Errorf("%s keeps\n%s\nwhile the report is\n%s", kind, sent.Figures, want)
			}
			var has struct {
				Totals struct{ Cost map[string]int64 }
				Inside json.RawMessage `json:"inside_icp"`
			}
			if err := json.Unmarshal(sent.Figures, &has); err != nil {
				return err
			}
			if kind != digests.MonthlyDigest && (has.Totals.Cost["USD"] != 120_000 || string(has.Inside) != `{"k":1,"n":1}`) {
				t.Errorf("%s keeps the cost %v and %s inside the profile", kind, has.Totals.Cost, has.Inside)
			}
			return nil
		})
	}
}
