package schedules

import "truce/bot/cards"

func (d Digests) leadsView(r Report) cards.LeadsView {
	v := cards.LeadsView{Period: cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: d.loc()}}
	row := func(g *Group) cards.SourceRow {
		return cards.SourceRow{Name: g.Name, Leads: g.Leads, Open: g.Open, Judged: g.Judged, SentBack: g.SentBack, Won: g.Won}
	}
	for _, g := range r.BySource() {
		v.Rows = append(v.Rows, row(g))
	}
	v.Total = row(r.Totals)
	v.Total.Name = "All"
	return v
}
