package teams_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/teams/teamsfake"
)

// playgroundConfig gives the Playground our tenant; it wants five other users.
func playgroundConfig() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: \"0.1.1\"\ntenantId: %s\nbot:\n  id: %s\n  name: Truce\n", teamsfake.Tenant, teamsfake.BotID)
	person := func(indent, first, id, name string, n int) {
		given, family, _ := strings.Cut(name, " ")
		mail := strings.ToLower(given) + "@quillwater.example"
		fmt.Fprintf(&b, "%sid: %s\n%sname: %s\n%suserPrincipleName: %s\n%saadObjectId: 0a0a0a0a-1111-4222-8333-44444444444%d\n%sgivenName: "+
			"%s\n%ssurname: %s\n%semail: %s\n",
			first, id, indent, name, indent, mail, indent, n, indent, given, indent, family, indent, mail)
	}
	b.WriteString("currentUser:\n")
	person("  ", "  ", "user-anna", "Anna Berg", 4)
	b.WriteString("users:\n")
	for i, name := range []string{"Mia Marsh", "Noor Hahn", "Carl Voss", "Ida Lund", "Omar Reyes"} {
		person("    ", "  - ", fmt.Sprint("user-", i), name, 5+i-5*(i/5))
	}
	b.WriteString("personalChat:\n  id: personal-chat-id\ngroupChat:\n  id: group-chat-id\n  name: Group Chat\nteam:\n  id: team-id\n  " +
		"name: Quillwater\n  aadGroupId: 00000000-0000-4000-8000-000000000031\n  channels:\n    - id: channel-disputes-id\n      name: " +
		"lead-disputes\n")
	return b.String()
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startPlayground starts Microsoft's simulator against a bot's endpoint and returns its page's address.
func startPlayground(t *testing.T, fake *teamsfake.Fake, bot string) string {
	t.Helper()
	dir := filepath.Join("testdata", "playground")
	cli := filepath.Join(dir, "node_modules", "@microsoft", "teams-app-test-tool", "cli.js")
	if _, err := os.Stat(cli); err != nil {
		lacking(t, "npm install --prefix bot/teams/testdata/playground has not been run")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "no node")
	}
	gateway := httptest.NewServer(&teamsfake.Gateway{Fake: fake, Bot: bot})
	t.Cleanup(gateway.Close)
	home := t.TempDir()
	config := filepath.Join(home, "config.yml")
	if err := os.WriteFile(config, []byte(playgroundConfig()), 0o644); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	if cli, err = filepath.Abs(cli); err != nil {
		t.Fatal(err)
	}
	loopback, err := filepath.Abs(filepath.Join(dir, "loopback.cjs"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "--require", loopback, cli, "start", "--app-endpoint", gateway.URL+"/api/messages", "--channel-id", "msteams",
		"--port", fmt.Sprint(port), "--service-url", fmt.Sprintf("http://127.0.0.1:%d/_connector", port), "--disable-telemetry")
	cmd.Dir = home // it writes a log into the folder it is started in
	cmd.Env = append(os.Environ(), "TEAMS_APP_TEST_TOOL_CONFIG_PATH="+config, "TEAMSAPPTESTER_BROWSER=none", "BROWSER=none", "HOME="+home)
	log, err := os.Create(filepath.Join(home, "playground.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("the Playground said:\n%s", said)
		}
	})
	page := fmt.Sprintf("http://127.0.0.1:%d/", port)
	for range 150 {
		if resp, err := http.Get(page); err == nil {
			resp.Body.Close()
			return page
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("the Playground did not start")
	return ""
}

// browser is a headless Chromium, ended with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		lacking(t, "no Chromium")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1300, 1100),
			chromedp.Env("TZ=Asia/Tokyo"), // the reader's zone, which is not the company's
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...) // nothing leaves the machine
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // without a timeout: it would end the browser
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// screenshot keeps a picture where TRUCE_SCREENSHOTS names a folder.
func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("TRUCE_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// person is somebody at the Playground's page.
type person struct {
	t   *testing.T
	ctx context.Context
}

func (p person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		screenshot(p.t, p.ctx, "failed")
		p.t.Fatalf("%s: %v", what, err)
	}
}

