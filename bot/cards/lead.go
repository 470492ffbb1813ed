package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"truce"
	"truce/bot/chat"
)

// Lead is a lead with its path so far and what the reader can do with it. A long path is folded; whole shows all of it.
func Lead(f truce.LeadFile, by truce.Person, terms truce.Terms, whole bool) chat.Card {
	loc := terms.Calendar.Loc
	c := chat.Card{Key: "lead", Summary: f.Ref + ": " + f.Title() + ", " + leadState(f.Lead) + ".", Title: chat.T(f.Ref + " · " + f.Title())}
	facts := []chat.Fact{chat.FactOf("State", leadState(f.Lead)), chat.FactOf("Source", truce.SourceName(f.Source))}
	if f.Campaign != "" {
		facts = append(facts, chat.FactOf("Campaign", f.Campaign))
	}
	if f.HasScore {
		facts = append(facts, chat.FactOf("Score", chat.Figure(f.Score, "")))
	}
	if f.Fit != nil {
		facts = append(facts, chat.FactOf("ICP fit", string(f.Fit.Fit.Fit)+": "+FitLine(*f.Fit)))
		if f.ICPFit != "" && f.ICPFit != f.Fit.Fit.Fit {
			facts = append(facts, chat.FactOf("The CRM's fit", string(f.ICPFit)))
		}
	} else if f.ICPFit != "" {
		facts = append(facts, chat.FactOf("ICP fit", string(f.ICPFit)))
	}
	if f.Except != "" {
		facts = append(facts, chat.FactOf("Exception", f.Except))
	}
	if f.Segment != "" {
		facts = append(facts, chat.FactOf("Segment", f.Segment))
	}
	if f.Product != "" {
		facts = append(facts, chat.FactOf("Product", f.Product))
	}
	if f.Email != "" {
		facts = append(facts, chat.FactOf("E-mail", f.Email))
	}
	facts = append(facts, chat.FactOf("Owner", ownerOf(f.Lead, by)))
	if f.Rating != 0 {
		facts = append(facts, chat.FactOf("Rated", f.Rating.String()))
	}
	c.Blocks = append(c.Blocks, chat.FactList(facts...))
	if due := leadDue(f, terms); len(due) > 0 {
		c.Blocks = append(c.Blocks, chat.Block{Text: due})
	}
	path := leadPath(f, by)
	shown := path
	if !whole {
		shown = folded(path)
	}
	c.Blocks = append(c.Blocks, chat.Block{Text: timeline(shown, loc)})
	if len(shown) < len(path) {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press(fmt.Sprintf("All %d entries", len(path)), "lead.all", f.Ref)))
	}
	for _, d := range f.Disputes {
		if !by.SeesCase(d) {
			continue
		}
		c.Blocks = append(c.Blocks, chat.Para("⚖️ ", chat.B(d.ID), " · "+d.Reason.Info().Label+" · "+stands(d)),
			chat.ButtonRow(chat.Press("Show "+d.ID, "dispute.show", d.ID)))
	}
	c.Blocks = append(c.Blocks, leadButtons(f, by)...)
	var row []chat.Button
	if f.Fit != nil {
		row = append(row, chat.Press("Why this fit", "icp.check", f.Ref))
		if f.Fit.Fit.Fit == truce.OutsideICP && f.Except == "" && f.Open() && truce.MayExcept(by) == nil {
			row = append(row, chat.Ask("Exception…", "icp.except", f.Ref))
		}
	}
	if name := cmp.Or(f.Company, f.Account); name != "" {
		row = append(row, ToAccount(name))
	}
	if len(row) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	}
	return c
}

// leadState is where a lead stands, in words.
func leadState(l truce.Lead) string {
	switch {
	case l.State == truce.NoStatus:
		return "waiting for a verdict"
	case l.State == truce.Accepted && l.BySilence:
		return "accepted by silence"
	case l.State == truce.SQL:
		return "SQL"
	}
	return string(l.State)
}

