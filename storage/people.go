package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"truce"
)

// Roles are read by their key, so in order; DISTINCT would open a table of its own for each person.
const personColumns = `p.id, p.name, p.email, p.side, p.manager_id, p.zone, p.active, p.leave_from, p.leave_to, p.created_at,
	(SELECT json_group_array(r.role) FROM roles r WHERE r.person_id = p.id),
	(SELECT json_group_array(i.user_id) FROM identities i WHERE i.person_id = p.id)`

func scanPerson(scan func(...any) error) (p truce.Person, err error) {
	err = scan(&p.ID, &p.Name, &p.Email, &p.Side, text{&p.ManagerID}, &p.Zone, &p.Active, moment{&p.LeaveFrom}, moment{&p.LeaveTo},
		moment{&p.CreatedAt}, fromJSON{&p.Roles}, fromJSON{&p.Users})
	p.Roles = slices.Compact(p.Roles) // one stands there for each source of it, side by side
	return p, err
}

// Person finds a person by our id.
func (tx *Tx) Person(id string) (truce.Person, error) {
	return tx.onePerson(`p.id = ?`, id)
}

// PersonByUser finds the person behind a platform's user id.
func (tx *Tx) PersonByUser(user string) (truce.Person, error) {
	return tx.onePerson(`p.id = (SELECT person_id FROM identities WHERE user_id = ?)`, user)
}

// PersonByEmail finds the person with the e-mail address.
func (tx *Tx) PersonByEmail(email string) (truce.Person, error) {
	return tx.onePerson(`p.email <> '' AND p.email = ?`, truce.FoldEmail(email))
}

func (tx *Tx) onePerson(where string, arg any) (truce.Person, error) {
	list, err := all(tx, scanPerson, `SELECT `+personColumns+` FROM people p WHERE `+where, arg)
	if err != nil {
		return truce.Person{}, fmt.Errorf("find person %v: %w", arg, err)
	}
	if len(list) == 0 {
		return truce.Person{}, truce.Errorf(truce.NotFound, "I do not know this person.")
	}
	return list[0], nil
}

// People are all active people, by name.
func (tx *Tx) People() ([]truce.Person, error) {
	return all(tx, scanPerson, `SELECT `+personColumns+` FROM people p WHERE p.active = 1 ORDER BY p.name, length(p.id), p.id`)
}

// PeopleWith are the active people who hold one of the roles, by id: P-2 before P-10.
func (tx *Tx) PeopleWith(roles ...truce.Role) ([]truce.Person, error) {
	return all(tx, scanPerson, `SELECT `+personColumns+` FROM people p WHERE p.active = 1
		AND EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id AND r.role IN (SELECT value FROM json_each(?)))
		ORDER BY length(p.id), p.id`, asJSON(roles))
}

// AddPerson stores a new person and gives them an id, unless they bring the one they had in an export of ours.
func (tx *Tx) AddPerson(p truce.Person) (truce.Person, error) {
	if p.ID != "" {
		if err := tx.take("person", "P-", p.ID); err != nil {
			return p, err
		}
	} else {
		n, err := tx.next("person")
		if err != nil {
			return p, err
		}
		p.ID = fmt.Sprintf("P-%d", n)
	}
	p.CreatedAt, p.Active, p.Email = tx.Now, true, truce.FoldEmail(p.Email)
	p.Name = cmp.Or(p.Name, p.Email, p.ID)
	err := tx.exec(`INSERT INTO people (id, name, email, side, manager_id, zone, active, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)`,
		p.ID, p.Name, p.Email, p.Side, null(p.ManagerID), p.Zone, millis(tx.Now))
	if err != nil {
		return p, fmt.Errorf("add person %s: %w", p.ID, err)
	}
	return p, tx.resolveOwners(p)
}

// SavePerson stores what may change of a person: name, e-mail, side, manager, zone, active, leave.
func (tx *Tx) SavePerson(p truce.Person) error {
	err := tx.exec(`UPDATE people SET name = ?, email = ?, side = ?, manager_id = ?, zone = ?, active = ?, leave_from = ?, leave_to = ?
		WHERE id = ?`,
		p.Name, truce.FoldEmail(p.Email), p.Side, null(p.ManagerID), p.Zone, p.Active, millis(p.LeaveFrom), millis(p.LeaveTo), p.ID)
	if err != nil {
		return fmt.Errorf("save person %s: %w", p.ID, err)
	}
	p.Email = truce.FoldEmail(p.Email)
	return tx.resolveOwners(p)
}

