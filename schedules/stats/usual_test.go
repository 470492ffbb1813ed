package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestUsualRange(t *testing.T) {
	if _, _, ok := UsualRange([]int{1, 2, 3, 4, 5}); ok {
		t.Error("five weeks are no usual range")
	}
	if !panics(func() { UsualRange([]int{1, 2, 3, -4, 5, 6}) }) {
		t.Error("a negative count must not pass")
	}
	// Thirteen equal weeks of 48, by hand: y = 2√48.375 = 13.91043, z = 1.644854, √(1 + 1/13) = 1.037749, half = 1.706945;
	// (12.20348/2)² - 3/8 = 36.86, (15.61738/2)² - 3/8 = 60.60.
	weeks := make([]int, 13)
	for i := range weeks {
		weeks[i] = 48
	}
	if low, high, ok := UsualRange(weeks); low != 37 || high != 61 || !ok {
		t.Errorf("thirteen weeks of 48: %d to %d", low, high)
	}
	clear(weeks)
	if low, high, _ := UsualRange(weeks); low != 0 || high > 3 {
		t.Errorf("nothing for thirteen weeks: %d to %d", low, high)
	}
}

// TestUsualRangeCoverage: the next week lies inside about nine times in ten, for Poisson counts and for counts that vary
// twice as much (gamma mixed).
func TestUsualRangeCoverage(t *testing.T) {
	for _, mean := range []float64{1.5, 6, 48, 400} {
		for _, overdispersed := range []bool{false, true} {
			r := seeded(uint64(mean * 10))
			draw := func() int {
				m := mean
				if overdispersed { // variance mean + mean²/shape = 2·mean
					m = distuv.Gamma{Alpha: mean, Beta: 1, Src: r}.Rand()
				}
				return int(distuv.Poisson{Lambda: max(m, 1e-9), Src: r}.Rand())
			}
			const runs = 4000
			inside := 0
			for range runs {
				weeks := make([]int, 13)
				for i := range weeks {
					weeks[i] = draw()
				}
				low, high, _ := UsualRange(weeks)
				if next := draw(); low <= next && next <= high {
					inside++
				}
			}
			share := float64(inside) / runs
			if share < 0.87 || math.IsNaN(share) || mean > 5 && share > 0.975 {
				t.Errorf("mean %v, overdispersed %v: %.3f inside", mean, overdispersed, share)
			}
			t.Logf("mean %v, overdispersed %v: %.3f inside", mean, overdispersed, share)
		}
	}
}
