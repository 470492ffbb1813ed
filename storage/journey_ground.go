package storage

import (
	"encoding/json"
	"fmt"

	"truce"
)

func init() { begins[truce.JourneyGround] = beginExit }

// beginExit settles what a buyer does when a stage is over; who looks after the stage stays.
func beginExit(tx *Tx, p truce.Proposal) error {
	var e truce.JourneyExit
	if err := json.Unmarshal(p.Payload, &e); err != nil {
		return fmt.Errorf("read what ends the stage %s: %w", p.Thing, err)
	}
	s := truce.JourneyStage{Name: p.Thing, Exit: e.Exit, By: p.By}
	err := tx.row(`SELECT owner_id FROM journey_stages WHERE stage = ? ORDER BY at DESC, id DESC LIMIT 1`, []any{p.Thing}, &s.OwnerID)
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return fmt.Errorf("find who looks after %s: %w", p.Thing, err)
	}
	return tx.SettleStage(s)
}
