package chat

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"truce/bot/golden"
)

// everything is a card with each kind of block.
func everything() Card {
	paris, _ := time.LoadLocation("Europe/Paris")
	return Card{
		Summary: "Look at Content syndication",
		Title:   T("Look at ", I("Content syndication"), ": highest scores, and nothing bought."),
		Blocks: []Block{
			Para("In the last 13 weeks Sales sent back ", B("38 %"), " of the 103 leads it judged (29 to 48 %; all other sources 12 %), mostly ",
				I("wrong person"), " (22 of 39)."),
			Heading("Sources"),
			TableBlock(Table{
				Caption: "By source",
				Columns: []Column{{Title: "Source"}, {Title: "Leads", Number: true}, {Title: "Sent back", Number: true}},
				Rows: [][]Cell{
					{{Text: "Content syndication"}, {Text: "412", Value: 412}, {Text: "38 %", Value: 38}},
					{{Text: "Webinar | 東京 show"}, {Text: "96", Value: 96}, {Text: "4 of 9"}},
				},
				More: &Button{Label: "Show all", Action: "digest.table"},
			}),
			ChartBlock(Chart{Kind: Bar, Title: "Sent back and won", Unit: "%", Categories: []string{"Content syndication", "Referral"},
				Series: []Series{{Name: "Sent back", Values: []float64{38, 6.25}}, {Name: "Won", Values: []float64{0, 21}}}}),
			ChartBlock(Chart{Kind: Line, Title: "Leads a week", Categories: []string{"W1", "W2", "W3"},
				Series: []Series{{Values: []float64{51, 12400, 47}}}, Marks: []Mark{{Category: "W2", Text: "threshold 60 to 70"}}}),
			Quote("Academic core facility,\nbuys through a consortium."),
			FactList(FactOf("Answer due", At(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), paris, DayTime)),
				FactOf("Owner", Mention("Ann", "web:demo:ann")),
				FactOf("File", Link("one-pager", "https://example.com/a_(b)"))),
			Rule(),
			SelectBlock(Select{Label: "Theme", Options: []Option{{Value: "p", Label: "Price"}, {Value: "t", Label: "Turnaround"}}, Value: "t"}),
			ButtonRow(Press("Uphold", "dispute.uphold", "D-12"), Ask("Decline…", "dispute.decline", "D-12"),
				Button{Label: "Proof", URL: "https://example.com"}),
			Small("51 here, 52 in your file: ", Code("1 test lead"), "."),
		},
		Footer: T("Leads by the date they qualified."),
	}
}

func TestRenderings(t *testing.T) {
	golden.Check(t, "card.txt", PlainText(everything(), 80))
	golden.Check(t, "card-narrow.txt", PlainText(everything(), 40))
	golden.Check(t, "card.md", Markdown(everything()))
}

func TestCardWithoutBlocksShowsItsSummary(t *testing.T) {
	c := Card{Summary: "Nothing waits for you."}
	if got, want := PlainText(c, 80), "Nothing waits for you.\n"; got != want {
		t.Errorf("PlainText = %q, want %q", got, want)
	}
	if got, want := Markdown(c), "Nothing waits for you.\n"; got != want {
		t.Errorf("Markdown = %q, want %q", got, want)
	}
}

func TestMarkdownKeepsTextAsText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"emphasis", "*a* _b_ ~~c~~", `\*a\* \_b\_ \~\~c\~\~`},
		{"link and image", "[x](https://e.com) ![y](z)", `\[x\](https\://e.com) !\[y\](z)`},
		{"html", "<script>alert(1)</script> &lt;", `\<script\>alert(1)\</script\> \&lt;`},
		{"ampersand that is no entity", "R&D", "R&D"},
		{"heading", "# big", `\# big`},
		{"list", "- a\n+ b\n1. c\n2) d", "\\- a\\\n\\+ b\\\n1\\. c\\\n2\\) d"},
		{"heading by underline", "a\n===", "a\\\n\\==="},
		{"quote", "> a", `\> a`},
		{"code", "`a` ```", "\\`a\\` \\`\\`\\`"},
		{"indented code", "    a", "a"},
		{"table", "a | b\n--- | ---", "a \\| b\\\n\\--- \\| ---"},
		{"bare addresses", "www.e.com a@b.c", `www\.e.com a\@b.c`},
		{"backslash", `a\*`, `a\\\*`},
		{"control characters", "a\x1b[31mb\x00\u202ec", "a\ufffd\\[31mb\ufffd\ufffdc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Markdown(Card{Summary: "s", Blocks: []Block{Para(c.in)}})
			if got != c.want+"\n" {
				t.Errorf("got %q, want %q", got, c.want+"\n")
			}
		})
	}
}

