package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"truce/bot/cards/gallery"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/web"
)

// This file goes through every kind of card and form in the local workspace as somebody does who listens or has no mouse.

// axeSource is axe-core as a page runs it.
func axeSource(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile("web/testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("npm ci --prefix bot/web/testdata/axe has not been run")
	}
	return string(axe)
}

// looksWithAxe says what axe-core finds in the page as it stands, light and dark unless themes are named.
func (b *tab) looksWithAxe(axe, what string, themes ...string) {
	b.t.Helper()
	if len(themes) == 0 {
		themes = []string{"light", "dark"}
	}
	b.eval(`(() => { if (!window.axe) { ` + axe + ` } })()`)
	for _, theme := range themes {
		b.theme(theme)
		b.waits("nothing moves", `document.getAnimations().every(a => a.playState !== "running")`) // colours on their way are judged as they are
		b.eval(`(window.found = null, axe.run(document, {resultTypes: ["violations"]}).then(r => { window.found = r.violations.flatMap(v => v.nodes.map(n => v.impact + ": " + v.help + ": " + n.html.slice(0, 200))) }), 1)`)
		b.waits("axe has looked", `window.found`)
		if found := b.eval(`window.found.join("\n")`); found != "" {
			b.t.Errorf("%s, %s:\n%s", what, theme, found)
		}
	}
}

// formOpener opens the gallery's form that a command names.
type formOpener struct{}

func (formOpener) Handle(_ context.Context, ev chat.Event) (chat.Reply, error) {
	if ev.Kind == chat.Submit {
		return chat.Reply{Faults: []chat.Fault{{Text: "Not yet."}}}, nil
	}
	for _, i := range gallery.Items {
		if i.Name == ev.Text && ev.Kind == chat.Command {
			return chat.Reply{Form: i.Usual().Form}, nil
		}
	}
	return chat.Reply{}, nil
}

// galleryWorkspace is a workspace whose every persona has a part of the gallery's cards in their messages, and the names of its forms.
func galleryWorkspace(t *testing.T) (addr string, personas int, forms []string) {
	t.Helper()
	cfg := web.Config{}
	var list []gallery.Item
	for _, i := range gallery.Items {
		if i.Usual().Card == nil {
			forms = append(forms, i.Name)
		} else {
			list = append(list, i)
		}
	}
	parts := slices.Collect(slices.Chunk(list, perSheet))
	for n := range parts {
		cfg.Personas = append(cfg.Personas, web.Persona{ID: fmt.Sprintf("p%d", n+1), Name: "Ann Keller", Title: "Sales rep",
			Zone: "Europe/Berlin"})
	}
	w, err := web.New(cfg, chat.Catalog{}, &chattest.Memory{}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for n, part := range parts {
		for _, i := range part {
			if _, err := w.Send(t.Context(), chat.Outgoing{Key: i.Name, To: chat.Place{User: "web:demo:" + cfg.Personas[n].ID},
				Card: *i.Usual().Card}); err != nil {
				t.Fatal(err)
			}
		}
	}
	mux := http.NewServeMux()
	w.Mount(mux, formOpener{})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), len(parts), forms
}

// TestEveryCardCanBeListenedTo looks with axe-core at every kind of card, at the widths of a phone and a screen, light and dark.
func TestEveryCardCanBeListenedTo(t *testing.T) {
	needBrowser(t)
	axe := axeSource(t)
	addr, personas, _ := galleryWorkspace(t)
	for _, width := range []int64{390, 1280} {
		for n := range personas {
			b := opens(t, addr, fmt.Sprintf("/as/p%d/dm", n+1), chromedp.EmulateViewport(width, 900))
			b.looksWithAxe(axe, fmt.Sprintf("cards of part %d at %d", n+1, width))
			b.do(chromedp.Navigate("about:blank"))
			b.forgives() // the stream that broke
		}
	}
}

