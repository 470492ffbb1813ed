package digests

import (
	"maps"
	"math/rand/v2"
	"slices"
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
	if since, ok := Below(UnderOne(.9, weeks(1, 20, func(int) float64 { return .9 })), 0, three); ok && since.Ended == 0 {
		t.Errorf("a promise of 90 %% that is kept: told since week %d", since.Since)
	}
	since, ok := Below(UnderOne(.9, weeks(2, 20, func(week int) float64 { return map[bool]float64{true: .75, false: .95}[week >= 30] })), 0,
		three)
	if !ok || since.Ended > 0 || since.Since < 32 || since.Since > 42 {
		t.Errorf("kept too rarely since week 30: told %v since week %d", ok, since.Since)
	}
	if s, ok := Below(UnderOne(.9, weeks(3, 20, func(week int) float64 { return map[bool]float64{true: .7, false: .97}[week < 20] })), 0,
		three); ok && s.Ended == 0 {
		t.Error("it has been kept for 32 weeks, and is still told")
	}
}

// TestWeeksThatTellNothingAreNoEvidence: weeks before the first promise, those in which nothing came due and those in which nothing was
// promised change nothing of what is told, and when.
func TestWeeksThatTellNothingAreNoEvidence(t *testing.T) {
	three := func(int) int { return 3 }
	told := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 15))
		var weeks []WeekDue
		for range 52 {
			due := Due{Target: .9, Proportion: stats.Proportion{N: 1 + r.IntN(12)}}
			for range due.N {
				if r.Float64() < .84 {
					due.K++
				}
			}
			weeks = append(weeks, WeekDue{due})
		}
		s, ok := Below(weeks, 0, three)
		if ok {
			told++
		}
		for _, silent := range []WeekDue{nil, {{Target: 0, Proportion: stats.Proportion{N: 4, K: 1}}}} {
			for _, years := range []int{1, 3} {
				n := 52 * years
				then, is := Below(slices.Concat(slices.Repeat([]WeekDue{silent}, n), weeks), -n, three)
				if is != ok || ok && (then.Since-n != s.Since || s.Ended > 0 && then.Ended-n != s.Ended) {
					t.Fatalf("seed %d: told %v %+v; after %d weeks that tell nothing %v %+v", seed, ok, s, n, is, then)
				}
			}
		}
	}
	if told < 20 || told > 180 {
		t.Errorf("%d of 200 promises were told to fall short: the test tells little", told)
	}
}

// TestARaisedPromiseIsHeldAgainstItsOwnWeeks: whatever was promised when, and however it was kept, what is told of a promise
// began no earlier than with a look before whose last 13 weeks what was promised then had been missed, and all looks until it
// ended were such.
func TestARaisedPromiseIsHeldAgainstItsOwnWeeks(t *testing.T) {
	three := func(int) int { return 3 }
	told := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 14))
		target, rate := .5+.45*r.Float64(), .5+.5*r.Float64()
		var weeks []WeekDue
		for range 60 + r.IntN(60) {
			if r.IntN(12) == 0 {
				rate = .5 + .5*r.Float64()
			}
			var w WeekDue
			for range r.IntN(25) {
				if r.IntN(300) == 0 {
					target = []float64{0, .5 + .5*r.Float64(), 1}[r.IntN(3)]
				}
				one := stats.Proportion{N: 1}
				if r.Float64() < rate {
					one.K = 1
				}
				w.add(target, one)
			}
			weeks = append(weeks, w)
		}
		s, ok := Below(weeks, 0, three)
		if !ok {
			continue
		}
		told++
		last := len(weeks) - 1
		if s.Ended > 0 {
			last = s.Ended - 1
		}
		for week := s.Since; week <= last; week++ {
			var kept, promised, n float64
			for _, w := range weeks[max(0, week-12) : week+1] {
				for _, d := range w {
					if d.Target > 0 {
						kept, promised, n = kept+float64(d.K), promised+d.Target*float64(d.N), n+float64(d.N)
					}
				}
			}
			if n == 0 || kept >= promised {
				t.Fatalf("seed %d: told since week %d, ended %d; at week %d %v of %v are kept where %v were promised", seed, s.Since, s.Ended, week,
					kept, n, promised)
			}
		}
		for cut := 1; cut <= len(weeks); cut++ { // each look said so at its own time
			then, ok := Below(weeks[:cut], 0, three)
			if is := ok && then.Ended == 0; cut > s.Since && cut <= last+1 && (!is || then.Since != s.Since) {
				t.Fatalf("seed %d: the look after week %d said %v %+v, and it is %+v", seed, cut-1, ok, then, s)
			}
		}
	}
	if told < 100 {
		t.Errorf("told in %d of 400: nothing was tested", told)
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

// TestWeeksInWhichNothingIsHeardAreNoEvidence: who begins to note what is heard after years of silence is told nothing else, nor sooner.
func TestWeeksInWhichNothingIsHeardAreNoEvidence(t *testing.T) {
	told := 0
	for seed := range uint64(100) {
		after := func(silent int) map[string]int {
			r := rand.New(rand.NewPCG(seed, 16))
			th := NewThemes(truce.Date{Year: 2025, Month: 1, Day: 6}, silent+60)
			for week := range 60 {
				for _, of := range []struct {
					name string
					n    int
				}{{"price", map[bool]int{true: 7, false: 3}[week >= 45]}, {"speed", 12}} {
					for range of.n {
						if r.IntN(2) == 0 {
							th.Heard(of.name, silent+week)
						}
					}
				}
			}
			since := map[string]int{}
			for name, day := range th.EverRising() {
				since[name] = (day.Number()-th.First.Number())/7 - silent
			}
			return since
		}
		one, three := after(52), after(156)
		if !maps.Equal(one, three) {
			t.Fatalf("seed %d: after 52 silent weeks rising %v, after 156 %v", seed, one, three)
		}
		told += min(1, len(one))
	}
	if told < 10 || told > 95 {
		t.Errorf("something rises in %d of 100: the test tells little", told)
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
