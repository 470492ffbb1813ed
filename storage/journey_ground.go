package storage

import (
	"encoding/json"
	"fmt"

	"truce"
)

func init() {
	begins[truce.JourneyGround] = beginExit
	begins[truce.StagesGround] = beginStages
}

// beginStages has what was agreed on of a stage go on under its other name. What was said of it keeps the name it had: the map finds it.
func beginStages(tx *Tx, p truce.Proposal) error {
	after, err := truce.ReadStages(p.Payload)
	if err != nil || p.Was == nil {
		return err
	}
	before, err := truce.ReadStages(p.Was)
	if err != nil {
		return err
	}
	for _, b := range before.Stages {
		i := after.Find(b.Name)
		if i < 0 || after.Stages[i].Name == b.Name {
			continue
		}
		if err := tx.exec(`UPDATE proposals SET thing = ? WHERE kind = ? AND thing = ?`, after.Stages[i].Name, truce.JourneyGround,
			b.Name); err != nil {
			return fmt.Errorf("have what ends %s go on as %s: %w", b.Name, after.Stages[i].Name, err)
		}
		settled := truce.JourneyStage{Name: after.Stages[i].Name, By: p.By}
		err := tx.row(`SELECT exit, owner_id FROM journey_stages WHERE stage = ? ORDER BY at DESC, id DESC LIMIT 1`, []any{b.Name},
			&settled.Exit, &settled.OwnerID)
		switch {
		case truce.KindOf(err) == truce.NotFound:
			continue
		case err == nil:
			err = tx.SettleStage(settled)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

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
