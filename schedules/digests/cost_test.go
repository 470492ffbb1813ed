package digests_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

func write(t testing.TB, s *storage.Store, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s *storage.Store, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// wonLeads adds n leads of a source on a day, the first won of them won 20 days later.
func wonLeads(tx *storage.Tx, source, campaign string, day time.Time, n, won int) error {
	for i := range n {
		l := truce.Lead{ID: fmt.Sprint(source, day.Format("0102"), "-", i), MQLAt: day.Add(9 * time.Hour), Source: source, Campaign: campaign,
			Company: fmt.Sprint(source, day, i)}
		if _, err := tx.UpsertLead(l); err != nil {
			return err
		}
		if i < won {
			if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.ID, Status: truce.Won, At: day.AddDate(0, 0, 20),
				Origin: truce.FromImport}); err != nil {
				return err
			}
		}
	}
	return nil
}

func paid(id, source, campaign, at string, amount int64, currency string) truce.Cost {
	c := truce.Cost{ID: id, Source: source, Campaign: campaign, Days: 1, Amount: truce.Money{Amount: amount, Currency: currency}}
	if len(at) == len("2006-01") {
		t, err := time.Parse("2006-01", at)
		if err != nil {
			panic(err)
		}
		c.First, c.Days = truce.DateOf(t), t.AddDate(0, 1, -1).Day()
		return c
	}
	t, err := time.Parse(time.DateOnly, at)
	if err != nil {
		panic(err)
	}
	c.First = truce.DateOf(t)
	return c
}

// The example is counted by hand: 70 leads for 2,800.00 that nobody bought, 25 for 1,200.01 of which 12 won.
func TestCostPerWonDeal(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	day := time.Date(2025, 9, 10, 0, 0, 0, 0, time.UTC)
	write(t, s, func(tx *storage.Tx) error {
		for _, c := range []truce.Cost{
			paid("1", "Syndication", "Network", "2025-09", 280_000, "USD"), paid("2", "Webinar", "Panels", "2025-09-03", 100_001, "USD"),
			paid("3", "Webinar", "", "2025-09-04", 20_000, "USD"),
			paid("4", "Webinar", "", "2025-09-05", 900, "JPY"), paid("5", "", "Panels", "2025-09-05", 5_000, "USD"),
			paid("6", "Fair", "", "2025-09-30", 70_000, "USD"), paid("7", "Fair", "", "2025-10-01", 1_000_000, "USD"),
		} {
			if _, err := tx.UpsertCost(c); err != nil {
				return err
			}
		}
		if err := wonLeads(tx, "Syndication", "Network", day, 70, 0); err != nil {
			return err
		}
		return wonLeads(tx, "Webinar", "Panels", day, 25, 12)
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
		type row struct {
			Source     string             `json:"source"`
			Campaign   string             `json:"campaign"`
			Cost       map[string]int64   `json:"cost"`
			CostPerWon map[string]float64 `json:"cost_per_won"`
		}
		var got struct {
			Totals     row   `json:"totals"`
			BySource   []row `json:"by_source"`
			ByCampaign []row `json:"by_campaign"`
		}
		if err := json.Unmarshal(text, &got); err != nil {
			return err
		}
		for _, c := range []struct {
			row
			usd, jpy int64
			per      float64
		}{{got.Totals, 475_001, 900, 475_001.0 / 12}, {got.BySource[0], 280_000, 0, 0}, {got.BySource[1], 120_001, 900, 120_001.0 / 12},
			{got.ByCampaign[0], 280_000, 0, 0}, {got.ByCampaign[1], 105_001, 0, 105_001.0 / 12}} {
			if c.Cost["USD"] != c.usd || c.Cost["JPY"] != c.jpy || math.Abs(c.CostPerWon["USD"]-c.per) > 1e-9 {
				t.Errorf("%q %q: %v, %v; want %d USD, %d JPY, %.3f", c.Source, c.Campaign, c.Cost, c.CostPerWon, c.usd, c.jpy, c.per)
			}
		}
		all, err := maker().All(tx, req)
		if err != nil {
			return err
		}
		for where, want := range map[string]string{"s=Syndication": "2,800 USD bought 70 leads of Syndication, none of which has won so far.",
			"s=Webinar":          "900 JPY and 1,200 USD bought 25 leads of Webinar, of which 12 have won so far.",
			"s=Webinar&c=Panels": "1,000 USD bought 25 leads of Panels, of which 12 have won so far.",
			"":                   "900 JPY and 4,750 USD bought 95 leads, of which 12 have won so far.", "s=Nobody": ""} {
			values, err := url.ParseQuery(where)
			if err != nil {
				return err
			}
			card, err := maker().Drill(tx, cards.Period{Kind: req.Kind, From: req.From, To: req.To, AsOf: req.AsOf, Loc: time.UTC}, truce.Person{},
				"campaigns", values)
			if err != nil {
				return err
			}
			if got := chat.PlainText(card, 200); !strings.Contains(got, want) || want == "" && strings.Contains(got, "bought") {
				t.Errorf("%s: no %q in\n%s", where, want, got)
			}
		}
		golden.Check(t, "costs.txt", cut(chat.PlainText(all, 100), "What leads cost", "Not measured"))
		return nil
	})
}

