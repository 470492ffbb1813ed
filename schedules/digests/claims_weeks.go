package digests

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file plays the weekly looks over again: what could be told of each source at the end of each week by what was known then.
// So the state of evidence is a pure function of the data and a moment. The method and its levels stand in claims.go.

// Weeks are the counts of leads by source and by the week they qualified, with the week since which each is known.
type Weeks struct {
	First   truce.Date // the Monday of week 0
	N       int        // weeks; the last one ends with the last look
	Looks   int        // of them, those at whose end is looked: the last ones
	Sources []string   // by name
	Changes [][]Change // by the week at whose end they are known
}

// Change is that more leads of a source and a week (or fewer) have a mark.
type Change struct {
	Source, Week int
	Mark         truce.Marks
	N            int
}

// Look is the first moment after a week.
func (w *Weeks) Look(week int) truce.Date { return w.First.Add(7 * (week + 1)) }

const (
	weeksBack = 4 // calendar years of leads that evidence is gathered from, beside the running one
	looksBack = 1 // calendar years whose looks are played over again, beside the running one; both begin at a fixed day
)

// weeksUntil reads the weeks before a day, whole ones from Monday to Monday.
func weeksUntil(tx *storage.Tx, day truce.Date, loc *time.Location) (*Weeks, error) {
	end := monday(day)
	first, _, ok, err := tx.LeadSpan()
	if err != nil || !ok {
		return &Weeks{First: end}, err
	}
	from := monday(truce.DateOf(first.In(loc)))
	if earliest := monday(truce.Date{Year: end.Year - weeksBack, Month: time.January, Day: 1}); earliest.Compare(from) > 0 {
		from = earliest
	}
	c := newCells(from, max(0, (end.Number()-from.Number())/7))
	if c.N == 0 {
		return &c.Weeks, nil
	}
	c.Looks = LooksUntil(from, end)
	if err := tx.MarkDays(from.Number(), end.Number(), loc, c.add); err != nil {
		return nil, err
	}
	return c.weeks(), nil
}

// LooksUntil is how many looks at weeks from a Monday on are played over at another one.
func LooksUntil(first, end truce.Date) int {
	return min((end.Number()-first.Number())/7, (end.Number()-monday(truce.Date{Year: end.Year - looksBack, Month: time.January,
		Day: 1}).Number())/7)
}

// cells are weeks while they are read.
type cells struct {
	Weeks
	ids map[string]int
	n   map[cell]int
}

type cell struct {
	look, source, week int
	mark               truce.Marks
}

func newCells(first truce.Date, weeks int) *cells {
	return &cells{Weeks: Weeks{First: first, N: weeks}, ids: map[string]int{}, n: map[cell]int{}}
}

func (c *cells) add(d storage.MarkDay) {
	from := c.First.Number()
	look, week := (d.At-from)/7, (d.MQL-from)/7
	if d.MQL < from || look >= c.N {
		return // not known yet
	}
	name := truce.SourceName(d.Source)
	id, ok := c.ids[name]
	if !ok {
		id = len(c.ids)
		c.ids[name] = id
	}
	c.n[cell{look, id, week, d.Mark}] += d.N
}

// weeks are the cells, in an order that does not depend on how they were read.
func (c *cells) weeks() *Weeks {
	w := c.Weeks
	w.Sources, w.Changes = slices.Sorted(maps.Keys(c.ids)), make([][]Change, w.N)
	rank := make([]int, len(c.ids))
	for name, id := range c.ids {
		rank[id], _ = slices.BinarySearch(w.Sources, name)
	}
	for c, n := range c.n {
		if n != 0 {
			w.Changes[c.look] = append(w.Changes[c.look], Change{rank[c.source], c.week, c.mark, n})
		}
	}
	for _, list := range w.Changes {
		slices.SortFunc(list, func(a, b Change) int {
			return cmp.Or(a.Week-b.Week, a.Source-b.Source, cmp.Compare(a.Mark, b.Mark))
		})
	}
	return &w
}

// monday is the first day of a date's week.
func monday(d truce.Date) truce.Date {
	return d.Add(-(d.Number() + 3) % 7) // 1 January 1970 was a Thursday
}

