package stats

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const (
	won Cause = iota + 1
	lost
	rejected
)

// TestIncidenceWithoutCensoring: with everybody followed to the end the incidence is k/n and its variance F(1-F)/n, whatever
// the ties.
func TestIncidenceWithoutCensoring(t *testing.T) {
	r := seeded(10)
	for range 100 {
		n := 1 + r.IntN(80)
		records := make([]Record, n)
		for i := range records {
			records[i] = Record{Days: float64(r.IntN(20)), Cause: Cause(1 + r.IntN(3))}
		}
		curve := CumulativeIncidenceOf(records, won)
		for day := -1.0; day < 22; day++ {
			k, left := 0, 0
			for _, rec := range records {
				if rec.Cause == won && rec.Days <= day {
					k++
				}
				if rec.Days > day {
					left++
				}
			}
			f := float64(k) / float64(n)
			got := curve.At(day)
			near(t, "rate", got.Rate, f, 1e-12)
			near(t, "variance", got.SE*got.SE, f*(1-f)/float64(n), 1e-12)
			if got.AtRisk != left || !got.Known {
				t.Fatalf("day %v: %+v, %d left", day, got, left)
			}
			if k == 0 && got.Interval != Wilson(0, n) || k == n && got.Interval != Wilson(n, n) {
				t.Fatalf("nobody or everybody: %+v", got)
			}
		}
	}
}

// TestIncidenceIsKaplanMeierWithoutOtherCauses: remission under 6-mercaptopurine (Freireich et al., Blood 1963;21:699-716;
// survival and Greenwood's standard errors as R's survfit prints them).
func TestIncidenceIsKaplanMeierWithoutOtherCauses(t *testing.T) {
	var records []Record
	for _, d := range []float64{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		records = append(records, Record{d, won})
	}
	for _, d := range []float64{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		records = append(records, Record{d, Censored})
	}
	curve := CumulativeIncidenceOf(records, won)
	for _, c := range []struct{ day, survival, se float64 }{
		{6, 0.857, 0.0764}, {7, 0.807, 0.0869}, {12, 0.753, 0.0963}, {13, 0.690, 0.1068}, {16, 0.627, 0.1141}, {22, 0.538, 0.1282},
		{30, 0.448, 0.1346},
	} {
		got := curve.At(c.day)
		near(t, fmt.Sprint("survival at ", c.day), 1-got.Rate, c.survival, 5.1e-4)
		near(t, fmt.Sprint("SE at ", c.day), got.SE, c.se, 5.1e-5)
	}
	if days, reached := curve.Median(); days != 23 || !reached {
		t.Errorf("median %v %v", days, reached)
	}
	if e := curve.At(35); !e.Known || e.AtRisk != 0 {
		t.Errorf("the last day is known: %+v", e)
	}
	if e := curve.At(36); e.Known {
		t.Errorf("nobody was followed to day 36: %+v", e)
	}
	if _, reached := curve.Quantile(0.6); reached {
		t.Error("60 % were not reached")
	}
}

// TestIncidenceAgainstBruteForce: the rate against inverse probability of censoring weights (Satten and Datta, Am Stat
// 2001;55:207-210: the same estimate by another road), the variance against a numerical delta method over the event
// probabilities, for records and histograms alike.
func TestIncidenceAgainstBruteForce(t *testing.T) {
	r := seeded(11)
	for range 150 {
		records, counts := randomCohort(r, 2+r.IntN(70), 25)
		curve, fromDays := CumulativeIncidenceOf(records, won), CumulativeIncidence(counts, won)
		for day := 0.0; day <= 30; day += 1.5 {
			got := curve.At(day)
			if got != fromDays.At(day) {
				t.Fatalf("records %+v, histogram %+v", got, fromDays.At(day))
			}
			near(t, "rate", got.Rate, incidenceByWeights(records, day), 1e-9)
			near(t, "variance", got.SE*got.SE, incidenceVarianceNumerically(records, day), 1e-7)
		}
	}
}

