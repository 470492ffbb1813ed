package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is the second look, as its rep meets it: a lead like any other, until it is over. What they say of it is kept apart,
// and what was said of it before is shown to them nowhere.

func init() {
	counters[truce.SecondLookGround] = func(h *Handlers, c *Call, p truce.Proposal) (chat.Reply, error) {
		_, theirs := p.Values()
		return h.secondForm(c, theirs.Value == "", p.ID)
	}
}

// secondLook shows whether second looks are drawn; "on" and "off" open the form of a proposal.
func (h *Handlers) secondLook(c *Call, said string) (chat.Reply, error) {
	switch strings.ToLower(strings.TrimSpace(said)) {
	case "on", "yes":
		return h.secondForm(c, true, "")
	case "off", "none", "no":
		return h.secondForm(c, false, "")
	case "":
		return h.secondCard(c)
	}
	return chat.Reply{}, truce.Errorf(truce.Invalid, "/truce second look shows how it stands; /truce propose second look on, or off, "+
		"proposes it.")
}

func (h *Handlers) secondCard(c *Call) (chat.Reply, error) {
	p, err := c.Tx.InForce(truce.SecondLookGround, "", c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	v := cards.SecondLookView{On: truce.SecondLookOn(p), Loc: h.opt.Location}
	if p != nil {
		v.Since = p.InForce
	}
	if open, err := c.Tx.OpenProposal(truce.SecondLookGround, ""); err != nil {
		return chat.Reply{}, err
	} else if open != nil {
		v.Proposed = open.ID
	}
	looks, err := c.Tx.SecondLooks(c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, l := range looks {
		if v.Drawn++; l.Over(c.Tx.Now) {
			v.Over++
		}
	}
	return show(cards.SecondLookState(v)), nil
}

func (h *Handlers) secondForm(c *Call, on bool, instead string) (chat.Reply, error) {
	p, err := c.Tx.InForce(truce.SecondLookGround, "", c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.SecondLookForm(truce.SecondLookOn(p), on, instead)), nil
}

// secondProposed proposes what the form says; its state is the proposal that it is another way of.
func (h *Handlers) secondProposed(c *Call) (chat.Reply, error) {
	why, err := truce.CheckText(c.Values["text"], "reason")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	c.Values["text"] = why
	payload, err := json.Marshal(truce.SecondLookValue(c.Values["value"] == "on"))
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write a second look: %w", err)
	}
	off, err := json.Marshal(truce.SecondLookValue(false))
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write a second look: %w", err)
	}
	return h.propose(c, truce.SecondLookGround, "", payload, off, "", c.Arg, "value")
}

// second is the look that the person has under way at a lead, with the lead as they see it; nil where there is none.
func (c *Call) second(ref string) (*truce.SecondLook, truce.LeadFile, error) {
	looks, err := c.Tx.LooksUnderWay(c.terms, c.By.ID)
	if err != nil {
		return nil, truce.LeadFile{}, err
	}
	for _, l := range looks {
		if !strings.EqualFold(l.Look.Ref, ref) {
			continue
		}
		f := l.Veiled(c.Tx.Now)
		f.Pending = l.Pending(c.Tx.Now)
		return &l.Look, f, nil
	}
	return nil, truce.LeadFile{}, nil
}

// veiled are leads as the person sees them: those of looks under way without what was said of them.
func (c *Call) veiled(leads []truce.Lead) ([]truce.Lead, error) {
	looks, err := c.Tx.LooksUnderWay(c.terms, c.By.ID)
	if err != nil || len(looks) == 0 {
		return leads, err
	}
	leads = slices.Clone(leads)
	for i, of := range leads {
		for _, l := range looks {
			if l.Lead.ID == of.ID {
				leads[i] = l.Veiled(c.Tx.Now).Lead
			}
		}
	}
	return leads, nil
}

// veilRows leaves the leads that the person looks at a second time out of lists that say what was said of leads.
func (c *Call) veilRows(card *chat.Card) error {
	looks, err := c.Tx.SecondLooksOf(c.By.ID)
	if err != nil || len(looks) == 0 {
		return err
	}
	for i := range card.Blocks {
		t := card.Blocks[i].Table
		if t == nil {
			continue
		}
		t.Rows = slices.DeleteFunc(t.Rows, func(row []chat.Cell) bool {
			return slices.ContainsFunc(row, func(cell chat.Cell) bool {
				return cell.Button != nil && cell.Button.Action == "lead.show" &&
					slices.ContainsFunc(looks, func(l truce.SecondLook) bool { return l.Ref == cell.Button.Arg })
			})
		})
	}
	return nil
}

// secondFound are those of the person's looks that a query means, as they see them.
func (c *Call) secondFound(query string) (leads []truce.Lead, err error) {
	q := truce.Bare(query)
	looks, err := c.Tx.LooksUnderWay(c.terms, c.By.ID)
	for _, l := range looks {
		f := l.Veiled(c.Tx.Now)
		if f.ID == q || strings.EqualFold(f.Ref, q) || f.Email != "" && truce.FoldEmail(f.Email) == truce.FoldEmail(q) {
			leads = append(leads, f.Lead)
		}
	}
	return leads, err
}

