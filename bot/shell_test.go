package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/storage"
)

// shell is a folder in which commands of truce are run.
type shell struct {
	t   *testing.T
	dir string
	env []string

	config string // file; see syncing

	piped int // imports of standard input
}

func newShell(t *testing.T) *shell {
	dir := t.TempDir()
	return &shell{t: t, dir: dir, env: []string{"TRUCE_STORAGE_PATH=" + filepath.Join(dir, "truce.db")}}
}

func (s *shell) path(name string) string { return filepath.Join(s.dir, name) }

func (s *shell) write(name, text string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}

func (s *shell) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// run runs a command; the folder's name is taken off what it says.
func (s *shell) run(args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	return s.pipe("", args...)
}

func (s *shell) pipe(stdin string, args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	if args[0] == "import" && slices.Contains(args, "-") && !slices.Contains(args, "--rejects") {
		s.piped++ // beside standard input would be in the package's own folder
		args = append(slices.Clone(args), "--rejects", s.path(fmt.Sprintf("stdin.rejected.%d.csv", s.piped)))
	}
	var out, errs bytes.Buffer
	status = run(s.t.Context(), args, s.env, strings.NewReader(stdin), &out, &errs)
	clean := func(b bytes.Buffer) string {
		return strings.ReplaceAll(b.String(), s.dir+string(filepath.Separator), "")
	}
	return status, clean(out), clean(errs)
}

// view looks into the database that the commands wrote.
func (s *shell) view(fn func(tx *storage.Tx) error) {
	s.t.Helper()
	store, err := storage.Open(s.t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	if err := store.View(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// openTestStore opens a database of its own, on which Truce was installed just now.
func openTestStore(t *testing.T) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), time.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if err := install(t.Context(), store, "truce"); err != nil {
		t.Fatal(err)
	}
	return store
}

var testLog = slog.New(slog.DiscardHandler)
