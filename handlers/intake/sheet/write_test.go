package sheet

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"", ""},
		{"=1+1", "'=1+1"},
		{"+1 555 0100", "'+1 555 0100"},
		{"-5.00", "'-5.00"},
		{"@cmd", "'@cmd"},
		{"\t=1", "'\t'=1"},
		{"\r=1", "'\r'=1"},
		{"\n=1", "'\n'=1"},
		{"  =1", "'  =1"},
		{"'=1", "''=1"},
		{"''=1", "'''=1"},
		{"'quoted'", "'quoted'"},
		{"＝1", "'＝1"},
		{"a=b", "a=b"},
		{"mail@example.com", "mail@example.com"},
		{"x;=cmd()", "x;'=cmd()"},
		{"x\t'@y", "x\t''@y"},
		{"two\n- lines", "two\n'- lines"},
		{"Dr. - x", "Dr. - x"},
	} {
		got := Guard(c.text)
		if got != c.want {
			t.Errorf("Guard(%q): got %q, want %q", c.text, got, c.want)
		}
		if back := Unguard(got); back != c.text {
			t.Errorf("Unguard(%q): got %q, want %q", got, back, c.text)
		}
	}
}

func TestWriterRoundTrip(t *testing.T) {
	rows := [][]string{
		{"1", "=HYPERLINK(\"http://example.test\",\"x\")", "a;=b"},
		{"2", "line\r\nbreak \"quoted\", and comma", "'"},
		{"3", " blanks ", ""},
		{"-4", "tab\tand | pipe", "'=already"},
	}
	var b bytes.Buffer
	w := NewWriter(&b, "id", "=name", "note")
	for _, row := range rows {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "id,'=name,note\r\n" +
		"1,\"'=HYPERLINK(\"\"http://example.test\"\",\"\"x\"\")\",\"a;'=b\"\r\n" +
		"2,\"line\r\nbreak \"\"quoted\"\", and comma\",'\r\n" +
		"3,\" blanks \",\r\n" +
		"'-4,\"tab\tand | pipe\",''=already\r\n"
	if got := b.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	r, err := Open(&b, Options{Guarded: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Header(), "|"); got != "id|=name|note" {
		t.Errorf("header: got %s", got)
	}
	for i := 0; ; i++ {
		row, err := r.Next()
		if err == io.EOF {
			if i != len(rows) {
				t.Errorf("got %d rows, want %d", i, len(rows))
			}
			return
		}
		if err != nil || row.Bad != nil {
			t.Fatal(err, row.Bad)
		}
		equal(t, row.Fields, rows[i])
	}
}

func TestWriterRefusesRaggedRows(t *testing.T) {
	w := NewWriter(io.Discard, "a", "b")
	if err := w.Write("1"); err == nil {
		t.Error("a short row was written")
	}
	if err := w.Flush(); err == nil {
		t.Error("the error was forgotten")
	}
}

func TestRejectsCanBeMendedAndImportedAgain(t *testing.T) {
	head, bad, good := "id,näme", "1,Müll,zu viel", "2,gut"
	for _, c := range []struct {
		name, text, want string
		opts             Options
	}{
		{name: "UTF-8", text: head + "\n" + good + "\n" + bad + "\n", want: head + "\n" + bad + "\n"},
		{name: "with a mark and CRLF", text: "\xef\xbb\xbf" + head + "\r\n" + bad + "\r\n", want: "\xef\xbb\xbf" + head + "\r\n" + bad + "\r\n"},
		{name: "Windows-1252", text: "id,n\xe4me\n1,M\xfcll\x80,zu viel\n", want: "id,n\xe4me\n1,M\xfcll\x80,zu viel\n",
			opts: Options{Encoding: "windows-1252"}},
		{name: "UTF-16", text: "\xff\xfe" + utf16(head+"\n"+bad+"\n", false), want: "\xff\xfe" + utf16(head+"\n"+bad+"\n", false)},
		{name: "separator line", text: "sep=;\nid;b\n1\n", want: "sep=;\nid;b\n1\n"},
		{name: "gzip comes out plain", text: zipped(head + "\n" + bad + "\n"), want: head + "\n" + bad + "\n"},
		{name: "bytes that are not UTF-8 stay", text: "a,b\n1,\xff\n", want: "a,b\n1,\xff\n"},
		{name: "line breaks in fields stay", text: "a,b\n\"x\ny\",2,3\n", want: "a,b\n\"x\ny\",2,3\n"},
		{name: "none", text: head + "\n" + good + "\n", want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			once := rejectsOf(t, c.text, c.opts)
			if once != c.want {
				t.Errorf("got\n%q\nwant\n%q", once, c.want)
			}
			if once != "" {
				if twice := rejectsOf(t, once, c.opts); twice != once {
					t.Errorf("imported again\n%q\nwant the same\n%q", twice, once)
				}
			}
		})
	}
}

func rejectsOf(t *testing.T, text string, opts Options) string {
	t.Helper()
	r, err := Open(strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	rejects := NewRejects(&b, r)
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Bad != nil {
			if err := rejects.Add(row); err != nil {
				t.Fatal(err)
			}
			if err := rejects.Flush(); err != nil { // as after every batch
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

func TestLines(t *testing.T) {
	var b bytes.Buffer
	l := NewLines(&b)
	for _, v := range []any{map[string]string{"a": "<b>"}, []int{1}} {
		if err := l.Write(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(); err != nil || b.String() != "{\"a\":\"<b>\"}\n[1]\n" {
		t.Fatalf("got %q, %v", b.String(), err)
	}
}
