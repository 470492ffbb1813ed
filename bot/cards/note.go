package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// DraftView is a note before anybody has said what it is.
type DraftView struct {
	Note    truce.Note
	Likely  []truce.NoteKind // the likeliest first
	Sure    bool             // of the first
	Parts   []string         // more than one: what it may be split into
	Until   time.Time        // how long it is offered
	Command string           // the command its first word names; "" is none
	// A question: what is known.
	Theme   truce.Theme
	Answers []truce.Answer
	Themes  []truce.Theme // what it may be about, where that is not sure
	Now     time.Time
	Loc     *time.Location
}

// Draft asks what a note is, with one tap; a question is answered.
func Draft(v DraftView) chat.Card {
	n := v.Note
	c := chat.Card{Key: "note.draft"}
	switch {
	case len(v.Parts) > 1:
		c.Summary = fmt.Sprintf("These look like %d things.", len(v.Parts))
		c.Blocks = append(c.Blocks, chat.Para(chat.B(c.Summary), " Shall I file them apart?"))
		for _, p := range v.Parts {
			c.Blocks = append(c.Blocks, chat.Quote(p))
		}
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("File them apart", "note.split", n.ID).As(chat.Primary),
			chat.Press("It is one", "note.whole", n.ID),
			chat.Press("Discard", "note.discard", n.ID)))
	case v.Sure && v.Likely[0] == truce.NoteQuestion:
		c.Blocks, c.Summary = answered(v)
		c.Blocks = append(c.Blocks, chat.ButtonRow(append([]chat.Button{chat.Press("Ask Marketing", "note.kind",
			n.ID+" "+string(truce.NoteQuestion))}, likely(n, v.Likely[1:], 2)...)...))
	case v.Sure:
		c.Summary = "Sounds like: " + v.Likely[0].Title() + "."
		c.Blocks = append(c.Blocks, chat.Para("Sounds like: ", chat.B(v.Likely[0].Title()), "."), chat.Quote(n.Text))
		row := likely(n, v.Likely, 3)
		row[0].Label, row[0].Style = "File it", chat.Primary
		if v.Likely[0] == truce.NoteLead {
			row[0].Label = "Dispute the lead…"
			row = append(row[:1:1], chat.Press("Just file it", "note.kind", n.ID+" "+string(truce.NoteLead)))
		}
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	default:
		c.Summary = "What is it?"
		if len(v.Likely) > 1 {
			c.Summary = v.Likely[0].Title() + ", or " + lower(v.Likely[1].Title()) + "?"
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B(c.Summary)), chat.Quote(n.Text))
		c.Blocks = append(c.Blocks, chat.ButtonRow(unsure(n, v.Likely)...))
	}
	if len(v.Parts) <= 1 {
		c.Blocks = append(c.Blocks, chat.SelectBlock(kindSelect("Something else", n)),
			chat.ButtonRow(chat.Ask("Edit", "note.edit", n.ID), chat.Press("Discard", "note.discard", n.ID)))
	}
	if v.Command != "" {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Do it: /"+v.Command, "note.command", n.ID)))
	}
	c.Blocks = append(c.Blocks, chat.Small("Until then it is a private draft, offered until ", chat.At(v.Until, v.Loc, chat.Day),
		": only you see it, and it counts nowhere."))
	return c
}

// answered is what is known about a question.
func answered(v DraftView) ([]chat.Block, string) {
	if len(v.Answers) > 0 {
		b := []chat.Block{chat.Para("About ", chat.B(v.Theme.Name), ", from the approved answers:")}
		return append(b, answerBlocks(v.Answers[0], "", len(v.Answers)-1, v.Now, v.Loc)...), "About " + v.Theme.Name + ": " + v.Answers[0].Body
	}
	if v.Theme.ID != "" {
		return []chat.Block{chat.Para("There is no approved answer about ", chat.B(v.Theme.Name), " yet. Shall I ask Marketing?"),
				chat.Quote(v.Note.Text)},
			"There is no approved answer about " + v.Theme.Name + " yet."
	}
	b := []chat.Block{chat.Para("I am not sure what it is about, and do not want to guess."), chat.Quote(v.Note.Text)}
	var row []chat.Button
	for _, t := range v.Themes {
		row = append(row, chat.Press(t.Name, "objection.heard", "theme "+t.ID))
	}
	if len(row) > 0 {
		b = append(b, chat.ButtonRow(row...))
	}
	return b, "I am not sure what it is about."
}

// unsure are buttons for the likeliest kinds; where none is, for what most notes are.
func unsure(n truce.Note, kinds []truce.NoteKind) []chat.Button {
	if len(kinds) < 2 {
		return likely(n, []truce.NoteKind{truce.NoteObjection, truce.NoteStuck, truce.NoteWin}, 3)
	}
	return likely(n, kinds, 2)
}

