package storage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file reads what was sold: deals of leads, deals that reps found alone, and orders, by account.

// Closings are the deals that were won or lost in [from, to) by what is in force at asOf, the first closed first: those that
// leads have come to, a deal that several leads name once, and those that no lead is known for. A lead that qualified after asOf
// was not known then; its deal was.
func (tx *Tx) Closings(status truce.Status, from, to, asOf time.Time) ([]truce.Sale, error) {
	return tx.closings(status, `o.at >= ?1 AND o.at < ?2 AND o.at <= ?3`, `d.closed_at >= ?1 AND d.closed_at < ?2 AND d.closed_at <= ?3`,
		[]any{millis(from), millis(to), millis(asOf)}, asOf)
}

// closings reads sales; the conditions pick outcomes o (of leads l) and deals d, and take the same arguments.
func (tx *Tx) closings(status truce.Status, outcome, deal string, args []any, asOf time.Time) ([]truce.Sale, error) {
	told, loose, err := tx.closed(status, outcome, deal, args, asOf)
	return sales(told, loose, asOf), err
}

// closing is a sale that an outcome tells of; counts is false where another lead's outcome stands for it.
type closing struct {
	truce.Sale
	counts bool
}

// closed reads what sales are made of: what outcomes tell, and deals that no lead tells of.
func (tx *Tx) closed(status truce.Status, outcome, deal string, args []any, asOf time.Time) (told []closing, loose []truce.Sale, err error) {
	var elsewhere time.Time
	scan := func(scan func(...any) error) (s truce.Sale, err error) {
		var amount *int64
		var lead string
		err = scan(&lead, moment{&s.LeadAt}, &s.DealID, &s.Account, moment{&s.OpenedAt}, moment{&s.At}, &amount, &s.Amount.Currency, &s.Product,
			moment{&elsewhere})
		if s.Status = status; lead != "" {
			s.LeadIDs = []string{lead}
		}
		if amount != nil {
			s.Amount.Amount, s.Paid = *amount, true
		}
		return s, err
	}
	// A partial index serves one status, written out.
	of, rank := `o.status = 'won'`, `0`
	if status == truce.Lost {
		of, rank = `o.status = 'lost'`, `p.status = 'won'`
	}
	place := func(o string) string {
		return `CASE WHEN ` + o + `.status IN ('won', 'lost') THEN coalesce(` + o + `.until_at, ` + o + `.at) ELSE ` + o + `.at END`
	}
	told, err = all(tx, func(row func(...any) error) (w closing, err error) {
		w.Sale, err = scan(row)
		w.counts = elsewhere.IsZero() || elsewhere.After(asOf)
		return w, err
	}, `SELECT o.lead_id, l.mql_at, o.deal_id, coalesce(nullif(d.account, ''), l.account), coalesce(d.opened_at,
			(SELECT min(p.at) FROM outcomes p WHERE p.lead_id = o.lead_id AND p.deal_id = o.deal_id AND p.status = 'opportunity'), o.at),
			o.at, o.amount, o.currency, coalesce(nullif(d.product, ''), l.product), o.elsewhere_at
		FROM outcomes o CROSS JOIN leads l ON l.id = o.lead_id LEFT JOIN deals d ON d.id = o.deal_id AND o.deal_id <> ''
		WHERE `+of+` AND `+outcome+`
		AND NOT EXISTS (SELECT 1 FROM outcomes p WHERE p.lead_id = o.lead_id AND p.deal_id = o.deal_id AND (p.status <> 'opportunity'
		OR p.deal_id = '')
			AND (`+place("p")+` > `+place("o")+` OR `+place("p")+` = `+place("o")+` AND `+rank+`) AND p.at <= ?)
		ORDER BY o.at, o.deal_id, coalesce(d.lead_id = o.lead_id, 0) DESC, o.lead_id`, append(slices.Clone(args), millis(asOf))...)
	if err != nil {
		return nil, nil, fmt.Errorf("read the deals %s: %w", status, err)
	}
	loose, err = all(tx, scan, `SELECT d.lead_id, NULL, d.id, d.account, d.opened_at, d.closed_at, d.amount, d.currency, d.product, NULL
		FROM deals d
		WHERE d.status = '`+string(status)+`' AND d.status <> 'opportunity' AND `+deal+` AND d.told_lead = 0 AND NOT EXISTS (SELECT 1
			FROM outcomes o WHERE o.deal_id = d.id AND o.deal_id <> '' AND o.status IN ('won', 'lost'))
		ORDER BY d.closed_at, d.id`, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read the deals %s without a lead: %w", status, err)
	}
	return told, loose, nil
}

