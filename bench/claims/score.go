package main

import (
	"fmt"
	"math"
	"os"
	"text/tabwriter"

	"truce"
	"truce/schedules/digests"
	"truce/schedules/stats"
)

// believed is how much score and rating know beforehand: the area of each, the chance that it is higher for a won lead than for a lost one.
type believed struct{ score, rating float64 }

// scores goes straight to what decides of score against ratings, by the closed leads of the year before each of 52 Mondays. Half of the
// leads accepted have a rating, as in companies where some raters do and some do not.
func scores() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Years of %d companies, 4 sources: score against ratings, by what they know of who will buy\n\n", *companies)
	fmt.Fprintln(w, "area of score\tof rating\tleads a week\tfalsely, within a year\tinterval\t"+
		"rightly, at the first look\twithin 26 weeks\twithin a year")
	for kind, b := range []believed{{.5, .5}, {.6, .6}, {.7, .7}, {.8, .8}, {.6, .5}, {.7, .5}, {.7, .6}, {.8, .6}, {.5, .7}} {
		for _, perWeek := range []float64{8, 20, 40} {
			wrong, at := make([]bool, *companies), make([]int, *companies)
			each(*companies, func(i int) {
				wrong[i], at[i] = newCompany(4, perWeek, *seed<<32+uint64(i)<<12+uint64(kind)<<6+uint64(perWeek)).believe(b)
			})
			falsely, found := 0, [3]int{}
			for i := range wrong {
				if wrong[i] {
					falsely++
				}
				for j, within := range []int{1, 26, looks} {
					if at[i] <= within {
						found[j]++
					}
				}
			}
			in := stats.Wilson(falsely, *companies)
			fmt.Fprintf(w, "%.2f\t%.2f\t%.0f\t%s\t%.1f to %.1f %%", b.score, b.rating, perWeek, percent(falsely), 100*in.Low, 100*in.High)
			for _, n := range found {
				if b.score == b.rating {
					fmt.Fprint(w, "\t")
				} else {
					fmt.Fprintf(w, "\t%s", percent(n))
				}
			}
			fmt.Fprintln(w)
		}
	}
	w.Flush()
}

// believe draws scores and ratings, and looks for a year: whether something false is said, and at which look the first true claim is.
func (c *company) believe(b believed) (wrong bool, found int) {
	type view struct {
		qualified, closed int
		belief            truce.Belief
		won               bool
	}
	var list []view
	byScore, byRating := shift(b.score, areaOfNormal), shift(b.rating, areaOfRatings)
	for _, l := range c.draw(history + looks) {
		if l.closed == 0 || l.judged == 0 || c.r.IntN(2) == 0 {
			continue
		}
		v := view{qualified: l.day, closed: l.day + l.closed, won: l.won}
		score, rating := c.r.NormFloat64(), c.r.NormFloat64()
		if l.won {
			score, rating = score+byScore, rating+byRating
		}
		v.belief = truce.Belief{Score: truce.Billionths(math.Round(min(99, max(1, 50+15*score)))), HasScore: true, Rating: ratingOf(rating)}
		list = append(list, v)
	}
	found = math.MaxInt
	for look := 1; look <= looks; look++ {
		today := 7 * (history + look)
		sums := &digests.Group{}
		sums.Beliefs = map[truce.Belief]truce.Tally{}
		for _, v := range list {
			if v.qualified >= today-364 && v.qualified < today && v.closed <= today {
				t := sums.Beliefs[v.belief]
				if t.N++; v.won {
					t.Won++
				}
				sums.Beliefs[v.belief] = t
			}
		}
		verdict := (&digests.Cohort{Totals: sums}).Predictiveness().Verdict()
		switch {
		case verdict != stats.Higher && verdict != stats.Lower:
		case b.score != b.rating && (verdict == stats.Higher) == (b.score > b.rating):
			found = min(found, look)
		default:
			wrong = true
		}
	}
	return wrong, found
}

// ratingOf cuts what a rater thinks into the three ratings, a third of the lost in each.
func ratingOf(x float64) truce.Rating {
	switch {
	case x < -.4307:
		return truce.Rating(1)
	case x < .4307:
		return truce.Rating(2)
	}
	return truce.Rating(3)
}

func normal(x float64) float64 { return .5 * math.Erfc(-x/math.Sqrt2) }

// areaOfNormal is the area of a score that is higher by so many standard deviations where leads are won.
func areaOfNormal(by float64) float64 { return normal(by / math.Sqrt2) }

// areaOfRatings is the same of three ratings, half of the ties counted.
func areaOfRatings(by float64) float64 {
	below := normal(-.4307 - by)
	fair := normal(.4307-by) - below
	good := 1 - below - fair
	return (fair + 2*good + .5*(below+fair+good)) / 3
}

// shift is by how much the won are higher where the area is such.
func shift(area float64, of func(float64) float64) float64 {
	low, high := 0.0, 6.0
	for range 60 {
		if mid := (low + high) / 2; of(mid) < area {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
