package digests

import (
	"time"

	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is the block of the period's counts beside those of the time before and of a year ago.

// comparedBlock is a table of them.
var comparedBlock = Block{
	Name:    "compared",
	Figures: func(d Maker, s *Study) []chat.Block { return table(cards.Compared(d.comparedView(s))) },
}

func (d Maker) comparedView(s *Study) cards.ComparedView {
	v := cards.ComparedView{Period: d.period(s.Request)}
	now, before, year := s.Period.Totals.Figures, s.Before.Totals.Figures, s.YearAgo.Totals.Figures
	if s.known(s.Before) {
		v.Before = s.Before.span()
	}
	if s.To.Sub(s.From) <= 364*24*time.Hour && s.known(s.YearAgo) { // longer ones would overlap
		v.YearAgo = s.YearAgo.span()
	}
	for _, c := range []cards.ChangeView{{Name: "Leads", Now: now.Leads, Before: before.Leads, Year: year.Leads}, {Name: "Judged", Now: now.Judged, Before: before.Judged, Year: year.Judged},
		{Name: "Sent back", Now: now.SentBack, Before: before.SentBack, Year: year.SentBack}, {Name: "SQLs", Now: now.SQLs, Before: before.SQLs, Year: year.SQLs},
		{Name: "Opportunities", Now: now.Opportunities, Before: before.Opportunities, Year: year.Opportunities}, {Name: "Won", Now: now.Won, Before: before.Won, Year: year.Won},
		{Name: "Objections", Now: s.Heard.Volume, Before: s.Heard.Past}} {
		if c.Now > 0 || c.Before > 0 && s.known(s.Before) {
			v.Change = append(v.Change, c)
		}
	}
	return v
}
