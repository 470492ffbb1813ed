//go:build linux || darwin || freebsd || netbsd || openbsd

package storage

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// turn is the queue before the write lock. SQLite lets whoever asks at the right moment have the lock, and an import that asks
// for it again a microsecond after each commit would keep a bot out that looks every few milliseconds. Who wants the lock takes
// the turn first, a lock on a file beside the database, and gives it back when it has the lock: so nobody has it twice while
// another waits. The kernel frees the turn of a process that dies.
//
// A second file is locked by all who have the database open, together: so an import knows whether it has it to itself.
type turn struct{ file, open *os.File }

const turnWait = time.Millisecond

func openTurn(database string) (*turn, error) {
	t := &turn{}
	for end, f := range map[string]**os.File{"-turn": &t.file, "-open": &t.open} {
		var err error
		if *f, err = os.OpenFile(database+end, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			t.close()
			return nil, fmt.Errorf("open the turn of the writers: %w", err)
		}
	}
	syscall.Flock(int(t.open.Fd()), syscall.LOCK_SH) // waits for no longer than somebody's look in alone
	return t, nil
}

// alone reports whether nobody else has the database open.
func (t *turn) alone() bool {
	err := syscall.Flock(int(t.open.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	syscall.Flock(int(t.open.Fd()), syscall.LOCK_SH) // a refused change has lost the lock too
	return err == nil
}

// take waits for the turn, at most so long. Without it the caller goes on: the turn is for fairness only.
func (t *turn) take(most time.Duration) {
	for start := time.Now(); ; time.Sleep(turnWait) { // a real wait for a real lock: the injected clock has no part in it
		err := syscall.Flock(int(t.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) || time.Since(start) > most {
			return
		}
	}
}

func (t *turn) give() { syscall.Flock(int(t.file.Fd()), syscall.LOCK_UN) }

// wanted reports whether another process waits for the write lock.
func (t *turn) wanted() bool {
	err := syscall.Flock(int(t.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		t.give()
	}
	return errors.Is(err, syscall.EWOULDBLOCK)
}

func (t *turn) close() error {
	var errs []error
	for _, f := range []*os.File{t.file, t.open} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
