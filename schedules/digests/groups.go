package digests

import (
	"fmt"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of tables by source, campaign and segment.

// groupsBlock is a table of the period's leads for each.
var groupsBlock = Block{
	Name: leadRowsName,
	How: []cards.Definition{
		{Label: "Stale", How: "open leads that have waited for more than twice the median of the days that winners took, of a year of leads, " +
			"from ten won on. Win rates flatter a source whose losses are never closed."},
		{Label: "Not worked", How: "leads without a touch (call, meeting, personal mail) and without a person's verdict by the end of the " +
			"third business day after their hand-off, of all handed off since Truce began whose three days are over. Silence is no verdict. Where " +
			"nobody logs touches it is not measured. It is counted to Sales, and is no part of a source's quality."},
		{Label: "Won within 90 days", How: "cumulative incidence (Aalen-Johansen) with lost, rejected and recycled as competing events. " +
			"Leaving those out would overstate wins."},
		{Label: "Intervals", How: "95 %, Wilson's. Under 10 only counts are shown. An interval is of one look at one figure; what is named is " +
			"under What is claimed."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		if s.Withheld.Sales {
			return nil
		}
		return d.countWorked(tx, s.Period, s.AsOf)
	},
	Figures: func(d Maker, s *Study) (list []chat.Block) {
		for _, g := range []struct {
			name, key string
			rows      []*Group
		}{{"Source", "s", s.Period.BySource()}, {"Campaign", "c", pooled(s.Period.BySource(), s.Period.ByCampaign())},
			{"Segment", "g", s.Period.BySegment()}} {
			if len(g.rows) < 2 && g.name != "Source" {
				continue
			}
			t := cards.GroupTable{Name: g.name}
			for _, row := range g.rows {
				r := groupRow(row, s.staleAfter())
				more := []string{"n", leadRowsName, g.key, row.Name}
				if row.Name == smallCampaigns {
					more = []string{"n", leadRowsName, "u", "c"}
				}
				if days := s.staleAfter(); days > 0 {
					more = append(more, "d", fmt.Sprint(days))
				}
				r.Arg = d.period(s.Query).Arg(more...)
				t.Rows = append(t.Rows, r)
			}
			list = append(list, table(cards.Group(t, d.period(s.Query), s.losses(), s.staleAfter()))...)
		}
		return list
	},
	Rows: Maker.leadRows,
}

// pooledUnder is the leads a campaign needs to stand alone.
const pooledUnder = 30

const smallCampaigns = "campaigns under 30 leads"

// pooled puts small campaigns into one row. Where all are small they stay, because the row would be the whole.
func pooled(_ []*Group, groups []*Group) []*Group {
	rest := newGroup(smallCampaigns)
	var list []*Group
	for _, g := range groups {
		if g.Leads >= pooledUnder {
			list = append(list, g)
			continue
		}
		rest.Add(g.Sums)
		rest.Work.Add(g.Work)
		for days, n := range g.Waiting {
			rest.Waiting[days] += n
		}
	}
	switch {
	case len(list) == 0:
		return groups
	case rest.Leads > 0:
		list = append(list, rest)
	}
	return list
}

// staleAfter is the days after which an open lead is stale: twice the median of those who bought, of a year of leads; 0 where fewer
// than ten have. Rates of what has closed flatter a source whose losses are never closed.
func (s *Study) staleAfter() int {
	days, ok := stats.DaysQuantile(s.PredictOf.Totals.dayCounts(), causeWon, 0.5)
	if !ok || s.PredictOf.Totals.Won < stats.MinRate {
		return 0
	}
	return max(1, 2*days)
}

// stale is how many leads have been open for more than so many days; 0 days: not known.
func (g *Group) stale(after int) (n int) {
	for days, leads := range g.Waiting {
		if after > 0 && days > after {
			n += leads
		}
	}
	return n
}

func groupRow(g *Group, staleAfter int) cards.GroupRow {
	f := g.Figures
	r := cards.GroupRow{Name: g.Name, Leads: f.Leads, Open: f.Open, Rejected: f.Rejected, Recycled: f.Recycled, Accepted: f.Accepted,
		SQL: f.SQLs, Opps: f.Opportunities,
		Won: f.Won, Lost: f.Lost, Inferred: f.Accepted - f.SaidAccepted, Accept: share(stats.Proportion{K: f.Judged - f.SentBack, N: f.Judged}),
		Win: share(stats.Proportion{K: f.Won, N: f.Won + f.Lost}), Stale: g.stale(staleAfter),
		Due: g.Work.Any(), NotWorked: share(notWorked(g.Work)), Revenue: joined(money(f.Revenue))}
	in := g.Incidence()
	if e := in.At(90); e.Known && f.Leads >= stats.MinRate {
		r.Within = cards.Rate(e.Rate, e.Interval.Low, e.Interval.High)
	} else if !e.Known {
		r.Within = "–" // too young
	}
	if days, ok := stats.DaysQuantile(g.dayCounts(), causeWon, 0.5); ok {
		r.Median = fmt.Sprint(days)
	}
	return r
}
