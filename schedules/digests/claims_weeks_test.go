package digests

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// drawn is the weeks of sources of so many judged leads a week each, of which rate gives the share sent back; known a week later.
func drawn(seed uint64, sources, perWeek, weeks int, rate func(source, week int) float64) *Weeks {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &Weeks{First: truce.Date{Year: 2025, Month: 1, Day: 6}, N: weeks, Looks: min(weeks, 52), Changes: make([][]Change, weeks)}
	for s := range sources {
		w.Sources = append(w.Sources, string(rune('A'+s)))
	}
	for week := range weeks - 1 {
		for s := range sources {
			c := Change{Source: s, Week: week, Mark: truce.MarkJudged, N: perWeek}
			back := 0
			for range perWeek {
				if r.Float64() < rate(s, week) {
					back++
				}
			}
			at := &w.Changes[week+1]
			*at = append(*at, c, Change{s, week, truce.MarkSentBack, back}, Change{s, week, truce.MarkSourceFault, back})
		}
	}
	return w
}

// upTo is what was known some weeks ago.
func (w *Weeks) upTo(n int) *Weeks {
	c := *w
	c.N, c.Looks, c.Changes = n, w.Looks-(w.N-n), w.Changes[:n]
	return &c
}

func TestASourceIsToldWithItsDateUntilItEnds(t *testing.T) {
	w := drawn(1, 5, 8, 104, func(source, week int) float64 {
		if source == 2 && week >= 56 && week < 80 {
			return .5
		}
		return .12
	})
	told := w.SentBack(false)
	if len(told) != 1 || told[0].Name != "C" || !told[0].Higher || told[0].Ended == (truce.Date{}) {
		t.Fatalf("%+v, want C told and ended", told)
	}
	since, ended := (told[0].Since.Number()-w.First.Number())/7, (told[0].Ended.Number()-w.First.Number())/7
	if since < 58 || since > 70 || ended < 84 || ended > 96 {
		t.Errorf("told since week %d, ended at %d; it was so from 56 to 80", since, ended)
	}
	// Each look, asked at its own time, said what playing them over again says: it was told at once and without a break.
	for week := 53; week <= w.N; week++ {
		then := w.upTo(week).SentBack(false)
		is := len(then) == 1 && then[0].Ended == (truce.Date{})
		if want := week >= since && week < ended; is != want {
			t.Fatalf("look %d: %+v, want told %v", week, then, want)
		}
		if is && then[0].Since != told[0].Since {
			t.Errorf("look %d: since %s, want %s", week, then[0].Since, told[0].Since)
		}
	}
	if again := w.SentBack(false); !reflect.DeepEqual(again, told) {
		t.Error("the same weeks tell something else")
	}
}

// after is the same weeks after so many in which there were no leads at all.
func (w *Weeks) after(silent int) *Weeks {
	c := Weeks{First: w.First.Add(-7 * silent), N: w.N + silent, Looks: w.Looks, Sources: w.Sources, Changes: make([][]Change, silent)}
	for _, week := range w.Changes {
		var list []Change
		for _, of := range week {
			of.Week += silent
			list = append(list, of)
		}
		c.Changes = append(c.Changes, list)
	}
	return &c
}

// TestWeeksWithoutLeadsAreNoEvidenceOfASource: who begins after years of silence is told nothing else, nor sooner.
func TestWeeksWithoutLeadsAreNoEvidenceOfASource(t *testing.T) {
	named := 0
	for seed := range uint64(150) {
		w := drawn(seed, 5, 3, 52, func(source, _ int) float64 { return map[bool]float64{true: .33, false: .2}[source == 1] })
		told := w.SentBack(false)
		named += min(1, len(told))
		for _, silent := range []int{52, 156} {
			if then := w.after(silent).SentBack(false); !reflect.DeepEqual(then, told) {
				t.Fatalf("seed %d: %+v; after %d silent weeks %+v", seed, told, silent, then)
			}
		}
	}
	if named < 15 || named > 135 {
		t.Errorf("a source was told of %d of 150: the test tells little", named)
	}
}

// TestBesideOneThatDiffersTheOthersAreAlike: with a source's leads taken out of the tables nothing is told of the others.
func TestBesideOneThatDiffersTheOthersAreAlike(t *testing.T) {
	w := drawn(2, 4, 12, 104, func(source, _ int) float64 { return []float64{.6, .1, .1, .1}[source] })
	if told := w.SentBack(true); len(told) != 1 || told[0].Name != "A" {
		t.Errorf("%+v, want A alone", told)
	}
	if told := w.Bought(); len(told) != 0 {
		t.Errorf("nobody has bought anything, and yet %+v", told)
	}
}

func TestOverTimeComparesEqualAges(t *testing.T) {
	flat := drawn(3, 4, 20, 104, func(int, int) float64 { return .2 })
	if told, ok := flat.OverTime(); ok {
		t.Errorf("nothing has changed, and yet %+v", told)
	}
	up := drawn(4, 4, 20, 104, func(_, week int) float64 { return map[bool]float64{true: .4, false: .2}[week >= 90] })
	told, ok := up.OverTime()
	if week := (told.Since.Number() - up.First.Number()) / 7; !ok || !told.Higher || week < 92 || week > 104 {
		t.Errorf("%v %+v in week %d", ok, told, week)
	}
}

// weeksOf is the weeks of leads before a Monday.
func weeksOf(cases []truce.LeadCase, end truce.Date) *Weeks {
	c := newCells(end.Add(-70*7), 70)
	c.Looks = 52
	for _, lc := range cases {
		day := truce.DayNumber(lc.Lead.MQLAt, time.UTC)
		truce.EachMark(lc.Course(time.UTC), day, func(m truce.Marks, days, n int) {
			c.add(storage.MarkDay{Source: lc.Lead.Source, MQL: day, At: day + days, Mark: m, N: n})
		})
	}
	return c.weeks()
}

// BenchmarkClaims is of a million leads of eight sources in three years.
func BenchmarkClaims(b *testing.B) {
	w := drawn(1, 8, 800, 156, func(int, int) float64 { return .15 })
	w.Looks = 104
	for b.Loop() {
		w.Claims(false)
	}
}

// TestASourceWithoutLeadsHasNotMended: what was told of a source that brings no leads any more ends, and not because it got better.
func TestASourceWithoutLeadsHasNotMended(t *testing.T) {
	w := drawn(1, 5, 8, 104, func(source, _ int) float64 { return []float64{.12, .12, .6, .12, .12}[source] })
	for week, list := range w.Changes {
		w.Changes[week] = slices.DeleteFunc(list, func(c Change) bool { return c.Source == 2 && c.Week >= 60 })
	}
	if told := w.SentBack(false); len(told) != 1 || told[0].Ended == (truce.Date{}) || !told[0].Silent {
		t.Errorf("%+v, want C ended for lack of leads", told)
	}
}
