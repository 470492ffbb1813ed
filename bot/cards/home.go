package cards

import (
	"fmt"
	"slices"
	"strings"
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
	b = append(b, came(d.Came, d.Now, loc)...)
	if d.Sign > 0 {
		b = append(b, chat.Para("The charter waits for your answer: ", chat.Code("/charter sign"), "."), chat.ButtonRow(signButtons(d.Sign)...))
	}
	if len(d.Proposed) > 0 {
		b = append(b, chat.Heading("Proposals that wait for your yes"))
		for _, f := range d.Proposed {
			b = append(b, Proposal(ProposalView{f, loc}, &by).Blocks...)
		}
	}
	if d.CouldNot > 0 {
		b = append(b, chat.Para(more(d.CouldNot, "person who could not sign the charter waits",
			"people who could not sign the charter wait")+" for a word of yours."),
			chat.ButtonRow(chat.Press("Read why", "charter.reasons", "")))
	}
	if d.Waiting > 0 {
		b = append(b, chat.Para(more(d.Waiting, "case waits", "cases wait")+" for Marketing: ", chat.Code("/dispute list"), "."))
	}
	b = append(b, answersWaiting(d.Answers, d.Now, loc)...)
	if len(d.Unrated) > 0 {
		b = append(b, chat.Heading("How good were they?"))
		for _, l := range d.Unrated {
			b = append(b, chat.Para(chat.B(l.Ref+" · "+l.Title())), rateRow(l))
		}
		b = append(b, Page{List: "home.unrated", Shown: len(d.Unrated), Of: d.Of.Unrated}.More()...)
		if len(d.Unrated) > 2 {
			b = append(b, RateSeveralButton())
		}
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
	if len(b) == 0 && len(d.Promises) > 0 {
		b = append(b, chat.Para("Nothing waits for you."))
	}
	b = append(b, promiseCounts(d.Promises, by, t, d.Now)...)
	b = append(b, firstSteps(d.Steps)...)
	if d.Ramp != nil {
		b = append(b, ramp(*d.Ramp, d.Now)...)
	}
	return b
}

// WhatElse is the button that leads to what else waits for somebody.
func WhatElse(n int) chat.Block {
	return chat.ButtonRow(chat.Press(more(n, "other thing waits", "other things wait")+" for you", "home.show", ""))
}

// came are answers that their reader waited for.
func came(list []truce.CameAnswer, now time.Time, loc *time.Location) []chat.Block {
	if len(list) == 0 {
		return nil
	}
	b := []chat.Block{chat.Heading("Answers that came")}
	for _, c := range list {
		b = append(b, chat.Para("You heard ", chat.B(c.Theme), " when there was no answer."))
		b = append(b, answerBlocks(c.Answer, c.Objection, 0, now, loc)...)
	}
	return b
}

// answersWaiting is what waits for Marketing about answers, the requests with their forms at hand.
func answersWaiting(w *truce.AnswersWaiting, now time.Time, loc *time.Location) []chat.Block {
	if w == nil {
		return nil
	}
	b := []chat.Block{chat.Heading("Answers that wait for Marketing")}
	for _, r := range w.Requests {
		b = append(b, requestLine(r, w.Themes[r.ThemeID], now, loc)...)
	}
	var rest []string
	for _, n := range []struct {
		n         int
		one, many string
	}{{w.Of - len(w.Requests), "more request", "more requests"}, {w.Approve, "answer to approve", "answers to approve"},
		{w.Review, "answer past its review", "answers past their review"}, {w.Candidates, "candidate of a rep", "candidates of reps"}} {
		if n.n > 0 {
			rest = append(rest, plural(n.n, n.one, n.many))
		}
	}
	if len(rest) == 0 {
		return b
	}
	return append(b, chat.Para(capital(join(rest))+"."), chat.ButtonRow(chat.Press("Show all", "list.more", "objection.answers 0")))
}

// sidePromises name what a side owes, as a count is said of it.
var sidePromises = map[truce.PromiseKind]string{
	truce.VerdictPromise:  "Verdicts on leads",
	truce.TouchPromise:    "First touches",
	truce.OwnerPromise:    "Words of owners on colleagues' cases",
	truce.AnswerPromise:   "Answers to cases",
	truce.EvidencePromise: "Answers to Marketing's questions",
	truce.ReplyPromise:    "Replies to declines",
	truce.RulingPromise:   "Rulings",
}

// promiseCounts say to a manager how their side's promises stand: of the side, never of a person.
func promiseCounts(list []truce.PromiseCount, by truce.Person, t truce.Terms, now time.Time) []chat.Block {
	if len(list) == 0 {
		return nil
	}
	b := []chat.Block{chat.Heading("What your side owes now")}
	late, both := false, by.Manages(truce.Sales) && by.Manages(truce.Marketing)
	for _, n := range list {
		name := sidePromises[n.Kind]
		if both {
			name = n.Side.Title() + ", " + strings.ToLower(name)
		}
		var said []string
		for _, part := range []struct {
			n    int
			what string
		}{{n.OnTrack, "on track"}, {n.AtRisk, "at risk"}, {n.Late, "late"}, {n.Held, "whose time stands still"},
			{n.Missed, fmt.Sprintf("missed in the last %d days", truce.MissedDays)}} {
			if part.n > 0 {
				said = append(said, count(part.n)+" "+part.what)
			}
		}
		b = append(b, chat.Para(chat.B(name), ": "+strings.Join(said, ", ")))
		late = late || n.Late > 0 && !(truce.Promise{Kind: n.Kind}).OnLead()
	}
	if slices.ContainsFunc(list, func(n truce.PromiseCount) bool { return n.AtRisk > 0 }) {
		b = append(b, chat.Small("At risk: less than "+span(t.Notice)+" of business time is left."))
	}
	var row []chat.Button
	if late {
		row = append(row, chat.Press("Cases that are late", "list.more", "dispute.overdue 0"))
	}
	for _, side := range []truce.Side{truce.Marketing, truce.Sales} {
		if slices.ContainsFunc(list, func(n truce.PromiseCount) bool { return n.Side == side && n.Missed > 0 }) {
			label := "What was missed"
			if both {
				label = "What " + side.Title() + " missed"
			}
			row = append(row, chat.Press(label, "digest.rows", missedArg(side, t.Calendar, now)))
		}
	}
	if len(row) > 0 {
		b = append(b, chat.ButtonRow(row...))
	}
	return b
}

// missedArg leads to the promises that a side has missed in the days that its manager's page counts.
func missedArg(side truce.Side, c truce.Calendar, now time.Time) string {
	p := Period{Kind: "weekly", From: c.MissedFrom(now), To: c.Date(now).Add(1).At(0, c.Loc), AsOf: now, Loc: c.Loc}
	return p.Arg("n", "promises", "z", string(side), "m", "missed")
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
