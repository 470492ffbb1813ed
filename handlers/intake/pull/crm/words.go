package crm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
)

// This file reads what CRMs say in words: statuses with their history, moments, money.

// Nothing is the status of a lead of which nothing has come yet: it takes back what was said before.
const Nothing truce.Status = "open"

// Statuses says what a CRM's words for the status of a lead mean, by the word without case and separators.
type Statuses map[string]truce.Status

// NewStatuses is what the words mean by default, and over it what the configuration says.
func NewStatuses(byDefault map[string]truce.Status, told []sheet.Pair) (Statuses, error) {
	s := Statuses{}
	for word, status := range byDefault {
		s[fold(word)] = status
	}
	for _, p := range told {
		word := p.Key
		if field, rest, ok := strings.Cut(word, ":"); ok && fold(field) == "status" {
			word = rest
		}
		status := Nothing
		if v := strings.ToLower(strings.TrimSpace(p.Value)); v != string(Nothing) && v != "new" {
			var err error
			if status, err = truce.ParseStatus(v); err != nil {
				return nil, err
			}
		}
		s[fold(word)] = status
	}
	return s, nil
}

func fold(word string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-/.", r) {
			return -1
		}
		return r
	}, strings.ToLower(word))
}

// Of is what a word means; "" where nobody said.
func (s Statuses) Of(word string) truce.Status {
	if strings.TrimSpace(word) == "" {
		return Nothing
	}
	return s[fold(word)]
}

// Entry is a value that a field took at a moment.
type Entry struct {
	At    time.Time
	Value string
}

// Verdicts are what the history of a status says of a lead: the last time that it became each status counts, and a new or open status
// takes back what was said before.
func (s Statuses) Verdicts(history []Entry) map[truce.Status]time.Time {
	history = slices.Clone(history)
	slices.SortStableFunc(history, func(a, b Entry) int { return a.At.Compare(b.At) })
	said := map[truce.Status]time.Time{}
	last := truce.NoStatus
	for _, e := range history {
		switch status := s.Of(e.Value); status {
		case truce.NoStatus:
		case Nothing:
			clear(said)
			last = truce.NoStatus
		default:
			if status != last { // the same said twice in a row is said once
				said[status] = e.At
			}
			last = status
		}
	}
	return said
}

// Outcomes are verdicts as outcomes of a lead, the first one first.
func Outcomes(lead, owner string, said ...map[truce.Status]time.Time) []truce.Outcome {
	last := map[truce.Status]time.Time{}
	for _, m := range said {
		for status, at := range m {
			if at.After(last[status]) {
				last[status] = at
			}
		}
	}
	var list []truce.Outcome
	for status, at := range last {
		list = append(list, truce.Outcome{LeadID: lead, Status: status, At: at.UTC().Truncate(time.Millisecond), Owner: owner,
			Origin: truce.FromImport})
	}
	slices.SortFunc(list, func(a, b truce.Outcome) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Status, b.Status)) })
	return list
}

// Moment reads a moment as CRMs write it: milliseconds since 1970, or ISO 8601 with and without a fraction, with Z, +0000 or +00:00; a
// day is its beginning in UTC. The zero value for an empty text.
func Moment(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, truce.Errorf(truce.Invalid, "%q is not a date", text)
}

// Money reads an amount as CRMs write it, with a point for its decimals. known is false for an empty text.
func Money(text, currency string) (m truce.Money, known bool, err error) {
	if strings.TrimSpace(text) == "" {
		return m, false, nil
	}
	m, known, _, err = sheet.ParseAmount(text, currency, truce.NumberUS)
	return m, known, err
}

// Score reads a score; known is false for an empty text.
func Score(text string) (float64, bool, error) { return sheet.ParseScore(text, truce.NumberUS) }

// Email reads an address; one that is none is none: a CRM holds many, and a lead counts without.
func Email(text string) string {
	a, err := sheet.ParseEmail(text)
	if err != nil {
		return ""
	}
	return a
}

// Sentence is an error for a person, without a full stop.
func Sentence(err error) string { return strings.TrimSuffix(truce.Sentence(err), ".") }
