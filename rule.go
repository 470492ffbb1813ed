package truce

import (
	"maps"
	"time"
)

// RuleState is how far a rule has come.
type RuleState string

// The states of a rule.
const (
	RuleProposed RuleState = "proposed"
	RuleInForce  RuleState = "in force"
	RuleRefused  RuleState = "declined"
	RuleRetired  RuleState = "retired" // it was in force; such leads are cases again
)

// Rule is a lead definition both sides agreed on, after the same case was ruled the same way several times: what used to be
// disputed is settled by it.
type Rule struct {
	ID         string
	Source     string
	Reason     Reason
	Text       string
	Outcome    DisputeOutcome // Upheld: such leads go back at once. Declined: such leads are fine
	State      RuleState
	ProposedBy string
	ProposedAt time.Time
	Keys       map[Side]string // who said yes for a side
	InForceAt  time.Time
	ClosedAt   time.Time // when it was declined or retired
	ClosedBy   string
	ClosedName string // of ClosedBy; storage reads it and never writes it
	Why        string // it was retired
	Stopped    int    // cases it has made unnecessary
}

// Turns are the sides for which a person may still say yes or no to a proposed rule. managers is how many managers a side
// has: a side with none has the sponsor as its key, and one with a single manager may propose and give its own yes.
func (r Rule) Turns(by Person, managers map[Side]int) []Side {
	var sides []Side
	for _, s := range []Side{Sales, Marketing} {
		holds := by.Manages(s) || managers[s] == 0 && by.Has(Sponsor)
		own := r.ProposedBy == by.ID && !(by.Manages(s) && managers[s] == 1)
		if holds && !own && r.Keys[s] == "" && r.Keys[s.Other()] != by.ID {
			sides = append(sides, s)
		}
	}
	return sides
}

// refuseKey says why a person cannot turn a key now.
func (r Rule) refuseKey(by Person, managers map[Side]int) error {
	switch {
	case r.State == RuleInForce:
		return Errorf(Conflict, "%s is in force already. Nothing changed.", r.ID)
	case r.State == RuleRefused, r.State == RuleRetired:
		return Errorf(Conflict, "%s was %s already. Nothing changed.", r.ID, r.State)
	case r.ProposedBy == by.ID && (by.Manages(Sales) || by.Manages(Marketing)):
		return Errorf(Forbidden, "You proposed %s: another manager gives the yes. Two keys are two people.", r.ID)
	case r.Keys[Sales] == by.ID || r.Keys[Marketing] == by.ID:
		return Errorf(Conflict, "You have said yes to %s already; the other side's manager is next. Nothing changed.", r.ID)
	}
	for _, s := range []Side{Sales, Marketing} {
		if by.Manages(s) && r.Keys[s] != "" {
			return Errorf(Conflict, "%s has said yes to %s already. Nothing changed.", s.Title(), r.ID)
		}
	}
	return Errorf(Forbidden, "A rule needs a yes from one manager of each side.")
}

// Agree is a yes. The second one, from the other side and another person, puts the rule in force.
func (r *Rule) Agree(by Person, managers map[Side]int, now time.Time) error {
	sides := r.Turns(by, managers)
	if r.State != RuleProposed || len(sides) == 0 {
		return r.refuseKey(by, managers)
	}
	r.Keys = maps.Clone(r.Keys)
	if r.Keys == nil {
		r.Keys = map[Side]string{}
	}
	r.Keys[sides[0]] = by.ID
	if r.Keys[Sales] != "" && r.Keys[Marketing] != "" {
		r.State, r.InForceAt = RuleInForce, now
	}
	return nil
}

// Refuse is a no: one is enough.
func (r *Rule) Refuse(by Person, managers map[Side]int, now time.Time) error {
	if r.State != RuleProposed || len(r.Turns(by, managers)) == 0 {
		return r.refuseKey(by, managers)
	}
	r.State, r.ClosedAt, r.ClosedBy = RuleRefused, now, by.ID
	return nil
}

// MayRetire reports whether a person may end a rule that is in force: it holds as long as both sides agree, so one manager of
// either, or the sponsor, is enough.
func (r Rule) MayRetire(by Person) bool {
	return r.State == RuleInForce && by.Has(SalesManager, MarketingManager, Sponsor)
}

// Retire ends a rule in force: leads it covered are disputed as cases again. What it has stopped stays stopped.
func (r *Rule) Retire(by Person, why string, now time.Time) error {
	switch {
	case r.State == RuleProposed:
		return Errorf(Conflict, "%s is not in force yet: say no to it instead.", r.ID)
	case r.State != RuleInForce:
		return Errorf(Conflict, "%s was %s already. Nothing changed.", r.ID, r.State)
	case !r.MayRetire(by):
		return Errorf(Forbidden, "A manager of either side retires a rule. Tell yours about %s.", r.ID)
	}
	r.State, r.Why, r.ClosedAt, r.ClosedBy, r.ClosedName = RuleRetired, why, now, by.ID, by.Name
	return nil
}

// Precedents are how people ruled on like cases of late.
type Precedents struct{ Upheld, Declined int }

// Equal is the ruling that all of them share, and how many they are; NoOutcome where they differ or there are none.
func (p Precedents) Equal() (DisputeOutcome, int) {
	switch {
	case p.Upheld > 0 && p.Declined == 0:
		return Upheld, p.Upheld
	case p.Declined > 0 && p.Upheld == 0:
		return Declined, p.Declined
	}
	return NoOutcome, 0
}