func TestMarkdownSpans(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Text
		want string
	}{
		{"bold with spaces", T("a", B(" b "), "c"), "a **b** c"},
		{"bold over lines", T(B("a\nb")), "**a**\\\n**b**"},
		{"bold that would not close", T("a", B("(b)"), "c"), "a(b)c"},
		{"two that touch", T(B("a"), I("b")), "**a**b"},
		{"bold beside words", T("a", B("b"), "c"), "a**b**c"},
		{"code with backquotes", T(Code("`a``b`")), "``` `a``b` ```"},
		{"link of a bad scheme", T(Link("x", "javascript:alert(1)")), "x (javascript:alert(1))"},
		{"link that tries to leave", T(Link("x](y", "https://e.com/) <b>")), `[x\](y](https://e.com/%29%20%3Cb%3E)`},
		{"mention", T(Mention("Ann_B")), `\@Ann\_B`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mdText(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{{38, "%", "38 %"}, {9999, "", "9999"}, {12400, "leads", "12,400 leads"}, {-1234567.891, "", "-1,234,567.89"}, {0.005, "", "0.01"},
		{-0.001, "", "0"}} {
		if got := Figure(c.v, c.unit); got != c.want {
			t.Errorf("Figure(%v, %q) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func FuzzRenderings(f *testing.F) {
	f.Add("plain", 40)
	f.Add("- *a* [b](c) <d> `e` |\n\n# f\x1b[0m", 20)
	f.Add("\u202e東京\t\r\n", 3)
	f.Fuzz(func(t *testing.T, s string, width int) {
		if width > 500 {
			width = 500
		}
		c := Card{Summary: s, Title: T(s), Footer: T(B(s)), Blocks: []Block{Para(s, B(s), I(s), Code(s), Link(s, s)), Quote(s), Heading(s),
			FactList(FactOf(s, s)),
			TableBlock(Table{Caption: s, Columns: []Column{{Title: s}}, Rows: [][]Cell{{{Text: s}}}}), ButtonRow(Press(s, "a", s)),
			ChartBlock(Chart{Title: s, Categories: []string{s}, Series: []Series{{Name: s, Values: []float64{float64(width)}}}})}}
		for name, out := range map[string]string{"text": PlainText(c, width), "markdown": Markdown(c)} {
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }); i >= 0 {
				t.Errorf("%s holds a control character at %d: %q", name, i, out)
			}
		}
		if strings.Contains(strings.ReplaceAll(Markdown(Card{Summary: s}), `\<`, ""), "<") {
			t.Errorf("Markdown lets a tag through: %q", s)
		}
	})
}

func TestATrendInCharacters(t *testing.T) {
	for _, c := range []struct {
		cell Cell
		want string
	}{
		{Cell{Text: "38 %"}, "38 %"},
		{Cell{Text: "below", Trend: []float64{0, 0.5, -1, 0.874, 1}}, "▁▅·▇█ below"},
		{Cell{Trend: []float64{1.2, 0.1}}, "█▁"},
		{Cell{Trend: []float64{math.NaN(), math.Inf(1), math.Inf(-1)}}, "·█·"},
	} {
		if got := c.cell.Words(); got != c.want {
			t.Errorf("%+v reads %q, want %q", c.cell, got, c.want)
		}
	}
}
