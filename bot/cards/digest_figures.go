package cards

import (
	"fmt"
	"slices"
	"time"

	"truce/bot/chat"
)

// FiguresView is everything a digest rests on: what "All figures" shows, and what is printed.
type FiguresView struct {
	Period
	Rates      Span // what promises, disputes and messages rest on
	Year       Span // the leads that the outcomes are asked of
	Before     Span
	YearAgo    Span
	Groups     []GroupTable
	StaleAfter int // days an open lead is stale after; 0: not known
	Promises   []PromiseView
	Deciles    []DecileView
	Predict    PredictView
	Disputes   DisputesView
	Stuck      []StuckView
	Wrong      []DoubtView
	WrongN     int // how many proved wrong
	Faults     int // rejections for a source fault the wrong ones are among
	HighLost   []DoubtView
	Sales      SalesView
	Odds       []OddsView
	Messages   []CountOf
	Answers    []AnswerUseView
	Change     []ChangeView
	Losses     bool // losses are known
	Costs      CostsView
	ICP        ICPView
	Ends       QuarterEndsView
	Weeks      []WeekOf // the 13 weeks up to the period's end
	Attributes []string // to table the leads by
	Repeat     string   // accounts that ordered again; "" is not measured
}

// GroupTable is a table of groups: by source, by campaign, by segment.
type GroupTable struct {
	Name string // "Source"
	Rows []GroupRow
}

// GroupRow is one group's funnel in the period.
type GroupRow struct {
	Arg                                                             string // of the button that leads to its leads; "" is none
	Name                                                            string
	Leads, Open, Rejected, Recycled, Accepted, SQL, Opps, Won, Lost int
	Inferred                                                        int    // accepted ones that only a later stage implies
	Stale                                                           int    // of the open ones: for more than FiguresView.StaleAfter
	Due                                                             bool   // any were handed off over three business days ago
	NotWorked                                                       Share  // of those, not worked; of none: not measured
	Accept, Win                                                     Share  // accepted of judged, won of closed
	Within                                                          string // won within 90 days, with its interval
	Median                                                          string // days to a win
	Revenue                                                         string
}

// DecileView is a tenth of the leads by score.
type DecileView struct {
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
	Name              string
	Now, Before, Year int
}

// AllFigures is a card of everything.
func AllFigures(v FiguresView) chat.Card {
	c := chat.Card{Key: "digest.figures", Summary: "All figures, " + v.Period.String() + ".", Title: chat.T("All figures, " + v.Period.String())}
	c.Blocks = FigureBlocks(v)
	if len(v.Attributes) > 0 {
		c.Blocks = append(c.Blocks, AttributeSelect(v.Period, v.Attributes))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("How this is computed", "digest.how", v.Kind)))
	return c
}

