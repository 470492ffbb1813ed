package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// dispute sends a lead back as a small case, and shows how cases stand.
func (h *Handlers) dispute() Command {
	shown := func(c *Call) (chat.Reply, error) { return h.showProposal(c, c.Arg, false) }
	return Command{
		Name:  "dispute",
		Usage: "LEAD REASON | list | show D-12 | mine | overdue | rules | retire R-1 WHY",
		Help:  "Dispute a lead in twenty seconds, and hear back by a known date.",
		Examples: []string{"dispute L-12 outside ICP: an academic core facility", "dispute list", "dispute show D-12", "dispute mine",
			"dispute overdue", "dispute rules", "dispute retire R-1 the consortium buys again"},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch strings.ToLower(truce.Bare(c.Text)) {
			case "":
				return ask(cards.DisputeForm("", "", "")), nil
			case "list", "show":
				return h.listDisputes(c, 0, "")
			case "mine":
				return h.myDisputes(c, 0, "")
			case "overdue":
				return h.overdueDisputes(c, 0, "")
			case "rules":
				return h.listRules(c, 0, "")
			}
			if strings.EqualFold(first, "retire") {
				if id, why := cut(rest); isRule(truce.Bare(id)) {
					return h.retireRule(c, strings.ToUpper(truce.Bare(id)), why)
				}
			}
			if strings.EqualFold(truce.Bare(first), "show") && rest != "" {
				return h.showDispute(c, truce.Bare(rest))
			}
			if isCase(truce.Bare(first)) && rest == "" {
				return h.showDispute(c, truce.Bare(first))
			}
			return h.typedDispute(c, first, rest)
		},
		Actions: map[string]Action{
			"dispute.show":   func(c *Call) (chat.Reply, error) { return h.showDispute(c, c.Arg) },
			"dispute.uphold": h.upholdDispute,
			"dispute.agree":  h.agreeDispute,
			"dispute.keep": h.askText("dispute.keep", "Keep", "Why the lead stays yours", "The colleague who opened the case reads it.",
				"Keep the lead", true),
			"dispute.decline": h.askText("dispute.decline", "Decline", "Why the lead is right", "The rep reads it, and may escalate.", "Decline",
				true),
			"dispute.ask": h.askText("dispute.ask", "Ask once", "What you need to know", "Once only: your time waits for the answer.", "Ask",
				true),
			"dispute.provide":   h.askText("dispute.provide", "Answer", "What Marketing asked for", "", "Send", true),
			"dispute.accept":    h.acceptDispute,
			"dispute.escalate":  h.askText("dispute.escalate", "Escalate", "What the managers should know", "", "Escalate", false),
			"dispute.withdraw":  h.withdrawDispute,
			"dispute.reopen":    h.askText("dispute.reopen", "Re-open", "What is new", "Once, and only with new evidence.", "Re-open", true),
			"dispute.why":       h.askText("dispute.why", "Say why", "What changes for the next ones", "", "Save", true),
			"dispute.rule":      h.ruleForm,
			"dispute.answerall": h.bundleForm,
			"rule.propose":      h.proposeRule,
			// Messages from before rules were proposals have these buttons.
			"rule.agree":  h.agreeProposal,
			"rule.refuse": shown,
			"rule.retire": h.retireForm,
			"rule.show":   shown,
		},
		Own: map[string]Action{
			cards.OwnDispute: func(c *Call) (chat.Reply, error) { return h.showDispute(c, c.Arg) },
			"rule":           shown,
		},
		Forms: map[string]Action{
			"dispute.open":      h.disputeSent,
			"dispute.keep":      h.textMove("dispute.keep", truce.OwnerPromise, truce.Sales, (*truce.Dispute).OwnerKeeps),
			"dispute.decline":   h.textMove("dispute.decline", truce.AnswerPromise, truce.Marketing, (*truce.Dispute).Decline),
			"dispute.ask":       h.textMove("dispute.ask", "", truce.Marketing, (*truce.Dispute).Ask),
			"dispute.provide":   h.textMove("dispute.provide", truce.EvidencePromise, truce.Sales, (*truce.Dispute).Provide),
			"dispute.escalate":  h.textMove("dispute.escalate", truce.ReplyPromise, truce.Sales, (*truce.Dispute).Escalate),
			"dispute.reopen":    h.textMove("dispute.reopen", "", "", (*truce.Dispute).Reopen),
			"dispute.why":       h.textMove("dispute.why", "", truce.Marketing, (*truce.Dispute).Explain),
			"dispute.rule":      h.ruleSent,
			"dispute.answerall": h.bundleSent,
			"rule.propose":      h.proposeSent,
			"rule.retire":       h.retireSent,
		},
	}
}

