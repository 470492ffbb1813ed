package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// This file tries the demo as two or three people at once, in a real browser, against the built binary.

// demo is a running demo with its past.
func demo(t *testing.T) *process {
	t.Helper()
	needBrowser(t)
	t.Parallel()
	return start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", demoFile(t))
}

func TestObjectionsInTheBrowser(t *testing.T) {
	p := demo(t)
	ann, mia := opens(t, p.addr, "/as/ann/dm"), opens(t, p.addr, "/as/mia/dm")

	ann.types(`/objection <script>document.title = "owned"</script> they say <b>the price</b> is too high`)
	ann.sees("Logged as Price")
	ann.sees(`<script>document.title = "owned"</script> they say <b>the price</b> is too high`)
	ann.sees("Say this")
	if got := ann.eval(`document.title + document.querySelectorAll("#log b b, #log script").length`); strings.Contains(got, "owned") {
		t.Errorf("what was typed runs: %s", got)
	}

	ann.presses("Edit", "they say <b>the price</b>")
	ann.sends("account", "Oakridge Pharma", "stage", "negotiation")
	ann.sees("account Oakridge Pharma")
	ann.sees("(edited)")
	ann.presses("Undo", "they say <b>the price</b>")
	ann.sees("counts nowhere")
	ann.presses("Restore", "they say <b>the price</b>")
	ann.waits("it is logged again", `[...document.querySelectorAll(".msg")].at(-1).innerText.includes("Logged as Price")`)

	ann.types("/objection")
	ann.sends("text", "Is it validated on FFPE? They have archived blocks only", "theme", "validation-regulatory", "account", "Lakeshore Labs")
	ann.sees("Logged as Validation and regulatory")
	ann.sees("No approved answer yet")

	mia.types("/objection answer validation and regulatory")
	mia.sends("body", "Yes, on 40 blocks of three tissues: here is the report.", "claim", "technical")
	mia.sees("Approved")
	ann.types("/objection the pathologist asks whether it is validated on FFPE")
	ann.sees("Yes, on 40 blocks of three tissues")
	ann.presses("Helped", "Yes, on 40 blocks")
	ann.sees("it helped 1 of 1 times")

	ann.types("The slide with the repeat runs got us a second meeting at Kestrel Bio")
	ann.waits("it is kept", `[...document.querySelectorAll(".msg")].at(-1).innerText.length > 40`)
	ann.goes("/as/ann/dm")
	ann.sees("The slide with the repeat runs got us a second meeting at Kestrel Bio")
	if mia.eval(`document.body.innerText.includes("archived blocks only")`) == "true" {
		t.Error("Mia reads what only Ann may")
	}
}

func TestLeadsInTheBrowser(t *testing.T) {
	p := demo(t)
	ann := opens(t, p.addr, "/as/ann/dm")
	ids := ann.leads(3)
	ann.types("/lead " + ids[0])
	ann.sees("handed over to Sales")
	ann.presses("Accept", ids[0]+" ·")
	ann.says(ids[0]+" ·", "Reject…", "accepted\n")
	ann.presses("Good", ids[0]+" ·")
	ann.says(ids[0]+" ·", "good")
	ann.types("/lead " + ids[1])
	ann.presses("Reject…", ids[1]+" ·")
	ann.sends("reason", "no-budget", "note", "Their grant was not renewed")
	ann.sees("Their grant was not renewed")
	ann.goes("/as/ann/dm")
	ann.sees("Their grant was not renewed")
}

// proposedDispute is where page one leads to: Ann's side ("left") or Mia's ("right") of the window with both.
func (b *tab) proposedDispute(side string) string {
	b.t.Helper()
	return b.eval(`new URL([...document.querySelectorAll(".tries a")].find(a => a.innerText.includes("/dispute")).href).searchParams.get("` + side + `")`)
}

// leads are our references of newer leads of the person that can still be disputed, from the person's own list.
func (b *tab) leads(n int) []string {
	b.t.Helper()
	b.types("/lead mine")
	last := `[...document.querySelectorAll(".msg:has(table)")].at(-1)`
	b.waits("the rep's own leads", last)
	list := strings.Fields(b.eval(`[...` + last + `.querySelectorAll("tbody tr")].map(r => r.cells).filter(c => Date.parse(c[3].innerText) > Date.now() - 12 * 864e5).map(c => c[0].innerText).join(" ")`))
	if len(list) < n {
		b.t.Fatalf("%d newer leads, want %d", len(list), n)
	}
	return list
}

// disputes opens a case and returns its id.
func (b *tab) disputes(lead, reason, text string) string {
	b.t.Helper()
	b.types("/dispute " + lead + " " + reason + ": " + text)
	b.waits("the case is posted", fmt.Sprintf(`window.id = [...document.querySelectorAll(".msg")].reverse().filter(m => m.innerText.includes(%q)).map(m => m.innerText.match(/D-\d+ /)?.[0]).find(Boolean)`, text))
	return strings.TrimSpace(b.eval(`window.id`))
}

