package ideal_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/schedules/ideal"
	"truce/storage"
)

var (
	start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	asOf  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// company is a random one, as the test knows it.
type company struct {
	accounts []acc
	leads    []lead
	deals    []truce.Deal
	orders   []truce.Order
}

type acc struct {
	id, name, domain, industry, size string
	sizeAt                           time.Time // zero: with the first import
}

type lead struct {
	id      string
	at      time.Time
	account int // -1 is none
	region  string
	back    bool
}

// random is a company in which every account is found in one of three ways.
func random(seed uint64, accounts, leads int) (c company) {
	r := rand.New(rand.NewPCG(seed, 7))
	day := func(from time.Time, days int) time.Time {
		return from.Add(time.Duration(r.IntN(days*24*3600)) * time.Second)
	}
	for i := range accounts {
		a := acc{id: fmt.Sprintf("00%dAb", i), name: fmt.Sprintf("Company %d", i), domain: fmt.Sprintf("c%d.example", i),
			industry: []string{"Pharma", "Food", "Core facility", ""}[r.IntN(4)],
			size:     []string{"10", "51-200", "400-600", "1,200", ""}[r.IntN(5)]}
		if r.IntN(3) == 0 {
			a.sizeAt = day(start, 700)
		}
		c.accounts = append(c.accounts, a)
	}
	for i := range leads {
		l := lead{id: fmt.Sprintf("L%d", i), at: day(start, 720), account: r.IntN(accounts+20) - 20, region: []string{"EU", "US", ""}[r.IntN(3)],
			back: r.IntN(4) == 0}
		l.account = max(l.account, -1)
		c.leads = append(c.leads, l)
	}
	for i := range leads / 2 {
		a := r.IntN(accounts)
		d := truce.Deal{ID: fmt.Sprintf("D%d", i), AccountName: c.accounts[a].id, Stage: "x",
			Status: []truce.Status{truce.Won, truce.Lost, truce.Opportunity}[r.IntN(3)], CreatedAt: day(start, 700)}
		d.Account = truce.FoldAccount(d.AccountName)
		if d.Status != truce.Opportunity {
			d.ClosedAt = day(d.CreatedAt, 200)
			if d.Status == truce.Won && r.IntN(4) > 0 {
				d.Amount, d.HasAmount = truce.Money{Amount: int64(r.IntN(100000) + 1), Currency: []string{"USD", "EUR"}[r.IntN(2)]}, true
			}
		}
		if r.IntN(2) == 0 {
			d.LeadID = c.leads[r.IntN(leads)].id
		}
		c.deals = append(c.deals, d)
	}
	for i := range accounts * 2 {
		a := c.accounts[r.IntN(accounts)]
		c.orders = append(c.orders, truce.Order{ID: fmt.Sprint("O", i), Account: truce.FoldAccount(a.id), AccountName: a.id, At: day(start, 800),
			Amount: truce.Money{Amount: int64(r.IntN(900000) + 1), Currency: "CHF"}})
	}
	return c
}

func (c company) store(t *testing.T) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), func() time.Time { return asOf.AddDate(0, 3, 0) },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	err = s.Update(t.Context(), func(tx *storage.Tx) error {
		for _, a := range c.accounts {
			acc := truce.Account{ID: a.id, Name: a.name, Domain: a.domain}
			if a.industry != "" {
				acc.Values = append(acc.Values, truce.Known{Attribute: "Industry", Value: a.industry})
			}
			if _, err := tx.UpsertAccount(acc, time.Time{}); err != nil {
				return err
			}
			if a.size != "" {
				at := a.sizeAt
				if at.IsZero() {
					at = storage.Always
				}
				if _, err := tx.UpsertAccount(truce.Account{ID: a.id, Values: []truce.Known{{Attribute: "employees", Value: a.size}}}, at); err != nil {
					return err
				}
			}
		}
		for i, l := range c.leads {
			out := truce.Lead{ID: l.id, MQLAt: l.at}
			if l.region != "" {
				out.Attrs = map[string]string{"Region": l.region}
			}
			if l.account >= 0 {
				a := c.accounts[l.account]
				switch i % 3 {
				case 0:
					out.Account, out.AccountAs = truce.FoldAccount(a.id), a.id
				case 1:
					out.Company = strings.ToUpper(a.name) + ", Inc."
				default:
					out.Email = "Pat@" + a.domain
				}
			}
			if _, err := tx.UpsertLead(out); err != nil {
				return err
			}
			if l.back {
				if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.id, Status: truce.Rejected, At: l.at.Add(time.Hour),
					Origin: truce.FromImport}); err != nil {
					return err
				}
			}
		}
		for _, d := range c.deals {
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
		}
		for _, o := range c.orders {
			if _, err := tx.UpsertOrder(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// profile has 100 points; 60 are inside.
var prof = truce.Profile{Threshold: 60, Criteria: []truce.Criterion{
	{Attribute: "industry", Test: truce.TestOneOf, Texts: []string{"pharma", "core FACILITY"}, Points: 40},
	{Attribute: "employees", Test: truce.TestRange, Low: 50, High: math.Inf(1), Points: 40},
	{Attribute: "region", Test: truce.TestEquals, Texts: []string{"eu"}, Points: 20},
}}

// naive is what the profile says, worked out again: points of each attribute, -1 for not known.
func naive(c company, l lead, by time.Time) string {
	industry, size := "", ""
	if l.account >= 0 {
		a := c.accounts[l.account]
		if industry = a.industry; a.sizeAt.IsZero() || !a.sizeAt.After(by) {
			size = a.size
		}
	}
	met, open := 0, 0
	add := func(value string, points int, holds bool) {
		switch {
		case value == "":
			open += points
		case holds:
			met += points
		}
	}
	add(industry, 40, industry == "Pharma" || industry == "Core facility")
	add(size, 40, size != "10")
	add(l.region, 20, l.region == "EU")
	switch {
	case met >= 60:
		return "inside"
	case met+open < 60:
		return "outside"
	}
	return "unknown"
}

// fiveDays are five business days later, counted a day at a time.
func fiveDays(t time.Time) time.Time {
	for n := 0; n < 5; {
		if t = t.AddDate(0, 0, 1); t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n++
		}
	}
	if t.After(asOf) {
		return asOf
	}
	return t
}

func replay(t *testing.T, s *storage.Store, from, to time.Time, inForce *truce.Profile) map[string]any {
	t.Helper()
	j := &ideal.Judge{Calendar: truce.NewCalendar(time.UTC)}
	var doc map[string]any
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		r, err := j.Replay(tx, prof, inForce, from, to, asOf)
		if err != nil {
			return err
		}
		if r.Text(time.UTC) == "" {
			t.Error("no text")
		}
		text, err := r.JSON(time.UTC)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &doc)
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestReplayEqualsAnIndependentRecomputation(t *testing.T) {
	from, to := time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	loose := truce.Profile{Threshold: 50, Criteria: []truce.Criterion{{Attribute: "region", Test: truce.TestEquals, Texts: []string{"EU"},
		Points: 1}}}
	for seed := range uint64(3) {
		c := random(seed, 60, 400)
		s := c.store(t)
		// The states of leads are those of the one rule that all figures share; what the replay adds is recomputed here.
		states := map[string]truce.Facts{}
		err := s.View(t.Context(), func(tx *storage.Tx) error {
			return tx.EachLeadCase(start, asOf, func(l *truce.LeadCase) error { states[l.Lead.ID] = l.Facts(asOf); return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		type row struct {
			leads, won, lost, back, again, of int
			revenue                           map[string]float64
		}
		rows := map[string]*row{"inside": {revenue: map[string]float64{}}, "outside": {revenue: map[string]float64{}},
			"unknown": {revenue: map[string]float64{}}}
		all, later, became := 0, 0, [2]int{}
		fit := map[string]string{} // of leads in a row
		newer := func(a, b *lead) bool { return b == nil || a.at.After(b.at) || a.at.Equal(b.at) && a.id > b.id }
		ever, ofPeriod := map[int]*lead{}, map[int]*lead{}
		for i := range c.leads {
			l := &c.leads[i]
			if !l.at.After(asOf) && l.account >= 0 && newer(l, ever[l.account]) {
				ever[l.account] = l
			}
			if l.at.Before(from) || !l.at.Before(to) {
				continue
			}
			if l.account >= 0 && newer(l, ofPeriod[l.account]) {
				ofPeriod[l.account] = l
			}
			all++
			f := naive(c, *l, fiveDays(l.at))
			if f == "unknown" && naive(c, *l, asOf) != "unknown" {
				later++
				continue
			}
			fit[l.id] = f
			r := rows[f]
			r.leads++
			switch st := states[l.id]; {
			case st.Wins():
				r.won++
			case st.State == truce.Lost && !st.Joined:
				r.lost++
			case st.State == truce.Rejected:
				r.back++
			}
			was := map[string]string{"EU": "inside", "US": "outside", "": "unknown"}[l.region]
			if f == "inside" && was != f {
				became[0]++
			}
			if f == "outside" && was != f {
				became[1]++
			}
		}
		index := map[string]int{}
		for i, a := range c.accounts {
			index[a.id] = i
		}
		refused := []string{}
		bought := map[int][]time.Time{}
		for _, d := range c.deals {
			if d.Status != truce.Won || d.ClosedAt.After(asOf) {
				continue
			}
			a := index[d.AccountName]
			bought[a] = append(bought[a], d.ClosedAt)
			if l := ever[a]; l != nil && naive(c, *l, fiveDays(l.at)) == "outside" && !d.ClosedAt.Before(from) && d.ClosedAt.Before(to) &&
				!slices.Contains(refused, d.AccountName) {
				refused = append(refused, d.AccountName)
			}
			of := ""
			if d.LeadID != "" {
				of = d.LeadID
				for _, l := range c.leads {
					if l.id == of && l.at.After(asOf) {
						of = ""
					}
				}
			} else {
				var best *lead
				for i := range c.leads {
					if l := &c.leads[i]; l.account == a && !l.at.After(d.ClosedAt) && newer(l, best) {
						best = l
					}
				}
				if best != nil {
					of = best.id
				}
			}
			if f := fit[of]; f != "" && d.HasAmount {
				rows[f].revenue[d.Amount.Currency] += float64(d.Amount.Amount)
			}
		}
		slices.Sort(refused)
		for _, o := range c.orders { // in another currency than any deal: none of them pays for one
			if a := index[o.AccountName]; !o.At.After(asOf) {
				bought[a] = append(bought[a], o.At)
			}
		}
		for a, l := range ofPeriod {
			times := bought[a]
			if len(times) == 0 || fit[l.id] == "" {
				continue
			}
			slices.SortFunc(times, time.Time.Compare)
			if asOf.Sub(times[0]) < 180*24*time.Hour {
				continue
			}
			r := rows[fit[l.id]]
			r.of++
			for _, at := range times[1:] {
				if d := at.Sub(times[0]); d >= 14*24*time.Hour && d <= 180*24*time.Hour {
					r.again++
					break
				}
			}
		}
		doc := replay(t, s, from, to, &loose)
		num := func(path ...string) float64 {
			var v any = doc
			for _, p := range path {
				v = v.(map[string]any)[p]
			}
			if v == nil {
				return math.NaN()
			}
			return v.(float64)
		}
		same := func(want float64, path ...string) {
			if got := num(path...); math.Abs(got-want) > 1e-12 {
				t.Errorf("seed %d: %v is %v, want %v", seed, path, got, want)
			}
		}
		same(float64(all), "leads")
		same(float64(later), "known_later")
		same(float64(became[0]), "against_in_force", "became_inside")
		same(float64(became[1]), "against_in_force", "became_outside")
		for f, r := range rows {
			same(float64(r.leads), f, "leads")
			same(float64(r.leads), f, "share", "k")
			same(float64(all-later), f, "share", "n")
			same(float64(r.leads)/float64(all-later), f, "share", "rate")
			same(float64(r.won), f, "won")
			same(float64(r.lost), f, "lost")
			same(float64(r.won+r.lost), f, "win_rate", "n")
			same(float64(r.won), f, "lead_to_win", "k")
			same(float64(r.leads), f, "lead_to_win", "n")
			same(float64(r.back), f, "sent_back", "k")
			same(float64(r.again), f, "repeat", "k")
			same(float64(r.of), f, "repeat", "n")
			got := doc[f].(map[string]any)["revenue"].(map[string]any)
			want := map[string]any{}
			for currency, n := range r.revenue {
				want[currency] = n
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: revenue of %s is %v, want %v", seed, f, got, want)
			}
		}
		got := []string{}
		for _, id := range doc["refused_customers"].([]any) {
			got = append(got, id.(string))
		}
		if !slices.Equal(got, refused) {
			t.Errorf("seed %d: refused %q, want %q", seed, got, refused)
		}
		if later == 0 || len(refused) == 0 || rows["inside"].won == 0 || rows["inside"].of == 0 {
			t.Errorf("seed %d tests too little: %d later, %d refused, %+v", seed, later, len(refused), rows)
		}
	}
}

// exact is Fisher's test by whole numbers.
func exact(k1, n1, k0, n0 int) float64 {
	k := k1 + k0
	weigh := func(x int) *big.Int {
		if x < 0 || x > n1 || k-x < 0 || k-x > n0 {
			return big.NewInt(0)
		}
		return new(big.Int).Mul(new(big.Int).Binomial(int64(n1), int64(x)), new(big.Int).Binomial(int64(n0), int64(k-x)))
	}
	seen, sum, all := weigh(k1), big.NewInt(0), big.NewInt(0)
	for x := 0; x <= k; x++ {
		if w := weigh(x); true {
			if all.Add(all, w); w.Cmp(seen) <= 0 {
				sum.Add(sum, w)
			}
		}
	}
	p, _ := new(big.Rat).SetFrac(sum, all).Float64()
	return p
}

func TestEvidenceEqualsAnIndependentRecomputation(t *testing.T) {
	verdicts := map[string]int{}
	for seed := range uint64(3) {
		c := random(seed+10, 240, 1600)
		for i, a := range c.accounts { // something to find: those of Pharma order again
			if a.industry == "Pharma" {
				for _, d := range c.deals {
					if d.AccountName == a.id && d.Status == truce.Won {
						c.orders = append(c.orders, truce.Order{ID: fmt.Sprint("P", i, d.ID), Account: truce.FoldAccount(a.id), AccountName: a.id,
							At: d.ClosedAt.AddDate(0, 0, 30), Amount: truce.Money{Amount: 5, Currency: "CHF"}})
					}
				}
			}
		}
		s := c.store(t)
		type one struct {
			at                    time.Time
			yes                   bool
			id, industry, employs string
		}
		var list []one
		for _, a := range c.accounts {
			var first, last time.Time
			var times []time.Time
			for _, d := range c.deals {
				if d.AccountName != a.id || d.Status == truce.Opportunity || d.ClosedAt.After(asOf) {
					continue
				}
				if d.Status == truce.Lost {
					if d.ClosedAt.After(last) {
						last = d.ClosedAt
					}
					continue
				}
				if times = append(times, d.ClosedAt); first.IsZero() || d.ClosedAt.Before(first) {
					first = d.ClosedAt
				}
			}
			o := one{at: last, id: a.id}
			switch {
			case first.IsZero() && last.IsZero(), !first.IsZero() && asOf.Sub(first) < 180*24*time.Hour:
				continue
			case !first.IsZero():
				for _, order := range c.orders {
					if order.AccountName == a.id && !order.At.After(asOf) {
						times = append(times, order.At)
					}
				}
				slices.SortFunc(times, time.Time.Compare)
				for _, at := range times {
					if d := at.Sub(times[0]); d >= 14*24*time.Hour && d <= 180*24*time.Hour {
						o.yes = true
					}
				}
				o.at = first
			}
			if o.industry = a.industry; a.sizeAt.IsZero() || !a.sizeAt.After(o.at) {
				o.employs = a.size
			}
			list = append(list, o)
		}
		slices.SortFunc(list, func(a, b one) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
		half := (len(list) + 1) / 2 // no two close at one moment
		var doc struct {
			AsOf   string `json:"as_of"`
			Values []struct {
				Attribute, Value string
				Older, Newer     struct {
					K1, N1, K0, N0           int
					Difference, Low, High, Q *float64
				}
				Verdict string
			}
		}
		err := s.View(t.Context(), func(tx *storage.Tx) error {
			e, err := (&ideal.Judge{Calendar: truce.NewCalendar(time.UTC)}).Evidence(tx, asOf)
			if err != nil {
				return err
			}
			text, err := e.JSON()
			if err != nil {
				return err
			}
			return json.Unmarshal(text, &doc)
		})
		if err != nil {
			t.Fatal(err)
		}
		if doc.AsOf != "2026-01-01T00:00:00Z" || len(doc.Values) != 7 {
			t.Fatalf("seed %d: as of %s, %d values", seed, doc.AsOf, len(doc.Values))
		}
		for h, side := range [][]one{list[:half], list[half:]} {
			var ps []float64
			for _, v := range doc.Values {
				var k, n [2]int
				for _, o := range side {
					value := o.industry
					if v.Attribute == "employees" {
						value = o.employs
					}
					if value == "" {
						continue
					}
					i := 0
					if value == v.Value {
						i = 1
					}
					if n[i]++; o.yes {
						k[i]++
					}
				}
				got := v.Older
				if h == 1 {
					got = v.Newer
				}
				if got.K1 != k[1] || got.N1 != n[1] || got.K0 != k[0] || got.N0 != n[0] {
					t.Errorf("seed %d, half %d, %s %s: %+v, want %v of %v", seed, h, v.Attribute, v.Value, got, k, n)
					continue
				}
				ps = append(ps, exact(k[1], n[1], k[0], n[0]))
				if want := float64(k[1])/float64(n[1]) - float64(k[0])/float64(n[0]); math.Abs(*got.Difference-want) > 1e-12 || *got.Low >= want ||
					*got.High <= want {
					t.Errorf("seed %d: difference %v (%v to %v), want %v", seed, *got.Difference, *got.Low, *got.High, want)
				}
			}
			for i, v := range doc.Values { // q by its definition
				q := 1.0
				for j := range ps {
					below := 0
					for _, p := range ps {
						if p <= ps[j] {
							below++
						}
					}
					if ps[j] >= ps[i] {
						q = min(q, ps[j]*float64(len(ps))/float64(below))
					}
				}
				got := v.Older.Q
				if h == 1 {
					got = v.Newer.Q
				}
				if math.Abs(*got-q) > 1e-9 {
					t.Errorf("seed %d, half %d, %s %s: q %v, want %v", seed, h, v.Attribute, v.Value, *got, q)
				}
			}
		}
		for _, v := range doc.Values {
			want := "not clear"
			switch {
			case v.Newer.N1 < 20 || v.Newer.N0 < 20:
				want = "too few to tell"
			case *v.Newer.Q <= 0.1 && *v.Newer.Difference**v.Older.Difference > 0:
				want = "held up"
			case *v.Older.Difference < *v.Newer.Low || *v.Older.Difference > *v.Newer.High:
				want = "did not hold up"
			}
			if v.Verdict != want {
				t.Errorf("seed %d, %s %s: %q, want %q", seed, v.Attribute, v.Value, v.Verdict, want)
			}
			verdicts[v.Verdict]++
		}
	}
	if verdicts["held up"] == 0 {
		t.Errorf("no verdict but %v", verdicts)
	}
}

func TestNothingIsSaidOfNothing(t *testing.T) {
	s := company{}.store(t)
	doc := replay(t, s, start, asOf, nil)
	if doc["leads"].(float64) != 0 || doc["against_in_force"].(map[string]any)["became_inside"] != nil ||
		len(doc["refused_customers"].([]any)) != 0 {
		t.Errorf("%v", doc)
	}
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		e, err := (&ideal.Judge{Calendar: truce.NewCalendar(time.UTC)}).Evidence(tx, asOf)
		if text, _ := e.JSON(); !strings.Contains(string(text), `"values": []`) || !strings.Contains(e.Text(), "import accounts") {
			t.Errorf("%s\n%s", text, e.Text())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
