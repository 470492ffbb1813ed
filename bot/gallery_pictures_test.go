package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"truce/bot/cards/gallery"
	"truce/bot/chat"
	"truce/bot/slack"
)

// This file draws every kind of card as people see it: on Teams by Microsoft's renderer, on Slack by a drawing of Block Kit, at the widths
// of a phone, a chat beside others and a screen, light and dark, and holds the drawings against what must never be. With a folder it also
// keeps them as sheets to look at:
//
//	TRUCE_GALLERY=/tmp/gallery go test ./bot -run 'TestCardsAsTheyAreSeen' -timeout 30m

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
	onTeamsBy := map[string][]drawnCard{}
	for _, i := range gallery.Items {
		p := i.Usual()
		onTeamsBy["teams"] = append(onTeamsBy["teams"], drawnCard{i.Name, onTeams(t, p)})
		if p.Card == nil {
			onTeamsBy["slack"] = append(onTeamsBy["slack"], drawnCard{i.Name, inJSON(t, slack.RenderForm(*p.Form))})
			continue
		}
		onTeamsBy["slack"] = append(onTeamsBy["slack"], drawnCard{i.Name, inJSON(t, slack.RenderMessage(*p.Card, slack.Options{Team: "T1"}))})
		if slices.ContainsFunc(p.Card.Blocks, hasData) {
			onTeamsBy["slack-plain"] = append(onTeamsBy["slack-plain"], drawnCard{i.Name, inJSON(t, slack.RenderMessage(*p.Card, slack.Options{Team: "T1", Plain: true}))})
		}
	}
	for _, platform := range []string{"teams", "slack", "slack-plain"} {
		t.Run(platform, func(t *testing.T) {
			for _, width := range seenWidths {
				for _, dark := range []bool{false, true} {
					if dark && os.Getenv("TRUCE_GALLERY") == "" {
						continue // colours break no words
					}
					drawSheets(t, platform, onTeamsBy[platform], width, dark)
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
func drawSheets(t *testing.T, platform string, cards []drawnCard, width int, dark bool) {
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
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`sheet(%s, %d, %t, %d), faults()`, list, width, dark, max(1, sheetWidth/(width+14)))))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(said) {
			t.Errorf("%s at %d: %s", platform, width, strings.TrimSpace(line))
		}
		if dir := os.Getenv("TRUCE_GALLERY"); dir != "" {
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(85))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s-%02d.jpg", platform, width, tint, n)), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
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
