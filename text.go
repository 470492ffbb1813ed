package truce

import (
	"strings"
	"unicode"
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

// Bare is a word, or a few, without what stands around it: quotes, brackets, a trailing comma or full stop, what nobody sees.
func Bare(s string) string { return strings.TrimFunc(s, aroundWord) }

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
