package sheet

// The reader: bytes in, rows out. What a file is made of is found out in open.go; one record with quotes is read in record.go.

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"truce"
)

// The limits, where Options does not say otherwise.
const (
	DefaultMaxField   = 1 << 20 // bytes of one cell
	DefaultMaxRow     = 4 << 20 // bytes of one row
	DefaultMaxColumns = 1000    // a HubSpot export with all properties has over 600
)

// Options say how to read a file. The zero value detects everything that can be detected without guessing.
type Options struct {
	// Encoding is one of Encodings. Empty: UTF-16 by its byte-order mark or by its zero bytes, else UTF-8. Eight-bit
	// encodings are never guessed.
	Encoding string
	// Delimiter is ',', ';', '\t' or '|'; 0 takes it from the header.
	Delimiter byte
	// Guarded says that the file is an export of ours: the apostrophe that Writer puts before what a spreadsheet would
	// run as a formula is taken off again (Unguard).
	Guarded bool
	// JSON says that the file is JSON, by its name. The content tells too, where no Delimiter was told; but an empty file is a
	// table without rows only where it is said to be JSON.
	JSON bool
	// Paths are names of values within JSON objects, parted by points: properties.email. What else stands in objects is passed over.
	Paths []string
	// Records says that the file holds messages, of which those of type RECORD carry a row: Singer or Airbyte. Stream is whose rows
	// are taken; "" where there is one only.
	Records, Stream string
	// Number is how the file's texts write numbers; what JSON gives as a number is written in that format.
	Number truce.NumberFormat

	MaxField, MaxRow, MaxColumns int // 0 for the defaults
}

// Row is one record of a file.
type Row struct {
	Line int // the physical line it begins on; the header is line 1
	Item int // of a JSON array, from 1; 0 in other files
	// one per column, without quotes, not trimmed; nil when Bad is set. The slice is valid until the next call of Next, its texts for good
	Fields []string
	// the record as it stands in the file, in UTF-8, without the line's end; valid until the next call. Nil when it was too large to keep
	Raw []byte
	Odd []int // columns that hold a list or an object in this row
	Bad *Bad  // what is wrong with it, nil for a sound row

	skip bool // no row at all
}

// Reader reads the rows of one file. It is not safe for concurrent use.
type Reader struct {
	src       io.Reader
	opts      Options
	enc       fileEncoding
	delim     byte
	eol       byte // '\n', or '\r' in files of old Macs
	packed    bool // it is gzip
	crlf      bool // the lines end in \r\n
	header    []string
	rawHeader []byte
	hint      []byte   // the line "sep=;" that stood before the header
	objects   *objects // of a file of JSON, else nil

	buf        []byte // window over the file; buf[start:end] is not consumed yet
	start, end int
	eof        bool
	srcErr     error // of src, told once everything before it is used up
	line       int   // physical line of buf[start]

	fields  []string // reused from row to row, like the two below
	bounds  []span
	scratch []byte
}

// Header is the names of the columns in the order of the file, without blanks around and line breaks within. That of a JSON file
// may be longer after Next; those in an object's "attributes" have a prefix, see BindOptions.Objects.
func (r *Reader) Header() []string { return r.header }

// Form says how the file writes a table, for people: the delimiter between its columns, told or detected, or which kind of JSON.
func (r *Reader) Form() string {
	switch {
	case r.objects == nil:
		return fmt.Sprintf("columns parted by %q", r.delim)
	case r.objects.array:
		return "a JSON array"
	}
	return "JSON Lines"
}

// Ends reports whether the file says itself where it ends: gzip has a checksum behind it, an array its bracket.
func (r *Reader) Ends() bool { return r.packed || r.objects != nil && r.objects.array }

// Encoding is the name of the file's encoding, told or detected: "utf-8", "utf-16le"...
func (r *Reader) Encoding() string { return r.enc.name }

