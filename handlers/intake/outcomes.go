package intake

import (
	"cmp"
	"fmt"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// outcomes reads what became of leads: a status, a rating, or both.
type outcomes struct{ values }

func (k outcomes) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	o := truce.Outcome{LeadID: c.text("lead_id"), DealID: c.text("deal_id"), Owner: c.text("owner"), Origin: truce.FromImport}
	at, until := c.close("at")
	o.At = at
	status := c.text("status")
	if status != "" && status != sheet.NoOutcome {
		s, err := sheet.ParseStatus(status)
		if o.Status = truce.Status(s); err != nil {
			if o.Status = truce.StageStatus(status); !o.Status.Ends() { // "Closed Won" can mean one thing only
				c.fail("status", err)
			}
		}
	}
	if o.Status == truce.Won || o.Status == truce.Lost {
		o.Until = until
	}
	o.Amount, o.HasAmount = c.money()
	if reason := c.text("reason"); reason != "" {
		o.Reason, _ = truce.ParseReason(reason)
	}
	if origin := c.ours("truce_origin"); origin != "" {
		word, err := sheet.ParseChoice(origin, string(truce.FromImport), string(truce.FromPerson), string(truce.FromSilence),
			string(truce.FromDispute), string(truce.FromAccount))
		if err != nil {
			c.fail("truce_origin", err)
		}
		o.Origin, o.PersonID, o.Note = truce.Origin(word), c.ours("truce_person"), c.ours("truce_note")
	}
	rec := &outcome{outcome: o, attrs: c.attributes(), own: c.own}
	rec.contrary = k.contrary(&c, o)
	if rating := c.text("rating"); rating != "" {
		value, err := sheet.ParseRating(rating)
		if err != nil {
			c.fail("rating", err)
		}
		rec.rating = truce.RatingOf{LeadID: o.LeadID, Rater: o.Owner, Value: truce.Rating(value), At: c.date("rated_at"), RowAt: o.At}
		// What is said of a lead in the row that closes it was said knowing the end.
		rec.rating.Hindsight = rec.rating.At.IsZero() && (o.Status == truce.Won || o.Status == truce.Lost || c.ours("truce_hindsight") != "")
	}
	switch {
	case c.bad != nil:
		return nil, c.bad
	case o.Status == truce.NoStatus && rec.rating.Value == 0:
		return nil, nil
	}
	return rec, nil
}

// contrary is what another column of the row says against its status: a no of Sales beside a lifecycle stage that never goes back.
// Each has its own date, so the later of the two is how the lead stands.
func (k outcomes) contrary(c *cells, o truce.Outcome) *truce.Outcome {
	second, at := c.b.Second("status"), c.b.Second("at")
	status := truce.Status(second.Of(c.row))
	if status != truce.Rejected && status != truce.Recycled || o.Status != truce.SQL && o.Status != truce.Opportunity &&
		o.Status != truce.Won {
		return nil
	}
	when, err := c.dates.Parse(at.Of(c.row))
	if err != nil {
		if c.bad == nil {
			c.bad = at.Bad(c.row, err)
		}
		return nil
	}
	no := truce.Outcome{LeadID: o.LeadID, At: when, Status: status, Owner: o.Owner, Reason: o.Reason, Origin: o.Origin}
	return &no
}

type outcome struct {
	outcome  truce.Outcome     // none where its status is
	contrary *truce.Outcome    // of another column of the row; nil where there is none
	rating   truce.RatingOf    // none where its value is 0
	attrs    map[string]string // of the lead
	own      bool              // of an export of ours, which says all that followed from deals itself
}

func (r *outcome) save(tx *storage.Tx) (storage.Change, error) {
	lead, err := tx.Survivor(r.leadID())
	if err != nil {
		return "", err
	}
	r.outcome.LeadID, r.rating.LeadID = lead, lead
	if r.contrary != nil {
		r.contrary.LeadID = lead
	}
	change := storage.Unchanged
	note := func(c storage.Change, err error) error {
		if c == storage.Added || c == storage.Changed && change != storage.Added {
			change = c
		}
		return err
	}
	switch err := note(tx.AddLeadAttrs(r.leadID(), r.attrs)); {
	case truce.KindOf(err) == truce.NotFound:
		if isBelow, err := tx.HasBelow(r.leadID()); err != nil {
			return "", err
		} else if isBelow && r.outcome.Status != truce.NoStatus {
			return tx.AddOutcome(r.outcome)
		} else if isBelow {
			return storage.Unchanged, nil
		}
		return "", unknownLead(r.leadID())
	case err != nil:
		return "", err
	}
	if r.outcome.Status != truce.NoStatus {
		said, err := tx.AddOutcome(r.outcome)
		if err := note(said, err); err != nil {
			return "", err
		}
		if said != storage.Unchanged && r.outcome.DealID != "" && !r.own {
			if err := tx.TellDeal(r.outcome.DealID); err != nil {
				return "", err
			}
		}
	}
	if r.contrary != nil {
		if err := note(tx.AddOutcome(*r.contrary)); err != nil {
			return "", err
		}
	}
	if r.rating.Value != 0 {
		if err := note(tx.Rate(r.rating)); err != nil {
			return "", err
		}
	}
	return change, nil
}

func (r *outcome) leadID() string { return cmp.Or(r.outcome.LeadID, r.rating.LeadID) }

func unknownLead(id string) error {
	return &fault{field: "lead_id", reason: ReasonUnknown, err: fmt.Errorf("there is no lead %q; import leads first, and mind that ids are "+
		"case-sensitive", id), lead: id}
}
