package golden

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestDifference(t *testing.T) {
	for _, tt := range []struct{ name, want, got, shows string }{
		{"a line is another", "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n", "@@ line 2\n  b\n  c\n- d\n+ D\n  e\n  f\n"},
		{"a line comes, and one far away goes", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n9\n",
			"@@ line 1\n+ 0\n  1\n  2\n@@ line 6\n  6\n  7\n- 8\n  9\n  \n"},
		{"the end of the last line", "a\n", "a", "@@ line 1\n  a\n- \n"},
		{"everything", "a", "b", "@@ line 1\n- a\n+ b\n"},
	} {
		if got := Difference(tt.want, tt.got); got != tt.shows {
			t.Errorf("%s shows\n%swant\n%s", tt.name, got, tt.shows)
		}
	}
	var a, b strings.Builder
	for i := range 3000 { // more pairs than are compared
		fmt.Fprintln(&a, "a", i)
		fmt.Fprintln(&b, "b", i)
	}
	if got := Difference(a.String(), b.String()); strings.Count(got, "\n") > most+2 || !strings.Contains(got, "lines more") {
		t.Errorf("a large difference is shown in %d lines", strings.Count(got, "\n"))
	}
}

func TestJSONIsTheSameInFewerLines(t *testing.T) {
	long := strings.Repeat("word ", 40)
	in := []byte(`{"b": [1, 2.50, {"x": null, "y": "<é> \u0000"}], "a": "` + long + `", "list": ["` + long + `", {"k": "` + long +
		`", "n": []}], "empty": {}}`)
	var out printer
	if err := out.value(in); err != nil {
		t.Fatal(err)
	}
	var was, is any
	if err := json.Unmarshal(in, &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &is); err != nil || !reflect.DeepEqual(was, is) {
		t.Errorf("%v: %s", err, out.Bytes())
	}
	want := `{"b":[1,2.50,{"x":null,"y":"<é> \u0000"}],
 "a":"` + long + `",
 "list":["` + long + `",
         {"k":"` + long + `",
          "n":[]}],
 "empty":{}}`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}
