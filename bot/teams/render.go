package teams

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"truce/bot/chat"
)

// Adaptive Cards 1.5 as Teams takes them (property names as in npm's @microsoft/teams.cards 2). Elements are maps: there are many
// kinds with few members each, and Go writes a map's members in order, so that golden files are stable.

type element = map[string]any

const (
	cardType = "application/vnd.microsoft.card.adaptive"
	// cardVersion is the newest that Teams takes from bots. What is newer than it (charts, choices.data of a field that suggests) is
	// used inside it all the same: Microsoft's own example of typeahead says 1.2, and a card of 1.6 is not shown by all clients.
	cardVersion = "1.5"
	cardSchema  = "http://adaptivecards.io/schemas/adaptive-card.json"
	// maxCard bounds the card alone, so that the message around it stays under the 28 KB that every surface of Teams takes.
	maxCard = 26 << 10
)

// pressed is what a button's data carries under "truce": it comes back when the button is pressed. Never trusted.
type pressed struct {
	Action string `json:"a,omitempty"` // Button.Action
	Arg    string `json:"g,omitempty"` // Button.Arg
	Form   string `json:"f,omitempty"` // Form.Name of a form's own button
	State  string `json:"s,omitempty"` // Form.State
	Kept   string `json:"k,omitempty"` // under which the Form is remembered, to be shown again
	Input  string `json:"i,omitempty"` // the id of the Select's input
	Pick   string `json:"p,omitempty"` // the search one of whose finds was taken, with Arg
	Own    string `json:"o,omitempty"` // Own.Name of a card that refreshes itself, with Arg
}

// empty reports that it is no button of ours.
func (p pressed) empty() bool { return p.Action == "" && p.Form == "" && p.Pick == "" && p.Own == "" }

// painter draws one card and gathers what stands outside its body.
type painter struct {
	tenant   string   // whose people may be mentioned
	dialog   bool     // it stands in a dialog rather than a message
	viewers  []string // the ids by which Teams knows those who see another card than the one that is sent
	mentions []element
	wide     bool // it holds a table or a chart, which need the room
	inputs   int
	tables   int
	listing  bool // it draws a table's rows as a list
	limits   limits
	less     bool // rows that cannot be pressed, or are left out
	ear      *chat.Ear

	// What the limits of the same name change something of.
	hasFlat, hasFlatList, hasNoTable, hasSpare bool
}

// limits are what a card is cut to, made smaller until it fits.
type limits struct {
	rows  int  // of a table
	chars int  // of a paragraph or a quote
	bars  int  // categories of a chart
	whole int  // blocks
	flat  bool // what is pressed in a table is plain text: rows are worth more than the ways down from them

	noSpare  bool // columns that are shown on asking are left to the card's parts
	flatList bool // only where the table is a list, on phones
	noTable  bool // a table that is a list on phones is one everywhere: ways down are worth more than columns
}

// RenderCard draws a card as Adaptive Card JSON of at most 26 KB. What does not fit is cut, and the card says so.
func RenderCard(card chat.Card) (json.RawMessage, error) {
	p := painter{}
	if card.Own != nil {
		for _, u := range card.Own.For {
			if _, id, ok := splitID(u); ok {
				p.viewers = append(p.viewers, id)
			}
		}
	}
	return paint(card, p)
}

func renderCard(card chat.Card, tenant string) (json.RawMessage, error) {
	return paint(card, painter{tenant: tenant})
}

