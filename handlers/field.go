package handlers

import (
	"cmp"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage/textindex"
)

// This file is what is told in free text: a note is kept as a private draft, its kind guessed, and filed with one tap.

// field takes what was heard in the field.
func (h *Handlers) field() Command {
	return Command{
		Name:     "field",
		Usage:    "[what you heard] | drafts | recent",
		Help:     "Tell what you heard in the field: what resonates or not, why prospects are stuck, trends, competitors, wins.",
		Examples: []string{"field the repeat-rate page made them call back", "field", "field drafts", "field recent"},
		Guesses:  true,
		Keeps: func(c *Call) bool {
			return c.Text != "" && !contains([]string{"drafts", "recent", "help"}, strings.ToLower(c.Text))
		},
		KeepsForms: []string{"note"},
		Run: func(c *Call) (chat.Reply, error) {
			switch strings.ToLower(c.Text) {
			case "":
				return ask(cards.NoteForm(cards.NoteFields{})), nil
			case "drafts":
				return h.drafts(c, 0, "")
			case "recent":
				return h.recentNotes(c, 0, "")
			}
			return h.takeNote(c, c.Text, "")
		},
		Actions: map[string]Action{
			"note.kind":    h.noteKind,
			"note.split":   h.splitNote,
			"note.whole":   h.wholeNote,
			"note.edit":    h.editNote,
			"note.undo":    h.undoNote,
			"note.discard": h.undoNote,
			"note.dispute": h.disputeNote,
			"note.command": h.commandNote,
			"note.of":      h.noteOf,
			"note.drafts":  func(c *Call) (chat.Reply, error) { return h.drafts(c, 0, c.Arg) },
		},
		Forms: map[string]Action{"note": h.noteSent},
		Shortcuts: []Shortcut{
			{Name: "field.log", Title: "Log as field note", Help: "Keep this message as something heard in the field.", Keeps: true,
				Run: func(c *Call) (chat.Reply, error) {
					if c.Quoted == nil {
						return ask(cards.NoteForm(cards.NoteFields{})), nil
					}
					if why := unreadable(c.Quoted.Text, "a field note"); why != "" {
						f := cards.NoteForm(cards.NoteFields{Note: truce.Note{Text: beginning(c.Quoted.Text)}})
						f.Intro = append(chat.T(why+"\n"), f.Intro...)
						return ask(f), nil
					}
					return h.takeNote(c, c.Quoted.Text, "")
				}},
			{Name: "field.new", Title: "Log a field note", Help: "Tell what you heard in the field.", Global: true,
				Run: func(c *Call) (chat.Reply, error) { return ask(cards.NoteForm(cards.NoteFields{})), nil }},
		},
	}
}

// takeNote keeps a text as a draft and asks, with one tap, what it is. command is what its first word may have meant.
func (h *Handlers) takeNote(c *Call, text, command string) (chat.Reply, error) {
	text, err := truce.CheckText(text, "note")
	if err != nil {
		return chat.Reply{}, err
	}
	n := truce.Note{Text: text, AuthorID: c.By.ID}
	if r := c.guess(text); r != nil && len(r.kinds) > 0 {
		n.Guess = truce.NoteKind(r.kinds[0].Label)
	}
	if n, err = h.withNames(c, n); err != nil {
		return chat.Reply{}, err
	}
	if n, err = c.Tx.AddNote(n); err != nil {
		return chat.Reply{}, err
	}
	return h.showDraft(c, n, command, true)
}

// withNames fills in the account and the competitor that the text names, where they are known.
func (h *Handlers) withNames(c *Call, n truce.Note) (truce.Note, error) {
	o := truce.Objection{Text: n.Text, Account: n.Account, Competitor: n.Competitor}
	err := c.guessNames(&o)
	n.Account, n.Competitor = o.Account, o.Competitor
	return n, err
}

// showDraft is the card of a draft; apart offers to split what looks like several statements.
func (h *Handlers) showDraft(c *Call, n truce.Note, command string, apart bool) (chat.Reply, error) {
	v := h.draftView(c, n)
	v.Command = command
	if apart {
		v.Parts = h.parts(n.Text)
	}
	if len(v.Parts) <= 1 && v.Sure && v.Likely[0] == truce.NoteQuestion {
		if err := h.answerQuestion(c, &v); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Draft(v)), nil
}

