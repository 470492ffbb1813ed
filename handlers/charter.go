package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// measures is what the maker of digests knows of the charter, too.
type measures interface {
	// Charter is the charter in force at a moment with its figures; nil where there is none.
	Charter(tx *storage.Tx, asOf time.Time, withheld truce.Sides) (*truce.CharterMeasured, error)
	// Effect is what a proposal would have changed over the last 13 weeks, in a sentence; "" where there is nothing to compute.
	Effect(tx *storage.Tx, k truce.ProposalKind, thing string, was, payload json.RawMessage, asOf time.Time) (string, error)
}

// charter shows the mandate from the top, and lets people sign it.
func (h *Handlers) charter() Command {
	return Command{
		Name:     "charter",
		Usage:    "[start | propose | sign | history | suggest TEXT]",
		Help:     "What both sides and the sponsor promise each other, signed and measured.",
		Examples: []string{"charter", "charter sign", "charter history", "charter suggest a goal for repeat business"},
		Run: func(c *Call) (chat.Reply, error) {
			switch first, rest := cut(c.Text); strings.ToLower(first) {
			case "", "show":
				return h.showCharter(c)
			case "start":
				return h.charterForm(c)
			case "propose":
				return h.charterForm(c)
			case "sign":
				return h.askToSign(c)
			case "history":
				return h.charterHistory(c)
			case "suggest":
				return h.suggestCharter(c, rest)
			}
			return h.unknown(c)
		},
		Actions: map[string]Action{
			"charter.show":    h.showCharter,
			"charter.start":   h.charterForm,
			"charter.propose": h.charterForm,
			"charter.history": h.charterHistory,
			"charter.sign":    h.signCharter,
			"charter.cannot":  h.cannotForm,
			"charter.answer":  h.signAnswerForm,
			"charter.reasons": h.charterReasons,
		},
		Forms: map[string]Action{
			"charter.propose": h.charterSent,
			"charter.cannot":  h.cannotSent,
			"charter.answer":  h.signAnswerSent,
			"charter.suggest": func(c *Call) (chat.Reply, error) { return h.suggestCharter(c, c.Values["text"]) },
		},
	}
}

// charterNow is the charter in force, nil where there is none.
func (h *Handlers) charterNow(c *Call) (*storage.CharterVersion, []storage.CharterVersion, error) {
	list, err := c.Tx.CharterVersions(c.Tx.Now)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	return &list[0], list, nil
}

func (h *Handlers) showCharter(c *Call) (chat.Reply, error) {
	now, versions, err := h.charterNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if now == nil {
		waiting := ""
		if p, err := c.Tx.OpenProposal(truce.CharterGround, ""); err != nil {
			return chat.Reply{}, err
		} else if p != nil {
			waiting = p.ID
		}
		return show(cards.NoCharter(c.By.Has(truce.Sponsor), waiting)), nil
	}
	v := cards.CharterView{Signs: c.By.Signs(), Sponsor: c.By.Has(truce.Sponsor), Loc: h.opt.Location}
	if m, ok := h.opt.Reports.(measures); ok {
		withheld, err := c.Tx.WithheldSides(c.By)
		if err != nil {
			return chat.Reply{}, err
		}
		measured, err := m.Charter(c.Tx, c.Tx.Now, withheld)
		if err != nil {
			return chat.Reply{}, err
		}
		v.CharterMeasured = *measured
	}
	v.Version, v.InForce, v.Why = now.Version, now.InForce, now.Charter.Why
	if v.Company, err = c.Tx.CharterSigned(versions, c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	if v.Mine, err = c.Tx.Signature(c.By.ID, now.Text); err != nil {
		return chat.Reply{}, err
	}
	if v.Sponsor {
		list, err := c.Tx.CouldNotSign(now.Text)
		if err != nil {
			return chat.Reply{}, err
		}
		v.CouldNo = len(list)
	}
	if v.From, err = h.nameOf(c, now.By); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Charter(v)), nil
}

// nameOf is a person's name; "the sponsor" of nobody.
func (h *Handlers) nameOf(c *Call, id string) (string, error) {
	if id == "" {
		return "the sponsor", nil
	}
	p, err := c.Tx.Person(id)
	return p.Name, err
}

