package truce

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// This file is the ramp: a new installation that wants one begins with answers alone, then disputes open, then Truce compares.
// What is there from the first day is argued about before there is anything to gain.

// RampTerms are the weeks, counted from the installation, from which on a stage may open; up to 1 is from the first day.
type RampTerms struct {
	Disputes    int // and the clocks of leads; also once the charter is signed and the lead definition agreed on
	Comparisons int // what sources, sides and stretches of time are compared by
}

// NewRampTerms are those of a ramp as teams get along with.
func NewRampTerms() RampTerms { return RampTerms{Disputes: 3, Comparisons: 5} }

// RampStage is how far an installation has come on the ramp.
type RampStage int

// The stages.
const (
	RampAnswers     RampStage = iota // objections, notes, answers, and the practices
	RampDisputes                     // cases, and the clocks of leads
	RampComparisons                  // everything
)

// String is what a stage opens, as keys and logs have it.
func (s RampStage) String() string { return [...]string{"answers", "disputes", "comparisons"}[s] }

// ParseRampStage reads what String wrote, of a stage that can be opened.
func ParseRampStage(s string) (RampStage, bool) {
	for _, st := range []RampStage{RampDisputes, RampComparisons} {
		if st.String() == s {
			return st, true
		}
	}
	return RampAnswers, false
}

// Ramp is where an installation stands.
type Ramp struct {
	Terms     RampTerms
	Installed Date // zero: not known, and everything is open
	Today     Date
	Opened    map[RampStage]time.Time // when a stage opened; zero or missing is not yet
	Signed    bool                    // the charter in force, by whoever holds each side's key
	Defined   bool                    // the lead definition is agreed on: a profile, or a rule, is in force
}

// week is the week from which on a stage may open.
func (r Ramp) week(s RampStage) int {
	if s == RampDisputes {
		return r.Terms.Disputes
	}
	return r.Terms.Comparisons
}

// At is the stage that held at a moment.
func (r Ramp) At(at time.Time) RampStage {
	stage := RampAnswers
	for _, s := range []RampStage{RampDisputes, RampComparisons} {
		opened := r.Opened[s]
		if r.Installed == (Date{}) || r.week(s) <= 1 || !opened.IsZero() && !opened.After(at) {
			stage = s
			continue
		}
		break
	}
	return stage
}

// Week is the running week since the installation, the first being 1.
func (r Ramp) Week() int { return (r.Today.Number()-r.Installed.Number())/7 + 1 }

// From is the first day on which a stage may open by itself.
func (r Ramp) From(s RampStage) Date { return r.Installed.Add(7 * (max(1, r.week(s)) - 1)) }

// Conditions are what a stage needs to open by itself.
func (r Ramp) Conditions(s RampStage) []FirstStep {
	list := []FirstStep{{What: fmt.Sprintf("Week %d has begun, on %s", r.week(s), r.From(s).At(0, time.UTC).Format("2 January 2006")),
		Done: r.Today.Compare(r.From(s)) >= 0}}
	if s != RampDisputes {
		return list
	}
	return append(list, FirstStep{"A manager of each side has signed the charter", r.Signed, "charter"},
		FirstStep{"The lead definition is agreed on: a profile of the ideal customer, or a rule, is in force", r.Defined, "icp"})
}

// Due is the stage that opens now by itself, if there is one.
func (r Ramp) Due(at time.Time) (RampStage, bool) {
	next := r.At(at) + 1
	if next > RampComparisons {
		return 0, false
	}
	for _, c := range r.Conditions(next) {
		if !c.Done {
			return 0, false
		}
	}
	return next, true
}

// MayDispute says why nobody can dispute yet, and what to do instead.
func (r Ramp) MayDispute(at time.Time) error {
	if r.At(at) >= RampDisputes {
		return nil
	}
	when := " from " + r.From(RampDisputes).At(0, time.UTC).Format("2 January") + " on"
	if r.Today.Compare(r.From(RampDisputes)) >= 0 {
		when = ""
	}
	if !r.Signed || !r.Defined {
		when += ", once a manager of each side has signed the charter and the lead definition is agreed on"
	}
	return Errorf(Conflict, "Disputes are not open here yet: Truce begins with answers. They open%s. Until then /lead LEAD says how good a "+
		"lead is, or rejects it: your verdict counts from now on.",
		strings.TrimPrefix(cmp.Or(when, " within the hour"), ","))
}
