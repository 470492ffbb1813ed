package digests

import (
	"cmp"
	"net/url"
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
	"truce/storage"
)

// This file opens the figures of what was sold.

// The figures of what was sold: label and definition.
var saleFigures = map[string]struct{ label, how string }{
	"sold": {"Money of deals and orders", "of all deals won in the period, those that reps found alone too, and of the orders that " +
		"pay for none of them."},
	"deals":        {"Deals won", "won in the period, by the day of their close, whenever their lead came."},
	"named":        {"Deals won that name a lead", "won in the period; days to win run from the day the first lead that they name qualified."},
	"closed":       {"Deals closed", "won or lost, by the day of their close."},
	"lost":         {"Deals lost", "by the day of their close."},
	"orders":       {"Orders", "that pay for no won deal of their account."},
	"accounts":     {"Accounts that bought", "by deals or orders of the period; a deal of no known account is one by itself."},
	"touched_won":  {"Influenced, of deals won", "a lead, or something done with Marketing in the year before, came before the close."},
	"touched_lost": {"Influenced, of deals lost", "a lead, or something done with Marketing in the year before, came before the close."},
	"icp_known": {"Sold, and the profile is known", "deals and orders of which it is known whether they are inside the ideal customer " +
		"profile."},
	"icp_inside": {"Sold inside the profile", "deals and orders inside the ideal customer profile, of those of which it is known."},
	"first":      {"First touch", "all of a deal's money to the earliest of its touches."},
	"last":       {"Last touch", "all of a deal's money to the latest of its touches."},
	"linear":     {"Linear", "a deal's money in equal parts to each of its touches."},
	"sourced":    {"Sourced", "a deal's money to the account's last source before its first sales activity."},
}

// sold is a figure of what was sold.
func sold(key string, n int, amounts map[string]int64, p cards.Period, more ...string) figure {
	f := saleFigures[key]
	return figure{label: f.label, how: f.how, n: n, money: amounts, arg: p.Arg(append([]string{"n", saleRowsName, "m", key}, more...)...)}
}

// part is a sale with what of its money a figure counts.
type part struct {
	truce.Sale
	amount int64
	parted bool
}

