package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"truce/bot/chat"
)

//go:embed templates/print.html
var printTemplate string

//go:embed templates/trend.html
var trendTemplate string

// paperCharts are how many charts of what is looked up stand on the first page already, side by side.
const paperCharts = 2

// How many lines of about paperWide characters a page has room for, and how many of them a chart takes.
const (
	paperLines = 52
	paperWide  = 92
	chartLines = 17
)

// linesOf is about how many lines the blocks before the figures take on paper.
func linesOf(blocks []chat.Block) (n int) {
	for _, b := range blocks {
		switch {
		case b.Heading == chat.AllFigures:
			return n
		case b.Table != nil:
			n += 2 + len(b.Table.Rows)
		case b.Chart != nil:
			n += chartLines
		case len(b.Buttons) > 0 || b.Select != nil:
		default:
			for line := range strings.Lines(b.Text.String() + b.Note.String() + b.Heading + b.Quote + "\n") {
				n += 1 + utf8.RuneCountInString(line)/paperWide
			}
		}
	}
	return n
}

// Print is a card as a page of its own for paper: no script, no buttons, nothing fetched. Page one is what one would hang up: the
// finding, its evidence and what is to be decided, and below them two charts of the figures. All other figures are an appendix that
// begins on a page of its own, one matter below the other.
func Print(c chat.Card, loc *time.Location) ([]byte, error) {
	v := &viewer{Persona: &Persona{}, Loc: loc}
	page := struct {
		Summary              string
		Title                template.HTML
		One, Charts, Figures []vBlock
		Footer               template.HTML
	}{Summary: c.Summary, Title: spans(v, c.Title), Footer: spans(v, c.Footer)}
	ear := chat.Listen(c)
	appendix, room := false, paperLines-linesOf(c.Blocks)
	for _, b := range c.Blocks {
		appendix = appendix || b.Heading == chat.AllFigures
		switch drawn := block(v, b, ear); {
		case len(b.Buttons) > 0 || b.Select != nil:
		case !appendix:
			page.One = append(page.One, drawn)
		case b.Chart != nil && len(page.Charts) < paperCharts && room >= chartLines:
			page.Charts = append(page.Charts, drawn)
		default:
			page.Figures = append(page.Figures, drawn)
		}
	}
	t, err := template.New("print").Parse(printTemplate + trendTemplate)
	if err != nil {
		return nil, fmt.Errorf("read the page for paper: %w", err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "print", page); err != nil {
		return nil, fmt.Errorf("print a card: %w", err)
	}
	return out.Bytes(), nil
}
