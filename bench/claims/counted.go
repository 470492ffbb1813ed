package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// This file judges the same companies as -years without a database: what is counted of them goes straight into the code that decides. It
// is some twenty times as fast, so that companies can be many; -compare says where digests and counts differ.

// counted is which of the kinds of -kinds a company reads in its second year. Whatever was told at a look before the first digest and
// still is so then is read in it.
func (c *company) counted() claimedKinds {
	leads := c.draw(history + looks)
	found := claimedKinds{}
	ws := c.weeks(leads, history+looks)
	var y *companyYear
	if wanted("promise", "weekday", "rising", "quarter ends", "bought again", "score", "slower", "odds", "attribute", "activity") {
		y = c.newYear(leads)
	}
	for look := history + 1; look <= history+looks; look++ {
		day := first.Add(7 * look)
		part := *ws
		part.N, part.Changes, part.Looks = look, ws.Changes[:look], digests.LooksUntil(first, day)
		if wanted("over time") {
			t, ok := part.OverTime()
			found["over time"] = found["over time"] || ok && t.Ended == (truce.Date{})
		}
		if wanted("promise", "weekday") {
			y.promised(look, found)
		}
		if wanted("rising") {
			found["rising"] = found["rising"] || len(themesAt(y.themesHeard(), look).Rising()) > 0
		}
		if now := day.At(9*60, time.UTC); asks(now) && wanted("odds", "attribute", "activity") {
			y.asked(now, found)
		}
		// Looks are played over from the year before on: what the last digest of a year plays over has all those before it.
		if next := first.Add(7 * (look + 1)); look < history+looks && day.Year == next.Year {
			continue
		}
		since := first.Add(7 * (history + 1)) // the first digest that plays the same looks over
		if day.Year > since.Year {
			since = day
		}
		is := func(ended truce.Date) bool { return ended == (truce.Date{}) || ended.Compare(since) > 0 }
		told := func(kind string, list func() []digests.Told) {
			if !wanted(kind) {
				return
			}
			for _, t := range list() {
				found[kind] = found[kind] || is(t.Ended)
			}
		}
		told("sent back", func() []digests.Told { return part.SentBack(false) })
		told("bought", part.Bought)
		if wanted("half sent back") {
			for _, h := range part.Half() {
				found["half sent back"] = found["half sent back"] || is(h.Ended)
			}
		}
		if wanted("quarter ends", "bought again", "score", "slower") {
			y.held(day, is, found)
		}
	}
	maps.DeleteFunc(found, func(kind string, _ bool) bool { return !wanted(kind) })
	return found
}

// wanted reports whether one of some kinds is counted.
func wanted(kind ...string) bool {
	if *kinds == "" {
		return true
	}
	return slices.ContainsFunc(strings.Split(*kinds, ","), func(k string) bool { return slices.Contains(kind, k) })
}

// held is what is claimed by a fixed p until a digest.
func (y *companyYear) held(until truce.Date, is func(ended truce.Date) bool, found claimedKinds) {
	stages := len(truce.DefaultJourney())
	note := func(kind string, slower bool, see func(day truce.Date) digests.Seen) {
		if !wanted(kind) {
			return
		}
		for _, h := range digests.HeldAt(until, see) {
			found[kind] = found[kind] || is(h.Ended) && !(slower && h.Higher)
		}
	}
	note("quarter ends", false, func(day truce.Date) digests.Seen { return digests.SeenOf(y.at(day).wins) })
	note("bought again", false, func(day truce.Date) digests.Seen { return digests.SeenOf(y.at(day).again) })
	note("score", false, y.scored)
	for i := range stages {
		note("slower", true, func(day truce.Date) digests.Seen { return y.at(day).stages[i] })
	}
}

// seenAt is what a look sees, kept for the other one that plays it over.
type seenAt struct {
	wins, again stats.Comparison
	stages      []digests.Seen
}

