package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// RecapView is what waits for a person, and how their own leads stand.
type RecapView struct {
	Period
	Items  []RecapItem // at most five are shown
	Totals *WeekView   // of their own leads; nil in the morning's recap
	New    int         // leads of theirs that imports have brought since Since
	News   int         // leads of theirs, known before, of which imports told more
	Since  time.Time   // the recap before
}

// RecapItem is one thing that waits.
type RecapItem struct {
	Text    string // "D-12, Northfield Labs: answer it"
	Due     time.Time
	Overdue bool
	Buttons []chat.Button
}

// RecapShown is how many things a recap shows.
const RecapShown = 5

// Recap tells a person what waits for them, at most five things, each with the button that does it.
func Recap(v RecapView) chat.Card {
	c := chat.Card{Key: "digest.mine", Summary: plural(len(v.Items), "thing waits", "things wait") + " for you."}
	c.Title = chat.T(c.Summary)
	if len(v.Items) == 0 {
		c.Summary = "Nothing waits for you."
		c.Title = chat.T(c.Summary)
	}
	for _, i := range v.Items[:min(RecapShown, len(v.Items))] {
		t := chat.T(i.Text)
		if !i.Due.IsZero() {
			when := ", due "
			if i.Overdue {
				when = ", was due "
			}
			t = append(t, chat.T(when, chat.At(i.Due, v.Loc, chat.DayTime))...)
		}
		c.Blocks = append(c.Blocks, chat.Block{Text: t})
		if len(i.Buttons) > 0 {
			c.Blocks = append(c.Blocks, chat.ButtonRow(i.Buttons...))
		}
	}
	if more := len(v.Items) - RecapShown; more > 0 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("And %d more: /truce home shows them all.", more)))
	}
	if t := v.imported(); len(t) > 0 {
		c.Blocks = append(c.Blocks, chat.Block{Text: t})
	}
	if w := v.Totals; w != nil {
		if w.Leads == 0 {
			c.Blocks = append(c.Blocks, chat.Para("No leads of yours qualified "+v.In(v.Span())+"."))
		} else {
			s := fmt.Sprintf(" %s: %s, %s judged, %s open", v.In(v.Span()), plural(w.Leads, "lead", "leads"), count(w.Judged), count(w.Open))
			if w.Won > 0 { // most are too young to have won, and nobody wants to read 0 each morning
				s += ", " + count(w.Won) + " won"
			}
			c.Blocks = append(c.Blocks, chat.Para(chat.B("Your leads"), s+"."))
		}
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Pause", "digest.pause", "mine")))
	c.Footer = chat.T("Only you see this.")
	return c
}

// imported is the one line about imports, which send no notices.
func (v RecapView) imported() chat.Text {
	if v.New == 0 && v.News == 0 {
		return nil
	}
	var what []string
	if v.New > 0 {
		what = append(what, plural(v.New, "new lead of yours", "new leads of yours"))
	}
	if v.News > 0 {
		what = append(what, "news of "+plural(v.News, "lead", "leads")+" that you had")
	}
	return chat.T(chat.B("From the CRM"), " since ", chat.At(v.Since, v.Loc, chat.DayTime), ": "+and(what)+". /lead mine lists them.")
}
