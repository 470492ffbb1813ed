package cards

import (
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file shows what a figure of a digest opens to: a row's figures, each with its definition, and the records that one of them counts.

// OpenedFigure is a figure, with the way to the records it counts.
type OpenedFigure struct {
	Label, How string
	Shown      string // as it stands in the digest: "96", "184,000 USD"
	N          int    // of records; for sorting
	Arg        string // of digest.rows
}

// OpenedFigures is a table of them, each leading to its records.
func OpenedFigures(list []OpenedFigure) chat.Table {
	t := chat.Table{Caption: "Each leads to exactly the records it counts",
		Columns: []chat.Column{{Title: "Figure"}, {Title: "Count", Number: true}}}
	for _, f := range list {
		b := chat.Press(f.Label, rowsAction, f.Arg)
		t.Rows = append(t.Rows, []chat.Cell{{Text: f.Label, Button: &b}, {Text: f.Shown, Value: float64(f.N)}})
	}
	return t
}

// MoneyLabel heads what deals won have brought: "won" alone is a number of leads or deals, never money.
const MoneyLabel = "Money won"

const rowsAction = "digest.rows"

// openCell is a cell that leads to its row's figures; arg "" is none.
func openCell(text, arg string) chat.Cell {
	c := chat.Cell{Text: text}
	if arg != "" {
		b := chat.Press(text, rowsAction, arg)
		c.Button = &b
	}
	return c
}

// RowsButton leads to all that a digest says in sentences.
func RowsButton(arg string) chat.Button { return chat.Press("Open the figures", rowsAction, arg) }

// spare marks a column that is left out first where there is no room for all.
func spare(c chat.Column) chat.Column { c.Spare = true; return c }

// partsAction leads to the parts of a card one by one, or with a number to one of them.
const partsAction = "digest.parts"

// partsButton leads to the parts of a digest's card; whole is that of all figures.
func partsButton(p Period, whole bool, more ...string) *chat.Button {
	if whole {
		more = append(more, "w", "1")
	}
	b := chat.Press("Open part by part", partsAction, p.Arg(more...))
	return &b
}

// Part is a part of a card that leads somewhere: a table with rows to press, or a chart.
type Part struct {
	Name string
	Rows int
	Arg  string
}

// Parts lists the parts of a card, each leading to a card of its own: a platform that has no room for all ways down at once has it there.
func Parts(p Period, of chat.Text, list []Part) chat.Card {
	title := "Part by part: " + strings.TrimSpace(chat.PlainText(chat.Card{Title: of}, 300))
	c := chat.Card{Key: "digest.parts", Summary: title, Title: chat.T(title)}
	t := chat.Table{Caption: "Each leads to a card of its own, where every row can be pressed",
		Columns: []chat.Column{{Title: "Part"}, {Title: "Rows", Number: true}}}
	for _, part := range list {
		b := chat.Press(part.Name, partsAction, part.Arg)
		t.Rows = append(t.Rows, []chat.Cell{{Text: part.Name, Button: &b}, number(part.Rows)})
	}
	c.Blocks = []chat.Block{chat.TableBlock(t)}
	c.Footer = chat.T("As of ", chat.At(p.AsOf, p.Loc, chat.DayTime), ".")
	return c
}

// OnePart is one of them; all leads back to the list.
func OnePart(p Period, name string, blocks []chat.Block, all string) chat.Card {
	c := chat.Card{Key: "digest.part", Summary: name + ".", Title: chat.T(name),
		Blocks: append(slices.Clone(blocks), chat.ButtonRow(chat.Press("All parts", partsAction, all)))}
	c.Footer = chat.T("As of ", chat.At(p.AsOf, p.Loc, chat.DayTime), ".")
	return c
}

// counted heads the column of a measure.
func counted(m truce.Measure) chat.Column { return chat.Column{Title: m.Title(), Number: true} }

// Defined are the definitions of measures.
func Defined(list ...truce.Measure) (defs []Definition) {
	for _, m := range list {
		defs = append(defs, Definition{Label: m.Label, How: m.How})
	}
	return defs
}

// DrillCase is a dispute in a drill-down.
type DrillCase struct {
	ID, Reason, Source string
	OpenedAt           time.Time
	Stands             string
}

// DrillCases is a table of disputes, each leading to its card.
func DrillCases(rows []DrillCase, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Cases, newest first", Columns: []chat.Column{{Title: "Case"}, {Title: "Opened"}, {Title: "Reason"},
		{Title: "Source"}, {Title: "Stands at"}}}
	for _, r := range rows {
		b := chat.Press(r.ID, "dispute.show", r.ID)
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.ID, Button: &b}, {Text: r.OpenedAt.In(loc).Format("2 Jan 2006")}, {Text: r.Reason},
			{Text: r.Source}, {Text: r.Stands}})
	}
	return t
}

