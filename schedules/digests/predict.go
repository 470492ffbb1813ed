package digests

import (
	"cmp"
	"maps"
	"slices"

	"truce"
	"truce/schedules/stats"
)

// Predictiveness is how well score and rating, known beforehand, told the leads that were won from those that were lost:
// areas under the ROC curve with midranks and DeLong's intervals. It speaks of leads that were worked to an end, no others.
//
// The score is the one imported with the lead. The rating is the owner's, else the first one, dated before the close, or
// undated in a row of its own; see truce.EarlyRating.
type Predictiveness struct {
	Score, Rating Area
	Paired        Contest // on the leads that have both
	Undated       int     // ratings among them that carry no date: used, and to be labelled
	Deciles       []stats.Decile
}

// Area is an AUC, where there is one: OK is false with fewer than two won or two lost.
type Area struct {
	stats.AUC
	N  int
	OK bool
}

// Contest compares the areas of score and rating on the same leads; the difference is score less rating.
type Contest struct {
	stats.DeLongTest
	N, Won int // closed leads that have both, and those of them that are won
	OK     bool
}

// Verdict is what may be said of score against rating: Higher is that the score told better.
func (p Predictiveness) Verdict() stats.Verdict { return p.Paired.Claim(predictP) }

// Predictiveness computes it from the cohort's closed leads.
func (c *Cohort) Predictiveness() Predictiveness {
	var p Predictiveness
	keys := slices.SortedFunc(maps.Keys(c.Totals.Beliefs), func(a, b truce.Belief) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.Rating, b.Rating), compareBool(a.HasScore, b.HasScore),
			compareBool(a.Undated, b.Undated))
	})
	var scores, ratings []stats.ScoreBin
	var both []stats.PairedBin
	for _, k := range keys {
		won := c.Totals.Beliefs[k].Won
		lost := c.Totals.Beliefs[k].N - won
		score, rating := float64(k.Score)/1e9, float64(k.Rating)
		if k.HasScore {
			scores = append(scores, stats.ScoreBin{Score: score, Positives: won, Negatives: lost})
			p.Score.N += won + lost
		}
		if k.Rating != 0 {
			ratings = append(ratings, stats.ScoreBin{Score: rating, Positives: won, Negatives: lost})
			p.Rating.N += won + lost
		}
		if k.Undated {
			p.Undated += won + lost
		}
		if k.HasScore && k.Rating != 0 {
			both = append(both, stats.PairedBin{A: score, B: rating, Positives: won, Negatives: lost})
			p.Paired.N += won + lost
			p.Paired.Won += won
		}
	}
	p.Score.AUC, p.Score.OK = stats.AUCOfBins(scores)
	p.Rating.AUC, p.Rating.OK = stats.AUCOfBins(ratings)
	p.Paired.DeLongTest, p.Paired.OK = stats.DeLongOfBins(both)
	p.Deciles = stats.Deciles(scores)
	return p
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