// Told is what evidence tells of a source.
type Told struct {
	Name   string
	Higher bool       // its share is higher than that of all others
	Since  truce.Date // the first look at which it could be told
	Before bool       // it could be told at the first look that is played over: it was so before Since
	Ended  truce.Date // the look at which it was so no more; zero while it is
	Silent bool       // it ended because none of its leads was judged any more
	Own    stats.Proportion
	Others stats.Proportion // the last weeks of both, as compared
}

// question is what is asked of sources week by week.
type question struct {
	hit, all truce.Marks // of the leads that have one of the marks in all, those that have one in hit
	odds     []float64
	span     int     // weeks of the difference that must be seen
	old      bool    // only of weeks that are past the window of wins
	level    float64 // of evidence, for each source
}

// Questions of evidence: see claims.go.
var (
	askFaults   = question{hit: truce.MarkSourceFault, all: truce.MarkJudged, odds: []float64{2, 3}, span: 13, level: sourceLevel}
	askSentBack = question{hit: truce.MarkSentBack, all: truce.MarkJudged, odds: []float64{2, 3}, span: 13, level: sourceLevel}
	askBought   = question{hit: truce.MarkWon, all: truce.MarkJudged, odds: []float64{2, 3, 1.0 / 2, 1.0 / 3}, span: 26, old: true,
		level: boughtLevel}
)

const (
	restart    = 4 // after how many weeks another e-process starts
	firstStart = 3 // as how many the first one of a source counts: if it differs, then likeliest from its first lead on
)

// replay is the state of a question while the looks pass by.
type replay struct {
	*Weeks
	question
	counts [][]stats.Proportion // by source, week
	totals []stats.Proportion   // by week
	out    []stats.Proportion   // by week: those of whom something is told, then or now, and those too young
	ages   ages                 // of all wins
	own    []ages               // by source
	head   int                  // weeks that count at this look
	heads  []int                // by source: likewise; fewer where its leads take longer to buy than all others'
	from   []int                // by source: the first week of its evidence
	told   []*Told              // by source; nil: nothing is told of it
	logs   [][]float64          // by source: evidence after each week, odds by odds
	valid  []int                // by source: weeks whose evidence is computed
	list   []*Told
}

// play looks at the end of each week and returns what could be told: those that still can come first, the last one first.
func (w *Weeks) play(q question) (told []Told) {
	r := &replay{Weeks: w, question: q, totals: make([]stats.Proportion, w.N), out: make([]stats.Proportion, w.N),
		ages: make(ages, w.N), own: make([]ages, len(w.Sources)), heads: make([]int, len(w.Sources))}
	for range w.Sources {
		r.counts = append(r.counts, make([]stats.Proportion, w.N))
	}
	for s := range r.own {
		r.own[s] = make(ages, w.N)
	}
	r.logs = make([][]float64, len(w.Sources))
	r.from, r.valid, r.told = make([]int, len(w.Sources)), make([]int, len(w.Sources)), make([]*Told, len(w.Sources))
	for week := range w.N {
		r.learn(week)
		r.grow(week)
		if week < w.N-w.Looks || r.head <= 0 {
			continue
		}
		r.end(week)
		for r.tell(week) {
		}
	}
	for _, t := range r.list {
		told = append(told, *t)
	}
	slices.SortStableFunc(told, func(a, b Told) int {
		return cmp.Or(a.Ended.Compare(b.Ended), b.Since.Compare(a.Since), cmp.Compare(a.Name, b.Name))
	})
	return told
}

// learn takes in what has become known.
func (r *replay) learn(week int) {
	dirty := r.N
	for _, c := range r.Changes[week] {
		if c.Mark == truce.MarkWon && c.N > 0 {
			r.ages[week-c.Week] += c.N
			r.own[c.Source][week-c.Week] += c.N
		}
		var p stats.Proportion
		if c.Mark&r.all != 0 {
			p.N = c.N
		}
		if c.Mark&r.hit != 0 {
			p.K = c.N
		}
		if p == (stats.Proportion{}) {
			continue
		}
		r.counts[c.Source][c.Week] = r.counts[c.Source][c.Week].Plus(p)
		r.totals[c.Week] = r.totals[c.Week].Plus(p)
		if r.isOut(c.Source, c.Week) {
			r.out[c.Week] = r.out[c.Week].Plus(p)
		}
		dirty = min(dirty, c.Week)
	}
	for s := range r.valid {
		r.valid[s] = min(r.valid[s], dirty)
	}
}

