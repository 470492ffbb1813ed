package digests

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file says a report on activities in words.

// whatBecame are the outcomes that engaged leads are looked at for, in words that follow "went on to".
var whatBecame = []struct {
	of    func(*ActivityStudy) *Engaged
	words string
	short string
}{
	{func(s *ActivityStudy) *Engaged { return &s.Won }, "buy", "bought"},
	{func(s *ActivityStudy) *Engaged { return &s.SQL }, "become SQL", "SQL"},
	{func(s *ActivityStudy) *Engaged { return &s.Meeting }, "meet", "met"},
}

// tests is how many comparisons the report makes that a sentence could come of.
func (r ActivityReport) tests() (n int) {
	for i := range r.Activities {
		for _, o := range whatBecame {
			if o.of(&r.Activities[i]).OK {
				n++
			}
		}
	}
	return max(1, n)
}

// Card is the report for people.
func (r ActivityReport) Card(loc *time.Location) chat.Card {
	from, to := truce.DateOf(r.From.In(loc)), truce.DateOf(r.To.In(loc)).Add(-1)
	c := chat.Card{Key: "activities", Title: chat.T("Activities: to what end?"),
		Summary: fmt.Sprintf("%s, %d without an end", counted(len(r.Activities), "activity", "activities"), len(r.Endless))}
	if len(r.Activities) == 0 {
		c.Summary = "No activity is known yet"
		c.Blocks = append(c.Blocks, chat.Para("No activity is known yet. Bring them in: truce import activities FILE, then truce import "+
			"activity_links FILE."))
		return c
	}
	c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("Leads that qualified from %s to %s, as known on %s.", from.Words(), to.Words(),
		truce.DateOf(r.AsOf.In(loc)).Words())))
	if len(r.Endless) > 0 {
		c.Blocks = append(c.Blocks, chat.Para(r.endless()))
	}
	tests := r.tests()
	for i := range r.Activities {
		c.Blocks = append(c.Blocks, r.Activities[i].blocks(tests)...)
	}
	c.Footer = chat.T(fmt.Sprintf("Engaged leads are held beside others of the same source, segment and month: who was engaged is settled "+
		"%d days after a lead qualified, "+
		"and what came of it in the %d days after that counts (Mantel-Haenszel). More than a level that a whole report passes by chance once "+
		"in a thousand times is said, "+
		"never that one led to the other.", r.Landmark.Days, r.Landmark.Window))
	return c
}

// endless is the spend that has no end yet, in one line.
func (r ActivityReport) endless() string {
	cost := costOf(r.Endless)
	names := make([]string, 0, len(r.Endless))
	for _, a := range r.Endless {
		names = append(names, a.Name)
	}
	var sums []string
	for _, currency := range slices.Sorted(maps.Keys(cost)) {
		sums = append(sums, truce.Money{Amount: cost[currency], Currency: currency}.String())
	}
	what, has := counted(len(names), "activity", "activities"), "has"
	switch {
	case len(sums) > 0:
		what = strings.Join(sums, " and ")
	case len(names) > 1:
		has = "have"
	}
	if len(sums) > 1 {
		has = "have"
	}
	return fmt.Sprintf("%s %s no end yet: %s.", what, has, strings.Join(names, ", "))
}

func (s *ActivityStudy) blocks(tests int) []chat.Block {
	return append(s.chainBlocks(), chat.Small(strings.Join(s.engagedWords(tests), " ")))
}

