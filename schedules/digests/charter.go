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

// This file holds the charter against what Truce measures.

// charterBlock is the charter's goals and who signed it; its promises are lines of the promises' block.
var charterBlock = Block{
	Name: "charter",
	How: []cards.Definition{
		{Label: "Charter", How: "goals that add up count from their first day; the line is where they would be by now on a straight way to " +
			"their target, or, where the twelve months before are known, by " +
			"last year's share of the same days. Rates are of the 13 weeks: win rate by the day of the close, lead-to-win of leads that qualified " +
			"in the 52 weeks up to 180 days ago."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.Kind == WeeklyDigest || s.Kind == MonthlyDigest {
			kept[charterKept](s).m, err = d.charter(tx, s.To, s.AsOf, s.Withheld, s.Promises)
		}
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		if m := kept[charterKept](s).m; m != nil {
			return cards.CharterGoals(*m)
		}
		return nil
	},
	JSON: func(d Maker, s *Study) any {
		if m := kept[charterKept](s).m; m != nil {
			return m
		}
		return nil
	},
}

type charterKept struct{ m *truce.CharterMeasured }

// Charter is the charter in force at a moment, measured over the 13 weeks before the moment's week; nil where there is none. What
// people of the withheld sides did is left out.
func (d Maker) Charter(tx *storage.Tx, asOf time.Time, withheld truce.Sides) (*truce.CharterMeasured, error) {
	d, err := d.at(tx, asOf)
	if err != nil {
		return nil, err
	}
	s, err := d.promisesBefore(tx, Query{Kind: WeeklyDigest, AsOf: asOf, Withheld: withheld})
	if err != nil {
		return nil, err
	}
	return d.charter(tx, s.To, asOf, withheld, s.Promises)
}

// promisesBefore is a study of nothing but the promises of the 13 weeks before a request's end.
func (d Maker) promisesBefore(tx *storage.Tx, r Query) (*Study, error) {
	r = d.Fill(r)
	to := d.Calendar.Date(r.To)
	at := func(days int) time.Time { return to.Add(-days).At(0, d.loc()) }
	s := &Study{Query: r, Trail: newCohort(at(trailDays), r.To), TrailPast: newCohort(at(2*trailDays), at(trailDays)), loc: d.loc(),
		Targets: d.Terms.Targets}
	if err := s.mandate(tx); err != nil {
		return nil, err
	}
	return s, d.promises(tx, s)
}

// fallsShort notes whether it can be told of a promise that it falls short: of what came due by the clock by the evidence of its
// weeks, of another share by that of the stretch; a count is what it is, and of all that was promised one missing is enough.
func fallsShort(m *truce.PromiseMeasured, studies []PromiseStudy) {
	f, _ := truce.CharterFigureOf(m.What)
	if m.Kept == nil || *m.Kept {
		return
	}
	if m.N == nil || !f.AtMost && m.Target == 1 {
		m.Short = true
		return
	}
	due := Due{m.Target, stats.Proportion{K: *m.K, N: *m.N}}
	if f.AtMost {
		due = Due{1 - m.Target, stats.Proportion{K: *m.N - *m.K, N: *m.N}}
	}
	m.Short = shortOnce(due)
	for _, p := range studies {
		if k, ok := inTime[m.What]; ok && m.What != "decisions" && p.Side == k.side && p.Kind == k.kind {
			m.Short = p.Missed
		}
	}
}

// charter measures over the 13 weeks before to; studies are what can be told of promises then.
func (d Maker) charter(tx *storage.Tx, to, asOf time.Time, withheld truce.Sides, studies []PromiseStudy) (*truce.CharterMeasured, error) {
	versions, err := tx.CharterVersions(asOf)
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	v := versions[0]
	m := &truce.CharterMeasured{Version: v.Version, InForce: v.InForce, Why: v.Charter.Why}
	signed, err := tx.CharterSigned(versions, asOf)
	if err != nil {
		return nil, err
	}
	if signed.Shown() {
		m.Signed = &signed
	}
	from := d.Calendar.Date(to).Add(-trailDays).At(0, d.loc())
	for _, g := range v.Goals {
		measured, err := d.goal(tx, g, from, to, asOf)
		if err != nil {
			return nil, err
		}
		m.Goals = append(m.Goals, measured)
	}
	found, err := d.promised(tx, v.Promises, from, to, asOf)
	if err != nil {
		return nil, err
	}
	for _, p := range v.Promises {
		if ofPeople(p.What) && withheld.Has(p.Side) {
			m.Promises = append(m.Promises, truce.PromiseMeasured{CharterPromise: p, Withheld: true})
			continue
		}
		r := held(p, found, 1)
		fallsShort(&r, studies)
		if r.Parts, err = d.parts(tx, versions, p, from, to, asOf); err != nil {
			return nil, err
		}
		m.Promises = append(m.Promises, r)
	}
	return m, nil
}

// mandate holds a study to what the charter in force at its end promises, over what is configured.
func (s *Study) mandate(tx *storage.Tx) error {
	versions, err := tx.CharterVersions(minTime(s.To.Add(-time.Millisecond), s.AsOf))
	if err != nil || len(versions) == 0 {
		return err
	}
	s.promised = versions[0].Promises
	for _, p := range s.promised {
		switch p.What {
		case "leads":
			s.Targets.LeadsPerQuarter = int(p.Target)
		case "icp":
			s.Targets.ICPShare = p.Target
		}
	}
	return nil
}

// inTime are the promises of the charter that clocks of one kind tell of.
var inTime = map[string]clockKind{"answers": {truce.Marketing, "answer"}, "first_touch": {truce.Sales, "touch"},
	"verdicts": {truce.Sales, "verdict"}, "decisions": {truce.TheSponsor, "ruling"}}

type clockKind struct {
	side truce.Side
	kind string
}

// target is the share in time that is promised of clocks of one kind.
func (s *Study) target(k clockKind) float64 {
	for _, p := range s.promised {
		if inTime[p.What] == k {
			return p.Target
		}
	}
	return s.Targets.InTimeShare
}

// worstDays are the weekdays on which promises of the charter are kept least, where one stands out, by what is promised.
func (d Maker) worstDays(s *Study) map[string]string {
	notes := map[string]string{}
	for what, k := range inTime {
		for _, p := range s.Promises {
			if v := d.promiseView(s, p); p.Side == k.side && p.Kind == k.kind && v.Day != "" {
				notes[what] = v.Day + " " + v.DayShare.String()
			}
		}
	}
	return notes
}

// charterArgs lead to what is counted for the promises of the charter in the 13 weeks, by what is promised. A conversation, a meeting or a
// sponsor's decision stands in lists of its own.
func (d Maker) charterArgs(s *Study) map[string]string {
	p := within(d.period(s.Query), s.Trail)
	args := map[string]string{"leads": p.Arg("n", leadRowsName), "not_worked": p.Arg("n", leadRowsName),
		"icp": p.Arg("n", profileRowsName, "i", string(truce.InsideICP))}
	for what, k := range inTime {
		if what != "decisions" {
			args[what] = d.promiseArg(s, k.side, "y", k.kind)
		}
	}
	return args
}

// parts are a promise's 13 weeks before and since the day on which its target became what it is, where that lies within them: one rate
// against two targets would say nothing. A count is not divided.
func (d Maker) parts(tx *storage.Tx, versions []storage.CharterVersion, p truce.CharterPromise, from, to,
	asOf time.Time) (list []truce.PromisePart, err error) {
	if f, _ := truce.CharterFigureOf(p.What); f.Unit != "share" {
		return nil, nil
	}
	for i, v := range versions[:len(versions)-1] { // the newest first
		at := slices.IndexFunc(versions[i+1].Promises, func(o truce.CharterPromise) bool { return o.What == p.What })
		if at < 0 || !v.InForce.After(from) {
			return nil, nil
		}
		old := versions[i+1].Promises[at]
		if old.Target == p.Target || !v.InForce.Before(to) {
			continue
		}
		for _, part := range []struct {
			truce.CharterPromise
			from, to time.Time
		}{{old, from, v.InForce}, {p, v.InForce, to}} {
			found, err := d.promised(tx, []truce.CharterPromise{part.CharterPromise}, part.from, part.to, asOf)
			if err != nil {
				return nil, err
			}
			m := held(part.CharterPromise, found, 1)
			fallsShort(&m, nil)
			if m.Measured == nil { // all that is measured is of one target
				return nil, nil
			}
			list = append(list, truce.PromisePart{From: part.from, To: part.to, PromiseMeasured: m})
		}
		return list, nil
	}
	return nil, nil
}

// held is a promise against what was found; of a count the share of its target that the nth part of the 13 weeks owes.
func held(p truce.CharterPromise, found map[string]stats.Proportion, nth int) truce.PromiseMeasured {
	f, _ := truce.CharterFigureOf(p.What)
	r := truce.PromiseMeasured{CharterPromise: p}
	c, ok := found[p.What]
	if ok && f.Unit == "count" {
		n := float64(c.K)
		r.K, r.Measured, r.Kept = &c.K, &n, judge(n*float64(nth) >= p.Target)
	} else if ok && c.N > 0 {
		rate, i := c.Rate(), c.Interval()
		r.K, r.N, r.Measured, r.Low, r.High = &c.K, &c.N, &rate, &i.Low, &i.High
		r.Kept = judge(rate >= p.Target)
		if f.AtMost {
			r.Kept = judge(rate <= p.Target)
		}
	}
	return r
}

// ofPeople reports whether a promise's figure is about what people did, rather than about leads.
func ofPeople(what string) bool { return what != "leads" && what != "icp" }

// yearBack is the same day a year earlier; 29 February is 1 March.
func yearBack(d truce.Date) truce.Date {
	return truce.DateOf(time.Date(d.Year-1, d.Month, d.Day, 12, 0, 0, 0, time.UTC))
}

func judge(kept bool) *bool { return &kept }

// goal is where a goal stands at a moment.
func (d Maker) goal(tx *storage.Tx, g truce.CharterGoal, from, to, asOf time.Time) (m truce.GoalMeasured, err error) {
	m.CharterGoal = g
	f, _ := truce.GoalFigureOf(g.What)
	line := g.GoalLine(d.Calendar.Date(asOf))
	m.Line = &line
	since, err := truce.ParseDate(g.Since)
	if err != nil {
		return m, err
	}
	var p stats.Proportion
	switch g.What {
	case "won_revenue", "won_deals":
		sold := func(from, to, asOf time.Time) (v float64, err error) {
			var sales []truce.Sale
			if f.Unit == "money" {
				sales, err = d.earned(tx, Query{From: from, To: to, AsOf: asOf})
			} else {
				sales, err = tx.Closings(truce.Won, from, to, asOf)
			}
			var money map[string]int64
			for _, s := range sales {
				money = sum(money, s)
			}
			if f.Unit == "money" {
				return float64(money[g.Unit]), err
			}
			return float64(len(sales)), err
		}
		first := since.At(0, d.loc())
		end := asOf.Add(time.Millisecond)
		if first.After(asOf) {
			return m, nil
		}
		now, err := sold(first, end, asOf)
		if err != nil {
			return m, err
		}
		now += g.Start
		m.Now = &now
		by, _ := truce.ParseDate(g.By) // Check has read it
		known, _, ok, err := tx.LeadSpan()
		if before := yearBack(since).At(0, d.loc()); err == nil && ok && !known.After(before) && by.Compare(d.Calendar.Date(asOf)) >= 0 {
			whole, err := sold(before, yearBack(by).At(0, d.loc()), asOf)
			if err != nil {
				return m, err
			}
			part, err := sold(before, yearBack(d.Calendar.Date(asOf)).At(0, d.loc()), asOf)
			if err != nil {
				return m, err
			}
			if whole > 0 {
				line = g.Start + (g.Target-g.Start)*part/whole
			}
		}
		return m, err
	case "win_rate":
		won, err := tx.Closings(truce.Won, from, to, asOf)
		if err != nil {
			return m, err
		}
		lost, err := tx.Closings(truce.Lost, from, to, asOf)
		if err != nil {
			return m, err
		}
		p = stats.Proportion{K: len(won), N: len(won) + len(lost)}
	case "lead_to_win":
		end := d.Calendar.Date(to).Add(-180)
		c := newCohort(end.Add(-364).At(0, d.loc()), end.At(0, d.loc())).only(totalsOnly)
		if err := fill(tx, asOf, d.loc(), c); err != nil {
			return m, err
		}
		p = stats.Proportion{K: c.Totals.Won, N: c.Totals.Leads}
	case "repeat_rate":
		list, err := tx.Repeats(asOf)
		if err != nil {
			return m, err
		}
		for _, a := range list {
			tally(&p, a.Again)
		}
	}
	if p.N > 0 {
		rate, i := p.Rate(), p.Interval()
		m.K, m.N, m.Now, m.Low, m.High = &p.K, &p.N, &rate, &i.Low, &i.High
	}
	return m, nil
}

// promised counts what the promises are about, by what: of a count K alone. What is not measured is not there.
func (d Maker) promised(tx *storage.Tx, list []truce.CharterPromise, from, to, asOf time.Time) (map[string]stats.Proportion, error) {
	found := map[string]stats.Proportion{}
	wants := func(what string) bool {
		return slices.ContainsFunc(list, func(p truce.CharterPromise) bool { return p.What == what })
	}
	end := minTime(to, asOf.Add(time.Millisecond))
	lines, err := tx.PromiseLines(from, end)
	if err != nil {
		return nil, err
	}
	for what, of := range inTime {
		var p stats.Proportion
		for _, l := range lines {
			if l.Side == of.side && l.Kind == of.kind {
				if kept, due := keptAt(l, asOf); due {
					p.K, p.N = p.K+kept, p.N+1
				}
			}
		}
		if p.N > 0 {
			found[what] = p
		}
	}
	if wants("decisions") {
		k, n, err := tx.SponsorDecided(d.Calendar, 2, from, end, asOf)
		if err != nil {
			return nil, err
		}
		if p := found["decisions"]; p.N+n > 0 {
			found["decisions"] = stats.Proportion{K: p.K + k, N: p.N + n}
		}
	}
	if wants("ratings") {
		k, n, err := tx.RatingsKept(from, end, asOf)
		if err != nil {
			return nil, err
		}
		found["ratings"] = stats.Proportion{K: k, N: n}
	}
	if wants("conversations") {
		n, err := tx.Conversations(from, end, asOf)
		if err != nil {
			return nil, err
		}
		found["conversations"] = stats.Proportion{K: n}
	}
	if wants("task_force") {
		n, held, err := tx.TaskForces(from, end, asOf)
		if err != nil {
			return nil, err
		}
		if held {
			found["task_force"] = stats.Proportion{K: n}
		}
	}
	if wants("requests") {
		k, n, err := tx.RequestsKept(from, end, asOf)
		if err != nil {
			return nil, err
		}
		found["requests"] = stats.Proportion{K: k, N: n}
	}
	if wants("leads") || wants("icp") || wants("not_worked") {
		c := newCohort(from, to).only(totalsOnly)
		if err := fill(tx, asOf, d.loc(), c); err != nil {
			return nil, err
		}
		found["leads"] = stats.Proportion{K: c.Totals.Leads}
		inside, _, err := d.icpShare(tx, from, end, asOf)
		if err != nil {
			return nil, err
		}
		if leads := c.Totals.Leads; 10*inside.N >= 7*leads { // with more than 30 % unknown it is not judged
			found["icp"] = inside
		}
		if wants("not_worked") {
			if err := d.countWorked(tx, c, asOf); err != nil {
				return nil, err
			}
			found["not_worked"] = notWorked(c.Totals.Work)
		}
	}
	return found, nil
}