// says types a message and sends it.
func (p person) says(text string) {
	p.t.Helper()
	box := chromedp.CSS(`[data-lexical-editor="true"]`)
	p.do("say "+text, chromedp.Click(box), chromedp.SendKeys(box, text), chromedp.Sleep(300*time.Millisecond), chromedp.KeyEvent(kb.Enter))
}

// sees waits until a JavaScript expression is true.
func (p person) sees(what, expression string) {
	p.t.Helper()
	if !p.soon(what, expression, 30*time.Second) { // a busy machine draws slowly
		screenshot(p.t, p.ctx, "failed")
		p.t.Fatalf("%s: not seen", what)
	}
}

// soon reports whether a JavaScript expression becomes true in a while.
func (p person) soon(what, expression string, while time.Duration) bool {
	p.t.Helper()
	for end := time.Now().Add(while); ; time.Sleep(100 * time.Millisecond) {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err != nil {
			p.t.Fatalf("%s: %v", what, err)
		}
		if ok || time.Now().After(end) {
			return ok
		}
	}
}

// seesText waits for words on a card; in a dialog if inDialog.
func (p person) seesText(text string, inDialog bool) {
	p.t.Helper()
	p.sees(text, fmt.Sprintf(`[...document.querySelectorAll(%q)].some(c => c.innerText.includes(%q))`, scope(inDialog)+".ac-adaptiveCard",
		text))
}

func scope(inDialog bool) string {
	if inDialog {
		return "[role=dialog] "
	}
	return ""
}

