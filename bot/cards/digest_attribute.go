package cards

import (
	"fmt"
	"strings"
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
		return " Too few have closed to compare win rates: it takes 20 of a value and 20 of all others."
	}
	s := ""
	switch {
	case len(v.Depends) > 0:
		s = " The win rate of " + and(v.Depends[:min(shownStandouts, len(v.Depends))]) +
			" differs from that of the others, but not in every segment."
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
	return fmt.Sprintf("“%s” goes with a %s win rate: %s closed are won (%s), %s others.", v.Name,
		map[bool]string{true: "higher", false: "lower"}[v.Higher], v.Share.ofAll(), v.Share.Range(), v.Others.ofAll())
}

// shownStandouts is how many sentences stand above a table.
const shownStandouts = 3

// ByAttribute is a table of the leads by any attribute.
func ByAttribute(v AttributeView) chat.Card {
	title := "Leads by " + v.By + ", " + v.Of(v.Span())
	c := chat.Card{Key: "digest.by", Summary: title + ".", Title: chat.T(title)}
	if v.Won.K > 0 {
		c.Blocks = append(c.Blocks, chat.Para(fmt.Sprintf("%s is known of %s of %s won leads and of %s of %s others. It seems to have been "+
			"written down with the win, so it says nothing of who wins.", v.By,
			count(v.Won.K), count(v.Won.N), count(v.Other.K), count(v.Other.N))))
	}
	for _, s := range v.Standouts.List[:min(shownStandouts, len(v.Standouts.List))] {
		c.Blocks = append(c.Blocks, chat.Para(s.sentence()))
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(Group(GroupTable{Name: upperFirst(v.By), Rows: v.Rows}, v.Period, v.Losses, 0)))
	note := fmt.Sprintf("%s. Counted from the leads themselves, as they stand.", plural(v.Values, "value", "values"))
	switch {
	case v.Won.K > 0: // it says nothing of who wins, and that is said
	case !v.Losses:
		note += " No lost deals are recorded: there is nothing to hold wins against."
	default:
		note += v.Standouts.note()
	}
	c.Blocks = append(c.Blocks, chat.Small(note))
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

// ColumnUnsure says that an admin has to say whether a column names people before leads are tabled by it.
func ColumnUnsure(column, arg string) chat.Card {
	s := "Whether “" + column + "” holds names of people cannot be told from its values. There are no tables of people here, so an admin " +
		"says once whether it does."
	return chat.Card{Key: "digest.column", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("Ask an admin", "digest.column.ask", arg))}}
}

// ColumnAsked confirms that the admins were asked; n is how many there are.
func ColumnAsked(column string, n int) chat.Card {
	s := "Asked: " + plural(n, "admin says", "admins may say") + " whether “" + column +
		"” holds names of people. Ask for the table again once that is said."
	return chat.Card{Key: "digest.column.asked", Summary: s, Blocks: []chat.Block{chat.Para("✓ " + s)}}
}

// ColumnAskKey is the key of ColumnAsk.
const ColumnAskKey = "digest.column.say"

// ColumnAsk asks an admin whether the values of a column of the CRM name people.
func ColumnAsk(column string, values []string, arg string) chat.Card {
	c := chat.Card{Key: ColumnAskKey, Summary: "Does “" + column + "” hold names of people?",
		Title: chat.T("Does “" + column + "” hold names of people?")}
	c.Blocks = append(c.Blocks, chat.Para("Leads can be tabled by a column of the CRM, but never by people: that would rank colleagues or "+
		"buyers. Of this column it cannot be told from its values. You say it once, for everybody."))
	if len(values) > 0 {
		shown := values[:min(len(values), shownValues)]
		text := "Its values: " + strings.Join(shown, " · ")
		if more := len(values) - len(shown); more > 0 {
			text += " · and " + count(more) + " more"
		}
		c.Blocks = append(c.Blocks, chat.Para(text+"."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Yes, names of people", "digest.column.people", arg),
		chat.Press("No, table by it", "digest.column.plain", arg)))
	return c
}

// shownValues is how many values of a column an admin is shown.
const shownValues = 12

// ColumnSaid confirms what an admin said of a column.
func ColumnSaid(column string, people bool, arg string) chat.Card {
	s, undo := "“"+column+"” holds no names of people: leads can be tabled by it.",
		chat.Press("It does hold names", "digest.column.people", arg)
	if people {
		s, undo = "“"+column+"” holds names of people: nothing is tabled by it.", chat.Press("It holds none", "digest.column.plain", arg)
	}
	c := chat.Card{Key: "digest.column.said", Summary: s, Blocks: []chat.Block{chat.Para("✓ " + s)}}
	row := []chat.Button{undo}
	if !people {
		row = append([]chat.Button{chat.Press("Show the table", "digest.column.show", arg)}, row...)
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}
