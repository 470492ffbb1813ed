package handlers

import (
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is about the answers: written and approved by Marketing, judged by the reps who used them.

// answerForm opens the form for a new answer to a theme, filled with the one in force.
func (h *Handlers) answerForm(c *Call, name string) (chat.Reply, error) {
	theme, err := h.themeNamed(c, name)
	if err != nil {
		return chat.Reply{}, err
	}
	now, err := h.bestAnswers(c.Tx, theme.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	var a truce.Answer
	if len(now) > 0 {
		a = now[0]
	}
	return ask(cards.AnswerForm(theme, a)), nil
}

// themeNamed finds a theme by its id or name, in any case.
func (h *Handlers) themeNamed(c *Call, name string) (truce.Theme, error) {
	themes, err := c.Tx.Themes()
	if err != nil {
		return truce.Theme{}, err
	}
	var near []string
	for _, t := range themes {
		if strings.EqualFold(t.Name, name) || strings.EqualFold(t.ID, strings.ReplaceAll(name, " ", "-")) {
			return t, nil
		}
		if strings.Contains(strings.ToLower(t.Name), strings.ToLower(name)) {
			near = append(near, t.Name)
		}
	}
	if len(near) > 0 {
		return truce.Theme{}, truce.Errorf(truce.NotFound, "There is no theme %q. Did you mean %s?", name, strings.Join(near, " or "))
	}
	return truce.Theme{}, truce.Errorf(truce.NotFound, "There is no theme %q. Type /objection top to see the themes.", name)
}

func (h *Handlers) answerSent(c *Call) (chat.Reply, error) {
	theme, err := c.Tx.Theme(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	body, err := truce.CheckText(c.Values["body"], "answer")
	if err != nil {
		return fault("body", truce.Sentence(err)), nil
	}
	a := truce.Answer{ThemeID: theme.ID, Version: 1, Body: body, Internal: strings.TrimSpace(c.Values["internal"]), Proof: strings.TrimSpace(c.Values["proof"]),
		Claim: truce.Claim(c.Values["claim"]), State: truce.AnswerDraft, OwnerID: c.By.ID}
	if a.Claim == "" {
		a.Claim = truce.PlainClaim
	}
	old, err := c.Tx.Answers(theme.ID, truce.AnswerApproved)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, o := range old {
		a.Version = max(a.Version, o.Version+1)
	}
	refusal := a.MayApprove(c.By)
	if refusal == nil {
		a.State, a.ApprovedBy, a.ApprovedAt = truce.AnswerApproved, c.By.ID, c.Tx.Now
		a.ReviewAt = c.Tx.Now.AddDate(0, 0, a.Claim.ReviewDays())
	} else if c.By.SpeaksForMarketing() {
		a.State = truce.AnswerWaiting
	}
	if a, err = c.Tx.AddAnswer(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.Audit(c.By.ID, chat.Network(c.User.ID), "answer."+a.State, a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.AnswerSaved(theme, a, truce.Sentence(refusal), h.opt.Location)), nil
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
	if err := c.Tx.Vote(a.ID, objection, c.By.ID, helped, instead); err != nil {
		return chat.Reply{}, err
	}
	if instead != "" {
		if _, err := c.Tx.AddAnswer(truce.Answer{ThemeID: a.ThemeID, Version: a.Version + 1, Body: instead, Claim: truce.PlainClaim, State: truce.AnswerDraft,
			OwnerID: a.OwnerID, CreditID: c.By.ID}); err != nil {
			return chat.Reply{}, err
		}
	}
	if a, err = c.Tx.Answer(answer); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Voted(a, helped, instead != "")), nil
}
