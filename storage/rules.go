package storage

import (
	"cmp"
	"fmt"
	"slices"
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
	since := at.AddDate(0, 0, -t.PrecedentDay)
	lines, err := tx.DisputeLines(since, at.Add(time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("look for rules to make: %w", err)
	}
	asked, err := tx.texts(`SELECT thing FROM proposals WHERE kind = 'rule' AND at <= ? AND (state IN ('in force', 'proposed') OR closed_at >= ?)`,
		millis(at), millis(since))
	if err != nil {
		return nil, fmt.Errorf("look for rules to make: %w", err)
	}
	slices.SortStableFunc(lines, func(a, b DisputeLine) int { return cmp.Or(a.ClosedAt.Compare(b.ClosedAt), cmp.Compare(a.ID, b.ID)) })
	var list []RuleCandidate
	mixed := map[int]bool{}
	for _, l := range lines {
		if l.Outcome != string(truce.Upheld) && l.Outcome != string(truce.Declined) || slices.Contains(asked, string(l.Reason)+" "+l.Source) {
			continue
		}
		i := slices.IndexFunc(list, func(c RuleCandidate) bool { return c.Source == l.Source && c.Reason == l.Reason })
		if i < 0 {
			i, list = len(list), append(list, RuleCandidate{Source: l.Source, Reason: l.Reason, Outcome: truce.DisputeOutcome(l.Outcome)})
		}
		list[i].N, list[i].CaseID = list[i].N+1, l.ID // of the newest
		mixed[i] = mixed[i] || string(list[i].Outcome) != l.Outcome
	}
	var ripe []RuleCandidate
	for i, c := range list {
		if c.N >= t.Precedents && !mixed[i] {
			ripe = append(ripe, c)
		}
	}
	slices.SortFunc(ripe, func(a, b RuleCandidate) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Reason, b.Reason))
	})
	return ripe, nil
}