// TestEveryFormByKeyboardAlone opens every form: axe-core finds nothing in it, tab goes the way one reads and stays in the form, what is
// wrong is named beside it, Escape closes it, and the focus is where it was.
func TestEveryFormByKeyboardAlone(t *testing.T) {
	needBrowser(t)
	axe := axeSource(t)
	addr, _, forms := galleryWorkspace(t)
	for _, width := range []int64{390, 1280} {
		b := opens(t, addr, "/as/p1/dm", chromedp.EmulateViewport(width, 900))
		for i, name := range forms {
			what := fmt.Sprintf("%s at %d", name, width)
			b.eval(`(document.querySelector("#text").focus(), document.querySelector("#text").value = "/form ` + name + `",
				document.querySelector("#text").form.requestSubmit(), 1)`)
			b.waits(what+" is open", `document.querySelector("dialog[data-modal][open]")?.contains(document.activeElement)`)
			if width == 390 { // names and colours are the same at each width; all kinds of fields come in both themes
				b.looksWithAxe(axe, what, []string{"light", "dark"}[i%2])
			}
			if wrong := b.eval(`(() => {
				const d = document.querySelector("dialog[data-modal][open]");
				const stops = [...d.querySelector(".fields").querySelectorAll("input:not([type=hidden]), textarea, select, button, a[href], [tabindex]")].filter(e => e.checkVisibility() && e.tabIndex >= 0);
				const where = e => e.getBoundingClientRect(), out = [];
				for (let i = 1; i < stops.length; i++) {
					const a = where(stops[i-1]), b = where(stops[i]);
					if (b.bottom < a.top - 1 || Math.abs(a.top - b.top) < 4 && b.left < a.left) out.push("after " + stops[i-1].outerHTML.slice(0, 80) + " comes " + stops[i].outerHTML.slice(0, 80));
				}
				if (d.scrollWidth > d.clientWidth + 1) out.push("it is wider than its window");
				return out.join("\n") })()`); wrong != "" {
				t.Errorf("%s: %s", what, wrong)
			}
			b.do(chromedp.KeyEvent("\x1b"))
			b.waits(what+" is closed, with the focus where it was",
				`!document.querySelector("dialog[data-modal]") && document.activeElement.id === "text"`)
		}
	}
}

// TestANewMessageIsHeardOnce counts what a live region is given when a message comes, which is told to the page twice: as the answer to
// who asked, and on the stream.
func TestANewMessageIsHeardOnce(t *testing.T) {
	p := workspace(t)
	b := opens(t, p.addr, "/as/ann/dm")
	b.eval(`(window.came = [], new MutationObserver(list => list.forEach(m => m.addedNodes.forEach(n => n.matches?.(".msg") && window.came.push(n.id)))).observe(document.querySelector("#log[role=log]"), {childList: true}), 1)`)
	b.types("/lead mine")
	b.says("Your open leads")
	time.Sleep(500 * time.Millisecond) // the stream has told it by now
	if n := b.eval(`window.came.length + " " + new Set(window.came).size`); n != "1 1" {
		t.Errorf("messages and different ones heard: %s, want 1 1", n)
	}
	if s := b.eval(`document.querySelector("#heard").textContent`); s != "" {
		t.Errorf("and beside it %q is said", s)
	}
}

// TestTheFocusGoesBackToTheButton opens a form and a question with a button of a card, by keyboard, and closes it.
func TestTheFocusGoesBackToTheButton(t *testing.T) {
	p := workspace(t)
	b := opens(t, p.addr, "/as/ann/dm")
	b.types("/lead " + b.leads(1)[0])
	b.says("handed over to Sales")
	b.waits("the button has the focus", `(window.button = [...document.querySelectorAll(".msg button")].filter(e => e.innerText === "Reject…").at(-1), window.button.focus(), document.activeElement === window.button)`)
	b.do(chromedp.KeyEvent("\r"))
	b.waits("its form is open", `document.querySelector("dialog[data-modal][open]")?.contains(document.activeElement)`)
	b.do(chromedp.KeyEvent("\x1b"))
	b.waits("the focus is on the button again", `!document.querySelector("dialog[data-modal]") && document.activeElement === window.button`)
}
