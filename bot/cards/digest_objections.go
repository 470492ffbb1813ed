package cards

import (
	"fmt"
	"strings"
	"time"

	"truce/bot/chat"
)

// OddsView is the win rate with an objection against that without it.
type OddsView struct {
	Theme, Stage  string
	With, Without Share  // won of closed
	Verdict       string // higher, lower; "" is no difference to speak of
	Since         time.Time
	Before        bool      // as of Dated
	Was           *Ended    // what was claimed last and is not any more; nil is nothing
	Until         time.Time // since which look it is not
}

// ObjectionOdds is what objections go with.
func ObjectionOdds(list []OddsView) chat.Card {
	c := chat.Card{Key: "objection.odds", Title: chat.T("What objections go with"), Summary: "What objections go with."}
	c.Blocks = Odds(list)
	if len(list) == 0 {
		c.Summary = "Too few deals have closed to say what objections go with."
		c.Blocks = append(c.Blocks, chat.Para("Too few deals have closed since: it takes 20 with an objection and 20 without it, at the same "+
			"stage and heard by the same people."),
			chat.Small("Name the stage and the account when you log one: only those can be compared."))
	}
	return c
}

// Odds are the win rates with each objection and without it.
func Odds(list []OddsView) (blocks []chat.Block) {
	if len(list) == 0 {
		return nil
	}
	said := false
	for _, o := range list {
		if o.Verdict != "" {
			blocks, said = append(blocks, chat.Para(Dated{o.Since, o.Before}.after(o.sentence()))), true
		} else if o.Was != nil {
			blocks = append(blocks, chat.Para(fmt.Sprintf("%s It ended on %s.", o.Was, o.Until.Format("2 Jan 2006"))))
		}
	}
	t := chat.Table{Caption: "Won with an objection and without it: at the same stage, from the day it was logged, among what the same " +
		"people logged in a year", Columns: []chat.Column{{Title: "Objection"}, {Title: "Stage"},
		{Title: "With", Number: true}, {Title: "95 % interval", Number: true, Spare: true}, {Title: "Without", Number: true},
		{Title: "95 % interval", Number: true, Spare: true}}}
	for _, o := range list[:min(shownRows, len(list))] {
		t.Rows = append(t.Rows, []chat.Cell{{Text: o.Theme}, {Text: o.Stage}, o.With.ofCell(), {Text: o.With.Range()}, o.Without.ofCell(),
			{Text: o.Without.Range()}})
	}
	blocks = append(blocks, chat.TableBlock(t))
	if !said {
		return append(blocks, chat.Small("No objection goes with a win rate that differs beyond chance. "+winsNote))
	}
	return append(blocks, chat.Small("What goes with something need not come of it. "+winsNote))
}

// sentence says what the objection goes with; never what it brings about.
func (o OddsView) sentence() string {
	return fmt.Sprintf("“%s” at %s goes with a %s win rate: %s won (%s), against %s without it (%s).", o.Theme, o.Stage, o.Verdict,
		o.With.ofAll(), o.With.Range(), o.Without.ofAll(), o.Without.Range())
}

// ofCell is the share with its counts.
func (s Share) ofCell() chat.Cell {
	c := s.cell()
	if s.N >= 10 {
		c.Text = fmt.Sprintf("%s (%d of %d)", s, s.K, s.N)
	}
	return c
}

// AnswerUseView is what became of the accounts that an answer was shown for.
type AnswerUseView struct {
	Arg               string // of the button that leads to its figures
	Theme, Said       string
	Accounts, MovedOn int
	Helped            Share // of those who said
}

// AnswersUsed is what became of the accounts that answers were shown for.
func AnswersUsed(list []AnswerUseView, p Period, rates Span) chat.Table {
	t := chat.Table{Caption: "Answers shown for objections " + p.In(rates),
		Columns: []chat.Column{{Title: "Answer"}, {Title: "Used with accounts", Number: true}, {Title: "Took the next step", Number: true},
			{Title: "Helped", Number: true}}}
	for _, a := range list[:min(shownRows, len(list))] {
		t.Rows = append(t.Rows, []chat.Cell{openCell(a.Theme+": "+beginning(a.Said), a.Arg), number(a.Accounts), number(a.MovedOn),
			a.Helped.cell()})
	}
	return t
}

// beginning is as much of a text as a table's cell holds.
func beginning(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return s
}
