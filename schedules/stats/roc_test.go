package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestAUCPublished: 109 CT images rated 1 to 5 (Hanley and McNeil, Radiology 1982;143:29-36, table I). Area, DeLong standard
// error and interval as in the Stata Reference Manual, [R] roctab, example 1.
func TestAUCPublished(t *testing.T) {
	auc, ok := AUCOfBins([]ScoreBin{{1, 3, 33}, {2, 2, 6}, {3, 2, 6}, {4, 11, 11}, {5, 33, 2}})
	if !ok || auc.Positives != 51 || auc.Negatives != 58 {
		t.Fatalf("%+v", auc)
	}
	near(t, "area", auc.Area, 0.8932, 5e-5)
	near(t, "SE", auc.SE, 0.0307, 5e-5)
	nearInterval(t, "interval", auc.Interval, 0.83295, 0.95339, 5e-6)
	if !auc.Shown() {
		t.Error("51 and 58 are enough to show")
	}
}

// TestDeLongAgainstBruteForce: structural components from all m·n pairs, as in the paper, for scores with many ties and
// with few, single leads and histograms alike.
func TestDeLongAgainstBruteForce(t *testing.T) {
	r := seeded(20)
	for run := range 400 {
		leads := randomScores(r, 4+r.IntN(60), 2+r.IntN(30))
		want, wantOK := bruteDeLong(leads)
		got, ok := DeLong(leads)
		if ok != wantOK {
			t.Fatal(ok, wantOK)
		}
		if !ok {
			continue
		}
		binned, _ := DeLongOfBins(binScores(leads))
		for how, d := range map[string]DeLongTest{"leads": got, "bins": binned} {
			what := func(s string) string { return fmt.Sprint(how, " ", run, " ", s) }
			near(t, what("area A"), d.A.Area, want.A.Area, 1e-12)
			near(t, what("area B"), d.B.Area, want.B.Area, 1e-12)
			near(t, what("SE A"), d.A.SE, want.A.SE, 1e-12)
			near(t, what("SE B"), d.B.SE, want.B.SE, 1e-12)
			near(t, what("difference"), d.Difference, want.A.Area-want.B.Area, 1e-12)
			near(t, what("SE"), d.SE, want.SE, 1e-7)
			if want.SE > 1e-6 {
				near(t, what("p"), d.P, math.Erfc(math.Abs(want.A.Area-want.B.Area)/want.SE/math.Sqrt2), 1e-9)
				nearInterval(t, what("interval"), d.Interval, max(-1, want.Difference-1.959963984540054*want.SE),
					min(1, want.Difference+1.959963984540054*want.SE), 1e-9)
			}
			if d.A.Positives != want.A.Positives || d.A.Negatives != want.A.Negatives {
				t.Fatalf("%+v", d)
			}
		}
		alone, _ := AUCOf(scoresA(leads))
		if alone != got.A {
			t.Fatalf("alone %+v, in the test %+v", alone, got.A)
		}
	}
}

// randomScores draws leads whose scores carry some signal; levels is how many distinct scores there are.
func randomScores(r *rand.Rand, n, levels int) []PairedScore {
	out := make([]PairedScore, n)
	for i := range out {
		win := r.IntN(3) == 0
		shift := 0.0
		if win {
			shift = 0.3
		}
		common := r.Float64()
		out[i] = PairedScore{math.Floor(float64(levels) * (common + shift)),
			math.Floor(float64(levels) * (0.5*common + 0.5*r.Float64() + shift/2)), win}
	}
	return out
}

func scoresA(leads []PairedScore) []Scored {
	out := make([]Scored, len(leads))
	for i, l := range leads {
		out[i] = Scored{l.A, l.Positive}
	}
	return out
}

func binScores(leads []PairedScore) []PairedBin {
	bins, index := []PairedBin{}, map[[2]float64]int{}
	for i, l := range leads {
		key := [2]float64{l.A, l.B}
		j, seen := index[key]
		if !seen || i%7 == 0 { // now and then the same pair again, in a bin of its own
			j = len(bins)
			index[key], bins = j, append(bins, PairedBin{A: l.A, B: l.B})
		}
		if l.Positive {
			bins[j].Positives++
		} else {
			bins[j].Negatives++
		}
	}
	return bins
}

