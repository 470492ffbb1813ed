package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"truce/bot/cards/gallery"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/demo"
	"truce/bot/slack"
	"truce/bot/web"
	"truce/schedules/digests"
	"truce/storage"
)

// This file draws every kind of card as people see it: on Teams by Microsoft's renderer, on Slack by a drawing of Block Kit, at the widths
// of a phone, a chat beside others and a screen, light and dark, and holds the drawings against what must never be. With a folder it also
// keeps them as sheets to look at:
//
//	TRUCE_GALLERY=/tmp/gallery go test ./bot -run 'AsTheyAreSeen' -timeout 30m

var seenWidths = []int{320, 446, 1280}

// drawnCard is one card of a sheet.
type drawnCard struct {
	Name string          `json:"name"`
	Card json.RawMessage `json:"card"`
}

const (
	perSheet   = 30
	sheetWidth = 1720
)

func TestCardsAsTheyAreSeen(t *testing.T) {
	needBrowser(t)
	all := sheets{}
	for _, i := range gallery.Items {
		all.add(t, i.Name, i.Usual())
	}
	all.draw(t, "")
}

// TestDigestsAsTheyAreSeen draws the digests as the demo's people get them on a Monday.
func TestDigestsAsTheyAreSeen(t *testing.T) {
	needBrowser(t)
	if testing.Short() {
		t.Skip("makes the demo's past, unless another test has")
	}
	now := time.Date(2026, 11, 23, 11, 24, 0, 0, time.UTC)
	all := sheets{}
	err := openedAt(t, demoFile(t), now).View(t.Context(), func(tx *storage.Tx) error {
		for _, kind := range []string{"weekly", "leads", "monthly"} {
			c, err := demo.Config().Digests().Card(tx, digests.Query{Kind: kind, AsOf: now}, false)
			if err != nil {
				return err
			}
			all.add(t, kind, gallery.Piece{Card: &c})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all.draw(t, "digests-")
}

// sheets are cards as each platform draws them.
type sheets map[string][]drawnCard

func (s sheets) add(t *testing.T, name string, p gallery.Piece) {
	t.Helper()
	s["teams"] = append(s["teams"], drawnCard{name, onTeams(t, p)})
	if p.Card == nil {
		s["slack"] = append(s["slack"], drawnCard{name, inJSON(t, slack.RenderForm(*p.Form))})
		return
	}
	s["slack"] = append(s["slack"], drawnCard{name, inJSON(t, slack.RenderMessage(*p.Card, slack.Options{Team: "T1"}))})
	if slices.ContainsFunc(p.Card.Blocks, hasData) {
		s["slack-plain"] = append(s["slack-plain"],
			drawnCard{name, inJSON(t, slack.RenderMessage(*p.Card, slack.Options{Team: "T1", Plain: true}))})
	}
}

// draw draws them at each width; the pictures' names begin with a word of the test's own.
func (s sheets) draw(t *testing.T, prefix string) {
	t.Helper()
	for _, platform := range []string{"teams", "slack", "slack-plain"} {
		t.Run(platform, func(t *testing.T) {
			for _, width := range seenWidths {
				for _, dark := range []bool{false, true} {
					if dark && os.Getenv("TRUCE_GALLERY") == "" {
						continue // colours break no words
					}
					drawSheets(t, prefix, platform, s[platform], width, dark)
				}
			}
		})
	}
}

func inJSON(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// drawSheets draws cards on as many sheets as they take, and says what is wrong with any.
func drawSheets(t *testing.T, prefix, platform string, cards []drawnCard, width int, dark bool) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+sheetPage(t, platform)), chromedp.EmulateViewport(sheetWidth, 1000)); err != nil {
		t.Fatal(err)
	}
	tint := "light"
	if dark {
		tint = "dark"
	}
	n := 0
	for part := range slices.Chunk(cards, perSheet) {
		n++
		list, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`sheet(%s, %d, %t, %d), faults()`, list, width, dark,
			max(1, sheetWidth/(width+14)))))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(said) {
			t.Errorf("%s at %d: %s", platform, width, strings.TrimSpace(line))
		}
		keepSheet(t, ctx, fmt.Sprintf("%s%s-%d-%s-%02d.png", prefix, platform, width, tint, n))
	}
}

