package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is about people's accounts on platforms as the platforms see them: which must be looked at again, which are gone.

// Account is somebody's identity on a platform.
type Account struct {
	UserID   string // chat.User.ID
	PersonID string // "" of somebody who never wrote to us, such as a guest who was refused
}

// AccountsToCheck are accounts on a network that the platform was last asked about before t, or never: those of people who refused
// our messages first, then the longest unasked, people before others; at most n.
func (tx *Tx) AccountsToCheck(network string, t time.Time, n int) ([]Account, error) {
	list, err := all(tx, func(scan func(...any) error) (a Account, err error) {
		return a, scan(&a.UserID, &a.PersonID)
	}, `SELECT user_id, person_id FROM (
			SELECT i.user_id, i.person_id, i.unreachable_at, coalesce(s.asked_at, 0) AS asked FROM identities i JOIN people p ON p.id = i.person_id
				LEFT JOIN standings s ON s.user_id = i.user_id WHERE p.active = 1 AND i.gone_at IS NULL
			UNION ALL
			SELECT s.user_id, '', NULL, coalesce(s.asked_at, 0) FROM standings s
				WHERE s.standing <> 'left' AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.user_id = s.user_id))
		WHERE substr(user_id, 1, length(?1)) = ?1 AND asked < ?2
		ORDER BY unreachable_at IS NULL, person_id = '', asked, user_id LIMIT ?3`, network+":", millis(t), n)
	if err != nil {
		return nil, fmt.Errorf("find accounts to check: %w", err)
	}
	return list, nil
}

// GoneAccount notes that the platform says an account is deactivated, and reports whether the person has no other one.
func (tx *Tx) GoneAccount(user string) (last bool, err error) {
	if err := tx.Heard(user, "left"); err != nil {
		return false, err
	}
	err = tx.exec(`UPDATE identities SET gone_at = coalesce(gone_at, ?1), unreachable_at = coalesce(unreachable_at, ?1)
		WHERE user_id = ?2`, millis(tx.Now), user)
	if err != nil {
		return false, fmt.Errorf("note that %s is gone: %w", user, err)
	}
	n, err := tx.count(`SELECT count(*) FROM identities WHERE gone_at IS NULL AND person_id = (SELECT person_id FROM identities
		WHERE user_id = ?)`, user)
	return n == 0, err
}

// PeopleWithoutAccount are active people with a role and an e-mail address whom no platform has shown us yet, by id.
func (tx *Tx) PeopleWithoutAccount() ([]truce.Person, error) {
	return all(tx, scanPerson, `SELECT `+personColumns+` FROM people p WHERE p.active = 1 AND p.email <> ''
		AND EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id) AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.person_id = p.id)
		ORDER BY p.id`)
}

// RoleSources are the sources that gave roles and begin with a prefix: "group:" are the user groups.
func (tx *Tx) RoleSources(prefix string) ([]string, error) {
	return tx.texts(`SELECT DISTINCT source FROM roles WHERE substr(source, 1, length(?)) = ? ORDER BY source`, prefix, prefix)
}
