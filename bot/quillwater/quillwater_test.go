package quillwater

import (
	"reflect"
	"testing"
	"time"

	"truce"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func TestTheSameSeedGivesTheSameCompany(t *testing.T) {
	if a, b := New(500, today, 1), New(500, today, 1); !reflect.DeepEqual(a, b) {
		t.Error("two companies of one seed differ")
	}
}

func TestThereAreAsManyLeadsAsAskedFor(t *testing.T) {
	for _, n := range []int{100, 101, 599, 600, 2400, 12345} {
		if got := len(New(n, today, 1).Leads); got != n {
			t.Errorf("%d leads, want %d", got, n)
		}
	}
}

func TestNothingIsDatedInTheFuture(t *testing.T) {
	for _, c := range New(DefaultLeads, today, 1).Leads {
		if !c.Lead.MQLAt.Before(today) {
			t.Errorf("%s qualified at %s", c.Lead.ID, c.Lead.MQLAt)
		}
		for _, o := range c.Outcomes {
			if !o.At.Before(today) {
				t.Errorf("%s: %s at %s", c.Lead.ID, o.Status, o.At)
			}
		}
	}
}

// TestWhatIsPlanted holds the invented data against the story that page one tells. That the digests find it is tested where
// the digests are.
func TestWhatIsPlanted(t *testing.T) {
	var by = map[string]*truce.Figures{}
	core, coreBack, coreWon := 0, 0, 0
	var coreMoney int64
	old := 0
	for _, c := range New(DefaultLeads, today, 1).Leads {
		f := by[c.Lead.Source]
		if f == nil {
			f = &truce.Figures{}
			by[c.Lead.Source] = f
		}
		f.Add(truce.LeadCase{Lead: c.Lead, Outcomes: c.Outcomes, Ratings: c.Ratings}, today)
		if c.Lead.Source == syndication && today.Sub(c.Lead.MQLAt) > 152*24*time.Hour {
			old++
		}
		if c.Lead.Campaign == coreKit {
			core++
			back := false
			for _, o := range c.Outcomes {
				back = back || o.Status == truce.Rejected
			}
			if back {
				coreBack++
				if s := truce.Stand(c.Outcomes, today); s.State == truce.Won {
					coreWon++
					coreMoney += truce.Revenue(c.Outcomes, today)["USD"]
				}
			}
		}
	}
	for name, f := range by {
		mean, _ := f.MeanScore()
		t.Logf("%-20s leads %4d accepted %4d rejected %4d opportunities %3d won %3d lost %3d recycled %3d open %3d score %.0f", name, f.Leads, f.Accepted, f.Rejected,
			f.Opportunities, f.Won, f.Lost, f.Recycled, f.Open, mean)
	}
	s := by[syndication]
	if share := float64(s.Rejected) / float64(s.Rejected+s.Accepted); s.Leads != 412 || s.Won != 0 || share < 0.37 || share > 0.40 {
		t.Errorf("content syndication: %d leads, %d won, %.2f sent back", s.Leads, s.Won, share)
	}
	if old < 230 || old > 250 {
		t.Errorf("%d syndication leads are old enough to tell, want about 240", old)
	}
	if core != coreKits || coreBack != coreSentBack || coreWon != coreBought || coreMoney != coreRevenue {
		t.Errorf("core facility kits: %d, %d sent back, %d of them bought for %d", core, coreBack, coreWon, coreMoney)
	}
}
