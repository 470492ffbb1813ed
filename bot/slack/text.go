package slack

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"truce/bot/chat"
)

// plainText decodes what Slack sends as a message's or command's text: &amp; &lt; &gt; and <...> sequences become what a
// reader sees. name resolves a user id to a name, and may be nil or answer "".
func plainText(s string, name func(userID string) string) string {
	var b strings.Builder
	for s != "" {
		switch s[0] {
		case '&':
			n := 1
			switch {
			case strings.HasPrefix(s, "&amp;"):
				n = 5
				b.WriteByte('&')
			case strings.HasPrefix(s, "&lt;"):
				n = 4
				b.WriteByte('<')
			case strings.HasPrefix(s, "&gt;"):
				n = 4
				b.WriteByte('>')
			default:
				b.WriteByte('&')
			}
			s = s[n:]
		case '<':
			end := strings.IndexAny(s[1:], "<>\n")
			if end < 0 || s[1+end] != '>' || !isToken(s[1:1+end]) { // a "<" that Slack did not write
				b.WriteByte('<')
				s = s[1:]
				continue
			}
			b.WriteString(plainToken(s[1:1+end], name))
			s = s[end+2:]
		default:
			end := strings.IndexAny(s, "&<")
			if end < 0 {
				end = len(s)
			}
			b.WriteString(s[:end])
			s = s[end:]
		}
	}
	return clean(b.String())
}

var mention = regexp.MustCompile(`<(@[UW][A-Z0-9]+)(\|[^<>\n]*)?>`)

// mentions are whom a text mentions, each by the name that plainText gives it.
func mentions(team, s string, name func(userID string) string) (list []chat.User) {
	for _, m := range mention.FindAllStringSubmatch(s, -1) {
		list = append(list, chat.User{ID: id(team, m[1][1:]), Name: strings.TrimPrefix(plainToken(m[1]+m[2], name), "@")})
	}
	return list
}

// isToken tells what Slack puts between < and > from what a person may have.
func isToken(t string) bool {
	return t != "" && (strings.ContainsRune("@#!", rune(t[0])) || strings.Contains(t, "://") ||
		strings.HasPrefix(t, "mailto:") || strings.HasPrefix(t, "tel:"))
}

// plainToken is what a reader sees of what stands between < and >.
func plainToken(t string, name func(string) string) string {
	target, label, labelled := strings.Cut(t, "|")
	label = unescape(label)
	switch {
	case strings.HasPrefix(target, "@"):
		if label == "" && name != nil {
			label = name(target[1:])
		}
		if label == "" {
			label = target[1:]
		}
		return "@" + strings.TrimPrefix(label, "@")
	case strings.HasPrefix(target, "#"):
		if label == "" {
			label = target[1:]
		}
		return "#" + strings.TrimPrefix(label, "#")
	case strings.HasPrefix(target, "!"):
		if label != "" {
			return label
		}
		word, _, _ := strings.Cut(target[1:], "^")
		return "@" + word
	}
	target = unescape(target)
	bareTarget := strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
	switch {
	case !labelled || label == "" || label == target || label == bareTarget:
		return bareTarget
	// "example.com" typed by hand arrives as <http://example.com|example.com>.
	case strings.HasSuffix(target, "://"+label) || strings.HasSuffix(target, "://"+label+"/"):
		return label
	default:
		return label + " (" + bareTarget + ")"
	}
}

// Slack's three entities, both ways, and what formats in mrkdwn. Replacers are built once: that costs more than using them.
var (
	decoder   = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	encoder   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	flattener = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "*\u2060", "_", "_\u2060", "~", "~\u2060", "`", "`\u2060")
)

// unescape decodes Slack's three entities, once.
func unescape(s string) string { return decoder.Replace(s) }

// clean drops what is no text: invalid bytes, control characters except line breaks and tabs, and the invisible
// characters that turn the direction of what follows.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError || unicode.IsControl(r),
			r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// escape makes text harmless in a mrkdwn or top-level text: no mention, channel, link or date can arise.
func escape(s string) string { return encoder.Replace(s) }
