package digests_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

// Each model's shares sum to the money won, to the cent, whatever the touches.
func TestCreditsSumToTheCent(t *testing.T) {
	r := rand.New(rand.NewPCG(66, 1))
	for range 300 {
		var sales []digests.Earned
		won := map[string]int64{}
		for i := range r.IntN(30) {
			e := digests.Earned{Sale: truce.Sale{DealID: fmt.Sprint("d", i), Account: fmt.Sprint("a", r.IntN(9)), Paid: r.IntN(9) > 0,
				Reorder: r.IntN(4) == 0,
				Amount:  truce.Money{Amount: r.Int64N(1_000_000) - 50_000, Currency: []string{"USD", "EUR", "JPY"}[r.IntN(3)]}}}
			for range r.IntN(8) {
				e.Touches = append(e.Touches, storage.SourceTouch{Source: []string{"Webinar", "Fair", "", "Search"}[r.IntN(4)]})
			}
			if r.IntN(3) > 0 {
				e.Sourced = "Fair"
			}
			if sales = append(sales, e); e.Paid {
				won[e.Amount.Currency] += e.Amount.Amount
			}
		}
		got := digests.Credits(sales)
		sums := map[string][4]int64{}
		for _, c := range got.Credits {
			s := sums[c.Currency]
			sums[c.Currency] = [4]int64{s[0] + c.First, s[1] + c.Last, s[2] + c.Linear, s[3] + c.Sourced}
		}
		for currency, amount := range won {
			if sums[currency] != [4]int64{amount, amount, amount, amount} || got.Won[currency] != amount {
				t.Fatalf("%d %s won, credited %v, said %d", amount, currency, sums[currency], got.Won[currency])
			}
		}
	}
}

// company is a random one, with a second account of it for the brute force.
type company struct {
	leads       map[string]truce.Lead
	deals       []truce.Deal
	orders      []truce.Order
	touches     []truce.Touch
	verdicts    []truce.Outcome // accepted, by people or by silence
	engagements []truce.Engagement
}

func randomCompany(t testing.TB, s *storage.Store, r *rand.Rand) *company {
	t.Helper()
	c := &company{leads: map[string]truce.Lead{}}
	day := func(from, days int) time.Time {
		return noon.AddDate(0, 0, -from-r.IntN(days)).Add(time.Duration(r.IntN(20*60)-600) * time.Minute).UTC()
	}
	account := func() string { return []string{"", "a", "b", "c", "d", "e"}[r.IntN(6)] }
	currency := func() string { return []string{"USD", "EUR"}[r.IntN(2)] }
	write(t, s, func(tx *storage.Tx) error {
		for i := range 40 {
			l := truce.Lead{ID: fmt.Sprint("l", i), MQLAt: day(0, 600), Account: account(),
				Source: []string{"Webinar", "Fair", "", "Search"}[r.IntN(4)], Email: []string{"", fmt.Sprintf("p%d@x.example", i)}[r.IntN(2)]}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			c.leads[l.ID] = l
			if r.IntN(3) == 0 {
				touch := truce.Touch{LeadID: l.ID, At: day(0, 600), Kind: "call"}
				if _, err := tx.AddTouch(touch); err != nil {
					return err
				}
				c.touches = append(c.touches, touch)
			}
			if r.IntN(3) == 0 {
				o := truce.Outcome{LeadID: l.ID, Status: truce.Accepted, At: day(0, 600),
					Origin: []truce.Origin{truce.FromPerson, truce.FromSilence}[r.IntN(2)]}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
				c.verdicts = append(c.verdicts, o)
			}
			if r.IntN(4) == 0 {
				e := truce.Engagement{ID: fmt.Sprint("e", i), At: day(0, 800), Kind: "visit", LeadID: l.ID}
				if l.Email != "" && r.IntN(2) == 0 {
					e.LeadID, e.Email = "", l.Email
				}
				if _, err := tx.UpsertEngagement(e); err != nil {
					return err
				}
				c.engagements = append(c.engagements, e)
			}
		}
		for i := range 25 {
			d := truce.Deal{ID: fmt.Sprint("d", i), Account: account(), Stage: "won", Status: truce.Won, ClosedAt: day(0, 300),
				Product: []string{"", "Reader", "Kits"}[r.IntN(3)]}
			d.CreatedAt = d.ClosedAt.AddDate(0, 0, -r.IntN(200))
			if r.IntN(3) == 0 {
				d.Stage, d.Status = "lost", truce.Lost
			}
			if d.Account == "" || r.IntN(3) == 0 {
				d.LeadID = fmt.Sprint("l", r.IntN(45)) // the last five are not here
				if l, ok := c.leads[d.LeadID]; ok && d.Account == "" {
					d.Account = l.Account
				}
			}
			if r.IntN(6) > 0 {
				d.Amount, d.HasAmount = truce.Money{Amount: 1000 + r.Int64N(100_000), Currency: currency()}, true
			}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
			c.deals = append(c.deals, d)
		}
		for i := range 25 {
			o := truce.Order{ID: fmt.Sprint("o", i), Account: []string{"a", "b", "c", "d", "e", "f"}[r.IntN(6)], At: day(0, 300),
				Amount: truce.Money{Amount: 500 + r.Int64N(60_000), Currency: currency()}, Product: "Kits"}
			if _, err := tx.UpsertOrder(o); err != nil {
				return err
			}
			c.orders = append(c.orders, o)
		}
		return nil
	})
	return c
}

