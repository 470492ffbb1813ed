package digests

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of the sources: what the lead-feedback digest is about.

// sourcesBlock is why the headline names whom it names, with the chart and the table of all.
var sourcesBlock = Block{
	Name: sourceRowsName,
	How: append(cards.Defined(truce.CountedLeads, truce.CountedOpen, truce.CountedJudged, truce.CountedSentBack, truce.CountedSourceFault,
		truce.CountedAccepted, truce.CountedSQL,
		truce.CountedOpportunities, truce.CountedWon), []cards.Definition{
		{Label: "What is claimed", How: "a source is named only when its leads since some month are 400 times the number of sources (of eight, " +
			"where there are three to seven; for wins 600 times where there are six or more) likelier if it differs than if it is like the " +
			"others, week by week, and the last 13 weeks differ by five points or more in every segment; it stays named until they do not. " +
			"So of ten companies in which nothing differs at most one reads a false headline in a whole year of weekly digests."},
		{Label: "Over which days", How: "a week of 40 leads from eight sources raises false alarms more often than not. So counts are the " +
			"period's own, while the rates of a period under 13 weeks rest on the 13 weeks up to its end, which stand beside them; a longer " +
			"period stands for itself. Score and ratings are asked of a year of leads at least."},
		{Label: cards.OldLabel, How: "leads qualified so long ago that four of five winners had bought by then (at most a year). Younger ones " +
			"are not counted against a source."},
	}...),
	Card: func(d Maker, s *Study) []chat.Block {
		v := d.sourcesView(s)
		return append(cards.Evidence(v), cards.Sources(v)...)
	},
	Counts: func(d Maker, s *Study) []figure { return d.evidence(s) },
	JSON:   func(_ Maker, s *Study) any { return claimsJSON(s) },
	Rows:   Maker.sourceRows,
}

// waysBlock is the buttons that lead down from the sources.
var waysBlock = Block{
	Name: "ways",
	Card: func(d Maker, s *Study) []chat.Block { return cards.SourceWays(d.sourcesView(s)) },
}

func (d Maker) sourcesView(s *Study) cards.SourcesView {
	v := cards.SourcesView{Period: d.period(s.Query), Finding: s.leadsFinding(), Rates: s.Trail.span(), OldSpan: s.Mature.span(),
		AllWhy: s.AllReasons, Week: d.weekView(s),
		Verdicts: s.verdicts(), Losses: s.losses()}
	v.Open = indexButton(v.Period, false)
	v.Young = v.Week.Open > 0 && s.AsOf.Sub(s.To) < 60*24*time.Hour
	if s.Grown {
		v.Window = s.Window
	}
	names := map[string]bool{}
	for _, g := range append(s.Trail.BySource(), s.Mature.BySource()...) {
		if names[g.Name] {
			continue
		}
		names[g.Name] = true
		v.Rows = append(v.Rows, d.sourceRow(s, g.Name, s.Trail.sources[g.Name], s.Mature.sources[g.Name]))
	}
	slices.SortStableFunc(v.Rows, func(a, b cards.SourceRow) int { return cmp.Compare(b.Leads, a.Leads) })
	v.All = d.sourceRow(s, allSources, s.Trail.Totals, s.Mature.Totals)
	for i, r := range v.Rows {
		if v.Finding.Name != "" && r.Name == v.Finding.Name {
			v.Source = &v.Rows[i]
		}
	}
	return v
}

func (d Maker) sourceRow(s *Study, name string, trail, mature *Group) cards.SourceRow {
	r := cards.SourceRow{Name: name, Arg: d.sourceArg(s, name)}
	if trail != nil {
		back := s.sentBack(trail.Figures).K
		r.Leads, r.Open, r.Judged = trail.Leads, trail.Open, trail.Judged
		r.SentBack = share(stats.Proportion{K: back, N: trail.Judged})
		r.ReasonOf = back
		for _, reason := range slices.Sorted(maps.Keys(trail.Reasons)) {
			if i := reason.Info(); trail.Reasons[reason] > r.ReasonN && (i.Kind == truce.SourceFault || s.AllReasons && reason != "") {
				r.Reason, r.ReasonN = i.Label, trail.Reasons[reason]
			}
		}
		r.MeanScore, _ = trail.MeanScore()
		r.Scored = trail.Scored
	}
	if mature != nil {
		r.Old, r.Won = mature.Leads, mature.Won
		r.WonShare = share(stats.Proportion{K: mature.Won, N: mature.Leads})
		if c := s.Costs; c.Old && c.From.Equal(s.Mature.From) && c.To.Equal(s.Mature.To) { // of the same leads
			for _, p := range c.BySource {
				if p.Name == name {
					r.Cost = roughly(p.Cost)
				}
			}
		}
	}
	return r
}

