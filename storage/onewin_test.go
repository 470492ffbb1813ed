package storage

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
)

// A world is what is true of a few companies, to be told in pieces.
type world struct {
	accounts []truce.Account
	leads    []truce.Lead
	deals    []truce.Deal
	outcomes []truce.Outcome // what a file says of leads, some by their deals
	orders   []truce.Order
}

func newWorld(r *rand.Rand) (w world) {
	hour := func(days int) time.Time { return day(r.IntN(days)).Add(time.Duration(r.IntN(24)) * time.Hour) }
	companies := []string{"", "Acme", "ACME GmbH", "Acme, Inc.", "Bolt", "Corex"}
	if r.IntN(2) == 0 { // the CRM's accounts: "Bolt" is two, and so is the domain of one of them
		companies = append(companies, "A-1", "B.2", "Acme Labs USA")
		w.accounts = []truce.Account{{ID: "A-1", Name: "Acme GmbH", Domain: "acme.com"}, {ID: "B.2", Name: "Bolt", Domain: "bolt.com"},
			{ID: "B-3", Name: "Bolt Ltd", Domain: "corex.com"},
			{ID: "C-4", Name: "Corex", Domain: "corex.com"}, {ID: "G-5", Name: "Gee", Domain: "gmail.com"},
			{ID: "S-6", Name: "Campus", Domain: "shared.edu"}}
	}
	addresses := []string{"", "ann@acme.com", "bob@mail.acme.com", "cy@bolt.com", "di@corex.com", "ed@gmail.com", "fay@shared.edu"}
	for i := range 1 + r.IntN(12) {
		w.leads = append(w.leads, truce.Lead{ID: fmt.Sprint("L", i), MQLAt: hour(400), Source: []string{"Web", "Kit", ""}[r.IntN(3)],
			Company: companies[r.IntN(len(companies))],
			Email:   addresses[r.IntN(len(addresses))]})
		l := &w.leads[i]
		if w.accounts != nil && r.IntN(2) == 0 { // nothing but the address tells its company
			l.Company = ""
		}
		if r.IntN(6) == 0 {
			l.Account = truce.FoldAccount("B.2")
			l.AccountAs = "B.2"
		}
	}
	someLead := func() string { return w.leads[r.IntN(len(w.leads))].ID }
	money := func() (truce.Money, bool) {
		return truce.Money{Amount: int64(100 * (1 + r.IntN(5))), Currency: []string{"USD", "EUR"}[r.IntN(2)]}, true
	}
	for i := range r.IntN(8) {
		d := truce.Deal{ID: fmt.Sprint("D", i), Stage: "open", Status: truce.Opportunity}
		if r.IntN(3) > 0 {
			d.AccountName = companies[r.IntN(len(companies))]
			d.Account = truce.FoldAccount(d.AccountName)
		}
		if r.IntN(3) == 0 {
			d.LeadID = someLead()
		}
		d.CreatedAt = hour(400)
		if d.Amount, d.HasAmount = money(); r.IntN(4) == 0 {
			d.Amount, d.HasAmount = truce.Money{}, false
		}
		if r.IntN(4) > 0 {
			d.Status = []truce.Status{truce.Won, truce.Won, truce.Lost}[r.IntN(3)]
			d.Stage, d.ClosedAt = string(d.Status), d.CreatedAt.AddDate(0, 0, r.IntN(100)-20)
			if r.IntN(2) == 0 { // only its day is known
				d.ClosedAt = d.ClosedAt.Truncate(24 * time.Hour)
				d.ClosedUntil = d.ClosedAt.Add(24*time.Hour - time.Millisecond)
			}
		}
		w.deals = append(w.deals, d)
		for range r.IntN(3) * r.IntN(2) { // leads that name it
			o := truce.Outcome{LeadID: someLead(), DealID: d.ID, Status: truce.SQL, At: d.CreatedAt.Add(-time.Hour), Origin: truce.FromImport}
			if d.Status.Ends() && r.IntN(2) == 0 {
				o.Status, o.At, o.Until = d.Status, d.ClosedAt, d.ClosedUntil
			}
			w.outcomes = append(w.outcomes, o)
		}
	}
	for i := range 2 * len(w.accounts) { // deals that name their account and nothing else
		name := []string{"Acme", "A-1", "B.2", "Corex", "C-4", "Bolt", "G-5", "S-6"}[r.IntN(8)]
		d := truce.Deal{ID: fmt.Sprint("A", i), Account: truce.FoldAccount(name), AccountName: name, Stage: "won", Status: truce.Won,
			CreatedAt: hour(400)}
		d.ClosedAt = d.CreatedAt.AddDate(0, 0, r.IntN(100))
		d.Amount, d.HasAmount = money()
		w.deals = append(w.deals, d)
	}
	for range r.IntN(6) { // deals that only outcomes know, and outcomes of no deal
		o := truce.Outcome{LeadID: someLead(), Status: truce.Statuses[r.IntN(len(truce.Statuses))], At: hour(400), Origin: truce.FromImport}
		if r.IntN(2) == 0 {
			o.DealID = fmt.Sprint("X", r.IntN(2))
			o.Status, o.At = truce.Won, day(200)
			if r.IntN(4) == 0 {
				o.Status, o.At = truce.Lost, day(190+r.IntN(20))
			}
		}
		if o.Status == truce.Won && r.IntN(3) > 0 {
			o.Amount, o.HasAmount = truce.Money{Amount: 700, Currency: "USD"}, true
		}
		same := func(p truce.Outcome) bool {
			return p.LeadID == o.LeadID && p.DealID == o.DealID && p.Status == o.Status
		}
		if !slices.ContainsFunc(w.outcomes, same) { // a second row would correct the first
			w.outcomes = append(w.outcomes, o)
		}
	}
	for i := range r.IntN(3) {
		m, _ := money()
		name := []string{"Acme", "A-1", "Bolt"}[r.IntN(3)]
		w.orders = append(w.orders, truce.Order{ID: fmt.Sprint("O", i), Account: truce.FoldAccount(name), AccountName: name, At: hour(400),
			Amount: m})
	}
	return w
}