// Found joins a platform's user id to a person who did nothing there: they are reached first where they were seen.
func (tx *Tx) Found(personID, user, name, standing string) error {
	var first int64
	if err := tx.row(`SELECT coalesce(min(seen_at) - 1, ?) FROM identities WHERE person_id = ? AND user_id <> ?`,
		[]any{millis(tx.Now), personID, user}, &first); err != nil {
		return fmt.Errorf("find the accounts of %s: %w", personID, err)
	}
	if err := tx.Identify(personID, user, name, standing); err != nil {
		return err
	}
	return tx.exec(`UPDATE identities SET seen_at = ? WHERE user_id = ?`, first, user)
}

// Identify joins a platform's user id to a person who did something there, and remembers what the platform said, "" where it said
// nothing.
func (tx *Tx) Identify(personID, user, name, standing string) error {
	err := tx.exec(`INSERT INTO identities (user_id, person_id, name, seen_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id) DO UPDATE SET person_id = excluded.person_id, name = excluded.name,
			seen_at = excluded.seen_at, unreachable_at = NULL, gone_at = NULL`, user, personID, name, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("identify %s as %s: %w", user, personID, err)
	}
	if err := tx.Heard(user, standing); err != nil {
		return err
	}
	return tx.letLeave(personID)
}

// Identity is a person on one platform.
type Identity struct {
	UserID      string
	SeenAt      time.Time
	Unreachable time.Time // when a message to them was refused; zero: reachable
}

// Identities are a person's platform ids, the one seen last first. One whose platform says that it is a guest's by now, or of
// elsewhere, is not among them: nothing is sent there.
func (tx *Tx) Identities(personID string) ([]Identity, error) {
	return all(tx, func(scan func(...any) error) (i Identity, err error) {
		return i, scan(&i.UserID, moment{&i.SeenAt}, moment{&i.Unreachable})
	}, `SELECT user_id, seen_at, unreachable_at FROM identities i WHERE person_id = ?
		AND NOT EXISTS (SELECT 1 FROM standings s WHERE s.user_id = i.user_id AND s.standing IN ('guest', 'outside'))
		ORDER BY seen_at DESC, user_id`, personID)
}

// Unreachable marks a platform id that refuses our messages; anything the person does there clears it (Identify).
func (tx *Tx) Unreachable(user string) error {
	return tx.exec(`UPDATE identities SET unreachable_at = ? WHERE user_id = ?`, millis(tx.Now), user)
}

