package truce

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Profile is an ideal customer profile: criteria with points, and the share of all points from which on somebody is inside it.
type Profile struct {
	Threshold float64 // percent of all points, 0 to 100
	Criteria  []Criterion
}

// Criterion is a condition on one attribute. Several of one attribute are tiers: the best that holds counts.
type Criterion struct {
	Attribute string
	Test      ProfileTest
	Texts     []string // of TestEquals and TestContains the first, of TestOneOf all
	Low, High float64  // of TestRange, inclusive; infinite for an open end
	Wanted    bool     // of TestExists: whether a value must be there
	Points    int
	Must      bool
	Exclude   bool // whoever meets it is outside; it carries no points
	Note      string
}

// ProfileTest is how a criterion looks at a value.
type ProfileTest string

// The tests, by their keys in a profile document.
const (
	TestEquals   ProfileTest = "equals"
	TestOneOf    ProfileTest = "one_of"
	TestRange    ProfileTest = "range"
	TestContains ProfileTest = "contains"
	TestExists   ProfileTest = "exists"
)

// ProfileTests are all tests, in the order in which they are told.
var ProfileTests = []ProfileTest{TestEquals, TestOneOf, TestRange, TestContains, TestExists}

// Verdict is what is known of a condition.
type Verdict int8

// The verdicts. VerdictUnknown is the zero value: nothing is taken for granted.
const (
	VerdictUnknown Verdict = iota
	VerdictHolds
	VerdictFails
)

func verdict(holds bool) Verdict {
	if holds {
		return VerdictHolds
	}
	return VerdictFails
}

// UnknownICP is the fit of somebody of whom too little is known; it is the computed one's own word, an import never says it.
const UnknownICP ICPFit = "unknown"

// Fit is what a profile says of a lead or an account.
type Fit struct {
	Fit              ICPFit // InsideICP, OutsideICP or UnknownICP
	Met, Open, Total int    // points: of criteria that hold; of those not known; all
	Decides          string // of UnknownICP: the attribute that would decide
	Criteria         []CriterionFit
}

// CriterionFit is one criterion of a profile with what it made of the value.
type CriterionFit struct {
	Criterion
	Value string // "" where none is known
	Holds Verdict
}

// Of says whether somebody is inside the profile. value gives what is known of an attribute, "" for nothing.
//
// worst = met / total, best = (met + open) / total. Outside: an exclusion holds, a known must does not, or best is under the threshold.
// Inside: worst reaches it, and no must or exclusion is unknown. Else unknown. Without points only musts and exclusions decide. So what
// is not known never makes anybody inside; only "exists: false" asks for an empty value.
func (p Profile) Of(value func(attribute string) string) Fit {
	f := Fit{Criteria: make([]CriterionFit, 0, len(p.Criteria))}
	type tiers struct {
		attribute          string
		met, could, total  int
		must, holds, fails bool // must: one of them is; holds: one of them does; fails: all of them do
	}
	var list []*tiers
	at := map[string]*tiers{}
	excluded, unclear := false, ""
	for _, c := range p.Criteria {
		v := strings.TrimSpace(value(c.Attribute))
		holds := c.Of(v)
		f.Criteria = append(f.Criteria, CriterionFit{c, v, holds})
		if c.Exclude {
			if excluded = excluded || holds == VerdictHolds; holds == VerdictUnknown && unclear == "" {
				unclear = c.Attribute
			}
			continue
		}
		key := FoldAttribute(c.Attribute)
		t := at[key]
		if t == nil {
			t = &tiers{attribute: c.Attribute, fails: true}
			at[key], list = t, append(list, t)
		}
		t.must, t.total = t.must || c.Must, max(t.total, c.Points)
		switch holds {
		case VerdictHolds:
			t.holds, t.fails, t.met, t.could = true, false, max(t.met, c.Points), max(t.could, c.Points)
		case VerdictUnknown:
			t.fails, t.could = false, max(t.could, c.Points)
		}
	}
	missed, most := false, 0
	widest := ""
	for _, t := range list {
		open := t.could - t.met
		f.Met, f.Open, f.Total = f.Met+t.met, f.Open+open, f.Total+t.total
		if open > most {
			most, widest = open, t.attribute
		}
		switch {
		case !t.must || t.holds:
		case t.fails:
			missed = true
		case unclear == "":
			unclear = t.attribute
		}
	}
	reaches := func(points int) bool { return f.Total == 0 || 100*float64(points) >= p.Threshold*float64(f.Total) }
	switch {
	case excluded || missed || !reaches(f.Met+f.Open):
		f.Fit = OutsideICP
	case !reaches(f.Met):
		f.Fit, f.Decides = UnknownICP, widest
	case unclear != "":
		f.Fit, f.Decides = UnknownICP, unclear
	default:
		f.Fit = InsideICP
	}
	return f
}