// Next gives the next row, io.EOF after the last. A row that cannot be used has Bad set and does not end the file; any other
// error does. Empty lines, and lines with delimiters only, are no rows.
func (r *Reader) Next() (Row, error) {
	for {
		row, err := r.next()
		if err != nil {
			return Row{}, err
		}
		if row.Bad != nil {
			row.Fields = nil
			return row, nil
		}
		if blank(row.Fields) && len(row.Odd) == 0 {
			continue
		}
		if n := len(r.header); len(row.Fields) > n && blank(row.Fields[n:]) { // delimiters at the end of a line say nothing
			row.Fields = row.Fields[:n]
		}
		if n := len(row.Fields); n != len(r.header) {
			row.Bad = &Bad{Line: row.Line, Reason: ReasonColumns, Kept: true,
				Text: fmt.Sprintf("the row has %s, the header has %d; check its delimiters and quotes", count(n, "column"), len(r.header))}
			row.Fields = nil
		}
		return row, nil
	}
}

// next reads one record of any width.
func (r *Reader) next() (Row, error) {
	if r.objects != nil {
		return r.nextAhead()
	}
	for {
		end := r.lineEnd()
		switch {
		case end < 0:
			return r.skipLine(), nil
		case r.start+end == r.end && r.eof && (end == 0 || r.srcErr != nil):
			return Row{}, r.finish() // what a broken source ends in is half a row, and no row
		}
		raw := trimCR(r.buf[r.start:r.start+end], r.eol)
		if len(bytes.TrimSpace(raw)) == 0 {
			r.consume(end, 1)
			continue
		}
		if bytes.IndexByte(raw, '"') >= 0 {
			return r.quotedRow()
		}
		row := r.plainRow(raw)
		r.consume(end, 1)
		return row, nil
	}
}

// plainRow splits a record that has no quotes.
func (r *Reader) plainRow(raw []byte) Row {
	text := string(raw) // the one allocation of a row: all its fields share it
	rest := text
	fields := r.fields[:0]
	for {
		i := strings.IndexByte(rest, r.delim)
		if i < 0 {
			break
		}
		fields = append(fields, rest[:i])
		rest = rest[i+1:]
	}
	r.fields = append(fields, rest)
	return r.row(raw, text)
}

// quotedRow splits a record whose first line holds a quote; it may run over several lines.
func (r *Reader) quotedRow() (Row, error) {
	rec := r.scan()
	if r.srcErr != nil && r.start+rec.end == r.end && r.eof {
		return Row{}, r.finish()
	}
	if rec.fault != "" {
		// Where a record with a stray quote ends nobody knows, so only its first line is given up: every later line has a
		// chance of its own, and each that fails is reported and kept too.
		end := r.lineEnd()
		if end < 0 {
			return r.skipLine(), nil
		}
		raw := trimCR(r.buf[r.start:r.start+end], r.eol)
		row := Row{Line: r.line, Raw: raw, Bad: &Bad{Line: r.line, Column: r.column(rec.column), Reason: ReasonQuotes, Text: rec.fault,
			Kept: true}}
		r.consume(end, 1)
		return row, nil
	}
	text := string(r.scratch)
	fields := r.fields[:0]
	for _, b := range r.bounds {
		fields = append(fields, text[b.from:b.to])
	}
	r.fields = fields
	row := r.row(trimCR(r.buf[r.start:r.start+rec.end], r.eol), text)
	r.consume(rec.end, rec.lines)
	return row, nil
}

// row checks the text of the record in r.fields. text is all of them, perhaps with delimiters between.
func (r *Reader) row(raw []byte, text string) Row {
	row := Row{Line: r.line, Raw: raw, Fields: r.fields}
	if !r.enc.sound(text) || strings.IndexByte(text, 0) >= 0 || len(text) > r.opts.MaxField {
		if row.Bad = r.checkFields(); row.Bad != nil {
			return row
		}
	}
	if r.opts.Guarded {
		for i, f := range r.fields {
			r.fields[i] = Unguard(f)
		}
	}
	return row
}

