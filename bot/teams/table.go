package teams

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"truce/bot/chat"
)

// Tables. Teams divides a table's width among its columns whatever stands in them, so on a phone a wide one breaks words into
// letters. A table therefore says from which width of the card on it is drawn, and below that the same rows are a list.

// mostColumns is how many columns of a table are shown at once; all of them are one press away.
const mostColumns = 5

// The room inside a card, in pixels, at the least width that Teams calls so: its client names a card narrow to 345 pixels, standard
// to 500, and wide beyond (as the Agents Playground, which draws with the same code, has it).
const (
	roomOnPhone  = 288 // a card of 320
	roomStandard = 314
	roomWide     = 469
)

// How wide text is, in pixels, at 14 pixels: a little more than the mean, because what is too wide breaks.
const (
	perLetter   = 8.6
	cellPadding = 24 // both sides, the line, and what a header in bold takes more
	longestWord = 30 // an address that is longer breaks wherever it stands
)

// span is what a column wants: the room of its longest word, and of its longest text.
type span struct{ word, text float64 }

// measure looks through the rows of n columns, the header among them.
func measure(rows [][]string, n int) []span {
	out := make([]span, n)
	for _, r := range rows {
		for i := range min(n, len(r)) {
			for _, w := range strings.Fields(r[i]) {
				out[i].word = max(out[i].word, perLetter*float64(min(utf8.RuneCountInString(w), longestWord)))
			}
			out[i].text = max(out[i].text, perLetter*float64(utf8.RuneCountInString(r[i])))
		}
	}
	for i := range out {
		out[i].word += cellPadding
		out[i].text = max(out[i].text+cellPadding, out[i].word)
	}
	return out
}

// least is the room in which no word breaks.
func least(spans []span) (total float64) {
	for _, s := range spans {
		total += s.word
	}
	return total
}

// weights are the widths of columns in proportion to each other.
type weights []int

// widths gives each column the room of its longest word, and shares what is left of a phone's width, or of a wide card's where the words
// alone need more, among those whose text is longer.
func widths(spans []span) weights {
	need, want := least(spans), 0.0
	for _, s := range spans {
		want += s.text - s.word
	}
	room := float64(roomOnPhone)
	if need > room {
		room = roomWide
	}
	share := 0.0
	if want > 0 {
		share = min(1, max(0, room-need)/want)
	}
	out := make(weights, len(spans))
	for i, s := range spans {
		out[i] = int(s.word + share*(s.text-s.word) + 0.5)
	}
	return out
}

func (w weights) elements(columns []chat.Column) []element {
	out := make([]element, len(w))
	for i, n := range w {
		out[i] = element{"width": n}
		if i < len(columns) && columns[i].Number {
			out[i]["horizontalCellContentAlignment"] = "right"
		}
	}
	return out
}

// table is a table where the card is wide enough for its words, and else its rows as a list.
func (p *painter) table(t chat.Table) []element {
	out := []element{}
	if t.Caption != "" {
		out = append(out, element{"type": "TextBlock", "text": escape(clip(t.Caption, 200)), "weight": "bolder", "wrap": true,
			"spacing": "medium"})
	}
	if len(t.Columns) == 0 {
		return out
	}
	all := len(t.Rows)
	t.Rows = t.Rows[:min(all, p.limits.rows)]
	shown, rest := columnsShown(t)
	p.hasSpare = p.hasSpare || len(rest) > 0
	spare := p.limits.noSpare && len(rest) > 0
	if spare {
		rest, p.less = nil, true
	}
	p.tables++
	id := "t" + strconv.Itoa(p.tables)
	main := pick(t, shown)
	from, below := fits(main)
	p.hasNoTable = p.hasNoTable || below != ""
	tabled := below == "" || !p.limits.noTable
	if tabled {
		drawn := p.grid(main)
		if from != "" {
			drawn["targetWidth"] = from
		}
		out = append(out, drawn)
	}
	toggles := []string{}
	if len(rest) > 0 && tabled {
		others := pick(t, append([]int{0}, rest...))
		for _, r := range others.Rows {
			r[0].Button = nil // it stands above
		}
		more := p.grid(others)
		more["id"], more["isVisible"] = id, false
		if from != "" {
			more["targetWidth"] = from
		}
		out, toggles = append(out, more), append(toggles, id)
	}
	if below != "" {
		hide := ""
		if len(rest) > 0 {
			hide = id
		}
		ordered := pick(t, append(append([]int{}, shown...), rest...))
		items := p.list(ordered, hide)
		if hide != "" {
			for i := range t.Rows {
				toggles = append(toggles, rowID(id, i))
			}
		}
		listed := element{"type": "Container", "items": items, "spacing": "small"}
		if tabled {
			listed["targetWidth"] = below
		}
		out = append(out, listed)
	}
	if len(toggles) > 0 {
		out = append(out, element{"type": "ActionSet", "actions": []element{{"type": "Action.ToggleVisibility", "title": "All columns",
			"targetElements": toggles}}})
	}
	if len(t.Rows) < all {
		p.less = true
		out = append(out, p.lines(chat.T(fmt.Sprintf("%d of %d rows shown.", len(t.Rows), all)), look{small: true, subtle: true})...)
	}
	if spare {
		out = append(out, p.lines(chat.T(fmt.Sprintf("%d of %d columns shown.", len(shown), len(t.Columns))), look{small: true, subtle: true})...)
	}
	if t.More != nil {
		out = append(out, p.buttons([]chat.Button{*t.More})...)
	}
	return out
}

