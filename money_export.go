package truce

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file reads amounts of money as the exports of other systems write them: with a sign, with groups of other lands, and with more
// decimals than the currency has.

// ReadAmount is ParseAmount for what programs write. Beyond what that takes it reads
//
//	$22,700.00  US$1,234.50  £900  900 €  (1,200.00)   signs, which must not contradict the row's currency; parentheses are a minus
//	1'234.50  1,22,340                                 groups of Switzerland and India, which can be read in one way only
//	1.0E7  .5                                          as databases and Java programs write numbers
//
// Beside a sign, what has both a comma and a point needs no format: one of them begins the decimals. More decimals than the currency
// has are rounded half to even, and rounded says so.
func ReadAmount(text, currency string, f NumberFormat) (m Money, known, rounded bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Money{}, false, false, nil
	}
	code, exponent, err := currencyOf(text, currency)
	if err != nil {
		return Money{}, false, false, err
	}
	number, minus, signed, err := unsigned(text, code)
	if err != nil {
		return Money{}, false, false, err
	}
	plain, ok := f.read(number)
	if !ok {
		plain, ok = f.foreign(number, signed)
	}
	if !ok {
		if _, err = f.Decimal(number); err == nil {
			err = Errorf(Invalid, "%q is not a number", clip(text))
		}
		return Money{}, false, false, err
	}
	if inner, ok := strings.CutPrefix(plain, "-"); ok {
		if minus {
			return Money{}, false, false, Errorf(Invalid, "%q has two minus signs", clip(text))
		}
		plain, minus = inner, true
	}
	amount, rounded := halfEven(plain, exponent)
	if minus {
		amount.Neg(amount)
	}
	m = Money{Amount: amount.Int64(), Currency: code}
	if !amount.IsInt64() || -m.Amount == m.Amount && m.Amount != 0 {
		return Money{}, false, false, Errorf(Invalid, "%q is too large an amount", clip(text))
	}
	return m, true, rounded, nil
}

// currencyOf is the currency of an amount and how many decimals it has.
func currencyOf(text, currency string) (code string, exponent int, err error) {
	code = strings.ToUpper(strings.TrimSpace(currency))
	exponent, ok := CurrencyExponent(code)
	switch {
	case code == "":
		return "", 0, Errorf(Invalid, "the amount %q has no currency; map a currency column or set one, for instance --set currency=USD",
			clip(text))
	case !ok:
		return "", 0, Errorf(Invalid, "%q is not an ISO 4217 currency code such as USD or EUR", clip(currency))
	}
	return code, exponent, nil
}

// signs are how amounts name their currency besides its code, and which ones each may mean; the longer of two that begin alike first.
var signs = []struct{ sign, codes string }{
	{"US$", "USD"}, {"AU$", "AUD"}, {"CA$", "CAD"}, {"NZ$", "NZD"}, {"HK$", "HKD"}, {"MX$", "MXN"}, {"NT$", "TWD"}, {"A$", "AUD"},
	{"C$", "CAD NIO"}, {"R$", "BRL"},
	{"S$", "SGD"}, {"S/", "PEN"}, {"Rs.", "INR PKR LKR NPR MUR SCR"}, {"Rs", "INR PKR LKR NPR MUR SCR"}, {"Fr.", "CHF"}, {"SFr.", "CHF"},
	{"kr.", "DKK NOK SEK ISK"},
	{"kr", "SEK NOK DKK ISK"}, {"zł", "PLN"}, {"Kč", "CZK"}, {"Ft", "HUF"}, {"€", "EUR"}, {"£", "GBP EGP LBP SYP SDG SSP FKP GIP SHP"},
	{"¥", "JPY CNY"}, {"￥", "JPY CNY"},
	{"円", "JPY"}, {"元", "CNY"}, {"₹", "INR"}, {"₩", "KRW KPW"}, {"₽", "RUB"}, {"₺", "TRY"}, {"₴", "UAH"}, {"₪", "ILS"}, {"₫", "VND"},
	{"฿", "THB"}, {"₱", "PHP"}, {"₦", "NGN"},
	{"$", "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD ZWL ZWG CUP CVE " +
		"MOP NIO BRL TOP"},
}

