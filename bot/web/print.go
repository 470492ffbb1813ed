package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"truce/bot/chat"
)

//go:embed templates/print.html
var printTemplate string

// Print is a card as a page of its own for paper: no script, no buttons, nothing fetched. Two A4 pages hold a digest: what comes
// after its first table is printed in two columns.
func Print(c chat.Card, loc *time.Location) ([]byte, error) {
	v := &viewer{Persona: &Persona{}, Loc: loc}
	page := struct {
		Summary string
		Title   template.HTML
		Blocks  []vBlock
		Rest    []vBlock
		Footer  template.HTML
	}{Summary: c.Summary, Title: spans(v, c.Title), Footer: spans(v, c.Footer)}
	tables := 0
	for _, b := range c.Blocks {
		if len(b.Buttons) > 0 || b.Select != nil {
			continue
		}
		if b.Table != nil {
			tables++
		}
		if tables > 1 {
			page.Rest = append(page.Rest, block(v, b))
		} else {
			page.Blocks = append(page.Blocks, block(v, b))
		}
	}
	t, err := template.New("print").Parse(printTemplate)
	if err != nil {
		return nil, fmt.Errorf("read the page for paper: %w", err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "print", page); err != nil {
		return nil, fmt.Errorf("print a card: %w", err)
	}
	return out.Bytes(), nil
}
