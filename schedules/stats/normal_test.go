package stats

import (
	"math"
	"testing"
)

// TestNormalCDF compares with Simpson's rule over the density.
func TestNormalCDF(t *testing.T) {
	density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	for _, z := range []float64{-4, -2.5, -1, -0.1, 0, 0.3, 1, 1.644853626951, 3.7} {
		const steps = 4000
		h := (z + 12) / steps
		sum := density(-12) + density(z)
		for i := 1; i < steps; i++ {
			sum += density(-12+float64(i)*h) * float64(2+2*(i%2))
		}
		near(t, "NormalCDF", NormalCDF(z), sum*h/3, 1e-11)
	}
}

// TestNormalQuantile: percentage points as in any table (Abramowitz and Stegun 1964, table 26.5).
func TestNormalQuantile(t *testing.T) {
	for p, want := range map[float64]float64{0.5: 0, 0.9: 1.2815515655, 0.95: 1.6448536270, 0.975: 1.9599639845, 0.99: 2.3263478740,
		0.999: 3.0902323062} {
		near(t, "NormalQuantile", NormalQuantile(p), want, 1e-9)
		near(t, "NormalQuantile, lower", NormalQuantile(1-p), -want, 1e-9)
	}
	near(t, "Z95", Z95, NormalQuantile(0.975), 1e-14)
	if !math.IsInf(NormalQuantile(0), -1) || !math.IsInf(NormalQuantile(1), 1) || !math.IsNaN(NormalQuantile(1.1)) {
		t.Error("NormalQuantile at or beyond the ends")
	}
}

func TestTwoSidedP(t *testing.T) {
	near(t, "p(Z95)", TwoSidedP(Z95), 0.05, 1e-15)
	near(t, "p(-1)", TwoSidedP(-1), 2*NormalCDF(-1), 1e-15)
	near(t, "p(0)", TwoSidedP(0), 1, 0)
	near(t, "p(inf)", TwoSidedP(math.Inf(-1)), 0, 0)
}

// NormalCDF returns P(Z <= z) for a standard normal Z: erfc(-z/√2)/2 (Abramowitz and Stegun 1964, 7.1.2 and 26.2.29). The
// complementary error function keeps its digits far out in the lower tail.
func NormalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
