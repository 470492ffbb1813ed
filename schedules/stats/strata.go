package stats

import "math"

// Comparing two groups within strata, so that what the strata differ in does not count for or against either.

// Stratum is one 2 x 2 table: those exposed and those not, and how many of each had the event.
type Stratum struct {
	Exposed, Unexposed Proportion
}

// Both reports whether the stratum has members of both groups: only such strata compare anything.
func (s Stratum) Both() bool { return s.Exposed.N > 0 && s.Unexposed.N > 0 }

// Stratified is two groups compared within strata.
type Stratified struct {
	Exposed, Unexposed Proportion // over the strata that have both
	Strata, Dropped    int        // strata with both groups, and those without
	Difference         float64    // the Mantel-Haenszel risk difference, exposed minus unexposed
	Interval           Interval   // of it, by Sato's variance
	P                  float64    // two-sided, of the Cochran-Mantel-Haenszel test; 1 where it has nothing to tell
}

// MantelHaenszel compares two groups within strata. With a of n1 exposed and c of n0 unexposed members having the event in a stratum
// of N, and m1 = a + c:
//
//	difference = sum((a n0 - c n1) / N) / sum(n1 n0 / N)                                   (Greenland and Robins 1985)
//	variance   = (difference sum(P) + sum(Q)) / sum(n1 n0 / N)^2                           (Sato 1989)
//	P = (n1^2 c - n0^2 a + n1 n0 (n0 - n1) / 2) / N^2, Q = (a (n0 - c) + c (n1 - a)) / 2N
//	chi squared = sum(a - n1 m1 / N)^2 / sum(n1 n0 m1 (N - m1) / (N^2 (N - 1)))            (Mantel and Haenszel 1959)
//
// with the hypergeometric variance and no continuity correction, on one degree of freedom. ok is false where no stratum has both
// groups: there is nothing to compare then, and only Dropped is set.
func MantelHaenszel(strata []Stratum) (s Stratified, ok bool) {
	var over, weight, p, q, apart, variance float64
	for _, t := range strata {
		t.Exposed.mustBePossible()
		t.Unexposed.mustBePossible()
		if !t.Both() {
			s.Dropped++
			continue
		}
		s.Strata++
		s.Exposed, s.Unexposed = s.Exposed.Plus(t.Exposed), s.Unexposed.Plus(t.Unexposed)
		a, n1, c, n0 := float64(t.Exposed.K), float64(t.Exposed.N), float64(t.Unexposed.K), float64(t.Unexposed.N)
		n, m1 := n1+n0, a+c
		over += (a*n0 - c*n1) / n
		weight += n1 * n0 / n
		p += (n1*n1*c - n0*n0*a + n1*n0*(n0-n1)/2) / (n * n)
		q += (a*(n0-c) + c*(n1-a)) / (2 * n)
		apart += a - n1*m1/n
		if n > 1 {
			variance += n1 * n0 * m1 * (n - m1) / (n * n * (n - 1))
		}
	}
	if s.Strata == 0 {
		return s, false
	}
	s.Difference = over / weight
	s.Interval = wald(s.Difference, math.Sqrt(max(0, s.Difference*p+q))/weight).clamp(-1, 1)
	s.P = 1
	if variance > 0 {
		s.P = TwoSidedP(apart / math.Sqrt(variance))
	}
	return s, true
}

// Scores are the scores of one group: how many, their sum and the sum of their squares.
type Scores struct {
	N           int
	Sum, Square float64
}

// Add counts one score.
func (s *Scores) Add(x float64) { s.N, s.Sum, s.Square = s.N+1, s.Sum+x, s.Square+x*x }

// Mean is their mean; ok is false where there are none.
func (s Scores) Mean() (mean float64, ok bool) {
	if s.N == 0 {
		return 0, false
	}
	return s.Sum / float64(s.N), true
}

// StandardizedDifference is how far the means of two groups lie apart, in pooled standard deviations: the square root of the mean of
// the two variances weighed by their degrees of freedom (Cohen 1988). ok is false where a group has no scores, or where all are equal
// within both groups and so no deviation is known, unless the means are equal too.
func StandardizedDifference(a, b Scores) (d float64, ok bool) {
	meanA, okA := a.Mean()
	meanB, okB := b.Mean()
	if !okA || !okB {
		return 0, false
	}
	if meanA == meanB {
		return 0, true
	}
	free := a.N + b.N - 2
	within := max(0, a.Square-float64(a.N)*meanA*meanA) + max(0, b.Square-float64(b.N)*meanB*meanB)
	if free <= 0 || within <= 1e-9*(a.Square+b.Square) {
		return 0, false
	}
	return (meanA - meanB) / math.Sqrt(within/float64(free)), true
}

// PoissonScore is the 95 % score interval of the mean of a Poisson count k: k + z^2/2 ± z sqrt(k + z^2/4), as Wilson's is of a
// proportion (Rao 1948; Barker 2002).
func PoissonScore(k int) Interval {
	n := float64(k)
	half := Z95 * math.Sqrt(n+Z95*Z95/4)
	return Interval{Low: max(0, n+Z95*Z95/2-half), High: n + Z95*Z95/2 + half}
}
