package stats

import (
	"math"
	"slices"
	"testing"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		p, want float64
	}{
		{[]float64{3}, 0.9, 3},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{5, 1, 3}, 0.5, 3},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9, 9.1}, // PERCENTILE of 1 to 10 at 0.9 in any spreadsheet
		{[]float64{1, 2, 3, 4}, 0.4, 2.2},
		{[]float64{7, -2, 4}, 0, -2},
		{[]float64{7, -2, 4}, 1, 7},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 0.3, 4}, // 0.3·10 is not 3 in every rounding
	} {
		got, ok := Quantile(c.values, c.p)
		if !ok {
			t.Error("not ok")
		}
		near(t, "quantile", got, c.want, 1e-12)
	}
	if _, ok := Median(nil); ok {
		t.Error("a median of nothing")
	}
	if !panics(func() { Quantile([]float64{1}, 1.1) }) || !panics(func() { Quantile([]float64{math.NaN()}, 0.5) }) ||
		!panics(func() { QuantileOfCounts([]Count{{1, -1}}, 0.5) }) {
		t.Error("impossible arguments must panic")
	}
	values := []float64{3, 1, 2}
	if Median(values); !slices.Equal(values, []float64{3, 1, 2}) {
		t.Error("the values were reordered")
	}
}

// TestQuantileAgainstTheStepFunction: definition 7 is the piecewise linear curve through (i/(n-1), x(i)), written out here
// over the expanded, sorted list.
func TestQuantileAgainstTheStepFunction(t *testing.T) {
	r := seeded(40)
	for range 400 {
		counts, expanded := make([]Count, 1+r.IntN(8)), []float64{}
		for i := range counts {
			counts[i] = Count{float64(r.IntN(12)) / 4, r.IntN(5)}
			for range counts[i].N {
				expanded = append(expanded, counts[i].Value)
			}
		}
		slices.Sort(expanded)
		p := r.Float64()
		got, ok := QuantileOfCounts(counts, p)
		if ok != (len(expanded) > 0) {
			t.Fatal(ok, expanded)
		}
		if !ok {
			continue
		}
		want := expanded[len(expanded)-1]
		for i := 0; i+1 < len(expanded); i++ {
			from, to := float64(i)/float64(len(expanded)-1), float64(i+1)/float64(len(expanded)-1)
			if from <= p && p <= to {
				want = expanded[i] + (p-from)/(to-from)*(expanded[i+1]-expanded[i])
			}
		}
		near(t, "quantile", got, want, 1e-7)
	}
}

func TestDeciles(t *testing.T) {
	// A hundred different scores: ten each, the upper five of every ten won.
	var bins []ScoreBin
	for s := 99; s >= 0; s-- {
		b := ScoreBin{Score: float64(s), Negatives: 1}
		if s%10 >= 5 {
			b = ScoreBin{Score: float64(s), Positives: 1}
		}
		bins = append(bins, b)
	}
	got := Deciles(bins)
	if len(got) != 10 {
		t.Fatalf("%d tenths", len(got))
	}
	for i, d := range got {
		if d != (Decile{i + 1, float64(10 * i), float64(10*i + 9), Proportion{5, 10}}) {
			t.Errorf("%+v", d)
		}
	}
	// A coarse score: half of all have the same one. Its midrank is in the third tenth, and it is not torn.
	got = Deciles([]ScoreBin{{5, 10, 40}, {9, 30, 20}})
	want := []Decile{{3, 5, 5, Proportion{10, 50}}, {8, 9, 9, Proportion{30, 50}}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := Deciles([]ScoreBin{{1, 0, 0}}); len(got) != 0 {
		t.Errorf("of nobody: %+v", got)
	}
}

// TestDecilesKeepEverybody: nobody is lost, tenths are in order and do not overlap, and each lead is where its midrank says.
func TestDecilesKeepEverybody(t *testing.T) {
	r := seeded(41)
	for range 200 {
		bins := make([]ScoreBin, 1+r.IntN(120))
		var leads []float64
		var wins int
		for i := range bins {
			bins[i] = ScoreBin{float64(r.IntN(101)), r.IntN(3), r.IntN(4)}
			wins += bins[i].Positives
			for range bins[i].Positives + bins[i].Negatives {
				leads = append(leads, bins[i].Score)
			}
		}
		got := Deciles(bins)
		var sum Proportion
		for i, d := range got {
			sum = sum.Plus(d.Won)
			if d.From > d.To || i > 0 && (got[i-1].To >= d.From || got[i-1].Decile >= d.Decile) || d.Decile < 1 || d.Decile > 10 {
				t.Fatalf("%+v", got)
			}
		}
		if sum != (Proportion{wins, len(leads)}) {
			t.Fatalf("%v of %d of %d", sum, wins, len(leads))
		}
		for _, s := range leads {
			var below, beside float64
			for _, other := range leads {
				if other < s {
					below++
				} else if other == s {
					beside++
				}
			}
			tenth := int(math.Floor(10*(below+beside/2)/float64(len(leads))+1e-9)) + 1
			if !slices.ContainsFunc(got, func(d Decile) bool { return d.Decile == tenth && d.From <= s && s <= d.To }) {
				t.Fatalf("score %v belongs to %d: %+v", s, tenth, got)
			}
		}
	}
}

func BenchmarkQuantile100k(b *testing.B) {
	r := seeded(42)
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = r.Float64()
	}
	for b.Loop() {
		Quantile(values, 0.9)
	}
}

func BenchmarkDeciles(b *testing.B) {
	bins := make([]ScoreBin, 1001)
	for i := range bins {
		bins[i] = ScoreBin{float64(i) / 10, i * 100, 100_000}
	}
	for b.Loop() {
		Deciles(bins)
	}
}
