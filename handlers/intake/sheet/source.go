package sheet

// Taking values out of rows by the names of our fields.

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"truce"
)

// Source is where the values of one field come from. The zero Source has none.
type Source struct {
	field  string
	column string // for messages: the file's column, or "--set FIELD"
	fixed  string
	from   []alternative
	status *Source // what alternative.when asks; of the status itself nothing asks
}

// alternative is one way to a value; the first that gives one is taken.
type alternative struct {
	name      string // of its columns, for people
	columns   []int  // joined by blanks
	constant  string
	when      []string            // only for rows with one of these statuses; nil for all
	words     map[string]Pair     // of --value: their word, normal -> as it was written, and ours
	first     bool                // the cell is a list parted by ";": take its first entry
	values    map[string]string   // their words, normal, -> ours
	otherwise string              // what any other word becomes; "" leaves it
	change    func(string) string // a system's own spelling -> one for all; nil for none
	mark      bool                // a system's own mark: it names nothing
}

// Source is where the field's values come from.
func (b *Binding) Source(field string) Source { return b.sources[field] }

// Bound tells whether there is a column or a set value.
func (s Source) Bound() bool { return s.column != "" }

// Column is the name of the file's column, the first of several, "--set FIELD" for a set value, "" when not bound.
func (s Source) Column() string { return s.column }

// Of is the row's value, without blanks around; "" where there is none. A preset has turned it into our words.
func (s Source) Of(row Row) string {
	value, _ := s.find(row)
	return value
}

// find is the row's value and the column it stands in.
func (s Source) find(row Row) (value, column string) {
	for i := range s.from {
		a := &s.from[i]
		if a.mark && s.explained(row) || a.when != nil && !slices.Contains(a.when, s.statusOf(row)) {
			continue
		}
		if value := a.of(row); value != "" {
			return value, a.name
		}
	}
	return s.fixed, s.column
}

// explained reports whether a person has said what the row's word means: that goes before the system's marks too.
func (s Source) explained(row Row) bool {
	return slices.ContainsFunc(s.from, func(a alternative) bool {
		if len(a.words) == 0 {
			return false
		}
		_, ok := a.words[normal(a.said(row))]
		return ok
	})
}

// How is why a word was taken for what it was.
type How int

// The ways to a meaning.
const (
	AsItStands How = iota // the word is one of ours, or none that was translated
	ByRule                // the preset's, or --value
	ByMark                // by a mark of the system's own in another column
	WithoutRule
)

// Told is what a row's value was taken from.
type Told struct {
	Word   string // as it stands in the file; "" where there is none
	Column string // that it stands in
	By     string // the column that decided, where it is another one
	How    How
}

// Told is what the row's value was taken from, for the summary of an import.
func (s Source) Told(row Row) (t Told) {
	for i := range s.from {
		a := &s.from[i]
		if a.mark && s.explained(row) || a.when != nil && !slices.Contains(a.when, s.statusOf(row)) {
			continue
		}
		value := a.of(row)
		if value == "" {
			continue
		}
		word := a.said(row)
		_, told := a.words[normal(word)]
		switch {
		case a.mark:
			t.By, t.How = a.name, ByMark
			for j := range s.from {
				if named := &s.from[j]; !named.mark && named.columns != nil {
					if t.Word = named.said(row); t.Word != "" {
						t.Column = named.name
						break
					}
				}
			}
		case told || a.knows(word):
			t.Word, t.Column, t.How = word, a.name, ByRule
		case a.values != nil && a.otherwise != "":
			t.Word, t.Column, t.How = word, a.name, WithoutRule
		default:
			t.Word, t.Column = word, a.name
		}
		return t
	}
	return t
}

// said is the text of the row's cells.
func (a *alternative) said(row Row) string {
	if len(a.columns) == 0 {
		return ""
	}
	value := strings.TrimSpace(row.Fields[a.columns[0]])
	for _, i := range a.columns[1:] {
		value = strings.TrimSpace(value + " " + strings.TrimSpace(row.Fields[i]))
	}
	if a.first {
		value, _, _ = strings.Cut(value, ";")
		value = strings.TrimSpace(value)
	}
	return value
}

