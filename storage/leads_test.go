package storage

import (
	"testing"
	"time"

	"truce"
)

// update runs fn in an event of its own and fails the test with its error.
func update(t testing.TB, s *Store, fn func(tx *Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func day(n int) time.Time { return testNow.AddDate(0, 0, n) }

func TestLeadsSameDataTwiceChangesNothing(t *testing.T) {
	s := open(t)
	lead := truce.Lead{ID: "a1", MQLAt: day(0), Email: "Kim@Northfield.example", Company: "Northfield Labs Inc.", Source: "Webinar", Score: 82,
		HasScore: true,
		Owner:    "kim", Attrs: map[string]string{"Region": "EU"}}
	outcome := truce.Outcome{LeadID: "a1", DealID: "d1", Status: truce.Won, At: day(9), Amount: truce.Money{Amount: 100, Currency: "USD"},
		HasAmount: true, Origin: truce.FromImport}
	rating := truce.RatingOf{LeadID: "a1", Rater: "kim", Value: truce.Good, RowAt: day(2)}
	for _, want := range []Change{Added, Unchanged} {
		update(t, s, func(tx *Tx) error {
			if got, err := tx.UpsertLead(lead); err != nil || got != want {
				t.Errorf("lead: %q, %v, want %q", got, err, want)
			}
			if got, err := tx.AddOutcome(outcome); err != nil || got != want {
				t.Errorf("outcome: %q, %v, want %q", got, err, want)
			}
			if got, err := tx.Rate(rating); err != nil || got != want {
				t.Errorf("rating: %q, %v, want %q", got, err, want)
			}
			return nil
		})
	}
}

func TestUndatedRatingsOfTwoRowsAreTwo(t *testing.T) {
	rows := []truce.RatingOf{
		{LeadID: "a1", Rater: "kim", Value: truce.Good, RowAt: day(2)},
		{LeadID: "a1", Rater: "kim", Value: truce.Poor, RowAt: day(5)},
		{LeadID: "a1", Rater: "kim", Value: truce.Fair, RowAt: day(5), Hindsight: true},
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}} {
		s := open(t)
		update(t, s, func(tx *Tx) error {
			_, err := tx.UpsertLead(truce.Lead{ID: "a1", MQLAt: day(0)})
			return err
		})
		for _, want := range []Change{Added, Unchanged} {
			update(t, s, func(tx *Tx) error {
				for _, i := range order {
					if got, err := tx.Rate(rows[i]); err != nil || got != want {
						t.Errorf("row %d: %q, %v, want %q", i, got, err, want)
					}
				}
				return nil
			})
		}
		update(t, s, func(tx *Tx) error {
			l, err := tx.Lead("a1")
			if l.Rating != truce.Poor {
				t.Errorf("in force is %q, want the newest that was no hindsight", l.Rating)
			}
			corrected := rows[0]
			corrected.Value = truce.Fair
			if got, err := tx.Rate(corrected); err != nil || got != Changed {
				t.Errorf("the same row corrected: %q, %v", got, err)
			}
			return err
		})
	}
}

func TestLeadsCorrections(t *testing.T) {
	first := truce.Lead{ID: "a1", MQLAt: day(0), Source: "Webinar", Campaign: "Faster panels", Attrs: map[string]string{"Region": "EU"}}
	for _, tt := range []struct {
		name   string
		again  truce.Lead
		change Change
		check  func(l truce.Lead) bool
	}{
		{"an empty field leaves what is known", truce.Lead{ID: "a1", MQLAt: day(0)}, Unchanged,
			func(l truce.Lead) bool { return l.Campaign == "Faster panels" }},
		{"the source is locked", truce.Lead{ID: "a1", MQLAt: day(0), Source: "Referral"}, Unchanged,
			func(l truce.Lead) bool { return l.Source == "Webinar" }},
		{"a field is corrected", truce.Lead{ID: "a1", MQLAt: day(0), Campaign: "Spring"}, Changed,
			func(l truce.Lead) bool { return l.Campaign == "Spring" }},
		{"attributes are merged", truce.Lead{ID: "a1", MQLAt: day(0), Attrs: map[string]string{"Size": "9"}}, Changed,
			func(l truce.Lead) bool { return l.Attrs["Region"] == "EU" && l.Attrs["Size"] == "9" }},
		{"a known zero score is a score", truce.Lead{ID: "a1", MQLAt: day(0), HasScore: true}, Changed,
			func(l truce.Lead) bool { return l.HasScore && l.Score == 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			update(t, s, func(tx *Tx) error {
				if _, err := tx.UpsertLead(first); err != nil {
					return err
				}
				change, err := tx.UpsertLead(tt.again)
				if err != nil || change != tt.change {
					t.Errorf("change %q, %v, want %q", change, err, tt.change)
				}
				l, err := tx.Lead("a1")
				if err != nil || !tt.check(l) {
					t.Errorf("%+v, %v", l, err)
				}
				return nil
			})
		})
	}
}

func TestOutcomesSettleTheLead(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		if _, err := tx.UpsertLead(truce.Lead{ID: "a1", MQLAt: day(0)}); err != nil {
			return err
		}
		steps := []struct {
			o     truce.Outcome
			state truce.Status
			stage truce.Stage
		}{
			{truce.Outcome{Status: truce.Accepted, At: day(1), Origin: truce.FromSilence}, truce.Accepted, truce.StageMQL},
			{truce.Outcome{Status: truce.Won, At: day(9), DealID: "d", Origin: truce.FromImport}, truce.Won, truce.StageOpportunity},
			{truce.Outcome{Status: truce.Rejected, At: day(2), Origin: truce.FromImport}, truce.Won, truce.StageOpportunity},
			// corrected
			{truce.Outcome{Status: truce.Won, At: day(-9), DealID: "d", Origin: truce.FromImport}, truce.Rejected, truce.StageOpportunity},
		}
		for i, st := range steps {
			st.o.LeadID = "a1"
			if _, err := tx.AddOutcome(st.o); err != nil {
				return err
			}
			l, err := tx.Lead("a1")
			if err != nil {
				return err
			}
			outcomes, err := tx.LeadOutcomes("a1")
			if err != nil {
				return err
			}
			if l.State != st.state || l.Standing != truce.Stand(outcomes, lastMoment) {
				t.Errorf("step %d: %+v, want state %q as Stand says: %+v", i, l.Standing, st.state, truce.Stand(outcomes, lastMoment))
			}
		}
		return nil
	})
}

