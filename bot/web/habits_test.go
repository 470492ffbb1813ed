package web

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"truce/bot/chat/chattest"
)

// TestHabitsOfChatTools: the keys and marks that people bring with them from other chat tools.
func TestHabitsOfChatTools(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	for i := range 40 {
		w.say(t, "mara", "lead-disputes", fmt.Sprint("said before, ", i))
	}
	ann := openTab(t, w, "/as/ann/dm")
	ann.waits("the box has the focus", `document.activeElement.id === "text"`)
	goTo := func(what string) {
		t.Helper()
		ann.waits("the page is alive", `document.querySelector(".composer").hasAttribute("data-htmx-powered")`)
		ann.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
		ann.waits("Ctrl K asks where to", `document.querySelector("#jump").open && document.activeElement.matches("#jump input")`)
		ann.types(what)
	}

	// Ctrl K: to a place, or to be somebody else; Escape goes nowhere.
	goTo("zebra")
	ann.waits("nothing is called so", `!document.querySelector("#jump [role=option]:not([hidden])")`)
	ann.types("\r\u001b")
	ann.waits("back in the box", `!document.querySelector("#jump").open && document.activeElement.id === "text"`)
	goTo("dispu")
	ann.waits("one place is left, and pointed at",
		`document.querySelectorAll("#jump [role=option]:not([hidden])").length === 1 && document.querySelector("#jump [aria-selected=true]").id === document.activeElement.getAttribute("aria-activedescendant")`)
	ann.types("\r")
	ann.waits("in the channel", `location.pathname === "/as/ann/c/lead-disputes" && document.activeElement.id === "text"`)
	goTo("mara marketer\r")
	ann.waits("somebody else, in the same place", `location.pathname === "/as/mara/c/lead-disputes"`)
	goTo("ann\r")
	ann.waits("Ann again", `location.pathname === "/as/ann/c/lead-disputes"`)

	// Who reads further up is not pulled away from it, and is told.
	ann.waits("at the end", `(s => s.scrollTop > 0 && s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector("#scroll"))`)
	ann.eval(`String(document.querySelector("#scroll").scrollTop = 0)`)
	w.say(t, "mara", "lead-disputes", "something new")
	ann.waits("something new is pointed to",
		`document.body.innerText.includes("something new") && !document.querySelector("[data-below]").hidden && document.querySelector("#scroll").scrollTop === 0`)
	ann.click("[data-below]")
	ann.waits("there it is", `document.querySelector("[data-below]").hidden && document.querySelector("#scroll").scrollTop > 0 && document.activeElement.id === "text"`)
	w.say(t, "mara", "lead-disputes", "and more")
	ann.waits("at the end the page follows",
		`document.body.innerText.includes("and more") && document.querySelector("[data-below]").hidden && (s => s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector("#scroll"))`)

	// What arrives elsewhere is marked, counted in the title, and said to whoever does not see it.
	w.say(t, "mara", "sales-floor", "hello")
	ann.waits("the channel is marked",
		`document.title.startsWith("(1) ") && document.querySelector("#heard").textContent === "New in sales-floor"`)
	w.say(t, "mara", "sales-floor", "hello again")
	ann.waits("and again", `document.title.startsWith("(2) ")`)

	// Escape leaves a thread.
	root := w.book.page("ann", "lead-disputes", "", 0).messages[0].ID
	ann.do(chromedp.Navigate(w.URL + "/as/ann/c/lead-disputes?thread=" + root))
	ann.waits("in the thread", `document.activeElement.id === "thread-text"`)
	ann.types("\u0304")
	ann.waits("on its message", `document.activeElement.matches("#thread-log .msg")`)
	ann.types("\u001b")
	ann.waits("back in its box", `document.activeElement.id === "thread-text"`)
	ann.types("\u001b")
	ann.waits("the thread is closed", `!document.querySelector(".thread") && document.activeElement.id === "text"`)
}

// TestAFaultGoesWhenItsFieldIsChanged, and no list opens over a form before somebody asks for it.
func TestAFaultGoesWhenItsFieldIsChanged(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	ann := openTab(t, w, "/as/ann/dm")
	ann.types("/objection \r")
	ann.waits("the form is open", `!!document.querySelector("dialog[data-modal][open]")`)
	ann.types("box\t\t")
	ann.waits("on the lead", `document.activeElement.dataset.suggest === "leads"`)
	ann.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent("\b"))
	ann.eval(`document.activeElement.blur(), document.querySelector("[data-suggest]").focus(), ""`)
	ann.waits("its list is closed", `document.querySelector("dialog [role=listbox]").hidden`)
	ann.types("\u0301") // arrow down
	ann.waits("its list is open", `!document.querySelector("dialog [role=listbox]").hidden`)
	ann.types("\u001b")
	ann.waits("Escape closes the list, not the form",
		`document.querySelector("dialog [role=listbox]").hidden && document.querySelector("dialog[data-modal][open]")`)
	ann.types("\r")
	ann.waits("the theme is missing",
		`document.activeElement.name === "v.theme" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	ann.types("p")
	ann.waits("it is not missing any more",
		`document.activeElement.value === "price" && !document.querySelector("dialog [aria-invalid]") && document.querySelector("dialog").innerText.includes("Choose a theme") === false`)
}

// Ctrl K finds words in messages, also in those that are not on the page, and none that somebody else alone may read.
func TestWordsAreFoundInMessages(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "mara", "lead-disputes", "the consortium in Uppsala was lost in spring")
	for i := range 90 {
		w.say(t, "mara", "lead-disputes", fmt.Sprint("said later, ", i))
	}
	found := func(persona, q string) string {
		t.Helper()
		resp, err := http.Get(w.URL + "/as/" + persona + "/find?q=" + url.QueryEscape(q))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := found("ann", "uppsala SPRING"); !strings.Contains(got, "the consortium in Uppsala") || !strings.Contains(got, "#lead-disputes") {
		t.Errorf("Ann finds %q", got)
	}
	for _, c := range []struct{ persona, q string }{{"ben", "uppsala"}, {"ann", "up"}, {"ann", "uppsala autumn"}} {
		if got := found(c.persona, c.q); strings.Contains(got, "role") {
			t.Errorf("%s finds %q by %q", c.persona, got, c.q)
		}
	}
	ann := openTab(t, w, "/as/ann/dm")
	ann.waits("the page is alive", `document.querySelector(".composer").hasAttribute("data-htmx-powered")`)
	ann.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
	ann.waits("Ctrl K asks where to", `document.querySelector("#jump").open`)
	ann.types("uppsala")
	ann.waits("the message is found and pointed at", `document.querySelector("#jump .found[aria-selected=true]")`)
	ann.types("\r")
	ann.waits("the message is looked at",
		`location.pathname === "/as/ann/c/lead-disputes" && document.activeElement.innerText.includes("Uppsala")`)
}
