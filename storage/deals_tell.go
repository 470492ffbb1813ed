package storage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file gives leads what follows from deals: to the lead that a deal names, and to those that name the deal themselves, by an
// outcome with its id, as a lead that Salesforce has converted does; else to one of the deal's account. And it decides at which of
// several leads a deal counts.

// TellDeal gives the leads that name a deal what follows from it and has not been said of them yet; nothing where we do not know
// the deal.
func (tx *Tx) TellDeal(id string) error {
	d, err := tx.Deal(id)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		return nil
	case err != nil:
		return err
	}
	return tx.tellDeal(d, false)
}

// TellLeads gives leads that came after their deals what follows from them, at most n; it tells how many deals it was.
func (tx *Tx) TellLeads(n int) (int, error) {
	list, err := all(tx, scanDeal, `SELECT `+dealColumns+` FROM deals d WHERE d.id IN (
		SELECT id FROM (SELECT u.id FROM deals u WHERE u.lead_id <> '' AND u.told_lead = 0 AND EXISTS (SELECT 1 FROM leads l
		WHERE l.id = u.lead_id) LIMIT ?1)
		UNION SELECT id FROM (SELECT v.id FROM deals v WHERE v.told_account = 0 LIMIT ?1)) LIMIT ?1`, n)
	if err != nil {
		return 0, fmt.Errorf("find deals whose leads have come: %w", err)
	}
	for _, d := range list {
		if err := tx.tellDeal(d, true); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// leadMoved sees to what follows for deals from a lead that qualified on another date, or is of another account, than was known.
func (tx *Tx) leadMoved(before, after truce.Lead) error {
	if before.Account != after.Account || before.AccountAs != after.AccountAs || before.Company != after.Company ||
		before.Email != after.Email || !before.MQLAt.Equal(after.MQLAt) {
		if err := tx.leadsMoved(before, after); err != nil {
			return err
		}
	}
	if before.MQLAt.Equal(after.MQLAt) {
		return nil
	}
	deals, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT DISTINCT deal_id FROM outcomes WHERE lead_id = ? AND deal_id <> '' AND status IN ('won', 'lost')`, after.ID)
	if err != nil {
		return fmt.Errorf("find the deals of lead %s: %w", after.ID, err)
	}
	for _, id := range deals {
		if err := tx.settleDeal(id); err != nil {
			return err
		}
	}
	return nil
}

// tellDeal gives a deal's leads the outcomes that follow from it: those that it names or that name it, else one of its account.
// Unless the deal is new itself, what is there already stays, but for what a deal said.
func (tx *Tx) tellDeal(d truce.Deal, anew bool) error {
	leads, err := tx.leadsOfDeal(d)
	if err != nil {
		return err
	}
	if err := tx.tellAccount(d, len(leads) > 0); err != nil {
		return err
	}
	for _, lead := range leads {
		had, err := tx.LeadOutcomes(lead)
		if err != nil {
			return err
		}
		for _, o := range d.OutcomesOf(lead) {
			j := slices.IndexFunc(had, func(h truce.Outcome) bool { return h.DealID == o.DealID && h.Status == o.Status })
			if j >= 0 && !anew && !d.Said(had[j]) {
				continue
			}
			if j >= 0 && !d.HasAmount { // the deal does not know its money, perhaps the outcome does
				o.Amount, o.HasAmount = had[j].Amount, had[j].HasAmount
			}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
		}
	}
	err = tx.exec(`UPDATE deals SET told_account = 1, told_lead = EXISTS (SELECT 1 FROM leads l WHERE l.id = deals.lead_id)
		WHERE id = ?`, d.ID)
	if err != nil {
		return fmt.Errorf("deal %s tells its leads: %w", d.ID, err)
	}
	return nil
}

// tellAccount gives a deal that neither names a lead nor is named by one (named is false) to the first lead of its account that it
// reaches, and takes it back from any other.
func (tx *Tx) tellAccount(d truce.Deal, named bool) error {
	var to string
	if !named && d.Account != "" {
		var err error
		if to, err = tx.leadOfAccount(d); err != nil {
			return err
		}
	}
	var says []truce.Outcome
	if to != "" {
		says = d.OutcomesOf(to)
	}
	had, err := all(tx, scanOutcome, `SELECT `+outcomeColumns+` FROM outcomes WHERE deal_id = ? AND origin = 'account'`, d.ID)
	if err != nil {
		return fmt.Errorf("find whom deal %s has reached: %w", d.ID, err)
	}
	for _, h := range had {
		if !slices.ContainsFunc(says, func(o truce.Outcome) bool { return o.LeadID == h.LeadID && o.Status == h.Status }) {
			if err := tx.withdrawOutcome(h); err != nil {
				return err
			}
		}
	}
	for _, o := range says {
		o.Origin = truce.FromAccount
		if _, err := tx.AddOutcome(o); err != nil {
			return err
		}
	}
	return nil
}

// leadsOfDeal are the leads we know that a deal names or that name it: its own first, then by the date they qualified.
func (tx *Tx) leadsOfDeal(d truce.Deal) ([]string, error) {
	list, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT l.id FROM leads l WHERE l.id IN (SELECT ?1 UNION SELECT o.lead_id FROM outcomes o WHERE o.deal_id = ?2 AND o.deal_id <> ''
			AND o.origin <> 'account')
		ORDER BY l.id <> ?1, l.mql_at, l.id`, d.LeadID, d.ID)
	if err != nil {
		return nil, fmt.Errorf("find the leads of deal %s: %w", d.ID, err)
	}
	return list, nil
}

// closeOf is a lead's word on how a deal ended.
type closeOf struct {
	lead      string
	status    truce.Status
	place     time.Time // see truce.Outcome.Place
	known     time.Time // since when it can count: its date, and the lead's
	elsewhere time.Time
	unpaid    bool // it knows no amount
	other     bool // the deal names another lead as its own, or none
	mql       time.Time
}

// before orders the words of one end: who counts first.
func (c closeOf) before(o closeOf) bool {
	no := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(no(c.unpaid)-no(o.unpaid), no(c.other)-no(o.other), c.mql.Compare(o.mql), cmp.Compare(c.lead, o.lead)) < 0
}

// settleDeal decides at which of its leads a deal counts, so that it is won or lost once and its money is counted once, whichever of
// them is known at a moment: of those that say how it ended the one that knows the money, then the deal's own lead, then the first
// to qualify. Of leads that say different ends the latest is right.
func (tx *Tx) settleDeal(id string) error {
	if id == "" {
		return nil
	}
	list, err := all(tx, func(scan func(...any) error) (c closeOf, err error) {
		var until time.Time
		if err = scan(&c.lead, &c.status, moment{&c.known}, moment{&until}, moment{&c.elsewhere}, &c.unpaid, &c.other,
			moment{&c.mql}); err != nil {
			return c, err
		}
		if c.place = c.known; until.After(c.known) {
			c.place = until
		}
		if c.mql.After(c.known) {
			c.known = c.mql
		}
		return c, nil
	}, `SELECT o.lead_id, o.status, o.at, o.until_at, o.elsewhere_at, o.amount IS NULL, o.lead_id <> coalesce(d.lead_id, ''), l.mql_at
		FROM outcomes o JOIN leads l ON l.id = o.lead_id LEFT JOIN deals d ON d.id = o.deal_id WHERE o.deal_id = ? AND o.deal_id <> ''
		AND o.status IN ('won', 'lost')`, id)
	if err != nil {
		return fmt.Errorf("read how deal %s ended: %w", id, err)
	}
	if len(list) == 0 || len(list) == 1 && list[0].elsewhere.IsZero() {
		return nil
	}
	last := list[0]
	for _, c := range list {
		if c.place.After(last.place) || c.place.Equal(last.place) && c.status.Rank() > last.status.Rank() {
			last = c
		}
	}
	changed := map[string]bool{}
	for _, c := range list {
		var since time.Time
		for _, o := range list {
			over := o.status != c.status && o.status == last.status || o.status == c.status && o.before(c)
			if o.lead != c.lead && over && (since.IsZero() || o.known.Before(since)) {
				since = o.known
			}
		}
		if since.Equal(c.elsewhere) {
			continue
		}
		if err := tx.exec(`UPDATE outcomes SET elsewhere_at = ? WHERE lead_id = ? AND deal_id = ? AND status = ?`, millis(since), c.lead, id,
			c.status); err != nil {
			return fmt.Errorf("settle deal %s: %w", id, err)
		}
		changed[c.lead] = true
	}
	for _, lead := range slices.Sorted(maps.Keys(changed)) {
		before, err := tx.Lead(lead)
		if err != nil {
			return err
		}
		outcomes, err := tx.LeadOutcomes(lead)
		if err == nil {
			err = tx.settleLead(before, before, outcomes, nil)
		}
		if err != nil {
			return fmt.Errorf("settle deal %s: %w", id, err)
		}
	}
	return nil
}

// unsay takes back what a deal said of its leads and says no longer.
func (tx *Tx) unsay(was, now truce.Deal) error {
	leads, err := tx.leadsOfDeal(was)
	if err != nil {
		return err
	}
	for _, lead := range leads {
		says := now.OutcomesOf(lead)
		if lead == was.LeadID && lead != now.LeadID {
			had, err := tx.LeadOutcomes(lead)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(had, func(h truce.Outcome) bool { return h.DealID == was.ID && !was.Said(h) }) {
				says = nil // it does not name the deal itself
			}
		}
		for _, o := range was.OutcomesOf(lead) {
			if slices.ContainsFunc(says, func(s truce.Outcome) bool { return s.Status == o.Status }) {
				continue
			}
			if err := tx.withdrawOutcome(o); err != nil {
				return err
			}
		}
	}
	return nil
}
