package storage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file keeps companies as the CRM tells them, what was known of them when, and what leads said before they were told otherwise.

// Always is a moment for UpsertAccount that is before everything.
var Always = time.UnixMilli(0).UTC()

// UpsertAccount stores an account as the CRM tells it: the values are what it says now. An empty field leaves what is known. What
// a new account brings counts as known before everything; what is told otherwise, or for the first time, later, as known from now
// on. knownAt, where it is not zero, says since when the values are known instead; Always is before everything.
func (tx *Tx) UpsertAccount(a truce.Account, knownAt time.Time) (Change, error) {
	if a.ID == "" {
		return "", truce.Errorf(truce.Invalid, "An account needs an id.")
	}
	a.Domain, knownAt = truce.FoldDomain(a.Domain), whole(knownAt)
	change, at := Added, knownAt
	was, err := tx.Account(a.ID)
	switch {
	case err == nil:
		if change = Unchanged; at.IsZero() {
			at = tx.Now
		}
	case truce.KindOf(err) != truce.NotFound:
		return "", err
	}
	a.Name, a.Domain = cmp.Or(a.Name, was.Name), cmp.Or(a.Domain, was.Domain)
	if change == Added || a.Name != was.Name || a.Domain != was.Domain {
		if change == Unchanged {
			change = Changed
		}
		err := tx.exec(`INSERT INTO accounts (id, id_key, name, name_key, domain, recorded_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, domain = excluded.domain,
			recorded_at = excluded.recorded_at`,
			a.ID, truce.FoldAccount(a.ID), a.Name, truce.FoldAccount(a.Name), a.Domain, millis(tx.Now))
		if err != nil {
			return "", fmt.Errorf("save account %s: %w", a.ID, err)
		}
		if err := tx.renamed(was, a); err != nil {
			return "", err
		}
	}
	for _, k := range a.Values {
		before, known := "", false
		for _, had := range was.Values { // the first known one first
			if had.Attribute == k.Attribute && (knownAt.IsZero() || !had.At.After(at)) {
				before, known = had.Value, true
			}
		}
		if known && before == k.Value {
			continue
		}
		if change == Unchanged {
			change = Changed
		}
		err := tx.exec(`INSERT INTO account_values (account_id, attribute, value, known_at, recorded_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (account_id, attribute, known_at) DO UPDATE SET value = excluded.value, recorded_at = excluded.recorded_at`,
			a.ID, k.Attribute, k.Value, known0(at), millis(tx.Now))
		if err != nil {
			return "", fmt.Errorf("save what is known of account %s: %w", a.ID, err)
		}
	}
	return change, nil
}

// known0 is a moment as account_values keeps it: 0, and what is before 1970, for always.
func known0(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(0, t.UnixMilli())
}

// knownMoment reads what known0 writes.
type knownMoment struct{ t *time.Time }

func (k knownMoment) Scan(v any) error {
	*k.t = time.Time{}
	if n, ok := v.(int64); ok && n != 0 {
		*k.t = time.UnixMilli(n).UTC()
	}
	return nil
}

// Account finds an account by the CRM's id.
func (tx *Tx) Account(id string) (a truce.Account, err error) {
	err = tx.eachAccount(`WHERE a.id = ?`, []any{id}, func(found truce.Account) error { a = found; return nil })
	if err == nil && a.ID == "" {
		err = truce.Errorf(truce.NotFound, "There is no account %q.", id)
	}
	return a, err
}

// EachAccount calls fn for every account with all that is known of it, by id.
func (tx *Tx) EachAccount(fn func(truce.Account) error) error { return tx.eachAccount(``, nil, fn) }

func (tx *Tx) eachAccount(where string, args []any, fn func(truce.Account) error) error {
	var a truce.Account
	err := tx.each(`SELECT a.id, a.name, a.domain, coalesce(v.attribute, ''), coalesce(v.value, ''), coalesce(v.known_at, 0)
		FROM accounts a LEFT JOIN account_values v ON v.account_id = a.id `+where+` ORDER BY a.id, v.attribute, v.known_at`, args,
		func(scan func(...any) error) error {
			var next truce.Account
			var k truce.Known
			if err := scan(&next.ID, &next.Name, &next.Domain, &k.Attribute, &k.Value, knownMoment{&k.At}); err != nil {
				return err
			}
			if next.ID != a.ID {
				if a.ID != "" {
					if err := fn(a); err != nil {
						return err
					}
				}
				a = next
			}
			if k.Attribute != "" {
				a.Values = append(a.Values, k)
			}
			return nil
		})
	if err == nil && a.ID != "" {
		err = fn(a)
	}
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	return nil
}

