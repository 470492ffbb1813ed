package stats

// Medians and percentiles of durations, and win rates by score decile.

import (
	"cmp"
	"math"
	"slices"
)

// Count is a cell of a histogram: N times the same value.
type Count struct {
	Value float64
	N     int
}

// Quantile returns the p-quantile of values by linear interpolation between the order statistics around 1 + p(n-1) (Hyndman
// and Fan, Am Stat 1996;50:361-365, definition 7), which is what a spreadsheet's PERCENTILE and MEDIAN say of the same column:
// the median of an even number lies half-way between the middle two. ok is false without values. values is not changed; a
// NaN among them, or p outside 0 to 1, panics. For whole days among winners see DaysQuantile, which never lies between two.
func Quantile(values []float64, p float64) (q float64, ok bool) {
	counts := make([]Count, len(values))
	for i, v := range values {
		counts[i] = Count{Value: v, N: 1}
	}
	return QuantileOfCounts(counts, p)
}

// Median returns Quantile at one half.
func Median(values []float64) (m float64, ok bool) { return Quantile(values, 0.5) }

// QuantileOfCounts is Quantile from a histogram, in O(c log c) for c cells, which may come in any order and repeat values.
func QuantileOfCounts(counts []Count, p float64) (q float64, ok bool) {
	if !(p >= 0 && p <= 1) {
		panic("stats: a quantile lies between 0 and 1")
	}
	sorted, n := slices.Clone(counts), 0
	for _, c := range sorted {
		if c.N < 0 || math.IsNaN(c.Value) {
			panic("stats: a histogram of impossible values")
		}
		n += c.N
	}
	if n == 0 {
		return 0, false
	}
	slices.SortFunc(sorted, func(a, b Count) int { return cmp.Compare(a.Value, b.Value) })
	position := p * float64(n-1)
	rank := min(int(position+1e-9), n-1)
	part := max(0, position-float64(rank))
	lower, upper := valueAt(sorted, rank), valueAt(sorted, min(rank+1, n-1))
	return lower + part*(upper-lower), true
}

// valueAt returns the value of 0-based rank.
func valueAt(sorted []Count, rank int) float64 {
	for _, c := range sorted {
		if rank -= c.N; rank < 0 {
			return c.Value
		}
	}
	panic("unreachable: the ranks end at n")
}

// Decile is a tenth of the leads by score.
type Decile struct {
	Decile   int     // 1 is the lowest tenth, 10 the highest
	From, To float64 // lowest and highest score in it
	Won      Proportion
}

// Deciles cuts a score histogram into tenths by score, lowest first, each with its positives of all. Equal scores stay
// together: a score belongs to the tenth in which its midrank lies, ⌊10·(below + half of its own)/all⌋, so that tenths of a
// coarse score are of unequal size, and those that hold no score are left out. A NaN score panics.
func Deciles(bins []ScoreBin) []Decile {
	sorted, all := slices.Clone(bins), 0
	for _, b := range sorted {
		if b.Positives < 0 || b.Negatives < 0 || math.IsNaN(b.Score) {
			panic("stats: a histogram of impossible scores")
		}
		all += b.Positives + b.Negatives
	}
	slices.SortFunc(sorted, func(a, b ScoreBin) int { return cmp.Compare(a.Score, b.Score) })
	var out []Decile
	below := 0
	for start := 0; start < len(sorted); {
		var own Proportion
		score := sorted[start].Score
		for ; start < len(sorted) && sorted[start].Score == score; start++ {
			own = own.Plus(Proportion{K: sorted[start].Positives, N: sorted[start].Positives + sorted[start].Negatives})
		}
		if own.N == 0 {
			continue
		}
		tenth := 5*(2*below+own.N)/all + 1
		if len(out) == 0 || out[len(out)-1].Decile != tenth {
			out = append(out, Decile{Decile: tenth, From: score})
		}
		last := &out[len(out)-1]
		last.To, last.Won = score, last.Won.Plus(own)
		below += own.N
	}
	return out
}
