package stats

import (
	"math"
	"testing"
)

func TestBenjaminiHochberg(t *testing.T) {
	// R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "BH")
	want := []float64{0.025, 0.05, 0.05, 0.025, 0.5}
	for i, q := range BenjaminiHochberg([]float64{0.01, 0.04, 0.03, 0.005, 0.5}) {
		if math.Abs(q-want[i]) > 1e-12 {
			t.Errorf("q %d is %v, want %v", i, q, want[i])
		}
	}
}

func TestFisherExactly(t *testing.T) {
	// Sums of hypergeometric probabilities, by hand: 3 of 4 against 1 of 4 gives (16+1)·2/70; 8 of 10 against 1 of 10 has one table
	// as rare on each side, and rarer ones.
	for _, c := range []struct {
		a, b Proportion
		want float64
	}{
		{Proportion{3, 4}, Proportion{1, 4}, 34.0 / 70},
		{Proportion{8, 10}, Proportion{1, 10}, 2 * (45.0*10 + 10*1) / 167960},
		{Proportion{0, 10}, Proportion{0, 5}, 1},
		{Proportion{0, 0}, Proportion{2, 5}, 1},
	} {
		if got := FisherP(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v against %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
