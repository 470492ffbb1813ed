package sheet

// Binding: which column of a file holds which of our fields.

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"truce"
)

// BindOptions say how the columns of a file are named, beyond our own names.
type BindOptions struct {
	Maps   []Pair // --map: our field = column; "#3" is the third column, "" leaves the field out. Wins over everything
	Sets   []Pair // --set: our field = a value for every row
	Values []Pair // --value: "our field:their word" = our word, or "" for none. Before what the preset makes of the word
	Preset string // --preset: one of Presets, or "" for none

	Objects bool // the header is the names in a JSON file's objects; those that stood in "attributes" have a prefix
	More    bool // the header is not whole yet: see Extend
}

// Binding is a file's columns bound to our fields. It is immutable and safe for concurrent use.
type Binding struct {
	kind    Kind
	schema  Schema
	header  []string
	sources map[string]Source
	second  map[string]Source // see Second
	attrs   []attribute
	opts    BindOptions
}

// Kind is what the file's rows are.
func (b *Binding) Kind() Kind { return b.kind }

// Bind decides for every field of the kind where its values come from: --map first, then --set, then the preset, then columns
// with our own names, case and separators aside. Columns that are left over are the attributes. Its errors are *truce.Error
// of kind Invalid that name what does not fit and what would.
func Bind(header []string, kind Kind, o BindOptions) (*Binding, error) {
	b := &Binding{kind: kind, schema: kind.Schema(), header: header, sources: map[string]Source{}, opts: o}
	if len(b.schema.Fields) == 0 {
		return nil, truce.Errorf(truce.Invalid, "There is no import of %q; it is one of %s.", kind, list(Kinds()))
	}
	if err := b.bindMaps(o.Maps); err != nil {
		return nil, err
	}
	if err := b.bindSets(o.Sets); err != nil {
		return nil, err
	}
	if err := b.bindPreset(o.Preset); err != nil {
		return nil, err
	}
	if err := b.bindOwnNames(); err != nil {
		return nil, err
	}
	b.bindStandIns()
	if err := b.bindValues(o.Values); err != nil {
		return nil, err
	}
	if err := b.checkRequired(); err != nil {
		return nil, err
	}
	b.collectAttributes()
	return b, nil
}

// Extend is the binding for a longer header, of a JSON file in which further names came up. The new names may bring fields that
// had none; what a field was read from it stays, so that rows of one file do not differ in what they mean.
func (b *Binding) Extend(header []string) (*Binding, error) {
	longer, err := Bind(header, b.kind, b.opts)
	if err != nil {
		return nil, err
	}
	for field, was := range b.sources {
		if now := longer.sources[field]; was.column != "" && (now.column != was.column || len(now.from) < len(was.from)) {
			return nil, truce.Errorf(truce.Invalid, "%s is %q so far, and now %q could be it too; use one name, or say which with --map", field,
				was.column, now.column)
		}
	}
	return longer, nil
}

func (b *Binding) bindMaps(maps []Pair) error {
	for _, p := range maps {
		field, err := b.field("--map", p)
		if err != nil {
			return err
		}
		if had, ok := b.sources[field]; ok {
			return truce.Errorf(truce.Invalid, "--map gives %s two columns, %q and %q; keep one.", field, had.column, p.Value)
		}
		if p.Value == "" {
			b.sources[field] = Source{field: field} // bound to nothing, so that neither the preset nor its own name binds it
			continue
		}
		if b.opts.More && !b.required(field) && len(b.columnsNamed(p.Value)) == 0 {
			b.sources[field] = Source{field: field} // the rows so far may have no value for it
			continue
		}
		i, err := b.columnOf(p)
		if err != nil {
			return err
		}
		b.sources[field] = Source{field: field, column: b.name(i), from: []alternative{{name: b.name(i), columns: []int{i}}}}
	}
	return nil
}

