package ideal

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// Evidence is what speaks for attribute values as criteria, at AsOf: accounts that bought and bought again (yes), that bought once or were
// lost (no), in an older half, which makes the guess, and a newer one, which checks it. Nothing is taken by itself.
type Evidence struct {
	AsOf   time.Time
	Values []ValueEvidence // by attribute and value
	People []string        // attributes left out because they name people
	Unsure []string        // attributes left out until an admin says that they do not
}

// ValueEvidence is the evidence for one value of an attribute: accounts with it against accounts with another known one.
type ValueEvidence struct {
	Attribute, Value string
	Older, Newer     Half
	Verdict          HalfVerdict
	Within           string // another attribute: what held up is not so among accounts that are alike in it; "" where it is
}

// Half is one half of the accounts.
type Half struct {
	With, Without stats.Proportion // yes of those with the value, and of the others of which the attribute is known
	Tested        bool             // both sides have accounts
	Difference    float64
	Interval      stats.Interval // Newcombe's
	P, Q          float64        // Fisher's exact test; Benjamini-Hochberg over all tests of the half
}

// HalfVerdict is what the newer half says of what the older one guessed.
type HalfVerdict string

// The verdicts.
const (
	HeldUp      HalfVerdict = "held up"
	DidNotHold  HalfVerdict = "did not hold up"
	TooFewTell  HalfVerdict = "too few to tell"
	NotClear    HalfVerdict = "not clear"
	minEvidence             = 20   // accounts on each side of the newer half
	maxWithinP              = 0.05 // what held up must show among accounts alike in another attribute, too
	maxQ                    = 0.10 // the largest share of false alarms among what held up
)

// customer is an account that says yes or no.
type customer struct {
	unit  string
	close time.Time
	yes   bool
	lead  newest // the newest one before the close, where no accounts were imported
	says  map[string]string
}

// Evidence computes the evidence of everything known at asOf.
func (j *Judge) Evidence(tx *storage.Tx, asOf time.Time) (Evidence, error) {
	e := Evidence{AsOf: asOf}
	if err := j.read(tx); err != nil {
		return e, err
	}
	people, err := e.leaveOut(tx)
	if err != nil {
		return e, err
	}
	won, err := j.sales(tx, truce.Won, asOf)
	if err != nil {
		return e, err
	}
	lost, err := j.sales(tx, truce.Lost, asOf)
	if err != nil {
		return e, err
	}
	bought, orders, err := j.books(tx, won, asOf)
	if err != nil {
		return e, err
	}
	all := map[string]*customer{}
	for unit, sales := range bought {
		first := slices.MinFunc(sales, func(a, b truce.Sale) int { return a.At.Compare(b.At) }).At
		if first.Add(truce.RepeatAge).After(asOf) {
			continue // too young to tell
		}
		again, _ := truce.Repeats(sales, orders[unit], time.Time{}, asOf)
		all[unit] = &customer{unit: unit, close: first, yes: again}
	}
	for _, s := range lost {
		if s.unit == "" || len(bought[s.unit]) > 0 {
			continue
		}
		if c := all[s.unit]; c == nil {
			all[s.unit] = &customer{unit: s.unit, close: s.At}
		} else if s.At.After(c.close) {
			c.close = s.At
		}
	}
	if len(j.accounts) == 0 { // what was imported with leads must do
		err = tx.EachLeadKnown(time.UnixMilli(0), asOf.Add(time.Millisecond), func(l *storage.LeadKnown) error {
			c := all[j.unitOf(l.Lead)]
			if c == nil || l.Lead.MQLAt.After(c.close) {
				return nil
			}
			if n := (newest{at: l.Lead.MQLAt, id: l.Lead.ID}); c.lead.id == "" || cmp.Or(n.at.Compare(c.lead.at), cmp.Compare(n.id, c.lead.id)) > 0 {
				c.lead, c.says = n, l.Says(c.close)
			}
			return nil
		})
		if err != nil {
			return e, err
		}
	}
	list := make([]*customer, 0, len(all))
	for unit, c := range all {
		if a := j.accounts[unit]; a != nil {
			c.says = map[string]string{}
			for _, k := range a.Values {
				if v := a.Attribute(k.Attribute, c.close); v != "" {
					c.says[k.Attribute] = v
				}
			}
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *customer) int { return cmp.Or(a.close.Compare(b.close), cmp.Compare(a.unit, b.unit)) })
	e.Values = weigh(list, people)
	return e, nil
}

