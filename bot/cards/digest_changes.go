package cards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce/bot/chat"
)

// This file shows what has changed of that which figures rest on: thresholds, promises, rules. Figures before and after a change are
// not of the same kind, so the change stands with them.

// Changed is a change: "score threshold 50 to 60".
type Changed struct {
	At   time.Time
	Text string
}

// WeekOf is a week's leads, and what changed in it.
type WeekOf struct {
	First   time.Time // its first day
	Leads   int
	Changes []Changed
}

// shownChanges is how many changes a line names: the newest.
const shownChanges = 4

// Changes say what changed in a stretch of time, in one line; nothing where nothing did.
func Changes(p Period, s Span, list []Changed) []chat.Block {
	if len(list) == 0 {
		return nil
	}
	more := max(0, len(list)-shownChanges)
	var parts []string
	for _, c := range list[more:] {
		parts = append(parts, c.said(p.Loc))
	}
	text := strings.Join(parts, " · ")
	if more > 0 {
		text = fmt.Sprintf("%d earlier ones · %s", more, text)
	}
	return []chat.Block{chat.Para(chat.B("Changed "+p.In(s)), ": "+text+".")}
}

func (c Changed) said(loc *time.Location) string {
	return c.Text + " (" + c.At.In(loc).Format("2 Jan") + ")"
}

// Name is a week as charts name it: its first day.
func (w WeekOf) Name(loc *time.Location) string { return w.First.In(loc).Format("2 Jan") }

// fewWeeks make no line.
const fewWeeks = 4

// Weeks is a chart of the leads a week, with a mark where something changed, and the way to the leads of each.
func Weeks(p Period, weeks []WeekOf, open chat.Button) []chat.Block {
	c := chat.Chart{Kind: chat.Line, Title: "Leads a week, by its first day", Unit: "leads", Series: []chat.Series{{Name: "leads"}}}
	for _, w := range weeks {
		name := w.Name(p.Loc)
		c.Categories, c.Series[0].Values = append(c.Categories, name), append(c.Series[0].Values, float64(w.Leads))
		for _, ch := range w.Changes {
			m := chat.Mark{Category: name, Text: ch.Text}
			if ch.At.In(p.Loc).Format("2 Jan") != name {
				m.Text = ch.said(p.Loc)
			}
			c.Marks = append(c.Marks, m)
		}
	}
	if len(weeks) < fewWeeks || !slices.ContainsFunc(weeks, func(w WeekOf) bool { return w.Leads > 0 }) {
		return nil
	}
	return []chat.Block{chat.ChartBlock(c), chat.ButtonRow(open)}
}

// StageOf is how many leads came to a stage.
type StageOf struct {
	Name  string
	Leads int
}

// fewForFunnel is below how many leads no funnel is drawn.
const fewForFunnel = 30

// Funnel draws how far the leads of a stretch came, with the button to their figures.
func Funnel(p Period, stages []StageOf, open chat.Button) []chat.Block {
	if len(stages) == 0 || stages[0].Leads < fewForFunnel {
		return nil
	}
	c := chat.Chart{Kind: chat.Bar, Title: "How far leads of " + p.String() + " came", Unit: "leads", Series: []chat.Series{{Name: "leads"}}}
	for _, s := range stages {
		c.Categories, c.Series[0].Values = append(c.Categories, s.Name), append(c.Series[0].Values, float64(s.Leads))
	}
	return []chat.Block{chat.ChartBlock(c), chat.ButtonRow(open)}
}
