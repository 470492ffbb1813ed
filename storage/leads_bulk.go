package storage

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"

	sqlite3 "github.com/mattn/go-sqlite3"

	"truce"
)

// This file stores many leads at once: what UpsertLead does, with one look-up for all of them and a lean way in for those
// that are new.

// LeadRow is a lead of an import.
type LeadRow struct {
	truce.Lead        // without Attrs
	AttrsJSON  string // its attributes as an object, as asJSON writes it; "" and "{}" are none
	Change     Change // what UpsertLeads did
	ownerID    string // found for a new one
}

// UpsertLeads does what UpsertLead does with each, in their order, and notes in each what that was. Rows of one lead may follow
// each other. mostlyNew says what to expect, which is faster where it is right.
func (tx *Tx) UpsertLeads(rows []*LeadRow, mostlyNew bool) error {
	for _, r := range rows {
		if r.ID == "" || r.MQLAt.IsZero() {
			return truce.Errorf(truce.Invalid, "A lead needs an id and the date it qualified.")
		}
		r.Change = ""
	}
	part, err := tx.partOfOthers(rows)
	if err != nil {
		return err
	}
	if len(part) > 0 { // what an older list says of them is the survivor's to say
		var rest []*LeadRow
		for _, r := range rows {
			if part[r.ID] {
				r.Change = Unchanged
			} else {
				rest = append(rest, r)
			}
		}
		rows = rest
	}
	known := map[string]*truce.Lead{}
	if !mostlyNew {
		var err error
		if known, err = tx.knownLeads(rows); err != nil {
			return err
		}
	}
	fresh := make([]*LeadRow, 0, len(rows))
	for _, r := range rows {
		if known[r.ID] == nil {
			fresh = append(fresh, r)
		}
	}
	if err := tx.addLeads(fresh); err != nil {
		return err
	}
	if mostlyNew {
		var old []*LeadRow
		for _, r := range rows {
			if r.Change == "" {
				old = append(old, r)
			}
		}
		if len(old) > 0 {
			var err error
			if known, err = tx.knownLeads(old); err != nil {
				return err
			}
		}
	}
	for _, r := range rows {
		if r.Change != "" {
			continue
		}
		var err error
		if r.Change, err = tx.upsertRow(r, known[r.ID]); err != nil {
			return err
		}
		if r.Change == Changed {
			known[r.ID] = nil // what was read is no longer so
		}
	}
	return nil
}

// knownLeads reads those of the leads that we know, by id.
func (tx *Tx) knownLeads(rows []*LeadRow) (map[string]*truce.Lead, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	known := make(map[string]*truce.Lead, len(rows))
	err := each(tx, scanLead, func(l truce.Lead) error {
		known[l.ID] = &l
		return nil
	}, `SELECT `+leadColumns+` FROM leads WHERE id IN (SELECT value FROM json_each(?))`, asJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("look %d leads up: %w", len(rows), err)
	}
	return known, nil
}

// lead is the row's lead with its attributes.
func (r *LeadRow) lead() (truce.Lead, error) {
	l := r.Lead
	if r.AttrsJSON != "" && r.AttrsJSON != "{}" {
		if err := json.Unmarshal([]byte(r.AttrsJSON), &l.Attrs); err != nil {
			return l, fmt.Errorf("read the attributes of lead %s: %w", l.ID, err)
		}
	}
	return l, nil
}

// upsertRow stores a row of a lead that we know; before is nil where it must be read again.
func (tx *Tx) upsertRow(r *LeadRow, before *truce.Lead) (Change, error) {
	l, err := r.lead()
	if err != nil {
		return "", err
	}
	if before == nil {
		return tx.UpsertLead(l)
	}
	return tx.updateLead(*before, l)
}

const insertLead = `INSERT INTO leads (id, ref, mql_at, email, email_key, name, company, account, source, campaign, segment, product, score,
	owner, owner_id, attrs,
	handed_off_at, created_at, updated_at, icp_fit, account_told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO NOTHING`

