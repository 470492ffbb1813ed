package truce

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// Money is an exact amount: integer minor units (cents, where the currency has them) of an ISO 4217 currency. Amounts of
// different currencies are never summed or compared. The zero Money is no amount; a known zero has a currency.
type Money struct {
	Amount   int64
	Currency string
}

// NumberFormat is how a file writes numbers: which mark groups thousands and which begins the decimals.
type NumberFormat string

// The formats. Plain takes 1234.5 only, so that no comma is ever guessed at; US takes 1,234.5 and EU 1.234,5 (also grouped
// by spaces); both take numbers without groups too.
const (
	NumberPlain NumberFormat = ""
	NumberUS    NumberFormat = "us"
	NumberEU    NumberFormat = "eu"
)

// ParseNumberFormat reads what --number was given.
func ParseNumberFormat(text string) (NumberFormat, error) {
	switch f := NumberFormat(strings.ToLower(strings.TrimSpace(text))); f {
	case NumberPlain, NumberUS, NumberEU:
		return f, nil
	}
	return "", Errorf(Invalid, "--number is us (1,234.5) or eu (1.234,5), not %q.", clip(text))
}

// Decimal turns a number written in the format into a plain one: an optional "-", digits, and a point with digits after it if
// there are decimals. It keeps every digit. An empty text is an error: the caller knows what unknown means.
func (f NumberFormat) Decimal(text string) (string, error) {
	if plain, ok := f.read(text); ok {
		return plain, nil
	}
	_, us := NumberUS.read(text)
	_, eu := NumberEU.read(text)
	switch {
	case f == NumberPlain && us && eu:
		return "", Errorf(Invalid, "%q can be read in two ways; say --number us (1,234.5) or --number eu (1.234,5)", clip(text))
	case f != NumberUS && us:
		return "", Errorf(Invalid, "%q has a decimal point or groups by comma; if the file writes 1,234.5 say --number us", clip(text))
	case f != NumberEU && eu:
		return "", Errorf(Invalid, "%q has a decimal comma or groups by point or space; if the file writes 1.234,5 say --number eu", clip(text))
	}
	return "", Errorf(Invalid, "%q is not a number", clip(text))
}

// read is Decimal without the words.
func (f NumberFormat) read(text string) (string, bool) {
	s := strings.TrimSpace(text)
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, "-"
	} else if rest, ok := strings.CutPrefix(s, "\u2212"); ok { // the minus sign that typesetters and some spreadsheets use
		s, sign = rest, "-"
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	point := "."
	if f == NumberEU {
		point = ","
	}
	whole, decimals, hasPoint := strings.Cut(s, point)
	digits, ok := ungroup(whole, f)
	switch {
	case !ok || hasPoint && !allDigits(decimals):
		return "", false
	case !hasPoint:
		return sign + digits, true
	case f != NumberEU && len(digits) == len(whole):
		return sign + s, true // as it stands: no allocation for an unsigned number
	}
	return sign + digits + "." + decimals, true
}

// ungroup removes thousands separators: one kind, the first group of one to three digits, every other of three.
func ungroup(whole string, f NumberFormat) (string, bool) {
	if allDigits(whole) {
		return whole, true
	}
	var separators []string
	switch f {
	case NumberUS:
		separators = []string{","}
	case NumberEU:
		separators = []string{".", " ", "\u00a0", "\u202f"}
	}
	for _, sep := range separators {
		groups := strings.Split(whole, sep)
		ok := len(groups) > 1 && len(groups[0]) <= 3 && allDigits(groups[0])
		for _, g := range groups[1:] {
			ok = ok && len(g) == 3 && allDigits(g)
		}
		if ok {
			return strings.Join(groups, ""), true
		}
	}
	return "", false
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ParseAmount reads an amount of money without ever going through a float. Text may carry the currency's code before or
// after the number ("USD 1,200.00") and a sign; a negative amount is a credit and allowed. known is false for an empty text;
// "0.0" is a known zero. More decimals than the currency has are an error unless they are zeros ("12.340" USD is fine,
// "12.345" is not), as is an amount that does not fit 64 bits.
func ParseAmount(text, currency string, f NumberFormat) (m Money, known bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Money{}, false, nil
	}
	code, exponent, err := currencyOf(text, currency)
	if err != nil {
		return Money{}, false, err
	}
	number := text
	if len(text) > 3 {
		if strings.EqualFold(text[:3], code) {
			number = strings.TrimLeftFunc(text[3:], unicode.IsSpace)
		} else if strings.EqualFold(text[len(text)-3:], code) {
			number = strings.TrimRightFunc(text[:len(text)-3], unicode.IsSpace)
		}
	}
	plain, err := f.Decimal(number)
	if err != nil {
		return Money{}, false, err
	}
	whole, decimals, _ := strings.Cut(plain, ".")
	for len(decimals) > exponent && decimals[len(decimals)-1] == '0' {
		decimals = decimals[:len(decimals)-1]
	}
	if len(decimals) > exponent {
		return Money{}, false, Errorf(Invalid, "%q has more decimals than %s has (%d)", clip(text), code, exponent)
	}
	amount, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", exponent-len(decimals)), 10, 64)
	if err != nil || amount == math.MinInt64 { // the smallest has no positive twin: nothing may negate it by mistake
		return Money{}, false, Errorf(Invalid, "%q is too large an amount", clip(text))
	}
	return Money{Amount: amount, Currency: code}, true, nil
}

