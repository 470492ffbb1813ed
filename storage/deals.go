package storage

import (
	"fmt"
	"time"

	"truce"
)

const dealColumns = `d.id, d.account, d.account_name, d.lead_id, d.name, d.stage, d.status, d.created_at, d.closed_at, d.amount, d.currency, d.owner, d.product, d.reason, d.recorded_at, d.icp_fit, d.closed_until`

func scanDeal(scan func(...any) error) (d truce.Deal, err error) {
	var amount *int64
	err = scan(&d.ID, &d.Account, &d.AccountName, &d.LeadID, &d.Name, &d.Stage, &d.Status, moment{&d.CreatedAt}, moment{&d.ClosedAt}, &amount,
		&d.Amount.Currency,
		&d.Owner, &d.Product, &d.Reason, moment{&d.RecordedAt}, &d.ICPFit, moment{&d.ClosedUntil})
	if amount != nil {
		d.Amount.Amount, d.HasAmount = *amount, true
	}
	return d, err
}

// Deal finds a deal by the CRM's id.
func (tx *Tx) Deal(id string) (truce.Deal, error) {
	list, err := all(tx, scanDeal, `SELECT `+dealColumns+` FROM deals d WHERE d.id = ?`, id)
	switch {
	case err != nil:
		return truce.Deal{}, fmt.Errorf("read deal %s: %w", id, err)
	case len(list) == 0:
		return truce.Deal{}, truce.Errorf(truce.NotFound, "There is no deal %q.", id)
	}
	return list[0], nil
}

// UpsertDeal stores a deal as the CRM tells it, and gives its leads, where we know them, the outcomes that follow. Where a lead
// comes later, TellLeads does, and TellDeal where it names the deal later. A deal that is told otherwise (another end, open
// again, another lead) takes back what it said.
func (tx *Tx) UpsertDeal(d truce.Deal) (Change, error) { return tx.storeDeal(d, false) }

// storeDeal is UpsertDeal; all says that all of the deal is told, so that what is empty is so.
func (tx *Tx) storeDeal(d truce.Deal, all bool) (Change, error) {
	d.CreatedAt, d.ClosedAt, d.ClosedUntil, d.RecordedAt = whole(d.CreatedAt), whole(d.ClosedAt), whole(d.ClosedUntil), tx.Now
	change := Added
	was, err := tx.Deal(d.ID)
	switch {
	case err == nil:
		if !all {
			d = d.Over(was)
		}
		if was.RecordedAt = d.RecordedAt; was == d {
			return Unchanged, nil
		}
		change = Changed
	case truce.KindOf(err) != truce.NotFound:
		return "", err
	}
	err = tx.exec(`INSERT INTO deals (id, account, account_name, lead_id, name, stage, status, created_at, closed_at, opened_at, amount,
		currency, owner, product, reason, recorded_at, icp_fit, closed_until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET account = excluded.account, account_name = excluded.account_name,
			told_lead = CASE WHEN lead_id = excluded.lead_id THEN told_lead ELSE 0 END, lead_id = excluded.lead_id, name = excluded.name,
			stage = excluded.stage, status = excluded.status, created_at = excluded.created_at, closed_at = excluded.closed_at,
			opened_at = excluded.opened_at,
			amount = excluded.amount, currency = excluded.currency, owner = excluded.owner, product = excluded.product, reason = excluded.reason,
			recorded_at = excluded.recorded_at, icp_fit = excluded.icp_fit, closed_until = excluded.closed_until`,
		d.ID, d.Account, d.AccountName, d.LeadID, d.Name, d.Stage, d.Status, millis(d.CreatedAt), millis(d.ClosedAt), millis(d.Opened()),
		amount(d.Amount, d.HasAmount),
		d.Amount.Currency, d.Owner, d.Product, d.Reason, millis(d.RecordedAt), d.ICPFit, millis(d.ClosedUntil))
	if err != nil {
		return "", fmt.Errorf("save deal %s: %w", d.ID, err)
	}
	if change == Changed {
		if err := tx.unsay(was, d); err != nil {
			return "", err
		}
	}
	if err := tx.tellDeal(d, true); err != nil {
		return "", err
	}
	return change, tx.settleDeal(d.ID) // another lead may be its own now
}

