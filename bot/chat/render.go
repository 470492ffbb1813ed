package chat

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// This file holds what the two text renderings of a card share: figures, clean text, widths on a terminal.
// PlainText is in render_plain.go, Markdown in render_markdown.go.

// Figure writes a value with its unit as people read it: at most two decimals, thousands set apart from 10,000 on,
// "38 %", "12,400 leads". Adapters use it for the values of charts.
func Figure(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	if s == "-0" {
		s = "0"
	}
	whole, decimals, dotted := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if len(whole) > 4 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	s = sign + whole
	if dotted {
		s += "." + decimals
	}
	if s == "1" {
		unit = strings.TrimSuffix(unit, "s") // "leads", "days"
	}
	if unit != "" {
		s += " " + unit
	}
	return s
}

// String is the text without any marks: mentions as "@Name", links as "text (address)", moments in their own zone. For
// places that hold one plain line or paragraph: titles of windows, notifications, files.
func (t Text) String() string { return t.in(nil) }

// in is String with the moments in the reader's zone, where there is one.
func (t Text) in(reader *time.Location) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.plain(reader))
	}
	return b.String()
}

func (s Span) plain(reader *time.Location) string {
	switch s.Kind {
	case LinkSpan:
		if s.URL == "" || s.URL == s.Text {
			return s.Text
		}
		return s.Text + " (" + s.URL + ")"
	case MentionSpan:
		return "@" + s.Text
	case TimeSpan:
		if reader != nil {
			s.Zone = reader.String()
		}
		return s.Format()
	default:
		return s.Text
	}
}

// clean makes text safe to write to a terminal or a file: escape sequences and other control characters, and those that
// turn the direction of writing, become visible as U+FFFD; line ends become \n and tabs a space.
func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r == '\u2028', r == '\u2029', r == '\v', r == '\f', r == '\u0085':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return utf8.RuneError
		}
		return r
	}, s)
}

// oneLine is clean text whose runs of white space, line ends among them, are single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// columns is how many columns of a terminal the text takes: wide East Asian characters two, combining marks none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens text to n columns, the last of them "…".
func cut(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		w := runeColumns(r)
		if used+w > n-1 {
			break
		}
		used += w
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ") + "…"
}

// pad fills text with spaces to n columns, before it where right is set.
func pad(s string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-columns(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// wrap breaks each line of clean text at spaces so that it fits n columns; a word longer than that stands alone and is
// not broken (it may be an address to copy). n below 1 does not wrap.
func wrap(s string, n int) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		words := together(strings.Fields(line))
		if n < 1 {
			out = append(out, strings.Join(words, " "))
			continue
		}
		cur, used := "", 0
		for _, w := range words {
			c := columns(w)
			if used > 0 && used+1+c > n {
				out = append(out, cur)
				cur, used = "", 0
			}
			if used > 0 {
				cur, used = cur+" ", used+1
			}
			cur, used = cur+w, used+c
		}
		out = append(out, cur)
	}
	return out
}

// together keeps a percent sign with its number.
func together(words []string) []string {
	out := words[:0:0]
	for i, w := range words {
		if i > 0 && strings.HasPrefix(w, "%") {
			out[len(out)-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

// Grid is the chart's figures as a table: a row per category, a column per series. Adapters show it where a chart cannot
// be drawn, and to screen readers. Missing values are empty cells.
func (c Chart) Grid() Table {
	t := Table{Caption: c.Title, Columns: []Column{{}}}
	for _, s := range c.Series {
		title := s.Name
		if c.Unit != "" && len(c.Series) == 1 && title == "" {
			title = c.Unit
		}
		t.Columns = append(t.Columns, Column{Title: title, Number: true})
	}
	for i, name := range c.Categories {
		row := []Cell{{Text: name}}
		for _, s := range c.Series {
			cell := Cell{}
			if i < len(s.Values) {
				cell = Cell{Text: Figure(s.Values[i], c.Unit), Value: s.Values[i]}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
