package handlers

import (
	"slices"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is about proposals: what both sides agree on before it holds. It belongs to /truce; what is proposed of a kind of common
// ground is said by the kind's own command.

// withProposals adds to /truce what proposals are answered with.
func (h *Handlers) withProposals(c Command) Command {
	actions := map[string]Action{
		"setting.propose":   func(c *Call) (chat.Reply, error) { return h.proposeSetting(c, c.Arg) },
		"proposal.list":     func(c *Call) (chat.Reply, error) { return replaced(h.listProposals(c, 0, "")) },
		"proposal.show":     h.proposalShown,
		"proposal.agree":    h.agreeProposal,
		"proposal.decline":  h.declineForm,
		"proposal.counter":  h.counterForm,
		"proposal.argue":    h.argueForm,
		"proposal.withdraw": h.withdrawProposal,
		"proposal.retire":   h.retireForm,
		"proposal.reopen":   h.reopenProposal,
	}
	for name, a := range actions {
		c.Actions[name] = a
	}
	c.Forms["proposal.decline"], c.Forms["proposal.argue"], c.Forms["proposal.retire"] = h.declineSent, h.argueSent, h.retireSent
	c.Forms["setting.propose"], c.Forms["source.propose"] = h.settingSent, h.sourceSent
	c.Own = map[string]Action{cards.OwnProposal: func(c *Call) (chat.Reply, error) { return h.showProposal(c, c.Arg, false) }}
	return c
}

// counters open the form of another way, by the kind of what is proposed. A kind without one is changed where it is made.
var counters = map[truce.ProposalKind]func(*Handlers, *Call, truce.Proposal) (chat.Reply, error){truce.RuleGround: counterRule,
	truce.ICPGround: counterProfile, truce.JourneyGround: counterExit, truce.StagesGround: counterStages}

func (h *Handlers) listProposals(c *Call, from int, _ string) (chat.Reply, error) {
	open, err := c.Tx.OpenProposals()
	if err != nil {
		return chat.Reply{}, err
	}
	recent, err := c.Tx.RecentProposals(8)
	if err != nil {
		return chat.Reply{}, err
	}
	views := func(list []truce.Proposal) (out []cards.ProposalView, err error) {
		files, err := c.Tx.ProposalFiles(list)
		for _, f := range files {
			out = append(out, cards.ProposalView{ProposalFile: f, Loc: h.opt.Location})
		}
		return out, err
	}
	if from > 0 { // of late were shown before
		recent = nil
	}
	rows, p := page(open, from, maxListed, "proposals", "")
	first, err := views(rows)
	if err != nil {
		return chat.Reply{}, err
	}
	last, err := views(recent)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Proposals(first, last, p, c.By)), nil
}

// proposalShown shows a proposal. One of the list takes the list's place, which would go on to say "waiting for you" after the yes, and
// leads back to it as it is then; Arg is "T-1" or "T-1 list".
func (h *Handlers) proposalShown(c *Call) (chat.Reply, error) {
	id, from := cut(c.Arg)
	r, err := h.showProposal(c, id, from == cards.FromList)
	if err == nil && from == cards.FromList && r.Card != nil {
		card := *r.Card
		card.Blocks = append(slices.Clone(card.Blocks), chat.ButtonRow(chat.Press("All proposals", "proposal.list", "")))
		r.Card = &card
	}
	return r, err
}

func (h *Handlers) showProposal(c *Call, id string, replacing bool) (chat.Reply, error) {
	f, err := c.Tx.ProposalFile(id)
	if err != nil {
		return chat.Reply{}, err
	}
	r := show(cards.Proposal(cards.ProposalView{ProposalFile: f, Loc: h.opt.Location}, &c.By))
	r.Replace = replacing
	if f.State != truce.ProposalOpen {
		return r, nil
	}
	return withAgenda(c, r, "proposal "+f.ID)
}

// moveProposal moves a proposal, and shows it where its button was pressed.
func (h *Handlers) moveProposal(c *Call, id, action string, move func(*truce.Proposal, truce.Keyholders) error) (chat.Reply, error) {
	p, err := c.Tx.MoveProposal(id, action, c.By.ID, chat.Network(c.User.ID), move)
	if err != nil {
		return chat.Reply{}, err
	}
	if ok, err := h.onPosted(c, storage.ProposalSubject(p.ID)); err != nil || ok {
		return chat.Reply{}, err
	}
	return h.showProposal(c, p.ID, c.Kind == chat.Action)
}

func (h *Handlers) agreeProposal(c *Call) (chat.Reply, error) {
	return h.moveProposal(c, c.Arg, "proposal.agree", func(p *truce.Proposal,
		k truce.Keyholders) error {
		return p.Agree(c.By.ID, k, c.Tx.Now)
	})
}

