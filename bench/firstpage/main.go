// Command firstpage measures how soon a page of the demo is there, against a page that holds one line of text, in turns, in the
// same headless Chromium:
//
//	go run ./bot demo &
//	go run ./bench/firstpage http://127.0.0.1:8080/ http://127.0.0.1:8080/as/ann/dm
//
// Each visit is one of somebody new: a window with an empty cache. Of each page it prints the medians of its requests, bytes and
// moments (milliseconds since the visit began), and how much longer each took than for the page of one line. That page comes from
// this program, over loopback as the others: what it takes is what the browser takes for any page. --warm visits with the
// browser's cache as the last visit has left it.
//
// On a machine with other work all figures grow, those of the page of one line too: compare the ratios, and take the milliseconds of
// a quiet machine. "drawn" is the browser's first contentful paint.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/chromedp/chromedp"
)

func main() {
	rounds := flag.Int("rounds", 15, "how often each page is visited")
	warm := flag.Bool("warm", false, "keep the window, and with it the cache, from visit to visit")
	flag.Parse()
	if flag.NArg() == 0 || *rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: firstpage [--rounds N] [--warm] URL...")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, flag.Args(), *rounds, *warm); err != nil {
		fmt.Fprintln(os.Stderr, "firstpage:", err)
		os.Exit(1)
	}
}

// visit is what the browser says about one visit; moments in milliseconds since it began.
type visit struct {
	Requests, Bytes               float64
	Answer, Read, Drawn, Complete float64
}

const ask = `(() => {
	const [nav] = performance.getEntriesByType("navigation"), [drawn] = performance.getEntriesByName("first-contentful-paint");
	if (!nav.loadEventEnd || !drawn) return null;
	const all = [nav, ...performance.getEntriesByType("resource")];
	return {requests: all.length, bytes: all.reduce((n, e) => n + e.transferSize, 0), answer: nav.responseStart, read: nav.domInteractive, drawn: drawn.startTime, complete: nav.domComplete};
})()`

func run(ctx context.Context, out io.Writer, pages []string, rounds int, warm bool) error {
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><html lang="en"><title>One line</title><link rel="icon" href="data:,"><p>One line.`)
	}))
	defer control.Close()
	pages = append([]string{control.URL + "/"}, pages...)
	alloc, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.WindowSize(1280, 800))...)
	defer stop()
	browser, cancel := chromedp.NewContext(alloc)
	defer cancel()
	if err := chromedp.Do(browser, chromedp.Navigate(pages[0])); err != nil {
		return fmt.Errorf("start Chromium: %w", err)
	}
	visits := make([][]visit, len(pages))
	for round := range rounds + 1 { // the first warms the browser and the server and is not counted
		for i, page := range pages {
			v, err := see(browser, page, warm)
			if err != nil {
				return fmt.Errorf("visit %s: %w", page, err)
			}
			if round > 0 {
				visits[i] = append(visits[i], v)
			}
		}
	}
	return report(out, pages, visits)
}

// see visits a page.
func see(browser context.Context, page string, warm bool) (visit, error) {
	var opts []chromedp.ContextOption
	if !warm {
		opts = append(opts, chromedp.WithNewBrowserContext())
	}
	ctx, cancel := chromedp.NewContext(browser, opts...)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		return visit{}, err
	}
	time.Sleep(300 * time.Millisecond) // the new window comes to rest
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		return visit{}, err
	}
	for {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[json.RawMessage](ask))
		if err != nil {
			return visit{}, err
		}
		if string(v) != "null" {
			var got visit
			return got, json.Unmarshal(v, &got)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func report(out io.Writer, pages []string, visits [][]visit) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "requests\tbytes\tanswer\tread\tdrawn\tcomplete\t\t")
	base := middle(visits[0])
	for i, page := range pages {
		m := middle(visits[i])
		fmt.Fprintf(w, "%.0f\t%.0f\t%.0f ms\t%.0f ms\t%.0f ms\t%.0f ms\t\t%s\n", m.Requests, m.Bytes, m.Answer, m.Read, m.Drawn, m.Complete, page)
		if i > 0 {
			fmt.Fprintf(w, "\t\t%.2f\t%.2f\t%.2f\t%.2f\t\ttimes the page of one line\n", m.Answer/base.Answer, m.Read/base.Read, m.Drawn/base.Drawn,
				m.Complete/base.Complete)
		}
	}
	return w.Flush()
}

// middle is the median of each figure for itself.
func middle(visits []visit) visit {
	of := func(figure func(visit) float64) float64 {
		s := slices.SortedFunc(slices.Values(visits), func(a, b visit) int { return cmp.Compare(figure(a), figure(b)) })
		return (figure(s[(len(s)-1)/2]) + figure(s[len(s)/2])) / 2
	}
	return visit{
		Requests: of(func(v visit) float64 { return v.Requests }), Bytes: of(func(v visit) float64 { return v.Bytes }),
		Answer: of(func(v visit) float64 { return v.Answer }), Read: of(func(v visit) float64 { return v.Read }),
		Drawn: of(func(v visit) float64 { return v.Drawn }), Complete: of(func(v visit) float64 { return v.Complete }),
	}
}
