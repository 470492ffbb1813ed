package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is "/truce propose": a change of a service level, the score threshold, the business hours, or of a lead's locked source. It
// holds once one manager of each side has said yes.

func init() {
	for _, k := range []truce.ProposalKind{truce.LevelGround, truce.ThresholdGround, truce.HoursGround} {
		counters[k] = (*Handlers).counterSetting
	}
	counters[truce.SourceGround] = (*Handlers).counterSource
}

// proposeSetting is "/truce propose WHAT VALUE"; what is not said is asked for.
func (h *Handlers) proposeSetting(c *Call, said string) (chat.Reply, error) {
	if first, rest := cut(said); strings.EqualFold(first, "source") {
		return h.proposeSource(c, rest)
	}
	words := strings.Fields(said)
	var like []truce.Setting
	for n := len(words); n > 0; n-- {
		name, value := strings.Join(words[:n], " "), strings.Join(words[n:], " ")
		s, ok := truce.SettingOf(name)
		if near := truce.SettingsLike(name); !ok && len(near) == 1 {
			s, ok = near[0], true
		} else if len(like) == 0 {
			like = near
		}
		if !ok {
			continue
		}
		if value != "" {
			if _, err := s.Parse(value, c.terms); err != nil {
				return chat.Reply{}, err
			}
		}
		return ask(cards.ValueForm("setting.propose", "Propose a change", s.Key, s.Of(c.terms), value)), nil
	}
	if len(words) > 0 && len(like) == 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "There is no setting %q. /truce propose lists all.", said)
	}
	if len(like) == 0 {
		like = truce.Settings
	}
	value := ""
	for i := range words { // what no setting's name holds is the value
		if len(truce.SettingsLike(words[i])) == 0 {
			value = strings.Join(words[i:], " ")
			break
		}
	}
	var list []cards.SettingNow
	for _, s := range like {
		list = append(list, cards.SettingNow{Key: s.Key, Name: s.Name, Now: s.Of(c.terms).String()})
	}
	return ask(cards.SettingForm(list, value)), nil
}

// settingSent proposes what the form says. Its state is the setting's key, where it was known, and the proposal that it is another way of.
func (h *Handlers) settingSent(c *Call) (chat.Reply, error) {
	key, instead := cut(c.Arg)
	if key == "" {
		key = c.Values["what"]
	}
	s, ok := truce.SettingOf(key)
	if !ok {
		return fault("what", "Choose what is to change."), nil
	}
	v, err := s.Parse(c.Values["value"], c.terms)
	if err != nil {
		return fault("value", truce.Sentence(err)), nil
	}
	if why, err := truce.CheckText(c.Values["text"], "reason"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	} else {
		c.Values["text"] = why
	}
	payload, err := json.Marshal(v)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write %s: %w", s.Key, err)
	}
	now, err := json.Marshal(s.Of(c.terms))
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write %s: %w", s.Key, err)
	}
	return h.propose(c, s.Kind, s.Key, payload, now, "", instead, "value")
}

// counterSetting asks for another value than a proposal's.
func (h *Handlers) counterSetting(c *Call, p truce.Proposal) (chat.Reply, error) {
	s, ok := truce.SettingOf(p.Thing)
	if !ok {
		return ask(cards.ProposalNoForm(p)), nil
	}
	_, theirs := p.Values()
	return ask(cards.ValueForm("setting.propose", "Another way than "+p.ID, s.Key+" "+p.ID, s.Of(c.terms), theirs.Value)), nil
}

// proposeSource is "/truce propose source L-12 [L-13...] SOURCE": the source of a lead is locked when it comes.
func (h *Handlers) proposeSource(c *Call, said string) (chat.Reply, error) {
	words := strings.Fields(said)
	n := slices.IndexFunc(words, func(w string) bool { return !truce.IsLeadRef(w) })
	if n < 0 {
		n = len(words)
	}
	leads, err := c.leadsOf(words[:n])
	if err != nil {
		return chat.Reply{}, err
	}
	if len(leads) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Say of which leads: /truce propose source L-12 L-13 Webinar.")
	}
	return ask(cards.SourceForm(leads, "", strings.Join(words[n:], " "))), nil
}

// leadsOf finds leads by their references.
func (c *Call) leadsOf(refs []string) (list []truce.Lead, err error) {
	if len(refs) > truce.MostSourceLeads {
		return nil, truce.Errorf(truce.Invalid, "At most %d leads in one proposal.", truce.MostSourceLeads)
	}
	for _, ref := range refs {
		f, err := c.Tx.LeadFileByRef(strings.ToUpper(ref))
		if err != nil {
			return nil, err
		}
		list = append(list, f.Lead)
	}
	return list, nil
}

// sourceSent proposes another source; the form's state is the leads, and behind "|" the proposal that it is another way of.
func (h *Handlers) sourceSent(c *Call) (chat.Reply, error) {
	refs, instead, _ := strings.Cut(c.Arg, "|")
	leads, err := c.leadsOf(strings.Fields(refs))
	if err != nil {
		return chat.Reply{}, err
	}
	s, was := truce.SourceOf(leads, strings.TrimSpace(c.Values["value"]))
	if why, err := truce.CheckText(c.Values["text"], "reason"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	} else {
		c.Values["text"] = why
	}
	open, err := c.Tx.OpenProposals()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, p := range open {
		if p.Kind == truce.SourceGround && p.ID != strings.TrimSpace(instead) &&
			slices.ContainsFunc(strings.Fields(p.Thing), func(ref string) bool { _, ok := s[ref]; return ok }) {
			return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is proposed on one of these leads already: %s. Say no to it with another way, "+
				"or wait for its end. Nothing changed.", p.ID, p.Title)
		}
	}
	payload, err := json.Marshal(s)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the source: %w", err)
	}
	now, err := json.Marshal(was)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the source: %w", err)
	}
	return h.propose(c, truce.SourceGround, s.Thing(), payload, now, "", strings.TrimSpace(instead), "value")
}

func (h *Handlers) counterSource(c *Call, p truce.Proposal) (chat.Reply, error) {
	leads, err := c.leadsOf(strings.Fields(p.Thing))
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.SourceForm(leads, p.ID, "")), nil
}
