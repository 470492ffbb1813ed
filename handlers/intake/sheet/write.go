package sheet

// Writing: CSV that a spreadsheet opens without running anything, JSON Lines, and the rows that were not taken.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Writer writes CSV (RFC 4180, CRLF, UTF-8 without a mark). Every cell, the header's too, goes through Guard, so that a
// spreadsheet runs none of them; reading with Options.Guarded gives back what was written, to the byte. Errors stick: Flush tells.
type Writer struct {
	w       *bufio.Writer
	columns int
	err     error
}

// NewWriter writes the header.
func NewWriter(w io.Writer, header ...string) *Writer {
	out := &Writer{w: bufio.NewWriterSize(w, 64<<10), columns: len(header)}
	out.Write(header...)
	return out
}

// Write adds a row with a cell for each column.
func (w *Writer) Write(cells ...string) error {
	if w.err != nil {
		return w.err
	}
	if len(cells) != w.columns {
		w.err = fmt.Errorf("write a row of %d cells under %d columns", len(cells), w.columns)
		return w.err
	}
	for i, cell := range cells {
		if i > 0 {
			w.w.WriteByte(',')
		}
		w.cell(Guard(cell))
	}
	if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
		w.w.WriteString(`""`) // not an empty line, though it reads as a blank row all the same
	}
	_, w.err = w.w.WriteString("\r\n")
	return w.err
}

func (w *Writer) cell(text string) {
	if !strings.ContainsAny(text, ",;\t|\"\r\n") && (text == "" || text[0] != ' ') {
		w.w.WriteString(text)
		return
	}
	w.w.WriteByte('"')
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			break
		}
		w.w.WriteString(text[:i+1])
		w.w.WriteByte('"')
		text = text[i+1:]
	}
	w.w.WriteString(text)
	w.w.WriteByte('"')
}

// Flush writes out what is buffered and gives the first error of all.
func (w *Writer) Flush() error {
	if err := w.w.Flush(); w.err == nil {
		w.err = err
	}
	return w.err
}

// Lines writes JSON Lines: one value a line. Errors stick: Flush tells.
type Lines struct {
	w   *bufio.Writer
	enc *json.Encoder
	err error
}

// NewLines writes to w.
func NewLines(w io.Writer) *Lines {
	buffered := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(buffered)
	enc.SetEscapeHTML(false)
	return &Lines{w: buffered, enc: enc}
}

// Write adds a value.
func (l *Lines) Write(value any) error {
	if l.err == nil {
		l.err = l.enc.Encode(value)
	}
	return l.err
}

// Flush writes out what is buffered and gives the first error of all.
func (l *Lines) Flush() error {
	if err := l.w.Flush(); l.err == nil {
		l.err = err
	}
	return l.err
}
