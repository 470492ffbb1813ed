package digests

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file decides what may be claimed: the one place of it. A digest is looked at every week, so that a rule which errs once in
// twenty times errs in most years. There is a budget instead, over a year of weekly looks and all kinds of claims together: of the
// companies in which nothing differs, at most one in ten may read a false claim on a first screen, and at most one in five anywhere.
// docs/decisions/0040-what-may-be-claimed.md says why these methods, docs/claims.md which kind may use how much, what they cost and
// find, by simulation (bench/claims).
//
//	kind                          claimed from                            first screen
//	a source is sent back more    evidence of 400 for each source of 8+   yes
//	a source buys more, or less   evidence of 600 each, 3,200 at least    yes
//	all are sent back more, less  p <= 0.0001 by effective sizes          yes
//	more than half sent back      evidence of 500, of 13 weeks            yes
//	a promise is kept too rarely  evidence of 500 for each promise        yes
//	on one weekday above all      p <= 0.001 of all days, where the promise is kept too rarely
//	a theme is rising             evidence of 50,000                      yes
//	the ends of quarters          p <= 0.001                              yes
//	bought again                  p <= 0.001, one family with the former  no
//	score against ratings         p <= 0.0001                             yes
//	a stage is slower, or faster  p <= 0.0001 of all stages               yes
//	odds of objections            p <= 0.001 of all compared              no
//	a table by an attribute       p <= 0.002 of all its values            no
//	what came of activities       p <= 0.001 of all of a report           no
//	more, fewer engagements       p <= 0.0003 of all of an agenda         no
//	evidence for the profile      q <= 0.10, the same way in both halves  no (schedules/ideal)
//
// "Of all" is Bonferroni's: p times how many were compared. Evidence is of e-processes (claims_weeks.go), which hold however often
// somebody looks; the others are small enough for 52 looks that share most of their leads. What is claimed of sources, promises, themes
// and all leads stays claimed, with its date, until it ends. On top of it the order must hold in every segment large enough to look at.
const (
	sourceLevel   = 400    // for each of the sources compared, of which fewestLevel are counted at least where there are three
	boughtLevel   = 600    // likewise of what is bought, and no less than for fewestLevel sources at sourceLevel
	fewestLevel   = 8      // with fewer the level of 400 for each named a wrong one in 4.5 % of companies of four (docs/claims.md)
	promiseLevel  = 500    // for each of the promises measured
	risingLevel   = 50_000 //
	overTimeP     = 0.0001
	weekdayP      = 0.001
	quarterP      = 0.001
	oddsP         = 0.001
	attributeP    = 0.002
	predictP      = 0.0001
	paceP         = 0.0001
	movedP        = 0.0003
	activityP     = 0.001
	perLead       = 0.11 // what a lead adds to the logarithm of evidence where 32 % are sent back and 12 % of the others'
	enoughToTell  = 26   // judged leads of a source in 13 weeks, from which on a large difference is found within a year
	risingEntries = 5    // of a theme in the last weeks
	risingWeeks   = 8    // those weeks
	risingBefore  = 26   // the weeks before them that they are held against
	promiseYears  = 2    // calendar years of promises that are looked at, beside the running one
	risingFewest  = 10   // entries of all themes in those
)

// evidenceOf is the evidence from which on one of so many sources is named, by the level for each. Two are one comparison, each the
// mirror of the other.
func evidenceOf(level float64, sources int) float64 {
	if sources <= 2 {
		return sourceLevel * float64(sources)
	}
	return max(level*float64(sources), sourceLevel*fewestLevel)
}

// Claims are what may be claimed at a moment.
type Claims struct {
	SentBack []Told // sources; those that still are come first
	Bought   []Told
	OverTime *Told
	Half     holds // more than half of all are sent back
	// Why nothing can be told of sources, where it cannot.
	Sources int // that have judged leads in the last 13 weeks
	Weeks   int // after how many weeks the largest could be told from the others at a clear difference; 0: now, or never
	Never   bool
}