// likely are buttons for the first n kinds.
func likely(n truce.Note, kinds []truce.NoteKind, most int) []chat.Button {
	var row []chat.Button
	for _, k := range kinds[:min(len(kinds), most)] {
		row = append(row, kindButton(n, k))
	}
	return row
}

func kindButton(n truce.Note, k truce.NoteKind) chat.Button {
	if k == truce.NoteLead { // leads on to a form
		return chat.Ask(k.Title(), "note.dispute", n.ID)
	}
	return chat.Press(k.Title(), "note.kind", n.ID+" "+string(k))
}

func kindSelect(label string, n truce.Note) chat.Select {
	s := chat.Select{Label: label, Action: "note.kind", Arg: n.ID, Value: string(n.Kind)}
	for _, k := range truce.NoteKinds {
		s.Options = append(s.Options, chat.Option{Value: string(k), Label: k.Title()})
	}
	return s
}

// Note confirms a filed note.
func Note(n truce.Note, lead string) chat.Card {
	c := chat.Card{Key: "note.filed", Summary: "Filed: " + n.Kind.Title() + "."}
	c.Blocks = append(c.Blocks, chat.Block{Text: chat.T(chat.B("✓ Filed: "+n.Kind.Title()), noteDetails(n, lead))}, chat.Quote(n.Text))
	row := []chat.Button{chat.Ask("Edit", "note.edit", n.ID), chat.Press("Undo", "note.undo", n.ID), ToJourney(n.ID)}
	switch n.Kind {
	case truce.NoteLead:
		row = append([]chat.Button{chat.Ask("Dispute the lead…", "note.dispute", n.ID).As(chat.Primary)}, row...)
	case truce.NoteQuestion:
		c.Blocks = append(c.Blocks, chat.Small("Marketing sees it among the open questions."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...), chat.SelectBlock(kindSelect("Change kind", n)))
	return c
}

func noteDetails(n truce.Note, lead string) chat.Text {
	var t chat.Text
	for _, s := range []string{n.Stage, prefixed("vs. ", n.Competitor), prefixed("account ", n.Account), prefixed("lead ", lead)} {
		if s != "" {
			t = append(t, chat.T(" · "+s)...)
		}
	}
	return t
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// NoteGone says that a note was discarded or taken back, and how to have it again.
func NoteGone(n truce.Note) chat.Card {
	said := "Taken back: " + n.ID + " counts nowhere."
	if n.ConfirmedAt.IsZero() {
		said = "Discarded: " + n.ID + "."
	}
	return chat.Card{Key: "note.gone", Summary: said,
		Blocks: []chat.Block{chat.Para(said), chat.Quote(n.Text), chat.ButtonRow(chat.Press("Restore", "note.undo", n.ID))}}
}

// DraftsLeft is the button that leads to the drafts that still wait.
func DraftsLeft(n int) chat.Block {
	return chat.ButtonRow(chat.Press(more(n, "more draft", "more drafts"), "note.drafts", ""))
}

// SplitPart is one statement of a message that was split: a note that was filed, an objection with its answer, or a draft.
type SplitPart struct {
	Draft     DraftView // where it is still a draft
	Note      truce.Note
	Objection truce.Objection
	Theme     truce.Theme
	Answers   []truce.Answer
}

// Split shows what became of the parts of a message.
func Split(parts []SplitPart, now time.Time, loc *time.Location) chat.Card {
	c := chat.Card{Key: "note.split", Summary: fmt.Sprintf("Filed %d things apart.", len(parts)),
		Title: chat.T(fmt.Sprintf("%d things, filed apart", len(parts)))}
	for i, p := range parts {
		if i > 0 {
			c.Blocks = append(c.Blocks, chat.Rule())
		}
		switch {
		case p.Objection.ID != "":
			head := chat.T(chat.B("✓ Logged"))
			if p.Theme.ID != "" {
				head = chat.T(chat.B("✓ Logged as " + p.Theme.Name))
			}
			c.Blocks = append(c.Blocks, chat.Block{Text: head}, chat.Quote(p.Objection.Text))
			if len(p.Answers) > 0 {
				c.Blocks = append(c.Blocks, answerBlocks(p.Answers[0], p.Objection.ID, len(p.Answers)-1, now, loc)...)
			}
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Edit", "objection.edit", p.Objection.ID),
				chat.Press("Undo", "objection.undo", p.Objection.ID)))
		case p.Note.Draft():
			c.Blocks = append(c.Blocks, chat.Para(chat.B("Still a draft. "), "What is it?"), chat.Quote(p.Note.Text),
				chat.ButtonRow(unsure(p.Note, p.Draft.Likely)...))
		default:
			c.Blocks = append(c.Blocks, chat.Block{Text: chat.T(chat.B("✓ Filed: "+p.Note.Kind.Title()), noteDetails(p.Note, ""))},
				chat.Quote(p.Note.Text),
				chat.ButtonRow(chat.Ask("Edit", "note.edit", p.Note.ID), chat.Press("Undo", "note.undo", p.Note.ID)))
		}
	}
	return c
}