func (y *companyYear) at(day truce.Date) seenAt {
	at, ok := y.looks[day]
	if !ok {
		now := day.At(0, time.UTC)
		at.wins, at.again = y.ends(now)
		at.stages = y.paces(now)
		if y.looks == nil {
			y.looks = map[truce.Date]seenAt{}
		}
		y.looks[day] = at
	}
	return at
}

// asked is what only those see who ask.
func (y *companyYear) asked(now time.Time, found claimedKinds) {
	var leads []truce.LeadCase
	var marks []storage.LeadMark
	var engaged []truce.Engagement
	outcomes := map[string][]truce.Outcome{}
	from := now.AddDate(-1, 0, 0)
	for _, l := range y.leads {
		if l.MQLAt.Before(from) || !l.MQLAt.Before(now) {
			continue
		}
		known := slices.DeleteFunc(slices.Clone(l.outcomes), func(o truce.Outcome) bool { return o.At.After(now) })
		leads = append(leads, truce.LeadCase{Lead: l.Lead, Outcomes: known})
		marks = append(marks, storage.LeadMark{ID: l.ID, MQLAt: l.MQLAt, Source: l.Source, Segment: l.Segment, Score: l.Score, HasScore: true})
		outcomes[l.ID] = known
		if l.engaged != nil && !l.engaged.At.After(now) {
			engaged = append(engaged, *l.engaged)
		}
	}
	for _, by := range []string{"segment", "product", "region"} {
		found["attribute"] = found["attribute"] || wanted("attribute") && digests.StandsOut(by, leads, now)
	}
	if wanted("activity") {
		found["activity"] = found["activity"] || digests.ActivityRequest{From: from, To: now, AsOf: now}.Tells(marks, outcomes, engaged)
	}
	found["odds"] = found["odds"] || wanted("odds") && y.odds(now)
}

// promised says whether a promise is said to be kept too rarely, and on one weekday above all.
func (y *companyYear) promised(look int, found claimedKinds) {
	if y.dues == nil {
		y.dues = map[string]*[history + looks][7]stats.Proportion{}
		for _, c := range y.clocks {
			week := (truce.DayNumber(c.due, time.UTC) - first.Number()) / 7
			if week >= history+looks {
				continue
			}
			if y.dues[c.kind] == nil {
				y.dues[c.kind] = &[history + looks][7]stats.Proportion{}
			}
			p := &y.dues[c.kind][week][c.from.Weekday()]
			if p.N++; c.kept {
				p.K++
			}
		}
	}
	for _, dues := range y.dues {
		weeks := make([]stats.Proportion, look)
		for week := range weeks {
			for _, p := range dues[week] {
				weeks[week] = weeks[week].Plus(p)
			}
		}
		told, ok := digests.Below(digests.UnderOne(.9, weeks), first.Number()/7, func(int) int { return len(y.dues) })
		if !ok || told.Ended > 0 {
			continue
		}
		found["promise"] = true
		study := digests.PromiseStudy{}
		for _, days := range dues[look-13 : look] {
			for i, p := range days {
				study.ByDay[i] = study.ByDay[i].Plus(p)
			}
		}
		found["weekday"] = found["weekday"] || study.WorstDay() >= 0
	}
}

// themesHeard is how many accounts each theme was heard from in each week.
func (y *companyYear) themesHeard() heardWeeks {
	type entry struct {
		theme, unit string
		week        int
	}
	if y.weekly == nil {
		y.weekly = &heardWeeks{}
		seen := map[entry]bool{}
		for _, h := range y.heard {
			e := entry{h.Theme, h.Unit, h.week}
			if seen[e] {
				continue
			}
			seen[e] = true
			for i := range y.weekly {
				if h.Theme == fmt.Sprint("theme", i) {
					y.weekly[i][h.week]++
				}
			}
		}
	}
	return *y.weekly
}

