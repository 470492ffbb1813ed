package truce_test

import (
	"encoding/json"
	"testing"

	"truce"
)

// TestStagesAreReadAsPeopleWriteThem: what is left out of a line stays as it was, another name keeps what was said under the old one, and
// what cannot be is refused with what is wrong.
func TestStagesAreReadAsPeopleWriteThem(t *testing.T) {
	now := truce.Journey(truce.DefaultJourney())
	for _, of := range []struct{ text, lines, title string }{
		{now.Settings().Lines(), now.Settings().Lines(), ""},
		{"awareness\nconsideration\ntrial (was evaluation)\n• pilot: deals Pilot\n\ndecision\nonboarding\nrenewal",
			"awareness: said prospecting\nconsideration: leads mql, accepted; said discovery\ntrial: leads sql; said evaluation\npilot: deals Pilot\n" +
				"decision: leads opportunity; deals open; said negotiation, purchase\nonboarding\nrenewal: said reorder",
			"stage evaluation to trial; new stage: pilot (deals Pilot)"},
		{"consideration\nawareness\nevaluation\ndecision\nonboarding\nrenewal", "consideration: leads mql, accepted; said discovery\n" +
			"awareness: said prospecting\nevaluation: leads sql\ndecision: leads opportunity; deals open; said negotiation, purchase\nonboarding\n" +
			"renewal: said reorder", "order awareness, consideration, evaluation, decision, onboarding, renewal to consideration, awareness, " +
			"evaluation, decision, onboarding, renewal"},
		{"awareness\ndecision: leads sql, opportunity; deals open", "awareness: said prospecting\ndecision: leads sql, opportunity; deals open",
			"decision: leads opportunity to sql, opportunity; stage: no more consideration; stage: no more evaluation …"},
	} {
		s, err := truce.ParseStages(of.text, now.Settings())
		if err != nil || s.Lines() != of.lines {
			t.Errorf("%q: %v, read as\n%s", of.text, err, s.Lines())
			continue
		}
		payload, _ := json.Marshal(s)
		was, _ := json.Marshal(now.Settings())
		p, err := truce.NewProposal(truce.StagesGround, "", payload, nil, was, truce.Person{})
		if of.title == "" {
			if truce.KindOf(err) != truce.Invalid {
				t.Errorf("nothing changed, and it may be proposed: %+v, %v", p, err)
			}
		} else if err != nil || p.Title != of.title {
			t.Errorf("%q is proposed as %q, %v", of.text, p.Title, err)
		}
	}
	for _, text := range []string{"", "a\na", "a\nb\nc\nd\ne\nf\ng\nh\ni", "awareness: leads won", "awareness: leads mql\nother: leads mql",
		"prospecting\nawareness", "x (was nothing)", "awareness: nonsense"} {
		if s, err := truce.ParseStages(text, now.Settings()); truce.KindOf(err) != truce.Invalid {
			t.Errorf("%q is read as %+v, %v", text, s, err)
		}
	}
}
