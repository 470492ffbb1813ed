package storage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file finds companies by what people call them, and reads what is known of one.

// FindCompanies are the companies that a text names: by the account's id, by the whole name, else by how it begins. The best match comes
// first; at most n.
func (tx *Tx) FindCompanies(text string, n int) ([]truce.Company, error) {
	text, key := strings.TrimSpace(text), truce.FoldAccount(text)
	if key == "" {
		return nil, nil
	}
	scan := func(scan func(...any) error) (c truce.Company, err error) {
		return c, scan(&c.AccountID, &c.Name, &c.Key, &c.Domain)
	}
	list, err := all(tx, scan, `SELECT id, name, name_key, domain FROM accounts WHERE id = ?1 OR (name_key >= ?2 AND name_key < ?3)
		ORDER BY id <> ?1, name_key <> ?2, name_key, id LIMIT ?4`,
		text, key, key+"\U0010FFFF", n)
	if err != nil {
		return nil, fmt.Errorf("find company %q: %w", text, err)
	}
	if len(list) > 0 && list[0].AccountID == text {
		return list[:1], nil
	}
	seen := map[string]bool{}
	for _, c := range list {
		seen[c.Key], seen[truce.FoldAccount(c.AccountID)] = true, true
	}
	told, err := tx.texts(`SELECT account
		FROM (SELECT DISTINCT account FROM leads WHERE account >= ?1 AND account < ?2 AND account <> ''
		UNION SELECT DISTINCT account FROM deals WHERE account >= ?1 AND account < ?2 AND account <> '') ORDER BY account <> ?1, account
		LIMIT ?3`, key, key+"\U0010FFFF", n+len(list))
	if err != nil {
		return nil, fmt.Errorf("find company %q: %w", text, err)
	}
	for _, k := range told {
		if seen[k] {
			continue
		}
		c := truce.Company{Key: k, Name: k}
		err := tx.row(`SELECT coalesce((SELECT nullif(company, '') FROM leads WHERE account = ?1 AND account <> '' ORDER BY mql_at DESC, id
			LIMIT 1),
			(SELECT nullif(account_name, '') FROM deals WHERE account = ?1 AND account <> '' ORDER BY opened_at DESC, id LIMIT 1), ?1)`, []any{k},
			&c.Name)
		if err != nil {
			return nil, fmt.Errorf("name company %q: %w", k, err)
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b truce.Company) int {
		exact := func(c truce.Company) int { return map[bool]int{true: 0, false: 1}[c.Key == key] }
		return cmp.Or(cmp.Compare(exact(a), exact(b)), cmp.Compare(a.Key, b.Key))
	})
	return list[:min(len(list), n)], nil
}

// keysOf are by what leads, deals and orders may name a company.
func keysOf(c truce.Company) string {
	keys := []string{c.Key}
	if id := truce.FoldAccount(c.AccountID); id != "" && id != c.Key {
		keys = append(keys, id)
	}
	return asJSON(keys)
}

// LeadsOfCompany are a company's newest leads, at most n: by the account they name, and those that name none by its domain.
func (tx *Tx) LeadsOfCompany(c truce.Company, n int) ([]truce.Lead, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE account IN (SELECT value FROM json_each(?)) AND account <> ''
		ORDER BY mql_at DESC, id LIMIT ?`, keysOf(c), n)
	if err == nil && c.Domain != "" {
		var more []truce.Lead
		more, err = all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE account = '' AND email_key <> ''
			AND substr(email_key, instr(email_key, '@') + 1) = ? ORDER BY mql_at DESC, id LIMIT ?`, c.Domain, n)
		list = append(list, more...)
	}
	if err != nil {
		return nil, fmt.Errorf("read the leads of %s: %w", c.Name, err)
	}
	slices.SortStableFunc(list, func(a, b truce.Lead) int { return b.MQLAt.Compare(a.MQLAt) })
	return list[:min(len(list), n)], nil
}

// listedOfCompany is how many of each kind a company's card lists.
const listedOfCompany = 5

