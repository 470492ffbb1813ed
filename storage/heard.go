package storage

import (
	"fmt"
	"time"

	"truce"
)

// heardKeys are what objections are counted by: an expression for the key, and one for how it is written.
var heardKeys = map[string][2]string{
	"theme":      {`o.theme_id`, `coalesce((SELECT t.name FROM themes t WHERE t.id = o.theme_id), '')`},
	"stage":      {`o.stage`, `max(o.stage)`},
	"competitor": {`lower(o.competitor)`, `max(o.competitor)`},
	"account":    {`lower(o.account)`, `max(o.account)`},
	"segment":    {segmentOf, `max(` + segmentOf + `)`},
}

// segmentOf is the segment of an objection's lead, else of its account.
const segmentOf = `coalesce((SELECT l.segment FROM leads l WHERE l.id = o.lead_id AND l.segment <> ''),
	(SELECT l.segment FROM leads l WHERE l.account = lower(o.account) AND l.account <> '' AND l.segment <> '' LIMIT 1), '')`

// HeardRow is how often one theme, stage, segment, competitor or account was heard.
type HeardRow struct {
	Key, Name               string
	Times, People, Accounts int
	Answered                bool // a theme with an approved answer
}

// HeardBy counts the objections of [from, to) by theme, stage, segment, competitor or account, the most heard first. Those that
// say nothing of it are left out, but for themes, where they have the key "".
func (tx *Tx) HeardBy(dimension string, from, to time.Time) ([]HeardRow, error) {
	k, ok := heardKeys[dimension]
	if !ok {
		return nil, fmt.Errorf("objections are not counted by %q", dimension)
	}
	list, err := all(tx, func(scan func(...any) error) (r HeardRow, err error) {
		return r, scan(&r.Key, &r.Name, &r.Times, &r.People, &r.Accounts, &r.Answered)
	}, `SELECT `+k[0]+` AS key, `+k[1]+`, count(*), count(DISTINCT o.author_id), count(DISTINCT nullif(lower(o.account), '')),
			EXISTS (SELECT 1 FROM answers a WHERE a.theme_id = o.theme_id AND a.state = 'approved') AND ? = 'theme'
		FROM objections o WHERE o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL
		GROUP BY key HAVING key <> '' OR ? = 'theme' ORDER BY 3 DESC, key`, dimension, millis(from), millis(to), dimension)
	if err != nil {
		return nil, fmt.Errorf("count objections by %s: %w", dimension, err)
	}
	return list, nil
}

// ObjectionsBy are the objections of [from, to) behind a row of HeardBy, newest first.
func (tx *Tx) ObjectionsBy(dimension, key string, from, to time.Time) ([]truce.Objection, error) {
	k, ok := heardKeys[dimension]
	if !ok {
		return nil, fmt.Errorf("objections are not counted by %q", dimension)
	}
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections o WHERE `+k[0]+
		` = ? AND created_at >= ? AND created_at < ? AND undone_at IS NULL
		ORDER BY created_at DESC, id DESC`, key, millis(from), millis(to))
}
