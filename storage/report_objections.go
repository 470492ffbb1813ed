package storage

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"truce"
)

// ObjectionLog is an objection as reports hold it against what became of its account.
type ObjectionLog struct {
	Theme, Stage string
	Rep          string // whose experience it is
	Account      string // folded; of the lead where the objection names only that
	LeadID       string
	At           time.Time
}

// ObjectionLogs are the objections of [from, to) that have a theme, a stage, and an account or a lead, oldest first.
func (tx *Tx) ObjectionLogs(from, to time.Time) ([]ObjectionLog, error) {
	list, err := all(tx, func(scan func(...any) error) (o ObjectionLog, err error) {
		var named, known string
		err = scan(&o.Theme, &o.Stage, &o.Rep, &named, &known, &o.LeadID, moment{&o.At})
		if o.Stage, o.Account = strings.ToLower(strings.TrimSpace(o.Stage)), truce.FoldAccount(named); o.Account == "" {
			o.Account = known
		}
		return o, err
	}, `SELECT o.theme_id, o.stage, o.author_id, o.account, coalesce(l.account, ''), coalesce(l.id, ''), o.created_at FROM objections o
		LEFT JOIN leads l ON l.id = o.lead_id
		WHERE o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL AND o.theme_id <> '' AND trim(o.stage) <> '' AND (o.account <> ''
		OR l.id IS NOT NULL)
		ORDER BY o.created_at, o.id`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read the objections of accounts: %w", err)
	}
	return list, nil
}

// ThemeNames are the names of all themes by id.
func (tx *Tx) ThemeNames() (map[string]string, error) {
	names := map[string]string{}
	err := tx.each(`SELECT id, name FROM themes`, nil, func(scan func(...any) error) error {
		var id, name string
		err := scan(&id, &name)
		names[id] = name
		return err
	})
	return names, err
}

// EachHeard calls fn with each objection of [from, to) that has a theme: when it was logged, and at whom, the account (its folded name,
// else that of the lead) or else the lead or the logger.
func (tx *Tx) EachHeard(from, to time.Time, fn func(theme, unit string, at time.Time)) error {
	return tx.eachHeard(from, to, func(theme, account, other string, at time.Time) { fn(theme, cmp.Or(account, other), at) })
}

// EachHeardAccount is EachHeard of the objections whose account is known.
func (tx *Tx) EachHeardAccount(from, to time.Time, fn func(theme, account string, at time.Time)) error {
	return tx.eachHeard(from, to, func(theme, account, _ string, at time.Time) {
		if account != "" {
			fn(theme, account, at)
		}
	})
}

// eachHeard is EachHeard with the account, "" where none is known, apart from the lead or the logger.
func (tx *Tx) eachHeard(from, to time.Time, fn func(theme, account, other string, at time.Time)) error {
	err := tx.each(`SELECT o.theme_id, o.account, coalesce(l.account, ''), coalesce(o.lead_id, ''), o.author_id, o.created_at FROM objections o
		LEFT JOIN leads l ON l.id = o.lead_id
		WHERE o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL AND o.theme_id <> ''`, []any{millis(from), millis(to)},
		func(scan func(...any) error) error {
			var theme, named, known, lead, author string
			var at time.Time
			if err := scan(&theme, &named, &known, &lead, &author, moment{&at}); err != nil {
				return err
			}
			fn(theme, heardAt(named, known), cmp.Or(lead, author), at)
			return nil
		})
	if err != nil {
		return fmt.Errorf("read what was heard by week: %w", err)
	}
	return nil
}
