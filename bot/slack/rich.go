package slack

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// Paragraphs and quotes are rich_text: its text elements are shown as they are, so nothing that a person or a CRM wrote can
// format, mention or link, and nothing needs escaping. Only small print is mrkdwn.

// flat is a text without its formatting.
func flat(t chat.Text) string {
	var b strings.Builder
	for _, s := range t {
		if s.Kind == chat.TimeSpan {
			b.WriteString(s.Format())
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// webAddress reports whether a link may be drawn: https, and short enough for Slack.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && utf8.RuneCountInString(s) <= maxURL && !strings.ContainsAny(s, "|<> \n\t\\\"")
}

// slackUser is the person's user id in the workspace, or any of Slack's where team is "".
func slackUser(ids []string, team string) string {
	for _, s := range ids {
		if t, user, ok := split(s); ok && (team == "" || t == team) && userID(user) {
			return user
		}
	}
	return ""
}

// userID reports whether s looks like one of Slack's user ids: letters and digits only.
func userID(s string) bool {
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// dateFormat is Slack's pattern for a moment, in the reader's zone.
func dateFormat(f chat.TimeFormat) string {
	switch f {
	case chat.Day:
		return "{date_short}"
	case chat.Clock:
		return "{time}"
	default:
		return "{date_short_pretty} {time}"
	}
}

// elements draws spans; n bounds their characters, and cut says whether some did not fit.
func elements(t chat.Text, team string, bold bool, n int) (out []slackgo.RichTextSectionElement, wasCut bool) {
	for _, s := range t {
		if n <= 0 {
			return out, true
		}
		text := tidy(s.Text)
		if s.Kind == chat.TimeSpan {
			text = s.Format()
		}
		if text == "" {
			continue
		}
		short := cutSpan(text, n)
		wasCut = wasCut || len(short) != len(text)
		n -= utf8.RuneCountInString(short)
		out = append(out, element(s, short, team, bold))
	}
	return out, wasCut
}

// tidy is clean without trimming: the spaces between spans matter.
func tidy(s string) string {
	c := clean("x" + s + "x")
	return strings.TrimSuffix(strings.TrimPrefix(c, "x"), "x")
}

// cutSpan is cut without trimming what stays whole.
func cutSpan(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return chat.Shorten(s, n)
}

func element(s chat.Span, text, team string, bold bool) slackgo.RichTextSectionElement {
	var style *slackgo.RichTextSectionTextStyle
	if bold || s.Kind == chat.BoldSpan || s.Kind == chat.ItalicSpan || s.Kind == chat.CodeSpan {
		style = &slackgo.RichTextSectionTextStyle{Bold: bold || s.Kind == chat.BoldSpan, Italic: s.Kind == chat.ItalicSpan,
			Code: s.Kind == chat.CodeSpan}
	}
	switch s.Kind {
	case chat.LinkSpan:
		if webAddress(s.URL) {
			return slackgo.NewRichTextSectionLinkElement(s.URL, text, style)
		}
	case chat.MentionSpan:
		if user := slackUser(s.Users, team); user != "" {
			return slackgo.NewRichTextSectionUserElement(user, style)
		}
	case chat.TimeSpan:
		if sec := s.Time.Unix(); sec > 0 && sec < 1<<32 {
			d := slackgo.NewRichTextSectionDateElement(sec, dateFormat(s.Form), nil, &text)
			d.Style = style
			return d
		}
	}
	return slackgo.NewRichTextSectionTextElement(text, style)
}

func (d *drawing) richText(t chat.Text, bold bool) {
	limit := min(maxQuote, d.left)
	e, wasCut := elements(t, d.opt.Team, bold, limit)
	d.cut = d.cut || wasCut
	if len(e) > 0 {
		d.add(slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(e...)), flat(t))
	}
}

func (d *drawing) paragraph(t chat.Text) { d.richText(t, false) }

func (d *drawing) quote(s string) {
	if s = d.fit(clean(s), maxQuote); s == "" {
		return
	}
	q := &slackgo.RichTextQuote{Type: slackgo.RTEQuote, Elements: []slackgo.RichTextSectionElement{slackgo.NewRichTextSectionTextElement(s,
		nil)}}
	d.add(slackgo.NewRichTextBlock("", q), s)
}

// facts are lines of a bold label and its value.
func (d *drawing) facts(list []chat.Fact) {
	var all []slackgo.RichTextSectionElement
	size := 0
	limit := min(maxQuote, d.left)
	for _, f := range list {
		label := clean(f.Label)
		value, wasCut := elements(f.Value, d.opt.Team, false, maxSection/2)
		n := utf8.RuneCountInString(label) + min(utf8.RuneCountInString(flat(f.Value)), maxSection/2) + 3
		if size+n > limit && size > 0 {
			d.cut = true
			break
		}
		d.cut = d.cut || wasCut
		if label == "" && len(value) == 0 {
			continue
		}
		size += n
		lead := chat.Shorten(label, 200)
		if lead != "" {
			lead += ": "
		}
		if len(all) > 0 {
			all = append(all, slackgo.NewRichTextSectionTextElement("\n", nil))
		}
		if lead != "" {
			all = append(all, slackgo.NewRichTextSectionTextElement(lead, &slackgo.RichTextSectionTextStyle{Bold: true}))
		}
		all = append(all, value...)
	}
	if len(all) > 0 {
		d.add(slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(all...)), strings.Repeat("x", size))
	}
}

// preformatted shows text in a fixed-width face, exactly as it is.
func (d *drawing) preformatted(s string) {
	if s = d.fit(s, maxQuote); s == "" {
		return
	}
	p := &slackgo.RichTextPreformatted{Type: slackgo.RTEPreformatted,
		Elements: []slackgo.RichTextSectionElement{slackgo.NewRichTextSectionTextElement(s, nil)}}
	d.add(slackgo.NewRichTextBlock("", p), s)
}

// mrkdwn draws spans as Slack's markup, at most n characters long: a span that does not fit is left out whole, so that no
// half of a markup remains.
func mrkdwn(t chat.Text, team string, n int) string {
	var b strings.Builder
	size := 0
	for _, s := range t {
		piece := mrkdwnSpan(s, team)
		k := utf8.RuneCountInString(piece)
		if size+k > n-1 {
			room := n - 1 - size
			if room > 12 { // every character may become an entity or get a joiner
				b.WriteString(literal(chat.Shorten(tidy(s.Text), room/6)))
			}
			b.WriteString("…")
			break
		}
		size += k
		b.WriteString(piece)
	}
	return b.String()
}

func mrkdwnSpan(s chat.Span, team string) string {
	text := tidy(s.Text)
	switch s.Kind {
	case chat.BoldSpan, chat.ItalicSpan, chat.CodeSpan:
		mark := map[chat.SpanKind]string{chat.BoldSpan: "*", chat.ItalicSpan: "_", chat.CodeSpan: "`"}[s.Kind]
		if core := strings.TrimSpace(text); core != "" && !strings.Contains(core, "\n") {
			return mark + literal(core) + mark
		}
	case chat.LinkSpan:
		if webAddress(s.URL) {
			return "<" + escape(s.URL) + "|" + strings.ReplaceAll(literal(orDots(text)), "|", "¦") + ">"
		}
	case chat.MentionSpan:
		if user := slackUser(s.Users, team); user != "" {
			return "<@" + user + ">"
		}
	case chat.TimeSpan:
		if sec := s.Time.Unix(); sec > 0 && sec < 1<<32 {
			return "<!date^" + strconv.FormatInt(sec, 10) + "^" + dateFormat(s.Form) + "|" + strings.ReplaceAll(escape(s.Format()), "|", "¦") + ">"
		}
		text = s.Format()
	}
	return literal(text)
}

// literal is text in mrkdwn that cannot format: escaped, and a word joiner after each character that would.
func literal(s string) string { return flattener.Replace(s) }
