package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"truce"
)

// Journey is the stages of the journey map, and what of the company's records belongs to each.
type Journey struct {
	Stages []string          `yaml:"stages"` // in the order of the customer's way
	Leads  map[string]string `yaml:"leads"`  // stage -> mql, accepted, sql, opportunity
	Deals  map[string]string `yaml:"deals"`  // stage -> stages of deals as the CRM says them; open is every other open deal
	Said   map[string]string `yaml:"said"`   // stage -> what people call it when they log something
}

// defaultJourney is the domain's own, as it is written in a file.
func defaultJourney() Journey {
	j := Journey{Leads: map[string]string{}, Deals: map[string]string{}, Said: map[string]string{}}
	for _, s := range truce.DefaultJourney() {
		j.Stages = append(j.Stages, s.Name)
		var leads []string
		for _, l := range s.Leads {
			leads = append(leads, truce.StageNames[l])
		}
		for _, of := range []struct {
			into  map[string]string
			words []string
		}{{j.Leads, leads}, {j.Deals, s.Deals}, {j.Said, s.Said}} {
			if len(of.words) > 0 {
				of.into[s.Name] = strings.Join(of.words, ", ")
			}
		}
	}
	return j
}

// list reads "negotiation, purchase".
func list(s string) (words []string) {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		if w = strings.TrimSpace(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// stages is the map as the domain knows it.
func (c Journey) stages() (j truce.Journey) {
	for _, name := range c.Stages {
		s := truce.JourneyStage{Name: name, Deals: list(c.Deals[name]), Said: list(c.Said[name])}
		for _, w := range list(c.Leads[name]) {
			if l, err := truce.ParseStage(w); err == nil { // Load has refused others
				s.Leads = append(s.Leads, l)
			}
		}
		j = append(j, s)
	}
	return j
}

func (c Journey) check(f *faultList) {
	if n := len(c.Stages); n == 0 || n > 8 {
		f.add("journey.stages", "must be from 1 to 8 stages: more fit on no wall")
	}
	folded := map[string]bool{}
	for i, name := range c.Stages {
		key := truce.FoldText(name)
		if key == "" || len([]rune(name)) > 40 {
			f.add(item("journey.stages", i), "must be a name of at most 40 characters")
		}
		if folded[key] {
			f.add(item("journey.stages", i), "is there twice")
		}
		folded[key] = true
	}
	usual := defaultJourney()
	taken := map[string]string{}
	for _, of := range []struct {
		key   string
		given map[string]string
		usual map[string]string
	}{{"leads", c.Leads, usual.Leads}, {"deals", c.Deals, usual.Deals}, {"said", c.Said, usual.Said}} {
		for _, stage := range slices.Sorted(maps.Keys(of.given)) {
			words := of.given[stage]
			at := "journey." + of.key + "." + stage
			if !slices.Contains(c.Stages, stage) {
				if of.usual[stage] != words { // the usual ones stay behind where the stages are others
					f.add(at, "is no stage of journey.stages")
				}
				continue
			}
			for _, w := range list(words) {
				if of.key == "leads" {
					if _, err := truce.ParseStage(w); err != nil {
						f.add(at, "%s", truce.Sentence(err))
					}
				}
				word := of.key + " " + truce.FoldText(w)
				if other := cmp.Or(taken[word], stage); other != stage {
					f.add(at, "%q belongs to the stage %s already", w, other)
				}
				taken[word] = stage
			}
		}
	}
}
