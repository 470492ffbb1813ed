package digests

import (
	"fmt"
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
	Name: "compared",
	How: []cards.Definition{{Label: "Against the time before",
		How: "each stretch of leads as it stood when its leads were as old as those of the period are now, so that nothing which takes time looks like a fall. Objections by the day they were logged; empty before the first was."}},
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
			days := truce.DayNumber(s.To, d.loc()) - truce.DayNumber(p.of.To, d.loc())
			then := s.AsOf.In(d.loc()).AddDate(0, 0, -days)
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
}

func (d Maker) comparedView(s *Study) cards.ComparedView {
	v, c := cards.ComparedView{Period: d.period(s.Request)}, kept[compared](s)
	now, before, year := s.Period.Totals.Figures, c.Before.Totals.Figures, c.YearAgo.Totals.Figures
	if s.known(s.Before) {
		v.Before = s.Before.span()
	}
	if s.To.Sub(s.From) <= 364*24*time.Hour && s.known(s.YearAgo) { // longer ones would overlap
		v.YearAgo = s.YearAgo.span()
	}
	for _, of := range []struct {
		name  string
		count func(truce.Figures) int
	}{{"Leads", func(f truce.Figures) int { return f.Leads }}, {"Judged", func(f truce.Figures) int { return f.Judged }}, {"Sent back", func(f truce.Figures) int { return f.SentBack }},
		{"SQL", func(f truce.Figures) int { return f.SQLs }}, {"Opportunities", func(f truce.Figures) int { return f.Opportunities }}, {"Won", func(f truce.Figures) int { return f.Won }}} {
		was, ago := of.count(before), of.count(year)
		if n := of.count(now); n > 0 || was > 0 && s.known(s.Before) {
			v.Change = append(v.Change, cards.ChangeView{Name: of.name, Now: n, Before: &was, Year: &ago})
		}
	}
	if s.Heard.Volume > 0 || c.Heard != nil && *c.Heard > 0 {
		v.Change = append(v.Change, cards.ChangeView{Name: "Objections", Now: s.Heard.Volume, Before: c.Heard, Year: c.HeardAgo})
	}
	return v
}
