package storage

import (
	"fmt"
	"slices"

	"truce"
)

// This file gives leads what follows from deals: to the lead that a deal names, and to those that name the deal themselves, by an
// outcome with its id, as a lead that Salesforce has converted does.

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
	list, err := all(tx, scanDeal, `SELECT `+dealColumns+` FROM deals d WHERE d.lead_id <> '' AND d.told_lead = 0
		AND EXISTS (SELECT 1 FROM leads l WHERE l.id = d.lead_id) LIMIT ?`, n)
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

// tellDeal gives a deal's leads the outcomes that follow from it. The money is the first one's. Unless the deal is new itself, what is
// there already stays, but for money that is another lead's now.
func (tx *Tx) tellDeal(d truce.Deal, anew bool) error {
	leads, err := tx.leadsOfDeal(d)
	if err != nil {
		return err
	}
	for i, lead := range leads {
		had, err := tx.LeadOutcomes(lead)
		if err != nil {
			return err
		}
		for _, o := range d.OutcomesOf(lead, i == 0) {
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
		if lead != d.LeadID {
			continue
		}
		if err := tx.exec(`UPDATE deals SET told_lead = 1 WHERE id = ?`, d.ID); err != nil {
			return fmt.Errorf("deal %s tells its lead: %w", d.ID, err)
		}
	}
	return nil
}

// leadsOfDeal are the leads we know that a deal names or that name it: its own first, then by the date they qualified.
func (tx *Tx) leadsOfDeal(d truce.Deal) ([]string, error) {
	list, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT l.id FROM leads l WHERE l.id IN (SELECT ?1 UNION SELECT o.lead_id FROM outcomes o WHERE o.deal_id = ?2 AND o.deal_id <> '') ORDER BY l.id <> ?1, l.mql_at, l.id`, d.LeadID, d.ID)
	if err != nil {
		return nil, fmt.Errorf("find the leads of deal %s: %w", d.ID, err)
	}
	return list, nil
}

// unsay takes back what a deal said of its leads and says no longer.
func (tx *Tx) unsay(was, now truce.Deal) error {
	leads, err := tx.leadsOfDeal(was)
	if err != nil {
		return err
	}
	for _, lead := range leads {
		says := now.OutcomesOf(lead, true)
		if lead == was.LeadID && lead != now.LeadID {
			had, err := tx.LeadOutcomes(lead)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(had, func(h truce.Outcome) bool { return h.DealID == was.ID && !was.Said(h) }) {
				says = nil // it does not name the deal itself
			}
		}
		for _, o := range was.OutcomesOf(lead, true) {
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
