package intake

import (
	"strings"
	"testing"

	"truce/handlers/intake/sheet"
)

// TestLinksOfOneDayStandBesideEachOther imports a chain that says on one day what shall come of the leads of a campaign and of those
// engaged, and revenue in two currencies; corrections after it find the link they are of.
func TestLinksOfOneDayStandBesideEachOther(t *testing.T) {
	store := openStore(t)
	if _, _, err := importText(t, store, sheet.Activities, "id,name\nA,Spring booth\n"); err != nil {
		t.Fatal(err)
	}
	const head = "activity,what,unit,date,expected,of\n"
	for _, tt := range []struct {
		name, rows                string
		added, changed, unchanged int
		want                      string
	}{
		{"a chain", "A,leads,leads,2026-06-30,30,campaign\nA,leads,leads,2026-06-30,12,engaged\nA,revenue,usd,2026-06-30,1000,\n" +
			"A,revenue,EUR,2026-06-30,500,\nA,badge scans,scans,2026-06-30,120,campaign\n", 5, 0, 0,
			"A,leads,leads,2026-06-30,30,campaign,\nA,leads,leads,2026-06-30,12,engaged,\nA,revenue,usd,2026-06-30,1000,campaign,\n" +
				"A,revenue,EUR,2026-06-30,500,campaign,\nA,badge scans,scans,2026-06-30,120,campaign,\n"},
		{"one word more, and an unchanged row", "A,leads,contacts,2026-06-30,15,engaged\nA,leads,leads,2026-06-30,30,\n", 0, 1, 1,
			"A,leads,leads,2026-06-30,30,campaign,\nA,leads,contacts,2026-06-30,15,engaged,\nA,revenue,usd,2026-06-30,1000,campaign,\n" +
				"A,revenue,EUR,2026-06-30,500,campaign,\nA,badge scans,scans,2026-06-30,120,campaign,\n"},
		{"what Truce does not count is of nobody, and a currency has no case", "A,badge scans,badges,2026-06-30,130,engaged\n" +
			"A,revenue,USD,2026-06-30,1100,\n", 0, 2, 0,
			"A,leads,leads,2026-06-30,30,campaign,\nA,leads,contacts,2026-06-30,15,engaged,\nA,revenue,USD,2026-06-30,1100,campaign,\n" +
				"A,revenue,EUR,2026-06-30,500,campaign,\nA,badge scans,badges,2026-06-30,130,engaged,\n"},
	} {
		s, h, err := importText(t, store, sheet.ActivityLinks, head+tt.rows)
		if err != nil || s.Added != tt.added || s.Changed != tt.changed || s.Unchanged != tt.unchanged || len(h.lines) > 0 {
			t.Errorf("%s: %+v %q, %v", tt.name, s, h.lines, err)
		}
		var b strings.Builder
		if _, err := Export(t.Context(), store, string(sheet.ActivityLinks), CSV, &b); err != nil {
			t.Fatal(err)
		}
		if _, got, _ := strings.Cut(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\n"); got != tt.want {
			t.Errorf("%s: the chain is\n%s\nand not\n%s", tt.name, got, tt.want)
		}
	}
}
