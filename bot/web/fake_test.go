package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/chat/chattest"
)

// handler answers like the real handlers would, and records the events it was given.
type handler struct {
	mu     sync.Mutex
	events []chat.Event
	err    error
	own    func(chat.Event) chat.Reply // answers a Look
}

func (h *handler) all() []chat.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.Event(nil), h.events...)
}

func (h *handler) last(t *testing.T) chat.Event {
	t.Helper()
	all := h.all()
	if len(all) == 0 {
		t.Fatal("no event reached the handler")
	}
	return all[len(all)-1]
}

func (h *handler) Handle(_ context.Context, ev chat.Event) (chat.Reply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, ev)
	if h.err != nil {
		return chat.Reply{}, h.err
	}
	show := func(c chat.Card) (chat.Reply, error) { return chat.Reply{Card: &c}, nil }
	switch ev.Kind {
	case chat.Command:
		switch ev.Name {
		case "objection":
			if ev.Text == "" {
				f := objectionForm()
				return chat.Reply{Form: &f}, nil
			}
			return show(objectionCard(ev.Text))
		case "dispute":
			c := disputeCard("")
			return chat.Reply{Card: &c, Public: true}, nil
		case "digest":
			return show(digestCard())
		}
		return show(chat.Card{Summary: "There is no command /" + ev.Name + ". Type / to see what there is."})
	case chat.Action:
		switch ev.Name {
		case "dispute.uphold":
			c := disputeCard("Marketing")
			return chat.Reply{Card: &c, Replace: true}, nil
		case "objection.edit", "dispute.decline":
			f := objectionForm()
			return chat.Reply{Form: &f}, nil
		case "home.rate":
			return show(chat.Card{Summary: "Rated good.", Blocks: []chat.Block{chat.Para("Rated ", chat.B("good"), ". Thank you.")}})
		}
		return show(chat.Card{Summary: "Done: " + ev.Name + " " + ev.Values["value"]})
	case chat.Submit:
		if strings.Contains(ev.Values["text"], "x") && ev.Values["theme"] == "" {
			return chat.Reply{Faults: []chat.Fault{{Field: "theme", Text: "Choose a theme, so that Marketing finds it."}}}, nil
		}
		return show(objectionCard(ev.Values["text"]))
	case chat.Shortcut:
		return show(objectionCard(ev.Quoted.Text))
	case chat.Message:
		return show(chat.Card{Summary: "Kept as a draft", Blocks: []chat.Block{chat.Para("Kept as a private draft. Is it an ",
			chat.B("objection"), " or a ", chat.B("field note"), "?"),
			chat.ButtonRow(chat.Press("Objection", "draft.objection", "1").As(chat.Primary), chat.Press("Field note", "draft.field", "1"))}})
	case chat.Suggest:
		if ev.Text == "guest" {
			return chat.Reply{Faults: []chat.Fault{{Text: "Full members only."}}}, nil
		}
		var out []chat.Option
		for _, l := range []string{"Northfield Labs", "Harbor Diagnostics", "Core facility <Nord>"} {
			if strings.Contains(strings.ToLower(l), strings.ToLower(ev.Text)) {
				out = append(out, chat.Option{Value: "L-" + l[:2], Label: l, Hint: "evaluation"})
			}
		}
		return chat.Reply{Options: out}, nil
	case chat.Look:
		if h.own != nil {
			return h.own(ev), nil
		}
	case chat.HomeOpened:
		return show(homeCard(ev.User.Name))
	}
	return chat.Reply{}, nil
}

func objectionCard(text string) chat.Card {
	return chat.Card{Key: "objection.logged", Summary: "Logged as Turnaround time",
		Title: chat.T("✓ Logged as ", chat.B("Turnaround time"), " · ", chat.I("evaluation"), " · vs. Competitor X"),
		Blocks: []chat.Block{
			chat.Quote(text),
			chat.ButtonRow(chat.Ask("Edit", "objection.edit", "O-1"), chat.Press("Undo", "objection.undo", "O-1")),
			chat.Rule(),
			chat.Para(chat.B("Say this"), " (approved 12 Oct, helped 9 of 11 times)"),
			chat.Para("“Time to first result is longer, time to ", chat.I("reportable"),
				" result is shorter: no repeat runs. Ask how often they repeat today.”"),
			chat.Para("Proof: ", chat.Link("the repeat-rate one-pager", "https://example.com/one-pager")),
			chat.ButtonRow(chat.Press("Helped", "answer.helped", "A-7").As(chat.Primary), chat.Ask("Did not help", "answer.not", "A-7"),
				chat.Press("2 more", "answer.more", "A-7")),
			chat.SelectBlock(chat.Select{Label: "Theme", Action: "objection.theme", Arg: "O-1", Value: "turnaround", Options: []chat.Option{
				{Value: "price", Label: "Price", Group: "Money"}, {Value: "budget", Label: "Budget timing", Group: "Money",
					Hint: "they want it, next year"},
				{Value: "turnaround", Label: "Turnaround time", Group: "Product"}, {Value: "validation", Label: "Validation data", Group: "Product"}}}),
			chat.Small("You are one of 6 reps who heard it this month (14 times, 4 the month before)."),
		}}
}

