package digests

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
)

// This file is the block of the sources: what the lead-feedback digest is about.

// sourcesBlock is why the headline names whom it names, with the chart and the table of all.
var sourcesBlock = Block{
	Name: "sources",
	How: []cards.Definition{
		{Label: "Which leads", How: "by the date they qualified, in the company's time zone; later corrections count. Open: nothing won, lost, rejected or recycled is in force. What came about by silence proves nothing."},
		{Label: "Sent back", How: "rejected by a person, of the leads that a person accepted or rejected (judged)."},
		{Label: "Source fault", How: "sent back as wrong person, outside ICP, student or competitor, of the judged: only these count against a source. If the CRM gives no reasons, every rejection counts, and the column is called Sent back."},
		{Label: "What is claimed", How: "a source is named only when its leads since some month are 400 times the number of sources likelier if it differs than if it is like the others, week by week, and the last 13 weeks differ by five points or more in every segment; it stays named until they do not. So of ten companies in which nothing differs at most one reads a false headline in a whole year of weekly digests."},
		{Label: "Over which days", How: "a week of 40 leads from eight sources raises false alarms more often than not. So counts are the period's own, while the rates of a period under 13 weeks rest on the 13 weeks up to its end, which stand beside them; a longer period stands for itself. Score and ratings are asked of a year of leads at least."},
		{Label: "Old enough", How: "leads qualified so long ago that four of five winners had bought by then (at most a year). Younger ones are not counted against a source."},
	},
	Card: func(d Maker, s *Study) []chat.Block {
		v := d.sourcesView(s)
		return append(cards.Evidence(v), cards.Sources(v)...)
	},
}

// waysBlock is the buttons that lead down from the sources.
var waysBlock = Block{
	Name: "ways",
	Card: func(d Maker, s *Study) []chat.Block { return cards.SourceWays(d.sourcesView(s)) },
}

func (d Maker) sourcesView(s *Study) cards.SourcesView {
	v := cards.SourcesView{Period: d.period(s.Request), Finding: s.leadsFinding(), Rates: s.Trail.span(), OldSpan: s.Mature.span(), AllWhy: s.AllReasons, Week: d.weekView(s),
		Verdicts: s.verdicts(), Losses: s.losses()}
	v.Young = v.Week.Open > 0 && s.AsOf.Sub(s.To) < 60*24*time.Hour
	if s.Grown {
		v.Window = s.Window
	}
	names := map[string]bool{}
	for _, g := range append(s.Trail.BySource(), s.Mature.BySource()...) {
		if names[g.Name] {
			continue
		}
		names[g.Name] = true
		v.Rows = append(v.Rows, d.sourceRow(s, g.Name, s.Trail.sources[g.Name], s.Mature.sources[g.Name]))
	}
	slices.SortStableFunc(v.Rows, func(a, b cards.SourceRow) int { return cmp.Compare(b.Leads, a.Leads) })
	v.All = d.sourceRow(s, "All", s.Trail.Totals, s.Mature.Totals)
	for i, r := range v.Rows {
		if v.Finding.Name != "" && r.Name == v.Finding.Name {
			v.Source = &v.Rows[i]
		}
	}
	return v
}

func (d Maker) sourceRow(s *Study, name string, trail, mature *Group) cards.SourceRow {
	r := cards.SourceRow{Name: name}
	if trail != nil {
		back := s.sentBack(trail.Figures).K
		r.Leads, r.Open, r.Judged = trail.Leads, trail.Open, trail.Judged
		r.SentBack = share(stats.Proportion{K: back, N: trail.Judged})
		r.ReasonOf = back
		for _, reason := range slices.Sorted(maps.Keys(trail.Reasons)) {
			if i := reason.Info(); trail.Reasons[reason] > r.ReasonN && (i.Kind == truce.SourceFault || s.AllReasons && reason != "") {
				r.Reason, r.ReasonN = i.Label, trail.Reasons[reason]
			}
		}
		r.MeanScore, _ = trail.MeanScore()
		r.Scored = trail.Scored
	}
	if mature != nil {
		r.Old, r.Won = mature.Leads, mature.Won
		r.WonShare = share(stats.Proportion{K: mature.Won, N: mature.Leads})
		if c := s.Costs; c.Old && c.From.Equal(s.Mature.From) && c.To.Equal(s.Mature.To) { // of the same leads
			for _, p := range c.BySource {
				if p.Name == name {
					r.Cost = roughly(p.Cost)
				}
			}
		}
	}
	return r
}