// FigureBlocks are the figures without a card around them.
func FigureBlocks(v FiguresView) (list []chat.Block) {
	table := func(t chat.Table) {
		if len(t.Rows) > 0 {
			list = append(list, chat.TableBlock(t))
		}
	}
	changes := chat.Table{Caption: "Against the time before", Columns: []chat.Column{{Title: "Count"}, {Title: v.Name(), Number: true}}}
	for _, s := range []Span{v.Before, v.YearAgo} {
		if s != (Span{}) {
			changes.Columns = append(changes.Columns, chat.Column{Title: upperFirst(v.Of(s)), Number: true})
		}
	}
	for _, ch := range v.Change {
		row := []chat.Cell{{Text: ch.Name}, number(ch.Now)}
		if v.Before != (Span{}) {
			row = append(row, number(ch.Before))
		}
		if v.YearAgo != (Span{}) {
			row = append(row, number(ch.Year))
		}
		changes.Rows = append(changes.Rows, row)
	}
	table(changes)
	if ch, ok := weeksChart(v.Period, v.Weeks); ok {
		list = append(list, chat.ChartBlock(ch))
	}
	for _, g := range v.Groups {
		table(g.table(v))
	}
	promises := chat.Table{Caption: "Promises due " + v.In(v.Rates), Columns: []chat.Column{{Title: "Promise"}, {Title: "Kept", Number: true}, {Title: "Due", Number: true}, {Title: "In time", Number: true}, {Title: "95 % interval", Number: true}}}
	for _, p := range v.Promises {
		promises.Rows = append(promises.Rows, []chat.Cell{{Text: p.Name}, number(p.Kept.K), number(p.Kept.N), p.Kept.cell(), {Text: p.Kept.Range()}})
	}
	table(promises)
	list = append(list, v.said()...)
	if ch, ok := v.deciles(); ok {
		list = append(list, chat.ChartBlock(ch))
	}
	list = append(list, v.Disputes.blocks(v.Period, v.Rates)...)
	stuck := chat.Table{Caption: "Open leads, by where they stood on " + v.AsOf.In(v.Loc).Format("2 Jan 2006"), Columns: []chat.Column{{Title: "Stage"}, {Title: "Leads", Number: true}, {Title: "Median days there", Number: true}}}
	for _, s := range v.Stuck {
		stuck.Rows = append(stuck.Rows, []chat.Cell{{Text: s.Stage}, number(s.Leads), {Text: fmt.Sprintf("%.0f", s.Days), Value: s.Days}})
	}
	table(stuck)
	table(v.wrong())
	table(v.highLost())
	list = append(list, v.Sales.blocks(v.Period)...)
	list = append(list, oddsBlocks(v.Odds)...)
	messages := chat.Table{Caption: "Messages that resonate, said " + v.In(v.Rates), Columns: []chat.Column{{Title: "Message"}, {Title: "Accounts", Number: true}, {Title: "Took the next step", Number: true}}}
	for _, m := range v.Messages {
		messages.Rows = append(messages.Rows, []chat.Cell{{Text: m.Name}, number(m.Of), number(m.N)})
	}
	table(messages)
	table(answersUsed(v))
	list = append(list, v.Costs.blocks(v.Period)...)
	var missing, need []string
	if v.Repeat == "" {
		missing, need = append(missing, "repeat rate"), append(need, "orders")
	} else {
		list = append(list, chat.Para(chat.B("Repeat rate"), ": of the accounts won at least 180 days ago "+v.Repeat+" bought again, 14 to 180 days after their first purchase."))
	}
	if len(v.Costs.Sources)+len(v.Costs.Campaigns) == 0 {
		missing, need = append(missing, "cost per won deal"), append(need, "costs")
	}
	icp := v.ICP.blocks(v.Period, v.Rates)
	if list = append(list, icp...); len(icp) == 0 {
		missing, need = append(missing, "share inside the ideal customer profile"), append(need, "the leads' icp_fit")
	}
	list = append(list, v.Ends.blocks(v.Period)...)
	if len(missing) == 0 {
		return list
	}
	verb := " They need "
	if len(missing) == 1 {
		verb = " It needs "
	}
	return append(list, chat.Small("Not measured: "+and(missing)+"."+verb+and(need)+"."))
}

// shownRows is how many groups a table names; the others are pooled.
const shownRows = 12

