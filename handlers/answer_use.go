package handlers

import (
	"slices"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what reps do with answers: they are shown them, and say whether they helped.

// bestAnswers are the answers a rep may be shown to a theme, the best first.
func (h *Handlers) bestAnswers(tx *storage.Tx, theme string) ([]truce.Answer, error) {
	list, err := tx.Answers(theme, truce.AnswerApproved)
	if err != nil {
		return nil, err
	}
	return truce.BestAnswers(list, tx.Now), nil
}

// answerMore shows the other answers to the same theme; Arg is "A-1 O-2", the answer already seen and the objection.
func (h *Handlers) answerMore(c *Call) (chat.Reply, error) {
	seen, objection := cut(c.Arg)
	_, theme, err := h.answerAndTheme(c, seen)
	if err != nil {
		return chat.Reply{}, err
	}
	list, err := h.bestAnswers(c.Tx, theme.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	list = slices.DeleteFunc(list, func(a truce.Answer) bool { return a.ID == seen })
	list = list[:min(len(list), 5)]
	for _, a := range list {
		if err := c.Tx.Shown(a.ID, objection, c.By.ID); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.MoreAnswers(theme, list, objection, c.Tx.Now, h.opt.Location)), nil
}

func (h *Handlers) answerHelped(c *Call) (chat.Reply, error) { return h.vote(c, true, "") }

// answerNot asks the one thing that makes the next answer better.
func (h *Handlers) answerNot(c *Call) (chat.Reply, error) {
	return ask(cards.InsteadForm(c.Arg)), nil
}

func (h *Handlers) answerInstead(c *Call) (chat.Reply, error) {
	return h.vote(c, false, strings.TrimSpace(c.Values["instead"]))
}

// vote records whether an answer helped; Arg is "A-1 O-2". What worked instead becomes a candidate credited to the rep.
func (h *Handlers) vote(c *Call, helped bool, instead string) (chat.Reply, error) {
	answer, objection := cut(c.Arg)
	a, err := c.Tx.Answer(answer)
	if err != nil {
		return chat.Reply{}, err
	}
	if instead != "" {
		if instead, err = truce.CheckText(instead, "answer"); err != nil {
			return fault("instead", truce.Sentence(err)), nil
		}
		if err := h.candidate(c, a.ThemeID, instead); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.Tx.Vote(a.ID, objection, c.By.ID, helped, instead); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.RefreshHome(c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	if a, err = c.Tx.Answer(answer); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Voted(a, helped, instead != "")), nil
}

// candidate keeps what worked for a rep as a candidate answer, once.
func (h *Handlers) candidate(c *Call, theme, body string) error {
	list, err := c.Tx.Answers(theme, truce.AnswerDraft, truce.AnswerWaiting, truce.AnswerApproved)
	if err != nil {
		return err
	}
	for _, a := range list {
		if strings.EqualFold(a.Body, body) {
			return nil
		}
	}
	a, err := c.Tx.AddAnswer(truce.Answer{ThemeID: theme, Version: 1, Body: body, Claim: truce.PlainClaim, State: truce.AnswerDraft,
		CreditID: c.By.ID})
	if err != nil {
		return err
	}
	return c.log("answer.draft", a.ID, nil)
}
