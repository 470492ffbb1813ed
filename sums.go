package truce

import (
	"maps"
	"time"
)

// Sums are the figures of a group of leads together with the histograms that rates over time need. They are the same whether
// they were counted lead by lead or kept up to date with each change.
type Sums struct {
	Figures
	Waits   map[Wait]int       // of the leads that have ended; the open ones are Figures.Open
	Reasons map[Reason]int     // of what was sent back
	Parts   map[string]Figures // by segment, of the leads that have one
	Beliefs map[Belief]Tally   // of the leads won or lost: what was thought of them beforehand
}

// Wait is how many days of the company's calendar a lead took from the date it qualified to the date of the outcome that
// ended it.
type Wait struct {
	Days int
	End  int // the outcome's Status.Rank, or JoinedEnd: a number, because millions of these are added up
}

// JoinedEnd is the Wait.End of a lead that ended with a deal which counts at another lead.
var JoinedEnd = len(Statuses)

// End is what Wait.End says of the lead.
func (f Facts) End() int {
	if f.Joined {
		return JoinedEnd
	}
	return f.State.Rank()
}

// Belief is what was thought of a lead before it was won or lost.
type Belief struct {
	Score    int64 // in billionths, see Billionths
	HasScore bool
	Rating   Rating // see EarlyRating; 0 is none
	Undated  bool   // the rating has no date of its own
}

// Tally is how many were won of how many that ended.
type Tally struct{ Won, N int }

// Count adds (k is 1) or takes away (-1) one lead by its facts. loc cuts the days.
func (s *Sums) Count(l Lead, f Facts, k int, loc *time.Location) {
	var one Figures
	one.Count(l, f)
	s.Figures.Merge(one, k)
	if f.State.Ends() {
		s.Wait(Wait{DaysBetween(l.MQLAt, f.At, loc), f.End()}, k)
	}
	if one.SentBack > 0 {
		s.Reasons = bump(s.Reasons, f.Reason, k)
	}
	if l.Segment != "" {
		if s.Parts == nil {
			s.Parts = map[string]Figures{}
		}
		part := s.Parts[l.Segment]
		part.Merge(one, k)
		s.Parts[l.Segment] = part
	}
	if f.State != Won && f.State != Lost || f.Joined || !l.HasScore && f.Early == 0 {
		return
	}
	b := Belief{HasScore: l.HasScore, Rating: f.Early, Undated: f.Undated}
	if l.HasScore {
		b.Score = Billionths(l.Score)
	}
	s.believe(b, Tally{map[bool]int{true: k}[f.State == Won], k})
}

// Add adds other sums.
func (s *Sums) Add(o Sums) {
	s.Figures.Merge(o.Figures, 1)
	for w, n := range o.Waits {
		s.Wait(w, n)
	}
	for r, n := range o.Reasons {
		s.Reasons = bump(s.Reasons, r, n)
	}
	for name, f := range o.Parts {
		if s.Parts == nil {
			s.Parts = map[string]Figures{}
		}
		part := s.Parts[name]
		part.Merge(f, 1)
		s.Parts[name] = part
	}
	for b, t := range o.Beliefs {
		s.believe(b, t)
	}
}

// Wait counts n leads that waited so.
func (s *Sums) Wait(w Wait, n int) { s.Waits = bump(s.Waits, w, n) }

func (s *Sums) believe(b Belief, t Tally) {
	if s.Beliefs == nil {
		s.Beliefs = map[Belief]Tally{}
	}
	sum := s.Beliefs[b]
	sum.Won, sum.N = sum.Won+t.Won, sum.N+t.N
	s.Beliefs[b] = sum
}

// Tidy removes the cells in which nothing is left. Sums of changes are not tidied: leads may balance where money does not.
func (s *Sums) Tidy() {
	s.Figures.tidy()
	maps.DeleteFunc(s.Waits, func(_ Wait, n int) bool { return n == 0 })
	maps.DeleteFunc(s.Reasons, func(_ Reason, n int) bool { return n == 0 })
	for name, f := range s.Parts {
		if f.tidy(); f.Leads == 0 {
			delete(s.Parts, name)
		} else {
			s.Parts[name] = f
		}
	}
	for b, t := range s.Beliefs {
		if t.N == 0 {
			delete(s.Beliefs, b)
		}
	}
}

func (f *Figures) tidy() {
	for currency := range f.Revenue {
		if f.Paid[currency] == 0 {
			delete(f.Revenue, currency)
		}
	}
}

// bump adds to a cell of a histogram and removes it where nothing is left.
func bump[K comparable](m map[K]int, key K, n int) map[K]int {
	if m == nil {
		m = map[K]int{}
	}
	if m[key] += n; m[key] == 0 {
		delete(m, key)
	}
	return m
}

// DaysBetween counts the midnights of the zone from a to b, 0 where b came first.
func DaysBetween(a, b time.Time, loc *time.Location) int {
	return max(0, DayNumber(b, loc)-DayNumber(a, loc))
}

// DayNumber numbers the days of the zone's calendar; 1 January 1970 is 0.
func DayNumber(t time.Time, loc *time.Location) int {
	return DateOf(t.In(loc)).Number()
}