// claims gathers what may be claimed by the weeks before a digest's end that are known at its moment.
func (d Maker) claims(tx *storage.Tx, r Query, allReasons bool) (c Claims, err error) {
	end := d.Calendar.Date(minTime(r.To, r.AsOf))
	w, err := weeksUntil(tx, end, d.loc())
	if err != nil {
		return c, fmt.Errorf("weigh the evidence: %w", err)
	}
	return w.Claims(allReasons), nil
}

// Claims is what may be claimed of these weeks.
func (w *Weeks) Claims(allReasons bool) Claims {
	c := Claims{SentBack: named(w.SentBack(allReasons)), Bought: named(w.Bought()), Half: w.Half()}
	if t, ok := w.OverTime(); ok {
		c.OverTime = &t
	}
	c.Sources, c.Weeks, c.Never = w.enough()
	return c
}

// named leaves out the source that nobody knows: there is nothing to look at.
func named(list []Told) []Told {
	return slices.DeleteFunc(list, func(t Told) bool { return nameless(t.Name) })
}

// enough is how many sources have judged leads in the last 13 weeks, and after how many weeks a clear difference of the one that has
// the most beside others could be told.
func (w *Weeks) enough() (sources, weeks int, never bool) {
	judged := make([]int, len(w.Sources))
	for _, list := range w.Changes {
		for _, c := range list {
			if c.Mark == truce.MarkJudged && c.Week >= w.N-trailWeeks {
				judged[c.Source] += c.N
			}
		}
	}
	slices.Sort(judged)
	slices.Reverse(judged)
	judged = slices.DeleteFunc(judged, func(n int) bool { return n <= 0 })
	switch sources = len(judged); {
	case sources < 2:
		return sources, 0, true
	case judged[0] >= enoughToTell && judged[1] > 0:
		return sources, 0, false
	}
	span := float64(min(trailWeeks, max(1, w.N)))
	weeks, ok := stats.WeeksToTell(evidenceOf(sourceLevel, sources), float64(judged[0])/span, perLead)
	return sources, weeks, !ok
}

// current are those of a list that still are so.
func current(list []Told) (now []Told) {
	for _, t := range list {
		if t.Ended == (truce.Date{}) {
			now = append(now, t)
		}
	}
	return now
}

// endedIn are those of a list that ended at a look in a digest's period: until then they were claimed.
func endedIn(list []Told, from, to truce.Date) (ended []Told) {
	for _, t := range list {
		if t.Ended != (truce.Date{}) && t.Ended.Compare(from) > 0 && t.Ended.Compare(to) <= 0 {
			ended = append(ended, t)
		}
	}
	return ended
}

// Short is that a promise is kept less often than was promised: the index of the week at whose end it was told, and of the one at
// whose end it was so no more (0: it still is).
type Short struct{ Since, Ended int }

// Due is what came due under one target, and how much of it was kept. A target of 0 is none.
type Due struct {
	Target float64
	stats.Proportion
}

// add counts what came due under a target: the newest one stands last.
func (w *WeekDue) add(target float64, p stats.Proportion) {
	if n := len(*w); n == 0 || (*w)[n-1].Target != target {
		*w = append(*w, Due{Target: target})
	}
	of := &(*w)[len(*w)-1]
	of.Proportion = of.Proportion.Plus(p)
}

// WeekDue is what came due in a week, by target, the newest last: a week has several where the promise changed in it.
type WeekDue []Due

// UnderOne are weeks of a promise whose target never changed.
func UnderOne(target float64, weeks []stats.Proportion) []WeekDue {
	list := make([]WeekDue, len(weeks))
	for i, p := range weeks {
		list[i] = WeekDue{{target, p}}
	}
	return list
}

// falls reports whether what came due was kept less often than was promised when it did, and less often than is promised now: to raise a
// promise makes nothing broken that was kept, and one that was lowered to what is kept is not broken any more.
func falls(weeks ...WeekDue) bool {
	var p stats.Proportion
	var promised, now float64
	for _, week := range weeks {
		for _, d := range week {
			if d.Target > 0 && d.N > 0 {
				p, promised, now = p.Plus(d.Proportion), promised+d.Target*float64(d.N), d.Target
			}
		}
	}
	return p.N > 0 && float64(p.K) < min(promised, now*float64(p.N))-1e-9
}

