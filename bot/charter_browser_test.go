package main

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheCharterInTheBrowser changes Quillwater's charter as three people in tabs of their own: Pat asks more of both sides, each
// says yes, and the summary draws it from that day on.
func TestTheCharterInTheBrowser(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", demoFile(t), "--now", demoNow)
	pat, sam, mona := opens(t, p.addr, "/as/pat/dm"), opens(t, p.addr, "/as/sam/dm"), opens(t, p.addr, "/as/mona/dm")
	pat.types("/charter")
	pat.says("Sales: first touch in time", "11 of 12 signed, 1 could not")
	pat.says("I cover two regions until Ines is back in spring") // Hugo's reason, at Pat's only
	sam.types("/charter history")
	sam.says("Sales: first touch in time 80 % to 90 %")
	pat.types("/charter propose")
	pat.sends("marketing", "leads in 13 weeks: 600\ninside the ICP: 75 %\nanswers to disputes in time: 90 %", "sales",
		"first touch in time: 85 %\nverdicts in time: 80 %\nnot worked, at most: 10 %")
	pat.says("Marketing: leads in 13 weeks 580 to 600", "Waiting for a yes of a manager of Sales and a manager of Marketing")
	for _, m := range []*tab{sam, mona} {
		m.presses("Yes", "Marketing: leads in 13 weeks 580 to 600")
	}
	pat.types("/charter")
	pat.says("v3", "Sales: first touch in time")
	sam.moves("monday")
	sam.types("/digest weekly")
	sam.says("Changed in the last 13 weeks", "Marketing: leads in 13 weeks 580 to 600 (23 Nov)")
	for _, b := range []*tab{pat, sam, mona} { // a page that is left open asks for what is gone
		b.do(chromedp.Navigate("about:blank"))
	}
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Errorf("exit status %d\n%s", status, p.log)
	}
	for _, b := range []*tab{pat, sam, mona} {
		b.forgives() // the browser reports the stream that broke
	}
}