// randomCohort draws leads with ties, censoring, three causes and some negative days, as records and as a shuffled
// histogram with cells split in two.
func randomCohort(r *rand.Rand, n, days int) ([]Record, []DayCount) {
	records, cells := make([]Record, n), map[DayCount]int{}
	for i := range records {
		d, c := r.IntN(days)-2, Cause(r.IntN(4))
		records[i] = Record{float64(d), c}
		cells[DayCount{Day: d, Cause: c, N: r.IntN(2)}]++
	}
	counts := make([]DayCount, 0, len(cells))
	for c, n := range cells {
		counts = append(counts, DayCount{c.Day, c.Cause, n})
	}
	return records, counts
}

// incidenceByWeights is Σ 1{won by t} / (n·G(T-)), G the Kaplan-Meier curve of being censored, where those who end on a day
// are gone before that day's censorings.
func incidenceByWeights(records []Record, t float64) float64 {
	g := func(before float64) float64 {
		out := 1.0
		for u := 0.0; u < before; u++ {
			var atRisk, censored float64
			for _, r := range records {
				d := max(r.Days, 0)
				if d > u || d == u && r.Cause == Censored {
					atRisk++
				}
				if d == u && r.Cause == Censored {
					censored++
				}
			}
			if atRisk > 0 {
				out *= 1 - censored/atRisk
			}
		}
		return out
	}
	var sum float64
	for _, r := range records {
		if d := max(r.Days, 0); r.Cause == won && d <= t {
			sum += 1 / g(d)
		}
	}
	return sum / float64(len(records))
}

// incidenceVarianceNumerically treats the daily shares of wins and of other ends as independent multinomial estimates and
// carries their covariance through F by numerical derivatives.
func incidenceVarianceNumerically(records []Record, t float64) float64 {
	var atRisk, own, other []float64
	for u := 0.0; u <= t; u++ {
		var n, d, e float64
		for _, r := range records {
			days := max(r.Days, 0)
			if days >= u {
				n++
			}
			if days == u && r.Cause == won {
				d++
			}
			if days == u && r.Cause > won {
				e++
			}
		}
		if d+e > 0 {
			atRisk, own, other = append(atRisk, n), append(own, d/n), append(other, e/n)
		}
	}
	f := func(own, other []float64) (sum float64) {
		left := 1.0
		for i := range own {
			sum += left * own[i]
			left *= 1 - own[i] - other[i]
		}
		return sum
	}
	slope := func(x []float64, i int) float64 {
		const h = 1e-5
		x0 := x[i]
		x[i] = x0 + h
		up := f(own, other)
		x[i] = x0 - h
		down := f(own, other)
		x[i] = x0
		return (up - down) / (2 * h)
	}
	var variance float64
	for i := range own {
		a, b, p, q := slope(own, i), slope(other, i), own[i], other[i]
		variance += (a*a*p*(1-p) + b*b*q*(1-q) - 2*a*b*p*q) / atRisk[i]
	}
	return variance
}

// TestIncidenceCounted: a small cohort by hand. Day 0: ten leads, one won before its start, one rejected; day 3: one won of
// eight, one censored that day was at risk; day 5: one lost of six; day 9: one won of four; one is open on day 9.
func TestIncidenceCounted(t *testing.T) {
	curve := CumulativeIncidence([]DayCount{
		{9, won, 1}, {-4, won, 1}, {0, rejected, 1}, {3, won, 1}, {3, Censored, 1}, {5, lost, 1}, {6, Censored, 1}, {9, Censored, 1},
		{20, Censored, 2},
	}, won)
	if curve.N() != 10 {
		t.Fatal(curve.N())
	}
	// F(0) = 1/10; S = 8/10; F(3) = .1 + .8/8 = .2; S = .7; S(5) = .7·5/6; F(9) = .2 + .7·5/6/4
	for day, want := range map[float64]float64{-1: 0, 0: 0.1, 2: 0.1, 3: 0.2, 8: 0.2, 9: 0.2 + 0.7*5/6/4, 20: 0.2 + 0.7*5/6/4} {
		near(t, fmt.Sprint("day ", day), curve.At(day).Rate, want, 1e-12)
	}
	if e := curve.At(9); e.AtRisk != 2 || !e.Known {
		t.Errorf("%+v", e)
	}
	if _, reached := curve.Median(); reached {
		t.Error("half never won")
	}
	// The log-log interval by the formula, from the variance above.
	e := curve.At(9)
	v := math.Log(-math.Log(e.Rate))
	w := Z95 * e.SE / (e.Rate * math.Abs(math.Log(e.Rate)))
	nearInterval(t, "log-log", e.Interval, math.Exp(-math.Exp(v+w)), math.Exp(-math.Exp(v-w)), 1e-12)
}

