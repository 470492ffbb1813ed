package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file takes in what a CRM says of its records. Whatever order it comes in, and however often, what follows from it is what would
// follow from asking for everything at once: facts are kept as they were told, and leads, deals and touches are made of them anew.

// What CRM records are.
const (
	CRMLeads       = "lead"
	CRMDeals       = "deal"
	CRMTouches     = "touch"
	CRMEngagements = "engagement"
)

// Link is a key by which a deal or a touch speaks of a lead. Keys of a lower place go before.
type Link struct {
	Key   string
	Place int
}

// CRMLead is a record of a CRM that may be a lead.
type CRMLead struct {
	truce.Lead                 // without a date it qualified it is none (any more). Attributes with an empty value are taken away
	Keys       []string        // by which others speak of it, besides its id
	Verdicts   []truce.Outcome // all that its history says, of no deal
	SourceNow  string          // its source as it stands there now; Source is what it was first
	Absorbed   []string        // ids that were merged into it
	Why        string          // it is none: deleted, archived, unqualified
}

// CRMDeal is a deal and whom it names.
type CRMDeal struct {
	truce.Deal
	Links []Link
}

// CRMTouch is a touch of whoever it names.
type CRMTouch struct {
	ID    string
	Links []Link
	At    time.Time
	Kind  string
	By    string // an e-mail address, where it is known
}

// CRMEngagement is what somebody did with Marketing.
type CRMEngagement struct {
	truce.Engagement
	Links []Link
}

// CRM is what one CRM says, within a transaction.
type CRM struct {
	tx     *Tx
	system string
	load   int64           // of everything that is under way, or was last
	leads  map[string]bool // whose deals and touches are found anew at the end
}

// CRM begins to take in what a CRM says; End must be called.
func (tx *Tx) CRM(system string, load int64) *CRM {
	return &CRM{tx: tx, system: system, load: load, leads: map[string]bool{}}
}

// Person takes somebody who works there: who has their address is known, whatever else is told here stays.
func (c *CRM) Person(p truce.Person) (Change, error) {
	had, err := c.tx.PersonByEmail(p.Email)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		_, err = c.tx.AddPerson(truce.Person{Email: p.Email, Name: p.Name})
		return Added, err
	case err != nil:
		return "", err
	case p.Name == "" || cmp.Or(had.Name, had.Email) != had.Email: // a name that people gave stays
		return Unchanged, nil
	}
	had.Name = p.Name
	return Changed, c.tx.SavePerson(had)
}

// Lead takes a lead as it stands. locked is true where its source is another one now than when it came: that is not taken.
func (c *CRM) Lead(l CRMLead) (change Change, locked bool, err error) {
	if change, locked, err = c.lead(l); err != nil {
		err = fmt.Errorf("take lead %s: %w", l.ID, err)
	}
	return change, locked, err
}

func (c *CRM) lead(l CRMLead) (change Change, locked bool, err error) {
	if l.MQLAt.IsZero() {
		return c.noLead(l)
	}
	change, source, err := c.tx.setLead(l.Lead)
	if err == nil {
		err = c.tx.noteSource(l.ID, c.system, source, l.SourceNow, change == Added)
	}
	if err != nil {
		return "", false, err
	}
	if err := c.tx.exec(`DELETE FROM crm_gone WHERE lead_id = ?`, l.ID); err != nil {
		return "", false, err
	}
	if err := c.tx.exec(`DELETE FROM lead_merges WHERE lead_id = ?`, l.ID); err != nil { // it is a record of its own
		return "", false, err
	}
	if err := c.record(CRMLeads, l.ID, "", false); err != nil {
		return "", false, err
	}
	for _, absorbed := range l.Absorbed {
		if absorbed == l.ID {
			continue
		}
		merged, err := c.merge(absorbed, l.ID)
		if err != nil {
			return "", false, err
		}
		if merged {
			change = orChanged(change)
		}
	}
	if err := c.keys(l); err != nil {
		return "", false, err
	}
	said, err := c.verdicts(l)
	if said {
		change = orChanged(change)
	}
	return change, source != "" && l.SourceNow != "" && l.SourceNow != source, err
}

