package sheet

// What a file is made of: compression, encoding, line ends, delimiter, header.

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"truce"
)

// fileEncoding is how the bytes of a file become UTF-8 and, for the rejects, back.
type fileEncoding struct {
	name    string
	decoder encoding.Encoding // nil for UTF-8: the bytes are the text
	mark    []byte            // the byte-order mark the file began with
}

// sound tells whether a decoded text is what its bytes meant. A UTF-16 file may hold U+FFFD as a character of its own; where
// an eight-bit encoding gives it, a byte had no meaning.
func (e fileEncoding) sound(text string) bool {
	switch {
	case e.decoder == nil:
		return utf8.ValidString(text)
	case strings.HasPrefix(e.name, "utf-16"):
		return true
	}
	return !strings.ContainsRune(text, utf8.RuneError)
}

var (
	utf8Mark    = []byte("\xef\xbb\xbf")
	utf16leMark = []byte("\xff\xfe")
	utf16beMark = []byte("\xfe\xff")
)

// encodings maps what --encoding takes. Latin-1 is read as Windows-1252, its superset, as browsers do (WHATWG Encoding).
func encodings() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"utf-8":        nil,
		"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"windows-1250": charmap.Windows1250,
		"windows-1251": charmap.Windows1251,
		"windows-1252": charmap.Windows1252,
		"windows-1253": charmap.Windows1253,
		"windows-1254": charmap.Windows1254,
		"iso-8859-1":   charmap.Windows1252,
		"iso-8859-2":   charmap.ISO8859_2,
		"iso-8859-15":  charmap.ISO8859_15,
		"macintosh":    charmap.Macintosh,
	}
}

// Encodings is what Options.Encoding takes, sorted.
func Encodings() []string { return slices.Sorted(maps.Keys(encodings())) }

// Open finds out what a file is made of and reads its header. It takes CSV and JSON, plain and gzip. The error of a file that is no
// table, or not one that can be read, is a *truce.Error of kind Invalid.
func Open(src io.Reader, opts Options) (*Reader, error) {
	opts.MaxField = or(opts.MaxField, DefaultMaxField)
	opts.MaxRow = or(opts.MaxRow, DefaultMaxRow)
	opts.MaxColumns = or(opts.MaxColumns, DefaultMaxColumns)
	if opts.Delimiter != 0 && strings.IndexByte(delimiters, opts.Delimiter) < 0 {
		return nil, truce.Errorf(truce.Invalid, "The delimiter is one of , ; tab |, not %q.", rune(opts.Delimiter))
	}
	plain, packed, err := decompress(src)
	if err != nil {
		return nil, err
	}
	enc, text, err := decode(plain, opts.Encoding)
	if err != nil {
		return nil, err
	}
	r := &Reader{src: text, opts: opts, enc: enc, packed: packed, eol: '\n', line: 1, delim: opts.Delimiter}
	r.window()
	if opts.Records != "" || opts.Delimiter == 0 && r.startsObjects() {
		return r, r.openObjects()
	}
	return r, r.readHeader()
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// decompress unpacks gzip, and refuses by name what is often taken for CSV.
func decompress(src io.Reader) (plain *bufio.Reader, packed bool, err error) {
	br := bufio.NewReaderSize(src, 64<<10)
	head, _ := br.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		unpacked, err := gzip.NewReader(br)
		if err != nil {
			return nil, false, truce.Errorf(truce.Invalid, "The file begins like gzip but cannot be unpacked; get it again: %w", err)
		}
		return bufio.NewReaderSize(unpacked, 64<<10), true, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, false, truce.Errorf(truce.Invalid, "The file is an Excel workbook or a zip archive, not CSV. Save it as CSV UTF-8, or "+
			"unpack it, and import that.")
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, false, truce.Errorf(truce.Invalid, "The file is an old Excel workbook, not CSV. Save it as CSV UTF-8 and import that.")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return nil, false, truce.Errorf(truce.Invalid, "The file is a PDF, not CSV. Export the table as CSV and import that.")
	}
	return br, false, nil
}

