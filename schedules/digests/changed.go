package digests

import (
	"net/url"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what has changed of that which figures rest on, and the weeks that are drawn with it.

// changedBlock names the changes in the weeks that the rates rest on.
var changedBlock = Block{
	Name: "changed",
	How: []cards.Definition{
		{Label: "Changed", How: "the score threshold, what is promised, the terms of the charter, business hours, and rules that came into " +
			"force or were retired: each with the day since when it counts. Figures before and after it were counted or judged otherwise."},
	},
	Gather: func(_ Maker, tx *storage.Tx, s *Study) (err error) {
		s.Changes, err = tx.ThresholdChanges(s.Trail.From, minTime(s.To, s.AsOf.Add(time.Millisecond)))
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		return cards.Changes(d.period(s.Query), s.Trail.span(), d.changes(s))
	},
}

// weeksBlock is a chart of the leads a week, each change marked in its own.
var weeksBlock = Block{
	Name: weekRowsName,
	Figures: func(d Maker, s *Study) []chat.Block {
		p := d.period(s.Query)
		return cards.Weeks(p, d.leadWeeks(s), toRows(weekRowsName, "Open the weeks", p))
	},
}

// changes are what has changed in the weeks that the rates rest on.
func (d Maker) changes(s *Study) []cards.Changed {
	var list []cards.Changed
	for _, c := range s.Changes {
		list = append(list, cards.Changed{At: c.At, Text: c.String()})
	}
	return list
}

// leadWeeks are the leads of the 13 weeks up to the period's end, with the changes that fall into each. Weeks before the first lead
// that is known are left out.
func (d Maker) leadWeeks(s *Study) []cards.WeekOf {
	end := d.Calendar.Date(s.To)
	list := make([]cards.WeekOf, trailWeeks)
	for i, n := range s.LeadWeeks {
		list[i] = cards.WeekOf{First: end.Add(-7*(trailWeeks-i)).At(0, d.loc()), Leads: n}
	}
	for _, c := range d.changes(s) {
		if w := weekBefore(truce.DayNumber(c.At, d.loc()), truce.DayNumber(s.To, d.loc())); w >= 0 && w < trailWeeks {
			week := &list[trailWeeks-1-w]
			week.Changes = append(week.Changes, c)
		}
	}
	return slices.DeleteFunc(list, func(w cards.WeekOf) bool { return s.First.IsZero() || !w.First.AddDate(0, 0, 7).After(s.First) })
}

// weekRows opens the weeks that are drawn, each to its leads.
func (d Maker) weekRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	s, err := d.study(tx, r, false)
	if err != nil {
		return cards.DrillView{}, err
	}
	p := d.period(r)
	var list []figure
	for _, w := range d.leadWeeks(&s) {
		of := p
		of.From, of.To = w.First, d.Calendar.Date(w.First).Add(7).At(0, d.loc())
		f := measured(truce.CountedLeads, truce.Figures{Leads: w.Leads}, of)
		f.label = "Leads, week of " + w.Name(d.loc())
		list = append(list, f)
	}
	return figuresOpened(p, where, "Leads a week", list), nil
}
