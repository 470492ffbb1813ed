package schedules

import (
	"time"

	"truce/bot/cards"
	"truce/schedules/stats"
)

// This file puts what leads cost into the plain values that cards show.

func (c CostStudy) view(loc *time.Location) cards.CostsView {
	v := cards.CostsView{Old: c.Old, Elsewhere: roughly(c.Elsewhere)}
	if len(c.All.Cost) == 0 {
		return v
	}
	v.Qualified = cards.Period{From: c.From, To: c.To, Loc: loc}.String()
	views := func(list []Paid) (out []cards.CostView) {
		for _, p := range list {
			out = append(out, p.view())
		}
		return out
	}
	v.All, v.Sources, v.Campaigns = c.All.view(), views(c.BySource), views(c.ByCampaign)
	return v
}

func (p Paid) view() cards.CostView {
	return cards.CostView{Name: p.Name, Cost: roughly(p.Cost), Leads: p.Leads, Won: p.Won, PerWon: roughly(p.PerWon()), Never: p.Old && stats.Proportion{K: p.Won, N: p.Leads}.Never()}
}

// perWon is the cost per won deal in words; "" where it is not measured.
func (c CostStudy) perWon() string {
	v := c.All.view()
	switch {
	case !c.Old || len(v.Cost) == 0:
		return ""
	case len(v.PerWon) == 0:
		return v.Sentence(true)
	}
	return joined(v.PerWon)
}
