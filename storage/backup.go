package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"truce"
)

// Backup writes the database at from, as it is at one moment, into the file at path, beside a running bot and without keeping it
// waiting: it reads one state of the write-ahead log, through SQLite's online backup. The file is one file, complete and
// checked, or it is not there. The database need not be of this version, and is not brought up to it: a backup comes before an
// upgrade. truce.Conflict where there is something at path: a backup overwrites nothing.
func Backup(ctx context.Context, from, path string) error {
	return copyDatabase(ctx, from, path)
}

// NoteBackup remembers when the last backup was made, which people see as its age.
func (tx *Tx) NoteBackup() error { return tx.SetMeta(backedUp, tx.Now.UTC().Format(time.RFC3339)) }

// LastBackup is when the last backup was made that truce backup knows of; zero where there was none.
func (tx *Tx) LastBackup() (time.Time, error) {
	v, err := tx.Meta(backedUp)
	if err != nil || v == "" {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the last backup was made: %w", err)
	}
	return at, nil
}

// backedUp is the key in meta of the last backup's moment, RFC 3339 in UTC.
const backedUp = "backed_up_at"

// Verified is what a backup was found to hold.
type Verified struct {
	Last  time.Time // when something was written to it last, by the audit log; zero where never
	Leads int       // how many leads it holds
	Older bool      // an older Truce wrote it: this one brings it up to date when it starts with it
}

// Verify reads a backup whole, page by page, and holds its indexes and references against its tables. It changes nothing. truce.Invalid
// where it is damaged, or no database that this Truce reads.
func Verify(ctx context.Context, path string) (v Verified, err error) {
	if in, err := os.Stat(path); err != nil {
		return v, fmt.Errorf("read backup: %w", err)
	} else if !in.Mode().IsRegular() {
		return v, truce.Errorf(truce.Invalid, "it is no file")
	}
	db, c, err := openCopy(ctx, path, "mode=ro")
	if err != nil {
		return v, truce.Errorf(truce.Invalid, "it is damaged, or no database of Truce: %w", err)
	}
	defer db.Close()
	defer c.Close()
	if err := isOurs(ctx, c); err != nil {
		return v, err
	}
	var wrong string
	if err := c.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&wrong); err != nil {
		return v, truce.Errorf(truce.Invalid, "it is damaged: %w", err)
	} else if wrong != "ok" {
		return v, truce.Errorf(truce.Invalid, "it is damaged: %s", wrong)
	}
	var table, parent string
	var row, key sql.NullInt64
	switch err := c.QueryRowContext(ctx, `PRAGMA foreign_key_check`).Scan(&table, &row, &parent, &key); {
	case err == nil:
		return v, truce.Errorf(truce.Invalid, "it is damaged: row %d of %s names what is not in %s", row.Int64, table, parent)
	case !errors.Is(err, sql.ErrNoRows):
		return v, truce.Errorf(truce.Invalid, "it is damaged: %w", err)
	}
	err = c.QueryRowContext(ctx, `SELECT (SELECT max(at) FROM audit), (SELECT count(*) FROM leads)`).Scan(moment{&v.Last}, &v.Leads)
	if err != nil {
		return v, truce.Errorf(truce.Invalid, "it is damaged: %w", err)
	}
	steps, err := pending(ctx, c)
	v.Older = len(steps) > 0
	return v, err
}

