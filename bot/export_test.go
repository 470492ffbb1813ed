package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// fill gives a database something of every kind, the nasty included.
func (s *shell) fill() {
	s.t.Helper()
	for _, f := range []struct{ kind, text string }{
		{"people", "email,name,side,role,manager,time_zone\nzoe@quill.example,Zoe,marketing,marketing " +
			"manager;marketer,,\nkim@quill.example,Kim,sales,rep,ann@quill.example,Europe/Berlin\nann@quill.example,Ann,sales,sales manager,,\n"},
		{"accounts", "id,name,website,Industry,Known At,known_at \n001b,Northfield Labs,https://www.north.example/,Pharma,x,\n001B,=Else,,,,\n"},
		{"accounts", "id,Industry,Region,known_at\n001b,Core facility,EU,2026-02-10\n002,Food,,2026-02-11\n"},
		{"leads", "id,mql_at,E-Mail,company,source,score,owner,Region,=cmd(),Owner ,icp_fit\n" +
			"L1,2026-02-01 10:00:00.123,pat@north.example,Northfield Labs Inc.,Webinar,82.25,kim@quill.example,EU,=1+1,x,Yes\n" +
			"l1,2026-02-02,,\"Zwei\nZeilen, \"\"GmbH\"\"\",,0,'Kim,,@sum,,Tier 2\n" +
			"-3,2026-02-03,,,'=x,,,,,,\nnew,2100-01-01,,,,,ann@quill.example,,,,outside\n"},
		{"touches", "lead_id,at,kind,by\nL1,2026-02-02,call,kim\nL1,2026-02-03,meeting,\n"},
		{"engagements", "lead_id,email,at,kind,activity\nL1,,2026-01-20,visit,+pricing\n,pat@north.example,2026-01-21,download,paper\n"},
		{"deals", "id,account,lead_id,name,stage,amount,currency,created_at,closed_at,owner,product,reason\nd1,Northfield Labs,L1,Kits,Closed " +
			"Won,100.50,EUR,2026-02-10,2026-02-28,kim,Kits,\n" +
			"d2,Elsewhere Ltd,,,Proposal,1000,JPY,2026-02-15,,kim,,\nd3,Elsewhere Ltd,l1,,Closed Lost,,,2026-02-15,2026-03-01,,,No Budget\n"},
		{"outcomes", "lead_id,at,status,rating,rated_at,amount,currency,reason,owner\nl1,2026-02-10,accepted,,,,,,kim\nl1,2026-02-11,,fair,2026-02-11,,,,kim\nl1,2026-02-20,lost,poor,,0.0,EUR,=bad,kim\n"},
		{"orders", "id,account,at,amount,currency\no1,Northfield Labs,2026-02-28,100.50,EUR\no2,Northfield Labs,2026-05-28,-7,EUR\n"},
		{"costs", "id,source,campaign,at,amount,currency\ninv-1,Webinar,,2026-02,1000.10,EUR\n,Webinar,=Spring,2026-02-03,-20,EUR\n,,Booth,2024-02,5,JPY\n"},
		{"answers", "theme,text,claim,status,owner,approved_by,proof\nToo slow,\"We are fast, they " +
			"say\nso.\",,approved,zoe@quill.example,,+1\nToo slow,Faster.,competitor,approved,zoe@quill.example,ann@quill.example,\n"},
	} {
		args := []string{"import", f.kind, "-"}
		if f.kind == "accounts" {
			args = append(args, "--map", "domain=website,known_at=known_at")
			if strings.Contains(f.text, "Known At") {
				args[len(args)-1] = "domain=website,known_at=known_at "
			} else {
				args = args[:len(args)-2]
			}
		}
		if f.kind == "leads" {
			args = append(args, "--map", "email=E-Mail,owner=owner")
		}
		if status, out, errs := s.pipe(f.text, args...); status != exitOK {
			s.t.Fatalf("%s: status %d, %s%s", f.kind, status, out, errs)
		}
	}
	// What people say here.
	store, err := storage.Open(s.t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	err = store.Update(s.t.Context(), func(tx *storage.Tx) error {
		kim, err := tx.PersonByEmail("kim@quill.example")
		if err != nil {
			return err
		}
		if _, err := tx.AddPerson(truce.Person{Name: "No Address"}); err != nil {
			return err
		}
		l, err := tx.Lead("l1")
		if err != nil {
			return err
		}
		l.OwnerID = kim.ID
		if err := tx.SaveLead(l); err != nil {
			return err
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: "l1", Status: truce.Rejected, At: tx.Now, Reason: "no-budget", Note: "=said so",
			Origin: truce.FromPerson, PersonID: kim.ID}); err != nil {
			return err
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: "-3", Status: truce.Accepted, At: tx.Now, Origin: truce.FromSilence}); err != nil {
			return err
		}
		_, err = tx.Rate(truce.RatingOf{LeadID: "L1", Rater: kim.ID, Value: truce.Good, At: tx.Now})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// exported is every file of an export of all, by kind.
func (s *shell) exported(folder, format string) map[string]string {
	s.t.Helper()
	if status, out, errs := s.run("export", "all", "--to", s.path(folder), "--format", format); status != exitOK {
		s.t.Fatalf("status %d, %s%s", status, out, errs)
	}
	files := map[string]string{}
	for _, kind := range intake.ExportKinds() {
		files[kind] = s.read(filepath.Join(folder, kind+"."+format))
	}
	return files
}

func TestImportOfOurOwnExportGivesTheSameDatabase(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"csv", "jsonl"} {
		t.Run(format, func(t *testing.T) { testOurOwnExport(t, format) })
	}
}

func testOurOwnExport(t *testing.T, format string) {
	a, b := newShell(t), newShell(t)
	a.fill()
	a.exported("out", format)
	want := a.exported("was", "csv")
	for _, sh := range []*shell{b, a} { // into an empty place, and where everything is already
		for _, kind := range sheet.Kinds() {
			status, out, errs := sh.run("import", string(kind), a.path("out/"+string(kind)+"."+format), "--preset", "truce")
			if status != exitOK {
				t.Fatalf("%s: status %d, %s%s", kind, status, out, errs)
			}
			if sh == a && !strings.Contains(out, " 0 new, 0 changed, ") {
				t.Errorf("again: %s", out)
			}
		}
		got := sh.exported("back", "csv")
		for _, kind := range sheet.Kinds() {
			if got[string(kind)] != want[string(kind)] {
				t.Errorf("%s\n%s\nwas\n%s", kind, got[string(kind)], want[string(kind)])
			}
		}
	}
	if leads := want["leads"]; !strings.Contains(leads, ",inside,") || !strings.Contains(leads, ",outside,") ||
		!strings.Contains(leads, "Tier 2") {
		t.Errorf("the fits in\n%s", leads)
	}
	if !strings.Contains(want["leads"], "attribute: Owner") || strings.Contains(want["leads"], ",=1+1") {
		t.Errorf("leads\n%s", want["leads"])
	}
	status, _, errs := b.pipe("email,name,truce_id\nother@quill.example,Other,P-1\n", "import", "people", "-", "--preset", "truce",
		"--rejects", b.path("people.rejected.csv"))
	if status != exitRejected || !strings.Contains(errs, "P-1 is somebody else here") {
		t.Errorf("an id that is taken: status %d, %s", status, errs)
	}
}

func TestExportAsJSONLines(t *testing.T) {
	s := newShell(t)
	s.fill()
	for kind, text := range s.exported("out", "jsonl") {
		for line := range strings.Lines(text) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: %s", kind, line)
			}
		}
	}
	status, out, _ := s.run("export", "leads", "--format", "jsonl")
	if want := `"score":82.25,"owner":"kim@quill.example","icp_fit":"inside","truce_ref":"L-1","truce_owner":"P-`; status != exitOK ||
		!strings.Contains(out, want) || !strings.Contains(out, `"attributes":{"=cmd()":"=1+1","Owner":"x","Region":"EU"}`) {
		t.Errorf("status %d, no %s in\n%s", status, want, out)
	}
}

