package cards

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// InterviewView is an interview as the one who asks sees it.
type InterviewView struct {
	Interview truce.Interview
	Before    *truce.Interview // the one that waits because this one is asked
	Answered  int              // the place of the question just answered, from 1; 0: none was
	Elsewhere bool             // the question is shown outside of the chat with Truce: messages there are no answers
	Inventory truce.Inventory  // for the progress
	Asked     []AskedOfMap     // what it asked because of the journey map, and heard
	Loc       *time.Location
}

// AskedOfMap is what was heard of an entry of the journey map that is only assumed.
type AskedOfMap struct {
	Entry           truce.JourneyEntry
	Question, Heard string
}

// blocks lead from what was heard to the map.
func (a AskedOfMap) blocks(interview string) []chat.Block {
	return []chat.Block{chat.Para(chat.B(a.Question)), chat.Quote(a.Heard),
		chat.Small("Asked for "+a.Entry.ID+" on the journey map: ", chat.I(FirstWords(a.Entry.Text, 200)), ". Is it so?"),
		chat.ButtonRow(chat.Ask("It is so…", "journey.cite", a.Entry.ID+" "+interview), chat.Press("See the stage", "journey.stage",
			a.Entry.Stage))}
}

// InterviewQuestion asks the question an interview is at, below the answer that was just given.
func InterviewQuestion(v InterviewView) chat.Card {
	i := v.Interview
	n, of := i.Place+1, len(i.Questions)
	question := i.Question(i.Place)
	c := chat.Card{Key: "interview.question", Summary: fmt.Sprintf("%d of %d · %s", n, of, question)}
	if v.Before != nil {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(v.Before.ID+" · "+v.Before.Account),
			fmt.Sprintf(" waits at question %d of %d: your messages are now answers of ", min(v.Before.Place+1, len(v.Before.Questions)),
				len(v.Before.Questions)), chat.B(i.Account), "."))
	}
	if v.Answered > 0 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("✓ %d of %d · %s", v.Answered, of, i.Question(v.Answered-1))),
			chat.Quote(i.Said(v.Answered-1)))
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("%d of %d · %s", n, of, question)), "\n", chat.I(i.ID+" · "+i.Head())))
	if said := i.Said(i.Place); said != "" {
		c.Blocks = append(c.Blocks, chat.Small("You have:"), chat.Quote(said), chat.Small("A new answer takes its place; Skip keeps it."))
	}
	at := i.ID + " " + strconv.Itoa(i.Place)
	row := []chat.Button{chat.Ask("Answer…", "outcome.answer", at).As(chat.Primary), chat.Press("Skip", "outcome.skip", at),
		chat.Press("Pause", "outcome.pause", i.ID)}
	if i.Place > 0 {
		row = append(row, chat.Press("Back", "outcome.back", at))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...), chat.ButtonRow(chat.Ask("Who is it…", "outcome.who", i.ID),
		chat.Ask("Outcome…", "outcome.add", i.ID), chat.Press("Finish early", "outcome.end", i.ID)))
	next := "That is the last question."
	if n < of {
		next = "Next: " + i.Question(n)
	}
	how := " Just write the answer, in the buyer's own words: nobody else sees this chat."
	if v.Elsewhere {
		how = " Write the answer to me alone, in our own chat, or press Answer."
	}
	c.Blocks = append(c.Blocks, chat.Small(next+how))
	return c
}

// InterviewPaused says that an interview waits, and how it is gone on with.
func InterviewPaused(i truce.Interview) chat.Card {
	where := fmt.Sprintf("question %d of %d", min(i.Place+1, len(i.Questions)), len(i.Questions))
	if i.Place >= len(i.Questions) {
		where = "its end"
	}
	s := fmt.Sprintf("%s · %s waits at %s, as long as it takes.", i.ID, i.Account, where)
	return chat.Card{Key: "interview.paused", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(GoOn(i), chat.Press("Discard", "outcome.drop", i.ID))}}
}

// GoOn is the button that goes on with an interview.
func GoOn(i truce.Interview) chat.Button {
	return chat.Press("Go on", "outcome.resume", i.ID).As(chat.Primary)
}

