package cards

import (
	"fmt"
	"slices"
	"strings"

	"truce"
	"truce/bot/chat"
)

// This file shows what leads cost and what was earned.

// CostsView is what leads cost.
type CostsView struct {
	Span      Span // the days that the leads qualified on and the costs are of
	Old       bool // the leads are old enough to tell
	Sources   []CostView
	Campaigns []CostView
	All       CostView
	Elsewhere []string // amounts told for campaigns without their source
}

// CostView is what a source's or a campaign's leads cost.
type CostView struct {
	Arg    string   // of the button that leads to its figures
	Name   string   // "" is all
	Cost   []string // an amount for each currency
	Leads  int
	Won    int
	PerWon []string // per won deal; nil under ten won
	Never  bool     // enough leads that none won says something
}

// Costs is what leads cost; nothing where no cost is known.
func Costs(v CostsView, p Period) (list []chat.Block) {
	for _, t := range []chat.Table{v.table(p, "Source", v.Sources), v.table(p, "Campaign", v.Campaigns)} {
		if len(t.Rows) > 0 {
			list = append(list, chat.TableBlock(t))
		}
	}
	if len(list) == 0 {
		return nil
	}
	for _, c := range v.Sources {
		if c.Never {
			list = append(list, chat.Para(c.Sentence(v.Old)))
			break // the costliest
		}
	}
	if len(v.Elsewhere) > 0 {
		list = append(list, chat.Small("Of the costs "+and(v.Elsewhere)+" are told for a campaign without its source."))
	}
	return list
}

