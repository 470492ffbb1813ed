package digests_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// lastFortnight is what the end of a quarter is, by the length of its months.
func lastFortnight(t time.Time) bool {
	length := map[time.Month]int{time.March: 31, time.June: 30, time.September: 30, time.December: 31}[t.Month()]
	return length > 0 && t.Day() > length-14
}

// TestQuarterEndsAgainstBruteForce holds both comparisons against loops over everything, by their definitions.
func TestQuarterEndsAgainstBruteForce(t *testing.T) {
	counted := 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(80, seed))
		s := openStore(t, func() time.Time { return noon })
		c := randomCompany(t, s, r)
		fits := []truce.ICPFit{"", truce.InsideICP, truce.OutsideICP}
		var ids []string
		for id := range c.leads {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		write(t, s, func(tx *storage.Tx) error {
			for _, id := range ids {
				l := c.leads[id]
				l.ICPFit = fits[r.IntN(3)]
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				c.leads[id] = l
			}
			for i := range c.deals {
				c.deals[i].ICPFit = fits[r.IntN(3)]
				if _, err := tx.UpsertDeal(c.deals[i]); err != nil {
					return err
				}
				without := c.deals[i]
				without.ICPFit = "" // a file without the column takes nothing away
				if _, err := tx.UpsertDeal(without); err != nil {
					return err
				}
			}
			return nil
		})
		asOf := noon.AddDate(0, 0, -r.IntN(40))
		// The newest word on an account that was known then, of its leads, of a lead without an account, and of its deals.
		fit := func(account, lead string) (newest truce.ICPFit) {
			var at time.Time
			id := ""
			said := func(t time.Time, by string, f truce.ICPFit) {
				if f != "" && !t.After(asOf) && (newest == "" || cmp.Or(t.Compare(at), cmp.Compare(by, id)) > 0) {
					at, id, newest = t, by, f
				}
			}
			for _, l := range c.mates(account, lead) {
				said(l.MQLAt, l.ID, l.ICPFit)
			}
			for _, d := range c.deals {
				if account != "" && d.Account == account {
					said(d.CreatedAt, d.ID, d.ICPFit)
				}
			}
			return newest
		}
		to := noon.AddDate(0, 0, -r.IntN(60)).Truncate(24 * time.Hour)
		from := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC) // eight quarters before the second of 2026
		if end := slices.MinFunc([]time.Time{to.Add(-time.Millisecond), asOf}, time.Time.Compare); end.Month() < time.April {
			from = from.AddDate(0, -3, 0)
		}
		var want [4]stats.Proportion // late, others; outside, inside
		add := func(i int, yes bool) {
			if want[i].N++; yes {
				want[i].K++
			}
		}
		for _, d := range c.deals {
			f := cmp.Or(d.ICPFit, fit(c.account(d), d.LeadID))
			if d.Status != truce.Won || f == "" || d.ClosedAt.Before(from) || !d.ClosedAt.Before(to) || d.ClosedAt.After(asOf) {
				continue
			}
			add(map[bool]int{true: 0, false: 1}[lastFortnight(d.ClosedAt)], f == truce.OutsideICP)
		}
		read(t, s, func(tx *storage.Tx) error {
			repeats, err := tx.Repeats(asOf) // has a test of its own
			if err != nil {
				return err
			}
			for _, a := range repeats {
				if f := fit(a.Account, ""); f != "" {
					add(map[truce.ICPFit]int{truce.OutsideICP: 2, truce.InsideICP: 3}[f], a.Again)
				}
			}
			for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest} {
				study, err := maker().Whole(tx, digests.Query{Kind: kind, From: to.AddDate(0, 0, -7), To: to, AsOf: asOf})
				if err != nil {
					return err
				}
				got := [4]stats.Proportion{study.Ends.Wins.A, study.Ends.Wins.B, study.Ends.Repeat.A, study.Ends.Repeat.B}
				if got != want || !study.Ends.From.Equal(from) {
					t.Errorf("seed %d, %s: %v from %s, want %v from %s", seed, kind, got, study.Ends.From, want, from)
				}
				if study.Repeat.N != len(repeats) {
					t.Errorf("seed %d, %s: %d accounts are old enough, want %d", seed, kind, study.Repeat.N, len(repeats))
				}
			}
			return nil
		})
		counted += want[0].N
	}
	if counted < 10 {
		t.Errorf("only %d deals at the end of a quarter: nothing was tested", counted)
	}
}

