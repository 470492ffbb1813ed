package stats

// The standard normal distribution, and the interval every estimate carries.

import "math"

// Z95 is the 0.975 quantile of the standard normal distribution: the half-width, in standard errors, of a two-sided 95 %
// interval.
const Z95 = 1.959963984540054

// Interval is a closed 95 % interval on the scale of its estimate.
type Interval struct {
	Low, High float64
}

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// clamp cuts the interval to the range its estimate can take.
func (i Interval) clamp(low, high float64) Interval {
	return Interval{Low: min(max(i.Low, low), high), High: max(min(i.High, high), low)}
}

// wald returns estimate ± Z95·se.
func wald(estimate, se float64) Interval {
	return Interval{Low: estimate - Z95*se, High: estimate + Z95*se}
}

// NormalQuantile returns the z with NormalCDF(z) = p, for p in (0, 1); 0 gives -Inf, 1 gives +Inf, anything else NaN. It is
// the one function of the package that can return such values.
func NormalQuantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// TwoSidedP returns P(|Z| >= |z|) for a standard normal Z: erfc(|z|/√2). An infinite z gives 0.
func TwoSidedP(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