func (h *Handlers) draftView(c *Call, n truce.Note) cards.DraftView {
	v := cards.DraftView{Note: n, Until: n.CreatedAt.AddDate(0, 0, truce.DraftDays), Now: c.Tx.Now, Loc: h.opt.Location}
	if r := c.guess(n.Text); r != nil {
		for _, label := range likely(r.kinds, len(r.kinds)) {
			if k, err := truce.ParseNoteKind(label); err == nil {
				v.Likely = append(v.Likely, k)
			}
		}
		_, v.Sure = r.kinds.Confident(textindex.Threshold)
		v.Sure = v.Sure && len(v.Likely) > 0
		if f := h.finder.Load(); !v.Sure && f != nil && !f.kinds.Readable(n.Text) {
			v.Likely = nil // what a few known words of another language make likely is no guess that a colleague would say aloud
		}
	}
	return v
}

// parts are the statements a text may be split into; one or none is the text itself.
func (h *Handlers) parts(text string) []string {
	f := h.finder.Load()
	if f == nil {
		return nil
	}
	return textindex.Split(text, textindex.Alike(f.themes.Guess, f.kinds.Guess))
}

// answerQuestion finds what the approved answers say to a question. Where it is not sure what it is about it offers themes.
func (h *Handlers) answerQuestion(c *Call, v *cards.DraftView) error {
	r := c.guess(v.Note.Text)
	if r == nil {
		return nil
	}
	g, sure := r.themes.Confident(textindex.Threshold)
	if !sure {
		for _, id := range likely(r.themes, 2) {
			if t, err := c.Tx.Theme(id); err == nil {
				v.Themes = append(v.Themes, t)
			}
		}
		return nil
	}
	var err error
	if v.Theme, err = c.Tx.Theme(g.Label); err != nil {
		return err
	}
	if v.Answers, err = h.bestAnswers(c.Tx, v.Theme.ID); err != nil || len(v.Answers) == 0 {
		return err
	}
	return c.Tx.Shown(v.Answers[0].ID, "", c.By.ID)
}

// myNote finds a note of the person's own: a draft is nobody else's business.
func (h *Handlers) myNote(c *Call, id string) (truce.Note, error) {
	n, err := c.Tx.Note(id)
	if err == nil && !c.By.Sees(truce.DraftSecret, n.AuthorID == c.By.ID) {
		return truce.Note{}, truce.Errorf(truce.Forbidden, "Only the one who told it can change it.")
	}
	return n, err
}