// InterviewDiscarded says that an interview counts nowhere, and how to have it again.
func InterviewDiscarded(i truce.Interview) chat.Card {
	s := i.ID + " · " + i.Account + " is discarded and counts nowhere."
	return chat.Card{Key: "interview.gone", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("Restore", "outcome.resume", i.ID))}}
}

// InterviewAsks asks which of several interviews is meant.
func InterviewAsks(account string, open []truce.Interview) chat.Card {
	c := chat.Card{Key: "interview.which", Summary: "An interview with " + account + " is open already."}
	c.Blocks = append(c.Blocks, chat.Para(c.Summary))
	for _, i := range open {
		c.Blocks = append(c.Blocks, openInterview(i)...)
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Start another one", "outcome.another", account)))
	return c
}

// openInterview is an interview that waits, with the button that goes on.
func openInterview(i truce.Interview) []chat.Block {
	where := fmt.Sprintf("question %d of %d", min(i.Place+1, len(i.Questions)), len(i.Questions))
	switch {
	case i.State == truce.InterviewDraft:
		where = "notes to confirm"
	case i.Place >= len(i.Questions):
		where = "its outcomes are to be named"
	}
	return []chat.Block{chat.Para(chat.B(i.ID+" · "+i.Account), " · "+where),
		chat.ButtonRow(GoOn(i), chat.Press("Discard", "outcome.drop", i.ID))}
}

// Interviews lists what of a person's interviews is open.
func Interviews(open []truce.Interview, p Page) chat.Card {
	c := chat.Card{Key: "interview.mine", Summary: "Your open interviews.", Title: chat.T(p.Caption("Your open interviews"))}
	if len(open) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("None is open. Start one: ", chat.Code("/outcome interview Northfield Labs")))
	}
	for _, i := range open {
		c.Blocks = append(c.Blocks, openInterview(i)...)
	}
	c.Blocks = append(c.Blocks, p.More()...)
	return c
}

// StatementView is an outcome that was named, and where it stands in the inventory.
type StatementView struct {
	Statement truce.OutcomeStatement
	Outcome   truce.InventoryLine  // "" ID: it is in none yet
	Like      *truce.InventoryLine // what it sounds like
}

// InterviewEnd is an interview whose questions were asked: the outcomes the customer named, and where they belong.
func InterviewEnd(v InterviewView, statements []StatementView) chat.Card {
	i := v.Interview
	said := 0
	for _, a := range i.Answers {
		if a.Place != truce.RestPlace {
			said++
		}
	}
	c := chat.Card{Key: "interview.end", Summary: fmt.Sprintf("%s · %s: %d of %d answered.", i.ID, i.Account, said, len(i.Questions))}
	head := "All asked"
	if i.State == truce.InterviewDone {
		head = "✓ Finished"
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(head+" · "+i.ID), "\n", chat.I(i.Head()),
		fmt.Sprintf("\n%d of %d answered", said, len(i.Questions))))
	switch {
	case len(statements) == 0:
		c.Blocks = append(c.Blocks, chat.Para("Which outcomes did they buy, or miss? Name each as ",
			chat.I("shorten the time until a result is reportable, when a batch fails"), ", with their own words."))
	default:
		c.Blocks = append(c.Blocks, chat.Heading("The outcomes they named"))
	}
	for _, s := range statements {
		c.Blocks = append(c.Blocks, statementBlocks(s, true)...)
		if i.Consent && s.Statement.Quote != "" {
			last := &c.Blocks[len(c.Blocks)-1]
			last.Buttons = append(last.Buttons, ToJourney(s.Statement.ID))
		}
	}
	if len(v.Asked) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading("Asked for the journey map"))
	}
	for _, a := range v.Asked {
		c.Blocks = append(c.Blocks, a.blocks(i.ID)...)
	}
	row := []chat.Button{chat.Ask("Outcome…", "outcome.add", i.ID), chat.Ask("Ratings…", "outcome.rate", i.ID),
		chat.Ask("Who is it…", "outcome.who", i.ID), chat.Ask("Answers…", "outcome.whole", i.ID)}
	if i.State != truce.InterviewDone {
		if len(statements) == 0 {
			row[0] = row[0].As(chat.Primary)
		}
		row = append(row, chat.Press("Finish", "outcome.finish", i.ID))
		if len(statements) > 0 {
			row[4] = row[4].As(chat.Primary)
		}
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	if i.State == truce.InterviewDone {
		c.Blocks = append(c.Blocks, chat.Small(v.Inventory.Progress.String()+". "+news(v.Inventory, i.ID)))
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The inventory", "outcome.inventory", ""),
			chat.Press("Brief", "outcome.brief", i.Account)))
	}
	if !i.Consent {
		c.Blocks = append(c.Blocks, chat.Small("Without their consent quotes stay in Marketing and carry no name: tick it under \"Who is it\" "+
			"once they have said yes."))
	}
	return c
}

