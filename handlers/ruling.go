package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is about rulings on escalated cases, about answers to a whole bundle, and about the rules that come of both.

// ruleForm opens the form of a ruling; Arg is "D-12 uphold".
func (h *Handlers) ruleForm(c *Call) (chat.Reply, error) {
	id, what := cut(c.Arg)
	d, err := c.Tx.Dispute(id)
	if err != nil {
		return chat.Reply{}, err
	}
	if _, err := d.RulesAs(c.terms, c.By, c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	title, submit := "Decline "+d.ID, "Rule: decline"
	if what == "uphold" {
		title, submit = "Uphold "+d.ID, "Rule: uphold"
	}
	return ask(cards.TextForm("dispute.rule", title, "Why", "Both sides read it.", submit, d.ID+" "+what, false)), nil
}

func (h *Handlers) ruleSent(c *Call) (chat.Reply, error) {
	id, what := cut(c.Arg)
	before, err := c.Tx.Dispute(id)
	if err != nil {
		return chat.Reply{}, err
	}
	side, err := before.RulesAs(c.terms, c.By, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	d, err := h.move(c, id, truce.Step{Action: "dispute.rule", Did: truce.RulingPromise, Side: side}, func(d *truce.Dispute) error {
		_, err := d.Rule(c.terms, c.By, what == "uphold", c.Values["text"], c.Tx.Now)
		return err
	})
	if err != nil {
		return chat.Reply{}, err
	}
	return h.moved(c, d)
}

// bundleForm opens the form of one answer to all cases of a bundle; Arg is "D-12 uphold".
func (h *Handlers) bundleForm(c *Call) (chat.Reply, error) {
	bundle, what := cut(c.Arg)
	list, err := h.bundle(c, bundle)
	if err != nil {
		return chat.Reply{}, err
	}
	n := strconv.Itoa(len(list))
	if what == "uphold" {
		return ask(cards.TextForm("dispute.answerall", "Uphold all "+n, "What changes for the next ones", "", "Uphold all "+n, c.Arg, false)), nil
	}
	return ask(cards.TextForm("dispute.answerall", "Decline all "+n, "Why the leads are right", "Each rep reads it, and may escalate.",
		"Decline all "+n, c.Arg, true)), nil
}

func (h *Handlers) bundle(c *Call, bundle string) ([]truce.Dispute, error) {
	if !c.By.SpeaksForMarketing() {
		return nil, truce.Errorf(truce.Forbidden, "Marketing answers disputes. Ask an admin for the role if that is you.")
	}
	list, err := c.Tx.BundleOf(bundle)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.Conflict, "The cases like %s are answered already. Nothing changed.", bundle)
	}
	return list, err
}

// bundleSent gives every case of the bundle the same answer. A case the person may not answer is left as it is.
func (h *Handlers) bundleSent(c *Call) (chat.Reply, error) {
	bundle, what := cut(c.Arg)
	list, err := h.bundle(c, bundle)
	if err != nil {
		return chat.Reply{}, err
	}
	var done []truce.Dispute
	for _, d := range list {
		if d.OpenerID == c.By.ID {
			continue
		}
		s := truce.Step{Action: "dispute." + what, Did: truce.AnswerPromise, Side: truce.Marketing}
		d, err := h.move(c, d.ID, s, func(d *truce.Dispute) error {
			if what == "uphold" {
				return d.Uphold(c.terms, c.By, c.Values["text"], c.Tx.Now)
			}
			return d.Decline(c.terms, c.By, c.Values["text"], c.Tx.Now)
		})
		if truce.KindOf(err) == truce.Invalid {
			return fault("text", truce.Sentence(err)), nil
		}
		if err != nil {
			return chat.Reply{}, err
		}
		done = append(done, d)
	}
	files, err := c.files(done)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Disputes("Answered together", "You opened all of them yourself: somebody else in Marketing answers.", files,
		cards.Page{Shown: len(files), Of: len(files)}, c.terms)), nil
}

// proposeRule opens the form of a rule made of a case and those like it.
func (h *Handlers) proposeRule(c *Call) (chat.Reply, error) {
	f, err := h.ruleable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	words := "Leads from " + truce.SourceName(f.Source) + " that are disputed as " + f.Reason.Info().Label
	if f.Outcome == truce.Upheld {
		words += " are " + string(f.Reason.SentBackAs()) + " at once."
	} else {
		words += " are fine: they are not disputed any more."
	}
	return ask(cards.RuleForm(f.ID, words)), nil
}

