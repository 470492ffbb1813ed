package handlers

import (
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is what the profile says of a lead or a company, a company's card, and declared exceptions.

// checkICP says what the profile makes of a lead or a company, with its reasons.
func (h *Handlers) checkICP(c *Call, query string) (chat.Reply, error) {
	if query == "" {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Name a lead or a company: /icp check L-12, or /icp check Northfield Labs.")
	}
	leads, err := c.Tx.FindLeads(query)
	if err != nil {
		return chat.Reply{}, err
	}
	switch len(leads) {
	case 1:
		return h.checkLead(c, leads[0])
	case 0:
	default:
		if co, ok, err := named(c, query); err != nil {
			return chat.Reply{}, err
		} else if ok {
			return h.checkCompany(c, co)
		}
		return h.leadsFound(c, 0, query)
	}
	co, err := h.company(c, query, "icp.check")
	if err != nil || co.reply != nil {
		return deref(co.reply), err
	}
	return h.checkCompany(c, co.Company)
}

func deref(r *chat.Reply) chat.Reply {
	if r == nil {
		return chat.Reply{}
	}
	return *r
}

// found is a company that a person means, or the reply that asks which.
type found struct {
	truce.Company
	reply *chat.Reply
}

// named is the company that a query is the whole name of; ok is false where it is none's.
func named(c *Call, query string) (co truce.Company, ok bool, err error) {
	list, err := c.Tx.FindCompanies(query, maxListed)
	if err != nil || len(list) == 0 || list[0].Key != truce.FoldAccount(query) {
		return truce.Company{}, false, err
	}
	return list[0], true, nil
}

// company finds a company by its name, its beginning or its id; several are offered, each with a button that does action.
func (h *Handlers) company(c *Call, query, action string) (found, error) {
	list, err := c.Tx.FindCompanies(query, maxListed)
	if bare := truce.Bare(query); err == nil && len(list) == 0 && bare != "" { // (Glenrock), *Glenrock*
		list, err = c.Tx.FindCompanies(bare, maxListed)
	}
	switch {
	case err != nil:
		return found{}, err
	case len(list) == 0:
		return found{}, truce.Errorf(truce.NotFound, "There is no lead and no company %q. Try the company's name as the CRM has it, a lead's "+
			"e-mail address, or our reference, such as L-12.", query)
	case len(list) == 1 || list[0].Key == truce.FoldAccount(query):
		return found{Company: list[0]}, nil
	}
	r := show(cards.WhichCompany(query, list, action))
	return found{reply: &r}, nil
}

func (h *Handlers) checkLead(c *Call, l truce.Lead) (chat.Reply, error) {
	k, err := c.Tx.KeptFit(l, h.terms, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	if k == nil {
		return show(cards.NoProfile(l.Ref, l.ICPFit)), nil
	}
	v := cards.FitView{Of: l.Ref + " · " + l.Title(), Version: k.Version, Fit: k.Fit, CRM: l.ICPFit, Lead: l.Ref, Company: companyOf(l),
		Loc: h.opt.Location, Before: k.Before}
	if k.Counts {
		v.Kept = k.By
		if k.Now.String() != k.Fit.String() {
			v.Now = &k.Now
		}
	}
	if v.Except, err = h.exceptionOf(c, l); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.FitCard(v)), nil
}

// fitsOf is what the profile says of leads, by their references; nil where none is in force.
func (h *Handlers) fitsOf(c *Call, leads []truce.Lead) (map[string]truce.Fit, error) {
	fits := map[string]truce.Fit{}
	for _, l := range leads {
		k, err := c.Tx.KeptFit(l, h.terms, c.Tx.Now)
		if err != nil || k == nil {
			return nil, err
		}
		fits[l.Ref] = k.Fit
	}
	return fits, nil
}

// companyOf is what a lead's company is found by; "" where it has none.
func companyOf(l truce.Lead) string {
	if s := l.AccountTold(); s != "" && l.Company == "" {
		return s
	}
	return l.Company
}

func (h *Handlers) checkCompany(c *Call, co truce.Company) (chat.Reply, error) {
	v, err := h.companyFit(c, co)
	if err != nil {
		return chat.Reply{}, err
	}
	if v == nil {
		r := show(cards.NoProfile(co.Name, ""))
		r.Card.Blocks = append(r.Card.Blocks, chat.ButtonRow(cards.ToAccount(co.Name)))
		return r, nil
	}
	return show(cards.FitCard(*v)), nil
}

// companyFit is what the profile in force says of a company by what is known today: its account's attributes, else those of its
// newest lead; nil where no profile is in force.
func (h *Handlers) companyFit(c *Call, co truce.Company) (*cards.FitView, error) {
	now, err := h.profileNow(c)
	if err != nil || now == nil {
		return nil, err
	}
	var of func(string) string
	if co.AccountID != "" {
		a, err := c.Tx.Account(co.AccountID)
		if err != nil {
			return nil, err
		}
		of = func(name string) string { return a.Attribute(name, c.Tx.Now) }
	}
	fit := truce.Fit{}
	if of != nil {
		fit = now.Profile.Of(of)
	} else {
		leads, err := c.Tx.LeadsOfCompany(co, 1)
		if err != nil {
			return nil, err
		}
		if len(leads) > 0 {
			fit, err = c.Tx.LeadFit(leads[0], now.Profile, h.terms.ICP.Shared, c.Tx.Now)
		} else {
			fit = now.Profile.Of(func(string) string { return "" })
		}
		if err != nil {
			return nil, err
		}
	}
	return &cards.FitView{Of: co.Name, Version: now.Version, Fit: fit, Company: co.Name, Loc: h.opt.Location}, nil
}

// showAccount is a company's card: its fit, leads, deals, orders, objections, interviews.
func (h *Handlers) showAccount(c *Call, query string) (chat.Reply, error) {
	query = truce.Unquoted(query)
	if query == "" {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Name a company: /icp account Northfield Labs.")
	}
	co, err := h.company(c, query, "icp.account")
	if err != nil || co.reply != nil {
		return deref(co.reply), err
	}
	f, err := c.Tx.CompanyFile(co.Company, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	v := cards.CompanyView{CompanyFile: f, CRM: h.opt.CRM, Loc: h.opt.Location}
	if v.Fit, err = h.companyFit(c, co.Company); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Company(v, c.By)), nil
}

// exceptionOf is a lead's declared exception in words; "" is none.
func (h *Handlers) exceptionOf(c *Call, l truce.Lead) (string, error) {
	e, err := c.Tx.ExceptionOf(l.ID, c.Tx.Now)
	if err != nil || e == nil {
		return "", err
	}
	name, err := h.nameOf(c, e.By)
	return cards.ExceptionLine(*e, name, h.opt.Location), err
}

// exceptICP takes "LEAD WHY"; without a reason it asks for one.
func (h *Handlers) exceptICP(c *Call, text string) (chat.Reply, error) {
	if err := truce.MayExcept(c.By); err != nil {
		return chat.Reply{}, err
	}
	ref, why := cut(text)
	if ref == "" {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Name the lead and say why: /icp except L-12 a reference for the new market.")
	}
	l, err := h.oneLead(c, ref)
	if err != nil {
		return chat.Reply{}, err
	}
	if strings.TrimSpace(why) == "" {
		return ask(cards.ExceptForm(l)), nil
	}
	return h.except(c, l, why)
}

func (h *Handlers) exceptForm(c *Call) (chat.Reply, error) { return h.exceptICP(c, c.Arg) }

func (h *Handlers) exceptSent(c *Call) (chat.Reply, error) {
	l, err := h.oneLead(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return faultOr(h.except(c, l, c.Values["text"]))
}

// except declares a lead an exception for 90 days.
func (h *Handlers) except(c *Call, l truce.Lead, why string) (chat.Reply, error) {
	if err := truce.MayExcept(c.By); err != nil {
		return chat.Reply{}, err
	}
	why, err := truce.CheckText(why, "reason")
	if err != nil {
		return chat.Reply{}, err
	}
	e := truce.Exception{LeadID: l.ID, Why: why, By: c.By.ID, At: c.Tx.Now, Until: c.Tx.Now.AddDate(0, 0, truce.ExceptDays)}
	if err := c.Tx.Except(e); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Excepted(l, e, h.opt.Location)), c.log("icp.except", l.Ref, map[string]string{"text": why})
}
