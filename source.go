package truce

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file is about a lead's source as common ground. It is locked when the lead comes, because every figure of a source rests on it;
// two keys change it, of one lead or of several at once.

// MostSourceLeads are in one proposal.
const MostSourceLeads = 50

// mostSource is how long a source may be that is proposed, in characters.
const mostSource = 100

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
				if _, err := CheckText(source, "source"); err != nil || len([]rune(source)) > mostSource {
					return Errorf(Invalid, "Say the source, in at most %d characters: Webinar, for example.", mostSource)
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

// SourceChange is a lead whose source is another one by now in the CRM than the one it came with, which is locked.
type SourceChange struct {
	LeadID, Ref string
	Was, Now    string // here, and there
	System      string // the CRM; "" for rows of a list
	At          time.Time
	Came        bool   // it was so when the lead came
	Proposal    string // by which both sides were asked; "" is not yet
}

// MostSourceProposals are under way at a time that nobody made but a CRM: who renames a source there asks for hundreds, and people have
// other things to do. What else has changed waits, and is listed.
const MostSourceProposals = 3

// SourcesToPropose are the changes that both sides are to be asked about now, one move a group; open are the proposals on sources that are
// under way, refused those of the CRM's that were declined. Nobody is asked twice, nor about leads that came so, nor about a move that was
// declined after it was seen: it is one decision, of however many leads.
func SourcesToPropose(changes []SourceChange, open, refused []Proposal) (groups [][]SourceChange) {
	asked, room := map[string]bool{}, MostSourceProposals
	for _, p := range open {
		if p.By == "" {
			room--
		}
		for _, ref := range strings.Fields(p.Thing) {
			asked[ref] = true
		}
	}
	declined := func(c SourceChange) bool {
		return slices.ContainsFunc(refused, func(p Proposal) bool {
			was, became := ReadSources(p.Was), ReadSources(p.Payload)
			return !p.ClosedAt.Before(c.At) && slices.ContainsFunc(became.Refs(), func(ref string) bool {
				return was[ref] == c.Was && became[ref] == c.Now
			})
		})
	}
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b SourceChange) int { return a.At.Compare(b.At) })
	moves := map[[2]string]int{}
	for _, c := range changes {
		if c.Came || c.Proposal != "" || asked[c.Ref] || len([]rune(c.Now)) > mostSource || declined(c) {
			continue
		}
		move := [2]string{c.Was, c.Now}
		i, ok := moves[move]
		switch {
		case ok && len(groups[i]) < MostSourceLeads:
			groups[i] = append(groups[i], c)
		case !ok && len(groups) < room:
			moves[move] = len(groups)
			groups = append(groups, []SourceChange{c})
		}
	}
	return groups
}

// WhySource says why nobody but a CRM proposes a change.
func WhySource(group []SourceChange) string {
	said := map[string]int{}
	for _, c := range group {
		said[cmp.Or(strings.ToUpper(c.System[:min(1, len(c.System))])+c.System[min(1, len(c.System)):], "The list")]++
	}
	names := make([]string, 0, len(said))
	for name := range said {
		names = append(names, name)
	}
	slices.Sort(names)
	name := strings.ReplaceAll(strings.Join(names, " and "), "Hubspot", "HubSpot")
	if len(group) == 1 {
		return fmt.Sprintf("%s has another source for this lead now than the one it came with.", name)
	}
	return fmt.Sprintf("%s has another source for these %d leads now than the one they came with.", name, len(group))
}

// Overtaken reports whether a proposal that nobody made but a CRM asks for what is not said there any more.
func (p Proposal) Overtaken(changes []SourceChange) bool {
	if p.Kind != SourceGround || p.By != "" || p.State != ProposalOpen || !p.Agreed.IsZero() {
		return false
	}
	was, became := ReadSources(p.Was), ReadSources(p.Payload)
	return slices.ContainsFunc(became.Refs(), func(ref string) bool {
		return !slices.ContainsFunc(changes, func(c SourceChange) bool { return c.Ref == ref && c.Was == was[ref] && c.Now == became[ref] })
	})
}
