package cards

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is how activities look in chat: to what end?

// ActivityView is an activity with its chain.
type ActivityView struct {
	truce.Activity
	Chain []chat.Block // expected beside what was seen
	Links []truce.ActivityLink
	Past  *truce.ActivityPast // what the company's own past offers; nil offers nothing
	Next  []truce.ActivityLink
	May   bool // the reader may change it
	Owner string
	Loc   *time.Location
}

// Activity is one activity and the question that is still open.
func Activity(v ActivityView) chat.Card {
	c := chat.Card{Key: "activity", Summary: v.ID + ": " + v.Name}
	said := chat.T(v.ID)
	for _, part := range []string{v.Kind, v.Side.Title(), v.Owner} {
		if part != "" && !(part == v.Side.Title() && v.Side == truce.NoSide) {
			said = append(said, chat.T(" · "+part)...)
		}
	}
	if !v.StartsAt.IsZero() {
		said = append(said, chat.T(" · ", chat.At(v.StartsAt, v.Loc, chat.Day))...)
	}
	c.Blocks = append(c.Blocks, chat.Block{Note: said})
	c.Blocks = append(c.Blocks, v.Chain...)
	if !v.ClosedAt.IsZero() {
		c.Blocks = append(c.Blocks, chat.Para("Closed ", chat.At(v.ClosedAt, v.Loc, chat.Day), "."))
		if v.May {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Open it again", "activity.reopen", v.ID)))
		}
		return c
	}
	if v.Past != nil {
		c.Blocks = append(c.Blocks, chat.Para(PastWords(*v.Past)))
	}
	hasEnd := v.HasEnd(v.Links)
	if len(v.Next) > 0 && !hasEnd {
		var parts []string
		for _, l := range v.Next {
			parts = append(parts, linkWords(l))
		}
		c.Blocks = append(c.Blocks, chat.Small("For what you expect that is: "+strings.Join(parts, "; ")+"."))
	}
	if !v.May {
		return c
	}
	var row []chat.Button
	if hasEnd {
		row = append(row, chat.Ask("Another link…", "activity.link", v.ID), chat.Press("Close it", "activity.close", v.ID))
	} else {
		c.Blocks = append(c.Blocks, chat.Para(chat.B("To what end?"), " The chain ends in revenue, or says why money cannot be said."))
		if len(v.Next) > 0 {
			row = append(row, chat.Press("Use these", "activity.use", v.ID).As(chat.Primary))
		}
		row = append(row, chat.Ask("Add a link…", "activity.link", v.ID), chat.Ask("Money cannot be said…", "activity.motive", v.ID))
	}
	if len(v.Links) > 0 {
		row = append(row, chat.Press("Take back the last link", "activity.unlink", v.ID))
	}
	for _, l := range v.Links {
		if !l.Computed() {
			row = append(row, chat.Ask("What I saw…", "activity.observe", v.ID))
			break
		}
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}

// linkWords is a link as it is offered: "5 won (deals) by 1 Dec 2026".
func linkWords(l truce.ActivityLink) string {
	return amountOf(l.Expected) + " " + l.Title(strings.ReplaceAll(l.What, "_", " ")) + " (" + l.Unit + ") by " + l.Date.Words()
}

func amountOf(x float64) string { return chat.Figure(x, "") }

// PastWords is what the company's own past says of a kind of activity, of a hundred leads.
func PastWords(p truce.ActivityPast) string {
	share := func(x float64) string { return amountOf(float64(int(100*x + 0.5))) }
	s := fmt.Sprintf("Your own past, %s, leads of %s to %s: of 100 leads %s became customers (%s to %s)", p.Kind, p.From.Words(), p.To.Words(),
		amountOf(float64(int(10*p.Per(p.Won, 100)+0.5))/10), share(p.Low), share(p.High))
	if p.MedianDays > 0 {
		s += ", median " + plural(p.MedianDays, "day", "days") + " of " + plural(p.Won, "lead won", "leads won")
	}
	var sums []string
	for _, currency := range slices.Sorted(maps.Keys(p.Revenue)) {
		sums = append(sums, truce.Money{Amount: p.Revenue[currency] * 100 / int64(max(1, p.Leads)), Currency: currency}.Whole().String())
	}
	if len(sums) > 0 {
		s += ", " + strings.Join(sums, " and ")
	}
	return s + fmt.Sprintf(" within %d days (%s).", p.Days, plural(p.Leads, "lead", "leads"))
}

// ActivityList lists activities: what has no end first.
func ActivityList(open, closed []ActivityView) chat.Card {
	c := chat.Card{Key: "activities.list", Summary: plural(len(open), "activity", "activities") + " under way",
		Title: chat.T("Activities: to what end?")}
	add := chat.ButtonRow(chat.Ask("Add an activity…", "activity.add", ""), chat.Press("Full report", "activity.report", ""))
	if len(open)+len(closed) == 0 {
		c.Summary = "No activity is known yet"
		c.Blocks = append(c.Blocks, chat.Para("No activity is known yet. Begin with the last thing that cost money: a webinar, a fair, an hour "+
			"of calls. You can start from a campaign of the CRM."),
			chat.ButtonRow(chat.Ask("Add an activity…", "activity.add", "").As(chat.Primary)))
		return c
	}
	var endless, ends []ActivityView
	cost := map[string]int64{}
	for _, v := range open {
		if v.HasEnd(v.Links) {
			ends = append(ends, v)
			continue
		}
		endless = append(endless, v)
		if v.HasCost {
			cost[v.Cost.Currency] += v.Cost.Amount
		}
	}
	var sums []string
	for _, currency := range slices.Sorted(maps.Keys(cost)) {
		sums = append(sums, truce.Money{Amount: cost[currency], Currency: currency}.String())
	}
	if len(sums) > 0 {
		has := " has"
		if len(sums) > 1 {
			has = " have"
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B(strings.Join(sums, " and ")+has+" no end yet.")))
	}
	part := func(title string, list []ActivityView, most int) {
		if len(list) == 0 {
			return
		}
		c.Blocks = append(c.Blocks, chat.Heading(title))
		for n, v := range list {
			if n == most {
				c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("and %d more: the full report has all", len(list)-n)))
				break
			}
			line := chat.T(chat.B(v.Name))
			if v.HasCost {
				line = append(line, chat.T(" · "+v.Cost.String())...)
			}
			if len(v.Links) > 0 {
				last := v.Links[len(v.Links)-1]
				line = append(line, chat.T(" · to the end of "+linkWords(last))...)
			} else if v.Motive != "" {
				line = append(line, chat.T(" · "+FirstWords(v.Motive, 80))...)
			}
			c.Blocks = append(c.Blocks, chat.Block{Text: line}, chat.ButtonRow(chat.Press("Show "+FirstWords(v.ID, 20), "activity.show", v.ID)))
		}
	}
	part("To what end?", endless, 8)
	part("Under way", ends, 8)
	part("Closed", closed, 4)
	c.Blocks = append(c.Blocks, add)
	return c
}

