package stats

// The usual range of a weekly count: what next week may bring without anybody having done anything.

import "math"

// UsualCoverage is how often a week lies in its usual range if nothing has changed: nine weeks in ten. MinWeeks is how many
// earlier weeks it takes.
const (
	UsualCoverage = 0.90
	MinWeeks      = 6
)

// UsualRange returns the range, ends included, in which the next weekly count is expected, from the counts of earlier weeks
// (13 as a rule, the week in question not among them). ok is false with fewer than MinWeeks.
//
// Counts are made comparable by Anscombe's y = 2√(x + 3/8), which has variance 1 for a Poisson count (Biometrika
// 1948;35:246-254); the range for one more draw is
//
//	ȳ ± z(0.95)·s·√(1 + 1/m), s² = max(1, sample variance of y)
//
// carried back and rounded to whole counts (the prediction interval of Hahn and Meeker, Statistical Intervals 1991, 4.8,
// with z for their t, because s is known where the counts are Poisson). Weeks that vary more than Poisson widen it; weeks
// that happen to vary less do not narrow it. In simulation (13 weeks, means 6 to 400, Poisson and twice its variance) 88 to
// 95 % of next weeks lie inside; small counts err to the wide side.
func UsualRange(weeks []int) (low, high int, ok bool) {
	m := len(weeks)
	if m < MinWeeks {
		return 0, 0, false
	}
	var mean, squares float64
	for i, x := range weeks {
		if x < 0 {
			panic("stats: negative count of a week")
		}
		y := 2 * math.Sqrt(float64(x)+3.0/8)
		d := y - mean
		mean += d / float64(i+1)
		squares += d * (y - mean)
	}
	s := math.Sqrt(max(1, squares/float64(m-1)))
	half := NormalQuantile((1+UsualCoverage)/2) * s * math.Sqrt(1+1/float64(m))
	back := func(y float64) float64 { return max(0, max(0, y)*max(0, y)/4-3.0/8) }
	return int(math.Round(back(mean - half))), int(math.Round(back(mean + half))), true
}
