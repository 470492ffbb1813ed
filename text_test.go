package truce

import "testing"

func TestBlank(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, " \t\n": true, "\u200b": true, "\u200b \u200d\ufeff": true, "\u202e\u202c": true, "\u2066\u2069": true, "\ufeff": true,
		"\u0301\u0308": true, "\u00a0\u3000": true,
		"\u00ad": true, "\u3164": true, "\u2800": true, "\x00\x1b": true, "\U000e0020": true, "\ufe0f": true, "\u061c": true, "\u180e": true,
		"\u2060": true,
		"a":      false, "é": false, "e\u0301": false, "\u200bx": false, "–": false, "?": false, "東": false, "👍🏽": false, "0": false,
	} {
		if got := Blank(s); got != want {
			t.Errorf("%q is blank: %v, want %v", s, got, want)
		}
		if _, err := CheckText(s, "text"); (err != nil) != want {
			t.Errorf("%q is refused: %v, want %v", s, err, want)
		}
	}
}

func TestBare(t *testing.T) {
	for s, want := range map[string]string{
		"L100": "L100", "“L100”": "L100", "„L100“": "L100", "«L100»": "L100", "‹L100›": "L100", "「L100」": "L100", "‘L100’": "L100",
		"'L100'": "L100", "\"L100\"": "L100", "`L100`": "L100",
		"(L100)": "L100", "[L100].": "L100", "{L100}": "L100", "（L100）": "L100", "<L100>": "L100", "L100,": "L100", "L100.": "L100",
		"L100，": "L100", "L100、": "L100", "L100;": "L100", "L100?": "L100",
		"\u00a0L100\u00a0": "L100", "\u200bL100\ufeff": "L100", "“L100,”.": "L100", "a.b@c.example,": "a.b@c.example", "L-12": "L-12", "": "",
		"*L100*": "L100", "**L100**": "L100", "_L100_": "L100", "~L100~": "L100", "`*L100*`": "L100", "*L100*,": "L100", "“*L100*”": "L100",
		"#L100": "L100", "#*L-1*": "L-1", "• L100": "L100", "*#L-1*": "L-1", "||L100||": "L100", "a_b@c.example": "a_b@c.example",
		"“”": "", "O'Neil": "O'Neil", "C#": "C#", "**": "",
	} {
		if got := Bare(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

func TestTextInMarksOfMarkdown(t *testing.T) {
	for s, want := range map[string]string{
		"“Northfield Labs”": "Northfield Labs", "*Northfield Labs*": "Northfield Labs", "**Northfield Labs**": "Northfield Labs",
		"_mine_": "mine", "~~mine~~": "mine", "*“Northfield Labs”*.": "Northfield Labs", "“*Northfield Labs*”": "Northfield Labs",
		"*urgent*: call *now*": "*urgent*: call *now*", "“a b” and “c d”": "“a b” and “c d”", "a*b": "a*b", "*": "*", "": "",
	} {
		if got := Unquoted(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

func TestCutWord(t *testing.T) {
	for _, tt := range []struct{ s, first, rest string }{
		{"C3 wrong person", "C3", "wrong person"}, {"C3,\u00a0wrong person", "C3,", "wrong person"}, {"C3\u3000wrong", "C3", "wrong"},
		{" \u200bC3", "C3", ""}, {"C3\nwrong", "C3", "wrong"}, {"", "", ""},
	} {
		if first, rest := CutWord(tt.s); first != tt.first || rest != tt.rest {
			t.Errorf("%q is %q and %q", tt.s, first, rest)
		}
	}
	for _, tt := range []struct {
		s, first, rest string
		ok             bool
	}{
		{"C3,wrong", "C3", "wrong", true}, {"C3，wrong", "C3", "wrong", true}, {"C3：wrong", "C3", "wrong", true}, {"C3", "C3", "", false},
		{",C3", ",C3", "", false},
	} {
		if first, rest, ok := CutList(tt.s); first != tt.first || rest != tt.rest || ok != tt.ok {
			t.Errorf("%q is %q and %q, %v", tt.s, first, rest, ok)
		}
	}
}

func TestAReasonIsFoundBetweenMarks(t *testing.T) {
	for _, tt := range []struct {
		said   string
		reason Reason
		rest   string
	}{
		{"wrong person", "wrong-person", ""}, {"“wrong person”", "wrong-person", ""}, {"«Wrong person».", "wrong-person", ""},
		{"(wrong-person)", "wrong-person", ""},
		{"wrong\u00a0person", "wrong-person", ""}, {"wrong person, they left", "wrong-person", "they left"},
		{"wrong person，they left", "wrong-person", "they left"},
		{"wrong person — they left", "wrong-person", "they left"}, {"wrong person: they left", "wrong-person", "they left"},
		{"can’t reach them", "unable-to-reach", "can’t reach them"},
	} {
		if reason, rest, ok := GuessReason(tt.said); reason != tt.reason || rest != tt.rest || !ok {
			t.Errorf("%q is %q and %q, %v; want %q and %q", tt.said, reason, rest, ok, tt.reason, tt.rest)
		}
	}
}

func TestUnquoted(t *testing.T) {
	for said, want := range map[string]string{
		"“Northfield Labs”": "Northfield Labs", "„Northfield Labs“.": "Northfield Labs", "« Northfield Labs »,": "Northfield Labs",
		"‚mine‘": "mine", "`L-1`": "L-1", `"two words"`: "two words", "“Region (EMEA)”": "Region (EMEA)",
		"Acme Inc.": "Acme Inc.", "Labs (EU)": "Labs (EU)", "“A5” “they buy”": "“A5” “they buy”", "“A5”: wrong person": "“A5”: wrong person",
		"they said “no”": "they said “no”", "”": "”", "": "", "“”": "", "don't": "don't",
	} {
		if got := Unquoted(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
