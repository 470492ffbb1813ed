package truce

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestCourseIsWhatReportsOfEachDayCount: the course of a lead says of the end of every day what figures as of then count.
func TestCourseIsWhatReportsOfEachDayCount(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC) // the clocks change within
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := LeadCase{Lead: Lead{MQLAt: start}}
		for range r.IntN(6) {
			c.Outcomes = append(c.Outcomes, Outcome{Status: Statuses[r.IntN(len(Statuses))], At: start.Add(time.Duration(r.IntN(24*20)) * time.Hour),
				Reason: []Reason{"", "wrong-person", "no-budget"}[r.IntN(3)], Origin: []Origin{FromImport, FromSilence}[r.IntN(2)],
				DealID: []string{"", "d"}[r.IntN(2)]})
		}
		sums := map[Marks]int{}
		type at struct {
			day  int
			mark Marks
		}
		changes := map[at]int{}
		mql := DayNumber(start, berlin)
		EachMark(c.Course(berlin), mql, func(m Marks, days, n int) { changes[at{mql + days, m}] += n })
		for day := mql; day < mql+22; day++ {
			for m := MarkJudged; m < marksEnd; m <<= 1 {
				sums[m] += changes[at{day, m}]
			}
			var f Figures
			end := Date{Year: 1970, Month: 1, Day: 1}.Add(day+1).At(0, berlin)
			f.Count(c.Lead, c.Facts(end.Add(-time.Millisecond)))
			for m, want := range map[Marks]int{MarkJudged: f.Judged, MarkSentBack: f.SentBack, MarkSourceFault: f.SourceFaults, MarkWon: f.Won,
				MarkLost: f.Lost} {
				if sums[m] != want {
					t.Fatalf("seed %d, %s: mark %d is %d, figures count %d of %+v", seed, end, m, sums[m], want, c.Outcomes)
				}
			}
		}
	}
}
