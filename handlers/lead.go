package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// lead shows a lead with its path so far; accepts, rejects, rates and touches it.
func (h *Handlers) lead() Command {
	return Command{
		Name:     "lead",
		Usage:    "COMPANY, NAME, E-MAIL or L-12 | mine | unrated | nobody",
		Help:     "A lead's card: where it came from, where it stands, what to do with it.",
		Examples: []string{"lead L-12", "lead Westbrook", "lead kim@northfield.example", "lead mine", "lead unrated"},
		Run: func(c *Call) (chat.Reply, error) {
			switch strings.ToLower(truce.Bare(c.Text)) {
			case "":
				return ask(cards.LeadForm()), nil
			case "mine":
				return h.leadsMine(c, 0, "")
			case "unrated":
				return h.leadsUnrated(c, 0, "")
			case "nobody", "nobody's":
				return h.leadsNobodys(c, 0, "")
			}
			return h.findLead(c, c.Text)
		},
		Actions: map[string]Action{
			"lead.show":        func(c *Call) (chat.Reply, error) { return h.showLead(c, c.Arg, false) },
			"lead.all":         func(c *Call) (chat.Reply, error) { return h.showLead(c, c.Arg, true) },
			"lead.accept":      h.orSecond("accept", h.acceptLead),
			"lead.reject":      h.orSecond("reject", h.rejectLead),
			"lead.rate":        h.orSecond("rate", h.rateLead),
			"lead.rateseveral": h.rateSeveral,
			"lead.touch":       h.orSecond("touch", h.touchLead),
			"lead.give":        h.orSecond("give", h.giveLead),
			"lead.dispute":     h.orSecond("dispute", h.disputeLead),
		},
		Forms: map[string]Action{
			"lead.find":        func(c *Call) (chat.Reply, error) { return h.findLead(c, c.Values["lead"]) },
			"lead.reject":      h.orSecond("rejected", h.rejectSent),
			"lead.give":        h.giveSent,
			"lead.rateseveral": h.rateSeveralSent,
		},
		Suggest: map[string]Suggestion{"leads": suggestLeads},
	}
}

const (
	maxListed = 20     // rows of a list at once
	mostRead  = 100000 // rows of a list in all
)

// findLead shows the lead that is meant, or those that may be.
func (h *Handlers) findLead(c *Call, query string) (chat.Reply, error) {
	leads, err := h.leadsMeant(c, query)
	if err != nil {
		return chat.Reply{}, err
	}
	switch len(leads) {
	case 0:
		list, err := c.Tx.FindCompanies(query, 1) // a customer of whom no lead is known
		if err != nil || len(list) > 0 {
			return h.accountOr(c, query, err)
		}
		return chat.Reply{}, noLead(query)
	case 1:
		return h.showLead(c, leads[0].Ref, false)
	}
	return h.leadsFound(c, 0, query)
}

// accountOr shows a company's card, unless there is an error.
func (h *Handlers) accountOr(c *Call, query string, err error) (chat.Reply, error) {
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showAccount(c, query)
}

// leadsMeant are the leads that a query may mean: by id, reference or address; else by what one remembers of them.
func (h *Handlers) leadsMeant(c *Call, query string) ([]truce.Lead, error) {
	for _, find := range []func(string) ([]truce.Lead, error){c.Tx.FindLeads, c.Tx.RecallLeads, c.Tx.RecallAmongNewest} {
		if leads, err := find(query); err != nil || len(leads) > 0 {
			if err != nil {
				return nil, err
			}
			return c.veiled(leads)
		}
	}
	return c.secondFound(query) // one below the threshold, which only who looks at it finds
}

func noLead(query string) error {
	return truce.Errorf(truce.NotFound, "There is no lead %q. Try the company, the person's name, an e-mail address or its domain, the id "+
		"in the CRM, or our reference, such as L-12; /lead mine lists yours.", query)
}

