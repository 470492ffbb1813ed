package handlers

import (
	"slices"
	"strconv"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is the inventory of outcomes: what customers named, put together by people. Texts only propose what is the same.

// mayGroup reports whether a person may change what others see of the inventory: Marketing, the managers, the sponsor.
func mayGroup(p truce.Person) bool {
	return p.SpeaksForMarketing() || p.Has(truce.SalesManager, truce.Sponsor)
}

// ordering refuses those who may not change the inventory.
func ordering(c *Call) error {
	if !mayGroup(c.By) {
		return truce.Errorf(truce.Forbidden, "Only Marketing, a manager or the sponsor may change the inventory. Tell them what you think "+
			"belongs together.")
	}
	return nil
}

func (h *Handlers) taken(c *Call) (truce.InventoryData, truce.Inventory, error) {
	data, err := c.Tx.InventoryData()
	return data, data.Take(c.Tx.Now), err
}

func (h *Handlers) inventory(c *Call) (chat.Reply, error) {
	_, v, err := h.taken(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Inventory(cards.InventoryView{Inventory: v, By: &c.By, Loc: h.opt.Location, Most: outcomesShown})), nil
}

// outcomesShown is how many outcomes of the inventory are shown at once.
const outcomesShown = 20

// inventoryOn goes on with the outcomes that customers named.
func (h *Handlers) inventoryOn(c *Call, from int, _ string) (chat.Reply, error) {
	return h.outcomesFrom(c, from, false)
}

// inventoryLost goes on with those that lost customers alone named.
func (h *Handlers) inventoryLost(c *Call, from int, _ string) (chat.Reply, error) {
	return h.outcomesFrom(c, from, true)
}

func (h *Handlers) outcomesFrom(c *Call, from int, lost bool) (chat.Reply, error) {
	_, v, err := h.taken(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.InventoryOn(cards.InventoryView{Inventory: v, By: &c.By, Loc: h.opt.Location, From: from, Most: outcomesShown}, lost)),
		nil
}

// lineOf finds an outcome of the inventory as it is now.
func (h *Handlers) lineOf(c *Call, id string) (truce.InventoryData, truce.Inventory, truce.InventoryLine, error) {
	data, v, err := h.taken(c)
	if err != nil {
		return data, v, truce.InventoryLine{}, err
	}
	l, ok := v.Line(data.Resolve(id, c.Tx.Now))
	if !ok {
		return data, v, l, truce.Errorf(truce.NotFound, "There is no such outcome in the inventory any more: /outcome shows what there is.")
	}
	return data, v, l, nil
}

func (h *Handlers) showOutcome(c *Call, id string) (chat.Reply, error) {
	_, v, l, err := h.lineOf(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.InventoryOutcome(cards.InventoryView{Inventory: v, By: &c.By, Loc: h.opt.Location}, l, mayGroup(c.By))), nil
}

func (h *Handlers) statementForm(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err == nil && i.State == truce.Discarded {
		err = i.At(-1)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.StatementForm(i)), nil
}

// statementSent keeps an outcome that the customer named, and asks what it is in the inventory.
func (h *Handlers) statementSent(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err == nil && i.State == truce.Discarded {
		err = i.At(-1)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	s := truce.OutcomeStatement{InterviewID: i.ID, Direction: c.value("direction"), Measure: c.value("measure"), Object: c.value("object"),
		Circumstance: c.value("circumstance"), Quote: c.value("quote")}
	s.Rating, err = ratingFrom(c.value("importance"), c.value("satisfaction"))
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		return chat.Reply{}, err
	}
	if s, err = c.Tx.AddStatement(s); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("outcome.add", s.ID, map[string]string{"interview": i.ID}); err != nil {
		return chat.Reply{}, err
	}
	if i.State == truce.Asking && i.Place < len(i.Questions) { // in the middle of the questions: they go on
		r, err := h.atInterview(c, i, cards.InterviewView{})
		if err == nil {
			r.Card.Blocks = slices.Insert(r.Card.Blocks, 0, chat.Small("✓ "+s.ID+" · "+s.String()))
		}
		return r, err
	}
	return h.atInterview(c, i, cards.InterviewView{})
}

// ratingFrom reads two numbers from 0 to 10, each of which may be empty.
func ratingFrom(importance, satisfaction string) (r truce.OutcomeRating, err error) {
	read := func(s string, into *int, has *bool) {
		if s = strings.TrimSpace(s); s == "" {
			return
		}
		n, bad := strconv.Atoi(s)
		if *into, *has = n, true; bad != nil {
			*into = -1
		}
	}
	read(importance, &r.Importance, &r.HasImportance)
	read(satisfaction, &r.Satisfaction, &r.HasSatisfaction)
	return r, r.Check()
}

// statementOf finds an outcome that was named, with its interview; the one who asked, and whoever may change the inventory, may say
// where it belongs.
func (h *Handlers) statementOf(c *Call, id string) (s truce.OutcomeStatement, i truce.Interview, err error) {
	if s, err = c.Tx.Statement(id); err != nil {
		return s, i, err
	}
	if i, err = c.Tx.Interview(s.InterviewID); err != nil {
		return s, i, err
	}
	switch {
	case i.By != c.By.ID && !mayGroup(c.By):
		err = truce.Errorf(truce.Forbidden, "Only the one who asked, Marketing or a manager may say where it belongs.")
	case !s.RemovedAt.IsZero():
		err = truce.Errorf(truce.Conflict, "%s was taken back already. Nothing changed.", s.ID)
	}
	return s, i, err
}

func (h *Handlers) removeStatement(c *Call) (chat.Reply, error) {
	s, i, err := h.statementOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.RemoveStatement(s.ID); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("outcome.remove", s.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.atInterview(c, i, cards.InterviewView{}))
}

// grouped puts a statement into an outcome of the inventory, and shows the interview again, or what else is in no group.
func (h *Handlers) grouped(c *Call, s truce.OutcomeStatement, i truce.Interview, outcome string) (chat.Reply, error) {
	if err := c.Tx.GroupStatement(s.ID, outcome, c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("outcome.group", s.ID, map[string]string{"outcome": outcome}); err != nil {
		return chat.Reply{}, err
	}
	if i.By == c.By.ID || c.By.SpeaksForMarketing() {
		return h.atInterview(c, i, cards.InterviewView{})
	}
	return h.looseOutcomes(c)
}

func (h *Handlers) sameOutcome(c *Call) (chat.Reply, error) {
	id, outcome := cut(c.Arg)
	s, i, err := h.statementOf(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	if outcome = data.Resolve(outcome, c.Tx.Now); !slices.ContainsFunc(data.Outcomes,
		func(o truce.InventoryOutcome) bool { return o.ID == outcome }) {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "There is no such outcome in the inventory any more.")
	}
	return replaced(h.grouped(c, s, i, outcome))
}

func (h *Handlers) newOutcome(c *Call) (chat.Reply, error) {
	s, i, err := h.statementOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	if slices.ContainsFunc(data.Groupings, func(g truce.Grouping) bool { return g.StatementID == s.ID }) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is in the inventory already. Nothing changed.", s.ID)
	}
	name := s.String()
	outcome, err := c.Tx.AddInventoryOutcome(strings.ToUpper(name[:1])+name[1:], c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.grouped(c, s, i, outcome))
}

// choices are all outcomes of the inventory but one, also those that only unfinished interviews named.
func choices(d truce.InventoryData, but string) (list []truce.InventoryLine) {
	for _, o := range d.Outcomes {
		if o.MergedInto == "" && o.ID != but {
			list = append(list, truce.InventoryLine{ID: o.ID, Name: outcomeName(d, o.ID)})
		}
	}
	slices.SortFunc(list, func(a, b truce.InventoryLine) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (h *Handlers) groupForm(c *Call) (chat.Reply, error) {
	s, _, err := h.statementOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	list := choices(data, "")
	if len(list) == 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "The inventory is empty yet: press A new one.")
	}
	return ask(cards.OutcomeChoice("outcome.group", "Where it belongs", "It is the same as", "It is the same", s.ID, list)), nil
}

func (h *Handlers) groupSent(c *Call) (chat.Reply, error) {
	c.Arg += " " + c.value("outcome")
	return unreplaced(h.sameOutcome(c))
}

func (h *Handlers) looseOutcomes(c *Call) (chat.Reply, error) {
	data, v, err := h.taken(c)
	if err != nil {
		return chat.Reply{}, err
	}
	loose := map[string]bool{}
	for _, s := range v.Ungrouped {
		loose[s.ID] = true
	}
	return show(cards.Loose(h.statementViews(h.hidden(c, data), v, c, func(s truce.OutcomeStatement) bool { return loose[s.ID] }))), nil
}

// hidden is an inventory's data without the quotes that the person may not see.
func (h *Handlers) hidden(c *Call, d truce.InventoryData) truce.InventoryData {
	may := map[string]bool{}
	for _, i := range d.Interviews {
		may[i.ID] = i.Quotes(c.By)
	}
	d.Statements = slices.Clone(d.Statements)
	for n, s := range d.Statements {
		if !may[s.InterviewID] {
			d.Statements[n].Quote = ""
		}
	}
	return d
}

func (h *Handlers) renameForm(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	_, _, l, err := h.lineOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.RenameForm(l)), nil
}

