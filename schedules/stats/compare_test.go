package stats

import (
	"math/big"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestNewcombe: Newcombe, Stat Med 1998;17:873-890, table II, method 10, to the four places printed.
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		a, b      Proportion
		low, high float64
	}{
		{Proportion{56, 70}, Proportion{48, 80}, 0.0524, 0.3339},
		{Proportion{9, 10}, Proportion{3, 10}, 0.1705, 0.8090},
		{Proportion{6, 7}, Proportion{2, 7}, 0.0582, 0.8062},
		{Proportion{5, 56}, Proportion{0, 29}, -0.0381, 0.1926},
		{Proportion{0, 10}, Proportion{0, 20}, -0.1611, 0.2775},
		{Proportion{0, 10}, Proportion{0, 10}, -0.2775, 0.2775},
		{Proportion{10, 10}, Proportion{0, 20}, 0.6791, 1},
		{Proportion{10, 10}, Proportion{0, 10}, 0.6075, 1},
	} {
		nearInterval(t, "Newcombe", Newcombe(c.a, c.b), c.low, c.high, 5.1e-5)
	}
	nearInterval(t, "both empty", Newcombe(Proportion{}, Proportion{}), -1, 1, 0)
}

// TestTwoProportionP compares with Pearson's chi-square over the four cells where all expected counts are at least five, and
// with exact fractions over all tables elsewhere.
func TestTwoProportionP(t *testing.T) {
	r := seeded(1)
	var byChiSquare, exact int
	for range 3000 {
		a, b := Proportion{N: 1 + r.IntN(90)}, Proportion{N: 1 + r.IntN(90)}
		a.K, b.K = r.IntN(a.N+1), r.IntN(b.N+1)
		if r.IntN(3) == 0 {
			a.K, b.K = min(a.K, r.IntN(3)), min(b.K, r.IntN(3))
		}
		want, least := chiSquareP(a, b)
		if a.K+b.K == 0 || a.K+b.K == a.N+b.N {
			want = 1
		} else if least < 5-1e-9 {
			want = fisherByFractions(a, b)
			exact++
		} else {
			byChiSquare++
		}
		near(t, "p", TwoProportionP(a, b), want, 1e-9)
		near(t, "p, sides exchanged", TwoProportionP(b, a), want, 1e-9)
	}
	if byChiSquare < 500 || exact < 500 {
		t.Errorf("%d by chi-square, %d exact: the cases are lopsided", byChiSquare, exact)
	}
	if got := TwoProportionP(Proportion{}, Proportion{3, 9}); got != 1 {
		t.Errorf("an empty side: %v", got)
	}
	// Fisher's tea (Agresti, Categorical Data Analysis, 3.5.2), and twins' convictions (R's help of fisher.test).
	near(t, "tea", TwoProportionP(Proportion{3, 4}, Proportion{1, 4}), 0.4857, 5e-5)
	near(t, "convictions", fisher(Proportion{2, 17}, Proportion{10, 13}), 0.0005367, 5e-8)
}

func chiSquareP(a, b Proportion) (p, leastExpected float64) {
	n := float64(a.N + b.N)
	leastExpected = n
	var chi float64
	for _, side := range []Proportion{a, b} {
		for _, cell := range [][2]int{{side.K, a.K + b.K}, {side.N - side.K, a.N + b.N - a.K - b.K}} {
			expected := float64(side.N) * float64(cell[1]) / n
			leastExpected = min(leastExpected, expected)
			chi += (float64(cell[0]) - expected) * (float64(cell[0]) - expected) / expected
		}
	}
	return distuv.ChiSquared{K: 1}.Survival(chi), leastExpected
}

