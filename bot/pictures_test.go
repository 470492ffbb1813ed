package main

import (
	"os"
	"path/filepath"
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
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", demoFile(t))
	desk := chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(1.5))
	phone := chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile)
	b := opens(t, p.addr, "/", desk)
	shot := func(name string) {
		t.Helper()
		time.Sleep(400 * time.Millisecond) // animations end
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
		if len(png) > 250_000 {
			t.Errorf("%s.png is %d bytes", name, len(png))
		}
	}
	b.theme("light")
	shot("page-one")
	b.goes("/as/mia/c/lead-disputes")
	shot("disputes")
	b.goes("/as/ann/dm")
	b.types("/objection they say we take twice as long as Competitor X at Northfield Labs")
	b.sees("Say this")
	shot("objection")
	b.goes("/as/mona/c/lead-feedback")
	shot("lead-feedback")
	b.goes("/as/sam/c/alignment")
	shot("alignment")
	b.goes("/as/sam/dm")
	shot("sam-dm")
	b.goes("/as/ann/home")
	shot("home")
	b.goes("/as/ann/c/general")
	shot("general")
	b.theme("dark")
	b.goes("/as/mia/c/lead-disputes")
	shot("disputes-dark")
	b.theme("light")
	b.do(phone)
	b.goes("/as/ann/dm")
	shot("objection-phone")
	b.goes("/")
	shot("page-one-phone")
}
