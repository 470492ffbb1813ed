package stats

// Comparing two rates, many at a time, and the gate that decides whether a comparing word may be used.

import (
	"cmp"
	"math"
	"slices"
)

// When a difference may be claimed (PRODUCT.md, "Terms and rules"), beside the sizes in proportion.go.
const (
	MinPoints = 0.05 // the smallest difference worth a word: five points
	MaxQ      = 0.10 // the largest share of false alarms among the differences claimed
)

// Verdict says whether, and how, A may be compared with B.
type Verdict int

const (
	TooFew   Verdict = iota // one side is too small: no comparing word
	TooClose                // both are large enough, the difference is not: "too close to call"
	Higher                  // A is higher than B
	Lower                   // A is lower than B
)

// Pair is two groups to compare that share no member.
type Pair struct {
	A, B Proportion
}

// Comparison is a Pair compared.
type Comparison struct {
	Pair
	Difference float64  // rate of A minus rate of B
	Interval   Interval // of the difference, Newcombe
	P          float64  // two-sided; 1 where nothing was tested
	Q          float64  // Benjamini-Hochberg over the pairs compared together; 1 where nothing was tested
	Verdict    Verdict
}

// Compare compares pairs that are read together: the rows of one table. The family of the Benjamini-Hochberg procedure is
// the pairs of which both sides reach minimum (MinCompare; MinCompareWins for win rates); the others are TooFew and do not
// count in it, which is fair because their size, not their outcome, excludes them. A difference is claimed from MinPoints
// and q <= MaxQ.
func Compare(minimum int, pairs []Pair) []Comparison {
	out := make([]Comparison, len(pairs))
	var tested []int
	var ps []float64
	for i, pair := range pairs {
		out[i] = Comparison{Pair: pair, Difference: pair.A.Rate() - pair.B.Rate(), Interval: Newcombe(pair.A, pair.B), P: 1, Q: 1}
		if pair.A.N < minimum || pair.B.N < minimum {
			continue
		}
		out[i].P = TwoProportionP(pair.A, pair.B)
		tested, ps = append(tested, i), append(ps, out[i].P)
	}
	for j, q := range BenjaminiHochberg(ps) {
		c := &out[tested[j]]
		c.Q, c.Verdict = q, TooClose
		if q <= MaxQ && math.Abs(c.Difference) >= MinPoints-rounding {
			c.Verdict = Higher
			if c.Difference < 0 {
				c.Verdict = Lower
			}
		}
	}
	return out
}

// TwoProportionP returns the two-sided p value of "both rates are the same". If all four expected counts are at least 5 it
// is the pooled score test,
//
//	z = (pA - pB) / √(p(1-p)(1/nA + 1/nB)), p = (kA + kB)/(nA + nB),
//
// the square root of Pearson's chi-square without continuity correction (Fleiss, Levin and Paik 2003, 3.1). Below that the
// normal approximation overstates (Cochran, Biometrics 1954;10:417-451), and wins are rare: Fisher's exact test, the sum
// over all tables with these margins that are no likelier than the one seen. 1 where either side is empty or both rates
// are all or nothing.
func TwoProportionP(a, b Proportion) float64 {
	a.mustBePossible()
	b.mustBePossible()
	all := a.Plus(b)
	if a.N == 0 || b.N == 0 || all.K == 0 || all.K == all.N {
		return 1
	}
	na, nb, n := float64(a.N), float64(b.N), float64(all.N)
	rarer := float64(min(all.K, all.N-all.K))
	if min(na, nb)*rarer < 5*n {
		return fisher(a, b)
	}
	p := float64(all.K) / n
	se := math.Sqrt(p * (1 - p) * (1/na + 1/nb))
	return TwoSidedP((float64(a.K)/na - float64(b.K)/nb) / se)
}

// fisher walks the hypergeometric distribution outwards from the table seen, by the ratio of neighbours, so that no
// factorial is needed but the first. It is called only where an expected count is under 5, which bounds the tables by
// about √(5n).
func fisher(a, b Proportion) float64 {
	k := a.K + b.K
	low, high := max(0, k-b.N), min(k, a.N)
	logs := make([]float64, high-low+1)
	var largest float64
	for x := low + 1; x <= high; x++ {
		// P(x)/P(x-1) for x successes in A
		up := float64(a.N-x+1) * float64(k-x+1)
		down := float64(x) * float64(b.N-k+x)
		logs[x-low] = logs[x-low-1] + math.Log(up/down)
		largest = max(largest, logs[x-low])
	}
	seen := logs[a.K-low]
	var total, asRare float64
	for _, l := range logs {
		w := math.Exp(l - largest)
		total += w
		if l <= seen+1e-7 { // tables of the same probability differ by rounding
			asRare += w
		}
	}
	return min(1, asRare/total)
}

// Newcombe returns the 95 % interval of the difference a - b, from the Wilson intervals of both:
//
//	d - √((pA-lA)² + (uB-pB)²)  to  d + √((uA-pA)² + (pB-lB)²)
//
// (Newcombe, Stat Med 1998;17:873-890, method 10.) An empty side gives -1 to 1 cut to what the other side allows.
func Newcombe(a, b Proportion) Interval {
	pa, pb, ia, ib := a.Rate(), b.Rate(), a.Interval(), b.Interval()
	if a.N == 0 || b.N == 0 {
		return Interval{Low: ia.Low - ib.High, High: ia.High - ib.Low}
	}
	d := pa - pb
	return Interval{
		Low:  d - math.Hypot(pa-ia.Low, ib.High-pb),
		High: d + math.Hypot(ia.High-pa, pb-ib.Low),
	}.clamp(-1, 1)
}

// BenjaminiHochberg returns the q value of each p value, in the order given: the smallest false discovery rate at which the
// step-up procedure would claim it,
//
//	q(i) = min over j >= i of p(j)·m/j, p sorted ascending, at most 1
//
// (Benjamini and Hochberg, JRSS B 1995;57:289-300.) Equal p values have equal q values.
func BenjaminiHochberg(p []float64) []float64 {
	m := len(p)
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	q := make([]float64, m)
	least := 1.0
	for rank := m; rank >= 1; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(m)/float64(rank))
		q[i] = least
	}
	return q
}
