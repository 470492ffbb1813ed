package storage

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"truce"
)

// This file finds leads by what one remembers of them. What it looks up has an index each (migration 0340), so it takes no longer in a
// million leads than in a thousand; only what no index knows is looked for among the newest.

// places are where the beginning of a word is looked up: an expression that has an index, with its condition.
var places = []struct{ expression, when string }{
	{`account`, `account <> ''`},
	{`lower(replace(name, rtrim(name, replace(name, ' ', '')), ''))`, `name <> ''`},
	{`lower(name)`, `name <> ''`},
	{`replace(account, rtrim(account, replace(account, ' ', '')), '')`, `instr(account, ' ') > 0`},
	{`email_key`, `email_key <> ''`},
	{`substr(email_key, instr(email_key, '@') + 1)`, `email_key <> ''`},
	{`substr(email_key, instr(email_key, '.') + 1)`, `instr(email_key, '.') BETWEEN 1 AND instr(email_key, '@')`},
}

const (
	lookedUp   = 400   // leads of each place: of a word that more have, the others tell
	newestOf   = 20000 // leads among which is looked for what no index knows
	leastWords = 2     // letters of what is looked up
)

// RecallLeads finds leads of whom each word of a text begins a word of company, name or address, or is the beginning of the domain or the
// address itself; the newest first, maxFound at most.
func (tx *Tx) RecallLeads(text string) ([]truce.Lead, error) {
	asked := recalled(text)
	if len(asked) == 0 {
		return nil, nil
	}
	found := map[string]truce.Lead{}
	for _, w := range append(asked, wholeName(text, asked)...) {
		for _, p := range places {
			for _, begin := range spellings(w) {
				list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE `+p.when+` AND `+p.expression+` >= ? AND `+p.expression+
					` < ? LIMIT ?`,
					begin, begin+"\U0010FFFF", lookedUp)
				if err != nil {
					return nil, fmt.Errorf("find leads by %q: %w", text, err)
				}
				for _, l := range list {
					if Recalls(l, asked) {
						found[l.ID] = l
					}
				}
			}
		}
	}
	return newestFirst(found), nil
}

// RecallAmongNewest looks for a text anywhere in company, name and address, among the newest leads: for what RecallLeads does not find.
func (tx *Tx) RecallAmongNewest(text string) ([]truce.Lead, error) {
	asked := recalled(text)
	if len(asked) == 0 || utf8.RuneCountInString(strings.Join(asked, "")) < 4 {
		return nil, nil
	}
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM (SELECT * FROM leads ORDER BY mql_at DESC LIMIT ?)
		WHERE instr(lower(company || ' ' || account || ' ' || name || ' ' || email_key), ?) > 0 LIMIT ?`, newestOf, asked[0], lookedUp)
	if err != nil {
		return nil, fmt.Errorf("find leads with %q: %w", text, err)
	}
	found := map[string]truce.Lead{}
	for _, l := range list {
		held := folded(l)
		if !slices.ContainsFunc(asked, func(w string) bool { return !strings.Contains(held, w) }) {
			found[l.ID] = l
		}
	}
	return newestFirst(found), nil
}

func newestFirst(found map[string]truce.Lead) []truce.Lead {
	var list []truce.Lead
	for _, l := range found {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b truce.Lead) int {
		if c := b.MQLAt.Compare(a.MQLAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list[:min(len(list), maxFound)]
}

// recalled are the words of what somebody remembers, in lower case.
func recalled(text string) []string {
	var words []string
	for w := range strings.FieldsSeq(strings.ToLower(text)) {
		if w = strings.TrimFunc(w, func(r rune) bool {
			return !unicode.IsLetter(r) &&
				!unicode.IsDigit(r)
		}); utf8.RuneCountInString(w) >= leastWords {
			words = append(words, w)
		}
	}
	return words
}

// wholeName is a text of several words as one: what a company's or a person's whole name begins with.
func wholeName(text string, asked []string) []string {
	if len(asked) < 2 {
		return nil
	}
	return []string{truce.FoldAccount(text)}
}

// spellings are how a word may be kept: SQLite makes only plain letters small.
func spellings(word string) []string {
	first, size := utf8.DecodeRuneInString(word)
	if first < utf8.RuneSelf {
		return []string{word}
	}
	return []string{word, string(unicode.ToUpper(first)) + word[size:]}
}

// Recalls reports whether each of the words, in lower case, begins a word of a lead's company, name or address, or its domain.
func Recalls(l truce.Lead, asked []string) bool {
	held := folded(l)
	return !slices.ContainsFunc(asked, func(w string) bool { return !beginsIn(held, w) })
}

func folded(l truce.Lead) string {
	return strings.ToLower(l.Company + " " + l.Account + " " + l.Name + " " + l.Email)
}

// beginsIn reports whether a word stands in a text where a word begins.
func beginsIn(held, word string) bool {
	for at := 0; ; {
		i := strings.Index(held[at:], word)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(held[:at+i])
		if at+i == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return true
		}
		at += i + 1
	}
}
