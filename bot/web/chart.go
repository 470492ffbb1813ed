package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"truce/bot/chat"
)

// Charts are drawn as SVG with positions across in percent, so that they fill any width with letters of one size. Colours
// come from classes (s0 to s5), because the page's policy allows no style attributes and because both themes have their own.

// vChart is a drawn chart, with its figures as a table for those who do not see it.
type vChart struct {
	Title  string
	SVG    template.HTML
	Legend []vKey
	Marks  []string
	Grid   *vTable
}

type vKey struct {
	Name  string
	Class string
}

func drawChart(c chat.Chart) *vChart {
	if len(c.Series) > 6 {
		c.Series = c.Series[:6]
	}
	out := &vChart{Title: c.Title, Grid: table(c.Grid()), Marks: c.Words()}
	if len(c.Series) > 1 {
		for i, s := range c.Series {
			out.Legend = append(out.Legend, vKey{s.Name, fmt.Sprintf("s%d", i)})
		}
	}
	if c.Kind == chat.Line {
		out.SVG = lines(c)
	} else {
		out.SVG = bars(c)
	}
	return out
}

// The measures of charts, in pixels; room and shares across in percent.
const (
	barHigh  = 14
	barGap   = 3
	groupGap = 10
	nameHigh = 17   // a category's name stands above its bars, whole: beside them it is cut, or lies on them on a phone
	barRoom  = 76.0 // for the longest bar; the rest is for its figure
	lineHigh = 170
	lineTop  = 18
	lineFoot = 26
)

// bars draws horizontal bars from zero, a group per category.
func bars(c chat.Chart) template.HTML {
	var b strings.Builder
	top := 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			if usable(v) {
				top = max(top, v)
			}
		}
	}
	group := nameHigh + len(c.Series)*(barHigh+barGap) - barGap + groupGap
	high := max(1, len(c.Categories))*group - groupGap + 4
	svgOpen(&b, c, high)
	y := 2
	for i, name := range c.Categories {
		fmt.Fprintf(&b, `<text class="name" x="0" y="%d">%s</text>`, y+12, shorten(name, 44))
		y += nameHigh
		for j, s := range c.Series {
			if i < len(s.Values) && usable(s.Values[i]) {
				v := s.Values[i]
				wide := 0.0
				if top > 0 && v > 0 {
					wide = v / top * barRoom
				}
				fmt.Fprintf(&b, `<rect class="s%d" x="0" y="%d" width="%s%%" height="%d" rx="2"><title>%s</title></rect>`, j, y, num(wide), barHigh,
					label(name, s.Name, v, c.Unit))
				fmt.Fprintf(&b, `<text class="figure" x="%s%%" dx="6" y="%d">%s</text>`, num(wide), y+barHigh-3, esc(chat.Figure(v, c.Unit)))
			}
			y += barHigh + barGap
		}
		y += groupGap - barGap
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// lines draws a line a series over the categories. The axis begins at zero unless there are values below it.
func lines(c chat.Chart) template.HTML {
	var b strings.Builder
	low, top := 0.0, 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			if usable(v) {
				low, top = min(low, v), max(top, v)
			}
		}
	}
	if top == low {
		top = low + 1
	}
	step := niceStep((top - low) / 3)
	top, low = math.Ceil(top/step)*step, math.Floor(low/step)*step
	at := func(v float64) float64 { return lineTop + (top-v)/(top-low)*(lineHigh-lineTop-lineFoot) }
	across := func(i int) float64 {
		if len(c.Categories) < 2 {
			return 50
		}
		return 11 + float64(i)/float64(len(c.Categories)-1)*83
	}
	svgOpen(&b, c, lineHigh)
	for v := low; v <= top+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="9%%" x2="100%%" y1="%s" y2="%s"/><text class="tick" x="8%%" y="%s">%s</text>`, num(at(v)),
			num(at(v)), num(at(v)+4), esc(chat.Figure(v, "")))
	}
	every := max(1, (len(c.Categories)+5)/6)
	for i, name := range c.Categories {
		if i%every == 0 {
			fmt.Fprintf(&b, `<text class="cat" x="%s%%" y="%d">%s</text>`, num(across(i)), lineHigh-8, shorten(name, 10))
		}
		for _, m := range c.Marks {
			if m.Category == name {
				fmt.Fprintf(&b, `<line class="mark" x1="%s%%" x2="%s%%" y1="%d" y2="%d"><title>%s</title></line>`, num(across(i)), num(across(i)), 4,
					lineHigh-lineFoot, esc(m.Text))
			}
		}
	}
	for j, s := range c.Series {
		// A polyline takes no percentages: it is drawn in a square of 100 by 100 that is stretched over the chart.
		fmt.Fprintf(&b, `<svg x="0" y="0" width="100%%" height="%d" viewBox="0 0 100 %d" preserveAspectRatio="none"><polyline class="s%d" points="`, lineHigh, lineHigh, j)
		for i, v := range s.Values {
			if i < len(c.Categories) && usable(v) {
				fmt.Fprintf(&b, "%s,%s ", num(across(i)), num(at(v)))
			}
		}
		b.WriteString(`"/></svg>`)
		for i, v := range s.Values {
			if i >= len(c.Categories) || !usable(v) {
				continue
			}
			fmt.Fprintf(&b, `<circle class="s%d" cx="%s%%" cy="%s" r="3.5"><title>%s</title></circle>`, j, num(across(i)), num(at(v)),
				label(c.Categories[i], s.Name, v, c.Unit))
			if i == len(s.Values)-1 {
				fmt.Fprintf(&b, `<text class="figure end" x="%s%%" y="%s">%s</text>`, num(across(i)), num(at(v)-8), esc(chat.Figure(v, c.Unit)))
			}
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func svgOpen(b *strings.Builder, c chat.Chart, high int) {
	class := "chart"
	if c.Kind == chat.Line {
		class += " line"
	}
	fmt.Fprintf(b, `<svg class="%s" width="100%%" height="%d" role="img" aria-label="%s"><title>%s</title>`, class, high, esc(c.Title),
		esc(c.Title))
}

func usable(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func num(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

func esc(s string) string { return template.HTMLEscapeString(s) }

func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) > n {
		s = string([]rune(s)[:n-1]) + "…"
	}
	return esc(s)
}

func label(category, series string, v float64, unit string) string {
	s := category
	if series != "" {
		s += ", " + series
	}
	return esc(s + ": " + chat.Figure(v, unit))
}

// niceStep is the smallest of 1, 2, 5 times a power of ten that is not below v.
func niceStep(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, k := range []float64{1, 2, 5} {
		if k*p >= v {
			return k * p
		}
	}
	return 10 * p
}