// sheetPage writes the page on which a platform's cards are drawn.
func sheetPage(t *testing.T, platform string) string {
	t.Helper()
	scripts := []string{"testdata/pictures/slack.js", "testdata/pictures/sheet.js"}
	if platform == "teams" {
		renderer := "teams/testdata/parse/node_modules/adaptivecards/dist/adaptivecards.min.js"
		if _, err := os.Stat(renderer); err != nil {
			t.Skip("npm install --prefix bot/teams/testdata/parse has not been run")
		}
		scripts = []string{renderer, "testdata/pictures/teams.js", "testdata/pictures/sheet.js"}
	}
	var page strings.Builder
	read := func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		page.Write(text)
	}
	page.WriteString("<!doctype html><meta charset=utf-8><style>")
	read("testdata/pictures/sheet.css")
	page.WriteString("</style><body>")
	for _, s := range scripts {
		page.WriteString("<script>")
		read(s)
		page.WriteString("</script>")
	}
	file := filepath.Join(t.TempDir(), platform+".html")
	if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// hasData reports a block that Slack draws by itself where it can.
func hasData(b chat.Block) bool { return b.Table != nil || b.Chart != nil }

// TestCardsInTheWorkspaceAsTheyAreSeen does the same in the local workspace, at the widths of a phone and a screen.
func TestCardsInTheWorkspaceAsTheyAreSeen(t *testing.T) {
	needBrowser(t)
	cfg := web.Config{}
	var parts [][]gallery.Item
	for part := range slices.Chunk(slices.DeleteFunc(slices.Clone(gallery.Items), func(i gallery.Item) bool { return i.Usual().Card == nil }),
		perSheet) {
		parts = append(parts, part)
		cfg.Personas = append(cfg.Personas, web.Persona{ID: fmt.Sprintf("p%d", len(parts)), Name: "Ann Keller", Title: "Sales rep",
			Zone: "Europe/Berlin"})
	}
	w, err := web.New(cfg, chat.Catalog{}, &chattest.Memory{}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	w.Mount(mux, nobody{})
	server := httptest.NewServer(mux)
	defer server.Close()
	script, err := os.ReadFile("testdata/pictures/sheet.js")
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
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	defer cancel()
	for _, width := range []int{320, 390, 1280} {
		for n, part := range parts {
			names, err := json.Marshal(slices.Collect(func(yield func(string) bool) {
				for _, i := range part {
					yield(i.Name)
				}
			}))
			if err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), 900),
				chromedp.Navigate(server.URL+"/as/"+cfg.Personas[n].ID+"/dm")); err != nil {
				t.Fatal(err)
			}
			for _, dark := range []bool{false, true} {
				if dark && os.Getenv("TRUCE_GALLERY") == "" {
					continue
				}
				tint := "light"
				if dark {
					tint = "dark"
				}
				if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
					emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: tint}}}); err != nil {
					t.Fatal(err)
				}
				said, err := chromedp.Run(ctx, chromedp.Evaluate[string](string(script)+fmt.Sprintf(`
					for (const e of document.querySelectorAll("html, body, .work, .room, #scroll")) { e.style.height = "auto"; e.style.overflow = "visible"; }
					faults([...document.querySelectorAll(".msg .card")].map((c, i) => [%s[i] ?? "?", c]))`, names)))
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(said) {
					t.Errorf("workspace at %d: %s", width, strings.TrimSpace(line))
				}
				keepSheet(t, ctx, fmt.Sprintf("workspace-%d-%s-%02d.png", width, tint, n+1))
			}
		}
	}
}

// nobody answers nothing.
type nobody struct{}

func (nobody) Handle(context.Context, chat.Event) (chat.Reply, error) { return chat.Reply{}, nil }

// keepSheet keeps the page as a picture, where a folder for pictures is named.
func keepSheet(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("TRUCE_GALLERY")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