func fisherByFractions(a, b Proportion) float64 {
	ways := func(x int) *big.Int {
		return new(big.Int).Mul(new(big.Int).Binomial(int64(a.N), int64(x)), new(big.Int).Binomial(int64(b.N), int64(a.K+b.K-x)))
	}
	seen, asRare := ways(a.K), new(big.Int)
	for x := max(0, a.K+b.K-b.N); x <= min(a.N, a.K+b.K); x++ {
		if w := ways(x); w.Cmp(seen) <= 0 {
			asRare.Add(asRare, w)
		}
	}
	all := new(big.Int).Binomial(int64(a.N+b.N), int64(a.K+b.K))
	p, _ := new(big.Rat).SetFrac(asRare, all).Float64()
	return p
}

func TestCompareGate(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b    Proportion
		minimum int
		want    Verdict
	}{
		{"29 on one side", Proportion{29, 29}, Proportion{0, 500}, MinCompare, TooFew},
		{"29 on the other", Proportion{0, 500}, Proportion{29, 29}, MinCompare, TooFew},
		{"30 on each side, far apart", Proportion{25, 30}, Proportion{5, 30}, MinCompare, Higher},
		{"the same the other way round", Proportion{5, 30}, Proportion{25, 30}, MinCompare, Lower},
		{"20 closed are enough for win rates", Proportion{16, 20}, Proportion{4, 20}, MinCompareWins, Higher},
		{"but not for others", Proportion{16, 20}, Proportion{4, 20}, MinCompare, TooFew},
		{"sure, but under five points", Proportion{5400, 10000}, Proportion{5000, 10000}, MinCompare, TooClose},
		{"five points, exactly, though 0.35 - 0.30 < 0.05 in binary", Proportion{3500, 10000}, Proportion{3000, 10000}, MinCompare, Higher},
		{"ten points, but chance does that", Proportion{20, 40}, Proportion{16, 40}, MinCompare, TooClose},
		{"sent back: 39 of 103 against 12 %", Proportion{39, 103}, Proportion{48, 400}, MinCompare, Higher},
		{"both never", Proportion{0, 100}, Proportion{0, 100}, MinCompare, TooClose},
		{"nothing on either side", Proportion{}, Proportion{}, MinCompare, TooFew},
	} {
		got := Compare(c.minimum, 0.1, []Pair{{c.a, c.b}})[0]
		if got.Verdict != c.want {
			t.Errorf("%s: %v (p %.3g), want %v", c.name, got.Verdict, got.P, c.want)
		}
		if got.Verdict == TooFew && (got.P != 1 || got.Q != 1) {
			t.Errorf("%s: p %v, q %v of what was not tested", c.name, got.P, got.Q)
		}
	}
}

// TestCompareFamily: a row alone is claimed that among many is not; rows too small to test do not make the family larger.
func TestCompareFamily(t *testing.T) {
	odd, same, small := Pair{Proportion{24, 60}, Proportion{13, 60}}, Pair{Proportion{20, 60}, Proportion{20, 60}},
		Pair{Proportion{1, 9}, Proportion{0, 9}}
	if got := Compare(MinCompare, 0.1, []Pair{odd, small, small, small, small}); got[0].Verdict != Higher || got[0].Q != got[0].P {
		t.Errorf("beside small rows: %+v", got[0])
	}
	among := Compare(MinCompare, 0.1, []Pair{same, same, odd, same, same, same})
	if among[2].Verdict != TooClose {
		t.Errorf("among six: %+v", among[2])
	}
	near(t, "q", among[2].Q, 6*among[2].P, 1e-12)
}

func BenchmarkCompare200(b *testing.B) {
	r := seeded(3)
	pairs := make([]Pair, 200)
	for i := range pairs {
		pairs[i] = Pair{Proportion{r.IntN(100), 100}, Proportion{r.IntN(5000), 5000}}
	}
	for b.Loop() {
		Compare(MinCompare, 0.1, pairs)
	}
}

func BenchmarkFisherOfMillions(b *testing.B) {
	for b.Loop() {
		TwoProportionP(Proportion{2, 4000}, Proportion{6000, 10_000_000})
	}
}
