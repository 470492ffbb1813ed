package sheet

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
)

// read opens text and gives one line per row: its line number and its fields, or what is wrong with it.
func read(t testing.TB, text string, opts Options) (header []string, rows []string, err error) {
	t.Helper()
	r, err := Open(strings.NewReader(text), opts)
	if err != nil {
		return nil, nil, err
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return r.Header(), rows, nil
		}
		if err != nil {
			return r.Header(), rows, err
		}
		if row.Bad != nil {
			rows = append(rows, row.Bad.Error())
			continue
		}
		rows = append(rows, fmt.Sprintf("%d %s", row.Line, strings.Join(row.Fields, "|")))
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func utf16(text string, big bool) string {
	var b []byte
	for _, c := range text { // the tests stay below U+10000
		if big {
			b = append(b, byte(c>>8), byte(c))
		} else {
			b = append(b, byte(c), byte(c>>8))
		}
	}
	return string(b)
}

func TestReadsAnyTable(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opts       Options
		want       []string
	}{
		{name: "plain", text: "a,b\n1,2\n3,4\n", want: []string{"2 1|2", "3 3|4"}},
		{name: "no line end at the end", text: "a,b\n1,2", want: []string{"2 1|2"}},
		{name: "CRLF", text: "a,b\r\n1,2\r\n\r\n3,\r\n", want: []string{"2 1|2", "4 3|"}},
		{name: "old Mac", text: "a,b\r1,2\r\"x\ry\",4\r", want: []string{"2 1|2", "3 x\ry|4"}},
		{name: "byte-order mark", text: "\xef\xbb\xbfa,b\n1,2\n", want: []string{"2 1|2"}},
		{name: "semicolons", text: "a;b, c;d\n1;2,5;3\n", want: []string{"2 1|2,5|3"}},
		{name: "tabs", text: "a\tb\n1\t\n\t\n\t2\n", want: []string{"2 1|", "4 |2"}},
		{name: "pipes", text: "a|b\n1|2\n", want: []string{"2 1|2"}},
		{name: "delimiter told", text: "a;b,c\n1;2,3\n", opts: Options{Delimiter: ','}, want: []string{"2 1;2|3"}},
		{name: "delimiter in a quoted name", text: "\"a,b,c\";d\n1;2\n", want: []string{"2 1|2"}},
		{name: "one column", text: "a\n1\n2\n", want: []string{"2 1", "3 2"}},
		{name: "separator line of Excel", text: "sep=;\na;b\n1;2\n", want: []string{"3 1|2"}},
		{name: "empty lines anywhere", text: "\n \na,b\n\n1,2\n,\n  ,\t\n3,4\n\n", want: []string{"5 1|2", "8 3|4"}},
		{name: "quotes", text: "a,b\n\"1,5\",\"say \"\"hi\"\"\"\n\"\",\"\"\"\"\n", want: []string{`2 1,5|say "hi"`, `3 |"`}},
		{name: "line breaks in fields", text: "a,b\n\"x\ny\r\nz\",1\n2,3\n\"\n\",4\n5,6\n",
			want: []string{"2 x\ny\r\nz|1", "5 2|3", "6 \n|4", "8 5|6"}},
		{name: "quotes and CRLF", text: "\"a\",\"b\"\r\n\"1\",\"2\"\r\n\"3\",\"4\"\r", want: []string{"2 1|2", "3 3|4"}},
		{name: "blanks after a quote", text: "a,b\n\"1\"  ,\"2\" \n", want: []string{"2 1|2"}},
		{name: "inches", text: "a,b\n5\" panel,2\n", want: []string{`2 5" panel|2`}},
		{name: "gzip", text: zipped("a,b\n1,2\n"), want: []string{"2 1|2"}},
		{name: "gzip in two members", text: zipped("a,b\n1,") + zipped("2\n3,4"), want: []string{"2 1|2", "3 3|4"}},
		{name: "gzip of UTF-16", text: zipped("\xff\xfe" + utf16("a;é\n1;ß\n", false)), want: []string{"2 1|ß"}},
		{name: "UTF-16 little endian", text: "\xff\xfe" + utf16("a\tb\r\n1\té\r\n", false), want: []string{"2 1|é"}},
		{name: "UTF-16 big endian", text: "\xfe\xff" + utf16("a,b\n1,é\n", true), want: []string{"2 1|é"}},
		{name: "UTF-16 without a mark", text: utf16("a,b\n1,é\n", false), want: []string{"2 1|é"}},
		{name: "UTF-16 told", text: utf16("é,b\n1,é\n", true), opts: Options{Encoding: "utf-16be"}, want: []string{"2 1|é"}},
		{name: "Windows-1252 told", text: "name,b\nCaf\xe9 \x80,\x93x\x94\n", opts: Options{Encoding: "Windows-1252"},
			want: []string{"2 Café €|“x”"}},
		{name: "a byte-order mark wins over what was told", text: "\xef\xbb\xbfa\né\n", opts: Options{Encoding: "windows-1252"},
			want: []string{"2 é"}},
		{name: "our own export", text: "a,b\n'=1+1,'x\n''=2,' -3\n", opts: Options{Guarded: true}, want: []string{"2 =1+1|'x", "3 '=2| -3"}},
		{name: "header only", text: "a,b\n", want: nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, err := read(t, c.text, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, c.want)
		})
	}
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n\t%q\nwant\n\t%q", got, want)
	}
}

