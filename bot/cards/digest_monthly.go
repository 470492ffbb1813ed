package cards

import (
	"truce/bot/chat"
)

// MonthlyView is what the sponsor gets: what has changed since Truce began, never because of it.
type MonthlyView struct {
	Period
	Sent
	Data    DataView
	Finding Finding
	Rates   Span // what the median rests on
	Facts   []SinceView
	Week    WeekView // the month's counts
	Ends    QuarterEndsView
	Changes []Changed
	Decide  []Decision
	More    int // decisions beyond those shown
	Figures []chat.Block
}

// SinceView is a figure now and at the start; "" reads "not measured".
type SinceView struct{ Name, Then, Now string }

// MonthlyDigest is the sponsor's month.
func MonthlyDigest(v MonthlyView) chat.Card {
	c := chat.Card{Key: "digest.monthly", Title: chat.T(v.Finding.Headline()), Summary: v.Finding.Headline()}
	c.Blocks = append(c.Blocks, v.Sent.blocks(v.Loc)...)
	c.Blocks = append(c.Blocks, v.Data.blocks(v.Loc)...)
	if e := v.Finding.Evidence(); e != "" {
		c.Blocks = append(c.Blocks, chat.Para(e))
	}
	t := chat.Table{Caption: "Since Truce", Columns: []chat.Column{{Title: "Figure"}, {Title: "At the start", Number: true}, {Title: "Now", Number: true}}}
	for _, f := range v.Facts {
		t.Rows = append(t.Rows, []chat.Cell{{Text: f.Name}, {Text: measured(f.Then)}, {Text: measured(f.Now)}})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t), LeadsView{Period: v.Period, Rates: v.Rates, Week: v.Week}.week())
	c.Blocks = append(c.Blocks, changedBlocks(v.Period, v.Rates, v.Changes)...)
	ends, deals := v.Ends.line(v.Period)
	c.Blocks = append(c.Blocks, ends...)
	if len(v.Decide) > 0 {
		c.Blocks = append(c.Blocks, decideBlocks(v.Decide, v.More, v.Loc)...)
	}
	c.Blocks = append(c.Blocks, v.Figures...)
	c.Blocks = append(c.Blocks, digestButtons(v.Period, append([]chat.Button{chat.Press("All figures", "digest.all", v.Arg())}, deals...)...))
	c.Footer = append(chat.T("What has changed since Truce began; other things changed too, so this says nothing of why."), v.Data.text(v.Period)...)
	c.Footer = append(c.Footer, v.Sent.mark()...)
	return c
}

func measured(s string) string {
	if s == "" {
		return "not measured"
	}
	return s
}
