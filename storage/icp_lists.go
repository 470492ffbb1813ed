package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file keeps the two lists of best customers, and leads that are declared exceptions of the profile.

const roundColumns = `id, started_by, started_at, due_at, opened_at, control`

func (tx *Tx) rounds(where string, args ...any) ([]truce.ListRound, error) {
	list, err := all(tx, func(scan func(...any) error) (r truce.ListRound, err error) {
		return r, scan(&r.ID, &r.StartedBy, moment{&r.StartedAt}, moment{&r.DueAt}, moment{&r.OpenedAt}, fromJSON{&r.Control})
	}, `SELECT `+roundColumns+` FROM icp_rounds `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the lists of best customers: %w", err)
	}
	for n := range list {
		r := &list[n]
		err := tx.each(`SELECT person_id, side, best, account, reason, at FROM icp_picks WHERE round_id = ?
			ORDER BY at, person_id, best DESC, place`, []any{r.ID},
			func(scan func(...any) error) error {
				var l truce.PickList
				var p truce.Pick
				var best bool
				if err := scan(&l.PersonID, &l.Side, &best, &p.Account, &p.Reason, moment{&l.At}); err != nil {
					return err
				}
				of := r.Of(l.PersonID)
				if of == nil {
					r.Lists = append(r.Lists, l)
					of = &r.Lists[len(r.Lists)-1]
				}
				if best {
					of.Best = append(of.Best, p)
				} else {
					of.Dead = append(of.Dead, p)
				}
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("read the lists of %s: %w", r.ID, err)
		}
	}
	return list, nil
}

// ListRound is the newest round of two lists; nil where none was begun.
func (tx *Tx) ListRound() (*truce.ListRound, error) {
	list, err := tx.rounds(`ORDER BY started_at DESC, length(id) DESC, id DESC LIMIT 1`)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// DueRounds are the rounds that are not open and due at the moment.
func (tx *Tx) DueRounds() ([]truce.ListRound, error) {
	return tx.rounds(`WHERE opened_at IS NULL AND due_at <= ? ORDER BY started_at`, millis(tx.Now))
}

// BeginLists begins a round.
func (tx *Tx) BeginLists(by string, due time.Time) (truce.ListRound, error) {
	n, err := tx.next("icp_round")
	if err != nil {
		return truce.ListRound{}, err
	}
	r := truce.ListRound{ID: fmt.Sprintf("B-%d", n), StartedBy: by, StartedAt: tx.Now, DueAt: due}
	err = tx.exec(`INSERT INTO icp_rounds (id, started_by, started_at, due_at) VALUES (?, ?, ?, ?)`, r.ID, by, millis(tx.Now), millis(due))
	if err != nil {
		return r, fmt.Errorf("begin the lists of best customers: %w", err)
	}
	return r, nil
}

// SaveList keeps what a person sent, in place of what they had sent before.
func (tx *Tx) SaveList(round string, l truce.PickList) error {
	err := tx.exec(`DELETE FROM icp_picks WHERE round_id = ? AND person_id = ?`, round, l.PersonID)
	for best, picks := range [2][]truce.Pick{l.Dead, l.Best} {
		for i, p := range picks {
			if err == nil {
				err = tx.exec(`INSERT INTO icp_picks (round_id, person_id, side, best, place, account, account_key, reason, at)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
					round, l.PersonID, l.Side, best, i+1, p.Account, p.Key(), p.Reason, millis(tx.Now))
			}
		}
	}
	if err != nil {
		return fmt.Errorf("keep the list of %s: %w", l.PersonID, err)
	}
	return nil
}

// OpenLists opens a round's lists to both sides, with the customers that a lot put beside, and tells those who sent one and the channel of
// both sides; body is the card that says so.
func (tx *Tx) OpenLists(r truce.ListRound, control []string, body []byte) error {
	n, err := tx.execN(`UPDATE icp_rounds SET opened_at = ?, control = ? WHERE id = ? AND opened_at IS NULL`, millis(tx.Now), asJSON(control),
		r.ID)
	if err != nil {
		return fmt.Errorf("open the lists of %s: %w", r.ID, err)
	}
	if n == 0 {
		return nil
	}
	to := []Message{{Key: "icp.open:" + r.ID, To: ToChannel("alignment")}}
	for _, l := range r.Lists {
		to = append(to, Message{Key: "icp.open:" + r.ID + ":" + l.PersonID, To: ToPerson(l.PersonID), PersonID: l.PersonID})
	}
	for _, m := range to {
		m.Body, m.Kind = body, Notice
		if err := tx.Send(m); err != nil {
			return err
		}
	}
	return tx.Audit("", "", "icp.open", r.ID, nil)
}

// Except declares a lead an exception of the profile, anew where it was one.
func (tx *Tx) Except(e truce.Exception) error {
	err := tx.exec(`INSERT INTO icp_exceptions (lead_id, why, by, at, until_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (lead_id) DO UPDATE SET why = excluded.why, by = excluded.by, at = excluded.at, until_at = excluded.until_at`, e.LeadID,
		e.Why, e.By, millis(e.At), millis(e.Until))
	if err != nil {
		return fmt.Errorf("declare an exception: %w", err)
	}
	return nil
}

func scanException(scan func(...any) error) (e truce.Exception, err error) {
	return e, scan(&e.LeadID, &e.Why, &e.By, moment{&e.At}, moment{&e.Until})
}

// Exceptions are the leads that are declared exceptions at a moment, by lead.
func (tx *Tx) Exceptions(at time.Time) ([]truce.Exception, error) {
	list, err := all(tx, scanException, `SELECT lead_id, why, by, at, until_at FROM icp_exceptions WHERE at <= ?1 AND until_at > ?1
		ORDER BY at DESC, lead_id`, millis(at))
	if err != nil {
		return nil, fmt.Errorf("read the declared exceptions: %w", err)
	}
	return list, nil
}

// ExceptionOf is what was declared of a lead and holds at a moment; nil is nothing.
func (tx *Tx) ExceptionOf(lead string, at time.Time) (*truce.Exception, error) {
	list, err := all(tx, scanException, `SELECT lead_id, why, by, at, until_at FROM icp_exceptions WHERE lead_id = ?1 AND at <= ?2
		AND until_at > ?2`, lead, millis(at))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