// noteKind files a note as what a person says it is: by a button ("N-1 stuck" in Arg) or in the list.
func (h *Handlers) noteKind(c *Call) (chat.Reply, error) {
	id, chosen := cut(c.Arg)
	n, err := h.myNote(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	kind, err := truce.ParseNoteKind(cmp.Or(c.Values["value"], chosen))
	if err != nil {
		return chat.Reply{}, err
	}
	draft := n.Draft()
	r, err := h.fileNote(c, n, kind)
	if err == nil && draft && r.Card != nil {
		err = h.draftsLeft(c, r.Card)
	}
	return replaced(r, err)
}

// draftsLeft leads on from what became of a draft to the others: the list on which it was pressed is gone.
func (h *Handlers) draftsLeft(c *Call, card *chat.Card) error {
	left, err := c.Tx.Drafts(c.By.ID, c.Tx.Now.AddDate(0, 0, -truce.DraftDays), c.Tx.Now.Add(time.Millisecond))
	if err == nil && len(left) > 0 && c.Place.Kind == chat.DM {
		card.Blocks = append(card.Blocks, cards.DraftsLeft(len(left)))
	}
	return err
}

// fileNote confirms a note. An objection becomes one, with its answer; what it was before stays linked.
func (h *Handlers) fileNote(c *Call, n truce.Note, kind truce.NoteKind) (chat.Reply, error) {
	switch {
	case n.Became != "":
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed as %s already. Nothing changed.", n.Became)
	case !n.UndoneAt.IsZero():
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s was taken back. Restore it first.", n.ID)
	case !n.ConfirmedAt.IsZero() && n.Kind == kind:
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed as that already. Nothing changed.")
	}
	n.Kind, n.ConfirmedAt = kind, c.Tx.Now
	if kind != truce.NoteObjection {
		if err := h.saveNote(c, n, "note.file"); err != nil {
			return chat.Reply{}, err
		}
		return h.showNote(c, n)
	}
	o, err := h.noteToObjection(c, &n)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showObjection(c, o)
}

// noteToObjection makes an objection of a note, without the word it may have begun with.
func (h *Handlers) noteToObjection(c *Call, n *truce.Note) (truce.Objection, error) {
	o := truce.Objection{Text: n.Text, Account: n.Account, Competitor: n.Competitor, Stage: n.Stage, LeadID: n.LeadID, AuthorID: n.AuthorID,
		LoggedBy: c.By.ID}
	if first, rest := cut(n.Text); strings.EqualFold(strings.Trim(first, ":/"), "objection") && rest != "" {
		o.Text = rest
	}
	c.guessTheme(&o)
	o, err := c.Tx.AddObjection(o)
	if err != nil {
		return o, err
	}
	c.learn(o)
	if err := c.log("objection.log", o.ID, n.ID); err != nil {
		return o, err
	}
	n.Became = o.ID
	return o, h.saveNote(c, *n, "note.file")
}

func (h *Handlers) saveNote(c *Call, n truce.Note, action string) error {
	if err := c.Tx.SaveNote(n); err != nil {
		return err
	}
	if f := h.finder.Load(); f != nil {
		c.Tx.AfterCommit(func() { f.learnNote(n) })
	}
	return c.log(action, n.ID, nil)
}

func (h *Handlers) showNote(c *Call, n truce.Note) (chat.Reply, error) {
	lead, err := h.leadRef(c, n.LeadID)
	return show(cards.Note(n, lead)), err
}

// leadRef is our reference of a lead; "" where there is none.
func (h *Handlers) leadRef(c *Call, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	l, err := c.Tx.Lead(id)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return l.Ref, err
}

// wholeNote asks what a message is that is one thing after all.
func (h *Handlers) wholeNote(c *Call) (chat.Reply, error) {
	n, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if !n.Draft() {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed already. Nothing changed.")
	}
	return replaced(h.showDraft(c, n, "", false))
}

// splitNote files the statements of a message apart: each as what it surely is, the others stay drafts.
func (h *Handlers) splitNote(c *Call) (chat.Reply, error) {
	whole, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	texts := h.parts(whole.Text)
	if !whole.Draft() || len(texts) < 2 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed already. Nothing changed.")
	}
	var parts []cards.SplitPart
	var ids []string
	for _, text := range texts {
		p, err := h.filePart(c, text)
		if err != nil {
			return chat.Reply{}, err
		}
		parts = append(parts, p)
		ids = append(ids, p.Note.ID)
	}
	whole.Became, whole.UndoneAt = strings.Join(ids, " "), c.Tx.Now
	if err := h.saveNote(c, whole, "note.split"); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.Split(parts, c.Tx.Now, h.opt.Location)), nil
}

// filePart files one statement of a message.
func (h *Handlers) filePart(c *Call, text string) (p cards.SplitPart, err error) {
	n, err := h.withNames(c, truce.Note{Text: text, AuthorID: c.By.ID})
	if err != nil {
		return p, err
	}
	p.Draft = h.draftView(c, n)
	if len(p.Draft.Likely) > 0 {
		n.Guess = p.Draft.Likely[0]
	}
	if n, err = c.Tx.AddNote(n); err != nil {
		return p, err
	}
	kind := n.Guess
	if p.Draft.Sure && kind != truce.NoteLead && kind != truce.NoteQuestion { // these lead on, and are asked about
		n.Kind, n.ConfirmedAt = kind, c.Tx.Now
		if kind == truce.NoteObjection {
			if p.Objection, err = h.noteToObjection(c, &n); err == nil {
				err = h.answersFor(c, &p)
			}
		} else {
			err = h.saveNote(c, n, "note.file")
		}
	}
	p.Note = n
	return p, err
}

