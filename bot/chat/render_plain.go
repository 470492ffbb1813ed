package chat

import (
	"math"
	"strings"
	"unicode/utf8"
)

// PlainText is the card as text for a terminal of the given width in columns (below 20 it counts as 80): paragraphs
// wrapped, tables aligned, charts as bars, buttons as [Label]. Whatever control characters people wrote are made
// harmless. It ends with a line end.
func PlainText(c Card, width int) string {
	if width < 20 {
		width = 80
	}
	p := &plain{width: width}
	if title := oneLine(c.Title.String()); title != "" {
		p.para(title, "", "")
	}
	if c.Private != "" {
		p.para("("+clean(c.Private)+")", "", "")
	}
	if len(c.Title) == 0 && len(c.Blocks) == 0 {
		p.para(clean(c.Summary), "", "")
	}
	for _, b := range c.Blocks {
		p.block(b)
	}
	if len(c.Footer) > 0 {
		p.para(clean(c.Footer.String()), "", "")
	}
	return p.b.String()
}

type plain struct {
	b     strings.Builder
	width int
}

// part starts a new part of the text, an empty line after the one before.
func (p *plain) part() {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
}

func (p *plain) line(s string) { p.b.WriteString(strings.TrimRight(s, " ") + "\n") }

// para writes wrapped text: first before its first line, then before each other.
func (p *plain) para(s, first, then string) {
	p.part()
	for i, l := range wrap(s, p.width-columns(first)) {
		if i == 0 {
			p.line(first + l)
		} else {
			p.line(then + l)
		}
	}
}

func (p *plain) block(b Block) {
	switch {
	case b.Heading != "":
		h := oneLine(b.Heading)
		p.part()
		p.line(h)
		p.line(strings.Repeat("-", min(columns(h), p.width)))
	case len(b.Text) > 0:
		p.para(clean(b.Text.String()), "", "")
	case b.Quote != "":
		p.para(clean(b.Quote), "  | ", "  | ")
	case len(b.Facts) > 0:
		p.facts(b.Facts)
	case b.Table != nil:
		p.table(*b.Table)
	case b.Chart != nil:
		p.chart(*b.Chart)
	case len(b.Buttons) > 0:
		p.para(buttons(b.Buttons), "", "")
	case b.Select != nil:
		p.para(choices(*b.Select), "", "")
	case len(b.Note) > 0:
		p.para(clean(b.Note.String()), "", "")
	case b.Divider:
		p.part()
		p.line(strings.Repeat("-", p.width))
	}
}

func (p *plain) facts(facts []Fact) {
	p.part()
	n := 0
	for _, f := range facts {
		n = max(n, min(columns(oneLine(f.Label)), p.width/3))
	}
	for _, f := range facts {
		lead := pad(oneLine(f.Label)+":", n+1, false) + " "
		for i, l := range wrap(clean(f.Value.String()), p.width-n-2) {
			if i == 0 {
				p.line(lead + l)
			} else {
				p.line(strings.Repeat(" ", n+2) + l)
			}
		}
	}
}

// table aligns the columns. What is too wide is cut in the widest column of words; numbers are never cut.
func (p *plain) table(t Table) {
	p.part()
	if c := oneLine(t.Caption); c != "" {
		p.line(c)
	}
	rows := make([][]string, 0, len(t.Rows)+1)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = oneLine(c.Title)
	}
	rows = append(rows, head)
	for _, r := range t.Rows {
		row := make([]string, len(t.Columns))
		for i := range min(len(r), len(row)) {
			row[i] = oneLine(r[i].Words())
		}
		rows = append(rows, row)
	}
	wide := widths(rows, t.Columns, p.width)
	for i, r := range rows {
		var b strings.Builder
		for j, cell := range r {
			if j > 0 {
				b.WriteString("  ")
			}
			b.WriteString(pad(cut(cell, wide[j]), wide[j], t.Columns[j].Number))
		}
		p.line(b.String())
		if i == 0 {
			var rule []string
			for _, w := range wide {
				rule = append(rule, strings.Repeat("-", w))
			}
			p.line(strings.Join(rule, "  "))
		}
	}
	if t.More != nil {
		p.line(button(*t.More))
	}
}

func widths(rows [][]string, cols []Column, room int) []int {
	wide := make([]int, len(cols))
	total := 2 * max(0, len(cols)-1)
	for j := range cols {
		wide[j] = 1
		for _, r := range rows {
			wide[j] = max(wide[j], columns(r[j]))
		}
		total += wide[j]
	}
	for total > room {
		widest := -1
		for j, c := range cols {
			if !c.Number && wide[j] > 8 && (widest < 0 || wide[j] > wide[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			break
		}
		wide[widest]--
		total--
	}
	return wide
}

// chart draws one bar a value, all on one scale from zero; the figure stands behind the bar, so nothing rests on its length.
func (p *plain) chart(c Chart) {
	p.part()
	if t := oneLine(c.Title); t != "" {
		p.line(t)
	}
	names, figures, top := 0, 0, 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			figures = max(figures, columns(Figure(v, c.Unit)))
			if !math.IsInf(v, 0) && v > top {
				top = v
			}
		}
		if len(c.Series) > 1 {
			names = max(names, columns(oneLine(s.Name))+2)
		}
	}
	for _, k := range c.Categories {
		names = max(names, columns(oneLine(k)))
	}
	names = min(names, p.width/2)
	room := max(4, p.width-names-figures-4)
	for i, k := range c.Categories {
		label := oneLine(k)
		if len(c.Series) > 1 {
			p.line(cut(label, names))
		}
		for _, s := range c.Series {
			if len(c.Series) > 1 {
				label = "  " + oneLine(s.Name)
			}
			bar, figure := "", ""
			if i < len(s.Values) {
				bar, figure = bars(s.Values[i], top, room), Figure(s.Values[i], c.Unit)
			}
			if bar != "" {
				bar += " "
			}
			p.line(pad(cut(label, names), names, false) + "  " + bar + figure)
		}
	}
	for _, m := range c.Words() {
		p.line(oneLine(m))
	}
}

// bars is a bar of v on a scale where top takes room columns, in eighths of a column.
func bars(v, top float64, room int) string {
	if !(v > 0) || !(top > 0) {
		return ""
	}
	eighths := int(math.Round(min(v/top, 1) * float64(room) * 8))
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		r, _ := utf8.DecodeRuneInString("▏▎▍▌▋▊▉"[(rest-1)*3:])
		s += string(r)
	}
	return s
}

func button(b Button) string {
	s := "[" + oneLine(b.Label) + "]"
	if b.URL != "" {
		s += " (" + oneLine(b.URL) + ")"
	}
	return s
}

func buttons(bs []Button) string {
	var out []string
	for _, b := range bs {
		out = append(out, button(b))
	}
	return strings.Join(out, " ")
}

func choices(s Select) string {
	var out []string
	for _, o := range s.Options {
		label := oneLine(o.Label)
		if o.Value == s.Value && s.Value != "" {
			label += " (now)"
		}
		out = append(out, label)
	}
	return oneLine(s.Label) + ": " + strings.Join(out, " | ")
}
