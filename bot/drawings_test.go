package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"truce/bot/config"
	"truce/bot/golden"
	"truce/bot/slack"
)

// The drawings of docs/slack.md: where to click and what to paste, step by step. They are drawings of ours and not pictures of
// Slack's pages, which no program can reach without an account; what they quote of Truce is made by Truce. After a change:
//
//	go test ./bot -run Drawings -update

// drawing is one step, as SVG.
type drawing struct {
	name string   // of the file
	at   string   // the address or place at the top
	menu []string // the left column; the entry that begins with * is to be clicked
	rows []row
}

// row is one line of a drawing's main part. n is the order in which the things of a drawing are done; 0 is not numbered.
type row struct {
	kind  rowKind
	n     int
	label string
	value string
}

type rowKind int

const (
	aHeading  rowKind = iota
	aSentence         // plain text
	aField            // a label with a value in a box
	aButton           // a button, with what it is for beside it
	aChoice           // one of several, chosen
	aBox              // lines of text in a box
	aKey              // where a value belongs
	aMessage          // a message box of Slack's with something typed in it
)

const (
	drawingWidth = 760
	menuWidth    = 190
	lineHeight   = 18
)

func slackDrawings(t *testing.T) []drawing {
	manifest, _, err := slack.Manifest(catalog(config.Config{}), slack.Config{}, "")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(manifest), "\n")
	const apps, app = "api.slack.com/apps", "api.slack.com/apps/A0123…"
	settings := func(on string) []string {
		menu := []string{"Basic Information", "Socket Mode", "Install App", "OAuth & Permissions", "Event Subscriptions", "App Home",
			"App Manifest"}
		for i, m := range menu {
			if m == on {
				menu[i] = "*" + m
			}
		}
		return menu
	}
	return []drawing{
		{name: "slack-1-create", at: apps, rows: []row{
			{kind: aHeading, label: "Your Apps"},
			{kind: aButton, n: 1, label: "Create New App"},
			{kind: aSentence, label: "A window opens:"},
			{kind: aChoice, n: 2, label: "From a manifest", value: "From scratch"},
			{kind: aField, n: 3, label: "Pick a workspace to develop your app in", value: "your company's workspace"},
			{kind: aButton, n: 4, label: "Next"},
		}},
		{name: "slack-2-manifest", at: apps, rows: []row{
			{kind: aChoice, n: 1, label: "YAML", value: "JSON"},
			{kind: aSentence, label: "Select all that stands there, and paste what truce manifest slack printed:"},
			{kind: aBox, n: 2, value: strings.Join(append(lines[:9:9], "…", fmt.Sprintf("(%d lines)", len(lines)-1)), "\n")},
			{kind: aButton, n: 3, label: "Next", value: "shows a summary: commands, permissions, events"},
			{kind: aButton, n: 4, label: "Create"},
		}},
		{name: "slack-3-install", at: app, menu: settings("Install App"), rows: []row{
			{kind: aHeading, label: "Install App"},
			{kind: aButton, n: 2, label: "Install to Workspace", value: "your workspace asks: Allow"},
			{kind: aSentence, label: "Then the page shows the token:"},
			{kind: aField, n: 3, label: "Bot User OAuth Token", value: "xoxb-…|Copy"},
			{kind: aKey, label: "slack.bot_token", value: "TRUCE_SLACK_BOT_TOKEN"},
		}},
		{name: "slack-4-app-token", at: app, menu: settings("Basic Information"), rows: []row{
			{kind: aHeading, label: "App-Level Tokens      (Socket Mode only)"},
			{kind: aButton, n: 2, label: "Generate Token and Scopes"},
			{kind: aSentence, label: "A window opens:"},
			{kind: aField, n: 3, label: "Token Name", value: "truce"},
			{kind: aButton, n: 4, label: "Add Scope", value: "connections:write"},
			{kind: aButton, n: 5, label: "Generate"},
			{kind: aField, n: 6, label: "Token", value: "xapp-…|Copy"},
			{kind: aKey, label: "slack.app_token", value: "TRUCE_SLACK_APP_TOKEN"},
		}},
		{name: "slack-4-signing-secret", at: app, menu: settings("Basic Information"), rows: []row{
			{kind: aHeading, label: "App Credentials      (HTTP only)"},
			{kind: aField, n: 2, label: "Signing Secret", value: "••••••••••••••••••••••••••••••••|Show"},
			{kind: aKey, label: "slack.signing_secret", value: "TRUCE_SLACK_SIGNING_SECRET"},
		}},
		{name: "slack-5-verify", at: app, menu: settings("Event Subscriptions"), rows: []row{
			{kind: aHeading, label: "Event Subscriptions      (HTTP only; Truce is running)"},
			{kind: aField, label: "Request URL", value: "https://truce.example.com/slack/events"},
			{kind: aButton, n: 2, label: "Retry", value: "until it says Verified ✓"},
			{kind: aButton, n: 3, label: "Save Changes"},
		}},
		{name: "slack-6-channel", at: "Slack", menu: []string{"# general", "*# lead-disputes", "# lead-feedback", "Truce"}, rows: []row{
			{kind: aHeading, label: "# lead-disputes      (private)"},
			{kind: aMessage, n: 2, value: "/invite @Truce"},
			{kind: aSentence, label: "Not found by its name? View channel details; the id stands at the end:"},
			{kind: aField, label: "Channel ID", value: "C0123ABCD|Copy"},
			{kind: aKey, label: "channels.disputes", value: "#lead-disputes, or slack:T0123:C0123ABCD"},
		}},
	}
}

