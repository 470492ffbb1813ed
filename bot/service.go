package main

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"truce/storage"
)

// tell lets systemd know how the service is; elsewhere nobody listens, and nothing happens.
func (a *app) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		a.log.Warn("tell the service manager", "state", state, "error", err)
	}
}

// keepWatch tells systemd's watchdog that the process lives and its database answers, twice in the time that the unit allows, until
// ctx ends. Where the database does not answer nothing is told, and systemd starts Truce anew.
func (a *app) keepWatch(ctx context.Context) {
	allowed, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		a.log.Warn("read the service manager's watchdog", "error", err)
	}
	if err != nil || allowed == 0 {
		return
	}
	tick := time.NewTicker(allowed / 2)
	defer tick.Stop()
	for {
		switch err := a.answers(ctx); {
		case err == nil:
			a.tell(daemon.SdNotifyWatchdog)
		case ctx.Err() == nil:
			a.log.Error("health", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// answers is nil where the database answers.
func (a *app) answers(ctx context.Context) error {
	return a.store.View(ctx, func(tx *storage.Tx) error { _, err := tx.Meta("installed_at"); return err })
}