// columnsShown says which columns are shown and which are a press away: never the first, spare ones before others, the last
// before those that stand before it; until no more than five are left, and their words have room in a wide card.
func columnsShown(t chat.Table) (shown, rest []int) {
	for i := range t.Columns {
		shown = append(shown, i)
	}
	spans := measure(texts(t), len(t.Columns))
	tooMuch := func() bool {
		room := 0.0
		for _, i := range shown {
			room += spans[i].word
		}
		return len(shown) > mostColumns || room > roomWide && len(shown) > 2
	}
	for tooMuch() {
		at := len(shown) - 1
		for j := at; j > 0; j-- {
			if t.Columns[shown[j]].Spare {
				at = j
				break
			}
		}
		out := shown[at]
		shown = append(shown[:at:at], shown[at+1:]...)
		place := 0
		for place < len(rest) && rest[place] < out {
			place++
		}
		rest = append(rest[:place:place], append([]int{out}, rest[place:]...)...)
	}
	return shown, rest
}

// pick is a table of some of its columns.
func pick(t chat.Table, columns []int) chat.Table {
	out := chat.Table{}
	for _, i := range columns {
		out.Columns = append(out.Columns, t.Columns[i])
	}
	for _, r := range t.Rows {
		row := make([]chat.Cell, len(columns))
		for n, i := range columns {
			if i < len(r) {
				row[n] = r[i]
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// texts are a table's header and cells as they are read.
func texts(t chat.Table) [][]string {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = orDash(c.Title)
	}
	out := [][]string{head}
	for _, r := range t.Rows {
		row := make([]string, len(r))
		for i, c := range r {
			row[i] = orDash(clip(c.Words(), 200))
		}
		out = append(out, row)
	}
	return out
}

// fits says at which widths a table is drawn, and at which its list stands instead; both empty where it is drawn at all.
func fits(t chat.Table) (table, list string) {
	switch need := least(measure(texts(t), len(t.Columns))); {
	case need <= roomOnPhone:
		return "", ""
	case need <= roomStandard:
		return "atLeast:standard", "atMost:narrow"
	}
	return "wide", "atMost:standard"
}

func (p *painter) grid(t chat.Table) element {
	header := []element{}
	for _, c := range t.Columns {
		header = append(header, element{"type": "TableCell", "items": p.lines(chat.T(orDash(c.Title)), look{bold: true, right: c.Number})})
	}
	rows := []element{{"type": "TableRow", "style": "emphasis", "cells": header}}
	for _, r := range t.Rows {
		cells := []element{}
		for i, c := range t.Columns {
			var cell chat.Cell
			if i < len(r) {
				cell = r[i]
			}
			cells = append(cells, p.cell(cell, c.Number))
		}
		rows = append(rows, element{"type": "TableRow", "cells": cells})
	}
	columns := widths(measure(texts(t), len(t.Columns))).elements(t.Columns)
	return element{"type": "Table", "firstRowAsHeaders": true, "showGridLines": true, "columns": columns, "rows": rows}
}

func (p *painter) cell(c chat.Cell, number bool) element {
	a := p.way(c)
	l := look{right: number}
	if a != nil {
		l.color = "accent"
	}
	items := p.lines(chat.T(orDash(clip(c.Words(), 200))), l)
	for _, e := range items {
		bare(e)
	}
	cell := element{"type": "TableCell", "items": items}
	if a != nil {
		cell["selectAction"] = a
	}
	return cell
}

// bare writes runs that are nothing but text as strings: a table has hundreds of them, and a card 26 KB.
func bare(e element) {
	runs, ok := e["inlines"].([]element)
	if !ok {
		return
	}
	out := make([]any, len(runs))
	for i, r := range runs {
		if out[i] = any(r); len(r) == 2 {
			out[i] = r["text"]
		}
	}
	e["inlines"] = out
}

// way is what pressing a cell does; nil where it is plain text. What asks before it acts has no place to ask in a table.
func (p *painter) way(c chat.Cell) element {
	if c.Button == nil || c.Button.Confirm != "" {
		return nil
	}
	p.hasFlat, p.hasFlatList = true, p.hasFlatList || p.listing
	if p.limits.flat || p.listing && p.limits.flatList {
		p.less = true
		return nil
	}
	a := p.action(*c.Button)
	if a == nil {
		return nil
	}
	delete(a, "style")
	delete(a, "fallback") // for clients from before 2021; twice a row it costs more than the row
	a["title"] = oneLine(c.Text, 60)
	return a
}

func rowID(table string, row int) string { return table + "r" + strconv.Itoa(row) }

// list draws the rows of a table one beneath the other, the first cell in bold and what the others say behind their columns' names. With
// an id, what comes after the fifth column stands in a line of its own that is shown on asking.
func (p *painter) list(t chat.Table, id string) []element {
	p.listing = true
	defer func() { p.listing = false }()
	out := []element{}
	for n, r := range t.Rows {
		first := chat.Cell{}
		if len(r) > 0 {
			first = r[0]
		}
		l := look{bold: true}
		items := []element{}
		row := element{"type": "Container", "spacing": "small"}
		if a := p.way(first); a != nil {
			row["selectAction"], l.color = a, "accent"
		}
		items = append(items, p.lines(chat.T(orDash(clip(first.Text, 200))), l)...)
		shown := len(t.Columns)
		if id != "" {
			shown = min(shown, mostColumns)
		}
		if line := p.pairs(t.Columns, r, 1, shown); line != nil {
			items = append(items, line)
		}
		if line := p.pairs(t.Columns, r, shown, len(t.Columns)); line != nil {
			line["id"], line["isVisible"] = rowID(id, n), false
			items = append(items, line)
		}
		row["items"] = items
		if n > 0 {
			row["separator"] = true
		}
		out = append(out, row)
	}
	return out
}

// pairs is a line of "Leads: 103 · Sent back: 38 %"; what can be pressed stays so.
func (p *painter) pairs(columns []chat.Column, row []chat.Cell, from, to int) element {
	runs := []element{}
	said := "" // since the last that can be pressed
	flush := func() {
		if said != "" {
			runs = append(runs, element{"type": "TextRun", "text": said})
		}
		said = ""
	}
	for i := from; i < to; i++ {
		c := chat.Cell{}
		if i < len(row) {
			c = row[i]
		}
		if i > from {
			said += " · "
		}
		if name := strings.TrimSpace(functions.Replace(clean(columns[i].Title))); name != "" {
			said += name + ": "
		}
		text := functions.Replace(oneLine(orDash(clip(c.Words(), 200)), 200))
		if a := p.way(c); a != nil {
			flush()
			runs = append(runs, element{"type": "TextRun", "text": text, "selectAction": a, "color": "accent"})
			continue
		}
		said += text
	}
	flush()
	if len(runs) == 0 {
		return nil
	}
	line := element{"type": "RichTextBlock", "inlines": runs, "spacing": "none"}
	bare(line)
	return line
}