// bruteDeLong follows DeLong et al. 1988, equations 4 to 8, pair by pair, with the covariance matrix in full.
func bruteDeLong(leads []PairedScore) (d DeLongTest, ok bool) {
	var xs, ys []PairedScore
	for _, l := range leads {
		if l.Positive {
			xs = append(xs, l)
		} else {
			ys = append(ys, l)
		}
	}
	if len(xs) < 2 || len(ys) < 2 {
		return d, false
	}
	psi := func(x, y float64) float64 {
		switch {
		case y < x:
			return 1
		case y == x:
			return 0.5
		}
		return 0
	}
	m, n := float64(len(xs)), float64(len(ys))
	v10, v01 := [2][]float64{make([]float64, len(xs)), make([]float64, len(xs))},
		[2][]float64{make([]float64, len(ys)), make([]float64, len(ys))}
	var theta [2]float64
	for i, x := range xs {
		for j, y := range ys {
			for k, p := range [2]float64{psi(x.A, y.A), psi(x.B, y.B)} {
				v10[k][i] += p / n
				v01[k][j] += p / m
				theta[k] += p / (m * n)
			}
		}
	}
	s := func(k, l int) float64 {
		var a, b float64
		for i := range xs {
			a += (v10[k][i] - theta[k]) * (v10[l][i] - theta[l])
		}
		for j := range ys {
			b += (v01[k][j] - theta[k]) * (v01[l][j] - theta[l])
		}
		return a/(m-1)/m + b/(n-1)/n
	}
	d.A = AUC{Positives: len(xs), Negatives: len(ys), Area: theta[0], SE: math.Sqrt(s(0, 0))}
	d.B = AUC{Positives: len(xs), Negatives: len(ys), Area: theta[1], SE: math.Sqrt(s(1, 1))}
	d.Difference = theta[0] - theta[1]
	d.SE = math.Sqrt(max(0, s(0, 0)+s(1, 1)-2*s(0, 1)))
	return d, true
}

func TestAUCEdges(t *testing.T) {
	for _, c := range []struct {
		name string
		bins []ScoreBin
		ok   bool
		area float64
		se   float64
	}{
		{"nothing", nil, false, 0, 0},
		{"one positive", []ScoreBin{{1, 1, 50}}, false, 0, 0},
		{"one negative", []ScoreBin{{1, 0, 1}, {2, 50, 0}}, false, 0, 0},
		{"not a number", []ScoreBin{{math.NaN(), 5, 5}, {1, 5, 5}}, false, 0, 0},
		{"one score for all", []ScoreBin{{50, 7, 9}}, true, 0.5, 0},
		{"separates them", []ScoreBin{{1, 0, 9}, {2, 7, 0}}, true, 1, 0},
		{"the wrong way round", []ScoreBin{{1, 7, 0}, {2, 0, 9}}, true, 0, 0},
		{"empty bins change nothing", []ScoreBin{{0, 0, 0}, {1, 7, 0}, {1.5, 0, 0}, {2, 0, 9}}, true, 0, 0},
		{"minus zero is zero", []ScoreBin{{math.Copysign(0, -1), 3, 0}, {0, 0, 3}}, true, 0.5, 0},
		{"infinite scores are an order too", []ScoreBin{{math.Inf(-1), 0, 3}, {math.Inf(1), 3, 0}}, true, 1, 0},
	} {
		got, ok := AUCOfBins(c.bins)
		if ok != c.ok || got.Area != c.area || got.SE != c.se || ok && got.Interval != (Interval{c.area, c.area}) {
			t.Errorf("%s: %+v %v", c.name, got, ok)
		}
	}
	if !panics(func() { AUCOfBins([]ScoreBin{{1, -1, 0}}) }) {
		t.Error("a negative count must not pass")
	}
}

// TestIntervalsEndWhereAreasEnd: three of four pairs in order; the Wald ends are 0.75 ± 0.69 for the area. Turned against
// itself the same score differs by 0.5 ± 1.39.
func TestIntervalsEndWhereAreasEnd(t *testing.T) {
	leads := []PairedScore{{1, 4, false}, {2, 3, true}, {3, 2, false}, {4, 1, true}}
	d, ok := DeLong(leads)
	if !ok || d.A.Interval.High != 1 || d.B.Interval.Low != 0 || d.Interval.High != 1 {
		t.Errorf("%+v", d)
	}
	// V10 = ½, 1 and V01 = 1, ½: both variances 1/8, SE = √(1/16 + 1/16).
	near(t, "area", d.A.Area, 0.75, 0)
	near(t, "SE", d.A.SE, math.Sqrt(0.125), 1e-15)
	near(t, "SE of the difference", d.SE, 2*math.Sqrt(0.125), 1e-15)
	near(t, "low", d.A.Interval.Low, 0.75-1.959963984540054*math.Sqrt(0.125), 1e-15)
}