// mates are the leads of an account, or the one lead of a deal that has none.
func (c *company) mates(account, lead string) (list []truce.Lead) {
	for _, l := range c.leads {
		if l.ID == lead || account != "" && l.Account == account {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b truce.Lead) int { return cmp.Or(a.MQLAt.Compare(b.MQLAt), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (c *company) account(d truce.Deal) string {
	if d.Account == "" {
		return c.leads[d.LeadID].Account
	}
	return d.Account
}

// touching are the sources of the leads that belong to a deal, the earliest first.
func (c *company) touching(account, lead string, opened, closed time.Time) (list []truce.Lead) {
	for _, l := range c.mates(account, lead) {
		near := opened.Sub(l.MQLAt).Abs() <= 180*24*time.Hour && !l.MQLAt.After(closed)
		if l.ID == lead || near {
			list = append(list, l)
		}
	}
	return list
}

// sourced is the source that an account's money is sourced by, counted by the definition.
func (c *company) sourced(account, lead string, opened time.Time) string {
	first := opened
	earlier := func(t time.Time) {
		if t.Before(first) {
			first = t
		}
	}
	mates := c.mates(account, lead)
	for _, l := range mates {
		for _, touch := range c.touches {
			if touch.LeadID == l.ID {
				earlier(touch.At)
			}
		}
		for _, o := range c.verdicts {
			if o.LeadID == l.ID && o.Origin != truce.FromSilence {
				earlier(o.At)
			}
		}
		for _, d := range c.deals {
			if d.LeadID == l.ID {
				earlier(d.CreatedAt)
				earlier(d.ClosedAt)
			}
		}
	}
	for _, d := range c.deals {
		if account != "" && d.Account == account {
			earlier(d.CreatedAt)
		}
	}
	for _, o := range c.orders {
		if account != "" && o.Account == account {
			earlier(o.At)
		}
	}
	source := "(none)"
	for _, l := range mates {
		if l.MQLAt.Format(time.DateOnly) <= first.Format(time.DateOnly) {
			if source = l.Source; source == "" {
				source = "(none)"
			}
		}
	}
	return source
}

// TestRevenueAgainstBruteForce holds every figure of the money against loops over everything, by the definitions.
func TestRevenueAgainstBruteForce(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(66, seed))
		s := openStore(t, func() time.Time { return noon })
		c := randomCompany(t, s, r)
		from, to := noon.AddDate(0, 0, -150).Truncate(24*time.Hour), noon.AddDate(0, 0, -20).Truncate(24*time.Hour)
		in := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
		want := map[string]map[string][4]int64{} // source -> currency -> first, last, linear, sourced
		var money, again = map[string]int64{}, map[string]int64{}
		products := map[string][3]int{} // won, lost, orders
		var won, lost, orders, wonTouched, lostTouched int
		credit := func(source, currency string, model int, amount int64) {
			if source == "" {
				source = "(none)"
			}
			if want[source] == nil {
				want[source] = map[string][4]int64{}
			}
			v := want[source][currency]
			v[model] += amount
			want[source][currency] = v
		}
		pay := func(m truce.Money, touches []truce.Lead, sourced string) {
			money[m.Currency] += m.Amount
			credit(sourced, m.Currency, 3, m.Amount)
			if len(touches) == 0 {
				touches = []truce.Lead{{}}
			}
			credit(touches[0].Source, m.Currency, 0, m.Amount)
			credit(touches[len(touches)-1].Source, m.Currency, 1, m.Amount)
			n := int64(len(touches))
			for i, l := range touches { // a cent more for the first ones
				part := m.Amount / n
				if int64(i) < m.Amount%n {
					part++
				}
				credit(l.Source, m.Currency, 2, part)
			}
		}
		product := func(name string, i int) {
			if name == "" {
				name = "(none)"
			}
			p := products[name]
			p[i]++
			products[name] = p
		}
		for _, d := range c.deals {
			if !in(d.ClosedAt) {
				continue
			}
			account := c.account(d)
			touches := c.touching(account, d.LeadID, d.CreatedAt, d.ClosedAt)
			touched := slices.ContainsFunc(touches, func(l truce.Lead) bool { return !l.MQLAt.After(d.ClosedAt) })
			for _, l := range c.mates(account, d.LeadID) {
				for _, e := range c.engagements {
					ours := e.LeadID == l.ID || e.Email != "" && e.Email == l.Email
					touched = touched || ours && !e.At.After(d.ClosedAt) && d.ClosedAt.Sub(e.At) <= 365*24*time.Hour
				}
			}
			if d.Status == truce.Lost {
				product(d.Product, 1)
				if lost++; touched {
					lostTouched++
				}
				continue
			}
			product(d.Product, 0)
			if won++; touched {
				wonTouched++
			}
			if d.HasAmount {
				pay(d.Amount, touches, c.sourced(account, d.LeadID, d.CreatedAt))
			}
		}
		for _, account := range []string{"a", "b", "c", "d", "e", "f"} {
			var sales []truce.Sale
			var deals []truce.Deal
			for _, d := range c.deals {
				if c.account(d) == account && d.Status == truce.Won {
					sales = append(sales, truce.Sale{At: d.ClosedAt, Amount: d.Amount, Paid: d.HasAmount})
					deals = append(deals, d)
				}
			}
			slices.SortFunc(deals, func(a, b truce.Deal) int { return a.ClosedAt.Compare(b.ClosedAt) })
			mine := slices.DeleteFunc(slices.Clone(c.orders), func(o truce.Order) bool { return o.Account != account })
			for _, o := range truce.Reorders(sales, mine) { // has a test of its own
				if !in(o.At) {
					continue
				}
				orders++
				product(o.Product, 2)
				again[o.Amount.Currency] += o.Amount.Amount
				touches := c.touching(account, "", o.At, o.At)
				for _, d := range slices.Backward(deals) {
					if len(touches) == 0 && !d.ClosedAt.After(o.At) {
						touches = c.touching(account, d.LeadID, d.CreatedAt, d.ClosedAt)
						break
					}
				}
				pay(o.Amount, touches, c.sourced(account, "", o.At))
			}
		}
		read(t, s, func(tx *storage.Tx) error {
			study, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, From: from, To: to, AsOf: noon})
			if err != nil {
				return err
			}
			e := study.Earned
			got := map[string]map[string][4]int64{}
			for _, c := range e.Credits {
				if got[c.Source] == nil {
					got[c.Source] = map[string][4]int64{}
				}
				got[c.Source][c.Currency] = [4]int64{c.First, c.Last, c.Linear, c.Sourced}
			}
			gotProducts := map[string][3]int{}
			for _, p := range e.Products {
				gotProducts[p.Name] = [3]int{p.Won, p.Lost, p.Orders}
			}
			for _, f := range [][2]any{{got, want}, {e.Won, money}, {e.Again, again}, {gotProducts, products},
				{[]int{e.Deals, e.Orders}, []int{won, orders}},
				{fmt.Sprint(e.Touched), fmt.Sprintf("{{%d %d} {%d %d}}", wonTouched, won, lostTouched, lost)}} {
				if fmt.Sprint(f[0]) != fmt.Sprint(f[1]) {
					t.Errorf("seed %d:\n%v, want\n%v", seed, f[0], f[1])
				}
			}
			return nil
		})
	}
}

