package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"truce"
)

// This file says whether the database can be worked with.

// Solo takes the right to run the bot on the database, until Close; truce.Conflict where another process has it. The commands of the
// program need it not: they say nothing to anybody.
func (s *Store) Solo() error { return s.turn.solo(s.path) }

// leastRoom is how much room the disk must have for more to be taken: as much as the log of a busy minute.
const leastRoom = 16 << 20

// readyFor is for how long a write that went well is believed: whoever asks often does not write often.
const readyFor = 2 * time.Second

// Ready is nil where the database takes what people say: no page was found damaged, the disk has room, and a write is committed.
func (s *Store) Ready(ctx context.Context) error {
	if said := s.damage.Load(); said != nil {
		return fmt.Errorf("the database is damaged (%s): restore a backup", *said)
	}
	if left, ok := room(s.path); ok && left < leastRoom {
		return fmt.Errorf("the disk has %d MB left: make room", left>>20)
	}
	if s.readOnly { // who only looks changes nothing: whether the file lets itself be written is asked of the system
		f, err := os.OpenFile(s.path, os.O_RDWR, 0)
		if err != nil {
			return errors.New("the database cannot be written to: look at its rights, and at those of its folder")
		}
		return f.Close()
	}
	now := s.Now().UnixMilli()
	if last := s.ready.Load(); now >= last && now-last < readyFor.Milliseconds() {
		return nil
	}
	err := s.Update(ctx, func(tx *Tx) error { return tx.SetMeta("ready_at", tx.Now.Format(time.RFC3339)) })
	var se sqlite3.Error
	switch {
	case err == nil:
		s.ready.Store(now)
		return nil
	case errors.As(err, &se) && se.Code == sqlite3.ErrFull:
		return errors.New("the disk is full: make room")
	case errors.As(err, &se) && se.Code == sqlite3.ErrReadonly:
		return errors.New("the database cannot be written to: look at its rights, and at those of its folder")
	}
	return fmt.Errorf("nothing can be written down: %w", err)
}

// noteDamage remembers that SQLite has found a page damaged: it stays so until the file is another one.
func (s *Store) noteDamage(err error) {
	var se sqlite3.Error
	if err != nil && errors.As(err, &se) && (se.Code == sqlite3.ErrCorrupt || se.Code == sqlite3.ErrNotADB) {
		said := se.Error()
		s.damage.Store(&said)
	}
}

// CheckFile reads the whole file, page by page, and returns what is wrong with it, at most n lines; it tries a write, too, unless
// the store was opened for reading.
func (s *Store) CheckFile(ctx context.Context, n int) (wrong []string, err error) {
	rows, err := s.r.QueryContext(ctx, fmt.Sprintf(`PRAGMA integrity_check(%d)`, n))
	if err == nil {
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return wrong, err
			}
			if line != "ok" {
				wrong = append(wrong, line)
			}
		}
		err = rows.Err()
	}
	var se sqlite3.Error
	switch {
	case errors.As(err, &se) && (se.Code == sqlite3.ErrCorrupt || se.Code == sqlite3.ErrNotADB):
		wrong = append(wrong, se.Error())
	case err != nil:
		return wrong, fmt.Errorf("read the whole database: %w", err)
	}
	if len(wrong) > 0 {
		return wrong, nil
	}
	if err := s.Ready(ctx); err != nil && truce.KindOf(err) != truce.NotFound {
		wrong = append(wrong, err.Error())
	}
	return wrong, nil
}
