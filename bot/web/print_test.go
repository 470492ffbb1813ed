package web

import (
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
)

// TestPrintPutsTheFindingFirst prints a card with figures below a heading: what comes before it takes the whole width; below it
// wide tables come first, with what is said of them, and the others stand in two columns.
func TestPrintPutsTheFindingFirst(t *testing.T) {
	table := func(caption, cell string) chat.Block {
		return chat.TableBlock(chat.Table{Caption: caption, Columns: []chat.Column{{Title: "A"}, {Title: "B"}, {Title: "C"}},
			Rows: [][]chat.Cell{{{Text: "x"}, {Text: cell}, {Text: cell}}}})
	}
	page, err := Print(chat.Card{Summary: "S", Title: chat.T("Look"),
		Blocks: []chat.Block{chat.Para("the evidence"), table("the source table", "1"), chat.Heading("All figures"),
			table("narrow one", "2"), table("wide one", strings.Repeat("9", 40)), chat.Para("said of the wide one"), table("narrow two", "3"),
			chat.Para("said of narrow two"),
			chat.ButtonRow(chat.Press("Pause", "digest.pause", "leads"))}, Footer: chat.T("the footer")}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range []string{"Look", "the evidence", "the source table", `<div class="rest">`, `<div class="wide">`, "All figures",
		`<div class="wide">`, "wide one", `<div class="wide">`,
		"said of the wide one", "narrow one", "narrow two", "said of narrow two", "the footer"} {
		i := strings.Index(string(page)[at:], want)
		if i < 0 {
			t.Fatalf("%q is not where it belongs in\n%s", want, page)
		}
		at += i + len(want)
	}
	if strings.Contains(string(page), "Pause") {
		t.Error("a button was printed")
	}
}
