package handlers

import (
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is the journey map: what is known of each stage, put there by anyone from anywhere, with what it came from.

// journey shows the map and takes what belongs on it.
func (h *Handlers) journey() Command {
	return Command{
		Name:  "journey",
		Usage: "[STAGE] | add STAGE KIND TEXT | propose STAGE WHAT A BUYER DOES | stages",
		Help:  "The customer's way, stage by stage: what buyers ask and what stops them, and what is true there now.",
		Examples: []string{"journey", "journey evaluation", "journey add evaluation barrier nobody has time to validate", "journey add",
			"journey propose evaluation they have run their own samples", "journey stages"},
		Reads: func(c *Call) bool {
			first, _ := cut(c.Text)
			return !strings.EqualFold(first, "add") && !strings.EqualFold(first, "propose") && !strings.EqualFold(c.Text, "stages")
		},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch {
			case first == "" || strings.EqualFold(c.Text, "map"):
				return h.journeyMap(c)
			case strings.EqualFold(first, "add"):
				return h.journeyAdd(c, rest)
			case strings.EqualFold(first, "propose"):
				return h.exitTyped(c, rest)
			case strings.EqualFold(c.Text, "stages"):
				return h.stagesForm(c, "", "")
			}
			return h.journeyStage(c, c.Text)
		},
		Looks: map[string]Action{
			"journey.map":   h.journeyMap,
			"journey.stage": func(c *Call) (chat.Reply, error) { return h.journeyStage(c, c.Arg) },
		},
		Actions: map[string]Action{
			"journey.add":     func(c *Call) (chat.Reply, error) { return h.entryForm(c, truce.JourneyEntry{Stage: c.Arg}, "", "") },
			"journey.from":    h.journeyFrom,
			"journey.edit":    h.journeyEdit,
			"journey.remove":  h.journeyRemove,
			"journey.cite":    h.journeyCite,
			"journey.content": h.journeyContent,
			"journey.own":     h.journeyOwn,
			"journey.propose": func(c *Call) (chat.Reply, error) { return h.exitForm(c, c.Arg, "", "") },
			"journey.stages":  func(c *Call) (chat.Reply, error) { return h.stagesForm(c, "", "") },
			"journey.ask":     h.askForm,
			"journey.unask":   h.askNoMore,
			"journey.request": h.askForAnswer,
			"journey.why": func(c *Call) (chat.Reply, error) {
				return ask(cards.NoteForm(cards.NoteFields{Note: truce.Note{Kind: truce.NoteStuck}})), nil
			},
			"journey.answer": func(c *Call) (chat.Reply, error) {
				theme, err := c.Tx.Theme(c.Arg)
				if err != nil {
					return chat.Reply{}, err
				}
				return h.writeAnswer(c, theme)
			},
		},
		Forms: map[string]Action{"journey.entry": h.entrySent, "journey.cite": h.citeSent, "journey.propose": h.exitSent,
			"journey.stages": h.stagesSent, "journey.ask": h.askSent},
		Shortcuts: []Shortcut{{Name: "journey.add", Title: "Add to the journey map",
			Help: "Put what somebody said on the map of the customer's way.",
			Run: func(c *Call) (chat.Reply, error) {
				if c.Quoted == nil {
					return h.entryForm(c, truce.JourneyEntry{}, "", "")
				}
				return h.entryForm(c, truce.JourneyEntry{Text: c.Quoted.Text}, c.Quoted.Text, "")
			}}},
	}
}

func (h *Handlers) journeyMap(c *Call) (chat.Reply, error) {
	v, err := h.opt.Reports.JourneyMap(c.Tx, c.Tx.Now)
	return show(cards.Journey(v)), err
}

// stages are the stages of the map.
func (h *Handlers) stages(c *Call) (truce.Journey, error) {
	return c.Tx.Journey(h.opt.Reports.JourneyStages(), c.Tx.Now)
}

