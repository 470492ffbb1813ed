package truce

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// This file is the ideal customer profile as common ground: how a change of it reads, and its versions.

// ICPTerms is what the configuration says of the ideal customer profile.
type ICPTerms struct {
	Configured *Profile // version 1 where none is kept; nil is none
	Shared     []string // e-mail domains that many companies share, folded
}

// ProfileVersion is a version of the profile that was or is in force.
type ProfileVersion struct {
	Profile
	Version int
	From    time.Time // since when it is in force; zero is always: the configured one, version 1
	By      string    // who proposed it; "" is the configuration
	ID      string    // of its proposal; "" where it is only configured
}

// ProfileAt is the version that was in force at a moment, of all, the newest first; nil where none was.
func ProfileAt(versions []ProfileVersion, at time.Time) *ProfileVersion {
	for i := range versions {
		if !versions[i].From.After(at) {
			return &versions[i]
		}
	}
	return nil
}

// ReadProfile reads a proposal's payload.
func ReadProfile(payload json.RawMessage) (p Profile, err error) {
	return p, p.UnmarshalJSON(payload)
}

// Total is all points that can be had.
func (p Profile) Total() int { return p.Of(func(string) string { return "" }).Total }

// Check says what is wrong with a profile: the document's reader says it with line and key.
func (p Profile) Check() error {
	switch {
	case len(p.Criteria) == 0:
		return Errorf(Invalid, "A profile needs a criterion: an attribute, what it is to be, and points.")
	case !(p.Threshold >= 0 && p.Threshold <= 100):
		return Errorf(Invalid, "The threshold is from 0 to 100 percent of all points.")
	}
	for i, c := range p.Criteria {
		if key, text := c.CriterionFault(); text != "" {
			return Errorf(Invalid, "Criterion %d, %s: %s.", i+1, key, text)
		}
	}
	return nil
}

// condition is a criterion without what it is worth.
func (c Criterion) condition() string { return c.Attribute + " " + c.Asked() }

// Differs are the changes from a profile to another one; the zero one is none.
func (p Profile) Differs(was Profile) (list []Difference) {
	if p.Threshold != was.Threshold {
		d := Difference{What: "inside from", Becomes: fmt.Sprintf("%g %%", p.Threshold)}
		if len(was.Criteria) > 0 {
			d.Was = fmt.Sprintf("%g %%", was.Threshold)
		}
		list = append(list, d)
	}
	before := map[string][]Criterion{}
	for _, c := range was.Criteria {
		before[c.Key()] = append(before[c.Key()], c)
	}
	var gone []Difference
	for _, c := range p.Criteria {
		same := before[c.Key()]
		if len(same) == 0 {
			what := c.condition()
			if len(was.Criteria) > 0 {
				what = "+ " + what
			}
			list = append(list, Difference{What: what, Becomes: c.Worth()})
			continue
		}
		before[c.Key()] = same[1:]
		if same[0].Worth() != c.Worth() {
			list = append(list, Difference{What: c.condition(), Was: same[0].Worth(), Becomes: c.Worth()})
		} else if same[0].Note != c.Note && c.Note != "" {
			list = append(list, Difference{What: "note on " + c.condition(), Was: same[0].Note, Becomes: c.Note})
		}
	}
	for _, c := range was.Criteria {
		if left := before[c.Key()]; len(left) > 0 {
			before[c.Key()] = left[1:]
			gone = append(gone, Difference{What: c.condition(), Was: c.Worth()})
		}
	}
	if list = append(list, gone...); len(list) == 0 {
		list = append(list, Difference{What: "the criteria", Becomes: "written in another way"})
	}
	return list
}

// Key is what makes two criteria one, attribute and condition, in a few letters.
func (c Criterion) Key() string {
	h := fnv.New64a()
	h.Write([]byte(FoldAttribute(c.Attribute) + " " + strings.ToLower(c.Asked())))
	return strconv.FormatUint(h.Sum64(), 36)
}

// ExampleProfile is a document to begin with, for a company that has none yet.
const ExampleProfile = `threshold: 60
criteria:
  - {attribute: segment, one_of: [pharma, biotech], points: 40}
  - {attribute: employees, range: [50, null], points: 20}
  - {attribute: email kind, equals: student, exclude: true}
`

// icpGround is the ideal customer profile. Its payload is the profile.
func icpGround() Ground {
	return Ground{Kind: ICPGround, Name: "ideal customer profile",
		Check: func(_ string, payload json.RawMessage) error {
			p, err := ReadProfile(payload)
			if err != nil {
				return Errorf(Invalid, "That is no profile: %w", err)
			}
			return p.Check()
		},
		Differs: func(_ string, was, payload json.RawMessage) []Difference {
			var before Profile
			if was != nil {
				before, _ = ReadProfile(was) // Check has read both
			}
			after, _ := ReadProfile(payload)
			return after.Differs(before)
		},
	}
}

// FitDays is the time after hand-off, in business days, after which a lead's fit is kept, unless its first verdict comes before.
const FitDays = 2

// FitBy is the moment up to which what is known of a lead counts for its fit: its first verdict, or FitDays after hand-off, whichever
// comes first. verdict is zero where there is none.
func (c Calendar) FitBy(l Lead, verdict time.Time) time.Time {
	start := l.HandedOver()
	by, ok := c.AddDays(start, FitDays)
	if !ok {
		by = start
	}
	switch {
	case verdict.IsZero() || !verdict.Before(by):
		return by
	case verdict.Before(start):
		return start
	}
	return verdict
}

// HandedOver is when Sales got a lead, as far as that is known.
func (l Lead) HandedOver() time.Time {
	if l.HandedOffAt.IsZero() {
		return l.MQLAt
	}
	return l.HandedOffAt
}

// FirstVerdict is when a lead was first judged by somebody, as known at a moment; zero where it was not.
func FirstVerdict(outcomes []Outcome, asOf time.Time) (first time.Time) {
	for _, o := range outcomes {
		if o.Origin != FromSilence && !o.At.After(asOf) && (first.IsZero() || o.At.Before(first)) {
			first = o.At
		}
	}
	return first
}

// KeptFit is what the profile says of a lead: by the version in force at its hand-off and what was known of it by FitBy, which counts; or,
// where none was in force then, by today's, which is only shown.
type KeptFit struct {
	Fit
	Version int
	By      time.Time // what is known up to then counts
	Counts  bool      // a version was in force at its hand-off, and By is past
	Before  bool      // it came before version 1
	Now     Fit       // by the same version and what is known at the moment
}
