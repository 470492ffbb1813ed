package truce

import (
	"strings"
	"time"
)

// Side is the team a person belongs to.
type Side string

// The sides.
const (
	Sales     Side = "sales"
	Marketing Side = "marketing"
	NoSide    Side = ""
)

// Other is the side across the table.
func (s Side) Other() Side {
	switch s {
	case Sales:
		return Marketing
	case Marketing:
		return Sales
	}
	return NoSide
}

// Title is the side as it is written in a sentence.
func (s Side) Title() string {
	switch s {
	case Sales:
		return "Sales"
	case Marketing:
		return "Marketing"
	}
	return "the sponsor"
}

// Role is what a person may do.
type Role string

// The roles. Members without one may capture, rate and dispute.
const (
	Rep              Role = "rep"
	Marketer         Role = "marketer"
	SalesManager     Role = "sales manager"
	MarketingManager Role = "marketing manager"
	Sponsor          Role = "sponsor"
	Admin            Role = "admin"
)

// Roles are all roles, in the order they are listed.
var Roles = []Role{Rep, Marketer, SalesManager, MarketingManager, Sponsor, Admin}

// ParseRole reads a role as people write it: "marketer", "sales-manager", "Sales Manager".
func ParseRole(s string) (Role, error) {
	name := Role(strings.ToLower(strings.NewReplacer("-", " ", "_", " ").Replace(strings.TrimSpace(s))))
	for _, r := range Roles {
		if r == name {
			return r, nil
		}
	}
	return "", Errorf(Invalid, "There is no role %q: choose rep, marketer, sales manager, marketing manager, sponsor or admin.", s)
}

// Side is the side that a role puts a person on.
func (r Role) Side() Side {
	switch r {
	case Rep, SalesManager:
		return Sales
	case Marketer, MarketingManager:
		return Marketing
	}
	return NoSide
}

// Person is one human, however many platforms they use.
type Person struct {
	ID        string // P-1
	Name      string
	Email     string // lower case; "" where no platform vouched for one
	Side      Side   // as set; see TeamSide
	ManagerID string
	Zone      string // IANA name; "" is the company's
	Active    bool
	LeaveFrom time.Time // no clock runs on leave: [LeaveFrom, LeaveTo)
	LeaveTo   time.Time
	Roles     []Role
	Users     []string // the ids on all platforms
	CreatedAt time.Time
}

// Has reports whether the person holds one of the roles.
func (p Person) Has(roles ...Role) bool {
	for _, r := range p.Roles {
		for _, want := range roles {
			if r == want {
				return true
			}
		}
	}
	return false
}

// TeamSide is the side the person stands on: as set, else as their roles say; members without a role are field people.
func (p Person) TeamSide() Side {
	if p.Side != NoSide {
		return p.Side
	}
	for _, r := range p.Roles {
		if s := r.Side(); s != NoSide {
			return s
		}
	}
	if p.Has(Sponsor) {
		return NoSide
	}
	return Sales
}

// Manages reports whether the person is a manager of the side.
func (p Person) Manages(s Side) bool {
	return s == Sales && p.Has(SalesManager) || s == Marketing && p.Has(MarketingManager)
}

// SpeaksForMarketing reports whether the person answers disputes and objections.
func (p Person) SpeaksForMarketing() bool { return p.Has(Marketer, MarketingManager) }

// OnLeave reports whether the person is away at t.
func (p Person) OnLeave(t time.Time) bool {
	return !p.LeaveFrom.IsZero() && !t.Before(p.LeaveFrom) && (p.LeaveTo.IsZero() || t.Before(p.LeaveTo))
}

// Refresh takes over what a platform says of a person: the time zone, and a name where an e-mail address or an id stood for
// one. It reports whether that changed anything.
func (p *Person) Refresh(name, zone string) bool {
	was := *p
	if zone != "" && zone != p.Zone {
		if _, err := time.LoadLocation(zone); err == nil {
			p.Zone = zone
		}
	}
	if name != "" && (p.Name == p.Email || p.Name == p.ID) {
		p.Name = name
	}
	return p.Zone != was.Zone || p.Name != was.Name
}

// Address tells a person from others of the same name: the e-mail address, else our id.
func (p Person) Address() string {
	if p.Email != "" {
		return p.Email
	}
	return p.ID
}

// AddressedName is the name with the address behind it, for whatever is done to one of several people of one name.
func (p Person) AddressedName() string {
	if p.Email == p.Name {
		return p.Name
	}
	return p.Name + " (" + p.Address() + ")"
}

// PeopleCalled are those of people whom said may mean: the one with that e-mail address or id, else all with that name or first
// name. A name is not a person: whoever asks for one has to ask back where there are several.
func PeopleCalled(people []Person, said string) []Person {
	said = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(said), "@"))
	var found []Person
	for _, p := range people {
		first, _, _ := strings.Cut(p.Name, " ")
		switch {
		case strings.EqualFold(p.ID, said), p.Email != "" && p.Email == FoldEmail(said):
			return []Person{p}
		case strings.EqualFold(p.Name, said), strings.EqualFold(first, said):
			found = append(found, p)
		}
	}
	return found
}

// WhichPerson refuses a name that several people have, and says by which addresses they are told apart.
func WhichPerson(said string, found []Person) error {
	var who []string
	for _, p := range found {
		who = append(who, p.AddressedName())
	}
	return Errorf(Invalid, "%d colleagues are called %q: say which by the address: %s.", len(found), said, strings.Join(who, ", "))
}

// FoldEmail is an e-mail address as it is compared.
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