// String is the fit in a line: "fit 34 of 60 points, 20 open: segment ✗, size ✓, region ?".
func (f Fit) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fit %d of %d points", f.Met, f.Total)
	if f.Open > 0 {
		fmt.Fprintf(&b, ", %d open", f.Open)
	}
	best := map[string]Verdict{}
	var names []string
	for _, c := range f.Criteria {
		if c.Exclude && c.Holds == VerdictFails {
			continue // nothing to say against them
		}
		holds := c.Holds
		if c.Exclude && holds == VerdictHolds {
			holds = VerdictFails
		}
		was, told := best[c.Attribute]
		if !told {
			names = append(names, c.Attribute)
		}
		if !told || holds == VerdictHolds || was == VerdictFails && holds == VerdictUnknown {
			best[c.Attribute] = holds
		}
	}
	for i, name := range names {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + name + " " + map[Verdict]string{VerdictHolds: "✓", VerdictFails: "✗", VerdictUnknown: "?"}[best[name]])
	}
	return b.String()
}

// Of is what the criterion makes of a value. An empty value is not known, but for TestExists, which asks about it.
func (c Criterion) Of(value string) Verdict {
	v := FoldText(value)
	switch {
	case c.Test == TestExists:
		return verdict((v != "") == c.Wanted)
	case v == "":
		return VerdictUnknown
	}
	switch c.Test {
	case TestEquals, TestOneOf:
		return verdict(slices.ContainsFunc(c.Texts, func(t string) bool { return FoldText(t) == v }))
	case TestContains:
		return verdict(slices.ContainsFunc(c.Texts, func(t string) bool { return strings.Contains(v, FoldText(t)) }))
	case TestRange:
		low, high, ok := ParseSpan(v)
		switch {
		case !ok:
			return VerdictUnknown
		case low >= c.Low && high <= c.High:
			return VerdictHolds
		case high < c.Low || low > c.High:
			return VerdictFails
		}
	}
	return VerdictUnknown // a span that only overlaps the asked one, too
}

// FoldText is a text as it is compared where only its words count: case and blanks do not matter.
func FoldText(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// FoldAttribute is the name of an attribute as it is compared: case, blanks, hyphens and underscores do not matter.
func FoldAttribute(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s),
		func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '\t' || r == '\u00a0' }), " ")
}

// ParseSpan reads a number, or two with a hyphen or dash between: 120, 1,200, 51-200. ok is false for anything else, also where the
// first is more than the second.
func ParseSpan(s string) (low, high float64, ok bool) {
	s = strings.TrimSpace(s)
	if n, ok := ParseNumber(s); ok {
		return n, n, true
	}
	for i, r := range s {
		if i == 0 || r != '-' && r != '–' && r != '—' {
			continue
		}
		low, first := ParseNumber(s[:i])
		high, second := ParseNumber(s[i+len(string(r)):])
		if first && second {
			return low, high, low <= high
		}
	}
	return 0, 0, false
}