// saleRows opens a row of what was sold: a source's credits (s), a product line (q), or one of the figures.
func (d Maker) saleRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	key, p := where.Get("m"), d.period(r)
	if key == "" {
		return d.saleFiguresOf(tx, r, where)
	}
	known, ok := saleFigures[key]
	if !ok {
		return cards.DrillView{}, errOldButton
	}
	v := cards.DrillView{Period: p, Title: known.label, How: known.how, Of: "Sold " + p.In(p.Span())}
	for _, k := range []string{"s", "q"} {
		if where.Has(k) {
			v.Title += " · " + productName(k, where.Get(k))
		}
	}
	list, err := d.salesOf(tx, r, where)
	if err != nil {
		return v, err
	}
	if key == "accounts" {
		return accountsOf(tx, v, where, list, d)
	}
	slices.SortStableFunc(list, func(a, b part) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.DealID, b.DealID)) })
	sums, column := map[string]int64{}, ""
	for _, s := range list {
		if s.parted {
			sums[s.Amount.Currency] += s.amount
			column = known.label
		} else if s.Paid {
			sums[s.Amount.Currency] += s.Amount.Amount
		}
	}
	v.Money = joined(money(sums))
	var rows []cards.DrillSale
	for _, s := range pageOf(&v, "digest.rows", where, list) {
		row, err := drillSale(tx, s.Sale)
		if err != nil {
			return v, err
		}
		if s.parted {
			row.Part = truce.Money{Amount: s.amount, Currency: s.Amount.Currency}.String()
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillSales(rows, d.loc(), column)
	return v, nil
}

// drillSale is a sale as drill-downs list it.
func drillSale(tx *storage.Tx, s truce.Sale) (row cards.DrillSale, err error) {
	row = cards.DrillSale{What: map[bool]string{true: "order", false: "deal " + string(s.Status)}[s.Reorder], At: s.At}
	if s.Paid {
		row.Money = s.Amount.String()
	}
	row.Name, row.Lead, err = dealName(tx, s)
	return row, err
}

// productName is a product line's name as people read it: of some deals none is named.
func productName(key, name string) string {
	if key == "q" && name == truce.SourceName("") {
		return noProduct
	}
	return name
}

const noProduct = "no product named"

// saleFiguresOf are the figures of a row of what was sold.
func (d Maker) saleFiguresOf(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	if where.Has("s") {
		parts, err := d.creditedParts(tx, r, where)
		if err != nil {
			return cards.DrillView{}, err
		}
		var list []figure
		for _, key := range []string{"first", "last", "linear", "sourced"} {
			sums := map[string]int64{where.Get("u"): 0}
			for _, s := range parts[key] {
				sums[s.Amount.Currency] += s.amount
			}
			list = append(list, sold(key, len(parts[key]), sums, p, "s", where.Get("s"), "u", where.Get("u")))
		}
		return figuresOpened(p, where, where.Get("s"), list), nil
	}
	e, err := d.earnings(tx, r)
	if err != nil {
		return cards.DrillView{}, err
	}
	if !where.Has("q") {
		named, err := d.salesOf(tx, r, url.Values{"m": {"named"}})
		return figuresOpened(p, where, "What was sold "+p.In(p.Span()),
			[]figure{sold("deals", e.Deals, nil, p), sold("named", len(named), nil, p), sold("lost", e.Touched.Lost.N, nil, p),
				sold("orders", e.Orders, nil, p),
				sold("accounts", e.Accounts, nil, p)}), err
	}
	for _, o := range e.Products {
		if name := where.Get("q"); o.Name == name {
			list := []figure{sold("deals", o.Won, nil, p, "q", name), sold("lost", o.Lost, nil, p, "q", name),
				sold("closed", o.Won+o.Lost, nil, p, "q", name),
				sold("orders", o.Orders, nil, p, "q", name)}
			if len(o.Money) > 0 {
				f := sold("deals", o.Won, o.Money, p, "q", name)
				f.label, f.how = cards.MoneyLabel, "of the deals won."
				list = append(list, f)
			}
			if o.Orders > 0 {
				f := sold("orders", o.Orders, o.OrderMoney, p, "q", name)
				f.label = "Reordered"
				list = append(list, f)
			}
			return figuresOpened(p, where, productName("q", name), list), nil
		}
	}
	return cards.DrillView{}, errOldButton
}

// salesOf are the sales that a figure counts, each with the part of its money that it counts.
func (d Maker) salesOf(tx *storage.Tx, r Query, where url.Values) (list []part, err error) {
	key := where.Get("m")
	if slices.Contains([]string{"first", "last", "linear", "sourced"}, key) {
		parts, err := d.creditedParts(tx, r, where)
		return parts[key], err
	}
	of := truce.Won
	if key == "lost" || key == "touched_lost" {
		of = truce.Lost
	}
	var sales []truce.Sale
	switch key {
	case "deals", "named", "lost", "touched_won", "touched_lost":
		sales, err = tx.Closings(of, r.From, r.To, r.AsOf)
	case "closed":
		if sales, err = tx.Closings(truce.Won, r.From, r.To, r.AsOf); err == nil {
			var lost []truce.Sale
			lost, err = tx.Closings(truce.Lost, r.From, r.To, r.AsOf)
			sales = append(sales, lost...)
		}
	case "orders":
		sales, err = tx.Reorders(r.From, r.To, r.AsOf)
	default:
		sales, err = d.earned(tx, r)
	}
	if err != nil {
		return nil, err
	}
	var fits []truce.ICPFit
	if key == "icp_known" || key == "icp_inside" {
		if fits, err = d.saleFits(tx, sales, r.AsOf); err != nil {
			return nil, err
		}
	}
	for i, s := range sales {
		counts := !where.Has("q") || truce.SourceName(s.Product) == where.Get("q")
		switch key {
		case "named":
			counts = !s.LeadAt.IsZero() && !s.At.Before(s.LeadAt)
		case "icp_known":
			counts = fits[i] != ""
		case "icp_inside":
			counts = fits[i] == truce.InsideICP
		case "touched_won", "touched_lost":
			var p stats.Proportion
			if p, err = touched(tx, []truce.Sale{s}); err != nil {
				return nil, err
			}
			counts = p.K > 0
		}
		if counts {
			list = append(list, part{Sale: s})
		}
	}
	return list, nil
}

// creditedParts are the sales of which a source (s) is credited with money of a currency (u), with how much, by way of crediting.
func (d Maker) creditedParts(tx *storage.Tx, r Query, where url.Values) (map[string][]part, error) {
	sales, err := d.earned(tx, r)
	if err != nil {
		return nil, err
	}
	parts := map[string][]part{}
	for _, s := range sales {
		e, err := d.credited(tx, s, r.AsOf)
		if err != nil {
			return nil, err
		}
		amounts := map[string]int64{}
		for _, c := range Credits([]Earned{e}).Credits {
			if c.Source == where.Get("s") && c.Currency == where.Get("u") {
				amounts["first"] += c.First
				amounts["last"] += c.Last
				amounts["linear"] += c.Linear
				amounts["sourced"] += c.Sourced
			}
		}
		for key, amount := range amounts {
			if amount != 0 {
				parts[key] = append(parts[key], part{s, amount, true})
			}
		}
	}
	return parts, nil
}

// accountsOf are the accounts of sales, each once, as Credits counts them.
func accountsOf(tx *storage.Tx, v cards.DrillView, where url.Values, sales []part, d Maker) (cards.DrillView, error) {
	var list []cards.DrillAccount
	seen := map[string]bool{}
	for _, s := range sales {
		key := accountOf(s.Sale)
		if seen[key] {
			continue
		}
		seen[key] = true
		name := s.Account
		if name == "" {
			of, _, err := dealName(tx, s.Sale)
			if err != nil {
				return v, err
			}
			name = of
		}
		list = append(list, cards.DrillAccount{Name: name, At: s.At})
	}
	slices.SortFunc(list, func(a, b cards.DrillAccount) int { return cmp.Compare(a.Name, b.Name) })
	v.Table = cards.DrillAccounts(pageOf(&v, "digest.rows", where, list), "First bought on", "", d.loc())
	return v, nil
}
