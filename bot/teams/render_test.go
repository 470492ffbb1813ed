package teams_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/teams"
)

func berlin(t testing.TB) *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

const nasty = "*bold* _it_ [link](https://evil.example) `code` # no\n- list\n1. one\n> quote ~~gone~~ <at>Anna</at> <b>&amp; " +
	"{{DATE(2026-01-01T00:00:00Z)}} \\ | \x00\u202e\r\nend"

func sampleCards(t testing.TB) map[string]chat.Card {
	loc := berlin(t)
	due := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	return map[string]chat.Card{
		"objection-logged": {Key: "objection.logged", Summary: "Logged as Turnaround time; say this",
			Title:   chat.T("Logged as ", chat.B("Turnaround time")),
			Private: "Only you see this.",
			Blocks: []chat.Block{
				chat.Small("evaluation · vs. Competitor X · account Northfield Labs"),
				chat.Heading("Say this"),
				chat.Quote("Time to first result is longer, time to reportable result is shorter: no repeat runs.\nAsk how often they repeat today."),
				chat.Para("Proof: ", chat.Link("the repeat-rate one-pager", "https://quillwater.example/repeat(1).pdf"), " · approved ",
					chat.At(due, loc, chat.Day)),
				chat.ButtonRow(chat.Press("Helped", "answer.helped", "A-1").As(chat.Primary), chat.Press("Did not help", "answer.failed", "A-1"),
					chat.Ask("Edit", "objection.edit", "O-7"), chat.Press("Undo", "objection.undo", "O-7").As(chat.Danger)),
			},
			Footer: chat.T("You are one of 6 reps who heard it this month (14 times, 4 the month before).")},
		"dispute-open": {Key: "dispute.open", Summary: "D-12: Northfield Labs, outside ICP", Title: chat.T("D-12 · Northfield Labs"),
			Blocks: []chat.Block{
				chat.FactList(chat.FactOf("Reason", "outside ICP"), chat.FactOf("Score", "82"), chat.FactOf("Source", chat.I("Content syndication")),
					chat.FactOf("Answer due", chat.At(due, loc, chat.DayTime))),
				chat.Quote("Academic core facility, buys through a consortium we lost in spring."),
				chat.Para(chat.Mention("Mia Marketing", "slack:T1:U1",
					"teams:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee:5b5b5b5b-1111-4222-8333-444444444444"), " answers by ", chat.At(due, loc, chat.DayTime),
					". 4 like it in 30 days, all upheld."),
				chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12").As(chat.Primary), chat.Ask("Decline…", "dispute.decline", "D-12"),
					chat.Button{Label: "Withdraw", Action: "dispute.withdraw", Arg: "D-12", Confirm: "Withdraw D-12? It cannot be opened again.",
						Style: chat.Danger}, chat.Button{Label: "In the CRM", URL: "https://crm.example/leads/42"},
					chat.Button{Label: "Not https", URL: "http://crm.example"}),
				chat.Rule(),
				chat.SelectBlock(chat.Select{Label: "Who should answer?", Action: "dispute.assign", Arg: "D-12", Value: "p2",
					Options: []chat.Option{{Value: "p1", Label: "Mia", Group: "Marketing"},
						{Value: "p2", Label: "Noor", Hint: "on leave", Group: "Marketing"}}}),
			}},
		"digest": {Key: "digest.leads", Summary: "Look at Content syndication: highest scores, and nothing bought.",
			Title: chat.T("Look at ", chat.I("Content syndication"), ": highest scores, and nothing bought."),
			Blocks: []chat.Block{
				chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Sent back by source", Unit: "%",
					Categories: []string{"Content syndication", "Webinar", "Trade show"},
					Series:     []chat.Series{{Name: "Sent back", Values: []float64{38, 12.5, 9}}}}),
				chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Sent back and won", Categories: []string{"Webinar", "Trade show"},
					Series: []chat.Series{{Name: "Sent back", Values: []float64{12, 9}}, {Name: "Won", Values: []float64{4, 7}}}}),
				chat.ChartBlock(chat.Chart{Kind: chat.Line, Title: "Leads a week", Unit: "leads", Categories: []string{"W45", "W46", "W47"},
					Series: []chat.Series{{Name: "All", Values: []float64{48, 51, 44}}},
					Marks:  []chat.Mark{{Category: "W46", Text: "threshold 60 to 70"}}}),
				chat.TableBlock(chat.Table{Caption: "Sources, 13 weeks",
					Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true}, {Title: "Sent back", Number: true}},
					Rows: [][]chat.Cell{{{Text: "Content syndication", Button: &chat.Button{Label: "The leads", Action: "digest.leads",
						Arg: "syndication"}}, {Text: "103", Value: 103}, {Text: "38 %", Value: 38}},
						{{Text: "Webinar"}, {Text: "88", Value: 88}, {Text: ""}}},
					More: &chat.Button{Label: "Show all", Action: "digest.all", Arg: "G-3"}}),
			}, Footer: chat.T("Leads by the date they qualified. ", chat.Code("mql_at"))},
		"nasty": {Key: "nasty", Summary: nasty, Title: chat.T(nasty),
			Blocks: []chat.Block{chat.Heading(nasty), chat.Para(nasty, chat.B(nasty), chat.I(" x "), chat.Link(nasty, "javascript:alert(1)"),
				chat.Link("ok", "https://a.example/)b")), chat.Quote(nasty),
				chat.Para("by ", chat.Mention(nasty, "teams:t:5b5b5b5b-1111-4222-8333-444444444444"), " "+nasty),
				chat.FactList(chat.FactOf(nasty, nasty)),
				chat.TableBlock(chat.Table{Caption: nasty, Columns: []chat.Column{{Title: nasty}},
					Rows: [][]chat.Cell{{{Text: nasty, Button: &chat.Button{Label: nasty, Action: "a", Arg: nasty}}}, {}}}),
				chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: nasty, Categories: []string{nasty},
					Series: []chat.Series{{Name: nasty, Values: []float64{1}}}}),
				chat.ButtonRow(chat.Press(nasty, "a", nasty)), chat.Small(nasty)}, Footer: chat.T(nasty)},
		"summary-alone": {Key: "plain", Summary: "Nothing to show."},
	}
}

