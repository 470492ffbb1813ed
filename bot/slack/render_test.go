package slack_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
)

var berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return time.UTC
	}
	return l
}()

// samples hold every kind of block between them.
func samples() map[string]chat.Card {
	return map[string]chat.Card{
		"objection": {
			Key: "objection.logged", Summary: "Logged as Turnaround time",
			Title: chat.T("✓ Logged as Turnaround time"),
			Blocks: []chat.Block{
				chat.Para(chat.I("evaluation"), " · vs. ", chat.B("Competitor X"), " · account Northfield Labs"),
				chat.Quote("they say we take <!channel> *twice* as long & more"),
				chat.ButtonRow(chat.Ask("Edit", "objection.edit", "O-1"), chat.Press("Undo", "objection.undo", "O-1").As(chat.Danger)),
				chat.Rule(),
				chat.Heading("Say this"),
				chat.Para("Time to first result is longer. Proof: ", chat.Link("the repeat-rate one-pager",
					"https://quillwater.example/repeat?a=1&b=2"), "."),
				chat.ButtonRow(chat.Press("Helped", "answer.helped", "A-1").As(chat.Primary), chat.Press("Did not help", "answer.not", "A-1")),
				chat.Small("Approved ", chat.At(time.Date(2026, 10, 12, 8, 0, 0, 0, time.UTC), berlin, chat.Day), ", helped ", chat.B("9 of 11"),
					" times"),
			},
			Footer: chat.T("You are one of 6 reps who heard it this month."), Private: "Only you see this.",
		},
		"dispute": {
			Key: "dispute", Summary: "D-12 · Northfield Labs: Marketing answers by Tue 15:00",
			Title: chat.T("⚖️ ", chat.B("D-12"), " · Northfield Labs — ", chat.I("outside ICP")),
			Blocks: []chat.Block{
				chat.FactList(chat.FactOf("Score", 82), chat.FactOf("Source", "Content syndication"),
					chat.FactOf("Opened by", chat.Mention("Rita", "slack:T1:U1", "teams:x:y")),
					chat.FactOf("Answer due", chat.At(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), berlin, chat.DayTime))),
				chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"),
					chat.Button{Label: "Delete", Action: "dispute.delete", Arg: "D-12", Confirm: "Delete the case for all?"},
					chat.Button{Label: "Open the CRM", URL: "https://crm.example/D-12"}),
				chat.SelectBlock(chat.Select{Label: "Reason", Action: "dispute.reason", Arg: "D-12", Value: "icp",
					Options: []chat.Option{{Value: "icp", Label: "Outside ICP", Group: "Source faults"},
						{Value: "student", Label: "Student", Group: "Source faults"}, {Value: "dup", Label: "Duplicate", Group: "Data"}}}),
			},
		},
		"digest": {
			Key: "digest.leads", Summary: "Look at Content syndication: highest scores, and nothing bought.",
			Title: chat.T("Look at Content syndication"),
			Blocks: []chat.Block{
				chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Sent back and won, by source", Unit: "%",
					Categories: []string{"Webinar", "Content syndication, all networks", "Content syndication, other"},
					Series:     []chat.Series{{Name: "Sent back", Values: []float64{12, 38, 11}}, {Name: "Won", Values: []float64{9, 0, 4.5}}}}),
				chat.ChartBlock(chat.Chart{Kind: chat.Line, Title: "Leads a week", Unit: "leads", Categories: weeks(30),
					Series: []chat.Series{{Name: "MQL", Values: counting(30)}}, Marks: []chat.Mark{{Category: "W20", Text: "threshold 60 to 70"}}}),
				chat.TableBlock(chat.Table{Caption: "Sources", Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true},
					{Title: "Sent back", Number: true}},
					Rows: [][]chat.Cell{{{Text: "Webinar", Button: ptr(chat.Press("Webinar", "source.show", "webinar"))}, {Text: "420", Value: 420},
						{Text: "12 %", Value: .12}}, {{Text: "Booth"}, {Text: "80", Value: 80}, {}}},
					More: ptr(chat.Press("Show all", "digest.table", "x"))}),
			},
			Footer: chat.T("51 here, 52 in your file: 1 test lead. ", chat.Link("How this is computed", "https://truce.example/how")),
		},
	}
}