func TestExportVerdicts(t *testing.T) {
	s := newShell(t)
	s.fill()
	status, out, errs := s.run("export", "verdicts", "--for", "salesforce")
	lines := strings.Split(strings.TrimSpace(out), "\r\n")
	if status != exitOK || len(lines) != 3 || !strings.HasPrefix(lines[0], "Id,Truce_Verdict__c,") ||
		!strings.HasPrefix(lines[1], "L1,,,,good,") || !strings.HasPrefix(lines[2], "l1,rejected,") ||
		!strings.Contains(lines[2], ",no budget,") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	for _, args := range [][]string{{"verdicts"}, {"verdicts", "--for", "excel"}, {"leads", "--for", "hubspot"}, {"all"}, {"cheese"}} {
		if status, _, _ := s.run(append([]string{"export"}, args...)...); status != exitUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}

func TestBackupBesideARunningBotAndRestore(t *testing.T) {
	a := newShell(t)
	a.fill()
	want := a.exported("out", "csv")
	store, err := storage.Open(t.Context(), a.path("truce.db"), time.Now, testLog) // the running bot
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() { // it goes on writing
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
				if err := store.Update(t.Context(), func(tx *storage.Tx) error { return tx.SetMeta("test", tx.Now.String()) }); err != nil {
					stopped <- err
					return
				}
			}
		}
	}()
	if status, out, errs := a.run("backup", a.path("b.db")); status != exitOK {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if status, _, errs := a.run("backup", a.path("b.db")); status != exitUsage || !strings.Contains(errs, "b.db is there already") {
		t.Errorf("over a backup: status %d, %s", status, errs)
	}
	if status, _, errs := a.run("restore", a.path("b.db")); status != exitUsage || !strings.Contains(errs, "truce.db is there already") {
		t.Errorf("over a database: status %d, %s", status, errs)
	}
	b := newShell(t)
	if status, out, errs := b.run("restore", a.path("b.db")); status != exitOK {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	got := b.exported("out", "csv")
	for kind, text := range want {
		if got[kind] != text {
			t.Errorf("%s\n%s\nwas\n%s", kind, got[kind], text)
		}
	}
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return strings.HasSuffix(e.Name(), ".part") || strings.HasPrefix(e.Name(), "b.db-")
	}) {
		t.Errorf("something was left behind: %v", entries)
	}
	c := newShell(t)
	c.write("no.db", "this is no database at all, though it has some length to it")
	for file, says := range map[string]string{"no.db": "no.db", "none.db": "none.db"} {
		if status, _, errs := c.run("restore", c.path(file)); status == exitOK || !strings.Contains(errs, says) {
			t.Errorf("%s: status %d, %s", file, status, errs)
		}
	}
	if _, err := os.Stat(c.path("truce.db")); err == nil {
		t.Error("a failed restore left a database")
	}
}