// ages are how many wins are known, by how many weeks their leads took.
type ages []int

// grow is which weeks count at a look. A source's leads that are too young for it are in nobody's table.
func (r *replay) grow(week int) {
	r.head = week + 1
	if !r.old {
		for s := range r.heads {
			r.heads[s] = r.head
		}
		return
	}
	r.head -= cmp.Or(r.ages.window(), r.N)
	first := max(0, r.head)
	for s, was := range r.heads {
		r.heads[s] = max(0, min(r.head, week+1-r.own[s].window()))
		first = min(first, was, r.heads[s])
	}
	r.takeOut(first)
	for s := range r.valid {
		r.valid[s] = min(r.valid[s], first)
	}
}

// takeOut adds up, from a week on, the leads that are in no other source's table.
func (r *replay) takeOut(first int) {
	clear(r.out[first:])
	for s := range r.told {
		for week := first; week < r.N; week++ {
			if r.isOut(s, week) {
				r.out[week] = r.out[week].Plus(r.counts[s][week])
			}
		}
	}
}

// window is after how many weeks a week's leads are old enough to tell whether they buy: the 80th percentile of the time to win. It is
// asked of all sources together and of each by itself: one that sells as well and takes longer is not to look worse for its young leads.
// 0 is not known: too few have won.
func (a ages) window() int {
	wins := 0
	for _, n := range a {
		wins += n
	}
	if wins < stats.MinRate {
		return 0
	}
	sum := 0
	for weeks, n := range a {
		if sum += n; 10*sum >= 8*wins {
			return min(weeks+1, stats.WindowCap/7)
		}
	}
	return 0
}

// few is how many leads a source must have at all before evidence is added up for it.
const few = 5

// evidence is the logarithm of a source's evidence at this look, and of its parts that say it is higher and lower.
func (r *replay) evidence(s int) (all, up, down float64) {
	k, from := len(r.odds), r.from[s]
	if r.logs[s] == nil {
		n := 0
		for _, p := range r.counts[s] {
			n += p.N
		}
		if n < few {
			return math.Inf(-1), 0, 0
		}
		r.logs[s] = make([]float64, r.N*k)
	}
	logs := r.logs[s]
	head := r.heads[s]
	begin := max(r.valid[s], from)
	told := begin - 1 // the newest week before that told something
	for told >= from && !r.tells(s, told) {
		told--
	}
	for week := begin; week < head; week++ {
		tells := r.tells(s, week)
		// A start in a week that tells nothing waits for one that does: what has stood at 1 all along is no evidence.
		start := told < from || (week-from)/restart > (told-from)/restart
		for i, odds := range r.odds {
			before := math.Inf(-1)
			switch {
			case week > from:
				before = logs[(week-1)*k+i]
			case from == 0:
				before = math.Log(firstStart - 1)
			}
			if logs[week*k+i] = before; tells {
				logs[week*k+i] = stats.LogRestarted(before, stats.LogOddsE(r.counts[s][week], r.table(s, week), odds), start)
			}
		}
		if tells {
			told = week
		}
	}
	r.valid[s] = max(r.valid[s], head)
	if head <= from || told < from {
		return math.Inf(-1), 0, 0
	}
	var ups, downs []float64
	now := logs[(head-1)*k : head*k]
	for i, odds := range r.odds {
		if odds > 1 {
			ups = append(ups, now[i])
		} else {
			downs = append(downs, now[i])
		}
	}
	return stats.LogMean(now...), stats.LogSum(ups...), stats.LogSum(downs...)
}

// isOut reports whether a source's leads of a week are taken out of the tables of the others.
func (r *replay) isOut(s, week int) bool {
	return r.told[s] != nil || week < r.from[s] || r.old && week >= r.heads[s]
}

