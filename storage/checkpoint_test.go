package storage

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"time"
)

// The log does not grow with the number of events, nor with what each of them writes: a connection of its own moves it into the
// database beside them, and it begins anew.
func TestTheLogIsTidiedBesideTheEvents(t *testing.T) {
	for _, tt := range []struct {
		name         string
		events, rows int // rows that an event changes
	}{{"small events", tidyEvery + 1, 1}, {"large events", eventChanges + 1, tidyEvery}} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			n := 0
			event := func(rows int) {
				n++
				update(t, s, func(tx *Tx) error {
					for row := range rows {
						if err := tx.SetMeta(fmt.Sprint("some", row), fmt.Sprint(n)); err != nil {
							return err
						}
					}
					return nil
				})
			}
			for range tt.events {
				event(tt.rows)
			}
			for range tidyEvery / 2 { // it needs a moment, and a further event
				if began(t, s) > 0 {
					return
				}
				time.Sleep(50 * time.Millisecond)
				event(1)
			}
			t.Errorf("the log has not begun anew after %d events of %d rows", tt.events, tt.rows)
		})
	}
}

// began is how often the log has begun anew: the sequence number in its header (SQLite's "Database File Format", 4.1).
func began(t *testing.T, s *Store) uint32 {
	t.Helper()
	f, err := os.Open(s.Path() + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var number [4]byte
	if _, err := f.ReadAt(number[:], 12); err != nil {
		t.Fatal(err)
	}
	return binary.BigEndian.Uint32(number[:])
}
