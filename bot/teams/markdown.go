package teams

import (
	"regexp"
	"strings"

	"truce/bot/chat"
)

// Teams reads the text of a TextBlock, of a FactSet and of a choice's title as Markdown and a little HTML. What people wrote
// goes into TextRuns, which are plain by Microsoft's specification, wherever a card allows it; elsewhere through escape.

var (
	// special are the characters that mean something to Markdown wherever they stand, and those that open HTML, an entity or a
	// {{DATE()}} function. "~" strikes through, "|" parts a table's cells.
	special = strings.NewReplacer(
		`\`, `\\`, `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, "`", "\\`", `#`, `\#`, `~`, `\~`, `|`, `\|`, `{`, `\{`,
		`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`,
	)
	// numbered is a number that would begin a list; dashed a sign that would.
	numbered = regexp.MustCompile(`(?m)^(\s*\d{1,9})([.)])(\s|$)`)
	dashed   = regexp.MustCompile(`(?m)^(\s*)([-+=])`)
	// schemed are addresses that renderers turn into links on their own.
	schemed = regexp.MustCompile(`(?i)\b(https?|ftp|mailto)(:)`)
)

// functions keeps what people wrote from being taken for a function in a TextRun: its specification is silent about them, and
// Microsoft's renderer does what they say.
var functions = strings.NewReplacer("{{", "{\u2060{")

// clock is a moment with the time of day as functions that the reader's client replaces, in their zone and language (Microsoft's "Text
// features" of Adaptive Cards); "" for a day, which is the company's wherever its reader is.
func clock(s chat.Span) string {
	at := s.Time.UTC()
	if s.Form == chat.Day || at.Year() < 1000 || at.Year() > 9999 {
		return ""
	}
	iso := at.Format("2006-01-02T15:04:05Z")
	if s.Form == chat.Clock {
		return "{{TIME(" + iso + ")}}"
	}
	return "{{DATE(" + iso + ", SHORT)}} {{TIME(" + iso + ")}}"
}

// escape makes s stand as it is in a TextBlock. Line breaks become Markdown's hard ones.
func escape(s string) string {
	s = special.Replace(tidy(s))
	s = dashed.ReplaceAllString(s, `$1\$2`)
	s = numbered.ReplaceAllString(s, `$1\$2$3`)
	s = schemed.ReplaceAllString(s, `$1\$2`)
	return strings.ReplaceAll(s, "\n", "\n\n")
}

// oneLine is s in one line of at most n characters.
func oneLine(s string, n int) string {
	return clip(strings.Join(strings.Fields(tidy(clip(s, 20*n))), " "), n)
}

// clip cuts s to n characters, the last of which says that something is missing.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	seen, cut := 0, 0
	for i := range s {
		if seen++; seen == n {
			cut = i
		}
		if seen > n {
			return strings.TrimRight(s[:cut], " \n") + "…"
		}
	}
	return s
}

// mentionName is a name as it may stand between <at> and </at>: nothing in it means anything to a renderer.
func mentionName(s string) string {
	s = oneLine(s, 100)
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>&*_[]`#~\\|{}", r) {
			return -1
		}
		return r
	}, s)
	if s = strings.TrimSpace(s); s == "" {
		return "someone"
	}
	return s
}

// plain is a text without any meaning but its words.
func plain(t chat.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case chat.TimeSpan:
			b.WriteString(s.Format())
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
