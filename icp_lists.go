package truce

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// This file is the two lists: each side names its best customers and its dead weight, unseen by the other side until both are there.

// The bounds of two lists.
const (
	ListLength  = 10  // customers of each kind
	ListDays    = 5   // business days, after which they are open also where one is missing
	ListPickers = 2   // people of a side, where it has them
	ExceptDays  = 90  // calendar days for which a lead is a declared exception
	maxPickLine = 250 // characters of a customer and why
)

// Pick is a customer on a person's list, and why.
type Pick struct {
	Account, Reason string
}

// Key is what makes two picks one customer.
func (p Pick) Key() string { return FoldAccount(p.Account) }

// PickList is what one person of a side sent.
type PickList struct {
	PersonID   string
	Side       Side
	Best, Dead []Pick
	At         time.Time
}

// ListRound is a round of two lists.
type ListRound struct {
	ID        string // B-1
	StartedBy string
	StartedAt time.Time
	DueAt     time.Time // open from then on
	OpenedAt  time.Time // zero is not yet
	Control   []string  // folded names of customers drawn by a lot
	Lists     []PickList
}

// Of is what a person sent; nil is nothing yet.
func (r ListRound) Of(person string) *PickList {
	for i := range r.Lists {
		if r.Lists[i].PersonID == person {
			return &r.Lists[i]
		}
	}
	return nil
}

// Sent is how many people of a side sent theirs.
func (r ListRound) Sent(s Side) (n int) {
	for _, l := range r.Lists {
		if l.Side == s {
			n++
		}
	}
	return n
}

// Complete reports whether each side has sent: two people of it, or all it has. has is how many people each side has.
func (r ListRound) Complete(has map[Side]int) bool {
	for _, s := range []Side{Sales, Marketing} {
		if n := r.Sent(s); n == 0 || n < min(ListPickers, has[s]) {
			return false
		}
	}
	return true
}

// ParsePicks reads customers as people write them, one a line: "Northfield Labs: reorders every quarter".
func ParsePicks(text string) (list []Pick, err error) {
	seen := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "-•*"))
		if line == "" {
			continue
		}
		if len([]rune(line)) > maxPickLine {
			return nil, Errorf(Invalid, "%q is long: a customer and why, in one line.", string([]rune(line)[:40])+"…")
		}
		account, reason, _ := strings.Cut(line, ":")
		p := Pick{strings.TrimSpace(account), strings.TrimSpace(reason)}
		switch {
		case p.Key() == "":
			return nil, Errorf(Invalid, "%q names no customer.", line)
		case p.Reason == "":
			return nil, Errorf(Invalid, "Say why, after a colon: %s: reorders every quarter.", p.Account)
		case seen[p.Key()]:
			return nil, Errorf(Invalid, "%s is there twice.", p.Account)
		}
		seen[p.Key()] = true
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, Errorf(Invalid, "Name a customer, one a line, with why: Northfield Labs: reorders every quarter.")
	}
	if len(list) > ListLength {
		return nil, Errorf(Invalid, "That is %d: keep the %d that matter most.", len(list), ListLength)
	}
	return list, nil
}

// SideList is a side's list of one kind: of its people's lists whoever most of them named, then whoever stands higher, at most ListLength.
func (r ListRound) SideList(s Side, best bool) []Pick {
	type ranked struct {
		Pick
		votes, places int
	}
	var order []*ranked
	by := map[string]*ranked{}
	for _, l := range r.Lists {
		if l.Side != s {
			continue
		}
		picks := l.Dead
		if best {
			picks = l.Best
		}
		for place, p := range picks {
			e := by[p.Key()]
			if e == nil {
				e = &ranked{Pick: p}
				by[p.Key()], order = e, append(order, e)
			}
			e.votes, e.places = e.votes+1, e.places+place
		}
	}
	slices.SortStableFunc(order, func(a, b *ranked) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(a.places*b.votes, b.places*a.votes))
	})
	var list []Pick
	for _, e := range order[:min(len(order), ListLength)] {
		list = append(list, e.Pick)
	}
	return list
}

// Overlap is what two lists say together.
type Overlap struct {
	Of            int // the longer list's length
	Both          []Pick
	Only          map[Side][]Pick // best of this side alone
	Clash         map[Side][]Pick // best of this side, dead weight of the other; the reason is why the other would rather not
	DeadBoth      []Pick
	SalesReason   map[string]string // why, by the customer's key
	MarketReasons map[string]string
}

