package quillwater

import (
	"math"
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
	company := New(DefaultLeads, today, 1)
	orders := func(list []truce.Order) {
		for _, o := range list {
			if !o.At.Before(today) {
				t.Errorf("order %s at %s", o.ID, o.At)
			}
		}
	}
	for _, c := range company.Customers {
		orders(c.Orders)
		if !c.Deal.ClosedAt.Before(today) || !c.Deal.CreatedAt.Before(c.Deal.ClosedAt) {
			t.Errorf("deal %s from %s to %s", c.Deal.ID, c.Deal.CreatedAt, c.Deal.ClosedAt)
		}
	}
	for _, c := range company.Costs {
		if !c.First.At(0, time.UTC).Before(today) {
			t.Errorf("a cost on %s", c.First)
		}
	}
	for _, c := range company.Leads {
		orders(c.Orders)
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
		t.Logf("%-20s leads %4d accepted %4d rejected %4d opportunities %3d won %3d lost %3d recycled %3d open %3d score %.0f", name, f.Leads,
			f.Accepted, f.Rejected,
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

// TestWhatIsPlantedInTheMoney holds costs, reorders and the ends of quarters against the story, on any day.
func TestWhatIsPlantedInTheMoney(t *testing.T) {
	for _, today := range []time.Time{today, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)} {
		c := New(DefaultLeads, today, 1)
		var paid int64
		for _, cost := range c.Costs {
			if cost.Source == syndication {
				paid += cost.Amount.Amount
			}
		}
		if paid != 9_600_000 {
			t.Errorf("%s: content syndication cost %d cents, want 96,000 USD", today, paid)
		}
		type tally struct{ k, n int }
		inside, outside := 0, map[bool]tally{}
		for _, l := range c.Leads {
			if l.Lead.ICPFit == truce.InsideICP {
				inside++
			}
			if n := len(l.Outcomes); n > 0 && l.Outcomes[n-1].Status == truce.Won {
				o := outside[quarterEnds(l.Outcomes[n-1].At)]
				if o.n++; l.Lead.ICPFit == truce.OutsideICP {
					o.k++
				}
				outside[quarterEnds(l.Outcomes[n-1].At)] = o
			}
		}
		if share := float64(inside) / float64(len(c.Leads)); share < 0.66 || share > 0.74 {
			t.Errorf("%s: %.2f of the leads are inside the profile, want about 0.7", today, share)
		}
		for late, share := range map[bool]float64{false: 0.18, true: 0.44} {
			if o := outside[late]; math.Abs(float64(o.k)-share*float64(o.n)) > 0.5 {
				t.Errorf("%s: at the end of a quarter %v: %v wins are outside the profile, want %.2f", today, late, o, share)
			}
		}
		reordered, accounts := 0, map[string]bool{}
		again := map[truce.ICPFit]tally{}
		old := func(fit truce.ICPFit, won time.Time, orders []truce.Order) {
			if a := again[fit]; won.AddDate(0, 0, 180).Before(today) {
				if a.n++; len(orders) > 1 {
					a.k++
				}
				again[fit] = a
			}
		}
		for _, l := range c.Leads {
			if len(l.Orders) == 0 {
				continue
			}
			if a := l.Orders[0].Account; accounts[a] {
				t.Errorf("%s: two winners are %s", today, a)
			} else {
				accounts[a] = true
			}
			old(l.Lead.ICPFit, l.Orders[0].At, l.Orders)
			if l.Lead.Campaign == coreKit && l.Outcomes[0].Status == truce.Rejected && len(l.Orders) > 1 {
				reordered++
			}
		}
		if reordered != coreReordered {
			t.Errorf("%s: %d core facilities that were sent back have reordered, want %d", today, reordered, coreReordered)
		}
		ends := map[bool]tally{}
		for _, c := range c.Customers {
			if accounts[c.Deal.Account] {
				t.Errorf("%s: %s is a customer twice", today, c.Deal.AccountName)
			}
			accounts[c.Deal.Account] = true
			e := ends[quarterEnds(c.Deal.ClosedAt)]
			if e.n++; c.Deal.Product == consumer {
				e.k++
			}
			ends[quarterEnds(c.Deal.ClosedAt)] = e
			if (c.Deal.Product == consumer) != (c.Deal.ICPFit == truce.OutsideICP) {
				t.Errorf("%s: %s is %s of the profile", today, c.Deal.AccountName, c.Deal.ICPFit)
			}
			old(c.Deal.ICPFit, c.Deal.ClosedAt, c.Orders)
		}
		if ends[true] != (tally{11, 25}) || ends[false] != (tally{22, 122}) { // 44 % and 18 %
			t.Errorf("%s: consumer testing is %v of the deals of the last two weeks of quarters, and %v of the others", today, ends[true],
				ends[false])
		}
		if again[truce.OutsideICP] != (tally{3, 22}) || again[truce.InsideICP] != (tally{52, 91}) {
			t.Errorf("%s: reordered: %v", today, again)
		}
	}
}

// The parts of a large company have no customer in common: what one bought is no reorder of another.
func TestPartsShareNoCustomer(t *testing.T) {
	accounts := map[string]bool{}
	for part := range 5 {
		for _, c := range NewFrom(1+part*DefaultLeads, DefaultLeads, today, uint64(part)).Leads {
			if len(c.Orders) == 0 {
				continue
			}
			if a := c.Orders[0].Account; accounts[a] {
				t.Errorf("part %d sells to %s again", part, a)
			} else {
				accounts[a] = true
			}
		}
	}
	if len(accounts) < 500 {
		t.Errorf("%d customers", len(accounts))
	}
}