// tells reports whether a week says anything of how a source compares: not where it has no leads, or all leads of the week fared alike.
func (r *replay) tells(s, week int) bool { return stats.OddsTell(r.counts[s][week], r.table(s, week)) }

// table is all leads of a week that a source is compared among.
func (r *replay) table(s, week int) stats.Proportion {
	p := r.totals[week].Minus(r.out[week])
	if r.isOut(s, week) {
		p = p.Plus(r.counts[s][week])
	}
	return p
}

// changed has all evidence computed anew after something was told or has ended.
func (r *replay) changed() {
	for s := range r.valid {
		r.valid[s] = 0
	}
	r.takeOut(0)
}

// last are the last weeks of a source and of those it is compared with.
func (r *replay) last(s int) (own, others stats.Proportion) {
	for week := max(0, r.heads[s]-r.span); week < r.heads[s]; week++ {
		p := r.counts[s][week]
		own, others = own.Plus(p), others.Plus(r.table(s, week).Minus(p))
	}
	return own, others
}

// differs reports whether the last weeks differ by stats.MinPoints or more, and which way.
func differs(own, others stats.Proportion) (higher, ok bool) {
	d := own.Rate() - others.Rate()
	return d > 0, own.N > 0 && others.N > 0 && math.Abs(d) >= stats.MinPoints-1e-12
}

// end ends what is so no more.
func (r *replay) end(week int) {
	for s, t := range r.told {
		if t == nil {
			continue
		}
		t.Own, t.Others = r.last(s)
		if higher, ok := differs(t.Own, t.Others); ok && higher == t.Higher {
			continue
		}
		t.Ended, t.Silent = r.Look(week), t.Own.N == 0
		r.told[s], r.from[s] = nil, max(0, r.heads[s])
		r.changed()
	}
}

// tell tells the source with the most evidence, if it is enough; false: there is none.
func (r *replay) tell(week int) bool {
	best, most, up, down := -1, math.Inf(-1), 0.0, 0.0
	sources := 0
	for s := range r.Sources {
		for w := max(0, r.head-52); w < r.head; w++ {
			if r.counts[s][w].N > 0 {
				sources++
				break
			}
		}
		if r.told[s] != nil {
			continue
		}
		if e, u, d := r.evidence(s); e > most {
			best, most, up, down = s, e, u, d
		}
	}
	if best < 0 || most < math.Log(evidenceOf(r.level, sources)) {
		return false
	}
	own, others := r.last(best)
	higher, ok := differs(own, others)
	if !ok || higher != (up >= down) {
		return false
	}
	r.told[best] = &Told{Name: r.Sources[best], Higher: higher, Since: r.Look(week), Before: week > 0 && week == r.N-r.Looks, Own: own,
		Others: others}
	r.list = append(r.list, r.told[best])
	r.changed()
	return true
}

// SentBack is what can be told of the sources whose leads Sales sends back more often than those of all others together: for a source
// fault, or for whatever reason where none are given.
func (w *Weeks) SentBack(allReasons bool) []Told {
	if allReasons {
		return w.play(askSentBack)
	}
	return w.play(askFaults)
}

// Bought is what can be told of the sources whose leads, of those judged and old enough, have bought more often than those of all others
// together, or less often. Not of the closed ones: a source whose losses nobody closes would look good.
func (w *Weeks) Bought() []Told { return w.play(askBought) }

// looks are those at whose ends is looked.
func (w *Weeks) looks() mondays { return mondays{w.Look(w.N - w.Looks), w.Looks} }

// sentBackKnown is how many of the leads judged of each week are sent back, and of the 13 weeks that end with each, as known at its end.
// fn is called for each week in turn.
func (w *Weeks) sentBackKnown(fn func(week int, totals []stats.Proportion, trail stats.Proportion)) {
	totals := make([]stats.Proportion, w.N)
	for week := range w.N {
		for _, c := range w.Changes[week] {
			switch c.Mark {
			case truce.MarkJudged:
				totals[c.Week].N += c.N
			case truce.MarkSentBack:
				totals[c.Week].K += c.N
			}
		}
		var trail stats.Proportion
		for i := max(0, week-trailWeeks+1); i <= week; i++ {
			trail = trail.Plus(totals[i])
		}
		fn(week, totals, trail)
	}
}

