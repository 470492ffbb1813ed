package web

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"truce/bot/chat/chattest"
)

// This file tries the workspace in Firefox, where it is installed, by WebDriver BiDi. The other browser tests run in Chromium; what
// only one of them does is seen here.

// firefox is a running Firefox with one page.
type firefox struct {
	t       *testing.T
	ws      *websocket.Conn
	id      int
	context string
}

// startFirefox starts it with a profile of its own, or skips.
func startFirefox(t *testing.T) *firefox {
	t.Helper()
	if testing.Short() {
		t.Skip("starts Firefox")
	}
	esr, _ := exec.LookPath("firefox-esr")
	plain, _ := exec.LookPath("firefox")
	path := cmp.Or(esr, plain)
	if path == "" {
		t.Skip("no Firefox in PATH")
	}
	home, err := os.MkdirTemp("", "truce-firefox-")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	c := exec.CommandContext(ctx, path, "--headless", "--no-remote", "--profile", home, "--remote-debugging-port", "0", "about:blank")
	c.Env = append(os.Environ(), "HOME="+home)
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		c.Wait()           // it was killed
		os.RemoveAll(home) // its last child may still write there
	})
	f := &firefox{t: t}
	for lines := bufio.NewScanner(said); f.ws == nil && lines.Scan(); {
		if _, addr, ok := strings.Cut(lines.Text(), "BiDi listening on "); ok {
			if f.ws, _, err = websocket.DefaultDialer.DialContext(ctx, strings.TrimSpace(addr)+"/session", nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if f.ws == nil {
		t.Fatal("Firefox does not say where it listens")
	}
	t.Cleanup(func() { f.ws.Close() })
	go func() { // what else it says is for nobody
		for lines := bufio.NewScanner(said); lines.Scan(); {
		}
	}()
	f.send("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	var tree struct {
		Contexts []struct{ Context string }
	}
	f.send("browsingContext.getTree", map[string]any{}, &tree)
	f.context = tree.Contexts[0].Context
	return f
}

// send gives a command and waits for its answer.
func (f *firefox) send(method string, params map[string]any, result any) {
	f.t.Helper()
	f.id++
	f.ws.SetReadDeadline(time.Now().Add(time.Minute))
	err := f.ws.WriteJSON(map[string]any{"id": f.id, "method": method, "params": params})
	for err == nil {
		var answer struct {
			ID            int
			Type, Message string
			Result        json.RawMessage
		}
		if err = f.ws.ReadJSON(&answer); err != nil || answer.ID != f.id {
			continue
		}
		if answer.Type == "error" {
			f.t.Fatalf("%s: %s", method, answer.Message)
		}
		if result != nil {
			err = json.Unmarshal(answer.Result, result)
		}
		break
	}
	if err != nil {
		f.t.Fatalf("%s: %v", method, err)
	}
}

func (f *firefox) goes(address string) {
	f.t.Helper()
	f.send("browsingContext.navigate", map[string]any{"context": f.context, "url": address, "wait": "complete"}, nil)
}

// types types keys wherever the focus is; the special ones are those of WebDriver.
func (f *firefox) types(keys string) {
	f.t.Helper()
	var actions []any
	for _, k := range keys {
		actions = append(actions, map[string]any{"type": "keyDown", "value": string(k)}, map[string]any{"type": "keyUp", "value": string(k)})
	}
	f.send("input.performActions", map[string]any{"context": f.context,
		"actions": []any{map[string]any{"type": "key", "id": "keys", "actions": actions}}}, nil)
}

// waits until the JavaScript expression is true.
func (f *firefox) waits(what, js string) {
	f.t.Helper()
	eval := func(js string) any {
		var got struct{ Result struct{ Value any } }
		f.send("script.evaluate", map[string]any{"expression": js, "target": map[string]any{"context": f.context}, "awaitPromise": false}, &got)
		return got.Result.Value
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if eval(`!!(`+js+`)`) == true {
			return
		}
	}
	f.t.Fatalf("never happened: %s (%s)\n%v", what, js, eval(`document.body.innerText`))
}

func TestFirefox(t *testing.T) {
	const enter, escape, down = "\ue007", "\ue00c", "\ue015"
	w := newWorld(t, &chattest.Memory{})
	f := startFirefox(t)
	f.goes(w.URL + "/")
	f.waits("page one has its style", `getComputedStyle(document.querySelector(".tries")).display === "grid"`)
	f.goes(w.URL + "/as/ann/dm")
	f.waits("the box has the focus", `document.activeElement.id === "text"`)
	f.types("/objection they say we are too slow" + enter)
	f.waits("a command is answered",
		`document.querySelector(".msg")?.innerText.includes("Logged as") && document.querySelector("#text").value === ""`)

	f.types("/objection" + escape + enter)
	f.waits("a form is open, on its first field",
		`document.querySelector("dialog[data-modal][open]") && document.activeElement.name === "v.text"`)
	f.waits("it is sent without its text", `(document.querySelector("dialog footer .primary").click(), true)`)
	f.waits("which is missing", `document.activeElement.name === "v.text" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	f.types("box")
	f.waits("and is there", `!document.querySelector("dialog [aria-invalid]")`)
	f.types("\ue004\ue004") // Tab
	f.waits("on the lead", `document.activeElement.dataset.suggest === "leads" && (document.activeElement.select(), true)`)
	f.types("nord")
	f.waits("a lead is suggested", `document.querySelector("dialog [role=option]")?.dataset.label === "Core facility <Nord>"`)
	f.types(down + enter)
	f.waits("and chosen", `document.querySelector("[name='v.lead']").value === "L-Co"`)
	f.types(escape)
	f.waits("the form is closed, and the box has the focus",
		`!document.querySelector("dialog[data-modal]") && document.activeElement.id === "text"`)

	f.goes(w.URL + "/as/ann/c/lead-disputes")
	f.waits("the page is alive", `document.querySelector(".composer").hasAttribute("data-htmx-powered")`)
	w.say(t, "mara", "lead-disputes", "said elsewhere")
	f.waits("what others say arrives", `document.querySelector("#log").innerText.includes("said elsewhere")`)
	f.waits("the clock is moved", `(document.querySelector(".clock [value=monday]").click(), true)`)
	f.waits("and shows it", fmt.Sprintf(`document.querySelector("#clock").innerText.includes(%q)`, "Mon 30 Nov 09:00"))
}
