package textindex

import (
	"fmt"
	"slices"
	"testing"
)

func TestDuplicates(t *testing.T) {
	docs := []Doc{
		{"o1", "they say we take twice as long as Competitor X", ""},
		{"o2", "says we take twice as long as competitor X does", ""},
		{"o3", "no LIMS connection", ""},
		{"o4", "no LIMS connection, and the price is too high, and support is far away in another time zone", ""},
		{"o5", "is it validated on FFPE", ""},
		{"o6", "validated for FFPE?", ""},
	}
	x := New(DefaultSynonyms())
	x.Add(docs...)
	for i, s := range corpus(t, "objections.tsv", "test") {
		x.Add(Doc{fmt.Sprint("c", i), s.Text, ""})
	}
	var got []string
	for _, p := range x.Duplicates(docs, DuplicateLeast) {
		got = append(got, p.A+p.B)
		if p.Similarity < DuplicateLeast || p.Similarity > 1 {
			t.Errorf("similarity %v of %s, %s", p.Similarity, p.A, p.B)
		}
	}
	slices.Sort(got)
	if want := []string{"o1o2", "o5o6"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMergesSuggestsTwinsOnly(t *testing.T) {
	c := NewClassifier(DefaultSynonyms(), DefaultThemes()...)
	if got := c.Merges(MergeLeast); len(got) != 0 {
		t.Errorf("the built-in themes should stay apart: %v", got)
	}
	// A company opens a second theme for the same thing: the labelled sentences of one go half to a twin.
	found := 0
	themes := DefaultThemes()
	for _, l := range themes {
		c := NewClassifier(DefaultSynonyms(), themes...)
		twin := "twin of " + l.ID
		for i, s := range corpus(t, "objections.tsv", "test") {
			if s.Labels[0] != l.ID {
				c.Learn(Doc{fmt.Sprint(i), s.Text, s.Labels[0]})
			} else if i%2 == 0 {
				c.Learn(Doc{fmt.Sprint(i), s.Text, twin})
			}
		}
		for i, p := range l.Phrases { // and half of its phrases
			if i%2 == 0 {
				c.Learn(Doc{phraseID(l.ID, i), p, twin})
			}
		}
		got := c.Merges(MergeLeast)
		for _, p := range got {
			if p.A != twin && p.B != twin || p.A != l.ID && p.B != l.ID {
				t.Errorf("unlike themes suggested: %v", p)
				continue
			}
			found++
		}
	}
	t.Logf("twins found: %s", interval(found, len(themes)))
	if 10*found < 8*len(themes) {
		t.Errorf("twins found for %d of %d themes", found, len(themes))
	}
}

func TestProposeNamesWhatFitsNoTheme(t *testing.T) {
	c := NewClassifier(DefaultSynonyms(), DefaultThemes()...)
	docs := []Doc{
		{"a", "the noise level of the fan drives the lab mad", ""},
		{"b", "too much noise, level is above 60 dB", ""},
		{"c", "noisy? yes, noise in the office next door", ""},
		{"d", "customer asked about the noise level again", ""},
		{"e", "bench space: it is too wide for their hood", ""},
		{"f", "no bench space left in the small room", ""},
		{"g", "no space on the bench, said today", ""},
		{"h", "something else entirely", ""},
	}
	got := c.Propose(docs, 3)
	want := []Proposal{
		{Name: "Noise level", IDs: []string{"a", "b", "c", "d"}},
		{Name: "Bench space", IDs: []string{"e", "f", "g"}},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i, w := range want {
		if got[i].Name != w.Name || !slices.Equal(got[i].IDs, w.IDs) || len(got[i].Terms) == 0 {
			t.Errorf("got %+v, want %+v", got[i], w)
		}
	}
	slices.Reverse(docs)
	if again := c.Propose(docs, 3); fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("the order of the texts matters: %v, %v", again, got)
	}
	if p := c.Propose(docs[:2], 3); len(p) != 0 {
		t.Errorf("proposed from two texts: %v", p)
	}
	if p := c.Propose(nil, 0); len(p) != 0 {
		t.Errorf("proposed from nothing: %v", p)
	}
}
