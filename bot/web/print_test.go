package web

import (
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
)

// TestPrintPutsTheFindingFirst prints a card with figures below a heading: what comes before it is page one, in its order, with two
// charts of the figures below it; the other figures begin a page of their own, one below the other.
func TestPrintPutsTheFindingFirst(t *testing.T) {
	table := func(caption, cell string) chat.Block {
		return chat.TableBlock(chat.Table{Caption: caption, Columns: []chat.Column{{Title: "A"}, {Title: "B"}, {Title: "C"}},
			Rows: [][]chat.Cell{{{Text: "x"}, {Text: cell}, {Text: cell}}}})
	}
	chart := func(title string) chat.Block {
		return chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: title, Categories: []string{"a", "b"},
			Series: []chat.Series{{Name: "leads", Values: []float64{1, 2}}}})
	}
	page, err := Print(chat.Card{Summary: "S", Title: chat.T("Look"),
		Blocks: []chat.Block{chat.Para("the evidence"), chat.Heading("Decide"), table("the source table", "1"), chat.Heading(chat.AllFigures),
			table("narrow one", "2"), chart("first chart"), table("wide one", strings.Repeat("9", 40)), chat.Para("said of the wide one"),
			chart("second chart"), chart("third chart"), table("narrow two", "3"), chat.Para("said of narrow two"),
			chat.ButtonRow(chat.Press("Pause", "digest.pause", "leads"))}, Footer: chat.T("the footer")}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range []string{"Look", `<div class="one">`, "the evidence", "Decide", "the source table", `<div class="charts">`,
		"first chart", "second chart", `<div class="figures">`, "All figures", "narrow one", "wide one", "said of the wide one", "third chart",
		"narrow two", "said of narrow two", "the footer"} {
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
