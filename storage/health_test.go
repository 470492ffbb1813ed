package storage

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
)

func reopen(t *testing.T, path string) (*Store, error) {
	t.Helper()
	s, err := Open(context.Background(), path, func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

// killed is what a process leaves that is killed behind some commits: the database, its log, and the files of the locks.
func killed(t *testing.T) (path string) {
	t.Helper()
	s := open(t)
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("acknowledged", "1") }); err != nil {
		t.Fatal(err)
	}
	if err := s.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the times of files are what is tried
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("newest", "1") }); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, end := range []string{"", "-wal", "-open"} {
		b, err := os.ReadFile(s.Path() + end)
		if err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(s.Path() + end)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, "truce.db"+end)
		if end == "-open" {
			b = []byte(identity(filepath.Join(dir, "truce.db")))
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(to, st.ModTime(), st.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "truce.db")
}

func TestALogThatIsGoneIsTold(t *testing.T) {
	path := killed(t)
	if s, err := reopen(t, path); err != nil || !has(t, s, "newest") {
		t.Fatalf("after a kill: %v", err)
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path = killed(t)
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, path+".lost"); truce.KindOf(err) != truce.Conflict {
		t.Fatalf("a backup is made without its log: %v", err)
	}
	if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil { // what anybody leaves who looks into the database
		t.Fatal(err)
	}
	_, err := reopen(t, path)
	if truce.KindOf(err) != truce.Conflict || !strings.Contains(err.Error(), "-wal is gone") {
		t.Fatalf("without its log it opens: %v", err)
	}
	if err := os.Remove(path + "-open"); err != nil { // as the sentence says
		t.Fatal(err)
	}
	if s, err := reopen(t, path); err != nil || !has(t, s, "acknowledged") {
		t.Fatalf("what is left does not open: %v", err)
	}
}

// A log that another program has moved into the database, and a database put in the place of another, are no loss.
func TestALogThatWasMovedIsNotMissed(t *testing.T) {
	path := killed(t)
	if s, err := reopen(t, path); err != nil { // the last one to close moves it
		t.Fatal(err)
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, path); err != nil {
		t.Fatalf("closed and opened again: %v", err)
	} else if err := Backup(t.Context(), path, path+".backup"); err != nil {
		t.Fatal(err)
	}
	path2 := killed(t)
	os.Remove(path2 + "-wal")
	if err := os.Rename(path2, path2+".old"); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), path+".backup", path2); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, path2); err != nil {
		t.Errorf("a restored backup does not open where a log was lost: %v", err)
	}
}