func disputeCard(by string) chat.Card {
	c := chat.Card{Key: "dispute.case", Summary: "D-12 Northfield Labs: outside ICP",
		Title: chat.T("⚖️ ", chat.B("D-12 · Northfield Labs"), " — ", chat.I("outside ICP"), " · score 82 · source ",
			chat.I("Content syndication"))}
	if by != "" {
		c.Summary = "D-12 upheld by " + by
		c.Blocks = []chat.Block{chat.Para(chat.B("Upheld"), " by "+by+
			" in 1 h 40 min: “Consortium members now go to nurture.” The lead is recycled."),
			chat.ButtonRow(chat.Ask("Propose as a rule", "rule.propose", "D-12"), chat.Ask("Re-open", "dispute.reopen", "D-12"))}
		return c
	}
	c.Blocks = []chat.Block{
		chat.Quote("Academic core facility, buys through a consortium we lost in spring."),
		chat.FactList(chat.FactOf("Marketing answers by", chat.At(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), nil, chat.DayTime)),
			chat.FactOf("Like it", "4 in 30 days, all upheld"), chat.FactOf("ICP fit", "34 of 60 known points: segment ✗, size ✓, region ?"),
			chat.FactOf("Asked", chat.Mention("Mara Lindqvist", prefix+"mara"))),
		chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12").As(chat.Primary), chat.Ask("Decline…", "dispute.decline", "D-12"),
			chat.Ask("Ask once…", "dispute.ask", "D-12"),
			chat.Button{Label: "Withdraw", Action: "dispute.withdraw", Arg: "D-12", Style: chat.Danger,
				Confirm: "Withdraw the dispute? The lead stays with you."}),
	}
	return c
}

func digestCard() chat.Card {
	row := func(source string, leads, back, won float64) []chat.Cell {
		return []chat.Cell{{Text: source, Button: &chat.Button{Label: "show its leads", Action: "digest.leads", Arg: source}},
			{Text: chat.Figure(leads, ""), Value: leads}, {Text: chat.Figure(back, "%"), Value: back}, {Text: chat.Figure(won, "%"), Value: won}}
	}
	return chat.Card{Key: "digest.leads", Summary: "Look at Content syndication", Private: "Only visible to you: your weekly lead feedback",
		Title: chat.T("Look at ", chat.I("Content syndication"), ": highest scores, and nothing bought."),
		Blocks: []chat.Block{
			chat.Para("In the last 13 weeks Sales sent back ", chat.B("38 %"),
				" of the 103 leads it judged (29 to 48 %; all other sources 12 %), mostly ", chat.I("wrong person"),
				" (22 of 39). Of its 240 leads old enough to tell, none has won."),
			chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Sent back and won, by source", Unit: "%",
				Categories: []string{"Content syndication", "Trade show", "Webinar", "Paid search", "Evaluation kit", "Referral"},
				Series: []chat.Series{{Name: "Sent back", Values: []float64{38, 16, 11, 14, 9, 4}},
					{Name: "Won", Values: []float64{0, 6, 7.5, 5, 12, 21}}}}),
			chat.TableBlock(chat.Table{Caption: "By source, 13 weeks",
				Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true}, {Title: "Sent back", Number: true},
					{Title: "Won", Number: true}},
				Rows: [][]chat.Cell{row("Content syndication", 412, 38, 0), row("Trade show", 96, 16, 6), row("Webinar", 230, 11, 7.5),
					row("Referral", 41, 4, 21)}, More: &chat.Button{Label: "Show all 8", Action: "digest.table", Arg: "leads"}}),
			chat.ChartBlock(chat.Chart{Kind: chat.Line, Title: "Turnaround objections a week",
				Categories: []string{"W36", "W37", "W38", "W39", "W40", "W41", "W42", "W43", "W44", "W45", "W46", "W47"},
				Marks:      []chat.Mark{{Category: "W42", Text: "Competitor X launched"}},
				Series:     []chat.Series{{Name: "Heard", Values: []float64{1, 0, 2, 1, 1, 2, 3, 5, 4, 7, 9, 11}}}}),
			chat.Heading("Last week"),
			chat.Para("51 leads (usual 38 to 58), 44 judged, 5 disputes settled (3 upheld, 2 declined, median 3.2 business hours)"),
			chat.ButtonRow(chat.Press("Why Sales said no", "digest.why", ""), chat.Press("The leads", "digest.leads", "")),
		},
		Footer: chat.T("Leads by the date they qualified; 31 of last week's 51 are still open: young cohorts are not bad ones. 51 here, 52 in " +
			"your file: 1 test lead.")}
}

