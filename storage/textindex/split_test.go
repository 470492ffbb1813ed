package textindex

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"one statement", "they say we are too slow", []string{"they say we are too slow"}},
		{"nothing", " \n\t ", nil},
		{"sentences", "They say we are too slow. Also no LIMS connection! Who can help me there?",
			[]string{"They say we are too slow.", "Also no LIMS connection!", "Who can help me there?"}},
		{"lower case and semicolons", "price is too high; the lims is missing. legal is stuck on liability",
			[]string{"price is too high;", "the lims is missing.", "legal is stuck on liability"}},
		{"bullets", "From the Northfield call:\n- too expensive for them\n- no LIMS\n  connection there\n* Meridian was there first",
			[]string{"too expensive for them", "no LIMS connection there", "Meridian was there first"}},
		{"a list behind a statement", "Good visit at Lakeside today\n1. they want 384 wells\n2) budget comes in July",
			[]string{"Good visit at Lakeside today", "they want 384 wells", "budget comes in July"}},
		{"numbers within a line", "Heard today: 1) too slow, 2) too expensive 3) not on FFPE",
			[]string{"too slow", "too expensive", "not on FFPE"}},
		{"lines", "deal is stuck in legal\nwe won Brightwater today", []string{"deal is stuck in legal", "we won Brightwater today"}},
		{"fragments stay", "Sticker shock. The manager laughed at the quote. No way!",
			[]string{"Sticker shock. The manager laughed at the quote. No way!"}},
		{"abbreviations, numbers, names", "Dr. J. Kowalski measures 6.5 pg/ml vs. 4.2 at example.com e.g. in serum",
			[]string{"Dr. J. Kowalski measures 6.5 pg/ml vs. 4.2 at example.com e.g. in serum"}},
		{"quotes", `"Why should we look at you?" asked the head of the lab`, []string{`"Why should we look at you?" asked the head of the lab`}},
		{"a dash is not a list", "delivery takes 12 weeks - too long for them\nthe kit is fine",
			[]string{"delivery takes 12 weeks - too long for them", "the kit is fine"}},
		{"one bullet is not a list", "- they want 384 wells", []string{"- they want 384 wells"}},
	} {
		if got := Split(c.text, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q\n got %q\nwant %q", c.name, c.text, got, c.want)
		}
	}
}

func TestSplitKeepsTogetherWhatBelongsTogether(t *testing.T) {
	alike := Alike(NewKinds(DefaultSynonyms()).Guess, NewClassifier(DefaultSynonyms(), DefaultThemes()...).Guess)
	for _, c := range []struct {
		text string
		want int
	}{
		{"They say we are too expensive. The quote is far above what they had in mind.", 1},
		{"They say the price is too high. Also the LIMS integration is missing.", 2},
		{"Deal is stuck in legal since March. Competitor X launched a new reader. What do we say about delivery times?", 3},
	} {
		if got := Split(c.text, alike); len(got) != c.want {
			t.Errorf("%q: %d parts %q, want %d", c.text, len(got), got, c.want)
		}
	}
	dev := corpus(t, "notes.tsv", "dev")
	parted := 0
	for i, a := range dev { // of six a kind: the sixth next is of another
		if len(Split(a.Text+". "+dev[(i+6)%len(dev)].Text+".", alike)) == 2 {
			parted++
		}
	}
	whole, several := 0, 0
	for _, file := range []string{"objections.tsv", "notes.tsv"} {
		for _, s := range append(corpus(t, file, "dev"), corpus(t, file, "test")...) {
			if len(Split(s.Text, nil)) > 1 {
				several++
				if len(Split(s.Text, alike)) == 1 {
					whole++
				}
			}
		}
	}
	t.Logf("two notes of different kinds parted: %s; one note of several sentences left whole: %s", interval(parted, len(dev)),
		interval(whole, several))
	if 10*parted < 6*len(dev) || 10*whole < 7*several {
		t.Error("fewer than six in ten parted or seven in ten left whole")
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a. b", "1) x y z 2) u v w", "- a\n- b", "(1", "Dr. ", "\xff\xfe. \x00", "“a?” b", "a...b! c; ;;;", "1.", "(",
		"-\n-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := Split(text, nil)
		if len(parts) > maxParts {
			t.Fatalf("%d parts", len(parts))
		}
		size := 0
		for _, p := range parts {
			if strings.TrimSpace(p) == "" {
				t.Fatalf("an empty part of %q: %q", text, parts)
			}
			size += len(p)
		}
		if size > 3*len(text)+len(parts) {
			t.Fatalf("parts are longer than %q: %q", text, parts)
		}
		if got, want := letters(strings.Join(parts, " ")), letters(text); got != want && !strings.Contains(text, ":") {
			t.Fatalf("%q became %q: letters lost", text, parts)
		}
	})
}

// letters returns a text without all that is no letter.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}
