package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// ruleLine is a rule in one line: what it says, and what it has stopped since.
func ruleLine(r truce.Rule, loc *time.Location) chat.Text {
	if r.State == truce.RuleProposed {
		return chat.T("Proposed as rule "+r.ID+": ", r.Text)
	}
	if r.State == truce.RuleRefused {
		return chat.T("Declined: ", r.Text)
	}
	if r.State == truce.RuleRetired {
		return append(chat.T("Was rule "+r.ID+": "+r.Text+" "), retired(r, loc)...)
	}
	return chat.T("Rule "+r.ID+": "+r.Text+" In force since ", chat.At(r.InForceAt, loc, chat.Day), "; it has stopped "+cases(r.Stopped)+" since.")
}

// retired says when, by whom and why a rule ended.
func retired(r truce.Rule, loc *time.Location) chat.Text {
	t := chat.T("In force from ", chat.At(r.InForceAt, loc, chat.Day), " to ", chat.At(r.ClosedAt, loc, chat.Day), "; it had stopped "+cases(r.Stopped)+". Retired")
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

// Rule is a rule with its keys. by is its reader; nil is a channel.
func Rule(r truce.Rule, by *truce.Person, managers map[truce.Side]int, loc *time.Location) chat.Card {
	c := chat.Card{Key: "rule", Summary: r.ID + ", " + string(r.State) + ": " + r.Text}
	does := "such leads go back at once, without a case"
	if r.Outcome == truce.Declined {
		does = "such leads are fine, and are not disputed any more"
	}
	c.Blocks = append(c.Blocks,
		chat.Para("📐 ", chat.B(r.ID+" · "+truce.SourceName(r.Source)+", "+r.Reason.Info().Label), " — "+string(r.State)),
		chat.Quote(r.Text))
	if r.State == truce.RuleProposed || r.State == truce.RuleInForce {
		c.Blocks = append(c.Blocks, chat.Small("What it does: "+does+"."))
	}
	switch r.State {
	case truce.RuleInForce:
		c.Blocks = append(c.Blocks, chat.Para("In force since ", chat.At(r.InForceAt, loc, chat.Day), "; it has stopped "+cases(r.Stopped)+" since."))
		if by != nil && r.MayRetire(*by) {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Retire…", "rule.retire", r.ID)))
		}
	case truce.RuleRetired:
		c.Blocks = append(c.Blocks, chat.Block{Text: retired(r, loc)})
	case truce.RuleProposed:
		var missing string
		for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
			if r.Keys[s] != "" {
				continue
			}
			if missing != "" {
				missing += " and "
			}
			missing += "a manager of " + s.Title()
			if managers[s] == 0 {
				missing = missing[:len(missing)-len("a manager of "+s.Title())] + "the sponsor"
			}
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B("Waiting for a yes"), " of "+missing+"."))
		if by == nil || len(r.Turns(*by, managers)) > 0 {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Yes, make it a rule", "rule.agree", r.ID).As(chat.Primary), chat.Press("No", "rule.refuse", r.ID)))
		}
	}
	return c
}

// RulePosted is a rule as it stands in a channel, where each of its readers has the buttons that are theirs.
func RulePosted(r truce.Rule, readers []truce.Person, managers map[truce.Side]int, loc *time.Location) chat.Card {
	c := Rule(r, nil, managers, loc)
	switch r.State {
	case truce.RuleProposed:
		c.Own = own(OwnRule, r.ID, readers, func(p truce.Person) bool { return len(r.Turns(p, managers)) > 0 })
	case truce.RuleInForce:
		c.Own = own(OwnRule, r.ID, readers, r.MayRetire)
	}
	return c
}

// RuleForm asks for the words of a rule.
func RuleForm(dispute, suggestion string) chat.Form {
	return chat.Form{Name: "rule.propose", Title: "Propose a rule", Submit: "Propose it", State: dispute,
		Intro:  chat.T("In force once one manager of each side has said yes."),
		Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: "The rule, in a sentence both sides will know again", Value: suggestion, Required: true, Max: truce.MaxText}}}
}

// RetireForm asks why a rule in force is to end.
func RetireForm(r truce.Rule) chat.Form {
	return chat.Form{Name: "rule.retire", Title: "Retire " + r.ID, Submit: "Retire it", State: r.ID,
		Intro:  chat.T("It ends at once, for both sides; such leads are disputed as cases again. What it has settled stays settled."),
		Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Required: true, Max: truce.MaxText}}}
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
		c.Blocks = append(c.Blocks, chat.Para("There is no rule yet. After three equal rulings on one source and reason, a case offers to become one."))
		return c
	}
	for _, r := range rules {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(truce.SourceName(r.Source)+", "+r.Reason.Info().Label), "\n", ruleLine(r, loc)), chat.ButtonRow(chat.Press("Show "+r.ID, "rule.show", r.ID)))
	}
	c.Blocks = append(c.Blocks, p.More()...)
	return c
}
