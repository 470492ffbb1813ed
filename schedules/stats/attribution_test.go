package stats

import (
	"math"
	"math/big"
	"slices"
	"testing"
)

func TestAttribute(t *testing.T) {
	for _, c := range []struct {
		amount  int64
		touches int
		model   TouchModel
		want    []int64
	}{
		{8_500_000, 3, FirstTouch, []int64{8_500_000, 0, 0}},
		{8_500_000, 3, LastTouch, []int64{0, 0, 8_500_000}},
		{8_500_000, 3, Linear, []int64{2_833_334, 2_833_333, 2_833_333}},
		{-8_500_000, 3, Linear, []int64{-2_833_334, -2_833_333, -2_833_333}},
		{2, 4, Linear, []int64{1, 1, 0, 0}},
		{0, 2, Linear, []int64{0, 0}},
		{99, 1, Linear, []int64{99}},
		{99, 0, Linear, nil},
		{math.MinInt64, 1, LastTouch, []int64{math.MinInt64}},
		{math.MaxInt64, 2, Linear, []int64{math.MaxInt64/2 + 1, math.MaxInt64 / 2}},
	} {
		if got := Attribute(c.amount, c.touches, c.model); !slices.Equal(got, c.want) {
			t.Errorf("%d to %d: %v, want %v", c.amount, c.touches, got, c.want)
		}
	}
	if parts := Attribute(17, 40, Linear); slices.Min(parts[:17]) != 1 || slices.Max(parts[17:]) != 0 {
		t.Errorf("odd cents go to the earliest touches: %v", parts)
	}
	if !panics(func() { Attribute(1, -1, Linear) }) || !panics(func() { Attribute(1, 1, TouchModel(9)) }) {
		t.Error("impossible arguments must panic")
	}
}

// TestSplit: a much used example of largest remainder, ten seats for 100,000 votes.
func TestSplit(t *testing.T) {
	got, ok := Split(10, []int64{47_000, 16_000, 15_900, 12_000, 6_000, 3_100})
	if want := []int64{5, 2, 1, 1, 1, 0}; !ok || !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// Forty weights of 1 and 2 in turn, 31 of 60: a one has 31/60, a two 1 and 2/60. The 11 left go to the first eleven ones.
	weights := make([]int64, 40)
	for i := range weights {
		weights[i] = int64(1 + i%2)
	}
	got, _ = Split(31, weights)
	for i, part := range got {
		if want := int64(1); i%2 == 0 && i >= 22 && part != 0 || (i%2 == 1 || i < 22) && part != want {
			t.Errorf("equal remainders, the earlier first: %v", got)
			break
		}
	}
	for _, none := range [][]int64{nil, {}, {0, 0}} {
		if _, ok := Split(5, none); ok {
			t.Errorf("split over %v", none)
		}
	}
	if !panics(func() { Split(1, []int64{3, -1}) }) {
		t.Error("a negative weight must not pass")
	}
}

// FuzzSplit: the parts sum to the amount, each is less than a unit from its exact share and on its side of zero, a refund
// mirrors its sale, and rounding up never prefers a smaller remainder.
func FuzzSplit(f *testing.F) {
	f.Add(int64(8_500_000), int64(1), int64(1), int64(1), uint8(3))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), int64(0), int64(math.MaxInt64), uint8(3))
	f.Add(int64(-7), int64(5), int64(3), int64(0), uint8(2))
	f.Fuzz(func(t *testing.T, amount, a, b, c int64, n uint8) {
		if a < 0 || b < 0 || c < 0 {
			t.Skip()
		}
		checkSplit(t, amount, []int64{a / 2, b / 2, c / 2, a / 7, b / 11}[:n%6])
	})
}

func TestSplitOfRandomAmounts(t *testing.T) {
	r := seeded(50)
	for range 3000 {
		weights := make([]int64, 1+r.IntN(12))
		for i := range weights {
			weights[i] = r.Int64N(1 << r.IntN(40))
		}
		checkSplit(t, r.Int64N(1<<62)>>r.IntN(60)*int64(1-2*r.IntN(2)), weights)
		touches := 1 + r.IntN(30)
		for model := FirstTouch; model <= Linear; model++ {
			amount, sum := r.Int64N(1<<40)-1<<39, int64(0)
			parts := Attribute(amount, touches, model)
			for _, p := range parts {
				sum += p
			}
			if sum != amount || model == Linear && slices.Max(parts)-slices.Min(parts) > 1 {
				t.Fatalf("%d to %d by %d: %v", amount, touches, model, parts)
			}
		}
	}
}

func checkSplit(t *testing.T, amount int64, weights []int64) {
	t.Helper()
	parts, ok := Split(amount, weights)
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	if ok != (total.Sign() > 0) {
		t.Fatal(ok, weights)
	}
	if !ok {
		return
	}
	sum, one := new(big.Int), big.NewRat(1, 1)
	var up, down []*big.Rat // what the parts have more, or less, than rounding towards zero gives
	for i, p := range parts {
		sum.Add(sum, big.NewInt(p))
		share := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(amount), big.NewInt(weights[i])), total)
		size, part := new(big.Rat).Abs(share), new(big.Rat).Abs(new(big.Rat).SetInt64(p))
		if off := new(big.Rat).Sub(part, size); new(big.Rat).Abs(off).Cmp(one) >= 0 || big.NewInt(p).Sign()*share.Sign() < 0 {
			t.Fatalf("%d over %v: part %d is %d", amount, weights, i, p)
		} else if off.Sign() > 0 {
			up = append(up, new(big.Rat).Sub(one, off)) // its remainder
		} else {
			down = append(down, new(big.Rat).Neg(off))
		}
	}
	if sum.Cmp(big.NewInt(amount)) != 0 {
		t.Fatalf("%d over %v: %v sum to %v", amount, weights, parts, sum)
	}
	for _, u := range up {
		for _, d := range down {
			if u.Cmp(d) < 0 {
				t.Fatalf("%d over %v: %v rounds up the smaller remainder", amount, weights, parts)
			}
		}
	}
	if amount != math.MinInt64 {
		mirror, _ := Split(-amount, weights)
		for i := range mirror {
			if mirror[i] != -parts[i] {
				t.Fatalf("%d over %v: %v, refunded %v", amount, weights, parts, mirror)
			}
		}
	}
}

func BenchmarkAttributeLinear(b *testing.B) {
	for b.Loop() {
		Attribute(8_500_000, 7, Linear)
	}
}
