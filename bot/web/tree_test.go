package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"

	"truce/bot/chat/chattest"
)

// This file looks at the pages as a screen reader is given them: Chromium's whole accessibility tree, as an outline of roles, names
// and states.

// plain are the roles that an outline leaves out: text, and boxes without a meaning.
var plain = []string{"StaticText", "InlineTextBox", "LineBreak", "ListMarker", "generic", "none", "paragraph", "LabelText",
	"DescriptionListDetail", "DescriptionListTerm", "DescriptionList", "strong", "emphasis", "code", "time", "blockquote", "figure",
	"Figcaption", "listitem", "list", "row", "cell", "rowgroup", "SvgRoot", "MenuListPopup", "caption", "sectionheader", "sectionfooter",
	"term", "definition", "Legend"}

// outlined are the states that an outline shows.
var outlined = []string{"live", "modal", "focused", "invalid", "required", "expanded", "hasPopup", "selected", "checked", "disabled",
	"level"}

// thing is something in the tree that has a meaning.
type thing struct {
	role, name, description string
	states                  []string
	depth                   int
}

func (n thing) String() string {
	s := strings.Repeat("  ", n.depth) + n.role + " " + fmt.Sprintf("%q", n.name)
	if n.description != "" {
		s += fmt.Sprintf(" (%s)", n.description)
	}
	return s + strings.Join(append([]string{""}, n.states...), " ")
}

// tree is what a screen reader is given of the page, in its order.
func (b *tab) tree() []thing {
	b.t.Helper()
	got, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	text := func(v *accessibility.Value) string {
		if v == nil {
			return ""
		}
		var one any
		if err := json.Unmarshal(v.Value, &one); err != nil || one == nil {
			return ""
		}
		return fmt.Sprint(one)
	}
	nodes := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range got.Nodes {
		nodes[n.NodeID] = n
	}
	var list []thing
	var walk func(n *accessibility.Node, depth int)
	walk = func(n *accessibility.Node, depth int) {
		if role := text(n.Role); !n.Ignored && !slices.Contains(plain, role) {
			one := thing{role: role, name: text(n.Name), description: text(n.Description), depth: depth}
			for _, p := range n.Properties {
				v := text(p.Value)
				if slices.Contains(outlined, string(p.Name)) && v != "false" && v != "off" {
					one.states = append(one.states, string(p.Name)+"="+v)
				}
			}
			slices.Sort(one.states)
			list = append(list, one)
			depth++
		}
		for _, id := range n.ChildIDs {
			if c := nodes[id]; c != nil {
				walk(c, depth)
			}
		}
	}
	walk(got.Nodes[0], 0)
	return list
}

// controls are the roles that people operate: each needs a name.
var controls = []string{"button", "link", "textbox", "combobox", "searchbox", "checkbox", "radio", "option", "menuitem",
	"DisclosureTriangle", "Date", "spinbutton"}

// landmarks are the roles that people jump between: two of a kind are told apart by their names.
var landmarks = []string{"main", "navigation", "complementary", "region", "banner", "contentinfo", "log"}

// reads checks what holds for every page, and that the page has these lines of its outline in this order; "…" at the end of one
// stands for whatever follows.
func (b *tab) reads(what string, want ...string) {
	b.t.Helper()
	list := b.tree()
	heading, places, all := 0, map[string]int{}, ""
	for _, n := range list {
		all += n.String() + "\n"
		switch {
		case slices.Contains(controls, n.role) && strings.TrimSpace(n.name) == "":
			b.t.Errorf("%s: a %s without a name", what, n.role)
		case n.role == "graphics-symbol":
			b.t.Errorf("%s: a chart is read bar by bar, and again as its table", what)
		case slices.Contains(landmarks, n.role):
			places[n.role+" "+n.name]++
		case n.role == "heading":
			level := 0
			for _, s := range n.states {
				fmt.Sscanf(s, "level=%d", &level)
			}
			if heading > 0 && level > heading+1 {
				b.t.Errorf("%s: after a heading of level %d comes %q of level %d", what, heading, n.name, level)
			}
			heading = level
		}
		if len(want) > 0 {
			line := strings.TrimSpace(n.String())
			if start, open := strings.CutSuffix(want[0], "…"); line == want[0] || open && strings.HasPrefix(line, start) {
				want = want[1:]
			}
		}
	}
	for place, n := range places {
		if n > 1 {
			b.t.Errorf("%s: %d times %s", what, n, place)
		}
	}
	if len(want) > 0 {
		b.t.Errorf("%s: there is no %s, or not in its place:\n%s", what, want[0], all)
	}
}

