package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is the journey map: all stages at a look, one stage with what is known and what is true beside it, and its forms.

// JourneyView is the map.
type JourneyView struct {
	AsOf     time.Time
	Stages   []StageView
	Unplaced int // objections that were heard at nobody knows which stage
	Weeks    int // that shares and words are of
	Window   int // days that a lead has to go on
	Loc      *time.Location
}

// StageView is one stage of the map.
type StageView struct {
	Name, Owner, Exit string
	Entries           []truce.JourneyEntry
	Measured          bool // leads or deals are in it, by the configuration
	Leads, Deals      int
	Days, Then        string // median days there, now and Weeks before; "" is none
	DaysOf, ThenOf    int    // how many those medians are of
	DaysNow, DaysThen int    // the same, rounded, for charts
	Onward, Before    Share
	Pace              string // "slower", "faster", or "" where it is too close to call
	Objections        []StageObjection
	Stuck             []CountOf // why, of how many accounts
	Messages          []CountOf // of how many accounts, of which N moved on
	Gaps              []truce.JourneyGap
}

// StageObjection is a theme that is heard at a stage.
type StageObjection struct {
	Name             string
	Times            int
	Rising, Answered bool
}

// Empty reports whether nobody has put anything on the map yet.
func (v JourneyView) Empty() bool {
	for _, s := range v.Stages {
		if len(s.Entries) > 0 || s.Exit != "" {
			return false
		}
	}
	return true
}

// Journey is the map at a look: a line a stage, its days as a chart, and a button to each.
func Journey(v JourneyView) chat.Card {
	c := chat.Card{Key: "journey", Summary: "The journey map.", Title: chat.T("The journey map")}
	if v.Empty() {
		c.Blocks = append(c.Blocks, chat.Para("Nobody has put anything on it yet. Begin with what you heard last: ",
			chat.Code("/journey add evaluation barrier nobody here has time to validate"),
			", or add an objection or a message by its menu."))
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(journeyTable(v)))
	if chart, ok := journeyChart(v); ok {
		c.Blocks = append(c.Blocks, chat.ChartBlock(chart))
	}
	for _, s := range v.Stages {
		if s.Pace != "" {
			c.Blocks = append(c.Blocks, chat.Para(chat.B(capital(s.Pace)+": "), s.paceText(v)))
		}
	}
	var row []chat.Button
	for _, s := range v.Stages {
		row = append(row, chat.Press(FirstWords(capital(s.Name), 30), "journey.stage", s.Name))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...), chat.ButtonRow(chat.Ask("Add to the map…", "journey.add", "").As(chat.Primary),
		chat.Ask("Change the stages…", "journey.stages", "")))
	c.Footer = v.footer()
	return c
}

// JourneyWhole is the whole map in words, for those who cannot press buttons.
func JourneyWhole(v JourneyView) chat.Card {
	c := chat.Card{Key: "journey.whole", Summary: "The journey map.", Title: chat.T("The journey map, ", chat.At(v.AsOf, v.Loc, chat.Day)),
		Footer: v.footer()}
	c.Blocks = append(c.Blocks, chat.TableBlock(journeyTable(v)))
	for _, s := range v.Stages {
		c.Blocks = append(c.Blocks, chat.Heading(capital(s.Name)))
		c.Blocks = append(c.Blocks, s.blocks(v, false)...)
	}
	return c
}

// JourneyStage is one stage: what buyers ask, what drives and stops them, what is true now, and what is missing, each with a next step.
func JourneyStage(v JourneyView, name string) chat.Card {
	c := chat.Card{Key: "journey.stage", Summary: "The journey map: " + name + ".", Footer: v.footer()}
	for _, s := range v.Stages {
		if s.Name == name {
			c.Title = chat.T("Journey map · ", capital(s.Name))
			c.Blocks = append(c.Blocks, s.blocks(v, true)...)
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Add to it…", "journey.add", s.Name).As(chat.Primary),
				chat.Press("I look after it", "journey.own", s.Name), chat.Ask("Propose its end…", "journey.propose", s.Name),
				chat.Press("The whole map", "journey.map", "")))
		}
	}
	return c
}