// ParseNumber reads a number that may have separators between groups of three digits: 1,200 or 1'200 or 1 200 or 1.200.000. A single
// point is the decimal one, and so is a comma that no group of three digits follows.
func ParseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	sign := 1.0
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = -1, rest
	}
	if s == "" || strings.Trim(s, "0123456789.,'’ _\u00a0\u202f") != "" || !strings.ContainsAny(s[:1], "0123456789.") {
		return 0, false
	}
	for _, sep := range []string{",", "'", "’", " ", "_", "\u00a0", "\u202f", "."} {
		if sep == "." && strings.Count(s, ".") < 2 {
			continue
		}
		whole, decimals, point := s, "", false
		if sep == "." {
			whole, decimals, point = strings.Cut(s, ",")
		} else if whole, decimals, point = strings.Cut(s, "."); !point && sep != "," {
			whole, decimals, point = strings.Cut(s, ",")
		}
		parts := strings.Split(whole, sep)
		if len(parts) < 2 || point && !digits(decimals) || !digits(parts[0]) || len(parts[0]) > 3 ||
			slices.ContainsFunc(parts[1:], func(p string) bool { return len(p) != 3 || !digits(p) }) {
			continue
		}
		n, err := strconv.ParseFloat(strings.Join(parts, "")+"."+decimals+"0", 64)
		return sign * n, err == nil && !math.IsInf(n, 0)
	}
	if whole, decimals, comma := strings.Cut(s, ","); comma && digits(whole) && digits(decimals) {
		s = whole + "." + decimals
	}
	if strings.Trim(s, "0123456789.") != "" || !strings.ContainsAny(s, "0123456789") {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return sign * n, err == nil && !math.IsInf(n, 0)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// refusedAttributes cannot be criteria: they are made by what becomes of a lead or a customer, and would prove themselves.
var refusedAttributes = []string{"score", "lead score", "stage", "deal stage", "lifecycle stage", "status", "lead status", "outcome",
	"customer since", "rating", "verdict", "reason", "lost reason", "amount", "won", "lost", "won date", "close date", "closed at"}

// Refused reports whether an attribute cannot be a criterion, whatever its spelling.
func Refused(attribute string) bool {
	return slices.Contains(refusedAttributes, FoldAttribute(attribute))
}

// CriterionFault is what is wrong with a criterion by itself: the key in the document, and a sentence. Both are "" where nothing is.
func (c Criterion) CriterionFault() (key, text string) {
	name := FoldAttribute(c.Attribute)
	switch {
	case name == "":
		return "attribute", "is missing: the name of a column that was imported with leads or accounts"
	case Refused(name):
		return "attribute", fmt.Sprintf("%q cannot be a criterion: it follows from what became of a lead, and would prove itself", c.Attribute)
	case c.Test == TestRange && c.Low > c.High:
		return "range", "begins above its end"
	case c.Test == TestRange && math.IsInf(c.Low, -1) && math.IsInf(c.High, 1):
		return "range", "is open at both ends, which every number meets: use exists: true"
	case c.Points < 0:
		return "points", "must not be below 0: what speaks against somebody is an exclude, or another criterion's points missed"
	case c.Exclude && c.Points != 0:
		return "points", "an exclusion carries no points"
	case c.Exclude && c.Must:
		return "must", "a criterion is a must or an exclusion, not both"
	case !c.Exclude && !c.Must && c.Points == 0:
		return "points", "is missing: how much the criterion counts, unless it is a must or an exclude"
	}
	return "", ""
}

// Attribute is what a lead says of an attribute by a profile's name for it: a field of ours, else what was imported with it; "" for
// nothing. Of two spellings of one name the first in the alphabet that says something is taken.
func (l Lead) Attribute(name string) string { return l.AttributeAt(name, nil, time.Time{}) }

// Changed is what a lead said of an attribute until a moment.
type Changed struct {
	Attribute, Value string
	Until            time.Time
}

// AttributeAt is what a lead said of an attribute at a moment, of which changes tell what it said before.
func (l Lead) AttributeAt(name string, changes []Changed, at time.Time) string {
	folded := FoldAttribute(name)
	then := func(as, now string) string {
		var next time.Time
		for _, c := range changes {
			if c.Attribute == as && c.Until.After(at) && (next.IsZero() || c.Until.Before(next)) {
				now, next = c.Value, c.Until
			}
		}
		return strings.TrimSpace(now)
	}
	field, is := "", true
	switch folded {
	case "segment":
		field = l.Segment
	case "product":
		field = l.Product
	case "source":
		field = l.Source
	case "campaign":
		field = l.Campaign
	case "company":
		field = l.Company
	default:
		is = false
	}
	if is {
		if own := then(folded, field); own != "" {
			return own
		}
	}
	found, of := "", ""
	for key, value := range l.Attrs {
		if FoldAttribute(key) == folded && (of == "" || key < of) {
			if v := then(key, value); v != "" {
				found, of = v, key
			}
		}
	}
	return found
}

// String is the criterion in a line: "segment is pharma or core facility: 40 points".
func (c Criterion) String() string { return c.condition() + ": " + c.Worth() }

// Asked is what a criterion asks of its attribute: "is pharma or core facility".
func (c Criterion) Asked() string {
	number := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	switch c.Test {
	case TestExists:
		return map[bool]string{true: "is known", false: "is empty"}[c.Wanted]
	case TestRange:
		switch {
		case math.IsInf(c.Low, -1):
			return "up to " + number(c.High)
		case math.IsInf(c.High, 1):
			return "from " + number(c.Low)
		}
		return "from " + number(c.Low) + " to " + number(c.High)
	case TestContains:
		return "has " + strings.Join(c.Texts, " or ") + " in it"
	}
	return "is " + strings.Join(c.Texts, " or ")
}

// Worth is what a criterion counts: "40 points, a must".
func (c Criterion) Worth() string {
	switch {
	case c.Exclude:
		return "excluded"
	case c.Must && c.Points == 0:
		return "a must"
	case c.Must:
		return fmt.Sprintf("%d points, a must", c.Points)
	}
	return fmt.Sprintf("%d points", c.Points)
}
