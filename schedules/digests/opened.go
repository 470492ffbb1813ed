package digests

import (
	"net/url"
	"slices"
	"strconv"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is how every figure of a digest opens to the records it counts, in two steps that fit all platforms: a row of a
// table, or what a digest says in sentences, opens to its figures (label, count, definition), and each of them to exactly as many
// records.

// The names of the blocks whose Rows open figures: a button carries them.
const (
	leadRowsName    = "groups"
	sourceRowsName  = "sources"
	saleRowsName    = "earned"
	caseRowsName    = "disputes"
	promiseRowsName = "promises"
	heardRowsName   = "heard"
	answerRowsName  = "answers"
	repeatRowsName  = "repeat"
	profileRowsName = "profile"
	endRowsName     = "quarter_ends"
	backRowsName    = "sent_back_bought_later"
	weekRowsName    = "weeks"
	tenthRowsName   = "outcomes"
	indexName       = "index"

	endsOfActivitiesName = "activities"
)

// errOldButton is the answer to a button that no digest has any more.
var errOldButton = truce.Errorf(truce.NotFound, "This button is of an older version. Ask again with /digest.")

// casesHidden is what stands in place of a list of cases for whom may not see them; how many there are is everybody's.
func casesHidden(v cards.DrillView) cards.DrillView {
	v.Note, v.Next = "Cases are shown to Sales, Marketing, managers and sponsors.", nil
	return v
}

// figure is a number that a digest shows, with the way to what it counts.
type figure struct {
	label, how string
	n          int
	money      map[string]int64 // shown instead of the number
	arg        string           // of digest.rows
}

// measured is a figure of a measure of leads.
func measured(m truce.Measure, of truce.Figures, p cards.Period, more ...string) figure {
	return figure{label: m.Label, how: m.How, n: m.N(of), arg: p.Arg(append([]string{"n", leadRowsName, "m", m.Key}, more...)...)}
}

// within is a period with another stretch of time.
func within(p cards.Period, c *Cohort) cards.Period {
	p.From, p.To = c.From, c.To
	return p
}

// figuresOpened are figures that stand together, as many as a platform has room for ways down from; where is what their button carried.
func figuresOpened(p cards.Period, where url.Values, title string, list []figure) cards.DrillView {
	v := cards.DrillView{Period: p, Title: title, Figures: true}
	var rows []cards.OpenedFigure
	said := map[string]bool{}
	for _, f := range pageOf(&v, "digest.rows", where, list) {
		o := cards.OpenedFigure{Label: f.label, How: f.how, Shown: chat.Figure(float64(f.n), ""), N: f.n, Arg: f.arg}
		if f.money != nil {
			o.Shown = joined(money(f.money))
		}
		rows = append(rows, o)
		if f.how != "" && !said[f.how] {
			said[f.how] = true
			v.Defined = append(v.Defined, cards.Definition{Label: f.label, How: f.how})
		}
	}
	v.Table = cards.OpenedFigures(rows)
	return v
}

// listedRows is how many records a drill-down shows at once.
const listedRows = 20

// pageOf are the records of a page, with the view's way to the rest. All are counted.
func pageOf[T any](v *cards.DrillView, action string, where url.Values, all []T) []T {
	from, err := strconv.Atoi(where.Get("p"))
	if err != nil || from < 0 || from >= len(all) {
		from = 0
	}
	end := min(from+listedRows, len(all))
	v.Total, v.From = len(all), from
	if end < len(all) {
		next := url.Values{}
		for k, of := range where {
			next[k] = of
		}
		next.Set("p", strconv.Itoa(end))
		b := chat.Press("", action, next.Encode())
		v.Next = &b
	}
	return all[from:end]
}

// index is the figures that a digest's first screen, or all figures (w), say in sentences.
func (d Maker) index(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	whole := where.Has("w")
	s, err := d.study(tx, r, whole || r.Kind == MonthlyDigest)
	if err != nil {
		return cards.DrillView{}, err
	}
	of := allFigures
	if !whole { // footers and headlines speak of the period's counts and of a source on all of them
		of = slices.Concat([]*Block{&weekBlock, &sourcesBlock}, firstScreens[r.Kind])
	}
	var list []figure
	for i, b := range of {
		if b.Counts != nil && slices.Index(of, b) == i {
			list = append(list, b.Counts(d, &s)...)
		}
	}
	return figuresOpened(d.period(s.Query), where, "What the digest says, opened", list), nil
}

// indexButton leads there.
func indexButton(p cards.Period, whole bool) chat.Button {
	more := []string{"n", indexName}
	if whole {
		more = append(more, "w", "1")
	}
	return cards.RowsButton(p.Arg(more...))
}