// sales are the sales that were read: one for each deal, the first closed first.
func sales(told []closing, loose []truce.Sale, asOf time.Time) (list []truce.Sale) {
	one := map[string]int{}
	var words []closing
	for _, w := range told {
		known := !w.LeadAt.After(asOf)
		if w.counts = w.counts && known; !known {
			w.LeadIDs, w.LeadAt = nil, time.Time{}
		}
		i, twice := one[w.DealID]
		switch {
		case w.DealID == "" || !twice:
			one[w.DealID] = len(words)
			words = append(words, w)
		default:
			words[i] = closing{together(words[i].Sale, w.Sale, w.counts && !words[i].counts), w.counts || words[i].counts}
		}
	}
	for _, w := range words {
		if w.counts || len(w.LeadIDs) == 0 { // nobody was there yet who could count it
			list = append(list, w.Sale)
		}
	}
	list = append(list, loose...)
	slices.SortStableFunc(list, func(a, b truce.Sale) int { return a.At.Compare(b.At) })
	return list
}

// together is one sale of what two leads say of a deal; over says that the second one's word counts.
func together(a, b truce.Sale, over bool) truce.Sale {
	if over {
		a, b = b, a
	}
	if len(b.LeadIDs) > 0 {
		a.LeadIDs = append(slices.Clip(a.LeadIDs), b.LeadIDs...)
		if a.LeadAt.IsZero() || b.LeadAt.Before(a.LeadAt) {
			a.LeadAt = b.LeadAt
		}
	}
	if !a.Paid {
		a.Amount, a.Paid = b.Amount, b.Paid
	}
	return a
}

// Reorders are the orders in [from, to), as of asOf, that pay for no won deal of their account, by account and date: see
// truce.Reorders.
func (tx *Tx) Reorders(from, to, asOf time.Time) (list []truce.Sale, err error) {
	end := to
	if known := asOf.Add(time.Millisecond); known.Before(to) {
		end = known
	}
	accounts, err := tx.texts(`SELECT DISTINCT account FROM orders WHERE at >= ? AND at < ? ORDER BY account`, millis(from), millis(end))
	if err != nil {
		return nil, fmt.Errorf("find who ordered: %w", err)
	}
	seen := map[string]bool{}
	for some := range slices.Chunk(accounts, accountsAtOnce) {
		names, err := tx.callingsOf(some)
		if err != nil {
			return nil, err
		}
		var by []string // the account of each group of names
		var groups [][]string
		for _, account := range some {
			if seen[account] {
				continue
			}
			keys := names.keys(account)
			for _, k := range keys {
				seen[k] = true
			}
			by, groups = append(by, account), append(groups, keys)
		}
		bought, err := tx.purchases(groups, asOf)
		if err != nil {
			return nil, err
		}
		for i, p := range bought {
			for _, o := range truce.Reorders(p.won, p.orders) {
				if !o.At.Before(from) && o.At.Before(end) {
					list = append(list, truce.Sale{DealID: o.ID, Account: by[i], Status: truce.Won, OpenedAt: o.At, At: o.At, Amount: o.Amount,
						Paid: true, Product: o.Product, Reorder: true})
				}
			}
		}
	}
	return list, nil
}

// accountsAtOnce is of how many accounts the purchases are read together.
const accountsAtOnce = 500

// bought is what one account bought.
type bought struct {
	won    []truce.Sale
	orders []truce.Order
}

// purchases are all won deals and all orders of accounts at asOf, each named by its keys.
func (tx *Tx) purchases(groups [][]string, asOf time.Time) ([]bought, error) {
	list := make([]bought, len(groups))
	if len(groups) == 0 {
		return list, nil
	}
	of := map[string][]int{} // by key
	for i, keys := range groups {
		for _, k := range keys {
			of[k] = append(of[k], i)
		}
	}
	keys := slices.Sorted(maps.Keys(of))
	told, loose, err := tx.closedOfAccount(keys, truce.Won, asOf)
	if err != nil {
		return nil, err
	}
	tolds, looses := make([][]closing, len(groups)), make([][]truce.Sale, len(groups))
	for _, c := range told {
		for _, i := range of[c.Account] {
			tolds[i] = append(tolds[i], c)
		}
	}
	for _, s := range loose {
		for _, i := range of[s.Account] {
			looses[i] = append(looses[i], s)
		}
	}
	orders, err := all(tx, scanOrder, `SELECT `+orderColumns+` FROM orders WHERE account IN (SELECT value FROM json_each(?)) AND at <= ?
		ORDER BY at, id`, asJSON(keys), millis(asOf))
	if err != nil {
		return nil, fmt.Errorf("read the orders of %d accounts: %w", len(groups), err)
	}
	for _, o := range orders {
		for _, i := range of[o.Account] {
			list[i].orders = append(list[i].orders, o)
		}
	}
	for i := range list {
		list[i].won = sales(tolds[i], looses[i], asOf)
	}
	return list, nil
}

