package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSaysWhatAnUpgradeWouldDo(t *testing.T) {
	s := newShell(t)
	s.fill()
	db, err := sql.Open("sqlite3", s.path("truce.db"))
	if err != nil {
		t.Fatal(err)
	}
	// As before the step that remembers thresholds.
	if _, err := db.Exec(`DROP TABLE thresholds; DELETE FROM migrations WHERE name = '0081_thresholds.sql'`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	status, out, errs := s.run("check")
	for _, want := range []string{"written by an older Truce", "in 1 step (0081_thresholds), each whole or not at all",
		"truce check --deep does it to a copy"} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("check: status %d, %q is not in %s%s", status, want, out, errs)
		}
	}
	status, out, errs = s.run("check", "--deep")
	for _, want := range []string{"A copy was brought up to date in ", "The sums behind the digests are right"} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("check --deep: status %d, %q is not in %s%s", status, want, out, errs)
		}
	}
	if _, out, _ := s.run("check"); !strings.Contains(out, "0081_thresholds") {
		t.Errorf("the check brought the database itself up to date: %s", out)
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, ".truce-upgrade-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// A step that fails fails on the copy.
	db, err = sql.Open("sqlite3", s.path("truce.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE thresholds (other TEXT)`); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := s.run("check", "--deep"); status != exitFailed || !strings.Contains(errs, "could not be brought up to date") {
		t.Errorf("a step that cannot be taken: status %d, %s%s", status, out, errs)
	}
	if _, err := os.Stat(s.path("truce.db")); err != nil {
		t.Error(err)
	}
}