func homeCard(name string) chat.Card {
	return chat.Card{Key: "home", Summary: "What waits for you", Title: chat.T("Three things wait for you, " + strings.Fields(name)[0] + "."),
		Blocks: []chat.Block{
			chat.Heading("Rate these leads"), chat.Para(chat.B("Northfield Labs"), " · Webinar, handed off 5 days ago"),
			chat.ButtonRow(chat.Press("Good", "home.rate", "3").As(chat.Primary), chat.Press("Fair", "home.rate", "2"),
				chat.Press("Poor", "home.rate", "1")),
			chat.Para(chat.B("Harbor Diagnostics"), " · Evaluation kit, handed off 6 days ago"),
			chat.ButtonRow(chat.Press("Good", "home.rate", "3b").As(chat.Primary), chat.Press("Fair", "home.rate", "2b"),
				chat.Press("Poor", "home.rate", "1b")),
			chat.Heading("Your disputes"), chat.FactList(chat.FactOf("D-12 Northfield Labs", "Marketing answers by Tue 15:00"))},
		Footer: chat.T("You see this because you are a rep. Figures about you are shown to you only.")}
}

func objectionForm() chat.Form {
	return chat.Form{Name: "objection", Title: "Log an objection", Intro: chat.T("One thing asked; the rest is optional."), Submit: "Log it",
		State: "s-1", Fields: []chat.Field{
			{Name: "text", Kind: chat.LongText, Label: "What did they say?", Required: true, Hint: "In their words."},
			{Name: "theme", Kind: chat.Choice, Label: "Theme", Options: []chat.Option{{Value: "price", Label: "Price", Group: "Money"},
				{Value: "turnaround", Label: "Turnaround time", Group: "Product"}}},
			{Name: "lead", Kind: chat.Search, Label: "Lead", Suggest: "leads", Value: "L-No",
				Options: []chat.Option{{Value: "L-No", Label: "Northfield Labs"}}},
			{Name: "stage", Kind: chat.Radio, Label: "Stage", Value: "evaluation",
				Options: []chat.Option{{Value: "first", Label: "First talk"}, {Value: "evaluation", Label: "Evaluation"}}},
			{Name: "on", Kind: chat.DateOf, Label: "When", Value: "2026-11-23"}, {Name: "deal", Kind: chat.Number, Label: "Deal size, USD"},
			{Name: "quote", Kind: chat.Check, Label: "May be quoted to Marketing"},
			{Name: "by", Kind: chat.ReadOnly, Label: "Logged by", Value: "Ann Keller"},
		}}
}

func testConfig() Config {
	return Config{
		Personas: []Persona{{ID: "ann", Name: "Ann Keller", Title: "Sales rep", Email: "ann@quillwater.example", Zone: "Europe/Berlin"},
			{ID: "ben", Name: "Ben Okafor", Title: "Sales rep", Zone: "America/New_York"},
			{ID: "mara", Name: "Mara Lindqvist", Title: "Marketer", Zone: "Europe/Berlin"}, {ID: "tom", Name: "Tom Ibarra", Title: "Head of Sales"},
			{ID: "ines", Name: "Inês Duarte", Title: "Head of Marketing"}, {ID: "vera", Name: "Vera Stone", Title: "Sponsor"}},
		Channels: []Channel{{ID: "sales-floor", Topic: "What we hear in the field"},
			{ID: "lead-disputes", Topic: "Cases between Sales and Marketing", Members: []string{"ann", "mara", "tom", "ines"}, Private: true},
			{ID: "marketing", Topic: "Campaigns and content"}},
		Story: Story{Title: "Quillwater Assays pays 96,000 USD for leads that never buy. Nobody can see it.", Sentences: []string{
			"96,000 USD bought 412 syndication leads: highest score (81), 38 % sent back, none of 240 old enough bought.",
			"Sales sent back 78 of 190 core-facility kit requests (score 44); 9 bought later, 184,000 USD, 7 reordered.",
			"Truce sits where both teams talk, catches what the field hears, and holds lead quality against what was really sold."},
			Try: []Try{{Text: "As a rep, log what a customer said between two calls", Persona: "ann",
				Command: "/objection they say we take twice as long as Competitor X at Northfield Labs"},
				{Text: "Dispute a lead, then become the marketer who answers", Persona: "ann", Channel: "lead-disputes",
					Command: "/dispute L-0042 outside ICP"},
				{Text: "As the manager, read the week in one sentence", Persona: "tom", Command: "/digest weekly"}},
			Note: "The company, its people and its figures are invented. Everything runs on this machine; nothing leaves it."},
	}
}