func ownerOf(l truce.Lead, by truce.Person) string {
	switch {
	case l.OwnerID == by.ID:
		return "you"
	case l.OwnerID != "":
		return "the lead's owner"
	case l.State == truce.Recycled:
		return "nobody: it waits for another rep"
	case l.Owner != "" && by.TeamSide() == truce.Sales:
		return l.Owner + " (as the CRM says)"
	case l.Owner != "":
		return "the lead's owner"
	}
	return "nobody's yet: the first to accept it owns it"
}

// happened is one line of a timeline.
type happened struct {
	at    time.Time
	what  string
	touch bool
}

// foldedTo is how many lines of a path are shown at once, and how many of them may be touches.
const (
	foldedTo      = 12
	foldedTouches = 3
)

// folded are the lines of a long path that are read first: what was decided, and the newest touches.
func folded(path []happened) []happened {
	if len(path) <= foldedTo {
		return path
	}
	var kept []happened
	touches := 0
	for _, h := range slices.Backward(path) {
		if h.touch {
			touches++
		}
		if len(kept) < foldedTo && (!h.touch || touches <= foldedTouches) {
			kept = append(kept, h)
		}
	}
	slices.Reverse(kept)
	if kept[0] != path[0] {
		kept = append(path[:1:1], kept...)
	}
	return kept
}

// leadPath is what happened to a lead, in the order of time.
func leadPath(f truce.LeadFile, by truce.Person) []happened {
	list := []happened{{at: f.MQLAt, what: "qualified by Marketing"}}
	if !f.HandedOffAt.IsZero() {
		list = append(list, happened{at: f.HandedOffAt, what: "handed over to Sales"})
	}
	for _, o := range f.Outcomes {
		list = append(list, happened{at: o.At, what: outcomeLine(o)})
	}
	for _, t := range f.Touches {
		list = append(list, happened{t.At, t.Kind + " logged", true})
	}
	for _, r := range f.Ratings {
		line := happened{at: r.When(), what: "rated " + r.Value.String()}
		if r.Rater == by.ID {
			line.what += " by you"
		}
		if r.At.IsZero() {
			line.what += " (undated)"
		}
		list = append(list, line)
	}
	if s := f.Second; s != nil && s.Verdict != truce.NoStatus {
		list = append(list, happened{at: s.VerdictAt, what: "second look by another rep, who was told nothing of it: " + string(s.Verdict)})
	}
	for _, d := range f.Disputes {
		if !by.SeesCase(d) {
			continue
		}
		list = append(list, happened{at: d.OpenedAt, what: d.ID + " opened: " + d.Reason.Info().Label})
		if d.Closed() {
			list = append(list, happened{at: d.ClosedAt, what: d.ID + " " + d.Ended()})
		}
	}
	slices.SortStableFunc(list, func(a, b happened) int { return a.at.Compare(b.at) })
	return list
}

// timeline is a path as it is shown.
func timeline(list []happened, loc *time.Location) chat.Text {
	var t chat.Text
	for i, h := range list {
		if i > 0 {
			t = append(t, chat.T("\n")...)
		}
		t = append(t, chat.T(chat.At(h.at, loc, chat.DayTime), " "+h.what)...)
	}
	return t
}

func outcomeLine(o truce.Outcome) string {
	s := string(o.Status)
	if o.Status == truce.SQL {
		s = "SQL"
	}
	if o.HasAmount {
		s += ", " + o.Amount.String()
	}
	if o.Reason != "" {
		s += ": " + o.Reason.Info().Label
	}
	switch o.Origin {
	case truce.FromSilence:
		s += ", by silence"
	case truce.FromDispute:
		s += " (" + o.Note + ")"
	case truce.FromPerson:
		if o.Note != "" {
			s += ", “" + o.Note + "”"
		}
	}
	return s
}

