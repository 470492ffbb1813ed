package digests

import (
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of promises: how each side kept its own.

// promisesBlock is a row for each promise in the summary, those of the charter where there is one, and a table among all figures.
var promisesBlock = Block{
	Name:  promiseRowsName,
	Early: true, // the headline names the one that falls furthest short
	How: []cards.Definition{
		{Label: "Promises", How: "kept of due, by the date they were due, in business hours. The small bars are the 13 weeks, the oldest first: a " +
			"full one is all kept, of leads the week with most; a dot is a week in which fewer than ten were due."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		if s.Kind == WeeklyDigest && !s.Withheld.Sales && (s.whole || s.Trail.Totals.Leads <= workedAtOnce) {
			if err := d.countWorked(tx, s.Trail, s.AsOf); err != nil {
				return err
			}
		}
		return d.promises(tx, s)
	},
	Card: func(d Maker, s *Study) []chat.Block {
		if m := kept[charterKept](s).m; m != nil {
			return cards.CharterPromises(*m, d.worstDays(s), d.charterArgs(s), s.trends())
		}
		return cards.Sides(d.sidesView(s))
	},
	JSON: func(_ Maker, s *Study) any { return promisesJSON(s) },
	Figures: func(d Maker, s *Study) []chat.Block {
		var list []cards.PromiseView
		for _, p := range s.Promises {
			v := d.promiseView(s, p)
			v.Name, v.Weeks = p.Side.Title()+": "+v.Name, p.trend()
			list = append(list, v)
		}
		return append(table(cards.Kept(list, d.period(s.Query), s.Trail.span())), cards.SidesWithheld(s.Withheld)...)
	},
	Rows: Maker.promiseRows,
}

func (d Maker) sidesView(s *Study) cards.SidesView {
	v := cards.SidesView{Period: d.period(s.Query), Rates: s.Trail.span(), Trail: s.Trail.Totals.Leads,
		LeadsArg: within(d.period(s.Query), s.Trail).Arg("n", leadRowsName)}
	if s.Targets.LeadsPerQuarter > 0 && s.trailing() {
		v.Promised = s.Targets.LeadsPerQuarter
	}
	marketing, sales, sponsor := cards.SideView{Side: "Marketing", Arg: d.promiseArg(s, truce.Marketing)},
		cards.SideView{Side: "Sales", Arg: d.promiseArg(s, truce.Sales)},
		cards.SideView{Side: "The sponsor", Arg: d.promiseArg(s, truce.TheSponsor)}
	for _, p := range s.Promises {
		side := &sponsor
		switch p.Side {
		case truce.Sales:
			side = &sales
		case truce.Marketing:
			side = &marketing
		}
		side.Promises = append(side.Promises, d.promiseView(s, p))
	}
	if s.ICP.N > 0 || s.Targets.ICPShare > 0 {
		marketing.Promises = append([]cards.PromiseView{d.icpPromise(s)}, marketing.Promises...)
	}
	marketing.Withheld, sales.Withheld = s.Withheld.Marketing, s.Withheld.Sales
	if !sales.Withheld && !slices.ContainsFunc(s.Promises, func(p PromiseStudy) bool { return p.Kind == "touch" }) {
		sales.Promises = append(sales.Promises, cards.PromiseView{Name: "first touch"}) // reads "not measured"
	}
	sales.NotWorked = share(notWorked(s.Trail.Totals.Work))
	v.Sides = []cards.SideView{marketing, sales}
	if len(sponsor.Promises) > 0 {
		v.Sides = append(v.Sides, sponsor)
	}
	return v
}

// PromiseStudy is how a side kept promises of one kind in the trailing 13 weeks: kept of due, by the date they were due.
type PromiseStudy struct {
	Side   truce.Side
	Kind   string
	Kept   stats.Proportion
	Past   stats.Proportion // the 13 weeks before
	Target float64          // 0: none was promised
	Missed bool             // it can be told that it is kept less often than was promised
	Since  truce.Date       // the look at which it could be told first
	Before bool             // that was the first look of all
	Ended  truce.Date       // where it was so until lately: the look at which it was so no more
	ByDay  [7]stats.Proportion
	weeks  []WeekDue // whole ones, from a fixed day on
	Was    float64   // another target, that held at the beginning of the 13 weeks; 0: this one did, or none
	From   time.Time // since when Target holds, where Was is another
	Worst  int       // the weekday (Sunday is 0) that stands out below all others, by the day the promise began; -1: none
}

// trendLeast is of how many weeks a trend has to be known.
const trendLeast = 4

// trend are the shares that were kept in the 13 weeks up to the look, the oldest first; below 0 where fewer than ten came due. nil
// where too few weeks are known.
func (p *PromiseStudy) trend() []float64 {
	weeks := p.weeks[max(0, len(p.weeks)-trailWeeks):]
	list, known := make([]float64, len(weeks)), 0
	for i, w := range weeks {
		var of stats.Proportion
		for _, due := range w {
			of = of.Plus(due.Proportion)
		}
		if list[i] = -1; of.N >= stats.MinRate {
			list[i], known = of.Rate(), known+1
		}
	}
	if known < trendLeast {
		return nil
	}
	return list
}

// trends are the weeks of what the charter promises, by what is promised: shares in time, and of leads the week with most.
func (s *Study) trends() map[string][]float64 {
	list := map[string][]float64{}
	for what, k := range inTime {
		for _, p := range s.Promises {
			if p.Side == k.side && p.Kind == k.kind {
				list[what] = p.trend()
			}
		}
	}
	if most := slices.Max(append([]int{0}, s.LeadWeeks...)); most >= stats.MinRate && s.LeadWeeks[0] > 0 {
		for _, n := range s.LeadWeeks {
			list["leads"] = append(list["leads"], float64(n)/float64(most))
		}
	}
	return list
}

// promised are the promises of a summary, in its order. A rating is asked for and cannot be broken.
var promised = []clockKind{{truce.Sales, "touch"}, {truce.Sales, "verdict"}, {truce.Sales, "reply"}, {truce.Sales, "evidence"},
	{truce.Sales, "ruling"}, {truce.Marketing, "answer"},
	{truce.Marketing, "ruling"}, {"sponsor", "ruling"}}

func (d Maker) promises(tx *storage.Tx, s *Study) error {
	look := monday(d.Calendar.Date(minTime(s.To, s.AsOf)))                                   // whole weeks, like all that is claimed
	first := monday(truce.Date{Year: look.Year - promiseYears, Month: time.January, Day: 1}) // fixed, so that what is told keeps its date
	h, err := d.targets(tx, minTime(s.To.Add(-time.Millisecond), s.AsOf))
	if err != nil {
		return err
	}
	found, err := d.cameDue(tx, s, h, first, (look.Number()-first.Number())/7)
	if err != nil {
		return err
	}
	measured := func(week int) (n int) {
		for _, p := range found {
			if i := slices.IndexFunc(p.weeks, func(w WeekDue) bool { return len(w) > 0 }); i >= 0 && i <= week {
				n++
			}
		}
		return n
	}
	for _, k := range promised {
		p := found[k]
		if p == nil || p.Kept.N == 0 {
			continue
		}
		p.Was, p.From = h.changed(h.inTime(k), s.Trail.From, s.To)
		if p.Target > 0 && p.Target < 1 {
			if short, ok := Below(p.weeks, first.Number()/7, measured); ok {
				at := func(week int) truce.Date { return first.Add(7 * (week + 1)) }
				p.Missed, p.Since, p.Before = short.Ended == 0, at(short.Since), short.Since == 0
				if short.Ended > 0 {
					p.Ended = at(short.Ended)
				}
			}
		}
		p.Worst = p.WorstDay()
		s.Promises = append(s.Promises, *p)
	}
	return nil
}

// WorstDay is the weekday that stands out below all others; -1 is none.
func (p *PromiseStudy) WorstDay() int {
	var rows []stats.Row
	var days []int
	for day, r := range p.ByDay {
		if r.N > 0 {
			rows, days = append(rows, stats.Row{Total: r}), append(days, day)
		}
	}
	if t := stats.CompareRows(stats.MinRate, weekdayP, rows); t.Lowest.Row >= 0 && t.Lowest.Order == stats.OrderHolds &&
		rows[t.Lowest.Row].Total.N >= stats.MinCompare {
		return days[t.Lowest.Row]
	}
	return -1
}

// cameDue counts what came due of each kind: in so many weeks from a day on, each against what was promised then, in the 13 weeks
// and in those before them.
func (d Maker) cameDue(tx *storage.Tx, s *Study, h targets, first truce.Date, weeks int) (map[clockKind]*PromiseStudy, error) {
	lines, err := tx.PromiseLines(minTime(first.At(0, d.loc()), s.TrailPast.From), s.To)
	if err != nil {
		return nil, err
	}
	found := map[clockKind]*PromiseStudy{}
	for _, l := range lines {
		kept, due := keptAt(l, s.AsOf)
		if !due || s.Withheld.Has(l.Side) {
			continue
		}
		k := clockKind{l.Side, l.Kind}
		if found[k] == nil {
			found[k] = &PromiseStudy{Side: l.Side, Kind: l.Kind, Target: s.target(k), weeks: make([]WeekDue, weeks)}
		}
		p, one := found[k], stats.Proportion{K: kept, N: 1}
		if week := truce.DayNumber(l.DueAt, d.loc()) - first.Number(); week >= 0 && week < 7*weeks {
			p.weeks[week/7].add(h.inTime(k)(l.DueAt), one)
		}
		switch {
		case l.DueAt.Before(s.TrailPast.From):
		case l.DueAt.Before(s.Trail.From):
			p.Past = p.Past.Plus(one)
		default:
			p.Kept = p.Kept.Plus(one)
			day := l.StartedAt.In(d.loc()).Weekday()
			p.ByDay[day] = p.ByDay[day].Plus(one)
		}
	}
	return found, nil
}

// keptAt is how a promise stood at a moment: kept or not, if it was due by then at all.
func keptAt(l storage.PromiseLine, asOf time.Time) (kept int, due bool) {
	ended := !l.Ended.IsZero() && !l.Ended.After(asOf) && l.Result != ""
	switch {
	case ended && l.Result == "kept":
		return 1, true
	case ended && (l.Result == "late" || l.Result == "lapsed"):
		return 0, true
	case ended:
		return 0, false // paused, or not owed any more
	case l.Ended.IsZero() && l.Result != "":
		return 0, false
	}
	return 0, l.DueAt.Before(asOf)
}

// against is how a share stands to what was promised; "" where nothing was, or where there are too few to say. missed is whether it can be
// told that it falls short; what cannot may be chance.
func against(p stats.Proportion, target float64, missed bool) string {
	switch {
	case target <= 0 || p.N < stats.MinRate:
		return ""
	case p.Rate() >= target:
		return "met"
	case missed, target == 1: // of all that was promised one is missing: no chance makes that
		return "missed"
	}
	return "within"
}

// icpPromise is Marketing's promise of leads inside the ideal customer profile.
func (d Maker) icpPromise(s *Study) cards.PromiseView {
	v := cards.PromiseView{Name: "inside the ICP", Plain: true,
		Arg: within(d.period(s.Query), s.Trail).Arg("n", profileRowsName, "i", string(truce.InsideICP)), Kept: share(s.ICP),
		Target: s.Targets.ICPShare, Verdict: against(s.ICP, s.Targets.ICPShare, shortOnce(s.icpDue...))}
	if all := s.ICP.N + s.ICPOpen; 10*s.ICPOpen > 3*all { // of too many too little is known
		v.Verdict = "unjudged"
	}
	return v
}

func (d Maker) promiseView(s *Study, p PromiseStudy) cards.PromiseView {
	v := cards.PromiseView{Kind: p.Kind, Arg: d.promiseArg(s, p.Side, "y", p.Kind), Name: promiseName(p.Kind), Kept: share(p.Kept),
		Target: p.Target, Was: p.Was}
	if p.Was > 0 {
		v.Until = d.Calendar.Date(p.From).At(0, d.loc()).Format("2 Jan")
	}
	v.Verdict = against(p.Kept, p.Target, p.Missed)
	if p.Worst >= 0 && v.Verdict == "missed" {
		day := p.ByDay[p.Worst]
		v.Day, v.DayShare = weekday(p.Worst), share(day)
	}
	return v
}

// promiseArg leads to the promises of a side.
func (d Maker) promiseArg(s *Study, side truce.Side, more ...string) string {
	return within(d.period(s.Query), s.Trail).Arg(append([]string{"n", promiseRowsName, "z", string(side)}, more...)...)
}

func weekday(day int) string {
	return []string{"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"}[day]
}
