package truce_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"truce"
)

func TestDrawLooks(t *testing.T) {
	week := truce.Date{Year: 2026, Month: 3, Day: 9}
	var list []truce.LookCandidate
	for i := range 9 {
		kind, reps := truce.RejectedLook, []string{"P-1", "P-2", "P-3"}
		if i >= 6 {
			kind = truce.BelowLook
		}
		if i == 0 {
			reps = nil // nobody of the team is there
		}
		list = append(list, truce.LookCandidate{Lead: truce.Lead{ID: fmt.Sprint("C", i), Ref: fmt.Sprint("L-", i)}, Kind: kind, Reps: reps})
	}
	got := truce.DrawLooks(week, list, map[string]int{"P-1": 4})
	kinds := map[truce.SecondLookKind]int{}
	for _, l := range got {
		kinds[l.Kind]++
		if want := map[truce.SecondLookKind]int{truce.RejectedLook: 5, truce.BelowLook: 3}[l.Kind]; l.Available != want || l.PersonID == "P-1" ||
			l.LeadID == "C0" {
			t.Errorf("%+v: want one of %d, not for who has four", l, want)
		}
	}
	if kinds[truce.RejectedLook] != truce.RejectedLooks || kinds[truce.BelowLook] != truce.BelowLooks {
		t.Errorf("drawn %v", kinds)
	}
	shuffled := slices.Clone(list)
	slices.Reverse(shuffled)
	if again := truce.DrawLooks(week, shuffled, map[string]int{"P-1": 4}); !reflect.DeepEqual(got, again) {
		t.Errorf("the same week draws %+v, then %+v", got, again)
	}
	seen := map[string]int{}
	for i := range 520 {
		for _, l := range truce.DrawLooks(week.Add(7*i), list, nil) {
			seen[l.LeadID]++
		}
	}
	for id, n := range seen { // two of five, one of three: 208 and 173 of 520, less and more by four standard deviations at most
		want := 208
		if id >= "C6" {
			want = 173
		}
		if n < want-45 || n > want+45 {
			t.Errorf("%s was drawn %d times of 520, want about %d", id, n, want)
		}
	}
}

func TestMayLookAgain(t *testing.T) {
	of := func(attrs map[string]string) truce.Lead {
		return truce.Lead{Email: "kim@northfield.example", Attrs: attrs}
	}
	for _, c := range []struct {
		name string
		lead truce.Lead
		why  truce.Reason
		want bool
	}{
		{"a source fault", of(nil), "wrong-person", true},
		{"outside the profile", of(nil), "outside-icp", true},
		{"students and competitors never", of(nil), "student-competitor", false},
		{"no fault of the source", of(nil), "no-budget", false},
		{"below the threshold", of(nil), "", true},
		{"opted out, as Salesforce says it", of(map[string]string{"HasOptedOutOfEmail": "true"}), "wrong-person", false},
		{"opted out, as HubSpot says it", of(map[string]string{"hs_email_optout": "1"}), "wrong-person", false},
		{"not opted out", of(map[string]string{"Do Not Call": "No", "unsubscribed": ""}), "wrong-person", true},
		{"erased", truce.Lead{}, "wrong-person", false},
	} {
		if got := truce.MayLookAgain(c.lead, c.why); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