// GiveRole gives a person a role. source says who decided: config, group, admin, demo.
func (tx *Tx) GiveRole(personID string, role truce.Role, source string) error {
	err := tx.exec(`INSERT INTO roles (person_id, role, source, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, personID, role, source,
		millis(tx.Now))
	if err != nil {
		return fmt.Errorf("give %s the role %s: %w", personID, role, err)
	}
	return nil
}

// TakeRole takes a role that the source gave; "" takes it whatever the source.
func (tx *Tx) TakeRole(personID string, role truce.Role, source string) error {
	return tx.exec(`DELETE FROM roles WHERE person_id = ? AND role = ? AND (source = ? OR ? = '')`, personID, role, source, source)
}

// RolesFrom are the roles that a source gave, by person.
func (tx *Tx) RolesFrom(source string) (map[string][]truce.Role, error) {
	m := map[string][]truce.Role{}
	return m, tx.each(`SELECT person_id, role FROM roles WHERE source = ? ORDER BY person_id, role`, []any{source},
		func(scan func(...any) error) error {
			var id string
			var r truce.Role
			err := scan(&id, &r)
			m[id] = append(m[id], r)
			return err
		})
}

// Pref is a person's setting; "" where it was never set.
func (tx *Tx) Pref(personID, key string) (string, error) {
	var v string
	err := tx.row(`SELECT value FROM prefs WHERE person_id = ? AND key = ?`, []any{personID, key}, &v)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return v, err
}

// SetPref keeps a person's setting; "" removes it.
func (tx *Tx) SetPref(personID, key, value string) error {
	if value == "" {
		return tx.exec(`DELETE FROM prefs WHERE person_id = ? AND key = ?`, personID, key)
	}
	return tx.exec(`INSERT INTO prefs (person_id, key, value) VALUES (?, ?, ?) ON CONFLICT (person_id, key) DO UPDATE
		SET value = excluded.value`, personID, key, value)
}

// SeenUser notes that a platform's user did something: they can be reached there again, and are reached there first.
func (tx *Tx) SeenUser(user string) error {
	n, err := tx.execN(`UPDATE identities SET seen_at = ?, unreachable_at = NULL, gone_at = NULL WHERE user_id = ? AND (seen_at < ?
		OR unreachable_at IS NOT NULL
		OR EXISTS (SELECT 1 FROM identities o WHERE o.person_id = identities.person_id AND o.seen_at > identities.seen_at))`,
		millis(tx.Now), user, millis(tx.Now.Add(-seenAnew)))
	if err != nil || n == 0 {
		return err
	}
	p, err := tx.PersonByUser(user)
	if err != nil {
		return err
	}
	return tx.letLeave(p.ID)
}

// Known is what there is of a platform's user: what the platform said last, and the person behind them.
type Known struct {
	Standing Standing
	Person   truce.Person // without an id: we do not know them
	Away     bool         // SeenUser has something to note of them
}

// Known is what there is of a platform's user, in one look.
func (tx *Tx) Known(user string) (k Known, err error) {
	found := false
	err = tx.each(`SELECT coalesce(s.standing, ''), s.heard_at, i.seen_at < ?2 OR i.unreachable_at IS NOT NULL
			OR EXISTS (SELECT 1 FROM identities o WHERE o.person_id = i.person_id AND o.seen_at > i.seen_at), `+personColumns+`
		FROM identities i JOIN people p ON p.id = i.person_id LEFT JOIN standings s ON s.user_id = i.user_id WHERE i.user_id = ?1`,
		[]any{user, millis(tx.Now.Add(-seenAnew))}, func(scan func(...any) error) (err error) {
			found = true
			k.Person, err = scanPerson(func(into ...any) error {
				return scan(append([]any{&k.Standing.Is, moment{&k.Standing.HeardAt}, &k.Away}, into...)...)
			})
			return err
		})
	if err == nil && !found {
		k.Standing, err = tx.Standing(user)
	}
	if err != nil {
		return Known{}, fmt.Errorf("look for user %s: %w", user, err)
	}
	return k, nil
}

// seenAnew is how long somebody counts as just seen: not each event is a write.
const seenAnew = 10 * time.Minute

// SetPlace remembers a conversation the bot is in (JSON of a chat.Place), or forgets one it has left.
func (tx *Tx) SetPlace(name string, place any, in bool) error {
	if !in {
		return tx.exec(`DELETE FROM places WHERE name = ?`, name)
	}
	return tx.exec(`INSERT INTO places (name, place, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
		SET place = excluded.place, at = excluded.at`, name, asJSON(place), millis(tx.Now))
}

// KnowsPlace reports whether the bot was added to the conversation with the id.
func (tx *Tx) KnowsPlace(id string) (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM places WHERE name = ?`, id)
	return n > 0, err
}

// ForgetPlaces forgets the conversations whose ids begin with prefix, such as all of a workspace that removed the app.
func (tx *Tx) ForgetPlaces(prefix string) error {
	return tx.exec(`DELETE FROM places WHERE substr(name, 1, length(?)) = ?`, prefix, prefix)
}

// UnreachableAll marks all platform ids that begin with prefix, such as all of a workspace that removed the app.
func (tx *Tx) UnreachableAll(prefix string) error {
	return tx.exec(`UPDATE identities SET unreachable_at = ? WHERE substr(user_id, 1, length(?)) = ?`, millis(tx.Now), prefix, prefix)
}

// PlaceNamed is the conversation of a network that the bot was added to and whose name it is, in any case of its letters; of
// several the newest: JSON of a chat.Place.
func (tx *Tx) PlaceNamed(network, name string) (place json.RawMessage, err error) {
	var s string
	err = tx.row(`SELECT place FROM places WHERE substr(name, 1, length(?)) = ? AND lower(json_extract(place, '$.name')) = lower(?)
		ORDER BY at DESC, name LIMIT 1`,
		[]any{network + ":", network + ":", name}, &s)
	return json.RawMessage(s), err
}