func ptr[T any](v T) *T { return &v }

func weeks(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "W" + string(rune('0'+i/10)) + string(rune('0'+i%10))
	}
	return out
}

func counting(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func sampleForm() chat.Form {
	return chat.Form{Name: "dispute.open", Title: "Dispute a lead", Submit: "Open", State: "L-1",
		Intro: chat.T("Marketing answers by ", chat.B("Tuesday"), "."), Fields: []chat.Field{
			{Name: "lead", Kind: chat.Search, Label: "Lead", Suggest: "leads", Value: "L-1", Required: true,
				Options: []chat.Option{{Value: "L-1", Label: "Northfield Labs"}}},
			{Name: "reason", Kind: chat.Radio, Label: "Reason", Required: true,
				Options: []chat.Option{{Value: "icp", Label: "Outside ICP", Hint: "A source fault"}, {Value: "dup", Label: "Duplicate"}}},
			{Name: "stage", Kind: chat.Choice, Label: "Stage", Value: "eval", Options: []chat.Option{{Value: "eval", Label: "Evaluation"}}},
			{Name: "why", Kind: chat.LongText, Label: "What happened?", Hint: "One sentence is enough.", Value: "<b> & \"quotes\""},
			{Name: "line", Kind: chat.Line1, Label: "Competitor", Max: 80},
			{Name: "when", Kind: chat.DateOf, Label: "When", Value: "2026-11-20"},
			{Name: "amount", Kind: chat.Number, Label: "Amount", Value: "12.5"},
			{Name: "urgent", Kind: chat.Check, Label: "Urgent", Value: "true"},
			{Name: "score", Kind: chat.ReadOnly, Label: "Score", Value: "82"},
		}}
}

// drawn is every sample as Slack gets it.
func drawn() map[string]any {
	all := map[string]any{"form": slack.RenderForm(sampleForm())}
	for name, card := range samples() {
		all[name] = slack.RenderMessage(card, slack.Options{Team: "T1", Private: true})
		all[name+".plain"] = slack.RenderMessage(card, slack.Options{Team: "T1", Plain: true})
		all[name+".home"] = slack.RenderHome(card, slack.Options{Team: "T1"})
	}
	return all
}

func TestRender(t *testing.T) {
	for name, v := range drawn() {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			checkDrawn(t, v)
			golden.JSON(t, "render/"+name+".json", raw)
		})
	}
}

// checkDrawn holds what was drawn against Slack's limits.
func checkDrawn(t *testing.T, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	switch v := v.(type) {
	case slack.Message:
		blocks, _ := json.Marshal(v.Blocks)
		if len(v.Blocks) > 0 {
			faults = slackfake.CheckMessage(blocks)
		}
		if strings.TrimSpace(v.Text) == "" || len([]rune(v.Text)) > 4000 {
			faults = append(faults, "fallback text")
		}
	default:
		faults = slackfake.CheckView(raw)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// live finds what would notify or link in a mrkdwn or top-level text.
var live = regexp.MustCompile(`<[!@#h]`)

// TestRenderNasty draws every kind of block with the largest and nastiest content, at random.
func TestRenderNasty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		card := nastyCard(r)
		for _, opt := range []slack.Options{{}, {Plain: true, Private: true}, {Plain: true, Repeats: true}} {
			m := slack.RenderMessage(card, opt)
			checkDrawn(t, m)
			if raw, _ := json.Marshal(m.Text); live.Match(raw) || strings.Contains(m.Text, "<") {
				t.Errorf("card %d: the fallback text is live: %s", i, m.Text)
			}
			blocks, _ := json.Marshal(m.Blocks)
			inert(t, blocks)
		}
		checkDrawn(t, slack.RenderHome(card, slack.Options{}))
		checkDrawn(t, slack.RenderForm(nastyForm(r)))
		if t.Failed() {
			t.Fatalf("card %d", i)
		}
	}
}

