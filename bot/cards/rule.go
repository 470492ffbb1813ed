package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// ruleLine is a rule in one line: what it says, and what it has stopped since.
func ruleLine(r truce.Rule, loc *time.Location) chat.Text {
	switch r.State {
	case truce.ProposalOpen:
		return chat.T("Proposed as rule "+r.ID+": ", r.Text)
	case truce.ProposalRetired:
		return append(chat.T("Was rule "+r.ID+": "+r.Text+" "), retired(r, loc)...)
	case truce.ProposalInForce:
	default:
		return chat.T(capital(string(r.State))+": ", r.Text)
	}
	return chat.T("Rule "+r.ID+": "+r.Text+" In force since ", chat.At(r.InForceAt, loc, chat.Day),
		"; it has stopped "+cases(r.Stopped)+" since.")
}

// retired says when, by whom and why a rule ended.
func retired(r truce.Rule, loc *time.Location) chat.Text {
	t := chat.T("In force from ", chat.At(r.InForceAt, loc, chat.Day), " to ", chat.At(r.ClosedAt, loc, chat.Day),
		"; it had stopped "+cases(r.Stopped)+". Retired")
	if r.ClosedName != "" {
		t = append(t, chat.T(" by "+r.ClosedName)...)
	}
	return append(t, chat.T(": “"+r.Why+"” Such leads are cases again.")...)
}

func cases(n int) string {
	switch n {
	case 0:
		return "no case"
	case 1:
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}

// RuleForm asks for the words of a rule that comes of a case, or that is another way of a proposed one: of is the id of either.
func RuleForm(of, suggestion string) chat.Form {
	return chat.Form{Name: "rule.propose", Title: "Propose a rule", Submit: "Propose it", State: of,
		Intro: chat.T("In force once one manager of each side has said yes."),
		Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: "The rule, in a sentence both sides will know again", Value: suggestion,
			Required: true, Max: truce.MaxText}}}
}

// RuleSettled tells a rep that a rule has settled what would have been a case.
func RuleSettled(r truce.Rule, l truce.Lead, loc *time.Location) chat.Card {
	did := l.Ref + " is " + string(r.Reason.SentBackAs()) + ", without a case."
	if r.Outcome == truce.Declined {
		did = "such leads are fine, so " + l.Ref + " is not disputed."
	}
	c := chat.Card{Key: "rule.settled", Summary: "Rule " + r.ID + " covers this: " + did}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("Rule "+r.ID+" covers this"), ": "+did), chat.Quote(r.Text),
		chat.Small("In force since ", chat.At(r.InForceAt, loc, chat.Day), "; it has stopped "+cases(r.Stopped)+" since."))
	return c
}

// Rules lists all rules.
func Rules(rules []truce.Rule, p Page, loc *time.Location) chat.Card {
	c := chat.Card{Key: "rules", Summary: "Rules both sides agreed on.", Title: chat.T(p.Caption("Rules both sides agreed on"))}
	if len(rules) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("There is no rule yet. After three equal rulings on one source and reason, a case offers to "+
			"become one."))
		return c
	}
	for _, r := range rules {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(truce.SourceName(r.Source)+", "+r.Reason.Info().Label), "\n", ruleLine(r, loc)),
			chat.ButtonRow(chat.Press("Show "+r.ID, "rule.show", r.ID)))
	}
	c.Blocks = append(c.Blocks, p.More()...)
	return c
}
