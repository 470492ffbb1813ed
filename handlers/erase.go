package handlers

import (
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is how an admin erases somebody whom leads are.

// toErase are the leads of one person that an admin means by an id, a reference or an address.
func (h *Handlers) toErase(c *Call, query string) ([]truce.Lead, error) {
	if !c.By.Has(truce.Admin) {
		return nil, truce.Errorf(truce.Forbidden, "Only an admin erases who a lead is. What I keep about you, you erase yourself: /truce mydata.")
	}
	if query == "" {
		return nil, truce.Errorf(truce.Invalid, "Say which lead: /truce erase L-12, its id in the CRM, or its e-mail address.")
	}
	if first, rest := cut(query); rest != "" && strings.EqualFold(truce.Bare(first), "lead") { // /truce erase lead L-12
		query = rest
	}
	found, err := c.Tx.FindLeads(query)
	if err == nil && len(found) == 0 {
		found, err = c.Tx.FindBelow(truce.Bare(query))
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if p, err := c.Tx.PersonByEmail(query); err == nil {
			return nil, truce.Errorf(truce.Invalid, "%s is a colleague, who erases what I keep about them: /truce mydata. For somebody who has "+
				"left: truce erase, on the command line.", p.Email)
		}
		return nil, truce.Errorf(truce.NotFound, "There is no lead %q. Try its id in the CRM, its e-mail address, or our reference, such as "+
			"L-12.", query)
	}
	for _, l := range found[1:] {
		if truce.FoldEmail(l.Email) != truce.FoldEmail(found[0].Email) || l.Email == "" {
			return nil, truce.Errorf(truce.Invalid, "%q may be %s or %s. Which one?", query, found[0].Ref, l.Ref)
		}
	}
	return c.Tx.SamePerson(found[0])
}

func (h *Handlers) leadEraseForm(c *Call, query string) (chat.Reply, error) {
	leads, err := h.toErase(c, query)
	if err != nil {
		return chat.Reply{}, err
	}
	var refs []string
	for _, l := range leads {
		refs = append(refs, l.Ref)
	}
	return ask(cards.EraseLeadForm(refs[0], refs[1:])), nil
}

// leadEraseSent erases who a lead is, here and in chat.
func (h *Handlers) leadEraseSent(c *Call) (chat.Reply, error) {
	leads, err := h.toErase(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if !strings.EqualFold(c.value("sure"), leads[0].Ref) {
		return fault("sure", "Write "+leads[0].Ref+" to go on: this cannot be undone."), nil
	}
	e, err := c.Tx.EraseLead(leads[0], c.By.ID, chat.Network(c.User.ID))
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.ErasedLeadCard(e.Refs, e.Messages)), nil
}