// counted is what is asked: wins, losses and money of the leads of a source, and of all deals.
type counted struct {
	Won, Lost map[string]int
	Money     map[string]int64 // "Web USD"
	Deals     int
	Earned    map[string]int64 // by currency
}

func newCounted() counted {
	return counted{map[string]int{}, map[string]int{}, map[string]int64{}, 0, map[string]int64{}}
}

// plainly counts the world as somebody would with a pencil, knowing nothing of how it is stored.
func (w world) plainly(asOf time.Time) counted {
	c := newCounted()
	type saying struct {
		truce.Outcome
		place time.Time
	}
	place := func(o truce.Outcome) time.Time { return cmp.Or(o.Until, o.At) }
	says := map[string][]saying{} // by lead
	add := func(o truce.Outcome) {
		list := says[o.LeadID]
		for i, s := range list {
			if s.DealID == o.DealID && s.Status == o.Status {
				if !list[i].HasAmount {
					list[i].Amount, list[i].HasAmount = o.Amount, o.HasAmount
				}
				return
			}
		}
		says[o.LeadID] = append(list, saying{o, place(o)})
	}
	for _, o := range w.outcomes {
		add(o)
	}
	lead := map[string]truce.Lead{}
	for _, l := range w.leads {
		lead[l.ID] = l
	}
	atDeal := map[string][]string{} // the leads of a deal
	own := map[string]string{}
	for _, d := range w.deals {
		of := map[string]bool{}
		if d.LeadID != "" {
			of[d.LeadID], own[d.ID] = true, d.LeadID
		}
		for _, o := range w.outcomes {
			if o.DealID == d.ID {
				of[o.LeadID] = true
			}
		}
		if len(of) == 0 && d.Account != "" {
			var best *truce.Lead
			for i, l := range w.leads {
				apart := l.MQLAt.Sub(d.CreatedAt).Abs()
				late := d.Status != truce.Opportunity && l.MQLAt.After(cmp.Or(d.ClosedUntil, d.ClosedAt))
				if !w.same(l, d) || apart > 180*24*time.Hour || late {
					continue
				}
				if best == nil || l.MQLAt.Before(best.MQLAt) || l.MQLAt.Equal(best.MQLAt) && l.ID < best.ID {
					best = &w.leads[i]
				}
			}
			if best != nil {
				of[best.ID] = true
			}
		}
		for id := range of {
			o := truce.Outcome{LeadID: id, DealID: d.ID, Status: truce.Opportunity, At: d.CreatedAt}
			add(o)
			if d.Status != truce.Opportunity {
				o.Status, o.At, o.Until, o.Amount, o.HasAmount = d.Status, d.ClosedAt, d.ClosedUntil, d.Amount, d.HasAmount
				add(o)
			}
		}
		if len(of) == 0 && d.Status == truce.Won {
			c.Deals++
			if d.HasAmount {
				c.Earned[d.Amount.Currency] += d.Amount.Amount
			}
		}
	}
	for id, list := range says {
		for _, s := range list {
			if s.DealID != "" && !slices.Contains(atDeal[s.DealID], id) {
				atDeal[s.DealID] = append(atDeal[s.DealID], id)
			}
		}
	}
	// Who of a deal's leads that say how it ended counts.
	bearer := func(deal string, end truce.Status) string {
		var best string
		rank := func(id string) (paid, mine bool) {
			for _, s := range says[id] {
				if s.DealID == deal && s.Status == end {
					return s.HasAmount, own[deal] == id
				}
			}
			panic("not asked of such")
		}
		for _, id := range atDeal[deal] {
			if !slices.ContainsFunc(says[id], func(s saying) bool { return s.DealID == deal && s.Status == end }) {
				continue
			}
			if best == "" {
				best = id
				continue
			}
			p, m := rank(id)
			bp, bm := rank(best)
			switch a, b := lead[id], lead[best]; {
			case p != bp:
				if p {
					best = id
				}
			case m != bm:
				if m {
					best = id
				}
			case a.MQLAt.Before(b.MQLAt) || a.MQLAt.Equal(b.MQLAt) && a.ID < b.ID:
				best = id
			}
		}
		return best
	}
	last := map[string]saying{} // how a deal ended, by the last word on it
	for _, list := range says {
		for _, s := range list {
			if l, ok := last[s.DealID]; (s.Status == truce.Won || s.Status == truce.Lost) &&
				(!ok || s.place.After(l.place) || s.place.Equal(l.place) && s.Status == truce.Won) {
				last[s.DealID] = s
			}
		}
	}
	for id, list := range says {
		var state truce.Status
		var at time.Time
		closed := map[string]bool{}
		for _, s := range list {
			closed[s.DealID] = closed[s.DealID] || s.DealID != "" && s.Status.Ends() && s.Status != truce.Rejected && s.Status != truce.Recycled
		}
		for _, s := range list {
			if s.Status == truce.Opportunity && closed[s.DealID] {
				continue
			}
			if state == "" || s.place.After(at) || s.place.Equal(at) &&
				slices.Index(truce.Statuses, s.Status) > slices.Index(truce.Statuses, state) {
				state, at = s.Status, s.place
			}
		}
		mine := false
		for _, s := range list {
			if s.Status != truce.Won && s.Status != truce.Lost {
				continue
			}
			over := false // of one deal, or of none, the last word is right
			for _, p := range list {
				over = over || p.DealID == s.DealID && !(p.Status == truce.Opportunity && p.DealID != "") &&
					(p.place.After(s.place) || p.place.Equal(s.place) && slices.Index(truce.Statuses, p.Status) > slices.Index(truce.Statuses, s.Status))
			}
			if over || s.DealID != "" && (bearer(s.DealID, s.Status) != id || last[s.DealID].Status != s.Status) {
				continue
			}
			mine = mine || s.Status == state
			if s.Status == truce.Won {
				c.Deals++
				if s.HasAmount {
					c.Money[lead[id].Source+" "+s.Amount.Currency] += s.Amount.Amount
					c.Earned[s.Amount.Currency] += s.Amount.Amount
				}
			}
		}
		switch {
		case mine && state == truce.Won:
			c.Won[lead[id].Source]++
		case mine && state == truce.Lost:
			c.Lost[lead[id].Source]++
		}
	}
	return c
}

