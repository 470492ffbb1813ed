package storage

import (
	"fmt"
	"slices"

	"truce"
)

// This file knows that a company has several names: the CRM's id, what it is called, and the domain of its people's addresses.
// What names one of them reaches what names another, by truce.MatchAccount, where the CRM's accounts were imported.

// ShareDomains names the domains that many companies share, so that by them nobody's account is found; free mail is none of them anyway.
func (s *Store) ShareDomains(domains []string) {
	list := slices.Clone(domains)
	s.shared.Store(&list)
}

func (tx *Tx) sharedDomains() []string {
	if list := tx.s.shared.Load(); list != nil {
		return *list
	}
	return nil
}

// named are the keys by which leads, deals and orders of an account may name it, besides the domain.
type named struct{ id, idKey, nameKey, domain string }

func scanNamed(scan func(...any) error) (n named, err error) {
	return n, scan(&n.id, &n.idKey, &n.nameKey, &n.domain)
}

const namedColumns = `id, id_key, name_key, domain`

// accountOf is the account that a deal's or an order's word for it means; false where it is none's, or several have that name.
func (tx *Tx) accountOf(told string) (n named, ok bool, err error) {
	id, err := truce.MatchAccount(told, "", "", nil, tx.AccountsBy)
	if err != nil || id == "" {
		return n, false, err
	}
	list, err := all(tx, scanNamed, `SELECT `+namedColumns+` FROM accounts WHERE id = ?`, id)
	if err != nil || len(list) == 0 {
		return n, false, err
	}
	return list[0], true, nil
}

