package teams

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"truce/bot/chat"
)

// Messages of Teams are plain text with HTML entities in it and mentions as <at>Name</at>.

var atTag = regexp.MustCompile(`(?i)</?at(\s[^<>]*)?>`)

// plainText is what a person wrote to us: without our own mention, other mentions as names, entities decoded.
func plainText(in incoming) string {
	text := in.Text
	for _, m := range in.Mentions {
		if m.ID != "" && m.ID == in.Recipient.ID && m.Text != "" {
			text = strings.Replace(text, m.Text, " ", 1)
		}
	}
	for _, m := range in.Mentions {
		if m.Text != "" && m.ID != in.Recipient.ID { // as people write it themselves: "for @Ben"
			text = strings.Replace(text, m.Text, "@"+strings.TrimPrefix(strings.TrimSpace(atTag.ReplaceAllString(m.Text, "")), "@"), 1)
		}
	}
	text = atTag.ReplaceAllString(text, "")
	return tidy(html.UnescapeString(text))
}

// tidy turns non-breaking spaces and \r\n into plain ones, drops control characters and invalid bytes, and trims.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\ufeff", "").Replace(s)
	s = cleanLines(s)
	return strings.TrimSpace(s)
}

// command finds the command a text begins with: a word of the catalog, with or without a slash, alone or after "truce". Case
// does not matter: telephones write the first letter large. The rest keeps its own line breaks.
func command(cat chat.Catalog, text string) (name, rest string, ok bool) {
	word, rest := firstWord(text)
	if known(cat, word) && word != truceWord {
		return word, rest, true
	}
	if word != truceWord {
		if word == helpWord && known(cat, truceWord) { // no command of its own: the general one explains
			return truceWord, strings.TrimSpace(helpWord + " " + rest), true
		}
		return "", "", false
	}
	if inner, after := firstWord(rest); known(cat, inner) && inner != truceWord {
		return inner, after, true
	}
	if known(cat, truceWord) {
		return truceWord, rest, true
	}
	return "", "", false
}

const (
	truceWord = "truce"
	helpWord  = "help"
)

func firstWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	return strings.ToLower(strings.TrimPrefix(text[:end], "/")), strings.TrimSpace(text[end:])
}

func known(cat chat.Catalog, word string) bool {
	for _, c := range cat.Commands {
		if c.Name == word {
			return word != ""
		}
	}
	return false
}

var (
	dropped   = regexp.MustCompile(`(?is)<(script|style)\b[^>]*>.*?</(script|style)\s*>|<!--.*?-->`)
	lineBreak = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|h[1-6]|tr|blockquote|pre)\s*>`)
	listItem  = regexp.MustCompile(`(?i)<li\b[^>]*>`)
	imageAlt  = regexp.MustCompile(`(?i)<(?:img|emoji)\b[^>]*?\balt="([^"]*)"[^>]*>`)
	anyTag    = regexp.MustCompile(`</?[a-zA-Z][^<>]*>`)
	manyLines = regexp.MustCompile(`\n{3,}`)
	spaces    = regexp.MustCompile(`[ \t]+`)
)

// htmlText is the text of a message that Teams hands over as HTML (message extensions do).
func htmlText(s string) string {
	s = dropped.ReplaceAllString(s, "")
	s = strings.NewReplacer("\r", "", "\n", " ").Replace(s) // HTML's own line breaks mean nothing
	s = imageAlt.ReplaceAllString(s, "$1")
	s = listItem.ReplaceAllString(s, "- ")
	s = lineBreak.ReplaceAllString(s, "\n")
	s = anyTag.ReplaceAllString(s, "")
	s = tidy(html.UnescapeString(s))
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(spaces.ReplaceAllString(l, " "))
	}
	return strings.TrimSpace(manyLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
