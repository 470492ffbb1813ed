package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// Desk is what waits for a person, each thing doable there.
func Desk(d truce.Desk, by truce.Person, t truce.Terms) []chat.Block {
	var b []chat.Block
	loc := t.Calendar.Loc
	if !d.Stale.IsZero() {
		b = append(b, chat.Small(staleText(d.Stale, loc)...))
	}
	if len(d.Items) > 0 {
		b = append(append(b, chat.Heading("Waiting for you")), Items(d.Items, by, t)...)
		b = append(b, Page{List: "home", Shown: len(d.Items), Of: d.Count}.More()...)
	}
	b = append(b, dueActions(d.Actions, t.Calendar.Date(d.Now), loc)...)
	if d.Sign > 0 {
		b = append(b, chat.Para("The charter waits for your answer: ", chat.Code("/charter sign"), "."), chat.ButtonRow(signButtons(d.Sign)...))
	}
	if len(d.Proposed) > 0 {
		b = append(b, chat.Heading("Proposals that wait for your yes"))
		for _, f := range d.Proposed {
			b = append(b, Proposal(ProposalView{f, loc}, &by).Blocks...)
		}
	}
	if d.Waiting > 0 {
		b = append(b, chat.Para(more(d.Waiting, "case waits", "cases wait")+" for Marketing: ", chat.Code("/dispute list"), "."))
	}
	if len(d.Unrated) > 0 {
		b = append(b, chat.Heading("How good were they?"))
		for _, l := range d.Unrated {
			b = append(b, chat.Para(chat.B(l.Ref+" · "+l.Title())), rateRow(l))
		}
		b = append(b, Page{List: "home.unrated", Shown: len(d.Unrated), Of: d.Of.Unrated}.More()...)
	}
	if d.Drafts > 0 {
		b = append(b, chat.Para(more(d.Drafts, "draft of yours waits", "drafts of yours wait")+" to be filed. Nobody else sees drafts."),
			chat.ButtonRow(chat.Press("Show drafts", "note.drafts", "")))
	}
	if len(d.Mine) > 0 {
		b = append(b, chat.Heading("Your cases"))
		for _, f := range d.Mine {
			b = append(b, chat.Block{Text: append(chat.T("⚖️ ", chat.B(f.ID+" · "+f.Lead.Title()), " — "), waiting(f, t)...)},
				chat.ButtonRow(chat.Press("Show "+f.ID, "dispute.show", f.ID)))
		}
		b = append(b, Page{List: "home.mine", Shown: len(d.Mine), Of: d.Of.Mine}.More()...)
	}
	b = append(b, deskLeads("Nobody's leads", d.Nobodys, Page{List: "lead.nobody", Of: d.Of.Nobodys})...)
	b = append(b, deskLeads("Recycled, for another rep", d.Recycled, Page{List: "home.recycled", Of: d.Of.Recycled})...)
	b = append(b, firstSteps(d.Steps)...)
	if d.Ramp != nil {
		b = append(b, ramp(*d.Ramp, d.Now)...)
	}
	return b
}

func more(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func deskLeads(heading string, leads []truce.Lead, p Page) []chat.Block {
	if len(leads) == 0 {
		return nil
	}
	b := []chat.Block{chat.Heading(heading)}
	for _, l := range leads {
		b = append(b, chat.Para(chat.B(l.Ref+" · "+l.Title()), " · source "+truce.SourceName(l.Source)),
			chat.ButtonRow(chat.Ask("Give to…", "lead.give", l.Ref), chat.Press("Show "+l.Ref, "lead.show", l.Ref)))
	}
	p.Shown = len(leads)
	return append(b, p.More()...)
}

// Away confirms a leave, and says what it does. to is the midnight after its last day.
func Away(from, to time.Time, loc *time.Location) chat.Card {
	return chat.Card{Key: "person.away", Summary: "Noted: you are away.", Blocks: []chat.Block{
		chat.Para("You are away from ", chat.At(from, loc, chat.Day), " to ", chat.At(to.Add(-time.Minute), loc, chat.Day),
			". No clock of yours runs, and colleagues stand in where they can. Back earlier? ", chat.Code("/truce back"), ".")}}
}

// Back confirms the end of a leave.
func Back() chat.Card {
	s := "Good to have you back. Your clocks go on from where they stood."
	return chat.Card{Key: "person.back", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}
