package digests

import (
	"cmp"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/ideal"
	"truce/schedules/stats"
	"truce/storage"
)

// This file says what was earned, and which sources it is credited to.

// salesBlock is what was earned and to whom it is credited, among all figures.
var salesBlock = Block{
	Name: saleRowsName,
	How: []cards.Definition{
		{Label: "Revenue", How: "all deals won in the period, those that reps found alone too, and the orders that pay for none of them, by " +
			"account. The touches of a deal are its lead and those of its account within 180 days of its opening, before it closed; first and " +
			"last touch credit one, linear all equally. An order without one is credited like the deal it repeats. Each model's shares sum to the " +
			"money to the cent. Currencies are kept apart."},
		{Label: "Sourced, influenced", How: "sourced: the last source known of the account before its first sales activity. Influenced: a " +
			"lead, or something done with Marketing in the year before, came before the close; said only beside the same share of the lost deals. " +
			"The two are never added."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.Earned, err = d.earnings(tx, s.Query); s.people["source"] {
			s.Earned.Credits = nil
		}
		return err
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		return cards.Sales(s.Earned.view(d.period(s.Query)), d.period(s.Query))
	},
	Counts: func(d Maker, s *Study) []figure {
		e, p := s.Earned, d.period(s.Query)
		list := []figure{sold("sold", e.Deals+e.Orders, e.Won, p), sold("accounts", e.Accounts, nil, p), sold("deals", e.Deals, nil, p)}
		if e.Orders > 0 {
			again := sold("orders", e.Orders, e.Again, p)
			again.label = "Money of orders"
			list = append(list, sold("orders", e.Orders, nil, p), again)
		}
		lost := sold("lost", e.Touched.Lost.N, nil, p)
		return append(list, lost, sold("touched_won", e.Touched.Won.K, nil, p), sold("touched_lost", e.Touched.Lost.K, nil, p))
	},
	Rows: Maker.saleRows,
}

// icpBlock is how much is inside the ideal customer profile.
var icpBlock = Block{
	Name: "icp",
	Counts: func(d Maker, s *Study) []figure {
		p := within(d.period(s.Query), s.Trail)
		list := []figure{{label: "Leads inside the profile", n: s.ICP.K,
			arg: p.Arg("n", profileRowsName, "m", "fit", "i", string(truce.InsideICP))},
			{label: "Leads of which the profile is known", n: s.ICP.N, arg: p.Arg("n", profileRowsName, "m", "known")}}
		if won := s.Earned.ICP; won.Known > 0 {
			of := d.period(s.Query)
			list = append(list, sold("icp_inside", won.Inside, nil, of), sold("icp_known", won.Known, nil, of))
		}
		return list
	},
	Early: true, // it is one of Marketing's promises
	How: []cards.Definition{
		{Label: "Ideal customer profile", How: "leads inside, of those of which it is known: by the version of the profile in force at " +
			"hand-off, by what was known of the lead at its first verdict or two business days later; what came before the first version as the " +
			"CRM calls it (icp_fit of the import). Of what was sold: by the lead a deal names, a deal without one by its account when it opened; " +
			"before the first version by the deal's own word, else by the account's newest lead or deal of which the CRM says so."},
	},
	Gather: Maker.inside,
	Figures: func(d Maker, s *Study) []chat.Block {
		return cards.InsideICP(s.icpView(), d.period(s.Query), s.Trail.span())
	},
	Missing: func(s *Study) (string, string) {
		if v := s.icpView(); v.Leads.N+v.Won.N == 0 {
			return "share inside the ideal customer profile", "the leads' icp_fit"
		}
		return "", ""
	},
}

// Earnings are the deals won and the orders paid in the period, and to which sources they are credited by each model. All deals
// count, those that reps found alone too, and all orders that pay for none of them (truce.Reorders). Currencies stay apart.
type Earnings struct {
	Deals    int              // won
	Orders   int              // beside them
	Accounts int              // that bought; a lead of no known account is one by itself
	Won      map[string]int64 // the money of deals and orders, minor units by currency
	Again    map[string]int64 // of it, that of orders
	Credits  []Credit         // the most money first
	Touched  Influence
	ICP      ICPSales
	Products []ProductSales
}

// Credit is a source's share of the won money in one currency. The shares of each of the models sum to the money won, to the
// cent. What no lead came before is credited to "(none)".
//
// First, Last, Linear: the touches of a deal are the leads it names and those of its account that qualified within
// truce.AccountWindow of its opening and not after its close; all to the earliest, all to the latest, the same to each. An order
// is credited by its own such leads, else as the account's won deal before it was, which it repeats.
//
// Sourced: to the source of the last lead of the account that had qualified by the day of the account's first sales activity
// (storage.Tx.AccountStart).
type Credit struct {
	Source, Currency             string
	First, Last, Linear, Sourced int64
}

// Influence is how many of the deals closed in the period had a touch of Marketing's before they closed: a lead, or an
// engagement of at most engagedWindow before. It is said of the won only beside the same share of the lost: Marketing touches
// those too, and only a difference would mean something.
type Influence struct{ Won, Lost stats.Proportion }

// ProductSales is what became of a product line in the period, by its deals and orders.
type ProductSales struct {
	Name       string // "(none)" where none is named
	Won, Lost  int
	Orders     int
	Money      map[string]int64 // of the deals won
	OrderMoney map[string]int64
}

// ICPSales is how much of what was sold, deals and orders, went to accounts inside the ideal customer profile, of that of which
// it is known (ideal.Judge.SaleFits).
type ICPSales struct {
	Inside     int
	Known      int
	Money      map[string]int64 // of those inside, minor units by currency
	KnownMoney map[string]int64
}

// engagedWindow is how far back of a close an engagement is a touch.
const engagedWindow = 365 * 24 * time.Hour

// Earned is a sale with what it is credited by.
type Earned struct {
	truce.Sale
	Touches []storage.SourceTouch // earliest first
	Sourced string                // the source; "" is nobody's but Sales'
}

// earned reads what was sold in a request's period.
func (d Maker) earned(tx *storage.Tx, r Query) (sales []truce.Sale, err error) {
	if sales, err = tx.Closings(truce.Won, r.From, r.To, r.AsOf); err != nil {
		return nil, err
	}
	orders, err := tx.Reorders(r.From, r.To, r.AsOf)
	return append(sales, orders...), err
}

// sold sums up what was sold in the period, for the digests that say no more of it.
func (d Maker) sold(tx *storage.Tx, s *Study) error {
	sales, err := d.earned(tx, s.Query)
	for _, sale := range sales {
		if s.Earned.Won = sum(s.Earned.Won, sale); sale.Reorder {
			s.Earned.Orders++
		} else {
			s.Earned.Deals++
		}
	}
	return err
}

// earnings is what was earned in a request's period, with whom it is credited to: a few look-ups for each sale.
func (d Maker) earnings(tx *storage.Tx, r Query) (e Earnings, err error) {
	sales, err := d.earned(tx, r)
	if err != nil {
		return e, err
	}
	lost, err := tx.Closings(truce.Lost, r.From, r.To, r.AsOf)
	if err != nil {
		return e, err
	}
	credited := make([]Earned, len(sales))
	for i, sale := range sales {
		if credited[i], err = d.credited(tx, sale, r.AsOf); err != nil {
			return e, err
		}
	}
	e = Credits(credited)
	e.Products = products(append(slices.Clone(sales), lost...))
	if e.ICP, err = d.insideSales(tx, sales, r.AsOf); err != nil {
		return e, err
	}
	e.Touched.Won, err = touched(tx, sales)
	if err == nil {
		e.Touched.Lost, err = touched(tx, lost)
	}
	return e, err
}

// inside counts the leads inside the ideal customer profile, of the trailing 13 weeks: by the version in force at hand-off, and where no
// profile was ever in force as the CRM says.
func (d Maker) inside(tx *storage.Tx, s *Study) (err error) {
	end := s.AsOf.Add(time.Millisecond)
	if s.ICP, s.ICPOpen, err = d.icpShareOf(tx, s, s.Trail.From, minTime(s.Trail.To, end)); err != nil {
		return err
	}
	if s.icpDue, err = d.icpPromised(tx, s); err != nil || !s.whole {
		return err
	}
	s.PeriodICP, _, err = d.icpShareOf(tx, s, s.From, minTime(s.To, end))
	return err
}

// icpPromised is s.ICP, each lead held against the share that was promised when it qualified.
func (d Maker) icpPromised(tx *storage.Tx, s *Study) (due WeekDue, err error) {
	h, err := d.targets(tx, minTime(s.To.Add(-time.Millisecond), s.AsOf))
	if err != nil {
		return nil, err
	}
	was, at := h.changed(h.icp, s.Trail.From, s.Trail.To)
	var old stats.Proportion
	if !at.IsZero() {
		if old, _, err = d.icpShareOf(tx, s, s.Trail.From, minTime(at, s.AsOf.Add(time.Millisecond))); err != nil {
			return nil, err
		}
	}
	due.add(was, old)
	due.add(s.Targets.ICPShare, s.ICP.Minus(old))
	return due, nil
}

// icpShare counts the leads of [from, to) inside the ideal customer profile, of those of which it is known; open are those that are not.
func (d Maker) icpShare(tx *storage.Tx, from, to, asOf time.Time) (p stats.Proportion, open int, err error) {
	versions, err := tx.Profiles(d.Terms.ICP.Configured, asOf)
	if err != nil {
		return p, 0, err
	}
	if len(versions) == 0 || !versions[len(versions)-1].From.Before(to) {
		p.K, p.N, err = tx.ICPShare(from, to)
		return p, 0, err
	}
	err = d.judge().EachFit(tx, versions, from, to, asOf, func(_ *storage.LeadKnown, k ideal.Kept) error {
		switch {
		case k.Waiting:
		case k.Fit == truce.InsideICP || k.Fit == truce.OutsideICP:
			tally(&p, k.Fit == truce.InsideICP)
		default:
			open++
		}
		return nil
	})
	return p, open, err
}

// icpShareOf is icpShare of leads of a study, within its trailing weeks.
func (d Maker) icpShareOf(tx *storage.Tx, s *Study, from, to time.Time) (p stats.Proportion, open int, err error) {
	versions, err := tx.Profiles(d.Terms.ICP.Configured, s.AsOf)
	if err != nil {
		return p, 0, err
	}
	if len(versions) == 0 || !versions[len(versions)-1].From.Before(to) {
		return d.icpShare(tx, from, to, s.AsOf)
	}
	fits, _, err := d.fits(tx, s, versions, from)
	for _, f := range fits {
		if at := time.UnixMilli(f.at); f.waiting || at.Before(from) || !at.Before(to) {
			continue
		}
		if f.row < 2 {
			tally(&p, f.row == 0)
		} else {
			open++
		}
	}
	return p, open, err
}

func (d Maker) judge() *ideal.Judge {
	return &ideal.Judge{Calendar: d.Calendar, Shared: d.Terms.ICP.Shared}
}

// saleFits are whether sales are inside the profile.
func (d Maker) saleFits(tx *storage.Tx, sales []truce.Sale, asOf time.Time) ([]truce.ICPFit, error) {
	versions, err := tx.Profiles(d.Terms.ICP.Configured, asOf)
	if err != nil {
		return nil, err
	}
	return d.judge().SaleFits(tx, d.Terms, versions, sales, asOf)
}

// knowsICP reports whether anything is known of the profile: one was in force, or the CRM says it of any lead or deal.
func (d Maker) knowsICP(tx *storage.Tx, asOf time.Time) (bool, error) {
	versions, err := tx.Profiles(d.Terms.ICP.Configured, asOf)
	if err != nil || len(versions) > 0 {
		return true, err
	}
	return tx.KnowsICP()
}

// insideSales sums up what was sold inside the ideal customer profile.
func (d Maker) insideSales(tx *storage.Tx, sales []truce.Sale, asOf time.Time) (p ICPSales, err error) {
	if known, err := d.knowsICP(tx, asOf); err != nil || !known {
		return p, err
	}
	fits, err := d.saleFits(tx, sales, asOf)
	if err != nil {
		return p, err
	}
	for i, sale := range sales {
		if fits[i] == "" {
			continue
		}
		p.Known++
		p.KnownMoney = sum(p.KnownMoney, sale)
		if fits[i] == truce.InsideICP {
			p.Inside++
			p.Money = sum(p.Money, sale)
		}
	}
	return p, nil
}

// touched counts the deals that a touch of Marketing's came before.
func touched(tx *storage.Tx, sales []truce.Sale) (p stats.Proportion, err error) {
	for _, s := range sales {
		if s.Reorder {
			continue
		}
		yes := !s.LeadAt.IsZero() && !s.LeadAt.After(s.At)
		if !yes {
			touches, err := tx.SaleTouches(s)
			if err != nil {
				return p, err
			}
			yes = slices.ContainsFunc(touches, func(t storage.SourceTouch) bool { return !t.At.After(s.At) })
		}
		if !yes {
			if yes, err = tx.EngagedBefore(s, engagedWindow); err != nil {
				return p, err
			}
		}
		if p.N++; yes {
			p.K++
		}
	}
	return p, nil
}

func sum(m map[string]int64, s truce.Sale) map[string]int64 {
	if !s.Paid {
		return m
	}
	if m == nil {
		m = map[string]int64{}
	}
	m[s.Amount.Currency] += s.Amount.Amount
	return m
}

// credited finds what a sale is credited by.
func (d Maker) credited(tx *storage.Tx, s truce.Sale, asOf time.Time) (e Earned, err error) {
	e.Sale = s
	if e.Touches, err = tx.SaleTouches(s); err != nil {
		return e, err
	}
	if s.Reorder && len(e.Touches) == 0 {
		deals, err := tx.AccountDeals(s.Account, truce.Won, asOf)
		if err != nil {
			return e, err
		}
		for _, deal := range slices.Backward(deals) {
			if deal.At.After(s.At) {
				continue
			}
			if e.Touches, err = tx.SaleTouches(deal); err != nil {
				return e, err
			}
			break
		}
	}
	first, leads, err := tx.AccountStart(s)
	if err != nil {
		return e, err
	}
	day := d.Calendar.Date(first)
	for _, l := range leads {
		if d.Calendar.Date(l.At).Compare(day) <= 0 {
			e.Sourced = truce.SourceName(l.Source) // the last one stays
		}
	}
	return e, nil
}

// Credits divides the money of sales among the sources.
func Credits(sales []Earned) Earnings {
	e := Earnings{Won: map[string]int64{}, Again: map[string]int64{}}
	accounts := map[string]bool{}
	type key struct{ source, currency string }
	found := map[key]*Credit{}
	for _, sale := range sales {
		if sale.Reorder {
			e.Orders++
			e.Again[sale.Amount.Currency] += sale.Amount.Amount
		} else {
			e.Deals++
		}
		accounts[accountOf(sale.Sale)] = true
		if !sale.Paid {
			continue
		}
		e.Won[sale.Amount.Currency] += sale.Amount.Amount
		credit := func(source string) *Credit {
			k := key{truce.SourceName(source), sale.Amount.Currency}
			if found[k] == nil {
				found[k] = &Credit{Source: k.source, Currency: k.currency}
			}
			return found[k]
		}
		touches := sale.Touches
		if len(touches) == 0 {
			touches = []storage.SourceTouch{{}}
		}
		for model, into := range map[stats.TouchModel]func(*Credit) *int64{stats.FirstTouch: func(c *Credit) *int64 { return &c.First },
			stats.LastTouch: func(c *Credit) *int64 { return &c.Last }, stats.Linear: func(c *Credit) *int64 { return &c.Linear }} {
			for i, part := range stats.Attribute(sale.Amount.Amount, len(touches), model) {
				*into(credit(touches[i].Source)) += part
			}
		}
		credit(sale.Sourced).Sourced += sale.Amount.Amount
	}
	e.Accounts = len(accounts)
	for _, c := range found {
		e.Credits = append(e.Credits, *c)
	}
	slices.SortFunc(e.Credits, func(a, b Credit) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(b.First, a.First), cmp.Compare(a.Source, b.Source))
	})
	return e
}

