package digests_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

var activityNow = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func activityStore(t *testing.T, fill func(tx *storage.Tx) error) *storage.Store {
	t.Helper()
	store := openStore(t, func() time.Time { return activityNow })
	if err := store.Update(context.Background(), fill); err != nil {
		t.Fatal(err)
	}
	return store
}

func reportOn(t *testing.T, store *storage.Store, r digests.ActivityRequest) (report digests.ActivityReport) {
	t.Helper()
	err := store.View(t.Context(), func(tx *storage.Tx) (err error) {
		report, err = digests.Maker{}.Activities(tx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// aYear is a year of leads that are old enough.
func aYear() digests.ActivityRequest {
	return digests.ActivityRequest{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		AsOf: activityNow}
}

func addLead(tx *storage.Tx, l truce.Lead, outcomes ...truce.Outcome) error {
	if _, err := tx.UpsertLead(l); err != nil {
		return err
	}
	for _, o := range outcomes {
		o.LeadID, o.Origin = l.ID, truce.FromImport
		if _, err := tx.AddOutcome(o); err != nil {
			return err
		}
	}
	return nil
}

// engagedCompany writes 600 leads of two sources. Buying comes with a score that nothing else knows of, or is planted: effect is what being
// engaged adds to the chance of buying.
func engagedCompany(seed uint64, effect float64, immortal bool) func(tx *storage.Tx) error {
	return func(tx *storage.Tx) error {
		r := rand.New(rand.NewPCG(seed, 7))
		if _, err := tx.UpsertActivity(truce.Activity{ID: "W", Name: "Faster panels", Side: truce.Marketing,
			Matches: []string{"Faster panels"}}); err != nil {
			return err
		}
		for i := range 600 {
			id := fmt.Sprintf("L%d", i)
			at := time.Date(2025, 1, 1+r.IntN(364), 10, 0, 0, 0, time.UTC)
			source := []string{"webinar", "fair"}[r.IntN(2)]
			risk := map[string]float64{"webinar": 0.1, "fair": 0.3}[source]
			days := 31 + r.IntN(170) // to the win, where there is one
			if immortal {
				days = 5 + r.IntN(200)
			}
			engaged := r.Float64() < 0.4
			wins := r.Float64() < risk || engaged && r.Float64() < effect
			lead := truce.Lead{ID: id, MQLAt: at, Source: source, Account: fmt.Sprint("firm ", i), Company: fmt.Sprint("Firm ", i),
				Score: 50 + 10*r.NormFloat64(), HasScore: true}
			var outcomes []truce.Outcome
			if wins {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Won, At: at.AddDate(0, 0, days)})
			}
			if err := addLead(tx, lead, outcomes...); err != nil {
				return err
			}
			when := r.IntN(29)
			if immortal { // one engagement at some time while the lead is looked at: who lives longer has more chances
				when = r.IntN(200)
				engaged = engaged && (!wins || when < days)
			}
			if engaged {
				_, err := tx.UpsertEngagement(truce.Engagement{ID: "e" + id, LeadID: id, At: at.AddDate(0, 0, when), Kind: "attended",
					Activity: "faster PANELS"})
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func TestEngagedLeadsBesideOthers(t *testing.T) {
	t.Run("a planted effect is said", func(t *testing.T) {
		report := reportOn(t, activityStore(t, engagedCompany(1, 0.35, false)), aYear())
		text := chat.PlainText(report.Card(time.UTC), 200)
		if !strings.Contains(text, "Of the same source, segment and month, engaged leads went on to buy more often") {
			t.Errorf("not said:\n%s", text)
		}
	})
	t.Run("no sentence says because", func(t *testing.T) {
		report := reportOn(t, activityStore(t, engagedCompany(1, 0.35, false)), aYear())
		text := strings.ToLower(chat.PlainText(report.Card(time.UTC), 200))
		for _, word := range []string{"because", "thanks to", "comparable", "caused"} {
			if strings.Contains(text, word) {
				t.Errorf("%q in:\n%s", word, text)
			}
		}
	})
	t.Run("time in which nobody could be engaged any more is no effect", func(t *testing.T) {
		said := 0
		for seed := range uint64(10) {
			report := reportOn(t, activityStore(t, engagedCompany(100+seed, 0, true)), aYear())
			if strings.Contains(chat.PlainText(report.Card(time.UTC), 200), " often (") {
				said++
			}
		}
		if said > 0 {
			t.Errorf("said of %d of 10 companies in which engaged leads only lived longer", said)
		}
	})
}

// TestLandmarkCounts compares the report with a plain recomputation of the rule, over companies of random leads.
func TestLandmarkCounts(t *testing.T) {
	for seed := range uint64(6) {
		type lead struct {
			truce.Lead
			outcomes []truce.Outcome
			meeting  time.Time
			engaged  []time.Time
		}
		r := rand.New(rand.NewPCG(seed, 3))
		var leads []lead
		for i := range 150 {
			l := lead{Lead: truce.Lead{ID: fmt.Sprintf("L%03d", i), MQLAt: time.Date(2025, 11, r.IntN(300), r.IntN(24), 0, 0, 0, time.UTC),
				Source:  []string{"a", "b"}[r.IntN(2)],
				Segment: []string{"", "x"}[r.IntN(2)]}}
			if r.IntN(3) > 0 {
				l.Company = fmt.Sprint("Firm ", r.IntN(120))
				l.Account = truce.FoldAccount(l.Company)
			}
			if r.IntN(4) > 0 {
				l.Email = fmt.Sprintf("p%d@example.com", r.IntN(130))
			}
			for range r.IntN(3) {
				s := truce.Statuses[r.IntN(len(truce.Statuses))]
				if slices.ContainsFunc(l.outcomes, func(o truce.Outcome) bool { return o.Status == s }) {
					continue // the same again would correct it
				}
				l.outcomes = append(l.outcomes, truce.Outcome{Status: s, At: l.MQLAt.AddDate(0, 0, r.IntN(240))})
			}
			if r.IntN(5) == 0 {
				l.meeting = l.MQLAt.AddDate(0, 0, r.IntN(240))
			}
			for range r.IntN(2) {
				l.engaged = append(l.engaged, l.MQLAt.AddDate(0, 0, r.IntN(60)-10))
			}
			leads = append(leads, l)
		}
		store := activityStore(t, func(tx *storage.Tx) error {
			if _, err := tx.UpsertActivity(truce.Activity{ID: "W", Name: "x", Matches: []string{"Booth  A"}}); err != nil {
				return err
			}
			for i := range leads {
				l := &leads[i]
				if err := addLead(tx, l.Lead, l.outcomes...); err != nil {
					return err
				}
				if !l.meeting.IsZero() {
					if _, err := tx.AddTouch(truce.Touch{LeadID: l.ID, At: l.meeting, Kind: "meeting"}); err != nil {
						return err
					}
				}
				for j, at := range l.engaged {
					e := truce.Engagement{ID: fmt.Sprint(l.ID, "-", j), At: at, Kind: "k", Campaign: "booth a"}
					if e.LeadID = l.ID; l.Email != "" && j%2 == 0 {
						e.LeadID, e.Email = "", l.Email
					}
					if _, err := tx.UpsertEngagement(e); err != nil {
						return err
					}
				}
			}
			return nil
		})
		req := digests.ActivityRequest{From: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
			AsOf:     activityNow,
			Landmark: truce.Landmark{Days: 20, Window: 100}}
		got := reportOn(t, store, req).Activities[0]

		// The rule again, as it is written, lead by lead.
		chosen := map[string]lead{}
		for _, l := range leads {
			if l.MQLAt.Before(req.From) || !l.MQLAt.Before(req.To) {
				continue
			}
			key := "id " + l.ID
			if l.Email != "" {
				key = "mail " + l.Email
			}
			if l.Account != "" {
				key = "account " + l.Account
			}
			if was, ok := chosen[key]; !ok || l.MQLAt.Before(was.MQLAt) || l.MQLAt.Equal(was.MQLAt) && l.ID < was.ID {
				chosen[key] = l
			}
		}
		for name, outcome := range map[string]digests.Engaged{"won": got.Won, "sql": got.SQL, "meeting": got.Meeting} {
			type cell struct{ n, k [2]int }
			strata := map[string]*cell{}
			young, engagedAtLandmark := 0, 0
			for _, l := range chosen {
				mark := l.MQLAt.Add(20 * 24 * time.Hour)
				end := mark.Add(100 * 24 * time.Hour)
				if end.After(req.AsOf) {
					young++
					continue
				}
				var at time.Time
				happens := func(t time.Time) {
					if at.IsZero() || t.Before(at) {
						at = t
					}
				}
				for _, o := range l.outcomes {
					if name == "won" && o.Status == truce.Won || name == "sql" && o.Status.Stage() >= truce.StageSQL {
						happens(o.At)
					}
				}
				if name == "meeting" && !l.meeting.IsZero() {
					happens(l.meeting)
				}
				if truce.Stand(l.outcomes, mark).State.Ends() || !at.IsZero() && !at.After(mark) {
					continue
				}
				group := 0
				for _, other := range leads {
					for j, e := range other.engaged {
						byMail := other.Email != "" && j%2 == 0
						if e.Before(mark) && (!byMail && other.ID == l.ID || byMail && other.Email == l.Email) {
							group = 1
						}
					}
				}
				engagedAtLandmark += group
				key := l.Source + "|" + l.Segment + "|" + l.MQLAt.Format("2006-01")
				if strata[key] == nil {
					strata[key] = &cell{}
				}
				strata[key].n[group]++
				if !at.IsZero() && !at.After(end) {
					strata[key].k[group]++
				}
			}
			both, dropped := 0, 0
			var n, k [2]int
			var over, weight float64
			for _, c := range strata {
				if c.n[0] == 0 || c.n[1] == 0 {
					dropped++
					continue
				}
				both++
				for g := range n {
					n[g], k[g] = n[g]+c.n[g], k[g]+c.k[g]
				}
				all := float64(c.n[0] + c.n[1])
				over += (float64(c.k[1]*c.n[0]) - float64(c.k[0]*c.n[1])) / all
				weight += float64(c.n[0]*c.n[1]) / all
			}
			if outcome.TooYoung != young || outcome.Strata != both || outcome.Dropped != dropped || outcome.Exposed.N != n[1] ||
				outcome.Unexposed.N != n[0] ||
				outcome.Exposed.K != k[1] || outcome.Unexposed.K != k[0] || outcome.Kept.N != engagedAtLandmark || outcome.Kept.K != n[1] {
				t.Errorf("seed %d, %s: %+v\nwant young %d, strata %d, dropped %d, n %v, k %v, engaged %d", seed, name, outcome, young, both, dropped, n,
					k, engagedAtLandmark)
			}
			if both > 0 && math.Abs(outcome.Difference-over/weight) > 1e-12 {
				t.Errorf("seed %d, %s: difference %g, want %g", seed, name, outcome.Difference, over/weight)
			}
		}
	}
}

func TestLinksAreHeldAgainstWhatCame(t *testing.T) {
	day := func(s string) truce.Date {
		d, err := truce.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	store := activityStore(t, func(tx *storage.Tx) error {
		booth := truce.Activity{ID: "B", Name: "Spring booth", Matches: []string{"Spring proteomics"},
			Cost: truce.Money{Amount: 4_100_000, Currency: "USD"}, HasCost: true,
			StartsAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
		orphan := truce.Activity{ID: "O", Name: "Brochure", Cost: truce.Money{Amount: 900, Currency: "EUR"}, HasCost: true}
		for _, a := range []truce.Activity{booth, orphan} {
			if _, err := tx.UpsertActivity(a); err != nil {
				return err
			}
		}
		for _, l := range []truce.ActivityLink{
			{What: "leads", Unit: "leads", Date: day("2026-06-30"), Expected: 30},
			{What: "accepted", Unit: "leads", Date: day("2026-06-30"), Expected: 5},
			{What: "revenue", Unit: "USD", Date: day("2026-06-30"), Expected: 100_000},
			{What: "scans", Unit: "scans", Date: day("2026-06-30"), Expected: 120},
			{What: "won", Unit: "deals", Date: day("2027-06-30"), Expected: 2}} {
			l.Activity, l.Of = "B", truce.OfCampaign
			if _, err := tx.UpsertActivityLink(l); err != nil {
				return err
			}
		}
		for i := range 40 {
			at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).AddDate(0, 0, i)
			var outcomes []truce.Outcome
			if i < 20 {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Accepted, At: at.AddDate(0, 0, 1)})
			}
			if i == 0 {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Won, DealID: "D1", At: at.AddDate(0, 1, 0),
					Amount: truce.Money{Amount: 8_500_050, Currency: "USD"}, HasAmount: true})
			}
			if i == 1 { // after the day
				outcomes = append(outcomes, truce.Outcome{Status: truce.Won, DealID: "D2", At: at.AddDate(0, 6, 0),
					Amount: truce.Money{Amount: 1_00, Currency: "USD"}, HasAmount: true})
			}
			if err := addLead(tx, truce.Lead{ID: fmt.Sprint("L", i), MQLAt: at, Campaign: "spring PROTEOMICS"}, outcomes...); err != nil {
				return err
			}
		}
		return nil
	})
	err := store.Update(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.UpsertActivityLink(truce.ActivityLink{Activity: "B", What: "leads", Unit: "leads", Date: day("2026-07-31"), Expected: 1,
			Of: truce.OfEngaged})
		if err != nil {
			return err
		}
		if err := addLead(tx, truce.Lead{ID: "old", MQLAt: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), Email: "eve@example.com"}); err != nil {
			return err
		}
		// last year's, and this one's
		for i, at := range []time.Time{time.Date(2025, 3, 9, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)} {
			if _, err := tx.UpsertEngagement(truce.Engagement{ID: fmt.Sprint("e", i), Email: "eve@example.com", At: at, Kind: "visited",
				Activity: "Spring proteomics"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report := reportOn(t, store, aYear())
	b, err := report.JSON(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Activities []struct {
			ID    string
			Cost  map[string]int64
			Links []struct {
				What                string
				Expected            float64
				Observed, Low, High *float64
			}
		}
		Without struct {
			Count int
			Cost  map[string]int64
		} `json:"without_end"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Without.Count != 1 || got.Without.Cost["EUR"] != 900 {
		t.Errorf("without an end: %+v", got.Without)
	}
	for _, a := range got.Activities {
		if a.ID != "B" {
			continue
		}
		seen := map[string]*float64{}
		for _, l := range a.Links {
			if l.Expected == 1 { // of the engaged: who came last year comes this year too, whenever they qualified
				l.What = "engaged"
			}
			seen[l.What] = l.Observed
			if l.Observed != nil && (*l.Low > *l.Observed || *l.High < *l.Observed) {
				t.Errorf("%s: %g is not within %g to %g", l.What, *l.Observed, *l.Low, *l.High)
			}
		}
		for what, want := range map[string]float64{"engaged": 1, "leads": 40, "accepted": 20, "revenue": 85_000.5} {
			if seen[what] == nil || *seen[what] != want {
				t.Errorf("%s: %v, want %g", what, seen[what], want)
			}
		}
		if seen["scans"] != nil || seen["won"] != nil {
			t.Errorf("what only its owner can see, and what is not due yet, is empty: %v, %v", seen["scans"], seen["won"])
		}
	}
	text := chat.PlainText(report.Card(time.UTC), 200)
	for _, want := range []string{"9 EUR has no end yet: Brochure.", "as expected", "over", "not due yet", "not said yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}