func (g GroupTable) table(v FiguresView) chat.Table {
	p := v.Period
	t := chat.Table{Caption: "By " + lowerFirst(g.Name) + ", leads of " + p.String(), Columns: []chat.Column{{Title: g.Name}}}
	rows := g.Rows[:min(shownRows, len(g.Rows))]
	cells := make([][]chat.Cell, len(rows))
	for i, r := range rows {
		cells[i] = []chat.Cell{{Text: r.Name}}
		if r.Arg != "" {
			b := chat.Press(r.Name, "digest.leads", r.Arg)
			cells[i][0].Button = &b
		}
	}
	column := func(title string, always bool, of func(GroupRow) chat.Cell) {
		if !always && !slices.ContainsFunc(rows, func(r GroupRow) bool { c := of(r); return c.Text != "" && c.Text != "–" }) {
			return
		}
		t.Columns = append(t.Columns, chat.Column{Title: title, Number: true})
		for i, r := range rows {
			cells[i] = append(cells[i], of(r))
		}
	}
	column("Leads", true, func(r GroupRow) chat.Cell { return number(r.Leads) })
	column("Open", true, func(r GroupRow) chat.Cell { return number(r.Open) })
	column("Stale", false, func(r GroupRow) chat.Cell {
		if r.Stale == 0 {
			return chat.Cell{Text: "–"}
		}
		return number(r.Stale)
	})
	column("Not worked", false, func(r GroupRow) chat.Cell { return notWorked(r.Due, r.NotWorked) })
	column("Accepted", true, func(r GroupRow) chat.Cell {
		c := number(r.Accepted)
		if r.Inferred > 0 {
			c.Text += "*"
		}
		return c
	})
	column("SQL", true, func(r GroupRow) chat.Cell { return number(r.SQL) })
	column("Opp.", true, func(r GroupRow) chat.Cell { return number(r.Opps) })
	column("Won", true, func(r GroupRow) chat.Cell { return number(r.Won) })
	if v.Losses {
		column("of closed", false, func(r GroupRow) chat.Cell { return r.Win.cell() })
	}
	column("% in 90 days", false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Within} })
	column("Days", false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Median} })
	column("Revenue", false, func(r GroupRow) chat.Cell { return chat.Cell{Text: r.Revenue} })
	t.Rows = cells
	if len(g.Rows) > shownRows {
		t.Caption += fmt.Sprintf(" (the first %d of %d)", shownRows, len(g.Rows))
	}
	if slices.ContainsFunc(g.Rows, func(r GroupRow) bool { return r.Inferred > 0 }) {
		t.Caption += "; * partly inferred from a later stage"
	}
	if g.Name == "Source" && slices.ContainsFunc(rows, func(r GroupRow) bool { return r.Stale > 0 }) {
		t.Caption += fmt.Sprintf("; stale: open for over %d days", v.StaleAfter)
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
		t.Columns = append(t.Columns, chat.Column{Title: "Won", Number: true})
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

// DrillView is the records behind a figure, one step further down.
type DrillView struct {
	Period
	Title  string
	Table  chat.Table
	Total  int
	Bought string // what the leads cost, in a sentence; "" is not known
	Back   []chat.Button
	Since  time.Time // deals won since then are shown; zero: leads of the period
}

// Drill shows the records behind a figure.
func Drill(v DrillView) chat.Card {
	c := chat.Card{Key: "digest.drill", Summary: v.Title, Title: chat.T(v.Title)}
	if len(v.Table.Rows) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("There are none."))
	} else {
		c.Blocks = append(c.Blocks, chat.TableBlock(v.Table))
	}
	if v.Total > len(v.Table.Rows) {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("The newest %d of %s.", len(v.Table.Rows), count(v.Total))))
	}
	if v.Bought != "" {
		c.Blocks = append(c.Blocks, chat.Para(v.Bought))
	}
	if len(v.Back) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(v.Back...))
	}
	if !v.Since.IsZero() {
		c.Footer = chat.T("Deals won since ", chat.At(v.Since, v.Loc, chat.Day), ", as of ", chat.At(v.AsOf, v.Loc, chat.DayTime), ".")
		return c
	}
	c.Footer = chat.T("Leads that qualified ", v.In(v.Span()), ", as of ", chat.At(v.AsOf, v.Loc, chat.DayTime), ".")
	return c
}