// presses clicks the last button with the label.
func (p person) presses(label string, inDialog bool) {
	p.t.Helper()
	buttons := fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(b => b.innerText.trim() === %q)`, scope(inDialog)+"button", label)
	p.sees("the button "+label, buttons+".length")
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("("+buttons+".at(-1).click(), true)")); err != nil {
		p.t.Fatalf("press %s: %v", label, err)
	}
}

// playgroundBot is what the bot of the test does: a small Truce.
func playgroundBot(ev chat.Event) (chat.Reply, error) {
	logged := func(text, status string) *chat.Card {
		return &chat.Card{Key: "objection.logged", Summary: "Logged as Turnaround time", Title: chat.T("Logged as ", chat.B("Turnaround time")),
			Blocks: []chat.Block{
				chat.FactList(chat.FactOf("Stage", "evaluation"), chat.FactOf("Competitor", "Competitor *X*"), chat.FactOf("Status", status)),
				chat.Quote(text),
				chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Heard by theme", Unit: "times", Categories: []string{"Turnaround time", "Price"},
					Series: []chat.Series{{Name: "Heard", Values: []float64{14, 4}}}}),
				chat.TableBlock(chat.Table{Caption: "Say this", Columns: []chat.Column{{Title: "Answer"}, {Title: "Helped", Number: true}},
					Rows: [][]chat.Cell{{{Text: "Time to *reportable* result is shorter: no repeat runs."}, {Text: "9 of 11"}}}}),
				chat.ButtonRow(chat.Press("Helped", "answer.helped", "A-1").As(chat.Primary), chat.Ask("Edit…", "objection.edit", "O-7"),
					chat.Button{Label: "Undo", Action: "objection.undo", Arg: "O-7", Confirm: "Take it back?"}),
			}, Footer: chat.T("You are one of 6 reps who heard it this month.")}
	}
	dispute := func(title, why string) *chat.Card {
		return &chat.Card{Key: "dispute", Summary: title, Own: &chat.Own{Name: "dispute", Arg: "D-13"}, Title: chat.T(title),
			Blocks: []chat.Block{chat.Quote(why),
				chat.Para(chat.B("Marketing answers by "), chat.At(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), nil, chat.DayTime), "."),
				chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-13").As(chat.Primary), chat.Ask("Decline…", "dispute.decline", "D-13"))}}
	}
	switch {
	case ev.Kind == chat.Joined:
		return chat.Reply{Card: &chat.Card{Summary: "Welcome to Truce", Title: chat.T("Welcome to Truce"),
			Blocks: []chat.Block{chat.Para("Write ", chat.Code("help"), " to see what I can do.")}}}, nil
	case ev.Kind == chat.Command && ev.Name == "objection":
		return chat.Reply{Card: logged(ev.Text, "new")}, nil
	case ev.Name == "answer.helped":
		return chat.Reply{Card: logged("Thank you: 10 of 12 now.", "answered"), Replace: true}, nil
	case ev.Kind == chat.Command && ev.Name == "dispute":
		return chat.Reply{Form: &chat.Form{Name: "dispute.new", Title: "Dispute a lead", Submit: "Open the case", Fields: []chat.Field{
			{Name: "reason", Kind: chat.Choice, Label: "Reason", Value: "icp",
				Options: []chat.Option{{Value: "icp", Label: "Outside ICP"}, {Value: "data", Label: "Bad contact data"}}},
			{Name: "why", Kind: chat.LongText, Label: "Why is it wrong?", Required: true},
			{Name: "share", Kind: chat.Check, Label: "Tell the lead's owner", Value: "true"}}}}, nil
	case ev.Kind == chat.Submit && len(ev.Values["why"]) < 10:
		return chat.Reply{Faults: []chat.Fault{{Field: "why", Text: "Say it in ten letters or more."}}}, nil
	case ev.Kind == chat.Submit:
		return chat.Reply{Card: dispute("D-13 is open", ev.Values["why"])}, nil
	case ev.Name == "dispute.uphold":
		return chat.Reply{Card: dispute("D-13 is upheld", "by Marketing in 1 h 40 min"), Replace: true}, nil
	}
	return chat.Reply{Card: &chat.Card{Summary: "Help", Title: chat.T("What I can do"),
		Blocks: []chat.Block{chat.Para("objection, lead, dispute")}}, Public: true}, nil
}

func TestInTheAgentsPlayground(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Microsoft's Playground and a browser")
	}
	w := newWorld(t)
	w.answer(playgroundBot)
	page := startPlayground(t, w.fake, w.url)
	ctx := browser(t)
	anna := person{t, ctx}
	anna.do("open the page", chromedp.Navigate(page))
	anna.seesText("Welcome to Truce", false)
	screenshot(t, ctx, "teams-1-welcome")

	anna.says("objection they say we are *too* slow")
	anna.seesText("they say we are *too* slow", false)
	anna.seesText("Competitor *X*", false) // what people write is not Markdown
	anna.sees("a native table", `document.querySelector("table.ac-table, .ac-table, [role=table]")`)
	screenshot(t, ctx, "teams-2-card")

	// The Playground opens no dialogs from cards (it says so itself), so its form is one in a message; dialogs are in dialogs_test.go.
	anna.says("dispute")
	anna.seesText("Why is it wrong?", false)
	text := chromedp.CSS(`textarea`)
	anna.do("type too little", chromedp.SendKeys(text, "no"))
	anna.presses("Open the case", false)
	anna.seesText("Say it in ten letters or more.", false)
	anna.sees("what was typed is still there", `document.querySelector("textarea").value === "no"`)
	screenshot(t, ctx, "teams-3-form")
	anna.do("type enough", chromedp.SendKeys(text, ", an academic core facility"))
	anna.presses("Open the case", false)
	anna.seesText("D-13 is open", false)
	anna.seesText("no, an academic core facility", false)
	anna.sees("the form is gone", `!document.querySelector("textarea")`)
	anna.seesText("Marketing answers by Tue, Nov 24, 2026 11:00 PM.", false) // in the reader's zone
	screenshot(t, ctx, "teams-4-case")

	anna.presses("Uphold", false)
	anna.seesText("D-13 is upheld", false)
	anna.sees("the card has changed", `![...document.querySelectorAll(".ac-adaptiveCard")].some(c => c.innerText.includes("D-13 is open"))`)
	anna.presses("Helped", false)
	anna.seesText("Thank you: 10 of 12 now.", false)
	screenshot(t, ctx, "teams-5-changed")
	cards, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll(".ac-adaptiveCard").length`))
	if err != nil || cards < 2 {
		t.Errorf("%d cards, %v", cards, err)
	}
}

