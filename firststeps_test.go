package truce_test

import (
	"testing"

	"truce"
)

func TestFirstSteps(t *testing.T) {
	done := func(b truce.Begun) (n int) {
		for _, s := range b.FirstSteps() {
			if s.What == "" || s.Command == "" {
				t.Errorf("%+v does not say what to do", s)
			}
			if s.Done {
				n++
			}
		}
		return n
	}
	all := truce.Begun{Sales: 1, Marketing: 1, SalesManagers: 1, MarketingManagers: 1, Sponsors: 1, Leads: 1, Outcomes: 1, Objections: 1,
		Answers: 1, Charters: 1, Signed: 1}
	if len(all.FirstSteps()) != 10 || done(all) != 10 || done(truce.Begun{}) != 1 {
		t.Errorf("%d steps, %d of them done in the end and %d at first; want 10, 10 and the installation", len(all.FirstSteps()), done(all),
			done(truce.Begun{}))
	}
	one := all
	one.Marketing = 0
	if done(one) != 9 {
		t.Error("a side alone has taken its step")
	}
}
