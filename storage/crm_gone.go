package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file lets leads go that are gone from the CRM, and makes one of two that it has merged.

// GoneLead is a lead that is gone from its CRM.
type GoneLead struct {
	LeadID string
	System string
	At     time.Time
	Why    string // deleted, archived, merged, unqualified
	Kept   bool   // because people judged or disputed it here
}

// GoneLeads are all leads that are gone from their CRM, by id.
func (tx *Tx) GoneLeads() ([]GoneLead, error) {
	return all(tx, func(scan func(...any) error) (g GoneLead, err error) {
		return g, scan(&g.LeadID, &g.System, moment{&g.At}, &g.Why, &g.Kept)
	}, `SELECT lead_id, system, at, why, kept FROM crm_gone ORDER BY lead_id`)
}

// GoneLead is since when, and why, a lead that is kept is gone from its CRM; false where it is not.
func (tx *Tx) GoneLead(id string) (g GoneLead, gone bool, err error) {
	list, err := all(tx, func(scan func(...any) error) (g GoneLead, err error) {
		return g, scan(&g.LeadID, &g.System, moment{&g.At}, &g.Why, &g.Kept)
	}, `SELECT lead_id, system, at, why, kept FROM crm_gone WHERE lead_id = ?`, id)
	if err != nil || len(list) == 0 {
		return g, false, err
	}
	return list[0], true, nil
}

// Gone takes that a record is no lead any more: deleted, archived, not qualified. Where people judged or disputed it here it is kept and
// marked; else it is out of the figures. false: it was none.
func (c *CRM) Gone(id, why string) (bool, error) {
	n, err := c.tx.count(`SELECT count(*) FROM crm_records WHERE system = ? AND type = 'lead' AND id = ?`, c.system, id)
	if err != nil || n == 0 {
		return false, err
	}
	judged, err := c.tx.judged(id)
	if err == nil {
		err = c.tx.exec(`INSERT INTO crm_gone (lead_id, system, at, why, kept) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (lead_id) DO UPDATE SET at = excluded.at, why = excluded.why, kept = excluded.kept`, id, c.system, millis(c.tx.Now), why,
			judged)
	}
	if err == nil {
		err = c.tx.exec(`DELETE FROM crm_records WHERE system = ? AND type = 'lead' AND id = ?`, c.system, id)
	}
	if err == nil && !judged {
		err = c.remove(id)
	}
	if err != nil {
		return false, fmt.Errorf("let lead %s go: %w", id, err)
	}
	return true, nil
}

