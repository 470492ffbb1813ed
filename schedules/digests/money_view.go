package digests

import (
	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
)

// This file puts what leads cost and what was earned into the plain values that cards show.

func (c CostStudy) view(p cards.Period) cards.CostsView {
	v := cards.CostsView{Old: c.Old, Elsewhere: roughly(c.Elsewhere)}
	if len(c.All.Cost) == 0 {
		return v
	}
	v.Span = cards.Span{From: c.From, To: c.To}
	open := func(key string, paid Paid) cards.CostView {
		v := paid.view()
		more := []string{"n", leadRowsName}
		if key != "" {
			more = append(more, key, truce.SourceName(paid.Name))
		}
		p.From, p.To = c.From, c.To
		v.Arg = p.Arg(more...)
		return v
	}
	views := func(key string, list []Paid) (out []cards.CostView) {
		for _, p := range list {
			out = append(out, open(key, p))
		}
		return out
	}
	v.All, v.Sources, v.Campaigns = open("", c.All), views("s", c.BySource), views("c", c.ByCampaign)
	return v
}

func (p Paid) view() cards.CostView {
	return cards.CostView{Name: p.Name, Cost: roughly(p.Cost), Leads: p.Leads, Won: p.Won, PerWon: roughly(p.PerWon()), Never: p.Old &&
		stats.Proportion{K: p.Won, N: p.Leads}.Never()}
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

func (e Earnings) view(p cards.Period) cards.SalesView {
	v := cards.SalesView{Won: money(e.Won), Again: money(e.Again), Deals: e.Deals, Orders: e.Orders, Accounts: e.Accounts,
		Touched: share(e.Touched.Won), TouchedLost: share(e.Touched.Lost)}
	for _, c := range e.Credits {
		if c.First == 0 && c.Last == 0 && c.Linear == 0 && c.Sourced == 0 {
			continue // deals of no price
		}
		m := func(n int64) string { return truce.Money{Amount: n, Currency: c.Currency}.String() }
		v.Credits = append(v.Credits, cards.CreditView{Arg: p.Arg("n", saleRowsName, "s", c.Source, "u", c.Currency), Source: c.Source,
			First: m(c.First), Last: m(c.Last), Linear: m(c.Linear), Sourced: m(c.Sourced)})
	}
	for _, o := range e.Products {
		v.Products = append(v.Products, cards.ProductView{Arg: p.Arg("n", saleRowsName, "q", o.Name), Name: productName("q", o.Name), Won: o.Won,
			Lost: o.Lost, Win: share(stats.Proportion{K: o.Won, N: o.Won + o.Lost}), Orders: o.Orders,
			Money: money(o.Money), Again: money(o.OrderMoney)})
	}
	return v
}

func (q QuarterEnds) view(p cards.Period) cards.QuarterEndsView {
	claim := map[stats.Verdict]string{stats.Higher: "higher", stats.Lower: "lower", stats.TooClose: "close", stats.TooFew: "few"}
	arg := func(row string) string { return p.Arg("n", endRowsName, "y", row) }
	return cards.QuarterEndsView{LateArg: arg("late"), OtherArg: arg("other"), OutsideArg: arg("outside"), InsideArg: arg("inside"),
		Span: cards.Span{From: q.From, To: q.To}, Late: share(q.Wins.A), Other: share(q.Wins.B), Claim: claim[q.Wins.Verdict], Clear: q.Clear(),
		Outside: share(q.Repeat.A), Inside: share(q.Repeat.B), AgainClaim: claim[q.Repeat.Verdict]}
}

// endsView is the ends of quarters with the dates of what is claimed of them.
func (d Maker) endsView(s *Study) cards.QuarterEndsView {
	v := s.Ends.view(d.period(s.Query))
	v.Dated, v.AgainDated = s.dated(s.Ends.held), s.dated(s.Ends.repeatHeld)
	v.Ended = s.ended(s.Ends.repeatHeld, func(more bool) string {
		return "customers outside the ICP bought again " + map[bool]string{true: "more", false: "less"}[more] + " often than those inside"
	})
	return v
}

func (s *Study) icpView() cards.ICPView {
	won := s.Earned.ICP
	return cards.ICPView{Leads: share(s.ICP), Won: share(stats.Proportion{K: won.Inside, N: won.Known}), Money: roughly(won.Money),
		KnownMoney: roughly(won.KnownMoney)}
}
