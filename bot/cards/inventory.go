package cards

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// InventoryView is an inventory as one person may see it.
type InventoryView struct {
	Inventory truce.Inventory
	By        *truce.Person // nil: whoever reads it may only see quotes with consent
	Loc       *time.Location
	From      int // the number of the first outcome shown, from 0
	Most      int // how many are shown; 0 is all
}

// stretch is what is shown of a list of outcomes, and where it stands in it.
func (v InventoryView) stretch(all []truce.InventoryLine, name string) ([]truce.InventoryLine, Page) {
	from := max(0, min(v.From, len(all)))
	lines := all[from:]
	if v.Most > 0 {
		lines = lines[:min(len(lines), v.Most)]
	}
	return lines, Page{List: name, From: from, Shown: len(lines), Of: len(all)}
}

// maySee reports whether a quote may be shown.
func (v InventoryView) maySee(q truce.InventoryQuote) bool {
	if v.By == nil {
		return q.Interview.Consent
	}
	return q.Interview.Quotes(*v.By)
}

// quotes are those that may be shown, with who said them.
func (v InventoryView) quotes(l truce.InventoryLine, most int) (b []chat.Block) {
	for _, q := range l.Quotes {
		if len(b) >= 2*most || q.Statement.Quote == "" || !v.maySee(q) {
			continue
		}
		who := q.Interview.Speaker()
		if who == "" {
			who = "Not to be quoted outside Marketing"
		}
		if q.Interview.Standing == truce.LostCustomer {
			who += " · lost customer"
		}
		b = append(b, chat.Quote(q.Statement.Quote), chat.Small(who))
	}
	return b
}

// Inventory shows what customers bought, the most named first.
func Inventory(v InventoryView) chat.Card {
	v.From = 0
	n := v.Inventory
	c := chat.Card{Key: "outcome.inventory", Title: chat.T("Outcomes Inventory"),
		Summary: fmt.Sprintf("%d outcomes; %s.", len(n.Outcomes), n.Progress)}
	if n.Interviews == 0 {
		c.Summary = "No interview yet."
		c.Blocks = append(c.Blocks, chat.Para("No interview yet. Ask a customer you would love to have twenty more of what they really bought: ",
			chat.Code("/outcome interview Northfield Labs"),
			". I ask you one question after the other; you can pause for days."), inventoryButtons())
		return c
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(n.Progress.String()+"."), heardSoFar(n)))
	if len(n.Outcomes) > 0 {
		c.Blocks = append(c.Blocks, v.outcomes()...)
		for _, l := range n.Outcomes[:min(len(n.Outcomes), 3)] {
			if q := v.quotes(l, 1); len(q) > 0 {
				c.Blocks = append(append(c.Blocks, chat.Para(chat.B(l.Name))), q...)
			}
		}
	}
	c.Blocks = append(c.Blocks, v.lostOnly()...)
	if len(n.Ungrouped) > 0 {
		c.Blocks = append(c.Blocks, chat.Para(more(len(n.Ungrouped), "outcome is", "outcomes are")+" in no group yet and not counted."),
			chat.ButtonRow(chat.Press("Group them", "outcome.loose", "")))
	}
	c.Blocks = append(c.Blocks, inventoryButtons())
	c.Footer = chat.T("Customers are counted, not interviews; lost ones apart. Opportunity: importance + max(importance − satisfaction, 0), " +
		"the median of the interviews, 0 to 20, said as the ranks it may have from ten asked on.")
	return c
}

// outcomes is the table of what customers bought.
func (v InventoryView) outcomes() []chat.Block {
	lines, page := v.stretch(v.Inventory.Outcomes, "outcome.inventory")
	t := chat.Table{Caption: page.Caption("Outcomes, the most named first"),
		Columns: []chat.Column{{Title: "Outcome"}, {Title: "Named by", Number: true}, {Title: "Lost ones", Number: true}, {Title: "Opportunity"}}}
	for _, l := range lines {
		b := chat.Press(FirstWords(l.Name, 60), "outcome.show", l.ID)
		t.Rows = append(t.Rows, []chat.Cell{{Text: l.Name, Button: &b},
			{Text: fmt.Sprintf("%d of %d", l.Ideal, v.Inventory.Progress.Ideal), Value: float64(l.Ideal)},
			{Text: lostOf(l.Lost, v.Inventory.Progress.Lost), Value: float64(l.Lost)}, {Text: opportunityShort(l)}})
	}
	return append([]chat.Block{chat.TableBlock(t)}, page.More()...)
}