func orChanged(c Change) Change {
	if c == Unchanged {
		return Changed
	}
	return c
}

// noLead takes a record that is no lead: one that was is let go.
func (c *CRM) noLead(l CRMLead) (Change, bool, error) {
	change := Unchanged
	for _, id := range append([]string{l.ID}, l.Absorbed...) {
		why := l.Why
		if id != l.ID { // what speaks of it speaks of whoever it was merged into, who may be a lead one day
			why = "merged"
			if err := c.tx.noteMerge(id, l.ID); err != nil {
				return "", false, err
			}
		}
		gone, err := c.Gone(id, why)
		if err != nil {
			return "", false, err
		}
		if gone {
			change = Changed
		}
	}
	return change, false, nil
}

// record notes that a record was told.
func (c *CRM) record(kind, id, fact string, open bool) error {
	return c.tx.exec(`INSERT INTO crm_records (system, type, id, fact, open, seen) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (system, type, id) DO UPDATE SET fact = excluded.fact, open = excluded.open, seen = excluded.seen`, c.system, kind, id, fact,
		open, c.load)
}

// keys notes by which keys others speak of a lead.
func (c *CRM) keys(l CRMLead) error {
	c.leads[l.ID] = true
	want := append(slices.Clone(l.Keys), l.ID)
	merged, err := c.tx.texts(`SELECT lead_id FROM lead_merges WHERE into_id = ?`, l.ID)
	if err != nil {
		return err
	}
	want = append(want, merged...)
	if err := c.tx.exec(otherKeysDelete, c.system, l.ID, asJSON(want)); err != nil {
		return err
	}
	for _, key := range want {
		if err := c.tx.exec(`INSERT INTO crm_keys (system, key, lead_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, c.system, key,
			l.ID); err != nil {
			return err
		}
	}
	return nil
}

// verdicts makes what the CRM said of a lead itself what it says now. What people said here stands.
func (c *CRM) verdicts(l CRMLead) (changed bool, err error) {
	had, err := c.tx.LeadOutcomes(l.ID)
	if err != nil {
		return false, err
	}
	for _, h := range had {
		if h.DealID != "" || h.Origin != truce.FromImport || slices.ContainsFunc(l.Verdicts,
			func(o truce.Outcome) bool { return o.Status == h.Status }) {
			continue
		}
		if err := c.tx.withdrawOutcome(h); err != nil {
			return false, err
		}
		changed = true
	}
	for _, o := range l.Verdicts {
		o.LeadID, o.DealID, o.Origin = l.ID, "", truce.FromImport
		change, err := c.tx.AddOutcome(o)
		if err != nil {
			return false, err
		}
		changed = changed || change != Unchanged
	}
	return changed, nil
}

// Deal takes a deal as it stands.
func (c *CRM) Deal(d CRMDeal) (Change, error) {
	d.CreatedAt, d.ClosedAt, d.ClosedUntil, d.LeadID = whole(d.CreatedAt), whole(d.ClosedAt), whole(d.ClosedUntil), ""
	if _, err := c.fact(CRMDeals, d.ID, asJSON(d.Deal), d.Links, !d.Status.Ends()); err != nil {
		return "", fmt.Errorf("take deal %s: %w", d.ID, err)
	}
	return c.tellDeal(d.Deal)
}

// Relink takes whom a deal or a touch names, where only that was asked. What is not known here stays so.
func (c *CRM) Relink(kind, id string, links []Link) (Change, error) {
	var fact string
	var seen int64
	err := c.tx.row(`SELECT fact, seen FROM crm_records WHERE system = ? AND type = ? AND id = ?`, []any{c.system, kind, id}, &fact, &seen)
	if truce.KindOf(err) == truce.NotFound {
		return Unchanged, nil
	}
	if err != nil {
		return "", fmt.Errorf("read what was told of %s %s: %w", kind, id, err)
	}
	load := c.load // it was not read itself
	c.load = seen
	defer func() { c.load = load }()
	if kind == CRMTouches {
		var t touchFact
		if err := json.Unmarshal([]byte(fact), &t); err != nil {
			return "", fmt.Errorf("read what was told of %s %s: %w", kind, id, err)
		}
		return c.Touch(CRMTouch{ID: id, Links: links, At: t.At, Kind: t.Kind, By: t.By})
	}
	var d truce.Deal
	if err := json.Unmarshal([]byte(fact), &d); err != nil {
		return "", fmt.Errorf("read what was told of %s %s: %w", kind, id, err)
	}
	return c.Deal(CRMDeal{d, links})
}

// fact keeps what was told of a record, and whom it names.
func (c *CRM) fact(kind, id, fact string, links []Link, open bool) (changed bool, err error) {
	var was string
	err = c.tx.row(`SELECT fact FROM crm_records WHERE system = ? AND type = ? AND id = ?`, []any{c.system, kind, id}, &was)
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return false, err
	}
	changed = err != nil || was != fact
	if err := c.record(kind, id, fact, open); err != nil {
		return false, err
	}
	had, err := all(c.tx, func(scan func(...any) error) (l Link, err error) { return l, scan(&l.Key, &l.Place) },
		`SELECT key, place FROM crm_links WHERE system = ? AND type = ? AND id = ?`, c.system, kind, id)
	if err != nil {
		return false, err
	}
	for _, l := range had {
		if !slices.Contains(links, l) {
			changed = true
			if err := c.tx.exec(`DELETE FROM crm_links WHERE system = ? AND type = ? AND id = ? AND key = ?`, c.system, kind, id,
				l.Key); err != nil {
				return false, err
			}
		}
	}
	for _, l := range links {
		if !slices.Contains(had, l) {
			changed = true
			if err := c.tx.exec(`INSERT INTO crm_links (system, type, id, key, place) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.system, kind,
				id, l.Key, l.Place); err != nil {
				return false, err
			}
		}
	}
	return changed, nil
}