// AccountAttributes are the names of all attributes that accounts have, sorted.
func (tx *Tx) AccountAttributes() ([]string, error) {
	return tx.texts(`SELECT DISTINCT attribute FROM account_values
		ORDER BY attribute`)
}

// AccountsBy are the accounts that have a key, two at most: more than one is as good as none. See truce.MatchAccount.
func (tx *Tx) AccountsBy(by truce.AccountKey, key string) ([]string, error) {
	where := map[truce.AccountKey]string{truce.ByAccountID: `id = ?`, truce.ByAccountName: `name_key = ? AND name_key <> ''`,
		truce.ByAccountDomain: `domain = ? AND domain <> ''`}[by]
	list, err := tx.texts(`SELECT id FROM accounts WHERE `+where+` ORDER BY id LIMIT 2`, key)
	if err != nil {
		return nil, fmt.Errorf("find account %q: %w", key, err)
	}
	return list, nil
}

// LeadAccount is the account of a lead; one without an id where it has none. shared are domains that many companies share.
func (tx *Tx) LeadAccount(l truce.Lead, shared []string) (truce.Account, error) {
	id, err := truce.MatchAccount(l.AccountTold(), l.Company, l.Email, shared, tx.AccountsBy)
	if err != nil || id == "" {
		return truce.Account{}, err
	}
	return tx.Account(id)
}

// CountAccounts is how many accounts there are.
func (tx *Tx) CountAccounts() (int, error) {
	n, err := tx.count(`SELECT count(*) FROM accounts`)
	return int(n), err
}

// noteBefore keeps what a lead said before it was told otherwise; since is the moment from which the new values are known.
func (tx *Tx) noteBefore(before, after truce.Lead, since time.Time) error {
	was, is := attributesOf(before), attributesOf(after)
	if maps.Equal(was, is) {
		return nil
	}
	names := slices.Collect(maps.Keys(is))
	for name := range was {
		if _, kept := is[name]; !kept {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if was[name] == is[name] {
			continue
		}
		err := tx.exec(`INSERT INTO lead_values (lead_id, attribute, value, until_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, after.ID, name,
			was[name], since.UnixMilli())
		if err != nil {
			return fmt.Errorf("keep what lead %s said of %s: %w", after.ID, name, err)
		}
	}
	return nil
}

// notKnownBefore keeps of a new lead that nothing was known of it before, where its row says since when.
func (tx *Tx) notKnownBefore(l truce.Lead) error {
	if l.KnownAt.IsZero() {
		return nil
	}
	return tx.noteBefore(truce.Lead{}, l, whole(l.KnownAt))
}

// attributesOf is what a profile may ask of a lead itself, by the names of lead_values.
func attributesOf(l truce.Lead) map[string]string {
	m := make(map[string]string, len(l.Attrs)+5)
	maps.Copy(m, l.Attrs)
	for name, v := range map[string]string{"segment": l.Segment, "product": l.Product, "source": l.Source, "campaign": l.Campaign,
		"company": l.Company} {
		if v = strings.TrimSpace(v); v != "" {
			m[name] = v
		}
	}
	return m
}

// LeadChanges are what a lead said before it was told otherwise, the first change first.
func (tx *Tx) LeadChanges(id string) ([]truce.Changed, error) {
	list, err := all(tx, scanChanged, `SELECT attribute, value, until_at FROM lead_values WHERE lead_id = ? ORDER BY until_at, attribute`, id)
	if err != nil {
		return nil, fmt.Errorf("read how lead %s changed: %w", id, err)
	}
	return list, nil
}

func scanChanged(scan func(...any) error) (c truce.Changed, err error) {
	return c, scan(&c.Attribute, &c.Value, moment{&c.Until})
}