// DrillPromise is a promise in a drill-down: of what, until when, and how it ended.
type DrillPromise struct {
	Subject, Kind string
	Due, Ended    time.Time // Ended is zero where nothing was done
	Kept          bool
}

// DrillPromises is a table of promises. Whose they were it does not say: no table here is of people.
func DrillPromises(rows []DrillPromise, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Promises, the last due first",
		Columns: []chat.Column{{Title: "Of"}, {Title: "Promise"}, {Title: "Due"}, {Title: "Done"}, {Title: "In time"}}}
	for _, r := range rows {
		done, kept := "–", "no"
		if !r.Ended.IsZero() {
			done = r.Ended.In(loc).Format("Mon 2 Jan 15:04")
		}
		if r.Kept {
			kept = "yes"
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Subject}, {Text: r.Kind}, {Text: r.Due.In(loc).Format("Mon 2 Jan 15:04")}, {Text: done},
			{Text: kept}})
	}
	return t
}

// DrillSale is a deal or an order in a drill-down.
type DrillSale struct {
	Name, Lead, What string // What: deal won, deal lost, order
	At               time.Time
	Money            string
	Part             string // of its money, what is credited; "" is not asked
}

// DrillSales is a table of deals and orders, those of a lead leading to it.
func DrillSales(rows []DrillSale, loc *time.Location, part string) chat.Table {
	t := chat.Table{Caption: "Deals and orders, newest first",
		Columns: []chat.Column{{Title: "Deal or order"}, {Title: "What"}, {Title: "On"}, {Title: "Money", Number: true}}}
	if part != "" {
		t.Columns = append(t.Columns, chat.Column{Title: part, Number: true})
	}
	for _, r := range rows {
		cell := chat.Cell{Text: r.Name}
		if r.Lead != "" {
			b := chat.Press(r.Lead, "lead.show", r.Lead)
			cell.Button = &b
		}
		row := []chat.Cell{cell, {Text: r.What}, {Text: r.At.In(loc).Format("2 Jan 2006")}, {Text: r.Money}}
		if part != "" {
			row = append(row, chat.Cell{Text: r.Part})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// DrillAccount is an account in a drill-down.
type DrillAccount struct {
	Name, What string
	At         time.Time
}

// DrillAccounts is a table of accounts; when heads what their date is of, what the last column, "" is none.
func DrillAccounts(rows []DrillAccount, when, what string, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Accounts", Columns: []chat.Column{{Title: "Account"}, {Title: when}}}
	if what != "" {
		t.Columns = append(t.Columns, chat.Column{Title: what})
	}
	for _, r := range rows {
		row := []chat.Cell{{Text: r.Name}, {Text: r.At.In(loc).Format("2 Jan 2006")}}
		if what != "" {
			row = append(row, chat.Cell{Text: r.What})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// DrillHeard is an objection in a drill-down: where it was heard, not by whom.
type DrillHeard struct {
	ID, Theme, Account string
	At                 time.Time
}

// DrillObjections is a table of objections.
func DrillObjections(rows []DrillHeard, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Objections, newest first", Columns: []chat.Column{{Title: "Objection"}, {Title: "Theme"}, {Title: "Account"},
		{Title: "Logged"}}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.ID}, {Text: r.Theme}, {Text: dash(r.Account)}, {Text: r.At.In(loc).Format("2 Jan 2006")}})
	}
	return t
}

// DrillActivity is an activity in a drill-down.
type DrillActivity struct {
	ID, Name, Cost string
	Began          time.Time // zero: it says no dates
}

// DrillActivities is a table of activities, each leading to its card.
func DrillActivities(rows []DrillActivity, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Activities", Columns: []chat.Column{{Title: "Activity"}, {Title: "Began"}, {Title: "Cost", Number: true}}}
	for _, r := range rows {
		b := chat.Press(r.Name, "activity.show", r.ID)
		began := "–"
		if !r.Began.IsZero() {
			began = r.Began.In(loc).Format("2 Jan 2006")
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Name, Button: &b}, {Text: began}, {Text: dash(r.Cost)}})
	}
	return t
}