// AccountDeals are the deals of an account that were won, or lost, at asOf, the first closed first.
func (tx *Tx) AccountDeals(account string, status truce.Status, asOf time.Time) ([]truce.Sale, error) {
	if account == "" {
		return nil, nil
	}
	keys, err := tx.keysOfAccount(account)
	if err != nil {
		return nil, err
	}
	told, loose, err := tx.closedOfAccount(keys, status, asOf)
	return sales(told, loose, asOf), err
}

// closedOfAccount reads the deals that name one of the keys.
func (tx *Tx) closedOfAccount(keys []string, status truce.Status, asOf time.Time) (told []closing, loose []truce.Sale, err error) {
	// A deal's own account goes before that of the lead it names.
	return tx.closed(status, `o.lead_id IN (SELECT a.id FROM leads a WHERE a.account IN (SELECT value FROM json_each(?1)) AND a.account <> ''
		UNION SELECT p.lead_id FROM outcomes p
			WHERE p.deal_id IN (SELECT e.id FROM deals e WHERE e.account IN (SELECT value FROM json_each(?1)) AND e.account <> '')
			AND p.deal_id <> '')
		AND coalesce(nullif(d.account, ''), l.account) IN (SELECT value FROM json_each(?1)) AND o.at <= ?2`,
		`d.account IN (SELECT value FROM json_each(?1)) AND d.account <> '' AND d.closed_at <= ?2`, []any{asJSON(keys), millis(asOf)}, asOf)
}

