package truce

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		format         NumberFormat
		want           int64
	}{
		{"85000", "USD", NumberPlain, 8500000},
		{"85000.5", "usd", NumberPlain, 8500050},
		{"0.0", "USD", NumberPlain, 0},
		{"12.340", "USD", NumberPlain, 1234},
		{" 1,234,567.89 ", "USD", NumberUS, 123456789},
		{"1234567.89", "USD", NumberUS, 123456789},
		{"1.234.567,89", "EUR", NumberEU, 123456789},
		{"1 234 567,89", "EUR", NumberEU, 123456789},
		{"1\u202f234\u00a0567", "EUR", NumberEU, -1}, // two kinds of separator
		{"1.234", "EUR", NumberEU, 123400},
		{"1.5", "EUR", NumberEU, -1},
		{"1,23", "USD", NumberUS, -1},
		{"1500", "JPY", NumberPlain, 1500},
		{"1500.00", "JPY", NumberPlain, 1500},
		{"1500.50", "JPY", NumberPlain, -1},
		{"1.2345", "KWD", NumberPlain, -1},
		{"1.234", "KWD", NumberPlain, 1234},
		{"-20.00", "USD", NumberPlain, -2000},
		{"\u221220", "USD", NumberPlain, -2000},
		{"USD 1,200.00", "USD", NumberUS, 120000},
		{"1200 eur", "EUR", NumberPlain, 120000},
		{"EUR 5", "USD", NumberPlain, -1},
		{"12.345", "USD", NumberPlain, -1},
		{"1,234", "USD", NumberPlain, -1},
		{"92233720368547758.07", "USD", NumberPlain, math.MaxInt64},
		{"92233720368547758.08", "USD", NumberPlain, -1},
		{"-92233720368547758.08", "USD", NumberPlain, -1},
		{"1e6", "USD", NumberPlain, -1},
		{".5", "USD", NumberPlain, -1},
		{"5.", "USD", NumberPlain, -1},
		{"--5", "USD", NumberPlain, -1},
		{"NaN", "USD", NumberPlain, -1},
		{"10", "", NumberPlain, -1},
		{"10", "XYZ", NumberPlain, -1},
	} {
		m, known, err := ParseAmount(c.text, c.currency, c.format)
		if c.want == -1 {
			if err == nil || known {
				t.Errorf("%q %q %q: got %v, want an error", c.text, c.currency, c.format, m)
			} else if KindOf(err) != Invalid {
				t.Errorf("%q: error is %q, want a sentence for people", c.text, err)
			}
			continue
		}
		if err != nil || !known || m.Amount != c.want || m.Currency != strings.ToUpper(c.currency) {
			t.Errorf("%q %q %q: got %v known %v, %v; want %d", c.text, c.currency, c.format, m, known, err, c.want)
		}
	}
	if m, known, err := ParseAmount("  ", "", NumberPlain); m != (Money{}) || known || err != nil {
		t.Errorf("an empty amount is unknown, not an error: got %v %v %v", m, known, err)
	}
}

func TestDecimalSaysWhichOptionWouldHelp(t *testing.T) {
	for _, c := range []struct {
		format NumberFormat
		text   string
		want   string
	}{
		{NumberPlain, "1,234", "two ways"},
		{NumberPlain, "1,234.5", "--number us"},
		{NumberPlain, "1234,5", "--number eu"},
		{NumberEU, "1234.5", "--number us"},
		{NumberUS, "1.234,5", "--number eu"},
		{NumberUS, "about 5", `"about 5" is not a number`},
		{NumberEU, "1e6", `"1e6" is not a number`},
	} {
		_, err := c.format.Decimal(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q with --number %q: got %v, want it to say %q", c.text, c.format, err, c.want)
		}
	}
}

func TestMoneyForPeopleAndForFiles(t *testing.T) {
	for _, c := range []struct {
		money           Money
		people, decimal string
	}{
		{Money{18400000, "USD"}, "184,000 USD", "184000.00"},
		{Money{123450, "EUR"}, "1,234.50 EUR", "1234.50"},
		{Money{1235, "JPY"}, "1,235 JPY", "1235"},
		{Money{5, "KWD"}, "0.005 KWD", "0.005"},
		{Money{0, "USD"}, "0 USD", "0.00"},
		{Money{-7, "USD"}, "-0.07 USD", "-0.07"},
		{Money{-12345600, "USD"}, "-123,456 USD", "-123456.00"},
		{Money{math.MinInt64, "USD"}, "-92,233,720,368,547,758.08 USD", "-92233720368547758.08"},
	} {
		if got := c.money.String(); got != c.people {
			t.Errorf("%d %s: got %q, want %q", c.money.Amount, c.money.Currency, got, c.people)
		}
		if got := c.money.Decimal(); got != c.decimal {
			t.Errorf("%d %s: got %q, want %q", c.money.Amount, c.money.Currency, got, c.decimal)
		}
	}
}

func TestCurrencyTableHasEachCodeOnce(t *testing.T) {
	seen := map[string]bool{}
	for exponent, codes := range currencies {
		for _, code := range strings.Fields(codes) {
			if seen[code] || len(code) != 3 || strings.ToUpper(code) != code {
				t.Errorf("%q (exponent %d) is there twice or no code", code, exponent)
			}
			seen[code] = true
			if got, ok := CurrencyExponent(code); !ok || got != exponent {
				t.Errorf("%s: got %d %v, want %d", code, got, ok, exponent)
			}
		}
	}
	if _, ok := CurrencyExponent("D E"); ok {
		t.Error("a text across two codes is no code")
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1,234.50", "1.234,50", "-0.07", "USD 5", "0.0", "", "1e9", "٣"} {
		f.Add(s, "USD", "us")
		f.Add(s, "JPY", "eu")
	}
	f.Fuzz(func(t *testing.T, text, currency, format string) {
		nf, err := ParseNumberFormat(format)
		if err != nil {
			return
		}
		m, known, err := ParseAmount(text, currency, nf)
		if err != nil || !known {
			return
		}
		again, known, err := ParseAmount(m.Decimal(), m.Currency, NumberPlain)
		if err != nil || !known || again != m {
			t.Fatalf("%q %q: %v written as %q reads as %v, %v", text, currency, m, m.Decimal(), again, err)
		}
		if _, _, err := ParseAmount(m.String(), m.Currency, NumberUS); err != nil {
			t.Fatalf("%q does not read again: %v", m.String(), err)
		}
	})
}

func ExampleMoney() {
	price, _, _ := ParseAmount("184,000", "USD", NumberUS)
	fmt.Println(price)
	// Output: 184,000 USD
}

// TestWholeAmounts rounds half to even and never cuts.
func TestWholeAmounts(t *testing.T) {
	for _, tt := range []struct {
		amount   int64
		currency string
		want     string
	}{{985_985, "EUR", "9,860 EUR"}, {985_950, "EUR", "9,860 EUR"}, {985_850, "EUR", "9,858 EUR"}, {50, "USD", "0 USD"}, {150, "USD", "2 USD"},
		{-150, "USD", "-2 USD"}, {-49, "USD", "0 USD"},
		{1234, "JPY", "1,234 JPY"}, {1_500, "KWD", "2 KWD"}, {2_500, "KWD", "2 KWD"}} {
		if got := (Money{Amount: tt.amount, Currency: tt.currency}).Whole().String(); got != tt.want {
			t.Errorf("%d of %s is %s, want %s", tt.amount, tt.currency, got, tt.want)
		}
	}
}
