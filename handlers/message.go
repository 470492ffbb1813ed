package handlers

import (
	"regexp"
	"strings"

	"truce/bot/chat"
)

// message answers what somebody wrote to the bot: a command without its slash where it looks like one, else free text, which
// is kept as a private draft until its kind is confirmed. It never swallows a sentence: one that only begins like a command is
// kept, and the command offered.
func (h *Handlers) message(c *Call) (chat.Reply, error) {
	first, rest := cut(c.Text)
	if first == "" {
		return h.help(c)
	}
	name, slash := strings.CutPrefix(strings.ToLower(first), "/")
	name, colon := strings.CutSuffix(name, ":")
	if name == "help" && rest == "" {
		return h.help(c)
	}
	cmd, _ := h.find(name, "")
	switch {
	case cmd == nil && slash && rest == "": // nobody means a note of one word behind a slash
		c.Name = name
		return h.unknown(c)
	case cmd == nil:
		return h.takeNote(c, c.Text, "")
	case slash || colon || meant(cmd, rest):
		c.Kind, c.Name, c.Text = chat.Command, cmd.Name, rest
		return h.command(c)
	}
	return h.takeNote(c, c.Text, cmd.Name)
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
