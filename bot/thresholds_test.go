package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/bot/config"
	"truce/storage"
)

// TestThresholdsAreKept starts the bot with a configuration, then with another one: what figures rest on and changed is known with its
// date, in words.
func TestThresholdsAreKept(t *testing.T) {
	c := newCompany(t)
	c.fill(func(*storage.Tx) error { return nil })
	now := c.now
	s, err := storage.Open(t.Context(), c.db, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	cfg := config.Default()
	for _, change := range []func(){func() {}, func() { cfg.Promises.MQLScore, cfg.Log.Level = 50, "debug" }, func() {
		cfg.Promises.MQLScore, cfg.Promises.ICPShare, cfg.Promises.FirstTouchHours, cfg.Calendar.Hours, cfg.Promises.Urgent = 62.5, 0.285, 12, "10:00-18:00", nil
	}} {
		change()
		now = now.AddDate(0, 0, 1)
		if err := keepThresholds(t.Context(), s, cfg, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err = s.View(t.Context(), func(tx *storage.Tx) error {
		list, err := tx.ThresholdChanges(c.now, now.Add(time.Hour))
		for _, ch := range list {
			got = append(got, ch.At.Format("2 Jan")+": "+ch.String())
		}
		return err
	})
	want := []string{"4 Mar: score threshold none to 50", "5 Mar: business hours 09:00-17:00 to 10:00-18:00", "5 Mar: time to the first touch 24 h to 12 h",
		"5 Mar: share inside the ICP promised none to 28.5 %", "5 Mar: score threshold 50 to 62.5", "5 Mar: words of urgent leads demo, quote, kit to none"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, changed:\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
