package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"truce"
	"truce/bot/config"
	"truce/storage"
)

// keepThresholds notes with which thresholds the bot works from now on, and says where the configuration differs from what was agreed in
// chat: that holds.
func keepThresholds(ctx context.Context, store *storage.Store, cfg config.Config, log *slog.Logger) error {
	var changed []truce.ThresholdChange
	var unlike []truce.Unlike
	var stages []string
	err := store.Update(ctx, func(tx *storage.Tx) (err error) {
		agreed, err := tx.AgreedSettings()
		if err != nil {
			return err
		}
		configured := cfg.Terms()
		unlike = agreed.Unlike(configured, tx.Now)
		if stages, err = stagesUnlike(tx, cfg); err != nil {
			return err
		}
		changed, err = tx.KeepThresholds(cfg.Thresholds(agreed.Terms(configured, tx.Now)))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the thresholds: %w", err)
	}
	for _, c := range changed {
		log.Info("a threshold has changed", "key", c.Key, "was", c.Was, "is", c.Became)
	}
	for _, line := range stages {
		log.Warn(line)
	}
	for _, u := range unlike {
		log.Warn("the configuration differs from what both sides agreed on in chat, which holds", "key", u.Key, "configured", u.File.String(),
			"agreed", u.Agreed.String(), "proposal", u.By.ID,
			"adopt", adopt(u))
	}
	return nil
}

// adopt says how the configuration and the chat come to say the same.
func adopt(u truce.Unlike) string {
	_, key, _ := strings.Cut(u.Key, ".")
	return fmt.Sprintf("write %s: %s in the configuration, or take its value into chat: /truce propose %s %s", key, u.InFile(u.Agreed), key,
		u.File.Value)
}

// sayUnlike prints where the configuration differs from what was agreed in chat.
func (p *program) sayUnlike(store *storage.Store, cfg config.Config) error {
	var unlike []truce.Unlike
	var profile []string
	if err := store.View(p.ctx, func(tx *storage.Tx) error {
		agreed, err := tx.AgreedSettings()
		if err != nil {
			return err
		}
		unlike = agreed.Unlike(cfg.Terms(), tx.Now)
		if profile, err = profileUnlike(tx, cfg); err != nil {
			return err
		}
		stages, err := stagesUnlike(tx, cfg)
		profile = append(profile, stages...)
		return err
	}); err != nil {
		return fmt.Errorf("look for what was agreed in chat: %w", err)
	}
	for _, u := range unlike {
		fmt.Fprintf(p.stdout, "%s: the configuration says %s, both sides agreed on %s (%s, since %s). What was agreed in chat holds.\n     To "+
			"make them the same: %s.\n",
			u.Key, u.File, u.Agreed, u.By.ID, u.By.InForce.In(cfg.Location()).Format(time.DateOnly), adopt(u))
	}
	for _, line := range profile {
		fmt.Fprintln(p.stdout, line)
	}
	return nil
}

// sayRamp says where a new installation stands, until everything is open.
func (p *program) sayRamp(store *storage.Store, cfg config.Config) error {
	var r truce.Ramp
	now := store.Now()
	if err := store.View(p.ctx, func(tx *storage.Tx) (err error) { r, err = tx.Ramp(cfg.Terms()); return err }); err != nil {
		return fmt.Errorf("look where the ramp stands: %w", err)
	}
	at := r.At(now)
	if at >= truce.RampComparisons {
		return nil
	}
	fmt.Fprintf(p.stdout, "The ramp: week %d, %s. An admin opens %s earlier on their home page in chat; by itself that comes once all of "+
		"this holds:\n", r.Week(), at, at+1)
	for _, c := range r.Conditions(at + 1) {
		fmt.Fprintf(p.stdout, "     %s %s\n", map[bool]string{true: "done:   ", false: "not yet:"}[c.Done], c.What)
	}
	return nil
}
