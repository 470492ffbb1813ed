// Package storage keeps everything Truce knows in one SQLite file. An event is a transaction: Store.Update runs a function
// on a Tx and returns after the commit that holds it; Store.View reads a consistent state beside it. All SQL is in the
// methods of Tx, one file per table. It knows the domain (package truce) and nothing of chat.
//
// Its limits: one process writes at a time (others wait), one database is one company, and the file must be on a disk
// whose fsync can be believed.
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
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"truce"
)

// Errors of the store itself.
var (
	ErrClosed = errors.New("storage: closed")
	ErrGoexit = errors.New("storage: the event ended its goroutine")
	errLost   = errors.New("storage: the transaction was lost")
)

const (
	maxBatch    = 256                    // events that share one commit
	busyWait    = 100 * time.Millisecond // one wait inside SQLite, which no context reaches
	shortWait   = 5 * time.Millisecond   // the same for the writer: its waits must not grow as SQLite lets them
	busyTimeout = 10 * time.Second       // all waits for another process together
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	path  string
	clock truce.Clock
	log   *slog.Logger
	w, r  *sql.DB
	conn  *sql.Conn // the one writing connection; only the writer goroutine uses it
	turn  *turn     // taken before the write lock, so that an import does not starve a bot

	mu     sync.Mutex
	queue  []*queued
	closed bool
	wake   chan struct{} // room for one token
	done   chan struct{} // closed when the writer has ended
	now    *queued       // the event that runs; for Goexit
	later  *later        // what a relaxed store keeps back of the roll-ups; nil otherwise

	idMoment int64 // the moment of the last id, and how many it has had; only the writer goroutine uses them
	ids      int

	tidied chan struct{} // closed when nothing moves the log into the database any more
	tidy   chan struct{} // room for one token

	memo memo // only the writer goroutine uses it

	untidy int // events since the log was tidied; only the writer goroutine uses it

	ready  atomic.Int64           // when a write was last tried, in milliseconds
	damage atomic.Pointer[string] // what SQLite said when a page was found damaged

	scrubs sync.WaitGroup // the file is being written anew

	readOnly bool // see OpenRead

	timed atomic.Pointer[func(time.Duration)] // hears how long each commit took

	shared atomic.Pointer[[]string] // domains that many companies share

	watchMu  sync.Mutex
	watchers []func()
}

type queued struct {
	ctx  context.Context
	fn   func(*Tx) error
	own  func() error // instead of fn: outside any transaction
	err  error
	out  bool
	done chan struct{}
}

// Panic carries a panic of an event from the writer to the caller of Update, which panics with it again.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic in an event: %v\n%s", p.Value, p.Stack) }

