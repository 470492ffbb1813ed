package sheet

import (
	"strings"

	"truce"
)

// Pair is one "ours=theirs" of --map or "field=value" of --set.
type Pair struct{ Key, Value string }

// ParsePairs reads pairs like a=X,b=Y Z from each text, in order. Blanks around keys and values go, those within stay. Either
// side may stand in double quotes to hold a comma, an equals sign or outer blanks; a quote within is written twice.
func ParsePairs(texts ...string) ([]Pair, error) {
	var pairs []Pair
	for _, text := range texts {
		rest := text
		for strings.Trim(rest, ", \t") != "" {
			rest = strings.TrimLeft(rest, ", \t")
			var key, value string
			var ok bool
			if key, rest, ok = token(rest, "=,"); !ok {
				return nil, truce.Errorf(truce.Invalid, "A quote in %q is not closed, or text follows it; write name=\"Value, with comma\".", text)
			}
			if key == "" || !strings.HasPrefix(rest, "=") {
				return nil, truce.Errorf(truce.Invalid, "%q in %q is not a pair; write name=value,name=value and put a value that holds a comma in "+
					"double quotes.", key, text)
			}
			if value, rest, ok = token(rest[1:], ","); !ok {
				return nil, truce.Errorf(truce.Invalid, "A quote in %q is not closed, or text follows it; write name=\"Value, with comma\".", text)
			}
			pairs = append(pairs, Pair{key, value})
		}
	}
	return pairs, nil
}

// token reads up to one of the stops, or a text in quotes and the blanks up to a stop.
func token(s, stops string) (text, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, stops)
		if end < 0 {
			end = len(s)
		}
		return strings.TrimRight(s[:end], " \t"), s[end:], true
	}
	var b strings.Builder
	for s = s[1:]; ; {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, `"`) {
			break
		}
		b.WriteByte('"')
		s = s[1:]
	}
	s = strings.TrimLeft(s, " \t")
	if s != "" && !strings.ContainsRune(stops, rune(s[0])) {
		return "", "", false
	}
	return b.String(), s, true
}

// quotePair writes a pair so that ParsePairs, and a shell, read it as it was meant.
func quotePair(p Pair) string {
	value := p.Value
	if strings.ContainsAny(value, ",\"") || strings.TrimSpace(value) != value {
		value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	text := p.Key + "=" + value
	if strings.ContainsAny(text, " \t\"$`\\;&|<>()*?!#~'") {
		text = "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// ShellPair is a --value as a person can paste it behind the option: FIELD:WORD=OURS.
func ShellPair(key, value string) string {
	if strings.ContainsAny(key, ",=\"") || strings.TrimSpace(key) != key {
		key = `"` + strings.ReplaceAll(key, `"`, `""`) + `"`
	}
	text := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, key+"="+value)
	if strings.ContainsAny(text, "\"$`\\!") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return `"` + text + `"`
}
