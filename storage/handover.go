package storage

import (
	"fmt"
	"slices"

	"truce"
)

// HandOver gives on what waits for a person who has left (who is not active any more): the rep's part in their cases goes to
// their manager, or another of the side; answers they owe go to somebody else in Marketing; leads that wait for their verdict
// or first touch are nobody's, which managers see.
func (tx *Tx) HandOver(t truce.Terms, p truce.Person) (h truce.HandedOver, err error) {
	managers, err := tx.managersOf(p)
	if err != nil {
		return h, err
	}
	for _, m := range managers {
		h.Tell = append(h.Tell, m.ID)
	}
	cases, err := tx.disputes(`WHERE opener_id = ? AND state IN ('owner', 'open', 'asked', 'declined') ORDER BY opened_at, id`, p.ID)
	if err != nil {
		return h, err
	}
	for _, d := range cases {
		h.Cases = append(h.Cases, d.ID)
		for _, m := range managers {
			if !m.Manages(truce.Sales) {
				continue
			}
			after := d
			if after.HandOver(m, tx.Now) != nil {
				continue
			}
			h.To = m.ID
			if _, err := tx.MoveDispute(t, d, after, truce.Step{Action: "dispute.handover"}); err != nil {
				return h, fmt.Errorf("hand over %s: %w", d.ID, err)
			}
			break
		}
	}
	promises, err := tx.PromisesBy(p.ID)
	if err != nil {
		return h, err
	}
	for _, pr := range promises {
		if err := tx.handOverPromise(t, pr, p, &h); err != nil {
			return h, err
		}
	}
	return h, nil
}

// handOverPromise gives on, or ends, one thing that a person owed who leaves.
func (tx *Tx) handOverPromise(t truce.Terms, pr truce.Promise, p truce.Person, h *truce.HandedOver) error {
	switch pr.Kind {
	case truce.OwnerPromise:
		d, err := tx.Dispute(pr.Subject)
		if err != nil {
			return err
		}
		after := d
		if !after.OwnerGone(tx.Now) {
			return nil
		}
		if _, err := tx.MoveDispute(t, d, after, truce.Step{Action: "dispute.ownergone"}); err != nil {
			return fmt.Errorf("hand %s on to Marketing: %w", d.ID, err)
		}
	case truce.AnswerPromise:
		h.Answers = append(h.Answers, pr.Subject)
		d, err := tx.Dispute(pr.Subject)
		if err != nil {
			return err
		}
		around, err := tx.around(t, d, truce.Step{})
		if err != nil {
			return fmt.Errorf("find who answers %s: %w", d.ID, err)
		}
		for _, p := range d.Tend(around) {
			if err := tx.SavePromise(p); err != nil {
				return err
			}
		}
		if err := tx.post(d); err != nil {
			return err
		}
	case truce.VerdictPromise, truce.TouchPromise:
		if slices.Contains(h.Leads, pr.Subject) {
			return nil
		}
		f, err := tx.LeadFileByRef(pr.Subject)
		if err != nil {
			return err
		}
		h.Leads = append(h.Leads, f.Ref)
		lead := f.Lead
		lead.OwnerID = ""
		if err := tx.SaveLead(lead); err != nil {
			return err
		}
		if err := tx.Audit("", "", "lead.release", f.Ref, p.ID); err != nil {
			return err
		}
	case truce.RatingPromise:
		if err := tx.SavePromise(pr.Stop(truce.Void, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// managersOf are those who look after what a person leaves: their own manager, where that one is there; else the managers of
// their side; else the admins.
func (tx *Tx) managersOf(p truce.Person) ([]truce.Person, error) {
	if p.ManagerID != "" {
		m, err := tx.Person(p.ManagerID)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return nil, err
		}
		if err == nil && m.Active && m.ID != p.ID {
			return []truce.Person{m}, nil
		}
	}
	role := truce.SalesManager
	if p.TeamSide() == truce.Marketing {
		role = truce.MarketingManager
	}
	people, err := tx.PeopleWith(role)
	if err == nil && len(people) == 0 {
		people, err = tx.PeopleWith(truce.Admin)
	}
	return slices.DeleteFunc(people, func(m truce.Person) bool { return m.ID == p.ID }), err
}
