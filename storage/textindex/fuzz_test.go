package textindex

import (
	"math"
	"testing"
	"unicode/utf8"
)

func FuzzAnalyze(f *testing.F) {
	an := newAnalyzer(DefaultSynonyms())
	for _, s := range []string{"don't stop", "CE-IVD 21 CFR part 11", "Zürich ﬁne ﷺ", "\xff\x00", "жизнь東京", "a\u0301\u0301\u0301b", "'''",
		"İSTANBUL"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" || len(w) > maxWord || !utf8.ValidString(w) {
				t.Fatalf("%q has the word %q", text, w)
			}
		}
		terms, length := an.counts(text)
		if length > maxWords {
			t.Fatalf("%d words", length)
		}
		for _, x := range terms {
			if x.term == "" || x.count < 1 {
				t.Fatalf("%q has the term %+v", text, x)
			}
		}
		for _, x := range an.features(text) {
			if len(x.key) < 2 || x.weight <= 0 {
				t.Fatalf("%q has the feature %+v", text, x)
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := New(DefaultSynonyms())
	c := NewKinds(DefaultSynonyms())
	for _, s := range []string{"too slow", "tunraround", "\xff", "\x00price", "ǅ ẞ",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		f.Add(s, s)
	}
	x.Add(Doc{"fixed", "too slow for their morning shift", "turnaround-time"})
	f.Fuzz(func(t *testing.T, text, query string) {
		x.Add(Doc{"fuzzed", text, "x"})
		for _, q := range []string{query, text} {
			for _, h := range x.Search(q, 5) {
				if !(h.Score > 0) || math.IsInf(h.Score, 0) || h.ID == "" {
					t.Fatalf("%q: %+v", q, h)
				}
			}
		}
		x.Remove("fuzzed")
		for _, h := range x.Search(text, 5) {
			if h.ID == "fuzzed" {
				t.Fatalf("%q is still found", text)
			}
		}
		g := c.Guess(query)
		if len(g) != 9 || !(g[0].Confidence >= 0 && g[0].Confidence <= 1) {
			t.Fatalf("%q: %v", query, g)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("= a | A\nx; y\n")
	f.Add("a, b\n#\n,")
	f.Fuzz(func(t *testing.T, text string) {
		if labels, err := ParseLabels(text); err == nil {
			for _, l := range labels {
				if l.ID == "" || l.Name == "" {
					t.Fatalf("%q: %+v", text, l)
				}
			}
		}
		groups, err := ParseSynonyms(text)
		if err == nil {
			newAnalyzer(groups).analyze(text)
		}
	})
}
