package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"truce"
	"truce/bot/config"
	"truce/handlers/intake"
	"truce/handlers/intake/pull"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/sheet"
	"truce/schedules"
	"truce/storage"
)

// This file asks the sources of the configuration inside truce run.

// syncSources lets the app ask the sources when sync.every says so. It has a loop of its own: a source may take its time, and no
// promise waits for it.
func (a *app) syncSources(cfg config.Config, crms []crm.System, list []pull.Source) {
	spec := cfg.SyncSchedule()
	if spec.IsZero() || len(list)+len(crms) == 0 {
		return
	}
	log := a.log.With("part", "sync")
	a.syncs = &schedules.Loop{Store: a.store, Log: log, Jobs: []schedules.Job{{Name: "sync", Spec: spec,
		Run: func(ctx context.Context, due time.Time) error {
			give, err := a.store.SyncTurn()
			if truce.KindOf(err) == truce.Conflict {
				log.Info("not asked: another sync is under way")
				return nil
			}
			if err != nil {
				return err
			}
			defer give()
			ours := false
			if err := a.store.Update(ctx, func(tx *storage.Tx) (err error) { ours, err = tx.Claim("sync", due); return err }); err != nil || !ours {
				return err
			}
			for _, s := range crms {
				if err := ctx.Err(); err != nil {
					return err
				}
				syncCRM(ctx, a.store, cfg, s, log.With("source", s.Name()))
			}
			for _, s := range list {
				if err := ctx.Err(); err != nil {
					return err
				}
				syncOne(ctx, a.store, s, log.With("source", s.Name))
			}
			return nil
		}}}}
}

// syncOne asks one source. That it fails is logged and kept with the run; it keeps no other from being asked.
func syncOne(ctx context.Context, store *storage.Store, s pull.Source, log *slog.Logger) {
	got, err := pull.Run(ctx, store, s, false, syncLog{log}, log)
	log = log.With("rows", got.Rows, "new", got.Added, "changed", got.Changed, "rejected", got.Rejected)
	switch {
	case err == nil:
		log.Info("a source was asked", "since", got.Since)
	case ctx.Err() == nil:
		log.Error("a source did not come whole: it is asked again for the same next time", "error", err)
	}
}

// syncCRM asks one CRM, and writes back to it what it is to have.
func syncCRM(ctx context.Context, store *storage.Store, cfg config.Config, s crm.System, log *slog.Logger) {
	o, err := crmOptions(ctx, cfg, store)
	if err == nil {
		var got crm.Result
		got, err = crm.Run(ctx, store, s, o, syncLog{log}, log)
		log = log.With("pages", got.Pages, "rejected", got.Rejected())
		if err == nil && len(writing(cfg, []crm.System{s}, false)) > 0 {
			_, err = writeBack(ctx, io.Discard, store, s, o, syncLog{log})
		}
	}
	switch {
	case err == nil:
		log.Info("a CRM was asked")
	case ctx.Err() == nil:
		log.Error("a CRM did not come whole: it goes on where it stands next time", "error", err)
	}
}

// syncLog logs which rows were not taken: where they stand, not what they say of whom.
type syncLog struct{ log *slog.Logger }

func (l syncLog) Rejected(_ sheet.Row, bad *sheet.Bad) error {
	l.log.Warn("a row was rejected", "line", bad.Line, "column", bad.Column, "reason", string(bad.Reason))
	return nil
}

func (syncLog) Progress(intake.Summary) {}
