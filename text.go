package truce

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file reads words as people write and paste them: between quotes of any language, in brackets, with a comma or a full stop behind,
// with spaces that do not break, and with characters that nobody sees.

// Blank reports whether a text is empty to the eye: nothing but spaces, controls, zero-width and direction marks, fillers, and marks that
// combine with nothing.
func Blank(s string) bool {
	return strings.IndexFunc(s, seen) < 0
}

// seen reports whether a rune is something to see by itself.
func seen(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\ufffc': // fillers, an empty Braille cell, a picture that did not come
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.M, unicode.Z)
}

// aroundWords are runes that stand around a word and are none of it.
func aroundWord(r rune) bool {
	if strings.ContainsRune("\"'`´,.;:!?…<>＂＇＜＞", r) || unicode.IsSpace(r) || !seen(r) && !unicode.Is(unicode.M, r) {
		return true
	}
	return unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf) || strings.ContainsRune("，。、；：！？．", r)
}

// Bare is a word, or a few, without what stands around it: quotes, brackets, a trailing comma or full stop, the marks by which chats make
// bold or struck out, a bullet or a # before it, what nobody sees.
func Bare(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return aroundWord(r) || mark(r) })
	return strings.TrimLeftFunc(s, func(r rune) bool { return strings.ContainsRune("#＃•‣◦·", r) || aroundWord(r) || mark(r) })
}

// mark reports what Markdown, or what the chats make of it, puts around a text to make it bold, slanted, struck out or code.
func mark(r rune) bool { return strings.ContainsRune("*_~`|＊＿～", r) }

// unmarked is a text without the marks in which it stands as a whole: **Northfield Labs**, _mine_.
func unmarked(s string) string {
	for {
		first, n := utf8.DecodeRuneInString(s)
		last, m := utf8.DecodeLastRuneInString(s)
		if n+m >= len(s) || first != last || !mark(first) {
			return s
		}
		inner := s[n : len(s)-m]
		if bare := strings.TrimFunc(inner, mark); strings.ContainsRune(bare, first) {
			return s // two things, each marked
		}
		s = inner
	}
}

// Unquoted is a text without the quotes, of whatever language, or the marks of Markdown, in which it stands as a whole, and without what
// follows them: “Northfield Labs”, **Northfield Labs**.
func Unquoted(s string) string {
	inner := strings.TrimRightFunc(strings.TrimFunc(s, hidden), func(r rune) bool { return strings.ContainsRune(".,;:!?", r) || hidden(r) })
	if bare := unmarked(inner); bare != inner {
		return Unquoted(bare)
	}
	first, n := utf8.DecodeRuneInString(inner)
	last, m := utf8.DecodeLastRuneInString(inner)
	if n+m > len(inner) || !quote(first) || !quote(last) {
		return s
	}
	if inner = inner[n : len(inner)-m]; strings.ContainsFunc(inner, quote) && strings.IndexFunc(inner, unicode.IsSpace) >= 0 {
		return s // two things in quotes
	}
	return unmarked(strings.TrimFunc(inner, hidden))
}

// quote reports a quotation mark.
func quote(r rune) bool {
	return strings.ContainsRune("\"＂„‚「」『』`", r) || unicode.In(r, unicode.Pi, unicode.Pf)
}

// CutWord is the first word of a text, as it stands there, and the rest; any kind of space ends a word.
func CutWord(s string) (first, rest string) {
	s = strings.TrimFunc(s, hidden)
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimFunc(s[i:], hidden)
}

// hidden is what is trimmed around a text: spaces, and what has no look of its own, but no mark that combines.
func hidden(r rune) bool { return !seen(r) && !unicode.Is(unicode.M, r) }

// CutList cuts a text behind its first word where a comma, a colon or a semicolon of any script follows without a space: "C3,wrong person".
func CutList(s string) (first, rest string, ok bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune(",;:，、；：", r) })
	if i <= 0 {
		return s, "", false
	}
	return s[:i], strings.TrimLeftFunc(s[i:], aroundWord), true
}

// Misspelt is how many letters must be changed, added, dropped or swapped with their neighbour to make a into b (optimal
// string alignment). Both are short names.
func Misspelt(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}