// EachDeal calls fn for every deal that was opened before to, by account and then by date, those of no account first.
func (tx *Tx) EachDeal(to time.Time, fn func(truce.Deal) error) error {
	return tx.each(`SELECT `+dealColumns+` FROM deals d WHERE d.opened_at < ? ORDER BY d.account, d.opened_at, d.id`, []any{millis(to)},
		func(scan func(...any) error) error {
			d, err := scanDeal(scan)
			if err != nil {
				return err
			}
			return fn(d)
		})
}

// LeadDeals are the deals that a lead belongs to, by truce.Deal.Joins, the oldest first.
func (tx *Tx) LeadDeals(l truce.Lead) ([]truce.Deal, error) {
	list, err := all(tx, scanDeal, `SELECT `+dealColumns+` FROM deals d WHERE d.id IN (
			SELECT id FROM deals WHERE lead_id = ? AND lead_id <> ''
			UNION SELECT id FROM deals WHERE account = ? AND account <> '' AND opened_at BETWEEN ? AND ?)
		ORDER BY d.opened_at, d.id`, l.ID, l.Account, millis(l.MQLAt.Add(-truce.AccountWindow)), millis(l.MQLAt.Add(truce.AccountWindow)))
	if err != nil {
		return nil, fmt.Errorf("read the deals of lead %s: %w", l.ID, err)
	}
	return list, nil
}

// Join is a lead that belongs to a deal.
type Join struct {
	DealID, LeadID string
	Direct         bool // the deal names the lead; otherwise they share the account
	MQLAt          time.Time
	Source         string
	Campaign       string
}

// EachJoin calls fn for every lead of every deal that was opened in [from, to), by deal, then by the date the lead qualified:
// the deal's own lead, and those of its account within truce.AccountWindow.
func (tx *Tx) EachJoin(from, to time.Time, fn func(Join) error) error {
	return tx.each(`SELECT d.id, l.id, l.id = d.lead_id, l.mql_at, l.source, l.campaign FROM deals d JOIN leads l ON l.id IN (
			SELECT own.id FROM leads own WHERE own.id = d.lead_id AND d.lead_id <> ''
			UNION SELECT a.id FROM leads a WHERE a.account = d.account AND a.account <> '' AND d.account <> '' AND a.mql_at BETWEEN d.opened_at - ?
			AND d.opened_at + ?)
		WHERE d.opened_at >= ? AND d.opened_at < ? ORDER BY d.id, l.mql_at, l.id`,
		[]any{truce.AccountWindow.Milliseconds(), truce.AccountWindow.Milliseconds(), millis(from), millis(to)},
		func(scan func(...any) error) error {
			var j Join
			if err := scan(&j.DealID, &j.LeadID, &j.Direct, moment{&j.MQLAt}, &j.Source, &j.Campaign); err != nil {
				return err
			}
			return fn(j)
		})
}

