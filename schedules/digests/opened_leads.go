package digests

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/storage"
)

// This file opens the figures that count leads.

// picks are the figures of leads that are no measure of a group by itself: they ask for more than what a lead has come to. Each takes what
// its button carries.
var picks = map[string]struct {
	label, how string
	has        func(d Maker, r Query, where url.Values, l truce.Lead, f truce.Facts) bool
}{
	"stale": {"Stale", "open for longer than twice the median of the days that winners took.",
		func(d Maker, r Query, where url.Values, l truce.Lead, f truce.Facts) bool {
			days, err := strconv.Atoi(where.Get("d"))
			return err == nil && days > 0 && f.Open() && truce.DaysBetween(l.MQLAt, r.AsOf, d.loc()) > days
		}},
	"paid": {"Money won", "what deals that are won and count at these leads brought; currencies are kept apart.",
		func(_ Maker, _ Query, _ url.Values, _ truce.Lead, f truce.Facts) bool { return len(f.Revenue) > 0 }},
	"stage": {"Open at a stage", "open leads, by the furthest stage they have reached.",
		func(_ Maker, _ Query, where url.Values, _ truce.Lead, f truce.Facts) bool {
			return f.Open() && strconv.Itoa(int(f.Stage)) == where.Get("st")
		}},
	"fault": {"Ever a source fault", "somebody sent them back for a source fault, whatever came of them later.",
		func(_ Maker, _ Query, _ url.Values, _ truce.Lead, f truce.Facts) bool { return f.Fault }},
	"wrong": {"Proved wrong", "sent back for a source fault, and an opportunity within 90 days.",
		func(_ Maker, _ Query, _ url.Values, _ truce.Lead, f truce.Facts) bool { return f.Wrong }},
	"both": {"Closed leads that both judged", "won or lost, with a score and a rating given before that.",
		func(_ Maker, _ Query, _ url.Values, l truce.Lead, f truce.Facts) bool {
			return closedAlone(f) && l.HasScore && f.Early != 0
		}},
	"both_won": {"Won, of closed leads that both judged", "", func(_ Maker, _ Query, _ url.Values, l truce.Lead, f truce.Facts) bool {
		return f.Wins() && l.HasScore && f.Early != 0
	}},
	// Told of hand-offs, not of what a lead has come to: see pick.
	"not_worked": {"Not worked", notWorkedHow, nil},
	"handed_off": {"Handed off, three days over", notWorkedHow, nil},
	"tenth":      {"Closed, of a tenth of the scores", "won or lost, with a score of these.", inTenth},
	"tenth_won": {"Won, of a tenth of the scores", "", func(d Maker, r Query, where url.Values, l truce.Lead, f truce.Facts) bool {
		return f.Wins() && inTenth(d, r, where, l, f)
	}},
}

// closedAlone reports whether a lead is won or lost by a deal that counts at it.
func closedAlone(f truce.Facts) bool {
	return (f.State == truce.Won || f.State == truce.Lost) && !f.Joined
}

func inTenth(_ Maker, _ Query, where url.Values, l truce.Lead, f truce.Facts) bool {
	low, err := strconv.ParseInt(where.Get("lo"), 10, 64)
	high, err2 := strconv.ParseInt(where.Get("hi"), 10, 64)
	score := truce.Billionths(l.Score)
	return err == nil && err2 == nil && closedAlone(f) && l.HasScore && score >= low && score <= high
}

const notWorkedHow = "without a touch (call, meeting, personal mail) and without a person's verdict by the end of the third business day " +
	"after their hand-off, of all handed off since Truce began whose three days are over."

// eachOf calls fn for the leads of a request that share what a button carries: source (s), campaign (c), segment (g), value (v) of the
// request's attribute, or another source (x), or one of those too small for a row of their own (u).
func (d Maker) eachOf(tx *storage.Tx, r Query, where url.Values, fn func(l truce.Lead, f truce.Facts)) error {
	until := minTime(r.To, r.AsOf.Add(time.Millisecond))
	if !r.From.Before(until) {
		return nil
	}
	small, err := d.small(tx, r, where.Get("u"))
	if err != nil {
		return err
	}
	return tx.EachLeadCaseWith(r.By, r.From, until, func(lc *truce.LeadCase) error {
		l := lc.Lead
		is := func(key, value string) bool {
			return !where.Has(key) || truce.SourceName(value) == where.Get(key) || where.Get(key) == unnamed // stands for all
		}
		if is("s", l.Source) && (!where.Has("x") || truce.SourceName(l.Source) != where.Get("x")) && is("c", l.Campaign) && is("g", l.Segment) &&
			is("v", attributeOf(l, r.By)) && (small == nil || small[pooledBy(where.Get("u"), l, r.By)]) {
			fn(l, lc.Facts(r.AsOf))
		}
		return nil
	})
}

