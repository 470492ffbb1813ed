package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file reads leads as a profile judges them: with what they said when, and what became of them.

// LeadKnown is a lead with its attributes, what they were before, and its outcomes.
type LeadKnown struct {
	truce.LeadCase // of the lead ID, MQLAt, Email, Company, Account, attributes and HandedOffAt; Outcomes
	Changes        []truce.Changed
}

// EachLeadKnown calls fn for every lead that qualified in [from, to), in the order of their ids. The lead must not be kept: it is
// used again for the next one.
func (tx *Tx) EachLeadKnown(from, to time.Time, fn func(*LeadKnown) error) error {
	return tx.eachLeadKnown(from, to, "", nil, fn)
}

// EachLeadClosed is EachLeadKnown without the outcomes of leads that were handed over before a moment, have said the same ever since and
// never were an opportunity, won or lost: of most leads they tell neither what was known when it counted nor where they came to.
func (tx *Tx) EachLeadClosed(from, to, before time.Time, fn func(*LeadKnown) error) error {
	return tx.eachLeadKnown(from, to, ` AND (coalesce(l.handed_off_at, l.mql_at) >= ? OR l.id IN (SELECT lead_id FROM lead_values)
		OR l.id IN (SELECT lead_id FROM outcomes WHERE status IN ('opportunity', 'won', 'lost')))`,
		[]any{millis(before)}, fn)
}

// eachLeadKnown is EachLeadKnown with the outcomes of those leads alone that a condition holds for.
func (tx *Tx) eachLeadKnown(from, to time.Time, condition string, values []any, fn func(*LeadKnown) error) error {
	outcomes := merge(tx, from, to, `SELECT o.lead_id, o.deal_id, o.status, o.at, o.until_at, o.elsewhere_at, o.amount, o.currency, o.reason,
		o.origin, o.recorded_at
		FROM leads l JOIN outcomes o ON o.lead_id = l.id`+ofPeriodAnd(from, to, condition),
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
	changes := merge(tx, from, to, `SELECT v.lead_id, v.attribute, v.value, v.until_at FROM leads l
		JOIN lead_values v ON v.lead_id = l.id`+ofPeriod(from, to),
		func(scan func(...any) error, id *string) (c truce.Changed, err error) {
			return c, scan(id, &c.Attribute, &c.Value, moment{&c.Until})
		})
	defer changes.close()
	var c LeadKnown
	err := tx.each(`SELECT `+knownColumns+` FROM leads l`+ofPeriod(from, to), []any{millis(from), millis(to)},
		func(scan func(...any) error) (err error) {
			if c.Lead, err = scanKnown(scan); err != nil {
				return err
			}
			if c.Outcomes, err = outcomes.of(c.Lead.ID, c.Outcomes[:0]); err != nil {
				return fmt.Errorf("outcomes: %w", err)
			}
			if c.Changes, err = changes.of(c.Lead.ID, c.Changes[:0]); err != nil {
				return fmt.Errorf("what they said before: %w", err)
			}
			return fn(&c)
		})
	if err != nil {
		return fmt.Errorf("read what is known of the leads from %s to %s: %w", from.Format(time.DateOnly), to.Format(time.DateOnly), err)
	}
	return nil
}

const knownColumns = `l.id, l.ref, l.mql_at, l.email, l.company, l.account, l.account_told, l.source, l.campaign, l.segment, l.product, l.attrs, l.handed_off_at, l.icp_fit`

func scanKnown(scan func(...any) error) (l truce.Lead, err error) {
	return l, scan(&l.ID, &l.Ref, moment{&l.MQLAt}, &l.Email, &l.Company, &l.Account, &l.AccountAs, &l.Source, &l.Campaign, &l.Segment,
		&l.Product, attributes{&l.Attrs},
		moment{&l.HandedOffAt}, &l.ICPFit)
}

// EachLeadOf calls fn for those of the leads that are known, in no order.
func (tx *Tx) EachLeadOf(ids []string, fn func(truce.Lead) error) error {
	for len(ids) > 0 {
		some := ids[:min(len(ids), 500)]
		ids = ids[len(some):]
		if err := each(tx, scanKnown, fn, `SELECT `+knownColumns+` FROM leads l WHERE l.id IN (SELECT value FROM json_each(?))`,
			asJSON(some)); err != nil {
			return fmt.Errorf("read %d leads: %w", len(some), err)
		}
	}
	return nil
}

// DealsByAccount are the deals that name no lead and were told to a lead of their account: it counts them, and it is not the one they name.
func (tx *Tx) DealsByAccount() (map[string]bool, error) {
	list, err := tx.texts(`SELECT DISTINCT deal_id FROM outcomes
		WHERE origin = 'account'`)
	if err != nil {
		return nil, fmt.Errorf("find the deals that name only an account: %w", err)
	}
	deals := make(map[string]bool, len(list))
	for _, id := range list {
		deals[id] = true
	}
	return deals, nil
}

// Says is what a lead said of each attribute at a moment, by name.
func (l *LeadKnown) Says(at time.Time) map[string]string {
	says := map[string]string{}
	for name := range attributesOf(l.Lead) {
		if v := l.Lead.AttributeAt(name, l.Changes, at); v != "" {
			says[name] = v
		}
	}
	return says
}
