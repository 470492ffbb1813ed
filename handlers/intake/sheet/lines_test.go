package sheet

import (
	"fmt"
	"strings"
	"testing"

	"truce"
)

func TestReadsJSON(t *testing.T) {
	long := strings.Repeat("x", 40)
	many := &strings.Builder{}
	for i := range maxAhead + 2 {
		fmt.Fprintf(many, "{\"a\":%d}\n", i)
	}
	last := many.String() + "{\"a\":1,\"late\":\"x\"}\n"
	for _, c := range []struct {
		name, text string
		opts       Options
		header     string
		want       []string // of more rows the last
	}{
		{name: "an object a line", text: "{\"a\":\"1\",\"b\":2.5}\n{\"b\":true,\"a\":null}\n", header: "a|b",
			want: []string{"1 1|2.5", "2 |true"}},
		{name: "names that come up later", text: "{\"a\":1}\n{\"b\":2}\n", header: "a|b", want: []string{"1 1|", "2 |2"}},
		{name: "empty lines, blanks and a mark", text: "\xef\xbb\xbf\n {\"a\":1} \r\n\n{}\n\t{\"a\":2}", header: "a",
			want: []string{"2 1", "5 2"}},
		{name: "line breaks in texts", text: "{\"a\":\"x\\ny\"}\n{\"a\":2}", header: "a", want: []string{"1 x\ny", "2 2"}},
		{name: "attributes", text: "{\"a\":1,\"attributes\":{\"a\":2, \"Re gion\":\"EU\"}}", header: "a|attribute: a|attribute: Re gion",
			want: []string{"1 1|2|EU"}},
		{name: "names with blanks around", text: "{\" a  b \":1}\n{\"a b\":2}\n{\"a b\":3,\" a b\":4}", header: "a b",
			want: []string{"1 1", "2 2", "line 3, column  a b: the name stands there twice"}},
		{name: "UTF-16", text: utf16("\ufeff{\"a\":\"ü\"}\n", false), header: "a", want: []string{"1 ü"}},
		{name: "gzip", text: zipped("{\"a\":1}\n"), header: "a", want: []string{"1 1"}},
		{name: "numbers in a file of decimal commas", text: `{"a":1.25,"b":"1,25","c":1e3}`, opts: Options{Number: truce.NumberEU},
			header: "a|b|c", want: []string{"1 1,25|1,25|1000"}},
		{name: "apostrophes of our own export are its own", text: `{"a":"'=1"}`, opts: Options{Guarded: true}, header: "a",
			want: []string{"1 '=1"}},
		{name: "no rows", text: "", opts: Options{JSON: true}, header: ""},
		{name: "faults", text: "{\"a\":1}\n{\"a\":\n3\n{\"a\":[1]}\n{\"a\":{\"b\":1}}\n{\"a\":1,\"a\":2}\n{\"a\":1}x\n{\"a\":\"\xff\"}\n{\"a\":\"\\u0000\"}\n{\"a\":\"\\ud800\"}\n{\"a\":\"\\ufffd\"}\n{\"attributes\":{\"x\":{}}}\n{\"attributes\":3,\"a\":01}\n{\"a\":2}\n", header: "a", want: []string{
			// lists and objects: whether a field is read from them the binding knows
			"1 1", "line 2: not a JSON object: it is not closed", "line 3: not a JSON object: it begins with 3", "4 ", "5 ",
			"line 6, column a: the name stands there twice", "line 7: not a JSON object: something stands behind it",
			"line 8: the text is not UTF-8; find out the file's encoding and say it with --encoding", "line 9, column a: the text holds a zero byte",
			`line 10: a text holds half a character (\ud800 to \udfff stand in pairs)`, "11 \ufffd",
			"line 13: not a JSON object: invalid character '1' after object key:value pair", "14 2"}},
		{name: "too large", text: "{\"a\":1}\n{\"a\":\"" + long + "\"}\n{\"a\":\"" + long + long + "\"}\n{\"a\":2}",
			opts: Options{MaxField: 20, MaxRow: 60}, header: "a",
			want: []string{"1 1", "line 2, column a: the cell is over 20 bytes; shorten it",
				"line 3: the row is over 60 bytes and could not be kept; shorten it in the file and import again", "4 2"}},
		{name: "too many names", text: "{\"a\":1}\n{\"b\":1,\"c\":1}\n{\"b\":2}", opts: Options{MaxColumns: 2}, header: "a|b",
			want: []string{"1 1|", "line 2, column c: the file has over 2 different names; leave out what is not needed", "3 |2"}},
		{name: "a name behind those that were looked at", text: last, header: "a|late", want: []string{fmt.Sprint(maxAhead+3, " 1|x")}},

		{name: "an array", text: "[{\"a\":1},\n {\"a\":\n 2, \"b\":\"[{\\\"\"}\n , {\"a\":3} ]\n", header: "a|b",
			want: []string{"1 1|", "2 2|[{\"", "4 3|"}},
		{name: "an empty array", text: " [ ] ", header: ""},
		{name: "faults in an array", text: "[{\"a\":1}, 5, \"x, y\",\n{\"a\":[1,\n2]}, {a}, {\"a\":2}]", header: "a",
			want: []string{"1 1", "line 1, item 2: not a JSON object: it begins with 5", "line 1, item 3: not a JSON object: it begins with x, y",
				"2 ", "line 3, item 5: not a JSON object: invalid character 'a'", "3 2"}},
		{name: "an array that is cut off", text: "[{\"a\":1},\n{\"a\":", header: "a",
			want: []string{"1 1", "line 2, item 2: not a JSON object: it is not closed",
				"The JSON array is broken in line 2: the file ends before the array does; get it again."}},
		{name: "something behind an array", text: "[{\"a\":1}]\n{}", header: "a",
			want: []string{"1 1", "The JSON array is broken in line 2: something stands behind the array."}},
		{name: "a comma too many", text: "[{\"a\":1},]", header: "a",
			want: []string{"1 1", "The JSON array is broken in line 1: a comma is missing, or one too many."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			header, got, err := read(t, c.text, c.opts)
			if err != nil {
				got = append(got, truce.Sentence(err))
			}
			if len(got) > len(c.want)+100 {
				got = got[len(got)-len(c.want):]
			}
			if strings.Join(header, "|") != c.header {
				t.Errorf("header %q, want %q", header, c.header)
			}
			equal(t, got, c.want)
		})
	}
}

