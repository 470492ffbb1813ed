package storage

import (
	"fmt"
	"time"

	"truce"
)

// EachLeadCase calls fn for every lead that qualified in [from, to), in the order of their ids, with all that is known of
// it. The case must not be kept: it is used again for the next lead.
func (tx *Tx) EachLeadCase(from, to time.Time, fn func(*truce.LeadCase) error) error {
	outcomes := tx.merged(`SELECT o.lead_id, o.deal_id, o.status, o.at, o.amount, o.currency, o.reason, o.origin, o.recorded_at FROM leads l JOIN outcomes o ON o.lead_id = l.id
		WHERE l.mql_at >= ? AND l.mql_at < ? ORDER BY l.id`, from, to)
	defer outcomes.close()
	ratings := tx.merged(`SELECT r.lead_id, r.rater, r.value, r.at, r.row_at, r.hindsight FROM leads l JOIN ratings r ON r.lead_id = l.id
		WHERE l.mql_at >= ? AND l.mql_at < ? ORDER BY l.id`, from, to)
	defer ratings.close()
	disputes := tx.merged(`SELECT d.lead_id, d.opened_at, d.closed_at, d.outcome = 'upheld' FROM leads l JOIN disputes d ON d.lead_id = l.id
		WHERE l.mql_at >= ? AND l.mql_at < ? ORDER BY l.id`, from, to)
	defer disputes.close()
	var c truce.LeadCase
	err := tx.each(`SELECT id, mql_at, source, campaign, segment, product, account, score, owner, owner_id, handed_off_at FROM leads WHERE mql_at >= ? AND mql_at < ? ORDER BY id`,
		[]any{millis(from), millis(to)}, func(scan func(...any) error) error {
			l := &c.Lead
			*l = truce.Lead{}
			var score *float64
			if err := scan(&l.ID, moment{&l.MQLAt}, &l.Source, &l.Campaign, &l.Segment, &l.Product, &l.Account, &score, &l.Owner, text{&l.OwnerID}, moment{&l.HandedOffAt}); err != nil {
				return err
			}
			if score != nil {
				l.Score, l.HasScore = *score, true
			}
			c.Outcomes, c.Ratings, c.Disputes = c.Outcomes[:0], c.Ratings[:0], c.Disputes[:0]
			err := outcomes.of(l.ID, func(scan func(...any) error) error {
				var o truce.Outcome
				var amount *int64
				err := scan(&o.LeadID, &o.DealID, &o.Status, moment{&o.At}, &amount, &o.Amount.Currency, &o.Reason, &o.Origin, moment{&o.RecordedAt})
				if amount != nil {
					o.Amount.Amount, o.HasAmount = *amount, true
				}
				c.Outcomes = append(c.Outcomes, o)
				return err
			})
			if err != nil {
				return err
			}
			err = ratings.of(l.ID, func(scan func(...any) error) error {
				var r truce.RatingOf
				err := scan(&r.LeadID, &r.Rater, &r.Value, moment{&r.At}, moment{&r.RowAt}, &r.Hindsight)
				c.Ratings = append(c.Ratings, r)
				return err
			})
			if err != nil {
				return err
			}
			err = disputes.of(l.ID, func(scan func(...any) error) error {
				var d truce.DisputeMark
				var id string
				err := scan(&id, moment{&d.OpenedAt}, moment{&d.ClosedAt}, &d.Upheld)
				c.Disputes = append(c.Disputes, d)
				return err
			})
			if err != nil {
				return err
			}
			return fn(&c)
		})
	if err != nil {
		return fmt.Errorf("read the leads from %s to %s: %w", from.Format(time.DateOnly), to.Format(time.DateOnly), err)
	}
	return nil
}
