package digests

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of the period's counts beside those of the time before and of a year ago.

// compared is the stretches of earlier leads, each as it stood when its leads were as old as the period's are now: leads go on being
// judged and won for months, so that older ones as they stand today are always ahead.
type compared struct {
	Before, YearAgo *Cohort
	Heard, HeardAgo *int // objections then; nil where nobody could have logged them yet
}

// comparedBlock is a table of them.
var comparedBlock = Block{
	Name:     "compared",
	Compares: true,
	How: []cards.Definition{{Label: "Against the time before",
		How: "each stretch of leads as it stood when its leads were as old as those of the period are now, so that nothing which takes time " +
			"looks like a fall. Objections by the day they were logged; empty before the first was."}},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		c := kept[compared](s)
		first, logged, err := tx.FirstObjection()
		if err != nil {
			return err
		}
		heard := func(of *Cohort) (*int, error) {
			if !logged || first.After(of.From) {
				return nil, nil
			}
			list, err := tx.Objections(of.From, minTime(of.To, s.AsOf.Add(time.Millisecond)))
			n := len(list)
			return &n, err
		}
		for _, p := range []struct {
			of   *Cohort
			into **Cohort
			n    **int
		}{{s.Before, &c.Before, &c.Heard}, {s.YearAgo, &c.YearAgo, &c.HeardAgo}} {
			*p.into = newCohort(p.of.From, p.of.To).only(totalsOnly)
			then := d.asOld(s.To, p.of.To, s.AsOf)
			if err := fill(tx, then, d.loc(), *p.into); err != nil {
				return fmt.Errorf("count the leads of an earlier time: %w", err)
			}
			if *p.n, err = heard(p.of); err != nil {
				return err
			}
		}
		return nil
	},
	Figures: func(d Maker, s *Study) []chat.Block { return table(cards.Compared(d.comparedView(s))) },
	Rows:    Maker.comparedRows,
}

// asOld is the moment at which leads that qualified until one moment were as old as those until another are at asOf.
func (d Maker) asOld(to, of, asOf time.Time) time.Time {
	return asOf.In(d.loc()).AddDate(0, 0, int(truce.DayNumber(of, d.loc())-truce.DayNumber(to, d.loc())))
}

// comparedArg leads to a measure (y), or the objections, of all stretches (x).
func (d Maker) comparedArg(s *Study, key string, v cards.ComparedView) string {
	more := []string{"n", "compared", "y", key}
	for i, of := range []cards.Span{v.Before, v.YearAgo} {
		if of != (cards.Span{}) {
			more = append(more, fmt.Sprint("x", i), d.Calendar.Date(of.From).String()+"~"+d.Calendar.Date(of.To).String())
		}
	}
	return d.period(s.Query).Arg(more...)
}

// comparedRows opens a row: the same figure of each stretch.
func (d Maker) comparedRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	m, ofLeads := truce.MeasureOf(where.Get("y"))
	if !ofLeads && where.Get("y") != "objections" {
		return cards.DrillView{}, errOldButton
	}
	p := d.period(r)
	stretches := []*Cohort{newCohort(r.From, r.To)}
	for _, key := range []string{"x0", "x1"} {
		if from, to, ok := strings.Cut(where.Get(key), "~"); ok {
			a, err := truce.ParseDate(from)
			b, err2 := truce.ParseDate(to)
			if err != nil || err2 != nil {
				return cards.DrillView{}, errOldButton
			}
			stretches = append(stretches, newCohort(a.At(0, d.loc()), b.At(0, d.loc())))
		}
	}
	var list []figure
	for i, c := range stretches {
		of, name := within(p, c), cards.Upper(p.Of(c.span()))
		if i == 0 {
			name = p.Name()
		}
		if !ofLeads {
			said, err := tx.Objections(c.From, minTime(c.To, r.AsOf.Add(time.Millisecond)))
			if err != nil {
				return cards.DrillView{}, err
			}
			list = append(list, figure{label: name, n: len(said), arg: of.Arg("n", heardRowsName, "m", "logged")})
			continue
		}
		of.AsOf = d.asOld(r.To, c.To, r.AsOf)
		if err := fill(tx, of.AsOf, d.loc(), c.only(totalsOnly)); err != nil {
			return cards.DrillView{}, err
		}
		f := measured(m, c.Totals.Figures, of)
		f.label = name
		list = append(list, f)
	}
	title := "Objections"
	if ofLeads {
		title = m.Label
	}
	return figuresOpened(p, where, title, list), nil
}

func (d Maker) comparedView(s *Study) cards.ComparedView {
	v, c := cards.ComparedView{Period: d.period(s.Query)}, kept[compared](s)
	now, before, year := s.Period.Totals.Figures, c.Before.Totals.Figures, c.YearAgo.Totals.Figures
	if s.known(s.Before) {
		v.Before = s.Before.span()
	}
	if s.To.Sub(s.From) <= 364*24*time.Hour && s.known(s.YearAgo) { // longer ones would overlap
		v.YearAgo = s.YearAgo.span()
	}
	for _, of := range []truce.Measure{truce.CountedLeads, truce.CountedJudged, truce.CountedSentBack, truce.CountedSQL,
		truce.CountedOpportunities, truce.CountedWon} {
		was, ago := of.N(before), of.N(year)
		if n := of.N(now); n > 0 || was > 0 && s.known(s.Before) {
			v.Change = append(v.Change, cards.ChangeView{Name: of.Label, Arg: d.comparedArg(s, of.Key, v), Now: n, Before: &was, Year: &ago})
		}
	}
	if s.Heard.Volume > 0 || c.Heard != nil && *c.Heard > 0 {
		v.Change = append(v.Change, cards.ChangeView{Name: "Objections", Arg: d.comparedArg(s, "objections", v), Now: s.Heard.Volume,
			Before: c.Heard, Year: c.HeardAgo})
	}
	return v
}
