package main

import (
	"fmt"
	"math"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/schedules/stats"
)

// This file judges the same companies as -years without a database: what is counted of them goes straight into the code that decides. It
// is some hundred times as fast, so that companies can be many; -compare says where digests and counts differ.

// counted is which kinds of a first screen a company reads in its second year; that more than half of all is sent back is not counted.
func (c *company) counted() claimedKinds {
	leads := c.draw(history + looks)
	y, found := c.newYear(leads), claimedKinds{}
	ws := c.weeks(leads, history+looks)
	ws.Looks = looks
	found["sent back"], found["bought"] = len(ws.SentBack(false)) > 0, len(ws.Bought()) > 0
	for _, of := range []func(look int, now time.Time) (string, bool){
		func(look int, _ time.Time) (string, bool) {
			part := *ws
			part.N, part.Changes, part.Looks = look, ws.Changes[:look], look
			t, ok := part.OverTime()
			return "over time", ok && t.Ended == (truce.Date{})
		}, y.promised, y.rising, y.ends, y.scored, y.slower} {
		for look := history + 1; look <= history+looks; look++ {
			kind, is := of(look, first.Add(7*look).At(9*60, time.UTC))
			if found[kind] = is; is {
				break
			}
		}
	}
	return found
}

func (y *companyYear) promised(look int, _ time.Time) (string, bool) {
	kinds := map[string][]digests.WeekDue{}
	for _, c := range y.clocks {
		if week := (truce.DayNumber(c.due, time.UTC) - first.Number()) / 7; week < look {
			if kinds[c.kind] == nil {
				kinds[c.kind] = make([]digests.WeekDue, look)
			}
			due := digests.Due{Target: .9, Proportion: stats.Proportion{N: 1}}
			if c.kept {
				due.K = 1
			}
			if w := kinds[c.kind][week]; len(w) > 0 {
				due.Proportion = due.Plus(w[0].Proportion)
			}
			kinds[c.kind][week] = digests.WeekDue{due}
		}
	}
	for _, weeks := range kinds {
		told, ok := digests.Below(weeks, first.Number()/7, func(int) int { return len(kinds) })
		if ok && told.Ended == 0 {
			return "promise", true
		}
	}
	return "promise", false
}

func (y *companyYear) rising(look int, _ time.Time) (string, bool) {
	t := digests.ThemesAt(first.Add(7 * look))
	for h := range y.heard {
		if at := h.week + (first.Number()-t.First.Number())/7; at >= 0 && h.week < look {
			t.Heard(fmt.Sprint("theme", h.theme), at)
		}
	}
	return "rising", len(t.Rising()) > 0
}

func (y *companyYear) ends(_ int, now time.Time) (string, bool) {
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
		sale := truce.Sale{Account: truce.FoldAccount(l.Company), At: o.At, DealID: o.DealID}
		if bought, counts := truce.Repeats([]truce.Sale{sale}, l.orders, since, now); counts {
			count(&again, outside, bought)
		}
	}
	w, _ := digests.EndsOf(wins, again)
	return "quarter ends", w.Verdict == stats.Higher || w.Verdict == stats.Lower
}

// closedBy is how a lead's deal ended by a moment.
func (l known) closedBy(now time.Time) (truce.Outcome, bool) {
	if len(l.outcomes) == 0 {
		return truce.Outcome{}, false
	}
	o := l.outcomes[len(l.outcomes)-1] // as drawn: the close is the last
	return o, (o.Status == truce.Won || o.Status == truce.Lost) && !o.At.After(now)
}

func (y *companyYear) scored(look int, now time.Time) (string, bool) {
	g := &digests.Group{}
	g.Beliefs = map[truce.Belief]truce.Tally{}
	for _, l := range y.leads {
		o, ok := l.closedBy(now)
		if !ok || l.day < 7*look-364 || l.day >= 7*look {
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
	v := (&digests.Cohort{Totals: g}).Predictiveness().Verdict()
	return "score", v == stats.Higher || v == stats.Lower
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

func (y *companyYear) slower(_ int, now time.Time) (string, bool) {
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
		if s.Pace == digests.SlowerPace {
			return "slower", true
		}
	}
	return "slower", false
}

// manyCounted judges so many companies of each size, prints the table of their first screens, and where a file of -years is given, how
// often its digests and the counts of the same companies differ.
func manyCounted(n int) error {
	chosen, err := chosenSizes()
	if err != nil {
		return err
	}
	found, err := yearsBefore(*out)
	if err != nil {
		return err
	}
	for i := range n {
		for _, s := range chosen {
			is := aYear{s, *seed, i + 1}
			if _, done := found[is]; done {
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
		for _, kind := range kindsOf[:firstScreen] {
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
