package cards

import (
	"fmt"

	"truce"
	"truce/bot/chat"
)

const mostOwed = 8 // what fits into one message

// Reminder reminds a person of what they owe, each thing doable there.
func Reminder(list []truce.Owed, by truce.Person, t truce.Terms) chat.Card {
	c := chat.Card{Key: "reminder", Summary: "A reminder: one thing waits for you."}
	if len(list) > 1 {
		c.Summary = fmt.Sprintf("A reminder: %d things wait for you.", len(list))
	}
	c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	c.Blocks = append(c.Blocks, OwedBlocks(list, by, t)...)
	return c
}

// OwedBlocks are things owed with their buttons.
func OwedBlocks(list []truce.Owed, by truce.Person, t truce.Terms) []chat.Block {
	var blocks []chat.Block
	for i, o := range list {
		if i == mostOwed {
			return append(blocks, chat.Small(fmt.Sprintf("And %d more: /truce home shows all.", len(list)-mostOwed)))
		}
		switch {
		case o.Case != nil:
			blocks = append(blocks, owedCase(o, by, t)...)
		case o.Lead != nil:
			blocks = append(blocks, owedLead(o, by, t)...)
		}
	}
	return blocks
}

func owedCase(o truce.Owed, by truce.Person, t truce.Terms) []chat.Block {
	f := *o.Case
	what := map[truce.PromiseKind]string{truce.OwnerPromise: "you say whether Marketing is to decide on your lead", truce.AnswerPromise: "Marketing answers", truce.EvidencePromise: "you answer Marketing's question",
		truce.ReplyPromise: "you accept the decline, or escalate", truce.RulingPromise: "you rule"}[o.Promise.Kind]
	after := map[truce.PromiseKind]string{truce.OwnerPromise: "Marketing decides", truce.AnswerPromise: "it is upheld by lapse", truce.EvidencePromise: "Marketing decides on what there is",
		truce.ReplyPromise: "the decline stands", truce.RulingPromise: "the sponsor decides"}[o.Promise.Kind]
	if f.State == truce.DisputeSponsor {
		after = "Marketing's answer stands"
	}
	if f.Was.Outcome != truce.NoOutcome && o.Promise.Kind != truce.EvidencePromise && (o.Promise.Kind != truce.RulingPromise || f.State == truce.DisputeSponsor) {
		after = "what people had decided stands"
	}
	blocks := []chat.Block{chat.Para("⚖️ ", chat.B(f.ID+" · "+f.Lead.Title()), " — ", chat.I(f.Reason.Info().Label), "\n", chat.B(title(what)+" by "),
		chat.At(o.Promise.DueAt, t.Calendar.Loc, chat.DayTime), "; then "+after+".")}
	said := f.Text
	switch o.Promise.Kind {
	case truce.EvidencePromise:
		said = f.Question
	case truce.ReplyPromise:
		said = f.Answer
	}
	blocks = append(blocks, chat.Quote(said))
	return append(blocks, row(append(buttonsOf(f, &by, t), chat.Press("Show "+f.ID, "dispute.show", f.ID))...)...)
}

func owedLead(o truce.Owed, by truce.Person, t truce.Terms) []chat.Block {
	f := *o.Lead
	what, after := "Accept or reject", "; then it counts as accepted by silence."
	if o.Promise.Kind == truce.TouchPromise {
		what, after = "First touch", "."
	}
	if o.Touch != nil {
		after = "; then it counts as accepted by silence. First touch by " + chat.At(o.Touch.DueAt, t.Calendar.Loc, chat.DayTime).Format() + "."
	}
	blocks := []chat.Block{chat.Para(chat.B(f.Ref+" · "+f.Title()), " · source "+truce.SourceName(f.Source), "\n", chat.B(what+" by "), chat.At(o.Promise.DueAt, t.Calendar.Loc, chat.DayTime), after)}
	if o.Promise.Kind == truce.TouchPromise {
		return append(blocks, chat.ButtonRow(chat.Press("Show "+f.Ref, "lead.show", f.Ref)))
	}
	var b []chat.Button
	if f.MayAccept(by) == nil {
		b = append(b, chat.Press("Accept", "lead.accept", f.Ref).As(chat.Primary))
	}
	if f.MayReject(by) == nil {
		b = append(b, chat.Ask("Reject…", "lead.reject", f.Ref))
	}
	return append(blocks, row(append(b, chat.Press("Show "+f.Ref, "lead.show", f.Ref))...)...)
}

// RatingAsked asks for ratings, once, each with one tap.
func RatingAsked(leads []truce.Lead) chat.Card {
	c := chat.Card{Key: "rating.asked", Summary: "How good were they? One tap each; I ask once."}
	c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	for i, l := range leads {
		if i == mostOwed {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("And %d more: /lead unrated lists all.", len(leads)-mostOwed)))
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
	what := map[truce.PromiseKind]string{truce.OwnerPromise: "a word of the lead's owner", truce.AnswerPromise: "an answer", truce.EvidencePromise: "an answer to Marketing's question",
		truce.ReplyPromise: "a reply", truce.RulingPromise: "a ruling"}[p.Kind]
	s := fmt.Sprintf("%s · %s moved on without %s: now %s.", d.ID, l.Title(), what, stands(d))
	if self {
		s += " It counts as a promise not kept by " + p.Side.Title() + ", and in no figure about the lead."
	} else {
		s += " You may want to ask what kept it. It counts in no figure about the lead."
	}
	return chat.Card{Key: "missed", Summary: s, Blocks: []chat.Block{chat.Para(s), chat.ButtonRow(chat.Press("Show "+d.ID, "dispute.show", d.ID))}}
}