func TestIncidenceOfNobody(t *testing.T) {
	for _, curve := range []Incidence{{}, CumulativeIncidence(nil, won), CumulativeIncidenceOf(nil, won)} {
		e := curve.At(90)
		if e.Rate != 0 || e.Known || e.Interval != (Interval{0, 1}) {
			t.Errorf("%+v", e)
		}
		if _, reached := curve.Median(); reached {
			t.Error("a median of nobody")
		}
	}
	// 0 of 240 old enough, 100 more too young: the interval counts only those whose state is known.
	e := CumulativeIncidence([]DayCount{{20, Censored, 100}, {90, Censored, 200}, {70, lost, 40}}, won).At(90)
	if e.Interval != Wilson(0, 240) || !e.Known {
		t.Errorf("%+v", e)
	}
	if !panics(func() { CumulativeIncidence(nil, Censored) }) || !panics(func() { CumulativeIncidence([]DayCount{{1, won, -1}}, won) }) ||
		!panics(func() { CumulativeIncidenceOf([]Record{{math.NaN(), won}}, won) }) {
		t.Error("impossible arguments must panic")
	}
}

// TestIncidenceOfCausesSumsToOne: over all causes the incidences and the probability of no event are everything there is.
func TestIncidenceOfCausesSumsToOne(t *testing.T) {
	r := seeded(12)
	for range 100 {
		records, counts := randomCohort(r, 1+r.IntN(200), 60)
		anything := slices.Clone(records)
		for i := range anything {
			if anything[i].Cause != Censored {
				anything[i].Cause = won
			}
		}
		total := CumulativeIncidenceOf(anything, won)
		before := -1.0
		for day := 0.0; day < 60; day += 7 {
			sum := 0.0
			for _, c := range []Cause{won, lost, rejected} {
				sum += CumulativeIncidence(counts, c).At(day).Rate
			}
			near(t, "sum of causes", sum, total.At(day).Rate, 1e-10)
			e := CumulativeIncidence(counts, won).At(day)
			if e.Rate < before || e.Interval.Low > e.Rate+1e-12 || e.Interval.High < e.Rate-1e-12 || e.Interval.Low < 0 || e.Interval.High > 1 {
				t.Fatalf("day %v: %+v after %v", day, e, before)
			}
			before = e.Rate
		}
	}
}

// TestIncidenceCoverage: exponential waits with a known answer (wins at rate a, losses at rate b, entry spread over the window:
// F(t) = a/(a+b)·(1-exp(-(a+b)t))); the interval holds the truth about 95 times in 100, also when wins are few.
func TestIncidenceCoverage(t *testing.T) {
	for _, c := range []struct {
		wins, losses, day float64
		n                 int
	}{{0.002, 0.01, 90, 240}, {0.0005, 0.004, 90, 400}, {0.004, 0.004, 180, 60}} {
		truth := c.wins / (c.wins + c.losses) * (1 - math.Exp(-(c.wins+c.losses)*c.day))
		r := seeded(uint64(c.n))
		const runs = 1500
		inside := 0
		for range runs {
			records := make([]Record, c.n)
			for i := range records {
				win, loss, open := r.ExpFloat64()/c.wins, r.ExpFloat64()/c.losses, r.Float64()*2.5*c.day
				switch first := min(win, loss, open); first {
				case win:
					records[i] = Record{first, won}
				case loss:
					records[i] = Record{first, lost}
				default:
					records[i] = Record{first, Censored}
				}
			}
			if CumulativeIncidenceOf(records, won).At(c.day).Interval.Contains(truth) {
				inside++
			}
		}
		share := float64(inside) / runs
		t.Logf("truth %.3f, n %d: %.3f inside", truth, c.n, share)
		if share < 0.93 || share > 0.98 {
			t.Errorf("truth %.3f, n %d: %.3f inside", truth, c.n, share)
		}
	}
}

