package schedules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"truce"
	"truce/bot/cards"
	"truce/schedules/ideal"
	"truce/storage"
)

// Profiles does what time asks of the ideal customer profile: it opens two lists that are due, and computes the effect of a proposal
// that was too large to compute while its proposer waited, or that was put on another version since.
type Profiles struct {
	Store *storage.Store
	Terms truce.Terms
}

// Once does what is due now.
func (p Profiles) Once(ctx context.Context) error {
	return errors.Join(p.openLists(ctx), p.effects(ctx))
}

func (p Profiles) desk() ideal.Desk {
	return ideal.Desk{Calendar: p.Terms.Calendar, Shared: p.Terms.ICP.Shared}
}

func (p Profiles) openLists(ctx context.Context) error {
	var due []truce.ListRound
	err := p.Store.View(ctx, func(tx *storage.Tx) (err error) {
		due, err = tx.DueRounds()
		return err
	})
	for _, r := range due {
		if err != nil {
			break
		}
		var control []string
		err = p.Store.View(ctx, func(tx *storage.Tx) (err error) {
			list, err := p.desk().Controls(tx, truce.ListLength, r.Named(), r.Lot(), tx.Now)
			for _, b := range list {
				control = append(control, b.Key)
			}
			return err
		})
		if err != nil {
			break
		}
		body, err := json.Marshal(cards.ListsOpened(r, r.Overlap(), true))
		if err != nil {
			return fmt.Errorf("write the lists of %s: %w", r.ID, err)
		}
		if err := p.Store.Update(ctx, func(tx *storage.Tx) error { return tx.OpenLists(r, control, body) }); err != nil {
			return err
		}
	}
	return err
}

// effects fills in what open proposals would have changed.
func (p Profiles) effects(ctx context.Context) error {
	var open *truce.Proposal
	effect := ""
	err := p.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if open, err = tx.OpenProposal(truce.ICPGround, ""); err != nil || open == nil || open.Effect != "" {
			return err
		}
		prof, err := truce.ReadProfile(open.Payload)
		if err != nil {
			return fmt.Errorf("read %s: %w", open.ID, err)
		}
		var inForce *truce.Profile
		if open.Was != nil {
			was, err := truce.ReadProfile(open.Was)
			if err != nil {
				return fmt.Errorf("read what %s is put on: %w", open.ID, err)
			}
			inForce = &was
		}
		effect, err = p.desk().Effect(tx, prof, inForce, tx.Now)
		return err
	})
	if err != nil || effect == "" {
		return err
	}
	return p.Store.Update(ctx, func(tx *storage.Tx) error {
		now, err := tx.OpenProposal(truce.ICPGround, "")
		if err != nil || now == nil || now.ID != open.ID || now.Effect != "" || now.Base != open.Base {
			return err
		}
		return tx.SetEffect(open.ID, effect)
	})
}
