package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file reads the proposals that are lead definition rules, and counts what they settle.

func (tx *Tx) rules(query string, args ...any) (list []truce.Rule, err error) {
	proposals, err := tx.proposals(`WHERE kind = 'rule' `+query, args...)
	if err != nil {
		return nil, err
	}
	for _, p := range proposals {
		r, err := truce.RuleOf(p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p.ID, err)
		}
		if r.ClosedBy != "" {
			by, err := tx.Person(r.ClosedBy)
			if err != nil {
				return nil, fmt.Errorf("find who ended %s: %w", p.ID, err)
			}
			r.ClosedName = by.Name
		}
		list = append(list, r)
	}
	return list, nil
}

// RuleFor is the rule for a source and reason that is in force, else the one that is proposed; nil where there is neither.
func (tx *Tx) RuleFor(source string, reason truce.Reason) (*truce.Rule, error) {
	list, err := tx.rules(`AND thing = ? AND state IN ('in force', 'proposed') ORDER BY state, at LIMIT 1`, truce.RuleThing(source, reason))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Rules are all rules, those in force first, then the newest.
func (tx *Tx) Rules() ([]truce.Rule, error) {
	return tx.rules(`ORDER BY state <> 'in force', at DESC, id`)
}

// SettledByRule counts a case that a rule in force has made unnecessary, and shows it where the rule stands.
func (tx *Tx) SettledByRule(id, by, network string) (r truce.Rule, err error) {
	if err := tx.exec(`UPDATE proposals SET stopped = stopped + 1 WHERE id = ?`, id); err != nil {
		return r, fmt.Errorf("count what %s has settled: %w", id, err)
	}
	p, err := tx.Proposal(id)
	if err != nil {
		return r, err
	}
	if err := tx.Audit(by, network, "rule.settle", p.ID, map[string]int{"stopped": p.Stopped}); err != nil {
		return r, err
	}
	if _, err = tx.redrawProposal(p); err != nil {
		return r, err
	}
	return truce.RuleOf(p)
}

// DisputesAlike counts the cases of a source and reason that were opened in [from, to).
func (tx *Tx) DisputesAlike(source string, reason truce.Reason, from, to time.Time) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM disputes WHERE source = ? AND reason = ? AND opened_at >= ? AND opened_at < ?`, source, reason,
		millis(from), millis(to))
	if err != nil {
		return 0, fmt.Errorf("count the cases of %s: %w", source, err)
	}
	return int(n), nil
}

// RuleCandidate is a source and reason on which people ruled the same way often enough to make a rule of it.
type RuleCandidate struct {
	Source  string
	Reason  truce.Reason
	Outcome truce.DisputeOutcome
	N       int
	CaseID  string // the newest of them, from which the rule is proposed
}

// RuleCandidates are those that became ripe by a moment: equal rulings, young enough, and no rule in force or proposed. What was
// declined or retired as lately is left alone. The most rulings come first.
func (tx *Tx) RuleCandidates(t truce.Terms, at time.Time) ([]RuleCandidate, error) {
	since := millis(at.AddDate(0, 0, -t.PrecedentDay))
	list, err := all(tx, func(scan func(...any) error) (c RuleCandidate, err error) {
		return c, scan(&c.Source, &c.Reason, &c.Outcome, &c.N, &c.CaseID)
	}, `SELECT d.source, d.reason, min(d.outcome), count(*), (SELECT n.id FROM disputes n WHERE n.source = d.source AND n.reason = d.reason
		AND n.state = 'closed'
			AND n.outcome IN ('upheld', 'declined') AND n.closed_at >= ? AND n.closed_at <= ? ORDER BY n.closed_at DESC, n.id DESC LIMIT 1)
		FROM disputes d WHERE d.state = 'closed' AND d.outcome IN ('upheld', 'declined') AND d.closed_at >= ? AND d.closed_at <= ?
			AND NOT EXISTS (SELECT 1 FROM proposals r WHERE r.kind = 'rule' AND r.thing = d.reason || ' ' || d.source AND r.at <= ?
				AND (r.state IN ('in force', 'proposed') OR r.closed_at >= ?))
		GROUP BY d.source, d.reason HAVING count(*) >= ? AND min(d.outcome) = max(d.outcome) ORDER BY 4 DESC, 1, 2`,
		since, millis(at), since, millis(at), millis(at), since, t.Precedents)
	if err != nil {
		return nil, fmt.Errorf("look for rules to make: %w", err)
	}
	return list, nil
}