// On orders alone the repeat rate is a query.
func TestRepeatRateAgainstSQL(t *testing.T) {
	s, path := openAt(t, func() time.Time { return noon })
	r := rand.New(rand.NewPCG(66, 3))
	write(t, s, func(tx *storage.Tx) error {
		for i := range 400 {
			o := truce.Order{ID: fmt.Sprint(i), Account: fmt.Sprint("a", r.IntN(120)), At: noon.Add(-time.Duration(r.IntN(700*24)) * time.Hour),
				Amount: truce.Money{Amount: r.Int64N(9) - 1, Currency: "USD"}}
			if _, err := tx.UpsertOrder(o); err != nil {
				return err
			}
		}
		return nil
	})
	var want [2]int
	ask(t, path, `SELECT coalesce(sum(EXISTS (SELECT 1 FROM orders o WHERE o.account = f.account AND o.amount > 0
		AND o.at BETWEEN f.at + 14 * 86400000 AND f.at + 180 * 86400000)), 0), count(*)
		FROM (SELECT account, min(at) AS at FROM orders WHERE amount > 0 GROUP BY account) f WHERE f.at + 180 * 86400000 <= ?`, noon.UnixMilli(),
		&want[0], &want[1])
	read(t, s, func(tx *storage.Tx) error {
		list, err := tx.Repeats(noon)
		again, of := 0, len(list)
		for _, a := range list {
			if a.Again {
				again++
			}
		}
		if err == nil && ([2]int{again, of} != want || of < 50) {
			t.Errorf("%d of %d, want %v", again, of, want)
		}
		return err
	})
}

