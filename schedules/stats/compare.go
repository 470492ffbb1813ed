package stats

// Comparing two rates, many at a time, and the gate that decides whether a comparing word may be used.

import "math"

// When a difference may be claimed (PRODUCT.md, "Terms and rules"), beside the sizes in proportion.go.
const MinPoints = 0.05 // the smallest difference worth a word: five points

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
	Q          float64  // P adjusted for the pairs compared together (Bonferroni); 1 where nothing was tested
	Verdict    Verdict
}

// Compare compares pairs that are read together: the rows of one table. A difference is claimed from MinPoints and a p value, times
// the pairs that can tell (Bonferroni), of at most level. A pair can tell where both sides reach minimum and, below MinCompare,
// where so many successes as there are, spread as unevenly as can be, would have reached the level (Tarone, Biometrics
// 1990;46:515-522). The others are TooFew and do not count, which is fair because their margins, not their outcome, exclude them.
// The level is the caller's: how often a table is looked at decides how small it must be.
func Compare(minimum int, level float64, pairs []Pair) []Comparison {
	out := make([]Comparison, len(pairs))
	var tested []int
	for i, pair := range pairs {
		out[i] = Comparison{Pair: pair, Difference: pair.A.Rate() - pair.B.Rate(), Interval: Newcombe(pair.A, pair.B), P: 1, Q: 1}
		small := min(pair.A.N, pair.B.N)
		if small >= minimum && (small >= MinCompare || pair.best() <= level) {
			out[i].P = TwoProportionP(pair.A, pair.B)
			tested = append(tested, i)
		}
	}
	for _, i := range tested {
		c := &out[i]
		c.Q, c.Verdict = min(1, c.P*float64(len(tested))), TooClose
		if c.Q <= level && math.Abs(c.Difference) >= MinPoints-rounding {
			c.Verdict = Higher
			if c.Difference < 0 {
				c.Verdict = Lower
			}
		}
	}
	return out
}

// best is the smallest p value that the pair's margins allow: all successes that can be on one side are there.
func (p Pair) best() float64 {
	k := p.A.K + p.B.K
	least := func(k int) float64 { // of successes of A
		return TwoProportionP(Proportion{K: k, N: p.A.N}, Proportion{K: p.A.K + p.B.K - k, N: p.B.N})
	}
	return min(least(max(0, k-p.B.N)), least(min(k, p.A.N)))
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

// FisherP returns the two-sided p value of Fisher's exact test: the sum over all tables with these margins that are no likelier
// than the one seen. 1 where either side is empty or both rates are all or nothing.
func FisherP(a, b Proportion) float64 {
	a.mustBePossible()
	b.mustBePossible()
	all := a.Plus(b)
	if a.N == 0 || b.N == 0 || all.K == 0 || all.K == all.N {
		return 1
	}
	return fisher(a, b)
}

// fisher walks the hypergeometric distribution outwards from the table seen, by the ratio of neighbours, so that no
// factorial is needed but the first. For TwoProportionP an expected count is under 5, which bounds the tables
// by about √(5n); for FisherP it is at most the smaller margin.
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
