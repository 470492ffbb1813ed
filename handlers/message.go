package handlers

import (
	"regexp"
	"strings"

	"truce/bot/cards"
	"truce/bot/chat"
)

// message answers what somebody wrote to the bot: a command without its slash where it looks like one, else free text, which
// is kept as a private draft until its kind is confirmed. It never swallows a sentence: one that only begins like a command is
// kept, and the command offered.
func (h *Handlers) message(c *Call) (chat.Reply, error) {
	cmd, said := h.meaning(c.Event)
	switch {
	case cmd != nil:
		c.Kind, c.Name, c.Text = chat.Command, cmd.Name, said.Text
		return h.command(c)
	case said.Name != "":
		c.Name, c.Text = said.Name, ""
		return h.unknown(c)
	case said.Text == "" || strings.EqualFold(said.Text, "help"):
		return h.help(c)
	}
	c.Text = said.Text
	if i, ok, err := h.listening(c); err != nil {
		return chat.Reply{}, err
	} else if ok && !asksForTruce(c.Text) {
		return h.answerInterview(c, i, c.Text)
	}
	if r, did, err := h.converse(c); did || err != nil {
		return r, err
	}
	near := ""
	first, _ := cut(c.Text)
	if cmd, _ := h.find(strings.ToLower(first), ""); cmd != nil {
		near = cmd.Name
	}
	return h.takeNote(c, c.Text, near)
}

// converse answers what is neither a command nor something heard in the field: words to a colleague, a name, a mistyped command, a
// question. did: it was that.
func (h *Handlers) converse(c *Call) (r chat.Reply, did bool, err error) {
	if a := h.talk(c.Text); a != nil {
		r, err = a(c)
		return r, true, err
	}
	if !c.unknown {
		if r, err = h.about(c); err != nil || r.Card != nil {
			return r, true, err
		}
	}
	if cmd, rest := h.mistyping(c.Text); cmd != nil {
		return show(cards.Meant(cut75(c.Text), cmd.Name, rest)), true, nil
	}
	if c.unknown {
		return r, false, nil
	}
	for _, answer := range []Action{h.named, h.questioned} {
		if r, err = answer(c); err != nil || r.Card != nil || r.Form != nil {
			return r, true, err
		}
	}
	return r, false, nil
}

// meaning is what was typed or written: a command, with what stands behind its name as said.Text; else free text, or, with a
// said.Name, one word behind a slash that is no command of ours.
func (h *Handlers) meaning(ev chat.Event) (cmd *Command, said *Call) {
	said = &Call{Event: ev, h: h}
	if ev.Kind == chat.Command {
		if cmd, said.Text = h.find(ev.Name, ev.Text); cmd != nil {
			said.Name = cmd.Name
		}
		return cmd, said
	}
	text, addressed := h.addressed(ev.Text)
	said.Name, said.Text = "", strings.TrimSpace(text)
	first, rest := cut(text)
	name, slash := strings.CutPrefix(strings.ToLower(first), "/")
	name, colon := strings.CutSuffix(name, ":")
	switch cmd, _ = h.find(name, ""); {
	case name == "help" && rest == "":
		said.Text = "help"
		return nil, said
	case cmd == nil && slash && rest == "": // nobody means a note of one word behind a slash
		said.Name = name
		return nil, said
	case cmd != nil && cmd.Guesses && (addressed || ev.Place.Kind == chat.Channel): // "@Truce, objection too slow"
	case cmd == nil || !slash && !colon && !meant(cmd, rest):
		return nil, said
	}
	if cmd.Name == "truce" { // its first word may be another command's name
		cmd, rest = h.find(cmd.Name, rest)
	}
	said.Kind, said.Name, said.Text = chat.Command, cmd.Name, rest
	return cmd, said
}

var leadLike = regexp.MustCompile(`^[A-Za-z]{1,3}-\d+$|^\S+@\S+\.\S+$|^[A-Za-z0-9]*\d[A-Za-z0-9]{3,}$`)

// meant reports whether what stands behind a command's name is what the command takes, by its usage line, and not the rest of a
// sentence: nothing, "help", one of its sub-commands with as many words as it has, or a lead or a case.
func meant(cmd *Command, rest string) bool {
	words := strings.Fields(rest)
	if len(words) == 0 || strings.EqualFold(rest, "help") {
		return true
	}
	for i, alternative := range strings.Split(cmd.Usage, " | ") {
		takes := strings.Fields(alternative)
		switch {
		case len(takes) == 0 || strings.HasPrefix(takes[0], "["):
		case takes[0] != strings.ToUpper(takes[0]): // a sub-command
			if strings.EqualFold(takes[0], words[0]) && (len(takes) == len(words) || len(takes) == 2 && takes[1] == "TEXT" && len(words) > 1) {
				return true
			}
		case i == 0 && leadLike.MatchString(words[0]): // LEAD, or LEAD REASON
			if len(words) == 1 || len(takes) > 1 && !strings.HasSuffix(takes[0], ",") && takes[1] == strings.ToUpper(takes[1]) {
				return true
			}
		}
	}
	return false
}
