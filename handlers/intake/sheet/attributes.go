package sheet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// attribute is a column that is none of our fields.
type attribute struct {
	name   string
	key    []byte // the name as a JSON string with its colon
	column int
}

// collectAttributes takes the columns that no field uses, sorted by name so that the order of columns changes nothing. Of
// several with one name each further goes by name and place.
func (b *Binding) collectAttributes() {
	seen := map[string]bool{}
	for i, used := range b.used() {
		if used {
			continue
		}
		name := b.name(i)
		if b.opts.Objects || b.opts.Preset == PresetTruce {
			name = strings.TrimPrefix(name, attributePrefix)
		}
		if seen[name] {
			name = fmt.Sprintf("%s #%d", name, i+1)
		}
		seen[name] = true
		b.attrs = append(b.attrs, attribute{name: name, key: append(appendJSON(nil, name), ':'), column: i})
	}
	slices.SortFunc(b.attrs, func(x, y attribute) int { return strings.Compare(x.name, y.name) })
}

// attributePrefix keeps, in our own exports and in the headers of JSON files, an attribute apart from the field that it is named like.
const attributePrefix = "attribute: "

// AttributeColumn is the column that holds an attribute of a lead or an account in our own exports: its name, where no field has it.
func (k Kind) AttributeColumn(name string) string {
	n := normal(name)
	if strings.HasPrefix(name, attributePrefix) || slices.ContainsFunc(k.Schema().Fields, func(f Field) bool { return normal(f.Name) == n }) {
		return attributePrefix + name
	}
	return name
}

// AttributeNames is the names of the columns that are kept as attributes, sorted.
func (b *Binding) AttributeNames() []string {
	names := make([]string, len(b.attrs))
	for i, a := range b.attrs {
		names[i] = a.name
	}
	return names
}

// Attributes calls yield for every attribute of the row that is not empty, by name; it serves as an iterator.
func (b *Binding) Attributes(row Row) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for _, a := range b.attrs {
			if v := strings.TrimSpace(row.Fields[a.column]); v != "" && !yield(a.name, v) {
				return
			}
		}
	}
}

// AppendAttributes appends the row's attributes as one JSON object, the same bytes for the same attributes: sorted by name,
// without empty ones, "{}" for none.
func (b *Binding) AppendAttributes(dst []byte, row Row) []byte {
	dst = append(dst, '{')
	empty := len(dst)
	for _, a := range b.attrs {
		v := strings.TrimSpace(row.Fields[a.column])
		if v == "" {
			continue
		}
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		dst = append(dst, a.key...)
		dst = appendJSON(dst, v)
	}
	return append(dst, '}')
}

// appendJSON appends s as a JSON string.
func appendJSON(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always can; < > & are escaped, so that no page is upset by it
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// Line is one line of the plan that --dry-run shows.
type Line struct{ Field, From string }

// Plan is where each bound field comes from, in the order of the schema.
func (b *Binding) Plan() []Line {
	var plan []Line
	for _, f := range b.schema.Fields {
		if s := b.sources[f.Name]; s.Bound() {
			plan = append(plan, Line{f.Name, s.describe()})
		}
	}
	return plan
}

// Guesses is what the columns without a field look like, as sentences: "Lead Source looks like source".
func (b *Binding) Guesses() []string {
	var out []string
	for _, g := range b.guesses() {
		out = append(out, g.Value+" looks like "+g.Key)
	}
	return out
}