// charterForm opens the form of a charter: the one in force, or an example. Whoever is no sponsor suggests.
func (h *Handlers) charterForm(c *Call) (chat.Reply, error) {
	if !c.By.Has(truce.Sponsor) {
		return ask(cards.SuggestForm()), nil
	}
	now, _, err := h.charterNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if now != nil {
		return ask(cards.CharterForm(now.Charter, false)), nil
	}
	return ask(cards.CharterForm(truce.ExampleCharter(truce.DateOf(c.Tx.Now.In(h.opt.Location)), "USD"), true)), nil
}

func (h *Handlers) charterSent(c *Call) (chat.Reply, error) {
	ch := truce.Charter{Why: strings.TrimSpace(c.Values["why"]), Goals: []truce.CharterGoal{}, Promises: []truce.CharterPromise{}}
	goals, err := truce.ParseGoalLines(c.Values["goals"])
	if err != nil {
		return fault("goals", truce.Sentence(err)), nil
	}
	ch.Goals = append(ch.Goals, goals...)
	for field, side := range map[string]truce.Side{"marketing": truce.Marketing, "sales": truce.Sales, "sponsor": truce.TheSponsor} {
		list, err := truce.ParsePromiseLines(side, c.Values[field])
		if err != nil {
			return fault(field, truce.Sentence(err)), nil
		}
		ch.Promises = append(ch.Promises, list...)
	}
	ch = ch.Ordered()
	if err := ch.Check(); err != nil {
		return fault("why", truce.Sentence(err)), nil
	}
	payload, err := json.Marshal(ch)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the charter: %w", err)
	}
	return h.propose(c, truce.CharterGround, "", payload, nil, "", strings.TrimSpace(c.Arg), "why")
}

// propose makes a proposal of a form and shows it. from is the day named in it, "" is none; field is where its faults belong. instead
// is the proposal that it is another way of.
func (h *Handlers) propose(c *Call, kind truce.ProposalKind, thing string, payload, configured json.RawMessage, effect, instead,
	field string) (chat.Reply, error) {
	was, err := c.Tx.InForce(kind, thing, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	if was != nil && kind == truce.SourceGround {
		was.Payload = configured // a lead's source may have come to be another one in the company of others
	}
	p, err := truce.NewProposal(kind, thing, payload, was, configured, c.By)
	if truce.KindOf(err) == truce.Invalid {
		return fault(field, truce.Sentence(err)), nil
	}
	if err != nil {
		return chat.Reply{}, err
	}
	p.Effect, p.Why = effect, strings.TrimSpace(c.Values["text"])
	if m, ok := h.opt.Reports.(measures); ok && effect == "" {
		if p.Effect, err = m.Effect(c.Tx, kind, thing, p.Was, payload, c.Tx.Now); err != nil {
			return chat.Reply{}, err
		}
	}
	if s := strings.TrimSpace(c.Values["from"]); s != "" {
		day, err := truce.ParseDate(s)
		if err != nil {
			return fault("from", "Write a day as 2026-12-01."), nil
		}
		if p.From = day.At(0, h.opt.Location).UTC(); !p.From.After(c.Tx.Now) {
			return fault("from", "Choose a day to come, or leave it empty: then it is from the last yes."), nil
		}
	}
	network := chat.Network(c.User.ID)
	if instead != "" {
		if p, err = c.Tx.CounterProposal(instead, p, network); truce.KindOf(err) == truce.Invalid {
			return fault(field, truce.Sentence(err)), nil
		}
	} else {
		p, err = c.Tx.Propose(p, network)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showProposal(c, p.ID, false)
}

func (h *Handlers) charterHistory(c *Call) (chat.Reply, error) {
	list, err := c.Tx.Versions(truce.CharterGround, "")
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.CharterHistory(list, h.opt.Location)), nil
}

// toSign finds the charter whose text the person is to sign; number is the text's version that the button says, "" is the newest.
func (h *Handlers) toSign(c *Call, number string) (*storage.CharterVersion, error) {
	now, _, err := h.charterNow(c)
	switch {
	case err != nil:
		return nil, err
	case now == nil:
		return nil, truce.Errorf(truce.Conflict, "There is no charter in force yet. The sponsor starts it: /charter start.")
	case !c.By.Signs():
		return nil, truce.Errorf(truce.Forbidden, "Members of both sides and the sponsor sign the charter. Ask an admin for your role.")
	case number != "" && number != strconv.Itoa(now.Text):
		return nil, truce.Errorf(truce.Conflict, "The charter has a new text, v%d: /charter sign shows it. Nothing changed.", now.Text)
	}
	return now, nil
}

// askToSign shows the text with its buttons.
func (h *Handlers) askToSign(c *Call) (chat.Reply, error) {
	now, err := h.toSign(c, "")
	if err != nil {
		return chat.Reply{}, err
	}
	from, err := h.nameOf(c, now.By)
	if err != nil {
		return chat.Reply{}, err
	}
	var changes []truce.Difference
	if now.Version > 1 {
		changes = now.Differences()
	}
	return show(cards.CharterSign(now.Version, now.Text, from, now.Charter, changes, false)), nil
}

func (h *Handlers) signCharter(c *Call) (chat.Reply, error) {
	now, err := h.toSign(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	mine, err := c.Tx.Signature(c.By.ID, now.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	if !mine.Signed.IsZero() {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "You have signed v%d already. Nothing changed.", now.Version)
	}
	if err := c.Tx.Sign(c.By.ID, now.Text, "", chat.Network(c.User.ID)); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.Signed(now.Version, false, "")), nil
}

func (h *Handlers) cannotForm(c *Call) (chat.Reply, error) {
	if _, err := h.toSign(c, c.Arg); err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.CannotSignForm(c.Arg)), nil
}

