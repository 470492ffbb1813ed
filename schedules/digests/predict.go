package digests

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
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

// Verdict is what one look by itself would say of score against rating: Higher is that the score told better.
// It takes five points, too.
func (p Predictiveness) Verdict() stats.Verdict {
	v := p.Paired.Claim(predictP)
	if p.Paired.leans() == stats.TooClose && v != stats.TooFew {
		return stats.TooClose
	}
	return v
}

// Seen is what a look sees of score against rating.
func (p Predictiveness) Seen() Seen { return seen{p.Verdict(), p.Paired.leans()} }

// leans is which way the areas differ by stats.MinPoints or more.
func (c Contest) leans() stats.Verdict {
	switch {
	case !c.OK || !c.A.Shown():
		return stats.TooFew
	case math.Abs(c.Difference) < stats.MinPoints-1e-12:
		return stats.TooClose
	}
	return slightly(c.Difference)
}

// believed is a lead that was won or lost, with what was thought of it beforehand, from one moment until another.
type believed struct {
	day         int // it qualified
	from, until time.Time
	truce.Belief
	won bool
}

// predictHeld is what was claimed of score and ratings at weekly looks, each by the leads that had qualified in the year before it.
func (d Maker) predictHeld(tx *storage.Tx, end truce.Date, asOf time.Time) (holds, error) {
	looks := mondaysUntil(end)
	var list []believed
	err := tx.EachBelief(looks.first.Add(-predictDays).At(0, d.loc()), end.At(0, d.loc()), func(c *truce.LeadCase) error {
		list = append(list, d.beliefs(c, asOf)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return looks.hold(func(_ int, day truce.Date) seen {
		moment, n := day.At(0, d.loc()), day.Number()
		g := newGroup("")
		for _, b := range list {
			if b.day < n-predictDays || b.day >= n || !b.from.Before(moment) || !b.until.IsZero() && b.until.Before(moment) {
				continue
			}
			if g.Beliefs == nil {
				g.Beliefs = map[truce.Belief]truce.Tally{}
			}
			t := g.Beliefs[b.Belief]
			if t.N++; b.won {
				t.Won++
			}
			g.Beliefs[b.Belief] = t
		}
		return (&Cohort{Totals: g}).Predictiveness().Seen()
	}), nil
}

// predictDays is how far back the leads qualified that score and ratings are asked of.
const predictDays = 364

// beliefs are the stretches of time in which a lead counts as won or lost, with what was thought of it beforehand.
func (d Maker) beliefs(c *truce.LeadCase, asOf time.Time) (list []believed) {
	var moments []time.Time
	for _, o := range c.Outcomes {
		moments = append(moments, o.At, o.Until, o.Elsewhere)
	}
	for _, r := range c.Ratings {
		moments = append(moments, r.When())
	}
	moments = slices.DeleteFunc(moments, func(t time.Time) bool { return t.IsZero() || t.After(asOf) })
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)
	for i, at := range moments {
		var s truce.Sums
		s.Count(c.Lead, c.Facts(at), 1, d.loc())
		for b, t := range s.Beliefs {
			one := believed{day: truce.DayNumber(c.Lead.MQLAt, d.loc()), from: at, Belief: b, won: t.Won > 0}
			if i+1 < len(moments) {
				one.until = moments[i+1]
			}
			list = append(list, one)
		}
	}
	return list
}

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