// inert fails where a mention, broadcast or link stands in blocks, other than what the nasty cards mean to hold.
func inert(t *testing.T, blocks []byte) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			switch v["type"] {
			case "mrkdwn":
				s, _ := v["text"].(string)
				s = regexp.MustCompile(`<!date\^\d+\^[^|<>]+\|[^<>|]*>|<@U1>|<https://ok\.example/\|[^<>|]*>`).ReplaceAllString(s, "")
				if strings.ContainsAny(s, "<>") {
					t.Errorf("live markup: %s", s)
				}
			case "broadcast", "usergroup", "channel":
				t.Errorf("a %v element", v["type"])
			case "user":
				if v["user_id"] != "U1" {
					t.Errorf("user %v", v["user_id"])
				}
			case "link":
				if v["url"] != "https://ok.example/" {
					t.Errorf("link %v", v["url"])
				}
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if err := json.Unmarshal(blocks, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
}

var nasties = []string{"", " ", "\n", "<!channel>", "<@U2> hi", "<https://evil.example|click>", "*bold* _it_ ~no~ `code` ```x```",
	"&lt;!here&gt;", "a|b>c<d&e", "😀👩‍👩‍👧‍👦", "\x00\x07\u202Egnp.exe", "\xff\xfe", ":tada: @here #general",
	strings.Repeat("long ", 900), strings.Repeat("ü", 3500), strings.Repeat("&", 3100), "https://auto.example/x", "\"quoted\" \\ back",
	"مرحبا", strings.Repeat("*", 400)}

func nasty(r *rand.Rand) string { return nasties[r.IntN(len(nasties))] }

func nastyText(r *rand.Rand) chat.Text {
	t := chat.T(nasty(r))
	for range r.IntN(5) {
		s := nasty(r)
		switch r.IntN(7) {
		case 0:
			t = append(t, chat.B(s))
		case 1:
			t = append(t, chat.I(s))
		case 2:
			t = append(t, chat.Code(s))
		case 3:
			t = append(t, chat.Link(s, []string{"https://ok.example/", "javascript:alert(1)", "https://evil.example|x>", "http://plain.example",
				"https://" + strings.Repeat("x", 4000)}[r.IntN(5)]))
		case 4:
			t = append(t, chat.Mention(s, []string{"slack:T1:U1", "teams:a:b", "slack:T1:!channel", "slack:T1:"}[r.IntN(4)]))
		case 5:
			t = append(t, chat.At(time.Unix([]int64{0, -5, 1790000000, 1 << 40}[r.IntN(4)], 0), berlin, chat.DayTime))
		default:
			t = append(t, chat.Span{Text: s})
		}
	}
	return t
}

func nastyButton(r *rand.Rand) chat.Button {
	b := chat.Button{Label: nasty(r), Action: "a.b", Arg: strings.Repeat("x", r.IntN(1000)), Confirm: nasty(r),
		Style: []chat.Style{"", chat.Primary, chat.Danger, "odd"}[r.IntN(4)]}
	if r.IntN(4) == 0 {
		b.URL = "javascript:alert(1)"
	}
	return b
}

func nastyOptions(r *rand.Rand, n int) []chat.Option {
	out := make([]chat.Option, n)
	for i := range out {
		out[i] = chat.Option{Value: nasty(r), Label: nasty(r), Hint: nasty(r), Group: []string{"", nasty(r)}[r.IntN(2)]}
	}
	return out
}

func nastyCard(r *rand.Rand) chat.Card {
	c := chat.Card{Summary: nasty(r), Title: nastyText(r), Footer: nastyText(r), Private: nasty(r)}
	for range r.IntN(80) {
		var b chat.Block
		switch r.IntN(11) {
		case 0:
			b = chat.Heading(nasty(r))
		case 1:
			b = chat.Para(nastyText(r))
		case 2:
			b = chat.Quote(nasty(r))
		case 3:
			var f []chat.Fact
			for range r.IntN(30) {
				f = append(f, chat.Fact{Label: nasty(r), Value: nastyText(r)})
			}
			b = chat.FactList(f...)
		case 4, 5:
			b = chat.TableBlock(nastyTable(r))
		case 6:
			b = chat.ChartBlock(nastyChart(r))
		case 7:
			var list []chat.Button
			for range r.IntN(60) {
				list = append(list, nastyButton(r))
			}
			b = chat.ButtonRow(list...)
		case 8:
			b = chat.SelectBlock(chat.Select{Label: nasty(r), Action: "s.t", Arg: strings.Repeat("y", r.IntN(400)),
				Options: nastyOptions(r, r.IntN(120)), Value: nasty(r)})
		case 9:
			b = chat.Small(nastyText(r))
		default:
			b = chat.Rule()
		}
		c.Blocks = append(c.Blocks, b)
	}
	return c
}

func nastyTable(r *rand.Rand) chat.Table {
	t := chat.Table{Caption: nasty(r)}
	for range r.IntN(25) {
		t.Columns = append(t.Columns, chat.Column{Title: nasty(r), Number: r.IntN(2) == 0})
	}
	for range r.IntN(150) {
		var row []chat.Cell
		for range r.IntN(25) {
			c := chat.Cell{Text: nasty(r), Value: []float64{0, 1.5, math.NaN(), math.Inf(1)}[r.IntN(4)]}
			if r.IntN(8) == 0 {
				c.Button = ptr(nastyButton(r))
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	if r.IntN(2) == 0 {
		t.More = ptr(nastyButton(r))
	}
	return t
}

func nastyChart(r *rand.Rand) chat.Chart {
	c := chat.Chart{Kind: []chat.ChartKind{chat.Bar, chat.Line}[r.IntN(2)], Title: nasty(r), Unit: nasty(r)}
	for range r.IntN(30) {
		c.Categories = append(c.Categories, nasty(r))
	}
	for range r.IntN(9) {
		s := chat.Series{Name: nasty(r)}
		for range r.IntN(31) {
			s.Values = append(s.Values, []float64{0, -3, 1e300, math.NaN()}[r.IntN(4)])
		}
		if r.IntN(2) == 0 {
			s.Values = counting(len(c.Categories))
		}
		c.Series = append(c.Series, s)
	}
	if r.IntN(3) == 0 {
		c.Marks = []chat.Mark{{Category: nasty(r), Text: nasty(r)}}
	}
	return c
}

func nastyForm(r *rand.Rand) chat.Form {
	f := chat.Form{Name: "n", Title: nasty(r), Intro: nastyText(r), Submit: nasty(r)}
	kinds := []chat.FieldKind{chat.Line1, chat.LongText, chat.Choice, chat.Radio, chat.Search, chat.DateOf, chat.Number, chat.Check, chat.Several,
		chat.ReadOnly}
	for i := range r.IntN(30) {
		f.Fields = append(f.Fields, chat.Field{Name: "f" + string(rune('A'+i)), Kind: kinds[r.IntN(len(kinds))], Label: nasty(r), Hint: nasty(r),
			Value:    nasty(r),
			Required: r.IntN(2) == 0, Max: r.IntN(5000), Options: nastyOptions(r, r.IntN(230)), Suggest: "leads"})
	}
	return f
}

// TestTypes holds the drawn samples against Slack's own published types, where they are installed:
// npm ci --prefix bot/slack/testdata/types
func TestTypes(t *testing.T) {
	dir, err := filepath.Abs("testdata/types")
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(dir, "node_modules", ".bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("Slack's types are not installed: npm ci --prefix bot/slack/testdata/types")
	}
	var src strings.Builder
	src.WriteString("import type { KnownBlock, HomeView, ModalView } from '@slack/types';\n")
	for name, v := range drawn() {
		id := strings.ReplaceAll(name, ".", "_")
		switch v := v.(type) {
		case slack.Message:
			for i, b := range v.Blocks { // one by one: the compiler then names the block that is wrong
				raw, err := slackfake.Known(b)
				if err != nil {
					t.Error(err)
				}
				if raw == nil {
					continue
				}
				src.WriteString("export const " + id + "_" + string(rune('a'+i)) + ": KnownBlock = " + string(raw) + ";\n")
			}
		case slack.View:
			raw, _ := json.MarshalIndent(v, "", " ")
			kind := map[string]string{"home": "HomeView", "modal": "ModalView"}[v.Type]
			src.WriteString("export const " + id + ": " + kind + " = " + string(raw) + ";\n")
		default:
			t.Fatalf("%s is a %s", name, reflect.TypeOf(v))
		}
	}
	file := filepath.Join(dir, "drawn.ts") // beside node_modules, git-ignored
	if err := os.WriteFile(file, []byte(src.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file)
	cmd := exec.Command(tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext", "--target",
		"es2022", file)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Without native tables a wide one is a list: sixty columns of a fixed-width face wrap on a phone, and are no columns any more.
func TestWideTablesAreListsWhereSlackHasNone(t *testing.T) {
	wide := chat.Table{Caption: "Sources", Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true},
		{Title: "Sent back", Number: true}, {Title: "Won", Number: true}},
		Rows: [][]chat.Cell{{{Text: "Content syndication"}, {Text: "103"}, {Text: "38 %"}, {Text: "0 of 60"}},
			{{Text: "Webinar"}, {Text: "88"}, {Text: ""}, {Text: "4 %"}}}}
	narrow := chat.Table{Caption: "Sources", Columns: wide.Columns[:2], Rows: wide.Rows}
	help := chat.Table{Caption: "Commands", Columns: []chat.Column{{Title: "Command"}, {Title: "What"}},
		Rows: [][]chat.Cell{{{Text: "/objection"}, {Text: "Log what a buyer says, and get the best answer at once"}}}}
	for name, c := range map[string]struct {
		table      chat.Table
		want, none string
	}{
		"one with a long sentence": {help, "get the best answer at once", "rich_text_preformatted"},
		"a wide one": {wide,
			`Content syndication","style":{"bold":true}},{"type":"text","text":" · Leads: 103 · Sent back: 38 % · Won: 0 of 60"`,
			"rich_text_preformatted"},
		"a small one": {narrow, "rich_text_preformatted", "Leads: 103"},
	} {
		raw, err := json.Marshal(slack.RenderMessage(chat.Card{Summary: "s", Blocks: []chat.Block{chat.TableBlock(c.table)}},
			slack.Options{Plain: true}))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), c.want) || strings.Contains(string(raw), c.none) {
			t.Errorf("%s is drawn as %s", name, raw)
		}
	}
}

// A field that takes several is boxes to tick, or a list where these are too many; what was chosen before is chosen still.
func TestAFieldThatTakesSeveral(t *testing.T) {
	for n, want := range map[int]string{3: "checkboxes", 10: "checkboxes", 11: "multi_static_select", 100: "multi_static_select"} {
		field := chat.Field{Name: "leads", Kind: chat.Several, Label: "Leads", Value: chat.Together("L-1", "L-3", "L-999")}
		for i := range n {
			field.Options = append(field.Options, chat.Option{Value: fmt.Sprintf("L-%d", i+1), Label: fmt.Sprintf("L-%d", i+1), Hint: "Webinar"})
		}
		v := slack.RenderForm(chat.Form{Name: "f", Title: "Several", Fields: []chat.Field{field}})
		raw, err := json.Marshal(v.Blocks[0])
		if err != nil {
			t.Fatal(err)
		}
		var b struct {
			Element struct {
				Type    string
				Initial []struct{ Value string } `json:"initial_options"`
				Options []any
			}
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		if e := b.Element; e.Type != want || len(e.Options) != n || len(e.Initial) != 2 || e.Initial[1].Value != "L-3" {
			t.Errorf("of %d options: %s with %d, chosen %+v; want %s with L-1 and L-3 chosen", n, e.Type, len(e.Options), e.Initial, want)
		}
	}
}