func paint(card chat.Card, as painter) (json.RawMessage, error) {
	steps := []limits{
		{rows: 100, chars: 6000, bars: 60, whole: 200}, {rows: 40, chars: 3000, bars: 30, whole: 100},
		{rows: 20, chars: 2000, bars: 20, whole: 60}, {rows: 15, chars: 1500, bars: 15, whole: 45},
		{rows: 10, chars: 1000, bars: 12, whole: 30}, {rows: 6, chars: 500, bars: 8, whole: 15}, {rows: 3, chars: 250, bars: 5, whole: 8},
		{rows: 2, chars: 120, bars: 3, whole: 4},
	}
	for _, l := range steps {
		changes := [5]bool{0: true}
		for less := range 5 {
			if !changes[less] { // it was too long already
				continue
			}
			p := as
			p.limits = l
			p.limits.noSpare = less == 1
			p.limits.flatList, p.limits.noTable, p.limits.flat = less == 2, less == 3, less == 4
			if p.limits.noTable && card.Parts != nil || p.limits.noSpare && card.Parts == nil { // its parts have room for all
				continue
			}
			raw, err := encode(p.card(card))
			if err != nil {
				return nil, fmt.Errorf("render card %s: %w", card.Key, err)
			}
			if len(raw) <= maxCard {
				return raw, nil
			}
			if less == 0 {
				changes = [5]bool{1: p.hasSpare, 2: p.hasFlatList, 3: p.hasNoTable, 4: p.hasFlat}
			}
		}
	}
	// What cannot be cut small enough is said in one line: a message that is dropped helps nobody.
	p := as
	p.limits = steps[len(steps)-1]
	return encode(p.card(chat.Card{Key: card.Key, Summary: card.Summary, Blocks: []chat.Block{chat.Para(card.Summary)}}))
}

// encode writes JSON without escaping < and >: it is not HTML, and would grow.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func (p *painter) card(card chat.Card) element {
	p.ear = chat.Listen(card)
	var body []element
	if len(card.Title) > 0 {
		body = append(body, element{"type": "TextBlock", "text": p.markdown(card.Title, 300), "size": "large", "weight": "bolder", "wrap": true,
			"style": "heading"})
	}
	if card.Private != "" {
		body = append(body, p.lines(chat.T(card.Private), look{small: true, subtle: true})...)
	}
	shown := card.Blocks
	if len(shown) > p.limits.whole {
		shown = shown[:p.limits.whole]
	}
	divided := false
	for _, b := range shown {
		if b.Divider {
			divided = true
			continue
		}
		drawn := p.block(b)
		if divided && len(drawn) > 0 {
			drawn[0]["separator"], drawn[0]["spacing"] = true, "medium"
			divided = false
		}
		body = append(body, drawn...)
	}
	if n := len(card.Blocks) - len(shown); n > 0 {
		p.less = true
		last := "its last part is left out."
		if n > 1 {
			last = fmt.Sprintf("its last %d parts are left out.", n)
		}
		body = append(body, p.lines(chat.T("This card was too long for Teams; "+last), look{small: true, subtle: true})...)
		for _, b := range card.Blocks[len(shown):] { // what can be done stays in reach
			body = append(body, p.buttons(b.Buttons)...)
		}
	}
	if p.less && card.Parts != nil {
		body = append(body, p.buttons([]chat.Button{*card.Parts})...)
	}
	if len(card.Footer) > 0 {
		foot := p.lines(card.Footer, look{small: true, subtle: true})
		if len(foot) > 0 && len(body) > 0 {
			foot[0]["separator"] = true
		}
		body = append(body, foot...)
	}
	if len(body) == 0 { // a card of its summary alone
		body = p.lines(chat.T(card.Summary), look{})
	}
	out := p.whole(body, oneLine(card.Summary, 300))
	if card.Own != nil && !p.dialog {
		out["refresh"] = p.refresh(*card.Own)
	}
	return out
}

// mostViewers is how many people can have a view of their own of one message, by Teams' documentation of user specific views.
const mostViewers = 60

// refresh has Teams ask for the card anew for each of some people when it comes to their screen. Without anybody named it asks for
// all, in conversations of up to sixty.
func (p *painter) refresh(o chat.Own) element {
	out := element{"action": element{"type": "Action.Execute", "title": "Refresh", "verb": "look",
		"data": element{"truce": pressed{Own: o.Name, Arg: o.Arg}}}}
	if len(p.viewers) > 0 {
		out["userIds"] = p.viewers[:min(len(p.viewers), mostViewers)]
	}
	return out
}

func (p *painter) whole(body []element, fallback string) element {
	if body == nil {
		body = []element{}
	}
	out := element{"type": "AdaptiveCard", "$schema": cardSchema, "version": cardVersion, "body": body}
	if fallback != "" {
		out["fallbackText"] = fallback
	}
	teams := element{}
	if p.wide {
		teams["width"] = "Full"
	}
	if len(p.mentions) > 0 {
		teams["entities"] = p.mentions
	}
	if len(teams) > 0 {
		out["msteams"] = teams
	}
	return out
}

