package digests

import (
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
)

// This file chooses the one sentence at the top of a digest. The rule prefers what somebody can act upon to what is large,
// and says nothing rather than something that chance explains as well.

// headlineTables is how many tables of comparisons a headline may be taken from. Each has its false alarms under control by
// itself (Benjamini-Hochberg); together they would raise three times as many, so that a headline asks for a q value that many
// times smaller (Bonferroni over the tables).
const headlineTables = 3

func share(p stats.Proportion) cards.Share {
	i := p.Interval()
	return cards.Share{K: p.K, N: p.N, Low: i.Low, High: i.High}
}

// clear reports whether a comparison is strong enough for a headline.
func clear(c stats.Comparison) bool { return c.Q*headlineTables <= stats.MaxQ }

// leadsFinding is the sentence about the leads:
//
//  1. a source of which none has bought, of 60 or more that are old enough, while others do
//  2. a source that Sales sends back more often than all others together
//  3. one that buys less often than all others together, or more often
//  4. more, or less, sent back than in the weeks before
//  5. nothing stands out; too few to tell
//
// A source is named only if the order holds in every segment large enough to look at. Of several the one is named with the
// most leads at stake: what it would take for its rate to be that of the others.
func (s *Study) leadsFinding() cards.Finding {
	sent, won := standout(s.Trail.BySource(), s.sentBack), standout(s.Mature.BySource(), wonOf)
	for _, c := range won.candidates {
		if c.row.A.Never() && c.row.Verdict == stats.Lower {
			return cards.Finding{Kind: cards.NeverBought, Name: c.name, Share: share(c.row.A), Others: share(c.row.B), Top: s.highestScore(c.name)}
		}
	}
	for _, c := range sent.candidates {
		if c.row.Verdict == stats.Higher {
			return cards.Finding{Kind: cards.SentBackMost, Name: c.name, Share: share(c.row.A), Others: share(c.row.B)}
		}
	}
	if len(won.candidates) > 0 {
		c := won.candidates[0]
		f := cards.Finding{Kind: cards.BoughtLeast, Name: c.name, Share: share(c.row.A), Others: share(c.row.B)}
		if c.row.Verdict == stats.Higher {
			f.Kind = cards.BoughtMost
		}
		return f
	}
	now, past := s.Trail.Totals.Figures, s.TrailPast.Totals.Figures
	change := stats.Compare(stats.MinCompare, []stats.Pair{{A: stats.Proportion{K: now.SentBack, N: now.Judged}, B: stats.Proportion{K: past.SentBack, N: past.Judged}}})[0]
	if clear(change) && (change.Verdict == stats.Higher || change.Verdict == stats.Lower) {
		f := cards.Finding{Kind: cards.SentBackMore, Share: share(change.A), Others: share(change.B), Past: s.past()}
		if change.Verdict == stats.Lower {
			f.Kind = cards.SentBackLess
		}
		return f
	}
	if now.Judged < stats.MinCompare && s.Mature.Totals.Leads < stats.MinCompare {
		return cards.Finding{Kind: cards.TooFew}
	}
	flips := append(sent.flips, won.flips...)
	slices.Sort(flips)
	return cards.Finding{Kind: cards.NothingFound, Flips: slices.Compact(flips), Verdicts: s.verdicts(), Past: s.past()}
}

// standing is what stands out of a table: rows that may be named, the most at stake first, and the segments that keep
// others from being named.
type standing struct {
	candidates []candidate
	flips      []string
}

type candidate struct {
	name string
	row  stats.Comparison
}

// standout finds the rows one after the other, the most at stake first, and compares the rest without them: beside one source
// that sells like no other all the others look poor.
func standout(groups []*Group, rate func(truce.Figures) stats.Proportion) (st standing) {
	var all stats.Proportion
	for _, g := range groups {
		all = all.Plus(rate(g.Figures))
	}
	for rest := slices.Clone(groups); len(rest) > 1; {
		table, names := rates(stats.MinCompare, rest, rate)
		top, stake := -1, 0.0
		for i, c := range table.Rows {
			if (c.Verdict == stats.Higher || c.Verdict == stats.Lower) && clear(c) && math.Abs(c.Difference)*float64(c.A.N) > stake {
				top, stake = i, math.Abs(c.Difference)*float64(c.A.N)
			}
		}
		if top < 0 {
			break
		}
		c := table.Rows[top]
		switch order, flips := segmentOrder(rest, top, c.Verdict, rate); {
		case order == stats.DependsOnSegment:
			st.flips = append(st.flips, flips...)
		case !nameless(names[top]):
			c.B = all.Minus(c.A) // what the sentence calls all others
			st.candidates = append(st.candidates, candidate{names[top], c})
		}
		rest = slices.Delete(rest, top, top+1)
	}
	return st
}

// nameless reports whether a source's name says that nobody knows the source: there is nothing to look at.
func nameless(name string) bool {
	switch strings.ToLower(name) {
	case "(none)", "unknown", "other", "others", "n/a", "none", "-":
		return true
	}
	return false
}

// segmentOrder reports whether a row's difference from all others together holds in every segment large enough.
func segmentOrder(groups []*Group, row int, direction stats.Verdict, rate func(truce.Figures) stats.Proportion) (stats.Order, []string) {
	own, others := map[string]stats.Proportion{}, map[string]stats.Proportion{}
	for i, g := range groups {
		for name, f := range g.Parts {
			if i == row {
				own[name] = rate(f)
			} else {
				others[name] = others[name].Plus(rate(f))
			}
		}
	}
	return stats.SegmentOrder(own, others, direction)
}

// highestScore reports whether the leads of a source have the highest mean score of all sources with 30 scored leads.
func (s *Study) highestScore(name string) bool {
	best, top := "", -1.0
	for _, g := range s.Mature.BySource() {
		if m, ok := g.MeanScore(); ok && g.Scored >= stats.MinCompare && m > top {
			best, top = g.Name, m
		}
	}
	return best == name
}

// alignmentFinding is the sentence about both sides: the promise that falls furthest short of what was promised, else what
// is to be said about the leads. That the leads are fine is added only where enough of them were judged to know it.
func (s *Study) alignmentFinding() cards.Finding {
	leads := s.leadsFinding()
	worst, gap := -1, 0.0
	for i, p := range s.Promises {
		if p.Target > 0 && p.Kept.AgainstTarget(p.Target) == stats.TargetMissed && p.Target-p.Kept.Rate() > gap {
			worst, gap = i, p.Target-p.Kept.Rate()
		}
	}
	if worst < 0 {
		return leads
	}
	p := s.Promises[worst]
	f := cards.Finding{Kind: cards.PromiseGap, Name: promiseName(p.Kind), Side: p.Side.Title(), Share: share(p.Kept), Target: p.Target,
		Fine: leads.Kind == cards.NothingFound && len(leads.Flips) == 0 && s.verdicts()}
	if leads.Name != "" || leads.Kind == cards.SentBackMore {
		f.Also = leads.Headline()
	}
	if p.Worst >= 0 {
		f.Day, f.DayShare = time.Weekday(p.Worst).String()+"s", share(p.ByDay[p.Worst])
	}
	return f
}

// promiseName is what a promise is called.
func promiseName(kind string) string {
	switch kind {
	case "touch":
		return "first touch"
	case "verdict":
		return "verdicts on leads"
	case "reply":
		return "replies to declined disputes"
	case "evidence":
		return "answers to Marketing's questions"
	case "ruling":
		return "rulings"
	case "answer":
		return "answers to disputes"
	}
	return kind
}
