// Package ideal computes what an ideal customer profile says of leads and accounts, what it would have said, and what speaks for
// its criteria. All of it is a pure function of what is stored, the profile and a moment.
package ideal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/storage"
)

// Judge holds leads against profiles, with what was known at a moment.
type Judge struct {
	Calendar truce.Calendar
	Shared   []string // domains that many companies share

	accounts map[string]*truce.Account
	changing map[string]bool        // accounts of which something became known later
	keys     [3]map[string][]string // by truce.AccountKey
	deals    map[string]deal
	account  map[string]bool // deals that name no lead, only an account
}

type deal struct{ unit, lead string }

// KnownWithin is the time after hand-off, in business days, in which what becomes known still counts for a lead.
const KnownWithin = 5

// read takes in all accounts, and the deals, each of which says whose it is. Memory grows with both, not with leads.
func (j *Judge) read(tx *storage.Tx) error {
	j.accounts, j.deals, j.changing = map[string]*truce.Account{}, map[string]deal{}, map[string]bool{}
	for i := range j.keys {
		j.keys[i] = map[string][]string{}
	}
	err := tx.EachAccount(func(a truce.Account) error {
		j.accounts[a.ID] = &a
		for _, k := range a.Values {
			if !k.At.IsZero() {
				j.changing[a.ID] = true
			}
		}
		for by, key := range [3]string{a.ID, truce.FoldAccount(a.Name), truce.FoldDomain(a.Domain)} {
			if key != "" {
				j.keys[by][key] = append(j.keys[by][key], a.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if j.account, err = tx.DealsByAccount(); err != nil {
		return err
	}
	return tx.EachDeal(time.UnixMilli(1<<60), func(d truce.Deal) error {
		j.deals[d.ID] = deal{j.unit(d.AccountName, d.Account, "", ""), d.LeadID}
		return nil
	})
}

// unit is whose something is: the account's id, else what stands for it, its folded name.
func (j *Judge) unit(told, folded, company, email string) string {
	if len(j.accounts) == 0 { // nothing can match
		if folded != "" {
			return unnamed + folded
		}
		return ""
	}
	id, _ := truce.MatchAccount(told, company, email, j.Shared,
		func(by truce.AccountKey, key string) ([]string, error) { return j.keys[by][key], nil })
	if id == "" && folded != "" {
		return unnamed + folded
	}
	return id
}

// unnamed begins what stands for an account that was never imported, so that no id can be the same.
const unnamed = "\x00"

// shown is a unit as it is told.
func shown(unit string) string { return strings.TrimPrefix(unit, unnamed) }

func (j *Judge) unitOf(l truce.Lead) string {
	return j.unit(l.AccountTold(), l.Account, l.Company, l.Email)
}

// attribute is what was known at a moment of an attribute of a lead: its own, else its account's.
func (j *Judge) attribute(l *storage.LeadKnown, a *truce.Account, at time.Time) func(string) string {
	return func(name string) string {
		if own := l.Lead.AttributeAt(name, l.Changes, at); own != "" || a == nil {
			return own
		}
		return a.Attribute(name, at)
	}
}

// counts is the moment up to which what becomes known counts for a lead, at asOf; asOf itself where nothing ever changed, which spares the
// calendar.
func (j *Judge) counts(l *storage.LeadKnown, unit string, asOf time.Time) time.Time {
	if len(l.Changes) == 0 && !j.changing[unit] {
		return asOf
	}
	return j.knownBy(l.Lead, asOf)
}

// knownBy is the moment up to which what becomes known counts for a lead, at asOf.
func (j *Judge) knownBy(l truce.Lead, asOf time.Time) time.Time {
	at, ok := j.Calendar.AddDays(l.HandedOver(), KnownWithin)
	if !ok || at.After(asOf) {
		return asOf
	}
	return at
}

// fits holds leads against one profile and remembers what it said of the same values before.
type fits struct {
	profile truce.Profile
	names   []string
	seen    map[string]truce.ICPFit
	key     []byte
	values  []string
}

func newFits(p truce.Profile) *fits {
	f := &fits{profile: p, seen: map[string]truce.ICPFit{}}
	for _, c := range p.Criteria {
		if !slices.Contains(f.names, c.Attribute) {
			f.names = append(f.names, c.Attribute)
		}
	}
	f.values = make([]string, len(f.names))
	return f
}

func (f *fits) of(value func(string) string) truce.ICPFit {
	const most = 10_000
	f.key = f.key[:0]
	for i, name := range f.names {
		f.values[i] = value(name)
		f.key = append(append(f.key, f.values[i]...), 0)
	}
	fit, known := f.seen[string(f.key)]
	if !known {
		fit = f.profile.Of(func(name string) string { return f.values[slices.Index(f.names, name)] }).Fit
		if len(f.seen) < most {
			f.seen[string(f.key)] = fit
		}
	}
	return fit
}

// sale is a won or lost deal with whose it is.
type sale struct {
	truce.Sale
	unit  string
	named string // the lead it names; "" where it names only an account
}

// sales are the deals of a status at asOf, each once, with whose they are: the account that the deal names, else that of its lead.
func (j *Judge) sales(tx *storage.Tx, status truce.Status, asOf time.Time) ([]sale, error) {
	list, err := tx.Closings(status, time.UnixMilli(0), asOf.Add(time.Millisecond), asOf)
	if err != nil {
		return nil, err
	}
	sales := make([]sale, len(list))
	var ask []string
	for i, s := range list {
		d, known := j.deals[s.DealID]
		sales[i] = sale{Sale: s, unit: d.unit}
		switch {
		case known && d.lead != "" && slices.Contains(s.LeadIDs, d.lead):
			sales[i].named = d.lead
		case len(s.LeadIDs) > 0 && !j.account[s.DealID]:
			sales[i].named = s.LeadIDs[0]
		}
		if sales[i].unit == "" && len(s.LeadIDs) > 0 {
			ask = append(ask, s.LeadIDs[0])
		}
	}
	units := map[string]string{}
	if err := tx.EachLeadOf(ask, func(l truce.Lead) error { units[l.ID] = j.unitOf(l); return nil }); err != nil {
		return nil, fmt.Errorf("find whose the deals are: %w", err)
	}
	for i, s := range sales {
		if s.unit == "" && len(s.LeadIDs) > 0 {
			sales[i].unit = units[s.LeadIDs[0]]
		}
	}
	return sales, nil
}

// books are what accounts bought, by unit.
func (j *Judge) books(tx *storage.Tx, won []sale, asOf time.Time) (sales map[string][]truce.Sale, orders map[string][]truce.Order,
	err error) {
	sales, orders = map[string][]truce.Sale{}, map[string][]truce.Order{}
	for _, s := range won {
		if s.unit != "" {
			sales[s.unit] = append(sales[s.unit], s.Sale)
		}
	}
	err = tx.EachOrder(asOf.Add(time.Millisecond), func(o truce.Order) error {
		if unit := j.unit(o.AccountName, o.Account, "", ""); unit != "" {
			orders[unit] = append(orders[unit], o)
		}
		return nil
	})
	return sales, orders, err
}
