package handlers

import (
	"cmp"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// home is what waits for the person. Whoever has opened it once has it drawn anew whenever it changes.
func (h *Handlers) home(c *Call) (chat.Reply, error) {
	desk, err := c.Tx.Desk(c.terms, c.By)
	if err != nil {
		return chat.Reply{}, err
	}
	if c.Kind == chat.HomeOpened {
		if err := c.Tx.HomeOpened(c.By.ID); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Home(cards.HomeView{Name: c.By.Name, Catalog: h.Catalog(), Digest: desk.Digest, Loc: h.opt.Location,
		Waiting: cards.Desk(desk, c.By, c.terms)})), nil
}

// whatElse leads on from a card that has taken the place of the list on which it was pressed: to what else waits for the person. ref is
// the lead that the card is about.
func (h *Handlers) whatElse(c *Call, ref string, card *chat.Card) error {
	if c.Kind != chat.Action && c.Kind != chat.Submit || c.Place.Kind != chat.DM || c.Source.IsZero() {
		return nil
	}
	mine, _, err := c.Tx.PendingOf(c.terms, c.By.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, p := range mine {
		if p.Lead.Ref != ref {
			n++
		}
	}
	if n > 0 {
		card.Blocks = append(card.Blocks, cards.WhatElse(n))
	}
	return nil
}

// hideSteps puts the first steps away.
func (h *Handlers) hideSteps(c *Call) (chat.Reply, error) {
	if !c.By.Has(truce.Admin) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "The first steps are an admin's list.")
	}
	if err := c.Tx.SetPref(c.By.ID, storage.PrefFirstSteps, "hidden"); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.RefreshHome(c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	r, err := h.home(c)
	r.Replace = true
	return r, err
}

// openRamp moves a new installation on to its next stage before its time.
func (h *Handlers) openRamp(c *Call) (chat.Reply, error) {
	if !c.By.Has(truce.Admin) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "An admin moves on from stage to stage.")
	}
	r, err := c.Tx.Ramp(c.terms)
	if err != nil {
		return chat.Reply{}, err
	}
	switch stage, ok := truce.ParseRampStage(c.Arg); {
	case !ok:
		return chat.Reply{}, truce.Errorf(truce.Invalid, "There is no such stage.")
	case stage <= r.At(c.Tx.Now):
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Open already: %s. Nothing changed.", stage)
	case stage > r.At(c.Tx.Now)+1:
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Open disputes first: comparisons rest on them.")
	default:
		if err := c.Tx.OpenRamp(stage, c.By.ID, chat.Network(c.User.ID)); err != nil {
			return chat.Reply{}, err
		}
	}
	reply, err := h.home(c)
	reply.Replace = true
	return reply, err
}

// status is home, and how the sources of the company's data stand; for admins also how old the newest backup is.
func (h *Handlers) status(c *Call) (chat.Reply, error) {
	r, err := h.home(c)
	if err != nil || r.Card == nil {
		return r, err
	}
	states, err := c.Tx.SourceStates(h.opt.Sources)
	if err != nil {
		return chat.Reply{}, err
	}
	list := make([]cards.SourceView, len(states))
	for i, s := range states {
		list[i] = cards.SourceView{Name: s.Name, Heard: s.Heard, Failing: s.Failing.BeganAt, Why: s.Why, Waiting: s.Waiting}
	}
	r.Card.Blocks = append(r.Card.Blocks, cards.SyncSources(list, h.opt.Location)...)
	if !c.By.Has(truce.Admin) {
		return r, nil
	}
	last, err := c.Tx.LastBackup()
	if err != nil {
		return chat.Reply{}, err
	}
	r.Card.Blocks = append(r.Card.Blocks, cards.LastBackup(last, c.Tx.Now, h.opt.Location)...)
	return r, nil
}

