package storage

import (
	"fmt"
	"time"

	"truce"
)

const requestColumns = `id, theme_id, state, asked_at, due_at, closed_at, answer_id, accounts, reps, times, pipeline`

func scanRequest(scan func(...any) error) (r truce.Request, err error) {
	return r, scan(&r.ID, &r.ThemeID, &r.State, moment{&r.AskedAt}, moment{&r.DueAt}, moment{&r.ClosedAt}, &r.AnswerID, &r.Accounts, &r.People,
		&r.Times,
		fromJSON{&r.Pipeline})
}

// AddRequest stores a request to Marketing and gives it an id.
func (tx *Tx) AddRequest(r truce.Request) (truce.Request, error) {
	n, err := tx.next("request")
	if err != nil {
		return r, err
	}
	r.ID, r.State, r.AskedAt = fmt.Sprintf("Q-%d", n), truce.RequestOpen, tx.Now
	err = tx.exec(`INSERT INTO requests (id, theme_id, state, asked_at, due_at, accounts, reps, times, pipeline)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.ThemeID, r.State, millis(r.AskedAt), millis(r.DueAt), r.Accounts, r.People, r.Times, asJSON(r.Pipeline))
	if err != nil {
		return r, fmt.Errorf("add request %s: %w", r.ID, err)
	}
	return r, tx.refreshMarketing()
}

// SaveRequest stores what became of a request.
func (tx *Tx) SaveRequest(r truce.Request) error {
	err := tx.exec(`UPDATE requests SET theme_id = ?, state = ?, closed_at = ?, answer_id = ? WHERE id = ?`, r.ThemeID, r.State,
		millis(r.ClosedAt), r.AnswerID, r.ID)
	if err != nil {
		return fmt.Errorf("save request %s: %w", r.ID, err)
	}
	return tx.refreshMarketing()
}

// Request finds a request by its id.
func (tx *Tx) Request(id string) (truce.Request, error) {
	list, err := all(tx, scanRequest, `SELECT `+requestColumns+` FROM requests WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no request %s.", id)
	}
	if err != nil {
		return truce.Request{}, err
	}
	return list[0], nil
}

// OpenRequests are the requests nobody has answered, the first due first.
func (tx *Tx) OpenRequests() ([]truce.Request, error) {
	return all(tx, scanRequest, `SELECT `+requestColumns+` FROM requests WHERE state = 'open' ORDER BY due_at, id`)
}

// RequestOf is the open request about a theme; truce.NotFound where there is none.
func (tx *Tx) RequestOf(theme string) (truce.Request, error) {
	list, err := all(tx, scanRequest, `SELECT `+requestColumns+` FROM requests WHERE theme_id = ? AND state = 'open'`, theme)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "Marketing was not asked about it.")
	}
	if err != nil {
		return truce.Request{}, err
	}
	return list[0], nil
}

// RequestsAsked counts the requests asked since t.
func (tx *Tx) RequestsAsked(t time.Time) (int64, error) {
	return tx.count(`SELECT count(*) FROM requests WHERE asked_at >= ?`, millis(t))
}

// OpenPipeline is the sum of the open opportunities of an account (folded), in minor units by currency.
func (tx *Tx) OpenPipeline(account string) (map[string]int64, error) {
	sums := map[string]int64{}
	return sums, tx.each(`SELECT o.currency, sum(o.amount) FROM leads l JOIN outcomes o ON o.lead_id = l.id AND o.status = 'opportunity'
		WHERE l.account = ? AND l.account <> '' AND l.state = 'opportunity' AND o.amount IS NOT NULL AND o.currency <> ''
		GROUP BY o.currency`, []any{account},
		func(scan func(...any) error) error {
			var currency string
			var amount int64
			err := scan(&currency, &amount)
			sums[currency] = amount
			return err
		})
}

// LastRequest is the newest request about a theme, in any state; truce.NotFound where there is none.
func (tx *Tx) LastRequest(theme string) (truce.Request, error) {
	list, err := all(tx, scanRequest, `SELECT `+requestColumns+` FROM requests WHERE theme_id = ? ORDER BY asked_at DESC, id DESC
		LIMIT 1`, theme)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "Marketing was not asked about it.")
	}
	if err != nil {
		return truce.Request{}, err
	}
	return list[0], nil
}
