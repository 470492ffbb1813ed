package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"truce/storage"
)

func TestImportOfNestedJSON(t *testing.T) {
	hubspot := `{"id":"1","properties":{"email":"a@north.example","hs_v2_date_entered_mql":"1772323200000","tags":["x"]},"associations":{"deals":{"results":[]}},"tags":["a"],"archived":false}
{"id":"2","properties":{"email":null,"hs_v2_date_entered_mql":"2026-03-02T00:00:00Z"},"tags":"plain"}
`
	salesforce := `[{"attributes":{"type":"Lead","url":"/services/data/v68.0/sobjects/Lead/00Q1"},"Id":"1","CreatedDate":"2026-03-01","Owner":{"attributes":{"type":"User"},"Email":"kim@quill.example"}},
{"attributes":{"type":"Lead","url":"/services/data/v68.0/sobjects/Lead/00Q2"},"Id":"2","CreatedDate":"2026-03-02","Owner":null}]`
	singer := `INFO starting
{"type":"SCHEMA","stream":"leads","schema":{"properties":{}}}
{"type":"RECORD","stream":"leads","record":{"id":"1","mql_at":"2026-03-01","owner":{"email":"kim@quill.example"}}}
{"type":"RECORD","stream":"deals","record":{"id":"d"}}
{"type":"RECORD","stream":"leads","record":{"id":"2","mql_at":"2026-03-02"}}
{"type":"STATE","value":{}}
`
	airbyte := `{"type":"LOG","log":{"message":"x"}}
{"type":"RECORD","record":{"stream":"leads","emitted_at":1,"data":{"id":"1","mql_at":"2026-03-01","owner":{"email":"kim@quill.example"}}}}
{"type":"RECORD","record":{"stream":"leads","emitted_at":1,"data":{"id":"2","mql_at":1772409600000}}}
`
	for _, c := range []struct {
		name, file string
		args       []string
		owner      string
		attrs      string
	}{
		{"HubSpot's API", hubspot, []string{"--map", "mql_at=properties.hs_v2_date_entered_mql,email=properties.email"}, "", "archived=false"},
		{"Salesforce's API", salesforce, []string{"--map", "id=Id,mql_at=CreatedDate,owner=Owner.Email"}, "kim@quill.example", ""},
		{"a Singer tap", singer, []string{"--records", "singer", "--stream", "leads", "--map", "owner=owner.email"}, "kim@quill.example", ""},
		{"an Airbyte source", airbyte, []string{"--records", "airbyte", "--map", "owner=Owner.EMAIL"}, "kim@quill.example", ""},
		{"CSV with milliseconds", "id,mql_at\n1,1772323200000\n2,2026-03-02\n", []string{"--date", "ms"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShell(t)
			status, out, errs := s.run(append([]string{"import", "leads", s.write("file", c.file)}, c.args...)...)
			if status != exitOK || !strings.HasPrefix(out, "2 leads: 2 new, 0 changed, 0 unchanged, 0 rejected\n") {
				t.Fatalf("status %d, %s%s", status, out, errs)
			}
			s.view(func(tx *storage.Tx) error {
				l, err := tx.Lead("1")
				if err != nil {
					return err
				}
				var attrs []string
				for k, v := range l.Attrs {
					attrs = append(attrs, k+"="+v)
				}
				if got := strings.Join(attrs, " "); l.Owner != c.owner || got != c.attrs || l.MQLAt.Format("2006-01-02") != "2026-03-01" {
					t.Errorf("owner %q, attributes %q, qualified %s", l.Owner, got, l.MQLAt)
				}
				return nil
			})
		})
	}
	s := newShell(t)
	file := s.write("many.jsonl", `{"type":"RECORD","stream":"a","record":{"id":"1","mql_at":"2026-03-01"}}`+"\n"+
		`{"type":"RECORD","stream":"b","record":{"id":"2","mql_at":"2026-03-01"}}`+"\n")
	if status, _, errs := s.run("import", "leads", file, "--records", "singer"); status != exitRejected ||
		!strings.Contains(errs, `of several streams, "a" and "b"; say which one with --stream`) {
		t.Errorf("several streams: status %d, %s", status, errs)
	}
}

