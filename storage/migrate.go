package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// newSchema is what the steps that it names make together, so that a new database need not go through each of them, which takes ten
// times as long. Steps that it does not name come after it. TestANewDatabaseIsWhatTheStepsMake writes it anew with -update.
//
//go:embed schema.sql
var newSchema string

// schemaStep begins a line of it that names a step.
const schemaStep = "-- step "

// renumbered are migrations that commits before the first release knew by another number, word for word the same. None is ever
// renumbered again: testdata/migrations.txt holds the names that databases have seen.
var renumbered = map[string]string{
	"0065_reconciled.sql":      "0066_reconciled.sql",
	"0066_revenue.sql":         "0067_revenue.sql",
	"0066_rule_retired.sql":    "0068_rule_retired.sql",
	"0067_digest_headline.sql": "0069_digest_headline.sql",
	"0067_icp_fit.sql":         "0070_icp_fit.sql",
	"0068_doubts.sql":          "0071_doubts.sql",
}

// unknown says why a database that has had a migration which this program does not have is refused.
func unknown(name string) string {
	return fmt.Sprintf("it has had the step %s, which this Truce does not know: a newer Truce has worked on it, or one built between two "+
		"releases. Run that one, or restore a backup", name)
}

// migrate runs the migrations that the database has not seen, in the order of their names, each in a transaction of its
// own. A database that has seen one we do not know was written by a newer Truce, and is refused.
func (s *Store) migrate(ctx context.Context) error {
	if err := s.exec(`CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`); err != nil {
		return err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, f := range files {
		known[path.Base(f)] = true
	}
	seen, again := map[string]bool{}, map[string]string{}
	rows, err := s.conn.QueryContext(ctx, `SELECT name FROM migrations`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if now, ok := renumbered[name]; ok && !known[name] {
			again[name], name = now, now
		}
		if seen[name] = true; !known[name] {
			return errors.New(unknown(name))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for was, now := range again {
		if _, err := s.conn.ExecContext(ctx, `UPDATE OR REPLACE migrations SET name = ? WHERE name = ?`, now, was); err != nil {
			return fmt.Errorf("give the step %s its number of today: %w", was, err)
		}
	}
	if len(seen) == 0 {
		if err := s.begun(ctx); err != nil {
			return fmt.Errorf("begin a database: %w", err)
		}
	}
	for _, f := range files {
		if seen[path.Base(f)] {
			continue
		}
		if err := s.migration(ctx, f); err != nil {
			return fmt.Errorf("migration %s: %w", path.Base(f), err)
		}
	}
	return nil
}

// begun makes the tables of a database that has none, all at once.
func (s *Store) begun(ctx context.Context) error {
	var steps []string
	for line := range strings.Lines(newSchema) {
		if name, ok := strings.CutPrefix(line, schemaStep); ok {
			steps = append(steps, strings.TrimSpace(name))
		}
	}
	return s.step(ctx, steps, newSchema)
}

func (s *Store) migration(ctx context.Context, file string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	return s.step(ctx, []string{path.Base(file)}, string(text))
}

// step does in one transaction what steps of some names do together.
func (s *Store) step(ctx context.Context, names []string, text string) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer func() {
		if s.inTx() {
			s.exec("ROLLBACK")
		}
	}()
	for _, name := range names {
		// Another process may have been here between our look and our lock.
		res, err := s.conn.ExecContext(ctx, `INSERT INTO migrations (name, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, s.Now().UnixMilli())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
	}
	if _, err := s.conn.ExecContext(ctx, text); err != nil {
		return err
	}
	return s.exec("COMMIT")
}
