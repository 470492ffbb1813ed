package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/storage"
)

func TestBackupsOfAFolderAreKeptAndVerified(t *testing.T) {
	s := newShell(t)
	s.fill()
	folder := s.path("backups")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	theirs := []string{"truce-20200101T000000Z.db.txt", "truce-2020-01-01.db", "truce-20201301T000000Z.db", "a.db",
		"truce-20190601T000000Z.db"} // somebody else's by a name like ours
	old := []string{"truce-20200101T000000Z.db", "truce-20200102T000000Z.db", "truce-20200103T000000Z.db"}
	for _, name := range theirs {
		s.write("backups/"+name, "older")
	}
	for _, name := range old { // backups of before, by their name and by what they are
		if status, _, errs := s.run("backup", filepath.Join(folder, name)); status != exitOK {
			t.Fatal(errs)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "truce-20190101T000000Z.db"), 0o700); err != nil { // a folder is no backup of ours
		t.Fatal(err)
	}
	status, out, errs := s.run("backup", "--keep", "2", folder)
	if status != exitOK || strings.Count(out, " went: 2 stay\n") != 2 ||
		!strings.Contains(errs, "truce-20190601T000000Z.db stays: it is no backup of Truce's") || strings.Count(errs, "\n") != 1 {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	var names []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	newest := ""
	for _, e := range entries {
		if names = append(names, e.Name()); e.Type().IsRegular() && !slices.Contains(theirs, e.Name()) && e.Name() > newest {
			newest = e.Name()
		}
	}
	if len(names) != len(theirs)+1+2 || !slices.Contains(names, old[2]) || slices.Contains(names, old[1]) {
		t.Errorf("what stays: %v", names)
	}
	status, out, errs = s.run("backup", "--verify", filepath.Join(folder, newest))
	if status != exitOK || !strings.Contains(out, " is right: ") || !strings.Contains(out, "leads, last written to 2") {
		t.Errorf("verify: status %d, %s%s", status, out, errs)
	}
	store, err := storage.OpenRead(t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var last time.Time
	if err := store.View(t.Context(), func(tx *storage.Tx) (err error) { last, err = tx.LastBackup(); return err }); err != nil ||
		last.IsZero() {
		t.Errorf("the database does not know of its backup: %v, %v", last, err)
	}
}

func TestABackupThatCannotBeRestoredIsToldSo(t *testing.T) {
	s := newShell(t)
	s.fill()
	if status, _, errs := s.run("backup", s.path("good.db")); status != exitOK {
		t.Fatal(errs)
	}
	good, err := os.ReadFile(s.path("good.db"))
	if err != nil {
		t.Fatal(err)
	}
	torn := slices.Clone(good)
	for i := len(torn) / 3; i < len(torn)*2/3; i++ {
		torn[i] = 0x5a
	}
	s.write("torn.db", string(torn))
	s.write("half.db", string(good[:len(good)/2]))
	s.write("text.db", "no database")
	s.write("empty.db", "")
	for _, tt := range []struct {
		file   string
		status int
		says   string
	}{
		{"torn.db", exitFailed, "cannot be restored: it is damaged"},
		{"half.db", exitFailed, "cannot be restored: it is"},
		{"text.db", exitFailed, "no database of Truce"},
		{"empty.db", exitFailed, "no database of Truce"},
		{"none.db", exitUsage, "there is no file none.db"},
	} {
		status, out, errs := s.run("backup", "--verify", s.path(tt.file))
		if status != tt.status || !strings.Contains(errs, tt.says) || out != "" {
			t.Errorf("%s: status %d, %s%s", tt.file, status, out, errs)
		}
	}
	for _, args := range [][]string{{"--keep", "3", "--verify", "good.db"}, {"--keep", "-1", "."}, {"--keep", "3", "none"},
		{"--keep", "3", "good.db"}} {
		if status, out, errs := s.run(append([]string{"backup"}, args...)...); status != exitUsage || out != "" {
			t.Errorf("%v: status %d, %s%s", args, status, out, errs)
		}
	}
}
