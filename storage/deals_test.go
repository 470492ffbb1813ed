package storage

import (
	"testing"
	"time"

	"truce"
)

// TestACorrectedDealTakesBackWhatItSaid imports a deal, then the deal as the CRM has corrected it.
func TestACorrectedDealTakesBackWhatItSaid(t *testing.T) {
	won := truce.Deal{ID: "d1", LeadID: "a1", Stage: "Closed Won", Status: truce.Won, CreatedAt: day(1), ClosedAt: day(9), Account: "northfield", AccountName: "Northfield",
		Amount: truce.Money{Amount: 100, Currency: "USD"}, HasAmount: true, Owner: "kim"}
	with := func(change func(*truce.Deal)) truce.Deal {
		d := won
		change(&d)
		return d
	}
	for _, tt := range []struct {
		name    string
		between func(tx *Tx) error
		then    truce.Deal
		a1, a2  truce.Status
	}{
		{"lost, on the same day", nil, with(func(d *truce.Deal) {
			d.Status, d.Stage, d.Amount, d.HasAmount = truce.Lost, "lost", truce.Money{}, false
		}), truce.Lost, truce.NoStatus},
		{"open again", nil, with(func(d *truce.Deal) { d.Status, d.Stage, d.ClosedAt = truce.Opportunity, "Contract", time.Time{} }), truce.Opportunity, truce.NoStatus},
		{"of another lead", nil, with(func(d *truce.Deal) { d.LeadID = "a2" }), truce.NoStatus, truce.Won},
		{"of a lead that is not here yet", nil, with(func(d *truce.Deal) { d.LeadID = "a3" }), truce.NoStatus, truce.NoStatus},
		{"a file that names no lead takes nothing away", nil, with(func(d *truce.Deal) { d.LeadID, d.CreatedAt = "", time.Time{} }), truce.Won, truce.NoStatus},
		{"what a person says stays", func(tx *Tx) error {
			_, err := tx.AddOutcome(truce.Outcome{LeadID: "a1", DealID: "d1", Status: truce.Won, At: day(9), Origin: truce.FromPerson, PersonID: ""})
			return err
		}, with(func(d *truce.Deal) { d.Status, d.Stage, d.ClosedAt = truce.Opportunity, "Contract", time.Time{} }), truce.Won, truce.NoStatus},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			if err := s.RebuildRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) error {
				for _, id := range []string{"a1", "a2"} {
					if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day(0)}); err != nil {
						return err
					}
				}
				_, err := tx.UpsertDeal(won)
				return err
			})
			if tt.between != nil {
				update(t, s, tt.between)
			}
			for _, want := range []Change{Changed, Unchanged} {
				update(t, s, func(tx *Tx) error {
					got, err := tx.UpsertDeal(tt.then)
					if got != want && tt.then.LeadID != "" {
						t.Errorf("the correction: %q, want %q", got, want)
					}
					return err
				})
			}
			if err := s.View(t.Context(), func(tx *Tx) error {
				for id, want := range map[string]truce.Status{"a1": tt.a1, "a2": tt.a2} {
					l, err := tx.Lead(id)
					if err != nil {
						return err
					}
					if l.State != want {
						t.Errorf("%s is %q, want %q", id, l.State, want)
					}
				}
				sales, err := tx.Closings(truce.Won, day(0), day(30), day(30))
				if wins := tt.then.Status == truce.Won || tt.between != nil; (len(sales) == 1) != wins {
					t.Errorf("sales %+v", sales)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Errorf("roll-ups: %q, %v", wrong, err)
			}
		})
	}
}
