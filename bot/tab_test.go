package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// This file is how the tests and pictures of the demo use a real browser on the built binary. Chromium runs once for all of
// them. Without it they are skipped; TRUCE_BROWSER=must makes that a failure.

var browser struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func closeBrowser() {
	if browser.stop != nil {
		browser.stop()
	}
	if pastFile.path != "" {
		os.RemoveAll(filepath.Dir(pastFile.path))
	}
}

// needBrowser starts Chromium, or skips.
func needBrowser(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts the demo and a browser")
	}
	browser.once.Do(func() {
		if _, err := exec.LookPath("chromium"); err != nil {
			if _, err := exec.LookPath("google-chrome"); err != nil {
				browser.err = errors.New("no Chromium in PATH")
				return
			}
		}
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(),
			append(chromedp.DefaultExecAllocatorOptions[:], chromedp.WindowSize(1280, 800),
				chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
		ctx, cancel := chromedp.NewContext(alloc)
		browser.ctx, browser.stop = ctx, func() { cancel(); stopAlloc() }
		browser.err = chromedp.Do(ctx, chromedp.Navigate("about:blank"))
	})
	if browser.err == nil {
		return
	}
	if os.Getenv("TRUCE_BROWSER") == "must" {
		t.Fatalf("TRUCE_BROWSER=must: %v", browser.err)
	}
	t.Skipf("the demo is not tried in a browser: %v. Install chromium to do so; TRUCE_BROWSER=must makes this a failure.", browser.err)
}

var pastFile struct {
	sync.Once
	path string
	err  error
}

// When the demo of the browser suites is made, and the one moment at which all of them begin: a Monday, some minutes later, whatever
// the day on which they run.
const (
	demoMade = "2026-11-23T11:24:00Z"
	demoNow  = "2026-11-23T11:30:00Z"
)

// demoFile is a copy of a demo's database as the binary has made it.
func demoFile(t *testing.T) string {
	t.Helper()
	truceBinary(t)
	pastFile.Do(func() {
		dir, err := os.MkdirTemp("", "truce-demo-")
		if err != nil {
			pastFile.err = err
			return
		}
		pastFile.path = filepath.Join(dir, "demo.db")
		p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", pastFile.path, "--now", demoMade)
		if status := p.stop(t, os.Interrupt); status != exitOK {
			pastFile.err = fmt.Errorf("the demo ended with status %d: %s", status, p.log)
		}
	})
	if pastFile.err != nil {
		t.Fatal(pastFile.err)
	}
	path := filepath.Join(t.TempDir(), "demo.db")
	for _, end := range []string{"", "-wal"} {
		if err := copyFile(pastFile.path+end, path+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return path
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// tab is one person's page. It fails the test on any error on the console and on any request that leaves the server.
type tab struct {
	t    *testing.T
	ctx  context.Context
	addr string

	mu       sync.Mutex
	errs     []string
	requests []string
	sent     map[network.RequestID]string
	bytes    int64
}

// opens opens a page of the demo in a window of its own.
func opens(t *testing.T, addr, path string, opts ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	b := &tab{t: t, ctx: ctx, addr: addr, sent: map[network.RequestID]string{}}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	messages, requests := chromedp.Console(ctx), chromedp.Events(ctx, network.RequestWillBeSent)
	finished := chromedp.Events(ctx, network.LoadingFinished)
	go func() {
		for m, err := range messages {
			if err == nil && (m.IsException() || m.Type == "error" || m.Type == "warning") {
				b.note(func() { b.errs = append(b.errs, "console: "+m.String()) })
			}
		}
	}()
	go func() {
		for r, err := range requests {
			if err != nil {
				continue
			}
			b.note(func() {
				b.requests = append(b.requests, r.Request.URL)
				if !strings.HasPrefix(r.Request.URL, "http://"+addr+"/") && !strings.HasPrefix(r.Request.URL, "data:") {
					b.errs = append(b.errs, "request to "+r.Request.URL)
				}
			})
		}
	}()
	go func() {
		for f, err := range finished {
			if err == nil {
				b.note(func() { b.bytes += int64(f.EncodedDataLength) })
			}
		}
	}()
	t.Cleanup(func() {
		b.note(func() {
			for _, e := range b.errs {
				t.Error(e)
			}
		})
		stop()
		cancel()
	})
	b.do(opts...)
	b.goes(path)
	return b
}

func (b *tab) note(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// forgives forgets what the console said, where the test itself has broken something.
func (b *tab) forgives() { b.note(func() { b.errs = nil }) }

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// goes opens a path, and waits until its script is ready.
func (b *tab) goes(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate("http://" + b.addr + path))
	if path != "/" {
		b.waits("the page is alive", `[...document.querySelectorAll("form[hx-post]")].every(f => f.hasAttribute("data-htmx-powered"))`)
	}
}

// waits until a JavaScript expression is true.
func (b *tab) waits(what, js string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		var ok bool
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+js+`)`)); ok && err == nil {
			return
		} // an error may be a page that is just being left
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(-3000)`))
	b.t.Fatalf("never happened: %s (%s): %v\n%s", what, js, err, text)
}

func (b *tab) sees(text string) {
	b.t.Helper()
	b.waits("sees "+text, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// says waits for a message that holds all the texts.
func (b *tab) says(texts ...string) {
	b.t.Helper()
	b.waits("a message with "+strings.Join(texts, " and "),
		fmt.Sprintf(`[...document.querySelectorAll(".msg")].some(m => %q.split("|").every(t => m.innerText.includes(t)))`,
			strings.Join(texts, "|")))
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`String(`+js+`)`))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// types types keys into the message box and sends them.
func (b *tab) types(text string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS("#text")))
	b.do(chromedp.KeyEvent(text))
	b.waits("the text stands in the box", fmt.Sprintf(`document.querySelector("#text").value === %q`, text))
	b.enters()
}

// enters sends what stands in the message box. While a page is still moving, a click may miss the box and the key go nowhere,
// so both are tried again, as a person would; an empty box sends nothing.
func (b *tab) enters() {
	b.t.Helper()
	for range 10 {
		b.eval(`document.querySelector("#text").focus()`)
		b.do(chromedp.KeyEvent("\r"))
		for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
			if left, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector("#text").value === ""`)); err == nil && left {
				return
			}
		}
	}
	b.t.Fatalf("what stands in the box does not leave: %s",
		b.eval(`JSON.stringify({focus: document.activeElement.id, form: document.querySelector("#text").form.className,
		text: document.querySelector("#text").value, list: !document.querySelector("[role=listbox]")?.hidden})`))
}