// TestAPipeThatBreaksOffIsNotAllThereIs: what says where it ends counts as complete, and nothing else.
func TestAPipeThatBreaksOffIsNotAllThereIs(t *testing.T) {
	const rows = "lead_id,at,status\nL1,2026-03-02,accepted\nL1,2026-03-03,sql\n"
	for _, c := range []struct {
		name, stdin string
		args        []string
		status      int
		rows        int
		complete    bool
		says        string
	}{
		{"nothing says that it is whole", rows, nil, exitOK, 2, false, "import: where a pipe breaks off cannot be seen"},
		{"so many rows were to come", rows, []string{"--expect-rows", "2"}, exitOK, 2, true, ""},
		{"fewer came", rows, []string{"--expect-rows", "3"}, exitFailed, 2, false, "3 rows were to come and 2 came"},
		{"the last line is there", rows + "#end\n", []string{"--end", "#end"}, exitOK, 2, true, ""},
		{"without a line end behind it", rows + "#end", []string{"--end", "#end"}, exitOK, 2, true, ""},
		{"the last line is not there", rows, []string{"--end", "#end"}, exitFailed, 2, false, `it ends without the line "#end": it was cut off`},
		{"cut off within a row", rows + "L1,2026-03-04,op", []string{"--end", "#end"}, exitFailed, 2, false, "it was cut off"},
		{"an array says its end itself", `[{"lead_id":"L1","at":"2026-03-02","status":"accepted"}]`, nil, exitOK, 1, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShell(t)
			s.run("import", "leads", s.write("leads.csv", "id,mql_at\nL1,2026-03-01\n"))
			status, out, errs := s.pipe(c.stdin, append([]string{"import", "outcomes", "-"}, c.args...)...)
			if status != c.status || c.says != "" && !strings.Contains(errs, c.says) || c.says == "" && errs != "" {
				t.Errorf("status %d, %s%s", status, out, errs)
			}
			s.view(func(tx *storage.Tx) error {
				list, err := tx.ImportsSince(time.Unix(0, 0), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
				if err != nil || len(list) != 2 || list[1].Complete != c.complete || list[1].Rows != c.rows {
					t.Errorf("imports %+v, %v", list, err)
				}
				return err
			})
		})
	}
}

// TestReadingChangesNothing runs each command that only reads with another configuration, and with none.
func TestReadingChangesNothing(t *testing.T) {
	s := newShell(t)
	s.env = append(s.env, "TRUCE_TIME_ZONE=Europe/Berlin")
	leads := s.write("leads.csv", "id,mql_at,email\n1,2026-03-01,a@x.example\n")
	s.run("import", "leads", leads)
	if status, _, errs := s.run("rebuild"); status != exitOK {
		t.Fatal(errs)
	}
	s.run("version")
	before := s.read("truce.db")
	other := *s
	other.env = []string{"TRUCE_STORAGE_PATH=" + s.path("truce.db"), "TRUCE_TIME_ZONE=Asia/Tokyo"}
	const told = "truce: the database counts its days in Europe/Berlin, this configuration says Asia/Tokyo: nothing is changed by that"
	for _, args := range [][]string{{"export", "leads"}, {"export", "all", "--to", s.path("all")}, {"digest", "leads"},
		{"digest", "weekly", "--format", "json"}, {"check"}, {"check", "--deep"}} {
		status, _, errs := other.run(args...)
		if status != exitOK || !strings.Contains(errs, told) {
			t.Errorf("%v: status %d, %s", args, status, errs)
		}
		if s.read("truce.db") != before {
			t.Fatalf("%v changed the database", args)
		}
	}
	// they note what they did, and no zone
	for _, args := range [][]string{{"reconcile", leads}, {"import", "leads", leads, "--dry-run"}, {"import", "leads", leads}} {
		if status, _, errs := other.run(args...); status != exitOK || !strings.Contains(errs, told) {
			t.Errorf("%v: status %d, %s", args, status, errs)
		}
	}
	s.view(func(tx *storage.Tx) error {
		zone, err := tx.DayZone()
		if err != nil || zone != "Europe/Berlin" {
			t.Errorf("the zone is %s, %v", zone, err)
		}
		return err
	})
	store, err := storage.OpenRead(t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Update(t.Context(), func(tx *storage.Tx) error { return tx.SetMeta("a", "b") }); err != storage.ErrReadOnly {
		t.Errorf("a write through a store for reading: %v", err)
	}
	if _, err := storage.OpenRead(t.Context(), s.write("empty.db", ""), time.Now, testLog); err == nil {
		t.Error("an empty file is taken for a database")
	}
}

// TestCheckWithoutAConfigurationSaysSo is a first look in an empty folder: nothing is called right, and nothing is made.
func TestCheckWithoutAConfigurationSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"check"}, {"export", "leads"}, {"digest", "leads"}, {"reconcile", "-"},
		{"backup", "b.db"}, {"erase", "kim@n.example"},
		{"import", "leads", "-", "--dry-run"}} {
		var out, errs bytes.Buffer
		status := run(t.Context(), args, nil, strings.NewReader("id,mql_at\n1,2026-03-01\n"), &out, &errs)
		wantStatus, want := exitOK, "there is no database truce.db yet, and none is made by reading"
		switch args[0] {
		case "check":
			wantStatus, want = exitOK, "There is no configuration: no config.yaml here, no --config, no TRUCE_... variable. What follows are the "+
				"defaults.\n"+
				"There is no database truce.db yet: the first start, or the first import, makes it.\ntruce run would not start: no platform is "+
				"configured"
		case "backup", "erase":
			wantStatus, want = exitUsage, "there is no database truce.db to "
		case "reconcile":
			wantStatus, want = exitUsage, "there is no database truce.db yet: import first"
		case "import":
			wantStatus, want = exitOK, "Nothing was stored. 1 lead: 1 new"
		}
		if all := out.String() + errs.String(); status != wantStatus || !strings.Contains(all, want) {
			t.Errorf("%v: status %d, %s", args, status, all)
		}
		if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
			t.Errorf("%v left %v behind, %v", args, files, err)
		}
	}
}
