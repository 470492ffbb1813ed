package ideal

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// Replay is what a profile would have said of the leads that qualified in [From, To), by what was known of them KnownWithin business
// days after hand-off, and what became of them by AsOf.
type Replay struct {
	Profile        truce.Profile
	From, To, AsOf time.Time
	Leads          int
	KnownLater     int // leads that only later knowledge decides: in no row
	Rows           [3]Row
	Against        *Against // the profile in force; nil where none is
	Refused        []string // accounts with a deal won in the period whose newest lead is outside, by id or folded name
	RefusedNames   []string // the same as people call them, in the same order
}

// Row is the leads of one fit.
type Row struct {
	Fit                 truce.ICPFit
	Leads               int
	Won, Lost, SentBack int
	Revenue             map[string]int64 // minor units by currency
	Repeat              stats.Proportion // accounts that bought again, of those won long enough ago
	Known, Asked        int              // of attributes of the leads won and lost: how many were known
}

// WinRate is won of closed.
func (r Row) WinRate() stats.Proportion { return stats.Proportion{K: r.Won, N: r.Won + r.Lost} }

// LeadToWin is won of all leads.
func (r Row) LeadToWin() stats.Proportion { return stats.Proportion{K: r.Won, N: r.Leads} }

// Back is rejected or recycled, of all leads.
func (r Row) Back() stats.Proportion { return stats.Proportion{K: r.SentBack, N: r.Leads} }

// Share is the row's leads of all whose fit is not known only later.
func (r Replay) Share(row Row) stats.Proportion {
	return stats.Proportion{K: row.Leads, N: r.Leads - r.KnownLater}
}

// Against is how many leads change their fit against the profile in force.
type Against struct {
	BecameInside, BecameOutside int
	InsideBefore                int // leads inside under the profile in force
	AddedBack                   int // of those that became inside: rejected or recycled
	Refused                     int // customers that the one in force refuses, counted as Replay.Refused
}

// Fits are the rows of a replay, in their order.
var Fits = [3]truce.ICPFit{truce.InsideICP, truce.OutsideICP, truce.UnknownICP}

// newest is the newest lead of something, so far.
type newest struct {
	at    time.Time
	id    string
	fit   truce.ICPFit
	later bool // it is in no row
	in    bool // it qualified in the period

	refused bool // by the profile in force
}

func (n *newest) take(m newest) {
	if n.id == "" || cmp.Or(m.at.Compare(n.at), cmp.Compare(m.id, n.id)) > 0 {
		*n = m
	}
}

// replaying is a replay under way.
type replaying struct {
	*Judge
	Replay
	by, before     *fits // the profile, and the one in force; nil where none is
	won            []sale
	bought         map[string][]truce.Sale
	orders         map[string][]truce.Order
	named          map[string][]int   // sales by the lead they name
	loose          map[string][]int   // and by the account, where they name none
	of             []newest           // the lead that a sale is counted with
	ever, inPeriod map[string]*newest // of customers: of all their leads, and of those of the period
	names          map[string]string  // what leads call customers
}

// Replay computes a replay of a profile against the one in force, nil where none is. Leads are streamed: memory grows with
// accounts, deals and orders.
func (j *Judge) Replay(tx *storage.Tx, p truce.Profile, inForce *truce.Profile, from, to, asOf time.Time) (Replay, error) {
	r := replaying{Judge: j, Replay: Replay{Profile: p, From: from, To: to, AsOf: asOf}, by: newFits(p), named: map[string][]int{},
		loose: map[string][]int{}, ever: map[string]*newest{}, inPeriod: map[string]*newest{}, names: map[string]string{}}
	for i, fit := range Fits {
		r.Rows[i] = Row{Fit: fit, Revenue: map[string]int64{}}
	}
	if inForce != nil {
		r.Against, r.before = &Against{}, newFits(*inForce)
	}
	if err := RefusePeople(tx, p, asOf); err != nil {
		return r.Replay, err
	}
	if err := j.read(tx); err != nil {
		return r.Replay, err
	}
	var err error
	if r.won, err = j.sales(tx, truce.Won, asOf); err != nil {
		return r.Replay, err
	}
	if r.bought, r.orders, err = j.books(tx, r.won, asOf); err != nil {
		return r.Replay, err
	}
	r.of = make([]newest, len(r.won))
	for i, s := range r.won {
		switch {
		case s.named != "":
			r.named[s.named] = append(r.named[s.named], i)
		case s.unit != "":
			r.loose[s.unit] = append(r.loose[s.unit], i)
		}
	}
	if err := tx.EachLeadKnown(time.UnixMilli(0), asOf.Add(time.Millisecond), r.take); err != nil {
		return r.Replay, err
	}
	r.sum()
	return r.Replay, nil
}