func (p *painter) block(b chat.Block) []element {
	p.ear.Block(b)
	switch {
	case b.Heading != "":
		return []element{{"type": "TextBlock", "text": escape(clip(b.Heading, 300)), "weight": "bolder", "wrap": true, "style": "heading",
			"spacing": "medium"}}
	case len(b.Text) > 0:
		return p.lines(b.Text, look{})
	case b.Quote != "":
		return []element{{"type": "Container", "style": "emphasis", "items": p.lines(chat.T(b.Quote), look{})}}
	case len(b.Facts) > 0:
		return p.facts(b.Facts)
	case b.Table != nil:
		p.wide = true
		return p.table(*b.Table)
	case b.Chart != nil:
		p.wide = true
		return p.chart(*b.Chart)
	case len(b.Buttons) > 0:
		return p.buttons(b.Buttons)
	case b.Select != nil:
		return p.selection(*b.Select)
	case len(b.Note) > 0:
		return p.lines(b.Note, look{small: true, subtle: true})
	default:
		return nil
	}
}

// look is how a run of text is set.
type look struct {
	small, subtle, bold, right bool
	color                      string
}

func (l look) on(e element) element {
	if l.small {
		e["size"] = "small"
	}
	if l.subtle {
		e["isSubtle"] = true
	}
	if l.bold {
		e["weight"] = "bolder"
	}
	if l.color != "" {
		e["color"] = l.color
	}
	return e
}

// lines draws a text, an element a line: a TextRun's line breaks are not shown everywhere. Lines that mention somebody or hold a
// clock time are TextBlocks, because mentions and functions work only there.
func (p *painter) lines(t chat.Text, l look) []element {
	var out []element
	gap := false
	for _, line := range splitLines(clipText(t, p.limits.chars)) {
		if len(line) == 0 {
			gap = len(out) > 0
			continue
		}
		e := p.line(line, l)
		if len(out) > 0 && !gap {
			e["spacing"] = "none"
		}
		gap = false
		out = append(out, e)
	}
	return out
}

func (p *painter) line(line chat.Text, l look) element {
	for _, s := range line {
		if s.Kind == chat.MentionSpan && p.mentioned(s) != "" || s.Kind == chat.TimeSpan && clock(s) != "" {
			e := l.on(element{"type": "TextBlock", "text": p.markdown(line, 0), "wrap": true})
			if l.right {
				e["horizontalAlignment"] = "right"
			}
			return e
		}
	}
	runs := []element{}
	for _, s := range line {
		run := l.on(element{"type": "TextRun", "text": functions.Replace(s.Text)})
		switch s.Kind {
		case chat.BoldSpan:
			run["weight"] = "bolder"
		case chat.ItalicSpan:
			run["italic"] = true
		case chat.CodeSpan:
			run["fontType"] = "monospace"
		case chat.LinkSpan:
			if address, ok := httpsURL(s.URL); ok {
				run["selectAction"] = element{"type": "Action.OpenUrl", "title": oneLine(s.Text, 100), "url": address}
			}
		case chat.TimeSpan:
			run["text"] = s.Format()
		case chat.MentionSpan:
			run["text"] = mentionName(s.Text)
		}
		if run["text"] != "" {
			runs = append(runs, run)
		}
	}
	e := element{"type": "RichTextBlock", "inlines": runs}
	if l.right {
		e["horizontalAlignment"] = "right"
	}
	return e
}

// markdown is a text for a TextBlock, cut to n characters of what is shown (0 is no limit).
func (p *painter) markdown(t chat.Text, n int) string {
	if n > 0 {
		t = clipText(t, n)
	}
	var b strings.Builder
	for _, s := range t {
		text := escapeInline(cleanLines(s.Text))
		switch s.Kind {
		case chat.BoldSpan:
			b.WriteString(around(text, "**"))
		case chat.ItalicSpan:
			b.WriteString(around(text, "_"))
		case chat.LinkSpan:
			if address, ok := httpsURL(s.URL); ok {
				text = "[" + text + "](" + strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20").Replace(address) + ")"
			}
			b.WriteString(text)
		case chat.TimeSpan:
			if c := clock(s); c != "" {
				b.WriteString(c)
			} else {
				b.WriteString(escapeInline(s.Format()))
			}
		case chat.MentionSpan:
			name := mentionName(s.Text)
			if id := p.mentioned(s); id != "" {
				tag := "<at>" + name + "</at>"
				p.mention(tag, name, id)
				b.WriteString(tag)
			} else {
				b.WriteString(escapeInline(name))
			}
		default:
			b.WriteString(text)
		}
	}
	// What begins a list only does so at the beginning of a line, which spans do not know.
	s := dashed.ReplaceAllString(b.String(), `$1\$2`)
	s = numbered.ReplaceAllString(s, `$1\$2$3`)
	return strings.ReplaceAll(s, "\n", "\n\n")
}

