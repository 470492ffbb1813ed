// Package poster draws the journey map as one self-contained page for a wall: A3 landscape, charts in it, nothing fetched, no script.
// It is read from two metres: what is large is few, and what is more stands small below.
package poster

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"truce"
	"truce/bot/cards"
)

//go:embed poster.html
var page string

var pages = template.Must(template.New("poster").Parse(page))

// stage is one column of the page.
type stage struct {
	cards.StageView
	Title  string
	Long   bool // of its title
	Chart  template.HTML
	Groups []group
	Heard  []heard
	Stuck  []string
	Gaps   []string
	More   string // what did not fit
}

type group struct {
	Title string
	Kind  truce.EntryKind
	Items []item
}

type item struct {
	Text    string
	Assumed bool
	Cites   int
}

type heard struct {
	Name     string
	Times    int
	Wide     string // of 100
	Rising   bool
	Answered bool
}

// What fits into a column: the most of each, and the letters of a line of words.
const (
	mostEntries = 3
	mostHeard   = 3
	mostGaps    = 2
	longest     = 74
)

// Page is the map as a page.
func Page(v cards.JourneyView) ([]byte, error) {
	data := struct {
		Day    string
		Stages []stage
		Band   template.HTML
		Weeks  int
		Window int
		Empty  bool
	}{Day: v.AsOf.In(v.Loc).Format("2 January 2006"), Weeks: v.Weeks, Window: v.Window, Empty: v.Empty()}
	days, most := 0, 1
	for _, s := range v.Stages {
		days = max(days, s.DaysNow, s.DaysThen)
		for _, o := range s.Objections {
			most = max(most, o.Times)
		}
	}
	for _, s := range v.Stages {
		data.Stages = append(data.Stages, column(s, float64(days), most, v))
	}
	data.Band = band(v)
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, "poster", data); err != nil {
		return nil, fmt.Errorf("draw the journey map: %w", err)
	}
	return out.Bytes(), nil
}

