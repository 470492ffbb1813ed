package sheet

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"truce"
)

// FuzzReader: no file makes the reader fail without a sentence, or give a row it should not; and how the bytes arrive changes
// nothing.
func FuzzReader(f *testing.F) {
	files, _ := filepath.Glob("testdata/odd/*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, byte(0))
	}
	f.Add([]byte("a,b\n\"x\n\"\"y\",2\r\n\"z"), byte(','))
	f.Add([]byte("\xff\xfea\x00,\x00"), byte(1))
	f.Add([]byte("{\"a\":1}\n{\"b\":[{}],\"attributes\":{\"c\":2}}"), byte(0))
	f.Add([]byte("[{\"a\":1}\n, 2, {\"a\":\"]\\\"\"}]"), byte(0))
	f.Fuzz(func(t *testing.T, text []byte, pick byte) {
		opts := Options{MaxField: 1 << 10, MaxRow: 4 << 10, MaxColumns: 50, Guarded: pick&4 != 0}
		if pick&3 == 1 {
			opts.Encoding = "windows-1252"
		}
		whole := rows(t, bytes.NewReader(text), opts)
		if len(text) < 1<<10 {
			if slow := rows(t, iotest.OneByteReader(bytes.NewReader(text)), opts); slow != whole {
				t.Fatalf("read byte by byte\n%s\nat once\n%s", slow, whole)
			}
		}
	})
}

// rows is everything the reader says of a file, checked on the way.
func rows(t *testing.T, src io.Reader, opts Options) string {
	r, err := Open(src, opts)
	if err != nil {
		if err != io.EOF && truce.KindOf(err) != truce.Invalid {
			t.Fatalf("Open: %v is no sentence for people", err)
		}
		return err.Error()
	}
	var out strings.Builder
	last := 0
	for {
		row, err := r.Next()
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			if truce.KindOf(err) != truce.Invalid && !strings.Contains(err.Error(), "read line") {
				t.Fatal(err)
			}
			return out.String() + err.Error()
		}
		if row.Line < last || row.Line == last && !r.Objects() { // objects of an array may share a line
			t.Fatalf("line %d after line %d", row.Line, last)
		}
		last = row.Line
		if row.Bad != nil {
			if row.Bad.Line != row.Line || row.Bad.Text == "" || row.Bad.Reason == "" || row.Bad.Kept != (row.Raw != nil) {
				t.Fatalf("%+v", row.Bad)
			}
			out.WriteString(row.Bad.Error() + "\n")
			continue
		}
		if len(row.Fields) != len(r.Header()) {
			t.Fatalf("line %d has %d fields under %d columns", row.Line, len(row.Fields), len(r.Header()))
		}
		for _, field := range row.Fields {
			if len(field) > opts.MaxField || !utf8.ValidString(field) || strings.Contains(field, "\x00") {
				t.Fatalf("line %d gives %q", row.Line, field)
			}
		}
		out.WriteString(strings.Join(row.Fields, "\x1f") + "\n")
	}
}

func FuzzPairs(f *testing.F) {
	for _, s := range []string{"a=X,b=Y Z", `a="x, ""y""",b=`, "=", `a="`, ",,a=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := ParsePairs(text)
		if err != nil {
			if truce.KindOf(err) != truce.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, p := range pairs {
			if p.Key == "" {
				t.Fatalf("%q gives an empty key", text)
			}
			value := `"` + strings.ReplaceAll(p.Value, `"`, `""`) + `"`
			key := `"` + strings.ReplaceAll(p.Key, `"`, `""`) + `"`
			again, err := ParsePairs(key + "=" + value)
			if err != nil || len(again) != 1 || again[0] != p {
				t.Fatalf("%q: %q read again is %q, %v", text, p, again, err)
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2026-01-02T15:04:05.999+01:00", "02.01.2026 08:00", "1/2/2026, 3:04 PM", "Jan 2, 2026", "2-Jan-2026", "45631",
		"2026-02-30", "2026-01-02 15:04 GMT-3"} {
		f.Add(s, "dmy")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, order string) {
		o, err := ParseDateOrder(order)
		if err != nil {
			return
		}
		at, err := Dates{Order: o}.Parse(text)
		if err != nil {
			return
		}
		if at.Location() != time.UTC || at.Year() < 1969 || at.Year() > 2200 {
			t.Fatalf("%q reads as %v", text, at)
		}
		again, err := Dates{}.Parse(at.Format(time.RFC3339Nano))
		if err == nil && !again.Equal(at) {
			t.Fatalf("%q: %v read again is %v", text, at, again)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"72.5", "1.234,5", "-0", "1e3", "", "∞"} {
		f.Add(s, "eu")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		nf, err := truce.ParseNumberFormat(format)
		if err != nil {
			return
		}
		score, known, err := ParseScore(text, nf)
		if err == nil && known && !(score >= 0 && score <= 100) {
			t.Fatalf("%q gives %v", text, score)
		}
	})
}

func FuzzGuard(f *testing.F) {
	for _, s := range []string{"=1", "'=1", "a;\t'-b", "\r\n@x", " '＝"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guarded := Guard(text)
		if Unguard(guarded) != text {
			t.Fatalf("%q is guarded as %q and comes back as %q", text, guarded, Unguard(guarded))
		}
		for _, cell := range strings.FieldsFunc(guarded, func(c rune) bool { return strings.ContainsRune(";\t\r\n", c) }) {
			if strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Fatalf("%q is guarded as %q, and a spreadsheet would run %q", text, guarded, cell)
			}
		}
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return
		}
		var b bytes.Buffer
		w := NewWriter(&b, "id", "x")
		w.Write("1", text)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := Open(&b, Options{Guarded: true})
		if err != nil {
			t.Fatal(err)
		}
		row, err := r.Next()
		if err != nil || row.Bad != nil || row.Fields[1] != text {
			t.Fatalf("%q comes back as %+v, %v", text, row, err)
		}
	})
}

// FuzzDays: a text is a month, the day that Parse finds in it, or a fault with a sentence.
func FuzzDays(f *testing.F) {
	for _, text := range []string{"2026-03", "03/2026", "Mar 2026", "2026-03-31T23:30:00Z", "Feb 30, 2026", "2026-", "\u0661/2026",
		"12/12/2026"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := Dates{}
		first, days, err := d.ParseDay(text)
		at, atErr := d.Parse(text)
		switch {
		case err != nil:
			if err.Error() == "" || atErr == nil {
				t.Fatalf("%q: %v, but it is %s", text, err, at)
			}
		case days == 1:
			if atErr != nil || first != truce.DateOf(at) {
				t.Fatalf("%q is %s, and by Parse %s, %v", text, first, at, atErr)
			}
		case first.Day != 1 || days != daysIn(first.Year, int(first.Month)):
			t.Fatalf("%q is %d days from %s", text, days, first)
		}
	})
}