// HowComputed explains the figures of a digest.
func HowComputed() chat.Card {
	c := chat.Card{Key: "digest.how", Summary: "How the figures are computed.", Title: chat.T("How this is computed")}
	for _, f := range [][2]string{
		{"Which leads", "by the date they qualified, in the company's time zone; later corrections count. Open: nothing won, lost, rejected or recycled is in force. What came about by silence proves nothing."},
		{"Sent back", "rejected, of the leads a person accepted or rejected. Against a source count wrong person, outside ICP, student or competitor; if the CRM gives no reasons, every rejection."},
		{"Over which days", "a week of 40 leads from eight sources raises false alarms more often than not. So counts are the period's own, while the rates of a period under 13 weeks rest on the 13 weeks up to its end, which stand beside them; a longer period stands for itself. Score and ratings are asked of a year of leads at least."},
		{"Old enough", "leads qualified so long ago that four of five winners had bought by then (at most a year). Younger ones are not counted against a source."},
		{"Stale", "open leads that have waited for more than twice the median of the days that winners took, of a year of leads, from ten won on. Win rates flatter a source whose losses are never closed."},
		{"Not worked", "leads without a touch (call, meeting, personal mail) and without a person's verdict by the end of the third business day after their hand-off, of all handed off since Truce began whose three days are over. Silence is no verdict. Where nobody logs touches it is not measured. It is counted to Sales, and is no part of a source's quality."},
		{"Won within 90 days", "cumulative incidence (Aalen-Johansen) with lost, rejected and recycled as competing events. Leaving those out would overstate wins."},
		{"Intervals", "95 %, Wilson's. Under 10 only counts are shown, under 30 nothing is compared. A difference is named from 30 on each side, 5 points and a false discovery rate of 10 % (Benjamini-Hochberg), and only if it holds in every segment."},
		{"Usual", "the range in which nine of ten weeks lie, from the 13 weeks before."},
		{"Score and ratings", "area under the ROC curve (0.5 is a coin, 1 is always right) on leads won or lost. A rating given after the close is hindsight and left out. A difference is named from 30 won and 30 lost, if its interval excludes zero (DeLong)."},
		{"Changed", "the score threshold, what is promised, business hours, and rules that came into force or were retired: each with the day since when it counts. Figures before and after it were counted or judged otherwise."},
		{"Promises", "kept of due, by the date they were due, in business hours."},
		{"Disputes", "by the date they were opened. Upheld and declined were ruled by people; what ended by silence says nothing of the lead. Answered, closed: business hours from the opening; nine of ten is the 90th percentile."},
		{"Ideal customer profile", "leads that the CRM calls inside, of those it calls inside or outside (icp_fit of the import). Of what was sold: by the deal's own word, else by the account's newest lead or deal of which it says so, deals and orders that reps found alone too."},
		{"Quarter ends", "won deals outside the ideal customer profile, of those of which it is known, closed on one of the last 14 days of a calendar quarter against those closed on other days, in this quarter and the eight before it; and customers won at least 180 days ago that bought again within 180 days, outside and inside. Goes with, not because of: product lines and seasons are not taken out."},
		{"Objections and wins", "accounts where an objection was logged at a stage, against accounts where the same people logged other ones at that stage and never this one; each from its first logging on, by its first deal closed after it, over a year, from 20 closed on each side. A difference goes with an objection and need not come of it."},
		{"Cost per won deal", "what was paid for the leads of the days shown (a month's cost is spread over its days), by those of them that are won, from ten won on. Leads old enough to tell only: the young ones' wins are still to come. Currencies are kept apart."},
		{"Revenue", "all deals won in the period, those that reps found alone too, and the orders that pay for none of them, by account. The touches of a deal are its lead and those of its account within 180 days of its opening, before it closed; first and last touch credit one, linear all equally. An order without one is credited like the deal it repeats. Each model's shares sum to the money to the cent. Currencies are kept apart."},
		{"Sourced, influenced", "sourced: the last source known of the account before its first sales activity. Influenced: a lead, or something done with Marketing in the year before, came before the close; said only beside the same share of the lost deals. The two are never added."},
	} {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(f[0]), ": "+f[1]))
	}
	return c
}

// DigestPrefs confirms what a person gets from now on.
func DigestPrefs(sentence string, undo chat.Button) chat.Card {
	return chat.Card{Key: "digest.prefs", Summary: sentence, Blocks: []chat.Block{chat.Para(sentence), chat.ButtonRow(undo)}}
}
