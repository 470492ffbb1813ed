package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// oddsE is LogOddsE in whole numbers: odds is num/den.
func oddsE(own, all Proportion, num, den int64) float64 {
	term := func(j int) *big.Rat {
		t := new(big.Int).Binomial(int64(own.N), int64(j))
		t.Mul(t, new(big.Int).Binomial(int64(all.N-own.N), int64(all.K-j)))
		up := new(big.Int).Exp(big.NewInt(num), big.NewInt(int64(j)), nil)
		down := new(big.Int).Exp(big.NewInt(den), big.NewInt(int64(j)), nil)
		return new(big.Rat).SetFrac(t.Mul(t, up), down)
	}
	sum := new(big.Rat)
	for j := max(0, all.K-all.N+own.N); j <= min(own.N, all.K); j++ {
		sum.Add(sum, term(j))
	}
	e := new(big.Rat).SetFrac(new(big.Int).Exp(big.NewInt(num), big.NewInt(int64(own.K)), nil),
		new(big.Int).Exp(big.NewInt(den), big.NewInt(int64(own.K)), nil))
	e.Mul(e, new(big.Rat).SetInt(new(big.Int).Binomial(int64(all.N), int64(all.K))))
	f, _ := e.Quo(e, sum).Float64()
	return f
}

func TestLogOddsE(t *testing.T) {
	// By hand: 2 of 2 beside 0 of 2. The tables are j = 0, 1, 2 with 1, 4, 1 of 6 ways: e = 4 / ((1 + 4·2 + 4)/6) = 24/13.
	if got, want := math.Exp(LogOddsE(Proportion{2, 2}, Proportion{2, 4}, 2)), 24.0/13; math.Abs(got-want) > 1e-12 {
		t.Errorf("2 of 2 beside 0 of 2: %v, want %v", got, want)
	}
	r := rand.New(rand.NewPCG(14, 1))
	for range 3000 {
		all := Proportion{N: 1 + r.IntN(60)}
		all.K = r.IntN(all.N + 1)
		own := Proportion{N: r.IntN(all.N + 1)}
		low, high := max(0, all.K-all.N+own.N), min(own.N, all.K)
		own.K = low + r.IntN(high-low+1)
		for _, o := range [][2]int64{{2, 1}, {3, 1}, {1, 2}, {1, 3}, {1, 1}, {40, 1}} {
			got, want := math.Exp(LogOddsE(own, all, float64(o[0])/float64(o[1]))), oddsE(own, all, o[0], o[1])
			if math.Abs(got-want) > 1e-9*want {
				t.Fatalf("%+v of %+v, odds %v: %v, want %v", own, all, o, got, want)
			}
		}
	}
}

// TestLogOddsEIsAnEValue: its expectation over the hypergeometric distribution is 1.
func TestLogOddsEIsAnEValue(t *testing.T) {
	for _, all := range []Proportion{{5, 12}, {300, 1000}, {20_000, 100_000}} {
		for _, n := range []int{3, all.N / 7, all.N / 2} {
			for _, odds := range []float64{2, 3, 1.0 / 3} {
				var mean float64
				for j := max(0, all.K-all.N+n); j <= min(n, all.K); j++ {
					p := logChoose(n, j) + logChoose(all.N-n, all.K-j) - logChoose(all.N, all.K)
					mean += math.Exp(p + LogOddsE(Proportion{j, n}, all, odds))
				}
				if math.Abs(mean-1) > 1e-6 {
					t.Errorf("%d of %+v, odds %v: expectation %v", n, all, odds, mean)
				}
			}
		}
	}
}

func TestLogOddsEOfManyLeads(t *testing.T) {
	for _, c := range []struct {
		own, all Proportion
	}{{Proportion{300_000, 1_000_000}, Proportion{1_000_000, 10_000_000}}, {Proportion{0, 1_000_000}, Proportion{5_000_000, 10_000_000}},
		{Proportion{1, 1}, Proportion{1, 10_000_000}}} {
		if e := LogOddsE(c.own, c.all, 3); math.IsNaN(e) || math.IsInf(e, 0) {
			t.Errorf("%+v: %v", c, e)
		}
	}
	// A tenth of the leads sent back at 32 %, the others at 12: each lead adds nearly as much as it can at all.
	own, all := Proportion{3200, 10_000}, Proportion{3200 + 10_800, 100_000}
	if got, most := LogOddsE(own, all, 3)/10_000, .32*math.Log(.32/.12)+.68*math.Log(.68/.88); got <= .09 || got > most {
		t.Errorf("gain by lead: %v, at most %v", got, most)
	}
	for _, c := range []Proportion{{0, 0}, {0, 5}, {5, 5}} {
		if e := LogOddsE(Proportion{0, 0}.Plus(Proportion{min(c.K, 2), min(c.N, 2)}), c, 2); e != 0 {
			t.Errorf("%+v tells nothing: %v", c, e)
		}
	}
}

func TestLogShortfallE(t *testing.T) {
	// By hand: the target is 0.9 (odds 9), a third of its odds is 3: 0.75. 7 of 10 kept.
	want := 7*math.Log(.75/.9) + 3*math.Log(.25/.1)
	if got := LogShortfallE(Proportion{7, 10}, .9, 1.0/3); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
	for _, rate := range []float64{.9, .95, 1} {
		var mean float64
		for k := 0; k <= 20; k++ {
			p := math.Exp(logChoose(20, k)) * math.Pow(rate, float64(k)) * math.Pow(1-rate, float64(20-k))
			mean += p * math.Exp(LogShortfallE(Proportion{k, 20}, .9, .5))
		}
		if mean > 1+1e-9 {
			t.Errorf("a promise of 90 %% kept at %v: expectation %v", rate, mean)
		}
	}
}

func TestLogRestarted(t *testing.T) {
	r, plain := math.Inf(-1), 0.0
	for week, e := range []float64{2, .5, 3, 1, 4, .25, 8} {
		if week%4 == 0 {
			plain++
		}
		plain *= e
		r = LogRestarted(r, math.Log(e), week%4 == 0)
		if math.Abs(math.Exp(r)-plain) > 1e-9 {
			t.Errorf("week %d: %v, want %v", week, math.Exp(r), plain)
		}
	}
	if got := LogMean(math.Log(2), math.Log(4), 2000); math.Abs(got-(2000-math.Log(3))) > 1e-9 {
		t.Errorf("mean with a very large one: %v", got)
	}
}

func TestWeeksToTell(t *testing.T) {
	if weeks, ok := WeeksToTell(400*8, 2, .11); !ok || weeks != 37 {
		t.Errorf("two leads a week of one of eight sources: %d %v", weeks, ok)
	}
	if _, ok := WeeksToTell(400, 0, .11); ok {
		t.Error("no leads, and yet it can be told")
	}
}
