package digests

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file says what leads cost.

// costsBlock is what leads cost, among all figures.
var costsBlock = Block{
	Name:  "costs",
	Early: true, // the sources' table and the sponsor's month name them
	How: []cards.Definition{
		{Label: "Cost per won deal", How: "what was paid for the leads of the days shown (a month's cost is spread over its days; on an " +
			"activity's days its own cost replaces those of its campaigns), by those of them that are won, from ten won on. Leads old enough to " +
			"tell only: the young ones' wins are still to come. Currencies are kept apart."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if err = d.costs(tx, s); err == nil && s.whole {
			s.Spent, err = d.spending(tx, s.From, s.To, s.AsOf)
		}
		return err
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		return cards.Costs(s.Costs.view(d.period(s.Query)), d.period(s.Query))
	},
	Missing: func(s *Study) (string, string) {
		if len(s.Costs.BySource)+len(s.Costs.ByCampaign) == 0 {
			return "cost per won deal", "costs"
		}
		return "", ""
	},
}

// repeatBlock is how many accounts bought again, among all figures.
var repeatBlock = Block{
	Name:   repeatRowsName,
	Gather: func(_ Maker, tx *storage.Tx, s *Study) error { return again(tx, s) },
	Figures: func(_ Maker, s *Study) []chat.Block {
		if r := repeat(s.Repeat.K, s.Repeat.N); r != "" {
			return cards.Repeat(r)
		}
		return nil
	},
	Counts: func(d Maker, s *Study) []figure { return repeated(s.Repeat, d.period(s.Query)) },
	Rows:   Maker.repeatRows,
	Missing: func(s *Study) (string, string) {
		if repeat(s.Repeat.K, s.Repeat.N) == "" {
			return "repeat rate", "orders"
		}
		return "", ""
	},
}

// Paid is what was paid for a group of leads, and what they came to. Cost and leads are of the same days: the cost by the day it
// is of (a month's is spread over its days), the leads by the day they qualified. Currencies are never added.
type Paid struct {
	Name  string           // of the source or campaign; "" is all
	Cost  map[string]int64 // minor units by currency
	Leads int
	Won   int
	WonIn map[string]int // those that have brought an amount, by its currency
	Old   bool           // the leads are old enough to tell whether they buy; where they are not, CostStudy counts none as won
}

// PerWon is the cost per won deal by currency: cost / leads won, of leads old enough to tell, rounded to the minor unit, half
// away from zero. It is nil under stats.MinRate won, where a single deal more would move it by a tenth: there the counts are
// said.
func (p Paid) PerWon() map[string]int64 {
	if p.Won < stats.MinRate {
		return nil
	}
	per := map[string]int64{}
	for currency, amount := range p.Cost {
		won := int64(p.Won)
		if len(p.Cost) > 1 || len(p.WonIn) > 1 || len(p.WonIn) == 1 && p.WonIn[currency] == 0 {
			won = int64(p.WonIn[currency])
		}
		if won < stats.MinRate {
			continue
		}
		whole, rest := amount/won, amount%won
		switch {
		case 2*rest >= won:
			whole++
		case 2*rest <= -won:
			whole--
		}
		per[currency] = whole
	}
	return per
}

// CostStudy is what leads cost over the days for which costs are known, of the leads that are old enough to tell whether they
// buy; of the trailing 13 weeks, and with nothing said of wins, where no lead is.
type CostStudy struct {
	From, To   time.Time
	Old        bool // the leads are old enough
	All        Paid
	BySource   []Paid // the highest cost first; of every source that a cost names
	ByCampaign []Paid
	Elsewhere  map[string]int64 // of All, told for a campaign without its source, in minor units by currency
}

// paidFor adds costs up by source, by campaign and in all, in minor units by currency, over the days of [from, to).
func (d Maker) paidFor(tx *storage.Tx, from, to truce.Date) (all map[string]int64, sources, campaigns map[string]map[string]int64,
	err error) {
	all, sources, campaigns = map[string]int64{}, map[string]map[string]int64{}, map[string]map[string]int64{}
	add := func(m map[string]map[string]int64, name, currency string, amount int64) {
		if m[name] == nil {
			m[name] = map[string]int64{}
		}
		m[name][currency] += amount
	}
	err = eachCost(tx, d.loc(), from, to, func(c truce.Cost) error {
		amount := c.Within(from, to)
		all[c.Amount.Currency] += amount
		if c.Source != "" {
			add(sources, c.Source, c.Amount.Currency, amount)
		}
		if c.Campaign != "" {
			add(campaigns, c.Campaign, c.Amount.Currency, amount)
		}
		return nil
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("add up the costs from %s: %w", from, err)
	}
	return all, sources, campaigns, nil
}

// costs fills in what leads cost. Without costs it reads nothing.
func (d Maker) costs(tx *storage.Tx, s *Study) error {
	first, last, ok, err := tx.CostSpan()
	if err != nil || !ok {
		return err
	}
	of, c := s.Trail, &s.Costs
	if c.Old = s.Grown && s.Mature.Totals.Leads > 0; c.Old {
		of = s.Mature
	}
	// Leads of days whose costs are not known would look free.
	from, to := laterDate(d.Calendar.Date(of.From), first), earlierDate(d.Calendar.Date(minTime(of.To, s.AsOf.Add(24*time.Hour))), last.Add(1))
	if from.Compare(to) >= 0 {
		return nil
	}
	c.From, c.To = from.At(0, d.loc()), to.At(0, d.loc())
	all, sources, campaigns, err := d.paidFor(tx, from, to)
	if err != nil {
		return err
	}
	leads := newCohort(c.From, c.To)
	if len(campaigns) == 0 {
		leads.only(sourcesOnly)
	}
	if leads.depth == of.depth && c.From.Equal(of.From) && c.To.Equal(of.To) {
		leads = of // counted already
	} else if err := fill(tx, s.AsOf, d.loc(), leads); err != nil {
		return err
	}
	if !s.people["source"] {
		c.BySource = c.paid(sources, leads.sources)
	}
	if !s.people["campaign"] {
		c.ByCampaign = c.paid(campaigns, leads.campaign)
	}
	c.All = c.paidFor("", all, leads.Totals)
	c.Elsewhere = maps.Clone(all)
	for _, p := range c.BySource {
		for currency, amount := range p.Cost {
			if c.Elsewhere[currency] -= amount; c.Elsewhere[currency] == 0 {
				delete(c.Elsewhere, currency)
			}
		}
	}
	return nil
}

// paid puts costs beside the leads they bought. Amounts are compared in one currency only: the one most rows have.
func (c *CostStudy) paid(costs map[string]map[string]int64, groups map[string]*Group) (list []Paid) {
	rows := map[string]int{}
	for name, amounts := range costs {
		list = append(list, c.paidFor(name, amounts, groups[truce.SourceName(name)]))
		for currency := range amounts {
			rows[currency]++
		}
	}
	main := ""
	for _, currency := range slices.Sorted(maps.Keys(rows)) {
		if rows[currency] > rows[main] {
			main = currency
		}
	}
	slices.SortFunc(list, func(a, b Paid) int {
		return cmp.Or(cmp.Compare(b.Cost[main], a.Cost[main]), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (c *CostStudy) paidFor(name string, amounts map[string]int64, g *Group) Paid {
	p := Paid{Name: name, Cost: amounts}
	if g != nil {
		if p.Leads = g.Leads; c.Old {
			p.Won, p.WonIn, p.Old = g.Won, g.Paid, true
		}
	}
	return p
}

func laterDate(a, b truce.Date) truce.Date {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

func earlierDate(a, b truce.Date) truce.Date {
	if a.Compare(b) < 0 {
		return a
	}
	return b
}

// Spending is what the leads of a report cost, in minor units by currency.
type Spending struct {
	All                  map[string]int64
	BySource, ByCampaign map[string]map[string]int64 // of those that a cost names
}

// spending adds up the costs of a report's days, as far as they are over at its moment.
func (d Maker) spending(tx *storage.Tx, from, to, asOf time.Time) (s Spending, err error) {
	last := earlierDate(d.Calendar.Date(to), d.Calendar.Date(asOf).Add(1))
	if day := d.Calendar.Date(from); day.Compare(last) < 0 {
		s.All, s.BySource, s.ByCampaign, err = d.paidFor(tx, day, last)
	}
	return s, err
}

// paidOf is what was paid over a period for a source, a campaign or one in the other, "" for any; nil where no cost names them.
func (d Maker) paidOf(tx *storage.Tx, r Query, source, campaign string) (amounts map[string]int64, err error) {
	from, to := d.Calendar.Date(r.From), d.Calendar.Date(r.To)
	err = eachCost(tx, d.loc(), from, to, func(c truce.Cost) error {
		if (source == "" || c.Source == source) && (campaign == "" || c.Campaign == campaign) {
			if amounts == nil {
				amounts = map[string]int64{}
			}
			amounts[c.Amount.Currency] += c.Within(from, to)
		}
		return nil
	})
	return amounts, err
}

// costPerWon is the cost per won deal as the JSON has it: minor units by currency, unrounded; nothing without a win.
func costPerWon(cost map[string]int64, won int) map[string]float64 {
	per := map[string]float64{}
	for currency, amount := range cost {
		if v := float64(amount) / float64(won); won > 0 && !math.IsInf(v, 0) {
			per[currency] = v
		}
	}
	return per
}
