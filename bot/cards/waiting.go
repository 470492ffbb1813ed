package cards

import (
	"fmt"
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file says what waits for whom until when. What is past is never said to be due: "was due Thu 26 Nov 10:00, 2 business days late".

// whoDoes says what is done by whom, as everybody reads it.
var whoDoes = map[truce.PromiseKind]string{
	truce.OwnerPromise:    "The lead's owner says whether Marketing is to decide",
	truce.AnswerPromise:   "Marketing answers",
	truce.EvidencePromise: "The rep answers",
	truce.ReplyPromise:    "The rep accepts that or escalates",
	truce.RulingPromise:   "One manager of each side rules",
	truce.VerdictPromise:  "Accept or reject",
	truce.TouchPromise:    "First touch",
}

// youDo says what the reader does.
var youDo = map[truce.PromiseKind]string{
	truce.OwnerPromise:    "You say whether Marketing is to decide on your lead",
	truce.AnswerPromise:   "Marketing answers",
	truce.EvidencePromise: "You answer Marketing's question",
	truce.ReplyPromise:    "You accept the decline, or escalate",
	truce.RulingPromise:   "You rule",
	truce.VerdictPromise:  "Accept or reject",
	truce.TouchPromise:    "First touch",
}

// byWhen is what is done until when.
func byWhen(what string, due, now time.Time, c truce.Calendar) chat.Text {
	if due.Before(now) {
		return append(chat.T(chat.B(what), ", "), late(due, now, c)...)
	}
	return chat.T(chat.B(what+" by "), chat.At(due, c.Loc, chat.DayTime))
}

// late says of what is past when it was due, and by how much it is late.
func late(due, now time.Time, c truce.Calendar) chat.Text {
	t := chat.T("was due ", chat.At(due, c.Loc, chat.DayTime))
	switch days, d := c.DaysLate(due, now), c.Between(due, now); {
	case days > 0:
		t = append(t, chat.T(", "+plural(days, "business day", "business days")+" late")...)
	case d > 0:
		t = append(t, chat.T(", "+span(d)+" late")...)
	}
	return t
}

// dueWhen is when something is or was due, where no business hours are known.
func dueWhen(due, now time.Time, loc *time.Location) chat.Text {
	if due.Before(now) {
		return chat.T("was due ", chat.At(due, loc, chat.DayTime))
	}
	return chat.T("due ", chat.At(due, loc, chat.DayTime))
}

// pending says who does what until when, or why no time runs.
func pending(p truce.Pending, what string, now time.Time, t truce.Terms) chat.Text {
	if p.Why == truce.NoPause {
		return byWhen(what, p.DueAt, now, t.Calendar)
	}
	clock := "its time stands still until then"
	if p.ID == "" {
		clock = "its time has not begun"
	}
	switch {
	case p.Kind == truce.AnswerPromise && p.Why == truce.NobodyPause:
		return chat.T(chat.B("Nobody is in Marketing yet"), ": the case is kept, and its time begins when somebody is")
	case p.Kind == truce.AnswerPromise && p.Why == truce.NonePause:
		return chat.T(chat.B("Marketing answers when somebody is there to: " + clock))
	case p.Why == truce.FullPause:
		return chat.T(chat.B(fmt.Sprintf("Marketing answers in turn: everybody there has %d to answer, and its time begins when one of them "+
			"has room", t.MostAnswers)))
	case p.Why == truce.DataPause:
		return chat.T(chat.B(what), ": its time stands still until the CRM is heard again")
	case p.Why == truce.SoonPause:
		return chat.T(chat.B(what), ": its time begins in a moment")
	case p.Why == truce.NobodyPause:
		return chat.T(chat.B(what + " when there is one"))
	case p.OnLead():
		return chat.T(what + " when its owner is back")
	case p.Kind == truce.OwnerPromise:
		return chat.T(chat.B(what + ", when back"))
	}
	return chat.T(chat.B(what + " when back"))
}

// UntilWhen is what somebody does until when, as plain text.
func UntilWhen(p truce.Pending, what string, asOf time.Time, t truce.Terms) string {
	return pending(p, what, asOf, t).String()
}

// waiting says of a case who does what by when.
func waiting(f truce.CaseFile, t truce.Terms) chat.Text {
	if len(f.Pending) == 0 {
		return nil
	}
	p := f.Pending[0]
	what := whoDoes[p.Kind]
	if p.Kind == truce.RulingPromise {
		for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
			if _, ok := f.RulingOf(s.Other()); ok {
				what = "The manager of " + s.Title() + " rules"
			}
		}
		if p.Side == truce.TheSponsor {
			what = "The sponsor rules"
		}
	}
	return pending(p, what, f.Now, t)
}

// leadDue says what waits about the lead itself.
func leadDue(f truce.LeadFile, t truce.Terms) chat.Text {
	var said chat.Text
	for _, p := range f.Pending {
		what := whoDoes[p.Kind]
		if what == "" {
			continue
		}
		if len(said) > 0 {
			said = append(said, chat.T(" · ")...)
		}
		said = append(said, pending(p, what, f.Now, t)...)
	}
	return said
}