func (v CostsView) table(p Period, name string, rows []CostView) chat.Table {
	t := chat.Table{Caption: "What leads cost: those that qualified " + p.In(v.Span),
		Columns: []chat.Column{{Title: name}, {Title: "Cost", Number: true}, counted(truce.CountedLeads)}}
	if v.Old {
		t.Caption += ", old enough to tell; per won deal from 10 won on"
		t.Columns = append(t.Columns, counted(truce.CountedWon), chat.Column{Title: "Per won deal", Number: true})
	} else {
		t.Caption += ", too young to tell what they buy"
	}
	if len(rows) == 0 {
		return t
	}
	if len(rows) > shownRows {
		t.Caption += fmt.Sprintf(" (the first %d of %d)", shownRows, len(rows))
		rows = rows[:shownRows]
	}
	if name == "Source" {
		rows = append(rows[:len(rows):len(rows)], v.All)
	}
	for _, c := range rows {
		row := []chat.Cell{openCell(c.Name, c.Arg), {Text: strings.Join(c.Cost, ", ")}, number(c.Leads)}
		if c.Name == "" {
			row[0] = openCell("All leads", c.Arg)
		}
		if v.Old {
			row = append(row, number(c.Won), chat.Cell{Text: dash(strings.Join(c.PerWon, ", "))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// bought is how many leads the money bought.
func (c CostView) bought() string {
	s := and(c.Cost) + " bought " + plural(c.Leads, "lead", "leads")
	if c.Leads == 0 {
		s = and(c.Cost) + " bought no lead"
	}
	if c.Name != "" {
		s += " of " + c.Name
	}
	return s
}

// SoFar is the cost in words, of leads that may be too young to tell: "96,000 USD bought 412 leads of Content syndication, of
// which 3 have won so far."
func (c CostView) SoFar() string {
	s := c.bought()
	switch {
	case c.Leads == 0:
	case c.Won == 0:
		s += ", none of which has won so far"
	default:
		s += ", of which " + plural(c.Won, "has", "have") + " won so far"
	}
	return s + "."
}

// Sentence is the cost in words: "96,000 USD bought 412 leads of Content syndication: none has won." old says that the leads
// are old enough to tell.
func (c CostView) Sentence(old bool) string {
	s := c.bought()
	switch {
	case !old || c.Leads == 0:
	case c.Won == 0:
		s += ": none has won"
	case len(c.PerWon) == 0:
		s += fmt.Sprintf(": %s won", count(c.Won))
	default:
		s += fmt.Sprintf(": %s won, %s each", count(c.Won), and(c.PerWon))
	}
	return s + "."
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// SalesView is what was earned in a period.
type SalesView struct {
	Won, Again           []string // the money of deals and orders, and of it that of orders: an amount for each currency
	Deals, Orders        int
	Accounts             int
	Credits              []CreditView
	Touched, TouchedLost Share // deals closed in the period with a touch before: of the won, of the lost
	Products             []ProductView
}

// CreditView is a source's share of the money by each model.
type CreditView struct{ Source, Sourced, First, Last, Linear, Arg string }

// ProductView is what became of a product line.
type ProductView struct {
	Arg       string // of the button that leads to its figures
	Name      string
	Won, Lost int
	Win       Share // won of closed
	Orders    int
	Money     []string // of the deals won
	Again     []string // of the orders
}

// Sales is what was earned, and what it is credited to.
func Sales(v SalesView, p Period) (list []chat.Block) {
	if len(v.Credits) > 0 {
		what := plural(v.Deals, "deal", "deals")
		if v.Orders > 0 {
			what += fmt.Sprintf(" and %s (%s)", plural(v.Orders, "order", "orders"), and(v.Again))
		}
		t := chat.Table{Caption: fmt.Sprintf("Won %s: %s from %s, by %s, and to which sources it is credited", p.In(p.Span()), and(v.Won),
			plural(v.Accounts, "account", "accounts"), what),
			Columns: []chat.Column{{Title: "Source"}, {Title: "First touch", Number: true}, {Title: "Last touch", Number: true},
				{Title: "Linear", Number: true}, {Title: "Sourced", Number: true}}}
		for _, c := range v.Credits {
			t.Rows = append(t.Rows, []chat.Cell{openCell(c.Source, c.Arg), {Text: c.First}, {Text: c.Last}, {Text: c.Linear}, {Text: c.Sourced}})
		}
		list = append(list, chat.TableBlock(t), chat.Small("Touches: the leads of a deal, and those of its account within 180 days of its "+
			"opening. Sourced: the account's last source before its first sales activity."))
	}
	if v.Touched.N > 0 && v.TouchedLost.N > 0 {
		list = append(list, chat.Para(chat.B("Influenced"), fmt.Sprintf(": a touch came before %s, and before %s.",
			v.Touched.of("won deal", "won deals"), v.TouchedLost.of("lost one", "lost ones"))))
	}
	if len(v.Products) > 1 {
		list = append(list, chat.TableBlock(v.products(p)))
	}
	return list
}

// ofAll is a share of things that are named next: "71 % of the 48", "3 of the 9".
func (s Share) ofAll() string {
	if s.N < 10 {
		return fmt.Sprintf("%d of the %d", s.K, s.N)
	}
	return fmt.Sprintf("%s of the %s", s, count(s.N))
}

// of is ofAll with what there is of it: "1 of 1 deal", "2 of the 9 deals".
func (s Share) of(one, many string) string {
	if s.N == 1 {
		return fmt.Sprintf("%d of 1 %s", s.K, one)
	}
	return s.ofAll() + " " + many
}

func (v SalesView) products(p Period) chat.Table {
	t := chat.Table{Caption: "Product lines, by the deals closed and the orders paid " + p.In(p.Span()),
		Columns: []chat.Column{{Title: "Product"}, {Title: "Deals won", Number: true}, {Title: "Deals lost", Number: true, Spare: true}}}
	lost := slices.ContainsFunc(v.Products, func(r ProductView) bool { return r.Lost > 0 })
	if lost {
		t.Columns = append(t.Columns, chat.Column{Title: ofClosed, Number: true})
	}
	t.Columns = append(t.Columns, chat.Column{Title: MoneyLabel, Number: true})
	if v.Orders > 0 {
		t.Columns = append(t.Columns, chat.Column{Title: "Orders", Number: true, Spare: true}, chat.Column{Title: "Reordered", Number: true})
	}
	rows := v.Products
	if len(rows) > shownRows {
		t.Caption += fmt.Sprintf(" (the first %d of %d)", shownRows, len(rows))
		rows = rows[:shownRows]
	}
	for _, r := range rows {
		row := []chat.Cell{openCell(r.Name, r.Arg), number(r.Won), number(r.Lost)}
		if lost {
			row = append(row, r.Win.cell())
		}
		row = append(row, chat.Cell{Text: dash(strings.Join(r.Money, ", "))})
		if v.Orders > 0 {
			row = append(row, number(r.Orders), chat.Cell{Text: dash(strings.Join(r.Again, ", "))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ICPView is what is inside the ideal customer profile, of that of which it is known.
type ICPView struct {
	Leads             Share
	Won               Share // deals and orders
	Money, KnownMoney []string
}

// InsideICP is how much is inside the ideal customer profile; nothing where the CRM does not say it of any lead.
func InsideICP(v ICPView, p Period, rates Span) []chat.Block {
	if v.Leads.N+v.Won.N == 0 {
		return nil
	}
	s := ": "
	if v.Leads.N > 0 {
		s += fmt.Sprintf("%s that qualified %s %s inside it", v.Leads.of("lead", "leads"), p.In(rates),
			map[bool]string{true: "is", false: "are"}[v.Leads.N == 1])
		if r := v.Leads.Range(); r != "" {
			s += " (" + r + ")"
		}
	}
	if v.Won.N > 0 {
		if v.Leads.N > 0 {
			s += "; "
		}
		s += fmt.Sprintf("of what was sold %s, %s", p.In(p.Span()), v.Won.of("deal or order", "deals and orders"))
		if len(v.KnownMoney) > 0 {
			inside := and(v.Money)
			if inside == "" {
				inside = "nothing"
			}
			s += ", " + inside + " of " + and(v.KnownMoney)
		}
	}
	return []chat.Block{chat.Para(chat.B("Ideal customer profile"), s+". Those of which the CRM does not say it are left out.")}
}
