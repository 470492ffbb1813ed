//go:build linux || darwin || freebsd || netbsd || openbsd

package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"truce"
)

// turn is the queue before the write lock. SQLite lets whoever asks at the right moment have the lock, and an import that asks
// for it again a microsecond after each commit would keep a bot out that looks every few milliseconds. Who wants the lock takes
// the turn first, a lock on a file beside the database, and gives it back when it has the lock: so nobody has it twice while
// another waits. The kernel frees the turn of a process that dies.
//
// A second file is locked by all who have the database open, together: so an import knows whether it has it to itself.
//
// The second file also says when something was last committed, and to which database: a log that is gone after a crash has
// taken with it what had not come into the database, and SQLite opens what is left without a word. A third is locked by the one
// bot that may run.
type turn struct {
	file, open, run *os.File
	identity        []byte
}

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
	t.identity = []byte(identity(database))
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
	for _, f := range []*os.File{t.file, t.open, t.run} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// identity is which file stands at a path: another one put there has another log.
func identity(path string) string {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return ""
	}
	return fmt.Sprintf("log of %d\n", st.Ino)
}

// oneName is an error where the file has a second name, a hard link: whoever opens that has a log and locks of their own, and both
// write into one file.
func oneName(path string) error {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil || st.Nlink < 2 || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return nil // each folder has two
	}
	return truce.Errorf(truce.Conflict, "it has a second name, a hard link, under which another Truce could write into it unseen: remove "+
		"that one. find FOLDER -samefile %s finds it", path)
}

// missesLog is an error where the log is gone that a killed process left beside the database, with data that had not come into the
// database yet: that was written before something was last committed. It is called before anybody reads the database.
func missesLog(path string) error {
	said, err := os.ReadFile(path + "-open")
	if err != nil || len(said) == 0 || string(said) != identity(path) {
		return nil
	}
	if log, err := os.Stat(path + "-wal"); err == nil && (log.Size() > 0 || inUse(path)) || err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil // an empty one is what anybody leaves who opens the database without its log
	}
	data, err := os.Stat(path)
	if err != nil {
		return nil
	}
	committed, err := os.Stat(path + "-open")
	if err != nil || !data.ModTime().Before(committed.ModTime()) {
		return nil
	}
	return truce.Errorf(truce.Conflict, "its log %s-wal is gone, with what was committed from %s to %s: put it back, or restore a backup. "+
		"To go on with what is left, remove %s-open", path,
		data.ModTime().UTC().Format("2006-01-02 15:04:05"), committed.ModTime().UTC().Format("2006-01-02 15:04:05 UTC"), path)
}

// inUse reports whether anybody has the database open.
func inUse(path string) bool {
	f, err := os.OpenFile(path+"-open", os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// commits notes, before each commit, that the log holds what the database does not: the file's time says since when.
func (t *turn) commits() { t.open.WriteAt(t.identity, 0) }

// logIsGone notes, after the database was closed, that whoever closed it last has moved the log into it.
func (t *turn) logIsGone(path string) {
	if _, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) {
		t.open.Truncate(0)
	}
}

// forgetLog notes that what stands at the path now has no log.
func forgetLog(path string) error {
	if err := os.Truncate(path+"-open", 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget the log of what stood at %s: %w", path, err)
	}
	return nil
}

// solo takes the right to run the bot on the database; who has it is in the file.
func (t *turn) solo(path string) error {
	f, err := os.OpenFile(path+"-run", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("take the right to run on %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("take the right to run on %s: %w", path, err)
		}
		who, _ := io.ReadAll(io.LimitReader(f, 100))
		return truce.Errorf(truce.Conflict, "another Truce runs on %s already (process %s): two would say everything twice. Stop that one first",
			path, strings.TrimSpace(string(who)))
	}
	f.Truncate(0)
	f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	t.run = f
	return nil
}

// syncTurn takes the right to sync what stands at the path: a lock on a file of its own.
func syncTurn(path string) (give func(), err error) {
	f, err := os.OpenFile(path+"-sync", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("take the right to sync %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("take the right to sync %s: %w", path, err)
		}
		return nil, truce.Errorf(truce.Conflict, "another sync of %s is under way: wait until it has ended.", path)
	}
	return func() { f.Close() }, nil
}
