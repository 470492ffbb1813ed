package storage

import (
	"strings"
	"testing"
)

// What was not worked is read along the leads handed off since Truce's start, from an index that holds all it needs of them.
func TestHandOffsReadNoOtherLeads(t *testing.T) {
	s := open(t)
	var plan []string
	err := s.View(t.Context(), func(tx *Tx) error {
		return tx.each(`EXPLAIN QUERY PLAN `+handOffsQuery, []any{0, 1, 2, 3, 4}, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(plan, "; ")
	if !strings.Contains(got, "SEARCH l USING COVERING INDEX leads_handed_off (mql_at>? AND mql_at<?)") {
		t.Errorf("the leads are not found by the index: %s", got)
	}
	for _, table := range []string{"SCAN l", "SCAN o", "SCAN t", "SCAN d", "SCAN c"} {
		if strings.Contains(got+";", table+";") || strings.Contains(got, table+" ") {
			t.Errorf("%s in %s", table, got)
		}
	}
}
