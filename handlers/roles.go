package handlers

import (
	"fmt"
	"slices"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is about who may do what: listed, given and taken by admins. Every change is in the audit log.

// byAdmin is the source of roles that an admin gave here.
const byAdmin = "admin"

func onlyAdmins(c *Call) error {
	if c.By.Sees(truce.RolesSecret, false) {
		return nil
	}
	admins, err := c.Tx.PeopleWith(truce.Admin)
	if err != nil {
		return err
	}
	who := "The configuration names the first admin (roles.admins)."
	if len(admins) > 0 {
		who = "Ask " + admins[0].Name + "."
	}
	return truce.Errorf(truce.Forbidden, "Only an admin gives and takes roles. %s", who)
}

// rolesList shows who has which role, and who gave it.
func (h *Handlers) rolesList(c *Call) (chat.Reply, error) {
	if err := onlyAdmins(c); err != nil {
		return chat.Reply{}, err
	}
	people, err := c.Tx.PeopleWith(truce.Roles...)
	if err != nil {
		return chat.Reply{}, err
	}
	var list []cards.PersonRoles
	for _, p := range people {
		pr := cards.PersonRoles{Person: p}
		for _, r := range truce.Roles {
			sources, err := c.Tx.WhoGave(p.ID, r)
			if err != nil {
				return chat.Reply{}, err
			}
			if len(sources) > 0 {
				pr.Roles = append(pr.Roles, fmt.Sprintf("%s (%s)", r, strings.Join(sources, ", ")))
			}
		}
		list = append(list, pr)
	}
	slices.SortStableFunc(list, func(a, b cards.PersonRoles) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return show(cards.RolesCard(list)), nil
}

// roleChange reads "mia marketer", "Mia Tanaka not sales manager", and does it.
func (h *Handlers) roleChange(c *Call, said string) (chat.Reply, error) {
	if err := onlyAdmins(c); err != nil {
		return chat.Reply{}, err
	}
	words := strings.Fields(said)
	for n := min(3, len(words)-1); n >= 1; n-- { // "mia sales manager" before "mia sales" and "manager"
		role, err := truce.ParseRole(strings.Join(words[len(words)-n:], " "))
		if err != nil {
			continue
		}
		name, take := words[:len(words)-n], false
		if last := len(name) - 1; last > 0 && strings.EqualFold(name[last], "not") {
			name, take = name[:last], true
		}
		found, err := h.colleagues(c, strings.Join(name, " "))
		if err != nil {
			return chat.Reply{}, err
		}
		if len(found) > 1 {
			return show(cards.WhichForRole(strings.Join(name, " "), role, take, found)), nil
		}
		if take {
			return h.takeRole(c, found[0], role)
		}
		return h.giveRole(c, found[0], role)
	}
	return chat.Reply{}, truce.Errorf(truce.Invalid, "Write a name and a role: /truce role mia marketer, or /truce role mia not marketer. "+
		"The roles are rep, marketer, sales manager, marketing manager, sponsor and admin.")
}

// roleOf gives or takes a role of the one who was chosen among people of one name; Arg is "P-3 marketing manager".
func (h *Handlers) roleOf(do func(c *Call, p truce.Person, role truce.Role) (chat.Reply, error)) Action {
	return func(c *Call) (chat.Reply, error) {
		if err := onlyAdmins(c); err != nil {
			return chat.Reply{}, err
		}
		id, name := cut(c.Arg)
		p, err := c.Tx.Person(id)
		if err != nil {
			return chat.Reply{}, err
		}
		role, err := truce.ParseRole(name)
		if err != nil {
			return chat.Reply{}, err
		}
		return replaced(do(c, p, role))
	}
}

func (h *Handlers) giveRole(c *Call, p truce.Person, role truce.Role) (chat.Reply, error) {
	if p.Has(role) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is %s already. Nothing changed.", p.AddressedName(), aRole(role))
	}
	if err := c.Tx.GiveRole(p.ID, role, byAdmin); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("role.give", p.ID, role); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.RoleChanged(fmt.Sprintf("%s is %s now.", p.AddressedName(), aRole(role)))), nil
}

func (h *Handlers) takeRole(c *Call, p truce.Person, role truce.Role) (chat.Reply, error) {
	sources, err := c.Tx.WhoGave(p.ID, role)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(sources) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is no %s. Nothing changed.", p.AddressedName(), role)
	}
	if others := slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return s == byAdmin }); len(others) > 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is %s by %s, which would give it back: take it away there. Nothing changed.",
			p.AddressedName(), aRole(role), strings.Join(others, " and "))
	}
	if role == truce.Admin {
		admins, err := c.Tx.PeopleWith(truce.Admin)
		if err != nil {
			return chat.Reply{}, err
		}
		if len(admins) < 2 {
			return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is the only admin: make somebody else one first. Nothing changed.",
				p.AddressedName())
		}
	}
	if err := c.Tx.TakeRole(p.ID, role, byAdmin); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("role.take", p.ID, role); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.RoleChanged(fmt.Sprintf("%s is no %s any more.", p.AddressedName(), role))), nil
}

func aRole(r truce.Role) string {
	if r == truce.Admin {
		return "an admin"
	}
	return "a " + string(r)
}