// news says what an interview named that nobody had, or that the last three named nothing new.
func news(v truce.Inventory, interview string) string {
	if v.Heard() {
		return "The last three named nothing new: you have heard it."
	}
	for _, n := range v.News {
		switch {
		case n.InterviewID != interview:
		case n.Waits:
			return "Some of its outcomes are in no group yet."
		case n.New == 0:
			return "It named nothing new."
		case n.New == 1:
			return "It named one outcome nobody had named."
		default:
			return fmt.Sprintf("It named %d outcomes nobody had named.", n.New)
		}
	}
	return ""
}

// statementBlocks is an outcome that was named, with what it may belong to.
func statementBlocks(s StatementView, removable bool) []chat.Block {
	b := []chat.Block{chat.Para(chat.B(s.Statement.String()), rated(s.Statement.Rating))}
	if s.Statement.Quote != "" {
		b = append(b, chat.Quote(s.Statement.Quote))
	}
	var row []chat.Button
	switch {
	case s.Outcome.ID != "":
		b = append(b, chat.Small("In the inventory as ", chat.I(s.Outcome.Name), namedBy(s.Outcome.Ideal)))
	case s.Like != nil:
		b = append(b, chat.Small("Sounds like ", chat.I(s.Like.Name), namedBy(s.Like.Ideal)+". Is it the same?"))
		row = append(row, chat.Press("The same", "outcome.same", s.Statement.ID+" "+s.Like.ID),
			chat.Press("A new one", "outcome.new", s.Statement.ID))
	default:
		b = append(b, chat.Small("Nobody has named it yet, as far as I can tell."))
		row = append(row, chat.Press("A new one", "outcome.new", s.Statement.ID))
	}
	row = append(row, chat.Ask("Another…", "outcome.group", s.Statement.ID))
	if removable {
		row = append(row, chat.Press("Take back", "outcome.remove", s.Statement.ID))
	}
	return append(b, chat.ButtonRow(row...))
}

func namedBy(n int) string {
	if n == 0 { // by nobody whose interview is finished
		return ""
	}
	return ", named by " + more(n, "ideal customer", "ideal customers")
}

func rated(r truce.OutcomeRating) string {
	s := ""
	if r.HasImportance {
		s += fmt.Sprintf(" · important %d", r.Importance)
	}
	if r.HasSatisfaction {
		s += fmt.Sprintf(" · satisfied %d", r.Satisfaction)
	}
	return s
}

// Pasted shows how somebody's notes were split by question, to be confirmed.
func Pasted(i truce.Interview) chat.Card {
	c := chat.Card{Key: "interview.pasted", Summary: fmt.Sprintf("%s · %s: your notes, by question.", i.ID, i.Account)}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("Your notes, by question"), "\n", chat.I(i.ID+" · "+i.Head())))
	for n, q := range i.Questions {
		if said := i.Said(n); said != "" {
			c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("%d · %s", n+1, q))), chat.Quote(said))
		}
	}
	if rest := i.Said(truce.RestPlace); rest != "" {
		c.Blocks = append(c.Blocks, chat.Para(chat.B("To no question:")), chat.Quote(rest))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("It is right", "outcome.confirm", i.ID).As(chat.Primary),
		chat.Ask("Change…", "outcome.whole", i.ID), chat.Press("Discard", "outcome.drop", i.ID)),
		chat.Small("Until then it counts nowhere, and waits under ", chat.Code("/outcome mine"), "."))
	return c
}

