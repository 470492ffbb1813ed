package cards

import (
	"fmt"

	"truce"
	"truce/bot/chat"
)

// ThemesView is how objections are gathered.
type ThemesView struct {
	Rows      []ThemeRow
	Proposals []ThemeProposal
	Merges    [][2]truce.Theme // pairs that people use for the same thing
	Marketer  bool
}

// ThemeRow is a theme with how often it was heard in all.
type ThemeRow struct {
	Theme truce.Theme
	Times int
}

// ThemeProposal is a theme that objections which fit none could be gathered under.
type ThemeProposal struct {
	Name  string
	Texts []string
	Times int
	Arg   string // the ids of the objections
}

// Themes shows the themes, and what could be tidied.
func Themes(v ThemesView) chat.Card {
	c := chat.Card{Key: "themes", Summary: "The themes of objections.", Title: chat.T("Themes")}
	for _, p := range v.Proposals {
		c.Blocks = append(c.Blocks, chat.Para(chat.B("A new theme? "), fmt.Sprintf("%s fit none: ", Objections(p.Times)), chat.B(p.Name)))
		for _, s := range p.Texts {
			c.Blocks = append(c.Blocks, chat.Quote(s))
		}
		if v.Marketer {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Make it a theme", "theme.new", p.Arg)))
		}
	}
	for _, m := range v.Merges {
		c.Blocks = append(c.Blocks, chat.Para("People use ", chat.B(m[0].Name), " and ", chat.B(m[1].Name), " for the same thing."))
		if v.Marketer {
			c.Blocks = append(c.Blocks, chat.ButtonRow(mergeButton(m[0], m[1]), mergeButton(m[1], m[0])))
		}
	}
	t := chat.Table{Caption: "All themes", Columns: []chat.Column{{Title: "Theme"}, {Title: "Heard", Number: true}}}
	if v.Marketer {
		t.Columns = append(t.Columns, chat.Column{Title: "Tidy"})
	}
	for _, r := range v.Rows {
		open := chat.Press(r.Theme.Name, "objection.heard", "theme "+r.Theme.ID)
		row := []chat.Cell{{Text: r.Theme.Name, Button: &open}, number(r.Times)}
		if v.Marketer {
			edit := chat.Ask("Rename or merge", "theme.edit", r.Theme.ID)
			row = append(row, chat.Cell{Text: edit.Label, Button: &edit})
		}
		t.Rows = append(t.Rows, row)
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t))
	return c
}

// Objections is a number of them, in words.
func Objections(n int) string {
	if n == 1 {
		return "1 objection"
	}
	return fmt.Sprintf("%d objections", n)
}

func mergeButton(from, into truce.Theme) chat.Button {
	b := chat.Press("Keep "+into.Name, "theme.merge", from.ID+" "+into.ID)
	b.Confirm = "All objections and answers of " + from.Name + " go to " + into.Name + ". This is not undone by itself."
	return b
}

// ThemeForm asks for a theme's new name, or which one it becomes part of.
func ThemeForm(t truce.Theme, others []truce.Theme) chat.Form {
	f := chat.Form{Name: "theme", Title: "Rename or merge", Submit: "Save", State: t.ID,
		Fields: []chat.Field{
			{Name: "name", Kind: chat.Line1, Label: "Name", Value: t.Name, Required: true, Max: 60},
			{Name: "into", Kind: chat.Choice, Label: "Make it part of", Hint: "Its objections and answers go there; empty leaves it as it is."},
		}}
	for _, o := range others {
		if o.ID != t.ID {
			f.Fields[1].Options = append(f.Fields[1].Options, chat.Option{Value: o.ID, Label: o.Name})
		}
	}
	return f
}

// NewThemeForm asks for the name of a new theme.
func NewThemeForm(name, state string, n int) chat.Form {
	return chat.Form{Name: "theme.new", Title: "New theme", Submit: "Make it", State: state, Intro: chat.T(Objections(n) + " go there."),
		Fields: []chat.Field{{Name: "name", Kind: chat.Line1, Label: "Name", Value: name, Required: true, Max: 60}}}
}

// ThemeDone says what changed about a theme.
func ThemeDone(sentence string) chat.Card {
	return chat.Card{Key: "theme.done", Summary: sentence, Blocks: []chat.Block{chat.Para("✓ " + sentence)}}
}
