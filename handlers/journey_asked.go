package handlers

import (
	"strconv"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is where the journey map leads on: to a question that interviews ask, to a request for an answer, and from what was said in an
// interview back to the map.

// askForm asks what interviews shall ask about an entry.
func (h *Handlers) askForm(c *Call) (chat.Reply, error) {
	e, err := h.toAsk(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.AskForm(e, e.AskAbout())), nil
}

// toAsk finds an entry that interviews may ask about: one on the map that is only assumed.
func (h *Handlers) toAsk(c *Call) (truce.JourneyEntry, error) {
	e, err := c.Tx.JourneyEntry(c.Arg)
	switch {
	case err != nil:
	case !e.RemovedAt.IsZero():
		err = truce.Errorf(truce.Conflict, "%s was taken off the map. Nothing changed.", e.ID)
	case !e.Assumed():
		err = truce.Errorf(truce.Conflict, "%s cites what it came from already: there is nothing to ask. Nothing changed.", e.ID)
	}
	return e, err
}

func (h *Handlers) askSent(c *Call) (chat.Reply, error) {
	e, err := h.toAsk(c)
	if err != nil {
		return chat.Reply{}, err
	}
	text, err := truce.CheckText(c.value("text"), "question")
	if err == nil && strings.ContainsAny(text, "\r\n") {
		err = truce.Errorf(truce.Invalid, "One question, in one line.")
	}
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	open, err := c.Tx.MapAsks(c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	var asked []string
	for _, q := range open {
		if q.EntryID == e.ID { // a form of before: what a colleague had asked stands
			return fault("text", "Interviews ask for "+e.ID+" already: “"+q.Question+"” Press Ask no more on its stage first."), nil
		}
		asked = append(asked, q.EntryID)
	}
	if len(asked) >= truce.MostAsked {
		return fault("text", "Interviews ask "+strconv.Itoa(len(asked))+" questions of the map already: for "+strings.Join(asked, ", ")+
			". End one of them first, by Ask no more on its stage."), nil
	}
	q := truce.MapQuestion{EntryID: e.ID, Question: text, PersonID: c.By.ID}
	if err := c.Tx.AskInInterviews(q); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.MapAsked(q, e.Stage)), c.log("journey.ask", e.ID, text)
}

func (h *Handlers) askNoMore(c *Call) (chat.Reply, error) {
	e, err := c.Tx.JourneyEntry(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.AskNoMore(e.ID); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.MapAskedNoMore(e.ID)), c.log("journey.unask", e.ID, nil)
}

// guided are the questions of an interview that is asked one by one: the company's, then what the journey map has open.
func (h *Handlers) guided(c *Call) ([]string, error) {
	asks, err := c.Tx.MapAsks(c.Tx.Now)
	if err != nil {
		return nil, err
	}
	list := append([]string{}, h.questions()...)
	for _, q := range asks[:min(len(asks), truce.MostAsked)] {
		list = append(list, q.Question)
	}
	return list, nil
}

// heardOfMap is what an interview heard of entries of the map that are assumed still.
func (h *Handlers) heardOfMap(c *Call, i truce.Interview) (list []cards.AskedOfMap, err error) {
	asks, err := c.Tx.MapQuestions()
	if err != nil {
		return nil, err
	}
	for _, q := range asks {
		for place := len(h.questions()); place < len(i.Questions); place++ {
			said := i.Said(place)
			if i.Questions[place] != q.Question || said == "" {
				continue
			}
			e, err := c.Tx.JourneyEntry(q.EntryID)
			if err != nil {
				return nil, err
			}
			if e.Assumed() && e.RemovedAt.IsZero() {
				list = append(list, cards.AskedOfMap{Entry: e, Question: q.Question, Heard: said})
			}
		}
	}
	return list, nil
}

// quoteFor is what was said in an interview, for the map: "S-3" is the words behind an outcome, "I-7 1" the second of three quotes that
// were passed on. Without consent nobody's words go on a map that all read.
func (h *Handlers) quoteFor(c *Call) (text string, err error) {
	ref, at := cut(c.Arg)
	if strings.HasPrefix(ref, "S-") {
		s, err := c.Tx.Statement(ref)
		if err != nil {
			return "", err
		}
		text, ref = s.Quote, s.InterviewID
	}
	i, err := c.Tx.Interview(ref)
	if err != nil {
		return "", err
	}
	if text == "" && at != "" {
		data, err := c.Tx.InventoryData()
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(at); err == nil && n >= 0 {
			if three := i.Three(data.Statements); n < len(three) {
				text = three[n]
			}
		}
	}
	if !i.Consent || text == "" {
		return "", truce.Errorf(truce.Forbidden, "Their words stay where they were said: they have not agreed to be quoted, or took it back. Say "+
			"it in your own words, and cite %s.", i.ID)
	}
	return text, nil
}

// askForAnswer asks Marketing for an answer to a theme that a stage of the map hears most.
func (h *Handlers) askForAnswer(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "People of Sales and Marketing ask for an answer. Ask an admin for your role: "+
			"/truce roles.")
	}
	theme, err := c.Tx.Theme(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	open, err := c.Tx.RequestOf(theme.ID)
	switch {
	case err == nil:
		return show(cards.AnswerAsked(theme, open, false, c.Tx.Now, h.opt.Location)), nil
	case truce.KindOf(err) != truce.NotFound:
		return chat.Reply{}, err
	}
	asked, err := c.Tx.RequestsAsked(c.Tx.Now.AddDate(0, 0, -7))
	if err != nil {
		return chat.Reply{}, err
	}
	if asked >= truce.RequestsAWeek {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Marketing was asked for %d answers in the last seven days already, and more are not "+
			"asked for in a week. Write one yourself: it waits for their yes. Nothing changed.", asked)
	}
	heard, err := c.Tx.RequestsHeard(func(q truce.Request) (bool, error) { return q.ThemeID == theme.ID, nil })
	if err != nil {
		return chat.Reply{}, err
	}
	q := truce.Request{ThemeID: theme.ID, Pipeline: map[string]int64{}} // the map looks further back than a request does
	if len(heard) > 0 {
		q = heard[0]
	}
	due, ok := c.terms.Calendar.Deadline(c.Tx.Now, truce.RequestHours)
	if !ok {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "The calendar has no working hours: ask an admin.")
	}
	q.DueAt = due
	if q, err = c.Tx.AskForAnswer(q, c.By.ID, chat.Network(c.User.ID)); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.AnswerAsked(theme, q, true, c.Tx.Now, h.opt.Location)), nil
}
