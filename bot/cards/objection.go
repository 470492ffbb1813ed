// Package cards is what Truce shows: one file per kind of card and form, made of plain domain values. The names of the
// actions on its buttons are the ones that the handlers answer. It knows no platform and no store.
package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// ObjectionView is what the card of a logged objection shows.
type ObjectionView struct {
	Objection truce.Objection
	Theme     truce.Theme   // zero where none is decided
	Likely    []truce.Theme // where none is decided: what it may be
	Themes    []truce.Theme
	Answers   []truce.Answer // the best first
	ThisMonth Count
	LastMonth Count
	Asked     truce.Request // the open request to Marketing; zero where there is none
	Now       time.Time
	Reader    string // the person's id
	Author    string // whose experience it is, where somebody else typed it
	Typist    string
	Lead      string // its reference
}

// Count is how often, by how many people and at how many accounts a theme was heard.
type Count struct{ Times, People, Accounts int }

// Objection confirms a logged objection and gives the best approved answer. Where the theme is not sure it asks.
func Objection(v ObjectionView, loc *time.Location) chat.Card {
	o := v.Objection
	c := chat.Card{Key: "objection.logged"}
	tools := chat.ButtonRow(chat.Ask("Edit", "objection.edit", o.ID), chat.Press("Undo", "objection.undo", o.ID),
		chat.Press("Similar", "objection.like", o.ID), ToJourney(o.ID))
	if o.ThemeID == "" {
		c.Summary = "Logged. " + question(v.Likely)
		c.Blocks = append(c.Blocks, chat.Block{Text: chat.T(chat.B("✓ Logged"), details(v), ". ", question(v.Likely))}, chat.Quote(o.Text))
		label := "Choose the theme"
		if len(v.Likely) > 0 {
			var row []chat.Button
			for _, t := range v.Likely {
				row = append(row, chat.Press(t.Name, "objection.theme", o.ID+" "+t.ID))
			}
			c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
			label = "Other theme"
		}
		c.Blocks = append(c.Blocks, chat.SelectBlock(themeSelect(label, o, v.Themes)), tools)
		return c
	}
	c.Summary = "Logged as " + v.Theme.Name + "."
	logged := chat.Block{Text: chat.T(chat.B("✓ Logged as "+v.Theme.Name), details(v))}
	if len(v.Answers) > 0 { // what to say comes first: it is read out while the buyer waits
		c.Summary = "Say this: " + v.Answers[0].Body
		c.Blocks = append(c.Blocks, answerBlocks(v.Answers[0], o.ID, len(v.Answers)-1, v.Now, loc)...)
		c.Blocks = append(c.Blocks, chat.Rule(), logged, chat.Quote(o.Text))
	} else {
		c.Summary += " No approved answer yet."
		c.Blocks = append(c.Blocks, logged, chat.Quote(o.Text), chat.Block{Text: noAnswer(v, loc)})
	}
	c.Blocks = append(c.Blocks, tools, chat.Small(heard(v)), chat.SelectBlock(themeSelect("Change theme", o, v.Themes)))
	return c
}

// WhoseObjection asks above the card of an objection which of several people of one name it is of.
func WhoseObjection(c chat.Card, o truce.Objection, found []truce.Person) chat.Card {
	s := fmt.Sprintf("%d colleagues have that name. Whose is it? Until you say, it is yours.", len(found))
	c.Summary = s + " " + c.Summary
	c.Blocks = append([]chat.Block{chat.Para(s), which(found, "objection.of", func(p truce.Person) string { return o.ID + " " + p.ID })},
		c.Blocks...)
	return c
}

// question asks which of the likely themes it is: "Price, or budget timing?"
func question(likely []truce.Theme) string {
	if len(likely) < 2 {
		return "Which theme is it?"
	}
	return likely[0].Name + ", or " + lower(likely[1].Name) + "?"
}

