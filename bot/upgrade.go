package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"truce/bot/config"
	"truce/storage"
)

// sayUpgrade says what the next start would do to a database of an older Truce. With rehearse it does so to a copy beside it, and says
// how long that took.
func (p *program) sayUpgrade(cfg config.Config, rehearse bool, log *slog.Logger) error {
	path := cfg.Storage.Path
	steps, err := storage.Pending(p.ctx, path)
	if err != nil {
		return refused(err)
	}
	in, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	size := (in.Size() + 1<<20 - 1) >> 20
	inSteps := "1 step"
	if len(steps) > 1 {
		inSteps = fmt.Sprintf("%d steps", len(steps))
	}
	fmt.Fprintf(p.stdout, "The database (%d MB) was written by an older Truce: the next start brings it up to date in %s (%s), each whole "+
		"or not at all. Back it up before: an older Truce does not read it afterwards.\n",
		size, inSteps, strings.Join(steps, ", "))
	if !rehearse {
		fmt.Fprintln(p.stdout, "How long that takes: truce check --deep does it to a copy beside the database, which needs as much room again, "+
			"and goes afterwards.")
		return nil
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".truce-upgrade-*")
	if err != nil {
		return fmt.Errorf("make room for a copy of the database: %w", err)
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "copy.db")
	if err := storage.Backup(p.ctx, path, copied); err != nil {
		return refused(fmt.Errorf("copy the database: %w", err))
	}
	began := time.Now() // a stopwatch
	store, err := storage.Open(p.ctx, copied, p.now, log)
	if err == nil {
		err = store.PrepareRollUps(p.ctx, cfg.Location())
	}
	took := time.Since(began)
	if store != nil {
		defer closeStore(store, log)
	}
	if err != nil {
		return fmt.Errorf("a copy of the database could not be brought up to date, the start would fail the same way, and nothing is changed: %w",
			err)
	}
	fmt.Fprintf(p.stdout, "A copy was brought up to date in %.1f s.\n", took.Seconds())
	if err := p.checkDeep(store); err != nil {
		return fmt.Errorf("of the copy: %w", err)
	}
	return nil
}
