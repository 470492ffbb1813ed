package truce

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestTheCostOfAMonthIsSpreadOverItsDays(t *testing.T) {
	march := Cost{First: Date{2026, time.March, 1}, Days: 31, Amount: Money{3100, "USD"}}
	day := Cost{First: Date{2026, time.March, 15}, Days: 1, Amount: Money{700, "USD"}}
	if march.At() != "2026-03" || day.At() != "2026-03-15" {
		t.Errorf("%s and %s", march.At(), day.At())
	}
	for _, tt := range []struct {
		c        Cost
		from, to Date
		want     int64
	}{
		{march, Date{2026, time.January, 1}, Date{2027, time.January, 1}, 3100},
		{march, Date{2026, time.March, 1}, Date{2026, time.March, 8}, 700},
		{march, Date{2026, time.February, 25}, Date{2026, time.March, 2}, 100},
		{march, Date{2026, time.March, 31}, Date{2026, time.April, 7}, 100},
		{march, Date{2026, time.April, 1}, Date{2026, time.April, 7}, 0},
		{march, Date{2026, time.March, 8}, Date{2026, time.March, 1}, 0},
		{day, Date{2026, time.March, 15}, Date{2026, time.March, 16}, 700},
		{day, Date{2026, time.March, 14}, Date{2026, time.March, 15}, 0},
		{day, Date{2026, time.March, 16}, Date{2026, time.March, 17}, 0},
	} {
		if got := tt.c.Within(tt.from, tt.to); got != tt.want {
			t.Errorf("%s of %d from %s to %s: %d, want %d", tt.c.At(), tt.c.Amount.Amount, tt.from, tt.to, got, tt.want)
		}
	}
}

// Weeks cut months anywhere: whatever the cuts, nothing is lost and nothing counted twice.
func TestTheDaysOfAMonthSumToItsCost(t *testing.T) {
	rng := rand.New(rand.NewPCG(65, 1))
	for range 500 {
		c := Cost{First: Date{2026, time.Month(1 + rng.IntN(12)), 1}, Days: 28 + rng.IntN(4),
			Amount: Money{rng.Int64N(1_000_000) - 100_000, "USD"}}
		if rng.IntN(20) == 0 {
			c.Amount.Amount = math.MaxInt64 - rng.Int64N(1000)
		}
		var sum, most, least int64 = 0, math.MinInt64, math.MaxInt64
		for n := range c.Days {
			part := c.Within(c.First.Add(n), c.First.Add(n+1))
			sum, most, least = sum+part, max(most, part), min(least, part)
		}
		if sum != c.Amount.Amount || most-least > 1 {
			t.Fatalf("%+v: %d in days of %d to %d", c, sum, least, most)
		}
		for at := c.First.Add(-7); at.Compare(c.First.Add(c.Days)) < 0; {
			next := at.Add(1 + rng.IntN(9))
			sum, at = sum-c.Within(at, next), next
		}
		if sum != 0 {
			t.Fatalf("%+v: the weeks leave %d", c, sum)
		}
	}
}