func TestFilesThatAreNoJSONRows(t *testing.T) {
	for text, want := range map[string]string{
		"{\n  \"a\": 1\n}\n": "no JSON Lines and no JSON array of objects: line 1: not a JSON object: it is not closed",
		"[1, 2]":             "line 1, item 1: not a JSON object: it begins with 1",
		"[":                  "The JSON array is broken in line 1: the file ends before the array does",
	} {
		if _, _, err := read(t, text, Options{}); err == nil || !strings.Contains(err.Error(), want) || truce.KindOf(err) != truce.Invalid {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Rejected objects go to a file of JSON Lines, those of an array that ran over several lines too.
func TestRejectsOfJSON(t *testing.T) {
	got := rejectsOf(t, "[{\"a\":1},\n{\"a\":1,\r\n \"a\":2}, {\"a\":1,\"a\":[]}, {\"a\":3,\"a\":3}]", Options{})
	if strings.ReplaceAll(got, "\r", "") != "{\"a\":1,   \"a\":2}\n{\"a\":3,\"a\":3}\n" {
		t.Errorf("%q", got)
	}
}

func TestExtendKeepsWhatWasRead(t *testing.T) {
	o := BindOptions{Objects: true, More: true, Maps: []Pair{{"segment", "Industry"}}}
	b, err := Bind([]string{"id", "mql_at", "Owner"}, Leads, o)
	if err != nil {
		t.Fatal(err)
	}
	longer, err := b.Extend([]string{"id", "mql_at", "Owner", "Industry", "Score", "attribute: Score"})
	if err != nil || longer.Source("segment").Column() != "Industry" || longer.Source("score").Column() != "Score" ||
		strings.Join(longer.AttributeNames(), "|") != "Score" {
		t.Errorf("%+v, %v", longer, err)
	}
	for _, name := range []string{"owner", "OWNER"} {
		if _, err := b.Extend([]string{"id", "mql_at", "Owner", name}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s beside Owner: %v", name, err)
		}
	}
	if _, err := Bind([]string{"id", "mql_at"}, Leads, BindOptions{Objects: true, Maps: o.Maps}); err == nil ||
		!strings.Contains(err.Error(), `no column "Industry"`) {
		t.Errorf("a name that no row has: %v", err)
	}
}
