package digests_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

// An activity's cost takes the place of what its campaigns cost on its days, to the cent, and of nothing else.
func TestAnActivitysCostReplacesThatOfItsCampaigns(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for _, c := range []truce.Cost{
			paid("1", "Webinar", "Panels", "2025-09", 300_000, "USD"),        // 10,000 a day: two days give way
			paid("2", "Webinar", "Panels live", "2025-09-11", 30_000, "USD"), // the second campaign of the activity
			paid("3", "Webinar", "Other", "2025-09-10", 5_000, "USD"),        // of nobody
			paid("4", "Fair", "", "2025-09-10", 70_000, "USD"),
		} {
			if _, err := tx.UpsertCost(c); err != nil {
				return err
			}
		}
		day := func(n int) time.Time { return time.Date(2025, 9, n, 0, 0, 0, 0, time.UTC) }
		for _, a := range []truce.Activity{
			{ID: "A", Name: "Panels week", Cost: truce.Money{Amount: 120_001, Currency: "USD"}, HasCost: true, StartsAt: day(10),
				EndsAt: day(12).Add(-time.Millisecond), Matches: []string{"PANELS", "panels live"}},
			{ID: "B", Name: "Nobody's", Cost: truce.Money{Amount: 999_999, Currency: "USD"}, HasCost: true, StartsAt: day(10), EndsAt: day(10)},
		} {
			if err := tx.SaveActivity(a); err != nil {
				return err
			}
		}
		return wonLeads(tx, "Webinar", "Panels", day(10), 25, 12)
	})
	req := digests.Query{Kind: digests.LeadsDigest, From: time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC),
		To: time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), AsOf: noon}
	read(t, s, func(tx *storage.Tx) error {
		rep, err := maker().Report(tx, req)
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		if err != nil {
			return err
		}
		var got struct {
			Totals     struct{ Cost map[string]int64 }
			ByCampaign []struct {
				Campaign string
				Cost     map[string]int64
			} `json:"by_campaign"`
		}
		if err := json.Unmarshal(text, &got); err != nil {
			return err
		}
		// 28 days of the month, the activity, the other campaign, the fair.
		if want := int64(280_000 + 120_001 + 5_000 + 70_000); got.Totals.Cost["USD"] != want {
			t.Errorf("the leads cost %d, want %d", got.Totals.Cost["USD"], want)
		}
		for _, c := range got.ByCampaign { // of the activity 20,000 of 50,000 replaced were of Panels
			if c.Campaign == "Panels" && c.Cost["USD"] != 280_000+48_000 {
				t.Errorf("the campaign cost %d, want 328000", c.Cost["USD"])
			}
		}
		return nil
	})
}

// What the company's own past offers is counted from leads that are old enough to tell, of the kind's source and of its activities.
func TestTheOwnPastOffersNumbers(t *testing.T) {
	past := activityNow.AddDate(0, 0, -digests.WindowDays)
	store := activityStore(t, func(tx *storage.Tx) error {
		for i := range 40 {
			at := past.AddDate(0, 0, -10-i)
			l := truce.Lead{ID: fmt.Sprint("w", i), MQLAt: at, Source: "Webinar", Account: fmt.Sprint("acc", i)}
			if i >= 30 { // of an activity of the kind, whatever its source
				l.Source, l.Campaign = "Other", "Panels"
			}
			var out []truce.Outcome
			switch {
			case i < 4:
				out = append(out, truce.Outcome{Status: truce.Won, At: at.AddDate(0, 0, 100+10*i),
					Amount: truce.Money{Amount: 8_500_000, Currency: "USD"}, HasAmount: true})
			case i == 4: // too late to count
				out = append(out, truce.Outcome{Status: truce.Won, At: at.AddDate(0, 0, 200), Amount: truce.Money{Amount: 8_500_000, Currency: "USD"},
					HasAmount: true})
			case i < 20:
				out = append(out, truce.Outcome{Status: truce.Accepted, At: at.AddDate(0, 0, 2)})
			}
			if err := addLead(tx, l, out...); err != nil {
				return err
			}
		}
		for i := range 50 { // too young to tell
			if err := addLead(tx, truce.Lead{ID: fmt.Sprint("y", i), MQLAt: past.AddDate(0, 0, 5), Source: "Webinars"}); err != nil {
				return err
			}
		}
		return tx.SaveActivity(truce.Activity{ID: "A", Name: "Old one", Kind: "webinars", Matches: []string{"panels"}})
	})
	read(t, store, func(tx *storage.Tx) error {
		p, err := maker().ActivityPast(tx, "Webinar", "", activityNow)
		if err != nil || p == nil {
			t.Fatalf("the past offers nothing: %v", err)
		}
		if p.Leads != 40 || p.Won != 4 || p.Accepted < 19 || p.Revenue["USD"] != 4*8_500_000 || p.MedianDays != 110 {
			t.Errorf("the past says %+v", *p)
		}
		next := p.NextLinks(truce.Activity{ID: "B"}, 100, truce.Date{Year: 2026, Month: 12, Day: 1}, "USD")
		if len(next) != 3 || next[1].What != "won" || next[1].Expected != 10 || next[2].What != "revenue" || next[2].Expected != 850_000 ||
			next[2].Unit != "USD" {
			t.Errorf("for 100 leads it offers %+v", next)
		}
		if p, err := maker().ActivityPast(tx, "Trade show", "", activityNow); p != nil || err != nil {
			t.Errorf("of a kind without a past it says %+v, %v", p, err)
		}
		return nil
	})
}
