package storage

import (
	"fmt"
	"time"

	"truce"
)

// ofPeriod selects the leads of a period in the order of their ids. Those of a few days are found by their date and then put
// in order ("+" keeps the order of the ids from being used); where they are many, all ids are gone through, which needs no
// sorting. SQLite itself would always do that, and read a million leads for a day's.
func ofPeriod(from, to time.Time) string { return ofPeriodAnd(from, to, "") }

// ofPeriodAnd is ofPeriod for those leads that a condition holds for, too.
func ofPeriodAnd(from, to time.Time, condition string) string {
	const few = 31 * 24 * time.Hour
	if to.Sub(from) <= few {
		return ` WHERE l.mql_at >= ? AND l.mql_at < ?` + condition + ` ORDER BY +l.id`
	}
	return ` WHERE l.mql_at >= ? AND l.mql_at < ?` + condition + ` ORDER BY l.id`
}

// EachLeadCase calls fn for every lead that qualified in [from, to), in the order of their ids, with all that is known of
// it but its attributes. The case must not be kept: it is used again for the next lead.
func (tx *Tx) EachLeadCase(from, to time.Time, fn func(*truce.LeadCase) error) error {
	return tx.EachLeadCaseWith("", from, to, fn)
}

// EachOutcomesOf calls fn for every lead of which anything became, with all of that but its money, in the order of the leads' ids. It
// reads one table in the order in which it lies, and nothing of the leads: of most leads of a company this is far cheaper than
// EachLeadCase. The list must not be kept.
func (tx *Tx) EachOutcomesOf(fn func(lead string, outcomes []truce.Outcome) error) error {
	lead, list := "", []truce.Outcome(nil)
	err := tx.each(`SELECT lead_id, deal_id, status, at, until_at, elsewhere_at, reason, origin, recorded_at FROM outcomes
		ORDER BY lead_id, deal_id, status`, nil, func(scan func(...any) error) error {
		var o truce.Outcome
		err := scan(&o.LeadID, &o.DealID, &o.Status, moment{&o.At}, moment{&o.Until}, moment{&o.Elsewhere}, &o.Reason, &o.Origin,
			moment{&o.RecordedAt})
		if err != nil {
			return err
		}
		if o.LeadID != lead && len(list) > 0 {
			if err := fn(lead, list); err != nil {
				return err
			}
			list = list[:0]
		}
		lead, list = o.LeadID, append(list, o)
		return nil
	})
	if err == nil && len(list) > 0 {
		err = fn(lead, list)
	}
	if err != nil {
		return fmt.Errorf("read what became of leads: %w", err)
	}
	return nil
}

// EachLeadCaseWith is EachLeadCase with one attribute of each lead; "" is none.
func (tx *Tx) EachLeadCaseWith(attribute string, from, to time.Time, fn func(*truce.LeadCase) error) error {
	return tx.eachLeadCase(attribute, from, to, ofPeriod(from, to), nil, fn)
}

// EachBelief is EachLeadCase for those leads alone that have a score and a rating, and of which somebody said that they are won or lost.
func (tx *Tx) EachBelief(from, to time.Time, fn func(*truce.LeadCase) error) error {
	// Those with an end are few of the leads: they are where it begins ("CROSS" keeps their order of being looked at).
	ids, err := tx.texts(`SELECT DISTINCT o.lead_id FROM outcomes o CROSS JOIN leads l ON l.id = o.lead_id
		WHERE o.status IN ('won', 'lost') AND l.mql_at >= ? AND l.mql_at < ? AND l.score IS NOT NULL
			AND EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = l.id)`, millis(from), millis(to))
	if err != nil {
		return fmt.Errorf("find the leads with a score, a rating and an end: %w", err)
	}
	return tx.eachLeadCaseIn(ids, from, to, fn)
}

// EachLeadCaseOf is EachLeadCase for the leads of some campaigns, as they are written, and those of some ids.
func (tx *Tx) EachLeadCaseOf(campaigns, ids []string, from, to time.Time, fn func(*truce.LeadCase) error) error {
	of, err := tx.texts(`SELECT id FROM leads WHERE mql_at >= ? AND mql_at < ? AND campaign IN (SELECT value FROM json_each(?))`,
		millis(from), millis(to), asJSON(campaigns))
	if err != nil {
		return fmt.Errorf("find the leads of %d campaigns: %w", len(campaigns), err)
	}
	return tx.eachLeadCaseIn(append(of, ids...), from, to, fn)
}

