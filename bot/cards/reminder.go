package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// ReminderView is what a person is reminded of.
type ReminderView struct {
	Items []truce.Item    // that wait, the first of them
	Count int             // of all that wait
	Over  []truce.Pending // of which the person was reminded, and which wait for them no more
}

// Reminder reminds a person of what they owe, each thing doable there.
func Reminder(v ReminderView, by truce.Person, t truce.Terms) chat.Card {
	c := chat.Card{Key: "reminder", Summary: "A reminder: one thing waits for you."}
	switch {
	case v.Count == 0:
		c.Summary = "Nothing of this reminder waits for you any more."
	case v.Count > 1:
		c.Summary = fmt.Sprintf("A reminder: %d things wait for you.", v.Count)
	}
	c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	if len(v.Items) > 0 { // what a telephone shows of it
		c.Summary = dueLine(v.Items[0], t)
		if v.Count > 1 {
			c.Summary += fmt.Sprintf(" And %d more.", v.Count-1)
		}
	}
	c.Blocks = append(c.Blocks, Items(v.Items, by, t)...)
	if more := v.Count - len(v.Items); more > 0 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("And %d more.", more)),
			chat.ButtonRow(chat.Press("All that waits", "list.more", "home 0")))
	}
	for i, o := range v.Over {
		if i == truce.ShownAtOnce {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("And %d more that wait for you no more.", len(v.Over)-i)))
			break
		}
		c.Blocks = append(c.Blocks, chat.Small(o.Subject+" · "+o.Lead.Title()+": "+overAs(o.Promise)+"."))
	}
	return c
}

// dueLine is one thing that waits, as a telephone shows it: "D-12, Northfield Labs, waits for you until Tue 3 Mar 15:00."
func dueLine(i truce.Item, t truce.Terms) string {
	name, now := "One thing", time.Time{}
	switch {
	case i.Case != nil:
		name, now = i.Case.ID+", "+i.Case.Lead.Title(), i.Case.Now
	case i.Lead != nil:
		name, now = i.Lead.Ref+", "+i.Lead.Title(), i.Lead.Now
	}
	switch {
	case i.Why != truce.NoPause || i.DueAt.IsZero():
		return name + ", waits for you."
	case i.DueAt.Before(now):
		return name + ", " + late(i.DueAt, now, t.Calendar).String() + "."
	}
	return name + ", waits for you until " + chat.At(i.DueAt, t.Calendar.Loc, chat.DayTime).Format() + "."
}

// overAs is how a promise ended that somebody was reminded of.
func overAs(p truce.Promise) string {
	switch p.Result {
	case truce.Kept:
		return "done"
	case truce.Late:
		return "done, late"
	case truce.Lapsed:
		return "its time has passed"
	case truce.Paused:
		return "it waits for somebody else first"
	}
	return "it does not wait for you any more"
}

// RatingAsked asks for ratings, once, each with one tap.
func RatingAsked(leads []truce.Lead) chat.Card {
	c := chat.Card{Key: "rating.asked", Summary: "How good were they? One tap each; I ask once."}
	c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	for i, l := range leads {
		if i == truce.ShownAtOnce {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("And %d more: /lead unrated lists all.", len(leads)-truce.ShownAtOnce)))
			break
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B(l.Ref+" · "+l.Title())), rateRow(l))
	}
	return c
}

func rateRow(l truce.Lead) chat.Block {
	var b []chat.Button
	for _, r := range []truce.Rating{truce.Good, truce.Fair, truce.Poor} {
		b = append(b, chat.Press(title(r.String()), "lead.rate", fmt.Sprintf("%s %d", l.Ref, int(r))))
	}
	return chat.ButtonRow(b...)
}

// Missed tells the one who was silent, or their manager, that a case moved on without them.
func Missed(d truce.Dispute, l truce.Lead, p truce.Promise, self bool) chat.Card {
	what := map[truce.PromiseKind]string{truce.OwnerPromise: "a word of the lead's owner", truce.AnswerPromise: "an answer",
		truce.EvidencePromise: "an answer to Marketing's question",
		truce.ReplyPromise:    "a reply", truce.RulingPromise: "a ruling"}[p.Kind]
	s := fmt.Sprintf("%s · %s moved on without %s: now %s.", d.ID, l.Title(), what, stands(d))
	if self {
		s += " It counts as a promise not kept by " + p.Side.Title() + ", and in no figure about the lead."
	} else {
		s += " You may want to ask what kept it. It counts in no figure about the lead."
	}
	return chat.Card{Key: "missed", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("Show "+d.ID, "dispute.show", d.ID))}}
}
