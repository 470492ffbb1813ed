package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

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
			log.Warn("icp.profile differs from the ideal customer profile in force: that one holds; take the file into chat with /icp propose, or "+
				"write truce icp show --format yaml into it",
				"version", list[0].Version, "file", cfg.ICP.Profile, "difference", d.String())
		}
		return nil
	})
}

// profileUnlike says where the configured profile differs from the one that both sides agreed on in chat, and how to make them the same.
func profileUnlike(tx *storage.Tx, cfg config.Config) (lines []string, err error) {
	if cfg.ICP.Read == nil {
		return nil, nil
	}
	list, err := tx.Profiles(nil, tx.Now)
	if err != nil || len(list) == 0 || list[0].By == "" { // else the file is what is in force, or will be
		return nil, err
	}
	for _, d := range profileDiffers(list[0].Profile, *cfg.ICP.Read) {
		lines = append(lines, fmt.Sprintf("icp.profile: %s differs from the ideal customer profile in force (version %d, %s, since %s): %s. "+
			"What was agreed in chat holds.",
			cfg.ICP.Profile, list[0].Version, list[0].ID, list[0].From.In(cfg.Location()).Format(time.DateOnly), d))
	}
	if len(lines) > 0 {
		lines = append(lines, fmt.Sprintf("     To make them the same: truce icp show --format yaml > %s, or paste the file into chat: /icp "+
			"propose.", cfg.ICP.Profile))
	}
	return lines, nil
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

// stagesUnlike says where the configured stages of the journey map differ from those that both sides agreed on in chat, and how to make
// them the same.
func stagesUnlike(tx *storage.Tx, cfg config.Config) (lines []string, err error) {
	p, err := tx.InForce(truce.StagesGround, "", tx.Now)
	if err != nil || p == nil {
		return nil, err
	}
	file, err := json.Marshal(cfg.Digests().JourneyStages().Settings())
	if err != nil {
		return nil, fmt.Errorf("write the configured stages: %w", err)
	}
	if truce.SameJSON(file, p.Payload) {
		return nil, nil
	}
	agreed, err := truce.ReadStages(p.Payload)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("journey.stages: the configuration differs from what both sides agreed on (%s, since %s), which holds:\n%s\n     "+
		"To make them the same: write that into journey, or take the file's into chat: /journey stages.", p.ID,
		p.InForce.In(cfg.Location()).Format(time.DateOnly), indented(agreed.Lines()))}, nil
}

func indented(lines string) string { return "     " + strings.ReplaceAll(lines, "\n", "\n     ") }
