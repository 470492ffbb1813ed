package digests

import (
	"cmp"
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

func share(p stats.Proportion) cards.Share {
	i := p.Interval()
	return cards.Share{K: p.K, N: p.N, Low: i.Low, High: i.High}
}

// leadsFinding is the sentence about the leads, of what may be claimed (claims.go):
//
//  1. a source of which none has bought, of 60 or more that are old enough, while others do
//  2. a source that Sales sends back more often than all others together
//  3. one that buys less often than all others together, or more often
//  4. more, or less, sent back than in the weeks before
//  5. more than half of all sent back
//  6. nothing stands out; or nothing could
//
// A source is named only if the order holds in every segment large enough to look at. Of several the one is named with the
// most leads at stake: what it would take for its rate to be that of the others.
func (s *Study) leadsFinding() cards.Finding {
	if !s.compares() {
		return s.listening()
	}
	f := s.finding()
	if !f.Since.Before(s.To) {
		f.Since, f.Before = time.Time{}, false // it is new
	}
	f.Verdicts, f.Past = s.verdicts(), s.past()
	for _, other := range s.ofAllLeads() { // what was said once is said on, though another headline has come
		if other.Kind != f.Kind {
			f.More = append(f.More, other.SaidWithDate())
		}
	}
	from, to := truce.DateOf(s.From.In(s.loc)), truce.DateOf(s.To.In(s.loc))
	for _, t := range endedIn(s.Claims.SentBack, from, to) {
		f.Ended = append(f.Ended, cards.Ended{Name: t.Name, What: cards.SentBackMost, Since: t.Since.At(0, s.loc), Silent: t.Silent})
	}
	for _, t := range endedIn(s.Claims.Bought, from, to) {
		what := cards.BoughtLeast
		if t.Higher {
			what = cards.BoughtMost
		}
		f.Ended = append(f.Ended, cards.Ended{Name: t.Name, What: what, Since: t.Since.At(0, s.loc), Silent: t.Silent})
	}
	if t := s.Claims.OverTime; t != nil {
		for _, t := range endedIn([]Told{*t}, from, to) {
			what := cards.SentBackLess
			if t.Higher {
				what = cards.SentBackMore
			}
			f.Ended = append(f.Ended, cards.Ended{What: what, Since: t.Since.At(0, s.loc), Silent: t.Silent})
		}
	}
	f.Ended = append(f.Ended, s.endedOfAll()...)
	return f
}

// compares reports whether the installation has come to comparisons on its ramp.
func (s *Study) compares() bool { return s.ramp.At(s.AsOf) >= truce.RampComparisons }

// listening says that nothing is compared yet, and from when on something is.
func (s *Study) listening() cards.Finding {
	f := cards.Finding{Kind: cards.Listening}
	if s.ramp.At(s.AsOf) == truce.RampDisputes {
		f.Opens = s.ramp.From(truce.RampComparisons).At(0, s.loc)
	}
	return f
}

func (s *Study) finding() cards.Finding {
	sent, won := s.told(current(s.Claims.SentBack), s.Trail.BySource(), s.sentBack),
		s.told(current(s.Claims.Bought), s.Mature.BySource(), wonOf)
	name := func(kind cards.FindingKind, c candidate) cards.Finding {
		return cards.Finding{Kind: kind, Name: c.Name, Share: share(c.own), Others: share(c.others), Since: c.Since.At(0, s.loc),
			Before: c.Before}
	}
	for _, c := range won.candidates {
		if c.own.Never() && !c.Higher {
			f := name(cards.NeverBought, c)
			f.Top = s.highestScore(c.Name)
			f.Score, f.OtherScore = s.scores(c.Name)
			return f
		}
	}
	if len(sent.candidates) > 0 {
		f := name(cards.SentBackMost, sent.candidates[0])
		f.Fault = !s.AllReasons
		return f
	}
	if len(won.candidates) > 0 {
		if c := won.candidates[0]; c.Higher {
			return name(cards.BoughtMost, c)
		}
		return name(cards.BoughtLeast, won.candidates[0])
	}
	if all := s.ofAllLeads(); len(all) > 0 {
		return all[0]
	}
	flips := append(sent.flips, won.flips...)
	slices.Sort(flips)
	switch c := s.Claims; {
	case len(flips) > 0:
		return cards.Finding{Kind: cards.NothingFound, Flips: slices.Compact(flips)}
	case c.Sources == 1 && s.sources() == 1:
		return cards.Finding{Kind: cards.OneSource}
	case c.Sources < 2, c.Weeks > 0 || c.Never:
		return cards.Finding{Kind: cards.TooFew, Sources: max(c.Sources, min(2*c.Sources, s.sources())), Weeks: c.Weeks}
	}
	return cards.Finding{Kind: cards.NothingFound, Judged: share(s.judged())}
}

// judged is how many of the leads judged in the weeks that rates rest on are sent back.
func (s *Study) judged() stats.Proportion {
	return stats.Proportion{K: s.Trail.Totals.SentBack, N: s.Trail.Totals.Judged}
}

// ofAllLeads is what is claimed of all leads together, the change before the level.
func (s *Study) ofAllLeads() (list []cards.Finding) {
	past := s.TrailPast.Totals.Figures
	own, before := s.judged(), stats.Proportion{K: past.SentBack, N: past.Judged}
	if t := s.Claims.OverTime; t != nil && t.Ended == (truce.Date{}) && own.N > 0 && before.N > 0 && (own.Rate() > before.Rate()) == t.Higher {
		f := cards.Finding{Kind: cards.SentBackLess, Share: share(own), Others: share(before), Since: t.Since.At(0, s.loc)}
		if t.Higher {
			f.Kind = cards.SentBackMore
		}
		list = append(list, f)
	}
	if s.Claims.Half.says(halfBack(own).leans) == stats.Higher {
		h, _ := s.Claims.Half.now()
		list = append(list, cards.Finding{Kind: cards.SentBackAll, Share: share(own), Since: h.Since.At(0, s.loc), Before: h.Before})
	}
	for i := range list {
		if list[i].Past = s.past(); !list[i].Since.Before(s.To) {
			list[i].Since, list[i].Before = time.Time{}, false // it is new
		}
	}
	return list
}

// sources is how many sources have leads in the weeks that rates rest on, judged or not.
func (s *Study) sources() (n int) {
	for _, g := range s.Trail.BySource() {
		if g.Leads > 0 {
			n++
		}
	}
	return n
}

// standing is what may be named: sources, the most at stake first, and the segments that keep others from being named.
type standing struct {
	candidates []candidate
	flips      []string
}

// candidate is a source of which something is told, with its figures and those of all others as the digest shows them.
type candidate struct {
	Told
	own, others stats.Proportion
}

// told finds the sources that may be named among groups.
func (s *Study) told(list []Told, groups []*Group, rate func(truce.Figures) stats.Proportion) (st standing) {
	var all stats.Proportion
	for _, g := range groups {
		all = all.Plus(rate(g.Figures))
	}
	for _, t := range list {
		row := slices.IndexFunc(groups, func(g *Group) bool { return g.Name == t.Name })
		if row < 0 {
			continue // it has no leads that the digest shows
		}
		c := candidate{t, rate(groups[row].Figures), stats.Proportion{}}
		c.others = all.Minus(c.own)
		if c.own.N < stats.MinRate || c.others.N == 0 || c.own.Rate() == c.others.Rate() || (c.own.Rate() > c.others.Rate()) != t.Higher {
			continue // the digest's own figures are of other days or too few, and would not show it
		}
		direction := stats.Lower
		if t.Higher {
			direction = stats.Higher
		}
		if order, flips := segmentOrder(groups, row, direction, rate); order == stats.DependsOnSegment {
			st.flips = append(st.flips, flips...)
			continue
		}
		st.candidates = append(st.candidates, c)
	}
	slices.SortStableFunc(st.candidates, func(a, b candidate) int { return cmp.Compare(b.stake(), a.stake()) })
	return st
}

// stake is how many leads it would take for the source's rate to be that of the others.
func (c candidate) stake() float64 { return math.Abs(c.own.Rate()-c.others.Rate()) * float64(c.own.N) }

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

// scores are the mean scores of a source's leads that are old enough to tell, and of all others'; both 0 where either has fewer than 30.
func (s *Study) scores(name string) (own, others float64) {
	for _, g := range s.Mature.BySource() {
		if g.Name != name {
			continue
		}
		rest := truce.Figures{Scored: s.Mature.Totals.Scored - g.Scored, ScoreSum: s.Mature.Totals.ScoreSum - g.ScoreSum}
		if own, _ = g.MeanScore(); g.Scored >= stats.MinCompare && rest.Scored >= stats.MinCompare {
			others, _ = rest.MeanScore()
			return own, others
		}
	}
	return 0, 0
}

// alignmentFinding is the sentence about both sides: the promise that falls furthest short of what was promised, else what
// is to be said about the leads. Of the leads is said only that they are inside the profile as often as was promised: that no source
// differs says nothing of all of them.
func (s *Study) alignmentFinding() cards.Finding {
	leads := s.leadsFinding()
	if leads.Kind == cards.Listening {
		return leads
	}
	worst, gap := -1, 0.0
	for i, p := range s.Promises {
		if p.Missed && p.Target-p.Kept.Rate() > gap {
			worst, gap = i, p.Target-p.Kept.Rate()
		}
	}
	leads.Ended = append(s.endedPromises(), leads.Ended...)
	if worst < 0 {
		return leads
	}
	p := s.Promises[worst]
	f := cards.Finding{Kind: cards.PromiseGap, Name: promiseName(p.Kind), Side: p.Side.Title(), Share: share(p.Kept), Target: p.Target,
		Fine: s.Targets.ICPShare > 0 && against(s.ICP, s.Targets.ICPShare, false) == "met"}
	if leads.Name != "" || leads.Kind == cards.SentBackMore || leads.Kind == cards.SentBackAll {
		f.Also, f.AlsoFrom, f.AlsoBefore = leads.Clause(), leads.Since, leads.Before
	}
	f.More = leads.More
	f.Ended = leads.Ended
	if since := p.Since.At(0, s.loc); since.Before(s.To) {
		f.Since, f.Before = since, p.Before
	}
	if p.Was > 0 {
		f.Was, f.Until = p.Was, p.From.In(s.loc)
	}
	if p.Worst >= 0 {
		f.Day, f.DayShare = time.Weekday(p.Worst).String()+"s", share(p.ByDay[p.Worst])
		f.DayOnly = p.Kept.Minus(p.ByDay[p.Worst]).Rate() >= p.Target
	}
	return f
}

// endedPromises are those that were said to fall short until this digest.
func (s *Study) endedPromises() (list []cards.Ended) {
	from, to := truce.DateOf(s.From.In(s.loc)), truce.DateOf(s.To.In(s.loc))
	for _, p := range s.Promises {
		if e := p.Ended; e != (truce.Date{}) && e.Compare(from) > 0 && e.Compare(to) <= 0 {
			list = append(list, cards.Ended{Name: promiseName(p.Kind), What: cards.PromiseGap, Since: p.Since.At(0, s.loc)})
		}
	}
	return list
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
