package storage

import (
	"fmt"

	"truce"
)

// This file makes one lead of two that a CRM has merged.

// MergeLead makes a lead part of another one: what is known of it and what people did about it goes to the other, it is counted
// no more, and what is said of it later is said of the other. false: it was so already, or the other is not known here.
func (tx *Tx) MergeLead(id, into string) (bool, error) {
	into, err := tx.Survivor(into)
	if err != nil || into == id {
		return false, err
	}
	known, err := tx.HasLead(into)
	if err != nil || !known {
		return false, err
	}
	return tx.merge(id, into, everything, tx.removeLead)
}

// merge makes a lead part of another one, which is known: that is noted, it bequeaths what is due, and out takes it out.
func (tx *Tx) merge(id, into string, due inheritance, out func(truce.Lead) error) (bool, error) {
	had, err := tx.Survivor(id)
	if err != nil {
		return false, err
	}
	if err := tx.noteMerge(id, into); err != nil {
		return false, err
	}
	l, err := tx.Lead(id)
	if truce.KindOf(err) == truce.NotFound {
		return had != into, nil
	}
	if err == nil {
		err = tx.bequeath(l, into, due)
	}
	if err == nil {
		l, err = tx.Lead(id) // as it stands after what it had was handed over
	}
	if err == nil {
		err = out(l)
	}
	if err == nil {
		err = tx.Audit("", "", "lead.merged", l.Ref, map[string]string{"lead": id, "into": into})
	}
	if err != nil {
		return false, fmt.Errorf("merge lead %s into %s: %w", id, into, err)
	}
	return true, nil
}

// noteMerge remembers that a lead is part of another one, and so are those that were part of it. Neither need be known here (yet).
func (tx *Tx) noteMerge(id, into string) error {
	err := tx.exec(`UPDATE lead_merges SET into_id = ? WHERE into_id = ?`, into, id) // a chain
	if err == nil {
		err = tx.exec(`INSERT INTO lead_merges (lead_id, into_id, at) VALUES (?, ?, ?) ON CONFLICT (lead_id) DO UPDATE
			SET into_id = excluded.into_id`, id, into, millis(tx.Now))
	}
	if err != nil {
		return fmt.Errorf("note that lead %s was merged into %s: %w", id, into, err)
	}
	return nil
}

// inheritance is what of a merged lead is due to the survivor.
type inheritance int

const (
	everything inheritance = iota // a file tells no more of it: what it came to is the survivor's
	ofPeople                      // a CRM tells the survivor as it now stands: only what people did here
)

// estate is what a lead leaves, table by table, and which rows of it are of people here; "" is all of them, none no row.
var estate = []struct{ table, ofPeople string }{
	{"outcomes", none}, {"ratings", `rater LIKE 'P-%'`}, {"disputes", ""}, {"objections", ""}, {"notes", ""},
	{"touches", `by_whom LIKE 'P-%'`}, {"engagements", none}, {"deals", none},
}

const none = "0"

// bequeath gives another lead what is due to it. Where both say the same thing, the survivor's word stands, but for what a person
// said here.
func (tx *Tx) bequeath(l truce.Lead, to string, due inheritance) error {
	outcomes, err := tx.LeadOutcomes(l.ID)
	if err != nil {
		return err
	}
	for _, of := range estate {
		s := `UPDATE OR IGNORE ` + of.table + ` SET lead_id = ?2 WHERE lead_id = ?1`
		if due == ofPeople && of.ofPeople != "" {
			s += ` AND ` + of.ofPeople
		}
		if err := tx.exec(s, l.ID, to); err != nil {
			return fmt.Errorf("hand over lead %s: %w", l.ID, err)
		}
	}
	if due == everything {
		if err := tx.restand(l.ID, to); err != nil {
			return err
		}
	}
	for _, o := range outcomes {
		if o.LeadID = to; o.Origin == truce.FromPerson || o.Origin == truce.FromDispute {
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
		}
		if due != everything {
			continue
		}
		if err := tx.settleDeal(o.DealID); err != nil {
			return err
		}
	}
	return tx.settleRatings(to)
}

// restand has a lead stand as it does with the outcomes of another one, which keeps none.
func (tx *Tx) restand(from, to string) error {
	if err := tx.exec(`DELETE FROM outcomes WHERE lead_id = ?`, from); err != nil {
		return fmt.Errorf("hand over lead %s: %w", from, err)
	}
	before, err := tx.Lead(to)
	if err != nil {
		return err
	}
	now, err := tx.LeadOutcomes(to)
	if err != nil {
		return err
	}
	after := before
	after.Standing = truce.Stand(now, lastMoment)
	return tx.settleLead(before, after, now, nil)
}

// partOfOthers are those of some leads that were merged into others.
func (tx *Tx) partOfOthers(rows []*LeadRow) (map[string]bool, error) {
	some, err := tx.count(`SELECT EXISTS (SELECT 1 FROM lead_merges)`)
	if err != nil || some == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	part := map[string]bool{}
	err = tx.each(`SELECT lead_id FROM lead_merges WHERE lead_id IN (SELECT value FROM json_each(?))`, []any{asJSON(ids)},
		func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			part[id] = true
			return err
		})
	return part, err
}
