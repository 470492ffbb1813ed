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

// AskForAnswer opens a request to Marketing and says it where answers are written. by is who asks, "" is Truce.
func (tx *Tx) AskForAnswer(q truce.Request, by, network string) (truce.Request, error) {
	q, err := tx.AddRequest(q)
	if err != nil {
		return q, err
	}
	if err := tx.Audit(by, network, "request.open", q.ID, q.ThemeID); err != nil {
		return q, err
	}
	return q, tx.Send(Message{To: ToChannel("objections"), Subject: RequestSubject(q.ID), Kind: CaseMessage})
}

// RequestsHeard are what could be asked of Marketing, by what the last 30 days heard of each theme that wanted says yes to. Their
// pipelines are of the accounts that said it.
func (tx *Tx) RequestsHeard(wanted func(truce.Request) (bool, error)) (out []truce.Request, err error) {
	list, err := tx.Objections(tx.Now.AddDate(0, 0, -truce.RequestDays), tx.Now.Add(time.Millisecond))
	if err != nil {
		return nil, err
	}
	type heard struct {
		accounts, people map[string]bool
		times            int
	}
	themes := map[string]*heard{}
	var order []string
	for _, o := range list {
		if o.ThemeID == "" {
			continue
		}
		t := themes[o.ThemeID]
		if t == nil {
			t = &heard{map[string]bool{}, map[string]bool{}, 0}
			themes[o.ThemeID] = t
			order = append(order, o.ThemeID)
		}
		t.times++
		t.people[o.AuthorID] = true
		if a := truce.FoldAccount(o.Account); a != "" {
			t.accounts[a] = true
		}
	}
	for _, id := range order {
		t := themes[id]
		q := truce.Request{ThemeID: id, Accounts: len(t.accounts), People: len(t.people), Times: t.times, Pipeline: map[string]int64{}}
		if ok, err := wanted(q); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		for a := range t.accounts {
			sums, err := tx.OpenPipeline(a)
			if err != nil {
				return nil, err
			}
			for currency, amount := range sums {
				q.Pipeline[currency] += amount
			}
		}
		out = append(out, q)
	}
	return out, nil
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