func (h *Handlers) cannotSent(c *Call) (chat.Reply, error) {
	now, err := h.toSign(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	reason, err := truce.CheckText(c.Values["text"], "reason")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	if err := c.Tx.Sign(c.By.ID, now.Text, reason, chat.Network(c.User.ID)); err != nil {
		return chat.Reply{}, err
	}
	from, err := h.nameOf(c, now.By)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Signed(now.Version, true, from)), nil
}

// onlySponsor finds who could not sign, for the sponsor alone; Arg is "TEXT PERSON".
func (h *Handlers) onlySponsor(c *Call) (truce.Signature, string, error) {
	if !c.By.Has(truce.Sponsor) {
		return truce.Signature{}, "", truce.Errorf(truce.Forbidden, "Only the sponsor reads that.")
	}
	number, person := cut(c.Arg)
	text, err := strconv.Atoi(number)
	if err != nil {
		return truce.Signature{}, "", truce.Errorf(truce.NotFound, "There is no such answer to the charter.")
	}
	s, err := c.Tx.Signature(person, text)
	if err != nil {
		return s, "", err
	}
	if s.CouldNot.IsZero() {
		return s, "", truce.Errorf(truce.Conflict, "They have signed meanwhile. Nothing changed.")
	}
	name, err := h.nameOf(c, person)
	return s, name, err
}

func (h *Handlers) signAnswerForm(c *Call) (chat.Reply, error) {
	_, name, err := h.onlySponsor(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.AnswerSignForm(name, c.Arg)), nil
}

func (h *Handlers) signAnswerSent(c *Call) (chat.Reply, error) {
	s, name, err := h.onlySponsor(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if s.Answer, err = truce.CheckText(c.Values["text"], "answer"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	if err := c.Tx.AnswerSignature(s.PersonID, s.Version, s.Answer, c.By.ID, chat.Network(c.User.ID)); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.CouldNotSign(name, s)), nil
}

func (h *Handlers) charterReasons(c *Call) (chat.Reply, error) {
	if !c.By.Has(truce.Sponsor) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Only the sponsor reads that.")
	}
	now, _, err := h.charterNow(c)
	if err != nil || now == nil {
		return show(cards.Reasons(nil)), err
	}
	list, err := c.Tx.CouldNotSign(now.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	var of []chat.Card
	for _, s := range list {
		name, err := h.nameOf(c, s.PersonID)
		if err != nil {
			return chat.Reply{}, err
		}
		of = append(of, cards.CouldNotSign(name, s))
	}
	return show(cards.Reasons(of)), nil
}

// suggestCharter gives the sponsor what somebody would put into the charter.
func (h *Handlers) suggestCharter(c *Call, text string) (chat.Reply, error) {
	if strings.TrimSpace(text) == "" {
		return ask(cards.SuggestForm()), nil
	}
	text, err := truce.CheckText(text, "suggestion")
	if err != nil {
		return chat.Reply{}, err
	}
	sponsors, err := c.Tx.PeopleWith(truce.Sponsor)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(sponsors) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "There is no sponsor yet who could read it: ask an admin to name one.")
	}
	for _, p := range sponsors {
		if err := h.send(c, p.ID, "charter.suggest:"+c.ID+":"+p.ID, storage.Notice, cards.Suggested(c.By.Name, text)); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.SuggestionSent()), c.log("charter.suggest", "charter", map[string]string{"text": text})
}
