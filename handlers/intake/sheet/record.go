package sheet

// One record with quotes: a cell that begins with a quote runs to the next single one and may hold delimiters, line breaks and
// doubled quotes (RFC 4180). A quote inside an unquoted cell is a character like any other (5" panel), and blanks after a closing quote
// are let go.

import (
	"bytes"
	"fmt"
)

// span is a field within Reader.scratch.
type span struct{ from, to int }

// record is what scan found. Distances are from Reader.start, so that the window may move.
type record struct {
	end    int    // distance of the line end that closes the record
	lines  int    // physical lines it took
	column int    // the field that fault is about
	fault  string // why the quotes do not match; "" when they do
}

// scan reads one record into bounds and scratch, as far as its quotes are sound.
func (r *Reader) scan() record {
	rec := record{lines: 1}
	r.bounds, r.scratch = r.bounds[:0], r.scratch[:0]
	pos := 0
	for ; ; rec.column++ {
		from := len(r.scratch)
		if r.at(pos) == '"' {
			pos = r.scanQuoted(pos+1, &rec)
		} else {
			pos = r.scanBare(pos)
		}
		rec.end = pos
		if rec.fault != "" {
			return rec
		}
		if pos > r.opts.MaxRow {
			rec.fault = fmt.Sprintf("the row does not end within %s; look for a quote that is not closed", size(r.opts.MaxRow))
			return rec
		}
		r.bounds = append(r.bounds, span{from, len(r.scratch)})
		if c := r.at(pos); c < 0 || byte(c) == r.eol {
			return rec
		}
		pos++ // the delimiter
	}
}

// scanBare reads a field without quotes up to its delimiter or the line's end.
func (r *Reader) scanBare(pos int) int {
	for {
		w := r.buf[r.start+pos : r.end]
		for i, c := range w {
			if c != r.delim && c != r.eol {
				continue
			}
			if c == r.eol {
				w = trimCR(w[:i], r.eol)
				r.scratch = append(r.scratch, w...)
				return pos + i
			}
			r.scratch = append(r.scratch, w[:i]...)
			return pos + i
		}
		if r.eof {
			r.scratch = append(r.scratch, trimCR(w, r.eol)...)
			return pos + len(w)
		}
		if pos+len(w) > r.opts.MaxRow {
			return pos + len(w)
		}
		r.fill() // the record's bytes stay: the loop looks at the field from its beginning again
	}
}

// scanQuoted reads a field from behind its opening quote and what is allowed behind its closing one.
func (r *Reader) scanQuoted(pos int, rec *record) int {
	from := len(r.scratch)
	for {
		w := r.buf[r.start+pos : r.end]
		i := bytes.IndexByte(w, '"')
		open := i < 0
		if open {
			i = len(w)
		}
		r.scratch = append(r.scratch, w[:i]...)
		rec.lines += bytes.Count(w[:i], []byte{r.eol})
		pos += i
		switch {
		case len(r.scratch)-from > r.opts.MaxField:
			rec.fault = fmt.Sprintf("the quoted text is over %s, or its quote is never closed", size(r.opts.MaxField))
			return pos
		case open && r.eof:
			rec.fault = "a quote opens here and is never closed"
			return pos
		case open:
			r.fill()
			continue
		}
		pos++
		if r.at(pos) != '"' {
			return r.afterQuote(pos, rec)
		}
		r.scratch = append(r.scratch, '"')
		pos++
	}
}

// afterQuote passes blanks behind a closing quote, up to the delimiter or the line's end.
func (r *Reader) afterQuote(pos int, rec *record) int {
	for {
		switch c := r.at(pos); {
		case c < 0, byte(c) == r.delim, byte(c) == r.eol:
			return pos
		case c == ' ', c == '\t', c == '\r' && (r.at(pos+1) < 0 || byte(r.at(pos+1)) == r.eol):
			pos++
		default:
			rec.fault = `a quote stands inside a quoted text; write it twice ("") or close the text before the delimiter`
			return pos
		}
		if pos > r.opts.MaxRow {
			return pos
		}
	}
}

// at is the byte so far from the record's beginning, -1 at the end of the file.
func (r *Reader) at(pos int) int {
	for r.start+pos >= r.end {
		if r.eof {
			return -1
		}
		r.fill()
	}
	return int(r.buf[r.start+pos])
}
