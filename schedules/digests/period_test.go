package digests_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

// TestDigestsNameTheirPeriod asks for digests of other periods than their own: every figure says over which days it was
// counted, and nothing is called "last" that is not.
func TestDigestsNameTheirPeriod(t *testing.T) {
	s, _ := quillwater(t, func() time.Time { return monday })
	d := maker()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	var out strings.Builder
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		for _, p := range []struct {
			from, to string
			names    []string // how the period and what the rates rest on must be called
			last     bool     // "the last 13 weeks" is right
		}{
			{"2026-11-16", "2026-11-23", []string{"Last week", "the last 13 weeks"}, true},
			{"2026-08-24", "2026-11-23", []string{"the last 13 weeks"}, true},
			{"2026-10-01", "2026-11-01", []string{"October 2026", "the 13 weeks to 31 Oct 2026"}, false},
			{"2026-07-01", "2026-10-01", []string{"Q3 2026"}, false},
			{"2026-01-01", "2027-01-01", []string{"2026 so far"}, false},
			{"2026-03-02", "2026-03-09", []string{"2 to 8 Mar 2026", "the 13 weeks to 8 Mar 2026"}, false},
		} {
			for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest} {
				req := digests.Query{Kind: kind, From: day(p.from), To: day(p.to), AsOf: monday}
				for _, whole := range []bool{false, true} {
					card, err := d.Card(tx, req, whole)
					if err != nil {
						return err
					}
					text := chat.PlainText(card, 100)
					if !whole {
						fmt.Fprintf(&out, "===== %s, %s to %s =====\n%s\n", kind, p.from, p.to, text)
					}
					flat := strings.Join(strings.Fields(text), " ")
					for _, name := range p.names {
						if short := strings.TrimPrefix(strings.TrimPrefix(name, "the last "), "the "); !strings.Contains(flat, name) &&
							!strings.Contains(flat, "("+short+")") {
							t.Errorf("%s of %s to %s does not say %q", kind, p.from, p.to, name)
						}
					}
					choices := strings.ReplaceAll(flat, "| last 13 weeks |", "") // of the period's select
					if strings.Contains(choices, "last 13 weeks") && !p.last {
						t.Errorf("%s of %s to %s speaks of the last 13 weeks", kind, p.from, p.to)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "periods.txt", out.String())
}
