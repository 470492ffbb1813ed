package digests

import (
	"cmp"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is where verdict, score and outcome do not agree.

// wrongBlock is the rejections that proved wrong.
var wrongBlock = Block{
	Name: "proved_wrong",
	Figures: func(d Maker, s *Study) []chat.Block {
		return table(cards.ProvedWrong(d.period(s.Query), s.PredictOf.span(), s.WrongN, s.Faults, doubtViews(s.Wrong)))
	},
	Counts: func(d Maker, s *Study) []figure {
		p := within(d.period(s.Query), s.PredictOf)
		return []figure{picked("wrong", s.WrongN, p), picked("fault", s.Faults, p)}
	},
}

// highLostBlock is the highest scores that lost.
var highLostBlock = Block{
	Name: "high_lost",
	Figures: func(d Maker, s *Study) []chat.Block {
		return table(cards.HighestLost(d.period(s.Query), s.PredictOf.span(), doubtViews(s.HighLost)))
	},
}

// doubtful are the blocks that stand below what the outcomes say.
var doubtful = []*Block{&wrongBlock, &boughtLaterBlock, &highLostBlock}

// Doubt is a lead whose verdict and outcome do not agree.
type Doubt struct {
	ID, Ref, Title string
	Score          float64
	HasScore       bool
	Revenue        map[string]int64
	At, MQLAt      time.Time
}

func doubtsOf(list []storage.Counted) (doubts []Doubt) {
	for _, c := range list {
		doubts = append(doubts, Doubt{ID: c.Lead.ID, Ref: c.Lead.Ref, Title: c.Lead.Title(), Score: c.Lead.Score, HasScore: c.Lead.HasScore,
			Revenue: c.Facts.Revenue, At: c.Facts.At, MQLAt: c.Lead.MQLAt})
	}
	return doubts
}

// doubt notes the leads whose verdict and outcome do not agree, among the leads of the last year.
func (s *Study) doubt(lc *truce.LeadCase, f truce.Facts) {
	if !s.PredictOf.holds(lc.Lead.MQLAt) {
		return
	}
	l := lc.Lead
	d := Doubt{ID: l.ID, Ref: l.Ref, Title: l.Title(), Score: l.Score, HasScore: l.HasScore, Revenue: f.Revenue, At: f.At, MQLAt: l.MQLAt}
	if f.State == truce.Lost && l.HasScore {
		s.HighLost = keep(s.HighLost, d, func(a, b Doubt) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	}
	if f.Fault {
		s.Faults++
	}
	if f.Wrong {
		s.WrongN++
		// Not by money: amounts of two currencies have no order.
		s.Wrong = keep(s.Wrong, d, func(a, b Doubt) int { return cmp.Or(b.MQLAt.Compare(a.MQLAt), cmp.Compare(a.ID, b.ID)) })
	}
}

// keep keeps the first few of a list in an order.
func keep(list []Doubt, d Doubt, order func(a, b Doubt) int) []Doubt {
	i, _ := slices.BinarySearchFunc(list, d, order)
	if list = slices.Insert(list, i, d); len(list) > listed {
		list = list[:listed]
	}
	return list
}

func doubtViews(list []Doubt) (out []cards.DoubtView) {
	for _, d := range list {
		v := cards.DoubtView{Ref: d.Ref, Title: d.Title, Money: joined(money(d.Revenue)), Button: chat.Press(d.Ref, "lead.show", d.Ref)}
		if d.HasScore {
			v.Score = chat.Figure(d.Score, "")
		}
		out = append(out, v)
	}
	return out
}