func testCatalog() chat.Catalog {
	return chat.Catalog{Commands: []chat.CommandInfo{
		{Name: "objection", Usage: "[what they say] | top | new | search TEXT", Help: "Log an objection and get the best approved answer.",
			Examples: []string{"/objection they say we are too slow", "/objection top"}},
		{Name: "lead", Usage: "ID or e-mail | mine | unrated", Help: "Show a lead; accept, rate or dispute it.",
			Examples: []string{"/lead L-0042"}},
		{Name: "dispute", Usage: "LEAD REASON | list | mine", Help: "Open a case about a lead.",
			Examples: []string{"/dispute L-0042 outside ICP"}},
		{Name: "digest", Usage: "leads | weekly | mine", Help: "The report now, for you.", Examples: []string{"/digest weekly"}},
		{Name: "truce", Usage: "help | status | my data", Help: "Help and your data.", Examples: []string{"/truce help"}}},
		Shortcuts: []chat.ShortcutInfo{{Name: "log_objection", Title: "Log as objection", Help: "With the best answer"},
			{Name: "log_field", Title: "Log as field note"}, {Name: "capture", Title: "Capture", Global: true}}}
}

// world is a running workspace with its parts.
type world struct {
	*Adapter
	*httptest.Server
	mem   *chattest.Memory
	h     *handler
	clock *testClock
}

type testClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newWorld(t testing.TB, mem *chattest.Memory) *world {
	t.Helper()
	w := &world{mem: mem, h: &handler{}, clock: &testClock{t: time.Date(2026, 11, 23, 9, 12, 0, 0, time.UTC)}}
	cfg := testConfig()
	cfg.Advance = w.clock.advance
	a, err := New(cfg, testCatalog(), mem, w.clock.now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	a.Mount(mux, w.h)
	w.Adapter, w.Server = a, httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, w.h) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.Server.CloseClientConnections()
		w.Server.Close()
	})
	return w
}

func (w *world) get(t testing.TB, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(w.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

var gestures int

// post does a gesture; without a key in the form it is a new one.
func (w *world) post(t testing.TB, path string, form map[string]string) (int, string) {
	t.Helper()
	values := map[string][]string{}
	for k, v := range form {
		values[k] = strings.Split(v, "\x1f")
	}
	if values["gesture"] == nil {
		gestures++
		values["gesture"] = []string{fmt.Sprintf("test-gesture-%d", gestures)}
	}
	resp, err := http.PostForm(w.URL+path, values)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (w *world) say(t testing.TB, as, place, text string) string {
	t.Helper()
	status, body := w.post(t, "/as/"+as+"/say", map[string]string{"place": place, "text": text})
	if status != 200 {
		t.Fatalf("say %q: status %d: %s", text, status, body)
	}
	return body
}

func homeCardFor(title string) chat.Card {
	c := homeCard("Ann")
	c.Title = chat.T(title)
	return c
}

// firstEvent is the first thing an open page is told: its revision, and the fragments.
func (w *world) firstEvent(t *testing.T, as, place, last string) (id, data string) {
	t.Helper()
	r := mustRequest(t, "GET", w.URL+"/as/"+as+"/stream?place="+place+"&since=0", map[string]string{"Last-Event-ID": last})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	resp, err := http.DefaultClient.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatalf("content type %q", ct)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = v
		} else if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			data += v + "\n"
		} else if lines.Text() == "" {
			return id, data
		}
	}
	t.Fatal("the stream ended early")
	return "", ""
}