// leadsOf are the leads that a record names, the one that it means first.
func (c *CRM) leadsOf(kind, id string) ([]string, error) {
	return c.tx.texts(leadsOfRecordQuery, c.system, kind, id)
}

// tellDeal stores a deal with the lead that it means: of several contacts the first to qualify.
func (c *CRM) tellDeal(d truce.Deal) (Change, error) {
	leads, err := c.leadsOf(CRMDeals, d.ID)
	if err != nil {
		return "", fmt.Errorf("find the leads of deal %s: %w", d.ID, err)
	}
	if len(leads) > 0 {
		d.LeadID = leads[0]
	}
	return c.tx.storeDeal(d, true)
}

// Touch takes a touch as it stands.
func (c *CRM) Touch(t CRMTouch) (Change, error) {
	if err := c.ofLeads(CRMTouches, t.ID); err != nil {
		return "", err
	}
	t.At = whole(t.At)
	changed, err := c.fact(CRMTouches, t.ID, asJSON(touchFact{t.At, t.Kind, t.By}), t.Links, false)
	if err == nil {
		err = c.ofLeads(CRMTouches, t.ID)
	}
	if err != nil {
		return "", fmt.Errorf("take touch %s: %w", t.ID, err)
	}
	if changed {
		return Changed, nil
	}
	return Unchanged, nil
}

type touchFact struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	By   string    `json:"by,omitempty"`
}

// ofLeads has the deals and touches of the leads that a record names found anew.
func (c *CRM) ofLeads(kind, id string) error {
	leads, err := c.leadsOf(kind, id)
	if err != nil {
		return fmt.Errorf("find the leads of %s %s: %w", kind, id, err)
	}
	for _, l := range leads {
		if _, ok := c.leads[l]; !ok {
			c.leads[l] = false
		}
	}
	return nil
}

