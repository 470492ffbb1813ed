package main

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// This file looks at the demo's pages as such: who can use them, how light they are, how they print.

// TestNobodyIsKeptOut looks for what people with a screen reader or a keyboard stumble over, with axe-core, light and dark.
func TestNobodyIsKeptOut(t *testing.T) {
	axe := axeSource(t)
	p := workspace(t)
	b := opens(t, p.addr, "/")
	look := func(what string) {
		t.Helper()
		b.looksWithAxe(axe, what)
	}
	look("page one")
	b.goes("/as/sam/dm")
	b.types("/digest weekly")
	b.presses("All figures", "The gap is first touch")
	b.sees("Promises due ")
	look("all figures")
	b.types("/digest leads")
	b.sees("highest scores, and none of its")
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

// TestDigestsPrintWithAPageToHangUp prints what "truce digest --format html" writes on A4: what managers and the sponsor are to look at
// stands on page one alone, and the figures begin on the next.
func TestDigestsPrintWithAPageToHangUp(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	file := demoFile(t)
	for kind, first := range map[string]int{"weekly": 1, "monthly": 1, "leads": 2} {
		c := exec.Command(truceBinary(t), "digest", kind, "--as-of", demoNow, "--format", "html")
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
		pages := func() int {
			pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
			if err != nil {
				t.Fatal(err)
			}
			m := regexp.MustCompile(`/Count (\d+)`).FindSubmatch(pdf.Data)
			if m == nil {
				t.Fatalf("%s: a file without pages", kind)
			}
			n, err := strconv.Atoi(string(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := pages(); n > first+6 {
			t.Errorf("the %s digest is printed on %d pages, want at most %d", kind, n, first+6)
		}
		b.eval(`document.querySelectorAll(".figures, .foot").forEach(e => e.remove())`)
		if n := pages(); n != first {
			t.Errorf("what is to be looked at of the %s digest takes %d pages, want %d", kind, n, first)
		}
		srv.Close()
	}
}

// TestTheFirstPage is light, and asks nobody else for anything. How quick it is, bench/firstpage measures.
func TestTheFirstPage(t *testing.T) {
	p := workspace(t)
	for _, first := range []struct {
		name, path       string
		requests, weight int64 // at most; of the workspace Chromium may ask for the icon or not
	}{
		{"page one", "/", 1, 12_000},
		{"Ann's messages", "/as/ann/dm", 7, 150_000},
		{"the cases", "/as/mia/c/lead-disputes", 7, 150_000},
		{"Sam's home page", "/as/sam/home", 7, 150_000},
	} {
		b := opens(t, p.addr, first.path) // in a window with an empty cache
		b.waits("it is drawn", `performance.getEntriesByName("first-contentful-paint").length && performance.getEntriesByType("navigation")[0].loadEventEnd`)
		figure := func(js string) int64 {
			v, err := strconv.ParseInt(b.eval(`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((n, r) => n + `+js+`, 0)`), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		n, size := figure("1"), figure("r.transferSize")
		t.Logf("%s: %d requests, %d bytes", first.name, n, size)
		if n > first.requests || size > first.weight {
			t.Errorf("%s takes %d requests and %d bytes, want at most %d and %d", first.name, n, size, first.requests, first.weight)
		}
		b.do(chromedp.Navigate("about:blank"))
		b.forgives() // the stream that broke
	}
}
