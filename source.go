package truce

import (
	"encoding/json"
	"slices"
	"strings"
)

// This file is about a lead's source as common ground. It is locked when the lead comes, because every figure of a source rests on it;
// two keys change it, of one lead or of several at once.

// MostSourceLeads are in one proposal.
const MostSourceLeads = 50

// LeadSources is the payload of a change: the leads by their references, with the source of each.
type LeadSources map[string]string

// SourceOf is the change of some leads to a source, and what they have now.
func SourceOf(leads []Lead, source string) (becomes, was LeadSources) {
	becomes, was = LeadSources{}, LeadSources{}
	for _, l := range leads {
		becomes[l.Ref], was[l.Ref] = source, l.Source
	}
	return becomes, was
}

// Thing is what a proposal about the leads is kept under: their references, "L-12 L-13".
func (s LeadSources) Thing() string { return strings.Join(s.Refs(), " ") }

// Refs are the leads, in the order of their numbers.
func (s LeadSources) Refs() (list []string) {
	for ref := range s {
		list = append(list, ref)
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return list
}

// IsLeadRef reports whether a word is the reference of a lead: "L-12", in any case.
func IsLeadRef(s string) bool {
	digits, ok := strings.CutPrefix(strings.ToUpper(s), "L-")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// ReadSources reads a payload.
func ReadSources(m json.RawMessage) (s LeadSources) {
	if json.Unmarshal(m, &s) != nil {
		return nil
	}
	return s
}

func sourceGround() Ground {
	return Ground{Kind: SourceGround, Name: "locked source", Configured: true,
		Check: func(_ string, payload json.RawMessage) error {
			s := ReadSources(payload)
			if len(s) == 0 {
				return Errorf(Invalid, "Say which leads have another source.")
			}
			for _, source := range s {
				if _, err := CheckText(source, "source"); err != nil || len([]rune(source)) > 100 {
					return Errorf(Invalid, "Say the source, in at most 100 characters: Webinar, for example.")
				}
			}
			return nil
		},
		Differs: func(_ string, was, payload json.RawMessage) (list []Difference) {
			before, after := ReadSources(was), ReadSources(payload)
			moves := map[[2]string][]string{}
			var order [][2]string
			for _, ref := range after.Refs() {
				if move := [2]string{SourceName(before[ref]), after[ref]}; before[ref] != after[ref] {
					if moves[move] == nil {
						order = append(order, move)
					}
					moves[move] = append(moves[move], ref)
				}
			}
			for _, move := range order {
				list = append(list, Difference{"source of " + strings.Join(moves[move], ", "), move[0], move[1]})
			}
			return list
		},
	}
}
