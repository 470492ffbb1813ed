package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// This file moves what the log holds into the database. SQLite would do it in the commit that makes the log long, and that event
// would wait for the disk: beside an import for thousands of pages that are not its own. Here a connection of its own does it
// beside the events. An import (see Relax) does it itself, in its own time.

// tidyEvery is how many events the log is left with. Each writes some 18 pages: about 32 MB, which costs that much disk, and some
// tens of milliseconds at the start after a crash.
const tidyEvery = 400

// eventChanges is how many rows such an event changes. One that changes more, as counting a day of a large company anew, is as many events.
const eventChanges = 10

// relaxedPages is how many pages the log may hold before a relaxed store moves them into the database: 128 MB. Leads with ids in no
// order change a page of each index, often the same ones; the longer the log, the fewer of them are written twice and the fewer
// waits there are for the disk. Beside others it is 16 MB, because their commits wait until the disk has taken what is moved.
const (
	relaxedPages = 32_000
	crowdedPages = 4_000
)

// committed counts the events of a commit, and the rows they have changed. Only the writer's goroutine calls it.
func (s *Store) committed(events, rows int) {
	s.untidy += max(events, rows/eventChanges)
	if s.later != nil {
		pages := relaxedPages
		if !s.turn.alone() {
			pages = crowdedPages
		}
		if pages != s.later.pages && s.exec(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", pages)) == nil {
			s.later.pages = pages
		}
		return
	}
	if s.untidy < tidyEvery {
		return
	}
	s.untidy = 0
	select {
	case s.tidy <- struct{}{}:
	default: // it is at it
	}
}

// checkpoints moves the log into the database whenever it is told to, until the store is closed.
func (s *Store) checkpoints() {
	defer close(s.tidied)
	var db *sql.DB
	for range s.tidy {
		if db == nil { // most programs of the command line never need it
			var err error
			if db, err = sql.Open("sqlite3", dsn(s.path, "")); err != nil {
				s.log.Error("open the database to tidy its log", "err", err)
				return
			}
			db.SetMaxOpenConns(1)
			defer db.Close()
		}
		_, err := db.ExecContext(context.Background(), moveLog)
		if err == nil {
			// Events go on meanwhile, and what they add is not moved. SQLite begins the log anew only when all of it was, so the
			// writer moves the few pages that are left itself, between two events.
			err = s.request(&queued{ctx: context.Background(), done: make(chan struct{}), own: func() error { return s.exec(moveLog) }})
		}
		if err != nil && !errors.Is(err, ErrClosed) {
			s.log.Warn("tidy the database's log", "err", err)
		}
	}
}

// moveLog waits for nobody; what readers still need stays for the next time.
const moveLog = "PRAGMA wal_checkpoint(PASSIVE)"