func sampleForms() map[string]chat.Form {
	return map[string]chat.Form{
		"form-all-fields": {Name: "objection.new", Title: "Log an objection", Intro: chat.T("One thing is needed."), Submit: "Log it",
			State: "draft-7",
			Fields: []chat.Field{
				{Name: "text", Kind: chat.LongText, Label: "What did they say?", Hint: "Their words", Required: true, Max: 1000},
				{Name: "short", Kind: chat.Line1, Label: "In short", Value: nasty},
				{Name: "theme", Kind: chat.Choice, Label: "Theme", Required: true, Value: "price",
					Options: []chat.Option{{Value: "price", Label: "Price"}, {Value: "time", Label: "Turnaround *time*"}}},
				{Name: "stage", Kind: chat.Radio, Label: "Stage", Hint: "Where they are",
					Options: []chat.Option{{Value: "e", Label: "Evaluation"}, {Value: "n", Label: "Negotiation"}}},
				{Name: "lead", Kind: chat.Search, Label: "Lead", Suggest: "leads", Required: true,
					Options: []chat.Option{{Value: "L-1", Label: "Northfield"}}},
				{Name: "when", Kind: chat.DateOf, Label: "When", Value: "2026-11-23", Required: true},
				{Name: "count", Kind: chat.Number, Label: "How many", Value: "3", Required: true},
				{Name: "many", Kind: chat.Number, Label: "How many more"},
				{Name: "share", Kind: chat.Check, Label: "Share with Marketing", Value: "true"},
				{Name: "agree", Kind: chat.Check, Label: "I may quote them", Required: true},
				{Name: "account", Kind: chat.ReadOnly, Label: "Account", Value: "Northfield *Labs*"},
			}},
		"form-empty": {Name: "nothing", Title: "Sure?", Intro: chat.T("Really?"), Submit: "Yes"},
	}
}

func TestGoldenCards(t *testing.T) {
	for name, card := range sampleCards(t) {
		t.Run(name, func(t *testing.T) {
			raw, err := teams.RenderCard(card)
			if err != nil {
				t.Fatal(err)
			}
			golden.JSON(t, "card-"+name+".json", raw)
		})
	}
	for name, form := range sampleForms() {
		t.Run(name, func(t *testing.T) {
			raw, err := teams.RenderForm(form)
			if err != nil {
				t.Fatal(err)
			}
			golden.JSON(t, name+".json", raw)
		})
	}
}

// parseCards holds cards against Microsoft's own parser.
func parseCards(t *testing.T, files ...string) {
	t.Helper()
	script := filepath.Join("testdata", "parse", "parse.cjs")
	if _, err := os.Stat(filepath.Join("testdata", "parse", "node_modules")); err != nil {
		lacking(t, "npm install --prefix bot/teams/testdata/parse has not been run")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "no node")
	}
	for _, mode := range [][]string{nil, {"--no-charts"}} {
		out, err := exec.Command(node, append(append([]string{script}, mode...), files...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("parse: %v\n%s", err, out)
		}
		if want := fmt.Sprintf(`{"parsed":%d,"problems":0}`, len(files)); strings.TrimSpace(string(out)) != want {
			t.Errorf("Microsoft's parser (%v) says:\n%s", mode, out)
		}
	}
}

