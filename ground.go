package truce

import (
	"encoding/json"
	"fmt"
	"slices"
)

// This file is about kinds of common ground: what proposals are made about, how a change of each reads, and whose yes it takes.

// ProposalKind is a kind of common ground.
type ProposalKind string

// The kinds.
const (
	RuleGround      ProposalKind = "rule"
	CharterGround   ProposalKind = "charter"
	LevelGround     ProposalKind = "level" // a service level: Thing is its key in the configuration, promises.first_touch_hours
	ThresholdGround ProposalKind = "threshold"
	HoursGround     ProposalKind = "hours"
	SourceGround    ProposalKind = "source" // the locked source of leads: Thing is their references
	ICPGround       ProposalKind = "icp"
	JourneyGround   ProposalKind = "journey" // Thing is the stage
)

// Difference is one thing that a proposal changes. An empty Was is new, an empty Becomes is left out.
type Difference struct{ What, Was, Becomes string }

// String is the difference in a line.
func (d Difference) String() string {
	switch {
	case d.Was == "":
		return d.What + ": " + d.Becomes
	case d.Becomes == "":
		return d.What + ": no more " + d.Was
	}
	return d.What + " " + d.Was + " to " + d.Becomes
}

// Ground is what the mechanism knows of a kind of common ground. To add one, write its document's type and this value beside it, and
// enter it in Grounds. What is done when a version comes into force is said in storage, where it needs to be done at all: the version
// in force at a moment is read by Tx.InForce.
type Ground struct {
	Kind       ProposalKind
	Name       string // "service level"
	Prefix     string // of the ids of its proposals; "" is T
	Channel    string // where its proposals stand, besides with who answers them; "" is alignment
	Proposes   []Role // who may propose; none is anybody
	Configured bool   // the configuration is version 1
	Retires    bool   // one manager may end it, as a rule
	// Check says what is wrong with a payload.
	Check func(thing string, payload json.RawMessage) error
	// Differs reads a change; was is nil where nothing was in force.
	Differs func(thing string, was, payload json.RawMessage) []Difference
	// Title names a proposal in a line; nil is the first of its differences.
	Title func(payload json.RawMessage) string
	// Needs are the sides whose yes a change takes; nil is both, always.
	Needs func(was, payload json.RawMessage) []Side
}

// Grounds are all kinds.
func Grounds() []Ground {
	return []Ground{
		ruleGround(),
		charterGround(),
		valueGround(LevelGround, "service level"),
		valueGround(ThresholdGround, "score threshold"),
		valueGround(HoursGround, "business hours"),
		icpGround(),
		sourceGround(),
		journeyGround(),
		stagesGround(),
		secondLookGround(),
	}
}

// GroundOf is a kind by its name.
func GroundOf(k ProposalKind) (Ground, bool) {
	list := Grounds()
	i := slices.IndexFunc(list, func(g Ground) bool { return g.Kind == k })
	if i < 0 {
		return Ground{}, false
	}
	return list[i], true
}

// Differences read what a proposal changes, against what it was proposed on.
func (p Proposal) Differences() []Difference {
	g, ok := GroundOf(p.Kind)
	if !ok || g.Differs == nil {
		return nil
	}
	return g.Differs(p.Thing, p.Was, p.Payload)
}

// NewProposal makes a proposal that is not stored yet. was is the version in force, nil where there is none; configured is what the
// configuration says where nothing was agreed in chat.
func NewProposal(k ProposalKind, thing string, payload json.RawMessage, was *Proposal, configured json.RawMessage,
	by Person) (Proposal, error) {
	g, ok := GroundOf(k)
	if !ok {
		return Proposal{}, fmt.Errorf("propose: there is no kind of common ground %q", k)
	}
	if len(g.Proposes) > 0 && !by.Has(g.Proposes...) {
		return Proposal{}, Errorf(Forbidden, "Only %s proposes a change of the %s. Say what you would change in its thread.", oneOf(g.Proposes),
			g.Name)
	}
	if g.Check != nil {
		if err := g.Check(thing, payload); err != nil {
			return Proposal{}, err
		}
	}
	p := Proposal{Kind: k, Thing: thing, Payload: payload, By: by.ID, State: ProposalOpen, Needs: []Side{Sales, Marketing}}
	switch {
	case was != nil:
		p.Was, p.Base = was.Payload, was.Version
	case g.Configured:
		p.Was, p.Base = configured, 1
	}
	if p.Was != nil && SameJSON(p.Was, payload) {
		return Proposal{}, Errorf(Invalid, "That is in force already: there is nothing to change.")
	}
	if g.Needs != nil {
		p.Needs = g.Needs(p.Was, payload)
	}
	for i, d := range p.Differences() {
		switch {
		case i == 3:
			p.Title += " …"
		case i > 3:
		case i > 0:
			p.Title += "; " + d.String()
		default:
			p.Title = d.String()
		}
	}
	if g.Title != nil {
		p.Title = g.Title(payload)
	}
	return p, nil
}

func oneOf(roles []Role) string {
	s := "the " + string(roles[0])
	for _, r := range roles[1:] {
		s += " or the " + string(r)
	}
	return s
}

// Value is the payload of one setting, written as the configuration writes it.
type Value struct {
	Name  string `json:"name"` // "time to the first touch"
	Value string `json:"value"`
	Unit  string `json:"unit,omitempty"` // "h", "%": shown after it
}

// String is the value as people read it.
func (v Value) String() string {
	switch {
	case v.Value == "" || v.Value == "0":
		return "none"
	case v.Unit == "":
		return v.Value
	}
	return v.Value + " " + v.Unit
}

// valueGround is the ground of settings: Thing is the key of one.
func valueGround(k ProposalKind, name string) Ground {
	return Ground{Kind: k, Name: name, Configured: true,
		Check: func(thing string, payload json.RawMessage) error {
			s, ok := SettingOf(thing)
			if !ok || s.Kind != k {
				return Errorf(Invalid, "%q is no %s.", thing, name)
			}
			_, err := s.Parse(readValue(payload).Value, Terms{})
			return err
		},
		Differs: func(thing string, was, payload json.RawMessage) []Difference {
			v := readValue(payload)
			d := Difference{What: v.Name, Becomes: v.String()}
			if was != nil {
				d.Was = readValue(was).String()
			}
			if d.What == "" {
				d.What = thing
			}
			return []Difference{d}
		},
	}
}
