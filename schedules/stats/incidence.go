package stats

// How many leads have won by a given day, when many are still open and many can no longer win: cumulative incidence with
// competing events.

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Cause is what ended a lead's wait. The values above Censored are the caller's: won, lost, rejected, recycled.
type Cause int

// Censored is a lead that nothing has happened to yet: it was last seen open on that day.
const Censored Cause = 0

// Record is one lead: the days from its start (the MQL date) to its first event, or to the last look at it.
type Record struct {
	Days  float64
	Cause Cause
}

// DayCount is a cell of a histogram: N leads whose wait ended on whole day Day for that cause. The same day and cause may
// occur more than once.
type DayCount struct {
	Day   int
	Cause Cause
	N     int
}

// WinHorizons returns the days at which wins are reported.
func WinHorizons() []int { return []int{30, 60, 90, 180, 365} }

// Incidence is an estimated cumulative incidence function of one cause. The zero value has nobody in it.
type Incidence struct {
	n     int
	steps []incidenceStep // ascending in time
}

// incidenceStep is the state after everything of one moment has happened.
type incidenceStep struct {
	time           float64
	rate, variance float64
	noEvent        float64 // probability of no event of any cause yet
	atRisk         int     // still waiting after this moment
	censoredBefore int     // censored at earlier moments
	censored       int     // censored up to and including this moment
}

// Estimate is the incidence at one day.
type Estimate struct {
	Rate     float64  // share that has had the event by that day, the day included
	SE       float64  // its standard error
	Interval Interval // see Incidence.At
	AtRisk   int      // leads still waiting after that day
	Known    bool     // somebody was followed that far; if not, Rate is only what was reached by the last day seen
}

// moment is what happened at one time: events of the cause of interest, of any other cause, and censorings.
type moment struct {
	time                 float64
	own, other, censored int
}

func (m *moment) add(c, of Cause, n int) {
	switch c {
	case of:
		m.own += n
	case Censored:
		m.censored += n
	default:
		m.other += n
	}
}

// CumulativeIncidence estimates the incidence of one cause from a histogram, in O(d) for d cells sorted by day, else
// O(d log d), however many leads they count. counts is not changed.
//
// The estimator is Aalen and Johansen's (Scand J Stat 1978;5:141-150): with n(t) at risk just before day t, d(t) events of
// the cause and e(t) of any cause,
//
//	F(t) = Σ over s <= t of S(s-)·d(s)/n(s),   S(t) = Π over s <= t of 1 - e(s)/n(s)
//
// Other causes end the wait for good; censoring them, as Kaplan-Meier would, answers what would happen in a world without
// losses and overstates wins. Leads censored on a day were at risk on it. Days before 0 count as day 0: an outcome dated
// before its start is valid.
//
// The variance is the Greenwood-type one, the delta method over multinomial events (Marubini and Valsecchi, Analysing
// Survival Data 1995, 10.3; recommended by Allignol, Schumacher and Beyersmann, Biom J 2010;52:126-137):
//
//	Σ (F(t)-F(s))²·e/(n(n-e)) + Σ S(s-)²·d(n-d)/n³ - 2·Σ (F(t)-F(s))·S(s-)·d/n²
//
// Without censoring it is F(1-F)/n; without other causes it is Greenwood's.
func CumulativeIncidence(counts []DayCount, cause Cause) Incidence {
	byDay := func(a, b DayCount) int { return cmp.Compare(a.Day, b.Day) }
	if !slices.IsSortedFunc(counts, byDay) {
		counts = slices.Clone(counts)
		slices.SortFunc(counts, byDay)
	}
	var moments []moment
	for _, c := range counts {
		if c.N < 0 {
			panic("stats: negative count of a day")
		}
		moments = at(moments, float64(max(c.Day, 0)))
		moments[len(moments)-1].add(c.Cause, cause, c.N)
	}
	return incidence(moments, cause)
}

// at appends a moment unless the last one is at the same time.
func at(moments []moment, time float64) []moment {
	if n := len(moments); n > 0 && moments[n-1].time == time {
		return moments
	}
	return append(moments, moment{time: time})
}

// incidence makes one pass. The sums over (F(t)-F(s)) are carried along: when F grows by δ each difference grows by δ, so
// that no difference of large sums is taken.
func incidence(moments []moment, cause Cause) Incidence {
	if cause == Censored {
		panic("stats: censoring has no incidence")
	}
	var out Incidence
	for _, m := range moments {
		out.n += m.own + m.other + m.censored
	}
	out.steps = make([]incidenceStep, 0, len(moments))
	var (
		state      = incidenceStep{noEvent: 1, atRisk: out.n}
		a, ga, gga float64 // Σ a, Σ g·a, Σ g²·a with a = e/(n(n-e)), g = F(t)-F(s)
		b, gb      float64 // Σ b, Σ g·b with b = S·d/n²
		jumps      float64 // Σ S²·d(n-d)/n³
	)
	for _, m := range moments {
		n, d, e := float64(state.atRisk), float64(m.own), float64(m.own+m.other)
		if e > 0 {
			step := state.noEvent * d / n
			gga += 2*step*ga + step*step*a
			ga += step * a
			gb += step * b
			if n > e { // else nobody is left and F stays as it is
				a += e / (n * (n - e))
			}
			b += state.noEvent * d / (n * n)
			jumps += state.noEvent * state.noEvent * d * (n - d) / (n * n * n)
			state.rate += step
			state.noEvent *= (n - e) / n
			state.variance = max(0, gga+jumps-2*gb)
		}
		state.time = m.time
		state.atRisk -= m.own + m.other + m.censored
		state.censoredBefore, state.censored = state.censored, state.censored+m.censored
		out.steps = append(out.steps, state)
	}
	return out
}

