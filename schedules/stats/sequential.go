package stats

// Evidence that may be looked at every week: e-values and the sum of e-processes started anew and anew, which stay valid
// however often somebody looks (Ramdas, Grünwald, Vovk and Shafer, Stat Sci 2023;38:576-601).

import (
	"fmt"
	"math"
)

// LogOddsE returns the logarithm of Fisher's noncentral hypergeometric likelihood ratio of one table: own is the part of all
// that belongs to the source, and odds says how many times as large the odds of success are in it as in the others,
//
//	e = odds^k / Σ_j odds^j · C(n, j)·C(N-n, K-j)/C(N, K)
//
// (own k of n, all K of N; Fisher, JRSS 1935;98:39-82; Harkness, Ann Math Stat 1965;36:938-945). Given the margins its expectation
// is 1 where the source is like the others, whatever the rate of that week is, so that what moves all sources at once moves nothing
// here: Turner, Ly and Grünwald (arXiv 2106.02693), and ter Schure et al. (arXiv 2011.06931) for the same ratio in survival data.
// 0 where the table tells nothing: an empty side, or all or none successful. The sum is walked from its largest term outwards and
// takes some √n steps.
func LogOddsE(own, all Proportion, odds float64) float64 {
	own.mustBePossible()
	all.mustBePossible()
	all.Minus(own).mustBePossible()
	if !(odds > 0) || math.IsInf(odds, 1) {
		panic(fmt.Sprintf("stats: odds of %v", odds))
	}
	low, high := inTable(own, all)
	if low == high {
		return 0
	}
	n, rest := own.N, all.N-own.N
	mode := min(high, max(low, tiltedMode(n, rest, all.K, odds)))
	// the ratio of the terms of j and j-1
	up := func(j int) float64 {
		return odds * float64(n-j+1) * float64(all.K-j+1) / (float64(j) * float64(rest-all.K+j))
	}
	sum, term := 1.0, 1.0
	for j := mode + 1; j <= high && term > negligible; j++ {
		term *= up(j)
		sum += term
	}
	term = 1
	for j := mode; j > low && term > negligible; j-- {
		term /= up(j)
		sum += term
	}
	largest := logChoose(n, mode) + logChoose(rest, all.K-mode) - logChoose(all.N, all.K)
	return float64(own.K-mode)*math.Log(odds) - largest - math.Log(sum)
}

// OddsTell reports whether a table tells anything of its odds: whether its margins leave more than one way to fill it.
func OddsTell(own, all Proportion) bool {
	low, high := inTable(own, all)
	return low < high
}

// inTable is the fewest and the most successes of own that the margins leave room for.
func inTable(own, all Proportion) (low, high int) {
	return max(0, all.K-(all.N-own.N)), min(own.N, all.K)
}

// negligible is a term that does not change a sum of terms whose largest is 1.
const negligible = 1e-18

// tiltedMode is the most likely number of successes of n among n + rest with K successes and an odds ratio: the smaller root of
// odds·(n-j)(K-j) = j·(rest-K+j) up to rounding (Liao and Rosen, Am Stat 2001;55:366-369).
func tiltedMode(n, rest, k int, odds float64) int {
	a := odds - 1
	b := -(float64(n+k+2)*odds + float64(rest-k))
	c := odds * float64(n+1) * float64(k+1)
	if math.Abs(a) < 1e-12 {
		return int(-c / b)
	}
	// the stable form of the root: q has no cancellation
	q := -(b - math.Sqrt(b*b-4*a*c)) / 2
	return int(c / q)
}

// logChoose is the logarithm of the binomial coefficient.
func logChoose(n, k int) float64 { return logFactorial(n) - logFactorial(k) - logFactorial(n-k) }

func logFactorial(n int) float64 {
	if n < len(logFactorials) {
		return logFactorials[n]
	}
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}

var logFactorials = func() (list [4096]float64) {
	for n := range list {
		list[n], _ = math.Lgamma(float64(n) + 1)
	}
	return list
}()

// LogShortfallE returns the logarithm of the likelihood ratio of k of n between odds that are the given factor (below 1) of those
// of the target, and the target: an e-value against "the target is kept or more" (the ratio falls with k, so that any rate above
// the target has an expectation below 1; Wald, Ann Math Stat 1945;16:117-186). target lies between 0 and 1.
func LogShortfallE(p Proportion, target, odds float64) float64 {
	p.mustBePossible()
	if !(target > 0 && target < 1) || !(odds > 0 && odds < 1) {
		panic(fmt.Sprintf("stats: odds of %v of a target of %v", odds, target))
	}
	worse := odds * target / (1 - target + odds*target)
	return float64(p.K)*math.Log(worse/target) + float64(p.N-p.K)*math.Log((1-worse)/(1-target))
}

// LogRestarted is one step of the sum of e-processes of which a new one starts now and then: R becomes e·R, or e·(R + 1) where one
// starts. It and its arguments are logarithms; minus infinity is the R of before the first. As each of the processes has an
// expectation of at most 1, R less their number is a supermartingale: a change is found whenever it begins (the Shiryaev-Roberts
// procedure; Shin, Ramdas and Rinaldo, E-detectors, arXiv 2203.03532).
func LogRestarted(r, e float64, start bool) float64 {
	if start {
		r = LogSum(r, 0)
	}
	return r + e
}

// LogSum returns the logarithm of the sum of numbers given as logarithms; minus infinity for none.
func LogSum(logs ...float64) float64 {
	largest := math.Inf(-1)
	for _, l := range logs {
		largest = max(largest, l)
	}
	if math.IsInf(largest, -1) {
		return largest
	}
	var sum float64
	for _, l := range logs {
		sum += math.Exp(l - largest)
	}
	return largest + math.Log(sum)
}

// LogMean returns the logarithm of the mean of numbers given as logarithms: of several e-values the mean is one, too.
func LogMean(logs ...float64) float64 { return LogSum(logs...) - math.Log(float64(len(logs))) }

// WeeksToTell returns after how many weeks evidence of a level is reached on the average, with so many leads a week of which each
// adds so much to its logarithm (Wald 1945); ok is false where it never is. The most that a lead can add is the Kullback-Leibler
// divergence of the two rates: 0.139 for 32 % beside 12 %; odds that were fixed beforehand gain some 0.11.
func WeeksToTell(level, perWeek, information float64) (weeks int, ok bool) {
	if !(perWeek*information > 0) {
		return 0, false
	}
	return int(math.Ceil(math.Log(level) / (perWeek * information))), true
}
