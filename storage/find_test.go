package storage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"truce"
)

// People remember a company, somebody's name, a domain or a piece of an address.
func TestLeadsAreFoundByWhatOneRemembers(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for i, l := range []truce.Lead{
			{Name: "Kim Westbrook", Company: "Northfield Labs Inc.", Email: "kim.westbrook@northfield.example"},
			{Name: "Uma Lund", Company: "Westbrook Biologics", Email: "u.lund@wb.example"},
			{Name: "Åke Ågren", Company: "Institut für Zellbiologie"},
			{Email: "jo.hartwell@glenrock.example"},
			{Name: "Dr. Ana María van der Berg", Company: "University of Eastlake"},
			{},
		} {
			l.ID, l.MQLAt = fmt.Sprint(i), day(i)
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
		}
		for _, c := range []struct{ asked, want string }{
			{"Westbrook", "1 0"}, {"westbrook bio", "1"}, {"Kim", "0"}, {"kim westbrook", "0"}, {"Westbrook, Kim", "0"}, {"NORTHFIELD", "0"},
			{"labs", "0"}, {"northfield.example", "0"},
			{"@northfield.example", "0"}, {"kim.west", "0"}, {"westbrook@north", "0"}, {"Ågren", "2"}, {"ågren", "2"}, {"åke", "2"},
			{"zellbiologie", "2"}, {"hartwell", "3"}, {"jo.h", "3"},
			{"glenrock", "3"}, {"Eastlake", "4"}, {"berg", "4"}, {"", ""}, {"x", ""}, {"nobody here", ""}, {"stbrook", ""}, {"%", ""},
			{"'; DROP TABLE leads; --", ""},
		} {
			leads, err := tx.RecallLeads(c.asked)
			if err != nil {
				return err
			}
			var ids []string
			for _, l := range leads {
				ids = append(ids, l.ID)
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("%q finds %q, want %q", c.asked, got, c.want)
			}
		}
		for asked, want := range map[string]int{"stbrook": 2, "zellbio": 1, "ell": 0, "maría": 1} {
			if leads, err := tx.RecallAmongNewest(asked); err != nil || len(leads) != want {
				t.Errorf("%q anywhere finds %d leads (%v), want %d", asked, len(leads), err, want)
			}
		}
		return nil
	})
}

// Each place where the beginning of a word is looked up has an index: else it would take a pass over all leads.
func TestWhatIsRememberedHasAnIndex(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for _, p := range places {
			plan, err := all(tx, func(scan func(...any) error) (s string, err error) {
				var id, parent, unused int
				return s, scan(&id, &parent, &unused, &s)
			}, `EXPLAIN QUERY PLAN SELECT `+leadColumns+` FROM leads WHERE `+p.when+` AND `+p.expression+` >= ? AND `+p.expression+` < ? LIMIT 10`,
				"a", "b")
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, "USING INDEX") }) {
				t.Errorf("%s is looked for among all leads: %v", p.expression, plan)
			}
		}
		return nil
	})
}
