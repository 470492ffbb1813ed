package cards

import (
	"fmt"
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
)

// GroupTable is a table of groups: by source, by campaign, by segment.
type GroupTable struct {
	Name string // "Source"
	Rows []GroupRow
}

// GroupRow is one group's funnel in the period.
type GroupRow struct {
	Arg                                                             string // of the button that leads to its figures; "" is none
	Name                                                            string
	Leads, Open, Rejected, Recycled, Accepted, SQL, Opps, Won, Lost int
	Inferred                                                        int // accepted ones that only a later stage implies
	// of the open ones: for more than the days after which they are stale
	Stale       int
	Due         bool   // any were handed off over three business days ago
	NotWorked   Share  // of those, not worked; of none: not measured
	Accept, Win Share  // accepted of judged, won of closed
	Within      string // won within 90 days, with its interval
	Median      string // days to a win
	Revenue     string
}

// DecileView is a tenth of the leads by score.
type DecileView struct {
	Arg      string // of the button that leads to its figures
	From, To float64
	Won      Share
}

// CountOf is n of a whole.
type CountOf struct {
	Name  string
	N, Of int
}

// DoubtView is a lead whose verdict and outcome do not agree.
type DoubtView struct {
	Ref, Title, Money string
	Score             string
	Button            chat.Button
}

// ChangeView is a count beside the period before and the year before.
type ChangeView struct {
	Name         string
	Arg          string // of the button that leads to its figures
	Now          int
	Before, Year *int // nil: not known
}

// AllFigures is a card of everything behind a digest, and the attributes to table the leads by.
func AllFigures(p Period, figures []chat.Block, attributes []string, open chat.Button) chat.Card {
	c := chat.Card{Key: "digest.figures", Summary: "All figures, " + p.String() + ".", Title: chat.T("All figures, " + p.String())}
	c.Blocks = slices.Clone(figures)
	if c.Parts = partsButton(p, true); len(attributes) > 0 {
		c.Blocks = append(c.Blocks, AttributeSelect(p, attributes))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(open, chat.Press("How this is computed", "digest.how", p.Kind)))
	return c
}

// ComparedView is the counts of a period beside those of the stretch before it and of a year earlier; a zero span is not known.
type ComparedView struct {
	Period
	Before, YearAgo Span
	Change          []ChangeView
}