// N returns how many leads the estimate rests on.
func (i Incidence) N() int { return i.n }

// At returns the incidence by the end of a day, with its interval.
//
// The interval is symmetric on the scale log(-log F), carried back: F^exp(±z·SE/(F·log F)) (Kalbfleisch and Prentice, The
// Statistical Analysis of Failure Time Data 2002, 1.4; Choudhury, Stat Med 2002;21:1129-1144). The plain F ± z·SE goes below
// zero and misses too often just where wins are: at a few percent. Where nobody, or everybody, has had the event the standard
// error is zero and says nothing; there it is the Wilson interval over the leads whose state on that day is known.
func (i Incidence) At(days float64) Estimate {
	next := sort.Search(len(i.steps), func(j int) bool { return i.steps[j].time > days })
	if next == 0 { // before the first day, or nobody at all
		return Estimate{Interval: score0(i.n), AtRisk: i.n, Known: i.n > 0}
	}
	s := i.steps[next-1]
	e := Estimate{
		Rate: min(s.rate, 1), SE: math.Sqrt(s.variance), AtRisk: s.atRisk,
		Known: next < len(i.steps) || s.time == days || s.noEvent == 0,
	}
	known := i.n - s.censored
	if s.time == days {
		known = i.n - s.censoredBefore
	}
	switch {
	case s.rate <= 0:
		e.Interval = score0(known)
	case s.rate >= 1-rounding:
		e.Interval = Wilson(known, known)
	default:
		spread := math.Exp(Z95 * e.SE / (e.Rate * -math.Log(e.Rate)))
		e.Interval = Interval{Low: math.Pow(e.Rate, spread), High: math.Pow(e.Rate, 1/spread)}
	}
	return e
}

// score0 is the interval of nobody among n.
func score0(n int) Interval { return Wilson(0, n) }

// Quantile returns the first day by which a share p of all leads has had the event; reached is false if that has not been
// seen, as it never will be if more than 1-p are lost.
func (i Incidence) Quantile(p float64) (days float64, reached bool) {
	j := sort.Search(len(i.steps), func(j int) bool { return i.steps[j].rate >= p-rounding })
	if j == len(i.steps) {
		return 0, false
	}
	return i.steps[j].time, true
}

// Median returns the day by which half of all leads have had the event. Not reached says that fewer than half have.
func (i Incidence) Median() (days float64, reached bool) { return i.Quantile(0.5) }

// WindowCap is the longest window of a cohort, in days.
const WindowCap = 365

// Window returns after how many days a cohort is old enough to be judged: the 80th percentile of days to win among the
// leads that won, at most WindowCap. Before it the cohort is "too young". ok is false if none has won.
//
// Young cohorts hold only their fast winners, so give it cohorts that have had WindowCap days, if there are any.
func Window(counts []DayCount, won Cause) (days int, ok bool) {
	days, ok = DaysQuantile(counts, won, 0.8)
	return min(days, WindowCap), ok
}

// DaysQuantile returns the first day by which at least a share p of those who ended by that cause had done so (nearest rank,
// the inverse of the empirical distribution; Hyndman and Fan, Am Stat 1996;50:361-365, definition 1), so that "80 % within
// 140 days" is true of whole days. Days before 0 count as 0. ok is false if nobody did. It is conditional on the event: among
// winners, unlike Incidence.Quantile.
func DaysQuantile(counts []DayCount, cause Cause, p float64) (days int, ok bool) {
	byDay, n := map[int]int{}, 0
	for _, c := range counts {
		if c.Cause == cause && c.N > 0 {
			byDay[max(c.Day, 0)] += c.N
			n += c.N
		}
	}
	if n == 0 {
		return 0, false
	}
	rank, seen := nearestRank(p, n), 0
	sorted := make([]int, 0, len(byDay))
	for d := range byDay {
		sorted = append(sorted, d)
	}
	slices.Sort(sorted)
	for _, d := range sorted {
		if seen += byDay[d]; seen >= rank {
			return d, true
		}
	}
	panic("unreachable: the ranks end at n")
}

// nearestRank returns ⌈p·n⌉, from 1 to n.
func nearestRank(p float64, n int) int {
	return min(max(int(math.Ceil(p*float64(n)-1e-9)), 1), n)
}