// ByName reports whether a field that may be absent was found by its name alone: neither --map nor the preset says that it is ours.
func (b *Binding) ByName(field string) bool {
	s := b.sources[field]
	if b.required(field) || len(s.from) != 1 || len(s.from[0].columns) != 1 || normal(s.column) != normal(field) ||
		b.opts.Preset == PresetTruce {
		return false
	}
	return !slices.ContainsFunc(b.opts.Maps, func(p Pair) bool { return normal(p.Key) == normal(field) })
}

// Without is the binding with a field left out, as --map FIELD= does it.
func (b *Binding) Without(field string) (*Binding, error) {
	o := b.opts
	o.Maps = append(slices.Clip(o.Maps), Pair{field, ""})
	o.Values = slices.DeleteFunc(slices.Clone(o.Values), func(p Pair) bool {
		name, _,
			_ := strings.Cut(p.Key, ":")
		return normal(name) == normal(field)
	})
	return Bind(b.header, b.kind, o)
}

func (b *Binding) required(field string) bool {
	return slices.ContainsFunc(b.schema.Fields, func(f Field) bool { return f.Name == field && f.Required })
}

func (b *Binding) bindSets(sets []Pair) error {
	for _, p := range sets {
		field, err := b.field("--set", p)
		if err != nil {
			return err
		}
		if had, ok := b.sources[field]; ok {
			return truce.Errorf(truce.Invalid, "%s has a value already from %q; drop that or --set %s.", field, had.column, field)
		}
		b.sources[field] = Source{field: field, column: "--set " + field, fixed: strings.TrimSpace(p.Value)}
	}
	return nil
}

// bindOwnNames takes the columns that are named like a field. Two for one field are an error unless one has exactly its name.
func (b *Binding) bindOwnNames() error {
	for _, f := range b.schema.Fields {
		if _, ok := b.sources[f.Name]; ok {
			continue
		}
		found := b.columnsNamed(f.Name)
		if len(found) > 1 {
			return b.duplicate(f.Name, found)
		}
		if len(found) == 1 {
			name := b.name(found[0])
			b.sources[f.Name] = Source{field: f.Name, column: name, from: []alternative{{name: name, columns: found}}}
		}
	}
	return nil
}

// bindStandIns lets the date of a rating stand for the row's, where the row has no status of a date of its own.
func (b *Binding) bindStandIns() {
	rated, at := b.sources["rated_at"], b.sources["at"]
	if b.kind != Outcomes || rated.from == nil || at.fixed != "" {
		return
	}
	if status, ok := b.sources["status"]; ok {
		if status.fixed != "" {
			return
		}
		at.status = &status
	}
	at.field, at.column = "at", cmp.Or(at.column, rated.column)
	at.from = slices.Clip(at.from)
	for _, a := range rated.from {
		a.when = []string{""}
		at.from = append(at.from, a)
	}
	b.sources["at"] = at
}

// bindValues gives fields the file's own words for what we call otherwise.
func (b *Binding) bindValues(values []Pair) error {
	for _, p := range values {
		name, word, ok := strings.Cut(p.Key, ":")
		if !ok || normal(word) == "" {
			return truce.Errorf(truce.Invalid, "--value %s=%s: write FIELD:THEIR WORD=OUR WORD, such as \"status:Deal closed=won\".", p.Key, p.Value)
		}
		field, err := b.field("--value", Pair{strings.TrimSpace(name), p.Value})
		if err != nil {
			return err
		}
		s := b.sources[field]
		if s.from == nil {
			return truce.Errorf(truce.Invalid, "--value: %s comes from no column of the file. Name one with --map %s=COLUMN.", field, field)
		}
		ours := strings.TrimSpace(p.Value)
		if ours == "" && b.kind == Outcomes && field == "status" {
			ours = NoOutcome
		}
		s.from = withWord(s.from, Pair{strings.TrimSpace(word), ours})
		b.sources[field] = s
		if second := b.second[field]; second.Bound() {
			second.from = withWord(second.from, Pair{strings.TrimSpace(word), ours})
			b.second[field] = second
		}
		if field == b.statusField() {
			for other, o := range b.sources {
				if o.status != nil {
					o.status = &s
					b.sources[other] = o
				}
			}
		}
	}
	return nil
}

