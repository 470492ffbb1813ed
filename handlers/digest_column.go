package handlers

import (
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what admins say of columns of which cannot be told whether they hold people.

// column is the period that a button carries, which names the column.
func (h *Handlers) column(c *Call) (cards.Period, error) {
	p, _, err := cards.ParseArg(c.Arg, h.opt.Location)
	if err != nil || p.By == "" {
		return p, staleButton(err)
	}
	return p, nil
}

// digestColumnShow shows the leads of the button's period by its column.
func (h *Handlers) digestColumnShow(c *Call) (chat.Reply, error) {
	p, err := h.column(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.shown(c, p, "", nil)
}

// digestColumnAsk asks the admins whether a column holds people: once a day, however many want to know.
func (h *Handlers) digestColumnAsk(c *Call) (chat.Reply, error) {
	p, err := h.column(c)
	if err != nil {
		return chat.Reply{}, err
	}
	admins, err := c.Tx.PeopleWith(truce.Admin)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(admins) == 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "Nobody is an admin here yet. The configuration names the first one (roles.admins).")
	}
	asked := 0
	for _, a := range admins {
		card, err := h.opt.Reports.Digest(c.Tx, p, a)
		if err != nil {
			return chat.Reply{}, err
		}
		if card.Key != cards.ColumnAskKey { // it was said meanwhile
			own, err := h.opt.Reports.Digest(c.Tx, p, c.By)
			return show(own), err
		}
		key := "column:" + truce.FoldColumn(p.By) + ":" + c.Tx.Now.UTC().Format(time.DateOnly) + ">" + a.ID
		if err := h.send(c, a.ID, key, storage.Notice, card); err != nil {
			return chat.Reply{}, err
		}
		asked++
	}
	return replace(cards.ColumnAsked(p.By, asked)), nil
}

// digestColumnSay keeps what an admin says of a column. It can be said otherwise later.
func (h *Handlers) digestColumnSay(people bool) Action {
	return func(c *Call) (chat.Reply, error) {
		p, err := h.column(c)
		if err != nil {
			return chat.Reply{}, err
		}
		if !c.By.Has(truce.Admin) {
			return chat.Reply{}, truce.Errorf(truce.Forbidden, "Only an admin says whether a column holds names of people.")
		}
		if err := c.Tx.DecideColumn(p.By, people, c.By.ID, chat.Network(c.User.ID)); err != nil {
			return chat.Reply{}, err
		}
		return replace(cards.ColumnSaid(p.By, people, c.Arg)), nil
	}
}
