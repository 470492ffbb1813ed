package digests

import (
	"math"
	"math/rand/v2"
	"testing"

	"truce"
)

// selling is the weeks of sources that all sell to a fifth of their leads in the end, the first of them so many times more slowly.
func selling(seed uint64, sources, perWeek, weeks int, slow float64) *Weeks {
	r := rand.New(rand.NewPCG(seed, 4))
	w := drawn(seed, sources, perWeek, weeks, func(int, int) float64 { return .12 })
	for week := range weeks {
		for s := range sources {
			for range perWeek {
				if r.Float64() >= .2 {
					continue
				}
				days := 60 * math.Exp(.6*r.NormFloat64())
				if s == 0 {
					days *= slow
				}
				if at := week + 1 + int(days)/7; at < weeks {
					w.Changes[at] = append(w.Changes[at], Change{s, week, truce.MarkWon, 1})
				}
			}
		}
	}
	return w
}

// TestASlowSourceIsNotAWorseOne: a source whose leads buy as often and take two and a half times as long is not named for buying less
// more often than chance is allowed to name one.
func TestASlowSourceIsNotAWorseOne(t *testing.T) {
	const companies = 60
	slow, others := 0, 0
	for _, size := range []struct{ sources, perWeek int }{{4, 2}, {4, 5}, {8, 5}} {
		here := 0
		for seed := range uint64(companies) {
			for _, told := range selling(seed, size.sources, size.perWeek, 104, 2.5).Bought() {
				if told.Name == "A" && !told.Higher {
					here++
				} else {
					others++
				}
			}
		}
		if here > companies/20 {
			t.Errorf("%d sources of %d leads a week: the slow one is named in %d of %d companies", size.sources, size.perWeek, here, companies)
		}
		slow += here
	}
	if slow > 3*companies*3/100 || others > 3*companies*3/100 {
		t.Errorf("of %d companies %d name the slow source, %d another", 3*companies, slow, others)
	}
}
