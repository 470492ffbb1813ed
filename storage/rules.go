package storage

import (
	"fmt"
	"time"

	"truce"
)

const ruleColumns = `id, source, reason, text, outcome, state, proposed_by, proposed_at, keys, in_force_at, closed_at, closed_by, stopped, why,
	coalesce((SELECT name FROM people WHERE people.id = rules.closed_by), '')`

func (tx *Tx) rules(query string, args ...any) ([]truce.Rule, error) {
	list, err := all(tx, func(scan func(...any) error) (r truce.Rule, err error) {
		return r, scan(&r.ID, &r.Source, &r.Reason, &r.Text, &r.Outcome, &r.State, &r.ProposedBy, moment{&r.ProposedAt}, fromJSON{&r.Keys}, moment{&r.InForceAt},
			moment{&r.ClosedAt}, &r.ClosedBy, &r.Stopped, &r.Why, &r.ClosedName)
	}, `SELECT `+ruleColumns+` FROM rules `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return list, nil
}

// Rule finds a rule by its id.
func (tx *Tx) Rule(id string) (truce.Rule, error) {
	list, err := tx.rules(`WHERE id = upper(?)`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no rule %s.", id)
	}
	if err != nil {
		return truce.Rule{}, err
	}
	return list[0], nil
}

// RuleFor is the rule for a source and reason that is in force, else the one that is proposed; nil where there is neither.
func (tx *Tx) RuleFor(source string, reason truce.Reason) (*truce.Rule, error) {
	list, err := tx.rules(`WHERE source = ? AND reason = ? AND state IN ('in force', 'proposed') ORDER BY state, proposed_at LIMIT 1`, source, reason)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Rules are all rules, those in force first, then the newest.
func (tx *Tx) Rules() ([]truce.Rule, error) {
	return tx.rules(`ORDER BY state <> 'in force', proposed_at DESC, id`)
}

// ProposeRule stores a new rule, posts it, and asks the managers of both sides, or the sponsor for a side without any.
func (tx *Tx) ProposeRule(r truce.Rule, by, network string) (truce.Rule, error) {
	n, err := tx.next("rule")
	if err != nil {
		return r, err
	}
	r.ID, r.State, r.ProposedBy, r.ProposedAt = fmt.Sprintf("R-%d", n), truce.RuleProposed, by, tx.Now
	err = tx.exec(`INSERT INTO rules (id, source, reason, text, outcome, state, proposed_by, proposed_at, keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Source, r.Reason, r.Text, r.Outcome, r.State, r.ProposedBy, millis(r.ProposedAt), asJSON(r.Keys))
	if err != nil {
		return r, fmt.Errorf("propose rule %s: %w", r.ID, err)
	}
	return r, tx.ruleMoved(r, "rule.propose", by, network)
}

// SaveRule stores what may change of a rule: its keys, state and text.
func (tx *Tx) SaveRule(r truce.Rule, action, by, network string) error {
	err := tx.exec(`UPDATE rules SET text = ?, state = ?, keys = ?, in_force_at = ?, closed_at = ?, closed_by = ?, stopped = ?, why = ? WHERE id = ?`,
		r.Text, r.State, asJSON(r.Keys), millis(r.InForceAt), millis(r.ClosedAt), r.ClosedBy, r.Stopped, r.Why, r.ID)
	if err != nil {
		return fmt.Errorf("save rule %s: %w", r.ID, err)
	}
	return tx.ruleMoved(r, action, by, network)
}

// ruleMoved logs a change of a rule and shows it where the rule stands; who may still turn a key is asked for it once.
func (tx *Tx) ruleMoved(r truce.Rule, action, by, network string) error {
	if err := tx.Audit(by, network, action, r.ID, r); err != nil {
		return err
	}
	to := []Dest{ToChannel("disputes")}
	if r.State != truce.RuleInForce || r.Stopped == 0 { // a key was turned, or may be
		people, err := tx.PeopleWith(truce.SalesManager, truce.MarketingManager, truce.Sponsor)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := tx.RefreshHome(p.ID); err != nil {
				return err
			}
		}
	}
	if r.State == truce.RuleProposed {
		managers, err := tx.Managers()
		if err != nil {
			return err
		}
		people, err := tx.PeopleWith(truce.SalesManager, truce.MarketingManager, truce.Sponsor)
		if err != nil {
			return err
		}
		for _, p := range people {
			if len(r.Turns(p, managers)) > 0 {
				to = append(to, ToPerson(p.ID))
			}
		}
	} else {
		posted, err := tx.PostedEverywhere(RuleSubject(r.ID))
		if err != nil {
			return err
		}
		for _, d := range posted {
			if d != to[0] {
				to = append(to, d)
			}
		}
	}
	for _, d := range to {
		if err := tx.Send(Message{To: d, Subject: RuleSubject(r.ID), Kind: CaseMessage}); err != nil {
			return err
		}
	}
	return nil
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
	}, `SELECT d.source, d.reason, min(d.outcome), count(*), (SELECT n.id FROM disputes n WHERE n.source = d.source AND n.reason = d.reason AND n.state = 'closed'
			AND n.outcome IN ('upheld', 'declined') AND n.closed_at >= ? AND n.closed_at <= ? ORDER BY n.closed_at DESC, n.id DESC LIMIT 1)
		FROM disputes d WHERE d.state = 'closed' AND d.outcome IN ('upheld', 'declined') AND d.closed_at >= ? AND d.closed_at <= ?
			AND NOT EXISTS (SELECT 1 FROM rules r WHERE r.source = d.source AND r.reason = d.reason AND r.proposed_at <= ?
				AND (r.state IN ('in force', 'proposed') OR r.closed_at >= ?))
		GROUP BY d.source, d.reason HAVING count(*) >= ? AND min(d.outcome) = max(d.outcome) ORDER BY 4 DESC, 1, 2`,
		since, millis(at), since, millis(at), millis(at), since, t.Precedents)
	if err != nil {
		return nil, fmt.Errorf("look for rules to make: %w", err)
	}
	return list, nil
}

// ProposedRules are the rules that wait for a key, the oldest first.
func (tx *Tx) ProposedRules() ([]truce.Rule, error) {
	return tx.rules(`WHERE state = 'proposed' ORDER BY proposed_at, id`)
}

// Managers is how many active managers each side has.
func (tx *Tx) Managers() (map[truce.Side]int, error) {
	m := map[truce.Side]int{}
	for side, role := range map[truce.Side]truce.Role{truce.Sales: truce.SalesManager, truce.Marketing: truce.MarketingManager} {
		people, err := tx.PeopleWith(role)
		if err != nil {
			return nil, err
		}
		m[side] = len(people)
	}
	return m, nil
}
