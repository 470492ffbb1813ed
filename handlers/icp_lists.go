package handlers

import (
	"encoding/json"
	"fmt"
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the two lists: each side names its best customers and its dead weight, unseen by the other until both are there.

// icpLists shows where the newest round of two lists stands for the person.
func (h *Handlers) icpLists(c *Call) (chat.Reply, error) {
	r, err := c.Tx.ListRound()
	if err != nil {
		return chat.Reply{}, err
	}
	if r == nil {
		return show(cards.ListsBegin(c.By.TeamSide() != truce.NoSide || c.By.Has(truce.Sponsor))), nil
	}
	if !r.OpenedAt.IsZero() {
		return show(cards.ListsOpened(*r, r.Overlap(), c.By.TeamSide() != truce.NoSide)), nil
	}
	has, err := h.sides(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.ListsWait(cards.ListsView{Round: *r, By: c.By, Has: has, Loc: h.opt.Location})), nil
}

// sides are how many people each side has.
func (h *Handlers) sides(c *Call) (map[truce.Side]int, error) {
	people, err := c.Tx.People()
	has := map[truce.Side]int{}
	for _, p := range people {
		if p.Active {
			has[p.TeamSide()]++
		}
	}
	return has, err
}

// beginLists begins a round, or shows the one under way.
func (h *Handlers) beginLists(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	r, err := c.Tx.ListRound()
	if err != nil {
		return chat.Reply{}, err
	}
	if r != nil && r.OpenedAt.IsZero() {
		return replaced(h.icpLists(c))
	}
	due, ok := h.opt.Calendar.AddDays(c.Tx.Now, truce.ListDays)
	if !ok {
		due = c.Tx.Now.AddDate(0, 0, 2*truce.ListDays)
	}
	begun, err := c.Tx.BeginLists(c.By.ID, due)
	if err != nil {
		return chat.Reply{}, err
	}
	managers, err := c.Tx.PeopleWith(truce.SalesManager, truce.MarketingManager)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, p := range managers {
		if p.ID == c.By.ID {
			continue
		}
		if err := h.send(c, p.ID, "icp.lists:"+begun.ID+":"+p.ID, storage.Notice, cards.ListsAsk(begun, c.By.Name, h.opt.Location)); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("icp.begin", begun.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.icpLists(c))
}

// pickable finds the round that a person of a side may send a list of.
func (h *Handlers) pickable(c *Call) (*truce.ListRound, error) {
	r, err := c.Tx.ListRound()
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, truce.Errorf(truce.NotFound, "No lists are under way: /icp start begins.")
	case !r.OpenedAt.IsZero():
		return nil, truce.Errorf(truce.Conflict, "Both lists are open already: /icp start shows them. Nothing changed.")
	case c.By.TeamSide() == truce.NoSide:
		return nil, truce.Errorf(truce.Forbidden, "People of Sales and Marketing name their customers. Ask an admin for your role: /truce roles.")
	case r.Of(c.By.ID) == nil && r.Sent(c.By.TeamSide()) >= truce.ListPickers:
		return nil, truce.Errorf(truce.Conflict, "Two people of %s have sent theirs: that is your side's list. You see both when they are open.",
			c.By.TeamSide().Title())
	}
	return r, nil
}

func (h *Handlers) listForm(c *Call) (chat.Reply, error) {
	r, err := h.pickable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	mine := truce.PickList{}
	if l := r.Of(c.By.ID); l != nil {
		mine = *l
	}
	return ask(cards.ListForm(r.ID, mine)), nil
}

// listSent keeps a person's list; where it was the last that was missing, both are opened.
func (h *Handlers) listSent(c *Call) (chat.Reply, error) {
	r, err := h.pickable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if r.ID != c.Arg {
		return fault("best", "Another round of lists has begun since: open it with /icp start."), nil
	}
	l := truce.PickList{PersonID: c.By.ID, Side: c.By.TeamSide(), At: c.Tx.Now}
	if l.Best, err = truce.ParsePicks(c.Values["best"]); err != nil {
		return fault("best", truce.Sentence(err)), nil
	}
	if l.Dead, err = truce.ParsePicks(c.Values["dead"]); err != nil {
		return fault("dead", truce.Sentence(err)), nil
	}
	for _, p := range l.Dead {
		if slices.ContainsFunc(l.Best, func(b truce.Pick) bool { return b.Key() == p.Key() }) {
			return fault("dead", p.Account+" is among your best, too: it cannot be both."), nil
		}
	}
	if err := c.Tx.SaveList(r.ID, l); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("icp.list", r.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	if r, err = c.Tx.ListRound(); err != nil {
		return chat.Reply{}, err
	}
	has, err := h.sides(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if r.Complete(has) {
		if err := h.openLists(c, *r); err != nil {
			return chat.Reply{}, err
		}
	}
	return replaced(h.icpLists(c))
}

// openListsNow opens both lists before the second person of a side has sent, or before they are due: whoever began the round, or a manager.
func (h *Handlers) openListsNow(c *Call) (chat.Reply, error) {
	r, err := c.Tx.ListRound()
	switch {
	case err != nil:
		return chat.Reply{}, err
	case r == nil || !r.OpenedAt.IsZero():
		return replaced(h.icpLists(c))
	case r.StartedBy != c.By.ID && !c.By.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Whoever began the lists, or a manager, opens them.")
	case r.Sent(truce.Sales) == 0 || r.Sent(truce.Marketing) == 0:
		return chat.Reply{}, truce.Errorf(truce.Conflict, "One side has sent nothing yet. They open by themselves after five business days.")
	}
	if err := h.openLists(c, *r); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.icpLists(c))
}

func (h *Handlers) openLists(c *Call, r truce.ListRound) error {
	var control []string
	if h.opt.Ideal != nil {
		list, err := h.opt.Ideal.Controls(c.Tx, truce.ListLength, r.Named(), r.Lot(), c.Tx.Now)
		if err != nil {
			return err
		}
		for _, b := range list {
			control = append(control, b.Key)
		}
	}
	body, err := json.Marshal(cards.ListsOpened(r, r.Overlap(), true))
	if err != nil {
		return fmt.Errorf("write the lists of %s: %w", r.ID, err)
	}
	return c.Tx.OpenLists(r, control, body)
}

// showOverlap shows both lists next to the books.
func (h *Handlers) showOverlap(c *Call) (chat.Reply, error) {
	r, err := c.Tx.ListRound()
	if err != nil {
		return chat.Reply{}, err
	}
	if r == nil || r.OpenedAt.IsZero() {
		return h.icpLists(c)
	}
	v := cards.OverlapView{Round: *r, Overlap: r.Overlap(), Loc: h.opt.Location}
	if h.opt.Ideal != nil {
		if v.Books, err = h.opt.Ideal.Books(c.Tx, append(r.Named(), r.Control...), c.Tx.Now); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.ListsOverlap(v)), nil
}
