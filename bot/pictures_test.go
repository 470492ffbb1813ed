package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPictures takes the pictures of the README and the documentation from the demo, so that they never go stale:
//
//	TRUCE_SCREENSHOTS=docs/pictures go test ./bot -run Pictures
func TestPictures(t *testing.T) {
	dir := os.Getenv("TRUCE_SCREENSHOTS")
	if dir == "" {
		t.Skip("TRUCE_SCREENSHOTS=docs/pictures takes the pictures of the documentation")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", dir) // as seen from the repository's root
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	needBrowser(t)
	recordTerminal(t, filepath.Join(dir, "terminal.txt"))
	file := demoFile(t)
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", file, "--now", demoNow)
	desk := chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(1.5))
	phone := chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile)
	b := opens(t, p.addr, "/", desk)
	picture := func(name string) {
		t.Helper()
		time.Sleep(600 * time.Millisecond) // animations end
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
		if len(png) > 290_000 {
			t.Errorf("%s.png is %d bytes, more than a README should load", name, len(png))
		}
	}
	shot := func(name string) {
		t.Helper()
		b.eval(`document.activeElement?.blur()`)
		picture(name)
	}
	// shows opens a place with the newest message that holds the text at its top.
	shows := func(path, text string) {
		t.Helper()
		b.goes(path)
		b.says(text)
		b.eval(fmt.Sprintf(`[...document.querySelectorAll("#log > .msg")].reverse().find(m => m.innerText.includes(%q)).scrollIntoView({block: "start"})`, text))
		b.eval(`document.querySelector("#scroll").scrollTop -= 56`)
	}
	b.theme("dark")
	shot("page-one-dark")
	b.theme("light")
	shot("page-one")

	b.goes("/as/ann/dm")
	b.types("/objection they say we take twice as long as Competitor X at Northfield Labs")
	b.sees("15 times, 4 the month before")
	shot("objection")
	b.do(phone)
	b.goes("/as/ann/dm")
	shot("objection-phone")
	b.do(desk)

	b.goes("/")
	b.do(chromedp.EmulateViewport(1360, 720, chromedp.EmulateScale(1.25)))
	b.disputesSideBySide()
	shot("two-people")
	b.do(desk)
	shows("/as/mia/c/lead-disputes", "freelance writer")
	b.eval(`document.querySelector("#scroll").scrollTop = 1e9`)
	shot("workspace")
	b.theme("dark")
	shot("workspace-dark")
	b.theme("light")

	shows("/as/mona/c/lead-feedback", "highest scores, and none of its")
	shot("lead-feedback")
	b.goes("/as/sam/dm")
	b.types("/digest weekly")
	b.says("The gap is first touch, most of all on Tuesdays.")
	shows("/as/sam/dm", "The gap is first touch, most of all on Tuesdays.")
	shot("alignment")
	b.theme("dark")
	b.do(phone)
	shows("/as/sam/dm", "The gap is first touch, most of all on Tuesdays.")
	shot("alignment-phone-dark")
	b.theme("light")
	b.goes("/as/ann/home")
	shot("home-phone")
	b.do(desk)
	b.goes("/as/mia/home")
	shot("home")
	for _, p := range []struct{ name, who, typed, says string }{
		{"charter", "pat", "/charter", "What the two sides promise each other"},
		{"icp", "mona", "/icp", "The ideal customer"},
		{"outcomes", "mia", "/outcome", "Outcomes Inventory"},
		{"journey", "mia", "/journey consideration", "Journey map · Consideration"},
	} {
		b.goes("/as/" + p.who + "/dm")
		b.types(p.typed)
		b.says(p.says)
		shows("/as/"+p.who+"/dm", p.says)
		shot(p.name)
	}
	b.goes("/as/ann/dm")
	b.do(chromedp.Click(chromedp.CSS("#text")))
	b.do(chromedp.KeyEvent("/obj"))
	b.waits("the commands are offered", `!document.querySelector("#commands").hidden`)
	b.do(chromedp.KeyEvent("\t"))
	b.waits("with their examples", `document.querySelector("#commands .example:not([hidden])")`)
	picture("commands")
	opensPoster(t, p, file, b)
	picture("journey-poster")
	b.forgives() // it was opened from a file
}

// opensPoster opens the journey map's poster as it is hung up.
func opensPoster(t *testing.T, p *process, file string, b *tab) {
	t.Helper()
	page := filepath.Join(t.TempDir(), "journey.html")
	html := runBeside(t, append(slices.Clone(p.cmd.Env), "TRUCE_STORAGE_PATH="+file), "journey", "--format", "html", "--as-of", demoNow)
	if err := os.WriteFile(page, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1588, 1123)) // A3 landscape
	b.do(chromedp.Navigate("file://" + page))
}

// recordTerminal records a session at the terminal: what the demo's company gets as text, and an import with a bad row.
func recordTerminal(t *testing.T, file string) {
	t.Helper()
	dir := t.TempDir()
	if err := copyFile(demoFile(t), filepath.Join(dir, "truce-demo.db")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "leads.csv"), []byte("Record ID,Became MQL,Email,Source,Score\n"+
		"1001,2026-11-20,kim@northfield.example,Webinar,82\n1002,2026-11-20,lee@ashgrove.example,Trade show,abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var session strings.Builder
	for _, line := range []struct {
		text, db string
		lines    int
	}{
		{"truce digest weekly --as-of 2026-11-23", "truce-demo.db", 14},
		{"truce digest leads --as-of 2026-11-23 --format markdown", "truce-demo.db", 14},
		{`truce import leads leads.csv --map "id=Record ID,mql_at=Became MQL"`, "truce.db", 20},
		{"truce import leads leads.csv --map \"id=Record ID,mql_at=Became MQL\" 2>/dev/null; echo status $?", "truce.db", 20},
	} {
		c := exec.Command("sh", "-c", line.text+" 2>&1")
		c.Dir = dir
		c.Env = []string{"PATH=" + filepath.Dir(truceBinary(t)) + ":" + os.Getenv("PATH"), "HOME=" + dir, "TRUCE_STORAGE_PATH=" + line.db}
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		shown := strings.SplitAfter(string(out), "\n")
		fmt.Fprintf(&session, "$ %s\n%s", line.text, strings.Join(shown[:min(len(shown), line.lines)], ""))
		if len(shown) > line.lines {
			session.WriteString("[...]\n")
		}
		session.WriteString("\n")
	}
	if err := os.WriteFile(file, []byte(strings.TrimSpace(session.String())+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