func TestMicrosoftsParserTakesEveryCard(t *testing.T) {
	cards, _ := filepath.Glob("testdata/card-*.json")
	forms, _ := filepath.Glob("testdata/form-*.json")
	if cards = append(cards, forms...); len(cards) < 6 {
		t.Fatalf("%d golden files", len(cards))
	}
	dir := t.TempDir()
	for i, card := range hugeCards() {
		raw, err := teams.RenderCard(card)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprintf("huge-%d.json", i))
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		cards = append(cards, file)
	}
	parseCards(t, cards...)
}

// hugeCards are far too large in each way a card can be.
func hugeCards() []chat.Card {
	long := strings.Repeat(nasty+" ", 100)
	table := chat.Table{Caption: "All leads", Columns: []chat.Column{{Title: "Lead"}, {Title: "Score", Number: true}},
		More: &chat.Button{Label: "Show all", Action: "leads.all"}}
	chart := chat.Chart{Kind: chat.Line, Title: "All weeks"}
	var six []chat.Series
	for s := range 9 {
		six = append(six, chat.Series{Name: fmt.Sprint("series ", s)})
	}
	for i := range 3000 {
		table.Rows = append(table.Rows, []chat.Cell{{Text: "L-" + fmt.Sprint(i) + long[:50],
			Button: &chat.Button{Label: "x", Action: "lead.show", Arg: fmt.Sprint(i)}}, {Text: fmt.Sprint(i % 100), Value: float64(i % 100)}})
		chart.Categories = append(chart.Categories, fmt.Sprint("week ", i))
		for s := range six {
			six[s].Values = append(six[s].Values, float64(i))
		}
	}
	chart.Series = six
	var many, buttons []chat.Block
	var facts []chat.Fact
	var options []chat.Option
	for i := range 2000 {
		many = append(many, chat.Para(long))
		facts = append(facts, chat.FactOf(long, long))
		options = append(options, chat.Option{Value: fmt.Sprint(i), Label: long, Hint: long, Group: long})
		buttons = append(buttons, chat.ButtonRow(chat.Press(long, "a", strings.Repeat("x", 1000))))
	}
	return []chat.Card{
		{Summary: long, Blocks: []chat.Block{chat.TableBlock(table)}},
		{Summary: long, Blocks: []chat.Block{chat.ChartBlock(chart)}},
		{Summary: long, Title: chat.T(long), Blocks: many, Footer: chat.T(long)},
		{Summary: long, Blocks: []chat.Block{chat.FactList(facts...)}},
		{Summary: long, Blocks: []chat.Block{chat.SelectBlock(chat.Select{Label: long, Action: "a", Options: options})}},
		{Summary: long, Blocks: buttons},
		{Summary: long, Blocks: []chat.Block{chat.Quote(strings.Repeat("\n", 5000)), chat.Quote(strings.Repeat("𝕏", 50000)),
			chat.Para(strings.Repeat("a\n", 20000))}},
	}
}

func TestCardsStayUnder28KB(t *testing.T) {
	for i, card := range hugeCards() {
		raw, err := teams.RenderCard(card)
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
		if len(raw) > 27<<10 {
			t.Errorf("%d: %d bytes", i, len(raw))
		}
		if i == 0 && (!bytes.Contains(raw, []byte("of 3000 rows shown")) || !bytes.Contains(raw, []byte("Show all"))) {
			t.Error("a cut table does not say so")
		}
	}
}

func TestWhatPeopleWriteStaysText(t *testing.T) {
	raw, err := teams.RenderCard(sampleCards(t)["nasty"])
	if err != nil {
		t.Fatal(err)
	}
	var card any
	if err := json.Unmarshal(raw, &card); err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile("(^|[^\\\\])([*_`#~|\\[\\]{])")
	for _, block := range find(card, "type", "TextBlock") {
		s := block["text"].(string)
		s = regexp.MustCompile(`<at>[^<>]*</at>`).ReplaceAllString(s, "")
		if strings.ContainsAny(s, "<>") || strings.Contains(s, "{{") || strings.Contains(s, "\x00") {
			t.Errorf("HTML or functions get through: %q", s)
		}
		if m := marks.FindString(s); m != "" {
			t.Errorf("Markdown gets through: %q in %q", m, s)
		}
		if regexp.MustCompile(`(?m)^\s*(-|\d+\.)\s`).MatchString(s) {
			t.Errorf("a list gets through: %q", s)
		}
	}
	for _, open := range find(card, "type", "Action.OpenUrl") {
		if !strings.HasPrefix(open["url"].(string), "https://") {
			t.Errorf("opens %v", open["url"])
		}
	}
	if got := len(find(card, "type", "mention")); got != 1 {
		t.Errorf("%d mentions, want the one that was meant", got)
	}
}
