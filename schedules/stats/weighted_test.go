package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"truce/schedules/stats"
)

func TestWeighted(t *testing.T) {
	t.Run("where all weigh the same it is the plain share with Wilson's interval", func(t *testing.T) {
		got := stats.NewWeighted([]stats.Sample{{Proportion: stats.Proportion{K: 1, N: 2}, Of: 10},
			{Proportion: stats.Proportion{K: 2, N: 4}, Of: 20}, {Of: 9}})
		want := stats.Wilson(3, 6)
		if got.K != 3 || got.N != 6 || got.Share != 0.5 || math.Abs(got.Low-want.Low) > 1e-12 || math.Abs(got.High-want.High) > 1e-12 {
			t.Errorf("%+v, want 3 of 6 with %+v", got, want)
		}
	})
	t.Run("a week of many counts for many", func(t *testing.T) {
		got := stats.NewWeighted([]stats.Sample{{Proportion: stats.Proportion{K: 2, N: 2}, Of: 2},
			{Proportion: stats.Proportion{K: 0, N: 2}, Of: 38}})
		if math.Abs(got.Share-0.05) > 1e-12 {
			t.Errorf("share %g, want 2 of 40", got.Share)
		}
		if w := stats.Wilson(2, 4); got.High-got.Low <= 0 || got.High > w.High+0.2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("nothing tells nothing", func(t *testing.T) {
		if got := stats.NewWeighted(nil); got.Low != 0 || got.High != 1 || got.N != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("the interval holds the truth of weeks of unlike size", func(t *testing.T) {
		lot := rand.New(rand.NewPCG(7, 7))
		held, runs := 0, 2000
		for range runs {
			var list []stats.Sample
			yes, of := 0, 0
			for range 26 {
				n := 3 + lot.IntN(20)
				k := 0
				for range n {
					if lot.Float64() < 0.3 {
						k++
					}
				}
				drawn := 0
				for i := range 2 { // without putting back
					if lot.IntN(n-i) < k-drawn {
						drawn++
					}
				}
				list = append(list, stats.Sample{Proportion: stats.Proportion{K: drawn, N: 2}, Of: n})
				yes, of = yes+k, of+n
			}
			truth := float64(yes) / float64(of)
			if w := stats.NewWeighted(list); w.Low <= truth && truth <= w.High {
				held++
			}
		}
		if share := float64(held) / float64(runs); share < 0.93 {
			t.Errorf("the interval holds the truth in %.3f of samples, want 0.93 or more", share)
		}
	})
}
