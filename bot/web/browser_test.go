package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/chat/chattest"

	"github.com/chromedp/cdproto/emulation"
	cdpnetwork "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The browser tests run Chromium once for all of them. TRUCE_BROWSER=must makes a missing browser a failure;
// TRUCE_SHOTS=DIR makes TestScreenshots write pictures.

var browser struct {
	once sync.Once
	ctx  context.Context
	err  error
}

func TestMain(m *testing.M) {
	stop := func() {}
	browser.once.Do(func() {
		if _, err := exec.LookPath("chromium"); err != nil {
			if _, err := exec.LookPath("google-chrome"); err != nil {
				browser.err = fmt.Errorf("no Chromium in PATH")
				return
			}
		}
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(),
			append(chromedp.DefaultExecAllocatorOptions[:], chromedp.WindowSize(1280, 800),
				chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
		var cancel context.CancelFunc
		browser.ctx, cancel = chromedp.NewContext(alloc)
		stop = func() { cancel(); stopAlloc() }
	})
	code := m.Run()
	stop()
	os.Exit(code)
}

// tab is one person's page: it fails the test on any error on the console and any request that leaves the server.
type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	errs []string
	base string
}

func openTab(t *testing.T, w *world, path string, opts ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	if browser.err == nil {
		browser.err = chromedp.Do(browser.ctx, chromedp.Navigate("about:blank"))
	}
	if browser.err != nil {
		if os.Getenv("TRUCE_BROWSER") == "must" {
			t.Fatalf("TRUCE_BROWSER=must: %v", browser.err)
		}
		t.Skipf("the workspace is not tested in a browser: %v. Install chromium to test it; TRUCE_BROWSER=must makes this a failure.",
			browser.err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	ctx, stop := context.WithTimeout(ctx, 4*time.Minute)
	b := &tab{t: t, ctx: ctx, base: w.URL}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	messages, requests := chromedp.Console(ctx), chromedp.Events(ctx, cdpnetwork.RequestWillBeSent)
	go func() {
		for m, err := range messages {
			if err == nil && (m.IsException() || m.Type == "error" || m.Type == "warning") {
				b.complain("console: " + m.String())
			}
		}
	}()
	go func() {
		for r, err := range requests {
			if err == nil && !strings.HasPrefix(r.Request.URL, w.URL+"/") && !strings.HasPrefix(r.Request.URL, "data:") {
				b.complain("request to " + r.Request.URL)
			}
		}
	}()
	t.Cleanup(func() {
		b.mu.Lock()
		for _, e := range b.errs {
			t.Error(e)
		}
		b.mu.Unlock()
		stop()
		cancel()
	})
	b.do(append(opts, chromedp.Navigate(w.URL+path))...)
	return b
}

func (b *tab) complain(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errs = append(b.errs, s)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// waits until the JavaScript expression is true.
func (b *tab) waits(what, js string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		var ok bool
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+js+`)`)); ok && err == nil {
			return
		} // an error may be a page that is just being left
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	state, _ := chromedp.Run(b.ctx,
		chromedp.Evaluate[string](`(() => { const s = document.querySelector("[hx-sse\\:connect]")?._htmx?.sse; return JSON.stringify({hidden: document.hidden, stream: s && {status: s.status, last: s.lastEventId, attempt: s.attempt, reading: !!s.reader}}) })()`))
	b.t.Fatalf("never happened: %s (%s): %v\n%s\n%s", what, js, err, state, text)
}

func (b *tab) sees(text string) {
	b.t.Helper()
	b.waits("sees "+text, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// types types keys wherever the focus is.
func (b *tab) types(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

func (b *tab) click(css string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(css)))
}

func (b *tab) theme(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) shot(name string) {
	b.t.Helper()
	time.Sleep(400 * time.Millisecond) // animations end
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("TRUCE_SHOTS"), name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func TestScreenshots(t *testing.T) {
	if os.Getenv("TRUCE_SHOTS") == "" {
		t.Skip("TRUCE_SHOTS=DIR writes pictures of the workspace there")
	}
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ben", "sales-floor", "Third customer this week who asks about FFPE validation. Anyone has a one-pager?")
	w.say(t, "mara", "sales-floor", "Draft is ready, I'll share it after lunch.")
	w.clock.advance(7 * time.Minute)
	w.say(t, "mara", "lead-disputes", "Morning! Two cases are due today.")
	w.say(t, "ann", "lead-disputes", "/dispute L-0042 outside ICP")
	root := w.book.page("ann", "lead-disputes", "", 0).messages[1].ID
	w.clock.advance(3 * time.Minute)
	w.post(t, "/as/mara/say", map[string]string{"place": "lead-disputes", "thread": root, "text": "Which consortium is it?"})
	w.post(t, "/as/ann/say", map[string]string{"place": "lead-disputes", "thread": root, "text": "The Nordic one. They told us in spring."})
	w.say(t, "ann", "lead-disputes", "/objection they say we take twice as long as Competitor X at Northfield Labs")
	w.say(t, "ann", "dm-ann", "they say they wait for validation data")
	w.say(t, "ann", "dm-ann", "/digest leads")

	size := chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(1.5))
	phone := chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile)
	b := openTab(t, w, "/", size)
	for _, theme := range []string{"light", "dark"} {
		b.theme(theme)
		for name, path := range map[string]string{"start": "/", "disputes": "/as/ann/c/lead-disputes",
			"thread": "/as/mara/c/lead-disputes?thread=" + root, "digest": "/as/ann/dm", "home": "/as/ann/home"} {
			b.do(size, chromedp.Navigate(w.URL+path))
			b.shot(name + "-" + theme)
			b.do(phone, chromedp.Reload())
			b.shot(name + "-phone-" + theme)
		}
		b.do(size, chromedp.Navigate(w.URL+"/as/ann/dm"))
		b.eval(`String(document.querySelector("#scroll").scrollTop -= 520)`)
		b.shot("digest2-" + theme)
		b.types("/")
		b.shot("commands-" + theme)
		b.types("objection \r")
		b.waits("form", `!!document.querySelector("dialog[open]")`)
		b.shot("form-" + theme)
		b.do(phone)
		b.shot("form-phone-" + theme)
		b.do(size, chromedp.Navigate(w.URL+"/as/ann/c/lead-disputes"))
		b.click(".me summary")
		b.shot("persona-" + theme)
		b.types("\u001b")
		b.click(".pick summary")
		b.shot("select-" + theme)
		b.types("\u001b")
		b.click("#text")
		b.types("\u0304\u0304.")
		b.waits("the menu is open", `document.activeElement.closest("#menu") !== null`)
		b.shot("menu-" + theme)
		b.do(phone, chromedp.Navigate(w.URL+"/as/ann/c/sales-floor"))
		b.shot("talk-phone-" + theme)
		b.click("[data-nav]")
		b.shot("nav-phone-" + theme)
	}
}

func TestTwoPeopleAtOnce(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	ann := openTab(t, w, "/as/ann/c/lead-disputes")
	mara := openTab(t, w, "/as/mara/c/lead-disputes")

	ann.click("#text")
	ann.types("Good <b>morning</b> Mara\r")
	mara.sees("Good <b>morning</b> Mara")
	ann.sees("Good <b>morning</b> Mara")
	ann.waits("the box is empty again", `document.querySelector("#text").value === ""`)
	ann.waits("the message stands once", `document.querySelectorAll(".msg").length === 1`)

	ann.types("/dispute L-0042 outside ICP\r")
	mara.sees("D-12")
	if got := mara.eval(`document.querySelectorAll(".msg.mention").length + " " + document.querySelectorAll(".edited").length`); got != "1 0" {
		t.Errorf("before the ruling Mara sees mentions and edits %s, want 1 0", got)
	}
	mara.click(`.btn.primary`)
	mara.sees("by Marketing in 1 h 40 min")
	ann.sees("by Marketing in 1 h 40 min")
	for _, b := range []*tab{ann, mara} {
		b.waits("the case is marked as edited, in its place",
			`document.querySelectorAll(".edited").length === 1 && document.querySelectorAll(".msg").length === 2`)
	}

	ann.types("/objection they are slow\r")
	ann.sees("Only visible to you")
	ann.sees("Logged as")
	w.say(t, "ann", "lead-disputes", "after it")
	mara.sees("after it")
	if got := mara.eval(`document.body.innerText`); strings.Contains(got, "Only visible") || strings.Contains(got, "they are slow") {
		t.Error("Mara sees what only Ann may see")
	}
	if n := len(w.h.all()); n != 3 {
		t.Errorf("%d events, want 3: %+v", n, w.h.all())
	}
}

func TestFormByKeyboardAlone(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	ann := openTab(t, w, "/as/ann/dm")
	ann.waits("the box has the focus", `document.activeElement.id === "text"`)
	ann.types("/obj")
	ann.waits("the command is offered", `document.querySelectorAll("#commands [role=option]:not([hidden])").length === 1`)
	ann.types("\t")
	ann.waits("the command is completed, with its examples",
		`document.querySelector("#text").value === "/objection " && document.querySelectorAll("#commands .example:not([hidden])").length === 2`)
	ann.types("\r")
	ann.waits("the form is open, on its first field", `document.querySelector("dialog[open]") && document.activeElement.name === "v.text"`)
	ann.types("box\t")
	ann.waits("on the theme", `document.activeElement.name === "v.theme"`)
	ann.types("\t")
	ann.waits("on the lead", `document.activeElement.dataset.suggest === "leads"`)
	ann.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)))
	ann.types("nord")
	ann.sees("Core facility <Nord>")
	ann.types("\u0301") // arrow down
	ann.types("\r")
	ann.waits("the chosen lead's value is kept",
		`document.querySelector("[name='v.lead']").value === "L-Co" && document.activeElement.value === "Core facility <Nord>"`)
	ann.types("\r")
	ann.sees("Choose a theme, so that Marketing finds it.")
	ann.waits("on the wrong field, with all that was typed",
		`document.activeElement.name === "v.theme" && document.activeElement.getAttribute("aria-invalid") === "true" && document.querySelector("[name='v.text']").value === "box"`)
	ann.types("p")
	ann.do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	ann.sees("Logged as")
	ann.waits("the dialog is gone and the focus back in the box",
		`!document.querySelector("dialog[data-modal]") && document.activeElement.id === "text"`)
	ev := w.h.last(t)
	if ev.Values["text"] != "box" || ev.Values["theme"] != "price" || ev.Values["lead"] != "L-Co" || ev.Values["stage"] != "evaluation" ||
		ev.Values["quote"] != "" || ev.Arg != "s-1" {
		t.Errorf("the form arrived as %+v", ev)
	}
	if _, there := ev.Values["by"]; there {
		t.Error("a read-only field was sent")
	}

	ann.types("/objection \r")
	ann.waits("the form is open again", `!!document.querySelector("dialog[open]")`)
	ann.types("half a thought\u001b")
	ann.waits("Escape closes it", `!document.querySelector("dialog[data-modal]") && document.activeElement.id === "text"`)
	for i := 0; w.h.last(t).Kind != "dismiss" && i < 100; i++ {
		time.Sleep(20 * time.Millisecond)
	}
	if ev := w.h.last(t); ev.Kind != "dismiss" || ev.Values["text"] != "half a thought" {
		t.Errorf("closing the form arrived as %+v", ev)
	}

	ann.types("\u0304") // arrow up: to the last message
	ann.waits("on the last message", `document.activeElement.matches(".msg")`)
	ann.types(".")
	ann.waits("its menu is open", `document.activeElement.closest("#menu") !== null`)
	ann.types("\u0301\r")
	ann.waits("the shortcut is answered", `document.querySelectorAll(".msg").length === 2`)
	if ev := w.h.last(t); ev.Kind != "shortcut" || ev.Name != "log_objection" || ev.Quoted == nil || ev.Source.IsZero() {
		t.Errorf("the shortcut arrived as %+v", ev)
	}
}