// meant is the account that somebody's words mean: an id, else a name that only one has, else the domain of an address, which is
// no free mail.
func (w world) meant(told, company, email string) string {
	only := func(is func(a truce.Account) bool) (id string) {
		for _, a := range w.accounts {
			if is(a) && id != "" {
				return ""
			} else if is(a) {
				id = a.ID
			}
		}
		return id
	}
	for _, name := range []string{told, company} {
		if id := only(func(a truce.Account) bool { return name != "" && a.ID == name && name == told }); id != "" {
			return id
		}
		if id := only(func(a truce.Account) bool { return name != "" && truce.FoldAccount(a.Name) == truce.FoldAccount(name) }); id != "" {
			return id
		}
	}
	_, domain, _ := strings.Cut(email, "@")
	return only(func(a truce.Account) bool {
		return domain != "" && domain != "gmail.com" && domain != "shared.edu" && a.Domain == domain
	})
}

// same reports whether a lead and a deal are of one account.
func (w world) same(l truce.Lead, d truce.Deal) bool {
	told := cmp.Or(l.AccountAs, l.Account, truce.FoldAccount(l.Company))
	if truce.FoldAccount(told) == d.Account {
		return true
	}
	id := w.meant(d.AccountName, "", "")
	return id != "" && w.meant(cmp.Or(l.AccountAs, l.Account, truce.FoldAccount(l.Company)), l.Company, l.Email) == id
}