// take counts a lead where it belongs, and keeps it for the sales and the customer it may be the newest lead of.
func (r *replaying) take(l *storage.LeadKnown) error {
	in := !l.Lead.MQLAt.Before(r.From) && l.Lead.MQLAt.Before(r.To)
	unit := r.unitOf(l.Lead)
	customer := unit != "" && (len(r.bought[unit]) > 0 || len(r.orders[unit]) > 0)
	if !in && !customer && len(r.named[l.Lead.ID]) == 0 {
		return nil
	}
	account := r.accounts[unit]
	then := r.attribute(l, account, r.counts(l, unit, r.AsOf))
	n := newest{at: l.Lead.MQLAt, id: l.Lead.ID, in: in, fit: r.by.of(then)}
	n.refused = r.before != nil && r.before.of(then) == truce.OutsideICP
	n.later = n.fit == truce.UnknownICP && r.by.of(r.attribute(l, account, r.AsOf)) != truce.UnknownICP
	if customer {
		if l.Lead.Company != "" {
			r.names[unit] = l.Lead.Company
		}
		at(r.ever, unit).take(n)
		if in {
			at(r.inPeriod, unit).take(n)
		}
	}
	for _, i := range r.named[l.Lead.ID] {
		r.of[i] = n
	}
	for _, i := range r.loose[unit] {
		if !n.at.After(r.won[i].At) {
			r.of[i].take(n)
		}
	}
	if !in {
		return nil
	}
	if r.Leads++; n.later {
		r.KnownLater++
		return nil
	}
	r.count(n.fit, l.Facts(r.AsOf), then)
	return nil
}

// count adds a lead of the period to the row of its fit, and to what changes against the profile in force.
func (r *replaying) count(fit truce.ICPFit, facts truce.Facts, known func(string) string) {
	row := r.row(fit)
	row.Leads++
	back := facts.State == truce.Rejected || facts.State == truce.Recycled
	switch {
	case facts.Wins():
		row.Won++
	case facts.State == truce.Lost && !facts.Joined:
		row.Lost++
	case back:
		row.SentBack++
	}
	if facts.State == truce.Won || facts.State == truce.Lost {
		for _, name := range r.by.names {
			if row.Asked++; known(name) != "" {
				row.Known++
			}
		}
	}
	if r.before == nil {
		return
	}
	was := r.before.of(known)
	if was == truce.InsideICP {
		r.Against.InsideBefore++
	}
	switch {
	case fit == truce.InsideICP && was != truce.InsideICP:
		if r.Against.BecameInside++; back {
			r.Against.AddedBack++
		}
	case fit == truce.OutsideICP && was != truce.OutsideICP:
		r.Against.BecameOutside++
	}
}

// sum adds the money, who bought again, and the customers that the profile would have refused.
func (r *replaying) sum() {
	refused, before := map[string]bool{}, map[string]bool{}
	for i, s := range r.won {
		if n := r.of[i]; n.in && !n.later && s.Paid {
			r.row(n.fit).Revenue[s.Amount.Currency] += s.Amount.Amount
		}
		if n := r.ever[s.unit]; n != nil && !s.At.Before(r.From) && s.At.Before(r.To) {
			if n.fit == truce.OutsideICP {
				refused[shown(s.unit)] = true
			}
			if n.refused {
				before[shown(s.unit)] = true
			}
		}
	}
	for unit, n := range r.inPeriod {
		if n.later {
			continue
		}
		if again, counts := truce.Repeats(r.bought[unit], r.orders[unit], time.Time{}, r.AsOf); counts {
			row := r.row(n.fit)
			if row.Repeat.N++; again {
				row.Repeat.K++
			}
		}
	}
	r.Refused = slices.Sorted(maps.Keys(refused))
	if r.Against != nil {
		r.Against.Refused = len(before)
	}
	for _, id := range r.Refused {
		name := cmp.Or(r.names[unnamed+id], id)
		if a := r.accounts[id]; a != nil {
			name = cmp.Or(a.Name, name)
		}
		r.RefusedNames = append(r.RefusedNames, name)
	}
}

func (r *Replay) row(fit truce.ICPFit) *Row { return &r.Rows[slices.Index(Fits[:], fit)] }

func at(m map[string]*newest, key string) *newest {
	if m[key] == nil {
		m[key] = &newest{}
	}
	return m[key]
}