func escapeInline(s string) string { return schemed.ReplaceAllString(special.Replace(s), `$1\$2`) }

// around sets text between marks, which must touch it.
func around(text, mark string) string {
	inner := strings.TrimSpace(text)
	if inner == "" || strings.Contains(inner, "\n") {
		return text
	}
	at := strings.Index(text, inner)
	return text[:at] + mark + inner + mark + text[at+len(inner):]
}

// mentioned is the id by which Teams knows the person of a mention, "" where none of theirs is of our network and tenant.
func (p *painter) mentioned(s chat.Span) string {
	for _, user := range s.Users {
		if tenant, rest, ok := splitID(user); ok && (p.tenant == "" || strings.EqualFold(tenant, p.tenant)) {
			return rest
		}
	}
	return ""
}

func (p *painter) mention(tag, name, id string) {
	for _, m := range p.mentions {
		if m["text"] == tag {
			return
		}
	}
	p.mentions = append(p.mentions, element{"type": "mention", "text": tag, "mentioned": element{"id": id, "name": name}})
}

// httpsURL is an address fit for Action.OpenUrl.
func httpsURL(s string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > 2000 {
		return "", false
	}
	return u.String(), true
}

// facts are rows of label and value: a FactSet would read its values as Markdown.
func (p *painter) facts(facts []chat.Fact) []element {
	rows := []element{}
	text := make([][]string, 0, len(facts))
	for _, f := range facts[:min(len(facts), 3*p.limits.rows)] {
		rows = append(rows, element{"type": "TableRow", "cells": []element{
			{"type": "TableCell", "items": p.lines(chat.T(f.Label), look{subtle: true})},
			{"type": "TableCell", "items": p.lines(f.Value, look{})},
		}})
		text = append(text, []string{f.Label, f.Value.String()})
	}
	spans := measure(text, 2)
	spans[0].word = min(spans[0].word, roomOnPhone/2)
	spans[1].word = min(spans[1].word, roomOnPhone-spans[0].word) // an address breaks, the label beside it does not
	out := []element{{"type": "Table", "showGridLines": false, "firstRowAsHeaders": false, "columns": widths(spans).elements(nil),
		"rows": rows}}
	if n := len(facts) - len(rows); n > 0 {
		out = append(out, p.lines(chat.T("and "+strconv.Itoa(n)+" more"), look{small: true, subtle: true})...)
	}
	return out
}

// splitLines cuts a text at its line breaks.
func splitLines(t chat.Text) []chat.Text {
	out := []chat.Text{nil}
	for _, s := range t {
		if s.Kind == chat.TimeSpan || s.Kind == chat.MentionSpan {
			out[len(out)-1] = append(out[len(out)-1], s)
			continue
		}
		for i, part := range strings.Split(strings.ReplaceAll(s.Text, "\r\n", "\n"), "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if part = clean(part); part != "" {
				piece := s
				piece.Text = part
				out[len(out)-1] = append(out[len(out)-1], piece)
			}
		}
	}
	return out
}

// clean drops what no line of text should hold: control characters, broken bytes, and the marks that turn the direction of writing
// for all that follows.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r == 0xfffd || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
}

// cleanLines is clean that keeps line breaks.
func cleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// clipText cuts a text to n characters in all.
func clipText(t chat.Text, n int) chat.Text {
	left := n
	for i, s := range t {
		have := utf8.RuneCountInString(s.Text)
		if have <= left {
			left -= have
			continue
		}
		out := append(chat.Text(nil), t[:i]...)
		if left > 0 {
			s.Text = clip(s.Text, left)
			out = append(out, s)
		}
		return out
	}
	return t
}
