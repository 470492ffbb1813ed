package quillwater

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"truce"
	"truce/storage"
)

// batch is how many leads share a transaction: short enough that the bot answers beside it.
const batch = 500

// Store writes the company's leads into a database, in the order of their dates, then its costs and customers. progress is told how
// many leads are in.
func (c Company) Store(ctx context.Context, store *storage.Store, progress func(done int)) error {
	done := 0
	for leads := range slices.Chunk(c.Leads, batch) {
		err := store.Update(ctx, func(tx *storage.Tx) error {
			rows := make([]*storage.LeadRow, len(leads))
			for i, l := range leads {
				rows[i] = &storage.LeadRow{Lead: l.Lead}
				if len(l.Lead.Attrs) > 0 {
					text, err := json.Marshal(l.Lead.Attrs)
					if err != nil {
						return fmt.Errorf("write what is known of lead %s: %w", l.Lead.ID, err)
					}
					rows[i].AttrsJSON = string(text)
				}
			}
			if err := tx.UpsertLeads(rows, true); err != nil {
				return err
			}
			for _, l := range leads {
				if err := put(tx, l); err != nil {
					return fmt.Errorf("lead %s: %w", l.Lead.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write the demo's leads: %w", err)
		}
		done += len(leads)
		progress(done)
	}
	err := store.Update(ctx, func(tx *storage.Tx) error {
		for _, c := range c.Costs {
			if _, err := tx.UpsertCost(c); err != nil {
				return err
			}
		}
		for _, c := range c.Customers {
			if _, err := tx.UpsertDeal(c.Deal); err != nil {
				return err
			}
			if err := order(tx, c.Orders); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the demo's costs and customers: %w", err)
	}
	return nil
}

func order(tx *storage.Tx, list []truce.Order) error {
	for _, o := range list {
		if _, err := tx.UpsertOrder(o); err != nil {
			return err
		}
	}
	return nil
}

// put writes what became of a lead.
func put(tx *storage.Tx, c Case) error {
	for _, o := range c.Outcomes {
		if _, err := tx.AddOutcome(o); err != nil {
			return err
		}
	}
	for _, r := range c.Ratings {
		if _, err := tx.Rate(r); err != nil {
			return err
		}
	}
	for _, e := range c.Engagements {
		if _, err := tx.UpsertEngagement(e); err != nil {
			return err
		}
	}
	for _, t := range c.Touches {
		if _, err := tx.AddTouch(t); err != nil {
			return err
		}
	}
	return order(tx, c.Orders)
}
