package sheet

// Files of JSON: an object a line (JSON Lines), or one array of objects. An object is a row; the names in the objects are the
// columns, in the order in which they come up, so the header grows while the file is read.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"truce"
)

// The rows that are looked at for names before the columns are bound.
const (
	maxAhead      = 500
	maxAheadBytes = 1 << 20
)

// objects is what a Reader of JSON knows.
type objects struct {
	array    bool           // one array, not lines
	items    int            // of the array, so far; 0 where there is none
	ended    bool           // the array's ] was read
	wanted   []path         // values within objects
	stream   string         // of the records so far
	columns  map[string]int // by name as it stands in the objects; those of attributes have attributePrefix
	seen     []int          // by column: the row that had it last, to tell a name that stands there twice
	rows     int
	ahead    []Row // read for their names, not given yet
	aheadErr error // what stood behind them
}

// startsObjects reports whether the window begins like JSON.
func (r *Reader) startsObjects() bool {
	text := bytes.TrimLeft(r.buf[r.start:r.end], " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') || len(text) == 0 && r.eof && r.opts.JSON
}

// openObjects reads the first rows for their names.
func (r *Reader) openObjects() error {
	r.objects = &objects{columns: map[string]int{}, wanted: pathsOf(r.opts.Paths)}
	for c := r.at(0); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = r.at(0) {
		r.blank(byte(c))
	}
	if r.at(0) == '[' && r.opts.Records == "" {
		r.objects.array = true
		r.start++
	}
	var first *Bad
	size, sound := 0, 0
	for o := r.objects; len(o.ahead) < maxAhead && size < maxAheadBytes; {
		row, err := r.nextObject()
		if err != nil {
			o.aheadErr = err
			break
		}
		if row.Bad != nil && first == nil {
			first = row.Bad
		}
		if row.Bad == nil {
			sound++
		}
		row.Raw, row.Fields = bytes.Clone(row.Raw), append([]string(nil), row.Fields...)
		size += len(row.Raw)
		o.ahead = append(o.ahead, row)
	}
	if err := r.objects.aheadErr; err != nil && err != io.EOF && len(r.objects.ahead) == 0 {
		return err
	}
	if sound == 0 && first != nil {
		return truce.Errorf(truce.Invalid, "The file is no JSON Lines and no JSON array of objects: %s. Write each object in a line of its own.",
			first.Error())
	}
	return nil
}

// Whole reports whether all names of a JSON file are in the header already; a CSV file's always are.
func (r *Reader) Whole() bool { return r.objects == nil || r.objects.aheadErr != nil }

// Objects reports whether the file is JSON: its header grows while it is read.
func (r *Reader) Objects() bool { return r.objects != nil }

// nextAhead gives the rows that were read for their names, then those behind them.
func (r *Reader) nextAhead() (Row, error) {
	o := r.objects
	if len(o.ahead) > 0 {
		row := o.ahead[0]
		o.ahead = o.ahead[1:]
		if row.Bad == nil {
			row.Fields = append(row.Fields, make([]string, len(r.header)-len(row.Fields))...)
		}
		return row, nil
	}
	if o.aheadErr != nil {
		return Row{}, o.aheadErr
	}
	return r.nextObject()
}

// nextObject reads a row.
func (r *Reader) nextObject() (Row, error) {
	if r.objects.array {
		return r.nextElement()
	}
	for {
		end := r.lineEnd()
		switch {
		case end < 0:
			return r.skipLine(), nil
		case r.start+end == r.end && r.eof && (end == 0 || r.srcErr != nil):
			return Row{}, r.finish()
		}
		raw := trimCR(r.buf[r.start:r.start+end], r.eol)
		if len(bytes.TrimSpace(raw)) == 0 {
			r.consume(end, 1)
			continue
		}
		row := r.objectRow(raw)
		r.consume(end, 1)
		if row.skip {
			continue
		}
		return row, nil
	}
}

// blank passes a blank byte.
func (r *Reader) blank(c byte) {
	r.start++
	if c == r.eol {
		r.line++
	}
}

// nextElement reads an element of the array. Where one ends is told by its braces alone, so that one that is no sound object
// is rejected and the next is read.
func (r *Reader) nextElement() (Row, error) {
	o := r.objects
	broken := func(what string) error {
		return truce.Errorf(truce.Invalid, "The JSON array is broken in line %d: %s.", r.line, what)
	}
	comma := false
	for {
		c := r.at(0)
		switch {
		case c < 0 && r.srcErr != nil:
			return Row{}, r.finish()
		case c < 0 && !o.ended:
			return Row{}, broken("the file ends before the array does; get it again")
		case c < 0:
			return Row{}, io.EOF
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			r.blank(byte(c))
			continue
		case o.ended:
			return Row{}, broken("something stands behind the array")
		case c == ']' && !comma:
			o.ended = true
			r.start++
			continue
		case c == ',' && o.items > 0 && !comma:
			comma = true
			r.start++
			continue
		case c == ']' || c == ',' || o.items > 0 && !comma:
			return Row{}, broken("a comma is missing, or one too many")
		}
		break
	}
	end := min(r.element(), r.end-r.start)
	if end > r.opts.MaxRow {
		return Row{}, broken("an object is over " + size(r.opts.MaxRow))
	}
	if r.srcErr != nil && r.start+end == r.end {
		return Row{}, r.finish()
	}
	o.items++
	raw := r.buf[r.start : r.start+end]
	lines := bytes.Count(raw, []byte{r.eol})
	if bytes.ContainsAny(raw, "\r\n") { // for the rejects, in one line: within a text JSON allows no line end
		raw = bytes.Map(func(c rune) rune {
			if c == '\r' || c == '\n' {
				return ' '
			}
			return c
		}, raw)
	}
	row := r.objectRow(raw)
	r.start += end
	r.line += lines
	return row, nil
}

// element is how many bytes the value takes that begins here; more than a row may have where it does not end in time.
func (r *Reader) element() int {
	depth, quoted := 0, false
	for pos := 0; ; pos++ {
		c := r.at(pos)
		switch {
		case c < 0 || pos > r.opts.MaxRow:
			return pos
		case quoted && c == '\\':
			pos++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return pos + 1
			}
		}
		if depth < 0 || depth == 0 && !quoted && c == ',' {
			return pos // a bare value, which is no row
		}
	}
}

