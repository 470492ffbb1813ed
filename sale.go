package truce

import (
	"slices"
	"time"
)

// Sale is money that came, or did not come, from an account: a deal that was won or lost, or an order that repeats a purchase.
type Sale struct {
	DealID   string
	LeadIDs  []string  // the leads it names
	LeadAt   time.Time // when the first of them qualified; zero without any
	Account  string    // folded; "" is the lead's alone
	Status   Status    // Won or Lost
	OpenedAt time.Time
	At       time.Time // the close, or the order
	Amount   Money
	Paid     bool // the amount is known
	Product  string
	Reorder  bool
}

// Payment says which orders are the payment of a won deal, and not money beside it: those of its account and currency, dated
// from PaymentBefore before its close to PaymentAfter after it, of half to one and a half times its amount (a part of it, or all
// of it with taxes), until its amount is covered. CRMs and shops share no key, so this is our rule; docs/import.md tells it.
const (
	PaymentBefore = 14 * 24 * time.Hour
	PaymentAfter  = 90 * 24 * time.Hour
)

// Reorders are the orders of one account that pay for none of its won deals, the earliest first. Neither list is changed.
func Reorders(won []Sale, orders []Order) []Order {
	won = slices.SortedStableFunc(slices.Values(won), func(a, b Sale) int { return a.At.Compare(b.At) })
	orders = slices.SortedStableFunc(slices.Values(orders), func(a, b Order) int { return a.At.Compare(b.At) })
	covered := make([]int64, len(won))
	return slices.DeleteFunc(orders, func(o Order) bool {
		for i, d := range won {
			if d.Paid && covered[i] < d.Amount.Amount && pays(d, o) {
				covered[i] += o.Amount.Amount
				return true
			}
		}
		return false
	})
}

// pays reports whether the order may be the payment of the deal, by itself.
func pays(d Sale, o Order) bool {
	deal, order := d.Amount.Amount, o.Amount.Amount
	return d.Amount.Currency == o.Amount.Currency && order >= deal-deal/2 && order <= deal+deal/2 &&
		!o.At.Before(d.At.Add(-PaymentBefore)) && !o.At.After(d.At.Add(PaymentAfter))
}

// The repeat rate's times: an account is old enough RepeatAge after its first purchase, and buys again with another one
// RepeatFrom to RepeatAge after it.
const (
	RepeatAge  = 180 * 24 * time.Hour
	RepeatFrom = 14 * 24 * time.Hour
)

// Repeats reports whether an account, of which these are all won deals and orders at asOf, was won at least RepeatAge ago and
// not before since, and whether it has bought again: a further won deal or paid order RepeatFrom to RepeatAge after its first.
// An order that pays for a deal is no further purchase, and an amount of nothing no purchase.
func Repeats(won []Sale, orders []Order, since, asOf time.Time) (again, counts bool) {
	again, tells := RepeatsFrom(won, orders, since, asOf)
	return again, !tells.IsZero()
}

// RepeatsFrom is Repeats with the moment from which on it could be told of the account; zero where it cannot yet, or never.
func RepeatsFrom(won []Sale, orders []Order, since, asOf time.Time) (again bool, tells time.Time) {
	var bought []time.Time
	for _, d := range won {
		bought = append(bought, d.At)
	}
	for _, o := range Reorders(won, orders) {
		if o.Amount.Amount > 0 {
			bought = append(bought, o.At)
		}
	}
	bought = slices.DeleteFunc(bought, func(t time.Time) bool { return t.After(asOf) })
	if len(bought) == 0 {
		return false, time.Time{}
	}
	first := slices.MinFunc(bought, time.Time.Compare)
	if first.Before(since) || first.Add(RepeatAge).After(asOf) {
		return false, time.Time{}
	}
	return slices.ContainsFunc(bought, func(t time.Time) bool {
		return !t.Before(first.Add(RepeatFrom)) && !t.After(first.Add(RepeatAge))
	}), first.Add(RepeatAge)
}
