package chat

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown is the card as GitHub-flavoured Markdown, for files and mail. Everything that people wrote stands there as
// text: what Markdown or HTML would read as markup is escaped. Charts are tables, buttons [Label]. It ends with a line end.
func Markdown(c Card) string {
	var parts []string
	if len(c.Title) > 0 {
		parts = append(parts, "## "+mdLine(c.Title))
	}
	if c.Private != "" {
		parts = append(parts, mdText(T("("+c.Private+")")))
	}
	if len(c.Title) == 0 && len(c.Blocks) == 0 {
		parts = append(parts, mdText(T(c.Summary)))
	}
	for _, b := range c.Blocks {
		parts = append(parts, mdBlock(b))
	}
	if len(c.Footer) > 0 {
		parts = append(parts, "---", mdText(c.Footer))
	}
	out := parts[:0]
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n") + "\n"
}

func mdBlock(b Block) string {
	switch {
	case b.Heading != "":
		return "### " + mdLine(T(b.Heading))
	case len(b.Text) > 0:
		return mdText(b.Text)
	case b.Quote != "":
		lines := mdLines(T(b.Quote))
		return "> " + strings.Join(lines, "\n> ")
	case len(b.Facts) > 0:
		var out []string
		for _, f := range b.Facts {
			value := strings.Join(mdLines(f.Value), "\n  ")
			out = append(out, "- "+mdLine(T(B(f.Label+":")))+" "+value)
		}
		return strings.Join(out, "\n")
	case b.Table != nil:
		return mdTable(*b.Table)
	case b.Chart != nil:
		out := mdTable(b.Chart.Grid())
		for _, m := range b.Chart.Words() {
			out += "\n\n" + mdText(T(m))
		}
		return out
	case len(b.Buttons) > 0:
		var out []string
		for _, btn := range b.Buttons {
			out = append(out, mdButton(btn))
		}
		return strings.Join(out, " ")
	case b.Select != nil:
		return mdText(T(choices(*b.Select)))
	case len(b.Note) > 0:
		return mdText(b.Note)
	case b.Divider:
		return "---"
	}
	return ""
}

func mdButton(b Button) string {
	label := `\[` + mdEscape(oneLine(b.Label)) + `\]`
	if link := mdAddress(b.URL); link != "" {
		return "[" + label + "](" + link + ")"
	}
	return label
}

func mdTable(t Table) string {
	var b strings.Builder
	if t.Caption != "" {
		b.WriteString(mdLine(T(B(t.Caption))) + "\n\n")
	}
	cell := func(s string) string { return " " + mdEscape(oneLine(s)) + " |" }
	b.WriteString("|")
	for _, c := range t.Columns {
		b.WriteString(cell(c.Title))
	}
	b.WriteString("\n|")
	for _, c := range t.Columns {
		if c.Number {
			b.WriteString(" ---: |")
		} else {
			b.WriteString(" --- |")
		}
	}
	for _, r := range t.Rows {
		b.WriteString("\n|")
		for i := range t.Columns {
			if i < len(r) {
				b.WriteString(cell(r[i].Words()))
			} else {
				b.WriteString("  |")
			}
		}
	}
	if t.More != nil {
		b.WriteString("\n\n" + mdButton(*t.More))
	}
	return b.String()
}

// mdText is a paragraph; its line breaks are kept.
func mdText(t Text) string { return strings.Join(mdLines(t), "\n") }

// mdLine is a text on one line.
func mdLine(t Text) string {
	flat := make(Text, len(t))
	for i, s := range t {
		flat[i] = s
		flat[i].Text = strings.Map(func(r rune) rune {
			if r == '\n' {
				return ' '
			}
			return r
		}, clean(s.Text))
	}
	return strings.Join(strings.Fields(strings.Join(mdLines(flat), " ")), " ")
}

