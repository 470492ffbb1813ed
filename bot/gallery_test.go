package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	slackgo "github.com/slack-go/slack"

	"truce/bot/cards/gallery"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/bot/teams"
)

// This file holds every card and form that Truce can make against every platform: what it looks like there on a usual day
// (testdata/gallery), and that it is taken at its largest and nastiest.

// TestTheGalleryIsComplete finds constructors of package cards that the gallery lacks.
func TestTheGalleryIsComplete(t *testing.T) {
	files, err := filepath.Glob("cards/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of package cards: %v", err)
	}
	shown := map[string]bool{}
	for _, i := range gallery.Items {
		if shown[i.Name] {
			t.Errorf("%s is there twice", i.Name)
		}
		shown[i.Name] = true
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
				continue
			}
			if made := typeName(fn.Type.Results.List[0].Type); slices.Contains([]string{"chat.Card", "chat.Form", "chat.Block", "[]chat.Block",
				"chat.Table", "chat.Button"}, made) && !shown[fn.Name.Name] {
				t.Errorf("%s makes a %s and is not in bot/cards/gallery: add a line there", fn.Name.Name, made)
			}
		}
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.ArrayType:
		return "[]" + typeName(e.Elt)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestGallery compares what each platform gets on a usual day with what it got before.
func TestGallery(t *testing.T) {
	for _, i := range gallery.Items {
		t.Run(i.Name, func(t *testing.T) {
			p := i.Usual()
			golden.JSON(t, "gallery/"+i.Name+".slack.json", onSlack(t, p))
			golden.JSON(t, "gallery/"+i.Name+".teams.json", onTeams(t, p))
			if p.Card != nil {
				golden.Check(t, "gallery/"+i.Name+".txt", []byte(chat.PlainText(*p.Card, 100)))
			}
		})
	}
}

// onSlack draws a piece for Slack, in each way that it is drawn there, and holds it against Slack's limits. It returns the first.
func onSlack(t *testing.T, p gallery.Piece) []byte {
	t.Helper()
	var first []byte
	keep := func(v any) []byte {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = raw
		}
		return raw
	}
	var faults []string
	if p.Form != nil {
		faults = slackfake.CheckView(keep(slack.RenderForm(*p.Form)))
	} else {
		for _, opt := range []slack.Options{{Team: "T1"}, {Team: "T1", Private: true}, {Team: "T1", Plain: true},
			{Team: "T1", Plain: true, Repeats: true}} {
			m := slack.RenderMessage(*p.Card, opt)
			keep(m)
			if blocks, err := json.Marshal(m.Blocks); err != nil {
				t.Fatal(err)
			} else if len(m.Blocks) > 0 {
				faults = append(faults, slackfake.CheckMessage(blocks)...)
			}
			if strings.TrimSpace(m.Text) == "" || len([]rune(m.Text)) > 4000 || liveOnSlack.MatchString(m.Text) {
				t.Errorf("the text for notifications is empty, too long or live: %.200q", m.Text)
			}
			for _, b := range m.Blocks {
				if c, ok := b.(*slackgo.DataVisualizationBlock); ok {
					if err := c.Validate(); err != nil {
						t.Error(err)
					}
				}
			}
		}
		faults = append(faults, slackfake.CheckView(keep(slack.RenderHome(*p.Card, slack.Options{Team: "T1"})))...)
	}
	for _, f := range faults {
		t.Errorf("Slack: %s", f)
	}
	return first
}

// liveOnSlack is what notifies people or links in a text of Slack's.
var liveOnSlack = regexp.MustCompile(`<[!@#h]`)

// mostOnTeams is the largest card that all of Teams' surfaces take, in bytes, with room for what is put around it.
const mostOnTeams = 28 << 10

func onTeams(t *testing.T, p gallery.Piece) []byte {
	t.Helper()
	var raw json.RawMessage
	var err error
	if p.Form != nil {
		raw, err = teams.RenderForm(*p.Form)
	} else {
		raw, err = teams.RenderCard(*p.Card)
	}
	if err != nil {
		t.Fatalf("Teams: %v", err)
	}
	if len(raw) > mostOnTeams {
		t.Errorf("Teams: %d bytes", len(raw))
	}
	return raw
}

// nastySeeds is how many times each constructor is tried with other content; FuzzGallery begins with one more for each.
const nastySeeds = 2