// lostOnly is what customers named who are none any more, and nobody else.
func (v InventoryView) lostOnly() []chat.Block {
	if len(v.Inventory.LostOnly) == 0 {
		return nil
	}
	lines, page := v.stretch(v.Inventory.LostOnly, "outcome.lost")
	b := []chat.Block{chat.Heading(page.Caption("Named by lost customers only"))}
	for _, l := range lines {
		b = append(b, chat.Para(l.Name+" · "+lostOf(l.Lost, v.Inventory.Progress.Lost)))
	}
	return append(b, page.More()...)
}

// InventoryOn goes on with the outcomes of an inventory, or with those of lost customers only.
func InventoryOn(v InventoryView, lost bool) chat.Card {
	c := chat.Card{Key: "outcome.inventory", Title: chat.T("Outcomes Inventory"),
		Summary: fmt.Sprintf("%d outcomes; %s.", len(v.Inventory.Outcomes), v.Inventory.Progress), Blocks: v.outcomes()}
	if lost {
		c.Blocks = v.lostOnly()
	}
	return c
}

func inventoryButtons() chat.Block {
	return chat.ButtonRow(chat.Ask("Start an interview…", "outcome.start", "").As(chat.Primary), chat.Ask("Paste notes…", "outcome.paste", ""),
		chat.Ask("The form…", "outcome.form", ""), chat.Press("My interviews", "outcome.mine", ""))
}

func heardSoFar(n truce.Inventory) string {
	if len(n.News) == 0 {
		return ""
	}
	return " " + strings.Replace(news(n, n.News[len(n.News)-1].InterviewID), "It named", "The last interview named", 1)
}

func lostOf(k, n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d", k, n)
}

// ranks are "1st to 3rd of 5".
func ranks(o truce.OpportunityRank) string {
	if o.From == o.To {
		return fmt.Sprintf("rank %d of %d", o.From, o.Of)
	}
	return fmt.Sprintf("rank %d to %d of %d", o.From, o.To, o.Of)
}

func opportunityShort(l truce.InventoryLine) string {
	if l.Opportunity == nil {
		return fmt.Sprintf("%d of %d asked", l.Asked, truce.AskedLeast)
	}
	return ranks(*l.Opportunity)
}

// InventoryOutcome is one outcome of the inventory with all that was said of it.
func InventoryOutcome(v InventoryView, l truce.InventoryLine, may bool) chat.Card {
	n := v.Inventory
	c := chat.Card{Key: "outcome.shown", Summary: l.Name, Title: chat.T(l.Name)}
	named := fmt.Sprintf("Named by %d of %d ideal customers", l.Ideal, n.Progress.Ideal)
	if n.Progress.Lost > 0 {
		named += fmt.Sprintf("; by %d of %d lost ones", l.Lost, n.Progress.Lost)
	}
	c.Blocks = append(c.Blocks, chat.Para(named+"."))
	switch o := l.Opportunity; {
	case o != nil:
		c.Blocks = append(c.Blocks, chat.Para(fmt.Sprintf("Opportunity: %s (median %s, %s to %s, of %d who rated it).", ranks(*o),
			figure(o.Median), figure(o.Low), figure(o.High), l.Rated)))
	default:
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("%d were asked to rate it; its opportunity is said from %d on.", l.Asked,
			truce.AskedLeast)))
	}
	c.Blocks = append(c.Blocks, v.quotes(l, 20)...)
	var toMap []chat.Button
	for _, q := range l.Quotes[:min(len(l.Quotes), 20)] {
		c.Blocks = append(c.Blocks, chat.Small(q.Interview.ID+" · "+q.Statement.String()))
		if b := ToJourney(q.Statement.ID); q.Interview.Consent && q.Statement.Quote != "" && len(toMap) < 5 {
			b.Label = q.Interview.ID + " to the journey map…"
			toMap = append(toMap, b)
		}
	}
	if len(toMap) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(toMap...))
	}
	if may {
		row := []chat.Button{chat.Ask("Rename…", "outcome.rename", l.ID), chat.Ask("Merge…", "outcome.merge", l.ID)}
		if len(l.Quotes) > 1 {
			row = append(row, chat.Ask("Split…", "outcome.split", l.ID))
		}
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The inventory", "outcome.inventory", "")))
	return c
}

func figure(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Loose lists what was named and is in no group yet.
func Loose(list []StatementView) chat.Card {
	c := chat.Card{Key: "outcome.loose", Summary: more(len(list), "outcome is", "outcomes are") + " in no group yet.",
		Title: chat.T("In no group yet")}
	if len(list) == 0 {
		c.Summary = "Every outcome is in its group."
		c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	}
	for _, s := range list[:min(len(list), 8)] {
		c.Blocks = append(c.Blocks, statementBlocks(s, false)...)
	}
	if len(list) > 8 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("%d more after these.", len(list)-8)))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The inventory", "outcome.inventory", "")))
	return c
}

