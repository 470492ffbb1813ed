package cards

import (
	"fmt"
	"unicode/utf8"

	"truce/bot/chat"
)

// AttributeView is the leads of a period by an attribute, which the period names.
type AttributeView struct {
	Period
	Rows   []GroupRow
	Values int // how many different ones there are
	Losses bool
	Won    Share    // with a value, of the won leads: where that is so much more than of the others that it came with the win
	Other  Share    // of the others
	Others []string // attributes to look at instead

	Standouts StandoutsView
}

// StandoutsView is what comparing the win rates of values came to.
type StandoutsView struct {
	Compared bool           // there were enough closed on both sides of at least one
	List     []StandoutView // values won more or less often than all others, the clearest first
	Depends  []string       // values that differ, but not in every segment
}

// note says what may be made of the table.
func (v StandoutsView) note() string {
	if !v.Compared {
		return " Under 30 leads a difference says little."
	}
	s := ""
	switch {
	case len(v.Depends) > 0:
		s = " The win rate of " + and(v.Depends[:min(shownStandouts, len(v.Depends))]) + " differs from that of the others, but not in every segment."
	case len(v.List) == 0:
		s = " No value's win rate differs from that of all others beyond chance."
	}
	if len(v.List) > 0 {
		s += " What goes with something need not come of it."
	}
	return s + " " + winsNote
}

// StandoutView is a value whose leads are won more, or less, often than all others.
type StandoutView struct {
	Name          string
	Higher        bool
	Share, Others Share // won of closed
}

// sentence says what the value goes with; never what it brings about.
func (v StandoutView) sentence() string {
	return fmt.Sprintf("“%s” goes with a %s win rate: %s closed are won (%s), %s others.", v.Name, map[bool]string{true: "higher", false: "lower"}[v.Higher], v.Share.ofAll(), v.Share.Range(), v.Others.ofAll())
}

// shownStandouts is how many sentences stand above a table.
const shownStandouts = 3

// ByAttribute is a table of the leads by any attribute.
func ByAttribute(v AttributeView) chat.Card {
	title := "Leads by " + v.By + ", " + v.Of(v.Span())
	c := chat.Card{Key: "digest.by", Summary: title + ".", Title: chat.T(title)}
	if v.Won.K > 0 {
		c.Blocks = append(c.Blocks, chat.Para(fmt.Sprintf("%s is known of %s of %s won leads and of %s of %s others. It seems to have been written down with the win, so it says nothing of who wins.", v.By,
			count(v.Won.K), count(v.Won.N), count(v.Other.K), count(v.Other.N))))
	}
	for _, s := range v.Standouts.List[:min(shownStandouts, len(v.Standouts.List))] {
		c.Blocks = append(c.Blocks, chat.Para(s.sentence()))
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(Group(GroupTable{Name: upperFirst(v.By), Rows: v.Rows}, v.Period, v.Losses, 0)))
	note := fmt.Sprintf("%s. Counted from the leads themselves, as they stand.", plural(v.Values, "value", "values"))
	c.Blocks = append(c.Blocks, chat.Small(note+v.Standouts.note()))
	if len(v.Others) > 0 {
		c.Blocks = append(c.Blocks, AttributeSelect(v.Period, v.Others))
	}
	c.Blocks = append(c.Blocks, PeriodSelect(v.Period), chat.ButtonRow(chat.Press("How this is computed", "digest.how", v.Kind)))
	c.Footer = chat.T("Leads that qualified ", v.In(v.Span()), ", as of ", chat.At(v.AsOf, v.Loc, chat.DayTime), ".")
	return c
}

// AttributeSelect lets the reader table the leads by another attribute.
func AttributeSelect(p Period, names []string) chat.Block {
	s := chat.Select{Label: "Leads by", Action: "digest.by", Arg: p.Arg()}
	for _, n := range names {
		if utf8.RuneCountInString(n) <= 75 && len(s.Options) < 100 { // what chat.Select takes
			s.Options = append(s.Options, chat.Option{Value: n, Label: n})
		}
	}
	return chat.SelectBlock(s)
}