// TestGalleryAtItsWorst draws every card and form with the largest and nastiest content.
func TestGalleryAtItsWorst(t *testing.T) {
	t.Parallel()
	seeds := uint64(nastySeeds)
	if testing.Short() {
		seeds = 1
	}
	dir := t.TempDir()
	var files []string
	for _, i := range gallery.Items {
		t.Run(i.Name, func(t *testing.T) {
			for seed := range seeds {
				p := i.Nasty(seed)
				onSlack(t, p)
				card := onTeams(t, p)
				if p.Card != nil {
					harmlessText(t, *p.Card)
				}
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
				if card != nil {
					file := filepath.Join(dir, fmt.Sprintf("%s-%d.json", i.Name, seed))
					if err := os.WriteFile(file, card, 0o644); err != nil {
						t.Fatal(err)
					}
					files = append(files, file)
				}
			}
		})
	}
	t.Run("by Microsoft's parser", func(t *testing.T) { microsoftParses(t, files) })
}

// harmlessText checks the renderings for terminals and mails.
func harmlessText(t *testing.T, c chat.Card) {
	t.Helper()
	for name, s := range map[string]string{"text": chat.PlainText(c, 80), "Markdown": chat.Markdown(c)} {
		if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || r == '\u202e' }); i >= 0 {
			t.Errorf("%s holds a control character: %q", name, s[i:min(len(s), i+40)])
		}
	}
}

// TestGalleryByTheirOwnPackages holds what is in testdata against Microsoft's parser and Slack's types, where they are installed.
func TestGalleryByTheirOwnPackages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts node for every card")
	}
	t.Run("adaptivecards", func(t *testing.T) {
		files, err := filepath.Glob("testdata/gallery/*.teams.json")
		if err != nil || len(files) != len(gallery.Items) {
			t.Fatalf("%d files for %d items, %v", len(files), len(gallery.Items), err)
		}
		microsoftParses(t, files)
	})
	t.Run("@slack/types", slackTypes)
}

func microsoftParses(t *testing.T, files []string) {
	t.Helper()
	script := filepath.Join("teams", "testdata", "parse", "parse.cjs")
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules")); err != nil {
		if os.Getenv("TRUCE_BROWSER") == "must" { // as in CI
			t.Fatal("TRUCE_BROWSER=must, and npm install --prefix bot/teams/testdata/parse has not been run")
		}
		t.Skip("npm install --prefix bot/teams/testdata/parse has not been run")
	}
	for _, mode := range [][]string{nil, {"--no-charts"}} {
		out, err := exec.CommandContext(t.Context(), "node", append(append([]string{script}, mode...), files...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("parse: %v\n%s", err, out)
		}
		parsed := 0
		for line := range strings.Lines(string(out)) {
			var said struct {
				File, Event, Message string
				Parsed               int
			}
			if err := json.Unmarshal([]byte(line), &said); err != nil {
				t.Fatalf("the parser says %q: %v", line, err)
			}
			switch parsed += said.Parsed; {
			case said.Event == "":
			default:
				t.Errorf("Microsoft's parser (%v): %s: %s %s", mode, filepath.Base(said.File), said.Event, said.Message)
			}
		}
		if parsed != len(files) {
			t.Errorf("%d of %d files parsed", parsed, len(files))
		}
	}
}

func slackTypes(t *testing.T) {
	dir, err := filepath.Abs("slack/testdata/types")
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(dir, "node_modules", ".bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("npm ci --prefix bot/slack/testdata/types has not been run")
	}
	var src strings.Builder
	src.WriteString("import type { KnownBlock, ModalView } from '@slack/types';\n")
	for _, i := range gallery.Items {
		p := i.Usual()
		if p.Form != nil {
			raw, err := json.MarshalIndent(slack.RenderForm(*p.Form), "", " ")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&src, "export const %s: ModalView = %s;\n", i.Name, raw)
			continue
		}
		for n, b := range slack.RenderMessage(*p.Card, slack.Options{Team: "T1"}).Blocks {
			raw, err := slackfake.Known(b)
			if err != nil {
				t.Errorf("%s: %v", i.Name, err)
			}
			if raw != nil { // one by one: the compiler then names the block that is wrong
				fmt.Fprintf(&src, "export const %s_%d: KnownBlock = %s;\n", i.Name, n, raw)
			}
		}
	}
	file := filepath.Join(dir, "gallery.ts") // beside node_modules
	if err := os.WriteFile(file, []byte(src.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file)
	cmd := exec.CommandContext(t.Context(), tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution",
		"nodenext", "--target", "es2022", file)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

// FuzzGallery looks for content with which a card or form is refused, or makes its constructor panic.
func FuzzGallery(f *testing.F) {
	for i := range gallery.Items {
		f.Add(uint16(i), uint64(1000+i))
	}
	f.Fuzz(func(t *testing.T, item uint16, seed uint64) {
		i := gallery.Items[int(item)%len(gallery.Items)]
		p := i.Nasty(seed)
		onSlack(t, p)
		onTeams(t, p)
		if p.Card != nil {
			harmlessText(t, *p.Card)
		}
		if t.Failed() {
			t.Fatalf("%s, seed %d", i.Name, seed)
		}
	})
}
