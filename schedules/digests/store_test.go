package digests_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"truce/storage"
)

// migrated is an empty database that has been through all migrations: a test begins with a copy.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "digests")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "truce.db")
	s, err := storage.Open(context.Background(), path, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// openAt opens a new store, and says where its file is.
func openAt(t testing.TB, now func() time.Time) (*storage.Store, string) {
	t.Helper()
	empty, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	return openCopy(t, empty, now)
}

func openCopy(t testing.TB, file []byte, now func() time.Time) (*storage.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "truce.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := storage.Open(t.Context(), path, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, path
}

func openStore(t testing.TB, now func() time.Time) *storage.Store {
	t.Helper()
	s, _ := openAt(t, now)
	return s
}
