package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file reads what digests show beside the leads: disputes, promises, objections and field notes by their own dates.

// DisputeLine is what reports need to know of a case, as it stood at their moment.
type DisputeLine struct {
	ID, LeadID, Source, State, Outcome string
	Reason                             truce.Reason
	OpenedAt, AnsweredAt, ClosedAt     time.Time // zero: not yet
	Escalated                          bool
}

// DisputeLines are the cases that were open at some time in [from, to), oldest first, as they stood at the end of it: of those that have
// moved since, the log of their steps tells.
func (tx *Tx) DisputeLines(from, to time.Time) ([]DisputeLine, error) {
	var later []string // those that have moved since, or have a second round
	list, err := all(tx, func(scan func(...any) error) (d DisputeLine, err error) {
		var moved bool
		err = scan(&d.ID, &d.LeadID, &d.Source, &d.State, &d.Outcome, &d.Reason, moment{&d.OpenedAt}, moment{&d.AnsweredAt},
			moment{&d.ClosedAt}, &d.Escalated, &moved)
		if moved {
			later = append(later, d.ID)
		}
		return d, err
	}, `SELECT id, lead_id, source, state, outcome, reason, opened_at, answered_at, closed_at, (escalation <> ''
		OR state IN ('escalated', 'sponsor'))
			AND coalesce((SELECT min(c.started_at) FROM clocks c WHERE c.subject = disputes.id AND c.kind = 'ruling' AND c.started_at >= opened_at),
				answered_at, opened_at) < ?1,
			coalesce(moved_at, closed_at, opened_at) >= ?1
		FROM disputes WHERE (opened_at < ?1 OR round > 1) AND (closed_at IS NULL OR closed_at >= ?2) ORDER BY opened_at, id`, millis(to),
		millis(from))
	if err != nil {
		return nil, fmt.Errorf("read the disputes of a report: %w", err)
	}
	stood, err := tx.casesStood(later, to)
	if err != nil {
		return nil, err
	}
	for i, d := range list {
		if s, ok := stood[d.ID]; ok {
			d.State, d.Outcome, d.OpenedAt, d.AnsweredAt, d.ClosedAt, d.Escalated = string(s.state), string(s.outcome), s.opened, s.answered,
				s.closed, s.escalated
			list[i] = d
		}
	}
	list = slices.DeleteFunc(list, func(d DisputeLine) bool {
		return !d.OpenedAt.Before(to) || !d.ClosedAt.IsZero() && d.ClosedAt.Before(from)
	})
	slices.SortStableFunc(list, func(a, b DisputeLine) int { return a.OpenedAt.Compare(b.OpenedAt) })
	return list, nil
}

// caseStood is how a case stood at a moment.
type caseStood struct {
	state                        truce.DisputeState
	outcome                      truce.DisputeOutcome
	round                        int
	opened, answered, closed, at time.Time
	escalated                    bool
}

