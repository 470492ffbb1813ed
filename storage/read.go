package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path"

	"truce"
)

// ErrReadOnly is the answer to whoever wants to write through a store that was opened for reading.
var ErrReadOnly = errors.New("storage: opened for reading only")

// ErrOlder is in the error of OpenRead for a database that an older Truce wrote: the next start brings it up to date.
var ErrOlder = errors.New("start truce run or truce rebuild once, which bring it up to date")

// OpenRead opens the database at path to look at it: it makes none, brings none up to date, and Update fails with ErrReadOnly. The
// error is truce.NotFound where there is no database, truce.Conflict where it was written by another version of Truce.
func OpenRead(ctx context.Context, file string, clock truce.Clock, log *slog.Logger) (*Store, error) {
	file = itself(file)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, truce.Errorf(truce.NotFound, "there is no database %s yet: truce run and truce import make one", file)
	} else if err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, err)
	}
	if err := missesLog(file); err != nil {
		return nil, fmt.Errorf("database %s: %w", file, err)
	}
	db, err := sql.Open("sqlite3",
		fmt.Sprintf("file:%s?mode=ro&_query_only=1&_txlock=deferred&_foreign_keys=on&_busy_timeout=%d&_mutex=no&_stmt_cache_size=128&_cache_size=-16000",
			(&url.URL{Path: file}).EscapedPath(), busyTimeout.Milliseconds()))
	if err != nil {
		return nil, fmt.Errorf("open database %s for reading: %w", file, err)
	}
	db.SetMaxOpenConns(8)
	s := &Store{path: file, clock: clock, log: log, r: db, readOnly: true}
	if err := s.View(ctx, (*Tx).sameVersion); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", file, err), db.Close())
	}
	return s, nil
}

// sameVersion refuses a database that has not had our migrations, or others.
func (tx *Tx) sameVersion() error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	for _, f := range files {
		missing[path.Base(f)] = true
	}
	err = tx.each(`SELECT name FROM migrations`, nil, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		if now, ok := renumbered[name]; ok && !missing[name] {
			name = now
		}
		if !missing[name] {
			return truce.Errorf(truce.Conflict, "%s", unknown(name))
		}
		delete(missing, name)
		return nil
	})
	if err == nil && len(missing) > 0 {
		err = truce.Errorf(truce.Conflict, "it was written by an older Truce: back it up, then %w", ErrOlder)
	}
	return err
}

// DayZone is the name of the zone by whose days the sums behind the digests are kept; "" where there are none.
func (tx *Tx) DayZone() (string, error) { return tx.Meta(metaRollZone) }
