package truce

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// This file is about the stages of the journey map themselves: which there are, and what of the records belongs to each. A change of them
// takes two keys, as what ends a stage does.

// StagesGround is the kind of the map's stages; there is one version of all of them.
const StagesGround ProposalKind = "stages"

// MostStages is how many stages a map may have: more fit on no wall.
const MostStages = 8

// mostStageName is how long a stage's name may be, in characters.
const mostStageName = 40

// JourneyStages is the payload of the map's stages, in the order of the customer's way.
type JourneyStages struct {
	Stages []StageSetting `json:"stages"`
}

// StageSetting is one of them, as a configuration writes it.
type StageSetting struct {
	Name  string   `json:"name"`
	Leads []string `json:"leads,omitempty"` // mql, accepted, sql, opportunity
	Deals []string `json:"deals,omitempty"` // as the CRM says them; OpenDeals is every other open deal
	Said  []string `json:"said,omitempty"`  // what people call it, also what it was called before
}

// Settings is the map as a proposal of its stages holds it.
func (j Journey) Settings() (s JourneyStages) {
	for _, stage := range j {
		one := StageSetting{Name: stage.Name, Deals: stage.Deals, Said: stage.Said}
		for _, l := range stage.Leads {
			one.Leads = append(one.Leads, StageNames[l])
		}
		s.Stages = append(s.Stages, one)
	}
	return s
}

// Journey is the map that the stages make; what ends a stage, and who looks after it, is settled elsewhere.
func (s JourneyStages) Journey() (Journey, error) {
	var j Journey
	for _, one := range s.Stages {
		stage := JourneyStage{Name: one.Name, Deals: one.Deals, Said: one.Said}
		for _, w := range one.Leads {
			l, err := ParseStage(w)
			if err != nil {
				return nil, err
			}
			stage.Leads = append(stage.Leads, l)
		}
		j = append(j, stage)
	}
	return j, nil
}

// ReadStages reads a payload.
func ReadStages(payload json.RawMessage) (s JourneyStages, err error) {
	if err := json.Unmarshal(payload, &s); err != nil {
		return s, fmt.Errorf("read the stages of the journey map: %w", err)
	}
	return s, nil
}

// Check says what is wrong with the stages, as a sentence for whoever wrote them.
func (s JourneyStages) Check() error {
	if n := len(s.Stages); n == 0 || n > MostStages {
		return Errorf(Invalid, "A map has from 1 to %d stages: more fit on no wall.", MostStages)
	}
	names := map[string]bool{}
	for _, one := range s.Stages {
		switch key := FoldText(one.Name); {
		case key == "" || len([]rune(one.Name)) > mostStageName || strings.ContainsAny(one.Name, "\r\n:;"):
			return Errorf(Invalid, "“%s” is no name of a stage: at most %d characters, without : and ;.", one.Name, mostStageName)
		case names[key]:
			return Errorf(Invalid, "“%s” is there twice.", one.Name)
		default:
			names[key] = true
		}
	}
	taken := map[string]string{}
	for _, one := range s.Stages {
		for _, w := range one.Leads {
			if _, err := ParseStage(w); err != nil {
				return err
			}
		}
		for of, words := range map[string][]string{"leads": one.Leads, "deals": one.Deals, "said": one.Said} {
			for _, w := range words {
				key := of + " " + FoldText(w)
				if other, ok := taken[key]; ok && other != one.Name {
					return Errorf(Invalid, "“%s” belongs to %s already.", w, other)
				}
				if taken[key] = one.Name; of == "said" && names[FoldText(w)] && FoldText(w) != FoldText(one.Name) {
					return Errorf(Invalid, "“%s” is what %s is also called: give the other stage another name.", w, one.Name)
				}
			}
		}
	}
	return nil
}

// Find is the place of the stage of a name, or of one that it had before; -1 is none.
func (s JourneyStages) Find(name string) int {
	j := make(Journey, len(s.Stages))
	for i, one := range s.Stages {
		j[i] = JourneyStage{Name: one.Name, Said: one.Said}
	}
	return j.Find(name)
}

