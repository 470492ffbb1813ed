package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// Period is what a digest covers.
type Period struct {
	Kind     string // leads, weekly, mine, monthly
	From, To time.Time
	AsOf     time.Time
	Loc      *time.Location
}

// String is the period's days, the last one included: "16 to 22 Nov 2026".
func (p Period) String() string {
	a, b := p.From.In(p.Loc), p.To.Add(-time.Millisecond).In(p.Loc)
	switch {
	case a.Year() != b.Year():
		return a.Format("2 Jan 2006") + " to " + b.Format("2 Jan 2006")
	case a.Month() != b.Month():
		return a.Format("2 Jan") + " to " + b.Format("2 Jan 2006")
	case a.Day() != b.Day():
		return a.Format("2") + " to " + b.Format("2 Jan 2006")
	}
	return a.Format("2 Jan 2006")
}

// NoLeads says that there is nothing to report, and where leads are.
func NoLeads(p Period, first, last time.Time, any bool) chat.Card {
	c := chat.Card{Key: "digest.empty", Summary: "No leads qualified from " + p.String() + "."}
	if !any {
		c.Summary = "There are no leads yet."
		c.Blocks = append(c.Blocks, chat.Para(chat.B("There are no leads yet. "), "Bring in your CRM's export and ask again:"),
			chat.Para(chat.Code("truce import leads leads.csv"), " and then ", chat.Code("truce import outcomes outcomes.csv")))
		return c
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("No leads qualified from "+p.String()+". "), "The ones I know qualified from ", chat.At(first, p.Loc, chat.Day), " to ",
		chat.At(last, p.Loc, chat.Day), "."))
	return c
}

// LeadsView is what the lead-feedback digest shows.
type LeadsView struct {
	Period
	Rows  []SourceRow
	Total SourceRow
}

// SourceRow is one line of the table by source.
type SourceRow struct {
	Name                               string
	Leads, Open, Judged, SentBack, Won int
	Money                              []string
}

// LeadsDigest is the weekly lead-feedback digest.
func LeadsDigest(v LeadsView) chat.Card {
	c := chat.Card{Key: "digest.leads", Summary: fmt.Sprintf("%d leads, %d won, %s.", v.Total.Leads, v.Total.Won, v.Period)}
	t := chat.Table{Caption: "By source, " + v.Period.String(), Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true}, {Title: "Open", Number: true},
		{Title: "Judged", Number: true}, {Title: "Sent back", Number: true}, {Title: "Won", Number: true}}}
	for _, r := range append(v.Rows, v.Total) {
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Name}, number(r.Leads), number(r.Open), number(r.Judged), number(r.SentBack), number(r.Won)})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t))
	return c
}

func number(n int) chat.Cell { return chat.Cell{Text: chat.Figure(float64(n), ""), Value: float64(n)} }