func (h *Handlers) answersFor(c *Call, p *cards.SplitPart) (err error) {
	if p.Objection.ThemeID == "" {
		return nil
	}
	if p.Theme, err = c.Tx.Theme(p.Objection.ThemeID); err != nil {
		return err
	}
	if p.Answers, err = h.bestAnswers(c.Tx, p.Theme.ID); err != nil || len(p.Answers) == 0 {
		return err
	}
	return c.Tx.Shown(p.Answers[0].ID, p.Objection.ID, c.By.ID)
}

// drafts lists what the person has not filed or sent.
func (h *Handlers) drafts(c *Call, from int, which string) (chat.Reply, error) {
	old := which == "old"
	week := c.Tx.Now.AddDate(0, 0, -truce.DraftDays)
	now, err := c.Tx.Drafts(c.By.ID, week, c.Tx.Now.Add(time.Millisecond))
	if err != nil {
		return chat.Reply{}, err
	}
	before, err := c.Tx.Drafts(c.By.ID, time.Time{}.Add(time.Millisecond), week)
	if err != nil {
		return chat.Reply{}, err
	}
	v := cards.DraftsView{Older: len(before), Old: old, Loc: h.opt.Location}
	if old {
		now = before
	} else if from > 0 {
		v.Older = 0
	} else if v.Forms, err = h.formDrafts(c); err != nil {
		return chat.Reply{}, err
	}
	now, v.Page = page(now, from, maxListed, "field.drafts", which)
	for _, n := range now {
		v.Notes = append(v.Notes, h.draftView(c, n))
	}
	return show(cards.Drafts(v)), nil
}

func (h *Handlers) recentNotes(c *Call, from int, _ string) (chat.Reply, error) {
	list, err := c.Tx.RecentNotes(mostRead)
	rows, p := page(list, from, maxListed, "field.recent", "")
	return show(cards.RecentNotes(rows, p, h.opt.Location)), err
}

// editNote opens the form of a note.
func (h *Handlers) editNote(c *Call) (chat.Reply, error) {
	n, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if n.Became != "" {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is %s by now: edit that.", n.Became)
	}
	lead, err := h.leadRef(c, n.LeadID)
	return ask(cards.NoteForm(cards.NoteFields{Note: n, Lead: lead})), err
}

// noteSent takes the form, of a new note or (with its id in Arg) of one that is changed.
func (h *Handlers) noteSent(c *Call) (chat.Reply, error) {
	n := truce.Note{AuthorID: c.By.ID}
	if c.Arg != "" {
		var err error
		if n, err = h.myNote(c, c.Arg); err != nil {
			return chat.Reply{}, err
		}
		if n.Became != "" {
			return chat.Reply{}, truce.Errorf(truce.Conflict, "It is %s by now: edit that.", n.Became)
		}
	}
	text, err := truce.CheckText(c.Values["text"], "note")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	n.Text, n.Account, n.Stage, n.Competitor, n.LeadID = text, c.value("account"), c.value("stage"), c.value("competitor"), ""
	if v := c.value("lead"); v != "" {
		l, err := h.oneLead(c, v)
		if truce.KindOf(err) == truce.Internal {
			return chat.Reply{}, err
		} else if err != nil {
			return fault("lead", truce.Sentence(err)), nil
		}
		n.LeadID, n.Account = l.ID, cmp.Or(n.Account, l.Company)
	}
	kind := n.Kind
	if v := c.value("kind"); v != "" {
		if kind, err = truce.ParseNoteKind(v); err != nil {
			return fault("kind", truce.Sentence(err)), nil
		}
	}
	if n.ID == "" {
		if n, err = h.withNames(c, n); err != nil {
			return chat.Reply{}, err
		}
		if n, err = c.Tx.AddNote(n); err != nil {
			return chat.Reply{}, err
		}
	} else if err := h.saveNote(c, n, "note.edit"); err != nil {
		return chat.Reply{}, err
	}
	switch {
	case kind == "":
		return replacedIf(c.Arg != "")(h.showDraft(c, n, "", c.Arg == ""))
	case kind == n.Kind:
		return replacedIf(c.Arg != "")(h.showNote(c, n))
	}
	return replacedIf(c.Arg != "")(h.fileNote(c, n, kind))
}

