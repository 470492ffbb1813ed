package truce_test

import (
	"os"
	"strings"
	"testing"

	"truce"
)

func TestWhoSeesACase(t *testing.T) {
	d := truce.Dispute{ID: "D-1", OpenerID: "P-1", OwnerID: "P-2", Parties: []string{"P-1", "P-3"}}
	for _, tt := range []struct {
		who  string
		p    truce.Person
		sees bool
	}{
		{"who opened it", truce.Person{ID: "P-1"}, true},
		{"the lead's owner", truce.Person{ID: "P-2"}, true},
		{"who answered it and lost the role", truce.Person{ID: "P-3"}, true},
		{"a member without a side", truce.Person{ID: "P-9"}, false},
		{"somebody we have not seen", truce.Person{}, false},
		{"an admin without a side", truce.Person{ID: "P-9", Roles: []truce.Role{truce.Admin}}, false},
		{"a rep", truce.Person{ID: "P-9", Roles: []truce.Role{truce.Rep}}, true},
		{"somebody put on a side", truce.Person{ID: "P-9", Side: truce.Marketing}, true},
		{"a manager", truce.Person{ID: "P-9", Roles: []truce.Role{truce.MarketingManager}}, true},
		{"the sponsor", truce.Person{ID: "P-9", Roles: []truce.Role{truce.Sponsor}}, true},
	} {
		if got := tt.p.SeesCase(d); got != tt.sees {
			t.Errorf("%s sees a case: %v; want %v", tt.who, got, tt.sees)
		}
	}
}

// TestTheDataMapTellsWhoSeesWhat holds the page against the table that decides it.
func TestTheDataMapTellsWhoSeesWhat(t *testing.T) {
	page, err := os.ReadFile("docs/data-map.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n\n"+truce.WhoSeesWhat()+"\n") {
		t.Errorf("docs/data-map.md does not hold the table of role.go:\n%s", truce.WhoSeesWhat())
	}
}
