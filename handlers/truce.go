package handlers

import (
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// truce is the command that leads to all others.
func (h *Handlers) truce() Command {
	return Command{
		Name:     "truce",
		Usage:    "help | home | away DATE to DATE | back | any other command without its slash",
		Help:     "Help, what waits for you, and a way to every other command.",
		Examples: []string{"truce help", "truce home", "truce away 2026-08-03 to 2026-08-14", "truce back"},
		Run: func(c *Call) (chat.Reply, error) {
			switch strings.ToLower(c.Text) {
			case "", "help":
				return h.help(c)
			case "home", "status":
				return h.home(c)
			case "back":
				return h.back(c)
			case "refresh":
				return h.refresh(c)
			}
			if first, rest := cut(c.Text); strings.EqualFold(first, "away") {
				return h.away(c, rest)
			}
			return h.unknown(c)
		},
		Actions: map[string]Action{
			"form.continue": h.continueForm,
		},
	}
}

func (h *Handlers) help(c *Call) (chat.Reply, error) {
	return show(cards.Help(h.Catalog())), nil
}

// unknown says what was not understood and what is near.
func (h *Handlers) unknown(c *Call) (chat.Reply, error) {
	first, _ := cut(c.Text)
	if c.Name != "truce" {
		first = c.Name
	}
	return chat.Reply{}, truce.Errorf(truce.NotFound, "I do not know %q. Type /truce help to see what there is.", first)
}

// presence is about the bot being added somewhere, or removed.
func (h *Handlers) presence(c *Call) (chat.Reply, error) {
	if c.Place.ID != "" {
		if err := c.Tx.SetPlace(c.Place.ID, c.Place, c.Kind == chat.Joined); err != nil {
			return chat.Reply{}, err
		}
	}
	if c.Kind == chat.Joined {
		r := show(cards.Welcome(h.Catalog()))
		r.Public = true
		return r, nil
	}
	return chat.Reply{}, nil
}