func leadButtons(f truce.LeadFile, by truce.Person) []chat.Block {
	var verdict, rate []chat.Button
	if f.MayAccept(by) == nil {
		verdict = append(verdict, chat.Press("Accept", "lead.accept", f.Ref).As(chat.Primary))
	}
	if f.MayReject(by) == nil {
		verdict = append(verdict, chat.Ask("Reject…", "lead.reject", f.Ref))
	}
	_, blocked := f.Blocking(by)
	if by.TeamSide() == truce.Sales && f.Stage < truce.StageOpportunity && !blocked {
		verdict = append(verdict, chat.Ask("Dispute…", "lead.dispute", f.Ref))
	}
	if by.Manages(truce.Sales) && f.Open() || by.Manages(truce.Sales) && f.State == truce.Recycled {
		verdict = append(verdict, chat.Ask("Give to…", "lead.give", f.Ref))
	}
	var blocks []chat.Block
	if len(verdict) > 0 {
		blocks = append(blocks, chat.ButtonRow(verdict...))
	}
	if by.TeamSide() == truce.Sales {
		for _, r := range []truce.Rating{truce.Good, truce.Fair, truce.Poor} {
			rate = append(rate, chat.Press(title(r.String()), "lead.rate", f.Ref+" "+strconv.Itoa(int(r))))
		}
		blocks = append(blocks, chat.ButtonRow(rate...))
		blocks = append(blocks, touchSelect(f, by)...)
	}
	return blocks
}

// touchSelect logs a touch of a lead in place, for who may.
func touchSelect(f truce.LeadFile, by truce.Person) []chat.Block {
	if f.MayDecide(by) != nil || !f.Open() {
		return nil
	}
	s := chat.Select{Label: "Log a touch", Action: "lead.touch", Arg: f.Ref}
	for _, k := range truce.TouchKinds {
		s.Options = append(s.Options, chat.Option{Value: k, Label: title(k)})
	}
	return []chat.Block{chat.SelectBlock(s)}
}