// newName reads what an outcome is to be called.
func newName(c *Call) (string, *chat.Reply) {
	name := strings.Join(strings.Fields(c.value("name")), " ")
	if name == "" || len([]rune(name)) > 200 {
		r := fault("name", "Give it a name of at most 200 characters.")
		return "", &r
	}
	return name, nil
}

func (h *Handlers) renameSent(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	_, _, l, err := h.lineOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	name, wrong := newName(c)
	if wrong != nil {
		return *wrong, nil
	}
	if err := c.Tx.NameInventoryOutcome(l.ID, name, c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("outcome.rename", l.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.showOutcome(c, l.ID)
}

func (h *Handlers) mergeForm(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	data, _, l, err := h.lineOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	list := choices(data, l.ID)
	if len(list) == 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "There is no other outcome to merge it with.")
	}
	return ask(cards.OutcomeChoice("outcome.merge", "Merge", "It is part of", "Merge", l.ID, list)), nil
}

func (h *Handlers) mergeSent(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	from, into := c.Arg, data.Resolve(c.value("outcome"), c.Tx.Now)
	there := func(id string) bool {
		return slices.ContainsFunc(data.Outcomes, func(o truce.InventoryOutcome) bool { return o.ID == id })
	}
	switch {
	case !there(from) || !there(into):
		return fault("outcome", "Choose one of the list."), nil
	case data.Resolve(from, c.Tx.Now) != from:
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It was merged already. Nothing changed.")
	case from == into:
		return fault("outcome", "Choose another one: nothing is part of itself."), nil
	}
	if err := c.Tx.MergeInventoryOutcome(from, into); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("outcome.merge", from, map[string]string{"into": into}); err != nil {
		return chat.Reply{}, err
	}
	return h.showOutcome(c, into)
}

