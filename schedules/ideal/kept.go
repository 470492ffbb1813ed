package ideal

import (
	"time"

	"truce"
	"truce/storage"
)

// Kept is what counts of a lead's fit.
type Kept struct {
	Fit     truce.ICPFit // "" is nothing: not imported, where it came before version 1
	Waiting bool         // neither a verdict nor two business days have passed: it does not count yet
	Version int          // 0: it came before version 1, and the fit is what the CRM says
}

// EachKept calls fn for every lead that qualified in [from, to) with its fit, by the version in force at its hand-off and what was known by
// its first verdict or two business days later; a lead that came before version 1 has what the CRM says. versions are the newest first.
func (j *Judge) EachKept(tx *storage.Tx, versions []truce.ProfileVersion, from, to, asOf time.Time,
	fn func(*storage.LeadKnown, Kept) error) error {
	return j.eachKept(tx, versions, asOf, func(fn func(*storage.LeadKnown) error) error { return tx.EachLeadKnown(from, to, fn) }, fn)
}

// EachFit is EachKept of which of a lead's outcomes only what it was won and lost by may be used: most leads' are not read.
func (j *Judge) EachFit(tx *storage.Tx, versions []truce.ProfileVersion, from, to, asOf time.Time,
	fn func(*storage.LeadKnown, Kept) error) error {
	return j.eachKept(tx, versions, asOf, func(fn func(*storage.LeadKnown) error) error {
		if len(j.changing) > 0 { // the first verdict says what of a lead's account counts
			return tx.EachLeadKnown(from, to, fn)
		}
		return tx.EachLeadClosed(from, to, j.decided(asOf), fn)
	}, fn)
}

// decided is a moment before which whatever was handed over counts by asOf, with a verdict or without.
func (j *Judge) decided(asOf time.Time) time.Time {
	back := 7 * 24 * time.Hour
	for range 10 {
		if t := asOf.Add(-back); !j.Calendar.FitBy(truce.Lead{MQLAt: t}, time.Time{}).After(asOf) {
			return t
		}
		back *= 2 // long holidays
	}
	return time.UnixMilli(0)
}

func (j *Judge) eachKept(tx *storage.Tx, versions []truce.ProfileVersion, asOf time.Time, each func(func(*storage.LeadKnown) error) error,
	fn func(*storage.LeadKnown, Kept) error) error {
	if j.accounts == nil {
		if err := j.read(tx); err != nil {
			return err
		}
	}
	decided := j.decided(asOf)
	disputed, err := tx.FirstDisputes(asOf)
	if err != nil {
		return err
	}
	by := make([]*fits, len(versions))
	for i, v := range versions {
		by[i] = newFits(v.Profile)
	}
	return each(func(l *storage.LeadKnown) error {
		v := -1
		for i := range versions {
			if !versions[i].From.After(l.Lead.HandedOver()) {
				v = i
				break
			}
		}
		if v < 0 {
			return fn(l, Kept{Fit: l.Lead.ICPFit})
		}
		unit, at := j.unitOf(l.Lead), asOf
		if !l.Lead.HandedOver().Before(decided) || len(l.Changes) > 0 || j.changing[unit] { // else all of it counts, whenever that was
			verdict := truce.FirstVerdict(l.Outcomes, asOf)
			if d, ok := disputed[l.Lead.ID]; ok && (verdict.IsZero() || d.Before(verdict)) {
				verdict = d
			}
			if at = j.Calendar.FitBy(l.Lead, verdict); at.After(asOf) {
				return fn(l, Kept{Waiting: true, Version: versions[v].Version})
			}
		}
		return fn(l, Kept{Fit: by[v].of(j.attribute(l, j.accounts[unit], at)), Version: versions[v].Version})
	})
}

// SaleFits are whether sales are inside the profile, in their order: by the lead they name, or the newest of their account; a
// deal without any by its account's attributes at its opening. What came before version 1 is as the CRM says. "" is not known.
func (j *Judge) SaleFits(tx *storage.Tx, t truce.Terms, versions []truce.ProfileVersion, sales []truce.Sale,
	asOf time.Time) ([]truce.ICPFit, error) {
	said, err := tx.SaleFits(sales, asOf)
	if err != nil || len(versions) == 0 {
		return said, err
	}
	known := func(f truce.ICPFit) truce.ICPFit {
		if f == truce.UnknownICP {
			return ""
		}
		return f
	}
	first := versions[len(versions)-1].From
	for i, s := range sales {
		l, ok, err := j.leadOf(tx, s, asOf)
		if err != nil {
			return nil, err
		}
		switch {
		case ok && !l.HandedOver().Before(first):
			k, err := tx.KeptFitBy(versions, l, t, asOf)
			if err != nil {
				return nil, err
			}
			said[i] = ""
			if k != nil && k.Counts {
				said[i] = known(k.Fit.Fit)
			}
		case !ok && s.Account != "" && !s.OpenedAt.IsZero() && !s.OpenedAt.Before(first):
			v := truce.ProfileAt(versions, s.OpenedAt)
			ids, err := tx.AccountsBy(truce.ByAccountName, s.Account)
			if err != nil {
				return nil, err
			}
			if len(ids) != 1 || v == nil {
				continue
			}
			a, err := tx.Account(ids[0])
			if err != nil {
				return nil, err
			}
			said[i] = known(v.Profile.Of(func(name string) string { return a.Attribute(name, s.OpenedAt) }).Fit)
		}
	}
	return said, nil
}

// leadOf is the newest lead that a sale names, else of its account.
func (j *Judge) leadOf(tx *storage.Tx, s truce.Sale, asOf time.Time) (found truce.Lead, ok bool, err error) {
	for _, id := range s.LeadIDs {
		l, err := tx.Lead(id)
		if truce.KindOf(err) == truce.NotFound {
			continue
		}
		if err != nil {
			return found, false, err
		}
		if !l.MQLAt.After(asOf) && (!ok || l.MQLAt.After(found.MQLAt)) {
			found, ok = l, true
		}
	}
	if ok || s.Account == "" || !s.OpenedAt.IsZero() {
		return found, ok, nil
	}
	list, err := tx.LeadsOfCompany(truce.Company{Key: s.Account}, 1)
	if err != nil || len(list) == 0 || list[0].MQLAt.After(asOf) {
		return found, false, err
	}
	return list[0], true, nil
}