// String is the amount for people: "184,000 USD", "1,234.50 EUR". Decimals are shown only where there are any.
func (m Money) String() string {
	plain := m.Decimal()
	sign := ""
	if plain[0] == '-' {
		sign, plain = "-", plain[1:]
	}
	whole, decimals, _ := strings.Cut(plain, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if strings.Trim(decimals, "0") != "" {
		b.WriteString("." + decimals)
	}
	if m.Currency != "" {
		b.WriteString(" " + m.Currency)
	}
	return b.String()
}

// Decimal is the amount for files, with all the decimals of its currency and no currency: "184000.00". ParseAmount of it
// with the same currency gives m again.
func (m Money) Decimal() string {
	exponent, ok := CurrencyExponent(m.Currency)
	if !ok {
		exponent = 2
	}
	digits := new(big.Int).Abs(big.NewInt(m.Amount)).String()
	if pad := exponent + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	if exponent > 0 {
		digits = digits[:len(digits)-exponent] + "." + digits[len(digits)-exponent:]
	}
	if m.Amount < 0 {
		return "-" + digits
	}
	return digits
}

// Whole is the amount in whole units of its currency, rounded half to even.
func (m Money) Whole() Money {
	exponent, ok := CurrencyExponent(m.Currency)
	if !ok {
		exponent = 2
	}
	unit := int64(1)
	for range exponent {
		unit *= 10
	}
	rest := m.Amount % unit
	down := m.Amount - rest // towards zero
	up := unit
	if m.Amount < 0 {
		rest, up = -rest, -unit
	}
	if 2*rest > unit || 2*rest == unit && down/unit%2 != 0 {
		down += up
	}
	m.Amount = down
	return m
}

// CurrencyExponent is how many decimals an ISO 4217 currency has; false for a code that is none. Codes in capitals.
// Source: ISO 4217 list one (active codes of national currencies; funds and metals without minor units are left out),
// and of list three those withdrawn since 2010 which the deals of older years still carry.
func CurrencyExponent(code string) (int, bool) {
	if len(code) != 3 {
		return 0, false
	}
	for exponent, codes := range currencies {
		for i := 0; i < len(codes); i += 4 {
			if codes[i:i+3] == code {
				return exponent, true
			}
		}
	}
	return 0, false
}

// currencies holds the codes by exponent, three letters and a space each; the common ones first, for the scan.
var currencies = [5]string{
	0: "JPY KRW CLP ISK VND BIF DJF GNF KMF PYG RWF UGX UYI VUV XAF XOF XPF BYR ",
	2: "USD EUR GBP CHF CAD AUD BRL INR CNY SEK NOK DKK PLN CZK MXN " +
		"AED AFN ALL AMD AOA ARS AWG AZN BAM BBD BDT BMD BND BOB BOV BSD BTN BWP BYN BZD CDF CHE CHW COP COU CRC CUP CVE DOP " +
		"DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS IRR JMD KES KGS KHR KPW KYD KZT LAK LBP " +
		"LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXV MYR MZN NAD NGN NIO NPR NZD PAB PEN PGK PHP PKR QAR RON RSD " +
		"RUB SAR SBD SCR SDG SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USN UYU UZS VED VES " +
		"WST XCD XCG YER ZAR ZMW ZWG " +
		"ANG BGN CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL ",
	3: "BHD IQD JOD KWD LYD OMR TND ",
	4: "CLF UYW ",
}

// clip shortens outside text for a message: one line that a terminal and a chat can hold.
func clip(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
