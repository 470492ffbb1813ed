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

func TestSmallSides(t *testing.T) {
	mia, sam, rep, guest := truce.Person{ID: "P-1", Roles: []truce.Role{truce.Marketer}},
		truce.Person{ID: "P-2", Roles: []truce.Role{truce.SalesManager}}, truce.Person{ID: "P-3", Side: truce.Sales}, truce.Person{ID: "P-4"}
	for _, c := range []struct {
		sales, marketing int
		who              truce.Person
		want             truce.Sides
	}{
		{4, 5, mia, truce.Sides{Sales: true}}, {4, 4, mia, truce.Sides{Sales: true}}, {5, 4, mia, truce.Sides{}},
		{5, 4, rep, truce.Sides{Marketing: true}}, {4, 4, rep, truce.Sides{Marketing: true}},
		{1, 1, sam, truce.Sides{}}, {4, 4, guest, truce.Sides{true, true}}, {4, 4, truce.Person{}, truce.Sides{true, true}},
		{5, 5, truce.Person{}, truce.Sides{}}, {0, 0, truce.Person{}, truce.Sides{}},
		{2, 9, truce.Person{ID: "P-5", Roles: []truce.Role{truce.Sponsor, truce.Admin}}, truce.Sides{Sales: true}},
	} {
		if got := c.who.WithheldSides(map[truce.Side]int{truce.Sales: c.sales, truce.Marketing: c.marketing}); got != c.want {
			t.Errorf("%d in Sales, %d in Marketing: from %+v is withheld %+v, want %+v", c.sales, c.marketing, c.who, got, c.want)
		}
	}
}
