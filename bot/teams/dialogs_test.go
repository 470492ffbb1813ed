package teams_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"truce/bot/teams/teamsfake"
)

// This file fills in dialogs by hand, with the built program behind them: those of message extensions in the Agents Playground, and
// those that a card's button opens, which the Playground does not, with Microsoft's renderer on a page of our own.

// clicks presses what a JavaScript expression finds first.
func (p person) clicks(what, expression string) {
	p.t.Helper()
	p.sees(what, "("+expression+")[0]")
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("(("+expression+")[0].click(), true)")); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

func named(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.innerText.trim() === %q)`, selector, text)
}

// fills types into the input of the dialog that has the label.
func (p person) fills(label, text string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("[role=dialog] label")].filter(l => l.innerText.startsWith(%q)).map(l => document.getElementById(l.htmlFor))`, label)
	p.sees("the field "+label, "("+find+")[0]")
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("("+find+"[0].focus(), true)")); err != nil {
		p.t.Fatalf("fill in %s: %v", label, err)
	}
	p.do("fill in "+label, chromedp.KeyEvent(text))
}

// empties deletes what is in the input of the dialog that has the label.
func (p person) empties(label string) {
	p.t.Helper()
	p.fills(label, "")
	p.do("empty "+label, chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
}

// holds waits until the input with the label holds a value.
func (p person) holds(label, value string) {
	p.t.Helper()
	p.sees(label+" holds "+value,
		fmt.Sprintf(`[...document.querySelectorAll("[role=dialog] label")].some(l => l.innerText.startsWith(%q) && document.getElementById(l.htmlFor).value === %q)`, label, value))
}

func TestMessageExtensionsInTheAgentsPlayground(t *testing.T) {
	anna, page := atThePlayground(t)
	ctx := anna.ctx
	command := func(id string) {
		t.Helper()
		anna.clicks("Action Command", named("[role=menuitem]", "Action Command"))
		box := chromedp.CSS(`[role=dialog] input[type=text]`) // which keeps the last command
		anna.do("name the command", chromedp.Click(box), chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)),
			chromedp.KeyEvent(id))
		anna.clicks("Create", named("[role=dialog] button", "Create"))
	}

	// From the box where messages are written: a form, sent with a colleague nobody knows, and mended.
	anna.clicks("the extension's menu", `document.querySelectorAll('[aria-label="Trigger Message Extension App"]')`)
	command("objection.new")
	anna.fills("What do they say?", "they fear the *validation* takes a year")
	anna.fills("Heard by a colleague?", "Nobody Known")
	screenshot(t, ctx, "dialog-1-filled")
	anna.presses("Log it", true)
	anna.seesText("Nobody Known", true)
	anna.sees("what is wrong, below its field",
		`[...document.querySelectorAll("[role=dialog] .ac-richTextBlock")].some(e => e.innerText.includes("⚠"))`)
	anna.holds("What do they say?", "they fear the *validation* takes a year")
	anna.holds("Heard by a colleague?", "Nobody Known")
	screenshot(t, ctx, "dialog-2-fault")
	anna.empties("Heard by a colleague?")
	anna.presses("Log it", true)
	anna.seesText("Logged", true)
	anna.seesText("they fear the *validation* takes a year", true)
	screenshot(t, ctx, "dialog-3-logged")
	anna.clicks("close", `document.querySelectorAll('[role=dialog] [aria-label="Close"]')`)
	anna.do("open the page again: it keeps what stood in the last dialog", chromedp.Navigate(page))
	anna.sees("the chat", `document.querySelector('[data-lexical-editor="true"]')`)

	// On a message: what it says is taken over.
	anna.says("They asked whether it is validated on FFPE.")
	anna.seesText("Sounds like", false)
	for range 5 { // now and then the Playground leaves the dialog empty, though it has got its card
		anna.clicks("the message's menu", nearest(`[aria-label="Show more information"]`, "They asked whether it is validated on FFPE."))
		command("field.log")
		if anna.soon("the dialog's card", `document.querySelector("[role=dialog] .ac-adaptiveCard")`, 3*time.Second) {
			break
		}
		anna.clicks("close", `document.querySelectorAll('[role=dialog] [aria-label="Close"]')`)
		anna.sees("the dialog is closed", `!document.querySelector("[role=dialog]")`)
	}
	anna.seesText("They asked whether it is validated on FFPE.", true)
	screenshot(t, ctx, "dialog-4-from-a-message")
	anna.clicks("close", `document.querySelectorAll('[role=dialog] [aria-label="Close"]')`)
	anna.sees("the dialog is closed", `!document.querySelector("[role=dialog]")`)

	// What was logged is found again, and goes into a message.
	anna.clicks("the extension's menu", `document.querySelectorAll('[aria-label="Trigger Message Extension App"]')`)
	anna.clicks("Search Command", named("[role=menuitem]", "Search Command"))
	anna.clicks("where the command is named", named("button", "Specify Command ID or Parameter"))
	for _, fill := range [][2]string{{"Command ID", "objections"}, {"Parameter name", "text"}, {"Enter a search term", "validation"}} {
		anna.do("fill in "+fill[0], chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("input[placeholder=%q]", fill[0])), fill[1]))
	}
	find := `[...document.querySelectorAll("[data-popper-placement] *")].filter(e => e.children.length === 0 && (e.innerText || "").includes("they fear the *validation* takes a year"))`
	anna.sees("what was logged is found", find+".length")
	screenshot(t, ctx, "dialog-5-search")
	anna.clicks("take it", find)
	anna.seesText("Validation and regulatory · ", false) // its card, in the box where the message is written
	screenshot(t, ctx, "dialog-6-taken")
}

