package textindex

import (
	"fmt"
	"slices"
	"testing"
)

// In a language that the phrases do not speak it asks, or is right in nine of ten.
func TestAnotherLanguageIsAskedAbout(t *testing.T) {
	c := NewClassifier(DefaultSynonyms(), DefaultThemes()...)
	set := corpus(t, "foreign.tsv", "test")
	f := measure(c.Guess, set)
	t.Logf("German, French and Spanish: %v", f)
	if f.sureRight*10 < f.sure*9 {
		for _, s := range set {
			if g, sure := c.Guess(s.Text).Confident(Threshold); sure && !slices.Contains(s.Labels, g.Label) {
				t.Errorf("%q is %v, guessed %s with %.2f", s.Text, s.Labels, g.Label, g.Confidence)
			}
		}
	}
	for i, s := range set { // what people confirm is known
		c.Learn(Doc{fmt.Sprint(i), s.Text, s.Labels[0]})
	}
	if g, sure := c.Guess(set[0].Text).Confident(Threshold); !sure || g.Label != set[0].Labels[0] {
		t.Errorf("%q was confirmed, and is guessed %v", set[0].Text, g)
	}
}

func TestWhatSaysNothingIsAskedAbout(t *testing.T) {
	themes, kinds := NewClassifier(DefaultSynonyms(), DefaultThemes()...), NewKinds(DefaultSynonyms())
	for _, s := range []string{"x", "X", "a", "?", "k.", "asdf", "qwrtz plmk", "lorem ipsum dolor sit amet", "1234", "...", "b x",
		"No money this year, too pricey"} {
		for name, g := range map[string]Guesses{"theme": themes.Guess(s), "kind": kinds.Guess(s)} {
			if g, sure := g.Confident(Threshold); sure {
				t.Errorf("%q: %s %s is taken for sure (%.2f)", s, name, g.Label, g.Confidence)
			}
		}
	}
}
