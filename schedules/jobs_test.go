package schedules_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/schedules"
	"truce/storage"
)

// openAt opens a database whose clock is moved by hand.
func openAt(t *testing.T, now *time.Time) *storage.Store {
	t.Helper()
	s, err := storage.Open(context.Background(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return *now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func spec(t testing.TB, line string, loc *time.Location) schedules.Spec {
	t.Helper()
	s, err := schedules.Parse(line, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// claiming is a job that claims its run and remembers the moments it ran for.
func claiming(store *storage.Store, name string, s schedules.Spec, ran *[]time.Time) schedules.Job {
	return schedules.Job{Name: name, Spec: s, Run: func(ctx context.Context, due time.Time) error {
		ok := false
		err := store.Update(ctx, func(tx *storage.Tx) (err error) {
			ok, err = tx.Claim(name, due)
			return err
		})
		if err == nil && ok {
			*ran = append(*ran, due)
		}
		return err
	}}
}

func once(t *testing.T, l *schedules.Loop) time.Time {
	t.Helper()
	next, err := l.Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestJobsRunOnceAndOnlyTheNewest(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC) // a Monday
	store := openAt(t, &now)
	var ran []time.Time
	newLoop := func() *schedules.Loop {
		return &schedules.Loop{Jobs: []schedules.Job{claiming(store, "weekly", spec(t, "0 9 * * 1", time.UTC), &ran)}, Store: store,
			Log: slog.New(slog.DiscardHandler)}
	}
	l := newLoop()
	if next := once(t, l); len(ran) != 0 || !next.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
		t.Fatalf("a new job is not behind: ran %v, next %v", ran, next)
	}
	now = now.Add(30 * time.Minute)
	once(t, l)
	once(t, l)
	once(t, newLoop()) // another process, or the same one started anew
	if len(ran) != 1 || !ran[0].Equal(now) {
		t.Fatalf("at nine it runs once: %v", ran)
	}
	now = now.AddDate(0, 0, 23) // stopped for three weeks
	l = newLoop()
	once(t, l)
	once(t, l)
	if len(ran) != 2 || !ran[1].Equal(time.Date(2026, 3, 23, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("of what was missed only the newest is made up for: %v", ran)
	}
}

func TestJobsDoNotDisturbEachOther(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	store := openAt(t, &now)
	var ran []time.Time
	fails := 0
	l := &schedules.Loop{Store: store, Log: slog.New(slog.DiscardHandler), Jobs: []schedules.Job{
		{Name: "fails", Spec: spec(t, "* * * * *", time.UTC), Run: func(context.Context,
			time.Time) error {
			fails++
			return errors.New("no paper")
		}},
		{Name: "panics", Spec: spec(t, "* * * * *", time.UTC), Run: func(context.Context, time.Time) error { panic("no ink") }},
		claiming(store, "works", spec(t, "* * * * *", time.UTC), &ran),
	}}
	l.Once(t.Context())
	now = now.Add(time.Minute)
	for range 2 { // what failed is tried again
		_, err := l.Once(t.Context())
		if err == nil || !strings.Contains(err.Error(), "job fails: no paper") || !strings.Contains(err.Error(), "job panics: panic: no ink") {
			t.Errorf("the failures are told: %v", err)
		}
	}
	if fails != 2 || len(ran) != 1 {
		t.Errorf("failed %d times, the other ran %d times", fails, len(ran))
	}
}

func TestAJobThatClaimsNothingRunsOncePerTurn(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	store := openAt(t, &now)
	n := 0
	l := &schedules.Loop{Store: store, Log: slog.New(slog.DiscardHandler),
		Jobs: []schedules.Job{{Name: "looks", Spec: spec(t, "* * * * *", time.UTC),
			Run: func(context.Context, time.Time) error { n++; return nil }}}}
	once(t, l)
	for range 3 {
		now = now.Add(time.Minute)
		once(t, l)
		once(t, l)
	}
	if n != 3 {
		t.Errorf("ran %d times in three turns", n)
	}
}

func TestLoopEndsWithItsContext(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	store := openAt(t, &now)
	ctx, cancel := context.WithCancel(t.Context())
	l := &schedules.Loop{Store: store, Log: slog.New(slog.DiscardHandler),
		Jobs: []schedules.Job{{Name: "looks", Spec: spec(t, "* * * * *", time.UTC), Run: func(context.Context, time.Time) error {
			t.Error("it ran before it was due")
			return nil
		}}}}
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the end of its context is no error: %v", err)
	}
}

func TestOurOwnJobsAreDueInEveryZone(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	store := openAt(t, &now)
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range schedules.Jobs(store, truce.NewTerms(truce.NewCalendar(loc)), slog.New(slog.DiscardHandler)) {
			if next := j.Spec.Next(now); next.IsZero() || next.Sub(now) > 24*time.Hour {
				t.Errorf("%s in %s: next %v", j.Name, zone, next)
			}
		}
	}
}

// TestWhatCannotBeDueAsksNoStore: between two of its moments a job costs nothing.
func TestWhatCannotBeDueAsksNoStore(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC) // a Monday
	store := openAt(t, &now)
	var ran []time.Time
	l := &schedules.Loop{Jobs: []schedules.Job{claiming(store, "weekly", spec(t, "0 9 * * 1", time.UTC), &ran)}, Store: store,
		Log: slog.New(slog.DiscardHandler)}
	once(t, l)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(29 * time.Minute)
	if next := once(t, l); !next.Equal(now.Add(time.Minute)) {
		t.Errorf("due next at %s", next)
	}
	now = now.Add(time.Minute)
	if _, err := l.Once(t.Context()); err == nil {
		t.Error("a job that is due did not ask the store")
	}
}