// A deal that the CRM tells through its lead, through two leads and as a deal is money once.
func TestADealCountsOnce(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	at := noon.AddDate(0, 0, -3)
	write(t, s, func(tx *storage.Tx) error {
		for _, id := range []string{"a", "b"} {
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: noon.AddDate(0, 0, -100), Company: "Northfield", Source: "Fair"}); err != nil {
				return err
			}
			if _, err := tx.AddOutcome(truce.Outcome{LeadID: id, DealID: "d", Status: truce.Won, At: at,
				Amount: truce.Money{Amount: 700, Currency: "USD"}, HasAmount: true, Origin: truce.FromImport}); err != nil {
				return err
			}
		}
		_, err := tx.UpsertDeal(truce.Deal{ID: "d", Account: "northfield", Stage: "won", Status: truce.Won, CreatedAt: at, ClosedAt: at,
			Amount: truce.Money{Amount: 700, Currency: "USD"}, HasAmount: true})
		return err
	})
	read(t, s, func(tx *storage.Tx) error {
		rep, err := maker().Report(tx, digests.Query{Kind: digests.WeeklyDigest, From: noon.AddDate(0, 0, -7), To: noon, AsOf: noon})
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		want := `"earned":{"won":{"USD":700},"reordered":{},"deals":1,"reorders":0,"accounts":1,"by_source":[{"source":"Fair","currency":"USD","first_touch":700,"last_touch":700,"linear":700,"sourced":700}],` +
			`"by_product":[{"product":"(none)","won":1,"lost":0,"reorders":0,"revenue":{"USD":700},"reordered":{}}],"influenced":{"won":{"k":1,"n":1},"lost":{"k":0,"n":0}}}`
		if err == nil && !strings.Contains(string(text), want) {
			t.Errorf("%s\nwants %s", text, want)
		}
		return err
	})
}

// TestMoneyAsRead is what the figures say of a small company's money.
func TestMoneyAsRead(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	randomCompany(t, s, rand.New(rand.NewPCG(66, 77)))
	read(t, s, func(tx *storage.Tx) error {
		card, err := maker().All(tx, digests.Query{Kind: digests.LeadsDigest, From: noon.AddDate(0, 0, -200), To: noon, AsOf: noon})
		if err != nil {
			return err
		}
		golden.Check(t, "revenue.txt", cut(chat.PlainText(card, 110), "Won from", "[How"))
		return nil
	})
}