func TestWhatAScreenReaderIsGiven(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "dm-ann", "/objection they say we are too slow")
	w.say(t, "ann", "dm-ann", "/digest leads")
	w.say(t, "ann", "lead-disputes", "/dispute L-0042 outside ICP")
	b := openTab(t, w, "/")
	b.reads("page one", `main ""`, `heading "Quillwater Assays…`, `region "Three things to try"`,
		`link "As a rep, log what a customer said between two calls /objection…`, `region "Or be one of them"`, `link "Ann Keller Sales rep"`)

	goes := func(path, focus string) {
		t.Helper()
		b.do(chromedp.Navigate(w.URL + path))
		b.waits("the page is alive", `[...document.querySelectorAll("form[hx-post]")].every(f => f.hasAttribute("data-htmx-powered")) && `+focus)
	}
	const inBox = `document.activeElement.id === "text"`
	goes("/as/ann/dm", inBox)
	b.reads("messages", `link "Skip to the message box"`, `navigation "Workspace"`, `link "Home"`, `link "lead-disputes 1 unread"`,
		`form "The demo's clock"`, `button "+1 hour"`,
		`main "Messages with Truce"`, `heading "Truce" level=1`, `log "Messages" live=polite`, `separator "Today"`, `article "Truce, 10:12"`,
		`button "Edit…`, `DisclosureTriangle "Theme: Turnaround time"…`,
		`button "Message actions"…`, `article "Truce, 10:12"`, `table "Sent back and won, by source"`, `columnheader "Won"`,
		`rowheader "Referral"`, `table "By source, 13 weeks"`, `columnheader "Source"`, `button "Source"`,
		`textbox "Message" focused=true hasPopup=listbox`, `button "Send"`, `status "" live=polite`)

	// The whole page by Tab, in the order in which it is read.
	b.eval(`document.body.tabIndex = -1, document.body.focus(), ""`)
	var went []string
	for range 60 {
		b.types("\t")
		s := b.eval(`(e => e.closest(".card, .tools") ? "message" : e.closest("#side .places") ? "places" : e.closest(".clock") ? "clock" : e.closest(".others, .me") ? "people" : e.closest(".composer") ? "composer" : e.className || e.id || e.tagName)(document.activeElement)`)
		if len(went) == 0 || went[len(went)-1] != s {
			went = append(went, s)
		}
		if s == "composer" {
			break
		}
	}
	if got, want := strings.Join(went, ", "), "skip, brand, places, clock, people, message, composer"; got != want {
		t.Errorf("Tab goes to %s; want %s", got, want)
	}

	// Commands while they are typed.
	goes("/as/ann/dm", inBox)
	b.types("/obj")
	b.waits("the command is offered", `document.querySelectorAll("#commands [role=option]:not([hidden])").length === 1`)
	b.reads("a command being typed", `listbox "Commands"`,
		`option "/objection Log an objection and get the best approved answer." selected=true`, `textbox "Message" focused=true hasPopup=listbox`)

	// A form: alone while it is open, each fault read with its field, nothing lost behind it.
	b.types("\u001b\b\b\b\b")
	b.eval(`document.querySelector(".card button").focus(), ""`)
	b.types("\r")
	b.waits("the form is open", `document.querySelector("dialog[data-modal][open]")`)
	b.reads("a form", `dialog "Log an objection" modal=true`, `heading "Log an objection" level=2`,
		`textbox "What did they say?" (In their words.) focused=true required=true`, `combobox "Theme optional"…`, `group "Stage optional"`,
		`radio "Evaluation" checked=true`, `button "Log it"`)
	if s := fmt.Sprint(b.tree()); strings.Contains(s, "main ") || strings.Contains(s, "navigation ") {
		t.Error("behind the form the page can still be read")
	}
	b.types("box\t\t\t\r")
	b.waits("the theme is missing", `document.activeElement.name === "v.theme"`)
	b.reads("a form with a fault", `textbox "What did they say?" (In their words.) required=true`,
		`combobox "Theme optional" (Choose a theme, so that Marketing finds it.) focused=true hasPopup=menu invalid=true`, `alert ""…`)
	for range 25 {
		b.types("\t")
		if out := b.eval(`String(document.activeElement !== document.body && !document.activeElement.closest("dialog[data-modal]"))`); out == "true" {
			t.Fatalf("Tab leaves the form for %s", b.eval(`document.activeElement.outerHTML.slice(0, 200)`))
		}
	}
	b.types("\u001b")
	b.waits("back on the button that opened it",
		`!document.querySelector("dialog[data-modal]") && document.activeElement.innerText === "Edit"`)

	// A question before something is done, the message menu, and where to go.
	goes("/as/mara/c/lead-disputes", inBox)
	b.click(".btn.danger")
	b.reads("a question", `dialog "Withdraw the dispute? The lead stays with you." modal=true`, `button "Cancel" focused=true`,
		`button "Withdraw"`)
	b.types("\u001b")
	b.waits("back on its button", `document.activeElement.innerText === "Withdraw"`)
	goes("/as/mara/c/lead-disputes", inBox)
	b.types("\u0304.")
	b.waits("the menu is open", `document.activeElement.closest("#menu")`)
	b.reads("the message menu", `form "Message actions"`, `link "Reply in thread" focused=true`, `button "Log as objection…`)
	b.types("\u001b")
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
	b.waits("Ctrl K asks where to", `document.querySelector("#jump").open`)
	b.reads("where to", `dialog "Go to" modal=true`, `combobox "Go to a place or a message, or be somebody else" expanded=true focused=true…`,
		`listbox "Places, people and messages"`, `option "Home" selected=true`, `option "Ann Keller Sales rep"`)

	root := w.book.page("ann", "lead-disputes", "", 0).messages[0].ID
	goes("/as/ann/c/lead-disputes?thread="+root, `document.activeElement.id === "thread-text"`)
	b.reads("a thread", `main "Channel lead-disputes"`, `log "Messages" live=polite`, `complementary "Thread"`, `link "Close the thread"`,
		`log "Messages of the thread" live=polite`, `textbox "Reply in the thread" focused=true hasPopup=listbox`)

	goes("/as/ann/home", `true`)
	b.reads("the home page", `link "Skip to what waits for you"`, `main "Home"`, `heading "Home" level=1`, `button "Good: Northfield Labs, Webinar, handed off 5 days ago"`)

	// What went wrong is said at once.
	goes("/as/ann/dm", inBox)
	w.h.mu.Lock()
	w.h.err = fmt.Errorf("the disk is full")
	w.h.mu.Unlock()
	b.types("hello\r")
	b.sees("nothing was stored")
	b.reads("a failure", `textbox "Message"…`, `alert ""…`, `button "Close"`)
	b.mu.Lock()
	b.errs = nil // the console has seen the failure, too
	b.mu.Unlock()
}