func column(s cards.StageView, days float64, most int, v cards.JourneyView) stage {
	c := stage{StageView: s, Title: cut(upper(s.Name), 16), Long: utf8.RuneCountInString(s.Name) > 11, Chart: chart(s, days, v)}
	more := 0
	for _, k := range truce.EntryKinds {
		g := group{Title: k.Title(), Kind: k}
		for _, e := range s.Entries {
			switch {
			case e.Kind != k:
			case len(g.Items) == mostEntries:
				more++
			default:
				g.Items = append(g.Items, item{cut(e.Text, longest), e.Assumed(), len(e.Cites)})
			}
		}
		if len(g.Items) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	for _, o := range s.Objections[:min(len(s.Objections), mostHeard)] {
		c.Heard = append(c.Heard, heard{cut(o.Name, 30), o.Times, num(100 * float64(o.Times) / float64(most)), o.Rising, o.Answered})
	}
	for _, w := range s.Stuck[:min(len(s.Stuck), 1)] {
		c.Stuck = append(c.Stuck, cut(w.Name, longest)+map[bool]string{true: " (1 account)", false: fmt.Sprintf(" (%d accounts)", w.N)}[w.N == 1])
	}
	for _, g := range s.Gaps {
		if g.Kind == truce.GapExit || len(c.Gaps) == mostGaps { // "not agreed yet" stands above already
			continue
		}
		c.Gaps = append(c.Gaps, cut(g.Text, longest+20))
	}
	if more > 0 {
		c.More = fmt.Sprintf("and %d more on the map", more)
	}
	return c
}

// band is how many are at each stage, as one river over the whole page: as high at each as leads and deals there are.
func band(v cards.JourneyView) template.HTML {
	const wide, high = 1000.0, 60.0
	top := 0
	for _, s := range v.Stages {
		top = max(top, s.Leads)
	}
	if top == 0 || len(v.Stages) == 0 {
		return ""
	}
	step := wide / float64(len(v.Stages))
	half := func(s cards.StageView) float64 {
		if !s.Measured {
			return 1.2
		}
		return 2 + (high/2-3)*math.Sqrt(float64(s.Leads)/float64(top))
	}
	var up, down strings.Builder
	for i, s := range v.Stages {
		x, h := step*(float64(i)+.5), half(s)
		if i == 0 {
			fmt.Fprintf(&up, "M0,%s L%s,%s", num(high/2-h), num(x), num(high/2-h))
			down.WriteString(fmt.Sprintf(" L0,%s Z", num(high/2+h)))
			continue
		}
		px, ph := step*(float64(i)-.5), half(v.Stages[i-1])
		mid := (px + x) / 2
		fmt.Fprintf(&up, " C%s,%s %s,%s %s,%s", num(mid), num(high/2-ph), num(mid), num(high/2-h), num(x), num(high/2-h))
		back := fmt.Sprintf(" C%s,%s %s,%s %s,%s", num(mid), num(high/2+h), num(mid), num(high/2+ph), num(px), num(high/2+ph))
		rest := down.String()
		down.Reset()
		down.WriteString(back + rest)
	}
	last := half(v.Stages[len(v.Stages)-1])
	path := up.String() + fmt.Sprintf(" L%s,%s L%s,%s L%s,%s", num(wide), num(high/2-last), num(wide), num(high/2+last),
		num(step*(float64(len(v.Stages))-.5)), num(high/2+last)) + down.String()
	return template.HTML(fmt.Sprintf(`<svg class="band" viewBox="0 0 %s %s" preserveAspectRatio="none" role="img" aria-label="How many leads are at each stage"><path class="river" d="%s"/></svg>`,
		num(wide), num(high), path))
}

// chart is a stage's days, now above before, and below them the share that goes on, with its interval.
func chart(s cards.StageView, days float64, v cards.JourneyView) template.HTML {
	if !s.Measured {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<svg class="chart" viewBox="0 0 200 112" role="img" aria-label="Days at the stage, and the share that goes on">`)
	if days > 0 && (s.Days != "" || s.Then != "") {
		bar := func(y float64, class string, of float64, text, what string) {
			if text == "" {
				return
			}
			w := max(1.5, of/days*112)
			fmt.Fprintf(&b, `<rect class="%s" x="0" y="%s" width="%s" height="14" rx="2"/><text class="fig" x="%s" y="%s">%s %s</text>`, class,
				num(y), num(w), num(w+4), num(y+12), esc(text), what)
		}
		bar(18, "s0", float64(s.DaysNow), s.Days, "days")
		bar(36, "s5", float64(s.DaysThen), s.Then, "before")
		b.WriteString(`<text class="cap" x="0" y="12">days there</text>`)
	}
	share := func(y float64, class string, p cards.Share) {
		if p.N == 0 {
			return
		}
		at := func(f float64) float64 { return 4 + 120*f }
		fmt.Fprintf(&b, `<line class="axis" x1="4" x2="124" y1="%s" y2="%s"/>`, num(y), num(y))
		if p.N >= 10 {
			fmt.Fprintf(&b, `<line class="whisker %s" x1="%s" x2="%s" y1="%s" y2="%s"/><circle class="%s" cx="%s" cy="%s" r="5"/>`, class,
				num(at(p.Low)), num(at(p.High)), num(y), num(y), class,
				num(at(float64(p.K)/float64(p.N))), num(y))
		}
		fmt.Fprintf(&b, `<text class="fig" x="132" y="%s">%s</text>`, num(y+4), esc(p.String()))
	}
	if s.Onward.N+s.Before.N > 0 {
		fmt.Fprintf(&b, `<text class="cap" x="0" y="68">go on within %d days</text>`, v.Window)
		share(82, "s0", s.Onward)
		share(102, "s5", s.Before)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func num(f float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}

func esc(s string) string { return template.HTMLEscapeString(s) }

func cut(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > n {
		s = strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
	}
	return s
}

func upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