// casesStood is how some cases stood just before a moment, by the log of their steps; one that was not opened yet, and one without a log,
// is not among them.
func (tx *Tx) casesStood(ids []string, to time.Time) (map[string]caseStood, error) {
	stood := map[string]caseStood{}
	if len(ids) == 0 {
		return stood, nil
	}
	err := tx.each(`SELECT subject, at, action, coalesce(json_extract(detail, '$.state'), ''), coalesce(json_extract(detail, '$.outcome'), '')
		FROM audit WHERE subject IN (SELECT value FROM json_each(?)) AND at < ? AND json_valid(detail) ORDER BY subject, at,
		json_extract(detail, '$.version')`, []any{asJSON(ids), millis(to)}, func(scan func(...any) error) error {
		var id, action string
		var is caseStood
		if err := scan(&id, moment{&is.at}, &action, &is.state, &is.outcome); err != nil || is.state == "" {
			return err
		}
		was, known := stood[id]
		switch {
		case !known || was.state == truce.DisputeClosed && is.state != truce.DisputeClosed: // opened, or once more
			is.opened, is.round = is.at, was.round+1
		default:
			is.opened, is.round, is.answered, is.closed, is.escalated = was.opened, was.round, was.answered, was.closed, was.escalated
		}
		switch is.state {
		case truce.DisputeEscalated, truce.DisputeSponsor:
			is.escalated = true
		case truce.DisputeClosed:
			if is.closed.IsZero() { // a reason may be added afterwards
				is.closed = is.at
			}
		}
		if action == "dispute.uphold" || action == "dispute.decline" {
			is.answered = is.at
		}
		stood[id] = is
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read how cases stood: %w", err)
	}
	return stood, nil
}

// PromiseLine is a promise with how it ended.
type PromiseLine struct {
	Kind, Subject           string
	Side                    truce.Side
	StartedAt, DueAt, Ended time.Time // Ended is zero while it runs
	Result                  string    // kept, late, lapsed, void, paused
}

// PromiseLines are the promises due in [from, to), the first due first.
func (tx *Tx) PromiseLines(from, to time.Time) ([]PromiseLine, error) {
	list, err := all(tx, func(scan func(...any) error) (p PromiseLine, err error) {
		return p, scan(&p.Kind, &p.Subject, &p.Side, moment{&p.StartedAt}, moment{&p.DueAt}, moment{&p.Ended}, &p.Result)
	}, `SELECT kind, subject, side, started_at, due_at, stopped_at, result FROM clocks WHERE due_at >= ? AND due_at < ?
		ORDER BY due_at, id`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read the promises of a report: %w", err)
	}
	return list, nil
}

// ThemeHeard is how a theme was heard in a stretch of time.
type ThemeHeard struct {
	ID, Name              string
	Times, Reps, Accounts int
	First                 time.Time // ever
	Answered              bool      // an approved answer exists
}

// ThemesHeard counts the objections of [from, to) by theme, the most accounts first; those of no theme are left out. Accounts are told
// apart as EachHeard does: "Acme" and "ACME GmbH" are one.
func (tx *Tx) ThemesHeard(from, to time.Time) ([]ThemeHeard, error) {
	list, err := all(tx, func(scan func(...any) error) (h ThemeHeard, err error) {
		return h, scan(&h.ID, &h.Name, &h.Times, &h.Reps, moment{&h.First}, &h.Answered)
	}, `SELECT o.theme_id, coalesce(t.name, o.theme_id), count(*), count(DISTINCT o.author_id),
			(SELECT min(f.created_at) FROM objections f WHERE f.theme_id = o.theme_id AND f.undone_at IS NULL),
			EXISTS (SELECT 1 FROM answers a WHERE a.theme_id = o.theme_id AND a.state = 'approved')
		FROM objections o LEFT JOIN themes t ON t.id = o.theme_id
		WHERE o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL AND o.theme_id <> ''
		GROUP BY o.theme_id`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("count the objections of a report: %w", err)
	}
	accounts := map[string]map[string]bool{}
	err = tx.eachHeard(from, to, func(theme, account, _ string, _ time.Time) {
		if accounts[theme] == nil {
			accounts[theme] = map[string]bool{}
		}
		if account != "" {
			accounts[theme][account] = true
		}
	})
	for i := range list {
		list[i].Accounts = len(accounts[list[i].ID])
	}
	slices.SortFunc(list, func(a, b ThemeHeard) int {
		return cmp.Or(b.Accounts-a.Accounts, b.Times-a.Times, cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// Loggers is how many people logged objections in [from, to): how many were listening.
func (tx *Tx) Loggers(from, to time.Time) (int, error) {
	n, err := tx.count(`SELECT count(DISTINCT author_id) FROM objections WHERE created_at >= ? AND created_at < ?
		AND undone_at IS NULL`, millis(from), millis(to))
	return int(n), err
}

// FieldNotes are the confirmed notes of [from, to), oldest first.
func (tx *Tx) FieldNotes(from, to time.Time) ([]truce.Note, error) {
	list, err := all(tx, func(scan func(...any) error) (n truce.Note, err error) {
		return n, scan(&n.ID, &n.Kind, &n.Text, &n.Account, &n.Stage, text{&n.LeadID}, &n.AuthorID, moment{&n.CreatedAt})
	}, `SELECT id, kind, text, account, stage, lead_id, author_id, created_at FROM notes
		WHERE created_at >= ? AND created_at < ? AND confirmed_at IS NOT NULL AND undone_at IS NULL AND became = ''
		ORDER BY created_at, id`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read the field notes of a report: %w", err)
	}
	return list, nil
}

// MovedOn reports whether an account took its next step after a moment, up to another: a lead of it became an SQL, an
// opportunity or a customer, or a deal with it was opened or won.
func (tx *Tx) MovedOn(account string, after, upTo time.Time) (bool, error) {
	if account = truce.FoldAccount(account); account == "" {
		return false, nil
	}
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM leads l JOIN outcomes o ON o.lead_id = l.id
			WHERE l.account = ?1 AND l.account <> '' AND o.status IN ('sql', 'opportunity', 'won') AND o.at > ?2 AND o.at <= ?3)
		OR EXISTS (SELECT 1 FROM deals d WHERE d.account = ?1 AND d.account <> '' AND (d.opened_at > ?2 AND d.opened_at <= ?3 OR d.status = 'won'
		AND d.closed_at > ?2 AND d.closed_at <= ?3))`,
		account, millis(after), millis(upTo))
	if err != nil {
		return false, fmt.Errorf("find whether %s took its next step: %w", account, err)
	}
	return n > 0, nil
}

// AnswerShown is that an answer was shown to somebody who had logged an objection of an account.
type AnswerShown struct {
	ID, Theme, Body, Account string
	At                       time.Time
	Voted, Helped            bool
}

// AnswersShown are the answers shown in [from, to) for objections that name an account, by answer and time, but for recalled
// ones. One that did not help, by the word of who got it, is among them.
func (tx *Tx) AnswersShown(from, to time.Time) ([]AnswerShown, error) {
	list, err := all(tx, func(scan func(...any) error) (a AnswerShown, err error) {
		var known string
		err = scan(&a.ID, &a.Theme, &a.Body, &a.Account, &known, moment{&a.At}, &a.Voted, &a.Helped)
		if a.Account = truce.FoldAccount(a.Account); a.Account == "" {
			a.Account = known
		}
		return a, err
	}, `SELECT u.answer_id, coalesce(t.name, a.theme_id), a.body, o.account, coalesce(l.account, ''), u.shown_at, u.helped IS NOT NULL,
		coalesce(u.helped, 0) = 1
		FROM answer_uses u JOIN answers a ON a.id = u.answer_id JOIN objections o ON o.id = u.objection_id LEFT JOIN themes t ON t.id = a.theme_id
		LEFT JOIN leads l ON l.id = o.lead_id
		WHERE u.shown_at >= ? AND u.shown_at < ? AND o.undone_at IS NULL AND a.state <> 'recalled' AND (o.account <> '' OR l.account <> '')
		ORDER BY u.answer_id, u.shown_at, u.person_id`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read the answers shown: %w", err)
	}
	return list, nil
}

// RulesInForce is how many lead definitions were in force at a moment.
func (tx *Tx) RulesInForce(at time.Time) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM proposals WHERE kind = 'rule' AND in_force_at <= ? AND (state = 'in force'
		OR closed_at > ?)`, millis(at), millis(at))
	return int(n), err
}

// Counted is a lead with what roll-ups hold of it: how it stands by everything known.
type Counted struct {
	Lead  truce.Lead
	Facts truce.Facts
}

func scanCounted(scan func(...any) error) (c Counted, err error) {
	if c.Lead, err = scanLead(scan); err == nil {
		c.Facts, err = readFacts(c.Lead.Counted)
	}
	return c, err
}

// WrongRejections are the leads that qualified in [from, to) and whose rejection for a source fault proved wrong, the newest
// first, at most n. By everything known: for a past moment read the leads.
func (tx *Tx) WrongRejections(from, to time.Time, n int) ([]Counted, error) {
	list, err := all(tx, scanCounted, wrongQuery, millis(from), millis(to), n)
	if err != nil {
		return nil, fmt.Errorf("find the rejections that proved wrong: %w", err)
	}
	return list, nil
}

// The indexes that give these their order: only the rows shown are read. + keeps SQLite from an index of days.
const (
	wrongQuery = `SELECT ` + leadColumns + ` FROM leads WHERE wrong IS NOT NULL AND mql_at >= ? AND mql_at < ? ORDER BY mql_at DESC, id LIMIT ?`
	lostQuery  = `SELECT ` + leadColumns + ` FROM leads WHERE state = 'lost' AND score IS NOT NULL AND +mql_at >= ? AND +mql_at < ?
		ORDER BY score DESC, id LIMIT ?`
)

// HighestLost are the leads that qualified in [from, to) and are lost, the highest scores first, at most n.
func (tx *Tx) HighestLost(from, to time.Time, n int) ([]Counted, error) {
	list, err := all(tx, scanCounted, lostQuery, millis(from), millis(to), n)
	if err != nil {
		return nil, fmt.Errorf("find the highest scores that lost: %w", err)
	}
	return list, nil
}

// SentBackAndWon counts the leads that qualified in [from, to) and that somebody rejected by asOf, whatever came of them; ids are those
// of them with a win dated after a rejection and by asOf. Whether that win is in force is told by the lead's outcomes.
func (tx *Tx) SentBackAndWon(from, to, asOf time.Time) (back int, ids []string, err error) {
	// CROSS JOIN goes from the rejections, which an index holds, to their leads.
	const rejected = ` FROM outcomes o CROSS JOIN leads l WHERE l.id = o.lead_id AND o.status = 'rejected' AND o.origin <> 'silence'
		AND o.at <= ? AND l.mql_at >= ? AND l.mql_at < ?`
	args := []any{millis(asOf), millis(from), millis(to)}
	count := func(scan func(...any) error) (n int, err error) { return n, scan(&n) }
	n, err := all(tx, count, `SELECT count(DISTINCT o.lead_id)`+rejected, args...)
	if err != nil {
		return 0, nil, fmt.Errorf("count the leads that were sent back: %w", err)
	}
	id := func(scan func(...any) error) (id string, err error) { return id, scan(&id) }
	ids, err = all(tx, id, `SELECT DISTINCT o.lead_id`+rejected+` AND EXISTS (SELECT 1 FROM outcomes w WHERE w.lead_id = o.lead_id
		AND w.status = 'won' AND w.at > o.at AND w.at <= ?)
		ORDER BY 1`, append(args, millis(asOf))...)
	if err != nil {
		return 0, nil, fmt.Errorf("find the leads that were sent back and won: %w", err)
	}
	return n[0], ids, nil
}