// leaveOut finds the attributes that hold people, or of which that cannot be told: evidence by them would be a table of people. They are
// returned as names are compared.
func (e *Evidence) leaveOut(tx *storage.Tx) (map[string]bool, error) {
	accounts, err := tx.AccountColumns()
	if err != nil {
		return nil, err
	}
	leads, err := tx.LeadColumns(time.UnixMilli(0), e.AsOf.Add(time.Millisecond), sampledLeads)
	if err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, columns := range [][]truce.Column{accounts, leads} {
		verdicts, err := tx.JudgeColumns(columns...)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			of := &e.Unsure
			switch verdicts[c.Name] {
			case truce.PlainColumn:
				continue
			case truce.PeopleColumn:
				of = &e.People
			}
			if name := truce.FoldAttribute(c.Name); !left[name] {
				left[name], *of = true, append(*of, c.Name)
			}
		}
	}
	return left, nil
}

// RefusePeople refuses a profile that asks of people: by an attribute that names them, or that may until an admin has said otherwise.
func RefusePeople(tx *storage.Tx, p truce.Profile, asOf time.Time) error {
	e := Evidence{AsOf: asOf}
	left, err := e.leaveOut(tx)
	if err != nil {
		return err
	}
	for _, c := range p.Criteria {
		switch name := truce.FoldAttribute(c.Attribute); {
		case !left[name]:
		case slices.ContainsFunc(e.People, func(s string) bool { return truce.FoldAttribute(s) == name }):
			return truce.Errorf(truce.Invalid, "%q names people, so it cannot be a criterion: a profile is of companies.", c.Attribute)
		default:
			return truce.Errorf(truce.Invalid, "Whether %q names people cannot be told from its values, so it cannot be a criterion yet. An admin "+
				"says once whether it does: /digest leads by %s in a chat.", c.Attribute, c.Attribute)
		}
	}
	return nil
}

// sampledLeads are looked at for the attributes there are.
const sampledLeads = 2000

type attributeValue struct{ attribute, value string }

// weigh splits the accounts at the median close (the older half holds it) and tests every value in both halves.
func weigh(list []*customer, people map[string]bool) []ValueEvidence {
	if len(list) == 0 {
		return nil
	}
	closes := make([]float64, len(list))
	for i, c := range list {
		closes[i] = float64(c.close.UnixMilli())
	}
	median, _ := stats.Median(closes)
	type key = attributeValue
	spelled := map[key]key{}
	with, known := map[key]*[2]stats.Proportion{}, map[string]*[2]stats.Proportion{}
	for i, c := range list {
		half := 0
		if closes[i] > median {
			half = 1
		}
		done := map[string]bool{}
		names := make([]string, 0, len(c.says))
		for name := range c.says {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			attribute := truce.FoldAttribute(name)
			if done[attribute] || truce.Refused(name) || people[attribute] {
				continue
			}
			done[attribute] = true
			k := key{attribute, truce.FoldText(c.says[name])}
			if old, ok := spelled[k]; !ok || cmp.Or(cmp.Compare(name, old.attribute), cmp.Compare(c.says[name], old.value)) < 0 {
				spelled[k] = key{name, c.says[name]}
			}
			if with[k] == nil {
				with[k] = &[2]stats.Proportion{}
			}
			if known[attribute] == nil {
				known[attribute] = &[2]stats.Proportion{}
			}
			for _, p := range []*stats.Proportion{&with[k][half], &known[attribute][half]} {
				if p.N++; c.yes {
					p.K++
				}
			}
		}
	}
	keys := make([]key, 0, len(with))
	for k := range with {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.attribute, b.attribute), cmp.Compare(a.value, b.value))
	})
	values := make([]ValueEvidence, len(keys))
	for half := range 2 {
		var tested []*Half
		var ps []float64
		for i, k := range keys {
			values[i].Attribute, values[i].Value = spelled[k].attribute, spelled[k].value
			h := Half{With: with[k][half], Without: known[k.attribute][half].Minus(with[k][half])}
			if h.Tested = h.With.N > 0 && h.Without.N > 0; h.Tested {
				h.Difference, h.Interval, h.P = h.With.Rate()-h.Without.Rate(), stats.Newcombe(h.With, h.Without), stats.FisherP(h.With, h.Without)
			}
			to := &values[i].Older
			if half == 1 {
				to = &values[i].Newer
			}
			if *to = h; h.Tested {
				tested, ps = append(tested, to), append(ps, h.P)
			}
		}
		for i, q := range stats.BenjaminiHochberg(ps) {
			tested[i].Q = q
		}
	}
	for i, k := range keys {
		v := &values[i]
		if v.Verdict = verdict(v.Older, v.Newer); v.Verdict == HeldUp {
			v.Within = within(list, closes, median, spelled[k], v.Newer.Difference > 0, people)
		}
	}
	return values
}

