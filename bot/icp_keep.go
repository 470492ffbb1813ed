package main

import (
	"context"
	"log/slog"

	"truce"
	"truce/bot/config"
	"truce/storage"
)

// keepProfile keeps the configured profile as version 1 where nobody has agreed on one in chat; where they have, that one wins, and the log
// says where the file differs.
func keepProfile(ctx context.Context, store *storage.Store, cfg config.Config, log *slog.Logger) error {
	if cfg.ICP.Read == nil {
		return nil
	}
	return store.Update(ctx, func(tx *storage.Tx) error {
		changed, err := tx.KeepProfile(*cfg.ICP.Read)
		if err != nil || changed {
			return err
		}
		list, err := tx.Profiles(nil, tx.Now)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, d := range profileDiffers(list[0].Profile, *cfg.ICP.Read) {
			log.Warn("icp.profile differs from the ideal customer profile in force: that one holds; take the file into chat with /icp propose, or write truce icp show --format yaml into it",
				"version", list[0].Version, "file", cfg.ICP.Profile, "difference", d.String())
		}
		return nil
	})
}

// profileDiffers are the differences from what is in force to what the file says; none where both are the same.
func profileDiffers(inForce, file truce.Profile) []truce.Difference {
	a, err := inForce.MarshalJSON()
	b, err2 := file.MarshalJSON()
	if err == nil && err2 == nil && truce.SameJSON(a, b) {
		return nil
	}
	return file.Differs(inForce)
}