// Open opens the database at path, creating it and its folder where they are missing, and brings its schema up to date.
func Open(ctx context.Context, path string, clock truce.Clock, log *slog.Logger) (*Store, error) {
	path = itself(path)
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of the database %s: %w", path, err)
		}
	}
	if err := writable(path); err != nil {
		return nil, err
	}
	// People's words are in it: for the owner's eyes only. SQLite gives its side files the same rights.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
	}
	if err := errors.Join(oneName(path), missesLog(path)); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	s := &Store{path: path, clock: clock, log: log, wake: make(chan struct{}, 1), done: make(chan struct{}), tidy: make(chan struct{}, 1),
		tidied: make(chan struct{})}
	var err error
	if s.w, err = sql.Open("sqlite3", dsn(path, "_txlock=immediate")); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	s.w.SetMaxOpenConns(1)
	// Another process may hold the file for a while: it mends the log that a killed one left, or migrates.
	err = untilFree(ctx, func() (err error) { s.conn, err = s.w.Conn(ctx); return err })
	if err != nil {
		s.w.Close()
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	if s.turn, err = openTurn(path); err == nil {
		err = s.functions()
	}
	if err == nil {
		if err = untilFree(ctx, func() error { return s.migrate(ctx) }); err == nil {
			// from here on begin waits
			err = s.exec(fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA wal_autocheckpoint = 0", shortWait.Milliseconds()))
		}
	}
	if err != nil {
		s.conn.Close()
		s.w.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	if s.r, err = sql.Open("sqlite3", dsn(path, "mode=ro&_query_only=1&_txlock=deferred")); err != nil {
		s.conn.Close()
		s.w.Close()
		return nil, fmt.Errorf("open database %s for reading: %w", path, err)
	}
	s.r.SetMaxOpenConns(8)
	s.r.SetMaxIdleConns(8)
	go s.write(nil)
	go s.checkpoints()
	for _, step := range []func(context.Context) error{s.refoldAccounts, s.resumeScrub} {
		if err := step(ctx); err != nil {
			s.Close()
			return nil, fmt.Errorf("database %s: %w", path, err)
		}
	}
	return s, nil
}

// writable says in words what keeps a database from being written: SQLite calls it a file that is not there. The log and the locks are
// files beside it, so the folder counts as well.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		f.Close()
	}
	refused := func(err error) bool { return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) }
	if refused(err) {
		return truce.Errorf(truce.Invalid, "the database %s cannot be written by the user that Truce runs as (%s): give it the right to, or set "+
			"storage.path to a file that it may write", path, errors.Unwrap(err))
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".truce-*")
	if err == nil {
		probe.Close()
		err = os.Remove(probe.Name())
	}
	if refused(err) {
		return truce.Errorf(truce.Invalid, "the folder %s cannot be written by the user that Truce runs as (%s), and the database's log and "+
			"locks are in it: give it the right to, or set storage.path to a file in a folder that it may write", filepath.Dir(path), errors.Unwrap(err))
	}
	return nil // of a full disk and the like the database says what is the matter
}

// itself is the file that a path leads to where that is a symbolic link: SQLite keeps the log beside the file itself, and the locks
// that keep a second bot out must be there too.
func itself(path string) string {
	for range 40 {
		to, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(to) {
			to = filepath.Dir(path) + string(filepath.Separator) + to
		}
		path = to
	}
	return path
}

func dsn(path, more string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=" +
		// database/sql gives a connection to one goroutine at a time
		fmt.Sprint(busyWait.Milliseconds()) + "&_mutex=no&_stmt_cache_size=128&_cache_size=-16000&" + more
}

// Remove removes the database at path that nobody has open, with all that stands beside it; what is not there is no error.
func Remove(path string) error {
	for _, end := range []string{"", "-wal", "-shm", "-turn", "-open", "-run", "-sync"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the database: %w", err)
		}
	}
	return nil
}

// Path is the file the store keeps its data in.
func (s *Store) Path() string { return s.path }

// Now is the store's clock, in UTC and whole milliseconds, as it is stored.
func (s *Store) Now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Close lets the waiting events finish, then closes the file.
func (s *Store) Close() error {
	s.scrubs.Wait()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	if s.readOnly {
		return s.r.Close()
	}
	s.poke()
	<-s.done
	close(s.tidy)
	<-s.tidied
	err := errors.Join(s.r.Close(), s.conn.Close(), s.w.Close())
	s.turn.logIsGone(s.path)
	return errors.Join(err, s.turn.close())
}

// Update runs fn in a transaction that it may share with other waiting events, each behind its own savepoint. It returns
// nil only after the commit that holds what fn did; an error of fn undoes what fn did, and only that. When ctx ends before
// fn starts, Update returns its error and nothing happens; afterwards the real outcome is awaited. fn may be run again
// after a lost transaction: it assigns results, appends to nothing outside, and starts nothing (see Tx.AfterCommit).
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.request(&queued{ctx: ctx, fn: fn, done: make(chan struct{})})
}

func (s *Store) request(r *queued) error {
	if s.readOnly {
		return ErrReadOnly
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.queue = append(s.queue, r)
	s.mu.Unlock()
	s.poke()
	<-r.done
	if p, ok := r.err.(*Panic); ok {
		panic(p)
	}
	return r.err
}

// View runs fn on a consistent state of the database, beside whatever is being written. fn cannot write.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	tx, err := s.r.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer tx.Rollback()
	err = fn(&Tx{s: s, db: tx, ctx: ctx, Now: s.Now()})
	s.noteDamage(err)
	return err
}