// pooledBy is what the rows of a table that pools small ones are by.
func pooledBy(of string, l truce.Lead, attribute string) string {
	if of == "c" {
		return truce.SourceName(l.Campaign)
	}
	return truce.SourceName(attributeOf(l, attribute))
}

// small are the names that a table of campaigns (c) or of an attribute's values (v) pools; nil where none is asked for.
func (d Maker) small(tx *storage.Tx, r Query, of string) (map[string]bool, error) {
	if of != "c" && of != "v" {
		return nil, nil
	}
	groups := map[string]*Group{}
	err := tx.EachLeadCaseWith(r.By, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), func(lc *truce.LeadCase) error {
		into(groups, pooledBy(of, lc.Lead, r.By)).Leads++
		return nil
	})
	names := map[string]bool{}
	for i, g := range ordered(groups) {
		names[g.Name] = of == "c" && g.Leads < pooledUnder || of == "v" && i >= shownValues-1
	}
	return names, err
}

// pick is a figure's label and definition, and whether a lead is one of what it counts.
func (d Maker) pick(tx *storage.Tx, r Query, where url.Values) (label, how string, has func(truce.Lead, truce.Facts) bool, err error) {
	key := where.Get("m")
	if m, ok := truce.MeasureOf(key); ok {
		return m.Label, m.How, func(_ truce.Lead, f truce.Facts) bool { return m.Has(f) }, nil
	}
	p, ok := picks[key]
	switch {
	case !ok:
	case p.has != nil:
		return p.label, p.how, func(l truce.Lead, f truce.Facts) bool { return p.has(d, r, where, l, f) }, nil
	case r.Withheld.Sales:
		return "", "", nil, truce.Errorf(truce.Forbidden, "Fewer than five people are in Sales, so which leads were not worked is shown to "+
			"managers and to Sales only.")
	default:
		of, due, err := d.workedLeads(tx, r)
		if key == "handed_off" {
			of = due
		}
		return p.label, p.how, func(l truce.Lead, _ truce.Facts) bool { return of[l.ID] }, err
	}
	return "", "", nil, errOldButton
}

// workedLeads are the leads of a request that were not worked, and all of which that is measured, by id. See countWorked.
func (d Maker) workedLeads(tx *storage.Tx, r Query) (not, due map[string]bool, err error) {
	not, due = map[string]bool{}, map[string]bool{}
	early := map[string]bool{}
	untold := 0
	err = d.handedOff(tx, tx.HandOffLeads, r.From, r.To, r.AsOf, func(h storage.HandedOff, w truce.Work) {
		not[h.ID], due[h.ID], early[h.ID] = w.Not > 0, w.Due > 0, w.Early > 0
		untold += w.Untold
	})
	if untold == 0 { // all of the early ones were judged in time
		for id, yes := range early {
			due[id] = due[id] || yes
		}
	}
	return not, due, err
}

// leadRows opens a row of leads, or one of its figures.
func (d Maker) leadRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	of := scopeName(where)
	if where.Has("lo") && !where.Has("m") {
		return d.tenthFigures(tx, r, where)
	}
	if !where.Has("m") {
		list, err := d.groupFigures(tx, r, where)
		v := figuresOpened(p, where, cmp.Or(of, "All leads"), list)
		return v, err
	}
	label, how, has, err := d.pick(tx, r, where)
	if err != nil {
		return cards.DrillView{}, err
	}
	v := cards.DrillView{Period: p, Title: label, How: how}
	if of != "" {
		v.Title += " · " + of
	}
	if where.Has("r") {
		v.Title += " · " + truce.Reason(where.Get("r")).Info().Label
	}
	var rows []cards.DrillLead
	sum := map[string]int64{}
	err = d.eachOf(tx, r, where, func(l truce.Lead, f truce.Facts) {
		if !has(l, f) || where.Has("r") && string(f.Reason) != where.Get("r") {
			return
		}
		rows = append(rows, drillLead(l, f))
		for currency, amount := range f.Revenue {
			sum[currency] += amount
		}
	})
	slices.SortFunc(rows, func(a, b cards.DrillLead) int { return cmp.Or(b.MQLAt.Compare(a.MQLAt), cmp.Compare(a.Ref, b.Ref)) })
	v.Money = joined(money(sum))
	v.Table = cards.DrillLeads(pageOf(&v, "digest.rows", where, rows), d.loc())
	return v, err
}

