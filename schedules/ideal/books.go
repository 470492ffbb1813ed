package ideal

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// Desk answers what the chat asks of profiles. It is a value, to be used by many at once: each question has a Judge of its own.
type Desk struct {
	Calendar truce.Calendar
	Shared   []string // domains that many companies share
}

func (d Desk) judge() *Judge { return &Judge{Calendar: d.Calendar, Shared: d.Shared} }

// Effect is Judge.Effect.
func (d Desk) Effect(tx *storage.Tx, p truce.Profile, inForce *truce.Profile, at time.Time) (string, error) {
	return d.judge().Effect(tx, p, inForce, at)
}

// Told says in a line what the books tell of the attributes of accounts.
func (d Desk) Told(tx *storage.Tx, at time.Time) (string, error) {
	e, err := d.judge().Evidence(tx, at)
	if err != nil {
		return "", err
	}
	if len(e.Values) == 0 {
		return "What the books say: nothing can be told yet. It takes accounts with their attributes, and customers won at least 180 days ago.",
			nil
	}
	by := map[HalfVerdict][]string{}
	var explained []string
	for _, v := range e.Values {
		how := map[bool]string{true: "more often", false: "less often"}[v.Newer.Difference > 0]
		said := v.Attribute + " = " + v.Value + " (" + how + ")"
		if v.Within != "" {
			explained = append(explained, said+" not among accounts alike in "+v.Within)
			continue
		}
		by[v.Verdict] = append(by[v.Verdict], said)
	}
	s := fmt.Sprintf("What the books say of %d attribute values, by how many bought again, the older half of accounts checked by the newer: ",
		len(e.Values))
	if len(by[HeldUp]) == 0 {
		s += "none held up"
	} else {
		s += some(by[HeldUp]) + " held up"
	}
	if len(explained) > 0 {
		s += "; " + some(explained)
	}
	return s + fmt.Sprintf(", %d did not, %d are not clear, of %d too few accounts tell.", len(by[DidNotHold]), len(by[NotClear]),
		len(by[TooFewTell])), nil
}

// some are the first of a list, and how many more there are.
func some(list []string) string {
	const most = 3
	s := strings.Join(list[:min(len(list), most)], ", ")
	if len(list) > most {
		s += fmt.Sprintf(" and %d more", len(list)-most)
	}
	return s
}