// sourceArg leads to the figures of a source's row: those of the weeks that rates rest on, and of the leads that are old enough (o).
func (d Maker) sourceArg(s *Study, name string) string {
	more := []string{"n", sourceRowsName}
	if name != allSources {
		more = append(more, "s", name)
	}
	if s.Grown {
		more = append(more, "o", d.Calendar.Date(s.Mature.From).String()+"~"+d.Calendar.Date(s.Mature.To).String())
	}
	if s.AllReasons {
		more = append(more, "w", "1")
	}
	return within(d.period(s.Query), s.Trail).Arg(more...)
}

const allSources = "All"

// sourceRows opens a source's row.
func (d Maker) sourceRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	c := newCohort(r.From, r.To)
	count := func(r Query) (truce.Figures, error) {
		var f truce.Figures
		err := d.eachOf(tx, r, where, func(l truce.Lead, facts truce.Facts) { f.Count(l, facts) })
		return f, err
	}
	f, err := count(r)
	if err != nil {
		return cards.DrillView{}, err
	}
	share := pairs(where, "s")
	back := truce.CountedSourceFault
	list := []figure{measured(truce.CountedLeads, f, p, share...), measured(truce.CountedOpen, f, p, share...),
		measured(truce.CountedJudged, f, p, share...), measured(truce.CountedSentBack, f, p, share...)}
	if !where.Has("w") {
		list = append(list, measured(back, f, p, share...))
	}
	if from, to, ok := strings.Cut(where.Get("o"), "~"); ok {
		a, err := truce.ParseDate(from)
		b, err2 := truce.ParseDate(to)
		if err != nil || err2 != nil {
			return cards.DrillView{}, errOldButton
		}
		older := r
		older.From, older.To = a.At(0, d.loc()), b.At(0, d.loc())
		if f, err = count(older); err != nil {
			return cards.DrillView{}, err
		}
		c.From, c.To = older.From, older.To
		old, won := measured(truce.CountedLeads, f, within(p, c), share...), measured(truce.CountedWon, f, within(p, c), share...)
		old.label, old.how = cards.OldLabel, "leads qualified so long ago that four of five winners had bought by then (at most a year)."
		list = append(list, old, won)
	}
	v := figuresOpened(p, where, cmp.Or(where.Get("s"), "All sources"), list)
	for _, to := range []struct{ label, action string }{{"The campaigns", "digest.campaigns"}, {"Why Sales said no", "digest.why"}} {
		v.Back = append(v.Back, chat.Press(to.label, to.action, p.Arg(share...)))
	}
	return v, nil
}

// evidence are the figures that stand for the headline.
func (d Maker) evidence(s *Study) (list []figure) {
	v := d.sourcesView(s)
	r := v.Source
	if r == nil {
		return nil
	}
	p := within(d.period(s.Query), s.Trail)
	trail, reason := s.Trail.sources[r.Name], ""
	if trail == nil {
		return nil
	}
	name := func(f figure) figure {
		f.label = r.Name + ": " + f.label
		return f
	}
	back := truce.CountedSourceFault
	if s.AllReasons {
		back = truce.CountedSentBack
	}
	list = append(list, name(measured(truce.CountedJudged, trail.Figures, p, "s", r.Name)),
		name(measured(back, trail.Figures, p, "s", r.Name)))
	for of, n := range trail.Reasons {
		if of.Info().Label == r.Reason && n == r.ReasonN {
			reason = string(of)
		}
	}
	if r.ReasonN > 0 {
		f := name(measured(back, trail.Figures, p, "s", r.Name, "r", reason))
		f.n, f.label, f.how = r.ReasonN, f.label+", "+r.Reason, ""
		list = append(list, f)
	}
	if mature := s.Mature.sources[r.Name]; mature != nil {
		old := name(measured(truce.CountedLeads, mature.Figures, within(p, s.Mature), "s", r.Name))
		old.label, old.how = r.Name+": "+cards.OldLabel, ""
		list = append(list, old, name(measured(truce.CountedWon, mature.Figures, within(p, s.Mature), "s", r.Name)))
	}
	others := func(of *Cohort, group *Group, measures ...truce.Measure) {
		if group == nil {
			return
		}
		var rest truce.Figures
		rest.Merge(of.Totals.Figures, 1)
		rest.Merge(group.Figures, -1)
		for _, m := range measures {
			f := measured(m, rest, within(p, of), "x", r.Name)
			f.label, f.how = "All others: "+f.label, ""
			list = append(list, f)
		}
	}
	others(s.Trail, trail, truce.CountedJudged, back)
	others(s.Mature, s.Mature.sources[r.Name], truce.CountedLeads, truce.CountedWon)
	return list
}
