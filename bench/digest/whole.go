package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"truce/bot/chat"
	"truce/bot/demo"
	"truce/schedules/digests"
	"truce/storage"
)

// whole measures the digests with all figures, as "truce digest" writes them, over a demo's database, known as of a moment. profile is
// where their processor profile goes; "" is nowhere.
func whole(ctx context.Context, out io.Writer, path string, asOf time.Time, profile string) error {
	store, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer store.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	maker := demo.Config().Digests()
	for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest} {
		r := digests.Query{Kind: kind, AsOf: asOf}
		year := r
		year.From, year.To = asOf.Truncate(24*time.Hour).AddDate(-1, 0, 0), asOf.Truncate(24*time.Hour)
		for _, m := range []struct {
			what string
			do   func(*storage.Tx) error
		}{
			{"first screen", func(tx *storage.Tx) error { _, err := maker.Card(tx, r, false); return err }},
			{"all figures, JSON", func(tx *storage.Tx) error { return written(maker.Report(tx, r)) }},
			{"all figures, text", func(tx *storage.Tx) error {
				card, err := maker.Card(tx, r, true)
				_ = chat.PlainText(card, 112)
				return err
			}},
			{"all figures of a year, JSON", func(tx *storage.Tx) error { return written(maker.Report(tx, year)) }},
		} {
			start := cpu()
			if err := store.View(ctx, m.do); err != nil {
				return err
			}
			took := (cpu() - start).Round(10 * time.Millisecond)
			if _, err := fmt.Fprintf(out, "%s digest, %s: %s\n", kind, m.what, took); err != nil {
				return err
			}
		}
	}
	return nil
}

func written(report digests.Report, err error) error {
	if err != nil {
		return err
	}
	_, err = json.Marshal(report)
	return err
}
