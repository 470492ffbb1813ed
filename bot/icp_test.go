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
	good := sh.write("good.yaml", "threshold: 60\ncriteria:\n  - {attribute: segment, equals: Pharma, points: 40}\n  - {attribute: "+
		"employees, range: [51, 200], points: 20}\n"+
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

	accounts := sh.write("accounts.csv", "id,name,domain,Region\n001b,Northfield,north.example,NO\n")
	run(exitOK, "import", "accounts", accounts)
	run(exitOK, "import", "leads", sh.write("more.csv", "id,mql_at,email,segment,employees\nB1,2026-03-02,pat@north.example,Food,60\n"))
	stdout, _ = run(exitOK, "icp", "check", "B1", "--profile", good)
	if want := "B1: outside\nfit 40 of 80 points: segment ✗, employees ✓, region ✓"; !strings.HasPrefix(stdout, want) {
		t.Errorf("%q, want %q", stdout, want)
	}
	stdout, _ = run(exitOK, "icp", "replay", good, "--from", "2026-03-01", "--to", "2026-04-01", "--as-of", "2026-06-01", "--format", "json")
	for _, want := range []string{`"from":"2026-03-01","to":"2026-04-01","as_of":"2026-06-01T23:59:59.999Z","leads":2,"known_later":0,"inside":{"leads":0,`,
		`"profile":{"threshold":60,"criteria":[{"attribute":"segment","equals":"Pharma","points":40},{"attribute":"employees","range":[51,200],"points":20},{"attribute":"region","equals":"NO","points":20}]}`,
		`"outside":{"leads":1,"share":{"k":1,"n":2,"rate":0.5,`, `"win_rate":{"k":0,"n":0,"rate":null,"low":null,"high":null}`,
		`"against_in_force":{"became_inside":null,"became_outside":null},"refused_customers":[]}`} {
		if got := strings.Join(strings.Fields(stdout), ""); !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	run(exitUsage, "icp", "replay", good, "--from", "2026-04-01", "--to", "2026-04-01")
	stdout, _ = run(exitOK, "icp", "evidence", "--as-of", "2026-06-01", "--format", "json")
	if got := strings.Join(strings.Fields(stdout), ""); got != `{"as_of":"2026-06-01T23:59:59.999Z","values":[]}` {
		t.Errorf("evidence %s", got)
	}
	run(exitUsage, "icp", "show")
	sh.env = append(sh.env, "TRUCE_ICP_PROFILE="+good)
	shown, _ := run(exitOK, "icp", "show", "--format", "yaml")
	again, _ := run(exitOK, "icp", "check", sh.write("again.yaml", shown))
	if want := "3 criteria, 80 points, inside from 60 %"; !strings.Contains(again, want) {
		t.Errorf("%q, want %q", again, want)
	}
	stdout, _ = run(exitOK, "icp", "check", "B1")
	if want := "B1: outside"; !strings.HasPrefix(stdout, want) {
		t.Errorf("%q, want %q", stdout, want)
	}
	stdout, _ = run(exitOK, "icp", "replay", good, "--from", "2026-03-01", "--to", "2026-04-01", "--as-of", "2026-06-01", "--format", "json")
	if want := `"became_inside": 0,`; !strings.Contains(stdout, want) {
		t.Errorf("%q is not in %s", want, stdout)
	}
}