// OutcomeChoice asks for an outcome of the inventory.
func OutcomeChoice(name, title, what, submit, state string, list []truce.InventoryLine) chat.Form {
	f := chat.Form{Name: name, Title: title, Submit: submit, State: state}
	var options []chat.Option
	for _, l := range list[:min(len(list), 100)] {
		options = append(options, chat.Option{Value: l.ID, Label: FirstWords(l.Name, 75)})
	}
	f.Fields = []chat.Field{{Name: "outcome", Kind: chat.Choice, Label: what, Options: options, Required: true}}
	return f
}

// RenameForm asks what an outcome of the inventory is called.
func RenameForm(l truce.InventoryLine) chat.Form {
	return chat.Form{Name: "outcome.rename", Title: "Rename", Submit: "Rename", State: l.ID,
		Fields: []chat.Field{{Name: "name", Kind: chat.Line1, Label: "What it is called", Value: l.Name, Required: true, Max: 200}}}
}

// SplitForm asks which of an outcome's statements are another one.
func SplitForm(l truce.InventoryLine) chat.Form {
	f := chat.Form{Name: "outcome.split", Title: "Split", Submit: "Split", State: l.ID,
		Intro: chat.T("What is ticked becomes an outcome of its own.")}
	f.Fields = append(f.Fields, chat.Field{Name: "name", Kind: chat.Line1, Label: "What the new one is called", Required: true, Max: 200})
	which := chat.Field{Name: "which", Kind: chat.Several, Label: "Its statements", Required: true}
	for _, q := range l.Quotes[:min(len(l.Quotes), chat.MostOptions)] {
		which.Options = append(which.Options, chat.Option{Value: q.Statement.ID, Label: FirstWords(q.Statement.String(), 75)})
	}
	f.Fields = append(f.Fields, which)
	return f
}

// BriefView is what a case study of an account can be made of.
type BriefView struct {
	Account    string
	Interviews []truce.Interview // finished ones with the account
	Statements []truce.OutcomeStatement
	By         *truce.Person // nil: only what may be quoted is shown
	Loc        *time.Location
}

// Brief is a case-study brief: the customer's story by question, the outcomes they bought in their words, and what is still to ask.
func Brief(v BriefView) chat.Card {
	c := chat.Card{Key: "outcome.brief", Summary: "Case-study brief: " + v.Account, Title: chat.T("Case-study brief: " + v.Account)}
	if len(v.Interviews) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("No finished interview with "+v.Account+" yet. Start one: ",
			chat.Code("/outcome interview "+v.Account)))
		return c
	}
	var open []string
	for _, i := range v.Interviews {
		may := i.Consent || v.By != nil && i.Quotes(*v.By)
		who := i.Standing.Title()
		if s := i.Speaker(); s != "" {
			who = s + ", " + who
		}
		c.Blocks = append(c.Blocks, chat.Heading(i.ID+", "+i.FinishedAt.In(v.Loc).Format("2 Jan 2006")), chat.Para(who+"."))
		outcomes := 0
		for _, s := range v.Statements {
			if s.InterviewID != i.ID || !s.RemovedAt.IsZero() {
				continue
			}
			if outcomes++; outcomes == 1 {
				c.Blocks = append(c.Blocks, chat.Para(chat.B("What they bought")))
			}
			c.Blocks = append(c.Blocks, chat.Para("• "+s.String()+rated(s.Rating)))
			if may && s.Quote != "" {
				c.Blocks = append(c.Blocks, chat.Quote(s.Quote))
			}
		}
		if outcomes == 0 {
			open = append(open, i.ID+": which outcomes did they buy?")
		}
		if !may {
			open = append(open, i.ID+": they have not said that they may be quoted, so nothing they said is here. Ask them.")
			continue
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B("Their story")))
		for n, q := range i.Questions {
			if said := i.Said(n); said != "" {
				c.Blocks = append(c.Blocks, chat.Para(chat.I(q)), chat.Quote(said))
			} else {
				open = append(open, i.ID+": "+q)
			}
		}
		if !i.Consent {
			open = append(open, i.ID+": without their consent it stays in Marketing, and carries no name.")
		}
	}
	if len(open) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading("Still to ask"), chat.Para("• "+strings.Join(open, "\n• ")))
	}
	return c
}
