//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package storage

import (
	"sync"
	"time"

	"truce"
)

// turn is nothing here: who asks at the right moment has the write lock. A bot may wait longer beside an import.
type turn struct{}

func openTurn(string) (*turn, error) { return &turn{}, nil }
func (*turn) take(time.Duration)     {}
func (*turn) give()                  {}
func (*turn) wanted() bool           { return false }
func (*turn) alone() bool            { return false }
func (*turn) close() error           { return nil }
func (*turn) commits()               {}
func (*turn) logIsGone(string)       {}
func (*turn) solo(string) error      { return nil }
func oneName(string) error           { return nil }
func missesLog(string) error         { return nil }
func forgetLog(string) error         { return nil }

// syncing holds the paths that this process syncs; other processes are not kept out here.
var syncing sync.Map

func syncTurn(path string) (give func(), err error) {
	if _, busy := syncing.LoadOrStore(path, true); busy {
		return nil, truce.Errorf(truce.Conflict, "another sync of %s is under way: wait until it has ended.", path)
	}
	return func() { syncing.Delete(path) }, nil
}
