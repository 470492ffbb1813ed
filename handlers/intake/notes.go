package intake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
)

// This file gathers what the summary of an import tells beside its counts: which words were taken for what, what was rounded, which
// dates cannot have been meant.

// Taken is a word of the file and what it was taken for.
type Taken struct {
	Word, Field string // the field of ours
	As          string // in our words; "open" for what has not ended, "nothing yet" for what is no outcome
	By          string // the column of the system's own mark that decided; "" for none
	NoRule      bool   // neither the preset nor --value knows the word
	Rows        int
}

// Column is a column that was taken, or not taken, for a field because of its name.
type Column struct {
	Field, Column string
	Words         string // what it holds, where none of it is a word of the field's: it is kept as an attribute
	Rejected      int    // else the rows that were rejected for it
}

// Future is a column with dates that have not come yet.
type Future struct {
	Column string
	Rows   int
	Last   time.Time // the latest
	Line   int       // that it stands in
}

// notes is filled by the one goroutine that reads, and told when it has ended.
type notes struct {
	taken   map[Taken]int // without their rows
	future  map[string]Future
	refused map[string]int    // rejected rows by column
	doubted []string          // fields that were found by name and of which no row was taken yet
	foreign map[string]string // columns that are named like a field of ours and hold other words, which they are
	rounded int
	notYet  int

	merged map[string]string // leads that were merged into others
	also   [][2]string       // what else they were merged into, as others tell it
}

func newNotes() *notes {
	return &notes{taken: map[Taken]int{}, future: map[string]Future{}, refused: map[string]int{}, foreign: map[string]string{}}
}

// pastOf is the moment behind which a kind's dates are told; zero for kinds that speak of what is to come.
func pastOf(k sheet.Kind, now time.Time) time.Time {
	if k == sheet.People || k == sheet.Answers {
		return time.Time{}
	}
	return now.Add(24 * time.Hour) // a zone that was not told, a clock that is wrong
}

// later notes a date that has not come yet, in the zone of the file.
func (n *notes) later(column string, at time.Time, line int) {
	f := n.future[column]
	f.Column = column
	f.Rows++
	if at.After(f.Last) {
		f.Last, f.Line = at, line
	}
	n.future[column] = f
}

// took notes the words of a row that were taken for something.
func (n *notes) took(b *sheet.Binding, row sheet.Row, rec record) {
	switch rec := rec.(type) {
	case deal:
		n.word("stage", b.Source("stage").Told(row), string(rec.Status))
	case *outcome:
		n.word("status", b.Source("status").Told(row), string(rec.outcome.Status))
		if rec.contrary != nil {
			n.word("status", b.Second("status").Told(row), string(rec.contrary.Status))
		}
		if rec.rating.Value != 0 {
			n.word("rating", b.Source("rating").Told(row), rec.rating.Value.String())
		}
	case nil:
		if field := "status"; b.Source(field).Of(row) == sheet.NoOutcome {
			n.word(field, b.Source(field).Told(row), "")
		}
	}
}

func (n *notes) word(field string, t sheet.Told, as string) {
	own := strings.EqualFold(t.Word, as) && t.How != sheet.ByMark
	if t.Word == "" || own {
		return
	}
	switch as {
	case string(truce.Opportunity):
		if field == "stage" {
			as = "open"
		}
	case "":
		as = "nothing yet"
	}
	ended := truce.StageStatus(t.Word).Ends()
	k := Taken{Word: t.Word, Field: field, As: as, By: t.By, NoRule: t.How == sheet.WithoutRule || t.How == sheet.AsItStands &&
		field == "stage" && !ended}
	if len(n.taken) < maxNames || n.taken[k] > 0 {
		n.taken[k]++
	}
}

// tell puts what was noted into the summary.
func (n *notes) tell(s *Summary, b *sheet.Binding) {
	for t, rows := range n.taken {
		t.Rows = rows
		s.Taken = append(s.Taken, t)
	}
	slices.SortFunc(s.Taken, func(a, b Taken) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Word, b.Word), cmp.Compare(a.As, b.As),
			cmp.Compare(a.By, b.By))
	})
	for _, f := range n.future {
		s.Future = append(s.Future, f)
	}
	slices.SortFunc(s.Future, func(a, b Future) int { return cmp.Compare(a.Column, b.Column) })
	s.Rounded, s.NotYet = n.rounded, n.notYet
	for _, field := range b.Kind().Schema().Fields {
		if words := n.foreign[field.Name]; words != "" {
			s.Columns = append(s.Columns, Column{Field: field.Name, Column: field.Name, Words: words})
		}
		if column := b.Source(field.Name).Column(); slices.Contains(n.doubted, field.Name) && n.refused[column] > 0 {
			s.Columns = append(s.Columns, Column{Field: field.Name, Column: column, Rejected: n.refused[column]})
		}
	}
}

// vocabulary tells whether a word is one of a field's, for fields that other systems have columns of the same name for.
func vocabulary(k sheet.Kind, field string) func(word string) bool {
	if k == sheet.Outcomes && field == "rating" {
		return func(word string) bool {
			_, err := sheet.ParseRating(word)
			return err == nil || strings.Contains(err.Error(), "did you mean")
		}
	}
	return nil
}

// sampled is how many rows are looked at to tell a column of ours from one that only has its name.
const sampled = 200

// unlike leaves out columns that are named like a field of ours and hold none of its words: Dynamics' Rating is Hot, Warm or Cold.
func (n *notes) unlike(b *sheet.Binding, rows []sheet.Row) *sheet.Binding {
	const shown = 3
	for _, field := range b.Kind().Schema().Fields {
		known := vocabulary(b.Kind(), field.Name)
		if known == nil || !b.ByName(field.Name) {
			continue
		}
		var words []string
		ours := false
		for _, row := range rows {
			if row.Bad != nil {
				continue
			}
			word := b.Source(field.Name).Of(row)
			if word == "" {
				continue
			}
			if ours = known(word); ours {
				break
			}
			if !slices.Contains(words, word) && len(words) < shown {
				words = append(words, word)
			}
		}
		if ours || len(words) == 0 {
			continue
		}
		if without, err := b.Without(field.Name); err == nil { // it may be all that the file says
			b, n.foreign[field.Name] = without, strings.Join(words, ", ")
		}
	}
	for _, field := range b.Kind().Schema().Fields {
		if b.ByName(field.Name) {
			n.doubted = append(n.doubted, field.Name)
		}
	}
	return b
}

// sound notes a row that was taken: what its columns were read as is in no doubt.
func (n *notes) sound(b *sheet.Binding, row sheet.Row) {
	if len(n.doubted) > 0 {
		n.doubted = slices.DeleteFunc(n.doubted, func(field string) bool { return b.Source(field).Of(row) != "" })
	}
}