func TestPlacesWhereNoFileCanBeAreToldByName(t *testing.T) {
	s := newShell(t)
	s.pipe("id,mql_at\n1,2026-03-01\n", "import", "leads", "-")
	folder := s.path("folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"export", "leads", "--to", folder}, "truce: folder is a folder: name a file in it\n"},
		{[]string{"export", "leads", "--to", s.path("none/leads.csv")}, "truce: there is no folder none: make it first\n"},
		{[]string{"backup", folder}, "truce: folder is a folder: name a file in it\n"},
		{[]string{"backup", s.path("none/b.db")}, "truce: there is no folder none: make it first\n"},
		{[]string{"restore", s.path("none.db")}, "truce: there is no file none.db\n"},
	} {
		if status, _, errs := s.run(tt.args...); status != exitUsage || errs != tt.says {
			t.Errorf("%q: status %d, %q, want %q", tt.args, status, errs, tt.says)
		}
	}
}

func TestReconcileSaysWhyTheCountsDiffer(t *testing.T) {
	s := newShell(t)
	s.pipe("id,mql_at,email,name\n1,2026-03-01,a@north.example,A\n2,2026-03-02,b@north.example,B\n3,2026-03-03,c@north.example,Test "+
		"C\n4,2026-03-04,d@north.example,D\n"+
		"5,2026-04-04,e@north.example,later than the file\n6,2026-03-02,f@north.example,was fine once\n", "import", "leads", "-")
	status, out, errs := s.pipe("id,mql_at,email,name\n1,2026-03-01,a@north.example,A\n1,2026-03-01,a@north.example,A\n20,2026-03-02,B@north.example,B\n"+
		"7,2026-03-05,x@test.com,X\n8,2026-03-05,y@north.example,Y\n6,soon,f@north.example,F\n", "reconcile", "-")
	want := `4 here, 6 in your file, 1 in both: 2 merged, 2 test, 1 rejected, 1 twice, 1 missing, 1 gone.
  merged: 2 (here; the file has its address under 20)
  merged: 20 (line 4, in the file; its address is here under 2)
  test: 3 (only here, and looks like a test)
  test: 7 (line 5, only in the file, and looks like a test)
  rejected: 6 (line 7, column mql_at: "soon" is not a date; write it like 2026-01-02 or 2026-01-02 15:04)
  twice: 1 (line 3, as in line 2)
  missing: 8 (line 6, only in the file; import it)
  gone: 4 (only here)
`
	if status != exitOK || out != want {
		t.Errorf("status %d\n%s%swant\n%s", status, out, errs, want)
	}
	status, out, _ = s.pipe("", "digest", "leads", "--from", "2026-03-01", "--to", "2026-03-08")
	if footer := strings.Join(strings.Fields(out), " "); status != exitOK || !strings.Contains(footer, "4 here, 6 in your CRM's file of ") ||
		!strings.Contains(footer, ", leads of 1 to 5 Mar 2026: 2 merged, 2 test leads, 1 gone from the file, 1 never imported, 1 row that "+
			"cannot be read and 1 row there twice.") {
		t.Errorf("the digest does not say what came of it: status %d\n%s", status, out)
	}
	status, out, _ = s.pipe("id,mql_at\n1,2026-03-01\n21,2026-03-01\n22,2026-03-01\n", "reconcile", "-", "--list", "1")
	if status != exitOK || !strings.Contains(out, "missing: 21 ") || !strings.Contains(out, "missing: and 1 more") {
		t.Errorf("status %d\n%s", status, out)
	}
}