// QuotesForReps is three quotes of an interview, for reps with open deals in its segment. Without consent it says that they were taken
// back.
func QuotesForReps(i truce.Interview, quotes []string) chat.Card {
	if !i.Consent || len(quotes) == 0 {
		s := "These quotes were taken back."
		return chat.Card{Key: "interview.quotes", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
	}
	what := "An ideal customer in " + i.Segment + " says"
	if i.Standing == truce.LostCustomer {
		what = "A customer we lost in " + i.Segment + " says"
	}
	c := chat.Card{Key: "interview.quotes", Summary: what + ": " + FirstWords(quotes[0], 100), Title: chat.T(what)}
	for n, q := range quotes {
		c.Blocks = append(c.Blocks, chat.Quote(q), chat.ButtonRow(ToJourney(fmt.Sprintf("%s %d", i.ID, n))))
	}
	c.Blocks = append(c.Blocks, chat.Small(i.Speaker()), chat.ButtonRow(chat.Press("The inventory", "outcome.inventory", ""),
		chat.Press("Brief", "outcome.brief", i.Account)))
	c.Footer = chat.T("You get this once, because you have an open deal in " + i.Segment + ".")
	return c
}

// InterviewForm asks with whom an interview is; id is "" where it begins.
func InterviewForm(i truce.Interview, name string) chat.Form {
	f := chat.Form{Name: name, Title: "Who is interviewed", Submit: "Save", State: i.ID}
	if i.ID == "" {
		f.Title, f.Submit = "Outcome interview", "Ask the first question"
	}
	f.Fields = whoFields(i)
	return f
}

func whoFields(i truce.Interview) []chat.Field {
	consent := ""
	if i.Consent {
		consent = "true"
	}
	return []chat.Field{
		{Name: "account", Kind: chat.Line1, Label: "Account", Value: i.Account, Required: true, Max: 200},
		{Name: "standing", Kind: chat.Radio, Label: "What are they to us?", Value: string(i.Standing), Required: true,
			Options: []chat.Option{{Value: string(truce.IdealCustomer), Label: "An ideal customer"},
				{Value: string(truce.LostCustomer), Label: "One we lost"}}},
		{Name: "who", Kind: chat.Line1, Label: "Who is interviewed", Value: i.Who, Max: 200},
		{Name: "role", Kind: chat.Line1, Label: "Their role", Value: i.WhoRole, Max: 200},
		{Name: "email", Kind: chat.Line1, Label: "Their e-mail address", Hint: "So that they can be erased by it. Optional.", Value: i.WhoEmail,
			Max: 200},
		{Name: "consent", Kind: chat.Check, Label: "They may be quoted", Hint: "Without it quotes stay in Marketing and carry no name.",
			Value: consent},
		{Name: "segment", Kind: chat.Line1, Label: "Segment", Hint: "Left empty, it is the segment of the account's newest lead.",
			Value: i.Segment, Max: 200},
	}
}

// AnswerQuestionForm asks for the answer to one question.
func AnswerQuestionForm(i truce.Interview, place int) chat.Form {
	return chat.Form{Name: "outcome.answer", Title: fmt.Sprintf("%s, question %d", i.ID, place+1), Submit: "Save",
		State: i.ID + " " + strconv.Itoa(place),
		Intro: chat.T(chat.I(i.Head())), Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: label(i.Question(place)),
			Value: i.Said(place), Required: true, Max: truce.MaxText}}}
}

// label is a question as a field's label holds it.
func label(q string) string {
	if s := FirstWords(q, 150); s != "" {
		return s
	}
	return "The answer"
}

// mostInForm is how many bytes of questions and answers one form takes: a dialog of Teams holds 26 KB with all that is around them.
const mostInForm = 18 << 10

