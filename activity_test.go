package truce_test

import (
	"testing"
	"unicode/utf8"

	"truce"
)

// FuzzNewLink writes anything into the form of a link: what is taken can be shown and summed, what is not names its field and
// says what to write.
func FuzzNewLink(f *testing.F) {
	for _, s := range [][6]string{
		{"won", "", "wins", "2026-06-30", "9", "engaged"}, {"revenue", "", "usd", "2026-06-30", "340,000", "campaign"},
		{"words", "scans", "scans", "2026-06-30", "120", ""},
		{"words", "revenue", "", "2026-06-30", "1", ""}, {"revenue", "", "XXQ", "2026-02-30", "-0", ""}, {"won", "", "", "", "1e400", ""},
		{"leads", "\xff", "\u202e", "0000-00-00", "NaN", "x"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5])
	}
	f.Fuzz(func(t *testing.T, what, words, unit, date, expected, of string) {
		l, field, err := truce.NewLink("A-1", what, words, unit, date, expected, of)
		if err != nil {
			if field == "" || truce.KindOf(err) != truce.Invalid || truce.Sentence(err) == "" {
				t.Fatalf("refused at %q with %v: want a field and a sentence", field, err)
			}
			return
		}
		if !(l.Expected >= 0 && l.Expected < 1e15) || l.What == "" || utf8.RuneCountInString(l.What) > 100 || l.Of != truce.OfEngaged &&
			l.Of != truce.OfCampaign {
			t.Fatalf("taken: %+v", l)
		}
		if again, err := truce.ParseDate(l.Date.String()); err != nil || again != l.Date {
			t.Fatalf("its day %v is read back as %v (%v)", l.Date, again, err)
		}
		if _, known := truce.CurrencyExponent(l.Unit); l.Money() && !known {
			t.Fatalf("money in %q", l.Unit)
		}
	})
}

// FuzzParseCost types anything as a cost: what is taken has a currency, is no less than nothing, and is read again as it is shown.
func FuzzParseCost(f *testing.F) {
	for _, s := range []string{"41,000 USD", "USD 41000", "eur 12.50", "0 JPY", "-5 USD", "USD", "1 USD EUR", "٣ USD",
		"9999999999999999999 USD", "1.234 KWD", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said string) {
		m, known, err := truce.ParseCost(said)
		if err != nil || !known {
			return
		}
		if _, ok := truce.CurrencyExponent(m.Currency); !ok {
			t.Fatalf("%q is %+v: what currency is that?", said, m)
		}
		if again, ok, err := truce.ParseCost(m.String()); err != nil || !ok || again != m {
			t.Fatalf("%q is %s, which is read as %+v (%v)", said, m, again, err)
		}
	})
}
