package profile_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"truce"
	"truce/handlers/intake/profile"
)

func TestRead(t *testing.T) {
	got, faults := profile.Read([]byte(`
threshold: 60
criteria:
  - {attribute: segment, equals: NO, points: 40, note: "why: nine of ten"}
  - attribute: employees
    range: [51, null]
    points: 20
  - {attribute: Region, one_of: [DE, yes, 007], must: true}
  - {attribute: domain, exists: false, exclude: true}
  - {attribute: spend, range: ["1,200", 2_000.5], points: 1}
`))
	inf := math.Inf(1)
	want := truce.Profile{Threshold: 60, Criteria: []truce.Criterion{
		{Attribute: "segment", Test: truce.TestEquals, Texts: []string{"NO"}, Low: -inf, High: inf, Points: 40, Note: "why: nine of ten"},
		{Attribute: "employees", Test: truce.TestRange, Low: 51, High: inf, Points: 20},
		{Attribute: "Region", Test: truce.TestOneOf, Texts: []string{"DE", "yes", "007"}, Low: -inf, High: inf, Must: true},
		{Attribute: "domain", Test: truce.TestExists, Low: -inf, High: inf, Exclude: true},
		{Attribute: "spend", Test: truce.TestRange, Low: 1200, High: 2000.5, Points: 1},
	}}
	if len(faults) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, faults)
	}
}

// TestFaults holds that each fault is told with its line and key, all at once.
func TestFaults(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "the document is empty"},
		{"- a", "line 1: must be key: value pairs"},
		{"threshold: [", "this is no YAML"},
		{"threshold: 60", "line 1: criteria: is missing"},
		{"threshold: 60\ncriteria: []", "line 2: criteria: must be a list"},
		{"treshold: 60\ncriteria:\n- {attribute: a, equals: b, points: 1}", "line 1: treshold: is no key here"},
		{"threshold: 101\ncriteria:\n- {attribute: a, equals: b, points: 1}", "line 1: threshold: must be from 0 to 100"},
		{"threshold: 6\nthreshold: 7\ncriteria:\n- {attribute: a, equals: b, points: 1}", "line 2: threshold: comes twice"},
		{"threshold: 60\ncriteria:\n- {attribute: a, points: 1}", "line 3: criteria[1]: needs one of"},
		{"threshold: 60\ncriteria:\n- attribute: a\n  equals: b\n  contains: c\n  points: 1",
			"line 5: criteria[1].contains: stands beside equals"},
		{"threshold: 60\ncriteria:\n- attribute: a\n  equals: b\n  points: many", "line 5: criteria[1].points: must be a whole number"},
		{"threshold: 60\ncriteria:\n- attribute: a\n  equals: b\n", "line 3: criteria[1].points: is missing"},
		{"threshold: 60\ncriteria:\n- {attribute: a, equals: b, points: 1}\n- attribute: Lead Score\n  equals: b\n  points: 1",
			"line 4: criteria[2].attribute: \"Lead Score\" cannot be a criterion"},
		{"threshold: 60\ncriteria:\n- {attribute: a, equals: b, points: 5, exclude: true}",
			"line 3: criteria[1].points: an exclusion carries no points"},
		{"threshold: 60\ncriteria:\n- {attribute: a, range: [9, 1], points: 5}", "line 3: criteria[1].range: begins above its end"},
		{"threshold: 60\ncriteria:\n- {attribute: a, range: [9], points: 5}", "line 3: criteria[1].range: must be two numbers"},
		{"threshold: 60\ncriteria:\n- {attribute: a, range: [x, 1], points: 5}", "line 3: criteria[1].range[1]: must be a number"},
		{"threshold: 60\ncriteria:\n- {attribute: a, exists: maybe, points: 5}", "line 3: criteria[1].exists: must be true or false"},
		{"threshold: 60\ncriteria:\n- {attribute: a, equals: , points: 5}", "line 3: criteria[1].equals: must be a text"},
		{"threshold: 60\ncriteria:\n- {attribute: a, equals: b, weight: 5}", "line 3: criteria[1].weight: is no key here"},
		{"threshold: 60\ncriteria:\n- &x {attribute: a, equals: b, points: 5}\n- *x", "line 4: criteria[2]: is an alias"},
		{"threshold: 60\ncriteria:\n- {attribute: a, equals: b, points: 1}\n---\nx: 1", "a second document"},
	} {
		_, faults := profile.Read([]byte(tt.text))
		if len(faults) == 0 || !strings.Contains(fmt.Sprint(faults), tt.want) {
			t.Errorf("%q: %v, want %q", tt.text, faults, tt.want)
		}
	}
	if _, faults := profile.Read([]byte("threshold: x\ncriteria:\n- {points: 1}\n- {attribute: a, equals: b, points: z}")); len(faults) < 3 {
		t.Errorf("not all at once: %v", faults)
	}
}

// FuzzRead reads any text: faults or a profile, never worse.
func FuzzRead(f *testing.F) {
	f.Add([]byte("threshold: 60\ncriteria:\n- {attribute: a, range: [1, null], points: 1}"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, faults := profile.Read(b)
		if len(faults) == 0 && len(p.Criteria) == 0 {
			t.Error("neither faults nor criteria")
		}
	})
}
