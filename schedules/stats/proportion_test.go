package stats

import (
	"math"
	"testing"
)

// TestWilson: Newcombe, Stat Med 1998;17:857-872, table I, method 3, to the four places printed.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		nearInterval(t, "Wilson", Wilson(c.k, c.n), c.low, c.high, 5e-5)
	}
}

// TestWilsonInvertsTheScoreTest: both ends are the rates a score test just does not refuse, |p - π| = z√(π(1-π)/n), found by
// bisection; ends at 0 and 1 are exact, and the mirror image of the rate has the mirror image of the interval.
func TestWilsonInvertsTheScoreTest(t *testing.T) {
	root := func(p, n, inside, outside float64) float64 {
		for range 200 {
			mid := (inside + outside) / 2
			if math.Abs(p-mid) <= Z95*math.Sqrt(mid*(1-mid)/n) {
				inside = mid
			} else {
				outside = mid
			}
		}
		return inside
	}
	for _, n := range []int{1, 2, 7, 10, 29, 30, 103, 1000, 10_000_000} {
		for _, k := range []int{0, 1, n / 3, n / 2, n - 1, n} {
			p, got := float64(k)/float64(n), Wilson(k, n)
			nearInterval(t, "Wilson", got, root(p, float64(n), p, 0), root(p, float64(n), p, 1), 1e-9)
			mirror := Wilson(n-k, n)
			nearInterval(t, "mirror", mirror, 1-got.High, 1-got.Low, 1e-12)
			if k == 0 && got.Low != 0 || k == n && got.High != 1 || !got.Contains(p) || got.Low >= got.High {
				t.Errorf("Wilson(%d, %d) = %v", k, n, got)
			}
		}
	}
	for n := 1; n <= 2000; n++ {
		if none, all := Wilson(0, n), Wilson(n, n); none.Low != 0 || all.High != 1 {
			t.Fatalf("n = %d: from %v and to %v", n, none.Low, all.High)
		}
	}
	if got := Wilson(0, 0); got != (Interval{0, 1}) {
		t.Errorf("0 of 0: %v", got)
	}
}

func TestImpossibleProportions(t *testing.T) {
	for _, p := range []Proportion{{-1, 5}, {6, 5}, {0, -1}} {
		if !panics(func() { Wilson(p.K, p.N) }) || !panics(func() { p.Rate() }) {
			t.Errorf("%v: want a panic", p)
		}
	}
}

func TestDetail(t *testing.T) {
	for _, c := range []struct {
		n, minimum int
		want       Detail
	}{
		{0, MinCompare, CountsOnly}, {9, MinCompare, CountsOnly}, {10, MinCompare, RateAndInterval}, {29, MinCompare, RateAndInterval},
		{30, MinCompare, Comparable}, {19, MinCompareWins, RateAndInterval}, {20, MinCompareWins, Comparable},
	} {
		if got := (Proportion{0, c.n}).Detail(c.minimum); got != c.want {
			t.Errorf("n = %d of %d: %v, want %v", c.n, c.minimum, got, c.want)
		}
	}
}

func TestNever(t *testing.T) {
	for _, c := range []struct {
		p    Proportion
		want bool
	}{{Proportion{0, 240}, true}, {Proportion{0, 60}, true}, {Proportion{0, 59}, false}, {Proportion{1, 500}, false}} {
		if got := c.p.Never(); got != c.want {
			t.Errorf("%v: %v", c.p, got)
		}
	}
}

func FuzzWilson(f *testing.F) {
	f.Add(0, 0)
	f.Add(39, 103)
	f.Fuzz(func(t *testing.T, k, n int) {
		if n < 0 || k < 0 || k > n || n > 1<<40 {
			t.Skip()
		}
		i, p := Wilson(k, n), Proportion{k, n}.Rate()
		if !(0 <= i.Low && i.Low <= i.High && i.High <= 1) || n > 0 && (p < i.Low-1e-12 || p > i.High+1e-12) {
			t.Errorf("Wilson(%d, %d) = %v", k, n, i)
		}
	})
}

func BenchmarkWilson(b *testing.B) {
	for i := range b.N {
		Wilson(i%100, 100)
	}
}