// replacedIf makes a reply take the place of the message it came from, where it came from one.
func replacedIf(yes bool) func(chat.Reply, error) (chat.Reply, error) {
	if yes {
		return replaced
	}
	return func(r chat.Reply, err error) (chat.Reply, error) { return r, err }
}

// undoNote takes a note back, or restores it.
func (h *Handlers) undoNote(c *Call) (chat.Reply, error) {
	n, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	switch {
	case n.Became != "":
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is %s by now: undo that.", n.Became)
	case !n.ConfirmedAt.IsZero() && n.UndoneAt.IsZero() && c.Name == "note.discard":
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed as %s by now. Nothing changed: Undo takes it back.", n.Kind.Title())
	case !n.UndoneAt.IsZero() && c.Name == "note.discard":
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is discarded already. Nothing changed.")
	case !n.UndoneAt.IsZero():
		n.UndoneAt = time.Time{}
		if err := h.saveNote(c, n, "note.restore"); err != nil {
			return chat.Reply{}, err
		}
		if n.Draft() {
			return replaced(h.showDraft(c, n, "", true))
		}
		return replaced(h.showNote(c, n))
	}
	n.UndoneAt = c.Tx.Now
	what := "note.undo"
	if n.ConfirmedAt.IsZero() { // it never was more than a draft
		what = "note.discard"
	}
	if err := h.saveNote(c, n, what); err != nil {
		return chat.Reply{}, err
	}
	card := cards.NoteGone(n)
	if what == "note.discard" {
		if err := h.draftsLeft(c, &card); err != nil {
			return chat.Reply{}, err
		}
	}
	return replace(card), nil
}

// disputeNote files a note as a lead problem and opens the form of a dispute with its words. The note stays, also where no
// dispute comes of it.
func (h *Handlers) disputeNote(c *Call) (chat.Reply, error) {
	n, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if n.Draft() || n.Kind != truce.NoteLead {
		if n.Became != "" || !n.UndoneAt.IsZero() {
			return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed as something else already. Nothing changed.")
		}
		n.Kind, n.ConfirmedAt = truce.NoteLead, c.Tx.Now
	}
	ref := ""
	for _, w := range strings.Fields(n.Text) {
		if w = strings.Trim(w, ".,;:()<>\"'"); !looksLikeLead(w) {
			continue
		}
		leads, err := c.Tx.FindLeads(w)
		if err != nil {
			return chat.Reply{}, err
		}
		if len(leads) == 1 {
			ref, n.LeadID = leads[0].Ref, leads[0].ID
			break
		}
	}
	if err := h.saveNote(c, n, "note.file"); err != nil {
		return chat.Reply{}, err
	}
	reason, _, ok := truce.GuessReason(n.Text)
	if !ok {
		reason = ""
	}
	return ask(cards.DisputeForm(ref, string(reason), n.Text)), nil
}

// looksLikeLead reports whether a word may name a lead: our reference, an e-mail address, an id with digits.
func looksLikeLead(w string) bool {
	return strings.Contains(w, "@") && strings.Contains(w, ".") || strings.ContainsAny(w, "0123456789") && len(w) >= 3
}

// commandNote does what the first word of a message named after all; the draft goes.
func (h *Handlers) commandNote(c *Call) (chat.Reply, error) {
	n, err := h.myNote(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if !n.Draft() {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is filed already. Nothing changed.")
	}
	first, rest := cut(n.Text)
	cmd, _ := h.find(strings.TrimPrefix(first, "/"), "")
	if cmd == nil {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "I do not know %q any more.", first)
	}
	run := *c
	run.Kind, run.Name, run.Text, run.Arg, run.Values = chat.Command, cmd.Name, rest, "", nil
	r, err := h.command(&run)
	if err != nil {
		return r, err
	}
	n.UndoneAt = c.Tx.Now
	return replacedIf(r.Card != nil)(r, h.saveNote(c, n, "note.command"))
}