func (v JourneyView) footer() chat.Text {
	t := fmt.Sprintf("Days: the median of those who are there now. Onward: of those who came there in %d weeks, who went on within %d days, "+
		"so that all are of one age; beside it the %d weeks before.",
		v.Weeks, v.Window, v.Weeks)
	if v.Unplaced > 0 {
		t += " " + plural(v.Unplaced, "objection names no stage, and no lead that would tell it.",
			"objections name no stage, and no lead that would tell it.")
	}
	return chat.T(t)
}

func journeyTable(v JourneyView) chat.Table {
	t := chat.Table{Caption: "The customer's way", Columns: []chat.Column{{Title: "Stage"}, {Title: "Leads", Number: true},
		{Title: "Deals", Number: true, Spare: true}, {Title: "Days there", Number: true},
		{Title: "Go on", Number: true}, {Title: "Heard most"}, {Title: "Missing", Number: true, Spare: true}}}
	for _, s := range v.Stages {
		heard := ""
		if len(s.Objections) > 0 {
			heard = s.Objections[0].Name
		}
		leads, deals := chat.Cell{Text: "–"}, chat.Cell{Text: "–"}
		if s.Measured {
			leads, deals = chat.Cell{Text: count(s.Leads), Value: float64(s.Leads)}, chat.Cell{Text: count(s.Deals), Value: float64(s.Deals)}
		}
		days := s.Days
		if days == "" {
			days = "–"
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: capital(s.Name)}, leads, deals, {Text: days, Value: float64(s.DaysNow)}, s.Onward.cell(),
			{Text: heard}, {Text: count(len(s.Gaps)), Value: float64(len(s.Gaps))}})
	}
	return t
}

// journeyChart is the days at each measured stage, now and before.
func journeyChart(v JourneyView) (chat.Chart, bool) {
	c := chat.Chart{Kind: chat.Bar, Title: "Median days at each stage", Unit: "days",
		Series: []chat.Series{{Name: "now"}, {Name: fmt.Sprintf("%d weeks before", v.Weeks)}}}
	for _, s := range v.Stages {
		if s.Days == "" || s.Then == "" {
			continue
		}
		c.Categories = append(c.Categories, capital(s.Name))
		c.Series[0].Values, c.Series[1].Values = append(c.Series[0].Values, float64(s.DaysNow)), append(c.Series[1].Values, float64(s.DaysThen))
	}
	return c, len(c.Categories) > 0
}

func (s StageView) paceText(v JourneyView) string {
	return fmt.Sprintf("%s. %s went on within %d days (%s), %s in the %d weeks before.", s.Name, s.Onward, v.Window, s.Onward.Range(),
		s.Before, v.Weeks)
}

func (s StageView) blocks(v JourneyView, buttons bool) (list []chat.Block) {
	exit, owner := s.Exit, s.Owner
	if exit == "" {
		exit = "not agreed yet"
	}
	if owner == "" {
		owner = "nobody yet"
	}
	facts := []chat.Fact{chat.FactOf("It is over when", exit), chat.FactOf("Looks after it", owner)}
	if s.Measured {
		facts = append(facts, chat.FactOf("There now", plural(s.Leads, "lead", "leads")+", "+plural(s.Deals, "deal", "deals")))
		if s.Days != "" {
			days := fmt.Sprintf("%s days (median of %s)", s.Days, count(s.DaysOf))
			if s.Then != "" {
				days += fmt.Sprintf(", %d weeks before %s days (median of %s)", v.Weeks, s.Then, count(s.ThenOf))
			}
			facts = append(facts, chat.FactOf("Have been there", days))
		}
		if s.Onward.N > 0 {
			went := s.Onward.counted()
			if r := s.Onward.Range(); r != "" {
				went += " (" + r + ")"
			}
			if s.Before.N > 0 {
				went += "; before " + s.Before.counted()
			}
			facts = append(facts, chat.FactOf("Went on", went))
		}
	}
	list = append(list, chat.FactList(facts...))
	if s.Pace != "" {
		list = append(list, chat.Para(chat.B(capital(s.Pace)+" than before. "), s.paceText(v)))
	}
	for _, part := range s.parts(v, buttons) {
		shown := len(part.rows)
		if buttons {
			shown = min(shown, part.first)
		}
		list = append(list, part.page(s.Name, 0, shown)...)
	}
	return list
}

// stagePart is one of the lists that a stage holds.
type stagePart struct {
	name, title string
	first       int          // so many are shown at first
	rows        []chat.Block // a paragraph each
	below       map[int][]chat.Button
}

