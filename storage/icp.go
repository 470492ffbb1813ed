package storage

import (
	"fmt"
	"time"

	"truce"
)

// ICPShare counts the leads that qualified in [from, to) and are inside the ideal customer profile, of those of which the CRM
// says whether they are.
func (tx *Tx) ICPShare(from, to time.Time) (inside, known int, err error) {
	err = tx.row(`SELECT coalesce(sum(icp_fit = 'inside'), 0), count(*) FROM leads INDEXED BY leads_icp_fit WHERE mql_at >= ? AND mql_at < ? AND icp_fit <> ''`,
		[]any{millis(from), millis(to)}, &inside, &known)
	if err != nil {
		return 0, 0, fmt.Errorf("count the leads inside the ideal customer profile: %w", err)
	}
	return inside, known, nil
}

// SaleFit is whether the account of a sale is inside the ideal customer profile: by its newest lead of which the CRM says, at
// the time or later; a lead that a sale without an account names speaks for itself. "" is not known.
func (tx *Tx) SaleFit(s truce.Sale) (fit truce.ICPFit, err error) {
	err = tx.row(`SELECT coalesce((SELECT icp_fit FROM (SELECT id, mql_at, icp_fit FROM leads WHERE id IN (SELECT value FROM json_each(?)) AND icp_fit <> ''
		UNION SELECT id, mql_at, icp_fit FROM leads WHERE account = ? AND account <> '' AND icp_fit <> '') ORDER BY mql_at DESC, id DESC LIMIT 1), '')`,
		[]any{asJSON(s.LeadIDs), s.Account}, &fit)
	if err != nil {
		return "", fmt.Errorf("find whether the account of deal %s is inside the ideal customer profile: %w", s.DealID, err)
	}
	return fit, nil
}

// KnowsICP reports whether the CRM says of any lead whether it is inside the ideal customer profile.
func (tx *Tx) KnowsICP() (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM leads INDEXED BY leads_icp_fit WHERE icp_fit <> '')`)
	return n > 0, err
}
