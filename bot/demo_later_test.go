package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/bot/demo"
	"truce/bot/web"
	"truce/storage"
)

// cameLater is what has come since the past of a demo ended.
type cameLater struct{ leads, verdicts, deals, won, orders, objections, opened, closed, held int }

func countLater(t *testing.T, store *storage.Store, since, now time.Time) (n cameLater) {
	t.Helper()
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		err := tx.EachLeadCase(time.Unix(0, 0), now.Add(time.Millisecond), func(c *truce.LeadCase) error {
			if c.Lead.MQLAt.After(since) {
				n.leads++
			}
			for _, o := range c.Outcomes {
				switch {
				case !o.At.After(since):
				case o.Status == truce.Won:
					n.won++
				case o.Status == truce.Opportunity:
					n.deals++
				case o.Status == truce.Accepted || o.Status == truce.Rejected:
					n.verdicts++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for state, k := range states(t, tx) {
			if n.opened += k; state == string(truce.Upheld) || state == string(truce.Declined) {
				n.closed += k
			}
		}
		list, err := tx.Objections(since, now)
		if err != nil {
			return err
		}
		n.objections = len(list)
		if err := tx.EachOrder(now, func(o truce.Order) error {
			if o.At.After(since) {
				n.orders++
			}
			return nil
		}); err != nil {
			return err
		}
		m, err := tx.MeetingSeries(now)
		if err != nil || len(m) == 0 {
			return err
		}
		meetings, err := tx.Meetings(m[0].ID, now)
		for _, m := range meetings {
			if m.At.After(since) && m.Held(now) {
				n.held++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTheDemoLivesOn moves the clock of a demo on by two weeks: leads, verdicts, deals and objections go on arriving and cases go on being
// settled by the colleagues. A demo that is stopped and started again each day has lived through the same.
func TestTheDemoLivesOn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "demo.db")
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", path, "--now", now.Format(time.RFC3339), "--leads", "600")
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Fatalf("the demo ended with status %d: %s", status, p.log)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const days = 14
	live := func(restarts bool) cameLater {
		path := filepath.Join(t.TempDir(), "demo.db")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
		clock := demo.NewClock(func() time.Time { return now })
		store, err := storage.Open(t.Context(), path, clock.Now, log)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		var before cameLater
		var advance func(time.Duration)
		for day := range days {
			if day == 0 || restarts {
				if _, advance, err = liveApp(t.Context(), store, clock, web.Story{}, log); err != nil {
					t.Fatal(err)
				}
			}
			if day == 0 {
				before = countLater(t, store, now, clock.Now())
				if before.leads+before.verdicts+before.objections > 0 {
					t.Errorf("something has come before the clock went on: %+v", before)
				}
			}
			advance(24 * time.Hour)
		}
		if said.Len() > 0 {
			t.Errorf("the colleagues could not do what they do: %s", &said)
		}
		got := countLater(t, store, now, clock.Now())
		got.opened, got.closed = got.opened-before.opened, got.closed-before.closed
		return got
	}
	got := live(false)
	// 600 leads a year are eleven a week.
	if got.leads < 12 || got.verdicts < 12 || got.deals < 2 || got.objections != 10 || got.opened < 3 || got.closed < 3 || got.held != 2 {
		t.Errorf("in two weeks came %+v", got)
	}
	if again := live(true); again != got {
		t.Errorf("with a start each day %+v, in one go %+v", again, got)
	}
}