// page is a stretch of the list under its title, with the way to the rest.
func (part stagePart) page(stage string, from, n int) (list []chat.Block) {
	p := Page{List: "journey.stage", Rest: part.name + " " + stage, From: from, Shown: n, Of: len(part.rows)}
	if n == 0 {
		return nil
	}
	if len(part.below) > 0 {
		list = append(list, chat.Para(chat.B(part.title)))
		for i, row := range part.rows[from : from+n] {
			list = append(list, row)
			if b, ok := part.below[from+i]; ok {
				list = append(list, chat.ButtonRow(b...))
			}
		}
		return append(list, p.More()...)
	}
	t := chat.T(chat.B(part.title))
	for _, row := range part.rows[from : from+n] {
		t = append(append(t, chat.T("\n")...), row.Text...)
	}
	return append([]chat.Block{{Text: t}}, p.More()...)
}

// parts are what people put on a stage by its kind, what is heard there, and what is missing.
func (s StageView) parts(v JourneyView, buttons bool) (list []stagePart) {
	for _, k := range truce.EntryKinds {
		part := stagePart{name: string(k), title: k.Title(), first: 6}
		for _, e := range s.Entries {
			if e.Kind == k {
				part.rows = append(part.rows, chat.Para(chat.T("• "+FirstWords(e.Text, 300)+" ", cited(e))))
			}
		}
		list = append(list, part)
	}
	list = append(list, stagePart{name: "heard", title: fmt.Sprintf("Heard there in %d weeks", v.Weeks), first: 11, rows: s.heard()})
	gaps := stagePart{name: "missing", title: "What is missing", first: 4, below: map[int][]chat.Button{}}
	for i, g := range s.Gaps {
		gaps.rows = append(gaps.rows, chat.Para("• ", FirstWords(g.Text, 400)))
		if b := gapButtons(g, s.Name); len(b) > 0 && buttons {
			gaps.below[i] = b
		}
	}
	return append(list, gaps)
}

// heard is what is heard at a stage, a line each: the first of the objections, of what accounts are stuck on and of what
// resonates, then the rest of them.
func (s StageView) heard() []chat.Block {
	var first, rest []chat.Block
	line := func(early bool, parts ...any) {
		if b := chat.Para(parts...); early {
			first = append(first, b)
		} else {
			rest = append(rest, b)
		}
	}
	for i, o := range s.Objections {
		more := ""
		if o.Rising {
			more += ", rising"
		}
		if !o.Answered {
			more += ", no approved answer"
		}
		line(i < 5, "• ", chat.B(o.Name), " ", times(o.Times), more)
	}
	for i, w := range s.Stuck {
		line(i < 3, "• stuck: ", FirstWords(w.Name, 200), " ("+plural(w.N, "account", "accounts")+")")
	}
	for i, w := range s.Messages {
		line(i < 3, "• resonates: ", FirstWords(w.Name, 200), fmt.Sprintf(" (%s, %d took the next step)", plural(w.Of, "account", "accounts"),
			w.N))
	}
	return append(first, rest...)
}