// homeMore goes on with what waits for the person.
func (h *Handlers) homeMore(c *Call, from int, _ string) (chat.Reply, error) {
	mine, _, err := c.Tx.PendingOf(c.terms, c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(mine, from, truce.ShownAtOnce, "home", "")
	items, err := c.Tx.Items(c.terms, rows, len(rows))
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.MoreItems(items, p, c.By, c.terms)), nil
}

// homeMine goes on with the person's open cases that wait for others.
func (h *Handlers) homeMine(c *Call, from int, _ string) (chat.Reply, error) {
	list, err := c.Tx.OwnWaiting(c.terms, c.By)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.casesPage(c, list, from, "home.mine", "Your cases, the longest waiting first", "No case of yours waits for others.")
}

// homeUnrated goes on with the person's leads that are old enough to be rated.
func (h *Handlers) homeUnrated(c *Call, from int, _ string) (chat.Reply, error) {
	before, ok := c.terms.Calendar.AddDays(c.Tx.Now, -c.terms.RatingAfter)
	if !ok {
		before = c.Tx.Now
	}
	leads, err := c.Tx.UnratedLeadsOf(c.terms, c.By.ID, before, mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.unratedPage(leads, from, "home.unrated")
}

// homeRecycled goes on with the recycled leads that wait for another rep; managers of Sales give them.
func (h *Handlers) homeRecycled(c *Call, from int, _ string) (chat.Reply, error) {
	if !c.By.Manages(truce.Sales) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Managers of Sales give recycled leads to other reps.")
	}
	leads, err := c.Tx.RecycledLeads(mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(leads, from, maxListed, "home.recycled", "")
	return show(cards.Leads("Recycled, for another rep", "The longest waiting first.", "No recycled lead waits for another rep.", rows, p,
		h.opt.Location)), nil
}

// away notes that the person is on leave: no clock of theirs runs, and colleagues stand in where they can.
func (h *Handlers) away(c *Call, said string) (chat.Reply, error) {
	from, to, ok := h.leave(c.Tx.Now, said)
	if !ok {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Say from when to when: /truce away 2026-08-03 to 2026-08-14, or /truce away until "+
			"2026-08-14. The last day counts.")
	}
	c.By.LeaveFrom, c.By.LeaveTo = from, to
	if err := c.Tx.SavePerson(c.By); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("person.away", c.By.ID, map[string]time.Time{"from": from, "to": to}); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Away(from, to, h.opt.Location)), nil
}

// leave reads "2026-08-03 to 2026-08-14", "until 2026-08-14", "2026-08-03": days of the company, both whole.
func (h *Handlers) leave(now time.Time, said string) (from, to time.Time, ok bool) {
	var days []truce.Date
	for _, w := range strings.Fields(strings.ToLower(said)) {
		if w = cmp.Or(truce.Bare(w), w); w == "to" || w == "until" || w == "-" || w == "from" {
			continue
		}
		d, err := truce.ParseDate(w)
		if err != nil {
			return from, to, false
		}
		days = append(days, d)
	}
	loc := h.opt.Location
	switch {
	case len(days) == 1 && strings.HasPrefix(strings.ToLower(strings.TrimSpace(said)), "until"):
		from, to = now, days[0].Add(1).At(0, loc).UTC()
	case len(days) == 1:
		from, to = days[0].At(0, loc).UTC(), days[0].Add(1).At(0, loc).UTC()
	case len(days) == 2:
		from, to = days[0].At(0, loc).UTC(), days[1].Add(1).At(0, loc).UTC()
	}
	return from, to, to.After(from) && to.After(now)
}

// back ends a leave.
func (h *Handlers) back(c *Call) (chat.Reply, error) {
	if !c.By.LeaveTo.After(c.Tx.Now) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "You are not away. /truce away 2026-08-03 to 2026-08-14 says when you will be.")
	}
	c.By.LeaveFrom, c.By.LeaveTo = time.Time{}, time.Time{}
	if err := c.Tx.SavePerson(c.By); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("person.back", c.By.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Back()), nil
}
