package handlers

import (
	"context"
	"fmt"
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Member is a person as the configuration, an import or a user group names them.
type Member struct {
	Email   string
	Name    string
	Side    truce.Side
	Manager string // the manager's e-mail
	Zone    string
	Users   []string // ids on platforms, where they are mapped by hand
	Roles   []truce.Role
}

// SetRoster brings the people of one source (config, demo, or a group) up to date: it adds those who are new, gives and
// takes the roles that this source decides, and leaves what others decided alone. Every change is in the audit log.
func SetRoster(ctx context.Context, store *storage.Store, source string, members []Member) error {
	return store.Update(ctx, func(tx *storage.Tx) error {
		had, err := tx.RolesFrom(source)
		if err != nil {
			return err
		}
		ids := map[string]string{} // by e-mail
		for _, m := range members {
			p, err := enrol(tx, m)
			if err != nil {
				return fmt.Errorf("person %s of the %s: %w", m.Email, source, err)
			}
			ids[p.Email] = p.ID
			for _, r := range m.Roles {
				if slices.Contains(had[p.ID], r) {
					had[p.ID] = slices.DeleteFunc(had[p.ID], func(x truce.Role) bool { return x == r })
					continue
				}
				if err := tx.GiveRole(p.ID, r, source); err != nil {
					return err
				}
				if err := tx.Audit("", source, "role.give", p.ID, r); err != nil {
					return err
				}
			}
		}
		for id, roles := range had {
			for _, r := range roles {
				if err := tx.TakeRole(id, r, source); err != nil {
					return err
				}
				if err := tx.Audit("", source, "role.take", id, r); err != nil {
					return err
				}
			}
		}
		for _, m := range members {
			if m.Manager == "" {
				continue
			}
			p, err := tx.PersonByEmail(m.Email)
			if err != nil {
				return err
			}
			if id := ids[truce.FoldEmail(m.Manager)]; id != "" && p.ManagerID != id {
				p.ManagerID = id
				if err := tx.SavePerson(p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// enrol finds or makes one person and stores what the source says of them.
func enrol(tx *storage.Tx, m Member) (truce.Person, error) {
	p, err := known(tx, m)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		if p, err = tx.AddPerson(truce.Person{Name: m.Name, Email: m.Email, Side: m.Side, Zone: m.Zone}); err != nil {
			return p, err
		}
	case err != nil:
		return p, err
	default:
		was := p
		if m.Name != "" {
			p.Name = m.Name
		}
		if m.Side != truce.NoSide {
			p.Side = m.Side
		}
		if m.Zone != "" {
			p.Zone = m.Zone
		}
		if p.Email == "" { // found by an account that is mapped to the address
			p.Email = truce.FoldEmail(m.Email)
		}
		if p.Email != was.Email || p.Name != was.Name || p.Side != was.Side || p.Zone != was.Zone {
			if err := tx.SavePerson(p); err != nil {
				return p, err
			}
		}
	}
	for _, u := range m.Users {
		if slices.Contains(p.Users, u) {
			continue
		}
		other, err := tx.PersonByUser(u)
		switch {
		case err == nil && other.ID != p.ID && other.Email == "": // met before the account was mapped
			if p, err = tx.Join(p, other, u); err != nil {
				return p, err
			}
		case err != nil && truce.KindOf(err) != truce.NotFound:
			return p, err
		default:
			if err := tx.Found(p.ID, u, p.Name, ""); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// known finds the person a source names: by e-mail address, else by an account.
func known(tx *storage.Tx, m Member) (truce.Person, error) {
	p, err := tx.PersonByEmail(m.Email)
	for i := 0; i < len(m.Users) && truce.KindOf(err) == truce.NotFound; i++ {
		p, err = tx.PersonByUser(m.Users[i])
	}
	return p, err
}

// refresh has the roles from user groups read again, for an admin who does not want to wait for the next round.
func (h *Handlers) refresh(c *Call) (chat.Reply, error) {
	switch {
	case !c.By.Has(truce.Admin):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "An admin can do that. User groups are read every ten minutes anyway.")
	case h.opt.RefreshPeople == nil:
		return chat.Reply{}, truce.Errorf(truce.NotFound, "There is no platform here with people to read: roles come from the configuration.")
	}
	c.Tx.AfterCommit(h.opt.RefreshPeople)
	return show(cards.Refreshing()), nil
}
