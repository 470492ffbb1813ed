package schedules

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"truce/storage"
)

func TestAJobThatFailsIsLate(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 30, 0, time.UTC)
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	every, err := Parse("*/10 * * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	broken := true
	l := &Loop{Store: store, Log: slog.New(slog.DiscardHandler), Jobs: []Job{
		{Name: "good", Spec: every, Run: func(context.Context, time.Time) error { return nil }},
		{Name: "bad", Spec: every, Run: func(context.Context, time.Time) error {
			if broken {
				return errors.New("no")
			}
			return nil
		}},
	}}
	look := func() map[string]time.Duration {
		_, _ = l.Once(t.Context()) // that a job failed is what is looked for
		return l.Late()
	}
	if late := l.Late(); late["good"] != 0 || late["bad"] != 0 {
		t.Errorf("before the first look: %v", late)
	}
	look()
	now = now.Add(25 * time.Minute) // 9:25:30, due at 9:10 and 9:20
	if late := l.Late(); late["good"] != 15*time.Minute+30*time.Second {
		t.Errorf("a loop that does not come to it: %v", late)
	}
	if late := look(); late["good"] != 0 || late["bad"] != 15*time.Minute+30*time.Second {
		t.Errorf("one failed: %v", late)
	}
	broken = false
	if late := look(); late["bad"] != 0 {
		t.Errorf("well again: %v", late)
	}
}
