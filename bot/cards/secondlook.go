package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// SecondLookView is how second looks stand.
type SecondLookView struct {
	On          bool
	Since       time.Time
	Proposed    string // the proposal under way; "" is none
	Drawn, Over int
	Loc         *time.Location
}

// SecondLookState says what a second look is and whether any are drawn. It says nothing of leads or people: who has one does not know it.
func SecondLookState(v SecondLookView) chat.Card {
	c := chat.Card{Key: "second", Title: chat.T("Second look"), Summary: "Second looks are not drawn: both sides have to agree on them."}
	state := chat.Para(chat.B("Not drawn."), " One manager of each side has to say yes.")
	if v.On {
		c.Summary = "Second looks are drawn each week."
		state = chat.Para(chat.B("Drawn each week"), " since ", chat.At(v.Since, v.Loc, chat.Day),
			fmt.Sprintf(": %d so far, %d over.", v.Drawn, v.Over))
	}
	c.Blocks = []chat.Block{state,
		chat.Para("Are the leads bad, or is the follow-up? Each week a lot gives two leads that were sent back for a fault of their source, " +
			"and one from below the threshold where these are imported, " +
			"to another rep of the same team as ordinary leads, without what was said of them and without their score."),
		chat.Para("What that rep says changes no figure of the lead, its source or its owner. It stands in a line of its own: accepted, " +
			"opportunity and won within 90 days, of all such leads; " +
			"never of a person or a team. Nobody is told which leads they are before a look is over, neither here nor in an export.")}
	switch {
	case v.Proposed != "":
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Show "+v.Proposed, "proposal.show", v.Proposed)))
	case v.On:
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Propose to end it…", "second.propose", "off")))
	default:
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Propose it…", "second.propose", "on").As(chat.Primary)))
	}
	return c
}

// SecondLookForm proposes that second looks are drawn, or no more. instead is the proposal that it is another way of.
func SecondLookForm(now, on bool, instead string) chat.Form {
	value := "none"
	if on {
		value = "on"
	}
	f := ValueForm("second.propose", "Propose a second look", instead, truce.SecondLookValue(now), "")
	f.Fields[0] = chat.Field{Name: "value", Kind: chat.Choice, Label: "Second look", Value: value, Required: true,
		Options: []chat.Option{{Value: "on", Label: "on: three leads a week, by a lot"}, {Value: "none", Label: "none"}}}
	return f
}

// SecondLookOver tells a rep that a lead of theirs was a second look, and asks, once, whether they knew.
func SecondLookOver(l truce.SecondLook, of truce.Lead) chat.Card {
	before := "it was below the threshold and never qualified"
	if l.Kind == truce.RejectedLook {
		before = "it had been sent back before: " + l.Reason.Info().Label
	}
	said := "nothing"
	if l.Verdict != truce.NoStatus {
		said = string(l.Verdict)
	}
	c := chat.Card{Key: "second.over", Summary: fmt.Sprintf("%s was a second look: %s.", of.Ref, before)}
	c.Blocks = []chat.Block{chat.Para(chat.B(of.Ref+" · "+of.Title()), " was a second look: "+before+". You said: ", chat.B(said), ".")}
	switch l.Knew {
	case "":
		c.Blocks = append(c.Blocks, chat.Para("Did you know what had been said of it when you decided?"),
			chat.ButtonRow(chat.Press("I did not know", "second.knew", l.ID+" no"), chat.Press("I knew", "second.knew", l.ID+" yes")))
	case "no":
		c.Blocks = append(c.Blocks, chat.Para("You did not know: it counts. Thank you."))
	default:
		c.Blocks = append(c.Blocks, chat.Para("You knew: it is left out. Thank you."))
	}
	c.Footer = chat.T("Only you see this, and I ask once. What you said counts for nobody: it stands in one line of all second looks.")
	return c
}

// SecondLookVoid tells a rep that a look of theirs ended before its time, and why: nothing waits for them any more.
func SecondLookVoid(l truce.SecondLook, gone bool) chat.Card {
	why := "meanwhile it has a case, or has qualified"
	if gone {
		why = "the CRM joined it with another lead"
	}
	c := chat.Card{Key: "second.void", Summary: l.Ref + ", which was given to you, waits for you no more."}
	c.Blocks = []chat.Block{chat.Para(chat.B(l.Ref), ", which was given to you for a second look, waits for you no more: "+why+
		". What you said of it counts in no figure, and there is nothing to do.")}
	c.Footer = chat.T("Only you see this.")
	return c
}

// SecondFigure is a share of second looks, weighted by the weeks they were drawn in.
type SecondFigure struct {
	K, N             int
	Share, Low, High float64
}

// String is as much as may be said at its size.
func (f SecondFigure) String() string {
	switch {
	case f.N == 0:
		return "too young"
	case f.N < 10:
		return fmt.Sprintf("%d of %d", f.K, f.N)
	}
	return fmt.Sprintf("%s, %d of %d", Rate(f.Share, f.Low, f.High), f.K, f.N)
}

// SecondLooksView are the second looks of a year: accepted, opportunity, won of each kind.
type SecondLooksView struct {
	Rejected, Below []SecondFigure
	Running, Knew   int
}

// SecondLooks is a table of them; nothing where none is over.
func SecondLooks(v SecondLooksView) []chat.Block {
	t := chat.Table{Caption: "Second look: given to another rep, who was told nothing of them",
		Columns: []chat.Column{{Title: "Leads"}, {Title: "Accepted", Number: true}, {Title: "Opportunity in 90 days", Number: true},
			{Title: "Won in 90 days", Number: true}}}
	for _, kind := range []struct {
		name string
		of   []SecondFigure
	}{{"Sent back for a fault of their source", v.Rejected}, {"Below the threshold", v.Below}} {
		if len(kind.of) == 0 || kind.of[0].N == 0 {
			continue
		}
		row := []chat.Cell{{Text: kind.name}}
		for _, f := range kind.of {
			row = append(row, chat.Cell{Text: f.String(), Value: f.Share})
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	left := ""
	if v.Knew > 0 {
		left = fmt.Sprintf("; %d left out, whose rep knew", v.Knew)
	}
	if v.Running > 0 {
		left += fmt.Sprintf("; %d under way", v.Running)
	}
	t.Caption += left
	return []chat.Block{chat.TableBlock(t)}
}
