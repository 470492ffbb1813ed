package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is the ideal customer profile: the one in force, a draft of another one, what it says of a lead or a company.

// ProfileView is the profile in force with what is said beside it.
type ProfileView struct {
	Version  *truce.ProfileVersion // nil where none is in force
	Proposer string
	Agreed   []string // who said yes
	Evidence string   // what the books say of the attributes
	Waiting  string   // the proposal that is under way
	Title    string   // of it
	Draft    bool     // the reader has one
	Loc      *time.Location
}

// criteriaTable is a profile's criteria, a row each.
func criteriaTable(p truce.Profile) chat.Block {
	t := chat.Table{Caption: "Criteria", Columns: []chat.Column{{Title: "Attribute"}, {Title: "Asks"}, {Title: "Counts"}}}
	notes := false
	for _, c := range p.Criteria {
		notes = notes || c.Note != ""
	}
	if notes {
		t.Columns = append(t.Columns, chat.Column{Title: "Why"})
	}
	for _, c := range p.Criteria {
		row := []chat.Cell{{Text: c.Attribute}, {Text: c.Asked()}, {Text: c.Worth()}}
		if notes {
			row = append(row, chat.Cell{Text: c.Note})
		}
		t.Rows = append(t.Rows, row)
	}
	return chat.TableBlock(t)
}

// insideFrom says from how many points on somebody is inside.
func insideFrom(p truce.Profile) string {
	total := p.Total()
	if total == 0 {
		return "Only musts and exclusions decide: there are no points."
	}
	return fmt.Sprintf("Inside from %s of %d points (%s). What is not known counts for nobody.",
		chat.Figure(p.Threshold*float64(total)/100, ""), total, chat.Figure(p.Threshold, "%"))
}

// Profile is the profile in force, or how to come to one.
func Profile(v ProfileView) chat.Card {
	c := chat.Card{Key: "icp", Summary: "No ideal customer profile is in force yet.", Title: chat.T("The ideal customer")}
	if p := v.Version; p != nil {
		c.Summary = fmt.Sprintf("The ideal customer profile, version %d.", p.Version)
		head := chat.T(chat.B(fmt.Sprintf("Version %d", p.Version)))
		if p.By == "" {
			head = append(head, chat.T(" · from the configuration")...)
		} else {
			head = append(head, chat.T(", in force since ", chat.At(p.From, v.Loc, chat.Day), " · proposed by "+v.Proposer)...)
			if len(v.Agreed) > 0 {
				head = append(head, chat.T(", agreed by "+join(v.Agreed))...)
			}
		}
		c.Blocks = append(c.Blocks, chat.Block{Text: head}, criteriaTable(p.Profile), chat.Para(insideFrom(p.Profile)))
	} else {
		c.Blocks = append(c.Blocks, chat.Para("No profile is in force yet. Begin with ", chat.Code("/icp start"),
			": both sides name their ten best customers, unseen by each other. Or write one down, and look at what it would have said of last "+
				"year's leads before anybody votes."))
	}
	if v.Evidence != "" {
		c.Blocks = append(c.Blocks, chat.Small(v.Evidence))
	}
	var row []chat.Button
	switch {
	case v.Waiting != "":
		c.Blocks = append(c.Blocks, chat.Para(chat.B(v.Waiting), " is proposed: "+v.Title+"."))
		row = append(row, chat.Press("See "+v.Waiting, "proposal.show", v.Waiting).As(chat.Primary))
	case v.Draft:
		row = append(row, chat.Press("Go on with your draft", "icp.draft", "").As(chat.Primary))
	default:
		row = append(row, chat.Press("Propose a change", "icp.draft", ""))
	}
	row = append(row, chat.Press("Two lists", "icp.lists", ""))
	if v.Version != nil {
		row = append(row, chat.Press("History", "icp.history", ""))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}

// ProfileDraft is a person's draft of a profile: changes are the differences to the one in force, effect what it would have done ("" is not
// asked for yet).
func ProfileDraft(p truce.Profile, changes []truce.Difference, effect string) chat.Card {
	c := chat.Card{Key: "icp.draft", Summary: "Your draft of the ideal customer profile.", Title: chat.T("Your draft of the ideal customer")}
	if len(p.Criteria) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing is in it yet: add what your best customers have in common."))
	} else {
		c.Blocks = append(c.Blocks, criteriaTable(p), chat.Para(insideFrom(p)))
	}
	if len(changes) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading("What changes"))
		c.Blocks = append(c.Blocks, differences(changes)...)
	}
	if effect != "" {
		c.Blocks = append(c.Blocks, chat.Para(effect))
	}
	row := []chat.Button{chat.Ask("Add a criterion…", "icp.add", "")}
	if len(p.Criteria) > 0 {
		if effect == "" {
			row = append(row, chat.Press("What would it have done?", "icp.effect", ""))
		}
		row = append(row, chat.Ask("Propose it…", "icp.propose", "").As(chat.Primary))
	}
	row = append(row, chat.Ask("As a document…", "icp.document", ""), chat.Press("Discard", "icp.discard", ""))
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	if len(p.Criteria) > 0 {
		s := chat.Select{Label: "Take one out", Action: "icp.remove"}
		for _, cr := range p.Criteria[:min(len(p.Criteria), 100)] {
			s.Options = append(s.Options, chat.Option{Value: cr.Key(), Label: FirstWords(cr.String(), 70)})
		}
		c.Blocks = append(c.Blocks, chat.SelectBlock(s))
	}
	c.Footer = chat.T("Only you see it. Nothing holds until one manager of each side has said yes.")
	return c
}

