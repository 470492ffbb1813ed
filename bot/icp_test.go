package main

import (
	"strings"
	"testing"
)

// TestICPCheck goes from a faulty document to what a profile says of a lead.
func TestICPCheck(t *testing.T) {
	sh := newShell(t)
	run := func(want int, args ...string) (stdout, stderr string) {
		status, stdout, stderr := sh.run(args...)
		if status != want {
			t.Fatalf("%q: status %d, want %d: %s", args, status, want, stderr)
		}
		return stdout, stderr
	}
	bad := sh.write("bad.yaml", "threshold: 60\ncriteria:\n  - attribute: score\n    equals: high\n    points: 5\n")
	_, stderr := run(exitUsage, "icp", "check", bad)
	if want := "bad.yaml:3: criteria[1].attribute: \"score\" cannot be a criterion"; !strings.Contains(stderr, want) {
		t.Errorf("%q, want %q", stderr, want)
	}
	good := sh.write("good.yaml", "threshold: 60\ncriteria:\n  - {attribute: segment, equals: Pharma, points: 40}\n  - {attribute: employees, range: [51, 200], points: 20}\n"+
		"  - {attribute: region, equals: NO, points: 20}\n")
	stdout, _ := run(exitOK, "icp", "check", good)
	if want := "3 criteria, 80 points, inside from 60 %"; !strings.Contains(stdout, want) {
		t.Errorf("%q, want %q", stdout, want)
	}
	leads := sh.write("leads.csv", "id,mql_at,segment,Employees,Region\nA1,2026-03-02,pharma,60-900,\n")
	run(exitOK, "import", "leads", leads)
	stdout, _ = run(exitOK, "icp", "check", "A1", "--profile", good, "--format", "json")
	want := `{"lead":"A1","fit":"unknown","met":40,"open":40,"total":80,"decides":"employees","criteria":[{"attribute":"segment","value":"pharma","points":40,"holds":true},` +
		`{"attribute":"employees","value":"60-900","points":20,"holds":null},{"attribute":"region","value":"","points":20,"holds":null}]}`
	if got := strings.Join(strings.Fields(stdout), ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	run(exitUsage, "icp", "check", "A2", "--profile", good)
	run(exitUsage, "icp", "check", "A1")
}