// eachLeadCaseIn is EachLeadCase for the leads of some ids: four queries go over the leads, which are found once.
func (tx *Tx) eachLeadCaseIn(ids []string, from, to time.Time, fn func(*truce.LeadCase) error) error {
	return tx.eachLeadCase("", from, to, ` WHERE +l.mql_at >= ? AND +l.mql_at < ? AND l.id IN (SELECT value FROM json_each(?)) ORDER BY l.id`,
		[]any{asJSON(ids)}, fn)
}

// Campaigns are those of the leads that qualified in [from, to), as they are written, in no order.
func (tx *Tx) Campaigns(from, to time.Time) ([]string, error) {
	list, err := tx.texts(`SELECT DISTINCT campaign FROM leads WHERE mql_at >= ? AND mql_at < ?`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("find the campaigns of the leads from %s to %s: %w", from.Format(time.DateOnly), to.Format(time.DateOnly), err)
	}
	return list, nil
}

// eachLeadCase is EachLeadCaseWith for the leads, in the order of their ids, that the end of a query finds; values are its values after
// those of the period.
func (tx *Tx) eachLeadCase(attribute string, from, to time.Time, which string, values []any, fn func(*truce.LeadCase) error) error {
	outcomes := merge(tx, from, to, `SELECT o.lead_id, o.deal_id, o.status, o.at, o.until_at, o.elsewhere_at, o.amount, o.currency, o.reason,
		o.origin, o.recorded_at
		FROM leads l JOIN outcomes o ON o.lead_id = l.id`+which,
		func(scan func(...any) error, id *string) (o truce.Outcome, err error) {
			var amount *int64
			err = scan(id, &o.DealID, &o.Status, moment{&o.At}, moment{&o.Until}, moment{&o.Elsewhere}, &amount, &o.Amount.Currency, &o.Reason,
				&o.Origin, moment{&o.RecordedAt})
			if o.LeadID = *id; amount != nil {
				o.Amount.Amount, o.HasAmount = *amount, true
			}
			return o, err
		}, values...)
	defer outcomes.close()
	ratings := merge(tx, from, to, `SELECT r.lead_id, r.rater, r.value, r.at, r.row_at, r.hindsight
		FROM leads l JOIN ratings r ON r.lead_id = l.id`+which,
		func(scan func(...any) error, id *string) (r truce.RatingOf, err error) {
			err = scan(id, &r.Rater, &r.Value, moment{&r.At}, moment{&r.RowAt}, &r.Hindsight)
			r.LeadID = *id
			return r, err
		}, values...)
	defer ratings.close()
	disputes := merge(tx, from, to, `SELECT d.lead_id, d.opened_at, d.closed_at, d.outcome = 'upheld'
		FROM leads l JOIN disputes d ON d.lead_id = l.id`+which,
		func(scan func(...any) error, id *string) (d truce.DisputeMark, err error) {
			return d, scan(id, moment{&d.OpenedAt}, moment{&d.ClosedAt}, &d.Upheld)
		}, values...)
	defer disputes.close()
	var c truce.LeadCase
	extra, args := "''", append([]any{millis(from), millis(to)}, values...)
	if attribute != "" {
		extra, args = `coalesce((SELECT a.value FROM json_each(l.attrs) a WHERE a.key = ?), '')`, append([]any{attribute}, args...)
	}
	err := tx.each(`SELECT `+extra+`, l.id, l.ref, l.mql_at, l.name, l.company, l.account, l.source, l.campaign, l.segment, l.product, l.score,
		l.owner, l.owner_id, l.handed_off_at
		FROM leads l`+which, args, func(scan func(...any) error) error {
		l := &c.Lead
		*l = truce.Lead{}
		var score *float64
		var value string
		err := scan(&value, &l.ID, &l.Ref, moment{&l.MQLAt}, &l.Name, &l.Company, &l.Account, &l.Source, &l.Campaign, &l.Segment, &l.Product,
			&score, &l.Owner, text{&l.OwnerID},
			moment{&l.HandedOffAt})
		if err != nil {
			return err
		}
		if attribute != "" {
			l.Attrs = map[string]string{attribute: value}
		}
		if score != nil {
			l.Score, l.HasScore = *score, true
		}
		if c.Outcomes, err = outcomes.of(l.ID, c.Outcomes[:0]); err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		if c.Ratings, err = ratings.of(l.ID, c.Ratings[:0]); err != nil {
			return fmt.Errorf("ratings: %w", err)
		}
		if c.Disputes, err = disputes.of(l.ID, c.Disputes[:0]); err != nil {
			return fmt.Errorf("disputes: %w", err)
		}
		return fn(&c)
	})
	if err != nil {
		return fmt.Errorf("read the leads from %s to %s: %w", from.Format(time.DateOnly), to.Format(time.DateOnly), err)
	}
	return nil
}
