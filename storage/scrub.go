package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// This file sees to it that what was erased is not left in pages that are free, nor in the log.

// scrubWanted is the key in meta that says since when the file waits to be written anew: it is kept over a crash.
const scrubWanted = "scrub_wanted"

// functions gives the writing connection the functions of SQL that the store has itself.
func (s *Store) functions() error {
	return s.conn.Raw(func(c any) error { return c.(*sqlite3.SQLiteConn).RegisterFunc("without", without(), true) })
}

// overwriteFreed has what the event deletes overwritten where it stood, and the whole file written anew after the commit: what was
// deleted before stands in free pages, too.
func (tx *Tx) overwriteFreed() error {
	if err := tx.exec(`PRAGMA secure_delete = ON`); err != nil {
		return fmt.Errorf("have overwritten what is deleted: %w", err)
	}
	if err := tx.SetMeta(scrubWanted, tx.Now.Format(time.RFC3339)); err != nil {
		return err
	}
	tx.AfterCommit(tx.s.scrub)
	return nil
}

// resumeScrub goes on with what a process was killed in.
func (s *Store) resumeScrub(ctx context.Context) error {
	var wanted string
	if err := s.View(ctx, func(tx *Tx) (err error) { wanted, err = tx.Meta(scrubWanted); return err }); err != nil {
		return err
	}
	if wanted != "" {
		s.scrub()
	}
	return nil
}

// scrub writes the file anew, in the background; Close waits for it.
func (s *Store) scrub() {
	s.scrubs.Go(func() {
		start := s.Now()
		if err := s.writeAnew(); err != nil {
			s.log.Warn("what was erased may still stand in free pages of the database; the next start tries again", "error", err)
			return
		}
		s.log.Info("the database was written anew without what was erased", "took", s.Now().Sub(start))
	})
}

// scrubTries is how often the log is looked at until no reader needs it.
const scrubTries = 50

func (s *Store) writeAnew() error {
	alone := func(query string) error {
		return s.request(&queued{ctx: context.Background(), done: make(chan struct{}), own: func() error { return s.exec(query) }})
	}
	if err := alone("VACUUM"); err != nil {
		return fmt.Errorf("write the file anew: %w", err)
	}
	err := s.Update(context.Background(), func(tx *Tx) error { return tx.exec(`DELETE FROM meta WHERE key = ?`, scrubWanted) })
	if err != nil {
		return err
	}
	for try := 1; ; try++ { // the log holds the old pages until it is begun anew
		var busy int
		err := s.request(&queued{ctx: context.Background(), done: make(chan struct{}), own: func() error {
			return s.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, new(int), new(int))
		}})
		switch {
		case err != nil:
			return fmt.Errorf("begin the log anew: %w", err)
		case busy == 0:
			return nil
		case try == scrubTries:
			return errors.New("begin the log anew: somebody reads all the time")
		}
		time.Sleep(shortWait) // a real wait for a real lock: the injected clock has no part in it
	}
}

// Scrubbed waits until nothing is being written anew.
func (s *Store) Scrubbed() { s.scrubs.Wait() }