func (h *Handlers) showLead(c *Call, ref string, replacing bool) (chat.Reply, error) {
	if l, f, err := c.second(ref); err != nil || l != nil {
		if err != nil {
			return chat.Reply{}, err
		}
		return h.showSecond(c, f, replacing)
	}
	f, err := c.Tx.LeadFileByRef(ref)
	if err != nil {
		return chat.Reply{}, err
	}
	if replacing { // a reminder of several things keeps the others
		if ok, err := c.redrawn(true); err != nil || ok {
			return chat.Reply{}, err
		}
	}
	if f.Fit, err = c.Tx.KeptFit(f.Lead, c.terms, c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	if f.Except, err = h.exceptionOf(c, f.Lead); err != nil {
		return chat.Reply{}, err
	}
	card := cards.Lead(f, c.By, c.terms, c.Name == "lead.all")
	gone, is, err := c.Tx.GoneLead(f.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if is {
		card.Blocks = append([]chat.Block{cards.GoneFromCRM(gone.At, gone.Why, h.opt.Location)}, card.Blocks...)
	}
	card.Blocks = append(card.Blocks, cards.InCRM(truce.CRMLink(h.opt.CRM.Lead, f.ID))...)
	if replacing {
		if err := h.whatElse(c, f.Ref, &card); err != nil {
			return chat.Reply{}, err
		}
	}
	r := show(card)
	r.Replace = replacing
	return r, nil
}

func (h *Handlers) leadsMine(c *Call, from int, _ string) (chat.Reply, error) {
	leads, err := c.Tx.OpenLeadsOf(c.terms, c.By.ID, mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(leads, from, maxListed, "lead.mine", "")
	fits, err := h.fitsOf(c, rows)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.LeadsWithFit("Your open leads", "", "You own no open lead. /lead nobody lists those that wait for an owner.", rows, fits,
		p, h.opt.Location)), nil
}

func (h *Handlers) leadsUnrated(c *Call, from int, _ string) (chat.Reply, error) {
	leads, err := c.Tx.UnratedLeadsOf(c.terms, c.By.ID, c.Tx.Now, mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.unratedPage(leads, from, "lead.unrated")
}

func (h *Handlers) unratedPage(leads []truce.Lead, from int, list string) (chat.Reply, error) {
	rows, p := page(leads, from, maxListed, list, "")
	card := cards.Leads("Leads you have not rated", "One tap each tells Marketing more than a meeting.",
		"You have rated all your accepted leads.", rows, p, h.opt.Location)
	if len(leads) > 1 {
		card.Blocks = append(card.Blocks, cards.RateSeveralButton())
	}
	return show(card), nil
}

// rateSeveral opens the form in which the person rates several of their leads alike.
func (h *Handlers) rateSeveral(c *Call) (chat.Reply, error) {
	leads, err := c.Tx.UnratedLeadsOf(c.terms, c.By.ID, c.Tx.Now, chat.MostOptions)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(leads) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "You have rated all your accepted leads. Nothing changed.")
	}
	return ask(cards.RateSeveralForm(leads)), nil
}

func (h *Handlers) rateSeveralSent(c *Call) (chat.Reply, error) {
	rating, err := truce.ParseRating(c.value("rating"))
	if err != nil {
		return fault("rating", "Choose good, fair or poor."), nil
	}
	leads, err := c.Tx.UnratedLeadsOf(c.terms, c.By.ID, c.Tx.Now, mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	chosen := chat.Apart(c.Values["leads"])
	if len(chosen) == 0 {
		return fault("leads", "Choose at least one lead."), nil
	}
	done := slices.DeleteFunc(slices.Clone(leads), func(l truce.Lead) bool { return !slices.Contains(chosen, l.Ref) })
	if len(done) != len(chosen) {
		return fault("leads", "One of these is rated by now, or is not yours to rate: choose again. Nothing changed."), nil
	}
	for _, l := range done {
		one := *c
		one.Arg, one.Name, one.Source = l.Ref+" "+rating.String(), "lead.rate", chat.Ref{}
		if _, err := h.orSecond("rate", h.rateLead)(&one); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.RatedSeveral(done, rating, len(leads)-len(done))), nil
}

func (h *Handlers) leadsNobodys(c *Call, from int, _ string) (chat.Reply, error) {
	leads, err := c.Tx.NobodysLeads(c.Tx.Now.AddDate(0, -3, 0), mostRead)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(leads, from, maxListed, "lead.nobody", "")
	return show(cards.Leads("Leads without an owner", "The first to accept one owns it.", "Every lead of the last three months has an owner.",
		rows, p, h.opt.Location)), nil
}

// leadsFound lists the leads that a query may mean.
func (h *Handlers) leadsFound(c *Call, from int, query string) (chat.Reply, error) {
	leads, err := h.leadsMeant(c, query)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(leads, from, maxListed, "lead.found", query)
	card := cards.Leads("Which lead?", "Several leads match "+strconv.Quote(query)+".", "There is none any more.", rows, p,
		h.opt.Location)
	if co, ok, err := named(c, query); err != nil {
		return chat.Reply{}, err
	} else if ok {
		card.Blocks = append(card.Blocks, chat.ButtonRow(cards.ToAccount(co.Name)))
	}
	return show(card), nil
}

// suggestLeads finds the lead that is meant: by its id, reference or address where these are whole; else by the words that company,
// name, address or reference begin with, among the person's own open leads, then among all. With no text it
// offers the person's own.
func suggestLeads(c *Call) ([]chat.Option, error) {
	leads, err := c.Tx.FindLeads(c.Text)
	if err != nil {
		return nil, err
	}
	if len(leads) == 0 {
		if leads, err = leadsLike(c); err != nil {
			return nil, err
		}
	}
	var o []chat.Option
	for _, l := range leads[:min(len(leads), 100)] {
		o = append(o, chat.Option{Value: l.Ref, Label: cut75(l.Ref + " · " + l.Title())})
	}
	return o, nil
}

// lookedThrough is among how many of a rep's open leads their words are looked for.
const lookedThrough = 1000

func leadsLike(c *Call) ([]truce.Lead, error) {
	own, err := c.Tx.OpenLeadsOf(c.terms, c.By.ID, lookedThrough)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(own, func(a, b truce.Lead) int { // while somebody types, the newest are meant
		if (a.State == "") != (b.State == "") {
			return cmp.Compare(a.State, b.State)
		}
		return b.MQLAt.Compare(a.MQLAt)
	})
	others, err := c.Tx.RecallLeads(c.Text)
	if err != nil {
		return nil, err
	}
	asked := words(c.Text)
	var found []truce.Lead
	for _, l := range append(own, others...) {
		if len(found) == suggested {
			break
		}
		if beginsAll(asked, words(l.Ref+" "+l.Company+" "+l.Account+" "+l.Name+" "+l.Email)) &&
			!slices.ContainsFunc(found, func(f truce.Lead) bool { return f.ID == l.ID }) {
			found = append(found, l)
		}
	}
	return found, nil
}

// beginsAll reports whether each word that was asked for begins one of those there are.
func beginsAll(asked, there []string) bool {
	return !slices.ContainsFunc(asked, func(a string) bool {
		return !slices.ContainsFunc(there, func(w string) bool { return strings.HasPrefix(w, a) })
	})
}

// cut75 shortens an option's label to what every platform takes.
func cut75(s string) string {
	if r := []rune(s); len(r) > 75 {
		return string(r[:74]) + "…"
	}
	return s
}

// log writes who did what into the audit log.
func (c *Call) log(action, subject string, detail any) error {
	return c.Tx.Audit(c.By.ID, chat.Network(c.User.ID), action, subject, detail)
}

func (h *Handlers) acceptLead(c *Call) (chat.Reply, error) {
	f, err := c.Tx.LeadFileByRef(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := f.MayAccept(c.By); err != nil {
		return chat.Reply{}, err
	}
	if f.OwnerID == "" || f.State == truce.Recycled {
		f.OwnerID = c.By.ID
		if err := c.Tx.SaveLead(f.Lead); err != nil {
			return chat.Reply{}, err
		}
		if err := c.log("lead.take", f.Ref, nil); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := h.decide(c, f.Lead, truce.Outcome{Status: truce.Accepted}); err != nil {
		return chat.Reply{}, err
	}
	return h.showLead(c, f.Ref, true)
}

// decide records a verdict of the person and ends the promise of one.
func (h *Handlers) decide(c *Call, l truce.Lead, o truce.Outcome) error {
	if err := c.Tx.BeginLead(c.terms, l.ID); err != nil {
		return err
	}
	o.LeadID, o.At, o.Origin, o.PersonID = l.ID, c.Tx.Now, truce.FromPerson, c.By.ID
	if _, err := c.Tx.AddOutcome(o); err != nil {
		return err
	}
	kinds := []truce.PromiseKind{truce.VerdictPromise}
	if o.Status.Ends() {
		kinds = append(kinds, truce.TouchPromise, truce.RatingPromise)
	}
	if err := c.Tx.StopLeadPromises(l.Ref, c.Tx.Now, kinds...); err != nil {
		return err
	}
	if err := c.Tx.RefreshHome(c.By.ID); err != nil {
		return err
	}
	return c.log("lead."+string(o.Status), l.Ref, map[string]string{"reason": string(o.Reason)})
}

func (h *Handlers) rejectLead(c *Call) (chat.Reply, error) {
	f, err := c.Tx.LeadFileByRef(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := f.MayReject(c.By); err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.RejectForm(f.Lead)), nil
}

func (h *Handlers) rejectSent(c *Call) (chat.Reply, error) {
	f, err := c.Tx.LeadFileByRef(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := f.MayReject(c.By); err != nil {
		return chat.Reply{}, err
	}
	reason, ok := truce.ParseReason(c.Values["reason"])
	if !ok {
		return fault("reason", "Choose a reason: it decides what becomes of the lead."), nil
	}
	note := strings.TrimSpace(c.Values["note"])
	if note != "" {
		if note, err = truce.CheckText(note, "note"); err != nil {
			return fault("note", truce.Sentence(err)), nil
		}
	}
	if err := h.decide(c, f.Lead, truce.Outcome{Status: f.RejectedAs(reason), Reason: reason, Note: note}); err != nil {
		return chat.Reply{}, err
	}
	return h.showLead(c, f.Ref, true)
}

// rateLead takes one tap; Arg is "L-12 3".
func (h *Handlers) rateLead(c *Call) (chat.Reply, error) {
	ref, value := cut(c.Arg)
	f, err := c.Tx.LeadFileByRef(ref)
	if err != nil {
		return chat.Reply{}, err
	}
	if c.By.TeamSide() != truce.Sales {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Sales rates leads, after a conversation. Marketing sees the ratings in /digest "+
			"leads.")
	}
	rating, err := truce.ParseRating(value)
	if err != nil {
		return chat.Reply{}, err
	}
	own := slices.IndexFunc(f.Ratings, func(r truce.RatingOf) bool { return r.Rater == c.By.ID })
	for i, r := range f.Ratings {
		if r.Rater == c.By.ID && !r.At.Before(f.Ratings[own].At) {
			own = i
		}
	}
	if own >= 0 && f.Ratings[own].Value == rating {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "You have rated %s %s already. Nothing changed.", f.Ref, rating)
	}
	if _, err := c.Tx.Rate(truce.RatingOf{LeadID: f.ID, Rater: c.By.ID, Value: rating, At: c.Tx.Now}); err != nil {
		return chat.Reply{}, err
	}
	if f.OwnerID == c.By.ID {
		if err := c.Tx.StopLeadPromises(f.Ref, c.Tx.Now, truce.RatingPromise); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.Tx.RefreshHome(c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("lead.rate", f.Ref, rating.String()); err != nil {
		return chat.Reply{}, err
	}
	return h.showLead(c, f.Ref, true)
}

// oneTouch is within what time the same touch logged again is a button pressed twice.
const oneTouch = time.Minute

func (h *Handlers) touchLead(c *Call) (chat.Reply, error) {
	f, err := c.Tx.LeadFileByRef(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := f.MayDecide(c.By); err != nil {
		return chat.Reply{}, err
	}
	kind := c.Values["value"]
	if !contains(truce.TouchKinds, kind) {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "A touch is a call, a meeting or a personal mail.")
	}
	if slices.ContainsFunc(f.Touches, func(t truce.Touch) bool {
		return t.By == c.By.ID && t.Kind == kind && c.Tx.Now.Sub(t.At) < oneTouch
	}) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "The %s is logged already, a moment ago. Nothing changed.", kind)
	}
	if _, err := c.Tx.AddTouch(truce.Touch{LeadID: f.ID, At: c.Tx.Now, Kind: kind, By: c.By.ID}); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.StopLeadPromises(f.Ref, c.Tx.Now, truce.TouchPromise); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("lead.touch", f.Ref, kind); err != nil {
		return chat.Reply{}, err
	}
	return h.showLead(c, f.Ref, true)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// giveLead lets a manager of Sales say whose a lead is.
func (h *Handlers) giveLead(c *Call) (chat.Reply, error) {
	f, reps, err := h.givable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.GiveForm(f.Lead, reps)), nil
}

func (h *Handlers) givable(c *Call) (f truce.LeadFile, reps []truce.Person, err error) {
	if f, err = c.Tx.LeadFileByRef(c.Arg); err != nil {
		return f, nil, err
	}
	if !c.By.Manages(truce.Sales) {
		return f, nil, truce.Errorf(truce.Forbidden, "A manager of Sales gives leads to reps. You can accept one that has no owner.")
	}
	people, err := c.Tx.People()
	for _, p := range people {
		if p.TeamSide() == truce.Sales && p.ID != f.OwnerID {
			reps = append(reps, p)
		}
	}
	return f, reps, err
}

func (h *Handlers) giveSent(c *Call) (chat.Reply, error) {
	f, reps, err := h.givable(c)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, p := range reps {
		if p.ID != c.Values["person"] {
			continue
		}
		for _, d := range f.Disputes {
			if f.State == truce.Recycled && d.OpenerID == p.ID && d.Outcome.Upheld() {
				return fault("person", p.Name+" sent this lead back ("+d.ID+"): it goes to another rep."), nil
			}
		}
		f.OwnerID = p.ID
		if err := c.Tx.SaveLead(f.Lead); err != nil {
			return chat.Reply{}, err
		}
		if err := c.log("lead.give", f.Ref, p.ID); err != nil {
			return chat.Reply{}, err
		}
		if err := c.Tx.BeginLead(c.terms, f.ID); err != nil {
			return chat.Reply{}, err
		}
		if p.ID != c.By.ID {
			if err := h.send(c, p.ID, "given:"+f.Ref+":"+c.ID, storage.Notice, cards.LeadGiven(f.Lead)); err != nil {
				return chat.Reply{}, err
			}
		}
		return h.showLead(c, f.Ref, true)
	}
	return fault("person", "Choose one of the reps."), nil
}

// disputeLead opens the form of a case about a lead.
func (h *Handlers) disputeLead(c *Call) (chat.Reply, error) {
	f, err := c.Tx.LeadFileByRef(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if r, err := h.mayDispute(c, f, ""); err != nil || r.Card != nil {
		return r, err
	}
	return ask(cards.DisputeForm(f.Ref, "", "")), nil
}