func TestDaysQuantile(t *testing.T) {
	r := seeded(13)
	for range 300 {
		records, counts := randomCohort(r, 1+r.IntN(40), 50)
		var days []int
		for _, rec := range records {
			if rec.Cause == won {
				days = append(days, int(max(rec.Days, 0)))
			}
		}
		slices.Sort(days)
		for _, p := range []float64{0, 0.25, 0.5, 0.8, 1} {
			got, ok := DaysQuantile(counts, won, p)
			if ok != (len(days) > 0) {
				t.Fatal(ok, days)
			}
			if !ok {
				continue
			}
			within := func(d int) float64 {
				k := 0
				for _, x := range days {
					if x <= d {
						k++
					}
				}
				return float64(k) / float64(len(days))
			}
			if within(got) < p-1e-9 || !slices.Contains(days, got) || got > days[0] && within(got-1) >= p+1e-9 {
				t.Fatalf("p %v of %v: %d", p, days, got)
			}
		}
	}
}

func TestWindow(t *testing.T) {
	if _, ok := Window([]DayCount{{5, lost, 9}, {700, Censored, 3}}, won); ok {
		t.Error("a window without wins")
	}
	// Ten wins on days 10, 20 .. 100: eight of them by day 80.
	var counts []DayCount
	for d := 10; d <= 100; d += 10 {
		counts = append(counts, DayCount{d, won, 1})
	}
	if days, ok := Window(counts, won); days != 80 || !ok {
		t.Errorf("%d %v", days, ok)
	}
	if days, _ := Window([]DayCount{{500, won, 3}, {20, won, 1}}, won); days != WindowCap {
		t.Errorf("uncapped: %d", days)
	}
}

// FuzzIncidence: whatever the histogram, rates rise from 0 to at most 1 and the interval holds the rate.
func FuzzIncidence(f *testing.F) {
	f.Add([]byte{0, 1, 3, 9, 0, 1, 9, 2, 2, 9, 1, 1})
	f.Add([]byte{7, 1, 255, 7, 0, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		var counts []DayCount
		for ; len(data) >= 3; data = data[3:] {
			counts = append(counts, DayCount{int(int8(data[0])), Cause(data[1] % 4), int(data[2])})
		}
		curve, before := CumulativeIncidence(counts, won), 0.0
		for day := -1.0; day < 130; day++ {
			e := curve.At(day)
			if math.IsNaN(e.SE) || e.Rate < before || e.Rate > 1 ||
				!(e.Interval.Low >= 0 && e.Interval.Low <= e.Rate+1e-9 && e.Rate <= e.Interval.High+1e-9 && e.Interval.High <= 1) {
				t.Fatalf("day %v: %+v", day, e)
			}
			before = e.Rate
		}
	})
}

// BenchmarkIncidence: two years of days with five ends each, for a hundred leads a cell and for ten million leads in all.
func BenchmarkIncidence(b *testing.B) {
	for _, perCell := range []int{1, 100, 2740} {
		var counts []DayCount
		leads := 0
		for day := range 730 {
			for c := Censored; c < 5; c++ {
				counts = append(counts, DayCount{day, c, perCell})
				leads += perCell
			}
		}
		b.Run(fmt.Sprint(leads, "_leads"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				curve := CumulativeIncidence(counts, won)
				for _, d := range WinHorizons() {
					curve.At(float64(d))
				}
			}
		})
	}
}

func BenchmarkIncidenceOf100kRecords(b *testing.B) {
	r := seeded(14)
	records := make([]Record, 100_000)
	for i := range records {
		records[i] = Record{r.Float64() * 700, Cause(r.IntN(4))}
	}
	for b.Loop() {
		CumulativeIncidenceOf(records, won)
	}
}

// CumulativeIncidenceOf is CumulativeIncidence from single leads, whose days need not be whole, in O(n log n). A NaN day
// panics.
func CumulativeIncidenceOf(records []Record, cause Cause) Incidence {
	sorted := slices.Clone(records)
	slices.SortFunc(sorted, func(a, b Record) int { return cmp.Compare(a.Days, b.Days) })
	var moments []moment
	for _, r := range sorted {
		if math.IsNaN(r.Days) {
			panic("stats: a record without days")
		}
		moments = at(moments, max(r.Days, 0))
		moments[len(moments)-1].add(r.Cause, cause, 1)
	}
	return incidence(moments, cause)
}
