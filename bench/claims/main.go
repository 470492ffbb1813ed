// Claims measures what the digests claim: how many companies in which nothing differs get a false claim in a year of weekly
// looks, and how soon a difference that is there is found.
//
//	go run ./bench/claims                 weekly counts, straight into the code that decides (schedules/digests/claims.go)
//	go run ./bench/claims -digests 12     besides, 12 companies of three sizes through whole digests on a database
//	go run ./bench/claims -years 25       instead, 25 companies of each size through the digests of a year, with every kind of claim
//	go run ./bench/claims -counted 1000   instead, 1,000 companies of each size as those of -years, without a database: all kinds but
//	                                      the evidence for the profile
//	go run ./bench/claims -compare FILE   instead, count the companies of a file of -years: what their digests claimed otherwise
//	go run ./bench/claims -score          instead, only what is said of score against ratings
//	go run ./bench/claims -power -among 4 instead, only how soon differences are found, of one of four sources and not of eight
//	... -years 25 -sizes 4x20,12x40       only these sizes
//	... -counted 1000 -kinds "rising"     only these kinds, of the same companies; a file of its own for each choice of them
//	... -years 99 -minutes 60 -out FILE   each company is a line of the file once it has had its year; those in it are not run again
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"text/tabwriter"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/schedules/stats"
)

var (
	companies = flag.Int("companies", 200, "companies of each size or effect")
	through   = flag.Int("digests", 0, "besides, companies of three sizes through whole digests")
	only      = flag.Bool("power", false, "only how soon differences are found")
	among     = flag.Int("among", 8, "of how soon differences are found: sources of like size that the one which differs is among")
	yearly    = flag.Int("years", 0, "instead, so many companies of each size through the digests of a year, week by week, with every kind "+
		"of claim")
	minutes = flag.Float64("minutes", 0, "of -years and -counted: begin no company after so many")
	kinds   = flag.String("kinds", "", "of -counted: only these kinds of claims, by commas, as in \"sent back,bought\"; otherwise all it can")
	seed    = flag.Uint64("seed", 1, "of the companies")
	scoring = flag.Bool("score", false, "instead, only what is said of score against ratings: how often falsely, how often rightly")
	many    = flag.Int("counted", 0, "instead, so many of the companies of -years, without a database: all kinds but evidence")
	same    = flag.String("compare", "", "instead, count the companies of a file of -years and say where its digests claimed otherwise")
	profile = flag.String("profile", "", "write a profile of the processor's time to this file")
	of      = flag.String("sizes", "", "of -years: only these sizes, in this order, as in 4x20,12x40; otherwise all")
	out     = flag.String("out", "", "of -years: the file that each company is written to, and those run before are read from")
)

const (
	history = 52 // weeks of records before the looks
	looks   = 52

	judgedShare = .9 // of the leads; the others nobody ever judges
)

// company is what leads are drawn from. Nothing in it differs by source but what is planted.
type company struct {
	sources  int
	perWeek  float64
	shares   []float64
	sentBack float64 // of the judged, on the average of strict weeks and mild ones
	wins     float64 // of the judged
	plant    plant
	r        *rand.Rand
}

// plant is a difference of source 0.
type plant struct {
	from     int     // the first week it is so
	sentBack float64 // added
	wins     float64 // times
	leads    float64 // of the source in 13 weeks that are judged; 0: its share
}

// lead is one lead's fate in days since it qualified; 0 is never.
type lead struct {
	source int
	day    int
	judged int
	back   bool
	closed int
	won    bool
}

func newCompany(sources int, perWeek float64, seed uint64) *company {
	c := &company{sources: sources, perWeek: perWeek, r: rand.New(rand.NewPCG(seed, 14))}
	sum := 0.0
	for range sources {
		w := .3 + c.r.ExpFloat64()
		c.shares, sum = append(c.shares, w), sum+w
	}
	for i := range c.shares {
		c.shares[i] /= sum
	}
	c.sentBack = .08 + .22*c.r.Float64()
	c.wins = .1 + .2*c.r.Float64()
	return c
}