// DraftsView is what a person has not filed.
type DraftsView struct {
	Page  Page // of the notes
	Notes []DraftView
	Older int  // drafts that are offered no more
	Old   bool // these are they
	Forms []FormDraft
	Loc   *time.Location
}

// FormDraft is a form that was left with text in it.
type FormDraft struct {
	Name, State, Title, Text string
	At                       time.Time
}

// Drafts lists what a person has not filed or sent; only that person sees it.
func Drafts(v DraftsView) chat.Card {
	c := chat.Card{Key: "note.drafts", Summary: "Your drafts.", Title: chat.T(v.Page.Caption("Your drafts"))}
	if len(v.Notes) == 0 && len(v.Forms) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing waits to be filed."))
	}
	for _, f := range v.Forms {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(f.Title), ", left ", chat.At(f.At, v.Loc, chat.DayTime)))
		if f.Text != "" {
			c.Blocks = append(c.Blocks, chat.Quote(f.Text))
		}
		c.Blocks = append(c.Blocks, chat.ButtonRow(ContinueButton("Continue", f.Name, f.State)))
	}
	for _, d := range v.Notes {
		c.Blocks = append(c.Blocks, chat.Quote(d.Note.Text), chat.ButtonRow(append(unsure(d.Note, d.Likely),
			chat.Ask("Edit", "note.edit", d.Note.ID), chat.Press("Discard", "note.discard", d.Note.ID))...))
	}
	c.Blocks = append(c.Blocks, v.Page.More()...)
	if v.Older > 0 && !v.Old {
		s := fmt.Sprintf("%d older than a week are kept as well.", v.Older)
		if v.Older == 1 {
			s = "One older than a week is kept as well."
		}
		c.Blocks = append(c.Blocks, chat.Para(s), chat.ButtonRow(chat.Press("Show them", "note.drafts", "old")))
	}
	return c
}

// RecentNotes lists what was heard in the field lately; it names nobody.
func RecentNotes(list []truce.Note, p Page, loc *time.Location) chat.Card {
	c := chat.Card{Key: "note.recent", Summary: "Heard in the field.", Title: chat.T(p.Caption("Heard in the field"))}
	if len(list) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing yet. Tell me what you hear: ", chat.Code("/field they loved the repeat-rate page")))
	}
	for _, n := range list {
		c.Blocks = append(c.Blocks, chat.Quote(n.Text), chat.Block{Note: append(chat.T(chat.At(n.ConfirmedAt, loc, chat.Day),
			" · "+n.Kind.Title()), noteDetails(n, "")...)})
	}
	c.Blocks = append(c.Blocks, p.More()...)
	return c
}

// NoteFields are what the form of a note is filled with.
type NoteFields struct {
	Note truce.Note
	Lead string // its reference
}

// NoteForm asks for a field note, or for changes to one.
func NoteForm(v NoteFields) chat.Form {
	n := v.Note
	f := chat.Form{Name: "note", Title: "Field note", Submit: "File it", State: n.ID}
	if n.ID != "" {
		f.Title, f.Submit = "Edit "+n.ID, "Save"
	}
	var kinds []chat.Option
	for _, k := range truce.NoteKinds {
		kinds = append(kinds, chat.Option{Value: string(k), Label: k.Title()})
	}
	f.Fields = []chat.Field{
		{Name: "text", Kind: chat.LongText, Label: "What did you hear?", Value: n.Text, Required: true, Max: truce.MaxText},
		{Name: "kind", Kind: chat.Choice, Label: "What is it?", Hint: "Leave empty and Truce will ask.", Value: string(n.Kind), Options: kinds},
		{Name: "account", Kind: chat.Line1, Label: "Account", Value: n.Account, Max: 200},
		{Name: "stage", Kind: chat.Choice, Label: "Stage", Value: n.Stage, Options: stages()},
		{Name: "competitor", Kind: chat.Line1, Label: "Competitor", Value: n.Competitor, Max: 200},
		{Name: "lead", Kind: chat.Search, Suggest: "leads", Label: "Lead", Hint: "Its id in the CRM, e-mail address, or reference such as L-12",
			Value: v.Lead, Max: 200},
	}
	return f
}

// FirstWords is the beginning of a text, for a list.
func FirstWords(s string, most int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}