// mdLines renders spans to lines, each safe at the start of a line; all but the last of a paragraph end with a hard break.
func mdLines(t Text) []string {
	w := &mdWriter{}
	for i, s := range t {
		next := ""
		if i+1 < len(t) {
			next = t[i+1].plain(nil)
		}
		w.span(s, next)
	}
	lines := strings.Split(w.b.String(), "\n")
	for i, l := range lines {
		lines[i] = mdStart(strings.TrimSpace(l))
	}
	for i := range len(lines) - 1 {
		if lines[i] != "" && lines[i+1] != "" {
			lines[i] += `\`
		}
	}
	return lines
}

type mdWriter struct {
	b    strings.Builder
	last rune // the last character written, unescaped
	mark bool // the last thing written closed an emphasis
}

func (w *mdWriter) text(s string) {
	if s == "" {
		return
	}
	w.b.WriteString(mdEscape(s))
	w.last, _ = utf8.DecodeLastRuneInString(s)
	w.mark = false
}

func (w *mdWriter) span(s Span, next string) {
	switch s.Kind {
	case BoldSpan:
		w.emphasis(clean(s.Text), "**", next)
	case ItalicSpan:
		w.emphasis(clean(s.Text), "*", next)
	case CodeSpan:
		w.code(oneLine(s.Text))
	case LinkSpan:
		link := mdAddress(s.URL)
		if link == "" {
			w.text(clean(s.plain(nil)))
			return
		}
		w.b.WriteString("[" + mdEscape(oneLine(s.Text)) + "](" + link + ")")
		w.last, w.mark = ')', false
	default:
		w.text(clean(s.plain(nil)))
	}
}

// emphasis marks each line by itself. Where Markdown would not read the marks as such (a letter outside, punctuation
// inside; two emphases touching), the words stay plain rather than show stars.
func (w *mdWriter) emphasis(s, marks, next string) {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if i > 0 {
			w.text("\n")
		}
		body := strings.TrimSpace(l)
		if body == "" {
			w.text(l)
			continue
		}
		before, after, _ := strings.Cut(l, body)
		w.text(before)
		follows, _ := utf8.DecodeRuneInString(after + next)
		if i < len(lines)-1 || after+next == "" {
			follows = '\n'
		}
		first, _ := utf8.DecodeRuneInString(body)
		last, _ := utf8.DecodeLastRuneInString(body)
		if w.mark || wordy(w.last) && !wordy(first) || wordy(follows) && !wordy(last) {
			w.text(l[len(before):])
			continue
		}
		w.b.WriteString(marks + mdEscape(body) + marks)
		w.last, w.mark = '*', true
		w.text(after)
	}
}

// wordy is neither white space nor punctuation, in the sense of Markdown's rules on emphasis.
func wordy(r rune) bool {
	return r != 0 && !unicode.IsSpace(r) && !unicode.IsPunct(r) && !unicode.IsSymbol(r)
}

func (w *mdWriter) code(s string) {
	if s == "" {
		return
	}
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence, space := strings.Repeat("`", longest+1), ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		space = " "
	}
	if w.last == '`' {
		w.b.WriteByte(' ')
	}
	w.b.WriteString(fence + space + s + space + fence)
	w.last, w.mark = '`', false
}

var (
	mdSpecial = strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`,
		"#", `\#`, "$", `\$`, "://", `\://`, "www.", `www\.`, "WWW.", `WWW\.`, "@", `\@`)
	mdEntity = regexp.MustCompile(`&(#?[0-9A-Za-z]+;)`)
	mdList   = regexp.MustCompile(`^(\d{1,9})([.)])`)
)

// mdEscape makes clean text stand as text inside a line.
func mdEscape(s string) string { return mdEntity.ReplaceAllString(mdSpecial.Replace(s), `\&$1`) }

// mdStart escapes what means something only at the start of a line: lists, headings underlined, rules.
func mdStart(l string) string {
	if l == "" {
		return l
	}
	if strings.ContainsRune("-+=:", rune(l[0])) {
		return `\` + l
	}
	return mdList.ReplaceAllString(l, `$1\$2`)
}

// mdAddress is an address ready for the round brackets of a link; "" unless it is https.
func mdAddress(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "|", "%7C", `\`, "%5C", "*", "%2A", "_",
		"_").Replace(u.String())
}