// JourneyMore goes on with one of a stage's lists, by its name.
func JourneyMore(v JourneyView, stage, name string, from, n int) (c chat.Card, ok bool) {
	c = chat.Card{Key: "journey.more", Summary: "The journey map: " + stage + ".", Title: chat.T("Journey map · ", capital(stage))}
	for _, s := range v.Stages {
		for _, part := range s.parts(v, true) {
			if s.Name == stage && part.name == name {
				from = min(from, len(part.rows))
				n = min(n, len(part.rows)-from)
				part.title = Page{From: from, Shown: n, Of: len(part.rows)}.Caption(part.title)
				if c.Blocks = part.page(stage, from, n); n == 0 {
					c.Blocks = []chat.Block{chat.Para(part.title + ".")}
				}
				ok = true
			}
		}
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The stage", "journey.stage", stage)))
	return c, ok
}

// cited is what an entry rests on.
func cited(e truce.JourneyEntry) chat.Text {
	if e.Assumed() {
		return chat.T(chat.I("assumed"), " ("+e.ID+")")
	}
	var refs []string
	for _, r := range e.Cites[:min(len(e.Cites), 5)] {
		if strings.HasPrefix(r, "https://") {
			r = "link"
		}
		refs = append(refs, r)
	}
	if more := len(e.Cites) - len(refs); more > 0 {
		refs = append(refs, fmt.Sprintf("%d more", more))
	}
	return chat.T("(" + e.ID + ", " + strings.Join(refs, ", ") + ")")
}

// gapButtons are what leads on from something that is missing.
func gapButtons(g truce.JourneyGap, stage string) []chat.Button {
	switch g.Kind {
	case truce.GapSlower:
		return []chat.Button{chat.Ask("I know why…", "journey.why", stage)}
	case truce.GapAnswer:
		return []chat.Button{chat.Ask("Write an answer…", "journey.answer", g.Ref), chat.Press("Ask Marketing for one", "journey.request", g.Ref)}
	case truce.GapContent:
		return []chat.Button{chat.Ask("There is something…", "journey.content", g.Ref)}
	case truce.GapAssumed:
		heard := chat.Ask("I have heard it…", "journey.cite", g.Ref)
		if !g.Asked.IsZero() {
			return []chat.Button{heard, chat.Press("Ask no more", "journey.unask", g.Ref)}
		}
		return []chat.Button{heard, chat.Ask("Ask it in interviews…", "journey.ask", g.Ref)}
	case truce.GapUnlooked:
		return []chat.Button{chat.Ask("Say the first thing…", "journey.add", stage)}
	}
	return nil
}

// AskForm asks what interviews shall ask about an entry that is only assumed.
func AskForm(e truce.JourneyEntry, question string) chat.Form {
	return chat.Form{Name: "journey.ask", Title: "Ask it in interviews", Submit: "Ask it", State: e.ID,
		Intro: chat.T(FirstWords(e.Text, 300), "\nInterviews that begin from now on ask it after their own questions, until something shows that "+
			"it is so. Ask openly: who hears the answer in the question agrees with it."),
		Fields: []chat.Field{{Name: "text", Kind: chat.Line1, Label: "Question", Value: question, Required: true, Max: 200}}}
}

// MapAsked says what interviews ask from now on.
func MapAsked(q truce.MapQuestion, stage string) chat.Card {
	s := "Interviews that begin from now on ask for " + q.EntryID + ":"
	return chat.Card{Key: "journey.asked", Summary: s, Blocks: []chat.Block{chat.Para("✓ " + s), chat.Quote(q.Question),
		chat.ButtonRow(chat.Press("Ask no more", "journey.unask", q.EntryID), chat.Press("See the stage", "journey.stage", stage))}}
}

// MapAskedNoMore says that interviews ask about an entry no more.
func MapAskedNoMore(entry string) chat.Card {
	s := "Interviews that begin from now on do not ask for " + entry + " any more."
	return chat.Card{Key: "journey.asked", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Ask("Ask it in interviews…", "journey.ask", entry))}}
}

// ToJourney is the button of anything that may be put on the journey map: an objection, a note, an answer, a quote, by its id.
func ToJourney(ref string) chat.Button {
	return chat.Ask("To the journey map…", "journey.from", ref)
}

// EntryFields are what the form of an entry is filled with.
type EntryFields struct {
	Entry    truce.JourneyEntry
	Stages   []string
	Evidence string // references, links or the words it came from
	State    string
}

// EntryForm asks for an entry of the map, or for changes to one.
func EntryForm(v EntryFields) chat.Form {
	e := v.Entry
	f := chat.Form{Name: "journey.entry", Title: "Add to the journey map", Submit: "Add it", State: v.State}
	if e.ID != "" {
		f.Title, f.Submit = "Edit "+e.ID, "Save"
	}
	var stages, kinds []chat.Option
	for _, s := range v.Stages {
		stages = append(stages, chat.Option{Value: FirstWords(s, 75), Label: FirstWords(capital(s), 75)})
	}
	for _, k := range truce.EntryKinds {
		kinds = append(kinds, chat.Option{Value: string(k), Label: k.Title()})
	}
	f.Fields = []chat.Field{
		{Name: "text", Kind: chat.LongText, Label: "What is it?", Value: e.Text, Required: true, Max: truce.MaxText},
		{Name: "stage", Kind: chat.Choice, Label: "Stage", Value: e.Stage, Required: true, Options: stages},
		{Name: "kind", Kind: chat.Choice, Label: "Kind", Value: string(e.Kind), Required: true, Options: kinds},
		{Name: "evidence", Kind: chat.LongText, Label: "What shows it?",
			Hint: "O-12, N-3, A-7, I-2, a link, or what a buyer said in their words. Empty: it reads assumed.", Value: v.Evidence, Max: truce.MaxText},
	}
	return f
}

