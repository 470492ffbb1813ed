package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"truce"
)

// open opens a database of its own for a test, at a clock that stands still.
func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "a b?#%.db"), func() time.Time { return testNow },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var testNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func has(t *testing.T, s *Store, key string) bool {
	t.Helper()
	var v string
	if err := s.View(t.Context(), func(tx *Tx) (err error) { v, err = tx.Meta(key); return err }); err != nil {
		t.Fatal(err)
	}
	return v != ""
}

// TestAcknowledgedMeansStored sends many events of every temper at once: those that were told they are stored are, the
// others are not.
func TestAcknowledgedMeansStored(t *testing.T) {
	s := open(t)
	const callers, each = 16, 30
	errNo := errors.New("no")
	type outcome struct {
		key    string
		stored bool
	}
	results := make(chan outcome, callers*each)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 7))
			for i := range each {
				key := fmt.Sprintf("k%d-%d", c, i)
				temper := r.IntN(8)
				err := calm(func() error {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					if temper == 5 {
						cancel()
					}
					return s.Update(ctx, func(tx *Tx) error {
						if err := tx.SetMeta(key, "x"); err != nil {
							return err
						}
						switch temper {
						case 1:
							return errNo
						case 2:
							panic("temper")
						case 3: // takes the whole shared transaction down and swallows it
							tx.exec(`INSERT OR ROLLBACK INTO meta (key, value) VALUES (?, 'x')`, key)
						case 4:
							return tx.Try(func() error { return tx.SetMeta(key, "y") })
						case 6:
							if r := tx.Try(func() error { tx.SetMeta(key+"-tried", "x"); return errNo }); !errors.Is(r, errNo) {
								return r
							}
						}
						return nil
					})
				})
				results <- outcome{key, err == nil}
			}
		})
	}
	wg.Add(1)
	go func() { // an event that ends its own goroutine harms nobody else
		defer wg.Done()
		if err := s.Update(context.Background(), func(tx *Tx) error { runtime.Goexit(); return nil }); !errors.Is(err, ErrGoexit) {
			t.Errorf("Goexit: %v", err)
		}
	}()
	wg.Wait()
	close(results)
	stored := 0
	for r := range results {
		if got := has(t, s, r.key); got != r.stored {
			t.Errorf("%s: acknowledged %v, stored %v", r.key, r.stored, got)
		}
		if r.stored {
			stored++
		}
		if has(t, s, r.key+"-tried") {
			t.Errorf("%s: what a failed Try did is stored", r.key)
		}
	}
	if stored == 0 || stored == callers*each {
		t.Errorf("%d of %d stored: the tempers do not mix", stored, callers*each)
	}
}

// calm turns a panic into an error.
func calm(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	return fn()
}

