package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
)

// TestListsReadOnlyWhatTheyShow asks SQLite how it finds the two lists of a digest: along an index that has their order, with no
// pass over the leads and nothing to sort. The sums of a period are one stretch of their table.
func TestListsReadOnlyWhatTheyShow(t *testing.T) {
	s := open(t)
	for name, q := range map[string]struct {
		query string
		args  []any
		want  string
	}{
		"rejections that proved wrong": {wrongQuery, []any{0, 1, 5}, "SEARCH leads USING INDEX leads_wrong (mql_at>? AND mql_at<?)"},
		"highest scores that lost":     {lostQuery, []any{0, 1, 5}, "SEARCH leads USING INDEX leads_lost (score>?)"},
		"sums of a period":             {rollUpsQuery, []any{RollSource, 0, 1}, "SEARCH rollups USING PRIMARY KEY (kind=? AND day>? AND day<?)"},
	} {
		if got := strings.Join(planOf(t, s, q.query, q.args...), "; "); got != q.want {
			t.Errorf("%s: %s\nwant %s", name, got, q.want)
		}
	}
}

// planOf is how SQLite would find what a statement asks for.
func planOf(t *testing.T, s *Store, query string, args ...any) (plan []string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) error {
		return tx.each(`EXPLAIN QUERY PLAN `+query, args, func(scan func(...any) error) error {
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
	return plan
}

// TestWhatACRMSaysOfALeadIsFoundByIt asks the same of what a sync looks up for each lead: no pass over all keys or links of a CRM.
func TestWhatACRMSaysOfALeadIsFoundByIt(t *testing.T) {
	s := open(t)
	for _, query := range []string{toldOfLeadQuery, touchesOfLeadQuery, dealsOfLeadQuery, leadsOfRecordQuery, keysDelete, otherKeysDelete} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = "[]"
		}
		for _, step := range planOf(t, s, query, args...) {
			if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "json_each") || strings.HasSuffix(step, "(system=?)") ||
				strings.HasSuffix(step, "(system=? AND type=?)") {
				t.Errorf("%s\ngoes over much: %s", query, step)
			}
		}
	}
}

// TestListsAreWhatLookingAtEachLeadGives holds the two lists and the counts beside them against a look at every lead, on leads
// changed at random.
func TestListsAreWhatLookingAtEachLeadGives(t *testing.T) {
	s := open(t)
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, 23))
	for range 40 {
		err := s.Update(t.Context(), func(tx *Tx) error {
			for range 30 {
				l := truce.Lead{ID: fmt.Sprint("lead-", r.IntN(300)), MQLAt: testNow.AddDate(0, 0, r.IntN(100)-60), Score: float64(r.IntN(10)) * 10,
					HasScore: true}
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				o := truce.Outcome{LeadID: l.ID, DealID: []string{"", "d1"}[r.IntN(2)], At: testNow.AddDate(0, 0, r.IntN(240)-60),
					Origin: truce.FromImport,
					Status: []truce.Status{truce.Rejected, truce.Opportunity, truce.Won, truce.Lost, truce.Accepted}[r.IntN(5)]}
				switch {
				case o.Status == truce.Rejected:
					o.Reason, o.Origin = []truce.Reason{"wrong-person", "no-budget"}[r.IntN(2)],
						[]truce.Origin{truce.FromImport, truce.FromSilence}[r.IntN(2)]
				case o.Status == truce.Won:
					o.HasAmount, o.Amount = true, truce.Money{Amount: int64(r.IntN(9)), Currency: []string{"USD", "EUR"}[r.IntN(2)]}
				}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	from, to := testNow.AddDate(0, 0, -40).Truncate(24*time.Hour), testNow.AddDate(0, 0, 30).Truncate(24*time.Hour)
	type line struct {
		id   string
		rank float64
	}
	var wrong, lost []line
	faults := 0
	err := s.View(t.Context(), func(tx *Tx) error {
		err := tx.EachLeadCase(from, to, func(c *truce.LeadCase) error {
			fault, proved := false, false
			for _, o := range c.Outcomes {
				if o.Status != truce.Rejected || o.Reason != "wrong-person" || o.Origin == truce.FromSilence {
					continue
				}
				fault = true
				for _, n := range c.Outcomes {
					if (n.Status == truce.Opportunity || n.Status == truce.Won) && n.At.After(o.At) &&
						n.At.Before(o.At.AddDate(0, 0, 90).Add(time.Millisecond)) {
						proved = true
					}
				}
			}
			if fault {
				faults++
			}
			if proved {
				wrong = append(wrong, line{c.Lead.ID, float64(c.Lead.MQLAt.UnixMilli())})
			}
			if truce.Stand(c.Outcomes, lastMoment).State == truce.Lost && c.Lead.HasScore {
				lost = append(lost, line{c.Lead.ID, c.Lead.Score})
			}
			return nil
		})
		if err != nil {
			return err
		}
		first := func(list []line, n int) (ids []string) {
			slices.SortFunc(list, func(a, b line) int {
				if a.rank != b.rank {
					return int(b.rank*10 - a.rank*10)
				}
				return strings.Compare(a.id, b.id)
			})
			for _, l := range list[:min(n, len(list))] {
				ids = append(ids, l.id)
			}
			return ids
		}
		ids := func(list []Counted) (ids []string) {
			for _, c := range list {
				ids = append(ids, c.Lead.ID)
			}
			return ids
		}
		if len(wrong) < 3 || len(lost) < 5 || faults <= len(wrong) {
			t.Fatalf("%d of %d rejections proved wrong, %d lost: too few to look at", len(wrong), faults, len(lost))
		}
		gotWrong, err := tx.WrongRejections(from, to, 4)
		if err != nil {
			return err
		}
		gotLost, err := tx.HighestLost(from, to, 4)
		if err != nil {
			return err
		}
		counts, err := tx.RollUps(RollFault, truce.DayNumber(from, time.UTC), truce.DayNumber(to, time.UTC))
		if err != nil {
			return err
		}
		got := fmt.Sprint(ids(gotWrong), ids(gotLost), counts[0].Leads, counts[0].Opportunities)
		if want := fmt.Sprint(first(wrong, 4), first(lost, 4), faults, len(wrong)); got != want {
			t.Errorf("the lists are %s, a look at each lead gives %s", got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
