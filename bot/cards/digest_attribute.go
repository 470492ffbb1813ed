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
}

// ByAttribute is a table of the leads by any attribute.
func ByAttribute(v AttributeView) chat.Card {
	title := "Leads by " + v.By + ", " + v.Of(v.Span())
	c := chat.Card{Key: "digest.by", Summary: title + ".", Title: chat.T(title)}
	if v.Won.K > 0 {
		c.Blocks = append(c.Blocks, chat.Para(fmt.Sprintf("%s is known of %s of %s won leads and of %s of %s others. It seems to have been written down with the win, so it says nothing of who wins.", v.By,
			count(v.Won.K), count(v.Won.N), count(v.Other.K), count(v.Other.N))))
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(GroupTable{Name: upperFirst(v.By), Rows: v.Rows}.table(FiguresView{Period: v.Period, Losses: v.Losses})))
	c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("%s. Counted from the leads themselves, as they stand. Under 30 leads a difference says little.", plural(v.Values, "value", "values"))))
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
