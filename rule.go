package truce

import (
	"encoding/json"
	"fmt"
	"time"
)

// This file is about lead definition rules: common ground that comes of the same case being ruled the same way several times. What used
// to be disputed is settled by them.

// RuleTerms is the document of a rule.
type RuleTerms struct {
	Source  string         `json:"source"`
	Reason  Reason         `json:"reason"`
	Outcome DisputeOutcome `json:"outcome"` // Upheld: such leads go back at once. Declined: such leads are fine
	Text    string         `json:"text"`
}

// Thing is what of the kind a rule is about: a reason and a source.
func (t RuleTerms) Thing() string { return RuleThing(t.Source, t.Reason) }

// RuleThing is what of the kind the rules for a source and a reason are.
func RuleThing(source string, reason Reason) string { return string(reason) + " " + source }

// About is what a rule is about, in words.
func (t RuleTerms) About() string { return SourceName(t.Source) + ", " + t.Reason.Info().Label }

// Does is what a rule does with such leads.
func (t RuleTerms) Does() string {
	if t.Outcome == Declined {
		return "such leads are fine, and are not disputed any more"
	}
	return "such leads go back at once, without a case"
}

// ReadRule reads a rule's payload.
func ReadRule(payload json.RawMessage) (t RuleTerms, err error) {
	if err := json.Unmarshal(payload, &t); err != nil {
		return t, fmt.Errorf("read a rule: %w", err)
	}
	return t, nil
}

// ruleGround is a lead definition rule as common ground.
func ruleGround() Ground {
	read := func(m json.RawMessage) (t RuleTerms) {
		if m != nil {
			t, _ = ReadRule(m) // Check has read it
		}
		return t
	}
	return Ground{Kind: RuleGround, Name: "lead definition", Prefix: "R", Channel: "disputes", Retires: true,
		Check: func(thing string, payload json.RawMessage) error {
			t, err := ReadRule(payload)
			switch {
			case err != nil || t.Thing() != thing || t.Outcome != Upheld && t.Outcome != Declined:
				return Errorf(Invalid, "That is no rule about leads.")
			}
			_, err = CheckText(t.Text, "rule")
			return err
		},
		Differs: func(_ string, was, payload json.RawMessage) []Difference {
			before, t := read(was), read(payload)
			list := []Difference{{What: t.About(), Was: before.Text, Becomes: t.Text}}
			if before.Outcome != t.Outcome {
				list = append(list, Difference{What: "What it does", Becomes: t.Does()})
			}
			return list
		},
		Title: func(payload json.RawMessage) string { return read(payload).About() },
	}
}

// Rule is a lead definition that was proposed, with what became of it.
type Rule struct {
	RuleTerms
	ID         string
	State      ProposalState
	ProposedAt time.Time
	InForceAt  time.Time
	ClosedAt   time.Time // when it was declined or retired
	ClosedBy   string
	ClosedName string // of ClosedBy
	Why        string // it was retired
	Stopped    int    // cases it has made unnecessary
}

// RuleOf is a proposal as a rule.
func RuleOf(p Proposal) (Rule, error) {
	t, err := ReadRule(p.Payload)
	return Rule{RuleTerms: t, ID: p.ID, State: p.State, ProposedAt: p.At, InForceAt: p.InForce, ClosedAt: p.ClosedAt, ClosedBy: p.ClosedBy,
		Why: p.Closing, Stopped: p.Stopped}, err
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
