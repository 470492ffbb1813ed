package truce

import (
	"slices"
	"testing"
	"time"
)

func TestOrdersThatPayForADealAreNotCountedAgain(t *testing.T) {
	closed := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	deal := func(day int, amount int64, currency string) Sale {
		return Sale{At: closed.AddDate(0, 0, day), Amount: Money{amount, currency}, Paid: currency != ""}
	}
	order := func(id string, day int, amount int64, currency string) Order {
		return Order{ID: id, At: closed.AddDate(0, 0, day), Amount: Money{amount, currency}}
	}
	for _, tt := range []struct {
		name   string
		won    []Sale
		orders []Order
		want   []string
	}{
		{"its invoice", []Sale{deal(0, 85_000, "USD")}, []Order{order("a", 30, 85_000, "USD")}, nil},
		{"its invoice with taxes", []Sale{deal(0, 85_000, "USD")}, []Order{order("a", 30, 101_150, "USD")}, nil},
		{"two halves, then kits", []Sale{deal(0, 85_000, "USD")},
			[]Order{order("c", 70, 42_500, "USD"), order("a", 1, 42_500, "USD"), order("b", 40, 42_500, "USD"), order("k", 45, 2_000, "USD")},
			[]string{"k", "c"}},
		{"kits are no part of it", []Sale{deal(0, 85_000, "USD")}, []Order{order("a", 10, 2_000, "USD"), order("b", 50, 42_499, "USD")},
			[]string{"a", "b"}},
		{"another currency", []Sale{deal(0, 85_000, "USD")}, []Order{order("a", 10, 85_000, "EUR")}, []string{"a"}},
		{"long before, long after", []Sale{deal(0, 85_000, "USD")}, []Order{order("a", -15, 85_000, "USD"), order("b", 91, 85_000, "USD")},
			[]string{"a", "b"}},
		{"on the edges, each for its deal", []Sale{deal(80, 85_000, "USD"), deal(0, 85_000, "USD")},
			[]Order{order("a", -14, 85_000, "USD"), order("b", 170, 85_000, "USD")}, nil},
		{"a deal without an amount is no money yet", []Sale{deal(0, 0, "")}, []Order{order("a", 10, 85_000, "USD")}, []string{"a"}},
		{"no deals", nil, []Order{order("b", 9, 7, "USD"), order("a", 3, -7, "USD")}, []string{"a", "b"}},
	} {
		var got []string
		for _, o := range Reorders(tt.won, tt.orders) {
			got = append(got, o.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRepeatBusiness(t *testing.T) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return first.AddDate(0, 0, n) }
	order := func(n int, amount int64) Order { return Order{At: day(n), Amount: Money{amount, "USD"}} }
	deal := Sale{At: day(0), Amount: Money{85_000, "USD"}, Paid: true}
	for _, tt := range []struct {
		name          string
		won           []Sale
		orders        []Order
		asOf          int
		again, counts bool
	}{
		{"nothing yet", nil, nil, 400, false, false},
		{"one order", nil, []Order{order(0, 5)}, 180, false, true},
		{"too young to tell", nil, []Order{order(0, 5), order(20, 5)}, 179, false, false},
		{"the fourteenth day", nil, []Order{order(0, 5), order(14, 5)}, 180, true, true},
		{"the thirteenth", nil, []Order{order(0, 5), order(13, 5)}, 180, false, true},
		{"the last day", nil, []Order{order(0, 5), order(180, 5)}, 180, true, true},
		{"later", nil, []Order{order(0, 5), order(181, 5)}, 400, false, true},
		{"a refund is no order", nil, []Order{order(0, 5), order(20, -5)}, 400, false, true},
		{"a free sample is none", nil, []Order{order(-50, 0), order(0, 5), order(-20, 0)}, 180, false, true},
		{"a deal and its invoice", []Sale{deal}, []Order{order(30, 85_000)}, 400, false, true},
		{"a deal, its invoice and kits", []Sale{deal}, []Order{order(30, 85_000), order(60, 2_000)}, 400, true, true},
		{"a deal and kits, the invoice not here", []Sale{deal}, []Order{order(60, 2_000)}, 400, true, true},
		{"two deals", []Sale{deal, {At: day(100)}}, nil, 400, true, true},
		{"a deal after the moment", []Sale{{At: day(401)}}, nil, 400, false, false},
		{"won before any order was known", []Sale{{At: day(-30)}}, []Order{order(0, 5), order(20, 5)}, 400, false, false},
	} {
		again, counts := Repeats(tt.won, tt.orders, day(-10), day(tt.asOf))
		if tt.name == "a free sample is none" {
			again, counts = Repeats(tt.won, tt.orders, day(-60), day(tt.asOf))
		}
		if again != tt.again || counts != tt.counts {
			t.Errorf("%s: %v of %v, want %v of %v", tt.name, again, counts, tt.again, tt.counts)
		}
	}
}

func TestICPFitAsCRMsSayIt(t *testing.T) {
	for text, want := range map[string]ICPFit{"Inside": InsideICP, "YES": InsideICP, "true": InsideICP, "1": InsideICP, "In-ICP": InsideICP,
		"outside": OutsideICP, "No": OutsideICP, "0": OutsideICP, "no fit": OutsideICP, "non_icp": OutsideICP, "": ""} {
		if got, ok := ParseICPFit(text); got != want || !ok {
			t.Errorf("%q: %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"A", "82", "Tier 1", "0.5", "maybe"} {
		if fit, ok := ParseICPFit(text); ok || fit != "" {
			t.Errorf("%q is taken for %q", text, fit)
		}
	}
}