func TestPressesAndServerTrouble(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "dm-ann", "/dispute L-0042 outside ICP")
	before := len(w.h.all())
	ann := openTab(t, w, "/as/ann/dm")
	ann.do(chromedp.DoubleClick(chromedp.CSS(".btn.primary")))
	ann.sees("by Marketing in 1 h 40 min")
	time.Sleep(300 * time.Millisecond)
	if n := len(w.h.all()) - before; n != 1 {
		t.Errorf("a double click made %d events, want 1", n)
	}

	w.say(t, "ann", "dm-ann", "/digest leads")
	ann.sees("The leads")
	before = len(w.h.all())
	ann.eval(`(() => { const b = n => [...document.querySelectorAll(".msg .row .btn")].find(e => e.innerText === n);
		for (const n of ["Why Sales said no", "The leads", "The leads"]) b(n).click(); return "" })()`)
	ann.waits("both are done", `!document.querySelector(".pressed, .busy")`)
	for i := 0; len(w.h.all())-before < 2 && i < 100; i++ {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	var names []string
	for _, ev := range w.h.all()[before:] {
		names = append(names, ev.Name)
	}
	if got := strings.Join(names, " "); got != "digest.why digest.leads" {
		t.Errorf("two buttons of a message pressed at once, the second twice, made the events %q", got)
	}

	w.say(t, "ann", "dm-ann", "/dispute L-0043 duplicate")
	ann.waits("there is the other case", `document.querySelectorAll(".btn.danger").length === 1`)
	before = len(w.h.all())
	ann.click(".btn.danger")
	ann.sees("Withdraw the dispute? The lead stays with you.")
	ann.types("\u001b")
	ann.waits("nothing is done without a yes", `!document.querySelector("#confirm").open`)
	ann.click(".btn.danger")
	ann.waits("it asks again", `document.querySelector("#confirm").open`)
	ann.click("#confirm [value=yes]")
	ann.sees("Done: dispute.withdraw")
	if n := len(w.h.all()) - before; n != 1 {
		t.Errorf("a confirmed press made %d events, want 1", n)
	}

	w.h.mu.Lock()
	w.h.err = fmt.Errorf("the store is away")
	w.h.mu.Unlock()
	ann.click("#text")
	ann.types("/objection precious words\r")
	ann.sees("nothing was stored")
	ann.waits("what was typed is back", `document.querySelector("#text").value === "/objection precious words"`)
	w.h.mu.Lock()
	w.h.err = nil
	w.h.mu.Unlock()
	ann.types("\r")
	ann.sees("Logged as")
	all := w.h.all()
	if first, again := all[len(all)-2], all[len(all)-1]; first.ID != again.ID {
		t.Errorf("the repetition has another id: %s, %s", first.ID, again.ID)
	}
	ann.mu.Lock() // the browser reports the 503 on its console, as it should
	ann.errs = nil
	ann.mu.Unlock()
}