// TestDisputesInTheBrowser walks cases through all their branches, five people at once.
func TestDisputesInTheBrowser(t *testing.T) {
	p := demo(t)
	const room = "/c/lead-disputes"
	ann, mia := opens(t, p.addr, "/as/ann"+room), opens(t, p.addr, "/as/mia"+room)
	sam, mona := opens(t, p.addr, "/as/sam"+room), opens(t, p.addr, "/as/mona"+room)
	leads := ann.leads(4)
	ben := opens(t, p.addr, "/as/ben"+room)
	leads = append(leads[:4], ben.leads(4)...)

	// Upheld. Who presses a moment later is told so.
	d := ann.disputes(leads[0], "wrong person", "A librarian who collects brochures.")
	mona.sees("A librarian who collects brochures.")
	mona.eval(`document.querySelector("[hx-sse\\:connect]").remove()`) // Mona's page stands still
	mia.presses("Uphold", d+" ·")
	ann.says(d+" ·", "upheld by Marketing")
	mona.presses("Uphold", d+" ·")
	mona.sees("Already upheld by Marketing")
	mona.sees("Nothing changed")
	mona.goes("/as/mona" + room)

	// Declined, and accepted.
	d = ann.disputes(leads[1], "wrong person", "Does not remember the form.")
	mia.presses("Decline…", d+" ·")
	mia.sends("text", "She asked for a quote yesterday.")
	ann.sees("She asked for a quote yesterday.")
	ann.presses("Accept that", d+" ·")
	mia.sees("accepted by the rep")

	// Declined, escalated, and both managers agree.
	d = ann.disputes(leads[2], "wrong person", "An intern with no budget.")
	mia.presses("Decline…", d+" ·")
	mia.sends("text", "The intern's head signs.")
	ann.presses("Escalate…", d+" ·")
	ann.sends("text", "The head told me the opposite.")
	sam.presses("Rule: uphold…", d+" ·")
	sam.sends("text", "I called too.")
	mona.sees("The manager of Sales upholds")
	mona.presses("Rule: uphold…", d+" ·")
	mona.sends("text", "Then it goes back.")
	ann.sees("upheld by both sides' managers")

	// Declined, escalated, and the managers do not agree: the sponsor decides.
	d = ann.disputes(leads[3], "wrong person", "Works in another building.")
	mia.presses("Decline…", d+" ·")
	mia.sends("text", "Same department.")
	ann.presses("Escalate…", d+" ·")
	ann.sends("text", "Different budget.")
	sam.presses("Rule: uphold…", d+" ·")
	sam.sends()
	mona.presses("Rule: decline…", d+" ·")
	mona.sends()
	sam.goes("/as/pat" + room)
	sam.presses("Rule: decline…", d+" ·")
	sam.sends("text", "One call settles it.")
	ann.sees("declined by the sponsor")
	sam.goes("/as/sam" + room)

	// Asked once, answered, upheld.
	d = ben.disputes(leads[4], "bad contact data", "The number is a fax.")
	mia.presses("Ask once…", d+" ·")
	mia.sends("text", "Did the mail bounce as well?")
	ben.sees("Did the mail bounce as well?")
	ben.presses("Answer…", d+" ·")
	ben.sends("text", "It did, twice.")
	mia.sees("It did, twice.")
	mia.presses("Uphold", d+" ·")
	ben.says(d+" ·", "upheld by Marketing")

	// Withdrawn.
	d = ben.disputes(leads[5], "duplicate", "Have seen this one.")
	ben.presses("Withdraw", d)
	mia.sees("withdrawn by the rep")

	// Declined and accepted, then re-opened with new evidence.
	d = ben.disputes(leads[6], "outside ICP", "Three people and a fridge.")
	mia.presses("Decline…", d+" ·")
	mia.sends("text", "They are hiring.")
	ben.presses("Accept that", d+" ·")
	ben.presses("Re-open…", d+" ·")
	ben.sends("text", "They closed last week.")
	mia.sees("They closed last week.")
	mia.presses("Uphold", d+" ·")

	// Nobody answers: reminded, then silence moves the case.
	d = ben.disputes(leads[7], "outside ICP", "A bakery, by the look of it.")
	for range 3 {
		mia.moves("day")
	}
	ben.says(d+" ·", "by lapse")
	mia.goes("/as/mia/dm")
	mia.sees("A reminder")
}