// WonSince counts the deals that somebody called won on a date since from, most at most: how much there is to read.
func (tx *Tx) WonSince(from time.Time, most int) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM (SELECT 1 FROM outcomes WHERE status = 'won' AND at >= ? UNION ALL SELECT 1 FROM deals
		WHERE status <> 'opportunity' AND told_lead = 0 AND closed_at >= ? LIMIT ?)`,
		millis(from), millis(from), most)
	if err != nil {
		return 0, fmt.Errorf("count the deals won: %w", err)
	}
	return int(n), nil
}

// AccountRepeat is an account that was won long enough ago to tell whether it buys again, and whether it has: see truce.Repeats.
type AccountRepeat struct {
	Account string    // folded
	Won     time.Time // the first time
	Again   bool
	Tells   time.Time // since when it can be told
}

// Repeats are the accounts that were won long enough ago, by name. Accounts that were won before the first order we know of are
// left out, because what they ordered then is not known. No orders are none: not measured.
func (tx *Tx) Repeats(asOf time.Time) (list []AccountRepeat, err error) {
	var since *int64
	if err := tx.row(`SELECT min(at) FROM orders`, nil, &since); err != nil || since == nil {
		return nil, err
	}
	won, orders := map[string][]truce.Sale{}, map[string][]truce.Order{}
	names, err := tx.callings("")
	if err != nil {
		return nil, err
	}
	same := func(account string) string { return slices.Min(names.keys(account)) } // an account has several names
	sales, err := tx.Closings(truce.Won, time.UnixMilli(0), asOf.Add(time.Millisecond), asOf)
	if err != nil {
		return nil, err
	}
	first := map[string]truce.Sale{}
	for _, s := range sales {
		if s.Account == "" {
			continue
		}
		account := same(s.Account)
		if won[account] = append(won[account], s); first[account].Account == "" {
			first[account] = s
		}
	}
	err = tx.EachOrder(asOf.Add(time.Millisecond), func(o truce.Order) error {
		account := same(o.Account)
		orders[account] = append(orders[account], o)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find the accounts that bought again: %w", err)
	}
	for account, list := range orders {
		if won[account] == nil {
			won[account] = nil
			first[account] = truce.Sale{Account: list[0].Account}
		}
	}
	for account := range won {
		if again, tells := truce.RepeatsFrom(won[account], orders[account], time.UnixMilli(*since), asOf); !tells.IsZero() {
			list = append(list, AccountRepeat{first[account].Account, first[account].At, again, tells})
		}
	}
	slices.SortFunc(list, func(a, b AccountRepeat) int { return cmp.Compare(a.Account, b.Account) })
	return list, nil
}

// SourceTouch is a lead as a touch of Marketing's.
type SourceTouch struct {
	LeadID           string
	At               time.Time
	Source, Campaign string
}

func scanSourceTouch(scan func(...any) error) (s SourceTouch, err error) {
	return s, scan(&s.LeadID, moment{&s.At}, &s.Source, &s.Campaign)
}

// SaleTouches are the leads that belong to a sale, the earliest first: those it names, and those of its account that qualified
// within truce.AccountWindow of its opening and not after its close.
func (tx *Tx) SaleTouches(s truce.Sale) ([]SourceTouch, error) {
	list, err := all(tx, scanSourceTouch, `SELECT id, mql_at, source, campaign FROM leads WHERE id IN (SELECT value FROM json_each(?)
			UNION SELECT a.id FROM leads a WHERE a.account = ? AND a.account <> '' AND a.mql_at BETWEEN ? AND ? AND a.mql_at <= ?)
			ORDER BY mql_at, id`,
		asJSON(s.LeadIDs), s.Account, millis(s.OpenedAt.Add(-truce.AccountWindow)), millis(s.OpenedAt.Add(truce.AccountWindow)), millis(s.At))
	if err != nil {
		return nil, fmt.Errorf("read what led to deal %s: %w", s.DealID, err)
	}
	return list, nil
}

// EngagedBefore reports whether somebody at a sale's account, or the person of a lead it names, did something with Marketing in
// a time before the sale closed.
func (tx *Tx) EngagedBefore(s truce.Sale, window time.Duration) (bool, error) {
	n, err := tx.count(`WITH l AS (SELECT id, email_key FROM leads WHERE id IN (SELECT value FROM json_each(?)) UNION SELECT id, email_key
		FROM leads WHERE account = ? AND account <> '')
		SELECT count(*) FROM l WHERE EXISTS (SELECT 1 FROM engagements e WHERE e.lead_id = l.id AND e.lead_id <> '' AND e.at <= ? AND e.at >= ?)
			OR l.email_key <> '' AND EXISTS (SELECT 1 FROM engagements e WHERE e.email_key = l.email_key AND e.email_key <> '' AND e.at <= ?
			AND e.at >= ?)`,
		asJSON(s.LeadIDs), s.Account, millis(s.At), millis(s.At.Add(-window)), millis(s.At), millis(s.At.Add(-window)))
	if err != nil {
		return false, fmt.Errorf("find what came before deal %s: %w", s.DealID, err)
	}
	return n > 0, nil
}

// AccountStart is when Sales first did something with a sale's account (a touch, a verdict or another outcome of one of its
// leads that silence did not bring, a deal, an order), and its leads that had qualified by a moment, the earliest first.
func (tx *Tx) AccountStart(s truce.Sale) (first time.Time, leads []SourceTouch, err error) {
	of := `WITH l AS (SELECT id, mql_at, source, campaign FROM leads WHERE id IN (SELECT value FROM json_each(?))
		UNION SELECT id, mql_at, source, campaign FROM leads WHERE account = ? AND account <> '') `
	args := []any{asJSON(s.LeadIDs), s.Account}
	err = tx.row(of+`SELECT min(at) FROM (SELECT min(t.at) AS at FROM touches t WHERE t.lead_id IN (SELECT id FROM l)
			UNION ALL SELECT min(o.at) FROM outcomes o WHERE o.lead_id IN (SELECT id FROM l) AND o.origin <> 'silence'
			UNION ALL SELECT min(d.opened_at) FROM deals d WHERE d.account = ? AND d.account <> ''
			UNION ALL SELECT min(r.at) FROM orders r WHERE r.account = ? AND r.account <> '')`, append(args, s.Account, s.Account), moment{&first})
	if err == nil {
		leads, err = all(tx, scanSourceTouch, of+`SELECT id, mql_at, source, campaign FROM l ORDER BY mql_at, id`, args...)
	}
	if err != nil {
		return first, nil, fmt.Errorf("find how account %s began: %w", s.Account, err)
	}
	if first.IsZero() || s.OpenedAt.Before(first) {
		first = s.OpenedAt
	}
	return first, leads, nil
}

// Closes are the deals that were won or lost at asOf at an account, or by a lead where no account is known, the first closed
// first; of two closed at once the won one.
func (tx *Tx) Closes(account, lead string, asOf time.Time) (list []truce.Sale, err error) {
	for _, status := range []truce.Status{truce.Won, truce.Lost} {
		var some []truce.Sale
		if account != "" {
			some, err = tx.AccountDeals(account, status, asOf)
		} else {
			some, err = tx.closings(status, `o.lead_id = ?1 AND o.at <= ?2`, `d.lead_id = ?1 AND d.lead_id <> '' AND d.closed_at <= ?2`,
				[]any{lead, millis(asOf)}, asOf)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	slices.SortStableFunc(list, func(a, b truce.Sale) int { return a.At.Compare(b.At) })
	return list, nil
}