// showSecond is the lead of a look, drawn as any lead.
func (h *Handlers) showSecond(c *Call, f truce.LeadFile, replacing bool) (chat.Reply, error) {
	if replacing {
		if ok, err := c.redrawn(true); err != nil || ok {
			return chat.Reply{}, err
		}
	}
	card := cards.Lead(f, c.By, c.terms, false)
	if replacing {
		if err := h.whatElse(c, f.Ref, &card); err != nil {
			return chat.Reply{}, err
		}
	}
	r := show(card)
	r.Replace = replacing
	return r, nil
}

// saveSecond keeps what the person did in a look. The log names the look, not the lead: whoever reads a lead's log is not told.
func (h *Handlers) saveSecond(c *Call, l truce.SecondLook, action string) (chat.Reply, error) {
	if err := c.Tx.SaveSecondLook(l); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("secondlook."+action, l.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	_, f, err := c.second(l.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showSecond(c, f, true)
}

// orSecond is an action of a lead's, or what takes its place where the person looks at the lead a second time.
func (h *Handlers) orSecond(action string, ordinary Action) Action {
	return func(c *Call) (chat.Reply, error) {
		if r, ok, err := h.actSecond(c, action); ok || err != nil {
			return r, err
		}
		return ordinary(c)
	}
}

// actSecond does what a button of a lead asks, where the person looks at that lead a second time; ok is false where they do not.
func (h *Handlers) actSecond(c *Call, action string) (r chat.Reply, ok bool, err error) {
	ref, rest := cut(c.Arg)
	l, f, err := c.second(ref)
	if err != nil || l == nil {
		return r, false, err
	}
	switch action {
	case "accept":
		if err = l.Judge(truce.Accepted, "", "", c.Tx.Now); err == nil {
			r, err = h.saveSecond(c, *l, "judge")
		}
	case "reject":
		if l.Verdict != truce.NoStatus {
			err = l.Judge(truce.Rejected, "", "", c.Tx.Now)
		}
		r = ask(cards.RejectForm(f.Lead))
	case "rejected":
		r, err = h.noSecond(c, *l, c.Values["reason"], c.Values["note"], "note")
	case "rate":
		var n int
		if n, err = strconv.Atoi(rest); err == nil && n >= int(truce.Poor) && n <= int(truce.Good) {
			l.Rating = truce.Rating(n)
			r, err = h.saveSecond(c, *l, "rate")
		}
	case "touch":
		if kind := c.Values["value"]; !contains(truce.TouchKinds, kind) {
			err = truce.Errorf(truce.Invalid, "A touch is a call, a meeting or a personal mail.")
		} else {
			if l.Touch == "" {
				l.Touch, l.TouchedAt = kind, c.Tx.Now
			}
			r, err = h.saveSecond(c, *l, "touch")
		}
	case "give":
		err = truce.Errorf(truce.Conflict, "%s has been with you for too short a time to be given on. Accept or reject it.", l.Ref)
	case "dispute":
		r = ask(cards.DisputeForm(f.Ref, "", "")) // as disputeLead asks: the form must not tell them apart
	}
	return r, true, err
}

// disputeSecond is a typed dispute of a lead that is looked at a second time, asked for as of any lead. Its no is one rep's word beside
// another's: no case follows from it.
func (h *Handlers) disputeSecond(c *Call, f truce.Lead, said string, asks bool) (chat.Reply, error) {
	reason, text, ok := truce.GuessReason(said)
	if !ok {
		reason, text = "", said
	}
	if !ok || asks {
		return askDispute(f, reason, text), nil
	}
	text, err := disputeWords(text)
	if err != nil {
		return chat.Reply{}, err
	}
	l, _, err := c.second(f.Ref)
	if err != nil || l == nil {
		return chat.Reply{}, err
	}
	r, err := h.noSecond(c, *l, string(reason), text, "text")
	r.Replace = false // it was typed
	return r, err
}

// noSecond keeps the no of a look; field is where a form has its words.
func (h *Handlers) noSecond(c *Call, l truce.SecondLook, why, note, field string) (chat.Reply, error) {
	reason, ok := truce.ParseReason(why)
	if !ok {
		return fault("reason", "Choose a reason: it decides what becomes of the lead."), nil
	}
	if note = strings.TrimSpace(note); note != "" {
		var err error
		if note, err = truce.CheckText(note, "note"); err != nil {
			return fault(field, truce.Sentence(err)), nil
		}
	}
	if err := l.Judge(truce.Rejected, reason, note, c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	return h.saveSecond(c, l, "judge")
}

// secondKnew is the one question at the end of a look; Arg is "S-1 yes".
func (h *Handlers) secondKnew(c *Call) (chat.Reply, error) {
	id, said := cut(c.Arg)
	l, err := c.Tx.SecondLook(id)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := l.Answer(c.By, said == "yes", c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.SaveSecondLook(l); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("secondlook.knew", l.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	of, err := c.Tx.LookedAt(l)
	if err != nil {
		return chat.Reply{}, err
	}
	r := show(cards.SecondLookOver(l, of))
	r.Replace = true
	return r, nil
}