// syncDrawings are those of docs/sync.md.
func syncDrawings() []drawing {
	return []drawing{
		{name: "sync-hubspot-key", at: "app.hubspot.com", menu: []string{"Settings", "Integrations", "Connected Apps", "*Service Keys"},
			rows: []row{
				{kind: aHeading, label: "Service Keys"},
				{kind: aButton, n: 2, label: "Create service key"},
				{kind: aField, n: 3, label: "Name", value: "Truce"},
				{kind: aButton, n: 4, label: "Add new scope", value: "those that docs/sync.md lists"},
				{kind: aButton, n: 5, label: "Create"},
				{kind: aField, n: 6, label: "Key", value: "pat-…|Copy"},
				{kind: aKey, label: "hubspot.token", value: "TRUCE_HUBSPOT_TOKEN"},
			}},
		{name: "sync-salesforce-app", at: "example.my.salesforce-setup.com",
			menu: []string{"Setup", "Apps", "External Client Apps", "*External Client App Manager"}, rows: []row{
				{kind: aHeading, label: "External Client App Manager"},
				{kind: aButton, n: 2, label: "New External Client App", value: "name: Truce"},
				{kind: aChoice, n: 3, label: "Enable OAuth", value: ""},
				{kind: aField, n: 4, label: "OAuth Scopes", value: "Manage user data via APIs (api)"},
				{kind: aChoice, n: 5, label: "Enable Client Credentials Flow", value: ""},
				{kind: aField, n: 6, label: "Run As", value: "the user that only Truce is"},
				{kind: aField, n: 7, label: "Consumer Key, Consumer Secret", value: "3MVG9…|Copy"},
				{kind: aKey, label: "salesforce.client_id, salesforce.client_secret", value: "TRUCE_SALESFORCE_CLIENT_SECRET"},
			}},
	}
}

func TestDrawings(t *testing.T) {
	draw(t, "../docs/slack.md", slackDrawings(t))
	draw(t, "../docs/sync.md", syncDrawings())
}

// draw holds drawings against their files, and looks whether the page shows them.
func draw(t *testing.T, page string, list []drawing) {
	guide, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		t.Run(d.name, func(t *testing.T) {
			got := d.svg()
			if err := xml.Unmarshal(got, new(struct{ XMLName xml.Name })); err != nil {
				t.Fatalf("no SVG: %v", err)
			}
			path := filepath.Join("..", "docs", "pictures", d.name+".svg")
			if golden.Updating() {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is of an older version: run with -update and look at it", path)
			}
			if !bytes.Contains(guide, []byte("(pictures/"+d.name+".svg)")) {
				t.Errorf("%s does not show it", page)
			}
		})
	}
}

// canvas is what is drawn so far.
type canvas struct {
	strings.Builder
	y int
}

func (s *canvas) f(format string, args ...any) { fmt.Fprintf(&s.Builder, format+"\n", args...) }

func esc(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes all
	return b.String()
}

// mark is the number of something to do, left of it.
func (s *canvas) mark(x, y, n int) {
	if n > 0 {
		s.f(`<circle class="n" cx="%d" cy="%d" r="11"/><text class="nt" x="%d" y="%d">%d</text>`, x, y, x, y+4, n)
	}
}