func (y *companyYear) ends(now time.Time) (won, repeat stats.Comparison) {
	var wins, again stats.Pair
	count := func(p *stats.Pair, inA, hit bool) {
		side := &p.B
		if inA {
			side = &p.A
		}
		if side.N++; hit {
			side.K++
		}
	}
	quarters := truce.DateOf(now.AddDate(0, 0, -1)).Quarter().At(0, time.UTC).AddDate(-2, 0, 0)
	var since time.Time
	for _, l := range y.leads {
		for _, o := range l.orders {
			if since.IsZero() || o.At.Before(since) {
				since = o.At
			}
		}
	}
	for _, l := range y.leads {
		o, ok := l.closedBy(now)
		if !ok || o.Status != truce.Won {
			continue
		}
		outside := l.ICPFit == truce.OutsideICP
		if !o.At.Before(quarters) {
			count(&wins, truce.DateOf(o.At).EndsQuarter(), outside)
		}
		sale := truce.Sale{Account: truce.FoldAccount(l.Company), At: o.At, DealID: o.DealID, Amount: o.Amount, Paid: o.HasAmount}
		if bought, counts := truce.Repeats([]truce.Sale{sale}, l.orders, since, now); counts {
			count(&again, outside, bought)
		}
	}
	return digests.EndsOf(wins, again)
}

// closedBy is how a lead's deal ended by a moment.
func (l known) closedBy(now time.Time) (truce.Outcome, bool) {
	if len(l.outcomes) == 0 {
		return truce.Outcome{}, false
	}
	o := l.outcomes[len(l.outcomes)-1] // as drawn: the close is the last
	return o, (o.Status == truce.Won || o.Status == truce.Lost) && !o.At.After(now)
}

func (y *companyYear) scored(of truce.Date) digests.Seen {
	now, today := of.At(0, time.UTC), of.Number()-first.Number()
	g := &digests.Group{}
	g.Beliefs = map[truce.Belief]truce.Tally{}
	for _, l := range y.leads {
		o, ok := l.closedBy(now)
		if !ok || l.day < today-364 || l.day >= today {
			continue
		}
		b := truce.Belief{Score: truce.Billionths(l.Score), HasScore: true}
		if l.rating > 0 && l.rated.Before(o.At) {
			b.Rating = l.rating
		}
		t := g.Beliefs[b]
		if t.N++; o.Status == truce.Won {
			t.Won++
		}
		g.Beliefs[b] = t
	}
	return (&digests.Cohort{Totals: g}).Predictiveness().Seen()
}

// ways is when each lead came to each stage of the journey and left it, in milliseconds; 0 is never.
func (y *companyYear) ways() map[string][][2]int64 {
	if y.way == nil {
		y.way = map[string][][2]int64{}
		for _, j := range truce.DefaultJourney() {
			for _, l := range y.leads {
				came, left := j.Entered(l.outcomes, l.MQLAt), j.Left(l.outcomes, l.MQLAt)
				if came.IsZero() {
					continue
				}
				way := [2]int64{came.UnixMilli()}
				if !left.IsZero() {
					way[1] = left.UnixMilli()
				}
				y.way[j.Name] = append(y.way[j.Name], way)
			}
		}
	}
	return y.way
}

func (y *companyYear) paces(now time.Time) (list []digests.Seen) {
	const day = 24 * int64(time.Hour/time.Millisecond)
	var stages []digests.StageReport
	for _, j := range truce.DefaultJourney() {
		s := digests.StageReport{JourneyStage: j}
		end := now.UnixMilli() - digests.JourneyWindow*day
		for _, way := range y.ways()[j.Name] {
			went := stats.Proportion{N: 1}
			if way[1] > 0 && way[1] <= way[0]+digests.JourneyWindow*day {
				went.K = 1
			}
			switch before := end - digests.JourneyWeeks*7*day; {
			case way[0] >= before && way[0] < end:
				s.Onward = s.Onward.Plus(went)
			case way[0] >= before-digests.JourneyWeeks*7*day && way[0] < before:
				s.Before = s.Before.Plus(went)
			}
		}
		stages = append(stages, s)
	}
	digests.JudgePaces(stages)
	for _, s := range stages {
		list = append(list, s.Seen())
	}
	return list
}

