package ideal

import (
	"cmp"
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
}

func (n *newest) take(m newest) {
	if n.id == "" || cmp.Or(m.at.Compare(n.at), cmp.Compare(m.id, n.id)) > 0 {
		*n = m
	}
}

// Replay computes a replay of a profile against the one in force, nil where none is. Leads are streamed: memory grows with accounts, deals and orders.
func (j *Judge) Replay(tx *storage.Tx, p truce.Profile, inForce *truce.Profile, from, to, asOf time.Time) (Replay, error) {
	r := Replay{Profile: p, From: from, To: to, AsOf: asOf}
	for i, fit := range Fits {
		r.Rows[i] = Row{Fit: fit, Revenue: map[string]int64{}}
	}
	if inForce != nil {
		r.Against = &Against{}
	}
	if err := RefusePeople(tx, p, asOf); err != nil {
		return r, err
	}
	if err := j.read(tx); err != nil {
		return r, err
	}
	won, err := j.sales(tx, truce.Won, asOf)
	if err != nil {
		return r, err
	}
	bought, orders, err := j.books(tx, won, asOf)
	if err != nil {
		return r, err
	}
	named := map[string][]int{} // sales by the lead they name
	loose := map[string][]int{} // and by the account, where they name none
	for i, s := range won {
		switch {
		case s.named != "":
			named[s.named] = append(named[s.named], i)
		case s.unit != "":
			loose[s.unit] = append(loose[s.unit], i)
		}
	}
	of := make([]newest, len(won))   // the lead that a sale is counted with
	ever := map[string]*newest{}     // of customers
	names := map[string]string{}     // what leads call them
	ofPeriod := map[string]*newest{} // of customers
	by, before := newFits(p), (*fits)(nil)
	if inForce != nil {
		before = newFits(*inForce)
	}
	end := asOf.Add(time.Millisecond)
	err = tx.EachLeadKnown(time.UnixMilli(0), end, func(l *storage.LeadKnown) error {
		in := !l.Lead.MQLAt.Before(from) && l.Lead.MQLAt.Before(to)
		unit := j.unitOf(l.Lead)
		customer := unit != "" && (len(bought[unit]) > 0 || len(orders[unit]) > 0)
		if !in && !customer && len(named[l.Lead.ID]) == 0 {
			return nil
		}
		account, then := j.accounts[unit], j.counts(l, unit, asOf)
		n := newest{at: l.Lead.MQLAt, id: l.Lead.ID, in: in, fit: by.of(j.attribute(l, account, then))}
		n.later = n.fit == truce.UnknownICP && by.of(j.attribute(l, account, asOf)) != truce.UnknownICP
		if customer {
			if l.Lead.Company != "" {
				names[unit] = l.Lead.Company
			}
			at(ever, unit).take(n)
			if in {
				at(ofPeriod, unit).take(n)
			}
		}
		for _, i := range named[l.Lead.ID] {
			of[i] = n
		}
		for _, i := range loose[unit] {
			if !n.at.After(won[i].At) {
				of[i].take(n)
			}
		}
		if !in {
			return nil
		}
		if r.Leads++; n.later {
			r.KnownLater++
			return nil
		}
		row := r.row(n.fit)
		row.Leads++
		facts := l.Facts(asOf)
		switch {
		case facts.Wins():
			row.Won++
		case facts.State == truce.Lost && !facts.Joined:
			row.Lost++
		case facts.State == truce.Rejected || facts.State == truce.Recycled:
			row.SentBack++
		}
		if facts.State == truce.Won || facts.State == truce.Lost {
			for _, name := range by.names {
				if row.Asked++; j.attribute(l, account, then)(name) != "" {
					row.Known++
				}
			}
		}
		if before != nil {
			was := before.of(j.attribute(l, account, then))
			if was == truce.InsideICP {
				r.Against.InsideBefore++
			}
			switch {
			case n.fit == truce.InsideICP && was != truce.InsideICP:
				if r.Against.BecameInside++; facts.State == truce.Rejected || facts.State == truce.Recycled {
					r.Against.AddedBack++
				}
			case n.fit == truce.OutsideICP && was != truce.OutsideICP:
				r.Against.BecameOutside++
			}
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	refused := map[string]bool{}
	for i, s := range won {
		if n := of[i]; n.in && !n.later && s.Paid {
			r.row(n.fit).Revenue[s.Amount.Currency] += s.Amount.Amount
		}
		if n := ever[s.unit]; n != nil && n.fit == truce.OutsideICP && !s.At.Before(from) && s.At.Before(to) {
			refused[shown(s.unit)] = true
		}
	}
	for unit, n := range ofPeriod {
		if n.later {
			continue
		}
		if again, counts := truce.Repeats(bought[unit], orders[unit], time.Time{}, asOf); counts {
			row := r.row(n.fit)
			if row.Repeat.N++; again {
				row.Repeat.K++
			}
		}
	}
	for id := range refused {
		r.Refused = append(r.Refused, id)
	}
	slices.Sort(r.Refused)
	for _, id := range r.Refused {
		name := cmp.Or(names[unnamed+id], id)
		if a := j.accounts[id]; a != nil {
			name = cmp.Or(a.Name, name)
		}
		r.RefusedNames = append(r.RefusedNames, name)
	}
	return r, nil
}

func (r *Replay) row(fit truce.ICPFit) *Row { return &r.Rows[slices.Index(Fits[:], fit)] }

func at(m map[string]*newest, key string) *newest {
	if m[key] == nil {
		m[key] = &newest{}
	}
	return m[key]
}