// WholeInterviewForm asks for all answers at once, in the order of the questions. Answers that do not fit beside the others
// are left out, which leaves them as they are: each can be changed by itself.
func WholeInterviewForm(i truce.Interview) chat.Form {
	f := chat.Form{Name: "outcome.whole", Title: "All answers", Submit: "Save", State: i.ID, Intro: chat.T(chat.I(i.ID + " · " + i.Head()))}
	if i.ID == "" {
		f.Title, f.Intro = "Outcome interview", nil
		f.Fields = whoFields(i)
	}
	left, out := mostInForm, 0
	fits := func(question, said string) bool {
		raw, err := json.Marshal([]string{question, said})
		if size := len(raw) + 200; err == nil && size <= left { // 200 for the field's other properties
			left -= size
			return true
		}
		out++
		return false
	}
	for n, q := range i.Questions {
		if said := i.Said(n); fits(label(q), said) {
			f.Fields = append(f.Fields, chat.Field{Name: "q" + strconv.Itoa(n), Kind: chat.LongText, Label: label(q), Value: said,
				Max: truce.MaxText})
		}
	}
	if rest := i.Said(truce.RestPlace); rest != "" && fits("To no question", rest) {
		f.Fields = append(f.Fields, chat.Field{Name: "rest", Kind: chat.LongText, Label: "To no question", Value: rest, Max: truce.MaxText})
	}
	if out > 0 {
		f.Intro = append(f.Intro, chat.T(" "+plural(out, "long answer does", "long answers do")+
			" not fit here: change each by its own button.")...)
	}
	return f
}

// PasteForm asks for notes of an interview that took place elsewhere.
func PasteForm(account string) chat.Form {
	f := chat.Form{Name: "outcome.paste", Title: "Paste notes", Submit: "Split by question",
		Intro: chat.T("Begin each answer with the question, or its number. You confirm what I make of it.")}
	f.Fields = append(whoFields(truce.Interview{Account: account, Standing: truce.IdealCustomer}),
		chat.Field{Name: "notes", Kind: chat.LongText, Label: "Your notes", Required: true, Max: truce.MaxText})
	return f
}

// StatementForm asks for one outcome in the form in which outcomes of several customers can be told to be the same.
func StatementForm(i truce.Interview) chat.Form {
	var directions []chat.Option
	for _, d := range truce.Directions {
		directions = append(directions, chat.Option{Value: d, Label: capital(d)})
	}
	return chat.Form{Name: "outcome.add", Title: "An outcome", Submit: "Add it", State: i.ID, Intro: chat.T(chat.I(i.ID + " · " + i.Head())),
		Fields: []chat.Field{
			{Name: "direction", Kind: chat.Radio, Label: "They want to", Value: truce.Directions[0], Required: true, Options: directions},
			{Name: "measure", Kind: chat.Line1, Label: "What is measured", Hint: "the time", Required: true, Max: 100},
			{Name: "object", Kind: chat.Line1, Label: "Of what", Hint: "until a result is reportable", Required: true, Max: 200},
			{Name: "circumstance", Kind: chat.Line1, Label: "When", Hint: "when a batch fails", Max: 200},
			{Name: "quote", Kind: chat.LongText, Label: "In their own words", Max: 1000},
			{Name: "importance", Kind: chat.Number, Label: "How important, 0 to 10"},
			{Name: "satisfaction", Kind: chat.Number, Label: "How satisfied today, 0 to 10"},
		}}
}

// RatedAtOnce is how many outcomes a customer is asked to rate in one form: more fit no dialog.
const RatedAtOnce = 8

// RateForm asks a customer to rate the outcomes that others named.
func RateForm(i truce.Interview, list []truce.InventoryLine) chat.Form {
	f := chat.Form{Name: "outcome.rate", Title: "Ratings", Submit: "Save",
		Intro: chat.T("Ask how important each is, and how satisfied they are with it today, 0 to 10. Left empty: asked, and not said.")}
	state := []string{i.ID}
	for _, l := range list[:min(len(list), RatedAtOnce)] {
		state = append(state, l.ID)
		f.Fields = append(f.Fields, chat.Field{Name: l.ID + ".importance", Kind: chat.Number, Label: FirstWords(l.Name, 120) + ": important"},
			chat.Field{Name: l.ID + ".satisfaction", Kind: chat.Number, Label: FirstWords(l.Name, 120) + ": satisfied"})
	}
	f.State = strings.Join(state, " ")
	return f
}
