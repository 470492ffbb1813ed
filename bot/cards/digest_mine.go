package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// RecapView is what waits for a person, and how their own leads stand.
type RecapView struct {
	Period
	Items []truce.Pending // in their order; at most five are shown
	// Proposals are how many wait for the person's yes, Actions those of the task force that are due: the home page has them.
	Proposals, Actions int

	Totals *WeekView // of their own leads; nil in the morning's recap
	New    int       // leads of theirs that imports have brought since Since
	News   int       // leads of theirs, known before, of which imports told more
	Since  time.Time // the recap before
}

// RecapShown is how many things a recap shows.
const RecapShown = 5

// Recap tells a person what waits for them, at most five things, each with the button that does it.
func Recap(v RecapView, terms truce.Terms) chat.Card {
	n := len(v.Items) + v.Proposals + v.Actions
	c := chat.Card{Key: "digest.mine", Summary: plural(n, "thing waits", "things wait") + " for you."}
	c.Title = chat.T(c.Summary)
	if n == 0 {
		c.Summary = "Nothing waits for you."
		c.Title = chat.T(c.Summary)
	}
	for _, i := range v.Items[:min(RecapShown, len(v.Items))] {
		c.Blocks = append(c.Blocks, chat.Block{Text: recapLine(i, v.AsOf, terms)}, chat.ButtonRow(recapButtons(i)...))
	}
	c.Blocks = append(c.Blocks, Page{List: "home", Shown: min(RecapShown, len(v.Items)), Of: len(v.Items)}.More()...)
	if s := v.beside(); s != "" {
		c.Blocks = append(c.Blocks, chat.Para(s), chat.ButtonRow(chat.Ask("/truce home", "command.open", "truce home")))
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
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Pause my copy", "digest.pause", "mine")))
	c.Footer = chat.T("Only you see this.")
	return c
}

// beside says what waits for the person that is neither a lead nor a case; "" is nothing.
func (v RecapView) beside() string {
	var list []string
	if v.Proposals > 0 {
		list = append(list, plural(v.Proposals, "proposal for your yes", "proposals for your yes"))
	}
	if v.Actions > 0 {
		list = append(list, plural(v.Actions, "action of the task force that is due", "actions of the task force that are due"))
	}
	if len(list) == 0 {
		return ""
	}
	return "On your home page: " + strings.Join(list, " and ") + "."
}

var recapSays = map[truce.PromiseKind]string{
	truce.OwnerPromise:    "a colleague would send your lead back. Say first",
	truce.AnswerPromise:   "waits for Marketing's answer",
	truce.EvidencePromise: "Marketing asks you one thing",
	truce.ReplyPromise:    "declined. Accept it or escalate",
	truce.RulingPromise:   "waits for your ruling",
	truce.VerdictPromise:  "accept or reject the lead",
	truce.TouchPromise:    "waits for a first touch",
}

func recapLine(p truce.Pending, asOf time.Time, t truce.Terms) chat.Text {
	line := chat.T(p.Subject + " · " + p.Lead.Title() + ": " + recapSays[p.Kind])
	switch {
	case p.Why == truce.FullPause:
		return append(line, chat.T(", in turn: its time has not begun")...)
	case p.Why != truce.NoPause:
		return append(line, chat.T("; its time stands still")...)
	case p.DueAt.Before(asOf):
		line = append(append(line, chat.T(", ")...), late(p.DueAt, asOf, t.Calendar)...)
	default:
		line = append(line, chat.T(", due ", chat.At(p.DueAt, t.Calendar.Loc, chat.DayTime))...)
	}
	if said := also(p, asOf, t); len(said) > 0 {
		line = append(append(line, chat.T(".")...), said...)
	}
	return line
}

func recapButtons(p truce.Pending) []chat.Button {
	show := chat.Press("Open "+p.Subject, "lead.show", p.Subject)
	switch {
	case !p.OnLead():
		show.Action = "dispute.show"
	case p.Kind == truce.VerdictPromise:
		return []chat.Button{chat.Press("Accept", "lead.accept", p.Subject).As(chat.Primary), show}
	}
	return []chat.Button{show}
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