// UpsertOrder stores a paid order; the same id again corrects it.
func (tx *Tx) UpsertOrder(o truce.Order) (Change, error) {
	o.At, o.RecordedAt = whole(o.At), tx.Now
	change := Added
	list, err := all(tx, scanOrder, `SELECT `+orderColumns+` FROM orders WHERE id = ?`, o.ID)
	if err != nil {
		return "", fmt.Errorf("read order %s: %w", o.ID, err)
	}
	if len(list) > 0 {
		if list[0].RecordedAt = o.RecordedAt; list[0] == o {
			return Unchanged, nil
		}
		change = Changed
	}
	err = tx.exec(`INSERT INTO orders (`+orderColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET account = excluded.account, account_name = excluded.account_name, at = excluded.at,
		amount = excluded.amount,
			currency = excluded.currency, product = excluded.product, recorded_at = excluded.recorded_at`,
		o.ID, o.Account, o.AccountName, millis(o.At), o.Amount.Amount, o.Amount.Currency, o.Product, millis(o.RecordedAt))
	if err != nil {
		return "", fmt.Errorf("save order %s: %w", o.ID, err)
	}
	return change, nil
}

const orderColumns = `id, account, account_name, at, amount, currency, product, recorded_at`

func scanOrder(scan func(...any) error) (o truce.Order, err error) {
	return o, scan(&o.ID, &o.Account, &o.AccountName, moment{&o.At}, &o.Amount.Amount, &o.Amount.Currency, &o.Product, moment{&o.RecordedAt})
}

// EachOrder calls fn for every order before to, by account and then by date.
func (tx *Tx) EachOrder(to time.Time, fn func(truce.Order) error) error {
	return tx.each(`SELECT `+orderColumns+` FROM orders WHERE at < ? ORDER BY account, at, id`, []any{millis(to)},
		func(scan func(...any) error) error {
			o, err := scanOrder(scan)
			if err != nil {
				return err
			}
			return fn(o)
		})
}

const engagementColumns = `id, lead_id, email_key, at, kind, activity, campaign, recorded_at`

func scanEngagement(scan func(...any) error) (e truce.Engagement, err error) {
	return e, scan(&e.ID, &e.LeadID, &e.Email, moment{&e.At}, &e.Kind, &e.Activity, &e.Campaign, moment{&e.RecordedAt})
}

// UpsertEngagement stores what a prospect did; the same id again corrects it.
func (tx *Tx) UpsertEngagement(e truce.Engagement) (Change, error) {
	e.At, e.Email, e.RecordedAt = whole(e.At), truce.FoldEmail(e.Email), tx.Now
	change := Added
	list, err := all(tx, scanEngagement, `SELECT `+engagementColumns+` FROM engagements WHERE id = ?`, e.ID)
	if err != nil {
		return "", fmt.Errorf("read engagement %s: %w", e.ID, err)
	}
	if len(list) > 0 {
		if list[0].RecordedAt = e.RecordedAt; list[0] == e {
			return Unchanged, nil
		}
		change = Changed
	}
	err = tx.exec(`INSERT INTO engagements (`+engagementColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id, email_key = excluded.email_key, at = excluded.at, kind = excluded.kind,
			activity = excluded.activity, campaign = excluded.campaign, recorded_at = excluded.recorded_at`,
		e.ID, e.LeadID, e.Email, millis(e.At), e.Kind, e.Activity, e.Campaign, millis(e.RecordedAt))
	if err != nil {
		return "", fmt.Errorf("save engagement %s: %w", e.ID, err)
	}
	return change, nil
}

// EachEngagement calls fn for every engagement in [from, to), by date.
func (tx *Tx) EachEngagement(from, to time.Time, fn func(truce.Engagement) error) error {
	return tx.each(`SELECT `+engagementColumns+` FROM engagements WHERE at >= ? AND at < ? ORDER BY at, id`, []any{millis(from), millis(to)},
		func(scan func(...any) error) error {
			e, err := scanEngagement(scan)
			if err != nil {
				return err
			}
			return fn(e)
		})
}

// EachEngagementOf calls fn for every engagement before a moment whose activity or campaign wanted says yes to, as they lie in the file: in
// the order of their dates three million of them take five times as long. Only who, when, activity and campaign are read.
func (tx *Tx) EachEngagementOf(wanted func(word string) bool, before time.Time, fn func(truce.Engagement) error) error {
	words := []string{}
	known := map[string]bool{"": true}
	err := tx.each(`SELECT DISTINCT activity, campaign FROM engagements`, nil, func(scan func(...any) error) error {
		var activity, campaign string
		err := scan(&activity, &campaign)
		for _, word := range []string{activity, campaign} {
			if known[word] {
				continue
			}
			if known[word] = true; wanted(word) {
				words = append(words, word)
			}
		}
		return err
	})
	if err != nil || len(words) == 0 {
		return err
	}
	return tx.each(`WITH words AS MATERIALIZED (SELECT value FROM json_each(?))
		SELECT lead_id, email_key, at, activity, campaign FROM engagements NOT INDEXED
		WHERE at < ? AND (activity IN words OR campaign IN words)`, []any{asJSON(words), millis(before)}, func(scan func(...any) error) error {
		var e truce.Engagement
		if err := scan(&e.LeadID, &e.Email, moment{&e.At}, &e.Activity, &e.Campaign); err != nil {
			return err
		}
		return fn(e)
	})
}

// LeadEngagements are the engagements of a lead: by its id, and by its e-mail address, the first one first.
func (tx *Tx) LeadEngagements(l truce.Lead) ([]truce.Engagement, error) {
	return all(tx, scanEngagement, `SELECT `+engagementColumns+` FROM engagements WHERE id IN (
			SELECT id FROM engagements WHERE lead_id = ? AND lead_id <> '' UNION SELECT id FROM engagements WHERE email_key = ? AND email_key <> '')
		ORDER BY at, id`, l.ID, truce.FoldEmail(l.Email))
}

// whole is a moment as it is stored: UTC, whole milliseconds.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func amount(m truce.Money, known bool) any {
	if !known {
		return nil
	}
	return m.Amount
}
