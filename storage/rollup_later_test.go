package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"truce"
)

// TestRollUpsAfterALargeImport imports more leads than have their sums written one by one: while it runs the roll-ups say that
// they are not whole, and afterwards they are right, whatever others did meanwhile.
func TestRollUpsAfterALargeImport(t *testing.T) {
	const leads, batch = laterFrom + 3000, 1000
	rows := func(from, to int) (list []*LeadRow) {
		for i := from; i < to; i++ {
			list = append(list, &LeadRow{Lead: truce.Lead{ID: fmt.Sprint(i), MQLAt: day(-i % 300), Source: fmt.Sprint("s", i%3),
				Campaign: fmt.Sprint("c", i%7), Segment: fmt.Sprint(i % 2)}})
		}
		return list
	}
	for _, tt := range []struct {
		name  string
		leads int
		while func(t *testing.T, other *Store) // when most is in
		whole bool                             // at that moment
	}{
		{"alone", leads, func(*testing.T, *Store) {}, false},
		{"few leads", laterFrom / 2, func(*testing.T, *Store) {}, true},
		{"a lead of before and one of the import change", leads, func(t *testing.T, other *Store) {
			for _, id := range []string{"before", fmt.Sprint(laterFrom - 1)} {
				update(t, other, func(tx *Tx) error {
					_, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Rejected, At: day(1), Origin: truce.FromPerson})
					return err
				})
			}
		}, false},
		{"somebody counts anew", leads, func(t *testing.T, other *Store) {
			if err := other.RebuildRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"an import was killed before", laterFrom / 2, func(t *testing.T, other *Store) {
			update(t, other, func(tx *Tx) error {
				return errors.Join(tx.exec(`INSERT INTO rollup_days (what, day, keeper)
					VALUES ('leads', 20000, 'dead'), ('open', 20000, 'dead')`), tx.exec(`DELETE FROM rollups WHERE day = 20000`))
			})
		}, true},
		{"more leads than are added up", leads, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			if tt.while == nil {
				tt.while = func(*testing.T, *Store) {
					if err := s.request(&queued{ctx: t.Context(), done: make(chan struct{}), own: func() error {
						for i := range uint32(laterMost + 1) { // as if so many cells were kept of other days
							s.later.plain.cells[plainKeyOf(-1, plainTotal, i, 0)] = plainSums{}
						}
						return nil
					}}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) error {
				_, err := tx.UpsertLead(truce.Lead{ID: "before", MQLAt: day(-3), Source: "s1"})
				return err
			})
			other, err := Open(t.Context(), s.Path(), func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			put := func(from, to int) error {
				for at := from; at < to; at += batch {
					list := rows(at, min(at+batch, to))
					if err := s.Update(t.Context(), func(tx *Tx) error { return tx.UpsertLeads(list, true) }); err != nil {
						return err
					}
				}
				return nil
			}
			err = s.Relax(t.Context(), func() error {
				if err := put(0, tt.leads-batch); err != nil {
					return err
				}
				if whole := rolledUp(t, other); whole != tt.whole {
					t.Errorf("during the import the roll-ups are whole: %v", whole)
				}
				tt.while(t, other)
				return put(tt.leads-batch, tt.leads)
			})
			if err != nil {
				t.Fatal(err)
			}
			if wrong, err := other.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 || !rolledUp(t, other) {
				t.Errorf("afterwards: %v %q", err, wrong)
			}
		})
	}
}

func rolledUp(t *testing.T, s *Store) bool { t.Helper(); return rolledUpIn(t, s, time.UTC) }

func rolledUpIn(t *testing.T, s *Store, loc *time.Location) (whole bool) {
	t.Helper()
	if err := s.View(t.Context(), func(tx *Tx) (err error) { whole, err = tx.RolledUp(day(1000), loc); return err }); err != nil {
		t.Fatal(err)
	}
	return whole
}

// TestRollUpsAfterALongTransactionThatFailed: what an event wrote down on its way, and never committed, is in no sum.
func TestRollUpsAfterALongTransactionThatFailed(t *testing.T) {
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprint("fails ", fails), func(t *testing.T) {
			s := open(t)
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			stop := errors.New("the disk is full")
			put := func(from int, err error) error {
				return s.Update(t.Context(), func(tx *Tx) error {
					if !tx.Alone() {
						return errors.New("it has the database to itself, and does not know")
					}
					for n := range 4 {
						var rows []*LeadRow
						for i := range laterFrom {
							id := from + n*laterFrom + i
							rows = append(rows, &LeadRow{Lead: truce.Lead{ID: fmt.Sprint(id), MQLAt: day(-id % 300), Source: "s"}})
						}
						if err := errors.Join(tx.UpsertLeads(rows, true), tx.WriteDown()); err != nil {
							return err
						}
						if len(tx.rolls) > 0 {
							return errors.New("leads are held")
						}
					}
					return err
				})
			}
			err := s.Relax(t.Context(), func() error {
				if err := put(0, nil); err != nil || !fails {
					return err
				}
				return put(10*laterFrom, stop)
			})
			if fails != errors.Is(err, stop) {
				t.Fatal(err)
			}
			if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 || !rolledUp(t, s) {
				t.Errorf("afterwards: %v %q", err, wrong)
			}
		})
	}
}