// withWord is the alternatives with a word of the file's.
func withWord(from []alternative, word Pair) []alternative {
	from = slices.Clone(from)
	for i := range from {
		if from[i].mark {
			continue
		}
		words := maps.Clone(from[i].words)
		if words == nil {
			words = map[string]Pair{}
		}
		words[normal(word.Key)] = word
		from[i].words = words
	}
	return from
}

func (b *Binding) checkRequired() error {
	var missing []string
	for _, f := range b.schema.Fields {
		if f.Required && !b.sources[f.Name].Bound() {
			missing = append(missing, f.Name)
		}
	}
	if !b.hasOneOf() {
		missing = append(missing, strings.Join(b.schema.OneOf, " or "))
	}
	if len(missing) == 0 || b.opts.Objects && len(b.header) == 0 { // no object, or none with a name: no row either
		return nil
	}
	hint := fmt.Sprintf("Name one with --map %s=COLUMN.", strings.Fields(missing[0])[0])
	if guesses := b.guesses(); len(guesses) > 0 {
		var looks, pairs []string
		for _, g := range guesses {
			looks = append(looks, fmt.Sprintf("%q looks like %s", g.Value, g.Key))
			pairs = append(pairs, "--map "+quotePair(g))
		}
		hint = strings.Join(looks, ", ") + "; if so, add " + strings.Join(pairs, " ") + "."
	}
	return truce.Errorf(truce.Invalid, "The file has no column for %s. It has: %s. %s", list(missing), b.columns(), hint)
}

func (b *Binding) hasOneOf() bool {
	return len(b.schema.OneOf) == 0 || slices.ContainsFunc(b.schema.OneOf, func(name string) bool {
		return b.sources[name].Bound()
	})
}

// field finds the field a pair is about.
func (b *Binding) field(option string, p Pair) (string, error) {
	n := normal(p.Key)
	for _, f := range b.schema.Fields {
		if normal(f.Name) == n {
			return f.Name, nil
		}
	}
	if option == "--map" {
		for _, f := range b.schema.Fields {
			if normal(f.Name) == normal(p.Value) && len(b.columnsNamed(p.Key)) > 0 {
				return "", truce.Errorf(truce.Invalid, "--map takes our field first: write %s.", quotePair(Pair{f.Name, p.Key}))
			}
		}
	}
	hint := "It has: " + b.fieldNames() + "."
	if near := b.nearFields(p.Key); len(near) > 0 {
		hint = "Did you mean " + strings.Join(near, " or ") + "?"
	}
	return "", truce.Errorf(truce.Invalid, "%s: %s have no field %q. %s", option, b.kind, p.Key, hint)
}

func (b *Binding) nearFields(name string) []string {
	var near []string
	for least := 3; least > 0 && len(near) == 0; least-- {
		for _, f := range b.schema.Fields {
			if f.likeness(name) >= least {
				near = append(near, f.Name)
			}
		}
	}
	return near
}

func (b *Binding) fieldNames() string {
	var names []string
	for _, f := range b.schema.Fields {
		if !strings.HasPrefix(f.Name, "truce_") {
			names = append(names, f.Name)
		}
	}
	return list(names)
}

