package main

import (
	"context"
	"fmt"
	"time"

	"truce/bot/config"
	"truce/schedules"
	"truce/storage"
)

type retentionCommand struct {
	DryRun bool `help:"Only say what would go."`
}

// Help is shown by "truce retention --help".
func (retentionCommand) Help() string {
	return `What is older than the configuration keeps it (retention.drafts, authors, touches, audit, digests, leads; days) goes: names and words,
not counts. A running bot does it each night; backups hold it until they go themselves.

Examples:
  truce retention --dry-run   what would go
  truce retention             let it go now`
}

// Run lets go of what is past its time, or says what that is.
func (c retentionCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if cfg.Retention == (config.Retention{}) {
		_, err := fmt.Fprintln(p.stdout, "Everything is kept: no retention is configured (see retention in config.example.yaml).")
		return err
	}
	log := p.logger(cfg.Log)
	keep, loc := storage.Retention(cfg.Retention), cfg.Location()
	if c.DryRun {
		store, err := p.lookInto(cfg, log)
		if err != nil {
			return err
		}
		defer closeStore(store, log)
		return store.View(p.ctx, func(tx *storage.Tx) error {
			list, err := tx.Expired(keep, loc)
			for _, e := range list {
				fmt.Fprintf(p.stdout, "%s: %d of before %s would go: %s\n", e.Kind, e.Rows, e.Before.In(loc).Format(time.DateOnly), e.What)
			}
			return err
		})
	}
	if err := mustBeThere(cfg, "let anything go from"); err != nil {
		return err
	}
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	total := map[string]int{}
	for {
		gone, err := expire(p.ctx, store, keep, loc)
		if err != nil {
			return err
		}
		for _, e := range gone {
			total[e.Kind] += e.Rows
		}
		if len(gone) == 0 {
			break
		}
	}
	for _, kind := range sortedKeys(total) {
		fmt.Fprintf(p.stdout, "%s: %d went\n", kind, total[kind])
	}
	if len(total) == 0 {
		fmt.Fprintln(p.stdout, "Nothing is past its time.")
	}
	return nil
}

func expire(ctx context.Context, store *storage.Store, keep storage.Retention, loc *time.Location) (gone []storage.Expired, err error) {
	err = store.Update(ctx, func(tx *storage.Tx) error {
		gone, err = tx.Expire(keep, loc)
		return err
	})
	return gone, err
}

// letGo lets go each night of what is past its time.
func (a *app) letGo(cfg config.Config) error {
	if cfg.Retention == (config.Retention{}) {
		return nil
	}
	nightly, err := schedules.Parse("43 3 * * *", cfg.Location())
	if err != nil {
		return err
	}
	a.loop.Jobs = append(a.loop.Jobs, schedules.Job{Name: "retention", Spec: nightly, Run: func(ctx context.Context, _ time.Time) error {
		gone, err := expire(ctx, a.store, storage.Retention(cfg.Retention), cfg.Location())
		for _, e := range gone {
			a.log.Info("retention", "kind", e.Kind, "rows", e.Rows, "before", e.Before)
		}
		return err
	}})
	return nil
}
