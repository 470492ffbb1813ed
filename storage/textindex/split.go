// Several statements in one message: where to cut, as a proposal that a person confirms.
package textindex

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxParts bounds what is proposed; what comes after stays with the last part.
const maxParts = 12

// Split proposes the statements that a message is made of: the items of a list (bullets, numbers, also within a line), else
// its lines and sentences. Neighbouring sentences of which alike says that they belong together stay together; a nil alike
// parts them all. Fragments of one or two words stay with their neighbour, and a short line that ends with a colon and opens a
// list ("From the Northfield call:") is left out. A text that is one statement comes back alone, an empty one as nothing.
func Split(text string, alike func(a, b string) bool) []string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	lines := nonEmpty(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' }))
	parts := listed(lines)
	if parts == nil {
		if items := numbered(strings.Join(lines, " ")); items != nil {
			parts = items
		} else {
			for _, l := range lines {
				parts = append(parts, sentences(l)...)
			}
			parts = together(parts, alike)
		}
	}
	if len(parts) > maxParts {
		parts = append(parts[:maxParts-1:maxParts-1], strings.Join(parts[maxParts-1:], " "))
	}
	return parts
}

// Alike returns a judgement for Split: two sentences belong together unless one of the classifiers is confident about both
// and finds them to be about different things.
func Alike(guess ...func(string) Guesses) func(a, b string) bool {
	return func(a, b string) bool {
		for _, f := range guess {
			x, sure := f(a).Confident(Threshold)
			y, alsoSure := f(b).Confident(Threshold)
			if sure && alsoSure && x.Label != y.Label {
				return false
			}
		}
		return true
	}
}

func nonEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// bullet returns a line without its list marker, and whether it had one.
func bullet(line string) (string, bool) {
	r, size := utf8.DecodeRuneInString(line)
	rest := line[size:]
	switch {
	case strings.ContainsRune("-*•‣◦·–—+", r):
	case r >= '0' && r <= '9' || r == '(':
		n := strings.TrimLeft(strings.TrimPrefix(line, "("), "0123456789")
		digits := len(strings.TrimPrefix(line, "(")) - len(n)
		if digits == 0 || digits > 2 || n == "" || !strings.ContainsRune(".):", rune(n[0])) {
			return line, false
		}
		rest = n[1:]
	default:
		return line, false
	}
	text := strings.TrimLeftFunc(rest, unicode.IsSpace)
	return text, text != "" && text != rest // a marker is followed by a blank; "-5 %" is none
}

// listed returns the items of a text with at least two marked lines, else nil. An unmarked line goes on with its item.
func listed(lines []string) []string {
	var out []string
	intro, marks := "", 0
	for _, l := range lines {
		item, ok := bullet(l)
		switch {
		case ok:
			marks++
			out = append(out, item)
		case marks > 0:
			out[len(out)-1] += " " + l
		default:
			intro = strings.TrimSpace(intro + " " + l)
		}
	}
	if marks < 2 {
		return nil
	}
	if intro != "" && !(strings.HasSuffix(intro, ":") && len(strings.Fields(intro)) <= 10) {
		out = append([]string{intro}, out...)
	}
	return out
}

// numbered returns the items of a text that counts within a line, "1) too slow 2) too expensive", else nil.
func numbered(text string) []string {
	var cuts, starts []int
	for i := 0; i < len(text); i++ {
		if i > 0 && text[i-1] != ' ' {
			continue
		}
		next := byte('1' + len(cuts))
		j := i
		if text[j] == '(' {
			j++
		}
		if next <= '9' && j+2 < len(text) && text[j] == next && (text[j+1] == ')' || text[j+1] == '.') && text[j+2] == ' ' {
			cuts, starts = append(cuts, i), append(starts, j+2)
		}
	}
	if len(cuts) < 2 {
		return nil
	}
	var out []string
	if intro := strings.TrimSpace(text[:cuts[0]]); intro != "" && !(strings.HasSuffix(intro, ":") && len(strings.Fields(intro)) <= 10) {
		out = append(out, intro)
	}
	cuts = append(cuts, len(text))
	for i, s := range starts {
		out = append(out, strings.Trim(text[s:cuts[i+1]], " ,;"))
	}
	return nonEmpty(out)
}

// abbreviations end with a full stop that ends no sentence.
var abbreviations = []string{"dr", "prof", "mr", "mrs", "ms", "vs", "approx", "incl", "excl", "resp", "ca", "inc", "ltd", "st", "nr", "fig",
	"min", "max", "e.g", "i.e", "eg", "ie"}

// sentences cuts a line behind full stops, question and exclamation marks and semicolons.
func sentences(line string) []string {
	var out []string
	start := 0
	for i := 0; i < len(line); i++ {
		if !strings.ContainsRune(".!?;", rune(line[i])) {
			continue
		}
		end := i + 1
		for end < len(line) && strings.IndexByte(".!?;", line[end]) >= 0 {
			end++
		}
		quoted := end
		for quoted < len(line) {
			r, size := utf8.DecodeRuneInString(line[quoted:])
			if !strings.ContainsRune("\"'”’)", r) {
				break
			}
			quoted += size
		}
		rest := strings.TrimLeft(line[quoted:], " \t\u00a0")
		next, _ := utf8.DecodeRuneInString(rest)
		switch {
		case rest == "" || rest == line[quoted:]: // the end, or no blank: 6.5, example.com
		case quoted > end && unicode.IsLower(next): // "why you?" asked the boss
		case line[i] == '.' && end == i+1 && abbreviated(line[start:i]):
		default:
			out = append(out, strings.TrimSpace(line[start:quoted]))
			start = len(line) - len(rest)
		}
		i = quoted - 1
	}
	return nonEmpty(append(out, line[start:]))
}

// abbreviated says whether what stands before a full stop ends with an abbreviation or a single letter.
func abbreviated(before string) bool {
	word := strings.ToLower(before[strings.LastIndexAny(before, " (\"")+1:])
	return len(word) == 1 && word >= "a" && word <= "z" || slices.Contains(abbreviations, word)
}

// together joins fragments to their neighbours, and neighbours that are alike.
func together(parts []string, alike func(a, b string) bool) []string {
	var out []string
	for _, p := range parts {
		last := len(out) - 1
		if last >= 0 && (len(words(out[last])) < 3 || len(words(p)) < 3 || alike != nil && alike(out[last], p)) {
			out[last] += " " + p
			continue
		}
		out = append(out, p)
	}
	return out
}
