package sheet

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// Rejects keeps the rows that were not taken as they stood, under the header of their file and in its encoding, so that they
// can be mended and imported again with the same options; what was a JSON array becomes JSON Lines. Why each was not taken is
// said elsewhere, by line.
type Rejects struct {
	file   *Reader
	w      *bufio.Writer
	encode *transform.Writer // nil for UTF-8
	eol    []byte
	rows   int
	err    error
}

// NewRejects prepares to write rows of file. Nothing is written before the first row, so that a file without rejects
// leaves none behind if w is made on the first write.
func NewRejects(w io.Writer, file *Reader) *Rejects {
	r := &Rejects{file: file, w: bufio.NewWriter(w), eol: []byte{file.eol}}
	if file.crlf {
		r.eol = []byte("\r\n")
	}
	return r
}

// Add keeps a row. A row whose bytes could not be kept (Bad.Kept is false) is passed over.
func (r *Rejects) Add(row Row) error {
	if r.err != nil || row.Raw == nil {
		return r.err
	}
	if r.rows == 0 {
		r.begin()
	}
	r.rows++
	r.line(row.Raw)
	return r.err
}

// Head is what stands above the rows of the file, in UTF-8 and each line with its end, so that a row below it can be read again with
// the same options; "" for JSON.
func (r *Reader) Head() string {
	if r.objects != nil {
		return ""
	}
	var b []byte
	for _, line := range [][]byte{r.hint, r.rawHeader} {
		if line != nil {
			b = append(append(b, line...), r.eol)
		}
	}
	return string(b)
}

// Rows is how many rows were kept.
func (r *Rejects) Rows() int { return r.rows }

// begin writes the byte-order mark, if the file had one, and the header; JSON has none.
func (r *Rejects) begin() {
	_, r.err = r.w.Write(r.file.enc.mark)
	if d := r.file.enc.decoder; d != nil {
		// What came out of the decoder goes back in; what never was text becomes the encoding's replacement.
		r.encode = transform.NewWriter(r.w, encoding.ReplaceUnsupported(d.NewEncoder()))
	}
	if r.file.hint != nil && r.err == nil {
		r.line(r.file.hint)
	}
	if r.file.objects == nil {
		r.line(r.file.rawHeader)
	}
}

func (r *Rejects) line(raw []byte) {
	if r.err != nil {
		return
	}
	if r.encode != nil {
		_, r.err = r.encode.Write(slices.Concat(raw, r.eol))
		return
	}
	if _, r.err = r.w.Write(raw); r.err == nil {
		_, r.err = r.w.Write(r.eol)
	}
}

// Flush writes out what is buffered and gives the first error of all. It does not close what lies beneath, and rows may be
// added after it.
func (r *Rejects) Flush() error {
	if err := r.w.Flush(); r.err == nil {
		r.err = err
	}
	if r.err != nil {
		return fmt.Errorf("keep the rejected rows: %w", r.err)
	}
	return nil
}
