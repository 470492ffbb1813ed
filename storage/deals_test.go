package storage

import (
	"fmt"
	"testing"
	"time"

	"truce"
)

// TestACorrectedDealTakesBackWhatItSaid imports a deal, then the deal as the CRM has corrected it.
func TestACorrectedDealTakesBackWhatItSaid(t *testing.T) {
	won := truce.Deal{ID: "d1", LeadID: "a1", Stage: "Closed Won", Status: truce.Won, CreatedAt: day(1), ClosedAt: day(9),
		Account: "northfield", AccountName: "Northfield",
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
		{"open again", nil, with(func(d *truce.Deal) { d.Status, d.Stage, d.ClosedAt = truce.Opportunity, "Contract", time.Time{} }),
			truce.Opportunity, truce.NoStatus},
		{"of another lead", nil, with(func(d *truce.Deal) { d.LeadID = "a2" }), truce.NoStatus, truce.Won},
		{"of a lead that is not here yet", nil, with(func(d *truce.Deal) { d.LeadID = "a3" }), truce.NoStatus, truce.NoStatus},
		{"a file that names no lead takes nothing away", nil, with(func(d *truce.Deal) { d.LeadID, d.CreatedAt = "", time.Time{} }), truce.Won,
			truce.NoStatus},
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

// TestLeadsThatNameADeal are told what becomes of it, as those that Salesforce has converted: its opportunities name no lead.
func TestLeadsThatNameADeal(t *testing.T) {
	deal := truce.Deal{ID: "d1", Account: "northfield", AccountName: "Northfield", Stage: "Closed Won", Status: truce.Won, CreatedAt: day(3),
		ClosedAt: day(9),
		Amount:   truce.Money{Amount: 100, Currency: "USD"}, HasAmount: true}
	lost := deal
	lost.Stage, lost.Status = "Closed Lost", truce.Lost
	names := func(lead string) func(tx *Tx) error {
		return func(tx *Tx) error {
			o := truce.Outcome{LeadID: lead, DealID: "d1", Status: truce.SQL, At: day(2), Origin: truce.FromImport}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
			return tx.TellDeal("d1")
		}
	}
	is := func(d truce.Deal) func(tx *Tx) error {
		return func(tx *Tx) error { _, err := tx.UpsertDeal(d); return err }
	}
	for _, tt := range []struct {
		name   string
		steps  []func(tx *Tx) error
		a1, a2 string // state, and what it has brought
	}{
		{"named before the deal came", []func(tx *Tx) error{names("a1"), is(deal)}, "won map[USD:100]", " map[]"},
		{"named after the deal came", []func(tx *Tx) error{is(deal), names("a1")}, "won map[USD:100]", " map[]"},
		{"two leads: the first has the money", []func(tx *Tx) error{names("a2"), is(deal), names("a1")}, "won map[USD:100]", "won map[]"},
		{"two leads, the other way round", []func(tx *Tx) error{names("a1"), names("a2"), is(deal)}, "won map[USD:100]", "won map[]"},
		{"corrected", []func(tx *Tx) error{names("a1"), is(deal), names("a2"), is(lost)}, "lost map[]", "lost map[]"},
		{"a deal that does not know its money leaves what a file said", []func(tx *Tx) error{func(tx *Tx) error {
			o := truce.Outcome{LeadID: "a1", DealID: "d1", Status: truce.Won, At: day(8), Amount: truce.Money{Amount: 70, Currency: "USD"},
				HasAmount: true, Origin: truce.FromImport}
			_, err := tx.AddOutcome(o)
			return err
		}, func(tx *Tx) error {
			unknown := deal
			unknown.Amount, unknown.HasAmount = truce.Money{}, false
			_, err := tx.UpsertDeal(unknown)
			return err
		}}, "won map[USD:70]", " map[]"},
		{"a file's own word stays", []func(tx *Tx) error{is(deal), func(tx *Tx) error {
			o := truce.Outcome{LeadID: "a1", DealID: "d1", Status: truce.Won, At: day(8), Amount: truce.Money{Amount: 70, Currency: "USD"},
				HasAmount: true, Origin: truce.FromImport}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
			return tx.TellDeal("d1")
		}}, "won map[USD:70]", " map[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			if err := s.RebuildRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) error {
				for i, id := range []string{"a1", "a2"} {
					if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day(i)}); err != nil {
						return err
					}
				}
				return nil
			})
			for _, step := range tt.steps {
				update(t, s, step)
			}
			if err := s.View(t.Context(), func(tx *Tx) error {
				for id, want := range map[string]string{"a1": tt.a1, "a2": tt.a2} {
					l, err := tx.Lead(id)
					if err != nil {
						return err
					}
					outcomes, err := tx.LeadOutcomes(id)
					if err != nil {
						return err
					}
					if got := fmt.Sprint(l.State, " ", truce.Revenue(outcomes, day(30))); got != want {
						t.Errorf("%s: %s, want %s", id, got, want)
					}
				}
				won, err := tx.Closings(truce.Won, day(0), day(30), day(30))
				if err != nil {
					return err
				}
				gone, err := tx.Closings(truce.Lost, day(0), day(30), day(30))
				if len(won)+len(gone) != 1 {
					t.Errorf("sales %+v %+v, want one", won, gone)
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
