package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// people reads who works here: their side, roles and manager. Roles given by other sources, such as the configuration, stay.
type people struct{ values }

// rolesFrom is the source under which an import gives roles; what a later import no longer names it takes again.
const rolesFrom = "import"

func (k people) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	p := &person{id: c.ours("truce_id"), email: truce.FoldEmail(c.email("email")), name: c.text("name"), manager: c.text("manager"),
		zone:   c.text("time_zone"),
		active: c.ours("truce_active"), own: k.own, hasRoles: b.Source("role").Bound()}
	if p.email == "" && p.id == "" {
		c.miss("email", "no email; every row needs one")
	}
	if side := c.text("side"); side != "" {
		s, err := sheet.ParseChoice(side, string(truce.Sales), string(truce.Marketing))
		if err != nil {
			c.fail("side", err)
		}
		p.side = truce.Side(s)
	}
	for role := range strings.SplitSeq(c.text("role"), ";") {
		if strings.TrimSpace(role) == "" {
			continue
		}
		r, err := truce.ParseRole(role)
		if err != nil {
			c.fail("role", err)
		}
		p.roles = append(p.roles, r)
	}
	if _, err := time.LoadLocation(p.zone); err != nil {
		c.fail("time_zone", fmt.Errorf("%q is not a time zone such as Europe/Berlin", p.zone))
	}
	if p.manager != "" && !(k.own && strings.HasPrefix(p.manager, "P-")) {
		p.manager = truce.FoldEmail(c.email("manager"))
	}
	if k.own {
		p.leaveFrom, p.leaveTo = c.date("truce_leave_from"), c.date("truce_leave_to")
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return p, nil
}

type person struct {
	id, email, name, manager, zone, active string
	side                                   truce.Side
	roles                                  []truce.Role
	hasRoles, own                          bool
	leaveFrom, leaveTo                     time.Time
}

func (r *person) save(tx *storage.Tx) (storage.Change, error) {
	p, change, err := r.find(tx)
	if err != nil {
		return "", err
	}
	was := p
	if r.email != "" {
		p.Email = r.email
	}
	if r.name != "" {
		p.Name = r.name
	}
	if r.side != truce.NoSide {
		p.Side = r.side
	}
	if r.zone != "" {
		p.Zone = r.zone
	}
	if r.own {
		p.Active, p.LeaveFrom, p.LeaveTo = r.active != "no", r.leaveFrom, r.leaveTo
	}
	if r.manager != "" {
		if p.ManagerID, err = r.managerID(tx); err != nil {
			return "", err
		}
	}
	if p.Name != was.Name || p.Email != was.Email || p.Side != was.Side || p.Zone != was.Zone || p.ManagerID != was.ManagerID ||
		p.Active != was.Active ||
		!p.LeaveFrom.Equal(was.LeaveFrom) || !p.LeaveTo.Equal(was.LeaveTo) {
		if err := tx.SavePerson(p); err != nil {
			return "", err
		}
		change = orChanged(change)
	}
	gave, err := r.giveRoles(tx, p)
	if gave {
		change = orChanged(change)
	}
	return change, err
}

func orChanged(c storage.Change) storage.Change {
	if c == storage.Added {
		return c
	}
	return storage.Changed
}

// find finds or makes the person.
func (r *person) find(tx *storage.Tx) (truce.Person, storage.Change, error) {
	var p truce.Person
	var err error
	if r.id != "" {
		p, err = tx.Person(r.id)
		if err == nil && r.email != "" && p.Email != r.email {
			return p, "", &fault{field: "truce_id", reason: ReasonTaken,
				err: fmt.Errorf("%s is somebody else here; import an export of another database into an empty one", r.id)}
		}
	} else {
		p, err = tx.PersonByEmail(r.email)
	}
	if truce.KindOf(err) != truce.NotFound {
		return p, storage.Unchanged, err
	}
	if r.id != "" && r.email != "" {
		if _, err := tx.PersonByEmail(r.email); truce.KindOf(err) != truce.NotFound {
			if err == nil {
				err = &fault{field: "truce_id", reason: ReasonTaken, err: fmt.Errorf("%s has another id here; import an export of another database "+
					"into an empty one", r.email)}
			}
			return p, "", err
		}
	}
	p, err = tx.AddPerson(truce.Person{ID: r.id, Name: r.name, Email: r.email, Side: r.side, Zone: r.zone})
	return p, storage.Added, err
}

// managerID finds the manager; one who is not here yet comes in with the address alone.
func (r *person) managerID(tx *storage.Tx) (string, error) {
	if strings.HasPrefix(r.manager, "P-") {
		m, err := tx.Person(r.manager)
		if truce.KindOf(err) == truce.NotFound {
			return "", &fault{field: "manager", reason: ReasonUnknown, err: fmt.Errorf("there is no person %s", r.manager)}
		}
		return m.ID, err
	}
	m, err := tx.PersonByEmail(r.manager)
	if truce.KindOf(err) == truce.NotFound {
		m, err = tx.AddPerson(truce.Person{Email: r.manager})
	}
	return m.ID, err
}

// giveRoles makes the roles that imports gave those of the row; a file without roles leaves them.
func (r *person) giveRoles(tx *storage.Tx, p truce.Person) (changed bool, err error) {
	if !r.hasRoles {
		return false, nil
	}
	all, err := tx.RolesFrom(rolesFrom)
	if err != nil {
		return false, err
	}
	had := all[p.ID]
	for _, role := range r.roles {
		if slices.Contains(had, role) {
			continue
		}
		changed = true
		if err := tx.GiveRole(p.ID, role, rolesFrom); err != nil {
			return changed, err
		}
		if err := tx.Audit("", rolesFrom, "role.give", p.ID, role); err != nil {
			return changed, err
		}
	}
	for _, role := range had {
		if slices.Contains(r.roles, role) {
			continue
		}
		changed = true
		if err := tx.TakeRole(p.ID, role, rolesFrom); err != nil {
			return changed, err
		}
		if err := tx.Audit("", rolesFrom, "role.take", p.ID, role); err != nil {
			return changed, err
		}
	}
	return changed, nil
}