// drillLead is a lead as drill-downs list it.
func drillLead(l truce.Lead, f truce.Facts) cards.DrillLead {
	return cards.DrillLead{Ref: l.Ref, Title: l.Title(), MQLAt: l.MQLAt, Score: l.Score, HasScore: l.HasScore, State: string(f.State),
		Reason: f.Reason.Info().Label,
		Money:  joined(money(f.Revenue))}
}

// scopeName is what the leads of a button share, in words.
func scopeName(where url.Values) (of string) {
	for _, k := range []string{"s", "c", "g", "v"} {
		if where.Has(k) {
			if of != "" {
				of += " · "
			}
			of += where.Get(k)
		}
	}
	if where.Has("u") {
		of = "the small ones"
	}
	if where.Has("x") {
		of = "all but " + where.Get("x")
	}
	return of
}

// groupFigures are the figures of a row of leads.
func (d Maker) groupFigures(tx *storage.Tx, r Query, where url.Values) ([]figure, error) {
	g := newGroup("")
	days, _ := strconv.Atoi(where.Get("d"))
	ids := map[string]bool{}
	err := d.eachOf(tx, r, where, func(l truce.Lead, f truce.Facts) {
		ids[l.ID] = true
		g.Count(l, f, 1, d.loc())
		if f.Open() {
			g.Waiting[truce.DaysBetween(l.MQLAt, r.AsOf, d.loc())]++
		}
	})
	if err != nil {
		return nil, err
	}
	p := d.period(r)
	share := scopeArgs(where)
	var list []figure
	for _, m := range []truce.Measure{truce.CountedLeads, truce.CountedOpen, truce.CountedJudged, truce.CountedSentBack,
		truce.CountedSourceFault, truce.CountedAccepted, truce.CountedSQL,
		truce.CountedOpportunities, truce.CountedWon, truce.CountedLost, truce.CountedClosed, truce.CountedRejected, truce.CountedRecycled,
		truce.CountedJoined} {
		if f := measured(m, g.Figures, p, share...); f.n > 0 ||
			slices.Contains([]string{"leads", "open", "accepted", "sql", "opportunities", "won", "closed"}, m.Key) {
			list = append(list, f)
		}
	}
	pick := func(key string, n int, amounts map[string]int64) {
		f := picked(key, n, p, share...)
		f.money = amounts
		list = append(list, f)
	}
	if days > 0 {
		pick("stale", g.stale(days), nil)
	}
	if len(g.Revenue) > 0 {
		pick("paid", 0, g.Revenue)
	}
	if r.Withheld.Sales || r.By != "" {
		return list, nil
	}
	not, due, err := d.workedLeads(tx, r)
	k, n := 0, 0
	for id := range ids {
		if not[id] {
			k++
		}
		if due[id] {
			n++
		}
	}
	if n > 0 {
		pick("not_worked", k, nil)
		pick("handed_off", n, nil)
	}
	return list, err
}

// scopeArgs are what a button carries on to the figures of its row.
func scopeArgs(where url.Values) (list []string) {
	for _, k := range []string{"s", "x", "c", "g", "v", "u", "d"} {
		if where.Has(k) {
			list = append(list, k, where.Get(k))
		}
	}
	return list
}

// picked is a figure of leads that asks for more than what a lead has come to.
func picked(key string, n int, p cards.Period, more ...string) figure {
	return figure{label: picks[key].label, how: picks[key].how, n: n, arg: p.Arg(append([]string{"n", leadRowsName, "m", key}, more...)...)}
}

// tenthFigures are the figures of a tenth of the closed leads by score.
func (d Maker) tenthFigures(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	won, closed := 0, 0
	err := d.eachOf(tx, r, where, func(l truce.Lead, f truce.Facts) {
		if inTenth(d, r, where, l, f) {
			if closed++; f.Wins() {
				won++
			}
		}
	})
	low, err2 := strconv.ParseInt(where.Get("lo"), 10, 64)
	high, err3 := strconv.ParseInt(where.Get("hi"), 10, 64)
	if err2 != nil || err3 != nil {
		return cards.DrillView{}, errOldButton
	}
	p := d.period(r)
	wins, all := tenthOf(p, won, closed, low, high)
	return figuresOpened(p, where, "Closed, of a tenth of the scores", []figure{wins, all}), err
}

// tenthOf are the won and the closed leads of a tenth, by the billionths of its scores.
func tenthOf(p cards.Period, won, closed int, low, high int64) (wins, all figure) {
	share := []string{"lo", fmt.Sprint(low), "hi", fmt.Sprint(high)}
	return picked("tenth_won", won, p, share...), picked("tenth", closed, p, share...)
}