// answerable finds a proposal that the person may answer now; else it says why not.
func (h *Handlers) answerable(c *Call) (truce.Proposal, error) {
	f, err := c.Tx.ProposalFile(c.Arg)
	if err != nil {
		return f.Proposal, err
	}
	try := f.Proposal
	return f.Proposal, try.Decline(c.By.ID, f.Keys, "?", c.Tx.Now)
}

func (h *Handlers) declineForm(c *Call) (chat.Reply, error) {
	p, err := h.answerable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.ProposalNoForm(p)), nil
}

func (h *Handlers) declineSent(c *Call) (chat.Reply, error) {
	r, err := h.moveProposal(c, c.Arg, "proposal.decline", func(p *truce.Proposal, k truce.Keyholders) error {
		return p.Decline(c.By.ID, k, c.Values["text"], c.Tx.Now)
	})
	return faultOr(r, err)
}

// faultOr puts what is wrong with a text at its field.
func faultOr(r chat.Reply, err error) (chat.Reply, error) {
	if truce.KindOf(err) == truce.Invalid {
		return fault("text", truce.Sentence(err)), nil
	}
	return r, err
}

func (h *Handlers) counterForm(c *Call) (chat.Reply, error) {
	p, err := h.answerable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if form := counters[p.Kind]; form != nil {
		return form(h, c, p)
	}
	return ask(cards.ProposalNoForm(p)), nil
}

func (h *Handlers) argueForm(c *Call) (chat.Reply, error) {
	p, err := c.Tx.Proposal(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	try := p
	if err := try.Argue(c.By, "?", c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.ProposalArgueForm(p)), nil
}

func (h *Handlers) argueSent(c *Call) (chat.Reply, error) {
	return faultOr(h.moveProposal(c, c.Arg, "proposal.argue",
		func(p *truce.Proposal, _ truce.Keyholders) error { return p.Argue(c.By, c.Values["text"], c.Tx.Now) }))
}

func (h *Handlers) withdrawProposal(c *Call) (chat.Reply, error) {
	p, err := c.Tx.Proposal(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	left := false
	if p.By != "" {
		by, err := c.Tx.Person(p.By)
		if err != nil {
			return chat.Reply{}, err
		}
		left = !by.Active
	}
	return h.moveProposal(c, p.ID, "proposal.withdraw", func(p *truce.Proposal, k truce.Keyholders) error {
		return p.Withdraw(c.By.ID, left, k, "", c.Tx.Now)
	})
}

func (h *Handlers) retireForm(c *Call) (chat.Reply, error) {
	p, err := c.Tx.Proposal(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	try := p
	if err := try.Retire(c.By, "?", c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.ProposalRetireForm(p)), nil
}

func (h *Handlers) retireSent(c *Call) (chat.Reply, error) {
	return faultOr(h.moveProposal(c, c.Arg, "proposal.retire", func(p *truce.Proposal, _ truce.Keyholders) error {
		return p.Retire(c.By, c.Values["text"], c.Tx.Now)
	}))
}

func (h *Handlers) reopenProposal(c *Call) (chat.Reply, error) {
	if c.By.TeamSide() == truce.NoSide && !c.By.Has(truce.Sponsor) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Somebody of a side opens it again.")
	}
	p, err := c.Tx.ReopenProposal(c.Arg, c.By.ID, chat.Network(c.User.ID))
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showProposal(c, p.ID, false)
}

// deputy is "/truce deputy NAME": whom the sponsor lets hold a key that is missing.
func (h *Handlers) deputy(c *Call, said string) (chat.Reply, error) {
	if !c.By.Has(truce.Sponsor) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "The sponsor names a deputy, who holds a key where a side has nobody to.")
	}
	if strings.EqualFold(strings.TrimSpace(said), "nobody") {
		return show(cards.Deputy("")), c.Tx.SetDeputy("", c.By.ID, chat.Network(c.User.ID))
	}
	found, err := h.colleagues(c, said)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(found) > 1 {
		return show(cards.WhichDeputy(said, found)), nil
	}
	return h.deputise(c, found[0])
}

// deputyOf names the deputy who was chosen among people of one name.
func (h *Handlers) deputyOf(c *Call) (chat.Reply, error) {
	if !c.By.Has(truce.Sponsor) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "The sponsor names a deputy, who holds a key where a side has nobody to.")
	}
	p, err := c.Tx.Person(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.deputise(c, p))
}

func (h *Handlers) deputise(c *Call, p truce.Person) (chat.Reply, error) {
	if p.ID == c.By.ID {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Two keys are two people: name somebody else.")
	}
	return show(cards.Deputy(p.AddressedName())), c.Tx.SetDeputy(p.ID, c.By.ID, chat.Network(c.User.ID))
}
