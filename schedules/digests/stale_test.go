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

// Leads that are open for more than twice the median of a win stand beside the rates, by source; below ten wins nobody can say.
func TestStaleLeadsStandBesideTheRates(t *testing.T) {
	for _, tt := range []struct {
		wins int
		want []string
	}{
		// won after 25 to 35 days
		{11, []string{"Source Leads Open Stale Accepted", "Fair 14 3 1 ", "Web 2 2 2 ", "stale: open for over 60 days"}},
		{9, []string{"Source Leads Open Accepted", "Fair 12 3 "}},
	} {
		s, _ := openAt(t, func() time.Time { return noon })
		write(t, s, func(tx *storage.Tx) error {
			lead := func(id, source string, ago int) error {
				_, err := tx.UpsertLead(truce.Lead{ID: id, Source: source, MQLAt: noon.AddDate(0, 0, -ago)})
				return err
			}
			for i := range tt.wins {
				id := fmt.Sprint("won", i)
				if err := lead(id, "Fair", 200); err != nil {
					return err
				}
				if _, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Won, At: noon.AddDate(0, 0, -200+25+i),
					Origin: truce.FromImport}); err != nil {
					return err
				}
			}
			for i, ago := range []int{59, 60, 61} { // on the edge it is not stale
				if err := lead(fmt.Sprint("open", i), "Fair", ago); err != nil {
					return err
				}
			}
			for i, ago := range []int{100, 199} {
				if err := lead(fmt.Sprint("long", i), "Web", ago); err != nil {
					return err
				}
			}
			return nil
		})
		read(t, s, func(tx *storage.Tx) error {
			card, err := maker().Card(tx, digests.Query{Kind: digests.LeadsDigest, From: noon.AddDate(0, 0, -250), To: noon.AddDate(0, 0, 1),
				AsOf: noon}, true)
			if err != nil {
				return err
			}
			text := strings.Join(strings.Fields(chat.PlainText(card, 150)), " ")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%d wins: no %q in %s", tt.wins, want, text)
				}
			}
			return nil
		})
	}
}
