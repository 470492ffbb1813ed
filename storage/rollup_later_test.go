package storage

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"truce"
)

// TestRollUpsAfterALargeImport imports more leads than have their sums written one by one: while it runs the roll-ups say that
// they are not whole, and afterwards they are right, whatever others did meanwhile.
func TestRollUpsAfterALargeImport(t *testing.T) {
	const leads, batch = laterFrom + 3000, 1000
	rows := func(from, to int) (list []*LeadRow) {
		for i := from; i < to; i++ {
			list = append(list, &LeadRow{Lead: truce.Lead{ID: fmt.Sprint(i), MQLAt: day(-i % 300), Source: fmt.Sprint("s", i%3), Campaign: fmt.Sprint("c", i%7), Segment: fmt.Sprint(i % 2)}})
		}
		return list
	}
	for _, tt := range []struct {
		name  string
		leads int
		while func(t *testing.T, other *Store) // when most is in
		whole bool                             // at that moment
	}{
		{"alone", leads, func(*testing.T, *Store) {}, false},
		{"few leads", laterFrom / 2, func(*testing.T, *Store) {}, true},
		{"a lead of before and one of the import change", leads, func(t *testing.T, other *Store) {
			for _, id := range []string{"before", fmt.Sprint(laterFrom - 1)} {
				update(t, other, func(tx *Tx) error {
					_, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Rejected, At: day(1), Origin: truce.FromPerson})
					return err
				})
			}
		}, false},
		{"somebody counts anew", leads, func(t *testing.T, other *Store) {
			if err := other.RebuildRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"an import was killed before", laterFrom / 2, func(t *testing.T, other *Store) {
			update(t, other, func(tx *Tx) error { return tx.SetMeta(metaRollMissing+"dead", "2026-01-01T00:00:00Z") })
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) error {
				_, err := tx.UpsertLead(truce.Lead{ID: "before", MQLAt: day(-3), Source: "s1"})
				return err
			})
			other, err := Open(t.Context(), s.Path(), func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			put := func(from, to int) error {
				for at := from; at < to; at += batch {
					list := rows(at, min(at+batch, to))
					if err := s.Update(t.Context(), func(tx *Tx) error { return tx.UpsertLeads(list, true) }); err != nil {
						return err
					}
				}
				return nil
			}
			err = s.Relax(t.Context(), func() error {
				if err := put(0, tt.leads-batch); err != nil {
					return err
				}
				if whole := rolledUp(t, other); whole != tt.whole {
					t.Errorf("during the import the roll-ups are whole: %v", whole)
				}
				tt.while(t, other)
				return put(tt.leads-batch, tt.leads)
			})
			if err != nil {
				t.Fatal(err)
			}
			if wrong, err := other.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 || !rolledUp(t, other) {
				t.Errorf("afterwards: %v %q", err, wrong)
			}
		})
	}
}

func rolledUp(t *testing.T, s *Store) (whole bool) {
	t.Helper()
	if err := s.View(t.Context(), func(tx *Tx) (err error) { whole, err = tx.RolledUp(day(1000), time.UTC); return err }); err != nil {
		t.Fatal(err)
	}
	return whole
}