// Engagement takes an engagement as it stands.
func (c *CRM) Engagement(e CRMEngagement) (Change, error) {
	e.LeadID, e.At = "", whole(e.At)
	if _, err := c.fact(CRMEngagements, e.ID, asJSON(e.Engagement), e.Links, false); err != nil {
		return "", fmt.Errorf("take engagement %s: %w", e.ID, err)
	}
	return c.tellEngagement(e.Engagement)
}

// tellEngagement stores an engagement of a lead; of nobody who is one there is none.
func (c *CRM) tellEngagement(e truce.Engagement) (Change, error) {
	leads, err := c.leadsOf(CRMEngagements, e.ID)
	if err != nil {
		return "", fmt.Errorf("find whose engagement %s is: %w", e.ID, err)
	}
	if len(leads) == 0 {
		return Unchanged, c.tx.exec(`DELETE FROM engagements WHERE id = ?`, e.ID)
	}
	e.LeadID = leads[0]
	return c.tx.UpsertEngagement(e)
}

// NoMore takes that a deal, a touch or an engagement is no more.
func (c *CRM) NoMore(kind, id string) (bool, error) {
	n, err := c.tx.count(`SELECT count(*) FROM crm_records WHERE system = ? AND type = ? AND id = ?`, c.system, kind, id)
	if err != nil || n == 0 {
		return false, err
	}
	if kind == CRMTouches {
		err = c.ofLeads(kind, id)
	}
	for _, s := range []string{`DELETE FROM crm_links WHERE system = ? AND type = ? AND id = ?`, `DELETE FROM crm_records WHERE system = ?
		AND type = ? AND id = ?`} {
		if err == nil {
			err = c.tx.exec(s, c.system, kind, id)
		}
	}
	switch {
	case err != nil:
	case kind == CRMDeals:
		err = c.tx.removeDeal(id)
	case kind == CRMEngagements:
		err = c.tx.exec(`DELETE FROM engagements WHERE id = ?`, id)
	}
	if err != nil {
		return false, fmt.Errorf("let %s %s go: %w", kind, id, err)
	}
	return true, nil
}

// Unseen are records that the last load of everything has not seen; at most n.
func (tx *Tx) Unseen(system, kind string, load int64, n int) ([]string, error) {
	return tx.texts(`SELECT id FROM crm_records WHERE system = ? AND type = ? AND seen < ? ORDER BY id LIMIT ?`, system, kind, load, n)
}

// OpenDeals are the ids of open deals behind one, in their order; at most n.
func (tx *Tx) OpenDeals(system, after string, n int) ([]string, error) {
	return tx.texts(`SELECT id FROM crm_records WHERE system = ? AND open = 1 AND id > ? ORDER BY id LIMIT ?`, system, after, n)
}