// objectRow reads the object that raw is.
func (r *Reader) objectRow(raw []byte) Row {
	o := r.objects
	o.rows++
	row := Row{Line: r.line, Item: o.items, Raw: raw}
	bad := func(column string, reason Reason, format string, args ...any) Row {
		row.Bad = &Bad{Line: r.line, Item: o.items, Column: column, Reason: reason, Text: fmt.Sprintf(format, args...), Kept: true}
		return row
	}
	if r.enc.decoder == nil && !utf8.Valid(raw) {
		return bad("", ReasonEncoding, "the text is not UTF-8; find out the file's encoding and say it with --encoding")
	}
	body := raw
	if r.opts.Records != "" {
		var err error
		if body, row.skip, err = r.unwrap(raw); err != nil {
			return bad("", ReasonJSON, "%s", err)
		}
		if row.skip {
			return row
		}
	}
	object, err := decodeRow(body, o.wanted)
	if err != nil {
		return bad("", ReasonJSON, "not a JSON object: %s", err)
	}
	for _, name := range object.Odd {
		if i, ok := o.columns[name]; ok {
			row.Odd = append(row.Odd, i)
		}
	}
	if len(object.Faults) > 0 {
		return bad(object.Faults[0].Name, ReasonJSON, "%s", object.Faults[0].Text)
	}
	r.fields = slices.Grow(r.fields[:0], len(r.header))[:len(r.header)]
	clear(r.fields)
	if name, text := r.place(object.Fields, ""); text != "" {
		return bad(name, ReasonJSON, "%s", text)
	}
	if name, text := r.place(object.Attributes, attributePrefix); text != "" {
		return bad(name, ReasonJSON, "%s", text)
	}
	row.Fields = r.fields
	text := strings.Join(r.fields, "")
	if strings.IndexByte(text, 0) >= 0 || len(text) > r.opts.MaxField || !r.enc.sound(text) {
		if row.Bad = r.checkFields(); row.Bad != nil {
			return row
		}
	}
	if HoldsHalfCharacter(raw, text) {
		return bad("", ReasonEncoding, HalfCharacter)
	}
	return row
}

// place puts values into the fields of their columns; text is what is wrong with the one named.
func (r *Reader) place(values []Value, prefix string) (name, text string) {
	o := r.objects
	for _, v := range values {
		i, ok := r.columnNamed(prefix + v.Name)
		if !ok {
			return v.Name, fmt.Sprintf("the file has over %d different names; leave out what is not needed", r.opts.MaxColumns)
		}
		if i == len(r.fields) {
			r.fields = append(r.fields, "")
		}
		if o.seen[i] == o.rows {
			return v.Name, twice
		}
		o.seen[i], r.fields[i] = o.rows, v.written(r.opts.Number)
	}
	return "", ""
}

// columnNamed is the column of a name, a new one where there was none; ok is false where there are too many.
func (r *Reader) columnNamed(name string) (i int, ok bool) {
	o := r.objects
	if i, ok := o.columns[name]; ok {
		return i, true
	}
	if len(o.columns) >= 2*r.opts.MaxColumns { // spellings count too
		return 0, false
	}
	clean := strings.Join(strings.Fields(name), " ")
	i, ok = o.columns[clean]
	if !ok {
		if len(r.header) >= r.opts.MaxColumns {
			return 0, false
		}
		i = len(r.header)
		r.header, o.seen = append(r.header, clean), append(o.seen, 0)
		o.columns[clean] = i
	}
	o.columns[name] = i
	return i, true
}

// decodeRow reads one object, strictly: nothing behind it.
func decodeRow(raw []byte, wanted []path) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	first, err := d.Token()
	switch {
	case errors.Is(err, io.EOF):
		return Object{}, errors.New("it is empty")
	case err != nil:
		return Object{}, JSONError(err)
	case first != json.Delim('{'):
		return Object{}, fmt.Errorf("it begins with %s", cut(fmt.Sprint(first)))
	}
	object, err := decodeObject(d, Object{wanted: wanted})
	if err != nil {
		return object, JSONError(err)
	}
	if a := object.Attributes; len(a) == 2 && a[0].Name == "type" && a[1].Name == "url" && strings.HasPrefix(a[1].Text, "/services/data/") {
		object.Attributes = nil // how Salesforce's API names the record: nothing of the lead
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return object, errors.New("something stands behind it")
	}
	return object, nil
}
