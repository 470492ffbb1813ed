package storage

import (
	"os"
	"testing"
	"time"
)

// The log does not grow with the number of events: a connection of its own moves it into the database beside them.
func TestTheLogIsTidiedBesideTheEvents(t *testing.T) {
	s := open(t)
	text := string(make([]byte, 20_000))
	size := func() int64 {
		info, err := os.Stat(s.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	var first int64
	for i := range 6 * tidyEvery {
		update(t, s, func(tx *Tx) error { return tx.SetMeta("some", text+tx.Now.Format(time.RFC3339)) })
		if i == tidyEvery/2 {
			first = size()
		}
	}
	if got := size(); got > 8*first {
		t.Errorf("the log is %d bytes after %d events, %d after %d", got, 6*tidyEvery, first, tidyEvery/2)
	}
}