// leadOfAccount is the lead that a deal which names only its account reaches, "" where it reaches none: the first to qualify of those that
// name the account as the deal does, name it otherwise, or are of its domain.
func (tx *Tx) leadOfAccount(d truce.Deal) (string, error) {
	from, until := d.Reaches()
	n, known, err := tx.accountOf(d.AccountName)
	if err != nil {
		return "", err
	}
	keys, domain := []string{d.Account}, ""
	if known {
		keys = append(keys, n.idKey, n.nameKey)
		if domain = n.domain; truce.FreeMail(domain) {
			domain = ""
		}
	}
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE id IN (
			SELECT id FROM leads WHERE account IN (SELECT value FROM json_each(?1)) AND account <> '' AND mql_at BETWEEN ?2 AND ?3
			UNION SELECT id FROM leads WHERE substr(email_key, instr(email_key, '@') + 1) = ?4 AND email_key <> '' AND ?4 <> '' AND mql_at BETWEEN ?2
			AND ?3)
		ORDER BY mql_at, id`, asJSON(keys), millis(from), millis(until), domain)
	if err != nil {
		return "", fmt.Errorf("find the lead that deal %s reaches: %w", d.ID, err)
	}
	for _, l := range list {
		if l.Account == d.Account {
			return l.ID, nil
		}
		id, err := truce.MatchAccount(l.AccountTold(), l.Company, l.Email, tx.sharedDomains(), tx.AccountsBy)
		if err != nil || id == n.id {
			return l.ID, err
		}
	}
	return "", nil
}

// leadsMoved notes that leads have come or changed: deals that name only the account may reach others now, which TellLeads sees to.
func (tx *Tx) leadsMoved(leads ...truce.Lead) error {
	var keys, told, names, domains []string
	for _, l := range leads {
		if key := account(l); key != "" {
			keys, told, names = append(keys, key), append(told, l.AccountTold()), append(names, key, truce.FoldAccount(l.Company))
		}
		if domain := truce.EmailDomain(l.Email); domain != "" {
			domains = append(domains, domain)
		}
	}
	return tx.accountsMoved(keys, told, names, domains)
}

// accountsMoved has deals looked at again that name an account by one of some keys, and those of the accounts that have one of
// some ids, folded names or domains, however they name them.
func (tx *Tx) accountsMoved(keys, ids, names, domains []string) error {
	var list []named
	some, err := tx.anyAccounts()
	if err == nil && some {
		list, err = all(tx, scanNamed, `SELECT `+namedColumns+` FROM accounts WHERE id IN (SELECT value FROM json_each(?1))
		UNION SELECT `+namedColumns+` FROM accounts WHERE name_key IN (SELECT value FROM json_each(?2)) AND name_key <> ''
		UNION SELECT `+namedColumns+` FROM accounts WHERE domain IN (SELECT value FROM json_each(?3)) AND domain <> ''`, asJSON(ids),
			asJSON(names), asJSON(domains))
	}
	if err != nil {
		return fmt.Errorf("find whose leads have come: %w", err)
	}
	for _, n := range list {
		keys = append(keys, n.idKey, n.nameKey)
	}
	if len(keys) == 0 {
		return nil
	}
	err = tx.exec(`UPDATE deals SET told_account = 0 WHERE told_account = 1 AND account <> '' AND account IN (SELECT value
		FROM json_each(?))`, asJSON(keys))
	if err != nil {
		return fmt.Errorf("note whose leads have come: %w", err)
	}
	return nil
}

// renamed has deals looked at again because of an account that is new or is called otherwise: its own, those of who has its
// domains, and those that leads of its names had been found by till now, or may be from now on.
func (tx *Tx) renamed(was, is truce.Account) error {
	var some bool // of the first import of most, accounts come before deals: then there is nothing to look for
	if err := tx.row(`SELECT EXISTS (SELECT 1 FROM deals WHERE account <> '')`, nil, &some); err != nil || !some {
		return err
	}
	names := []string{truce.FoldAccount(was.Name), truce.FoldAccount(is.Name)}
	keys := append([]string{truce.FoldAccount(is.ID)}, names...)
	var domains, reached []string
	err := tx.each(`SELECT 0, substr(email_key, instr(email_key, '@') + 1) FROM leads WHERE account IN (SELECT value
			FROM json_each(?1)) AND account <> '' AND email_key <> ''
		UNION SELECT 1, d.account FROM leads l JOIN outcomes o ON o.lead_id = l.id AND o.origin = 'account'
			JOIN deals d ON d.id = o.deal_id
			WHERE l.account IN (SELECT value FROM json_each(?1)) AND l.account <> ''`, []any{asJSON(keys)}, func(scan func(...any) error) error {
		var deal bool
		var text string
		err := scan(&deal, &text)
		if deal {
			reached = append(reached, text)
		} else {
			domains = append(domains, text)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find who names account %s, and whom its leads were taken for: %w", is.ID, err)
	}
	return tx.accountsMoved(append(keys, reached...), []string{is.ID}, names, append(domains, was.Domain, is.Domain))
}

func (tx *Tx) anyAccounts() (some bool, err error) {
	return some, tx.row(`SELECT EXISTS (SELECT 1 FROM accounts)`, nil, &some)
}

// callings are accounts by the keys under which deals and orders name them.
type callings struct{ byID, byName map[string][]named }

func (tx *Tx) callings(where string, args ...any) (callings, error) {
	c := callings{map[string][]named{}, map[string][]named{}}
	list, err := all(tx, scanNamed, `SELECT `+namedColumns+` FROM accounts `+where, args...)
	if err != nil {
		return c, fmt.Errorf("read what accounts are called: %w", err)
	}
	for _, n := range list {
		if n.idKey != "" {
			c.byID[n.idKey] = append(c.byID[n.idKey], n)
		}
		if n.nameKey != "" {
			c.byName[n.nameKey] = append(c.byName[n.nameKey], n)
		}
	}
	return c, nil
}

// keys are all keys by which deals and orders name the account that one of them names so; the key alone where it is none's, or two
// accounts have it.
func (c callings) keys(key string) []string {
	of := c.byID[key]
	if len(of) == 0 {
		of = c.byName[key]
	}
	keys := []string{key}
	if len(of) != 1 {
		return keys
	}
	for _, k := range []string{of[0].idKey, of[0].nameKey} {
		if k != "" && !slices.Contains(keys, k) && (k != of[0].nameKey || len(c.byName[k]) == 1) {
			keys = append(keys, k)
		}
	}
	return keys
}

// callingsOf are the accounts that keys name, and those that are called like one of them.
func (tx *Tx) callingsOf(keys []string) (callings, error) {
	return tx.callings(`WHERE id_key IN (SELECT value FROM json_each(?1)) AND id_key <> ''
		UNION SELECT `+namedColumns+` FROM accounts WHERE name_key IN (SELECT value FROM json_each(?1)) AND name_key <> ''
		UNION SELECT `+namedColumns+` FROM accounts WHERE name_key <> ''
			AND name_key IN (SELECT name_key FROM accounts WHERE id_key IN (SELECT value FROM json_each(?1)) AND id_key <> '')`, asJSON(keys))
}

// keysOfAccount are the keys of one account, see callings.
func (tx *Tx) keysOfAccount(key string) ([]string, error) {
	c, err := tx.callingsOf([]string{key})
	return c.keys(key), err
}