// tells reports whether something came due in a week that can be weighed.
func (w WeekDue) tells() bool {
	return slices.ContainsFunc(w, func(d Due) bool { return d.Target > 0 && d.Target < 1 && d.N > 0 })
}

// logShort is the logarithm of the evidence of some dues that less is kept than was promised of each; nothing can be weighed of a target
// of none or all.
func logShort(list WeekDue, odds float64) (e float64) {
	for _, d := range list {
		if d.Target > 0 && d.Target < 1 {
			e += stats.LogShortfallE(d.Proportion, d.Target, odds)
		}
	}
	return e
}

// shortOdds are the odds of keeping, in parts of what was promised, that evidence is gathered for.
var shortOdds = [...]float64{1.0 / 2, 1.0 / 3}

// Below is whether a promise can be said to be kept less often than was promised, by its weeks, the last of which ends at the look; the
// last time it could be said. Each week is held against what was promised in it. ok is false where it never could. first numbers the
// first of the weeks, so that e-processes start in the same ones at every look; promises is how many are measured at the look after a week.
func Below(weeks []WeekDue, first int, promises func(week int) int) (s Short, ok bool) {
	none := math.Inf(-1)
	logs, start, told := [...]float64{none, none}, true, false
	for week, due := range weeks {
		if start = start || (first+week)%restart == 0; due.tells() {
			for i, o := range shortOdds {
				logs[i] = stats.LogRestarted(logs[i], logShort(due, o), start)
			}
			start = false
		}
		short := falls(weeks[max(0, week-trailWeeks+1) : week+1]...)
		switch {
		case told && !short:
			s.Ended, told, start, logs = week, false, true, [...]float64{none, none}
		case !told && short && stats.LogMean(logs[:]...) >= math.Log(promiseLevel*float64(promises(week))):
			s, told, ok = Short{Since: week}, true, true
		}
	}
	return s, ok
}

// shortOnce reports whether what came due in one stretch of time falls short of what was promised, by the evidence a promise needs.
func shortOnce(list ...Due) bool {
	var logs [len(shortOdds)]float64
	for i, o := range shortOdds {
		logs[i] = logShort(list, o)
	}
	return falls(list) && stats.LogMean(logs[:]...) >= math.Log(promiseLevel)
}

// Rising is which themes can be said to be heard more often at a moment, by id. It satisfies handlers.Rising.
func (d Maker) Rising(tx *storage.Tx, at time.Time) (map[string]bool, error) {
	t, err := themesUntil(tx, d.Calendar.Date(at), d.loc())
	if err != nil {
		return nil, err
	}
	rising := map[string]bool{}
	for id := range t.Rising() {
		rising[id] = true
	}
	return rising, nil
}

// Themes are the entries of each theme by week, each account once a week; the last week ends at the look.
type Themes struct {
	First  truce.Date // the first day of week 0
	Weeks  int
	ByName map[string][]int
	All    []int
}

// NewThemes are weeks from a Monday on in which nothing is heard yet.
func NewThemes(first truce.Date, weeks int) *Themes {
	return &Themes{First: first, Weeks: weeks, ByName: map[string][]int{}, All: make([]int, weeks)}
}

// firstLook is the Monday of the half year before that of a day: looks at themes are played over from a fixed one on, so that what is
// told stays told with its date from week to week.
func firstLook(day truce.Date) truce.Date {
	half := truce.Date{Year: day.Year, Month: time.January, Day: 1}
	if day.Month >= time.July {
		half.Month = time.July
	}
	return monday(monthsBack(half, 6))
}

// Heard counts an entry of a theme in a week.
func (t *Themes) Heard(theme string, week int) {
	if t.ByName[theme] == nil {
		t.ByName[theme] = make([]int, t.Weeks)
	}
	t.ByName[theme][week]++
	t.All[week]++
}

