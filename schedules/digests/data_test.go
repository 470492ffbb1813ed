package digests_test

import (
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestDigestsSayWhatTheyRestOn reads the end of every digest before anything was imported, after an import, and after our
// leads were held against the CRM's list; and again as of a moment before that.
func TestDigestsSayWhatTheyRestOn(t *testing.T) {
	now := monday
	s, _ := quillwater(t, func() time.Time { return now })
	d := maker()
	footer := func(kind string, asOf time.Time) (text string) {
		t.Helper()
		err := s.View(t.Context(), func(tx *storage.Tx) error {
			card, err := d.Card(tx, digests.Query{Kind: kind, AsOf: asOf}, false)
			text = chat.PlainText(chat.Card{Blocks: []chat.Block{{Text: card.Footer}}}, 1000)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	all := func(asOf time.Time, want string) {
		t.Helper()
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest} {
			if got := footer(kind, asOf); !strings.Contains(got, want) {
				t.Errorf("%s ends with\n%s\nwant in it\n%s", kind, got, want)
			}
		}
	}
	update := func(fn func(*storage.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	all(now, "Not held against your CRM's own list yet.")

	update(func(tx *storage.Tx) error {
		return tx.AddImport(storage.Import{Kind: "leads", Origin: "file", Name: "cut-off.csv", Rows: 9})
	})
	all(now, "Not held against your CRM's own list yet.") // one that was cut off is none

	update(func(tx *storage.Tx) error {
		return tx.AddImport(storage.Import{Kind: "leads", Origin: "file", Name: "leads.csv", Complete: true, Rows: 212})
	})
	all(now, "Leads as imported on Mon 23 Nov 09:00 from leads.csv; not held against your CRM's own list yet.")

	now = now.Add(time.Hour)
	update(func(tx *storage.Tx) error {
		return tx.AddReconciliation(storage.Reconciliation{Name: "list.csv", Here: 212, File: 219, Both: 212, From: monday.AddDate(0, 0, -30),
			To:  monday.AddDate(0, 0, -1),
			Why: map[string]int{"test": 2, "merged": 5}})
	})
	all(now, "212 here, 219 in your CRM's file of 23 Nov 2026, leads of 24 Oct to 22 Nov 2026: 5 merged and 2 test leads.")
	all(monday, "not held against your CRM's own list yet.") // as was known then

	now = now.Add(time.Hour)
	update(func(tx *storage.Tx) error {
		return tx.AddReconciliation(storage.Reconciliation{Here: 220, File: 220, Both: 220, From: monday.AddDate(0, 0, -1),
			To: monday.AddDate(0, 0, -1)})
	})
	all(now, "220 here, 220 in your CRM's file of 23 Nov 2026, leads of 22 Nov 2026: they agree.")
}
