package storage

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
)

//go:embed migrations/*.sql
var migrations embed.FS

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
	seen := map[string]bool{}
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
		if seen[name] = true; !known[name] {
			return fmt.Errorf("it was written by a newer Truce (it has had %s): run that version, or restore a backup", name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
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

func (s *Store) migration(ctx context.Context, file string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	defer func() {
		if s.inTx() {
			s.exec("ROLLBACK")
		}
	}()
	// Another process may have been here between our look and our lock.
	res, err := s.conn.ExecContext(ctx, `INSERT INTO migrations (name, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, path.Base(file), s.Now().UnixMilli())
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	return s.exec("COMMIT")
}