// Overlap holds the lists of both sides against each other.
func (r ListRound) Overlap() Overlap {
	o := Overlap{Only: map[Side][]Pick{}, Clash: map[Side][]Pick{}, SalesReason: map[string]string{}, MarketReasons: map[string]string{}}
	best, dead := map[Side][]Pick{}, map[Side][]Pick{}
	for _, s := range []Side{Sales, Marketing} {
		best[s], dead[s] = r.SideList(s, true), r.SideList(s, false)
		o.Of = max(o.Of, len(best[s]))
		reasons := o.SalesReason
		if s == Marketing {
			reasons = o.MarketReasons
		}
		for _, p := range append(slices.Clone(best[s]), dead[s]...) {
			reasons[p.Key()] = p.Reason
		}
	}
	find := func(list []Pick, p Pick) (Pick, bool) {
		i := slices.IndexFunc(list, func(q Pick) bool { return q.Key() == p.Key() })
		if i < 0 {
			return Pick{}, false
		}
		return list[i], true
	}
	for _, p := range best[Sales] {
		if _, ok := find(best[Marketing], p); ok {
			o.Both = append(o.Both, p)
		}
	}
	for _, p := range dead[Sales] {
		if _, ok := find(dead[Marketing], p); ok {
			o.DeadBoth = append(o.DeadBoth, p)
		}
	}
	for _, s := range []Side{Sales, Marketing} {
		for _, p := range best[s] {
			if _, ok := find(best[s.Other()], p); ok {
				continue
			}
			if q, ok := find(dead[s.Other()], p); ok {
				o.Clash[s] = append(o.Clash[s], Pick{p.Account, q.Reason})
				continue
			}
			o.Only[s] = append(o.Only[s], p)
		}
	}
	return o
}

// Booked is what the books say of a customer.
type Booked struct {
	Key, Name string // folded, and as it is written
	Won, Lost int    // deals
	Orders    int    // beside what paid for them
	Months    int    // from the first win to the last win or order
	Top       bool   // among the fifth of customers that paid most
	SentBack  int    // leads that Sales rejected or recycled
	Values    map[string]string
}

// Exception is a lead that is worked though it is outside the profile, because a manager said why.
type Exception struct {
	LeadID, Why, By string
	At, Until       time.Time
}

// MayExcept says why a person may not declare exceptions; nil is they may.
func MayExcept(by Person) error {
	if !by.Has(SalesManager, MarketingManager, Sponsor) {
		return Errorf(Forbidden, "A manager declares an exception. Tell yours why this lead is worth it.")
	}
	return nil
}

// Lot is the seed by which customers are drawn to stand beside the lists.
func (r ListRound) Lot() uint64 {
	h := fnv.New64a()
	h.Write([]byte(r.ID))
	return h.Sum64()
}

// Named are all customers on any list, by their folded names, sorted.
func (r ListRound) Named() (keys []string) {
	for _, l := range r.Lists {
		for _, p := range append(slices.Clone(l.Best), l.Dead...) {
			keys = append(keys, p.Key())
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Common is how often a value of an attribute is among best customers, dead weight and customers drawn by a lot. They are counts.
type Common struct {
	Attribute, Value          string
	Best, Dead, Control       int // with the value
	BestOf, DeadOf, ControlOf int // of which the attribute is known
}

// CommonValues are the values that most of the best customers share, the most frequent first, at most n.
func CommonValues(best, dead, control []string, books map[string]Booked, n int) []Common {
	type key struct{ attribute, value string }
	count := func(keys []string) (with map[key]int, known map[string]int, spelled map[key]key) {
		with, known, spelled = map[key]int{}, map[string]int{}, map[key]key{}
		for _, k := range keys {
			for name, v := range books[k].Values {
				if Refused(name) {
					continue
				}
				kv := key{FoldAttribute(name), FoldText(v)}
				with[kv]++
				known[kv.attribute]++
				spelled[kv] = key{name, v}
			}
		}
		return with, known, spelled
	}
	b, bn, spelled := count(best)
	d, dn, _ := count(dead)
	c, cn, _ := count(control)
	var list []Common
	for kv, k := range b {
		if k < 2 || 2*k < bn[kv.attribute] {
			continue
		}
		s := spelled[kv]
		list = append(list, Common{s.attribute, s.value, k, d[kv], c[kv], bn[kv.attribute], dn[kv.attribute], cn[kv.attribute]})
	}
	slices.SortFunc(list, func(x, y Common) int {
		return cmp.Or(cmp.Compare(y.Best, x.Best), cmp.Compare(x.Attribute, y.Attribute), cmp.Compare(x.Value, y.Value))
	})
	return list[:min(len(list), n)]
}