// Pending are the steps that would bring the database at path up to this version, in their order; none for one of this version.
func Pending(ctx context.Context, path string) ([]string, error) {
	db, c, err := openCopy(ctx, path, "mode=ro")
	if err != nil {
		return nil, problem("open database "+path, err)
	}
	defer db.Close()
	defer c.Close()
	if err := isOurs(ctx, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pending(ctx, c)
}

func pending(ctx context.Context, c *sql.Conn) (steps []string, err error) {
	seen := map[string]bool{}
	rows, err := c.QueryContext(ctx, `SELECT name FROM migrations`)
	if err != nil {
		return nil, problem("read what brought the database up to date", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		seen[name], seen[renumbered[name]] = true, true
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	for _, f := range files {
		if name := filepath.Base(f); !seen[name] {
			steps = append(steps, strings.TrimSuffix(name, ".sql"))
		}
	}
	return steps, err
}

// Restore writes the backup at from into path, where there must be no database. truce.Invalid where from is no backup of
// Truce.
func Restore(ctx context.Context, from, path string) error {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database %s: %w", path, err)
	}
	for _, there := range []string{path, path + "-wal", path + "-journal"} {
		if _, err := os.Lstat(there); err == nil {
			return truce.Errorf(truce.Conflict, "%s is there already, and nothing is overwritten: move it away, or choose another place with "+
				"storage.path", there)
		}
	}
	if err := copyDatabase(ctx, from, path); err != nil {
		return err
	}
	return forgetLog(path) // what stood here before had a log; this has none
}

// copyDatabase copies a database, checks the copy, and gives it its name last.
func copyDatabase(ctx context.Context, from, to string) error {
	if err := missesLog(itself(from)); err != nil {
		return fmt.Errorf("database %s: %w", from, err)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = truce.Errorf(truce.Conflict, "%s is there already, and nothing is overwritten: choose another name", to)
		}
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*.part") // readable by its owner only
	if err != nil {
		return fmt.Errorf("write a copy of the database: %w", err)
	}
	part.Close()
	defer func() {
		for _, name := range []string{part.Name(), part.Name() + "-journal", part.Name() + "-wal", part.Name() + "-shm"} {
			os.Remove(name)
		}
	}()
	if err := copyPages(ctx, from, part.Name()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), to); err != nil { // unlike a rename it overwrites nothing
		if errors.Is(err, fs.ErrExist) {
			return truce.Errorf(truce.Conflict, "%s is there already, and nothing is overwritten: choose another name", to)
		}
		if err := os.Rename(part.Name(), to); err != nil { // a file system without links
			return fmt.Errorf("name the copy of the database: %w", err)
		}
	}
	return syncFolder(filepath.Dir(to))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make the copy of the database last: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("make the copy of the database last: %w", err)
	}
	return nil
}

// openCopy opens a database that is not the running one, on one connection.
func openCopy(ctx context.Context, path, more string) (*sql.DB, *sql.Conn, error) {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=10000&_synchronous=FULL&"+more)
	if err != nil {
		return nil, nil, err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, c, nil
}

// copyPages copies the pages of one state of from, and checks the copy.
func copyPages(ctx context.Context, from, to string) error {
	src, in, err := openCopy(ctx, from, "mode=ro")
	if err != nil {
		return problem("open database "+from, err)
	}
	defer src.Close()
	defer in.Close()
	if err := isOurs(ctx, in); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	dst, out, err := openCopy(ctx, to, "_journal_mode=MEMORY")
	if err != nil {
		return problem("write "+to, err)
	}
	defer dst.Close()
	defer out.Close()
	err = out.Raw(func(o any) error {
		return in.Raw(func(i any) error {
			b, err := o.(*sqlite3.SQLiteConn).Backup("main", i.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			_, err = b.Step(-1) // in one go: a state of the log, while others go on writing behind it
			return errors.Join(err, b.Finish())
		})
	})
	if err != nil {
		return problem("copy database "+from, err)
	}
	// The copy says of itself that it has a log beside it, as the original has: a single file has none.
	var mode, check string
	if err := out.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode); err != nil {
		return problem("finish the copy", err)
	}
	if err := out.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&check); err != nil {
		return problem("check the copy", err)
	}
	if check != "ok" {
		return fmt.Errorf("the copy of %s is damaged: %s", from, check)
	}
	return nil
}

// isOurs refuses what is no database of Truce, or one of a newer Truce.
func isOurs(ctx context.Context, c *sql.Conn) error {
	rows, err := c.QueryContext(ctx, `SELECT name FROM migrations ORDER BY name DESC`)
	if err != nil {
		return truce.Errorf(truce.Invalid, "it is no database of Truce, or a damaged one: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return truce.Errorf(truce.Invalid, "it is no database of Truce, or a damaged one: %w", err)
		}
		if _, err := migrations.ReadFile("migrations/" + name); err != nil && renumbered[name] == "" {
			return truce.Errorf(truce.Invalid, "%s", unknown(name))
		}
	}
	if err := rows.Err(); err != nil {
		return truce.Errorf(truce.Invalid, "it is no database of Truce, or a damaged one: %w", err)
	}
	return nil
}