// Watch calls f, in the writer's goroutine, after each commit that sends something: f must only wake somebody.
func (s *Store) Watch(f func()) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.watchers = append(s.watchers, f)
}

// TimeCommits calls f, in the writer's goroutine, with how long each commit of shared events took: f must only count.
func (s *Store) TimeCommits(f func(time.Duration)) { s.timed.Store(&f) }

func (s *Store) notify() {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	for _, f := range s.watchers {
		f()
	}
}

func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take waits for events; nil means that the store is closed and nothing is left.
func (s *Store) take() []*queued {
	for {
		s.mu.Lock()
		n := min(len(s.queue), maxBatch)
		batch := s.queue[:n:n]
		s.queue = s.queue[n:]
		closed := s.closed
		s.mu.Unlock()
		if n > 0 {
			return batch
		}
		if closed {
			return nil
		}
		<-s.wake
	}
}

// write is the one goroutine that writes.
func (s *Store) write(batch []*queued) {
	ended := false
	defer func() {
		if ended {
			close(s.done)
			return
		}
		// An event called runtime.Goexit, as a test's FailNow does: answer it, and go on with the others.
		if s.inTx() {
			s.exec("ROLLBACK")
		}
		var rest []*queued
		for _, r := range batch {
			switch {
			case r == s.now:
				r.err, r.out = ErrGoexit, true
				close(r.done)
			case !r.out:
				rest = append(rest, r)
			}
		}
		s.now = nil
		go s.write(rest)
	}()
	for {
		if batch = s.alone(batch); len(batch) > 0 {
			s.settle(batch)
		}
		if batch = s.take(); batch == nil {
			ended = true
			return
		}
	}
}

// alone runs what wants no transaction, and gives back the others.
func (s *Store) alone(batch []*queued) []*queued {
	if !slices.ContainsFunc(batch, func(r *queued) bool { return r.own != nil }) {
		return batch
	}
	var rest []*queued
	for _, r := range batch {
		if r.own == nil {
			rest = append(rest, r)
			continue
		}
		r.err, r.out = r.own(), true
		s.memo.forget()
		close(r.done)
	}
	return rest
}

// Relax runs fn while commits do not wait for the disk: what it has committed is there after a crash of the process, and after
// a power failure possibly not, until Relax has returned, and what many changes of leads do to the roll-ups is written then. It
// is for work that is safe to repeat, such as an import, in a process that does nothing else: all events of this Store are
// concerned, those of other processes are not.
func (s *Store) Relax(ctx context.Context, fn func() error) error {
	kept := newLater(s.Now())
	set := func(sync string, pages int, keep *later) error {
		return s.request(&queued{ctx: ctx, done: make(chan struct{}), own: func() error {
			for _, pragma := range []string{"synchronous = " + sync, fmt.Sprintf("wal_autocheckpoint = %d", pages)} {
				if err := s.exec("PRAGMA " + pragma); err != nil {
					return fmt.Errorf("set %s: %w", pragma, err)
				}
			}
			s.later = keep
			return nil
		}})
	}
	if err := set("NORMAL", crowdedPages, kept); err != nil {
		return err
	}
	err := fn()
	off := set("NORMAL", crowdedPages, nil)
	err = errors.Join(err, off, s.writeLater(context.WithoutCancel(ctx), kept), set("FULL", 0, nil))
	// A commit that waits for the disk waits for all that stands before it in the log.
	last := s.Update(context.WithoutCancel(ctx), func(tx *Tx) error { return tx.SetMeta("relaxed_until", tx.Now.Format(time.RFC3339)) })
	return errors.Join(err, last)
}

// settle commits a batch and lets the outcomes out, only after the commit.
func (s *Store) settle(batch []*queued) {
	outs, ok := s.together(batch)
	if !ok { // the shared transaction was lost and nobody was answered: find the guilty one by halving
		s.settle(batch[:len(batch)/2])
		s.settle(batch[len(batch)/2:])
		return
	}
	for i, r := range batch {
		s.noteDamage(outs[i])
		r.err, r.out = outs[i], true
		close(r.done)
	}
}