// CompanyFile reads what is known of a company at a moment.
func (tx *Tx) CompanyFile(c truce.Company, at time.Time) (f truce.CompanyFile, err error) {
	f.Company, f.Themes = c, map[string]string{}
	if f.Leads, err = tx.LeadsOfCompany(c, listedOfCompany); err != nil {
		return f, err
	}
	if err = tx.row(`SELECT count(*) FROM leads WHERE account IN (SELECT value FROM json_each(?1)) AND account <> ''`, []any{keysOf(c)},
		&f.AllLeads); err != nil {
		return f, fmt.Errorf("count the leads of %s: %w", c.Name, err)
	}
	if c.Domain != "" {
		n, err := tx.count(`SELECT count(*) FROM leads WHERE account = '' AND email_key <> ''
			AND substr(email_key, instr(email_key, '@') + 1) = ?`, c.Domain)
		if err != nil {
			return f, fmt.Errorf("count the leads of %s: %w", c.Name, err)
		}
		f.AllLeads += int(n)
	}
	if f.Deals, err = all(tx, scanDeal, `SELECT `+dealColumns+` FROM deals d WHERE account IN (SELECT value FROM json_each(?))
		AND account <> '' ORDER BY opened_at DESC, id LIMIT ?`,
		keysOf(c), listedOfCompany); err != nil {
		return f, fmt.Errorf("read the deals of %s: %w", c.Name, err)
	}
	if err = tx.row(`SELECT coalesce(sum(status = 'won'), 0), coalesce(sum(status = 'lost'), 0), coalesce(sum(status = 'opportunity'), 0)
		FROM deals
		WHERE account IN (SELECT value FROM json_each(?)) AND account <> ''`, []any{keysOf(c)}, &f.Won, &f.Lost, &f.Open); err != nil {
		return f, fmt.Errorf("count the deals of %s: %w", c.Name, err)
	}
	if f.Paid, err = tx.sumsOf(`SELECT currency, sum(amount) FROM deals WHERE status = 'won' AND amount IS NOT NULL AND account <> ''
		AND account IN (SELECT value FROM json_each(?)) GROUP BY currency ORDER BY currency`, c); err != nil {
		return f, err
	}
	if err = tx.row(`SELECT count(*), max(at) FROM orders WHERE account IN (SELECT value FROM json_each(?)) AND at <= ?`,
		[]any{keysOf(c), millis(at)}, &f.Orders, moment{&f.LastOrder}); err != nil {
		return f, fmt.Errorf("count the orders of %s: %w", c.Name, err)
	}
	if f.Ordered, err = tx.sumsOf(`SELECT currency, sum(amount) FROM orders WHERE account IN (SELECT value FROM json_each(?)) GROUP BY currency
		ORDER BY currency`, c); err != nil {
		return f, err
	}
	return f, tx.saidOfCompany(&f)
}

func (tx *Tx) sumsOf(query string, c truce.Company) ([]truce.Money, error) {
	list, err := all(tx, func(scan func(...any) error) (m truce.Money, err error) { return m, scan(&m.Currency, &m.Amount) }, query, keysOf(c))
	if err != nil {
		return nil, fmt.Errorf("sum up what %s paid: %w", c.Name, err)
	}
	return list, nil
}

// saidOfCompany reads what was heard of a company: objections and interviews.
func (tx *Tx) saidOfCompany(f *truce.CompanyFile) error {
	heard, err := all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE undone_at IS NULL AND account <> ''
		AND lower(substr(account, 1, ?)) = ? ORDER BY created_at DESC, id`,
		len([]rune(f.Key)), f.Key)
	if err != nil {
		return fmt.Errorf("read the objections of %s: %w", f.Name, err)
	}
	for _, o := range heard {
		if truce.FoldAccount(o.Account) != f.Key {
			continue
		}
		if f.Heard++; len(f.Objections) == listedOfCompany {
			continue
		}
		f.Objections = append(f.Objections, o)
		if o.ThemeID != "" && f.Themes[o.ThemeID] == "" {
			t, err := tx.Theme(o.ThemeID)
			if err != nil {
				return err
			}
			f.Themes[o.ThemeID] = t.Name
		}
	}
	f.Interviews, err = tx.InterviewsWith(f.Name)
	return err
}
