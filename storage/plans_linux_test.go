package storage

import (
	"strings"
	"testing"
)

// TestAStatementKeepsItsPlan asks for what a partial index holds with a bound value: a plan that follows values uses that index, and is
// made anew for each. The writing connection and those that read keep theirs.
func TestAStatementKeepsItsPlan(t *testing.T) {
	s := open(t)
	plan := func(tx *Tx) error {
		return tx.each(`EXPLAIN QUERY PLAN SELECT dest FROM outbox WHERE state = ? AND dest = ?`, []any{"waiting", "P-1"},
			func(scan func(...any) error) error {
				var id, parent, unused int
				var step string
				if err := scan(&id, &parent, &unused, &step); err != nil {
					return err
				}
				if strings.Contains(step, "outbox_dest") {
					t.Errorf("the plan follows the value: %s", step)
				}
				return nil
			})
	}
	if err := s.Update(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
}