func TestImportsDoNotOverruleWhatAPersonSaid(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		if _, err := tx.UpsertLead(truce.Lead{ID: "a1", MQLAt: day(0)}); err != nil {
			return err
		}
		said := truce.Outcome{LeadID: "a1", Status: truce.Accepted, At: day(1), Origin: truce.FromPerson, PersonID: "P-1"}
		repeated := truce.Outcome{LeadID: "a1", Status: truce.Accepted, At: day(3), Origin: truce.FromImport}
		if _, err := tx.AddOutcome(said); err != nil {
			return err
		}
		if change, err := tx.AddOutcome(repeated); err != nil || change != Unchanged {
			t.Errorf("change %q, %v", change, err)
		}
		if l, err := tx.Lead("a1"); err != nil || !l.At.Equal(day(1)) {
			t.Errorf("accepted at %v, %v, want %v", l.At, err, day(1))
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: "nobody", Status: truce.Accepted, At: day(1),
			Origin: truce.FromImport}); truce.KindOf(err) != truce.NotFound {
			t.Errorf("an outcome of an unknown lead: %v", err)
		}
		return nil
	})
}

func TestFindLeads(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for _, l := range []truce.Lead{{ID: "a1", Email: "Kim@Lab.example"}, {ID: "A1", Email: "kim@lab.example"}, {ID: "L-2"}, {ID: "z"}} {
			l.MQLAt = day(0)
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
		}
		for query, want := range map[string][]string{"a1": {"a1"}, "A1": {"A1"}, "kim@LAB.example": {"A1", "a1"}, "L-2": {"L-2", "A1"},
			"l-4": {"z"}, "": nil, "nobody": nil} {
			got, err := tx.FindLeads(query)
			if err != nil {
				return err
			}
			var ids []string
			for _, l := range got {
				ids = append(ids, l.ID)
			}
			if len(ids) != len(want) {
				t.Errorf("%q finds %v, want %v", query, ids, want)
				continue
			}
			for i := range ids {
				if ids[i] != want[i] {
					t.Errorf("%q finds %v, want %v", query, ids, want)
				}
			}
		}
		return nil
	})
}

func TestOwnersTurnUpLater(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for id, owner := range map[string]string{"a1": "Kim@Lab.example", "a2": "Kim Park", "a3": ""} {
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day(0), HandedOffAt: day(0), Owner: owner}); err != nil {
				return err
			}
		}
		kim, err := tx.AddPerson(truce.Person{Name: "Kim Park", Email: "kim@lab.example"})
		if err != nil {
			return err
		}
		for id, want := range map[string]string{"a1": kim.ID, "a2": "", "a3": ""} {
			if l, err := tx.Lead(id); err != nil || l.OwnerID != want {
				t.Errorf("%s is owned by %q, %v, want %q: people are joined by e-mail, never by name", id, l.OwnerID, err, want)
			}
		}
		if _, err := tx.UpsertLead(truce.Lead{ID: "a4", MQLAt: day(0), Owner: "KIM@lab.example"}); err != nil {
			return err
		}
		if l, err := tx.Lead("a4"); err != nil || l.OwnerID != kim.ID {
			t.Errorf("a new lead of hers is owned by %q, %v", l.OwnerID, err)
		}
		return nil
	})
}

// BenchmarkImport is what a row of each kind costs: a new lead, an outcome of it, a rating.
func BenchmarkImport(b *testing.B) {
	s := open(b)
	for n := 0; b.Loop(); n++ {
		if err := s.Update(b.Context(), func(tx *Tx) error {
			for i := range 1000 {
				id := truce.NewID(testNow.Add(time.Duration(n*1000+i) * time.Millisecond))
				if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day(0), Company: "Northfield Labs", Source: "Webinar"}); err != nil {
					return err
				}
				if _, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Accepted, At: day(1), Origin: truce.FromImport}); err != nil {
					return err
				}
				if _, err := tx.Rate(truce.RatingOf{LeadID: id, Rater: "kim", Value: truce.Good, At: day(1)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*1000), "µs/lead+outcome+rating")
}