// TestExportOverwritesNothing: what stands where a file is to go may have been changed by its owner.
func TestExportOverwritesNothing(t *testing.T) {
	s := newShell(t)
	s.run("import", "leads", s.write("leads.csv", "id,mql_at\na1,2026-03-01\n"))
	theirs := s.write("out.csv", "mine")
	if status, _, errs := s.run("export", "leads", "--to", theirs); status != exitUsage || s.read("out.csv") != "mine" ||
		errs != "truce: out.csv is there already, and nothing is overwritten: name another file, or add --replace\n" {
		t.Errorf("status %d, %s", status, errs)
	}
	if status, _, errs := s.run("export", "leads", "--to", theirs, "--replace"); status != exitOK ||
		!strings.HasPrefix(s.read("out.csv"), "id,mql_at,") {
		t.Errorf("--replace: status %d, %s", status, errs)
	}
	if status, _, errs := s.run("export", "all", "--to", s.path("all")); status != exitOK {
		t.Errorf("all: status %d, %s", status, errs)
	}
	s.write("all/deals.csv", "mine")
	os.Remove(s.path("all/leads.csv"))
	if status, _, _ := s.run("export", "all", "--to", s.path("all")); status != exitUsage || s.read("all/deals.csv") != "mine" {
		t.Errorf("all over a file: status %d", status)
	}
	if _, err := os.Stat(s.path("all/leads.csv")); err == nil {
		t.Error("all wrote half of its files")
	}
}

// What can be exported is said where one looks.
func TestExportSaysItsKinds(t *testing.T) {
	_, out, _ := newShell(t).run("export", "--help")
	said := strings.Join(strings.Fields(out), " ")
	if list := strings.Join(intake.ExportKinds(), ", "); !strings.Contains(strings.ReplaceAll(said, ";", ","), list) {
		t.Errorf("help names other kinds than %s:\n%s", list, out)
	}
}