// TestRollUpsAreCountedBesideWriters rebuilds the roll-ups, and imports into them, while another process makes random changes:
// in the end they are what counting all leads gives.
func TestRollUpsAreCountedBesideWriters(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 60))
			s := open(t)
			other, err := Open(t.Context(), s.Path(), func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			some := func(store *Store, r *rand.Rand, n int) error {
				return store.Update(t.Context(), func(tx *Tx) error {
					for range n {
						if err := change(tx, r); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := some(s, r, 200); err != nil {
				t.Fatal(err)
			}
			stop, stopped := make(chan struct{}), make(chan error, 1)
			go func() {
				r := rand.New(rand.NewPCG(seed, 61))
				for {
					select {
					case <-stop:
						stopped <- nil
						return
					default:
					}
					if err := some(other, r, 1+r.IntN(3)); err != nil {
						stopped <- err
						return
					}
				}
			}()
			err = s.RebuildRollUps(t.Context(), time.UTC)
			if err == nil {
				err = s.Relax(t.Context(), func() error {
					if err := s.request(&queued{ctx: t.Context(), done: make(chan struct{}),
						own: func() error { s.later.seen = laterFrom; return nil }}); err != nil {
						return err
					}
					for i := range 20 {
						var rows []*LeadRow
						for j := range 20 {
							rows = append(rows, &LeadRow{Lead: truce.Lead{ID: fmt.Sprint("n", i, "-", j), MQLAt: day(r.IntN(60) - 30), Source: fmt.Sprint(j % 3),
								Segment: fmt.Sprint(j % 2)}})
						}
						if err := s.Update(t.Context(), func(tx *Tx) error { return tx.UpsertLeads(rows, true) }); err != nil {
							return err
						}
						if r.IntN(5) == 0 {
							if err := some(s, r, 3); err != nil {
								return err
							}
						}
					}
					return nil
				})
			}
			close(stop)
			if err := errors.Join(err, <-stopped); err != nil {
				t.Fatal(err)
			}
			if err := s.CountRollUps(t.Context()); err != nil { // what the other one marked last
				t.Fatal(err)
			}
			if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Errorf("%v\n%s", err, strings.Join(wrong, "\n"))
			}
		})
	}
}

// TestARebuildThatWasStoppedGoesOn stops a rebuild in the middle: reports go to the leads meanwhile, changes go on, and the
// next start counts what is left.
func TestARebuildThatWasStoppedGoesOn(t *testing.T) {
	s := open(t)
	r := rand.New(rand.NewPCG(6, 6))
	changes := func(n int) {
		update(t, s, func(tx *Tx) error {
			for range n {
				if err := change(tx, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	changes(300)
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	s.clock = func() time.Time { // it is asked in each transaction
		if asked++; asked == 3 { // the marks are there, and the days are being counted
			cancel()
		}
		return testNow
	}
	if err := s.RebuildRollUps(ctx, time.UTC); !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not stopped: %v", err)
	}
	changes(50)
	if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) != 1 || rolledUp(t, s) {
		t.Errorf("stopped half way: %v %q", err, wrong)
	}
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 || !rolledUp(t, s) {
		t.Errorf("after the next start: %v\n%s", err, strings.Join(wrong, "\n"))
	}
}

// A start does not wait for the sums: the days are marked, and counted beside what goes on.
func TestAStartDoesNotWaitForTheSums(t *testing.T) {
	s := open(t)
	r := rand.New(rand.NewPCG(7, 7))
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *Tx) error {
		for range 100 {
			if err := change(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	whole := func() bool { return rolledUpIn(t, s, tokyo) }
	if err := s.PrepareRollUps(t.Context(), tokyo); err != nil || whole() {
		t.Errorf("another zone: %v, and the sums are used before they are counted: %v", err, whole())
	}
	if err := s.CountRollUps(t.Context()); err != nil || !whole() {
		t.Errorf("counted: %v, used: %v", err, whole())
	}
	if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
		t.Errorf("%v\n%s", err, strings.Join(wrong, "\n"))
	}
}
