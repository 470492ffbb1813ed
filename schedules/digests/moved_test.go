package digests_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestStagesThatMoved: the weekly summary says which stages of the journey map go slower than 13 weeks before, and which faster, with the
// counts behind it; of a company in which nothing moved it says nothing.
func TestStagesThatMoved(t *testing.T) {
	const day = 24 * time.Hour
	for _, of := range []struct {
		name             string
		now, before      int // of 80 leads, those that became an SQL within 30 days
		nowSQL, theirSQL int // of these, those that became an opportunity within 30 days
		says             string
	}{
		{"faster", 70, 20, 5, 2, "Faster: consideration. Of the leads that came to it in 13 weeks 70 of 80 (88 %) went on within 30 days, " +
			"20 of 80 (25 %) in the 13 weeks before."},
		{"both", 70, 20, 5, 18, "Slower: evaluation."},
		{"flat", 40, 40, 20, 20, ""},
	} {
		s := openStore(t, func() time.Time { return noon })
		write(t, s, func(tx *storage.Tx) error {
			for i := range 160 {
				came, on, opportunities := noon.Add(-time.Duration(60+i%40)*day), of.now, of.nowSQL
				if i >= 80 {
					came, on, opportunities = came.Add(-91*day), of.before, of.theirSQL
				}
				id := fmt.Sprintf("L%03d", i)
				if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: came, Company: id}); err != nil {
					return err
				}
				for n, o := range []truce.Outcome{{Status: truce.SQL, At: came.Add(day)}, {Status: truce.Opportunity, At: came.Add(3 * day)}} {
					if o.LeadID, o.Origin = id, truce.FromImport; n == 0 && i%80 >= on || n == 1 && i%80 >= opportunities {
						continue
					}
					if _, err := tx.AddOutcome(o); err != nil {
						return err
					}
				}
			}
			return nil
		})
		var text string
		err := s.View(t.Context(), func(tx *storage.Tx) error {
			m := digests.Maker{Calendar: truce.NewCalendar(time.UTC)}
			c, err := m.Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: noon}, false)
			text = strings.Join(strings.Fields(chat.PlainText(c, 400)), " ")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if of.says != "" && !strings.Contains(text, of.says) || of.says == "" && (strings.Contains(text, "Slower:") ||
			strings.Contains(text, "Faster:")) {
			t.Errorf("%s: wanted %q in:\n%s", of.name, of.says, text)
		}
	}
}