// presses presses a button, by its label, in the newest message that holds the text and has such a button.
func (b *tab) presses(label, text string) {
	b.t.Helper()
	find := fmt.Sprintf(`window.found = [...document.querySelectorAll(".msg, #home .card")].reverse()
		.filter(m => m.innerText.includes(%q)).flatMap(m => [...m.querySelectorAll("button, summary")]).find(e => e.innerText.trim() === %q)`,
		text, label)
	b.waits("there is "+label+" at "+text, find)
	// The same button pressed again within 600 ms is taken for a double click.
	wait, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`(() => {
		const id = (window.found.closest(".msg")?.id ?? "home") + window.found.value, at = window.pressedAt ??= {};
		const w = Math.max(0, 650 - (performance.now() - (at[id] ?? -1e9)));
		at[id] = performance.now() + w;
		return w })()`))
	if err != nil {
		b.t.Fatal(err)
	}
	time.Sleep(time.Duration(wait) * time.Millisecond)
	b.waits("nothing is under way", `!document.querySelector(".pressed, .htmx-request")`)
	b.waits("there is still "+label+" at "+text, find)
	b.eval(`window.found.scrollIntoView({block: "center"})`)
	before := b.asked()
	for range 5 { // a press while the page is being redrawn may go nowhere
		b.eval(`window.found?.isConnected ? window.found.click() : 0`)
		for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if b.asked() > before {
				return
			}
		}
	}
	b.t.Fatalf("pressing %s at %s does nothing", label, text)
}

// asked is how many requests the page has made so far.
func (b *tab) asked() (n int) {
	b.note(func() { n = len(b.requests) })
	return n
}

// sends fills in the open form by the names of its fields and sends it.
func (b *tab) sends(values ...string) {
	b.t.Helper()
	b.waits("a form is open", `document.querySelector("dialog[data-modal][open]")`)
	for i := 0; i < len(values); i += 2 {
		b.waits("field "+values[i],
			fmt.Sprintf(`(() => { const f = document.querySelector("dialog[data-modal][open] [name='v.%s']"); if (!f) return false;
			if (f.type === "radio") document.querySelector("dialog[open] [name='v.%[1]s'][value=" + JSON.stringify(%[2]q) + "]").checked = true;
			else if (f.type === "checkbox") f.checked = %[2]q === "true"; else f.value = %[2]q; return true })()`, values[i], values[i+1]))
	}
	b.eval(`document.querySelector("dialog[data-modal][open] footer .primary").click()`)
	b.waits("the form is gone", `!document.querySelector("dialog[data-modal][open]")`)
}

// moves moves the demo's clock on: by an "hour", a "day", or to the next "monday".
func (b *tab) moves(by string) {
	b.t.Helper()
	time.Sleep(650 * time.Millisecond) // sooner it is taken for a double click
	b.eval(`window.was = document.querySelector("#clock").innerText`)
	b.eval(`document.querySelector(".clock [value=` + by + `]").click()`)
	b.waits("the clock moves", `document.querySelector("#clock").innerText !== window.was`)
}

func (b *tab) theme(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}); err != nil {
		b.t.Fatal(err)
	}
}