// within finds an attribute that explains what held up for a value: among accounts that are alike in it, of the same half, those with the
// value do not buy again more often (or less, as it held up) by the Cochran-Mantel-Haenszel test. Size may seem to matter where all the
// large ones are of the segment that buys again (Simpson, JRSS B 1951;13:238-241). An attribute in which the two groups hardly meet cannot
// tell: fewer than half of the accounts are then beside others.
func within(list []*customer, closes []float64, median float64, of attributeValue, more bool, people map[string]bool) string {
	name, value := truce.FoldAttribute(of.attribute), truce.FoldText(of.value)
	type stratum struct {
		is    string
		newer int
	}
	others := map[string]map[stratum]*stats.Stratum{}
	said := make([]map[string]string, len(list)) // by names as they are compared
	spelled := map[string]string{}
	for i, c := range list {
		said[i] = map[string]string{}
		for _, n := range slices.Sorted(maps.Keys(c.says)) {
			other := truce.FoldAttribute(n)
			if _, ok := said[i][other]; ok || truce.Refused(n) || people[other] {
				continue
			}
			said[i][other] = truce.FoldText(c.says[n])
			if other != name && (spelled[other] == "" || n < spelled[other]) {
				spelled[other], others[other] = n, map[stratum]*stats.Stratum{}
			}
		}
	}
	known := 0
	for i, c := range list {
		is, ok := said[i][name]
		if !ok {
			continue
		}
		known++
		for other, strata := range others {
			at := stratum{said[i][other], 0}
			if closes[i] > median {
				at.newer = 1
			}
			if strata[at] == nil {
				strata[at] = &stats.Stratum{}
			}
			p := &strata[at].Unexposed
			if is == value {
				p = &strata[at].Exposed
			}
			if p.N++; c.yes {
				p.K++
			}
		}
	}
	for _, other := range slices.Sorted(maps.Keys(others)) {
		var tables []stats.Stratum
		for _, at := range slices.SortedFunc(maps.Keys(others[other]), func(a, b stratum) int {
			return cmp.Or(cmp.Compare(a.is, b.is), cmp.Compare(a.newer, b.newer))
		}) { // in one order, so that sums are the same each time
			tables = append(tables, *others[other][at])
		}
		s, ok := stats.MantelHaenszel(tables)
		if ok && 2*(s.Exposed.N+s.Unexposed.N) >= known && (s.P > maxWithinP || more != (s.Difference > 0)) {
			return spelled[other]
		}
	}
	return ""
}

// verdict is what the newer half says. Small numbers say nothing, whatever they are.
func verdict(older, newer Half) HalfVerdict {
	switch {
	case newer.With.N < minEvidence || newer.Without.N < minEvidence || !older.Tested:
		return TooFewTell
	case newer.Q <= maxQ && newer.Difference != 0 && math.Signbit(newer.Difference) == math.Signbit(older.Difference) && older.Difference != 0:
		return HeldUp
	case older.Difference < newer.Interval.Low || older.Difference > newer.Interval.High:
		return DidNotHold
	}
	return NotClear
}
