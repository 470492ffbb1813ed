package web

import (
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce/bot/chat"
)

// vCard is a card with everything resolved for one viewer.
type vCard struct {
	Ref     vFormRef
	Summary string
	Title   template.HTML
	Blocks  []vBlock
	Footer  template.HTML
}

type vBlock struct {
	Kind    string // heading, text, quote, facts, table, chart, buttons, select, note, divider
	Plain   string
	HTML    template.HTML
	Facts   []vFact
	Table   *vTable
	Chart   *vChart
	Buttons []vButton
	Select  *vSelect
}

type vFact struct {
	Label string
	Value template.HTML
}

type vTable struct {
	chat.Table
	Rows [][]vCell
	More *vButton
}

type vCell struct {
	Text   string
	Sort   string
	Number bool
	Whole  bool // stays on one line
	Trend  *vTrend
	Button *vButton
}

// wholeShape is what stays on one line in a table: a date, and the name of a record of ours (L-2386), which would break at its hyphen.
var wholeShape = regexp.MustCompile(`^(\d{1,2} [A-Z][a-z]{2}( \d{4})?|[A-Z]{1,2}-\d+)$`)

type vButton struct {
	Label, Press, Class, Confirm, URL string
	Heard                             string // what a screen reader says instead of Label
}

type vSelect struct {
	Label, Now string
	Groups     []vChoices
}

type vChoices struct {
	Name    string
	Options []vChoice
}

type vChoice struct {
	Label, Hint, Press string
	Now                bool
}

func (a *Adapter) card(v *viewer, c *chat.Card, ref vFormRef) *vCard {
	ref.Gesture = a.newKey()
	out := &vCard{Ref: ref, Summary: c.Summary, Title: spans(v, c.Title), Footer: spans(v, c.Footer)}
	ear := chat.Listen(*c)
	for _, b := range c.Blocks {
		out.Blocks = append(out.Blocks, block(v, b, ear))
	}
	if len(c.Title) == 0 && len(c.Blocks) == 0 {
		out.Blocks = []vBlock{{Kind: "text", HTML: spans(v, chat.T(c.Summary))}}
	}
	return out
}

func block(v *viewer, b chat.Block, ear *chat.Ear) vBlock {
	ear.Block(b)
	switch {
	case b.Heading != "":
		return vBlock{Kind: "heading", Plain: b.Heading}
	case len(b.Text) > 0:
		return vBlock{Kind: "text", HTML: spans(v, b.Text)}
	case b.Quote != "":
		return vBlock{Kind: "quote", Plain: b.Quote}
	case len(b.Facts) > 0:
		out := vBlock{Kind: "facts"}
		for _, f := range b.Facts {
			out.Facts = append(out.Facts, vFact{f.Label, spans(v, f.Value)})
		}
		return out
	case b.Table != nil:
		return vBlock{Kind: "table", Table: table(*b.Table)}
	case b.Chart != nil:
		return vBlock{Kind: "chart", Chart: drawChart(*b.Chart)}
	case len(b.Buttons) > 0:
		out := vBlock{Kind: "buttons"}
		for _, btn := range b.Buttons {
			drawn := button(btn)
			drawn.Heard = ear.Of(btn)
			out.Buttons = append(out.Buttons, drawn)
		}
		return out
	case b.Select != nil:
		return vBlock{Kind: "select", Select: choose(*b.Select)}
	case len(b.Note) > 0:
		return vBlock{Kind: "note", HTML: spans(v, b.Note)}
	case b.Divider:
		return vBlock{Kind: "divider"}
	}
	return vBlock{}
}

func button(b chat.Button) vButton {
	out := vButton{Label: b.Label, Confirm: b.Confirm, Class: "btn"}
	switch b.Style {
	case chat.Primary:
		out.Class += " primary"
	case chat.Danger:
		out.Class += " danger"
	}
	if out.URL = secure(b.URL); out.URL == "" {
		out.Press = url.Values{"a": {b.Action}, "g": {b.Arg}}.Encode()
	}
	return out
}

// secure is an address that may be opened: https, or "".
func secure(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

func choose(s chat.Select) *vSelect {
	out := &vSelect{Label: s.Label}
	for _, g := range groups(s.Options) {
		c := vChoices{Name: g.Name}
		for _, o := range g.Options {
			now := o.Value == s.Value && s.Value != ""
			if now {
				out.Now = o.Label
			}
			c.Options = append(c.Options, vChoice{Label: o.Label, Hint: o.Hint, Now: now,
				Press: url.Values{"a": {s.Action}, "g": {s.Arg}, "v": {o.Value}}.Encode()})
		}
		out.Groups = append(out.Groups, c)
	}
	return out
}

func table(t chat.Table) *vTable {
	out := &vTable{Table: t}
	for _, r := range t.Rows {
		row := make([]vCell, len(t.Columns))
		for i := range row {
			row[i].Number = t.Columns[i].Number
			if i >= len(r) {
				continue
			}
			row[i].Trend = trend(r[i].Trend)
			row[i].Text, row[i].Whole = r[i].Text, wholeShape.MatchString(r[i].Text)
			if row[i].Number {
				row[i].Sort = strconv.FormatFloat(r[i].Value, 'g', -1, 64)
			}
			if r[i].Button != nil {
				b := button(*r[i].Button)
				row[i].Button = &b
			}
		}
		out.Rows = append(out.Rows, row)
	}
	if t.More != nil {
		b := button(*t.More)
		out.More = &b
	}
	return out
}

// spans writes a text for one viewer: moments in their zone, their own name marked.
func spans(v *viewer, t chat.Text) template.HTML {
	var b strings.Builder
	esc := template.HTMLEscapeString
	for _, s := range t {
		switch s.Kind {
		case chat.BoldSpan:
			b.WriteString("<b>" + esc(s.Text) + "</b>")
		case chat.ItalicSpan:
			b.WriteString("<i>" + esc(s.Text) + "</i>")
		case chat.CodeSpan:
			b.WriteString("<code>" + esc(s.Text) + "</code>")
		case chat.LinkSpan:
			if u := secure(s.URL); u != "" {
				b.WriteString(`<a href="` + esc(u) + `" target="_blank" rel="noopener noreferrer">` + esc(s.Text) + "</a>")
			} else {
				b.WriteString(esc(chat.T(s).String()))
			}
		case chat.MentionSpan:
			class := "at"
			if slices.Contains(s.Users, prefix+v.ID) {
				class = "at me"
			}
			b.WriteString(`<span class="` + class + `">@` + esc(s.Text) + "</span>")
		case chat.TimeSpan:
			s.Zone = v.Loc.String()
			b.WriteString(`<time datetime="` + s.Time.UTC().Format(time.RFC3339) + `">` + esc(s.Format()) + "</time>")
		default:
			b.WriteString(esc(s.Text))
		}
	}
	return template.HTML(b.String())
}

// mentions reports whether a card names a user anywhere.
func mentions(c *chat.Card, user string) bool {
	in := func(t chat.Text) bool {
		return slices.ContainsFunc(t, func(s chat.Span) bool { return s.Kind == chat.MentionSpan && slices.Contains(s.Users, user) })
	}
	return in(c.Title) || in(c.Footer) || slices.ContainsFunc(c.Blocks, func(b chat.Block) bool {
		return in(b.Text) || in(b.Note) || slices.ContainsFunc(b.Facts, func(f chat.Fact) bool { return in(f.Value) })
	})
}
