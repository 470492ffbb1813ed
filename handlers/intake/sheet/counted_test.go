package sheet

import "testing"

// TestKindsAreCountedInWords holds that one row is not "1 leads".
func TestKindsAreCountedInWords(t *testing.T) {
	for kind, want := range map[Kind]string{People: "1 person", Accounts: "1 account", Leads: "1 lead", Touches: "1 touch",
		Engagements: "1 engagement", Deals: "1 deal", Outcomes: "1 outcome", Orders: "1 order", Costs: "1 cost",
		Activities: "1 activity", ActivityLinks: "1 activity link", Answers: "1 answer"} {
		if got := kind.Counted(1); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 leads", 2: "2 leads", 21: "21 leads"} {
		if got := Leads.Counted(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
