package cards

import (
	"fmt"
	"strings"

	"truce/bot/chat"
)

// This file shows what leads cost.

// CostsView is what leads cost.
type CostsView struct {
	Qualified string // the days that the leads qualified on and the costs are of
	Old       bool   // the leads are old enough to tell
	Sources   []CostView
	Campaigns []CostView
	All       CostView
	Elsewhere []string // amounts told for campaigns without their source
}

// CostView is what a source's or a campaign's leads cost.
type CostView struct {
	Name   string   // "" is all
	Cost   []string // an amount for each currency
	Leads  int
	Won    int
	PerWon []string // per won deal; nil under ten won
	Never  bool     // enough leads that none won says something
}

func (v CostsView) blocks() (list []chat.Block) {
	for _, t := range []chat.Table{v.table("Source", v.Sources), v.table("Campaign", v.Campaigns)} {
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

func (v CostsView) table(name string, rows []CostView) chat.Table {
	t := chat.Table{Caption: "What leads cost: those that qualified " + v.Qualified, Columns: []chat.Column{{Title: name}, {Title: "Cost", Number: true}, {Title: "Leads", Number: true}}}
	if v.Old {
		t.Caption += ", old enough to tell; per won deal from 10 won on"
		t.Columns = append(t.Columns, chat.Column{Title: "Won", Number: true}, chat.Column{Title: "Per won deal", Number: true})
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
		row := []chat.Cell{{Text: c.Name}, {Text: strings.Join(c.Cost, ", ")}, number(c.Leads)}
		if c.Name == "" {
			row[0].Text = "All leads"
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
