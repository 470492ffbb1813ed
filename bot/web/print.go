package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"time"
	"unicode/utf8"

	"truce/bot/chat"
)

//go:embed templates/print.html
var printTemplate string

// halfPage is how many characters of a table's rows fit half a page.
const halfPage = 64

// wide reports whether a table needs the whole width.
func wide(t *chat.Table) bool {
	n := 0
	for i := range t.Columns {
		longest := 0
		for _, row := range t.Rows {
			if i < len(row) {
				longest = max(longest, utf8.RuneCountInString(row[i].Text))
			}
		}
		if i == 0 {
			longest = min(longest, 20) // a name may go on in a second line
		}
		n += longest + 2
	}
	return n > halfPage
}

// printed is a block, and whether it takes the whole width.
type printed struct {
	vBlock
	Wide bool
}

// Print is a card as a page of its own for paper: no script, no buttons, nothing fetched. Two A4 pages hold a digest: what comes
// before its first heading is the finding and takes the whole width, the figures below it stand in two columns.
func Print(c chat.Card, loc *time.Location) ([]byte, error) {
	v := &viewer{Persona: &Persona{}, Loc: loc}
	page := struct {
		Summary string
		Title   template.HTML
		Lead    []vBlock
		Rest    []printed
		Footer  template.HTML
	}{Summary: c.Summary, Title: spans(v, c.Title), Footer: spans(v, c.Footer)}
	ear := chat.Listen(c)
	last := false // the last block was a wide table, or belongs to one
	for _, b := range c.Blocks {
		if len(b.Buttons) == 0 && b.Select == nil {
			if len(page.Rest) > 0 || b.Heading != "" {
				full := b.Heading != "" || b.Table != nil && wide(b.Table)
				if n := len(page.Rest); n > 0 && b.Table == nil && b.Chart == nil && last {
					full = true // it speaks of the table above it
				}
				last = full && b.Heading == ""
				page.Rest = append(page.Rest, printed{block(v, b, ear), full})
			} else {
				page.Lead = append(page.Lead, block(v, b, ear))
			}
		}
	}
	// Wide ones first: a wide one between narrow ones would leave half a page empty.
	slices.SortStableFunc(page.Rest, func(a, b printed) int {
		switch {
		case a.Wide == b.Wide:
			return 0
		case a.Wide:
			return -1
		}
		return 1
	})
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
