package stats

import (
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// upperTail is P(X >= k) for n draws at a/(a+b), in exact fractions.
func upperTail(k, n, a, b int) float64 {
	sum := new(big.Int)
	for x := k; x <= n; x++ {
		term := new(big.Int).Binomial(int64(n), int64(x))
		term.Mul(term, new(big.Int).Exp(big.NewInt(int64(a)), big.NewInt(int64(x)), nil))
		sum.Add(sum, term.Mul(term, new(big.Int).Exp(big.NewInt(int64(b)), big.NewInt(int64(n-x)), nil)))
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Exp(big.NewInt(int64(a+b)), big.NewInt(int64(n)), nil)).Float64()
	return p
}

func TestRisingP(t *testing.T) {
	r := seeded(30)
	for range 500 {
		now, before := Heard{Accounts: r.IntN(40), Loggers: 1 + r.IntN(12)}, Heard{Accounts: r.IntN(40), Loggers: 1 + r.IntN(12)}
		near(t, "p", RisingP(now, before), upperTail(now.Accounts, now.Accounts+before.Accounts, now.Loggers, before.Loggers), 1e-12)
	}
	// Nothing before, equal listeners: seven heads in a row.
	near(t, "from nothing", RisingP(Heard{7, 4, 6}, Heard{0, 0, 6}), 1.0/128, 1e-15)
}

// TestRateRatio: lung cancer in Fredericia against three other towns, 11 of 800 and 21 of 3011 (Andersen, Multivariate
// Behavioral Research 1977; ratio and interval as printed by R's poisson.test).
func TestRateRatio(t *testing.T) {
	ratio, interval, ok := RateRatio(Heard{Accounts: 11, Loggers: 800}, Heard{Accounts: 21, Loggers: 3011})
	near(t, "ratio", ratio, 1.971488, 5e-7)
	nearInterval(t, "interval", interval, 0.8584264, 4.2772659, 5e-7)
	if !ok {
		t.Error("not ok")
	}
	// The ends are where either exact tail is 2.5 %.
	r := seeded(31)
	for range 200 {
		now, before := Heard{Accounts: r.IntN(15), Loggers: 1 + r.IntN(9)}, Heard{Accounts: 1 + r.IntN(15), Loggers: 1 + r.IntN(9)}
		_, interval, _ := RateRatio(now, before)
		n := float64(now.Accounts + before.Accounts)
		tail := func(ratio float64, k int, upper bool) float64 {
			s := ratio * float64(now.Loggers) / (ratio*float64(now.Loggers) + float64(before.Loggers))
			sum := 0.0
			for x := 0.0; x <= n; x++ {
				if upper && int(x) >= k || !upper && int(x) <= k {
					sum += distuv.Binomial{N: n, P: s}.Prob(x)
				}
			}
			return sum
		}
		if now.Accounts > 0 {
			near(t, "upper tail at the low end", tail(interval.Low, now.Accounts, true), 0.025, 1e-8)
		} else if interval.Low != 0 {
			t.Errorf("nothing now: %v", interval)
		}
		near(t, "lower tail at the high end", tail(interval.High, now.Accounts, false), 0.025, 1e-8)
	}
	for _, c := range [][2]Heard{{{5, 3, 4}, {0, 0, 4}}, {{5, 3, 0}, {5, 3, 4}}, {{5, 3, 4}, {5, 3, 0}}} {
		if _, _, ok := RateRatio(c[0], c[1]); ok {
			t.Errorf("%v: a ratio to nothing", c)
		}
	}
}

func TestRising(t *testing.T) {
	for _, c := range []struct {
		name        string
		now, before Heard
		want        bool
	}{
		{"fourteen against four among as many", Heard{15, 6, 8}, Heard{3, 2, 8}, true},
		{"twice as many accounts, twice as many listeners", Heard{16, 6, 16}, Heard{8, 4, 8}, false},
		{"four accounts are too few", Heard{4, 4, 100}, Heard{0, 0, 100000}, false},
		{"two reps are too few", Heard{20, 2, 8}, Heard{1, 1, 8}, false},
		{"nobody was listening before", Heard{20, 5, 8}, Heard{0, 0, 0}, false},
		{"six from nothing: 1/64", Heard{6, 3, 8}, Heard{0, 0, 8}, false},
		{"seven from nothing: 1/128", Heard{7, 3, 8}, Heard{0, 0, 8}, true},
		{"falling", Heard{5, 3, 8}, Heard{30, 6, 8}, false},
		{"nothing at all", Heard{}, Heard{}, false},
	} {
		if got := Rising(c.now, c.before); got != c.want {
			t.Errorf("%s: %v (p %.4f)", c.name, got, RisingP(c.now, c.before))
		}
	}
	if !panics(func() { RisingP(Heard{Accounts: -1, Loggers: 1}, Heard{Loggers: 1}) }) {
		t.Error("a negative count must not pass")
	}
}

// TestRisingSeldomErrs: with the same rate in both periods it is called rising at most once in a hundred.
func TestRisingSeldomErrs(t *testing.T) {
	r := seeded(32)
	const runs = 20_000
	for _, rate := range []float64{0.5, 1.5, 4} {
		alarms := 0
		for range runs {
			now, before := Heard{Reps: 5, Loggers: 6}, Heard{Reps: 5, Loggers: 9}
			now.Accounts = int(distuv.Poisson{Lambda: rate * 6, Src: r}.Rand())
			before.Accounts = int(distuv.Poisson{Lambda: rate * 9, Src: r}.Rand())
			if Rising(now, before) {
				alarms++
			}
		}
		if share := float64(alarms) / runs; share > 0.01 || math.IsNaN(share) {
			t.Errorf("rate %v: %v", rate, share)
		}
	}
}

func BenchmarkRising(b *testing.B) {
	for b.Loop() {
		Rising(Heard{140, 6, 80}, Heard{90, 4, 80})
	}
}