// TestDeLongWithoutVariance: exact zero, decided by the difference, not by rounding.
func TestDeLongWithoutVariance(t *testing.T) {
	r := seeded(21)
	leads := randomScores(r, 500, 40)
	for i := range leads {
		leads[i].B = math.Exp(leads[i].A / 7) // the same order on another scale
	}
	same, ok := DeLong(leads)
	if !ok || same.Difference != 0 || same.SE != 0 || same.P != 1 || same.Interval != (Interval{}) || same.Claim(0.05) != TooClose {
		t.Errorf("the same order: %+v", same)
	}
	for i := range leads {
		leads[i].A, leads[i].B = 0, 1
		if leads[i].Positive {
			leads[i].A = 1
		}
	}
	apart, _ := DeLong(leads)
	if apart.Difference != 0.5 || apart.SE != 0 || apart.P != 0 || apart.Claim(0.05) != Higher {
		t.Errorf("one separates, one is constant: %+v", apart)
	}
	if _, ok := DeLong([]PairedScore{{1, math.NaN(), true}, {1, 1, true}, {0, 0, false}, {2, 1, false}}); ok {
		t.Error("a score that is not a number")
	}
}

func TestDeLongClaim(t *testing.T) {
	for _, c := range []struct {
		name string
		d    DeLongTest
		want Verdict
	}{
		{"29 won", DeLongTest{A: AUC{Positives: 29, Negatives: 100}, Interval: Interval{0.1, 0.2}}, TooFew},
		{"29 lost", DeLongTest{A: AUC{Positives: 100, Negatives: 29}, Interval: Interval{0.1, 0.2}}, TooFew},
		{"above", DeLongTest{A: AUC{Positives: 30, Negatives: 30}, Interval: Interval{0.001, 0.2}}, Higher},
		{"below", DeLongTest{A: AUC{Positives: 30, Negatives: 30}, Interval: Interval{-0.2, -0.001}}, Lower},
		{"zero inside", DeLongTest{A: AUC{Positives: 300, Negatives: 300}, Interval: Interval{-0.01, 0.09}}, TooClose},
		{"zero at the end does not exclude it", DeLongTest{A: AUC{Positives: 300, Negatives: 300}, Interval: Interval{0, 0.09}}, TooClose},
	} {
		if got := c.d.Claim(0.05); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if (AUC{Positives: 9, Negatives: 100}).Shown() || !(AUC{Positives: 10, Negatives: 10}).Shown() {
		t.Error("an area is shown from 10 and 10")
	}
}

// TestAUCCoverage: normal scores a standard deviation apart have the area Φ(1/√2) = 0.7602; two independent ones do not
// differ. The Wald interval holds the truth about 95 times in 100, the test errs about five times.
func TestAUCCoverage(t *testing.T) {
	r := seeded(22)
	truth := NormalCDF(1 / math.Sqrt2)
	const runs = 2000
	var inside, alarms int
	for range runs {
		leads := make([]PairedScore, 120)
		for i := range leads {
			leads[i] = PairedScore{r.NormFloat64(), r.NormFloat64(), i < 50}
			if i < 50 {
				leads[i].A++
				leads[i].B++
			}
		}
		d, _ := DeLong(leads)
		if d.A.Interval.Contains(truth) {
			inside++
		}
		if d.P < 0.05 {
			alarms++
		}
	}
	t.Logf("inside %.3f, false alarms %.3f", float64(inside)/runs, float64(alarms)/runs)
	if inside < runs*93/100 || inside > runs*97/100 || alarms > runs*7/100 || alarms < runs*3/100 {
		t.Errorf("inside %d, false alarms %d of %d", inside, alarms, runs)
	}
}

// FuzzDeLong: exchanging the scores turns the sign, exchanging the classes mirrors the areas, and both keep error and p.
func FuzzDeLong(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add([]byte{0, 0, 2, 2, 1, 1, 0, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		var bins, exchanged, mirrored []PairedBin
		for ; len(data) >= 4; data = data[4:] {
			a, b, p, n := float64(data[0]), float64(data[1]), int(data[2]), int(data[3])
			bins = append(bins, PairedBin{a, b, p, n})
			exchanged = append(exchanged, PairedBin{b, a, p, n})
			mirrored = append(mirrored, PairedBin{a, b, n, p})
		}
		d, ok := DeLongOfBins(bins)
		e, okE := DeLongOfBins(exchanged)
		m, okM := DeLongOfBins(mirrored)
		if ok != okE || ok != okM {
			t.Fatal(ok, okE, okM)
		}
		if !ok {
			return
		}
		if d.Difference != -e.Difference && math.Abs(d.Difference+e.Difference) > 1e-12 || d.P != e.P || d.A != e.B || d.B != e.A {
			t.Fatalf("exchanged: %+v and %+v", d, e)
		}
		for _, pair := range [][2]float64{{d.A.Area, 1 - m.A.Area}, {d.B.Area, 1 - m.B.Area}, {d.A.SE, m.A.SE}, {d.SE, m.SE}, {d.P, m.P}} {
			if !(math.Abs(pair[0]-pair[1]) < 1e-9) {
				t.Fatalf("mirrored: %+v and %+v", d, m)
			}
		}
		if !(d.A.Area >= 0 && d.A.Area <= 1 && d.P >= 0 && d.P <= 1 && d.Interval.Low <= d.Interval.High) {
			t.Fatalf("%+v", d)
		}
	})
}

func BenchmarkDeLong(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		leads := randomScores(seeded(23), n, 1_000_000)
		b.Run(fmt.Sprint(n, "_leads"), func(b *testing.B) {
			for b.Loop() {
				DeLong(leads)
			}
		})
	}
}

