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

// leadsOfAccount are the leads whom a deal that names only its account may reach, the first to qualify first: those that name the
// account as the deal does, and those that name it otherwise or are of its domain.
func (tx *Tx) leadsOfAccount(d truce.Deal) (string, error) {
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
	names := []string{truce.FoldAccount(was.Name), truce.FoldAccount(is.Name)}
	keys := append([]string{truce.FoldAccount(is.ID)}, names...)
	domains, err := tx.texts(`SELECT DISTINCT substr(email_key, instr(email_key, '@') + 1) FROM leads WHERE account IN (SELECT value
		FROM json_each(?)) AND account <> '' AND email_key <> ''`, asJSON(keys))
	if err != nil {
		return fmt.Errorf("find who names account %s: %w", is.ID, err)
	}
	reached, err := tx.texts(`SELECT DISTINCT d.account FROM leads l JOIN outcomes o ON o.lead_id = l.id AND o.origin = 'account'
		JOIN deals d ON d.id = o.deal_id
		WHERE l.account IN (SELECT value FROM json_each(?)) AND l.account <> ''`, asJSON(keys))
	if err != nil {
		return fmt.Errorf("find whom leads of account %s were taken for: %w", is.ID, err)
	}
	return tx.accountsMoved(append(keys, reached...), []string{is.ID}, names, append(domains, was.Domain, is.Domain))
}

func (tx *Tx) anyAccounts() (some bool, err error) {
	return some, tx.row(`SELECT EXISTS (SELECT 1 FROM accounts)`, nil, &some)
}

// keysOfAccount are all keys by which deals and orders name the account that one of them names so; the key alone where it is none's.
func (tx *Tx) keysOfAccount(key string) ([]string, error) {
	for _, where := range []string{`id_key = ? AND id_key <> ''`, `name_key = ? AND name_key <> ''`} {
		list, err := all(tx, scanNamed, `SELECT `+namedColumns+` FROM accounts WHERE `+where+` LIMIT 2`, key)
		if err != nil {
			return nil, fmt.Errorf("find what account %q is called: %w", key, err)
		}
		if len(list) > 1 {
			break // two accounts of one name
		}
		if len(list) == 0 {
			continue
		}
		keys := []string{key}
		for _, k := range []string{list[0].idKey, list[0].nameKey} {
			if k == "" || slices.Contains(keys, k) {
				continue
			}
			if k == list[0].nameKey {
				if same, err := tx.AccountsBy(truce.ByAccountName, k); err != nil || len(same) > 1 {
					if err != nil {
						return nil, err
					}
					continue
				}
			}
			keys = append(keys, k)
		}
		return keys, nil
	}
	return []string{key}, nil
}