// Controls are n customers, drawn by a lot from those that have bought by a moment, without some of them (by folded names).
func (d Desk) Controls(tx *storage.Tx, n int, without []string, seed uint64, at time.Time) ([]truce.Booked, error) {
	j := d.judge()
	all, err := j.customers(tx, at, false)
	if err != nil {
		return nil, err
	}
	list := make([]truce.Booked, 0, len(all))
	for _, b := range all {
		if b.Won > 0 && !slices.Contains(without, b.Key) {
			list = append(list, b.Booked)
		}
	}
	slices.SortFunc(list, func(a, b truce.Booked) int { return cmp.Compare(a.Key, b.Key) })
	r := rand.New(rand.NewPCG(seed, uint64(len(list))))
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	list = list[:min(n, len(list))]
	slices.SortFunc(list, func(a, b truce.Booked) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// Books are what is known of companies at a moment, by their folded names; those that nobody knows are not in it.
func (d Desk) Books(tx *storage.Tx, keys []string, at time.Time) (map[string]truce.Booked, error) {
	j := d.judge()
	all, err := j.customers(tx, at, true)
	if err != nil {
		return nil, err
	}
	m := map[string]truce.Booked{}
	for _, key := range keys {
		unit, _ := truce.MatchAccount(key, "", "", nil, func(by truce.AccountKey, k string) ([]string, error) { return j.keys[by][k], nil })
		if unit == "" {
			unit = unnamed + key
		}
		if b := all[unit]; b != nil {
			m[key] = b.Booked
		} else if a := j.accounts[unit]; a != nil {
			m[key] = truce.Booked{Key: key, Name: a.Name, Values: said(a, at)}
		}
	}
	return m, nil
}

type booked struct {
	truce.Booked
	paid map[string]int64
}

// said is what was known of an account at a moment, by attribute.
func said(a *truce.Account, at time.Time) map[string]string {
	m := map[string]string{}
	for _, k := range a.Values {
		if v := a.Attribute(k.Attribute, at); v != "" {
			m[k.Attribute] = v
		}
	}
	return m
}

// customers are all companies with a deal that was won or lost or an order, by unit, as known at a moment; withLeads counts the leads that
// were sent back, and takes what the newest lead says where no account was imported: it reads all leads.
func (j *Judge) customers(tx *storage.Tx, at time.Time, withLeads bool) (map[string]*booked, error) {
	if err := j.read(tx); err != nil {
		return nil, err
	}
	won, err := j.sales(tx, truce.Won, at)
	if err != nil {
		return nil, err
	}
	lost, err := j.sales(tx, truce.Lost, at)
	if err != nil {
		return nil, err
	}
	bought, orders, err := j.books(tx, won, at)
	if err != nil {
		return nil, err
	}
	all := map[string]*booked{}
	of := func(unit string) *booked {
		b := all[unit]
		if b == nil {
			b = &booked{paid: map[string]int64{}}
			if a := j.accounts[unit]; a != nil {
				b.Name, b.Values = a.Name, said(a, at)
			} else {
				b.Name = shown(unit)
			}
			b.Key = truce.FoldAccount(b.Name)
			all[unit] = b
		}
		return b
	}
	for unit, sales := range bought {
		b := of(unit)
		first := slices.MinFunc(sales, func(a, b truce.Sale) int { return a.At.Compare(b.At) }).At
		last := slices.MaxFunc(sales, func(a, b truce.Sale) int { return a.At.Compare(b.At) }).At
		b.Won = len(sales)
		for _, s := range sales {
			if s.Paid {
				b.paid[s.Amount.Currency] += s.Amount.Amount
			}
		}
		for _, o := range truce.Reorders(sales, orders[unit]) {
			if b.Orders++; o.At.After(last) {
				last = o.At
			}
			b.paid[o.Amount.Currency] += o.Amount.Amount
		}
		b.Months = int(last.Sub(first).Hours() / 24 / 30.44)
	}
	for _, s := range lost {
		if s.unit != "" {
			of(s.unit).Lost++
		}
	}
	top(all)
	if !withLeads {
		return all, nil
	}
	newestOf := map[string]time.Time{}
	err = tx.EachLeadKnown(time.UnixMilli(0), at.Add(time.Millisecond), func(l *storage.LeadKnown) error {
		unit := j.unitOf(l.Lead)
		if unit == "" {
			return nil
		}
		facts := l.Facts(at)
		back := facts.State == truce.Rejected || facts.State == truce.Recycled
		b := all[unit]
		if b == nil && !back {
			return nil
		}
		if b = of(unit); back {
			b.SentBack++
		}
		if j.accounts[unit] == nil && !l.Lead.MQLAt.Before(newestOf[unit]) {
			newestOf[unit], b.Values = l.Lead.MQLAt, l.Says(at)
			b.Name = cmp.Or(l.Lead.Company, b.Name)
		}
		return nil
	})
	return all, err
}

// top marks the fifth of customers that paid most, in the currency most of them paid in.
func top(all map[string]*booked) {
	count := map[string]int{}
	for _, b := range all {
		for c := range b.paid {
			count[c]++
		}
	}
	currency := ""
	for c, n := range count {
		if currency == "" || cmp.Or(cmp.Compare(n, count[currency]), cmp.Compare(currency, c)) > 0 {
			currency = c
		}
	}
	var sums []int64
	for _, b := range all {
		if b.paid[currency] > 0 {
			sums = append(sums, b.paid[currency])
		}
	}
	if len(sums) < stats.MinRate {
		return
	}
	slices.SortFunc(sums, func(a, b int64) int { return cmp.Compare(b, a) })
	least := sums[(len(sums)-1)/5]
	for _, b := range all {
		b.Top = b.paid[currency] >= least
	}
}
