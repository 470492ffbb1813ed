package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// This file looks at the demo's pages as such: who can use them, how light they are, how they print.

// TestNobodyIsKeptOut looks for what people with a screen reader or a keyboard stumble over, with axe-core, light and dark.
func TestNobodyIsKeptOut(t *testing.T) {
	axe, err := os.ReadFile("web/testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("npm ci --prefix bot/web/testdata/axe has not been run")
	}
	p := demo(t)
	b := opens(t, p.addr, "/")
	look := func(what string) {
		t.Helper()
		b.eval(`(() => { if (!window.axe) { ` + string(axe) + ` } })()`)
		for _, theme := range []string{"light", "dark"} {
			b.theme(theme)
			b.waits("nothing moves", `document.getAnimations().every(a => a.playState !== "running")`) // colours on their way are judged as they are
			b.eval(`(window.found = null, axe.run(document, {resultTypes: ["violations"]}).then(r => { window.found = r.violations.flatMap(v => v.nodes.map(n => v.impact + ": " + v.help + ": " + n.html.slice(0, 200))) }), 1)`)
			b.waits("axe has looked", `window.found`)
			if found := b.eval(`window.found.join("\n")`); found != "" {
				t.Errorf("%s, %s:\n%s", what, theme, found)
			}
		}
	}
	look("page one")
	b.goes("/as/sam/dm")
	b.types("/digest weekly")
	b.presses("All figures", "The gap is first touch")
	b.sees("Promises due ")
	look("all figures")
	b.types("/digest leads")
	b.sees("highest scores, and nothing bought")
	look("the lead-feedback digest")
	b.eval(`(document.querySelector(".me").open = true)`)
	look("the people")
	b.goes("/as/mona/c/lead-feedback")
	look("a channel with digests")
	b.goes("/as/ann/home")
	look("Ann's home page")
	b.goes("/as/mia/c/lead-disputes")
	b.goes(b.eval(`document.querySelector(".replies").getAttribute("href")`))
	look("a thread")
	b.goes("/as/ann/dm")
	b.types("/objection")
	b.waits("the form is open", `document.querySelector("dialog[open]")`)
	b.eval(`document.querySelector("dialog[open] footer .primary").click()`)
	b.waits("a field is wrong", `document.querySelector("[aria-invalid]")`)
	look("a form with a fault")
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	b.goes("/as/ann/dm")
	b.do(chromedp.Click(chromedp.CSS("[data-nav]")))
	look("the channels on a phone")
}

// TestDigestsPrintOnTwoPages prints what "truce digest --format html" writes on A4.
func TestDigestsPrintOnTwoPages(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	file := demoFile(t)
	for _, kind := range []string{"leads", "weekly"} {
		c := exec.Command(truceBinary(t), "digest", kind, "--format", "html")
		c.Dir, c.Env = t.TempDir(), []string{"HOME=" + t.TempDir(), "TRUCE_STORAGE_PATH=" + file}
		html, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			if r.URL.Path == "/" {
				w.Write(html)
			}
		}))
		b := opens(t, strings.TrimPrefix(srv.URL, "http://"), "/")
		pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		pages := regexp.MustCompile(`/Count (\d+)`).FindSubmatch(pdf.Data)
		if pages == nil || string(pages[1]) != "1" && string(pages[1]) != "2" {
			t.Errorf("the %s digest is printed on %q pages, want at most 2", kind, pages)
		}
		srv.Close()
	}
}

// TestTheFirstPage is light and quick, and asks nobody else for anything. Its times are logged, not judged: other tests run
// beside it. On a quiet moment: go test ./bot -run TheFirstPage -v
func TestTheFirstPage(t *testing.T) {
	p := demo(t)
	opens(t, p.addr, "/").sees("Quillwater Assays") // the browser and the program are warm
	for _, first := range []struct {
		name, path       string
		requests, weight int64 // at most; Chromium may ask for the icon or not
		times            int
	}{
		{"page one", "/", 2, 12_000, 10},
		{"Ann's messages", "/as/ann/dm", 7, 150_000, 3},
		{"the cases", "/as/mia/c/lead-disputes", 7, 150_000, 3},
		{"Sam's home page", "/as/sam/home", 7, 150_000, 3},
	} {
		var sizes, requests, paints, whole []float64
		for range first.times {
			b := opens(t, p.addr, "/favicon.ico") // in a window with an empty cache
			b.do(chromedp.Navigate("http://" + p.addr + first.path))
			b.waits("it is drawn", `performance.getEntriesByName("first-contentful-paint").length && performance.getEntriesByType("navigation")[0].loadEventEnd`)
			for list, js := range map[*[]float64]string{
				&requests: `1 + performance.getEntriesByType("resource").length`,
				&sizes:    `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((n, r) => n + r.transferSize, 0)`,
				&paints:   `performance.getEntriesByName("first-contentful-paint")[0].startTime`,
				&whole:    `performance.getEntriesByType("navigation")[0].domComplete`,
			} {
				v, err := strconv.ParseFloat(b.eval(js), 64)
				if err != nil {
					t.Fatal(err)
				}
				*list = append(*list, v)
			}
			b.do(chromedp.Navigate("about:blank"))
			b.forgives() // the stream that broke
		}
		for _, l := range [][]float64{sizes, requests, paints, whole} {
			slices.Sort(l)
		}
		t.Logf("%s: %.0f requests, %.0f bytes, drawn after %.0f ms and complete after %.0f ms (medians of %d)", first.name, requests[first.times/2], sizes[first.times/2], paints[first.times/2], whole[first.times/2], first.times)
		if n, size := int64(requests[first.times-1]), int64(sizes[first.times-1]); n > first.requests || size > first.weight {
			t.Errorf("%s takes %d requests and %d bytes, want at most %d and %d", first.name, n, size, first.requests, first.weight)
		}
	}
	t.Logf("the demo's past was ready after %s", pastFile.took)
}