func (d drawing) svg() []byte {
	s := &canvas{y: 78}
	left := 24
	if len(d.menu) > 0 {
		left = menuWidth + 24
	}
	for _, r := range d.rows {
		s.row(left, r)
	}
	main := s.String()
	height := max(s.y, 78+30*len(d.menu)+8) + 34
	out := &canvas{}
	out.f(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`, drawingWidth, height, drawingWidth,
		height)
	out.f(`<title>%s</title>`, esc(d.title()))
	out.f(`<style>text{font:14px system-ui,sans-serif;fill:#1d1c1d}.h{font-weight:700;font-size:17px}.l{font-size:12px;fill:#55595f}.m{font-family:ui-monospace,monospace;font-size:12.5px}` +
		`.b{fill:#fff;stroke:#8d939b}.p{fill:#1f4b4a}.pt{fill:#fff;font-weight:600}.on{fill:#d9e8e7}.n{fill:#c2410c}.nt{fill:#fff;font-weight:700;font-size:12px;text-anchor:middle}.to{fill:#1f4b4a;font-weight:600}</style>`)
	out.f(`<rect width="%d" height="%d" rx="10" fill="#fff" stroke="#b9bec5" x=".5" y=".5"/>`, drawingWidth-1, height-1)
	out.f(`<rect x="16" y="14" width="%d" height="28" rx="14" fill="#eef0f2"/><text class="m" x="32" y="33">%s</text>`, drawingWidth-32,
		esc(d.at))
	for i, m := range d.menu {
		y := 74 + 30*i
		name, on := strings.CutPrefix(m, "*")
		if on {
			out.f(`<rect class="on" x="16" y="%d" width="%d" height="26" rx="5"/>`, y-18, menuWidth-16)
			out.mark(menuWidth-16, y-5, 1)
		}
		out.f(`<text x="28" y="%d">%s</text>`, y, esc(name))
	}
	if len(d.menu) > 0 {
		out.f(`<line x1="%d" y1="54" x2="%d" y2="%d" stroke="#d8dce0"/>`, menuWidth+8, menuWidth+8, height-32)
	}
	out.WriteString(main)
	out.f(`<text class="l" x="20" y="%d">A drawing of ours, not a picture of Slack's page: Slack may have moved or renamed things.</text>`,
		height-12)
	out.f(`</svg>`)
	return []byte(out.String())
}

// title is the drawing in words, for those who do not see it.
func (d drawing) title() string {
	var parts []string
	for _, m := range d.menu {
		if name, on := strings.CutPrefix(m, "*"); on {
			parts = append(parts, name)
		}
	}
	for _, r := range d.rows {
		if r.n > 0 {
			first, _, _ := strings.Cut(strings.ReplaceAll(r.value, "\n", "|"), "|")
			parts = append(parts, strings.TrimSpace(r.label+" "+first))
		}
	}
	return d.at + ": " + strings.Join(parts, "; ")
}

func (s *canvas) row(x int, r row) {
	in := x + 30 // right of the numbers
	wide := drawingWidth - in - 24
	switch r.kind {
	case aHeading:
		s.f(`<text class="h" x="%d" y="%d">%s</text>`, x, s.y+4, esc(r.label))
		s.y += 34
	case aSentence:
		s.f(`<text x="%d" y="%d">%s</text>`, in, s.y, esc(r.label))
		s.y += 28
	case aField:
		value, button, _ := strings.Cut(r.value, "|")
		s.f(`<text class="l" x="%d" y="%d">%s</text>`, in, s.y, esc(r.label))
		s.f(`<rect class="b" x="%d" y="%d" width="%d" height="30" rx="5"/><text class="m" xml:space="preserve" x="%d" y="%d">%s</text>`, in,
			s.y+7, wide, in+12, s.y+27, esc(value))
		if button != "" {
			s.f(`<text class="to" x="%d" y="%d" text-anchor="end">%s</text>`, in+wide-14, s.y+27, esc(button))
		}
		s.mark(x+8, s.y+22, r.n)
		s.y += 60
	case aButton:
		w := 32 + 9*utf8.RuneCountInString(r.label)
		s.f(`<rect class="p" x="%d" y="%d" width="%d" height="30" rx="5"/><text class="pt" x="%d" y="%d">%s</text>`, in, s.y-13, w, in+15, s.y+7,
			esc(r.label))
		if r.value != "" {
			s.f(`<text x="%d" y="%d">%s</text>`, in+w+14, s.y+7, esc(r.value))
		}
		s.mark(x+8, s.y+2, r.n)
		s.y += 44
	case aChoice:
		w, v := 32+9*utf8.RuneCountInString(r.label), 32+9*utf8.RuneCountInString(r.value)
		s.f(`<rect class="on" x="%d" y="%d" width="%d" height="30" rx="5" stroke="#1f4b4a" stroke-width="2"/><text class="to" x="%d" y="%d">%s</text>`, in, s.y-13, w, in+15, s.y+7, esc(r.label))
		s.f(`<rect class="b" x="%d" y="%d" width="%d" height="30" rx="5"/><text class="l" x="%d" y="%d">%s</text>`, in+w+12, s.y-13, v, in+w+27,
			s.y+6, esc(r.value))
		s.mark(x+8, s.y+2, r.n)
		s.y += 50
	case aBox:
		lines := strings.Split(r.value, "\n")
		h := len(lines)*lineHeight + 16
		s.f(`<rect class="b" x="%d" y="%d" width="%d" height="%d" rx="5"/>`, in, s.y-13, wide, h)
		for i, l := range lines {
			if utf8.RuneCountInString(l) > 80 {
				l = string([]rune(l)[:79]) + "…"
			}
			s.f(`<text class="m" xml:space="preserve" x="%d" y="%d">%s</text>`, in+12, s.y+8+i*lineHeight, esc(l))
		}
		s.mark(x+8, s.y+4, r.n)
		s.y += h + 18
	case aKey:
		s.f(`<text class="to" x="%d" y="%d">→ %s</text><text class="m" x="%d" y="%d">%s</text>`, in, s.y+2, esc(r.label),
			in+34+8*utf8.RuneCountInString(r.label), s.y+2, esc(r.value))
		s.y += 30
	case aMessage:
		s.f(`<rect class="b" x="%d" y="%d" width="%d" height="38" rx="8"/><text x="%d" y="%d">%s</text>`, in, s.y-12, wide, in+14, s.y+12,
			esc(r.value))
		s.mark(x+8, s.y+6, r.n)
		s.y += 58
	}
}
