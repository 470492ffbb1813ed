package digests

import (
	"net/url"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of the stages as a picture: how far the leads came that are old enough to tell.

// funnelBlock draws how many of the older leads came to each stage.
var funnelBlock = Block{
	Name: "funnel",
	How: []cards.Definition{
		{Label: "How far leads came", How: "of leads qualified so long ago that four of five winners had bought by then (at most a year): each stage " +
			"counts the leads that came to it or to a later one. A deal that several leads name is won at one of them."},
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		if !s.Grown {
			return nil
		}
		var stages []cards.StageOf
		for _, m := range funnelStages() {
			stages = append(stages, cards.StageOf{Name: stageName(m), Leads: m.N(s.Mature.Totals.Figures)})
		}
		p := within(d.period(s.Query), s.Mature)
		return cards.Funnel(p, stages, toRows("funnel", "Open the stages", p))
	},
	Rows: func(d Maker, tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
		var f truce.Figures
		if err := d.eachOf(tx, r, where, func(l truce.Lead, facts truce.Facts) { f.Count(l, facts) }); err != nil {
			return cards.DrillView{}, err
		}
		var list []figure
		for _, m := range funnelStages() {
			of := measured(m, f, d.period(r))
			of.label = "Leads, as far as " + stageName(m)
			list = append(list, of)
		}
		return figuresOpened(d.period(r), where, "How far leads came", list), nil
	},
}

// funnelStages are the stages of a lead's way that nobody skips.
func funnelStages() []truce.Measure {
	return []truce.Measure{truce.CountedLeads, truce.CountedAccepted, truce.CountedSQL, truce.CountedOpportunities, truce.CountedWon}
}

// stageName is what all leads are at the top of a funnel, and the measure's label below.
func stageName(m truce.Measure) string {
	if m.Key == truce.CountedLeads.Key {
		return "Qualified"
	}
	return m.Label
}