// decode finds the encoding and gives the text as UTF-8 without its byte-order mark.
func decode(br *bufio.Reader, told string) (fileEncoding, io.Reader, error) {
	name := strings.ToLower(strings.TrimSpace(told))
	switch name { // the spellings people use
	case "utf8":
		name = "utf-8"
	case "utf16", "utf-16":
		name = "" // the mark says which
	case "cp1252", "windows1252", "ansi":
		name = "windows-1252"
	case "latin1", "latin-1":
		name = "iso-8859-1"
	}
	head, err := br.Peek(4)
	if err != nil && err != io.EOF {
		return fileEncoding{}, nil, sourceError(err)
	}
	enc := fileEncoding{name: name}
	switch {
	case bytes.HasPrefix(head, utf8Mark):
		enc.mark = utf8Mark
	case bytes.HasPrefix(head, utf16leMark):
		enc.mark, name = utf16leMark, "utf-16le"
	case bytes.HasPrefix(head, utf16beMark):
		enc.mark, name = utf16beMark, "utf-16be"
	case name != "":
	case len(head) >= 2 && head[0] != 0 && head[1] == 0:
		name = "utf-16le" // without a mark: the second byte of a header in ASCII letters is zero
	case len(head) >= 2 && head[0] == 0 && head[1] != 0:
		name = "utf-16be"
	}
	if name == "" || len(enc.mark) == len(utf8Mark) {
		name = "utf-8"
	}
	decoder, ok := encodings()[name]
	if !ok {
		return fileEncoding{}, nil, truce.Errorf(truce.Invalid, "--encoding %q is not known; it is one of %s.", told,
			strings.Join(Encodings(), ", "))
	}
	if _, err := br.Discard(len(enc.mark)); err != nil {
		return fileEncoding{}, nil, sourceError(err)
	}
	enc.name, enc.decoder = name, decoder
	if decoder == nil {
		return enc, br, nil
	}
	return enc, transform.NewReader(br, decoder.NewDecoder()), nil
}

// damaged tells whether an error is about the compressed file itself, not about reading it.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	var internal flate.InternalError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) ||
		errors.As(err, &corrupt) || errors.As(err, &internal)
}

func sourceError(err error) error {
	if damaged(err) {
		return truce.Errorf(truce.Invalid, "The compressed file is damaged; get it again and repeat: %w", err)
	}
	return fmt.Errorf("read the file: %w", err)
}

const delimiters = ",;\t|"

// readHeader finds the line ends, the delimiter and the names of the columns.
func (r *Reader) readHeader() error {
	if !bytes.ContainsRune(r.buf[r.start:r.end], '\n') && bytes.ContainsRune(r.buf[r.start:r.end], '\r') {
		r.eol = '\r'
	}
	r.crlf = bytes.Contains(r.buf[r.start:r.end], []byte("\r\n"))
	r.separatorHint()
	if r.delim == 0 {
		r.delim = detectDelimiter(r.buf[r.start:r.end], r.eol)
	}
	if bytes.HasPrefix(bytes.TrimSpace(r.buf[r.start:r.end]), []byte("<")) {
		return truce.Errorf(truce.Invalid, "The file is a web page or XML, not CSV. Export the table as CSV and import that.")
	}
	for {
		row, err := r.next()
		switch {
		case err == io.EOF:
			return truce.Errorf(truce.Invalid, "The file is empty. Its first line must name the columns.")
		case err != nil:
			return err
		case row.Bad != nil:
			return truce.Errorf(truce.Invalid, "The header cannot be read: %s.", row.Bad.Error())
		case blank(row.Fields):
			continue
		case len(row.Fields) > r.opts.MaxColumns:
			return truce.Errorf(truce.Invalid, "The file has %d columns, the most is %d. Export fewer.", len(row.Fields), r.opts.MaxColumns)
		}
		r.rawHeader = bytes.Clone(row.Raw)
		r.header = make([]string, len(row.Fields))
		for i, name := range row.Fields {
			r.header[i] = strings.Join(strings.Fields(name), " ")
		}
		return nil
	}
}

// window reads until the first record is surely there, for the detections, or a field's worth of bytes.
func (r *Reader) window() {
	for !r.eof && r.end < min(64<<10, r.opts.MaxField) {
		r.fill()
	}
}

// separatorHint takes the line "sep=;" with which Excel is told the delimiter before the header.
func (r *Reader) separatorHint() {
	end := r.lineEnd()
	if end < 0 {
		return
	}
	hint := trimCR(r.buf[r.start:r.start+end], r.eol)
	if len(hint) == 5 && strings.EqualFold(string(hint[:4]), "sep=") && strings.IndexByte(delimiters, hint[4]) >= 0 {
		if r.opts.Delimiter == 0 {
			r.delim = hint[4]
		}
		r.hint = bytes.Clone(hint)
		r.consume(end, 1)
	}
}

// detectDelimiter is the one that stands most often outside quotes in the first line that is not empty; in a tie the first
// of delimiters, also where there is none: then the file has one column.
func detectDelimiter(text []byte, eol byte) byte {
	counts := make([]int, len(delimiters))
	quoted, seen := false, false
scan:
	for _, c := range text {
		switch {
		case c == '"':
			quoted, seen = !quoted, true
		case c == eol && !quoted:
			if seen {
				break scan
			}
			clear(counts)
		case !quoted:
			if i := strings.IndexByte(delimiters, c); i >= 0 {
				counts[i]++
			}
			seen = seen || c > ' '
		}
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return delimiters[best]
}
