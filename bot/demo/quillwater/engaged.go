package quillwater

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"truce"
)

// BoothDemo is what leads of the booth were engaged with: a reader shown at their own bench.
const BoothDemo = "Reader demo day"

// engagements plants immortal time at the booth's leads. One in four comes to a demo day in its first month, whatever becomes of
// it; later only those come that have come as far as an opportunity. So of all who ever came more have bought, and of those who
// came in their first month no more than of the others. It draws lots of its own, so that nothing else of the company changes
// with it.
func (g *generator) engagements(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 41))
	var leads []*Case
	for i := range g.cases {
		if g.cases[i].Lead.Source == booth {
			leads = append(leads, &g.cases[i])
		}
	}
	slices.SortStableFunc(leads, func(a, b *Case) int { return cmp.Compare(a.Lead.Score, b.Lead.Score) }) // the early ones are as good as all
	for i, c := range leads {
		n := 0
		came := func(at time.Time) {
			list := &c.Engagements
			if at = at.Truncate(time.Minute); !at.Before(g.today) {
				list = &c.Coming.Engagements
			}
			n++
			*list = append(*list, truce.Engagement{ID: fmt.Sprintf("E%s-%d", c.Lead.ID, n), LeadID: c.Lead.ID, Email: c.Lead.Email,
				At: at, Kind: "event", Activity: BoothDemo})
		}
		if i%4 == 1 {
			came(c.Lead.MQLAt.AddDate(0, 0, 4+r.IntN(24)))
		}
		for _, o := range c.Outcomes {
			if o.Status == truce.Opportunity {
				came(notBefore(o.At, c.Lead.MQLAt.AddDate(0, 0, 31)).AddDate(0, 0, 1+r.IntN(6)))
			}
		}
	}
}

// notBefore is a, or b where that is later.
func notBefore(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