func TestABadRowNeverStopsTheRest(t *testing.T) {
	small := Options{MaxField: 64, MaxRow: 128}
	for _, c := range []struct {
		name, text string
		opts       Options
		want       []string
	}{
		{name: "too short and too long", text: "a,b\n1\n1,2,3\n4,5\n", want: []string{
			"line 2: the row has 1 column, the header has 2; check its delimiters and quotes",
			"line 3: the row has 3 columns, the header has 2; check its delimiters and quotes", "4 4|5"}},
		{name: "delimiters at the end", text: "a,b\n1,2,\n3,4,, ,\n5,6,,7\n", want: []string{
			"2 1|2", "3 3|4", "line 4: the row has 4 columns, the header has 2; check its delimiters and quotes"}},
		{name: "not UTF-8", text: "a,b\n1,Caf\xe9\n2,ok\n", want: []string{
			"line 2, column b: the text is not UTF-8; if the file came from Excel on Windows, import it with --encoding windows-1252", "3 2|ok"}},
		{name: "not Windows-1252", text: "a,b\n1,x\x81\n2,\xfc\n", opts: Options{Encoding: "cp1252"}, want: []string{
			"line 2, column b: the text has a byte that is no character in windows-1252; find out the file's encoding and say it with --encoding",
			"3 2|ü"}},
		{name: "zero byte", text: "a,b\n1,x\x00\n2,ok\n", want: []string{
			"line 2, column b: the text holds a zero byte; if the file is UTF-16, import it with --encoding utf-16le or utf-16be", "3 2|ok"}},
		{name: "open quote to the end", text: "a,b\n1,\"x\n2,y\n3,z\n", want: []string{
			"line 2, column b: a quote opens here and is never closed", "3 2|y", "4 3|z"}},
		{name: "open quote, closed by a later row's", text: "a,b\n1,\"x\n2,\"y\"\n3,z\n", want: []string{
			`line 2, column b: a quote stands inside a quoted text; write it twice ("") or close the text before the delimiter`, "3 2|y", "4 3|z"}},
		{name: "quote inside quotes", text: "a,b\n1,\"5\" panel\"\n2,y\n", want: []string{
			`line 2, column b: a quote stands inside a quoted text; write it twice ("") or close the text before the delimiter`, "3 2|y"}},
		{name: "large cell", text: "a,b\n1," + strings.Repeat("x", 65) + "\n2,y\n", opts: small, want: []string{
			"line 2, column b: the cell is over 64 bytes; shorten it", "3 2|y"}},
		{name: "large quoted cell", text: "a,b\n1,\"" + strings.Repeat("x", 65) + "\"\n2,y\n", opts: small, want: []string{
			"line 2, column b: the quoted text is over 64 bytes, or its quote is never closed", "3 2|y"}},
		{name: "large row", text: "a,b\n1," + strings.Repeat("x", 500) + "\n2,y\n", opts: small, want: []string{
			"line 2: the row is over 128 bytes and could not be kept; shorten it in the file and import again", "3 2|y"}},
		{name: "large row at the end", text: "a,b\n1," + strings.Repeat("x", 500), opts: small, want: []string{
			"line 2: the row is over 128 bytes and could not be kept; shorten it in the file and import again"}},
		{name: "many lines in one quote", text: "a,b\n1,\"" + strings.Repeat("x\n", 100) + "\"\n2,y\n", opts: small, want: append(append([]string{
			"line 2, column b: the quoted text is over 64 bytes, or its quote is never closed"},
			lines(3, 99, "line %d: the row has 1 column, the header has 2; check its delimiters and quotes")...),
			"line 102, column a: a quote opens here and is never closed", "103 2|y")},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, err := read(t, c.text, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, c.want)
		})
	}
}

func lines(from, n int, format string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, from+i))
	}
	return out
}
