package handlers

import (
	"context"
	"fmt"
	"slices"

	"truce"
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
	p, err := tx.PersonByEmail(m.Email)
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
		if p.Name != was.Name || p.Side != was.Side || p.Zone != was.Zone {
			if err := tx.SavePerson(p); err != nil {
				return p, err
			}
		}
	}
	for _, u := range m.Users {
		if !slices.Contains(p.Users, u) {
			if err := tx.Identify(p.ID, u, p.Name, "member"); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}
