package handlers

import (
	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// message answers what somebody wrote to the bot: a command without its slash, or free text, which is kept as a private
// draft until its kind is confirmed.
func (h *Handlers) message(c *Call) (chat.Reply, error) {
	first, rest := cut(c.Text)
	if cmd, _ := h.find(first, ""); cmd != nil && len(first) > 0 && first[0] == '/' {
		c.Kind, c.Name, c.Text = chat.Command, cmd.Name, rest
		return h.command(c)
	}
	text, err := truce.CheckText(c.Text, "message")
	if err != nil {
		return h.help(c)
	}
	n, err := c.Tx.AddNote(truce.Note{Text: text, AuthorID: c.By.ID})
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.NoteKept(n)), nil
}
