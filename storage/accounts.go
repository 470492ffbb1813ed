package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is about people's accounts on platforms as the platforms see them: which must be looked at again, which are gone.

// Account is a person's identity on a platform, with the person.
type Account struct {
	UserID   string // chat.User.ID
	PersonID string
	Gone     time.Time // since when the platform says that it is deactivated; zero: it is not
}

// AccountsToCheck are accounts of active people on a network that the platform was last asked about before t, or never: those
// that refused our messages first, then the longest unasked; at most n.
func (tx *Tx) AccountsToCheck(network string, t time.Time, n int) ([]Account, error) {
	list, err := all(tx, func(scan func(...any) error) (a Account, err error) {
		return a, scan(&a.UserID, &a.PersonID, moment{&a.Gone})
	}, `SELECT i.user_id, i.person_id, i.gone_at FROM identities i JOIN people p ON p.id = i.person_id
		WHERE p.active = 1 AND i.gone_at IS NULL AND substr(i.user_id, 1, length(?)) = ? AND coalesce(i.checked_at, 0) < ?
		ORDER BY i.unreachable_at IS NULL, coalesce(i.checked_at, 0), i.user_id LIMIT ?`, network+":", network+":", millis(t), n)
	if err != nil {
		return nil, fmt.Errorf("find accounts to check: %w", err)
	}
	return list, nil
}

// CheckedAccount notes that the platform was asked, and what standing it gave the account.
func (tx *Tx) CheckedAccount(user, standing string) error {
	return tx.exec(`UPDATE identities SET checked_at = ?, standing = ? WHERE user_id = ?`, millis(tx.Now), standing, user)
}

// GoneAccount notes that the platform says an account is deactivated, and reports whether the person has no other one.
func (tx *Tx) GoneAccount(user string) (last bool, err error) {
	err = tx.exec(`UPDATE identities SET checked_at = ?, gone_at = coalesce(gone_at, ?), unreachable_at = coalesce(unreachable_at, ?) WHERE user_id = ?`,
		millis(tx.Now), millis(tx.Now), millis(tx.Now), user)
	if err != nil {
		return false, fmt.Errorf("note that %s is gone: %w", user, err)
	}
	n, err := tx.count(`SELECT count(*) FROM identities WHERE gone_at IS NULL AND person_id = (SELECT person_id FROM identities WHERE user_id = ?)`, user)
	return n == 0, err
}

// PeopleWithoutAccount are active people with a role and an e-mail address whom no platform has shown us yet, by id.
func (tx *Tx) PeopleWithoutAccount() ([]truce.Person, error) {
	return all(tx, scanPerson, `SELECT `+personColumns+` FROM people p WHERE p.active = 1 AND p.email <> ''
		AND EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id) AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.person_id = p.id) ORDER BY p.id`)
}

// RoleSources are the sources that gave roles and begin with a prefix: "group:" are the user groups.
func (tx *Tx) RoleSources(prefix string) ([]string, error) {
	return all(tx, func(scan func(...any) error) (s string, err error) { return s, scan(&s) },
		`SELECT DISTINCT source FROM roles WHERE substr(source, 1, length(?)) = ? ORDER BY source`, prefix, prefix)
}