// ActivityForm asks for an activity. campaigns are those of the CRM that none has yet, offered as a start.
func ActivityForm(campaigns []chat.Option, a truce.Activity, side truce.Side) chat.Form {
	f := chat.Form{Name: "activity.add", Title: "Add an activity", Submit: "Add it", Fields: []chat.Field{
		{Name: "name", Kind: chat.Line1, Label: "Name", Value: a.Name, Hint: "Empty takes the campaign's.", Max: 100},
		{Name: "kind", Kind: chat.Line1, Label: "Kind", Hint: "webinar, trade show, call blitz: its own past is looked up by it", Required: true,
			Max: 60},
		{Name: "side", Kind: chat.Choice, Label: "Whose", Value: string(side), Required: true,
			Options: []chat.Option{{Value: "marketing", Label: "Marketing"}, {Value: "sales", Label: "Sales"}}},
		{Name: "cost", Kind: chat.Line1, Label: "Cost", Hint: "41000 USD; empty where it is not known", Max: 40},
		{Name: "starts", Kind: chat.DateOf, Label: "First day", Required: true},
		{Name: "ends", Kind: chat.DateOf, Label: "Last day", Hint: "Empty is the same day."},
		{Name: "matches", Kind: chat.LongText, Label: "Campaigns and engagements that are its own", Hint: "With ; between. Empty is its name.",
			Max: 500},
	}}
	if len(campaigns) > 0 {
		f.Fields = append([]chat.Field{{Name: "campaign", Kind: chat.Choice, Label: "Start from a campaign of the CRM",
			Options: campaigns[:min(len(campaigns), 100)]}}, f.Fields...)
	}
	return f
}

