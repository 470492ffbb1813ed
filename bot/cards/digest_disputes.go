package cards

import (
	"slices"

	"truce/bot/chat"
)

// This file shows what became of disputes, and how long that took.

// DisputesView is the cases of the days that a digest's rates rest on.
type DisputesView struct {
	Reasons, Sources []DisputeRow
	Answer, Close    TimesView
}

// DisputeRow is the cases of one reason or source. Upheld and Declined were ruled by people; Lapsed ended by silence; those and
// Withdrawn and Open are all that were opened. Escalated ones are among them.
type DisputeRow struct {
	Arg                                                          string // of the button that leads to its figures
	Name                                                         string
	Opened, Upheld, Declined, Lapsed, Withdrawn, Open, Escalated int
}

// TimesView is how long something took, in business hours: of N, the median and the 90th percentile.
type TimesView struct {
	N            int
	Median, High float64
}

// fewestForTenths are the fewest cases of which it is said how long nine of ten took.
const fewestForTenths = 10

// DisputesBecame is what became of disputes, by reason and by source.
func DisputesBecame(v DisputesView, p Period, rates Span) (list []chat.Block) {
	for _, by := range []struct {
		name string
		rows []DisputeRow
	}{{"Reason", v.Reasons}, {"Source", v.Sources}} {
		if len(by.rows) == 0 {
			continue
		}
		t := chat.Table{Caption: "Disputes opened " + p.In(rates) + ", by " + lowerFirst(by.name), Columns: []chat.Column{{Title: by.name}}}
		rows := by.rows[:min(shownRows, len(by.rows))]
		for _, r := range rows {
			t.Rows = append(t.Rows, []chat.Cell{openCell(r.Name, r.Arg)})
		}
		for i, c := range []struct {
			title string
			of    func(DisputeRow) int
		}{{"Opened", func(r DisputeRow) int { return r.Opened }}, {"Upheld", func(r DisputeRow) int { return r.Upheld }},
			{"Declined", func(r DisputeRow) int { return r.Declined }},
			{"By silence", func(r DisputeRow) int { return r.Lapsed }}, {"Withdrawn", func(r DisputeRow) int { return r.Withdrawn }},
			{"Still open", func(r DisputeRow) int { return r.Open }},
			{"Of all, escalated", func(r DisputeRow) int { return r.Escalated }}} {
			if i > 2 && !slices.ContainsFunc(by.rows, func(r DisputeRow) bool { return c.of(r) > 0 }) {
				continue
			}
			t.Columns = append(t.Columns, chat.Column{Title: c.title, Number: true})
			for i, r := range rows {
				t.Rows[i] = append(t.Rows[i], number(c.of(r)))
			}
		}
		list = append(list, chat.TableBlock(t))
	}
	var took []string
	for _, s := range []struct {
		what, one, many string
		took            TimesView
	}{{"answered", "answer", "answers", v.Answer}, {"closed", "case", "cases", v.Close}} {
		if s.took.N > 0 {
			tail := ""
			if s.took.N >= fewestForTenths { // of fewer there is no tenth
				tail = "nine of ten within " + hours(s.took.High) + "; "
			}
			took = append(took, s.what+" after a median of "+hours(s.took.Median)+" ("+tail+plural(s.took.N, s.one, s.many)+")")
		}
	}
	if len(took) > 0 {
		list = append(list, chat.Para("Disputes "+p.In(rates)+" were "+and(took)+", each from its opening."))
	}
	return list
}