// lower makes the first letter small, unless the word is all capitals.
func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func details(v ObjectionView) chat.Text {
	var t chat.Text
	o := v.Objection
	if o.Stage != "" {
		t = append(t, chat.T(" · ", chat.I(o.Stage))...)
	}
	if o.Competitor != "" {
		t = append(t, chat.T(" · vs. "+o.Competitor)...)
	}
	if o.Account != "" {
		t = append(t, chat.T(" · account "+o.Account)...)
	}
	if v.Lead != "" {
		t = append(t, chat.T(" · lead "+v.Lead)...)
	}
	if v.Author != "" {
		t = append(t, chat.T(" · heard by "+v.Author+", logged by "+v.Typist)...)
	}
	return t
}

func themeSelect(label string, o truce.Objection, themes []truce.Theme) chat.Select {
	s := chat.Select{Label: label, Action: "objection.theme", Arg: o.ID, Value: o.ThemeID}
	for _, t := range themes {
		s.Options = append(s.Options, chat.Option{Value: t.ID, Label: t.Name})
	}
	return s
}

func heard(v ObjectionView) string {
	s := "You are the first to hear it this month"
	switch {
	case v.ThisMonth.People > 1:
		s = fmt.Sprintf("You are one of %d reps who heard it this month", v.ThisMonth.People)
	case v.ThisMonth.Times > 1:
		s = "Only you have heard it this month"
	}
	return fmt.Sprintf("%s (%s, %d the month before).", s, times(v.ThisMonth.Times), v.LastMonth.Times)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func ordinal(n int) string {
	switch {
	case n <= 1:
		return "you are the first"
	case n == 2:
		return "you are the 2nd"
	case n == 3:
		return "you are the 3rd"
	}
	return fmt.Sprintf("you are the %dth", n)
}

// ObjectionUndone says that an objection was taken back, and how to have it again.
func ObjectionUndone(o truce.Objection) chat.Card {
	return chat.Card{Key: "objection.undone", Summary: "Taken back; it counts nowhere.",
		Blocks: []chat.Block{chat.Para("Taken back: " + o.ID + " counts nowhere."), chat.Quote(o.Text),
			chat.ButtonRow(chat.Press("Restore", "objection.undo", o.ID))}}
}

// ObjectionFields are what the form of an objection is filled with.
type ObjectionFields struct {
	Objection truce.Objection
	Themes    []truce.Theme
	Lead, For string // the lead's reference; the name of the colleague whose experience it is
}

// ObjectionForm asks for an objection, or for changes to one.
func ObjectionForm(v ObjectionFields) chat.Form {
	o := v.Objection
	f := chat.Form{Name: "objection", Title: "Log an objection", Submit: "Log it", State: o.ID}
	if o.ID != "" {
		f.Title, f.Submit = "Edit "+o.ID, "Save"
	}
	var options []chat.Option
	for _, t := range v.Themes {
		options = append(options, chat.Option{Value: t.ID, Label: t.Name})
	}
	f.Fields = []chat.Field{
		{Name: "text", Kind: chat.LongText, Label: "What do they say?", Value: o.Text, Required: true, Max: truce.MaxText},
		{Name: "theme", Kind: chat.Choice, Label: "Theme", Hint: "Leave empty and Truce will find it.", Value: o.ThemeID, Options: options},
		{Name: "account", Kind: chat.Line1, Label: "Account", Value: o.Account, Max: 200},
		{Name: "stage", Kind: chat.Choice, Label: "Stage", Value: o.Stage, Options: stages()},
		{Name: "competitor", Kind: chat.Line1, Label: "Competitor", Value: o.Competitor, Max: 200},
		{Name: "lead", Kind: chat.Search, Suggest: "leads", Label: "Lead", Hint: "Its id in the CRM, e-mail address, or reference such as L-12",
			Value: v.Lead, Max: 200},
		{Name: "for", Kind: chat.Line1, Label: "Heard by a colleague?", Hint: "Their name; both of you are named", Value: v.For, Max: 200},
	}
	return f
}

func stages() []chat.Option {
	var o []chat.Option
	for _, s := range []string{"prospecting", "discovery", "evaluation", "negotiation", "purchase", "reorder"} {
		o = append(o, chat.Option{Value: s, Label: s})
	}
	return o
}
