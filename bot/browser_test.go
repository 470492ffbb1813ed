package main

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// This file tries the demo as two or three people at once, in a real browser, against the built binary.

// workspace is a running demo with its past.
func workspace(t *testing.T) *process {
	t.Helper()
	needBrowser(t)
	t.Parallel()
	return start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", demoFile(t), "--now", demoNow)
}

func TestObjectionsInTheBrowser(t *testing.T) {
	p := workspace(t)
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
	ann.sees("it helped 1 of 1 time")

	ann.types("The slide with the repeat runs got us a second meeting at Kestrel Bio")
	ann.waits("it is kept", `[...document.querySelectorAll(".msg")].at(-1).innerText.length > 40`)
	ann.goes("/as/ann/dm")
	ann.sees("The slide with the repeat runs got us a second meeting at Kestrel Bio")
	if mia.eval(`document.body.innerText.includes("archived blocks only")`) == "true" {
		t.Error("Mia reads what only Ann may")
	}
}

func TestLeadsInTheBrowser(t *testing.T) {
	p := workspace(t)
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
	return b.eval(`new URL([...document.querySelectorAll(".tries a")].find(a => a.innerText.includes("/dispute")).href).searchParams.get("` +
		side + `")`)
}

// leads are our references of newer leads of the person that can still be disputed, from the person's own list.
func (b *tab) leads(n int) []string {
	b.t.Helper()
	b.types("/lead mine")
	last := `[...document.querySelectorAll(".msg:has(table)")].at(-1)`
	b.waits("the rep's own leads", last)
	newer := func() []string {
		return strings.Fields(b.eval(`[...` + last +
			`.querySelectorAll("tbody tr")].map(r => r.cells).filter(c => Date.parse(c[3].innerText) > Date.parse("` + demoNow +
			`") - 12 * 864e5).map(c => c[0].innerText).join(" ")`))
	}
	list := newer()
	for range 10 { // those that wait for something come first, the rest behind
		more := b.eval(`[...` + last +
			`.querySelectorAll("button")].map(x => x.innerText.trim()).find(x => /^(The other [0-9]+|[0-9]+ more)$/.test(x)) ?? ""`)
		if more == "" {
			break
		}
		rows := b.eval(last + `.innerText`)
		b.presses(more, "Your open leads")
		b.waits("the rest of the list", fmt.Sprintf(last+`.innerText !== %q`, rows))
		list = append(list, newer()...)
	}
	if len(list) < n {
		b.t.Fatalf("%d newer leads, want %d", len(list), n)
	}
	return list
}

// disputes opens a case and returns its id.
func (b *tab) disputes(lead, reason, text string) string {
	b.t.Helper()
	b.types("/dispute " + lead + " " + reason + ": " + text)
	b.waits("the case is posted",
		fmt.Sprintf(`window.id = [...document.querySelectorAll(".msg")].reverse().filter(m => m.innerText.includes(%q)).map(m => m.innerText.match(/D-\d+ /)?.[0]).find(Boolean)`, text))
	return strings.TrimSpace(b.eval(`window.id`))
}

// lookedAt are the leads under a second look: a dispute of these is a plain no, and no case.
func lookedAt(t *testing.T, file string) (refs []string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT leads.ref FROM second_looks JOIN leads ON leads.id = second_looks.lead_id WHERE second_looks.ended_at IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	return refs
}

// TestDisputesInTheBrowser walks cases through all their branches, five people at once.
func TestDisputesInTheBrowser(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	file := demoFile(t)
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", file, "--now", demoNow)
	const room = "/c/lead-disputes"
	ann, mia := opens(t, p.addr, "/as/ann"+room), opens(t, p.addr, "/as/mia"+room)
	sam, mona := opens(t, p.addr, "/as/sam"+room), opens(t, p.addr, "/as/mona"+room)
	looked := lookedAt(t, file)
	disputable := func(b *tab) []string {
		list := slices.DeleteFunc(b.leads(4), func(ref string) bool { return slices.Contains(looked, ref) })
		if len(list) < 4 {
			t.Fatalf("%d leads of which a case can be opened", len(list))
		}
		return list[:4]
	}
	ben := opens(t, p.addr, "/as/ben"+room)
	leads := append(disputable(ann), disputable(ben)...)

	// Upheld. Who presses a moment later is told so.
	d := ann.disputes(leads[0], "wrong person", "A librarian who collects brochures.")
	mona.sees("A librarian who collects brochures.")
	// each has the buttons that are theirs
	for b, want := range map[*tab]string{ann: "Withdraw", mia: "Uphold|Decline…|Ask once…", sam: "", mona: "Uphold|Decline…|Ask once…"} {
		b.waits("the case is posted",
			fmt.Sprintf(`window.posted = [...document.querySelectorAll(".msg:not(.only)")].find(m => m.innerText.includes(%q))`, d+" ·"))
		if got := b.eval(`window.posted.innerText.match(/Uphold|Decline…|Ask once…|Withdraw/g)?.join("|") ?? ""`); got != want {
			t.Errorf("%s has %q, want %q", b.eval(`document.body.dataset.as`), got, want)
		}
	}
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
	mia.sees("its time has passed") // the reminder, drawn anew as the case moved
}

// TestAWeekInTheBrowser sees a week go by: deadlines pass, the summary of Thursday and the digest of Monday arrive, a rule
// comes of cases that were ruled alike, and all of it is there after the program has been stopped.
func TestAWeekInTheBrowser(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	file := demoFile(t)
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", file, "--now", demoNow)
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
		m.presses("Yes", "Content syndication")
	}
	mia.types("/dispute rules")
	mia.sees("in force")

	// The digests on request, and a figure opened down to its leads.
	sam.types("/digest weekly")
	sam.sees("The gap is first touch, most of all on Tuesdays.")
	sam.presses("All figures", "The gap is first touch")
	sam.sees("Promises due ")
	sam.types("/digest leads")
	sam.sees("highest scores, and none of its")
	sam.presses("The leads", "highest scores, and none of its")
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
	b.waits("Ann's words are ready, and Enter would send them",
		atLeft+`.querySelector("#text").value.startsWith("/dispute L-") && document.activeElement.contentDocument === `+atLeft+` && `+atLeft+
			`.activeElement.id === "text"`)
	b.eval(atLeft + `.querySelector(".send").click()`)
	b.waits("the case arrives at Mia's", `window.d = [...`+atRight+
		`.querySelectorAll("#log > .msg")].find(m => m.innerText.includes("freelance writer") && m.innerText.includes("4 like it in 30 days, all upheld"))`)
}

// TestTwoPeopleSideBySide follows page one's second proposal in one window: what Ann disputes arrives at Mia's side, and what
// Mia decides on Ann's.
func TestTwoPeopleSideBySide(t *testing.T) {
	p := workspace(t)
	b := opens(t, p.addr, "/")
	b.disputesSideBySide()
	b.eval(`[...window.d.querySelectorAll("button")].find(b => b.innerText === "Uphold").click()`)
	b.waits("Ann hears of it", atLeft+`.body.innerText.includes("upheld")`)
	b.waits("nothing is cut off", `[`+atLeft+`, `+atRight+`].every(d => d.documentElement.scrollWidth <= d.defaultView.innerWidth)`)
}