// atThePlayground is Anna at the Playground's page, welcomed, with the built program behind it.
func atThePlayground(t *testing.T) (anna person, page string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program, starts Microsoft's Playground and a browser")
	}
	fake := teamsfake.Start()
	t.Cleanup(fake.Close)
	page = startPlayground(t, fake, startTruce(t, fake))
	anna = person{t, browser(t)}
	anna.do("open the page", chromedp.Navigate(page))
	anna.sees("one welcome", `document.querySelectorAll(".ac-adaptiveCard").length === 1`)
	return anna, page
}

// startTruce builds the program and runs it with the fake's credentials. It returns the address of its POST /api/messages.
func startTruce(t *testing.T, fake *teamsfake.Fake) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "truce")
	if out, err := exec.Command("go", "build", "-o", binary, "..").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	config := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("storage:\n  path: %s\nhttp:\n  listen: 127.0.0.1:0\nteams:\n  app_id: %s\n  app_password: ${TEAMS_PASSWORD}\n  "+
		"tenant_id: %s\n  openid_metadata_url: %s\n  token_url: %s\n",
		filepath.Join(dir, "truce.db"), teamsfake.AppID, teamsfake.Tenant, fake.MetadataURL(), fake.TokenURL())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "run", "--config", config)
	cmd.Dir = dir
	cmd.Env = []string{"TEAMS_PASSWORD=" + teamsfake.Password, "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	logs := &chattest.Log{}
	cmd.Stdout, cmd.Stderr = logs, logs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("truce ended with %v", err)
		}
		if t.Failed() {
			t.Logf("truce said:\n%s", logs)
		}
	})
	for range 100 {
		if _, after, ok := strings.Cut(logs.String(), "truce is running"); ok {
			if m := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(after); m != "" {
				return "http://" + m + "/api/messages"
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("truce does not run:\n%s", logs)
	return ""
}

// TestTruceInTheAgentsPlayground is the real program, from its configuration file to the card in Microsoft's simulator.
func TestTruceInTheAgentsPlayground(t *testing.T) {
	anna, _ := atThePlayground(t)
	ctx := anna.ctx
	cards := `document.querySelectorAll(".ac-adaptiveCard").length`
	anna.says("help")
	anna.sees("one answer", cards+" === 2")
	anna.seesText("objection", false)
	screenshot(t, ctx, "truce-1-help")

	anna.says("objection they say we are *too* slow")
	anna.seesText("Logged", false)
	anna.seesText("they say we are *too* slow", false)
	screenshot(t, ctx, "truce-2-objection")
	anna.presses("Undo", false)
	anna.sees("the card has changed", `![...document.querySelectorAll("button")].some(b => b.innerText.trim() === "Undo")`)
	screenshot(t, ctx, "truce-3-undone")

	anna.says("objection")
	anna.sees("a form", `document.querySelector("textarea")`)
	anna.do("fill it", chromedp.SendKeys(chromedp.CSS("textarea"), "they fear the validation takes a year"))
	anna.presses("Log it", false)
	anna.seesText("they fear the validation takes a year", false)
	anna.sees("the form has given way", `!document.querySelector("textarea")`)
	screenshot(t, ctx, "truce-4-logged")
}