// columnOf finds the column a --map names.
func (b *Binding) columnOf(p Pair) (int, error) {
	if number, ok := strings.CutPrefix(p.Value, "#"); ok {
		if n, err := strconv.Atoi(number); err == nil {
			if n < 1 || n > len(b.header) {
				return 0, truce.Errorf(truce.Invalid, "--map %s=%s: the file has columns #1 to #%d.", p.Key, p.Value, len(b.header))
			}
			return n - 1, nil
		}
	}
	switch found := b.columnsNamed(p.Value); len(found) {
	case 1:
		return found[0], nil
	case 0:
		hint := "It has: " + b.columns() + "."
		if near := b.nearColumns(p.Value); len(near) > 0 {
			hint = "Did you mean " + strings.Join(near, " or ") + "?"
		}
		return 0, truce.Errorf(truce.Invalid, "--map %s: the file has no column %q. %s", p.Key, p.Value, hint)
	default:
		return 0, b.duplicate(p.Key, found)
	}
}

// columnsNamed is the columns of a name: those written exactly so, else those that are the same but for case and separators.
func (b *Binding) columnsNamed(name string) []int {
	var exact, alike []int
	n := normal(name)
	for i, h := range b.header {
		switch {
		case h == name:
			exact = append(exact, i)
		case n != "" && normal(h) == n:
			alike = append(alike, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return alike
}

func (b *Binding) nearColumns(name string) []string {
	var near []string
	n := normal(name)
	for _, h := range b.header {
		m := normal(h)
		if m != "" && n != "" && (strings.Contains(m, n) || strings.Contains(n, m) && len(m) > 2 || truce.Misspelt(n, m) <= len(n)/4+1 &&
			len(n) > 2) {
			near = append(near, strconv.Quote(h))
		}
	}
	return near[:min(len(near), 5)]
}

func (b *Binding) duplicate(field string, found []int) error {
	var which, pick []string
	for _, i := range found {
		which = append(which, fmt.Sprintf("#%d %q", i+1, b.header[i]))
		pick = append(pick, fmt.Sprintf("--map %s=#%d", field, i+1))
	}
	return truce.Errorf(truce.Invalid, "Several columns could be %s: %s. Say which: %s.", field, strings.Join(which, " and "),
		strings.Join(pick, " or "))
}

// name is a column's name for messages and attributes; a column without one goes by its place.
func (b *Binding) name(i int) string {
	if b.header[i] == "" {
		return fmt.Sprintf("#%d", i+1)
	}
	return b.header[i]
}

// columns lists the columns for a message, as many as a reader can take in.
func (b *Binding) columns() string {
	const most = 30
	var names []string
	for i := range b.header {
		names = append(names, b.name(i))
	}
	if len(names) > most {
		return list(names[:most]) + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return list(names)
}

// guesses pairs fields that have no column with columns that look like them, the surest first; each column once.
func (b *Binding) guesses() []Pair {
	used := b.used()
	guess := map[string]string{}
	for likeness := 3; likeness > 0; likeness-- {
		for _, f := range b.schema.Fields {
			if _, decided := b.sources[f.Name]; decided || guess[f.Name] != "" {
				continue
			}
			for i, h := range b.header {
				if !used[i] && f.likeness(h) == likeness {
					used[i], guess[f.Name] = true, h
					break
				}
			}
		}
	}
	var out []Pair
	for _, f := range b.schema.Fields {
		if guess[f.Name] != "" {
			out = append(out, Pair{f.Name, guess[f.Name]})
		}
	}
	return out
}

// Odd is the fault of a row in which a column that a field is read from holds a list or an object; nil for others, which are passed over.
func (b *Binding) Odd(row Row) *Bad {
	if len(row.Odd) == 0 {
		return nil
	}
	used := b.used()
	for _, i := range row.Odd {
		if i < len(used) && used[i] {
			return &Bad{Line: row.Line, Item: row.Item, Column: b.name(i), Reason: ReasonJSON,
				Text: "a value is a text, a number, true, false or null", Kept: true}
		}
	}
	return nil
}

func (b *Binding) used() []bool {
	used := make([]bool, len(b.header))
	for _, s := range b.sources {
		for _, a := range s.from {
			for _, i := range a.columns {
				used[i] = true
			}
		}
	}
	return used
}

func list[T ~string](items []T) string {
	texts := make([]string, len(items))
	for i, s := range items {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}
