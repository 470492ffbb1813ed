package cards

import (
	"truce/bot/chat"
)

// SinceView is a figure now and at the start; "" reads "not measured". Arg is of the button that leads to its figures.
type SinceView struct{ Name, Then, Now, Arg string }

// Since is what has changed since Truce began, never because of it.
func Since(facts []SinceView) []chat.Block {
	t := chat.Table{Caption: "Since Truce; deals by their close are of a year at the start, of 13 weeks now",
		Columns: []chat.Column{{Title: "Figure"}, {Title: "At the start", Number: true}, {Title: "Now", Number: true}}}
	for _, f := range facts {
		t.Rows = append(t.Rows, []chat.Cell{openCell(f.Name, f.Arg), {Text: measured(f.Then)}, {Text: measured(f.Now)}})
	}
	return []chat.Block{chat.TableBlock(t)}
}

func measured(s string) string {
	if s == "" {
		return "not measured"
	}
	return s
}
