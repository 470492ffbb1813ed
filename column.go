package truce

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file judges whether a column of the CRM holds people: there are no tables of people, whatever the column is called.

// ColumnVerdict is what a column's values are.
type ColumnVerdict string

// The verdicts.
const (
	PlainColumn  ColumnVerdict = "plain"  // what leads may be tabled by
	PeopleColumn ColumnVerdict = "people" // names or addresses of people: never tabled
	UnsureColumn ColumnVerdict = "unsure" // it cannot be told: an admin says so once
)

// Column is the values that leads or accounts have in a column.
type Column struct {
	Name   string
	Values map[string]int // how many rows have each; "" is none of them
	Own    int            // rows whose value is the name or the address of the row's own lead
}

// KnownPeople are the names and addresses of people that Truce knows. The zero value knows nobody.
type KnownPeople struct {
	whole map[string]bool // folded names, addresses and ids
	parts map[string]bool // first and last names
	short map[string]bool // "dana k" and "d kim" of Dana Kim
}

// Add notes a name, an address, or an owner as the CRM says it.
func (k *KnownPeople) Add(name string) {
	name = foldName(name)
	if name == "" {
		return
	}
	if k.whole == nil {
		k.whole, k.parts, k.short = map[string]bool{}, map[string]bool{}, map[string]bool{}
	}
	k.whole[name] = true
	if local, _, ok := strings.Cut(name, "@"); ok {
		k.parts[local] = true
		name = strings.NewReplacer(".", " ", "_", " ").Replace(local) // dana.kim@
	}
	words := strings.Fields(name)
	if len(words) < 2 {
		return
	}
	first, last := words[0], words[len(words)-1]
	k.parts[first], k.parts[last] = true, true
	k.whole[first+" "+last] = true
	initial := func(s string) string { _, n := utf8.DecodeRuneInString(s); return s[:n] }
	k.short[first+" "+initial(last)], k.short[initial(first)+" "+last] = true, true
}

// Holds reports whether a value names one of them: in full, in either order, by first or last name, with an initial, or as an address.
func (k *KnownPeople) Holds(value string) bool {
	for _, one := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == '/' || r == '&' || r == '|' }) {
		if k.one(one) {
			return true
		}
	}
	return false
}

func (k *KnownPeople) one(value string) bool {
	name := foldName(value)
	words := strings.Fields(name)
	switch len(words) {
	case 0:
		return false
	case 1:
		return k.whole[name] || k.parts[name]
	}
	first, last := words[0], words[len(words)-1]
	return k.whole[name] || k.whole[first+" "+last] || k.whole[last+" "+first] || len(words) == 2 && (k.short[name] || k.short[last+" "+first])
}

// foldName is a name as it is compared: "Kim, Dana (AE)" is dana kim.
func foldName(s string) string {
	if i := strings.IndexAny(s, "(<["); i > 0 {
		s = s[:i]
	}
	s = FoldText(s)
	if last, first, ok := strings.Cut(s, ","); ok && !strings.Contains(first, ",") {
		s = first + " " + last
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '.' && !strings.Contains(s, "@") ||
			r == ','
	}), " ")
}

// A column is of people by one of these words wherever it stands in its name, or by its whole name.
var (
	personalWords = []string{"owner", "rep", "email", "phone", "mobile", "salesperson", "sdr", "bdr", "assignee"}
	personalNames = []string{"name", "full name", "first name", "last name", "contact name", "person", "user", "assigned to", "created by"}
	// Who does something by name, or what is called like it: its values decide, or an admin does.
	roleWords = []string{"ae", "ase", "am", "csm", "se", "agent", "caller", "closer", "seller", "setter", "manager", "executive", "consultant",
		"advisor", "by", "who", "assigned", "contact", "reporter", "betreuer", "vertriebler", "ansprechpartner", "verantwortlicher", "commercial",
		"vendedor", "responsable", "referent"}
	// What stands in names of industries, regions and offers, and in no name of a person.
	plainWords = []string{"and", "of", "the", "for", "business", "market", "markets", "services", "service", "care", "health", "group", "team",
		"sales", "marketing", "estate", "goods", "food", "retail", "public", "sector", "financial", "finance", "insurance", "banking", "energy",
		"oil", "gas", "media", "software", "hardware", "technology", "tech", "science", "sciences", "life", "manufacturing", "education",
		"higher", "government", "non-profit", "enterprise", "mid", "small", "large", "medium", "new", "old", "existing", "customer", "customers",
		"client", "partner", "partners", "inbound", "outbound", "web", "website", "event", "events", "trade", "show", "demo", "request", "trial",
		"free", "paid", "search", "social", "ads", "email", "north", "south", "east", "west", "northern", "southern", "eastern", "western",
		"central", "america", "europe", "asia", "pacific", "africa", "kingdom", "states", "united", "zealand", "high", "low", "tier", "plan",
		"pro", "basic", "premium", "standard", "yes", "no", "not", "real", "time", "full", "data", "cloud", "lab", "labs", "contract", "research",
		"clinical", "diagnostics", "pharma", "biotech", "academic", "university", "hospital", "industrial", "logistics", "transport", "telecom",
		"construction", "consumer", "professional", "other", "unknown"}
)

