package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// heardKeys are what objections are counted by: an expression for the key, and one for how it is written; those of accounts and segments
// are completed by eachHeardBy.
var heardKeys = map[string][2]string{
	"theme":      {`o.theme_id`, `coalesce((SELECT t.name FROM themes t WHERE t.id = o.theme_id), '')`},
	"stage":      {`o.stage`, `o.stage`},
	"competitor": {`lower(o.competitor)`, `o.competitor`},
	"account":    {`''`, `coalesce(nullif(o.account, ''), l.company, '')`},
	"segment":    {`coalesce(l.segment, '')`, `coalesce(l.segment, '')`},
}

// heardAt is the account at which an objection was heard: the one it names, else that of its lead, which is folded.
func heardAt(named, ofLead string) string { return cmp.Or(truce.FoldAccount(named), ofLead) }

// heardOf is an objection as it is counted. Accounts are told apart as EachHeard does: "Acme" and "ACME GmbH" are one.
type heardOf struct {
	id, key, name, author, account string
	answered                       bool
}

// eachHeardBy calls fn with the objections of [from, to), each with what it is counted by; "" is nothing. only is the end of the condition,
// with its values, where not all are asked for.
func (tx *Tx) eachHeardBy(dimension string, from, to time.Time, fn func(heardOf), only string, values ...any) error {
	k, ok := heardKeys[dimension]
	if !ok {
		return fmt.Errorf("objections are not counted by %q", dimension)
	}
	list, err := all(tx, func(scan func(...any) error) (h heardOf, err error) {
		var named, known string
		err = scan(&h.id, &h.key, &h.name, &h.author, &named, &known, &h.answered)
		h.account = heardAt(named, known)
		return h, err
	}, `SELECT o.id, `+k[0]+`, `+k[1]+`, o.author_id, o.account, coalesce(l.account, ''),
			? = 'theme' AND EXISTS (SELECT 1 FROM answers a WHERE a.theme_id = o.theme_id AND a.state = 'approved')
		FROM objections o LEFT JOIN leads l ON l.id = o.lead_id
		WHERE o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL`+only+` ORDER BY o.created_at, o.id`,
		append([]any{dimension, millis(from), millis(to)}, values...)...)
	if err != nil {
		return fmt.Errorf("read objections by %s: %w", dimension, err)
	}
	segments := map[string]string{} // by account
	for _, h := range list {
		switch {
		case dimension == "account":
			h.key = h.account
		case dimension == "segment" && h.key == "" && h.account != "":
			if _, ok := segments[h.account]; !ok {
				var segment string
				if err := tx.row(`SELECT coalesce(max(segment), '') FROM leads WHERE account = ?`, []any{h.account}, &segment); err != nil {
					return fmt.Errorf("find the segment of %q: %w", h.account, err)
				}
				segments[h.account] = segment
			}
			h.key, h.name = segments[h.account], segments[h.account]
		}
		fn(h)
	}
	return nil
}

// ofTheme is the condition for one theme: of a large company's objections only its own are read.
const ofTheme = ` AND o.theme_id = ?`

// HeardRow is how often one theme, stage, segment, competitor or account was heard.
type HeardRow struct {
	Key, Name               string
	Times, People, Accounts int
	Answered                bool // a theme with an approved answer
}

// HeardBy counts the objections of [from, to) by theme, stage, segment, competitor or account, the most heard first. Those that
// say nothing of it are left out, but for themes, where they have the key "".
func (tx *Tx) HeardBy(dimension string, from, to time.Time) ([]HeardRow, error) {
	type seen struct {
		HeardRow
		people, accounts map[string]bool
	}
	rows := map[string]*seen{}
	err := tx.eachHeardBy(dimension, from, to, func(h heardOf) {
		if h.key == "" && dimension != "theme" {
			return
		}
		r := rows[h.key]
		if r == nil {
			r = &seen{HeardRow{Key: h.key}, map[string]bool{}, map[string]bool{}}
			rows[h.key] = r
		}
		r.Times, r.Name, r.Answered = r.Times+1, max(r.Name, h.name), r.Answered || h.answered
		if r.people[h.author] = true; h.account != "" {
			r.accounts[h.account] = true
		}
	}, "")
	if err != nil {
		return nil, err
	}
	var list []HeardRow
	for _, r := range rows {
		r.People, r.Accounts = len(r.people), len(r.accounts)
		list = append(list, r.HeardRow)
	}
	slices.SortFunc(list, func(a, b HeardRow) int { return cmp.Or(b.Times-a.Times, cmp.Compare(a.Key, b.Key)) })
	return list, nil
}

// ObjectionsBy are the objections of [from, to) behind a row of HeardBy, newest first.
func (tx *Tx) ObjectionsBy(dimension, key string, from, to time.Time) ([]truce.Objection, error) {
	only, values := "", []any(nil)
	if dimension == "theme" {
		only, values = ofTheme, []any{key}
	}
	var ids []string
	err := tx.eachHeardBy(dimension, from, to, func(h heardOf) {
		if h.key == key {
			ids = append(ids, h.id)
		}
	}, only, values...)
	if err != nil {
		return nil, err
	}
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections o WHERE id IN (SELECT value FROM json_each(?))
		ORDER BY created_at DESC, id DESC`, asJSON(ids))
}
