package truce

import (
	"strings"
	"testing"
)

func TestReadAmountAsExportsWriteIt(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		format         NumberFormat
		want           string // Money.Decimal, "~" behind what was rounded; or, behind "!", a piece of the fault
	}{
		{"$22,700.00", "USD", NumberPlain, "22700.00"},
		{"US$1,234.50", "USD", NumberPlain, "1234.50"},
		{"US$1,234.50", "USD", NumberUS, "1234.50"},
		{"£900", "GBP", NumberPlain, "900.00"},
		{"$22,700", "USD", NumberUS, "22700.00"},
		{"$22,700", "USD", NumberPlain, "!two ways"},
		{"$1,234.5", "MXN", NumberPlain, "1234.50"},
		{"900 €", "EUR", NumberPlain, "900.00"},
		{"1.234,50 €", "EUR", NumberPlain, "1234.50"},
		{"€\u00a01.234,50", "EUR", NumberEU, "1234.50"},
		{"CHF 1'234.50", "CHF", NumberPlain, "1234.50"},
		{"1'234'567", "CHF", NumberPlain, "1234567.00"},
		{"1’234.50", "CHF", NumberUS, "1234.50"},
		{"1,22,340", "INR", NumberPlain, "122340.00"},
		{"₹ 12,22,340.50", "INR", NumberUS, "1222340.50"},
		{"1,22,34", "INR", NumberPlain, "!not a number"},
		{"($1,200.00)", "USD", NumberPlain, "-1200.00"},
		{"-$20", "USD", NumberPlain, "-20.00"},
		{"$-20", "USD", NumberPlain, "-20.00"},
		{"(-20)", "USD", NumberPlain, "!two minus"},
		{"-20", "USD", NumberPlain, "-20.00"},
		{"1.0E7", "USD", NumberPlain, "10000000.00"},
		{"1e400", "USD", NumberPlain, "!not a number"},
		{".5", "USD", NumberPlain, "0.50"},
		{"19.990000000000002", "USD", NumberPlain, "19.99~"},
		{"0.125", "USD", NumberPlain, "0.12~"},
		{"0.135", "USD", NumberPlain, "0.14~"},
		{"0.1250001", "USD", NumberPlain, "0.13~"},
		{"-0.125", "USD", NumberPlain, "-0.12~"},
		{"1500.5", "JPY", NumberPlain, "1500~"},
		{"12.340", "USD", NumberPlain, "12.34"},
		{"£900", "USD", NumberPlain, "!an amount in £, and the row's currency is USD"},
		{"EUR 900", "USD", NumberPlain, "!an amount in EUR, and the row's currency is USD"},
		{"US$ 5", "CAD", NumberPlain, "!an amount in US$, and the row's currency is CAD"},
		{"$5", "", NumberPlain, "!no currency"},
		{"1,234.50", "USD", NumberPlain, "!--number us"}, // without a sign it is the file's format that counts, as told
		{"92233720368547758.08", "USD", NumberPlain, "!too large"},
		{"-92233720368547758.08", "USD", NumberPlain, "!too large"},
		{"92233720368547758.075", "USD", NumberPlain, "!too large"},
		{"$", "USD", NumberPlain, "!not a number"},
		{"NaN", "USD", NumberPlain, "!not a number"},
	} {
		m, known, rounded, err := ReadAmount(c.text, c.currency, c.format)
		if piece, fault := strings.CutPrefix(c.want, "!"); fault {
			if err == nil || known || !strings.Contains(err.Error(), piece) {
				t.Errorf("%q %s: got %v, %v; want a fault with %q", c.text, c.currency, m, err, piece)
			}
			continue
		}
		got := m.Decimal()
		if rounded {
			got += "~"
		}
		if err != nil || !known || got != c.want {
			t.Errorf("%q %s: got %s, %v; want %s", c.text, c.currency, got, err, c.want)
		}
	}
}

// FuzzReadAmount: what people may type means the same in a file.
func FuzzReadAmount(f *testing.F) {
	for _, s := range []string{"1,234.50", "USD 5", "-0.0", "$1", "1'2", "5 USD", "1e5", "(5)"} {
		f.Add(s, "USD", "us")
	}
	f.Fuzz(func(t *testing.T, text, currency, format string) {
		nf, err := ParseNumberFormat(format)
		if err != nil {
			return
		}
		m, known, _, err := ReadAmount(text, currency, nf)
		if err != nil && KindOf(err) != Invalid {
			t.Fatalf("%q: %v is no sentence for people", text, err)
		}
		if strict, was, serr := ParseAmount(text, currency, nf); serr == nil && (err != nil || m != strict || known != was) {
			t.Fatalf("%q %q: typed it is %v, in a file %v, %v", text, currency, strict, m, err)
		}
	})
}
