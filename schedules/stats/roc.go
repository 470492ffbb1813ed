package stats

// How well a score tells winners from losers: the area under the ROC curve, and two of them on the same leads.

import (
	"cmp"
	"math"
	"slices"
)

// When an area is shown and when a difference of two is claimed (PRODUCT.md, "Terms and rules"): at least so many in each
// class.
const (
	MinArea  = 10
	MinAreas = 30
)

// Scored is one lead with a score (higher should mean likelier) and what became of it.
type Scored struct {
	Score    float64
	Positive bool
}

// ScoreBin is a cell of a score histogram. The same score may occur more than once.
type ScoreBin struct {
	Score                float64
	Positives, Negatives int
}

// AUC is an area under the ROC curve: the chance that a positive drawn at random scores above a negative, ties counting half.
type AUC struct {
	Positives, Negatives int
	Area                 float64
	SE                   float64
	Interval             Interval // Area ± Z95·SE (Wald, on the scale of the area), cut to 0 and 1
}

// Shown reports whether both classes have MinArea.
func (a AUC) Shown() bool { return min(a.Positives, a.Negatives) >= MinArea }

// AUCOfBins is AUCOf from a histogram, in O(b log b) for b cells.
func AUCOfBins(bins []ScoreBin) (auc AUC, ok bool) {
	cells := make([]cell, len(bins))
	for i, b := range bins {
		cells[i] = newCell(b.Positives, b.Negatives)
	}
	if !place(cells, func(i int) float64 { return bins[i].Score }) {
		return AUC{}, false
	}
	return area(cells)
}

// PairedScore is one lead with two scores and what became of it.
type PairedScore struct {
	A, B     float64
	Positive bool
}

// PairedBin is a cell of the histogram of two scores together. The same pair may occur more than once.
type PairedBin struct {
	A, B                 float64
	Positives, Negatives int
}

// DeLongTest compares the areas of two scores on the same leads.
type DeLongTest struct {
	A, B       AUC
	Difference float64  // area of A minus area of B
	SE         float64  // of the difference
	Interval   Interval // Difference ± Z95·SE (Wald), cut to -1 and 1
	P          float64  // two-sided normal p of "the areas are the same"
}

// Claim says which score predicts better: TooFew unless both classes have MinAreas, TooClose above a p value of level, or if the
// interval of the difference holds zero, else Higher or Lower for A against B.
func (d DeLongTest) Claim(level float64) Verdict {
	switch {
	case min(d.A.Positives, d.A.Negatives) < MinAreas:
		return TooFew
	case d.P > level:
		return TooClose
	case d.Interval.Low > 0:
		return Higher
	case d.Interval.High < 0:
		return Lower
	}
	return TooClose
}

// DeLongOfBins is DeLong from a histogram of both scores together, in O(b log b) for b cells.
func DeLongOfBins(bins []PairedBin) (test DeLongTest, ok bool) {
	a := make([]cell, len(bins))
	for i, b := range bins {
		a[i] = newCell(b.Positives, b.Negatives)
	}
	b, difference := slices.Clone(a), slices.Clone(a)
	scoreA, scoreB := func(i int) float64 { return bins[i].A }, func(i int) float64 { return bins[i].B }
	if !place(a, scoreA) || !place(b, scoreB) {
		return DeLongTest{}, false
	}
	for i := range difference {
		difference[i].above, difference[i].below = a[i].above-b[i].above, a[i].below-b[i].below
	}
	test.A, ok = area(a)
	if !ok {
		return DeLongTest{}, false
	}
	test.B, _ = area(b)
	test.Difference, test.SE = meanAndSE(difference, test.A.Positives, test.A.Negatives)
	test.Interval = wald(test.Difference, test.SE).clamp(-1, 1)
	switch {
	case test.SE > 0:
		test.P = TwoSidedP(test.Difference / test.SE)
	case test.Difference == 0:
		test.P = 1
	}
	return test, true
}

// cell is a number of leads with one score. Placements are twice DeLong's, times the size of the other class, so that they
// are whole numbers and ties stay exact.
type cell struct {
	positives, negatives int64
	above                int64 // of a positive: twice the negatives below it, plus those beside it
	below                int64 // of a negative: twice the positives above it, plus those beside it
}

func newCell(positives, negatives int) cell {
	if positives < 0 || negatives < 0 {
		panic("stats: negative count of a score")
	}
	return cell{positives: int64(positives), negatives: int64(negatives)}
}

// place fills in the placements under a score; false if a score is NaN.
func place(cells []cell, score func(i int) float64) bool {
	type ranked struct {
		score float64
		cell  int
	}
	order := make([]ranked, len(cells))
	var positives int64
	for i, c := range cells {
		order[i] = ranked{score: score(i), cell: i}
		if math.IsNaN(order[i].score) {
			return false
		}
		positives += c.positives
	}
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Compare(a.score, b.score) })
	var p, n int64 // positives and negatives below
	for start := 0; start < len(order); {
		end, tiedP, tiedN := start, int64(0), int64(0)
		for ; end < len(order) && order[end].score == order[start].score; end++ {
			tiedP += cells[order[end].cell].positives
			tiedN += cells[order[end].cell].negatives
		}
		for _, r := range order[start:end] {
			cells[r.cell].above = 2*n + tiedN
			cells[r.cell].below = 2*(positives-p-tiedP) + tiedP
		}
		start, p, n = end, p+tiedP, n+tiedN
	}
	return true
}

// area makes an AUC of placed cells; false with fewer than two in a class.
func area(cells []cell) (AUC, bool) {
	var positives, negatives int64
	for _, c := range cells {
		positives += c.positives
		negatives += c.negatives
	}
	if positives < 2 || negatives < 2 {
		return AUC{}, false
	}
	auc := AUC{Positives: int(positives), Negatives: int(negatives)}
	auc.Area, auc.SE = meanAndSE(cells, auc.Positives, auc.Negatives)
	auc.Interval = wald(auc.Area, auc.SE).clamp(0, 1)
	return auc, true
}

// meanAndSE returns the mean placement and DeLong's standard error of it, on the scale of the area. The means of unvarying
// whole numbers are exact, so no variance comes out as exactly 0 (up to 2^53 pairs).
func meanAndSE(cells []cell, positives, negatives int) (mean, se float64) {
	m, n := float64(positives), float64(negatives)
	var above, below int64
	for _, c := range cells {
		above += c.positives * c.above
		below += c.negatives * c.below
	}
	meanAbove, meanBelow := float64(above)/m, float64(below)/n
	var s10, s01 float64
	for _, c := range cells {
		da, db := float64(c.above)-meanAbove, float64(c.below)-meanBelow
		s10 += float64(c.positives) * da * da
		s01 += float64(c.negatives) * db * db
	}
	s10 /= (m - 1) * 4 * n * n
	s01 /= (n - 1) * 4 * m * m
	return meanAbove / (2 * n), math.Sqrt(s10/m + s01/n)
}