func TestAClosedStoreFinishesWhatWaits(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Update(context.Background(), func(tx *Tx) error { return tx.SetMeta(fmt.Sprint("k", i), "x") })
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	again, err := Open(t.Context(), s.Path(), s.clock, s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for i, err := range errs {
		if err != nil && !errors.Is(err, ErrClosed) {
			t.Errorf("event %d: %v", i, err)
		}
		if got := has(t, again, fmt.Sprint("k", i)); got != (err == nil) {
			t.Errorf("event %d: error %v, stored %v", i, err, got)
		}
	}
}

func TestADatabaseOfANewerTruceIsRefused(t *testing.T) {
	s := open(t)
	if err := s.Update(t.Context(), func(tx *Tx) error {
		return tx.exec(`INSERT INTO migrations (name, at) VALUES ('9999_later.sql', 0)`)
	}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(t.Context(), s.Path(), s.clock, s.log); err == nil {
		t.Error("opened a database of a newer version")
	}
}

func TestAViewSeesOneStateAndCannotWrite(t *testing.T) {
	s := open(t)
	err := s.View(t.Context(), func(tx *Tx) error {
		if _, err := tx.Meta("k"); err != nil { // the reading transaction begins
			return err
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("k", "x") }); err != nil {
			return err
		}
		if v, err := tx.Meta("k"); v != "" || err != nil {
			t.Errorf("a view saw what was written beside it: %q, %v", v, err)
		}
		if err := tx.SetMeta("j", "x"); err == nil {
			t.Error("a view wrote")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoProcessesShareTheFile(t *testing.T) {
	s := open(t)
	other, err := Open(t.Context(), s.Path(), s.clock, s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var wg sync.WaitGroup
	for i, st := range []*Store{s, other} {
		for j := range 50 {
			wg.Go(func() {
				if err := st.Update(context.Background(), func(tx *Tx) error { _, err := tx.next("shared"); return err }); err != nil {
					t.Errorf("process %d, event %d: %v", i, j, err)
				}
			})
		}
	}
	wg.Wait()
	var n int64
	if err := s.Update(t.Context(), func(tx *Tx) (err error) { n, err = tx.next("shared"); return err }); err != nil || n != 101 {
		t.Errorf("counted %d, want 101 (%v)", n, err)
	}
}

// TestOpeningWaitsForWhoeverHoldsTheFile: beside a bot that was killed, another process may be mending its log.
func TestOpeningWaitsForWhoeverHoldsTheFile(t *testing.T) {
	s := open(t)
	path := s.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	holder, err := sql.Open("sqlite3", dsn(path, "_locking_mode=EXCLUSIVE"))
	if err != nil {
		t.Fatal(err)
	}
	holder.SetMaxOpenConns(1)
	if _, err := holder.ExecContext(t.Context(), `INSERT INTO meta (key, value) VALUES ('held', 'x')`); err != nil {
		t.Fatal(err)
	}
	free := time.AfterFunc(5*busyWait, func() { holder.Close() })
	defer free.Stop()
	again, err := Open(t.Context(), path, s.clock, s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if !has(t, again, "held") {
		t.Error("what was written before is not there")
	}
}

func TestAMessageIsWrittenOnceAndCoalesces(t *testing.T) {
	s := open(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		for range 3 {
			if err := tx.Send(Message{Key: "digest:7", To: ToPerson("P-1"), Body: []byte(`{}`), Kind: DigestSent}); err != nil {
				return err
			}
			if err := tx.Send(Message{To: ToChannel("disputes"), Subject: "dispute:D-1", Kind: CaseMessage}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), func(tx *Tx) error {
		lanes, err := tx.Lanes(tx.Now, 10)
		if err != nil || len(lanes) != 2 {
			t.Errorf("messages wait in %v, want two lanes (%v)", lanes, err)
		}
		for _, l := range lanes {
			list, err := tx.WaitingIn(l, tx.Now, 10)
			if err != nil || len(list) != 1 {
				t.Errorf("%d messages wait in %s, want 1: %+v (%v)", len(list), l, list, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestNotFoundAndConflictAreKinds(t *testing.T) {
	s := open(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		if _, err := tx.Person("P-9"); truce.KindOf(err) != truce.NotFound {
			t.Errorf("unknown person: %v", err)
		}
		if err := tx.Done("e", nil); err != nil {
			return err
		}
		return tx.Done("e", nil)
	})
	if truce.KindOf(err) != truce.Conflict {
		t.Errorf("second Done: %v", err)
	}
}

// BenchmarkUpdate holds shared commits against a single caller's: compare the lines of one run.
func BenchmarkUpdate(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := open(b)
			b.SetParallelism(callers)
			var n int64
			var mu sync.Mutex
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					n++
					key := fmt.Sprint("event-", n)
					mu.Unlock()
					err := s.Update(context.Background(), func(tx *Tx) error {
						if _, _, err := tx.Seen(key); err != nil {
							return err
						}
						if err := tx.Audit("P-1", "test", "bench", key, nil); err != nil {
							return err
						}
						return tx.Done(key, nil)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func TestOnlyTheOwnerReadsTheFile(t *testing.T) {
	s := open(t)
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("k", "x") }); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the rights %v", suffix, info.Mode())
		}
	}
}