// title begins with a capital.
func title(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Leads lists leads, each with a button that shows it. said stands above the list, none instead of an empty one.
func Leads(heading, said, none string, leads []truce.Lead, p Page, loc *time.Location) chat.Card {
	return LeadsWithFit(heading, said, none, leads, nil, p, loc)
}

// RateSeveralButton opens the form in which several leads are rated alike.
func RateSeveralButton() chat.Block {
	return chat.ButtonRow(chat.Ask("Rate several alike…", "lead.rateseveral", ""))
}

// RateSeveralForm asks for one rating of several leads.
func RateSeveralForm(leads []truce.Lead) chat.Form {
	which := chat.Field{Name: "leads", Kind: chat.Several, Label: "Leads", Required: true}
	for _, l := range leads[:min(len(leads), chat.MostOptions)] {
		which.Options = append(which.Options, chat.Option{Value: l.Ref, Label: FirstWords(l.Ref+" · "+l.Title(), 75),
			Hint: FirstWords(truce.SourceName(l.Source), 75)})
	}
	return chat.Form{Name: "lead.rateseveral", Title: "Rate several leads", Submit: "Rate them", Fields: []chat.Field{which,
		{Name: "rating", Kind: chat.Radio, Label: "How good were they?", Required: true, Options: []chat.Option{
			{Value: truce.Good.String(), Label: "Good"}, {Value: truce.Fair.String(), Label: "Fair"},
			{Value: truce.Poor.String(), Label: "Poor"}}}}}
}

// RatedSeveral says which leads were rated alike, and what is left.
func RatedSeveral(leads []truce.Lead, r truce.Rating, left int) chat.Card {
	c := chat.Card{Key: "lead.rated", Summary: "Rated " + plural(len(leads), "lead", "leads") + " " + r.String() + "."}
	t := chat.T("✓ ", chat.B(c.Summary))
	for _, l := range leads {
		t = append(t, chat.T("\n"+l.Ref+" · "+l.Title())...)
	}
	c.Blocks = []chat.Block{{Text: t}}
	switch {
	case left > 1:
		c.Blocks = append(c.Blocks, RateSeveralButton())
	case left == 0:
		c.Blocks = append(c.Blocks, chat.Small("You have rated all your accepted leads."))
	}
	return c
}

// LeadsWithFit is Leads with what the profile says of each, by the lead's reference; nil leaves it out.
func LeadsWithFit(heading, said, none string, leads []truce.Lead, fits map[string]truce.Fit, p Page, loc *time.Location) chat.Card {
	c := chat.Card{Key: "leads", Summary: cmp.Or(said, heading)}
	if len(leads) == 0 {
		c.Summary = none
		c.Blocks = append(c.Blocks, chat.Para(none))
		return c
	}
	if said != "" {
		c.Blocks = append(c.Blocks, chat.Para(said))
	}
	t := chat.Table{Caption: p.Caption(heading), Columns: []chat.Column{{Title: "Lead"}, {Title: "Who"}, {Title: "Source", Spare: true},
		{Title: "Qualified"}, {Title: "State"}}}
	if len(fits) > 0 {
		t.Columns = append(t.Columns, chat.Column{Title: "ICP"})
	}
	for _, l := range leads {
		b := chat.Press(l.Ref, "lead.show", l.Ref)
		t.Rows = append(t.Rows, []chat.Cell{{Text: l.Ref, Button: &b}, {Text: l.Title()}, {Text: truce.SourceName(l.Source)},
			{Text: chat.At(l.MQLAt, loc, chat.Day).Format()}, {Text: leadState(l)}})
		if f, ok := fits[l.Ref]; ok {
			t.Rows[len(t.Rows)-1] = append(t.Rows[len(t.Rows)-1], chat.Cell{Text: fmt.Sprintf("%s, %d of %d", f.Fit, f.Met, f.Total)})
		} else if len(fits) > 0 {
			t.Rows[len(t.Rows)-1] = append(t.Rows[len(t.Rows)-1], chat.Cell{})
		}
	}
	c.Blocks = append(append(c.Blocks, chat.TableBlock(t)), p.More()...)
	return c
}

// LeadForm asks which lead is meant.
func LeadForm() chat.Form {
	return chat.Form{Name: "lead.find", Title: "Find a lead", Submit: "Show it", Fields: []chat.Field{
		{Name: "lead", Kind: chat.Search, Suggest: "leads", Label: "Lead",
			Hint: "Its company, a name, an e-mail address, the id in the CRM, or our reference, such as L-12", Required: true, Max: 200}}}
}

func reasonOptions() []chat.Option {
	o := make([]chat.Option, len(truce.Reasons))
	for i, r := range truce.Reasons {
		o[i] = chat.Option{Value: string(r.Reason), Label: r.Label, Group: string(r.Kind)}
	}
	return o
}

// RejectForm asks why a lead is rejected.
func RejectForm(l truce.Lead) chat.Form {
	return chat.Form{Name: "lead.reject", Title: "Reject " + l.Ref, Submit: "Reject", State: l.Ref, Intro: chat.T(l.Title()),
		Fields: []chat.Field{
			{Name: "reason", Kind: chat.Choice, Label: "Why", Required: true, Options: reasonOptions()},
			{Name: "note", Kind: chat.LongText, Label: "What happened", Hint: "In a sentence; Marketing reads it.", Max: truce.MaxText},
		}}
}

// GiveForm asks a manager whose a lead is to be.
func GiveForm(l truce.Lead, reps []truce.Person) chat.Form {
	var o []chat.Option
	for _, p := range reps {
		label := p.Name
		if len(truce.PeopleCalled(reps, p.Name)) > 1 {
			label = p.AddressedName()
		}
		o = append(o, chat.Option{Value: p.ID, Label: label})
	}
	return chat.Form{Name: "lead.give", Title: "Give " + l.Ref, Submit: "Give it", State: l.Ref, Intro: chat.T(l.Title()),
		Fields: []chat.Field{{Name: "person", Kind: chat.Choice, Label: "To", Required: true, Options: o[:min(len(o), 100)]}}}
}

// LeadGiven tells a rep that a lead is theirs now.
func LeadGiven(l truce.Lead) chat.Card {
	s := fmt.Sprintf("%s is yours now: %s.", l.Ref, l.Title())
	return chat.Card{Key: "lead.given", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("Show "+l.Ref, "lead.show", l.Ref))}}
}
