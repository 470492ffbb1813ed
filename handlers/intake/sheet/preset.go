package sheet

// Presets: the columns and words of other systems' exports. The tables stand in hubspot.go, salesforce.go and pipedrive.go,
// each with its source.

import (
	"slices"
	"strings"

	"truce"
)

// NoOutcome is what a preset gives for a status that says nothing has come of the lead yet ("New", "Open - Not Contacted").
// Such a row is no outcome and no fault.
const NoOutcome = "open"

// PresetTruce is the preset of our own exports: our names, and what Guard did is undone.
const PresetTruce = "truce"

// Presets is what --preset takes.
func Presets() []string { return []string{"hubspot", "salesforce", "pipedrive", PresetTruce} }

// Guarded tells whether files of the preset are written by Writer, for Options.Guarded.
func Guarded(preset string) bool { return preset == PresetTruce }

// layout is one export of a system that can be imported as a kind. A system may have several; the first whose mark columns
// are all there is taken.
type layout struct {
	marks  []string
	fields map[string][]way // a field with no way at all is left out, even if a column has its name
	second map[string][]way // status and at of another column that says what became of the lead; see Binding.Second
}

// way is one way to a field's value; the first that gives one is taken. A way whose columns are not in the file is passed over.
type way struct {
	columns   []string          // joined by blanks; at least one must be there
	constant  string            // instead of columns
	when      string            // only for rows whose status (or stage) is one of these, parted by blanks
	first     bool              // the cell is a list parted by ";": its first entry
	values    map[string]string // their words, normal, -> ours; a word that becomes "" passes on to the next way
	otherwise string            // what every other word that is not empty becomes; "" leaves it as it stands
	change    func(string) string
	whole     bool // all columns must be there
	// the system's own mark, such as Is Closed Won: it goes before names, which anybody may change. change gives "" where it says nothing
	mark bool
}

// marked is a way to a status by a system's own mark in a column.
func marked(change func(string) string, columns ...string) []way {
	ways := from(columns...)
	for i := range ways {
		ways[i].change, ways[i].mark = change, true
	}
	return ways
}

// only are ways for rows whose status is one of these, parted by blanks.
func only(status string, columns ...string) []way {
	ways := from(columns...)
	for i := range ways {
		ways[i].when = status
	}
	return ways
}

// both is a way by two marks, each of which may go by several names: closed and won, won and lost.
func both(change func(string) string, first, second []string) []way {
	var ways []way
	for _, a := range first {
		for _, b := range second {
			ways = append(ways, way{columns: []string{a, b}, change: change, mark: true, whole: true})
		}
	}
	return ways
}

// means gives a status for a mark that is set, or for a text of two of them such as "true false".
func means(words map[string]string) func(string) string {
	return func(value string) string {
		parts := strings.Fields(strings.ToLower(value))
		for i, p := range parts {
			switch p {
			case "true", "yes", "1", "1.0", "t", "y":
				parts[i] = "yes"
			case "false", "no", "0", "0.0", "f", "n":
				parts[i] = "no"
			}
		}
		return words[strings.Join(parts, " ")]
	}
}

func from(columns ...string) []way {
	var ways []way
	for _, c := range columns {
		ways = append(ways, way{columns: []string{c}})
	}
	return ways
}

// layouts is what a preset knows of a kind.
func layouts(preset string, kind Kind) []layout {
	switch preset {
	case "hubspot":
		return hubspot(kind)
	case "salesforce":
		return salesforce(kind)
	case "pipedrive":
		return pipedrive(kind)
	}
	return nil
}

