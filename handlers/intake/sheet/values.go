package sheet

// What a cell means: scores, choices, ratings, e-mail addresses, amounts. Every error is one sentence that names the text and
// what would be taken.

import (
	"math"
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"truce"
)

// ParseScore reads a lead score from 0 to 100, also with an exponent, as programs write small probabilities; known is false for an
// empty text.
func ParseScore(text string, f truce.NumberFormat) (score float64, known bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false, nil
	}
	plain, err := f.Decimal(text)
	if err != nil && scientific(text) {
		plain, err = text, nil
	}
	if err != nil {
		if s := truce.Sentence(err); strings.Contains(s, "--number") {
			return 0, false, faulty(ReasonNumber, "%s", s)
		}
		return 0, false, faulty(ReasonNumber, "%q is not a number from 0 to 100", cut(text))
	}
	score, err = strconv.ParseFloat(plain, 64)
	if err != nil || score < 0 || score > 100 {
		return 0, false, faulty(ReasonNumber, "%q is not a number from 0 to 100", cut(text))
	}
	return math.Abs(score), true, nil // "-0" is 0
}

// scientific reports whether a text is a number with an exponent, with a decimal point or none.
func scientific(text string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(text), "e")
	exponent = strings.TrimLeft(exponent, "+-")
	return ok && strings.Trim(mantissa, "+-.0123456789") == "" && exponent != "" && strings.Trim(exponent, "0123456789") == ""
}

// ParseAmount is truce.ReadAmount with the reason that the summary counts by.
func ParseAmount(text, currency string, f truce.NumberFormat) (m truce.Money, known, rounded bool, err error) {
	if m, known, rounded, err = truce.ReadAmount(text, currency, f); err != nil {
		return m, known, rounded, faulty(ReasonAmount, "%s", truce.Sentence(err))
	}
	return m, known, rounded, nil
}

// TooPrecise is the fault of an amount that was rounded where that is not wanted.
func TooPrecise(text string, m truce.Money) error {
	exponent, _ := truce.CurrencyExponent(m.Currency)
	return faulty(ReasonAmount, "%q has more decimals than %s has (%d)", cut(text), m.Currency, exponent)
}

// Statuses is what may become of a lead, in the words of PRODUCT.md.
func Statuses() []string {
	return []string{"accepted", "rejected", "sql", "opportunity", "won", "lost", "recycled"}
}

// ParseStatus reads an outcome's status. A preset may also give NoOutcome, which is none.
func ParseStatus(text string) (string, error) { return ParseChoice(text, Statuses()...) }

// ParseRating reads a rating: good, fair or poor, or 3, 2 or 1, which programs also write 3.0.
func ParseRating(text string) (int, error) {
	if whole, zeros, ok := strings.Cut(strings.TrimSpace(text), "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	choice, err := ParseChoice(text, "good", "fair", "poor", "3", "2", "1")
	switch choice {
	case "good", "3":
		return 3, nil
	case "fair", "2":
		return 2, nil
	case "poor", "1":
		return 1, nil
	}
	return 0, err
}

// ParseChoice finds the accepted value a text means, case, blanks and separators aside.
func ParseChoice(text string, accepted ...string) (string, error) {
	text = strings.TrimSpace(text)
	for _, a := range accepted {
		if strings.EqualFold(a, text) {
			return a, nil
		}
	}
	n := normal(text)
	for _, a := range accepted {
		if n != "" && normal(a) == n {
			return a, nil
		}
	}
	if text == "" {
		return "", faulty(ReasonMissing, "there is no value; it is one of %s", list(accepted))
	}
	if len(n) > 2 && len(n) < 40 {
		for _, a := range accepted {
			if truce.Misspelt(n, normal(a)) <= 1+len(n)/6 {
				return "", faulty(ReasonChoice, "%q is not one of %s; did you mean %s?", cut(text), list(accepted), a)
			}
		}
	}
	return "", faulty(ReasonChoice, "%q is not one of %s", cut(text), list(accepted))
}

// ParseYesNo reads how systems say yes and no: yes, true, 1; no, false, 0.
func ParseYesNo(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "y", "true", "1":
		return true, nil
	case "no", "n", "false", "0":
		return false, nil
	}
	return false, faulty(ReasonChoice, "%q is not yes or no", cut(text))
}

// ParseEmail reads an e-mail address: alone, after mailto:, as Name <address>, or the first of several parted by comma or
// semicolon, as CRMs export them. It is lenient about the characters and strict about the shape; "" for an empty text.
func ParseEmail(text string) (string, error) {
	s := strings.TrimSpace(text)
	if s == "" {
		return "", nil
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasSuffix(s, ">") {
		if a, err := mail.ParseAddress(s); err == nil {
			s = a.Address
		}
	}
	first, _, _ := strings.Cut(s, ";")
	first, _, _ = strings.Cut(first, ",")
	first = strings.TrimSpace(first)
	if !addressLike(first) {
		return "", faulty(ReasonEmail, "%q is not an e-mail address", cut(text))
	}
	return first, nil
}

// addressLike holds for one @ with something on both sides and a domain of labels, at most as long as RFC 5321 allows.
func addressLike(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > 254 || strings.IndexByte(s[:at], '@') >= 0 {
		return false
	}
	domain := s[at+1:]
	if strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return false
	}
	for i, c := range s {
		if c < utf8.RuneSelf {
			if c <= ' ' || c == 0x7f || strings.IndexByte(`<>()[]\,;:"`, s[i]) >= 0 {
				return false
			}
		} else if unicode.IsSpace(c) || unicode.IsControl(c) {
			return false
		}
	}
	return true
}

// cut shortens a cell for a message.
func cut(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