func TestOneBotRunsOnADatabase(t *testing.T) {
	s := open(t)
	if err := s.Solo(); err != nil {
		t.Fatal(err)
	}
	other, err := reopen(t, s.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Solo(); truce.KindOf(err) != truce.Conflict || !strings.Contains(err.Error(), "another Truce runs on") {
		t.Errorf("a second bot runs: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Solo(); err != nil {
		t.Errorf("the right is not given back: %v", err)
	}
}

// A symbolic link is the same database: its bot is kept out, and after a kill its log is found beside the file itself. A hard link
// would have a log of its own: it is refused.
func TestOneBotRunsUnderAnyName(t *testing.T) {
	s := open(t)
	if err := s.Solo(); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{s.Path(), filepath.Base(s.Path())} {
		link := s.Path() + ".link"
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
		other, err := reopen(t, link)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Solo(); truce.KindOf(err) != truce.Conflict {
			t.Errorf("a second bot runs through the link to %s: %v", target, err)
		}
		if _, err := os.Stat(link + "-run"); err == nil {
			t.Error("a lock beside the link keeps nobody out")
		}
		update(t, other, func(tx *Tx) error { // its log is in use, as after a kill
			_, err := tx.UpsertLead(truce.Lead{ID: target, MQLAt: day(1)})
			return err
		})
		look, err := OpenRead(t.Context(), link, time.Now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("the log of a link is missed: %v", err)
		}
		if err := errors.Join(look.Close(), other.Close(), os.Remove(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(s.Path(), s.Path()+".hard"); err != nil {
		t.Skip(err)
	}
	if _, err := reopen(t, s.Path()+".hard"); truce.KindOf(err) != truce.Conflict || !strings.Contains(err.Error(), "hard link") {
		t.Errorf("a second name is opened: %v", err)
	}
}

func TestADamagedPageIsNotRight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	s, err := reopen(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if wrong, err := s.CheckFile(t.Context(), 5); err != nil || len(wrong) > 0 {
		t.Fatalf("a new database: %q, %v", wrong, err)
	}
	var root, size int64
	if err := s.View(t.Context(), func(tx *Tx) error {
		if err := tx.row(`SELECT rootpage FROM sqlite_master WHERE name = 'objections'`, nil, &root); err != nil {
			return err
		}
		return tx.row(`PRAGMA page_size`, nil, &size)
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("\xee", int(size))), (root-1)*size); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if s, err = reopen(t, path); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Fatalf("nobody has come to the page yet: %v", err)
	}
	if wrong, err := s.CheckFile(t.Context(), 5); err != nil || len(wrong) == 0 {
		t.Errorf("the page is not found: %q, %v", wrong, err)
	}
	if err := s.View(t.Context(),
		func(tx *Tx) error { _, err := tx.count(`SELECT count(*) FROM objections WHERE text <> ''`); return err }); err == nil {
		t.Fatal("the page reads well")
	}
	if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("ready on a damaged database: %v", err)
	}
}

func TestWhatCannotBeWrittenIsNotReady(t *testing.T) {
	s := open(t)
	if err := s.exec("PRAGMA query_only = ON"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be written to") {
		t.Errorf("ready without writing: %v", err)
	}
	if wrong, err := s.CheckFile(t.Context(), 5); err != nil || len(wrong) == 0 {
		t.Errorf("the check is content: %q, %v", wrong, err)
	}
}

// TestMigrationsKeepTheirNames: a database remembers them. New ones are added to the end of the list.
func TestMigrationsKeepTheirNames(t *testing.T) {
	b, err := os.ReadFile("testdata/migrations.txt")
	if err != nil {
		t.Fatal(err)
	}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range files {
		there[f.Name()] = true
	}
	for _, name := range strings.Fields(string(b)) {
		if !there[name] {
			t.Errorf("%s is gone: databases have had it, and would be refused", name)
		}
		delete(there, name)
	}
	last := strings.Fields(string(b))[len(strings.Fields(string(b)))-1]
	for name := range there {
		if name < last {
			t.Errorf("%s comes before %s, which databases have had: give it a higher number", name, last)
			continue
		}
		t.Logf("%s is not in testdata/migrations.txt yet: add it once it is on main, and change it never again", name)
	}
}

func TestMigrationsOfEarlierCommits(t *testing.T) {
	s := open(t)
	path := s.Path()
	for was, now := range renumbered {
		if err := s.exec(`UPDATE migrations SET name = '` + was + `' WHERE name = '` + now + `'`); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := reopen(t, path)
	if err != nil {
		t.Fatalf("a database of an earlier commit: %v", err)
	}
	if err := again.exec(`INSERT INTO migrations (name, at) VALUES ('9999_later.sql', 1)`); err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, path); err == nil || !strings.Contains(err.Error(), "9999_later.sql, which this Truce does not know") {
		t.Errorf("of a newer Truce: %v", err)
	}
}

// TestAFolderHasNoSecondName: a folder in the place of the database is no file, and nobody is told of a hard link, of which each
// folder has two.
func TestAFolderHasNoSecondName(t *testing.T) {
	if _, err := reopen(t, t.TempDir()); err == nil || strings.Contains(err.Error(), "hard link") {
		t.Errorf("a folder: %v", err)
	}
}