// JourneyAdded confirms an entry.
func JourneyAdded(e truce.JourneyEntry, note string) chat.Card {
	c := chat.Card{Key: "journey.added", Summary: "On the map: " + e.Stage + ", " + string(e.Kind) + "."}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("✓ On the map"), " · "+e.Stage+" · "+string(e.Kind)+" · ", cited(e)), chat.Quote(e.Text))
	if note != "" {
		c.Blocks = append(c.Blocks, chat.Small("The words it came from are kept as "+note+"."))
	}
	row := []chat.Button{chat.Ask("Edit", "journey.edit", e.ID), chat.Press("Take it off", "journey.remove", e.ID),
		chat.Press("See the stage", "journey.stage", e.Stage)}
	if e.Assumed() {
		row = append([]chat.Button{chat.Ask("What shows it…", "journey.cite", e.ID)}, row...)
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}

// JourneyRemoved says that an entry was taken off the map, and how to have it again.
func JourneyRemoved(e truce.JourneyEntry) chat.Card {
	said := "Taken off the map: " + e.ID + "."
	return chat.Card{Key: "journey.removed", Summary: said,
		Blocks: []chat.Block{chat.Para(said), chat.Quote(e.Text), chat.ButtonRow(chat.Press("Put it back", "journey.remove", e.ID))}}
}

// CiteForm asks what shows that an entry is so. evidence is what is known of it already, "" for nothing.
func CiteForm(e truce.JourneyEntry, evidence string) chat.Form {
	return chat.Form{Name: "journey.cite", Title: "What shows it?", Submit: "It is so", State: e.ID, Intro: chat.T(FirstWords(e.Text, 300)),
		Fields: []chat.Field{
			{Name: "evidence", Kind: chat.LongText, Label: "What shows it?", Hint: "O-12, N-3, A-7, I-2, a link, or what a buyer said in their words.",
				Value: evidence, Required: true, Max: truce.MaxText}}}
}

// StagesForm asks for the stages of the map, one a line. instead is the proposal that it is another way of, "" for none.
func StagesForm(lines, instead string) chat.Form {
	return chat.Form{Name: "journey.stages", Title: "The map's stages", Submit: "Propose it", State: instead,
		Intro: chat.T("One stage a line, in the order of the customer's way. They hold once one manager of each side has said yes. A new line "+
			"is a new stage; ", chat.Code("trial (was evaluation)"), " is another name for one, and keeps what was said of it; a line that is "+
			"left out goes off the map."),
		Fields: []chat.Field{
			{Name: "stages", Kind: chat.LongText, Label: "Stages", Value: lines, Required: true, Max: 3000,
				Hint: "Behind a colon: leads (mql, accepted, sql, opportunity), deals (the CRM's stages; open is every other), said (other names)"},
			{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Max: truce.MaxText},
			{Name: "from", Kind: chat.DateOf, Label: "From a day on", Hint: "Empty is from the second yes."},
		}}
}

// MostExit is how long the end of a stage may be, in characters.
const MostExit = 140

// ExitForm asks what a buyer does when a stage is over. instead is the proposal that it is another way of, "" for none.
func ExitForm(stages []string, stage, text, instead string) chat.Form {
	f := chat.Form{Name: "journey.propose", Title: "When is a stage over?", Submit: "Propose it", State: instead,
		Intro: chat.T("In the buyer's behaviour, not ours: “they have run their own samples”, not “demo held”. It holds once one manager of " +
			"each side has said yes.")}
	var options []chat.Option
	for _, s := range stages {
		options = append(options, chat.Option{Value: FirstWords(s, 75), Label: FirstWords(capital(s), 75)})
	}
	f.Fields = []chat.Field{
		{Name: "stage", Kind: chat.Choice, Label: "Stage", Value: stage, Required: true, Options: options},
		{Name: "exit", Kind: chat.Line1, Label: "It is over when the buyer…", Value: FirstWords(text, MostExit), Required: true, Max: MostExit},
		{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Max: truce.MaxText},
		{Name: "from", Kind: chat.DateOf, Label: "From a day on", Hint: "Empty is from the second yes."},
	}
	return f
}