func TestThreadHomeTableAndClock(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "lead-disputes", "/dispute L-0042 outside ICP")
	root := w.book.page("ann", "lead-disputes", "", 0).messages[0].ID
	mara := openTab(t, w, "/as/mara/c/lead-disputes?thread="+root)
	ann := openTab(t, w, "/as/ann/c/lead-disputes")
	mara.click("#thread-text")
	mara.types("Which consortium?\r")
	mara.sees("Which consortium?")
	ann.sees("1 reply")
	mara.waits("the reply stands in the thread and not in the channel",
		`document.querySelectorAll("#thread-log .msg").length === 2 && document.querySelectorAll("#log .msg").length === 1`)

	ann.do(chromedp.Navigate(w.URL + "/as/ann/home"))
	ann.sees("Three things wait for you, Ann.")
	ann.click("#home .btn.primary")
	ann.sees("Rated good.")
	if err := w.SetHome(context.Background(), "web:demo:ann", homeCardFor("Two things wait")); err != nil {
		t.Fatal(err)
	}
	ann.sees("Two things wait")
	w.say(t, "ann", "sales-floor", "hello")
	w.say(t, "mara", "sales-floor", "hello Ann")
	ann.waits("the channel has an unread mark",
		`[...document.querySelectorAll(".places .badge")].some(b => b.closest("a").innerText.includes("sales-floor"))`)

	ann.click(`.others a[title^="Be Mara"]`)
	ann.waits("one click, and Ann is Mara", `document.body.dataset.as === "mara" && document.body.dataset.place === "home"`)
	ann.click(`.others a[title^="Be Ann"]`)
	ann.waits("and Ann again", `document.body.dataset.as === "ann"`)

	ann.click(`.clock [value=monday]`)
	ann.sees("Mon 30 Nov 09:00")
	mara.sees("Mon 30 Nov 09:00")

	w.say(t, "ann", "dm-ann", "/digest leads")
	ann.do(chromedp.Navigate(w.URL + "/as/ann/dm"))
	ann.click("th.n button")
	ann.waits("sorted by leads, most first",
		`document.querySelector(".table tbody tr td").innerText === "Content syndication" && document.querySelector("th[aria-sort]").getAttribute("aria-sort") === "descending"`)
	ann.click("th.n button")
	ann.waits("and the other way", `document.querySelector(".table tbody tr td").innerText === "Referral"`)
	ann.waits("bars are drawn with a class, not a style",
		`getComputedStyle(document.querySelector("rect.s0")).fill === "rgb(15, 118, 110)" && !document.querySelector("svg.chart [style]")`)
	ann.theme("dark")
	ann.waits("the dark theme has its own colours",
		`getComputedStyle(document.querySelector("rect.s0")).fill === "rgb(58, 157, 146)" && getComputedStyle(document.body).backgroundColor === "rgb(22, 27, 26)"`)
	ann.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile), chromedp.Reload())
	ann.waits("nothing is wider than a phone",
		`document.documentElement.scrollWidth <= 390 && document.querySelector(".composer").getBoundingClientRect().right <= 390`)
	ann.waits("what the box asks for fits into it",
		`(() => { const t = document.querySelector("#text"), s = getComputedStyle(t), c = document.createElement("canvas").getContext("2d");
		c.font = s.font; return c.measureText(t.placeholder).width < t.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight) - 24 })()`)
	ann.click("[data-nav]")
	ann.waits("the channels slide in", `document.querySelector("#side").getBoundingClientRect().left === 0`)
	ann.types("\u001b")
	ann.waits("and out", `document.querySelector("#side").getBoundingClientRect().right <= 0`)
}