// checkFields names the first field that cannot be taken; nil if each is fine for itself.
func (r *Reader) checkFields() *Bad {
	bad := &Bad{Line: r.line, Kept: true}
	for i, f := range r.fields {
		switch {
		case !r.enc.sound(f) && r.enc.decoder != nil:
			bad.Reason, bad.Text = ReasonEncoding, "the text has a byte that is no character in "+r.enc.name+
				"; find out the file's encoding and say it with --encoding"
		case !r.enc.sound(f):
			bad.Reason, bad.Text = ReasonEncoding, "the text is not UTF-8; if the file came from Excel on Windows, import it with --encoding "+
				"windows-1252"
		case strings.IndexByte(f, 0) >= 0:
			bad.Reason, bad.Text = ReasonEncoding, "the text holds a zero byte; if the file is UTF-16, import it with --encoding utf-16le or "+
				"utf-16be"
		case len(f) > r.opts.MaxField:
			bad.Reason, bad.Text = ReasonTooLarge, fmt.Sprintf("the cell is over %s; shorten it", size(r.opts.MaxField))
		default:
			continue
		}
		bad.Column = r.column(i)
		return bad
	}
	return nil
}

// column is the name of a column for messages.
func (r *Reader) column(i int) string {
	if i < len(r.header) && r.header[i] != "" {
		return r.header[i]
	}
	return fmt.Sprint(i + 1)
}

// consume moves past a record that ends end bytes from here, at its line's end, and took so many lines.
func (r *Reader) consume(end, lines int) {
	r.start = min(r.start+end+1, r.end)
	r.line += lines
}

// skipLine gives up a line that is longer than a row may be, reading on to its end without keeping it.
func (r *Reader) skipLine() Row {
	row := Row{Line: r.line, Bad: &Bad{Line: r.line, Reason: ReasonTooLarge,
		Text: fmt.Sprintf("the row is over %s and could not be kept; shorten it in the file and import again", size(r.opts.MaxRow))}}
	for {
		if i := bytes.IndexByte(r.buf[r.start:r.end], r.eol); i >= 0 {
			r.consume(i, 1)
			return row
		}
		r.start = r.end
		if r.eof {
			return row
		}
		r.fill()
	}
}

// lineEnd is how far the first line end is, or the end of the file where there is none; -1 when it is further than a row
// may be long.
func (r *Reader) lineEnd() int {
	seen := 0
	for {
		i := bytes.IndexByte(r.buf[r.start+seen:r.end], r.eol)
		if i >= 0 {
			seen += i
		} else {
			seen = r.end - r.start
		}
		switch {
		case seen > r.opts.MaxRow:
			return -1
		case i >= 0 || r.eof:
			return seen
		}
		r.fill()
	}
}

// fill reads more of the file into the window, moving what is left to its front or growing it where there is no room.
func (r *Reader) fill() {
	if r.start > 0 && r.end == len(r.buf) {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	if r.end == len(r.buf) {
		bigger := make([]byte, max(256<<10, 2*len(r.buf)))
		copy(bigger, r.buf)
		r.buf = bigger
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err != nil {
			r.eof = true
			if err != io.EOF {
				r.srcErr = err
			}
			return
		}
		if n > 0 {
			return
		}
	}
	r.eof, r.srcErr = true, io.ErrNoProgress
}

// finish is what the end of the source means: io.EOF, or the error that cut it off.
func (r *Reader) finish() error {
	switch {
	case r.srcErr == nil:
		return io.EOF
	case damaged(r.srcErr):
		return truce.Errorf(truce.Invalid, "The compressed file is cut off or damaged in line %d; get it again and repeat: %w", r.line, r.srcErr)
	}
	return fmt.Errorf("read line %d: %w", r.line, r.srcErr)
}

func trimCR(raw []byte, eol byte) []byte {
	if n := len(raw); eol == '\n' && n > 0 && raw[n-1] == '\r' {
		return raw[:n-1]
	}
	return raw
}

func blank(fields []string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return false
		}
	}
	return true
}

// count is a number with its noun: "1 column", "3 columns".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// size is a limit for people.
func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return count(n, "byte")
}