// Lines are the stages as people write them, one a line: "evaluation: leads sql; said trial".
func (s JourneyStages) Lines() string {
	var b strings.Builder
	for _, one := range s.Stages {
		b.WriteString(one.line() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (s StageSetting) line() string {
	var parts []string
	for _, of := range []struct {
		word string
		list []string
	}{{"leads", s.Leads}, {"deals", s.Deals}, {"said", s.Said}} {
		if len(of.list) > 0 {
			parts = append(parts, of.word+" "+strings.Join(of.list, ", "))
		}
	}
	if len(parts) == 0 {
		return s.Name
	}
	return s.Name + ": " + strings.Join(parts, "; ")
}

// short is the stage with what of the records belongs to it, in brackets.
func (s StageSetting) short() string {
	name, rest, ok := strings.Cut(StageSetting{Name: s.Name, Leads: s.Leads, Deals: s.Deals}.line(), ": ")
	if !ok {
		return name
	}
	return name + " (" + rest + ")"
}

var formerName = regexp.MustCompile(`^(.*\S)\s*\(was (.+)\)$`)

// ParseStages reads stages, one a line, against those that hold now: "pilot" is a new stage or keeps what it had; "trial (was
// evaluation)" is another name for one; "decision: leads opportunity; deals open" also says what belongs to it.
func ParseStages(text string, now JourneyStages) (s JourneyStages, err error) {
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "•-* "))
		if line == "" {
			continue
		}
		name, rest, says := strings.Cut(line, ":")
		one := StageSetting{Name: strings.TrimSpace(name)}
		was := one.Name
		if m := formerName.FindStringSubmatch(one.Name); m != nil {
			one.Name, was = m[1], strings.TrimSpace(m[2])
			if now.Find(was) < 0 {
				return s, Errorf(Invalid, "There is no stage “%s” that could be called “%s”.", was, one.Name)
			}
		}
		if i := now.Find(was); i >= 0 {
			before := now.Stages[i]
			if !says {
				one.Leads, one.Deals, one.Said = before.Leads, before.Deals, slices.Clone(before.Said)
			}
			if FoldText(before.Name) != FoldText(one.Name) {
				one.Said = append(one.Said, before.Name)
			}
		}
		if says {
			if err := one.read(rest); err != nil {
				return s, err
			}
		}
		one.Said = slices.DeleteFunc(one.Said, func(w string) bool { return FoldText(w) == FoldText(one.Name) })
		s.Stages = append(s.Stages, one)
	}
	return s, s.Check()
}

// read takes what a line says behind the colon.
func (s *StageSetting) read(text string) error {
	for _, part := range strings.Split(text, ";") {
		word, list, _ := strings.Cut(strings.TrimSpace(part), " ")
		var words []string
		for _, w := range strings.Split(list, ",") {
			if w = strings.TrimSpace(w); w != "" {
				words = append(words, w)
			}
		}
		switch strings.ToLower(word) {
		case "":
		case "leads":
			s.Leads = words
		case "deals":
			s.Deals = words
		case "said":
			for _, w := range words {
				if !slices.ContainsFunc(s.Said, func(o string) bool { return FoldText(o) == FoldText(w) }) {
					s.Said = append(s.Said, w)
				}
			}
		default:
			return Errorf(Invalid, "“%s” is none of leads, deals and said: write such as %s: leads opportunity; deals open.", word, s.Name)
		}
	}
	return nil
}

// stagesGround is the ground of the map's stages.
func stagesGround() Ground {
	return Ground{Kind: StagesGround, Name: "journey's stages", Configured: true,
		Check: func(_ string, payload json.RawMessage) error {
			s, err := ReadStages(payload)
			if err != nil {
				return Errorf(Invalid, "That is no list of stages.")
			}
			return s.Check()
		},
		Differs: func(_ string, was, payload json.RawMessage) []Difference {
			var before JourneyStages
			if was != nil {
				before, _ = ReadStages(was) // what cannot be read is as if there were none
			}
			after, err := ReadStages(payload)
			if err != nil {
				return nil
			}
			return after.differs(before)
		},
	}
}

// differs reads a change of the stages: new ones, those that go, other names, another order, other records.
func (s JourneyStages) differs(before JourneyStages) (list []Difference) {
	var kept, order []int // places before, of stages that stay: as they come now, and in their order of then
	gone := map[int]bool{}
	for i := range before.Stages {
		gone[i] = true
	}
	for _, one := range s.Stages {
		i := before.Find(one.Name)
		if i < 0 {
			i = slices.IndexFunc(before.Stages, func(b StageSetting) bool {
				return slices.ContainsFunc(one.Said, func(w string) bool { return FoldText(w) == FoldText(b.Name) })
			})
		}
		if i < 0 || !gone[i] {
			list = append(list, Difference{What: "new stage", Becomes: one.short()})
			continue
		}
		delete(gone, i)
		kept = append(kept, i)
		b := before.Stages[i]
		if b.Name != one.Name {
			list = append(list, Difference{What: "stage", Was: b.Name, Becomes: one.Name})
		}
		for _, of := range []struct {
			word     string
			was, now []string
		}{{"leads", b.Leads, one.Leads}, {"deals", b.Deals, one.Deals}} {
			if !slices.Equal(of.was, of.now) {
				list = append(list, Difference{What: one.Name + ": " + of.word, Was: orNone(of.was), Becomes: orNone(of.now)})
			}
		}
	}
	for i, b := range before.Stages {
		if gone[i] {
			list = append(list, Difference{What: "stage", Was: b.Name})
		}
	}
	if order = slices.Sorted(slices.Values(kept)); !slices.Equal(order, kept) {
		d := Difference{What: "order"}
		for n := range kept {
			sep := ", "
			if n == 0 {
				sep = ""
			}
			d.Was += sep + before.Stages[order[n]].Name
			d.Becomes += sep + before.Stages[kept[n]].Name
		}
		list = append(list, d)
	}
	return list
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