func (c *company) poisson(mean float64) int {
	n, p, stop := 0, 1.0, math.Exp(-mean)
	for {
		if p *= c.r.Float64(); p <= stop {
			return n
		}
		n++
	}
}

// draw draws the leads of all weeks.
func (c *company) draw(weeks int) (leads []lead) {
	for week := range weeks {
		season := 1 + .25*math.Sin(2*math.Pi*float64(week)/52)
		batch := (c.r.ExpFloat64() - 1) * .04 // a strict week of everybody's, or a mild one
		for s := range c.sources {
			mean := c.perWeek * c.shares[s] * season
			if s == 0 && c.plant.leads > 0 {
				mean = c.plant.leads / 13 / judgedShare
			}
			for range c.poisson(mean) {
				l := lead{source: s, day: 7*week + c.r.IntN(7)}
				back, wins := c.sentBack+batch, c.wins
				if s == 0 && week >= c.plant.from {
					back += c.plant.sentBack
					if c.plant.wins > 0 {
						wins *= c.plant.wins
					}
				}
				if c.r.Float64() < judgedShare {
					l.judged = 1 + int(c.r.ExpFloat64()*4)
					l.back = c.r.Float64() < back
					if !l.back {
						l.closed = max(l.judged+1, 10+int(math.Exp(math.Log(60)+.6*c.r.NormFloat64())))
						l.won = c.r.Float64() < wins/(1-back)
					}
				}
				leads = append(leads, l)
			}
		}
	}
	return leads
}

// weeks is the counts of leads as the digest of the last week reads them; looks at the end of each of the last ones are played over.
func (c *company) weeks(leads []lead, n int) *digests.Weeks {
	w := &digests.Weeks{First: first, N: n, Looks: min(n, looks), Changes: make([][]digests.Change, n)}
	for s := range c.sources {
		w.Sources = append(w.Sources, fmt.Sprintf("Source %02d", s))
	}
	for _, l := range leads {
		note := func(day int, m truce.Marks) {
			if week := (l.day + day) / 7; week < n {
				w.Changes[week] = append(w.Changes[week], digests.Change{Source: l.source, Week: l.day / 7, Mark: m, N: 1})
			}
		}
		if l.judged > 0 {
			note(l.judged, truce.MarkJudged)
			if l.back {
				note(l.judged, truce.MarkSentBack)
				note(l.judged, truce.MarkSourceFault)
			}
		}
		switch {
		case l.closed > 0 && l.won:
			note(l.closed, truce.MarkWon)
		case l.closed > 0:
			note(l.closed, truce.MarkLost)
		}
	}
	return w
}

// each runs fn for companies side by side.
func each(n int, fn func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func main() {
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench/claims:", err)
			os.Exit(1)
		}
		defer f.Close()
		defer pprof.StopCPUProfile()
	}
	if *yearly > 0 {
		if err := years(context.Background(), *yearly, time.Duration(*minutes*float64(time.Minute))); err != nil {
			fmt.Fprintln(os.Stderr, "bench/claims:", err)
			os.Exit(1)
		}
		return
	}
	switch {
	case *scoring:
		scores()
		return
	case *many > 0 || *same != "":
		run := func() error { return manyCounted(*many) }
		if *same != "" {
			run = func() error { return compare(*same) }
		}
		if err := run(); err != nil {
			fmt.Fprintln(os.Stderr, "bench/claims:", err)
			os.Exit(1)
		}
		return
	}
	var err error
	if !*only {
		err = flat()
	}
	if err == nil {
		power()
		otherPower()
		if *through > 0 {
			err = whole(context.Background(), *through)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/claims:", err)
		os.Exit(1)
	}
}

// claimed is which kinds of claims a company saw within the looks.
type claimed struct{ sentBack, bought, overTime, promise, rising bool }

func (c claimed) any() bool { return c != claimed{} }