// addLeads inserts those of the leads that are new and marks them; nothing has become of them, so all there is to
// do of what settleLead does is to count them. It goes to the driver's statement itself, because a million rows feel what
// database/sql does for each.
func (tx *Tx) addLeads(rows []*LeadRow) error {
	if len(rows) == 0 {
		return nil
	}
	owners := map[string]string{} // e-mail -> person
	n, err := tx.count(`SELECT coalesce(max(n), 0) FROM counters WHERE name = 'lead'`)
	if err != nil {
		return fmt.Errorf("draw references for leads: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.Ref != "":
			if err := tx.take("lead", "L-", r.Ref); err != nil {
				return err
			}
			if n, err = tx.count(`SELECT n FROM counters WHERE name = 'lead'`); err != nil {
				return err
			}
		case r.OwnerID == "" && r.Owner != "":
			id, seen := owners[r.Owner]
			if !seen {
				if id, err = tx.ownerOf(r.Owner); err != nil {
					return fmt.Errorf("find the owner of lead %s: %w", r.ID, err)
				}
				owners[r.Owner] = id
			}
			r.ownerID = id
		}
	}
	if err := tx.check(); err != nil {
		return err
	}
	tx.wrote = true
	tx.s.memo.wrote(insertLead, tx.Now)
	err = tx.s.conn.Raw(func(c any) error {
		stmt, err := c.(*sqlite3.SQLiteConn).Prepare(insertLead)
		if err != nil {
			return err
		}
		defer stmt.Close()
		return insertLeads(stmt.(driver.StmtExecContext), rows, &n, tx.Now.UnixMilli())
	})
	if err != nil {
		if !tx.s.inTx() {
			tx.over = true
		}
		return problem(fmt.Sprintf("add %d leads", len(rows)), err)
	}
	moved := make([]truce.Lead, 0, len(rows))
	for _, r := range rows {
		if r.Change != Added {
			continue
		}
		if !r.KnownAt.IsZero() {
			l, err := r.lead()
			if err == nil {
				err = tx.notKnownBefore(l)
			}
			if err != nil {
				return err
			}
		}
		r.Lead.Standing, r.Lead.Rating, r.Lead.Counted = truce.Standing{}, 0, ""
		if err := tx.rollNew(&r.Lead); err != nil {
			return fmt.Errorf("count lead %s: %w", r.ID, err)
		}
		moved = append(moved, r.Lead)
	}
	if err := tx.leadsMoved(moved...); err != nil {
		return err
	}
	return tx.exec(`INSERT INTO counters (name, n) VALUES ('lead', ?) ON CONFLICT (name) DO UPDATE SET n = max(n, excluded.n)`, n)
}

// insertLeads runs the statement for each row; n is the last reference drawn.
func insertLeads(stmt driver.StmtExecContext, rows []*LeadRow, n *int64, now int64) error {
	args := make([]driver.NamedValue, 21)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	for _, r := range rows {
		ref := r.Ref
		if ref == "" {
			ref = "L-" + strconv.FormatInt(*n+1, 10)
		}
		attrs := r.AttrsJSON
		if attrs == "" {
			attrs = "{}"
		}
		for i, v := range [...]any{r.ID, ref, millis(r.MQLAt), r.Email, truce.FoldEmail(r.Email), r.Name, r.Company, account(r.Lead), r.Source,
			r.Campaign, r.Segment, r.Product,
			score(r.Lead), r.Owner, null(cmp.Or(r.OwnerID, r.ownerID)), attrs, millis(r.HandedOffAt), now, now, string(r.ICPFit), r.AccountAs} {
			args[i].Value = v
		}
		res, err := stmt.ExecContext(context.Background(), args)
		if err != nil {
			return fmt.Errorf("lead %s: %w", r.ID, err)
		}
		if added, err := res.RowsAffected(); err != nil || added == 0 {
			continue // we know it, or an earlier row brought it
		}
		if r.Change = Added; r.Ref == "" {
			*n++
		}
	}
	return nil
}
