package storage

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce/bot/golden"
)

// TestANewDatabaseIsWhatTheStepsMake holds schema.sql, by which a new database is made at once, against the steps that every older one
// goes through: after both, the same stands in the file.
func TestANewDatabaseIsWhatTheStepsMake(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "steps.db")+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`)
	var list strings.Builder
	list.WriteString("-- What these steps make of an empty file. Written by go test ./storage -update; see migrate.go.\n")
	for _, f := range files {
		text, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		do(string(text))
		do(`INSERT INTO migrations VALUES (?, 1)`, path.Base(f))
		list.WriteString(schemaStep + path.Base(f) + "\n")
	}
	do(`INSERT INTO meta (key, value) VALUES (?, '')`, accountsFolded) // what every start says of a database that has no accounts to fold
	want := contentOf(t, db)
	golden.Check(t, "../schema.sql", list.String()+strings.Join(want.made, ";\n")+";\n")

	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "new.db"), func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fresh, err := sql.Open("sqlite3", "file:"+s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	got := contentOf(t, fresh)
	if d := golden.Difference(strings.Join(want.made, "\n"), strings.Join(got.made, "\n")); d != "" {
		t.Errorf("a new database has other tables:\n%s", d)
	}
	if d := golden.Difference(strings.Join(want.rows, "\n"), strings.Join(got.rows, "\n")); d != "" {
		t.Errorf("a new database has other rows:\n%s", d)
	}
}

// content is how a database was made, in that order, and how many rows its tables have.
type content struct{ made, rows []string }

func contentOf(t *testing.T, db *sql.DB) (c content) {
	t.Helper()
	texts := func(query string) (list []string) {
		rows, err := db.QueryContext(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	c.made = texts(`SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'migrations' ORDER BY rowid`)
	for _, name := range texts(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`) {
		if name == "migrations" {
			c.rows = append(c.rows, texts(`SELECT name FROM migrations ORDER BY name`)...)
			continue
		}
		c.rows = append(c.rows, texts(`SELECT '`+name+`: ' || count(*) FROM "`+name+`"`)...)
	}
	return c
}
