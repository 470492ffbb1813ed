package digests_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// What a table by an attribute says.
var (
	goesWith = regexp.MustCompile(`^“(.+)” goes with a (higher|lower) win rate: (?:([\d.]+ %)|(\d+)) of the ([\d,]+) closed are won \(.*\), (?:([\d.]+ %)|(\d+)) of the ([\d,]+) others\.$`)
	ofValues = regexp.MustCompile(`^(\d+) (values?)\. Counted from the leads themselves, as they stand\.(.*)$`)
)

// TestEverySentenceOfATableByAnAttributeIsTrue reads the tables by source and segment of invented companies: what is said to go
// with wins has the shares that the rows have, in the direction said; where nothing is said to, nothing clear does; too few are
// too few.
func TestEverySentenceOfATableByAnAttributeIsTrue(t *testing.T) {
	list := []plan{plans[0], plans[1], {name: "chance"}, {name: "few", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 1,
		weeks: 40, reasons: true, verdicts: .9, closes: .5}}
	list = append(list, plan{name: "no losses are known", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 20, weeks: 60,
		reasons: true, verdicts: .95, closes: 1e-9})
	for seed := range uint64(8) {
		list = append(list, plan{name: fmt.Sprint("seed ", seed)})
	}
	if testing.Short() {
		list = list[:5]
	}
	said, silent, few := 0, 0, 0
	for i, p := range list {
		w := newWorld(t, 3000+uint64(i), p)
		for _, by := range []string{"source", "segment"} {
			r := digests.Query{Kind: digests.LeadsDigest, By: by, From: w.now.AddDate(-1, 0, 0), To: w.now, AsOf: w.now}
			of := map[string]stats.Proportion{}
			values := map[string]bool{}
			var all stats.Proportion
			losses := false
			for _, l := range w.leads {
				if l.MQLAt.Before(r.From) || !l.MQLAt.Before(r.To) {
					continue
				}
				value := l.Segment
				if by == "source" {
					value = l.Source
				}
				values[value] = values[value] || value != ""
				f := l.fate(w.now)
				losses = losses || f.lost
				if !f.won && !f.lost {
					continue
				}
				one := stats.Proportion{N: 1}
				if f.won {
					one.K = 1
				}
				of[value], all = of[value].Plus(one), all.Plus(one)
			}
			delete(values, "")
			w.read(t, func(tx *storage.Tx) error {
				card, err := maker().Card(tx, r, false)
				if err != nil {
					return err
				}
				for _, text := range sentencesOf(card) {
					if m := goesWith.FindStringSubmatch(text); m != nil {
						said++
						own, others := of[m[1]], all.Minus(of[m[1]])
						if own.N != number(m[5]) || others.N != number(m[8]) || (own.Rate() > others.Rate()) != (m[2] == "higher") ||
							stats.FisherP(own, others) > .01 {
							t.Errorf("%s, by %s: %s\n\tit is %v, others %v", w.name, by, text, own, others)
						}
						if err := firstError(shown(own, m[3]+m[4]), shown(others, m[6]+m[7])); err != nil {
							t.Errorf("%s, by %s: %s: %v", w.name, by, text, err)
						}
					}
					m := ofValues.FindStringSubmatch(text)
					if m == nil {
						continue
					}
					if number(m[1]) != len(values) || (m[2] == "value") != (len(values) == 1) {
						t.Errorf("%s, by %s: %s: there are %d", w.name, by, text, len(values))
					}
					compared := false
					for value, own := range of {
						others := all.Minus(own)
						compared = compared || min(own.N, others.N) >= stats.MinCompareWins
						if strings.Contains(m[3], "No value's win rate differs") && value != "" && min(own.N, others.N) >= stats.MinCompareWins &&
							stats.FisherP(own, others) < 1e-6 {
							t.Errorf("%s, by %s: %q differs: %v, others %v; said is %s", w.name, by, value, own, others, text)
						}
					}
					if strings.Contains(m[3], "Too few have closed") {
						if few++; compared {
							t.Errorf("%s, by %s: %s, and there are %v", w.name, by, text, of)
						}
					}
					if strings.Contains(m[3], "No lost deals are recorded") == losses {
						t.Errorf("%s, by %s: %s, and losses known: %v", w.name, by, text, losses)
					}
					if strings.Contains(m[3], "No value's") {
						silent++
					}
				}
				return nil
			})
		}
	}
	if said == 0 || silent == 0 || few == 0 {
		t.Errorf("said of something %d times, of nothing %d, of too few %d: not all was tested", said, silent, few)
	}
}
