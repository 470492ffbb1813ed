package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
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
		cfg.Promises.MQLScore, cfg.Promises.ICPShare, cfg.Promises.FirstTouchHours, cfg.Calendar.Hours, cfg.Promises.Urgent = 62.5, 0.285, 12,
			"10:00-18:00", nil
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
	want := []string{"4 Mar: score threshold none to 50", "5 Mar: business hours 09:00-17:00 to 10:00-18:00",
		"5 Mar: time to the first touch 24 h to 12 h", "5 Mar: share inside the ICP promised none to 28.5 %", "5 Mar: score threshold 50 to 62.5",
		"5 Mar: words of urgent leads demo, quote, kit to none"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, changed:\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestChatWinsOverTheFile agrees on a level in chat, then starts again with the file as it was and with another one: what was agreed holds,
// and the log and truce check say how both come to say the same.
func TestChatWinsOverTheFile(t *testing.T) {
	s := newShell(t)
	cfg, now := config.Default(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	store, err := storage.Open(t.Context(), s.path("truce.db"), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	touch, _ := truce.SettingOf("first_touch_hours")
	agreed := cfg.Terms()
	agreed.Touch = 16 * time.Hour
	payload := func(v truce.Value) json.RawMessage { b, _ := json.Marshal(v); return b }
	keep := func() string {
		var log strings.Builder
		if err := keepThresholds(t.Context(), store, cfg, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	if said := keep(); said != "" {
		t.Errorf("at first: %s", said)
	}
	if err := store.Update(t.Context(), func(tx *storage.Tx) error {
		p := truce.Proposal{Kind: touch.Kind, Thing: touch.Key, Title: "shorter", Was: payload(touch.Of(cfg.Terms())),
			Payload: payload(touch.Of(agreed)), Base: 1, Needs: nil}
		_, err := tx.Propose(p, "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, hours := range []float64{24, 12} {
		cfg.Promises.FirstTouchHours = hours
		if said := keep(); !strings.Contains(said, "first_touch_hours: 16") ||
			!strings.Contains(said, fmt.Sprintf("/truce propose first_touch_hours %g", hours)) {
			t.Errorf("the log at the start with %g h: %s", hours, said)
		}
	}
	if err := store.View(t.Context(), func(tx *storage.Tx) error {
		now, err := tx.Terms(cfg.Terms())
		if now.Touch != 16*time.Hour {
			t.Errorf("the first touch has %v, want what was agreed", now.Touch)
		}
		list, err2 := tx.ThresholdChanges(tx.Now.AddDate(0, -1, 0), tx.Now.Add(time.Hour))
		if len(list) != 1 || list[0].String() != "time to the first touch 24 h to 16 h" {
			t.Errorf("changes that figures rest on: %v", list)
		}
		return errors.Join(err, err2)
	}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	status, out, errs := s.run("check")
	if status != exitOK || !strings.Contains(out, "the configuration says 24 h, both sides agreed on 16 h (T-1") ||
		!strings.Contains(out, "first_touch_hours: 16") {
		t.Errorf("truce check: status %d\n%s%s", status, out, errs)
	}
}

// TestCheckNamesAProfileThatDiffers agrees on a profile in chat: truce check says in what the configured file differs, until both
// are the same.
func TestCheckNamesAProfileThatDiffers(t *testing.T) {
	s := newShell(t)
	store, err := storage.Open(t.Context(), s.path("truce.db"), func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx *storage.Tx) error {
		mia, err := tx.AddPerson(truce.Person{Name: "Mia", Email: "mia@quill.example"})
		if err != nil {
			return err
		}
		payload, err := truce.Profile{Threshold: 60, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals,
			Texts: []string{"pharma"}, Points: 40}}}.MarshalJSON()
		if err == nil {
			_, err = tx.Propose(truce.Proposal{Kind: truce.ICPGround, Title: "pharma", Payload: payload, By: mia.ID}, "")
		}
		return err
	})
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "TRUCE_ICP_PROFILE="+s.path("profile.yaml"))
	for _, tt := range []struct{ file, says string }{
		{"threshold: 60\ncriteria:\n  - {attribute: segment, equals: biotech, points: 40}\n",
			"profile.yaml differs from the ideal customer profile in force (version 1, T-1, since 2026-03-02): "},
		{"threshold: 60\ncriteria:\n  - {attribute: segment, equals: pharma, points: 40}\n", ""},
	} {
		s.write("profile.yaml", tt.file)
		status, out, errs := s.run("check")
		if status != exitOK || strings.Contains(out, "icp.profile:") != (tt.says != "") || !strings.Contains(out, tt.says) ||
			(tt.says != "") != strings.Contains(out, "truce icp show --format yaml > profile.yaml") {
			t.Errorf("status %d\n%s%s", status, out, errs)
		}
	}
}

// TestCheckSaysWhereTheRampStands holds that a new installation says what is not open yet and what it takes, and one that has no
// ramp nothing.
func TestCheckSaysWhereTheRampStands(t *testing.T) {
	s := newShell(t)
	if status, _, errs := s.run("import", "leads", s.write("leads.csv", "id,mql_at,source\n1,2026-03-02,Webinar\n")); status != exitOK {
		t.Fatal(errs)
	}
	if status, out, errs := s.run("check"); status != exitOK || strings.Contains(out, "ramp") {
		t.Errorf("without a ramp: status %d\n%s%s", status, out, errs)
	}
	s.env = append(s.env, "TRUCE_RAMP_DISPUTES_FROM_WEEK=3", "TRUCE_RAMP_COMPARISONS_FROM_WEEK=5")
	status, out, errs := s.run("check")
	for _, says := range []string{"The ramp: week 1, answers. An admin opens disputes earlier", "not yet: Week 3 has begun",
		"not yet: A manager of each side has signed the charter", "not yet: The lead definition"} {
		if status != exitOK || !strings.Contains(out, says) {
			t.Errorf("status %d, without %q:\n%s%s", status, says, out, errs)
		}
	}
}