// Compared is them as a table.
func Compared(v ComparedView) chat.Table {
	t := chat.Table{Caption: "Against the time before: each stretch as it stood when its leads were as old as these are now",
		Columns: []chat.Column{{Title: "Count"}, {Title: v.Name(), Number: true}}}
	for _, s := range []Span{v.Before, v.YearAgo} {
		if s != (Span{}) {
			t.Columns = append(t.Columns, chat.Column{Title: upperFirst(v.Of(s)), Number: true})
		}
	}
	known := func(n *int) chat.Cell {
		if n == nil {
			return chat.Cell{Text: "–"}
		}
		return number(*n)
	}
	for _, ch := range v.Change {
		row := []chat.Cell{openCell(ch.Name, ch.Arg), number(ch.Now)}
		if v.Before != (Span{}) {
			row = append(row, known(ch.Before))
		}
		if v.YearAgo != (Span{}) {
			row = append(row, known(ch.Year))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Kept is how promises were kept, in a table.
func Kept(list []PromiseView, v Period, rates Span) chat.Table {
	t := chat.Table{Caption: "Promises due " + v.In(rates),
		Columns: []chat.Column{{Title: "Promise"}, {Title: "Kept", Number: true}, {Title: "Due", Number: true}, {Title: "In time", Number: true},
			{Title: "95 % interval", Number: true}}}
	trends := slices.ContainsFunc(list, func(p PromiseView) bool { return len(p.Weeks) > 0 })
	if trends {
		t.Columns = append(t.Columns, chat.Column{Title: "13 weeks", Spare: true})
	}
	for _, p := range list {
		row := []chat.Cell{openCell(p.Name, p.Arg), number(p.Kept.K), number(p.Kept.N), p.Kept.cell(), {Text: p.Kept.Range()}}
		if trends {
			row = append(row, chat.Cell{Trend: p.Weeks})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Standing is where open leads stand.
func Standing(list []StuckView, v Period) chat.Table {
	t := chat.Table{Caption: "Open leads, by where they stood on " + v.AsOf.In(v.Loc).Format("2 Jan 2006"),
		Columns: []chat.Column{{Title: "Stage"}, {Title: "Leads", Number: true}, {Title: "Median days there", Number: true}}}
	for _, s := range list {
		t.Rows = append(t.Rows, []chat.Cell{openCell(s.Stage, s.Arg), number(s.Leads), {Text: fmt.Sprintf("%.0f", s.Days), Value: s.Days}})
	}
	return t
}

// Messages are those that resonate.
func Messages(list []CountOf, v Period, rates Span) chat.Table {
	t := chat.Table{Caption: "Messages that resonate, said " + v.In(rates),
		Columns: []chat.Column{{Title: "Message"}, {Title: "Accounts", Number: true}, {Title: "Took the next step", Number: true}}}
	for _, m := range list {
		t.Rows = append(t.Rows, []chat.Cell{{Text: m.Name}, number(m.Of), number(m.N)})
	}
	return t
}

// Repeat is the repeat rate in words.
func Repeat(rate string) []chat.Block {
	return []chat.Block{chat.Para(chat.B("Repeat rate"), ": of the accounts won at least 180 days ago "+rate+
		" bought again, 14 to 180 days after their first purchase. Accounts won later than that are left out.")}
}

// NotMeasured names figures that are not there, and what they need.
func NotMeasured(missing, need []string) []chat.Block {
	if len(missing) == 0 {
		return nil
	}
	verb := " They need "
	if len(missing) == 1 {
		verb = " It needs "
	}
	return []chat.Block{chat.Small("Not measured: " + and(missing) + "." + verb + and(need) + ".")}
}

// shownRows is how many groups a table names; the others are pooled.
const shownRows = 12

// ofClosed heads the share of the closed that is won.
const ofClosed = "of closed"

// Group is a table of a group. losses says that any are known; an open lead is stale after so many days, 0 where that is not known.
func Group(g GroupTable, p Period, losses bool, staleAfter int) chat.Table {
	t := chat.Table{Caption: "By " + lowerFirst(g.Name) + ", leads of " + p.String(), Columns: []chat.Column{{Title: g.Name}}}
	rows := g.Rows[:min(shownRows, len(g.Rows))]
	cells := make([][]chat.Cell, len(rows))
	for i, r := range rows {
		cells[i] = []chat.Cell{openCell(r.Name, r.Arg)}
	}
	column := func(title string, always bool, of func(GroupRow) chat.Cell) {
		if !always && !slices.ContainsFunc(rows, func(r GroupRow) bool { c := of(r); return c.Text != "" && c.Text != "–" }) {
			return
		}
		main := title == truce.CountedLeads.Title() || title == truce.CountedWon.Title() || title == ofClosed || title == MoneyLabel
		t.Columns = append(t.Columns, chat.Column{Title: title, Number: true, Spare: !main})
		for i, r := range rows {
			cells[i] = append(cells[i], of(r))
		}
	}
	column(truce.CountedLeads.Title(), true, func(r GroupRow) chat.Cell { return number(r.Leads) })
	column(truce.CountedOpen.Title(), true, func(r GroupRow) chat.Cell { return number(r.Open) })
	column("Stale", false, func(r GroupRow) chat.Cell {
		if r.Stale == 0 {
			return chat.Cell{Text: "–"}
		}
		return number(r.Stale)
	})
	column("Not worked", false, func(r GroupRow) chat.Cell { return notWorked(r.Due, r.NotWorked) })
	column(truce.CountedAccepted.Title(), true, func(r GroupRow) chat.Cell {
		c := number(r.Accepted)
		if r.Inferred > 0 {
			c.Text += "*"
		}
		return c
	})
	column(truce.CountedSQL.Title(), true, func(r GroupRow) chat.Cell { return number(r.SQL) })
	column(truce.CountedOpportunities.Title(), true, func(r GroupRow) chat.Cell { return number(r.Opps) })
	column(truce.CountedWon.Title(), true, func(r GroupRow) chat.Cell { return number(r.Won) })
	if losses {
		column(ofClosed, false, func(r GroupRow) chat.Cell { return r.Win.cell() })
	}
	column("Won in 90 days", false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Within} })
	column("Days", false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Median} })
	column(MoneyLabel, false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Revenue} })
	t.Rows = cells
	if len(g.Rows) > shownRows {
		t.Caption += fmt.Sprintf(" (the first %d of %d)", shownRows, len(g.Rows))
	}
	if slices.ContainsFunc(g.Rows, func(r GroupRow) bool { return r.Inferred > 0 }) {
		t.Caption += "; * partly inferred from a later stage"
	}
	if g.Name == "Source" && slices.ContainsFunc(rows, func(r GroupRow) bool { return r.Stale > 0 }) {
		t.Caption += fmt.Sprintf("; stale: open for over %d days", staleAfter)
	}
	if g.Name == "Source" && slices.ContainsFunc(rows, func(r GroupRow) bool { return r.Due }) {
		t.Caption += "; not worked: no touch, no verdict in 3 business days"
	}
	return t
}

