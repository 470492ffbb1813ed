package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is a company's card, and what is said of a company or a lead where the profile is asked.

// CompanyView is a company with what the profile says of it.
type CompanyView struct {
	truce.CompanyFile
	Fit *FitView // nil where no profile is in force
	CRM truce.CRMLinks
	Loc *time.Location
}

func monies(list []truce.Money) string {
	s := make([]string, len(list))
	for i, m := range list {
		s[i] = m.String()
	}
	return strings.Join(s, ", ")
}

// ToAccount is the button to a company's card.
func ToAccount(name string) chat.Button { return chat.Press("The account", "icp.account", name) }

// Company is a company's card: fit, leads, deals, orders, objections, interviews.
func Company(v CompanyView, by truce.Person) chat.Card {
	c := chat.Card{Key: "company", Summary: v.Name + ".", Title: chat.T(v.Name)}
	var facts []chat.Fact
	if v.Fit != nil {
		facts = append(facts, chat.FactOf("ICP fit", string(v.Fit.Fit.Fit)+": "+v.Fit.Fit.String()))
	}
	facts = append(facts, chat.FactOf("Leads", chat.Figure(float64(v.AllLeads), "")))
	deals := fmt.Sprintf("%d won, %d lost, %d open", v.Won, v.Lost, v.Open)
	if len(v.Paid) > 0 {
		deals += " · " + monies(v.Paid)
	}
	facts = append(facts, chat.FactOf("Deals", deals))
	if v.Orders > 0 {
		facts = append(facts, chat.FactOf("Orders", fmt.Sprintf("%d, %s, the last ", v.Orders, monies(v.Ordered)),
			chat.At(v.LastOrder, v.Loc, chat.Day)))
	} else {
		facts = append(facts, chat.FactOf("Orders", "none"))
	}
	facts = append(facts, chat.FactOf("Objections", chat.Figure(float64(v.Heard), "")))
	c.Blocks = append(c.Blocks, chat.FactList(facts...))
	if len(v.Leads) > 0 {
		t := chat.Table{Caption: "Newest leads", Columns: []chat.Column{{Title: "Lead"}, {Title: "Who"}, {Title: "Source"}, {Title: "Qualified"},
			{Title: "State"}}}
		for _, l := range v.Leads {
			b := chat.Press(l.Ref, "lead.show", l.Ref)
			t.Rows = append(t.Rows, []chat.Cell{{Text: l.Ref, Button: &b}, {Text: l.Title()}, {Text: truce.SourceName(l.Source)},
				{Text: chat.At(l.MQLAt, v.Loc, chat.Day).Format()}, {Text: leadState(l)}})
		}
		c.Blocks = append(c.Blocks, chat.TableBlock(t))
	}
	for _, d := range v.Deals {
		s := strings.TrimSpace(d.Name + " · " + string(d.Status))
		if d.HasAmount {
			s += " · " + d.Amount.String()
		}
		if at := truce.CRMLink(v.CRM.Deal, d.ID); at != "" {
			c.Blocks = append(c.Blocks, chat.Small("Deal ", chat.Link(s, at)))
			continue
		}
		c.Blocks = append(c.Blocks, chat.Small("Deal "+s))
	}
	for _, o := range v.Objections {
		theme := v.Themes[o.ThemeID]
		if theme == "" {
			theme = "no theme yet"
		}
		c.Blocks = append(c.Blocks, chat.Small(theme+": “"+FirstWords(o.Text, 120)+"”"))
	}
	for _, i := range v.Interviews {
		who := string(i.Standing) + " customer"
		if i.Consent && i.Who != "" && by.SpeaksForMarketing() {
			who += ", " + i.Who
		}
		c.Blocks = append(c.Blocks, chat.Small("Interview "+i.ID+" · "+who+" · "+string(i.State)+" ", chat.At(i.StartedAt, v.Loc, chat.Day)))
	}
	row := []chat.Button{chat.Press("Interview them", "outcome.another", v.Name)}
	if v.Fit != nil {
		row = append(row, chat.Press("Why this fit", "icp.check", v.Name))
	}
	c.Blocks = append(append(c.Blocks, chat.ButtonRow(row...)), InCRM(truce.CRMLink(v.CRM.Account, v.AccountID))...)
	return c
}

// InCRM leads to a record where the CRM shows it; nothing where its address is not known.
func InCRM(address string) []chat.Block {
	if address == "" {
		return nil
	}
	return []chat.Block{chat.ButtonRow(chat.Button{Label: "Open in the CRM", URL: address})}
}

// WhichCompany offers companies that a text may mean.
func WhichCompany(query string, list []truce.Company, action string) chat.Card {
	c := chat.Card{Key: "company.which", Summary: "Several companies begin with “" + query + "”.",
		Blocks: []chat.Block{chat.Para("Which company?")}}
	var row []chat.Button
	for _, co := range list {
		arg := co.Name
		if co.AccountID != "" {
			arg = co.AccountID
		}
		row = append(row, chat.Press(FirstWords(co.Name, 60), action, arg))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}

// NoProfile says that nothing can be said of somebody yet.
func NoProfile(of string, crm truce.ICPFit) chat.Card {
	s := "No ideal customer profile is in force yet: nothing can be said of " + of + "."
	if crm != "" {
		s += " The CRM calls it " + string(crm) + "."
	}
	return chat.Card{Key: "icp.none", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("The ideal customer", "icp.show", ""))}}
}

// ExceptionLine is a declared exception in words.
func ExceptionLine(e truce.Exception, by string, loc *time.Location) string {
	return "“" + e.Why + "” (" + by + ", until " + chat.At(e.Until, loc, chat.Day).Format() + ")"
}

// ExceptForm asks why a lead is worked though it is outside the profile.
func ExceptForm(l truce.Lead) chat.Form {
	f := TextForm("icp.except", "Except "+l.Ref, "Why is it worth it", "Both sides read it. It counts apart for 90 days.", "Declare it", l.Ref,
		true)
	f.Intro = chat.T(l.Title())
	return f
}

// Excepted says that a lead is an exception now.
func Excepted(l truce.Lead, e truce.Exception, loc *time.Location) chat.Card {
	s := "✓ " + l.Ref + " is a declared exception until " + chat.At(e.Until, loc, chat.Day).Format() + ": it is reported apart."
	return chat.Card{Key: "icp.excepted", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("Show "+l.Ref, "lead.show", l.Ref))}}
}