// cut is the part of a text from one word to another.
func cut(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return from + text
}

// The money stands where the finding stands, and in the sponsor's month.
func TestTheFindingSaysWhatTheLeadsCost(t *testing.T) {
	s, _ := quillwater(t, func() time.Time { return monday })
	write(t, s, func(tx *storage.Tx) error {
		for month := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); month.Before(monday); month = month.AddDate(0, 1, 0) {
			at := month.Format("2006-01")
			for source, amount := range map[string]int64{"Content syndication": 800_000, "Webinar": 300_000} {
				if _, err := tx.UpsertCost(paid(at+source, source, "", at, amount, "USD")); err != nil {
					return err
				}
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		for kind, pattern := range map[string]string{digests.LeadsDigest: `none of its \d+ leads old enough to tell has bought\..* Those old enough cost 9\d,\d{3} USD\.`, digests.MonthlyDigest: `Cost per won deal, leads old enough to tell +not measured +\d,\d{3} USD`} {
			card, err := maker().Card(tx, digests.Query{Kind: kind, AsOf: monday}, false)
			if err != nil {
				return err
			}
			text := chat.PlainText(card, 100)
			if kind == digests.LeadsDigest {
				text = strings.Join(strings.Fields(text), " ")
			}
			if !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("no %s in\n%s", pattern, text)
			}
		}
		return nil
	})
}

func TestCostPerWonIsRoundedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(65, 2))
	for range 2000 {
		p := digests.Paid{Cost: map[string]int64{"USD": r.Int64N(1_000_000) - 200_000}, Won: r.IntN(60)}
		per, ok := p.PerWon()["USD"]
		if ok != (p.Won >= 10) {
			t.Fatalf("%+v: ok %v", p, ok)
		}
		if want := math.Round(float64(p.Cost["USD"]) / float64(max(1, p.Won))); ok && float64(per) != want {
			t.Fatalf("%+v: %d, want %.0f", p, per, want)
		}
	}
}

// Costs that begin in the middle of the time looked at are held against the leads of their own days only.
func TestLeadsBeforeTheFirstCostAreNotFree(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for month := range 12 {
			if err := wonLeads(tx, "Webinar", "", time.Date(2024, time.Month(1+month), 10, 0, 0, 0, 0, time.UTC), 20, 2); err != nil {
				return err
			}
		}
		for _, month := range []string{"2024-07", "2024-08", "2024-09", "2024-10", "2024-11"} {
			if _, err := tx.UpsertCost(paid(month, "Webinar", "", month, 30_000, "EUR")); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		study, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
			To: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), AsOf: noon})
		if err != nil {
			return err
		}
		want := digests.Paid{Name: "Webinar", Cost: map[string]int64{"EUR": 150_000}, Leads: 100, Won: 10, Old: true}
		if c := study.Costs; !c.Old || !reflect.DeepEqual(c.BySource, []digests.Paid{want}) {
			t.Errorf("%+v, want %+v", c, want)
		}
		if per := want.PerWon(); per["EUR"] != 15_000 {
			t.Errorf("per won deal %v", per)
		}
		return nil
	})
}

// ask reads one row of a database, beside the store.
func ask(t testing.TB, path, query string, argsAndInto ...any) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := strings.Count(query, "?")
	if err := db.QueryRow(query, argsAndInto[:n]...).Scan(argsAndInto[n:]...); err != nil {
		t.Fatal(err)
	}
}
