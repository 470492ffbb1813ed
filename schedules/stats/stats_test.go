package stats

// Helpers of the tests. The references in the tests are closed forms, published examples named beside them, or brute force
// written from the definition; none of them calls the function it checks.

import (
	"math"
	"math/rand/v2"
	"testing"
)

// near fails unless got is within tolerance of want.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s = %.10g, want %.10g ± %g", what, got, want, tolerance)
	}
}

// nearInterval compares both ends.
func nearInterval(t *testing.T, what string, got Interval, low, high, tolerance float64) {
	t.Helper()
	near(t, what+", low", got.Low, low, tolerance)
	near(t, what+", high", got.High, high, tolerance)
}

// seeded returns the same numbers at every run.
func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x7472756365)) }

// panics reports whether f does.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
