package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file proposes the stages of the journey map, and what ends one: either takes one yes of each side.

// stagesForm asks for the stages of the map. instead is the proposal that it is another way of, and text what that proposes.
func (h *Handlers) stagesForm(c *Call, text, instead string) (chat.Reply, error) {
	j, err := h.stages(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.StagesForm(cmp.Or(text, j.Settings().Lines()), instead)), nil
}

// counterStages opens the form of other stages than a proposal's.
func counterStages(h *Handlers, c *Call, p truce.Proposal) (chat.Reply, error) {
	s, err := truce.ReadStages(p.Payload)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.stagesForm(c, s.Lines(), p.ID)
}

// stagesSent proposes the stages that the form says, against those that hold now.
func (h *Handlers) stagesSent(c *Call) (chat.Reply, error) {
	j, err := h.stages(c)
	if err != nil {
		return chat.Reply{}, err
	}
	now := j.Settings()
	next, err := truce.ParseStages(c.Values["stages"], now)
	if err != nil {
		return fault("stages", truce.Sentence(err)), nil
	}
	payload, err := json.Marshal(next)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the stages: %w", err)
	}
	configured, err := json.Marshal(now)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the stages: %w", err)
	}
	return h.propose(c, truce.StagesGround, "", payload, configured, "", c.Arg, "stages")
}

// exitTyped is "/journey propose STAGE WHAT A BUYER DOES"; without the words it opens the form.
func (h *Handlers) exitTyped(c *Call, text string) (chat.Reply, error) {
	name, rest := cut(text)
	if name == "" {
		return h.exitForm(c, "", "", "")
	}
	s, err := h.stage(c, name)
	if err != nil {
		return chat.Reply{}, err
	}
	if n := utf8.RuneCountInString(rest); n > cards.MostExit { // the form would hold its first words alone
		return chat.Reply{}, truce.Errorf(truce.Invalid, "That is %d characters, and what a buyer does fits into %d. Say it shorter; why "+
			"stands in the form.", n, cards.MostExit)
	}
	return h.exitForm(c, s.Name, rest, "")
}

// exitForm asks what a buyer does when a stage is over. instead is the proposal that it is another way of.
func (h *Handlers) exitForm(c *Call, stage, text, instead string) (chat.Reply, error) {
	j, err := h.stages(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if i := j.Find(stage); i >= 0 {
		stage = j[i].Name
		if text == "" {
			text = j[i].Exit
		}
	}
	return ask(cards.ExitForm(stageNames(j), stage, text, instead)), nil
}

// counterExit opens the form of another way to end a stage.
func counterExit(h *Handlers, c *Call, p truce.Proposal) (chat.Reply, error) {
	var e truce.JourneyExit
	if err := json.Unmarshal(p.Payload, &e); err != nil {
		return chat.Reply{}, fmt.Errorf("read what %s proposes: %w", p.ID, err)
	}
	return h.exitForm(c, p.Thing, e.Exit, p.ID)
}

func (h *Handlers) exitSent(c *Call) (chat.Reply, error) {
	s, err := h.stage(c, c.value("stage"))
	if truce.KindOf(err) == truce.NotFound {
		return fault("stage", truce.Sentence(err)), nil
	} else if err != nil {
		return chat.Reply{}, err
	}
	if c.Arg != "" { // another way is of the same stage
		p, err := c.Tx.Proposal(c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		if p.Thing != s.Name {
			return fault("stage", fmt.Sprintf("%s is about %s: another way is of the same stage.", p.ID, p.Thing)), nil
		}
	}
	payload, err := json.Marshal(truce.JourneyExit{Exit: strings.TrimSpace(c.Values["exit"])})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write what ends %s: %w", s.Name, err)
	}
	return h.propose(c, truce.JourneyGround, s.Name, payload, nil, "", c.Arg, "exit")
}