// chainBlocks are the activity and what was expected of it beside what was seen.
func (s *ActivityStudy) chainBlocks() []chat.Block {
	heading := s.Name
	if s.HasCost {
		heading += " · " + s.Cost.String()
	}
	list := []chat.Block{chat.Heading(heading)}
	table := chat.Table{Caption: "To what end? " + s.Name, Columns: []chat.Column{{Title: "by"}, {Title: "what"},
		{Title: "expected", Number: true},
		{Title: "seen", Number: true}, {Title: "would be usual"}, {Title: ""}}}
	for _, l := range s.Links {
		seen, usual := "not due yet", ""
		switch {
		case l.Seen != nil:
			seen = plainNumber(*l.Seen)
		case l.Due:
			seen = "not said yet"
		}
		value := 0.0
		if l.Seen != nil {
			value = *l.Seen
		}
		if l.Usual != nil {
			usual = plainNumber(l.Usual.Low) + " to " + plainNumber(l.Usual.High)
			if l.Of > 0 {
				usual += " of " + counted(l.Of, "lead", "leads")
			}
		}
		table.Rows = append(table.Rows, []chat.Cell{{Text: l.Date.Words()}, {Text: linkName(l.ActivityLink)},
			{Text: plainNumber(l.Expected), Value: l.Expected},
			{Text: seen, Value: value}, {Text: usual}, {Text: l.verdictWords()}})
	}
	switch {
	case len(s.Links) > 0:
		list = append(list, chat.TableBlock(table))
	case s.Motive == "":
		list = append(list, chat.Para("To what end? Nobody has said yet."))
	}
	if s.Motive != "" {
		list = append(list, chat.Para("Why money cannot be said: "), chat.Quote(s.Motive))
	}
	return list
}

// engagedWords are what may be said of the leads that an activity engaged.
func (s *ActivityStudy) engagedWords(tests int) []string {
	if s.NamesNoEngagement {
		return []string{"No engagement names it."}
	}
	var said, shown []string
	old := false
	for _, o := range whatBecame {
		e := o.of(s)
		if !e.OK {
			continue
		}
		old = true
		shown = append(shown, fmt.Sprintf("%s %d of %d engaged, %d of %d others (%s to %s points)", o.short, e.Exposed.K, e.Exposed.N,
			e.Unexposed.K, e.Unexposed.N,
			points(e.Interval.Low), points(e.Interval.High)))
		if !e.told(tests) {
			continue
		}
		more := "more"
		low, high := e.Interval.Low, e.Interval.High
		if e.Difference < 0 {
			more, low, high = "less", -high, -low
		}
		sentence := fmt.Sprintf("Of the same source, segment and month, engaged leads went on to %s %s often (%s to %s points).", o.words, more,
			points(low), points(high))
		if !e.Judged {
			sentence += " Without scores it is not known whether they were alike beforehand."
		}
		said = append(said, sentence)
	}
	switch {
	case !old && s.EngagedInTheseDates == 0:
		return []string{"It engaged none of the leads looked at."}
	case !old:
		return []string{"Too few or too young to hold engaged leads beside others."}
	}
	if e := s.SQL; e.OK && e.ScoredHigher() {
		word := "higher"
		if e.Apart < 0 {
			word = "lower"
		}
		said = append(said, "Engaged leads scored "+word+" beforehand: what came of them says little.")
	}
	if len(said) == 0 {
		said = append(said, "Engaged leads and others of the same source, segment and month cannot be told apart.")
	}
	kept := s.SQL.Kept
	return append(said, "Shown: "+strings.Join(shown, "; ")+fmt.Sprintf("; %d of %d engaged leads have others beside them.", kept.K, kept.N))
}

func linkName(l truce.ActivityLink) string {
	name := map[string]string{"sql": "SQLs", "won": "wins", "repeat_revenue": "repeat revenue"}[l.What]
	if name == "" {
		name = l.What
	}
	name = l.Title(name)
	if l.Unit != "" && !strings.EqualFold(l.Unit, l.What) {
		name += " (" + l.Unit + ")"
	}
	return name
}

// plainNumber is a number as it stands in a table: whole from ten on.
func plainNumber(x float64) string {
	if x >= 10 {
		x = math.Round(x)
	}
	return chat.Figure(math.Round(10*x)/10, "")
}

func points(x float64) string { return strconv.FormatFloat(100*x, 'f', 0, 64) }

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return plainNumber(float64(n)) + " " + many
}