// reordered are the orders that pay for none of the sales of their accounts.
func (w world) reordered(sales []truce.Sale) (list []truce.Sale) {
	one := func(key string) string { // the account that deals and orders name so
		var ids, names []string
		for _, a := range w.accounts {
			if truce.FoldAccount(a.ID) == key {
				ids = append(ids, a.ID)
			}
			if truce.FoldAccount(a.Name) == key {
				names = append(names, a.ID)
			}
		}
		if ids == nil {
			ids = names
		}
		if len(ids) != 1 {
			return "as told: " + key
		}
		return ids[0]
	}
	won, orders := map[string][]truce.Sale{}, map[string][]truce.Order{}
	for _, s := range sales {
		won[one(s.Account)] = append(won[one(s.Account)], s)
	}
	for _, o := range w.orders {
		orders[one(o.Account)] = append(orders[one(o.Account)], o)
	}
	for account, of := range orders {
		for _, o := range truce.Reorders(won[account], of) {
			list = append(list, truce.Sale{Amount: o.Amount})
		}
	}
	return list
}

func moneyOf(sales []truce.Sale) map[string]int64 {
	m := map[string]int64{}
	for _, s := range sales {
		m[s.Amount.Currency] += s.Amount.Amount
	}
	return m
}

// tell stores the world in an order of the lot's: a lead before what is said of it, as an import would refuse it otherwise.
func (w world) tell(tx *Tx, r *rand.Rand) error {
	var steps []func() error
	known := map[string]bool{}
	var waiting []truce.Outcome
	say := func(o truce.Outcome) error { // as the import of outcomes does
		if _, err := tx.AddOutcome(o); err != nil || o.DealID == "" {
			return err
		}
		return tx.TellDeal(o.DealID)
	}
	for _, l := range w.leads {
		steps = append(steps, func() error {
			known[l.ID] = true
			var err error
			if r.IntN(2) == 0 {
				_, err = tx.UpsertLead(l)
			} else {
				err = tx.UpsertLeads([]*LeadRow{{Lead: l}}, r.IntN(2) == 0)
			}
			for _, o := range waiting {
				if o.LeadID == l.ID && err == nil {
					err = say(o)
				}
			}
			return err
		})
	}
	for _, d := range w.deals {
		steps = append(steps, func() error { _, err := tx.UpsertDeal(d); return err })
	}
	for _, a := range w.accounts {
		steps = append(steps, func() error { _, err := tx.UpsertAccount(a, time.Time{}); return err })
		if a.ID == "C-4" { // it had another domain before
			was := a
			was.Domain = "bolt.com"
			steps = append(steps, func() error {
				if _, err := tx.Account(a.ID); err == nil {
					return nil
				}
				_, err := tx.UpsertAccount(was, time.Time{})
				return err
			})
		}
	}
	for _, o := range w.outcomes {
		steps = append(steps, func() error {
			if !known[o.LeadID] {
				waiting = append(waiting, o)
				return nil
			}
			return say(o)
		})
	}
	for _, o := range w.orders {
		steps = append(steps, func() error { _, err := tx.UpsertOrder(o); return err })
	}
	r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if r.IntN(4) == 0 { // the end of a file
			if err := tellAll(tx); err != nil {
				return err
			}
		}
	}
	return tellAll(tx)
}

