package main

import (
	"context"
	"fmt"
	"log/slog"

	"truce"
	"truce/bot/config"
	"truce/storage"
)

// keepThresholds notes with which thresholds the bot works from now on.
func keepThresholds(ctx context.Context, store *storage.Store, cfg config.Config, log *slog.Logger) error {
	var changed []truce.ThresholdChange
	err := store.Update(ctx, func(tx *storage.Tx) (err error) {
		changed, err = tx.KeepThresholds(cfg.Thresholds())
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the thresholds: %w", err)
	}
	for _, c := range changed {
		log.Info("a threshold has changed", "key", c.Key, "was", c.Was, "is", c.Became)
	}
	return nil
}