func TestWhatWasTypedStays(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	ann := openTab(t, w, "/as/ann/c/sales-floor?text=%2Fobjection+from+a+link")
	ann.waits("the link's command is in the box, ready to send",
		`document.querySelector("#text").value === "/objection from a link" && document.activeElement.id === "text" && !location.search`)
	ann.types(" and more")
	ann.do(chromedp.Navigate(w.URL+"/as/ann/dm"), chromedp.Navigate(w.URL+"/as/ann/c/sales-floor"))
	ann.waits("it is still there", `document.querySelector("#text").value === "/objection from a link and more"`)
	ann.click("#text")
	ann.types("\r")
	ann.sees("Logged as")
	ann.do(chromedp.Reload())
	ann.sees("Logged as")
	ann.waits("what was sent is gone", `document.querySelector("#text").value === ""`)

	ann.types("/objection \r")
	ann.waits("the form is open", `!!document.querySelector("dialog[open]")`)
	ann.types("half a thought")
	ann.do(chromedp.Navigate(w.URL + "/as/ann/dm"))
	for i := 0; w.h.last(t).Kind != "dismiss" && i < 100; i++ {
		time.Sleep(20 * time.Millisecond)
	}
	if ev := w.h.last(t); ev.Kind != "dismiss" || ev.Values["text"] != "half a thought" {
		t.Errorf("leaving an open form arrived as %+v", ev)
	}
}

func TestRestartWhileAPageIsOpen(t *testing.T) {
	mem := &chattest.Memory{}
	w := newWorld(t, mem)
	ann := openTab(t, w, "/as/ann/c/sales-floor")
	ann.types("before\r")
	ann.sees("before")
	w.Server.CloseClientConnections() // the stream breaks; the page comes back by itself and is given what it missed
	w.say(t, "ben", "sales-floor", "missed by the stream")
	ann.sees("missed by the stream")
	ann.waits("each message once", `document.querySelectorAll(".msg").length === 2`)
	ann.mu.Lock() // the browser reports the broken stream on its console, as it should
	ann.errs = nil
	ann.mu.Unlock()
}