// OverTime is what can be told of all leads: more of the judged of 13 weeks are sent back than of the 13 weeks before, or fewer, both
// as they were known at the end of their own weeks. The last claim is told of, whether it still is so or has ended; ok is false where
// there was none.
func (w *Weeks) OverTime() (t Told, ok bool) {
	known, sees := make([]stats.Proportion, w.N), make([]seen, w.N)
	w.sentBackKnown(func(week int, totals []stats.Proportion, trail stats.Proportion) {
		if known[week] = trail; week < 2*trailWeeks-1 || week < w.N-w.Looks {
			return
		}
		own, before := trail, known[week-trailWeeks]
		of := seen{leans: leaning(own, before)}
		if min(own.N, before.N) >= stats.MinCompare &&
			stats.TwoProportionP(thinned(own, before, totals[week-2*trailWeeks+1:week+1])) <= overTimeP {
			of.claim = of.leans
		}
		sees[week] = of
	})
	list := w.looks().hold(func(look int, _ truce.Date) seen { return sees[w.N-w.Looks+look] })
	if len(list) == 0 {
		return t, false
	}
	h := list[len(list)-1]
	t = Told{Higher: h.Higher, Since: h.Since, Ended: h.Ended, Silent: h.Silent}
	at := w.N - 1
	if h.Ended != (truce.Date{}) {
		at = (h.Ended.Number()-w.First.Number())/7 - 1
	}
	t.Own, t.Others = known[at], known[at-trailWeeks]
	return t, true
}

// Half is when more than half of the leads judged of 13 weeks were sent back, by the evidence that a promise needs.
func (w *Weeks) Half() (list holds) {
	sees := make([]seen, w.N)
	w.sentBackKnown(func(week int, _ []stats.Proportion, trail stats.Proportion) { sees[week] = halfBack(trail) })
	return w.looks().hold(func(look int, _ truce.Date) seen { return sees[w.N-w.Looks+look] })
}

// halfBack is what a look sees of the leads judged and sent back. That more than half are is a level, which five points less would not be.
func halfBack(p stats.Proportion) (of seen) {
	if of.leans = stats.TooFew; p.N < stats.MinRate {
		return of
	}
	if of.leans = stats.TooClose; 2*p.K > p.N {
		of.leans = stats.Higher
	}
	if p.N >= stats.MinCompare && shortOnce(Due{0.5, stats.Proportion{K: p.N - p.K, N: p.N}}) {
		of.claim = stats.Higher
	}
	return of
}

// thinned is two proportions cut down to what they would be worth if weeks varied by chance alone: strict weeks and mild ones, a batch
// that somebody works off, tell less than as many leads each for itself. The factor is Pearson's chi-square of the weeks by its degrees
// of freedom, at least 1 (effective sizes of overdispersed proportions: Rao and Scott, Biometrics 1992;48:577-585). weeks are those
// of both, of which the second half is a's.
func thinned(a, b stats.Proportion, weeks []stats.Proportion) (stats.Proportion, stats.Proportion) {
	var chi float64
	free := -2
	half := len(weeks) / 2
	for _, part := range [][]stats.Proportion{weeks[:half], weeks[half:]} {
		var all stats.Proportion
		for _, w := range part {
			all = all.Plus(w)
		}
		p := all.Rate()
		for _, w := range part {
			if n := float64(w.N); n > 0 && p > 0 && p < 1 {
				chi += math.Pow(float64(w.K)-n*p, 2) / (n * p * (1 - p))
				free++
			}
		}
	}
	factor := 1.0
	if free > 0 {
		factor = max(1, chi/float64(free))
	}
	thin := func(p stats.Proportion) stats.Proportion {
		return stats.Proportion{K: int(math.Round(float64(p.K) / factor)), N: int(math.Round(float64(p.N) / factor))}
	}
	return thin(a), thin(b)
}