// isCase reports whether a word is a case's id.
func isCase(s string) bool {
	rest, ok := strings.CutPrefix(strings.ToUpper(s), "D-")
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}

// isRule reports whether a word is a rule's id.
func isRule(s string) bool {
	rest, ok := strings.CutPrefix(strings.ToUpper(s), "R-")
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}

// typedDispute opens a case of what was typed; what is missing or unclear is asked for in the form, with the text kept.
func (h *Handlers) typedDispute(c *Call, query, said string) (chat.Reply, error) {
	if second, err := c.secondFound(query); err != nil {
		return chat.Reply{}, err
	} else if len(second) > 0 {
		return h.disputeSecond(c, second[0], said, false)
	}
	leads, err := c.Tx.FindLeads(query)
	if before, behind, ok := truce.CutList(query); err == nil && len(leads) == 0 && ok { // C3,wrong person
		if leads, err = c.Tx.FindLeads(before); len(leads) > 0 {
			said = strings.TrimSpace(behind + " " + said)
		}
	}
	byName := err == nil && len(leads) == 0
	if byName {
		leads, query, said, err = h.disputedByMemory(c, query, said)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	switch len(leads) {
	case 0:
		return chat.Reply{}, noLead(truce.Bare(query))
	case 1:
	default:
		return h.leadsFound(c, 0, query)
	}
	if second, err := c.secondFound(leads[0].Ref); err != nil {
		return chat.Reply{}, err
	} else if len(second) > 0 {
		return h.disputeSecond(c, second[0], said, byName)
	}
	f, err := c.Tx.LeadFile(leads[0].ID)
	if err != nil {
		return chat.Reply{}, err
	}
	reason, text, ok := truce.GuessReason(said)
	if r, err := h.mayDispute(c, f, reason); err != nil || r.Card != nil {
		return r, err
	}
	if !ok {
		reason, text = "", said
	}
	if !ok || byName { // which lead is meant was found, not said: a case is opened once it has been seen
		return askDispute(f.Lead, reason, text), nil
	}
	return h.openDispute(c, f, reason, text)
}

// askDispute asks for what is missing of a dispute that was typed, and shows which lead was meant.
func askDispute(l truce.Lead, reason truce.Reason, text string) chat.Reply {
	form := cards.DisputeForm(l.Ref, string(reason), text)
	form.Intro = chat.T(l.Title())
	return ask(form)
}

// disputeWords are the words of a dispute; "" where the reason is all that was said.
func disputeWords(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	return truce.CheckText(text, "dispute")
}

// longestName is how many words of a dispute may be what one remembers of its lead: "/dispute Northfield Labs outside ICP".
const longestName = 4

// disputedByMemory finds the leads of a dispute by what one remembers of them, as /lead does: by as many of its first words as find any.
// What follows these is the reason.
func (h *Handlers) disputedByMemory(c *Call, first, said string) (leads []truce.Lead, query, rest string, err error) {
	words := strings.Fields(said)
	for n := min(len(words), longestName-1); n >= 0; n-- {
		query = strings.TrimSpace(first + " " + strings.Join(words[:n], " "))
		if leads, err = h.leadsMeant(c, truce.Bare(query)); err != nil || len(leads) > 0 {
			return leads, query, strings.Join(words[n:], " "), err
		}
	}
	return nil, first, said, nil
}

// mayDispute says why a lead cannot be disputed now, and where a case is in the way, leads on to it; an empty reason asks for the longest
// time any reason has.
func (h *Handlers) mayDispute(c *Call, f truce.LeadFile, reason truce.Reason) (chat.Reply, error) {
	if reason == "" {
		reason = "duplicate"
	}
	ramp, err := c.Tx.Ramp(c.terms)
	if err != nil {
		return chat.Reply{}, err
	}
	lead := f.Lead
	if opened := ramp.Opened[truce.RampDisputes]; !lead.HandedOffAt.IsZero() && opened.After(lead.HandedOffAt) {
		lead.HandedOffAt = opened // nobody could before
	}
	if err = c.terms.MayOpen(lead, reason, c.By, c.Tx.Now); err == nil {
		err = ramp.MayDispute(c.Tx.Now)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	if d, blocked := f.Blocking(c.By); blocked {
		if !c.By.SeesCase(d) {
			return chat.Reply{}, truce.Errorf(truce.Conflict, "There is a case about this lead already, of somebody else. Its owner or a manager "+
				"of Sales knows how it stands.")
		}
		if err := c.giveBackRest(); err != nil {
			return chat.Reply{}, err
		}
		return show(cards.DisputeRefused(truce.Sentence(d.InTheWay(c.terms, c.By, c.Tx.Now)), cmp.Or(c.Values["text"], c.Text), d, c.By, c.terms,
			c.Tx.Now)), nil
	}
	return chat.Reply{}, nil
}

func (h *Handlers) disputeSent(c *Call) (chat.Reply, error) {
	ref := c.Arg
	if ref == "" {
		leads, err := c.Tx.FindLeads(c.Values["lead"])
		if err != nil {
			return chat.Reply{}, err
		}
		switch len(leads) {
		case 0:
			return fault("lead", truce.Sentence(noLead(c.Values["lead"]))), nil
		case 1:
			ref = leads[0].Ref
		default:
			return fault("lead", fmt.Sprintf("%d leads match: write our reference, such as %s.", len(leads), leads[0].Ref)), nil
		}
	}
	if l, _, err := c.second(ref); err != nil {
		return chat.Reply{}, err
	} else if l != nil {
		return h.noSecond(c, *l, c.Values["reason"], c.Values["text"], "text")
	}
	f, err := c.Tx.LeadFileByRef(ref)
	if err != nil {
		return chat.Reply{}, err
	}
	reason, ok := truce.ParseReason(c.Values["reason"])
	if !ok {
		return fault("reason", "Choose a reason: it decides who answers, and by when."), nil
	}
	text, err := truce.CheckText(c.Values["text"], "dispute")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	if r, err := h.mayDispute(c, f, reason); err != nil || r.Card != nil {
		return r, err
	}
	return h.openDispute(c, f, reason, text)
}

// openDispute opens the case, unless a rule has settled it already.
func (h *Handlers) openDispute(c *Call, f truce.LeadFile, reason truce.Reason, text string) (chat.Reply, error) {
	text, err := disputeWords(text)
	if err != nil {
		return chat.Reply{}, err
	}
	if r, err := c.Tx.RuleFor(f.Source, reason); err != nil {
		return chat.Reply{}, err
	} else if r != nil && r.State == truce.ProposalInForce {
		return h.settleByRule(c, *r, f, text)
	}
	lead := f.Lead
	if lead.OwnerID != "" {
		owner, err := c.Tx.Person(lead.OwnerID)
		if err != nil {
			return chat.Reply{}, err
		}
		if !owner.Active { // nobody is left to ask first
			lead.OwnerID = ""
		}
	}
	d, err := c.Tx.OpenDispute(c.terms, truce.NewDispute(lead, reason, text, c.By, c.Tx.Now), chat.Network(c.User.ID))
	if err != nil {
		return chat.Reply{}, err
	}
	file, err := c.Tx.CaseFile(c.terms, d.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.DisputeOpened(file, c.terms)), nil
}

func (h *Handlers) showDispute(c *Call, id string) (chat.Reply, error) {
	f, err := c.Tx.CaseFile(c.terms, strings.TrimSpace(id))
	if err != nil {
		return chat.Reply{}, err
	}
	if !c.By.SeesCase(f.Dispute) {
		return chat.Reply{}, noCaseOfYours(f.ID)
	}
	r := show(cards.Dispute(f, &c.By, c.terms))
	if f.Closed() {
		return r, nil
	}
	return withAgenda(c, r, "dispute "+f.ID)
}

func noCaseOfYours(id string) error {
	return truce.Errorf(truce.NotFound, "%s is not one of your cases. /dispute mine lists those you opened; Sales and Marketing see all, "+
		"and an admin gives the role.", id)
}

// files are the case files of cases.
func (c *Call) files(list []truce.Dispute) ([]truce.CaseFile, error) {
	var files []truce.CaseFile
	for _, d := range list {
		f, err := c.Tx.CaseFile(c.terms, d.ID)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// openCases are the open cases that the person may see, the oldest first.
func openCases(c *Call) ([]truce.Dispute, error) {
	list, err := c.Tx.OpenDisputes()
	return slices.DeleteFunc(list, func(d truce.Dispute) bool { return !c.By.SeesCase(d) }), err
}

func (h *Handlers) listDisputes(c *Call, from int, _ string) (chat.Reply, error) {
	list, err := openCases(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.casesPage(c, list, from, "dispute.list", "Open cases", "No case is open.")
}

// casesPage shows some of a list of cases.
func (h *Handlers) casesPage(c *Call, list []truce.Dispute, from int, name, heading, none string) (chat.Reply, error) {
	rows, p := page(list, from, maxListed, name, "")
	files, err := c.files(rows)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Disputes(heading, none, files, p, c.terms)), nil
}

func (h *Handlers) myDisputes(c *Call, from int, _ string) (chat.Reply, error) {
	list, err := c.Tx.DisputesOf(c.By.ID, mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.casesPage(c, list, from, "dispute.mine", "Your cases", "You have opened no case. /dispute LEAD REASON opens one.")
}

// overdueDisputes are the cases with a promise past its first deadline.
func (h *Handlers) overdueDisputes(c *Call, from int, _ string) (chat.Reply, error) {
	list, err := openCases(c)
	if err != nil {
		return chat.Reply{}, err
	}
	_, waits, err := c.Tx.PendingOf(c.terms, c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	late := map[string]bool{}
	for _, p := range waits {
		late[p.Subject] = late[p.Subject] || p.Why == truce.NoPause && c.Tx.Now.After(p.PromisedAt)
	}
	list = slices.DeleteFunc(list, func(d truce.Dispute) bool { return !late[d.ID] })
	return h.casesPage(c, list, from, "dispute.overdue", "Cases past the day they were promised for",
		"No case is past the day it was promised for.")
}

// askText is an action that opens a form with one text about the case in Arg.
func (h *Handlers) askText(name, title, label, hint, submit string, required bool) Action {
	return func(c *Call) (chat.Reply, error) {
		d, err := c.Tx.Dispute(c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		if err := h.rehearse(c, name, d); err != nil {
			return chat.Reply{}, err
		}
		return ask(cards.TextForm(name, title+" "+d.ID, label, hint, submit, d.ID, required)), nil
	}
}

// rehearse makes a move on a copy of the case, so that nobody writes a text for nothing.
func (h *Handlers) rehearse(c *Call, name string, d truce.Dispute) error {
	const words = "x"
	switch name {
	case "dispute.keep":
		return d.OwnerKeeps(c.terms, c.By, words, c.Tx.Now)
	case "dispute.decline":
		return d.Decline(c.terms, c.By, words, c.Tx.Now)
	case "dispute.ask":
		return d.Ask(c.terms, c.By, words, c.Tx.Now)
	case "dispute.provide":
		return d.Provide(c.terms, c.By, words, c.Tx.Now)
	case "dispute.escalate":
		return d.Escalate(c.terms, c.By, words, c.Tx.Now)
	case "dispute.reopen":
		return d.MayReopen(c.terms, c.By, c.Tx.Now)
	case "dispute.why":
		return d.Explain(c.terms, c.By, words, c.Tx.Now)
	}
	return nil
}

// move makes a move on a case and stores what follows from it.
func (h *Handlers) move(c *Call, id string, s truce.Step, m func(d *truce.Dispute) error) (truce.Dispute, error) {
	before, err := c.Tx.Dispute(id)
	if err != nil {
		return before, err
	}
	after := before
	if err := m(&after); err != nil {
		return before, err
	}
	s.By, s.Network = c.By.ID, chat.Network(c.User.ID)
	return c.Tx.MoveDispute(c.terms, before, after, s)
}

// moved answers a click: nothing where the case's own message will be edited, else the case as it is now.
func (h *Handlers) moved(c *Call, d truce.Dispute) (chat.Reply, error) {
	if ok, err := c.redrawn(true); err != nil || ok {
		return chat.Reply{}, err
	}
	if ok, err := h.onPosted(c, storage.DisputeSubject(d.ID)); err != nil || ok {
		return chat.Reply{}, err
	}
	f, err := c.Tx.CaseFile(c.terms, d.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	card := cards.Dispute(f, &c.By, c.terms)
	if err := h.whatElse(c, f.Lead.Ref, &card); err != nil {
		return chat.Reply{}, err
	}
	return replace(card), nil
}

// onPosted reports whether the event came from a message that is edited as its subject changes.
func (h *Handlers) onPosted(c *Call, subject storage.Subject) (bool, error) {
	if c.Source.IsZero() {
		return false, nil
	}
	dests, err := c.Tx.PostedEverywhere(subject)
	if err != nil {
		return false, err
	}
	for _, to := range dests {
		raw, err := c.Tx.Posted(subject, to)
		if err != nil {
			return false, err
		}
		var ref chat.Ref
		if err := json.Unmarshal(raw, &ref); err != nil {
			return false, fmt.Errorf("read where %s stands: %w", subject, err)
		}
		if ref.ID == c.Source.ID {
			return true, nil
		}
	}
	return false, nil
}

func (h *Handlers) upholdDispute(c *Call) (chat.Reply, error) {
	d, err := h.move(c, c.Arg, truce.Step{Action: "dispute.uphold", Did: truce.AnswerPromise, Side: truce.Marketing},
		func(d *truce.Dispute) error { return d.Uphold(c.terms, c.By, "", c.Tx.Now) })
	if err != nil {
		return chat.Reply{}, err
	}
	return h.moved(c, d)
}

func (h *Handlers) agreeDispute(c *Call) (chat.Reply, error) {
	d, err := h.move(c, c.Arg, truce.Step{Action: "dispute.agree", Did: truce.OwnerPromise, Side: truce.Sales},
		func(d *truce.Dispute) error { return d.OwnerAgrees(c.terms, c.By, c.Tx.Now) })
	if err != nil {
		return chat.Reply{}, err
	}
	return h.moved(c, d)
}

func (h *Handlers) acceptDispute(c *Call) (chat.Reply, error) {
	d, err := h.move(c, c.Arg, truce.Step{Action: "dispute.accept", Did: truce.ReplyPromise, Side: truce.Sales},
		func(d *truce.Dispute) error { return d.Accept(c.terms, c.By, c.Tx.Now) })
	if err != nil {
		return chat.Reply{}, err
	}
	return h.moved(c, d)
}

func (h *Handlers) withdrawDispute(c *Call) (chat.Reply, error) {
	d, err := h.move(c, c.Arg, truce.Step{Action: "dispute.withdraw", Side: truce.Sales},
		func(d *truce.Dispute) error { return d.Withdraw(c.terms, c.By, c.Tx.Now) })
	if err != nil {
		return chat.Reply{}, err
	}
	return h.moved(c, d)
}

// textMove takes the form of a move that carries a text.
func (h *Handlers) textMove(action string, did truce.PromiseKind, side truce.Side,
	m func(*truce.Dispute, truce.Terms, truce.Person, string, time.Time) error) Action {
	return func(c *Call) (chat.Reply, error) {
		d, err := h.move(c, c.Arg, truce.Step{Action: action, Did: did, Side: side}, func(d *truce.Dispute) error {
			return m(d, c.terms, c.By, c.Values["text"], c.Tx.Now)
		})
		if truce.KindOf(err) == truce.Invalid {
			return fault("text", truce.Sentence(err)), nil
		}
		if err != nil {
			return chat.Reply{}, err
		}
		return h.moved(c, d)
	}
}
