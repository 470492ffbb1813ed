package truce

import (
	"slices"
	"strings"
)

// This file is who sees what: one table, which is asked at the moment of the click and of which docs/data-map.md tells.

// Audience is some of the people who use Truce.
type Audience string

// The audiences.
const (
	TheirOwn      Audience = "whose it is" // who wrote or opened it, or is asked by it
	SalesSide     Audience = "Sales"
	MarketingSide Audience = "Marketing"
	Managers      Audience = "managers"
	Sponsors      Audience = "the sponsor"
	Admins        Audience = "admins"
)

// Withheld is a kind of thing that some members see and others do not. What is none of these, every full member sees.
type Withheld string

// What is withheld from some.
const (
	CaseSecret  Withheld = "cases: what was disputed, asked, answered and ruled"
	DraftSecret Withheld = "field notes, until they are confirmed"
	RecapSecret Withheld = "personal recaps"
	QueueSecret Withheld = "answers that wait for Marketing"
	RolesSecret Withheld = "the list of roles, and who gave them"
	SideSecret  Withheld = "figures about a side of fewer than five people: promises kept, time to answer, leads not worked"
)

// visible is who sees each of them.
var visible = []struct {
	withheld Withheld
	to       []Audience
}{
	{CaseSecret, []Audience{TheirOwn, SalesSide, MarketingSide, Managers, Sponsors}},
	{DraftSecret, []Audience{TheirOwn}},
	{RecapSecret, []Audience{TheirOwn}},
	{QueueSecret, []Audience{MarketingSide}},
	{RolesSecret, []Audience{Admins}},
	{SideSecret, []Audience{TheirOwn, Managers}},
}

// StandsWith reports whether the person was put on a side, by the configuration, an admin or a role. Members without one may
// capture, rate and dispute, but are of no side whose cases they read.
func (p Person) StandsWith(s Side) bool {
	return p.Side == s || slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Side() == s })
}

// Sees reports whether the person may see what is withheld from others; own says that this one is theirs.
func (p Person) Sees(m Withheld, own bool) bool {
	for _, v := range visible {
		if v.withheld == m {
			return slices.ContainsFunc(v.to, func(a Audience) bool { return p.among(a, own) })
		}
	}
	return false
}

func (p Person) among(a Audience, own bool) bool {
	switch a {
	case TheirOwn:
		return own
	case SalesSide:
		return p.StandsWith(Sales)
	case MarketingSide:
		return p.StandsWith(Marketing)
	case Managers:
		return p.Has(SalesManager, MarketingManager)
	case Sponsors:
		return p.Has(Sponsor)
	case Admins:
		return p.Has(Admin)
	}
	return false
}

// SeesCase reports whether the person may read a case: both sides, managers and the sponsor all, others those they opened or
// answered, or are asked in.
func (p Person) SeesCase(d Dispute) bool {
	return p.Sees(CaseSecret, p.ID != "" && (d.OpenerID == p.ID || d.OwnerID == p.ID || d.Party(p.ID)))
}

// smallSide is from how many people on figures about a side are every member's to see: of fewer each can be told apart.
const smallSide = 5

// Sides are some of the two sides.
type Sides struct{ Sales, Marketing bool }

// Has reports whether a side is among them.
func (s Sides) Has(side Side) bool {
	return side == Sales && s.Sales || side == Marketing && s.Marketing
}

// Any reports whether there is any.
func (s Sides) Any() bool { return s.Sales || s.Marketing }

// Names are the sides by name.
func (s Sides) Names() (list []string) {
	for _, side := range []Side{Sales, Marketing} {
		if s.Has(side) {
			list = append(list, side.Title())
		}
	}
	return list
}

// WithheldSides are the sides whose figures the person does not see, by how many people each side has: small ones are seen by managers and
// that side only. The zero person is whoever reads a channel. Of a side without people nobody can be told apart.
func (p Person) WithheldSides(people map[Side]int) Sides {
	hidden := func(s Side) bool {
		return people[s] > 0 && people[s] < smallSide && !p.Sees(SideSecret, p.StandsWith(s))
	}
	return Sides{hidden(Sales), hidden(Marketing)}
}

// WhoSeesWhat is the table as the data map shows it, in Markdown.
func WhoSeesWhat() string {
	var b strings.Builder
	b.WriteString("| of what is not every member's to see | who sees it |\n|---|---|\n")
	for _, v := range visible {
		var to []string
		for _, a := range v.to {
			to = append(to, string(a))
		}
		b.WriteString("| " + string(v.withheld) + " | " + strings.Join(to, ", ") + " |\n")
	}
	return b.String()
}
