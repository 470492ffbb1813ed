package digests

import (
	"math/rand/v2"
	"testing"

	"truce"
	"truce/schedules/stats"
)

func TestAPromiseIsBelowItsTargetByEvidence(t *testing.T) {
	three := func(int) int { return 3 }
	weeks := func(seed uint64, n int, rate func(week int) float64) (list []stats.Proportion) {
		r := rand.New(rand.NewPCG(seed, 2))
		for week := range 52 {
			p := stats.Proportion{N: n}
			for range n {
				if r.Float64() < rate(week) {
					p.K++
				}
			}
			list = append(list, p)
		}
		return list
	}
	if since, ok := Below(weeks(1, 20, func(int) float64 { return .9 }), 0, .9, three); ok && since.Ended == 0 {
		t.Errorf("a promise of 90 %% that is kept: told since week %d", since.Since)
	}
	since, ok := Below(weeks(2, 20, func(week int) float64 { return map[bool]float64{true: .75, false: .95}[week >= 30] }), 0, .9, three)
	if !ok || since.Ended > 0 || since.Since < 32 || since.Since > 42 {
		t.Errorf("kept too rarely since week 30: told %v since week %d", ok, since.Since)
	}
	if s, ok := Below(weeks(3, 20, func(week int) float64 { return map[bool]float64{true: .7, false: .97}[week < 20] }), 0, .9, three); ok && s.Ended == 0 {
		t.Error("it has been kept for 32 weeks, and is still told")
	}
}

func TestAThemeRisesByEvidence(t *testing.T) {
	themes := func(seed uint64, times float64) *Themes {
		r := rand.New(rand.NewPCG(seed, 3))
		th := NewThemes(truce.Date{Year: 2025, Month: 1, Day: 6}, 60)
		for _, name := range []string{"price", "speed", "service", "quality", "delivery"} {
			for week := range th.Weeks {
				mean := 3.0
				if name == "price" && week >= th.Weeks-10 {
					mean *= times
				}
				for range int(mean*2 + .5) {
					if r.IntN(2) == 0 {
						th.Heard(name, week)
					}
				}
			}
		}
		return th
	}
	if up := themes(1, 1).Rising(); len(up) > 0 {
		t.Errorf("nothing rises, and yet %v", up)
	}
	th := themes(2, 3)
	up := th.Rising()
	if len(up) != 1 || up["price"] == (truce.Date{}) {
		t.Fatalf("%v, want price alone", up)
	}
	if week := (up["price"].Number() - th.First.Number()) / 7; week <= th.Weeks-9 || week > th.Weeks {
		t.Errorf("told in week %d of %d", week, th.Weeks)
	}
}

// TestWhatIsTooFewToTell: by what evidence needs, not by a number of leads on each side.
func TestWhatIsTooFewToTell(t *testing.T) {
	one := drawn(1, 1, 20, 60, func(int, int) float64 { return .1 })
	if c := one.Claims(false); c.Sources != 1 || !c.Never {
		t.Errorf("one source: %+v", c)
	}
	small := drawn(1, 8, 1, 60, func(int, int) float64 { return .1 })
	if c := small.Claims(false); c.Sources != 8 || c.Never || c.Weeks < 52 || c.Weeks > 100 {
		t.Errorf("a lead a week from each of eight: %+v", c)
	}
	if c := drawn(1, 8, 5, 60, func(int, int) float64 { return .1 }).Claims(false); c.Weeks != 0 || c.Never {
		t.Errorf("five leads a week from each of eight: %+v", c)
	}
	// 9 of 10 sent back beside 0 of 102 is a difference.
	w := drawn(1, 2, 0, 14, func(int, int) float64 { return 0 })
	for week := range 10 {
		w.Changes[week] = append(w.Changes[week], Change{0, week, truce.MarkJudged, 1}, Change{1, week, truce.MarkJudged, 10})
		if week < 9 {
			w.Changes[week] = append(w.Changes[week], Change{0, week, truce.MarkSentBack, 1}, Change{0, week, truce.MarkSourceFault, 1})
		}
	}
	if told := w.SentBack(false); len(told) != 1 || told[0].Name != "A" {
		t.Errorf("9 of 10 beside 0 of 100: %+v", told)
	}
}