// unsigned takes signs, codes and the minus off an amount. signed tells that it had a currency's sign or code.
func unsigned(text, code string) (number string, minus, signed bool, err error) {
	s := text
	if inner, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(inner, ")") {
		s, minus = strings.TrimSpace(strings.TrimSuffix(inner, ")")), true
	}
	for _, m := range []string{"-", "\u2212"} { // before the sign: -$20; one behind it is the number's
		if inner, ok := strings.CutPrefix(s, m); ok && !minus {
			if r, _ := utf8.DecodeRuneInString(inner); !unicode.IsDigit(r) && r != '.' {
				s, minus = strings.TrimSpace(inner), true
			}
			break
		}
	}
	cut := func(sign string, ok func(string) (string, bool)) bool {
		rest, found := ok(s)
		if found {
			s, signed = strings.TrimSpace(rest), true
		}
		return found
	}
	contradicts := func(sign string) error {
		return Errorf(Invalid, "%q is an amount in %s, and the row's currency is %s; correct one of them", clip(text), sign, code)
	}
	for _, side := range []func(sign string) func(string) (string, bool){
		func(sign string) func(string) (string, bool) {
			return func(s string) (string, bool) { return strings.CutPrefix(s, sign) }
		},
		func(sign string) func(string) (string, bool) {
			return func(s string) (string, bool) { return strings.CutSuffix(s, sign) }
		},
	} {
		if len(s) > 3 {
			for _, c := range []string{s[:3], s[len(s)-3:]} {
				if _, ok := CurrencyExponent(strings.ToUpper(c)); ok && cut(c, side(c)) && strings.ToUpper(c) != code {
					return "", false, false, contradicts(strings.ToUpper(c))
				}
			}
		}
		for _, g := range signs {
			if cut(g.sign, side(g.sign)) {
				if !slices.Contains(strings.Fields(g.codes), code) {
					return "", false, false, contradicts(g.sign)
				}
				break
			}
		}
	}
	return s, minus, signed, nil
}

// foreign reads what the format does not, where it can mean one number only.
func (f NumberFormat) foreign(s string, signed bool) (plain string, ok bool) {
	sign := ""
	if rest, cut := strings.CutPrefix(s, "-"); cut {
		s, sign = rest, "-"
	}
	point := "."
	if f == NumberEU {
		point = ","
	}
	whole, decimals, hasPoint := strings.Cut(s, point)
	if hasPoint && allDigits(decimals) {
		decimals = "." + decimals
	} else if hasPoint {
		decimals = "?"
	}
	for _, mark := range []string{"'", "’"} {
		if groups := strings.Split(whole, mark); decimals != "?" && grouped(groups, 3) {
			return sign + strings.Join(groups, "") + decimals, true
		}
	}
	if groups := strings.Split(whole, ","); f != NumberEU && decimals != "?" && len(groups) > 2 && grouped(groups, 2) {
		return sign + strings.Join(groups, "") + decimals, true
	}
	if whole == "" && f != NumberEU && len(decimals) > 1 && decimals != "?" {
		return sign + "0" + decimals, true
	}
	if signed && f == NumberPlain && strings.Contains(s, ",") && strings.Contains(s, ".") {
		for _, other := range []NumberFormat{NumberUS, NumberEU} {
			if plain, ok := other.read(s); ok {
				return sign + plain, true
			}
		}
	}
	if mantissa, exponent, cut := strings.Cut(strings.ToLower(s), "e"); cut {
		n, err := strconv.Atoi(exponent)
		r, fine := new(big.Rat).SetString(mantissa + "e" + exponent)
		if m := strings.Trim(mantissa, "0123456789"); err == nil && fine && (m == "" || m == ".") && n >= -30 && n <= 18 {
			return sign + r.FloatString(60), true
		}
	}
	return "", false
}

// grouped reports whether groups of digits are one to three, then so many each, and three in the end.
func grouped(groups []string, each int) bool {
	last := len(groups) - 1
	if last < 1 || len(groups[0]) > each || !allDigits(groups[0]) || len(groups[last]) != 3 || !allDigits(groups[last]) {
		return false
	}
	return !slices.ContainsFunc(groups[1:last], func(g string) bool { return len(g) != each || !allDigits(g) })
}

// halfEven is a plain, positive number in units of its last decimal that counts, rounded half to even.
func halfEven(plain string, exponent int) (amount *big.Int, rounded bool) {
	whole, decimals, _ := strings.Cut(plain, ".")
	decimals = strings.TrimRight(decimals, "0")
	rest := ""
	if len(decimals) > exponent {
		decimals, rest = decimals[:exponent], decimals[exponent:]
	}
	amount = new(big.Int)
	amount.SetString(whole+decimals+strings.Repeat("0", exponent-len(decimals)), 10)
	if rest == "" {
		return amount, false
	}
	if rest > "5" || rest == "5" && amount.Bit(0) == 1 {
		amount.Add(amount, big.NewInt(1))
	}
	return amount, true
}
