package digests

import (
	"fmt"
	"net/url"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is what the outcomes say of score and ratings; how it is computed stands in predict.go.

// outcomesBlock is a sentence, and among all figures the tenths of the score.
var outcomesBlock = Block{
	Name:     tenthRowsName,
	Compares: true,
	How: []cards.Definition{
		{Label: "Score and ratings", How: "of all pairs of a lead won and a lead lost, in how many the won one has the higher one, ties " +
			"counted half: 50 times in 100 is a coin (area under the ROC curve). A rating given after the close is hindsight and left out. A " +
			"difference is named from 30 won and 30 lost and five in 100, if chance makes one as large three times in ten thousand at most " +
			"(DeLong), at a weekly look; it stays named, with its date, until it is less than five in 100."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error { return d.predictedBefore(tx, s) },
	Card:   func(d Maker, s *Study) []chat.Block { return cards.OutcomesSay(d.predictView(s), false) },
	Figures: func(d Maker, s *Study) []chat.Block {
		p := d.period(s.Query)
		return append(cards.OutcomesSay(d.predictView(s), true),
			cards.Deciles(s.deciles(p), p.Of(s.PredictOf.span()), toRows(tenthRowsName, "Open the tenths", p))...)
	},
	JSON: func(d Maker, s *Study) any { return d.outcomesJSON(s) },
	Counts: func(d Maker, s *Study) []figure {
		p := within(d.period(s.Query), s.PredictOf)
		return []figure{picked("both", s.Predict.Paired.N, p), picked("both_won", s.Predict.Paired.Won, p)}
	},
}

// tenthRows opens the tenths that are drawn, each to its won and its closed leads.
func (d Maker) tenthRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	s, err := d.study(tx, r, false)
	if err != nil {
		return cards.DrillView{}, err
	}
	p := d.period(r)
	var list []figure
	for _, t := range s.deciles(p) {
		won, closed := tenthOf(within(p, s.PredictOf), t.Won.K, t.Won.N, truce.Billionths(t.From), truce.Billionths(t.To))
		won.label, closed.label = "Won, score "+t.Scores(), "Closed, score "+t.Scores()
		list = append(list, won, closed)
	}
	return figuresOpened(p, where, "Won of closed, by tenth of the score", list), nil
}

// deciles are the tenths of the leads by score; nothing where there are too few closed.
func (s *Study) deciles(p cards.Period) (list []cards.DecileView) {
	p = within(p, s.PredictOf)
	if s.Predict.Score.AUC.Shown() {
		for _, t := range s.Predict.Deciles {
			list = append(list, cards.DecileView{Arg: p.Arg("n", leadRowsName, "lo", fmt.Sprint(truce.Billionths(t.From)), "hi",
				fmt.Sprint(truce.Billionths(t.To))), From: t.From, To: t.To, Won: share(t.Won)})
		}
	}
	return list
}

// predicted is what was claimed of score and ratings.
type predicted struct{ holds }

// predictedBefore plays over what was claimed of score and ratings.
func (d Maker) predictedBefore(tx *storage.Tx, s *Study) (err error) {
	kept[predicted](s).holds, err = d.predictHeld(tx, d.Calendar.Date(minTime(s.To, s.AsOf)), s.AsOf)
	return err
}

func (d Maker) predictView(s *Study) cards.PredictView {
	p := s.Predict
	v := cards.PredictView{Of: d.period(s.Query).Of(s.PredictOf.span()), N: p.Paired.N, Won: p.Paired.Won, Lost: p.Paired.N - p.Paired.Won,
		ScoreN: p.Score.N, RatingN: p.Rating.N, Undated: p.Undated}
	if !p.Paired.OK {
		return v
	}
	v.ByScore, v.ByRating = p.Paired.A.Area, p.Paired.B.Area
	v.Shown = p.Paired.A.Shown()
	held := kept[predicted](s)
	v.Dated = s.dated(held.holds)
	switch held.verdict(p.Verdict(), slightly(p.Paired.Difference)) {
	case stats.TooFew:
		v.Verdict = "few"
	case stats.TooClose:
		v.Verdict = "close"
	case stats.Higher:
		v.Verdict = "score"
	case stats.Lower:
		v.Verdict = "rating"
	}
	return v
}