// judged reports whether people said something of a lead here.
func (tx *Tx) judged(id string) (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM outcomes WHERE lead_id = ?1 AND origin IN ('person', 'dispute')) OR EXISTS (SELECT 1
		FROM disputes WHERE lead_id = ?1)
		OR EXISTS (SELECT 1 FROM ratings WHERE lead_id = ?1 AND rater LIKE 'P-%') OR EXISTS (SELECT 1 FROM objections WHERE lead_id = ?1)
		OR EXISTS (SELECT 1 FROM notes WHERE lead_id = ?1)
		OR EXISTS (SELECT 1 FROM touches WHERE lead_id = ?1 AND by_whom LIKE 'P-%')`, id)
	return n > 0, err
}

// remove takes a lead out of everything, and has its deals find others.
func (c *CRM) remove(id string) error {
	lead, err := c.tx.Lead(id)
	if truce.KindOf(err) == truce.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	links, err := c.tx.texts(dealsOfLeadQuery, id, c.system)
	if err == nil {
		err = c.tx.removeLead(lead)
	}
	if err == nil {
		err = c.tx.exec(keysDelete, c.system, id)
	}
	delete(c.leads, id)
	for _, d := range links {
		if err == nil {
			err = c.redeal(d)
		}
	}
	return err
}

// redeal tells a deal anew by what is known of it.
func (c *CRM) redeal(id string) error {
	links, err := all(c.tx, func(scan func(...any) error) (l Link, err error) { return l, scan(&l.Key, &l.Place) },
		`SELECT key, place FROM crm_links WHERE system = ? AND type = 'deal' AND id = ?`, c.system, id)
	if err != nil {
		return err
	}
	_, err = c.Relink(CRMDeals, id, links)
	return err
}

// removeLead takes a lead and all that was told of it out of the database.
func (tx *Tx) removeLead(l truce.Lead) error {
	if err := tx.voidPromises(l.Ref); err != nil {
		return err
	}
	deals, err := tx.texts(`SELECT DISTINCT deal_id FROM outcomes WHERE lead_id = ? AND deal_id <> ''`, l.ID)
	if err != nil {
		return err
	}
	if err := tx.rollGone(l); err != nil {
		return err
	}
	for _, s := range []string{`DELETE FROM outcomes WHERE lead_id = ?`, `DELETE FROM ratings WHERE lead_id = ?`,
		`DELETE FROM touches WHERE lead_id = ?`,
		`DELETE FROM source_changes WHERE lead_id = ?`,
		`DELETE FROM lead_values WHERE lead_id = ?`, `DELETE FROM engagements WHERE lead_id = ? AND lead_id <> ''`,
		`UPDATE deals SET told_lead = 0 WHERE lead_id = ? AND lead_id <> ''`, `DELETE FROM leads WHERE id = ?`} {
		if err := tx.exec(s, l.ID); err != nil {
			return fmt.Errorf("take lead %s out: %w", l.ID, err)
		}
	}
	for _, d := range deals { // another lead's word may count now
		if err := tx.settleDeal(d); err != nil {
			return err
		}
	}
	return tx.leadsMoved(l)
}

// rollGone notes that a lead is counted no more.
func (tx *Tx) rollGone(l truce.Lead) error {
	loc, err := tx.rollZone()
	if err != nil || loc == nil {
		return err
	}
	was, err := readFacts(l.Counted)
	if err != nil {
		return fmt.Errorf("lead %s: %w", l.ID, err)
	}
	if n := len(tx.rolls); n > tx.rollTry && tx.rolls[n-1].k == 1 && tx.rolls[n-1].lead.ID == l.ID {
		tx.rolls = tx.rolls[:n-1] // what this event has just counted of it
		return nil
	}
	tx.rolls = append(tx.rolls, rollChange{&l, was, -1})
	return nil
}

// removeDeal takes a deal out, and back what it said of its leads.
func (tx *Tx) removeDeal(id string) error {
	d, err := tx.Deal(id)
	if truce.KindOf(err) == truce.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	said, err := all(tx, scanOutcome, `SELECT `+outcomeColumns+` FROM outcomes WHERE deal_id = ? AND origin IN ('import', 'account')`, id)
	if err != nil {
		return err
	}
	for _, o := range said {
		if err := tx.withdrawOutcome(o); err != nil {
			return err
		}
	}
	return tx.exec(`DELETE FROM deals WHERE id = ?`, d.ID)
}

// Merged takes that a lead was merged into another. Where that is none, nothing is left of it.
func (c *CRM) Merged(id, into string) (bool, error) {
	known, err := c.tx.HasLead(into)
	if err != nil {
		return false, err
	}
	if !known {
		if err := c.tx.noteMerge(id, into); err != nil {
			return false, err
		}
		return c.Gone(id, "merged")
	}
	merged, err := c.merge(id, into)
	if err == nil {
		err = c.tx.exec(`INSERT INTO crm_keys (system, key, lead_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, c.system, id, into)
	}
	c.leads[into] = true
	return merged, err
}

// merge makes one lead of two that the CRM has merged: the facts are the survivor's, what people did here about the other goes to it.
func (c *CRM) merge(absorbed, into string) (bool, error) {
	if err := c.tx.exec(`DELETE FROM crm_records WHERE system = ? AND type = 'lead' AND id = ?`, c.system, absorbed); err != nil {
		return false, fmt.Errorf("note that %s was merged into %s: %w", absorbed, into, err)
	}
	return c.tx.merge(absorbed, into, ofPeople, func(l truce.Lead) error {
		if err := c.remove(absorbed); err != nil {
			return err
		}
		return c.tx.exec(`INSERT INTO crm_gone (lead_id, system, at, why, kept) VALUES (?, ?, ?, 'merged', 0) ON CONFLICT (lead_id) DO UPDATE
			SET why = 'merged', kept = 0`,
			absorbed, c.system, millis(c.tx.Now))
	})
}