// stage finds the stage that a name means.
func (h *Handlers) stage(c *Call, name string) (truce.JourneyStage, error) {
	j, err := h.stages(c)
	if err != nil {
		return truce.JourneyStage{}, err
	}
	for _, name := range []string{name, truce.Bare(name)} {
		if i := j.Find(name); i >= 0 {
			return j[i], nil
		}
	}
	return truce.JourneyStage{}, truce.Errorf(truce.NotFound, "There is no stage %q: choose %s.", name, strings.Join(stageNames(j), ", "))
}

func stageNames(j truce.Journey) (names []string) {
	for _, s := range j {
		names = append(names, s.Name)
	}
	return names
}

func (h *Handlers) journeyStage(c *Call, name string) (chat.Reply, error) {
	s, err := h.stage(c, name)
	if err != nil {
		return chat.Reply{}, err
	}
	v, err := h.opt.Reports.JourneyMap(c.Tx, c.Tx.Now)
	return show(cards.JourneyStage(v, s.Name)), err
}

// journeyMore goes on with one of a stage's lists: rest is its name and the stage's.
func (h *Handlers) journeyMore(c *Call, from int, rest string) (chat.Reply, error) {
	name, of := cut(rest)
	s, err := h.stage(c, of)
	if err != nil {
		return chat.Reply{}, err
	}
	v, err := h.opt.Reports.JourneyMap(c.Tx, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	card, ok := cards.JourneyMore(v, s.Name, name, from, maxListed)
	if !ok {
		return chat.Reply{}, staleButton(nil)
	}
	return show(card), nil
}

// journeyAdd takes "STAGE KIND TEXT"; what does not begin like that goes into the form.
func (h *Handlers) journeyAdd(c *Call, text string) (chat.Reply, error) {
	name, rest := cut(text)
	word, said := cut(rest)
	s, err := h.stage(c, name)
	if truce.KindOf(err) == truce.Internal {
		return chat.Reply{}, err
	}
	kind, wrong := truce.ParseEntryKind(word)
	if err != nil || wrong != nil || said == "" {
		return h.entryForm(c, truce.JourneyEntry{Text: text}, "", "")
	}
	if said, err = truce.CheckText(said, "entry"); err != nil {
		return chat.Reply{}, err
	}
	return h.addEntry(c, truce.JourneyEntry{Stage: s.Name, Kind: kind, Text: said}, "")
}

func (h *Handlers) entryForm(c *Call, e truce.JourneyEntry, evidence, state string) (chat.Reply, error) {
	j, err := h.stages(c)
	return ask(cards.EntryForm(cards.EntryFields{Entry: e, Stages: stageNames(j), Evidence: evidence, State: state})), err
}

// journeyFrom opens the form with what an objection, a note or an answer says.
func (h *Handlers) journeyFrom(c *Call) (chat.Reply, error) {
	e := truce.JourneyEntry{}
	j, err := h.stages(c)
	if err != nil {
		return chat.Reply{}, err
	}
	stage := ""
	switch {
	case strings.HasPrefix(c.Arg, "O-"):
		o, err := c.counted(c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		e.Text, e.Kind, stage = o.Text, truce.JourneyBarrier, o.Stage
	case strings.HasPrefix(c.Arg, "N-"):
		n, err := h.myNote(c, c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		e.Text, stage = n.Text, n.Stage
		e.Kind = map[truce.NoteKind]truce.EntryKind{truce.NoteResonates: truce.JourneyHelps, truce.NoteStuck: truce.JourneyBarrier,
			truce.NoteQuestion: truce.JourneyQuestion}[n.Kind]
	case strings.HasPrefix(c.Arg, "S-"), strings.HasPrefix(c.Arg, "I-"):
		if e.Text, err = h.quoteFor(c); err != nil {
			return chat.Reply{}, err
		}
	case strings.HasPrefix(c.Arg, "A-"):
		a, _, err := h.answerAndTheme(c, c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		e.Text, e.Kind = a.Body, truce.JourneyContent
	}
	if i := j.Find(stage); i >= 0 {
		e.Stage = j[i].Name
	}
	ref, _ := cut(c.Arg)
	return h.entryForm(c, e, ref, "")
}

// entrySent takes the form: a new entry, one that is changed ("J-3" in Arg), or content for a question ("for J-2").
func (h *Handlers) entrySent(c *Call) (chat.Reply, error) {
	text, err := truce.CheckText(c.Values["text"], "entry")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	s, err := h.stage(c, c.value("stage"))
	if truce.KindOf(err) == truce.NotFound {
		return fault("stage", truce.Sentence(err)), nil
	} else if err != nil {
		return chat.Reply{}, err
	}
	kind, err := truce.ParseEntryKind(c.value("kind"))
	if err != nil {
		return fault("kind", truce.Sentence(err)), nil
	}
	e := truce.JourneyEntry{Stage: s.Name, Kind: kind, Text: text}
	if id, ok := strings.CutPrefix(c.Arg, "for "); ok {
		e.Cites = []string{id}
	} else if c.Arg != "" {
		old, err := h.myEntry(c, c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		old.Stage, old.Kind, old.Text = e.Stage, e.Kind, e.Text
		if err := c.Tx.SaveJourneyEntry(old); err != nil {
			return chat.Reply{}, err
		}
		if err := c.log("journey.edit", old.ID, nil); err != nil {
			return chat.Reply{}, err
		}
		return replaced(h.citeEntry(c, old, c.value("evidence")))
	}
	return h.addEntry(c, e, c.value("evidence"))
}

// evidence reads references and links; anything else is what somebody said, and is kept as a field note.
func (h *Handlers) evidence(c *Call, text string, kind truce.EntryKind) (refs []string, note string, err error) {
	if text == "" {
		return nil, "", nil
	}
	if refs, err = truce.ParseCites(text); err == nil {
		for _, r := range refs {
			if err := h.exists(c, r); err != nil {
				return nil, "", err
			}
		}
		return refs, "", nil
	}
	if text, err = truce.CheckText(text, "evidence"); err != nil {
		return nil, "", err
	}
	as := map[truce.EntryKind]truce.NoteKind{truce.JourneyBarrier: truce.NoteStuck, truce.JourneyHelps: truce.NoteResonates,
		truce.JourneyQuestion: truce.NoteQuestion}[kind]
	if as == "" {
		as = truce.NoteTrend
	}
	n, err := h.withNames(c, truce.Note{Text: text, AuthorID: c.By.ID, Kind: as, Guess: as, ConfirmedAt: c.Tx.Now})
	if err != nil {
		return nil, "", err
	}
	if n, err = c.Tx.AddNote(n); err != nil {
		return nil, "", err
	}
	return []string{n.ID}, n.ID, h.saveNote(c, n, "note.file")
}

// exists refuses a reference to what is not there, or is somebody's draft.
func (h *Handlers) exists(c *Call, ref string) (err error) {
	switch {
	case strings.HasPrefix(ref, "O-"):
		_, err = c.Tx.Objection(ref)
	case strings.HasPrefix(ref, "N-"):
		var n truce.Note
		if n, err = c.Tx.Note(ref); err == nil && n.Draft() && n.AuthorID != c.By.ID {
			err = truce.Errorf(truce.NotFound, "There is no note %s.", ref)
		}
	case strings.HasPrefix(ref, "A-"):
		_, err = c.Tx.Answer(ref)
	case strings.HasPrefix(ref, "J-"):
		_, err = c.Tx.JourneyEntry(ref)
	case strings.HasPrefix(ref, "I-"):
		_, err = c.Tx.Interview(ref)
	case strings.HasPrefix(ref, "S-"):
		_, err = c.Tx.Statement(ref)
	case strings.HasPrefix(ref, "D-"):
		_, err = c.Tx.Dispute(ref)
	}
	return err
}

func (h *Handlers) addEntry(c *Call, e truce.JourneyEntry, evidence string) (chat.Reply, error) {
	if links := truce.LinksIn(e.Text); e.Kind == truce.JourneyContent {
		e.Cites = append(e.Cites, links...)
	}
	refs, note, err := h.evidence(c, evidence, e.Kind)
	if truce.KindOf(err) == truce.Internal {
		return chat.Reply{}, err
	} else if err != nil {
		return fault("evidence", truce.Sentence(err)), nil
	}
	for _, r := range refs {
		if !slices.Contains(e.Cites, r) {
			e.Cites = append(e.Cites, r)
		}
	}
	e.AuthorID = c.By.ID
	if e, err = c.Tx.AddJourneyEntry(e); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.JourneyAdded(e, note)), c.log("journey.add", e.ID,
		map[string]string{"stage": e.Stage, "kind": string(e.Kind), "text": e.Text})
}

// myEntry finds an entry that the person may change: their own, or any to managers.
func (h *Handlers) myEntry(c *Call, id string) (truce.JourneyEntry, error) {
	e, err := c.Tx.JourneyEntry(id)
	if err == nil && e.AuthorID != c.By.ID && !c.By.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) {
		err = truce.Errorf(truce.Forbidden, "Only the one who put %s there, or a manager, changes it. Add what you know beside it.", e.ID)
	}
	return e, err
}

func (h *Handlers) journeyEdit(c *Call) (chat.Reply, error) {
	e, err := h.myEntry(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.entryForm(c, e, strings.Join(e.Cites, " "), e.ID)
}

// journeyRemove takes an entry off the map, or puts it back.
func (h *Handlers) journeyRemove(c *Call) (chat.Reply, error) {
	e, err := h.myEntry(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	action, card := "journey.remove", cards.JourneyRemoved
	if e.RemovedAt.IsZero() {
		e.RemovedAt, e.RemovedBy = c.Tx.Now, c.By.ID
	} else {
		e.RemovedAt, e.RemovedBy = time.Time{}, ""
		action, card = "journey.restore", func(e truce.JourneyEntry) chat.Card { return cards.JourneyAdded(e, "") }
	}
	if err := c.Tx.SaveJourneyEntry(e); err != nil {
		return chat.Reply{}, err
	}
	return replace(card(e)), c.log(action, e.ID, nil)
}

func (h *Handlers) journeyCite(c *Call) (chat.Reply, error) {
	id, evidence := cut(c.Arg)
	e, err := c.Tx.JourneyEntry(id)
	return ask(cards.CiteForm(e, evidence)), err
}

func (h *Handlers) citeSent(c *Call) (chat.Reply, error) {
	e, err := c.Tx.JourneyEntry(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.citeEntry(c, e, c.value("evidence"))
}

func (h *Handlers) citeEntry(c *Call, e truce.JourneyEntry, evidence string) (chat.Reply, error) {
	refs, note, err := h.evidence(c, evidence, e.Kind)
	if truce.KindOf(err) == truce.Internal {
		return chat.Reply{}, err
	} else if err != nil {
		return fault("evidence", truce.Sentence(err)), nil
	}
	if err := c.Tx.CiteJourney(e.ID, c.By.ID, refs...); err != nil {
		return chat.Reply{}, err
	}
	if e, err = c.Tx.JourneyEntry(e.ID); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.JourneyAdded(e, note)), c.log("journey.cite", e.ID, strings.Join(refs, " "))
}

// journeyContent opens the form of what answers a question of the map.
func (h *Handlers) journeyContent(c *Call) (chat.Reply, error) {
	e, err := c.Tx.JourneyEntry(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.entryForm(c, truce.JourneyEntry{Stage: e.Stage, Kind: truce.JourneyContent}, "", "for "+e.ID)
}

// journeyOwn has the person look after a stage.
func (h *Handlers) journeyOwn(c *Call) (chat.Reply, error) {
	s, err := h.stage(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if s.OwnerID == c.By.ID {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "You look after it already. Nothing changed.")
	}
	s.OwnerID, s.By = c.By.ID, c.By.ID
	if err := c.Tx.SettleStage(s); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("journey.own", s.Name, nil); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.journeyStage(c, s.Name))
}
