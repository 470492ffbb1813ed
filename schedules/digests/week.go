package digests

import (
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
)

// This file is the block of the period's own counts.

// weekBlock is a line of them.
var weekBlock = Block{
	Name: "week",
	How: []cards.Definition{
		{Label: "Usual", How: "the range in which nine of ten weeks lie, from the 13 weeks before."},
	},
	Gather: Maker.sold,
	Early:  true,
	Counts: func(d Maker, s *Study) []figure {
		p, f := d.period(s.Query), s.Period.Totals.Figures
		list := []figure{measured(truce.CountedLeads, f, p), measured(truce.CountedJudged, f, p), measured(truce.CountedOpen, f, p),
			measured(truce.CountedWon, f, p),
			disputed("ended", s.Disputes.Upheld+s.Disputes.Declined+s.Disputes.Lapsed, p, "e", "1"),
			disputed("upheld", s.Disputes.Upheld, p, "e", "1"), disputed("declined", s.Disputes.Declined, p, "e", "1"),
			disputed("lapsed", s.Disputes.Lapsed, p, "e", "1"),
			sold("deals", s.Earned.Deals, nil, p), sold("orders", s.Earned.Orders, nil, p)}
		if len(s.Earned.Won) > 0 {
			list = append(list, sold("sold", s.Earned.Deals+s.Earned.Orders, s.Earned.Won, p))
		}
		return list
	},
	Card: func(d Maker, s *Study) []chat.Block {
		return cards.Week(d.period(s.Query), s.Trail.span(), s.Kind == LeadsDigest && s.verdicts(), d.weekView(s))
	},
}

func (d Maker) weekView(s *Study) cards.WeekView {
	f := s.Period.Totals.Figures
	w := cards.WeekView{Leads: f.Leads, Judged: f.Judged, Open: f.Open, Won: f.Won, Upheld: s.Disputes.Upheld, Declined: s.Disputes.Declined,
		Lapsed: s.Disputes.Lapsed,
		Median: s.Disputes.Answer.Median, MedianN: s.Disputes.Answer.N, Deals: s.Earned.Deals, Orders: s.Earned.Orders,
		Revenue: roughly(s.Earned.Won)}
	w.Settled = w.Upheld + w.Declined + w.Lapsed
	if s.trailing() && weekly(s) && slices.ContainsFunc(s.Weeks, func(n int) bool { return n > 0 }) {
		weeks := s.Weeks[slices.IndexFunc(s.Weeks, func(n int) bool { return n > 0 }):] // from the first week that had any
		w.Low, w.High, w.Usual = stats.UsualRange(weeks)
	}
	return w
}

// weekly reports whether the period is a week, to which the usual range of weeks belongs.
func weekly(s *Study) bool {
	days := s.To.Sub(s.From).Hours() / 24
	return days > 6.9 && days < 7.1
}