// CriterionForm asks for a criterion. known are the attributes that were imported.
func CriterionForm(threshold float64, known []string) chat.Form {
	hint := "A column that was imported with leads or accounts"
	if len(known) > 0 {
		hint = FirstWords("There is: "+strings.Join(known, ", "), 140)
	}
	return chat.Form{Name: "icp.add", Title: "Add a criterion", Submit: "Add it", Fields: []chat.Field{
		{Name: "attribute", Kind: chat.Line1, Label: "Attribute", Hint: hint, Required: true, Max: 100},
		{Name: "test", Kind: chat.Choice, Label: "Is to be", Required: true, Value: string(truce.TestOneOf), Options: []chat.Option{
			{Value: string(truce.TestOneOf), Label: "one of these values"}, {Value: string(truce.TestRange), Label: "a number in a range"},
			{Value: string(truce.TestContains), Label: "a text with this in it"}, {Value: string(truce.TestExists), Label: "known at all"}}},
		{Name: "value", Kind: chat.Line1, Label: "Values", Hint: "pharma, core facility · 50 to 200 · 50 to · to 200", Max: 500},
		{Name: "counts", Kind: chat.Choice, Label: "Counts", Required: true, Value: "points", Options: []chat.Option{
			{Value: "points", Label: "points"}, {Value: "must", Label: "a must: nobody may lack it"},
			{Value: "exclude", Label: "an exclusion: nobody may have it"}}},
		{Name: "points", Kind: chat.Number, Label: "Points", Hint: "How much it counts; an exclusion has none", Max: 10},
		{Name: "note", Kind: chat.Line1, Label: "Why", Hint: "In a few words: nine of our ten best", Max: 200},
		{Name: "threshold", Kind: chat.Number, Label: "Inside from, in percent of all points", Value: chat.Figure(threshold, ""), Required: true,
			Max: 6},
	}}
}

// ProfileForm asks for a whole profile, as its document. instead is the proposal it is another way of, "" for none.
func ProfileForm(document, instead string) chat.Form {
	f := chat.Form{Name: "icp.propose", Title: "Propose a profile", Submit: "Propose it", State: instead,
		Intro: chat.T("In force once one manager of each side has said yes. What it would have done to last year's leads stands on the " +
			"proposal."),
		Fields: []chat.Field{
			{Name: "yaml", Kind: chat.LongText, Label: "Profile", Hint: "threshold in percent, then criteria: attribute; equals, one_of, range, " +
				"contains or exists; points, must or exclude", Value: document, Required: true},
			{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Required: true, Max: truce.MaxText},
			{Name: "from", Kind: chat.DateOf, Label: "From a day on", Hint: "Empty is from the second yes."},
		}}
	if instead != "" {
		f.Title = "Instead of " + instead
	}
	return f
}

// DraftForm asks for a draft as its document.
func DraftForm(document string) chat.Form {
	return chat.Form{Name: "icp.document", Title: "Your draft as a document", Submit: "Keep it", Fields: []chat.Field{
		{Name: "yaml", Kind: chat.LongText, Label: "Profile", Hint: "One criterion a line; faults are told with line and key", Value: document,
			Required: true}}}
}

// ProfileFaults says what is wrong with a pasted document.
func ProfileFaults(faults []string, document string) chat.Card {
	c := chat.Card{Key: "icp.faults", Summary: "This is no profile yet.",
		Blocks: []chat.Block{chat.Para("This is no profile yet. Nothing is lost:")}}
	if len(faults) > 0 {
		c.Summary = "This is no profile yet: " + faults[0]
	}
	for i, f := range faults {
		if i == 10 {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("and %d more", len(faults)-i)))
			break
		}
		c.Blocks = append(c.Blocks, chat.Para("• "+f))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Mend it…", "icp.document", "")), chat.Quote(document))
	return c
}

