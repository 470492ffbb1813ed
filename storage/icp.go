package storage

import (
	"cmp"
	"fmt"
	"time"

	"truce"
)

// ICPShare counts the leads that qualified in [from, to) and are inside the ideal customer profile, of those of which the CRM
// says whether they are.
func (tx *Tx) ICPShare(from, to time.Time) (inside, known int, err error) {
	err = tx.row(`SELECT coalesce(sum(icp_fit = 'inside'), 0), count(*) FROM leads INDEXED BY leads_icp_fit WHERE mql_at >= ? AND mql_at < ?
		AND icp_fit <> ''`,
		[]any{millis(from), millis(to)}, &inside, &known)
	if err != nil {
		return 0, 0, fmt.Errorf("count the leads inside the ideal customer profile: %w", err)
	}
	return inside, known, nil
}

// EachLeadFit calls fn for the leads that ICPShare counts.
func (tx *Tx) EachLeadFit(from, to time.Time, fn func(l truce.Lead, fit truce.ICPFit)) error {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE mql_at >= ? AND mql_at < ? AND icp_fit <> ''
		ORDER BY mql_at, id`, millis(from), millis(to))
	if err != nil {
		return fmt.Errorf("list the leads of which the profile is known: %w", err)
	}
	for _, l := range list {
		fn(l, l.ICPFit)
	}
	return nil
}

// SaleFits are whether the accounts of sales are inside the ideal customer profile, in the order of the sales: by what the CRM says
// of the deal itself, else by the newest lead or deal of the account of which it says so, at the time or later, but not after asOf; a
// lead that a sale without an account names speaks for itself. "" is not known.
func (tx *Tx) SaleFits(sales []truce.Sale, asOf time.Time) ([]truce.ICPFit, error) {
	var accounts, leads, deals []string
	for _, s := range sales {
		if s.Account != "" {
			accounts = append(accounts, s.Account)
		}
		if leads = append(leads, s.LeadIDs...); !s.Reorder && s.DealID != "" {
			deals = append(deals, s.DealID)
		}
	}
	byAccount, err := tx.fitsSaid(`SELECT account, mql_at, id, icp_fit FROM leads WHERE account IN (SELECT value FROM json_each(?1))
		AND account <> '' AND icp_fit <> '' AND mql_at <= ?2
		UNION ALL SELECT account, opened_at, id, icp_fit FROM deals WHERE account IN (SELECT value FROM json_each(?1)) AND account <> ''
		AND icp_fit <> '' AND opened_at <= ?2`, accounts, asOf)
	if err != nil {
		return nil, err
	}
	byLead, err := tx.fitsSaid(`SELECT id, mql_at, id, icp_fit FROM leads WHERE id IN (SELECT value FROM json_each(?1)) AND icp_fit <> ''
		AND mql_at <= ?2`, leads, asOf)
	if err != nil {
		return nil, err
	}
	byDeal, err := tx.fitsSaid(`SELECT id, opened_at, id, icp_fit FROM deals WHERE id IN (SELECT value FROM json_each(?1)) AND icp_fit <> ''
		AND opened_at <= ?2`, deals, asOf)
	if err != nil {
		return nil, err
	}
	fits := make([]truce.ICPFit, len(sales))
	for i, s := range sales {
		if own := byDeal[s.DealID]; own.fit != "" && !s.Reorder {
			fits[i] = own.fit
			continue
		}
		said := byAccount[s.Account]
		for _, id := range s.LeadIDs {
			said = said.newer(byLead[id])
		}
		fits[i] = said.fit
	}
	return fits, nil
}

// fitSaid is what the CRM says of a lead's or a deal's account, with what makes one newer than another.
type fitSaid struct {
	at  time.Time
	id  string
	fit truce.ICPFit
}

func (a fitSaid) newer(b fitSaid) fitSaid {
	if b.fit != "" && (a.fit == "" || cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) > 0) {
		return b
	}
	return a
}

// fitsSaid reads the newest word on each key among those given: rows of key, date, id and fit.
func (tx *Tx) fitsSaid(query string, keys []string, asOf time.Time) (map[string]fitSaid, error) {
	said := map[string]fitSaid{}
	if len(keys) == 0 {
		return said, nil
	}
	err := tx.each(query, []any{asJSON(keys), millis(asOf)}, func(scan func(...any) error) error {
		var key string
		var f fitSaid
		if err := scan(&key, moment{&f.at}, &f.id, &f.fit); err != nil {
			return err
		}
		said[key] = said[key].newer(f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find which accounts are inside the ideal customer profile: %w", err)
	}
	return said, nil
}

// KnowsICP reports whether the CRM says of any lead or deal whether it is inside the ideal customer profile.
func (tx *Tx) KnowsICP() (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM leads INDEXED BY leads_icp_fit WHERE icp_fit <> '') OR EXISTS (SELECT 1
		FROM deals INDEXED BY deals_icp_fit WHERE icp_fit <> '')`)
	return n > 0, err
}