// dueCell is when a case is due, in a table.
func dueCell(f truce.CaseFile, t truce.Terms) string {
	switch {
	case len(f.Pending) == 0:
		return ""
	case f.Pending[0].Why != truce.NoPause:
		return "its time stands still"
	case f.Pending[0].DueAt.Before(f.Now):
		return chat.T(late(f.Pending[0].DueAt, f.Now, t.Calendar)).String()
	}
	return chat.At(f.Pending[0].DueAt, t.Calendar.Loc, chat.DayTime).Format()
}

// Items are things that wait for their reader, each with its buttons.
func Items(list []truce.Item, by truce.Person, t truce.Terms) []chat.Block {
	var b []chat.Block
	for _, i := range list {
		switch {
		case i.Case != nil:
			b = append(b, caseItem(i, by, t)...)
		case i.Lead != nil:
			b = append(b, leadItem(i, by, t)...)
		}
	}
	return b
}

// MoreItems goes on with what waits for its reader.
func MoreItems(list []truce.Item, p Page, by truce.Person, t truce.Terms) chat.Card {
	c := chat.Card{Key: "home.more", Summary: plural(p.Of, "thing waits", "things wait") + " for you."}
	if len(list) == 0 {
		c.Summary = "Nothing more waits for you."
		c.Blocks = append(c.Blocks, chat.Para(c.Summary))
		return c
	}
	c.Title = chat.T(p.Caption("What waits for you, the first due first"))
	c.Blocks = append(Items(list, by, t), p.More()...)
	return c
}

// silence is what becomes of a case if its time passes in silence.
func silence(p truce.Pending, f truce.CaseFile) string {
	switch {
	case f.Was.Outcome != truce.NoOutcome && p.Kind != truce.EvidencePromise &&
		(p.Kind != truce.RulingPromise || f.State == truce.DisputeSponsor):
		return "what people had decided stands"
	case f.State == truce.DisputeSponsor:
		return "Marketing's answer stands"
	}
	return map[truce.PromiseKind]string{truce.OwnerPromise: "Marketing decides", truce.AnswerPromise: "it is upheld by lapse",
		truce.EvidencePromise: "Marketing decides on what there is",
		truce.ReplyPromise:    "the decline stands", truce.RulingPromise: "the sponsor decides"}[p.Kind]
}

func caseItem(i truce.Item, by truce.Person, t truce.Terms) []chat.Block {
	f := *i.Case
	head := chat.T("⚖️ ", chat.B(f.ID+" · "+f.Lead.Title()), " — ", chat.I(f.Reason.Info().Label), "\n")
	head = append(head, pending(i.Pending, youDo[i.Kind], f.Now, t)...)
	if i.Why == truce.NoPause {
		head = append(head, chat.T("; then "+silence(i.Pending, f))...)
	}
	head = append(append(head, chat.T(".")...), also(i.Pending, f.Now, t)...)
	said := f.Said()
	switch i.Kind {
	case truce.EvidencePromise:
		said = f.Question
	case truce.ReplyPromise:
		said = f.Answer
	}
	b := append([]chat.Block{{Text: head}}, quoted(said)...)
	if i.Kind == truce.RulingPromise { // who rules sees both sides' words, and how like cases were ruled, before the button
		b = append(b, bothSides(f)...)
		if p := precedents(f, t); len(p) > 0 {
			b = append(b, chat.Small(p.String()[len(" · "):]+"."))
		}
		b = append(b, caseFit(f)...)
	}
	return append(b,
		row(append(buttonsOf(f, &by, t), chat.Press("Show "+f.ID, "dispute.show", f.ID))...)...)
}

// also says what else is owed on the same lead.
func also(p truce.Pending, now time.Time, t truce.Terms) (said chat.Text) {
	for _, o := range p.Also {
		if what := whoDoes[o.Kind]; what != "" && !o.DueAt.IsZero() {
			said = append(append(said, chat.T(" ")...), append(byWhen(what, o.DueAt, now, t.Calendar), chat.T(".")...)...)
		}
	}
	return said
}

func leadItem(i truce.Item, by truce.Person, t truce.Terms) []chat.Block {
	f := *i.Lead
	head := chat.T(chat.B(f.Ref+" · "+f.Title()), " · source "+truce.SourceName(f.Source), "\n")
	head = append(head, pending(i.Pending, youDo[i.Kind], f.Now, t)...)
	head = append(append(head, chat.T(".")...), also(i.Pending, f.Now, t)...)
	blocks, show := []chat.Block{{Text: head}}, chat.Press("Show "+f.Ref, "lead.show", f.Ref)
	if i.Kind == truce.TouchPromise {
		rate := rateRow(f.Lead)
		rate.Buttons = append(rate.Buttons, show)
		return append(append(blocks, rate), touchSelect(f, by)...)
	}
	var b []chat.Button
	if f.MayAccept(by) == nil {
		b = append(b, chat.Press("Accept", "lead.accept", f.Ref).As(chat.Primary))
	}
	if f.MayReject(by) == nil {
		b = append(b, chat.Ask("Reject…", "lead.reject", f.Ref))
	}
	blocks = append(blocks, row(append(b, show)...)...)
	if slices.ContainsFunc(i.Also, func(p truce.Promise) bool { return p.Kind == truce.TouchPromise }) {
		blocks = append(blocks, touchSelect(f, by)...)
	}
	return blocks
}
