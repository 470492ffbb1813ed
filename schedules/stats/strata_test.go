package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Admissions to the six largest departments of Berkeley in 1973 (Bickel, Hammel and O'Connell 1975, as R's UCBAdmissions has them):
// men admitted and applied, women admitted and applied.
var berkeley = []Stratum{
	{Proportion{512, 825}, Proportion{89, 108}}, {Proportion{353, 560}, Proportion{17, 25}}, {Proportion{120, 325}, Proportion{202, 593}},
	{Proportion{138, 417}, Proportion{131, 375}}, {Proportion{53, 191}, Proportion{94, 393}}, {Proportion{22, 373}, Proportion{24, 341}},
}

func TestMantelHaenszelAgreesWithPublishedResults(t *testing.T) {
	s, ok := MantelHaenszel(berkeley)
	if !ok || s.Strata != 6 || s.Dropped != 0 {
		t.Fatalf("%+v, %v: want six strata", s, ok)
	}
	// R: mantelhaen.test(UCBAdmissions, correct = FALSE): X-squared = 1.5246, p = 0.2169.
	if math.Abs(s.P-0.2169) > 0.00005 {
		t.Errorf("p = %.5f, want 0.2169", s.P)
	}
	if pooled := s.Exposed.Rate() - s.Unexposed.Rate(); pooled < 0.14 || s.Difference > 0 {
		t.Errorf("together men lead by %.3f, within departments by %.3f: want the paradox that the data are known for", pooled, s.Difference)
	}
}

// Of one stratum the difference is the plain one, and the test the chi-squared test with N - 1.
func TestMantelHaenszelOfOneStratum(t *testing.T) {
	s, ok := MantelHaenszel([]Stratum{{Proportion{15, 40}, Proportion{6, 50}}})
	if !ok || math.Abs(s.Difference-(0.375-0.12)) > 1e-12 {
		t.Fatalf("%+v", s)
	}
	z := math.Sqrt(89.0/90.0) * math.Sqrt(90*math.Pow(15*44-25*6, 2)/(40*50*21*69))
	if math.Abs(s.P-TwoSidedP(z)) > 1e-12 {
		t.Errorf("p = %g, want %g", s.P, TwoSidedP(z))
	}
}

func TestMantelHaenszelOfNothing(t *testing.T) {
	for name, strata := range map[string][]Stratum{
		"nothing":             nil,
		"only exposed":        {{Proportion{3, 5}, Proportion{}}},
		"each stratum of one": {{Proportion{1, 1}, Proportion{}}, {Proportion{}, Proportion{0, 4}}},
	} {
		if s, ok := MantelHaenszel(strata); ok || s.Dropped != len(strata) || s.Strata != 0 {
			t.Errorf("%s: %+v, %v", name, s, ok)
		}
	}
	s, ok := MantelHaenszel([]Stratum{{Proportion{0, 1}, Proportion{0, 1}}})
	if !ok || s.P != 1 || s.Difference != 0 {
		t.Errorf("no event at all: %+v, %v", s, ok)
	}
}

// What the strata differ in is no effect: with sparse strata of very different risk the test keeps its level, and Sato's interval
// holds the difference, as often as they say.
func TestMantelHaenszelKeepsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, p float64) (q Proportion) {
		for q.N = n; n > 0; n-- {
			if r.Float64() < p {
				q.K++
			}
		}
		return q
	}
	const runs = 4000
	alarms, held := 0, 0
	for range runs {
		var strata []Stratum
		for range 30 {
			risk := 0.05 + 0.5*r.Float64()
			strata = append(strata, Stratum{draw(1+r.IntN(6), risk), draw(1+r.IntN(20), risk)})
		}
		s, _ := MantelHaenszel(strata)
		if s.P <= 0.05 {
			alarms++
		}
		if s.Interval.Contains(0) {
			held++
		}
	}
	if rate := float64(alarms) / runs; rate < 0.035 || rate > 0.065 {
		t.Errorf("%.3f of flat comparisons are significant at 0.05", rate)
	}
	if rate := float64(held) / runs; rate < 0.93 {
		t.Errorf("the interval holds the true difference in %.3f of comparisons, want about 0.95", rate)
	}
}

func TestStandardizedDifference(t *testing.T) {
	var a, b, flat Scores
	for _, x := range []float64{1, 2, 3} {
		a.Add(x)
		b.Add(x + 2)
		flat.Add(2)
	}
	if d, ok := StandardizedDifference(b, a); !ok || math.Abs(d-2) > 1e-12 {
		t.Errorf("two standard deviations apart: %v, %v", d, ok)
	}
	if d, ok := StandardizedDifference(a, flat); !ok || d != 0 {
		t.Errorf("equal means: %v, %v", d, ok)
	}
	if _, ok := StandardizedDifference(a, Scores{}); ok {
		t.Error("without scores nothing is known")
	}
	var higher Scores
	higher.Add(5)
	higher.Add(5)
	if _, ok := StandardizedDifference(higher, flat); ok {
		t.Error("of scores that do not differ within their groups no deviation is known")
	}
}