// LinkForm asks for the next link of a chain.
func LinkForm(a truce.Activity, day truce.Date, currency string) chat.Form {
	return chat.Form{Name: "activity.link", Title: "To what end?", Submit: "Add the link", State: a.ID, Intro: chat.T(chat.B(a.Name)),
		Fields: []chat.Field{
			{Name: "what", Kind: chat.Choice, Label: "What shall have come of it", Value: "leads", Required: true,
				Options: []chat.Option{{Value: "leads", Label: "leads"},
					{Value: "accepted", Label: "accepted leads"}, {Value: "sql", Label: "SQLs"}, {Value: "opportunities", Label: "opportunities"},
					{Value: "meetings", Label: "meetings"},
					{Value: "won", Label: "won deals"}, {Value: "revenue", Label: "revenue: the end"},
					{Value: "repeat_revenue", Label: "repeat revenue: the end"}, {Value: "words", Label: "something else, in words"}}},
			{Name: "words", Kind: chat.Line1, Label: "In words, where it is something else", Hint: "scans of badges", Max: 100},
			{Name: "expected", Kind: chat.Line1, Label: "How much", Required: true, Max: 20},
			{Name: "unit", Kind: chat.Line1, Label: "Unit", Value: currency, Hint: "leads, deals; of revenue the currency", Max: 20},
			{Name: "date", Kind: chat.DateOf, Label: "By", Value: day.String(), Required: true},
			{Name: "of", Kind: chat.Choice, Label: "Counted among", Value: "campaign", Required: true,
				Options: []chat.Option{{Value: "campaign", Label: "the leads of its campaigns"}, {Value: "engaged", Label: "the leads it engaged"}}},
		}}
}

// MotiveForm asks why money cannot be said.
func MotiveForm(a truce.Activity) chat.Form {
	f := TextForm("activity.motive", "Why money cannot be said", "The business motive, in words",
		"It stands beside the activity, for both sides.", "Keep it", a.ID, true)
	f.Intro = chat.T(chat.B(a.Name))
	return f
}

// ObserveForm asks for what only the owner can see.
func ObserveForm(a truce.Activity, links []chat.Option) chat.Form {
	first := ""
	if len(links) > 0 {
		first = links[0].Value
	}
	return chat.Form{Name: "activity.observe", Title: "What you saw", Submit: "Keep it", State: a.ID, Intro: chat.T(chat.B(a.Name)),
		Fields: []chat.Field{
			{Name: "link", Kind: chat.Choice, Label: "Of what", Value: first, Required: true, Options: links[:min(len(links), 100)]},
			{Name: "seen", Kind: chat.Line1, Label: "How much you saw", Required: true, Max: 20},
		}}
}

// ActivityDue tells an owner what came of links whose day is over. ask says that some only the owner can see.
func ActivityDue(a truce.Activity, lines []string, ask bool) chat.Card {
	c := chat.Card{Key: "activity.due", Summary: a.Name + ": its day has come", Title: chat.T(a.Name)}
	for _, l := range lines[:min(len(lines), 10)] {
		c.Blocks = append(c.Blocks, chat.Para(l))
	}
	row := []chat.Button{chat.Press("Show the chain", "activity.show", a.ID)}
	if ask {
		row = append(row, chat.Ask("What I saw…", "activity.observe", a.ID).As(chat.Primary))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}