// columnWords are the words of a column's name: "Lead Type", "lead-type" and "lead_type" are one.
func columnWords(name string) []string {
	name = strings.ReplaceAll(strings.ToLower(name), "e-mail", "email")
	return strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '_' || r == '.' || r == '-' || r == '\t' || r == '\u00a0' })
}

// SameColumn reports whether two names are one column's, but for case, blanks, hyphens and underscores.
func SameColumn(a, b string) bool { return slices.Equal(columnWords(a), columnWords(b)) }

// FoldColumn is a column's name as it is compared.
func FoldColumn(name string) string { return strings.Join(columnWords(name), " ") }

// NamesPeople reports whether a column is of people by its name.
func NamesPeople(column string) bool {
	words := columnWords(column)
	return slices.Contains(personalNames, strings.Join(words, " ")) ||
		slices.ContainsFunc(words, func(w string) bool { return slices.Contains(personalWords, w) })
}

// Judge says what the column's values are. They are people's where more than half of them, or of the rows that have one, are names or
// addresses of people that are known, or of the row's own lead. It cannot be told of values that only read like names of people, and of few
// in a column that is named like who does something.
func (c Column) Judge(known *KnownPeople) ColumnVerdict {
	if NamesPeople(c.Name) {
		return PeopleColumn
	}
	values, people, rows, ofPeople, like := 0, 0, 0, 0, 0
	for v, n := range c.Values {
		if strings.TrimSpace(v) == "" {
			continue
		}
		values, rows = values+1, rows+n
		switch {
		case address(v) || known.Holds(v):
			people, ofPeople = people+1, ofPeople+n
		case likeName(v):
			like++
		}
	}
	switch {
	case values == 0:
		return PlainColumn
	case 2*people > values || 2*max(ofPeople, c.Own) > rows:
		return PeopleColumn
	case 2*(like+people) > values:
		return UnsureColumn
	case slices.ContainsFunc(columnWords(c.Name), func(w string) bool { return slices.Contains(roleWords, w) }):
		return UnsureColumn
	}
	return PlainColumn
}

// address reports whether a value is an e-mail address.
func address(v string) bool {
	local, domain, ok := strings.Cut(strings.TrimSpace(v), "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(domain, " @")
}

// likeName reports whether a value reads like the name of a person: two or three words with a capital each, none of which stands in
// names of other things; or two or three Han characters or Hangul syllables.
func likeName(v string) bool {
	v = strings.TrimSpace(v)
	if last, first, ok := strings.Cut(v, ", "); ok {
		v = first + " " + last
	}
	if n := utf8.RuneCountInString(v); n >= 2 && n <= 3 && strings.IndexFunc(v,
		func(r rune) bool { return !unicode.In(r, unicode.Han, unicode.Hangul) }) < 0 {
		return true
	}
	words := strings.Fields(v)
	if len(words) < 2 || len(words) > 3 {
		return false
	}
	for i, w := range words {
		if slices.Contains(plainWords, strings.ToLower(w)) {
			return false
		}
		letters, small := 0, 0
		for j, r := range w {
			switch {
			case unicode.IsLetter(r):
				if letters++; unicode.IsLower(r) {
					small++
				}
				if j == 0 && unicode.IsLower(r) && (i == 0 || i == len(words)-1) { // Anna van Dyk
					return false
				}
			case r == '-' || r == '\'' || r == '’' || r == '.':
			default:
				return false
			}
		}
		if letters == 0 || letters > 1 && small == 0 { // EMEA North
			return false
		}
	}
	return true
}