func (h *Handlers) splitForm(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	_, _, l, err := h.lineOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.SplitForm(l)), nil
}

func (h *Handlers) splitSent(c *Call) (chat.Reply, error) {
	if err := ordering(c); err != nil {
		return chat.Reply{}, err
	}
	_, _, l, err := h.lineOf(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	name, wrong := newName(c)
	if wrong != nil {
		return *wrong, nil
	}
	var out []string
	chosen := chat.Apart(c.Values["which"])
	for _, q := range l.Quotes {
		if slices.Contains(chosen, q.Statement.ID) {
			out = append(out, q.Statement.ID)
		}
	}
	if len(out) == 0 || len(out) == len(l.Quotes) {
		return fault("which", "Tick some of them, not all: what is ticked becomes an outcome of its own."), nil
	}
	outcome, err := c.Tx.AddInventoryOutcome(name, c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, id := range out {
		if err := c.Tx.GroupStatement(id, outcome, c.By.ID); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("outcome.split", l.ID, map[string]string{"into": outcome}); err != nil {
		return chat.Reply{}, err
	}
	return h.showOutcome(c, outcome)
}

// rateForm asks for ratings of what ideal customers named most.
func (h *Handlers) rateForm(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err == nil && i.State == truce.Discarded {
		err = i.At(-1)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	_, v, err := h.taken(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(v.Outcomes) == 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "The inventory is empty yet: rate outcomes as you add them, and ask the next "+
			"customers to rate what others named.")
	}
	return ask(cards.RateForm(i, v.Outcomes)), nil
}

func (h *Handlers) rateSent(c *Call) (chat.Reply, error) {
	id, rest := cut(c.Arg)
	i, err := h.myInterview(c, id)
	if err == nil && i.State == truce.Discarded {
		err = i.At(-1)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, outcome := range strings.Fields(rest) {
		if !slices.ContainsFunc(data.Outcomes, func(o truce.InventoryOutcome) bool { return o.ID == outcome }) {
			continue
		}
		r, err := ratingFrom(c.value(outcome+".importance"), c.value(outcome+".satisfaction"))
		if err != nil {
			return fault(outcome+".importance", truce.Sentence(err)), nil
		}
		if err := c.Tx.RateOutcome(i.ID, outcome, r); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("outcome.rate", i.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.atInterview(c, i, cards.InterviewView{})
}