// knows reports whether a word has a translation.
func (a *alternative) knows(word string) bool {
	_, ok := a.values[normal(word)]
	if bare, _, cut := strings.Cut(word, " ("); cut && !ok {
		_, ok = a.values[normal(bare)]
	}
	return ok || a.otherwise != "" && truce.StageStatus(word).Ends()
}

// statusOf is what alternative.when asks for; "" where the file has no status.
func (s Source) statusOf(row Row) string {
	if s.status == nil {
		return ""
	}
	return s.status.Of(row)
}

func (a *alternative) of(row Row) string {
	if len(a.columns) == 0 {
		return a.constant
	}
	value := a.said(row)
	if len(a.words) > 0 {
		if word, ok := a.words[normal(value)]; ok {
			return word.Value
		}
	}
	switch {
	case value == "":
		return ""
	case a.values != nil:
		return a.translate(value)
	case a.change != nil:
		return a.change(value)
	}
	return value
}

// translate is a word of theirs in ours.
func (a *alternative) translate(value string) string {
	if ours, ok := a.values[normal(value)]; ok {
		return ours
	}
	if bare, _, ok := strings.Cut(value, " ("); ok { // HubSpot adds the pipeline: "Closed Won (Sales Pipeline)"
		if ours, ok := a.values[normal(bare)]; ok {
			return ours
		}
	}
	if a.otherwise != "" {
		if end := truce.StageStatus(value); end.Ends() {
			return string(end)
		}
		return a.otherwise
	}
	return value
}

// describe tells a person where the values come from.
func (s Source) describe() string {
	if s.from == nil {
		return strconv.Quote(s.fixed) + " (--set)"
	}
	var ways []string
	for _, a := range s.from {
		way := a.name
		if a.columns == nil {
			way = strconv.Quote(a.constant)
		}
		switch {
		case slices.Equal(a.when, []string{""}):
			way += " (if no status)"
		case a.when != nil:
			way += " (if " + strings.Join(a.when, " or ") + ")"
		}
		for _, word := range slices.Sorted(maps.Keys(a.words)) {
			way += fmt.Sprintf(", %q is %s", a.words[word].Key, cmp.Or(a.words[word].Value, "nothing"))
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, ", else ")
}

// Bad is the row's fault, from the error of a parser of this package or any *truce.Error, placed in the column that the
// value stands in.
func (s Source) Bad(row Row, err error) *Bad {
	reason, text := reasonOf(err, ReasonChoice)
	_, column := s.find(row)
	return &Bad{Line: row.Line, Column: column, Reason: reason, Text: text, Kept: true}
}

// Silent tells whether the row of a file that lists all leads says nothing of this one yet.
func (b *Binding) Silent(row Row) bool {
	if b.kind != Outcomes || b.sources["lead_id"].Of(row) == "" {
		return false
	}
	for _, field := range []string{"status", "rating", "at", "rated_at", "amount"} {
		s := b.sources[field]
		if setForAll := field == "at" && s.fixed != ""; !setForAll && s.Of(row) != "" { // a date for all rows says nothing of one
			return false
		}
	}
	return true
}

// NotYet tells whether the row of a file with a date column for each stage has not come to this one: the status is the same for all
// rows and the mapped date is empty. Whatever else the row holds is then not about this stage.
func (b *Binding) NotYet(row Row) bool {
	at := b.sources["at"]
	return b.kind == Outcomes && b.sources["status"].fixed != "" && at.from != nil && at.Of(row) == ""
}

// Missing is the fault of a row that lacks a required value, nil when it has them all.
func (b *Binding) Missing(row Row) *Bad {
	for _, f := range b.schema.Fields {
		if s := b.sources[f.Name]; f.Required && s.Of(row) == "" {
			return &Bad{Line: row.Line, Column: s.column, Reason: ReasonMissing, Text: "no " + f.Name + "; every row needs one", Kept: true}
		}
	}
	for _, name := range b.schema.OneOf {
		if b.sources[name].Of(row) != "" {
			return nil
		}
	}
	if len(b.schema.OneOf) == 0 {
		return nil
	}
	return &Bad{Line: row.Line, Reason: ReasonMissing, Text: "neither " + strings.Join(b.schema.OneOf, " nor ") + "; every row needs one",
		Kept: true}
}
