package cards

import (
	"fmt"

	"truce"
	"truce/bot/chat"
)

// This file shows what the outcomes say of what was thought beforehand: the sentence, won leads by tenth of the score, and the
// two lists of leads where verdict and outcome do not agree.

// OutcomesView is what the outcomes of a year of leads say.
type OutcomesView struct {
	Period
	Year     Span
	Predict  PredictView
	Deciles  []DecileView
	Doubtful []chat.Block // where verdict, score and outcome do not agree
}

// Outcomes is a card of all of it, one button from a digest's first screen.
func Outcomes(v OutcomesView) chat.Card {
	title := "What the outcomes of " + v.Of(v.Year) + " say"
	c := chat.Card{Key: "digest.outcomes", Summary: title + ".", Title: chat.T(title)}
	if s := v.Predict.allOf(); s != "" {
		c.Blocks = append(c.Blocks, chat.Para(upperFirst(s)))
	}
	if ch, ok := deciles(v.Deciles, v.Of(v.Year)); ok {
		c.Blocks = append(c.Blocks, chat.ChartBlock(ch))
		t := chat.Table{Caption: "Won of closed, by tenth of the leads by score",
			Columns: []chat.Column{{Title: "Score"}, counted(truce.CountedWon), counted(truce.CountedClosed), {Title: "Rate", Number: true},
				{Title: "95 % interval", Number: true}}}
		for _, d := range v.Deciles {
			t.Rows = append(t.Rows, []chat.Cell{openCell(d.Scores(), d.Arg), number(d.Won.K), number(d.Won.N), d.Won.cell(), {Text: d.Won.Range()}})
		}
		c.Blocks = append(c.Blocks, chat.TableBlock(t))
	}
	c.Blocks = append(c.Blocks, v.Doubtful...)
	if len(c.Blocks) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing yet: too few leads were won and lost. Score and ratings are asked from 10 won and 10 "+
			"lost on."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press(chat.AllFigures, "digest.all", v.Arg()),
		chat.Press("How this is computed", "digest.how", v.Kind)))
	c.Parts = partsButton(v.Period, false, "o", "1")
	c.Footer = chat.T("Among leads that were worked to an end: the others' scores were never tried. As of ",
		chat.At(v.AsOf, v.Loc, chat.DayTime), ".")
	return c
}

// outcomesButton leads there.
func outcomesButton(p Period) chat.Button {
	return chat.Press("What the outcomes say", "digest.outcomes", p.Arg())
}

// allOf compares score and ratings; "" where neither is known of a lead won or lost.
func (v PredictView) allOf() string {
	s := v.Sentence()
	if n := v.Undated; n > 0 && s != "" {
		s += fmt.Sprintf(" %s and may have been given late.", plural(n, "rating has no date of its own", "ratings have no date of their own"))
	}
	return s
}

// Deciles is the chart of the tenths of the leads of a span, in words, and the way to what it draws; nothing where there are too few
// to draw.
func Deciles(list []DecileView, of string, open chat.Button) []chat.Block {
	if c, ok := deciles(list, of); ok {
		return []chat.Block{chat.ChartBlock(c), chat.ButtonRow(open)}
	}
	return nil
}

// deciles is how many were won of the closed, by tenth of the score; ok is false where there are too few to draw.
func deciles(list []DecileView, of string) (c chat.Chart, ok bool) {
	c = chat.Chart{Kind: chat.Bar, Title: "Won of closed, by tenth of the score, leads of " + of, Unit: "%", Series: []chat.Series{{Name: "won of closed"}}}
	for _, d := range list {
		if !d.Won.charts() {
			continue
		}
		c.Categories = append(c.Categories, fmt.Sprintf("%s (%d)", d.Scores(), d.Won.N))
		c.Series[0].Values = append(c.Series[0].Values, rate(d.Won))
	}
	return c, len(c.Categories) > 2
}

// Scores are the scores of a tenth: "60 to 68".
func (d DecileView) Scores() string {
	if d.From == d.To {
		return chat.Figure(d.From, "")
	}
	return chat.Figure(d.From, "") + " to " + chat.Figure(d.To, "")
}

// ProvedWrong are the rejections that proved wrong: n of faults, those for a source fault.
func ProvedWrong(p Period, year Span, n, faults int, list []DoubtView) chat.Table {
	return doubts(fmt.Sprintf("Rejections that proved wrong: %s of %s for a source fault, leads of %s; the newest first", count(n), count(faults),
		p.Of(year)), list)
}

// HighestLost are the highest scores among the lost.
func HighestLost(p Period, year Span, list []DoubtView) chat.Table {
	return doubts("Highest scores that lost, leads of "+p.Of(year), list)
}