func (h *Handlers) ruleable(c *Call) (truce.CaseFile, error) {
	f, err := c.Tx.CaseFile(c.terms, c.Arg)
	switch {
	case err != nil:
		return f, err
	case !c.By.SpeaksForMarketing() && !c.By.Manages(truce.Sales) && !c.By.Has(truce.Sponsor):
		return f, truce.Errorf(truce.Forbidden, "Marketing or a manager proposes a rule. Tell yours about %s.", f.ID)
	case f.Rule != nil && f.Rule.State == truce.ProposalInForce:
		return f, truce.Errorf(truce.Conflict, "Rule %s covers this already. Nothing changed.", f.Rule.ID)
	case f.Rule != nil:
		return f, truce.Errorf(truce.Conflict, "Rule %s is proposed for this already, and waits for its keys. Nothing changed.", f.Rule.ID)
	case !f.Settled():
		return f, truce.Errorf(truce.Conflict, "%s is not ruled on: a rule comes of equal rulings.", f.ID)
	}
	p, err := c.Tx.PrecedentsNow(c.terms, f.Source, f.Reason)
	if err != nil {
		return f, err
	}
	if o, n := p.Equal(); n < c.terms.Precedents || o != f.Outcome {
		return f, truce.Errorf(truce.Conflict, "A rule needs %d equal rulings in %d days on one source and reason.", c.terms.Precedents,
			c.terms.PrecedentDay)
	}
	return f, nil
}

func (h *Handlers) proposeSent(c *Call) (chat.Reply, error) {
	terms, instead := truce.RuleTerms{}, ""
	if isRule(c.Arg) {
		p, err := c.Tx.Proposal(c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		if terms, err = truce.ReadRule(p.Payload); err != nil {
			return chat.Reply{}, err
		}
		instead = p.ID
	} else {
		f, err := h.ruleable(c)
		if err != nil {
			return chat.Reply{}, err
		}
		terms.Source, terms.Reason, terms.Outcome = f.Source, f.Reason, f.Outcome
	}
	text, err := truce.CheckText(c.Values["text"], "rule")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	terms.Text = text
	payload, err := json.Marshal(terms)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write a rule: %w", err)
	}
	c.Values = map[string]string{"text": c.Values["why"]} // the words are the rule itself
	return h.propose(c, truce.RuleGround, terms.Thing(), payload, nil, "", instead, "text")
}

// counterRule opens the form of other words for a proposed rule.
func counterRule(_ *Handlers, _ *Call, p truce.Proposal) (chat.Reply, error) {
	t, err := truce.ReadRule(p.Payload)
	return ask(cards.RuleForm(p.ID, t.Text)), err
}

// retireRule ends a rule in force; without a reason its form asks for one.
func (h *Handlers) retireRule(c *Call, id, why string) (chat.Reply, error) {
	if c.Arg = id; strings.TrimSpace(why) == "" {
		return h.retireForm(c)
	}
	return h.moveProposal(c, id, "proposal.retire", func(p *truce.Proposal, _ truce.Keyholders) error { return p.Retire(c.By, why, c.Tx.Now) })
}

func (h *Handlers) listRules(c *Call, from int, _ string) (chat.Reply, error) {
	rules, err := c.Tx.Rules()
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(rules, from, maxListed, "dispute.rules", "")
	return show(cards.Rules(rows, p, h.opt.Location)), nil
}

// settleByRule does what a rule in force says instead of opening a case.
func (h *Handlers) settleByRule(c *Call, r truce.Rule, f truce.LeadFile, text string) (chat.Reply, error) {
	r, err := c.Tx.SettledByRule(r.ID, c.By.ID, chat.Network(c.User.ID))
	if err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("dispute.settled", f.Ref, map[string]string{"rule": r.ID, "reason": string(r.Reason), "text": text}); err != nil {
		return chat.Reply{}, err
	}
	if r.Outcome == truce.Upheld && (f.State != r.Reason.SentBackAs()) {
		if err := c.Tx.ChangeLead(c.terms, f.ID, f.GoesBack(r.Reason, truce.FromDispute, c.By.ID, r.ID, c.Tx.Now)); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.RuleSettled(r, f.Lead, h.opt.Location)), nil
}
