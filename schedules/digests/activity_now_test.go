package digests_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
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

// TestWhatActivitiesBroughtOpens opens each figure that a digest says of activities to as many records; what a person counted by
// hand leads nowhere.
func TestWhatActivitiesBroughtOpens(t *testing.T) {
	day := truce.DateOf(activityNow)
	first := activityNow.AddDate(0, -3, 0)
	usd := func(n int64) truce.Money { return truce.Money{Amount: 100 * n, Currency: "USD"} }
	store := activityStore(t, func(tx *storage.Tx) error {
		for _, a := range []truce.Activity{{ID: "B", Name: "Booth", Matches: []string{"Fair"}, StartsAt: first.AddDate(0, 0, -1)},
			{ID: "O", Name: "Brochure", Cost: usd(900), HasCost: true, StartsAt: first},
			{ID: "P", Name: "Dinner", Cost: usd(41_000), HasCost: true, StartsAt: first}} {
			if _, err := tx.UpsertActivity(a); err != nil {
				return err
			}
		}
		for i, l := range []truce.ActivityLink{{What: "leads"}, {What: "accepted"}, {What: "won"}, {What: "revenue", Unit: "USD"},
			{What: "repeat_revenue", Unit: "USD"}, {What: "meetings"}, {What: "sql", Of: truce.OfEngaged},
			{What: "sql"}, {What: "scans", Observed: 90, HasSeen: true}} {
			l.Activity, l.Place, l.Date, l.Expected = "B", i+1, day.Add(-2), 7
			if l.Of == "" {
				l.Of = truce.OfCampaign
			}
			if _, err := tx.UpsertActivityLink(l); err != nil {
				return err
			}
		}
		if _, err := tx.UpsertEngagement(truce.Engagement{ID: "e", Email: "eve@example.com", At: first, Kind: "visited",
			Campaign: "fair"}); err != nil {
			return err
		}
		if err := addLead(tx, truce.Lead{ID: "eve", Email: "eve@example.com", MQLAt: first.AddDate(-1, 0, 0)},
			truce.Outcome{Status: truce.SQL, At: first}); err != nil {
			return err
		}
		for i := range 45 {
			l := truce.Lead{ID: fmt.Sprint("L", i), MQLAt: first.AddDate(0, 0, i), Campaign: "Fair"}
			var outcomes []truce.Outcome
			if i < 22 {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Accepted, At: l.MQLAt.AddDate(0, 0, 1)})
			}
			if i < 2 {
				l.Account = fmt.Sprint("lab ", i)
				outcomes = append(outcomes, truce.Outcome{Status: truce.Won, DealID: fmt.Sprint("D", i), At: l.MQLAt.AddDate(0, 0, 20),
					Amount: usd(85_000), HasAmount: true})
			}
			if err := addLead(tx, l, outcomes...); err != nil {
				return err
			}
		}
		for n := range 3 {
			o := truce.Order{ID: fmt.Sprint("o", n), Account: "lab 0", At: first.AddDate(0, 0, 20+10*n),
				Amount: usd([]int64{85_000, 4_000, 3_000}[n])}
			if _, err := tx.UpsertOrder(o); err != nil {
				return err
			}
			if _, err := tx.AddTouch(truce.Touch{LeadID: fmt.Sprint("L", n/2), At: first.AddDate(0, 0, 30+n), Kind: "meeting"}); err != nil {
				return err
			}
		}
		return nil
	})
	want := map[string]string{"leads": "45", "accepted": "22", "accepted, of": "45", "wins": "2", "wins, of": "45",
		"revenue (USD)": "170,000 USD", "revenue (USD), of": "45",
		"repeat revenue (USD)": "7,000 USD", "meetings": "3", "SQLs of leads engaged": "1",
		"SQLs of leads engaged, of": "1", "SQLs": "2", "SQLs, of": "45"}
	records := map[string]int{"revenue (USD)": 2, "repeat revenue (USD)": 2, "end": 2}
	read(t, store, func(tx *storage.Tx) error {
		p := cardsPeriod(maker().Fill(digests.Query{Kind: digests.WeeklyDigest, AsOf: activityNow}))
		var rows [][]chat.Cell
		for _, page := range []string{"0", "20"} {
			index, err := maker().Drill(tx, p, truce.Person{}, "rows", url.Values{"n": {"index"}, "p": {page}})
			if err != nil {
				return err
			}
			rows = append(rows, index.Blocks[0].Table.Rows...)
		}
		found := map[string]string{}
		for _, row := range rows {
			name, ok := strings.CutPrefix(row[0].Text, "Booth · ")
			if row[0].Text == "Spend without an end" {
				name, ok = "end", true
			}
			if !ok {
				continue
			}
			name = strings.Replace(name, fmt.Sprintf(" by %s", day.Add(-2).Words()), "", 1)
			found[name] = row[1].Text
			n := records[name]
			if n == 0 {
				if _, err := fmt.Sscan(row[1].Text, &n); err != nil {
					return err
				}
			}
			of, text := opened(t, tx, *row[0].Button)
			if of != n || records[name] > 0 && !strings.Contains(text, "Together: "+row[1].Text) {
				t.Errorf("%s says %s and opens to %d records:\n%s", name, row[1].Text, of, text)
			}
		}
		want["end"] = "41,900 USD"
		for name, is := range want {
			if found[name] != is {
				t.Errorf("%s: %q, want %q", name, found[name], is)
			}
		}
		if found["scans"] != "" {
			t.Error("what a person counted is said to open")
		}
		return nil
	})
}

// opened counts the records that a button leads to, page by page, and is the text of the first.
func opened(t *testing.T, tx *storage.Tx, b chat.Button) (n int, text string) {
	t.Helper()
	for page := 0; ; page++ {
		p, where, err := cards.ParseArg(b.Arg, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		where.Set("p", fmt.Sprint(20*page))
		card, err := maker().Drill(tx, p, truce.Person{}, "rows", where)
		if err != nil {
			t.Fatal(err)
		}
		if page == 0 {
			text = chat.PlainText(card, 1000)
		}
		more := false
		for _, block := range card.Blocks {
			if block.Table != nil {
				n += len(block.Table.Rows)
			}
			for _, next := range block.Buttons {
				more = more || next.Action == "digest.rows"
			}
		}
		if !more || page > 9 {
			return n, text
		}
	}
}