// odds says whether an objection is said to go with wins, as looks until a moment tell it.
func (y *companyYear) odds(now time.Time) bool {
	type key struct{ theme, stage string }
	sees, all := map[truce.Date]map[key]digests.Seen{}, map[key]bool{}
	see := func(day truce.Date) map[key]digests.Seen {
		if y.oddsAt == nil {
			y.oddsAt = map[truce.Date][]digests.Odds{}
		}
		list, ok := y.oddsAt[day]
		if !ok {
			list = y.oddsUntil(day.At(0, time.UTC))
			y.oddsAt[day] = list
		}
		of := map[key]digests.Seen{}
		for _, o := range list {
			of[key{o.Theme, o.Stage}] = digests.SeenOf(o.Comparison)
		}
		return of
	}
	today := truce.DateOf(now)
	digests.HeldAt(today, func(day truce.Date) digests.Seen {
		sees[day] = see(day)
		for k := range sees[day] {
			all[k] = true
		}
		return digests.Seen{}
	})
	for k := range all {
		held := digests.HeldAt(today, func(day truce.Date) digests.Seen {
			if of, ok := sees[day][k]; ok {
				return of
			}
			return digests.SeenOf(stats.Comparison{}) // too few
		})
		if n := len(held); n > 0 && held[n-1].Ended == (truce.Date{}) {
			return true
		}
	}
	return false
}

func (y *companyYear) oddsUntil(end time.Time) []digests.Odds {
	if y.closes == nil {
		y.closes = map[string][]digests.Closed{}
		for _, l := range y.leads {
			if o, ok := l.closedBy(time.UnixMilli(math.MaxInt64)); ok {
				y.closes[l.Company] = []digests.Closed{{At: o.At, Won: o.Status == truce.Won}}
			}
		}
	}
	var heard []digests.Heard
	for _, h := range y.heard {
		if h.At.Before(end) && !h.At.Before(end.AddDate(0, 0, -365)) {
			heard = append(heard, h.Heard)
		}
	}
	return digests.OddsOf(heard, func(unit string) []digests.Closed {
		list := y.closes[unit]
		if len(list) > 0 && !list[0].At.Before(end) {
			return nil
		}
		return list
	})
}

// manyCounted judges so many companies of each size, prints the table of their first screens, and where a file of -years is given, how
// often its digests and the counts of the same companies differ.
func manyCounted(n int) error {
	chosen, err := chosenSizes()
	if err != nil {
		return err
	}
	for kind := range strings.SplitSeq(*kinds, ",") {
		if *kinds != "" && !slices.Contains(kindsOf[:len(kindsOf)-1], kind) {
			return fmt.Errorf("-kinds: %q is none of %q", kind, kindsOf[:len(kindsOf)-1])
		}
	}
	found, err := yearsBefore(*out)
	if err != nil {
		return err
	}
	start := time.Now()
	for i := range n {
		for _, s := range chosen {
			is := aYear{s, *seed, i + 1}
			if _, done := found[is]; done || *minutes > 0 && time.Since(start).Minutes() > *minutes {
				continue
			}
			found[is] = companyOf(is).counted()
			if err := keepYear(*out, is, found[is]); err != nil {
				return err
			}
		}
	}
	return printYears(found)
}

// compare counts the companies of a file of -years and says where their digests claimed something else.
func compare(path string) error {
	before, err := yearsBefore(path)
	if err != nil {
		return err
	}
	other := map[string]int{}
	for is, digest := range before {
		counts := companyOf(is).counted()
		for _, kind := range kindsOf[:len(kindsOf)-1] { // all but the evidence for the profile
			if counts[kind] != digest[kind] {
				other[kind]++
				fmt.Printf("seed %d company %d sources %d leads %g: %s by the digests %t, by the counts %t\n", is.seed,
					is.company, is.sources, is.perWeek, kind, digest[kind], counts[kind])
			}
		}
	}
	fmt.Printf("%d companies; kinds told otherwise: %v\n", len(before), other)
	return nil
}

// companyOf draws a company of -years.
func companyOf(is aYear) *company {
	return newCompany(is.sources, is.perWeek, is.seed<<32+uint64(is.company-1)<<12+uint64(is.sources)<<6+uint64(math.Round(is.perWeek)))
}
