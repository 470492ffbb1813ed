package stats

// One rate: k of n, its Wilson interval, and what may be said of it at its size.

import (
	"fmt"
	"math"
)

// How many a rate needs before more may be said of it (PRODUCT.md, "Terms and rules").
const (
	MinRate        = 10 // below: "k of n" only
	MinCompare     = 30 // each side of a comparison
	MinCompareWins = 20 // each side of a comparison of win rates, counted in closed deals
	MinNever       = 60 // "never wins" is said from 0 of this many
	MinSegment     = 20 // each side within a segment, for the order in that segment to count
)

// Proportion is K successes among N: accepted of decided, won of closed, kept of due.
type Proportion struct {
	K, N int
}

// mustBePossible panics on a proportion that cannot exist.
func (p Proportion) mustBePossible() {
	if p.K < 0 || p.N < 0 || p.K > p.N {
		panic(fmt.Sprintf("stats: %d of %d is not a proportion", p.K, p.N))
	}
}

// Plus returns the two pooled: the rate of both groups together.
func (p Proportion) Plus(q Proportion) Proportion { return Proportion{K: p.K + q.K, N: p.N + q.N} }

// Minus returns what is left of p without its part q: all the others.
func (p Proportion) Minus(q Proportion) Proportion { return Proportion{K: p.K - q.K, N: p.N - q.N} }

// Rate returns K/N; 0 of 0 is 0, so look at Detail or N before showing it.
func (p Proportion) Rate() float64 {
	p.mustBePossible()
	if p.N == 0 {
		return 0
	}
	return float64(p.K) / float64(p.N)
}

// Interval returns the Wilson interval of the rate.
func (p Proportion) Interval() Interval { return Wilson(p.K, p.N) }

// Detail is how much may be said of a rate at its size.
type Detail int

const (
	CountsOnly      Detail = iota // fewer than MinRate: "k of n", no percentage
	RateAndInterval               // a percentage with its interval, no comparing word
	Comparable                    // large enough for its side of a comparison
)

// Detail returns how much may be said of the rate; minimum is MinCompare, or MinCompareWins for a win rate.
func (p Proportion) Detail(minimum int) Detail {
	switch {
	case p.N < MinRate:
		return CountsOnly
	case p.N < minimum:
		return RateAndInterval
	}
	return Comparable
}

// Never reports whether "never" may be said: nothing of at least MinNever. The interval of 0 of 60 ends at 6.0 %, the "rule
// of three" (Hanley and Lippman-Hand, JAMA 1983;249:1743-1745) gives 3/60 = 5 %: rarer than one in twenty, roughly.
func (p Proportion) Never() bool {
	p.mustBePossible()
	return p.K == 0 && p.N >= MinNever
}

// Wilson returns the 95 % score interval of k of n, without continuity correction:
//
//	(p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//
// (Wilson, JASA 1927;22:209-212; Newcombe, Stat Med 1998;17:857-872, method 3.) It stays within 0 and 1 and is never of zero
// width. Nothing of nothing tells nothing: n = 0 gives 0 to 1.
func Wilson(k, n int) Interval {
	Proportion{K: k, N: n}.mustBePossible()
	if n == 0 {
		return Interval{Low: 0, High: 1}
	}
	i := score(float64(k)/float64(n), float64(n))
	if k == 0 {
		i.Low = 0 // exactly, not 1e-18
	}
	if k == n {
		i.High = 1
	}
	return i
}

// score is Wilson's formula for a rate and a size that need not be whole.
func score(p, n float64) Interval {
	const z2 = Z95 * Z95
	scale := 1 / (1 + z2/n)
	centre := (p + z2/(2*n)) * scale
	half := Z95 * math.Sqrt(p*(1-p)/n+z2/(4*n*n)) * scale
	return Interval{Low: centre - half, High: centre + half}.clamp(0, 1)
}

// rounding is the error of a few float operations on fractions: 0.35 - 0.30 is 5 points, though not in binary.
const rounding = 1e-12