// atEveryLook asks what the digests of each of the last weeks claim. What is told of sources is asked once, for its dates are those of
// the looks.
func (c *company) atEveryLook(ws *digests.Weeks) (k claimed) {
	all := ws.Claims(false)
	k.sentBack, k.bought = len(all.SentBack) > 0, len(all.Bought) > 0
	promises, themes := c.promises(), c.themes()
	for n := history; n <= history+looks; n++ {
		part := *ws
		part.N, part.Changes, part.Looks = n, ws.Changes[:n], min(looks, n)
		if _, ok := part.OverTime(); ok {
			k.overTime = true
		}
	}
	for _, weeks := range promises {
		if told, ok := digests.Below(digests.UnderOne(.9, weeks), 0, func(int) int { return len(promises) }); ok &&
			(told.Ended == 0 || told.Ended >= history) {
			k.promise = true
		}
	}
	for n := history + 1; n <= history+looks && !k.rising; n++ {
		k.rising = len(themesAt(themes, n).Rising()) > 0
	}
	return k
}

// promises are kept in nine of ten cases, as was promised.
func (c *company) promises() (list [3][]stats.Proportion) {
	for i := range list {
		for range history + looks {
			var p stats.Proportion
			for range c.poisson(c.perWeek) {
				if p.N++; c.r.Float64() < .9 {
					p.K++
				}
			}
			list[i] = append(list[i], p)
		}
	}
	return list
}

// otherPower is how soon a promise of 90 % that is kept at 80 % is said to be kept too rarely, and a theme that is heard three times as
// often to be rising.
func otherPower() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "effect\ta week\twithin 13 weeks\t26")
	within := func(name string, a float64, find func(c *company) int) {
		var found [2]int
		for i := range *companies {
			week := find(newCompany(4, 20, *seed<<32+uint64(i)))
			for at, most := range []int{13, 26} {
				if week <= most {
					found[at]++
				}
			}
		}
		fmt.Fprintf(w, "%s\t%v\t%s\t%s\n", name, a, percent(found[0]), percent(found[1]))
	}
	for _, due := range []float64{4, 12, 30} {
		within("90 % promised, 80 % kept", due, func(c *company) int {
			var weeks []stats.Proportion
			for week := range history + 26 {
				p, rate := stats.Proportion{N: c.poisson(due)}, map[bool]float64{true: .8, false: .9}[week >= history]
				for range p.N {
					if c.r.Float64() < rate {
						p.K++
					}
				}
				weeks = append(weeks, p)
			}
			if told, ok := digests.Below(digests.UnderOne(.9, weeks), 0, func(int) int { return 3 }); ok && told.Since >= history {
				return told.Since - history + 1
			}
			return math.MaxInt
		})
	}
	for _, of := range []struct{ heard, others float64 }{{.5, 10}, {1, 10}, {2, 10}, {4, 10}, {.5, 30}, {1, 30}, {2, 30}} {
		heard := of.heard
		within(fmt.Sprintf("heard 3 times as often, beside %.0f others", of.others), heard, func(c *company) int {
			t := digests.NewThemes(first, history+26)
			for week := range t.Weeks {
				for range c.poisson(heard * map[bool]float64{true: 3, false: 1}[week >= history]) {
					t.Heard("it", week)
				}
				for range c.poisson(of.others) {
					t.Heard("others", week)
				}
			}
			if since, ok := t.EverRising()["it"]; ok {
				return (since.Number()-first.Number())/7 - history
			}
			return math.MaxInt
		})
	}
	w.Flush()
}

// heardWeeks is how often each of the themes is heard in each week.
type heardWeeks [15][history + looks]int

// themes are heard as often as ever, some more and some less.
func (c *company) themes() (list heardWeeks) {
	for i := range list {
		mean := c.perWeek / 2 / float64(i+2)
		for week := range list[i] {
			list[i][week] = c.poisson(mean)
		}
	}
	return list
}