// sell writes deals that reps found alone: one a day of two years, as many each day; outside says which are outside the profile.
// Every other customer inside reorders, and of those outside every eighth.
func sell(t *testing.T, s *storage.Store, outside func(day time.Time) bool) {
	t.Helper()
	write(t, s, func(tx *storage.Tx) error {
		for i := range 700 {
			at := noon.AddDate(0, 0, -i-3)
			d := truce.Deal{ID: fmt.Sprintf("d%03d", i), Account: fmt.Sprintf("lab %d", i), AccountName: fmt.Sprintf("Lab %d", i), Stage: "won",
				Status: truce.Won, CreatedAt: at.AddDate(0, 0, -30),
				ClosedAt: at, Amount: truce.Money{Amount: 8_500_000, Currency: "USD"}, HasAmount: true, ICPFit: truce.InsideICP}
			every := 2
			if outside(at) {
				d.ICPFit, every = truce.OutsideICP, 8
			}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
			for n, after := range []int{0, 60} {
				o := truce.Order{ID: fmt.Sprint(d.ID, "-", n), Account: d.Account, At: at.AddDate(0, 0, after),
					Amount: truce.Money{Amount: []int64{8_500_000, 500_000}[n], Currency: "USD"}}
				if n == 1 && i%every > 0 {
					continue
				}
				if _, err := tx.UpsertOrder(o); err != nil {
					return err
				}
			}
		}
		for i := range 60 { // without leads there is no digest
			if _, err := tx.UpsertLead(truce.Lead{ID: fmt.Sprint("l", i), MQLAt: noon.AddDate(0, 0, -i), Source: "Fair"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestQuarterEndsAsRead is a rise at the ends of quarters as managers and the sponsor read it, with what lies below.
func TestQuarterEndsAsRead(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	r := rand.New(rand.NewPCG(80, 80))
	sell(t, s, func(day time.Time) bool {
		return r.Float64() < map[bool]float64{true: 0.44, false: 0.18}[lastFortnight(day)]
	})
	read(t, s, func(tx *storage.Tx) error {
		d := maker()
		text := ""
		for _, kind := range []string{digests.WeeklyDigest, digests.MonthlyDigest} {
			card, err := d.Card(tx, digests.Query{Kind: kind, AsOf: noon}, false)
			if err != nil {
				return err
			}
			text += kind + ": " + cut(chat.PlainText(card, 100), "Quarter ends", "\n\n") + "\n\n"
		}
		req := digests.Query{Kind: digests.WeeklyDigest, AsOf: noon}
		all, err := d.All(tx, req)
		if err != nil {
			return err
		}
		text += cut(chat.PlainText(all, 100), "Quarter ends and", "[How")
		report, err := d.Report(tx, req)
		if err != nil {
			return err
		}
		fields, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		text += "\n" + cut(string(fields), `  "quarter_ends"`, "\n  }")
		p := d.Fill(req)
		drill, err := d.Drill(tx, cardsPeriod(p), truce.Person{}, "deals", nil)
		if err != nil {
			return err
		}
		golden.Check(t, "quarter_ends.txt", text+"\n\n"+chat.PlainText(drill, 100))
		return nil
	})
}

// TestQuarterEndsOfFlatNoise claims nothing where the end of a quarter sells what the other days do: at most one company in thirty
// may look otherwise by chance, the share that a headline allows itself.
func TestQuarterEndsOfFlatNoise(t *testing.T) {
	claimed, companies := 0, 30
	for seed := range companies {
		s := openStore(t, func() time.Time { return noon })
		r := rand.New(rand.NewPCG(81, uint64(seed)))
		sell(t, s, func(time.Time) bool { return r.Float64() < 0.2 })
		read(t, s, func(tx *storage.Tx) error {
			study, err := maker().Whole(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: noon})
			if err != nil {
				return err
			}
			if n := study.Ends.Wins.A.N; n < 100 {
				t.Errorf("seed %d: %d deals at the ends of quarters", seed, n)
			}
			if strings.Contains(chat.PlainText(maker().Show(&study), 1000), "Quarter ends") {
				claimed++
			}
			return nil
		})
	}
	if float64(claimed) > math.Ceil(float64(companies)/30)+1 {
		t.Errorf("%d of %d companies without a difference are told of one", claimed, companies)
	}
}

// TestQuarterEndDealsWithoutOrders does not take unknown orders for none, nor for early ones.
func TestQuarterEndDealsWithoutOrders(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for _, closed := range []time.Time{time.Date(2025, 9, 20, 9, 0, 0, 0, time.UTC), time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)} {
			id := closed.Format("Jan")
			if _, err := tx.UpsertDeal(truce.Deal{ID: id, Account: id, Name: "Deal of " + id, Stage: "won", Status: truce.Won, ClosedAt: closed,
				ICPFit: truce.OutsideICP}); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		d := maker()
		card, err := d.Drill(tx, cardsPeriod(d.Fill(digests.Query{Kind: digests.WeeklyDigest, AsOf: noon})), truce.Person{}, "deals", nil)
		if err != nil {
			return err
		}
		text := strings.Join(strings.Fields(chat.PlainText(card, 200)), " ")
		if want := "Deal of Mar 20 Mar 2026 too early to tell Deal of Sep 20 Sep 2025 not known"; !strings.Contains(text, want) {
			t.Errorf("%s\nwant %q", text, want)
		}
		return nil
	})
}

// TestQuarterEndsOfFew says of nine deals on one side only how many they were.
func TestQuarterEndsOfFew(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for i := range 9 + 40 {
			d := truce.Deal{ID: fmt.Sprint("d", i), Account: fmt.Sprint("a", i), Stage: "won", Status: truce.Won,
				ClosedAt: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC), ICPFit: truce.OutsideICP}
			if i >= 9 {
				d.ClosedAt, d.ICPFit = d.ClosedAt.AddDate(0, 1, 0), truce.InsideICP
			}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
		}
		_, err := tx.UpsertLead(truce.Lead{ID: "l", MQLAt: noon.AddDate(0, 0, -3)})
		return err
	})
	read(t, s, func(tx *storage.Tx) error {
		for kind, says := range map[string]string{digests.WeeklyDigest: "",
			digests.LeadsDigest: "Too few deals to compare quarter ends with other days."} {
			card, err := maker().Card(tx, digests.Query{Kind: kind, AsOf: noon}, kind == digests.LeadsDigest)
			if err != nil {
				return err
			}
			if text := chat.PlainText(card, 1000); says == "" && strings.Contains(text, "Quarter ends") || !strings.Contains(text, says) {
				t.Errorf("%s says\n%s\nwant %q", kind, text, says)
			}
		}
		return nil
	})
}

func cardsPeriod(r digests.Query) cards.Period {
	return cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: time.UTC}
}

// TestQuarterEndsOfMany leaves the ends of quarters to the scheduled summary where reading them would keep somebody waiting.
func TestQuarterEndsOfMany(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for i := range 10_001 {
			d := truce.Deal{ID: fmt.Sprint("d", i), Stage: "won", Status: truce.Won, ClosedAt: noon.AddDate(0, 0, -i%600-1), ICPFit: truce.InsideICP}
			if lastFortnight(d.ClosedAt) && i%2 == 0 {
				d.ICPFit = truce.OutsideICP
			}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
		}
		_, err := tx.UpsertLead(truce.Lead{ID: "l", MQLAt: noon.AddDate(0, 0, -3)})
		return err
	})
	read(t, s, func(tx *storage.Tx) error {
		for whole, want := range map[bool]bool{false: false, true: true} {
			card, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: noon}, whole)
			if err != nil {
				return err
			}
			if got := strings.Contains(chat.PlainText(card, 1000), "Quarter ends go with more wins"); got != want {
				t.Errorf("whole %v: the ends of quarters are said: %v", whole, got)
			}
		}
		return nil
	})
}