// together runs a batch in one transaction. ok is false when the transaction was lost with more than one event in it.
func (s *Store) together(batch []*queued) (outs []error, ok bool) {
	outs = make([]error, len(batch))
	fail := func(err error) ([]error, bool) {
		if s.inTx() {
			s.exec("ROLLBACK")
		}
		if len(batch) > 1 {
			return nil, false
		}
		outs[0] = err
		return outs, true
	}
	if err := s.begin(); err != nil {
		for i := range outs {
			outs[i] = err
		}
		return outs, true
	}
	s.memo.begin()
	shared := len(batch) > 1 // one event alone needs no savepoint
	now := s.Now()
	var kept []*Tx
	for i, r := range batch {
		if err := r.ctx.Err(); err != nil {
			outs[i] = err
			continue
		}
		if shared {
			if err := s.exec("SAVEPOINT event"); err != nil {
				return fail(err)
			}
		}
		tx, err := s.event(r, now, shared)
		switch {
		case !s.inTx():
			if err == nil {
				err = errLost
			}
			return fail(err)
		case err != nil && !shared:
			return fail(err)
		case err != nil:
			outs[i] = err
			if err := s.exec("ROLLBACK TO event"); err != nil {
				return fail(err)
			}
		default:
			kept = append(kept, tx)
		}
		if shared {
			if err := s.exec("RELEASE event"); err != nil {
				return fail(err)
			}
		}
	}
	if err := s.commit(len(batch), kept); err != nil {
		return fail(err)
	}
	return outs, true
}

// event runs one request of a transaction; now is the moment of all of them. shared: it stands behind a savepoint "event".
func (s *Store) event(r *queued, now time.Time, shared bool) (*Tx, error) {
	tx := &Tx{s: s, db: s.conn, ctx: context.Background(), Now: now, write: true, shared: shared}
	s.now = r
	err := call(func(tx *Tx) error {
		if err := r.fn(tx); err != nil {
			return err
		}
		return tx.flush()
	}, tx)
	s.now = nil
	tx.over = true
	return tx, err
}

// commit ends the transaction of so many requests, and does what those that were kept wanted done after it.
func (s *Store) commit(requests int, kept []*Tx) error {
	sends, rows := false, 0
	for _, tx := range kept {
		rows += tx.changed
	}
	if rows > 0 {
		s.turn.commits()
	}
	began := time.Now() // a stopwatch
	if err := s.exec("COMMIT"); err != nil {
		return problem("commit", err)
	}
	if f := s.timed.Load(); f != nil {
		(*f)(time.Since(began))
	}
	s.committed(requests, rows)
	for _, tx := range kept {
		for _, f := range tx.after {
			s.afterwards(f)
		}
		sends = sends || tx.sends
	}
	if sends {
		s.notify()
	}
	return nil
}

func (s *Store) afterwards(f func()) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("after commit", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// begin takes the write lock, waiting for other processes (an import) in small steps.
func (s *Store) begin() error {
	s.turn.take(busyTimeout)
	defer s.turn.give()
	return problem("begin", untilFree(context.Background(), func() error { return s.exec("BEGIN IMMEDIATE") }))
}

// untilFree runs fn again while another process holds the file, at most for busyTimeout. Most runs wait inside SQLite, but not all.
func untilFree(ctx context.Context, fn func() error) error {
	for start := time.Now(); ; time.Sleep(time.Millisecond) { // a real wait for a real lock: the injected clock has no part in it
		err := fn()
		var se sqlite3.Error
		if err == nil || !errors.As(err, &se) || se.Code != sqlite3.ErrBusy || ctx.Err() != nil || time.Since(start) > busyTimeout {
			return err
		}
	}
}

func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if p, ok := v.(*Panic); ok {
				err = p
				return
			}
			err = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn(tx)
}

func (s *Store) exec(query string) error {
	_, err := s.conn.ExecContext(context.Background(), query)
	return err
}

func (s *Store) inTx() (in bool) {
	s.conn.Raw(func(c any) error {
		in = !c.(*sqlite3.SQLiteConn).AutoCommit()
		return nil
	})
	return in
}
