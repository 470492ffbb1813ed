package handlers

import (
	"strconv"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file pages lists: every list says how many rows it holds, and its last block leads to the rest. Nothing is shown as if it were all.

// list shows rows of a list, from the one with a number on; rest is what else tells which list it is.
type list func(c *Call, from int, rest string) (chat.Reply, error)

// lists are all that can be longer than one message, by the names that "list.more" carries.
func (h *Handlers) lists() map[string]list {
	return map[string]list{
		"lead.mine":         h.leadsMine,
		"lead.unrated":      h.leadsUnrated,
		"lead.nobody":       h.leadsNobodys,
		"lead.found":        h.leadsFound,
		"dispute.list":      h.listDisputes,
		"dispute.mine":      h.myDisputes,
		"dispute.overdue":   h.overdueDisputes,
		"dispute.rules":     h.listRules,
		"proposals":         h.listProposals,
		"objection.new":     h.newObjections,
		"objection.search":  h.searchObjections,
		"objection.like":    h.likeObjections,
		"objection.heard":   h.heardOf,
		"objection.top":     h.topObjections,
		"objection.answers": h.answerList,
		"field.drafts":      h.drafts,
		"field.recent":      h.recentNotes,
		"outcome.inventory": h.inventoryOn,
		"outcome.lost":      h.inventoryLost,
		"outcome.mine":      h.interviewsFrom,
		"home":              h.homeMore,
		"home.mine":         h.homeMine,
		"home.unrated":      h.homeUnrated,
		"home.recycled":     h.homeRecycled,
		"journey.stage":     h.journeyMore,
	}
}

// listMore goes on with a list. Arg is "lead.mine 20", and what else tells which list it is.
func (h *Handlers) listMore(c *Call) (chat.Reply, error) {
	name, rest := cut(c.Arg)
	number, rest := cut(rest)
	from, err := strconv.Atoi(number)
	show := h.lists()[name]
	if show == nil || err != nil || from < 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "This button is of an older version. Type /truce help to see what there is.")
	}
	return show(c, from, rest)
}

// page is a stretch of a list, and where it stands.
func page[T any](all []T, from, size int, name, rest string) ([]T, cards.Page) {
	from = min(from, len(all))
	rows := all[from:min(from+size, len(all))]
	return rows, cards.Page{List: name, Rest: rest, From: from, Shown: len(rows), Of: len(all)}
}