// bindPreset binds what --map and --set left open.
func (b *Binding) bindPreset(name string) error {
	if name == "" || name == PresetTruce {
		return nil
	}
	if !slices.Contains(Presets(), name) {
		return truce.Errorf(truce.Invalid, "--preset is one of %s, not %q.", list(Presets()), name)
	}
	known := layouts(name, b.kind)
	if len(known) == 0 {
		var kinds []Kind
		for _, k := range Kinds() {
			if len(layouts(name, k)) > 0 {
				kinds = append(kinds, k)
			}
		}
		return truce.Errorf(truce.Invalid, "--preset %s knows %s, not %s; name the columns with --map.", name, list(kinds), b.kind)
	}
	chosen := known[0]
	for _, l := range slices.Backward(known) {
		if !slices.ContainsFunc(l.marks, func(mark string) bool { return len(b.columnsNamed(mark)) == 0 }) {
			chosen = l
		}
	}
	var status *Source
	for _, f := range b.statusFirst() {
		if _, taken := b.sources[f.Name]; taken {
			continue
		}
		ways, told := chosen.fields[f.Name]
		if told && len(ways) == 0 {
			b.sources[f.Name] = Source{field: f.Name}
			continue
		}
		s, err := b.source(f.Name, ways)
		if err != nil {
			return err
		}
		if s.Bound() {
			b.sources[f.Name] = s
		}
	}
	if err := b.bindSecond(chosen.second); err != nil {
		return err
	}
	if s, ok := b.sources[b.statusField()]; ok {
		status = &s
	}
	for name, s := range b.sources {
		s.status = status
		b.sources[name] = s
	}
	return nil
}

// bindSecond binds the other status of a layout, where the first one is the preset's own.
func (b *Binding) bindSecond(fields map[string][]way) error {
	if len(fields) == 0 || slices.ContainsFunc(slices.Concat(b.opts.Maps, b.opts.Sets),
		func(p Pair) bool { n := normal(p.Key); return n == "status" || n == "at" }) {
		return nil
	}
	second := map[string]Source{}
	for field, ways := range fields {
		s, err := b.source(field, ways)
		if err != nil || !s.Bound() {
			return err
		}
		second[field] = s
	}
	b.second = second
	return nil
}

// Second is the status, or its date, that another column of the row tells: a lead status beside a lifecycle stage. Unbound where
// the layout has none.
func (b *Binding) Second(field string) Source { return b.second[field] }

func (b *Binding) statusField() string {
	if b.kind == Deals {
		return "stage"
	}
	return "status"
}

// statusFirst is the fields with the one that alternative.when asks in front.
func (b *Binding) statusFirst() []Field {
	fields := slices.Clone(b.schema.Fields)
	slices.SortStableFunc(fields, func(x, y Field) int {
		switch b.statusField() {
		case x.Name:
			return -1
		case y.Name:
			return 1
		}
		return 0
	})
	return fields
}

// source makes a field's Source of the ways whose columns are in the file.
func (b *Binding) source(field string, ways []way) (Source, error) {
	s := Source{field: field}
	for _, w := range ways {
		a := alternative{constant: w.constant, first: w.first, values: w.values, otherwise: w.otherwise, change: w.change, mark: w.mark}
		if w.when != "" {
			a.when = strings.Fields(w.when)
		}
		var names []string
		for _, c := range w.columns {
			found := b.columnsNamed(c)
			if len(found) > 1 {
				return Source{}, b.duplicate(field, found)
			}
			if len(found) == 1 {
				a.columns = append(a.columns, found[0])
				names = append(names, b.name(found[0]))
			}
		}
		if len(a.columns) == 0 && w.constant == "" || w.whole && len(a.columns) < len(w.columns) {
			continue
		}
		if slices.ContainsFunc(s.from, func(had alternative) bool { // two spellings of one column
			return slices.Equal(had.columns, a.columns) && slices.Equal(had.when, a.when)
		}) {
			continue
		}
		a.name = strings.Join(names, " + ")
		if s.column == "" || s.from[len(s.from)-1].mark && !a.mark { // faults name the column that people know
			s.column = a.name
		}
		s.from = append(s.from, a)
	}
	if s.column == "" {
		return Source{}, nil // a constant alone says nothing about the file
	}
	return s, nil
}