// BenchmarkDeLongOfBins: scores 0 to 100 against three ratings, as a roll-up holds them, whatever the number of leads.
func BenchmarkDeLongOfBins(b *testing.B) {
	r := seeded(24)
	for _, perCell := range []int{30, 30_000} {
		var bins []PairedBin
		for score := range 101 {
			for rating := range 3 {
				bins = append(bins, PairedBin{float64(score), float64(rating), r.IntN(perCell), r.IntN(perCell)})
			}
		}
		b.Run(fmt.Sprint("up_to_", perCell, "_a_cell"), func(b *testing.B) {
			for b.Loop() {
				DeLongOfBins(bins)
			}
		})
	}
}

// AUCOf returns the area under the ROC curve of a score with DeLong's standard error, in O(n log n).
//
// With m positives x and n negatives y, V10(x) the share of negatives below x and V01(y) the share of positives above y, ties
// counting half (which is the midrank of x among all less that among the positives: Sun and Xu, IEEE Signal Process Lett
// 2014;21:1389-1393),
//
//	Area = mean of V10,   SE² = s²(V10)/m + s²(V01)/n, with sample variances
//
// (DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837-845.) ok is false with fewer than two in a class or a score that
// is NaN. An area of 0 or 1 has a standard error of 0, which says nothing: mind Shown.
func AUCOf(leads []Scored) (auc AUC, ok bool) {
	bins := make([]ScoreBin, len(leads))
	for i, l := range leads {
		bins[i].Score = l.Score
		if l.Positive {
			bins[i].Positives = 1
		} else {
			bins[i].Negatives = 1
		}
	}
	return AUCOfBins(bins)
}

// DeLong compares two scores of the same leads, in O(n log n). With D10(x) = V10 of A less V10 of B, and D01(y) likewise,
//
//	Difference = mean of D10,   SE² = s²(D10)/m + s²(D01)/n,   p = P(|Z| >= |Difference|/SE)
//
// which is DeLong's quadratic form for the contrast (1, -1); see AUCOf. ok is false with fewer than two in a class or a score
// that is NaN. If the standard error is exactly zero (the scores order the leads alike, or each separates the classes in its
// own unvarying way) p is 1 for equal areas, else 0; integers decide, not rounding.
func DeLong(leads []PairedScore) (test DeLongTest, ok bool) {
	bins := make([]PairedBin, len(leads))
	for i, l := range leads {
		bins[i].A, bins[i].B = l.A, l.B
		if l.Positive {
			bins[i].Positives = 1
		} else {
			bins[i].Negatives = 1
		}
	}
	return DeLongOfBins(bins)
}