// accountOf tells the accounts of sales apart; a sale of no known account is one by itself.
func accountOf(s truce.Sale) string {
	if s.Account == "" && len(s.LeadIDs) > 0 {
		return "lead " + s.LeadIDs[0]
	}
	return cmp.Or(s.Account, "deal "+s.DealID)
}

// products sums the sales of each product line, the most won first.
func products(sales []truce.Sale) (list []ProductSales) {
	at := map[string]int{}
	for _, s := range sales {
		name := truce.SourceName(s.Product)
		i, ok := at[name]
		if !ok {
			i = len(list)
			at[name] = i
			list = append(list, ProductSales{Name: name})
		}
		p := &list[i]
		switch {
		case s.Reorder:
			p.Orders++
			p.OrderMoney = sum(p.OrderMoney, s)
		case s.Status == truce.Won:
			p.Won++
			p.Money = sum(p.Money, s)
		default:
			p.Lost++
		}
	}
	slices.SortFunc(list, func(a, b ProductSales) int {
		return cmp.Or(cmp.Compare(b.Won, a.Won), cmp.Compare(b.Lost+b.Orders, a.Lost+a.Orders), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// earnedJSON is what was earned, by docs/digest-json.md.
type earnedJSON struct {
	Won        map[string]int64 `json:"won"`
	Reordered  map[string]int64 `json:"reordered"`
	Deals      int              `json:"deals"`
	Reorders   int              `json:"reorders"`
	Accounts   int              `json:"accounts"`
	BySource   []creditJSON     `json:"by_source"`
	ByProduct  []productJSON    `json:"by_product"`
	Influenced struct {
		Won  ofJSON `json:"won"`
		Lost ofJSON `json:"lost"`
	} `json:"influenced"`
	InsideICP *icpJSON `json:"inside_icp,omitempty"`
}

type creditJSON struct {
	Source   string `json:"source"`
	Currency string `json:"currency"`
	First    int64  `json:"first_touch"`
	Last     int64  `json:"last_touch"`
	Linear   int64  `json:"linear"`
	Sourced  int64  `json:"sourced"`
}

type productJSON struct {
	Product   string           `json:"product"`
	Won       int              `json:"won"`
	Lost      int              `json:"lost"`
	Reorders  int              `json:"reorders"`
	Revenue   map[string]int64 `json:"revenue"`
	Reordered map[string]int64 `json:"reordered"`
}

type icpJSON struct {
	Sales        ofJSON           `json:"sales"`
	Revenue      map[string]int64 `json:"revenue"`
	KnownRevenue map[string]int64 `json:"known_revenue"`
}

// ofJSON is k of n.
type ofJSON struct {
	K int `json:"k"`
	N int `json:"n"`
}

func (e Earnings) json() *earnedJSON {
	known := func(m map[string]int64) map[string]int64 {
		if m == nil {
			return map[string]int64{}
		}
		return m
	}
	j := &earnedJSON{Won: known(e.Won), Reordered: known(e.Again), Deals: e.Deals, Reorders: e.Orders, Accounts: e.Accounts,
		BySource: []creditJSON{}, ByProduct: []productJSON{}}
	for _, c := range e.Credits {
		j.BySource = append(j.BySource, creditJSON(c))
	}
	for _, p := range e.Products {
		j.ByProduct = append(j.ByProduct, productJSON{p.Name, p.Won, p.Lost, p.Orders, known(p.Money), known(p.OrderMoney)})
	}
	if p := e.ICP; p.Known > 0 {
		j.InsideICP = &icpJSON{ofJSON{p.Inside, p.Known}, known(p.Money), known(p.KnownMoney)}
	}
	j.Influenced.Won, j.Influenced.Lost = ofJSON(e.Touched.Won), ofJSON(e.Touched.Lost)
	return j
}