func tellAll(tx *Tx) error {
	for {
		if n, err := tx.TellLeads(100); err != nil || n == 0 {
			return err
		}
	}
}

// TestADealIsOneWinWhoeverNamesIt tells companies' leads, outcomes, deals and orders in any order, and holds wins and money by source and
// of all deals against a plain count. What the sources have adds up to what was earned.
func TestADealIsOneWinWhoeverNamesIt(t *testing.T) {
	asOf := day(900)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 14))
		w := newWorld(r)
		want := w.plainly(asOf)
		for try := range 2 {
			s := open(t)
			s.ShareDomains([]string{"shared.edu"})
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) error { return w.tell(tx, r) })
			got := newCounted()
			err := s.View(t.Context(), func(tx *Tx) error {
				err := tx.EachLeadCase(day(-1), asOf, func(c *truce.LeadCase) error {
					var f truce.Figures
					f.Add(*c, asOf)
					if f.Leads != f.Open+f.Rejected+f.Recycled+f.Won+f.Lost+f.Joined {
						t.Errorf("seed %d: %+v does not add up", seed, f)
					}
					if f.Won > 0 {
						got.Won[c.Lead.Source]++
					}
					if f.Lost > 0 {
						got.Lost[c.Lead.Source]++
					}
					for currency, amount := range f.Revenue {
						got.Money[c.Lead.Source+" "+currency] += amount
					}
					return nil
				})
				if err != nil {
					return err
				}
				sales, err := tx.Closings(truce.Won, day(-900), asOf, asOf)
				got.Deals = len(sales)
				for _, sale := range sales {
					if sale.Paid {
						got.Earned[sale.Amount.Currency] += sale.Amount.Amount
					}
				}
				if err != nil {
					return err
				}
				again, err := tx.Reorders(day(-900), asOf, asOf)
				if have, want := moneyOf(again), moneyOf(w.reordered(sales)); !reflect.DeepEqual(have, want) {
					t.Errorf("seed %d: ordered again for %v, want %v\nsales %+v\norders %+v", seed, have, want, sales, w.orders)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, try %d:\ngot  %+v\nwant %+v\nleads %+v\ndeals %+v\noutcomes %+v", seed, try, got, want, w.leads, w.deals, w.outcomes)
			}
			if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Fatalf("seed %d, roll-ups: %q, %v", seed, wrong, err)
			}
			if testing.Short() && seed > 12 {
				return
			}
		}
	}
}