// notWorked says how many leads Sales has let lie; due is false where the days of none are over.
func notWorked(due bool, s Share) chat.Cell {
	switch {
	case !due:
		return chat.Cell{Text: "–"}
	case s.N == 0:
		return chat.Cell{Text: "not measured"}
	}
	return chat.Cell{Text: s.counted(), Value: 100 * float64(s.K) / float64(s.N)}
}

func doubts(caption string, list []DoubtView) chat.Table {
	t := chat.Table{Caption: caption, Columns: []chat.Column{{Title: "Lead"}, {Title: "Score", Number: true}}}
	money := slices.ContainsFunc(list, func(d DoubtView) bool { return d.Money != "" })
	if money {
		t.Columns = append(t.Columns, chat.Column{Title: MoneyLabel, Number: true})
	}
	for _, d := range list[:min(5, len(list))] {
		cell := chat.Cell{Text: d.Ref + " " + d.Title}
		if d.Button.Action != "" {
			b := d.Button
			cell.Button = &b
		}
		row := []chat.Cell{cell, {Text: d.Score}}
		if money {
			row = append(row, chat.Cell{Text: d.Money})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// DrillView is the records behind a figure, one step further down, or the figures behind a row.
type DrillView struct {
	Period
	Title   string
	How     string // the figure's definition; "" is none of its own
	Figures bool   // the rows are figures
	Defined []Definition
	Table   chat.Table
	Total   int          // of records, as many as the figure says
	From    int          // the number of the first one shown, from 0
	Next    *chat.Button // leads to those after the ones shown; nil where all are
	Money   string       // that of all of them together; "" is not known
	Note    string       // why the records themselves are not shown; "" is that they are
	Bought  string       // what the leads cost, in a sentence; "" is not known
	Back    []chat.Button
	Of      string    // what the footer says they are; "" is leads of the period
	Since   time.Time // deals won since then are shown; zero: leads of the period
}

// Drill shows the records behind a figure.
func Drill(v DrillView) chat.Card {
	c := chat.Card{Key: "digest.drill", Summary: v.Title, Title: chat.T(v.Title)}
	if v.How != "" {
		c.Blocks = append(c.Blocks, chat.Small(upperFirst(v.How)))
	}
	page := Page{From: v.From, Shown: len(v.Table.Rows), Of: v.Total, Next: v.Next}
	switch {
	case v.Note != "":
		c.Blocks = append(c.Blocks, chat.Para(v.Note))
	case len(v.Table.Rows) == 0:
		c.Blocks = append(c.Blocks, chat.Para("There are none."))
	default:
		t := v.Table
		t.Caption = page.Caption(t.Caption)
		c.Blocks = append(c.Blocks, chat.TableBlock(t))
		if v.Next != nil {
			c.Blocks = append(c.Blocks, page.More()...)
		}
	}
	if v.Money != "" && v.Total > 1 {
		c.Blocks = append(c.Blocks, chat.Para("Together: "+v.Money+"."))
	}
	for _, d := range v.Defined {
		c.Blocks = append(c.Blocks, chat.Small(chat.B(d.Label), ": "+d.How))
	}
	if v.Bought != "" {
		c.Blocks = append(c.Blocks, chat.Para(v.Bought))
	}
	if len(v.Back) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(v.Back...))
	}
	at := chat.T("as of ", chat.At(v.AsOf, v.Loc, chat.DayTime), ".")
	switch {
	case !v.Since.IsZero():
		c.Footer = append(chat.T("Deals won since ", chat.At(v.Since, v.Loc, chat.Day), ", "), at...)
	case v.Of != "":
		c.Footer = append(chat.T(v.Of+", "), at...)
	default:
		c.Footer = append(chat.T("Leads that qualified ", v.In(v.Span()), ", "), at...)
	}
	return c
}

// Definition is a label, and how what stands under it is computed.
type Definition struct{ Label, How string }

// HowComputed explains the figures of a digest.
func HowComputed(list []Definition) chat.Card {
	c := chat.Card{Key: "digest.how", Summary: "How the figures are computed.", Title: chat.T("How this is computed")}
	for _, f := range list {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(f.Label), ": "+f.How))
	}
	return c
}

// DigestPrefs confirms what a person gets from now on.
func DigestPrefs(sentence string, undo chat.Button) chat.Card {
	return chat.Card{Key: "digest.prefs", Summary: sentence, Blocks: []chat.Block{chat.Para(sentence), chat.ButtonRow(undo)}}
}