// themesAt is what the digest after n weeks reads of them.
func themesAt(list heardWeeks, n int) *digests.Themes {
	t := digests.ThemesAt(first.Add(7 * n))
	for i, weeks := range list {
		for week, times := range weeks[:n] {
			if at := week + (first.Number()-t.First.Number())/7; at >= 0 {
				for range times {
					t.Heard(fmt.Sprint("theme ", i), at)
				}
			}
		}
	}
	return t
}

func flat() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Years of %d companies of each size in which nothing differs, with a false claim\n\n", *companies)
	fmt.Fprintln(w, "sources\tleads a week\tsent back\tbought\tover time\tpromise\trising\tany")
	for _, sources := range []int{4, 8, 12} {
		for _, perWeek := range []float64{8, 20, 40} {
			counts := make([]claimed, *companies)
			each(*companies, func(i int) {
				c := newCompany(sources, perWeek, *seed<<32+uint64(i)<<12+uint64(sources)<<6+uint64(perWeek))
				counts[i] = c.atEveryLook(c.weeks(c.draw(history+looks), history+looks))
			})
			fmt.Fprintf(w, "%d\t%.0f", sources, perWeek)
			for _, is := range []func(claimed) bool{func(c claimed) bool { return c.sentBack }, func(c claimed) bool { return c.bought },
				func(c claimed) bool { return c.overTime },
				func(c claimed) bool { return c.promise }, func(c claimed) bool { return c.rising }, claimed.any} {
				n := 0
				for _, c := range counts {
					if is(c) {
						n++
					}
				}
				fmt.Fprintf(w, "\t%s", percent(n))
			}
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

// percent is a share of the companies.
func percent(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(*companies)) }

func power() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "effect\tjudged in 13 weeks\twithin 13 weeks\t26\t44\twrong source")
	for _, e := range []struct {
		name  string
		plant plant
		leads []float64
	}{{"+20 points sent back", plant{sentBack: .2}, []float64{26, 52, 104}},
		{"+10 points sent back", plant{sentBack: .1}, []float64{104, 156, 312}},
		{"wins 20 % x 2", plant{wins: 2}, []float64{52, 78, 156}}, {"wins 20 % x 0.4", plant{wins: .4}, []float64{78, 104, 208}},
		{"wins 10 % x 2", plant{wins: 2}, []float64{78, 156, 312}}} {
		for _, n := range e.leads {
			found, wrong := make([]int, *companies), make([]bool, *companies)
			each(*companies, func(i int) {
				c := newCompany(*among, float64(*among)*n/13/judgedShare, *seed<<32+uint64(i))
				for s := range c.shares { // of like size
					c.shares[s] = 1 / float64(*among)
				}
				c.plant = e.plant
				c.plant.leads, c.plant.from = n, history
				c.sentBack, c.wins = .12, .2
				if e.name == "wins 10 % x 2" {
					c.wins = .1
				}
				end := history + 44
				if e.plant.wins > 0 {
					end += 20
				}
				ws := c.weeks(c.draw(end), end)
				ws.Looks = end - history
				list := ws.SentBack(false)
				if e.plant.wins > 0 {
					list = ws.Bought()
				}
				found[i] = math.MaxInt
				for _, t := range list {
					if t.Name != "Source 00" {
						wrong[i] = true
						continue
					}
					found[i] = min(found[i], (t.Since.Number()-ws.First.Number())/7-history)
				}
			})
			fmt.Fprintf(w, "%s\t%.0f", e.name, n)
			for _, within := range []int{13, 26, 44} {
				if e.plant.wins > 0 {
					within += 20
				}
				k := 0
				for _, f := range found {
					if f <= within {
						k++
					}
				}
				fmt.Fprintf(w, "\t%.0f %%", 100*float64(k)/float64(*companies))
			}
			k := 0
			for _, is := range wrong {
				if is {
					k++
				}
			}
			fmt.Fprintf(w, "\t%.1f %%\n", 100*float64(k)/float64(*companies))
		}
	}
	w.Flush()
}
