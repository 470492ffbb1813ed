package sheet

// Taking values out of rows by the names of our fields.

import (
	"slices"
	"strings"
)

// Source is where the values of one field come from. The zero Source has none.
type Source struct {
	field  string
	column string // for messages: the file's column, or "--set FIELD"
	fixed  string
	from   []alternative
	values map[string]string // their value in lower case -> ours; nil to take it as it stands
	status *Source           // what alternative.when asks
}

// alternative is one way to a value: the texts of its columns, joined by blanks.
type alternative struct {
	columns []int
	when    []string // only for rows with one of these statuses; nil for all
	first   bool     // the cell is a list parted by ";": take its first entry
}

// Source is where the field's values come from.
func (b *Binding) Source(field string) Source { return b.sources[field] }

// Bound tells whether there is a column or a set value.
func (s Source) Bound() bool { return s.column != "" }

// Column is the name of the file's column, "--set FIELD" for a set value, "" when not bound.
func (s Source) Column() string { return s.column }

// Of is the row's value, without blanks around; "" where there is none.
func (s Source) Of(row Row) string {
	if len(s.from) == 1 && len(s.from[0].columns) == 1 && s.values == nil && !s.from[0].first && s.from[0].when == nil {
		return strings.TrimSpace(row.Fields[s.from[0].columns[0]]) // the usual case
	}
	value := s.fixed
	for _, a := range s.from {
		if a.when != nil && !slices.Contains(a.when, s.status.Of(row)) {
			continue
		}
		if value = a.of(row); value != "" {
			break
		}
	}
	if s.values != nil {
		if ours, ok := s.values[strings.ToLower(value)]; ok {
			return ours
		}
	}
	return value
}

func (a alternative) of(row Row) string {
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

// Bad is the row's fault, from the error of a parser of this package or any *truce.Error, placed in the source's column.
func (s Source) Bad(row Row, err error) *Bad {
	reason, text := reasonOf(err, ReasonChoice)
	return &Bad{Line: row.Line, Column: s.column, Reason: reason, Text: text, Kept: true}
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
	return &Bad{Line: row.Line, Reason: ReasonMissing, Text: "neither " + strings.Join(b.schema.OneOf, " nor ") + "; every row needs one", Kept: true}
}