// TestAWeekInTheBrowser sees a week go by: deadlines pass, the summary of Thursday and the digest of Monday arrive, a rule
// comes of cases that were ruled alike, and all of it is there after the program has been stopped.
func TestAWeekInTheBrowser(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	file := demoFile(t)
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", file)
	ann, sam := opens(t, p.addr, "/"), opens(t, p.addr, "/as/sam/dm")

	// Page one leads on: to the dispute it proposes, with the words ready to send; here only Ann's side of it.
	ann.sees("highest score (81)")
	ann.goes(ann.proposedDispute("left"))
	ann.waits("the words are ready", `document.querySelector("#text")?.value.startsWith("/dispute L-")`)
	ann.waits("the page is alive", `document.querySelector(".composer")?.hasAttribute("data-htmx-powered")`)
	ann.do(chromedp.Click(chromedp.CSS("#text")))
	ann.enters()
	ann.waits("the case is open", `window.id = [...document.querySelectorAll(".msg")].at(-1).innerText.match(/(D-\d+) is open/)?.[1]`)
	d := ann.eval(`window.id`)
	mia, mona := opens(t, p.addr, "/as/mia/c/lead-disputes"), opens(t, p.addr, "/as/mona/dm")
	mia.says(d+" ·", "4 like it in 30 days, all upheld")
	mia.presses("Uphold", d+" ·")
	mia.presses("Propose as a rule…", d+" ·")
	mia.sends()
	for _, m := range []*tab{sam, mona} {
		m.presses("Yes, make it a rule", "Content syndication")
	}
	mia.types("/dispute rules")
	mia.sees("in force")

	// The digests on request, and a figure opened down to its leads.
	sam.types("/digest weekly")
	sam.sees("The gap is first touch on Tuesdays.")
	sam.presses("All figures", "The gap is first touch")
	sam.sees("Promises due ")
	sam.types("/digest leads")
	sam.sees("highest scores, and nothing bought")
	sam.presses("The leads", "highest scores, and nothing bought")
	sam.waits("the leads behind it", `[...document.querySelectorAll(".msg")].at(-1).querySelectorAll("table button.link").length > 3`)

	// A week.
	sam.goes("/as/sam/c/alignment")
	count := `document.querySelectorAll("#log > .msg").length`
	before := sam.eval(count)
	begin := time.Now()
	sam.moves("monday")
	sam.moves("hour")
	took := time.Since(begin)
	sam.waits("Thursday's summary has come", count+" > "+before)
	sam.goes("/as/sam/c/lead-feedback")
	sam.sees("Monday")
	mia.goes("/as/mia/c/lead-disputes")
	mia.sees("by lapse")
	if took > time.Minute {
		t.Errorf("a week takes %s", took)
	}
	t.Logf("a week and an hour took %s", took)

	// Stopped and started again, nothing is gone.
	clock := sam.eval(`document.querySelector("#clock").innerText`)
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Errorf("exit status %d\n%s", status, p.log)
	}
	for _, b := range []*tab{ann, mia, sam, mona} {
		b.do(chromedp.Navigate("about:blank"))
		b.forgives() // the browser reports the stream that broke
	}
	p = start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", file)
	ann = opens(t, p.addr, "/as/ann/dm")
	ann.sees(d + " is open")
	if now := ann.eval(`document.querySelector("#clock").innerText`); now[:3] != clock[:3] {
		t.Errorf("the clock stood at %s and stands at %s", clock, now)
	}
}

// What stands in a window with two people.
const (
	atLeft  = `document.querySelectorAll("iframe")[0]?.contentDocument`
	atRight = `document.querySelectorAll("iframe")[1]?.contentDocument`
)

// disputesSideBySide does from page one what its second proposal says, until the case has arrived on Mia's side, where it is
// window.d.
func (b *tab) disputesSideBySide() {
	b.t.Helper()
	b.eval(`[...document.querySelectorAll(".tries a")].find(a => a.innerText.includes("/dispute")).click()`)
	b.waits("both are there, alive", `[`+atLeft+`, `+atRight+`].every(d => d?.querySelector(".composer")?.hasAttribute("data-htmx-powered"))`)
	b.waits("Ann's words are ready", atLeft+`.querySelector("#text").value.startsWith("/dispute L-")`)
	b.eval(atLeft + `.querySelector(".send").click()`)
	b.waits("the case arrives at Mia's", `window.d = [...`+atRight+`.querySelectorAll("#log > .msg")].find(m => m.innerText.includes("freelance writer") && m.innerText.includes("4 like it in 30 days, all upheld"))`)
}

// TestTwoPeopleSideBySide follows page one's second proposal in one window: what Ann disputes arrives at Mia's side, and what
// Mia decides on Ann's.
func TestTwoPeopleSideBySide(t *testing.T) {
	p := demo(t)
	b := opens(t, p.addr, "/")
	b.disputesSideBySide()
	b.eval(`[...window.d.querySelectorAll("button")].find(b => b.innerText === "Uphold").click()`)
	b.waits("Ann hears of it", atLeft+`.body.innerText.includes("upheld")`)
	b.waits("nothing is cut off", `[`+atLeft+`, `+atRight+`].every(d => d.documentElement.scrollWidth <= d.defaultView.innerWidth)`)
}

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
			time.Sleep(300 * time.Millisecond) // colours that are on their way are judged as they are
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
