package digests_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// fitTrap is a company whose leads inside the profile win more often, all told, because most come from the source that wins, and less often
// than those outside within each source (Simpson), or whose few leads differ as much as can be.
func fitTrap(t *testing.T, seed uint64, leads int, reversed float64) *storage.Store {
	s := openStore(t, func() time.Time { return noon })
	r := rand.New(rand.NewPCG(seed, 17))
	write(t, s, func(tx *storage.Tx) error {
		if _, err := tx.KeepProfile(truce.Profile{Threshold: 50, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals,
			Texts: []string{"pharma"}, Points: 10}}}); err != nil {
			return err
		}
		for i := range leads {
			source := r.IntN(2)
			segment, chance := "pharma", []float64{0.7, 0.3}[source]-reversed
			if r.Float64() < []float64{0.15, 0.85}[source] {
				segment, chance = "food", chance+reversed
			}
			id, at := fmt.Sprint("L", i), noon.AddDate(0, 0, -395+i*330/leads)
			l := truce.Lead{ID: id, MQLAt: at, HandedOffAt: at, Source: []string{"Referral", "Directory"}[source], Company: fmt.Sprint("Firm ", i),
				Account: truce.FoldAccount(fmt.Sprint("Firm ", i)), Segment: segment}
			end := truce.Lost
			if r.Float64() < chance {
				end = truce.Won
			}
			err := addLead(tx, l, truce.Outcome{Status: truce.Accepted, At: at.AddDate(0, 0, 1)}, truce.Outcome{Status: end, DealID: "D" + id,
				At: at.AddDate(0, 0, 15+r.IntN(45)), Amount: truce.Money{Amount: 1_000_000, Currency: "USD"}, HasAmount: true})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

// comparesFits is a sentence that holds what is inside the profile against what is outside, or the other way round, in words.
var comparesFits = regexp.MustCompile(`(?i)\b(inside|outside|the ICP|profile)\b[^.]*\b(more|less|fewer|better|worse|higher|lower|best)\b|` +
	`\b(more|less|fewer|better|worse|higher|lower)\b[^.]*\b(inside|outside)\b`)

// caution stands beside the rates.
const caution = "Sales works leads inside more, so a difference says little of the profile."

// TestWinRatesByFitClaimNothing: Sales works leads inside the profile more, and sources differ, so no digest says in words that one fit
// does better than the other, whatever the rates are. They stand as counts and rates with their intervals.
func TestWinRatesByFitClaimNothing(t *testing.T) {
	for name, c := range map[string]struct {
		leads    int
		reversed float64
	}{"turned round within the sources": {600, 0.1}, "large and flat within": {900, 0}, "few": {24, -0.2}} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				s := fitTrap(t, seed, c.leads, c.reversed)
				told := ""
				write(t, s, func(tx *storage.Tx) error {
					for _, kind := range []string{digests.WeeklyDigest, digests.MonthlyDigest, digests.LeadsDigest} {
						d := maker()
						d.Terms.Targets.ICPShare = 0.75
						q := digests.Query{Kind: kind, AsOf: noon}
						card, err := d.Card(tx, q, false)
						if err != nil {
							return err
						}
						text := chat.PlainText(card, 10_000)
						if kind != digests.MonthlyDigest {
							all, err := d.All(tx, q)
							if err != nil {
								return err
							}
							text += "\n" + chat.PlainText(all, 10_000)
						}
						told += text
						for line := range strings.Lines(text) {
							if comparesFits.MatchString(strings.ReplaceAll(line, caution, "")) {
								t.Errorf("seed %d, the %s digest says %s", seed, kind, line)
							}
						}
					}
					return nil
				})
				if !strings.Contains(told, "Win rate inside the ICP") || !strings.Contains(told, caution) {
					t.Errorf("win rates by fit are nowhere:\n%s", told)
				}
			}
		})
	}
}