// ProfileHistory are the versions, the newest first.
func ProfileHistory(list []truce.Proposal, names map[string]string, loc *time.Location) chat.Card {
	c := chat.Card{Key: "icp.history", Summary: "The versions of the ideal customer profile.", Title: chat.T("Versions of the ideal customer")}
	if len(list) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("No profile was in force yet: ", chat.Code("/icp start"), " or ", chat.Code("/icp propose"),
			" begins."))
	}
	for _, p := range list {
		by := "the configuration"
		if p.By != "" {
			by = names[p.By]
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("Version %d", p.Version)), " since ", chat.At(p.InForce, loc, chat.Day),
			", by "+by+": "+p.Title))
		var yes []string
		for _, v := range p.Votes {
			if v.Said == truce.SaidYes {
				yes = append(yes, names[v.PersonID]+" for "+v.Side.Title())
			}
		}
		if len(yes) > 0 {
			c.Blocks = append(c.Blocks, chat.Small("Agreed by "+join(yes)+"."))
		}
		if p.By != "" {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("See "+p.ID, "proposal.show", p.ID)))
		}
	}
	return c
}

// FitView is what a profile says of a lead or a company.
type FitView struct {
	Of      string // "L-12 · Kim Miller, Northfield Labs", or a company
	Version int
	Fit     truce.Fit
	Kept    time.Time // since when it counts; zero is not yet, or of a company
	Now     *truce.Fit
	CRM     truce.ICPFit // what the CRM says
	Lead    string       // its reference; "" of a company
	Company string       // what /outcome and the company's card find it by; "" is none
	Before  bool         // it came before the first version: shown, not counted
	Except  string       // the declared exception: why, by whom, until when
	Loc     *time.Location
}

// FitLine is what the profile says of a lead in a line: "fit 34 of 60 points, 20 open: segment ✗, size ✓, region ?".
func FitLine(k truce.KeptFit) string {
	s := k.String()
	switch {
	case k.Before:
		s += fmt.Sprintf(" (by version %d, which it came before)", k.Version)
	case !k.Counts:
		s += " (so far)"
	}
	return s
}

// fitMarks are how a verdict is told.
var fitMarks = map[truce.Verdict]string{truce.VerdictHolds: "✓", truce.VerdictFails: "✗", truce.VerdictUnknown: "?"}

// FitCard is what a profile says of somebody, with its reasons.
func FitCard(v FitView) chat.Card {
	c := chat.Card{Key: "icp.fit", Summary: v.Of + ": " + string(v.Fit.Fit) + ", " + v.Fit.String() + ".", Title: chat.T(v.Of)}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(capital(string(v.Fit.Fit))), fmt.Sprintf(" by version %d: ", v.Version)+v.Fit.String()))
	t := chat.Table{Caption: "Reasons", Columns: []chat.Column{{Title: "Attribute"}, {Title: "Asks"}, {Title: "Is"}, {Title: "Holds"},
		{Title: "Counts"}}}
	for _, cr := range v.Fit.Criteria {
		value := cr.Value
		if value == "" {
			value = "not known"
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: cr.Attribute}, {Text: cr.Asked()}, {Text: value}, {Text: fitMarks[cr.Holds]},
			{Text: cr.Worth()}})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t))
	if v.Fit.Decides != "" {
		c.Blocks = append(c.Blocks, chat.Para("What would decide: ", chat.B(v.Fit.Decides), "."))
	}
	if v.Now != nil {
		c.Blocks = append(c.Blocks, chat.Small("By what is known today: "+string(v.Now.Fit)+", "+v.Now.String()+". Shown, not counted."))
	}
	if v.Before {
		c.Blocks = append(c.Blocks, chat.Small("It came before the first version was in force: shown, not counted."))
	}
	if !v.Kept.IsZero() {
		c.Blocks = append(c.Blocks, chat.Small("Counted as known on ", chat.At(v.Kept, v.Loc, chat.Day),
			": the first verdict, or two business days after hand-off."))
	}
	if v.CRM != "" {
		c.Blocks = append(c.Blocks, chat.Small("The CRM calls it "+string(v.CRM)+"."))
	}
	if v.Except != "" {
		c.Blocks = append(c.Blocks, chat.Para(chat.B("Declared exception: "), v.Except))
	}
	var row []chat.Button
	if v.Lead != "" {
		row = append(row, chat.Press("Show "+v.Lead, "lead.show", v.Lead))
	}
	if v.Company != "" {
		row = append(row, ToAccount(v.Company))
	}
	if len(row) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	}
	return c
}
