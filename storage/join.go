package storage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"truce"
)

// This file joins two people who turn out to be one: somebody whom a platform let us meet without saying who they are (the roster of
// a Teams chat could not be read) is a person of their own until the platform vouches for their e-mail address.

// Vouched notes that a platform vouches for the e-mail address of a person who has none. Where somebody else has the address, the
// two are one from now on, under the id of the one who had it; that one is returned.
func (tx *Tx) Vouched(p truce.Person, email, user string) (truce.Person, error) {
	email = truce.FoldEmail(email)
	if email == "" || p.Email != "" {
		return p, nil
	}
	known, err := tx.PersonByEmail(email)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		p.Email = email
		return p, tx.SavePerson(p)
	case err != nil || known.ID == p.ID:
		return p, err
	}
	return tx.Join(known, p, user)
}

// Join makes one person of two: all that is other's is keep's afterwards, and other is no more. What both have once only (a setting,
// a role, a vote on the same answer) stays as keep has it. user is the account that showed that they are one.
func (tx *Tx) Join(keep, other truce.Person, user string) (truce.Person, error) {
	if keep.ID == other.ID {
		return keep, nil
	}
	fail := func(err error) (truce.Person, error) {
		return keep, fmt.Errorf("join %s to %s: %w", other.ID, keep.ID, err)
	}
	held, err := tx.CountHeld(other.ID)
	if err != nil {
		return fail(err)
	}
	rated, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT id FROM leads WHERE id IN (SELECT lead_id FROM ratings WHERE rater = ?1) OR owner_id = ?1 AND rating IS NOT NULL
			ORDER BY id`, other.ID)
	if err != nil {
		return fail(err)
	}
	for _, s := range joining() {
		if err := tx.exec(s, other.ID, keep.ID); err != nil {
			return fail(err)
		}
	}
	if err := tx.joinParties(other.ID, keep.ID); err != nil {
		return fail(err)
	}
	if err := tx.exec(`DELETE FROM people WHERE id = ?`, other.ID); err != nil {
		return fail(err)
	}
	for _, id := range rated { // which rating counts goes by who owns the lead
		if err := tx.settleRatings(id); err != nil {
			return fail(err)
		}
	}
	was := keep
	if keep.Side == truce.NoSide {
		keep.Side = other.Side
	}
	if keep.LeaveFrom.IsZero() {
		keep.LeaveFrom, keep.LeaveTo = other.LeaveFrom, other.LeaveTo
	}
	if keep.ManagerID == "" && other.ManagerID != keep.ID {
		keep.ManagerID = other.ManagerID
	}
	if keep.Zone == "" {
		keep.Zone = other.Zone
	}
	if keep.Active = keep.Active || other.Active; keep.Side != was.Side || keep.LeaveFrom != was.LeaveFrom ||
		keep.ManagerID != was.ManagerID || keep.Zone != was.Zone || keep.Active != was.Active {
		if err := tx.SavePerson(keep); err != nil {
			return fail(err)
		}
	}
	for kind, n := range held {
		if n == 0 {
			delete(held, kind)
		}
	}
	network, _, _ := strings.Cut(user, ":")
	if err := tx.Audit("", network, "person.joined", keep.ID, Joined{Was: other.ID, User: user, Held: held}); err != nil {
		return fail(err)
	}
	if err := tx.letLeave(keep.ID); err != nil {
		return fail(err)
	}
	if err := tx.RefreshHome(keep.ID); err != nil {
		return fail(err)
	}
	return tx.Person(keep.ID)
}

// Joined is what the audit log keeps of two people who became one.
type Joined struct {
	Was  string         `json:"was"`            // the id of the one who is no more
	User string         `json:"user"`           // the account that showed it
	Held map[string]int `json:"held,omitempty"` // what went over, by kind of record
}

// joinParties changes a person's id where it stands in lists: the parties of cases, the keys of rules.
func (tx *Tx) joinParties(from, to string) error {
	type row struct{ id, list string }
	scan := func(scan func(...any) error) (r row, err error) { return r, scan(&r.id, &r.list) }
	cases, err := all(tx, scan, `SELECT id, parties FROM disputes WHERE EXISTS (SELECT 1 FROM json_each(parties) WHERE value = ?)`, from)
	if err != nil {
		return err
	}
	for _, c := range cases {
		var parties []string
		if err := json.Unmarshal([]byte(c.list), &parties); err != nil {
			return fmt.Errorf("read the parties of %s: %w", c.id, err)
		}
		parties = slices.DeleteFunc(parties, func(p string) bool { return p == to })
		parties[slices.Index(parties, from)] = to
		if err := tx.exec(`UPDATE disputes SET parties = ? WHERE id = ?`, asJSON(parties), c.id); err != nil {
			return err
		}
	}
	return nil
}

// settleRatings stores anew what the ratings make of a lead.
func (tx *Tx) settleRatings(id string) error {
	before, err := tx.Lead(id)
	if err != nil {
		return err
	}
	ratings, err := tx.LeadRatings(id)
	if err != nil {
		return err
	}
	after := before
	inForce, _ := truce.RatingInForce(ratings, lastMoment)
	after.Rating = inForce.Value
	return tx.settleLead(before, after, nil, ratings)
}