// ThemesAt are the weeks, with nothing heard in them yet, that a look on a day rests on.
func ThemesAt(day truce.Date) *Themes {
	end := monday(day)
	first := firstLook(end).Add(-7 * (risingWeeks + risingBefore))
	return NewThemes(first, (end.Number()-first.Number())/7)
}

// themesUntil reads the weeks of themes before a day.
func themesUntil(tx *storage.Tx, day truce.Date, loc *time.Location) (*Themes, error) {
	t, end := ThemesAt(day), monday(day)
	type entry struct {
		theme, unit string
		week        int
	}
	seen := map[entry]bool{}
	err := tx.EachHeard(t.First.At(0, loc), end.At(0, loc), func(theme, unit string, at time.Time) {
		e := entry{theme, unit, (truce.DayNumber(at, loc) - t.First.Number()) / 7}
		if seen[e] {
			return
		}
		seen[e] = true
		t.Heard(theme, e.week)
	})
	return t, err
}

// Rising is which themes can be said to be rising at the last look, and since which: their share of what is heard week by week is
// held against that of the 26 weeks that ended 8 weeks before.
func (t *Themes) Rising() map[string]truce.Date {
	rising := map[string]truce.Date{}
	for _, name := range slices.Sorted(maps.Keys(t.ByName)) {
		if told := t.rising(t.ByName[name]); len(told) > 0 && told[len(told)-1].until == 0 {
			rising[name] = t.First.Add(7 * (told[len(told)-1].since + 1))
		}
	}
	return rising
}

// EverRising is which themes could be said to be rising at any look, with the first.
func (t *Themes) EverRising() map[string]truce.Date {
	rising := map[string]truce.Date{}
	for name, entries := range t.ByName {
		if told := t.rising(entries); len(told) > 0 {
			rising[name] = t.First.Add(7 * (told[0].since + 1))
		}
	}
	return rising
}

// lately is how often a theme was heard in the last weeks, and how often it would have been at its share of what was heard before.
func (t *Themes) lately(name string) (times int, usual float64) {
	var own, all, before, allBefore int
	for week := max(0, t.Weeks-risingWeeks-risingBefore); week < t.Weeks; week++ {
		n, of := t.All[week], 0
		if list := t.ByName[name]; list != nil {
			of = list[week]
		}
		if week >= t.Weeks-risingWeeks {
			own, all = own+of, all+n
		} else {
			before, allBefore = before+of, allBefore+n
		}
	}
	if allBefore > 0 {
		usual = float64(all) * float64(before) / float64(allBefore)
	}
	return own, usual
}

// stretch is the weeks at whose ends something was told; until is 0 while it is.
type stretch struct{ since, until int }

func (t *Themes) rising(entries []int) (told []stretch) {
	odds := [...]float64{2, 3}
	none := math.Inf(-1)
	logs := [...]float64{none, none}
	first := risingWeeks + risingBefore
	from, start, now := first, true, false
	sum := func(from, to int) (p stats.Proportion) { // weeks [from, to)
		for w := max(0, from); w < to; w++ {
			p.K, p.N = p.K+entries[w], p.N+t.All[w]
		}
		return p
	}
	for week := first; week < t.Weeks; week++ {
		before := sum(week-risingWeeks-risingBefore+1, week-risingWeeks+1)
		own := sum(week, week+1)
		// A start waits until enough was heard of anything. Not of this theme: one that was never heard before rises when it is.
		if start = start || (week-from)%restart == 0; before.N >= risingFewest && own.N > 0 {
			for i, o := range odds {
				logs[i] = stats.LogRestarted(logs[i], stats.LogOddsE(own, own.Plus(before), o), start)
			}
			start = false
		}
		last := sum(week-risingWeeks+1, week+1)
		up := last.K >= risingEntries && last.Rate() > before.Rate()
		switch {
		case now && !up:
			told[len(told)-1].until, now, from, start, logs = week, false, week+1, true, [...]float64{none, none}
		case !now && up && stats.LogMean(logs[:]...) >= math.Log(risingLevel):
			told, now = append(told, stretch{since: week}), true
		}
	}
	return told
}