// nearest is the elements, that which stands nearest to a text first: where a page has as many menus as messages, and draws them one by
// one.
func nearest(selector, text string) string {
	return fmt.Sprintf(`(far => [...document.querySelectorAll(%q)].sort((a, b) => far(a) - far(b)))(e => {
		for (let n = 0; e; e = e.parentElement, n++) if (e.innerText.includes(%q)) return n
		return Infinity
	})`, selector, text)
}

// dialogPage is a page of our own that does with a card what Teams does: Microsoft's package draws it, a button with task/fetch opens
// its dialog, and what the dialog's button sends is posted as task/submit.
const dialogPage = `<!doctype html><meta charset="utf-8"><title>A card and its dialog</title>
<style>body{font:14px sans-serif;width:640px;margin:1em} [role=dialog]{border:1px solid #888;padding:1em;margin:1em 0} button{margin:.2em}</style>
<script src="/adaptivecards.js"></script>
<div id="card"></div><div id="place"></div>
<script>
const config = new AdaptiveCards.HostConfig({fontFamily: "sans-serif", supportsInteractivity: true});
function draw(json, into, act) {
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_6);
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = config;
  card.onExecuteAction = act;
  card.parse(json, context);
  into.replaceChildren(card.render());
}
async function invoke(name, data) {
  const res = await fetch("/invoke", {method: "POST", body: JSON.stringify({name, value: {data}})});
  const answer = await res.json();
  const task = answer.task, place = document.getElementById("place");
  if (!task) { place.replaceChildren(); return load(); }
  const box = document.createElement("div");
  box.setAttribute("role", "dialog");
  place.replaceChildren(box);
  if (task.type === "message") { box.textContent = task.value; return; }
  const inner = document.createElement("div");
  box.append(Object.assign(document.createElement("h2"), {textContent: task.value.title}), inner);
  draw(task.value.card.content, inner, a => { if (a instanceof AdaptiveCards.SubmitAction) invoke("task/submit", a.data); });
}
async function load() {
  const card = await (await fetch("/card")).json();
  draw(card, document.getElementById("card"), a => { if (a.data && a.data.msteams && a.data.msteams.type === "task/fetch") invoke("task/fetch", a.data); });
}
load();
</script>`

// dialogServer serves the page, the newest message of a conversation, and carries what the page invokes to the bot, signed.
func dialogServer(t *testing.T, office *teamsfake.Office, m teamsfake.Member) string {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "parse", "node_modules", "adaptivecards", "dist", "adaptivecards.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(script); err != nil {
		lacking(t, "npm install --prefix bot/teams/testdata/parse has not been run")
	}
	newest := func() teamsfake.Message {
		list := office.In(teamsfake.Personal(m))
		return list[len(list)-1]
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, dialogPage) })
	mux.HandleFunc("GET /adaptivecards.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("GET /card", func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(newest().Card) })
	mux.HandleFunc("POST /invoke", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Name  string
			Value map[string]any
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		status, answer, err := office.Send(office.Activity(m, teamsfake.Personal(m), "invoke",
			obj{"name": asked.Name, "value": asked.Value, "replyToId": newest().ID}))
		if err != nil || status != http.StatusOK {
			http.Error(w, fmt.Sprint(status, err), http.StatusBadGateway)
			return
		}
		json.NewEncoder(w).Encode(answer)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestADialogFromAButton(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, starts a browser")
	}
	fake := teamsfake.Start()
	t.Cleanup(fake.Close)
	m := teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "anna@quillwater.example", TenantID: teamsfake.Tenant}
	fake.AddMember(m)
	office := &teamsfake.Office{Fake: fake, Endpoint: startTruce(t, fake)}
	if _, err := office.Write(m, teamsfake.Personal(m), "objection they say we are *too* slow"); err != nil {
		t.Fatal(err)
	}
	page := dialogServer(t, office, m)
	ctx := browser(t)
	anna := person{t, ctx}
	anna.do("open the page", chromedp.Navigate(page))
	anna.seesText("they say we are *too* slow", false)
	anna.presses("Edit", false)
	anna.holds("What do they say?", "they say we are *too* slow")
	screenshot(t, ctx, "button-1-dialog")

	anna.empties("What do they say?")
	anna.presses("Save", true)
	anna.sees("the renderer's own words about an empty field",
		`document.querySelector("[role=dialog]").innerText.includes("Write something here.")`)
	anna.fills("What do they say?", "they say we are slower than Competitor X")
	anna.fills("Heard by a colleague?", "Nobody Known")
	anna.presses("Save", true)
	anna.seesText("I know no colleague", true)
	anna.holds("What do they say?", "they say we are slower than Competitor X")
	anna.holds("Heard by a colleague?", "Nobody Known")
	screenshot(t, ctx, "button-2-fault")

	anna.empties("Heard by a colleague?")
	anna.presses("Save", true)
	anna.sees("the dialog is closed", `!document.querySelector("[role=dialog]")`)
	anna.seesText("they say we are slower than Competitor X", false)
	screenshot(t, ctx, "button-3-saved")
	if n := len(office.In(teamsfake.Personal(m))); n != 1 {
		t.Errorf("%d messages stand in the chat, want the one that was edited", n)
	}
}
