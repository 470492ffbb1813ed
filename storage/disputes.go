package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file reads and writes cases. What follows from a move is in cases.go.

const disputeColumns = `id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, round, question, evidence, answer, answered_by, answered_at,
	escalation, closed_at, closed_by, moved_at, version, bundle, parties`

func (tx *Tx) disputes(query string, args ...any) ([]truce.Dispute, error) {
	list, err := all(tx, func(scan func(...any) error) (d truce.Dispute, err error) {
		return d, scan(&d.ID, &d.LeadID, &d.Source, &d.Reason, &d.Text, &d.OpenerID, &d.State, &d.Outcome, moment{&d.OpenedAt}, &d.Round, &d.Question, &d.Evidence,
			&d.Answer, &d.AnsweredBy, moment{&d.AnsweredAt}, &d.Escalation, moment{&d.ClosedAt}, &d.ClosedBy, moment{&d.MovedAt}, &d.Version, &d.Bundle, fromJSON{&d.Parties})
	}, `SELECT `+disputeColumns+` FROM disputes `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	for i := range list {
		switch list[i].State {
		case truce.DisputeOpen, truce.DisputeAsked, truce.DisputeDeclined: // nobody has ruled in this round
			continue
		}
		if list[i].Rulings, err = tx.rulings(list[i].ID, list[i].Round); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (tx *Tx) rulings(id string, round int) ([]truce.Ruling, error) {
	list, err := all(tx, func(scan func(...any) error) (r truce.Ruling, err error) {
		return r, scan(&r.Side, &r.PersonID, &r.Uphold, &r.Text, moment{&r.At})
	}, `SELECT side, person_id, uphold, text, at FROM rulings WHERE dispute_id = ? AND round = ? ORDER BY at, side`, id, round)
	if err != nil {
		return nil, fmt.Errorf("read the rulings on %s: %w", id, err)
	}
	return list, nil
}

// Dispute finds a case by its id, in any case of its letters.
func (tx *Tx) Dispute(id string) (truce.Dispute, error) {
	list, err := tx.disputes(`WHERE id = upper(?)`, id)
	if err != nil {
		return truce.Dispute{}, err
	}
	if len(list) == 0 {
		return truce.Dispute{}, truce.Errorf(truce.NotFound, "There is no case %s. /dispute list shows the open ones.", id)
	}
	return list[0], nil
}

// LeadDisputes are the cases about a lead, oldest first.
func (tx *Tx) LeadDisputes(lead string) ([]truce.Dispute, error) {
	return tx.disputes(`WHERE lead_id = ? ORDER BY opened_at, id`, lead)
}

// OpenDisputes are the cases that are not closed, oldest first.
func (tx *Tx) OpenDisputes() ([]truce.Dispute, error) {
	return tx.disputes(`WHERE state IN ('open', 'asked', 'declined', 'escalated', 'sponsor') ORDER BY opened_at, id`)
}

// DisputesOf are the cases that a person opened, the open ones first, then the newest; at most n.
func (tx *Tx) DisputesOf(opener string, n int) ([]truce.Dispute, error) {
	return tx.disputes(`WHERE opener_id = ? ORDER BY state = 'closed', opened_at DESC, id LIMIT ?`, opener, n)
}

// BundleOf are the cases of a bundle that wait for Marketing, oldest first.
func (tx *Tx) BundleOf(bundle string) ([]truce.Dispute, error) {
	if bundle == "" {
		return nil, nil
	}
	return tx.disputes(`WHERE bundle = ? AND state = 'open' ORDER BY opened_at, id`, bundle)
}

// bundleFor is the bundle that a new case belongs to: the newest of the same source and reason that waits for Marketing and
// began at or after since; "" where there is none.
func (tx *Tx) bundleFor(source string, reason truce.Reason, since time.Time) (string, error) {
	var bundle string
	err := tx.row(`SELECT d.bundle FROM disputes d JOIN disputes f ON f.id = d.bundle WHERE d.source = ? AND d.reason = ? AND d.opened_at >= ? AND d.state = 'open'
		AND f.opened_at >= ? ORDER BY d.opened_at DESC LIMIT 1`, []any{source, reason, millis(since), millis(since)}, &bundle)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return bundle, err
}

// Precedents counts how people ruled since a moment on cases of a source and reason; lapses are no rulings.
func (tx *Tx) Precedents(source string, reason truce.Reason, since time.Time) (p truce.Precedents, err error) {
	err = tx.row(`SELECT coalesce(sum(outcome = 'upheld'), 0), coalesce(sum(outcome = 'declined'), 0) FROM disputes
		WHERE source = ? AND reason = ? AND state = 'closed' AND closed_at >= ?`, []any{source, reason, millis(since)}, &p.Upheld, &p.Declined)
	if err != nil {
		return p, fmt.Errorf("count the precedents: %w", err)
	}
	return p, nil
}

func (tx *Tx) addDispute(d truce.Dispute) (truce.Dispute, error) {
	n, err := tx.next("dispute")
	if err != nil {
		return d, err
	}
	d.ID = fmt.Sprintf("D-%d", n)
	if d.Bundle == "" {
		d.Bundle = d.ID
	}
	err = tx.exec(`INSERT INTO disputes (`+disputeColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.LeadID, d.Source, d.Reason, d.Text, d.OpenerID, d.State, d.Outcome, millis(d.OpenedAt), d.Round, d.Question, d.Evidence, d.Answer, d.AnsweredBy,
		millis(d.AnsweredAt), d.Escalation, millis(d.ClosedAt), d.ClosedBy, millis(d.MovedAt), d.Version, d.Bundle, asJSON(d.Parties))
	if err != nil {
		return d, fmt.Errorf("add dispute %s: %w", d.ID, err)
	}
	return d, nil
}

// saveDispute stores a case after a move; somebody else's move in between is a conflict, which one writer at a time makes
// impossible as long as a case is read and moved in the same event.
func (tx *Tx) saveDispute(before, d truce.Dispute) error {
	n, err := tx.execN(`UPDATE disputes SET state = ?, outcome = ?, opened_at = ?, round = ?, question = ?, evidence = ?, answer = ?, answered_by = ?, answered_at = ?,
		escalation = ?, closed_at = ?, closed_by = ?, moved_at = ?, version = ?, bundle = ?, parties = ?, opener_id = ? WHERE id = ? AND version = ?`,
		d.State, d.Outcome, millis(d.OpenedAt), d.Round, d.Question, d.Evidence, d.Answer, d.AnsweredBy, millis(d.AnsweredAt), d.Escalation, millis(d.ClosedAt),
		d.ClosedBy, millis(d.MovedAt), d.Version, d.Bundle, asJSON(d.Parties), d.OpenerID, d.ID, before.Version)
	if err == nil && n == 0 {
		err = truce.Errorf(truce.Conflict, "Somebody was faster with %s. Nothing changed.", d.ID)
	}
	if err != nil {
		return fmt.Errorf("save dispute %s: %w", d.ID, err)
	}
	known := map[truce.Side]bool{}
	if before.Round == d.Round {
		for _, r := range before.Rulings {
			known[r.Side] = true
		}
	}
	for _, r := range d.Rulings {
		if known[r.Side] {
			continue
		}
		if err := tx.exec(`INSERT INTO rulings (dispute_id, round, side, person_id, uphold, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			d.ID, d.Round, r.Side, r.PersonID, r.Uphold, r.Text, millis(r.At)); err != nil {
			return fmt.Errorf("save the ruling of %s on %s: %w", r.Side, d.ID, err)
		}
	}
	return nil
}