// CRMCount is how many records of a type are known of a CRM.
func (tx *Tx) CRMCount(system, kind string) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM crm_records WHERE system = ? AND type = ?`, system, kind)
	if err != nil {
		return 0, fmt.Errorf("count what is known of %s: %w", system, err)
	}
	return int(n), nil
}

// CRMKnown are the ids of a CRM's records of a type that are known here, behind one, in their order; at most n.
func (tx *Tx) CRMKnown(system, kind, after string, n int) ([]string, error) {
	return tx.texts(`SELECT id FROM crm_records WHERE system = ? AND type = ? AND id > ? ORDER BY id LIMIT ?`, system, kind, after, n)
}

// What a CRM says of one lead, and which leads a record of it names: each must be found by an index, of millions.
const (
	ofLead = ` FROM crm_keys y CROSS JOIN crm_links k ON k.system = y.system AND k.key = y.key CROSS
		JOIN crm_records r ON r.system = k.system AND r.type = k.type AND r.id = k.id WHERE y.lead_id = ? AND y.system = ? AND k.type `
	toldOfLeadQuery    = `SELECT DISTINCT r.type, r.id, r.fact` + ofLead + `IN ('deal', 'engagement') ORDER BY r.type, r.id`
	touchesOfLeadQuery = `SELECT DISTINCT r.fact` + ofLead + `= 'touch' ORDER BY r.fact`
	dealsOfLeadQuery   = `SELECT DISTINCT r.id` + ofLead + `= 'deal'`
	leadsOfRecordQuery = `SELECT l.id FROM crm_links k CROSS JOIN crm_keys y ON y.system = k.system AND y.key = k.key CROSS
		JOIN leads l ON l.id = y.lead_id
		WHERE k.system = ? AND k.type = ? AND k.id = ? GROUP BY l.id ORDER BY min(k.place), l.mql_at, l.id`
	keysDelete      = `DELETE FROM crm_keys WHERE system = ? AND lead_id = ?`
	otherKeysDelete = keysDelete + ` AND key NOT IN (SELECT value FROM json_each(?))`
)

// End finds anew what follows for the leads that were spoken of.
func (c *CRM) End() error {
	for _, lead := range slices.Sorted(maps.Keys(c.leads)) {
		if c.leads[lead] {
			if err := c.retell(lead); err != nil {
				return fmt.Errorf("find the deals of lead %s: %w", lead, err)
			}
		}
		if err := c.touches(lead); err != nil {
			return fmt.Errorf("find the touches of lead %s: %w", lead, err)
		}
	}
	return nil
}

// retell tells the deals and engagements anew that speak of a lead.
func (c *CRM) retell(lead string) error {
	type row struct{ kind, id, fact string }
	list, err := all(c.tx, func(scan func(...any) error) (r row, err error) { return r, scan(&r.kind, &r.id, &r.fact) },
		toldOfLeadQuery, lead, c.system)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.kind == CRMDeals {
			var d truce.Deal
			if err = json.Unmarshal([]byte(r.fact), &d); err == nil {
				_, err = c.tellDeal(d)
			}
		} else {
			var e truce.Engagement
			if err = json.Unmarshal([]byte(r.fact), &e); err == nil {
				_, err = c.tellEngagement(e)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// touches makes the touches of a lead that the CRM told those that it tells now.
func (c *CRM) touches(lead string) error {
	if known, err := c.tx.HasLead(lead); err != nil || !known {
		return err
	}
	facts, err := c.tx.texts(touchesOfLeadQuery, lead, c.system)
	if err != nil {
		return err
	}
	want := make([]truce.Touch, 0, len(facts))
	for _, fact := range facts {
		var f touchFact
		if err := json.Unmarshal([]byte(fact), &f); err != nil {
			return err
		}
		t := truce.Touch{LeadID: lead, At: f.At, Kind: f.Kind, By: f.By}
		if !slices.ContainsFunc(want, func(w truce.Touch) bool { return w.At.Equal(t.At) && w.Kind == t.Kind }) {
			want = append(want, t)
		}
	}
	type had struct {
		truce.Touch
		id string
	}
	list, err := all(c.tx, func(scan func(...any) error) (h had, err error) {
		h.LeadID = lead
		return h, scan(&h.id, moment{&h.At}, &h.Kind, &h.By)
	}, `SELECT id, at, kind, by_whom FROM touches WHERE lead_id = ? AND system = ?`, lead, c.system)
	if err != nil {
		return err
	}
	for _, h := range list {
		if i := slices.IndexFunc(want, func(w truce.Touch) bool { return w.At.Equal(h.At) && w.Kind == h.Kind && w.By == h.By }); i >= 0 {
			want = slices.Delete(want, i, i+1)
		} else if err := c.tx.exec(`DELETE FROM touches WHERE id = ?`, h.id); err != nil {
			return err
		}
	}
	for _, t := range want {
		change, err := c.tx.AddTouch(t)
		if err == nil && change == Added {
			err = c.tx.exec(`UPDATE touches SET system = ? WHERE lead_id = ? AND at = ? AND kind = ?`, c.system, lead, millis(t.At), t.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
