package storage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file is the one place through which leads and what became of them are written. Each write ends in settleLead, which
// keeps the lead's standing beside it. The importer calls the same methods for a million rows: every statement here finds
// its rows by a key.

// Change says what a write did: the same data twice changes nothing.
type Change string

// The changes.
const (
	Added     Change = "added"
	Changed   Change = "changed"
	Unchanged Change = "unchanged"
)

const leadColumns = `id, ref, mql_at, email, name, company, account, source, campaign, segment, product, score, owner, owner_id, attrs, handed_off_at,
	created_at, updated_at, state, state_at, stage, by_silence, rating, facts, icp_fit, account_told`

func scanLead(scan func(...any) error) (l truce.Lead, err error) {
	var score *float64
	var rating *int
	err = scan(&l.ID, &l.Ref, moment{&l.MQLAt}, &l.Email, &l.Name, &l.Company, &l.Account, &l.Source, &l.Campaign, &l.Segment, &l.Product,
		&score, &l.Owner,
		text{&l.OwnerID}, fromJSON{&l.Attrs}, moment{&l.HandedOffAt}, moment{&l.CreatedAt}, moment{&l.UpdatedAt}, &l.State, moment{&l.At},
		&l.Stage, &l.BySilence, &rating, &l.Counted, &l.ICPFit, &l.AccountAs)
	if score != nil {
		l.Score, l.HasScore = *score, true
	}
	if rating != nil {
		l.Rating = truce.Rating(*rating)
	}
	return l, err
}

// Lead finds a lead by the CRM's id, which is case-sensitive.
func (tx *Tx) Lead(id string) (truce.Lead, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE id = ?`, id)
	switch {
	case err != nil:
		return truce.Lead{}, fmt.Errorf("read lead %s: %w", id, err)
	case len(list) == 0:
		return truce.Lead{}, truce.Errorf(truce.NotFound, "There is no lead %q. Try its id in the CRM, its e-mail address, or our reference, "+
			"such as L-12.", id)
	}
	return list[0], nil
}

// maxFound is the most leads that a look-up lists.
const maxFound = 200

// FindLeads finds the leads that a person may mean: by the CRM's id (case-sensitive), by our reference, by e-mail address,
// in this order, each lead once, at most 20.
func (tx *Tx) FindLeads(query string) ([]truce.Lead, error) {
	found, err := tx.findLeads(strings.TrimSpace(query))
	if bare := truce.Bare(query); err == nil && len(found) == 0 && bare != query && bare != "" { // “L100”, (L100), L100.
		found, err = tx.findLeads(bare)
	}
	return found, err
}

func (tx *Tx) findLeads(query string) ([]truce.Lead, error) {
	var found []truce.Lead
	for _, where := range []struct{ sql, arg string }{
		{`id = ?`, query}, {`ref = ?`, strings.ToUpper(query)},
		{`email_key = ? AND email_key <> '' ORDER BY mql_at DESC, id`, truce.FoldEmail(query)},
	} {
		list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE `+where.sql+` LIMIT ?`, where.arg, maxFound)
		if err != nil {
			return nil, fmt.Errorf("find lead %q: %w", query, err)
		}
		for _, l := range list {
			if len(found) < maxFound && !slices.ContainsFunc(found, func(f truce.Lead) bool { return f.ID == l.ID }) {
				found = append(found, l)
			}
		}
	}
	return found, nil
}

// UpsertLead stores a lead as the CRM tells it, and gives a new one our reference. An empty field leaves what is known, and
// attributes are merged by name. A new lead may bring the reference it had in an export of ours; truce.Conflict where it is
// another lead's here. The source is locked when the lead is created (an empty one may still be filled), and
// the hand-off, once known, stays. The owner is resolved by e-mail address, never by name; OwnerID wins where it is given.
func (tx *Tx) UpsertLead(l truce.Lead) (Change, error) {
	if l.ID == "" || l.MQLAt.IsZero() {
		return "", truce.Errorf(truce.Invalid, "A lead needs an id and the date it qualified.")
	}
	before, err := tx.Lead(l.ID)
	if truce.KindOf(err) == truce.NotFound {
		return Added, tx.addLead(l)
	}
	if err != nil {
		return "", err
	}
	return tx.updateLead(before, l)
}

// setLead is UpsertLead for a lead of which all is told: what is empty is so. source is its source here, which is
// locked. Attributes with an empty value are taken away, those that are not told stay.
func (tx *Tx) setLead(l truce.Lead) (change Change, source string, err error) {
	empty := func(_, v string) bool { return v == "" }
	before, err := tx.Lead(l.ID)
	if truce.KindOf(err) == truce.NotFound {
		l.Attrs = maps.Clone(l.Attrs)
		maps.DeleteFunc(l.Attrs, empty)
		return Added, l.Source, tx.addLead(l)
	}
	if err != nil {
		return "", "", err
	}
	was := before
	was.Email, was.Name, was.Company, was.Account, was.AccountAs, was.Campaign, was.Segment, was.Product = "", "", "", "", "", "", "", ""
	was.Score, was.HasScore = 0, false
	was.Attrs = maps.Clone(before.Attrs)
	for name := range l.Attrs {
		delete(was.Attrs, name)
	}
	attrs := maps.Clone(l.Attrs)
	maps.DeleteFunc(attrs, empty)
	l.Attrs = attrs
	after, err := tx.toldOver(was, l)
	if err != nil {
		return "", "", err
	}
	if l.Owner == "" {
		after.Owner = ""
	}
	if same(before, after) {
		return Unchanged, after.Source, nil
	}
	return Changed, after.Source, tx.saveLead(before, after)
}

// updateLead is UpsertLead for a lead that we know.
func (tx *Tx) updateLead(before, l truce.Lead) (Change, error) {
	if err := tx.noteTold(before, l); err != nil {
		return "", err
	}
	after, err := tx.toldOver(before, l)
	if err != nil {
		return "", err
	}
	if same(before, after) {
		return Unchanged, nil
	}
	after.KnownAt = l.KnownAt
	return Changed, tx.saveLead(before, after)
}

// toldOver is a lead as it is told now, with what is not told as it was before.
func (tx *Tx) toldOver(before, l truce.Lead) (truce.Lead, error) {
	after := before
	after.Attrs = maps.Clone(before.Attrs)
	l.MQLAt = l.MQLAt.UTC().Truncate(time.Millisecond)
	after.MQLAt = l.MQLAt
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&after.Email, l.Email}, {&after.Name, l.Name}, {&after.Company, l.Company}, {&after.Account, account(l)}, {&after.Campaign, l.Campaign},
		{&after.Segment, l.Segment}, {&after.Product, l.Product},
	} {
		*f.to = cmp.Or(f.from, *f.to)
	}
	if account(l) != "" { // it goes with the account
		after.AccountAs = l.AccountAs
	}
	after.Source, after.ICPFit = cmp.Or(before.Source, l.Source), cmp.Or(l.ICPFit, before.ICPFit)
	if l.HasScore {
		after.Score, after.HasScore = l.Score, true
	}
	for k, v := range l.Attrs {
		if after.Attrs == nil {
			after.Attrs = map[string]string{}
		}
		after.Attrs[k] = v
	}
	if after.HandedOffAt.IsZero() {
		after.HandedOffAt = l.HandedOffAt.Truncate(time.Millisecond)
	}
	if l.OwnerID != "" {
		after.OwnerID = l.OwnerID
	}
	if l.Owner != "" && l.Owner != before.Owner {
		if after.Owner = l.Owner; l.OwnerID == "" {
			id, err := tx.ownerOf(l.Owner)
			if err != nil {
				return after, err
			}
			if id != "" || before.Owner != "" { // a lead accepted here stays its rep's until the CRM names somebody else twice
				after.OwnerID = id
			}
		}
	}
	return after, nil
}

// HasLead reports whether we know a lead.
func (tx *Tx) HasLead(id string) (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM leads WHERE id = ?`, id)
	return n > 0, err
}

// AddLeadAttrs keeps further attributes of a lead, such as the columns of a list of its deals. A name that the lead has already
// stays as it is: many rows may speak of one lead, and the same rows again must change nothing. truce.NotFound for a lead
// that we do not know.
func (tx *Tx) AddLeadAttrs(id string, attrs map[string]string) (Change, error) {
	if len(attrs) == 0 { // most rows say nothing more of their lead: that it is there is enough
		if n, err := tx.count(`SELECT count(*) FROM leads WHERE id = ?`, id); err != nil || n > 0 {
			return Unchanged, err
		}
	}
	before, err := tx.Lead(id)
	if err != nil {
		return "", err
	}
	after := before
	after.Attrs = maps.Clone(before.Attrs)
	for k, v := range attrs {
		if _, ok := before.Attrs[k]; ok {
			continue
		}
		if after.Attrs == nil {
			after.Attrs = map[string]string{}
		}
		after.Attrs[k] = v
	}
	if len(after.Attrs) == len(before.Attrs) {
		return Unchanged, nil
	}
	return Changed, tx.saveLead(before, after)
}

func same(a, b truce.Lead) bool {
	attrs := maps.Equal(a.Attrs, b.Attrs)
	return attrs && a.MQLAt.Equal(b.MQLAt) && a.HandedOffAt.Equal(b.HandedOffAt) && a.Email == b.Email && a.Name == b.Name &&
		a.Company == b.Company &&
		a.Account == b.Account && a.AccountAs == b.AccountAs && a.Source == b.Source && a.Campaign == b.Campaign && a.Segment == b.Segment &&
		a.Product == b.Product &&
		a.Score == b.Score && a.HasScore == b.HasScore && a.ICPFit == b.ICPFit && a.Owner == b.Owner && a.OwnerID == b.OwnerID
}

func account(l truce.Lead) string { return cmp.Or(l.Account, truce.FoldAccount(l.Company)) }

// ownerOf is the person whose e-mail address the CRM names as owner; "" for any other text.
func (tx *Tx) ownerOf(owner string) (string, error) {
	if !strings.Contains(owner, "@") {
		return "", nil
	}
	var id string
	err := tx.row(`SELECT id FROM people WHERE email = ? AND email <> '' AND active = 1`, []any{truce.FoldEmail(owner)}, &id)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return id, err
}

func (tx *Tx) addLead(l truce.Lead) error {
	var err error
	if l.Ref == "" {
		var n int64
		n, err = tx.next("lead")
		l.Ref = fmt.Sprintf("L-%d", n)
	} else {
		err = tx.take("lead", "L-", l.Ref)
	}
	if err != nil {
		return fmt.Errorf("add lead %s: %w", l.ID, err)
	}
	l.CreatedAt, l.UpdatedAt = tx.Now, tx.Now
	l.Account = account(l)
	if l.OwnerID == "" {
		if l.OwnerID, err = tx.ownerOf(l.Owner); err != nil {
			return fmt.Errorf("find the owner of lead %s: %w", l.ID, err)
		}
	}
	err = tx.exec(`INSERT INTO leads (id, ref, mql_at, email, email_key, name, company, account, source, campaign, segment, product, score,
		owner, owner_id, attrs,
		handed_off_at, created_at, updated_at, icp_fit, account_told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.ID, l.Ref, millis(l.MQLAt), l.Email, truce.FoldEmail(l.Email), l.Name, l.Company, l.Account, l.Source, l.Campaign, l.Segment, l.Product,
		score(l), l.Owner,
		null(l.OwnerID), attrs(l), millis(l.HandedOffAt), millis(tx.Now), millis(tx.Now), l.ICPFit, l.AccountAs)
	if err != nil {
		return fmt.Errorf("add lead %s: %w", l.ID, err)
	}
	if err := tx.notKnownBefore(l); err != nil {
		return err
	}
	l.Standing, l.Rating, l.Counted = truce.Standing{}, 0, ""
	if err := tx.settleLead(truce.Lead{}, l, nil, nil); err != nil {
		return err
	}
	return tx.leadsMoved(l)
}

func score(l truce.Lead) any {
	if !l.HasScore {
		return nil
	}
	return l.Score
}

func attrs(l truce.Lead) string {
	if len(l.Attrs) == 0 {
		return "{}"
	}
	return asJSON(l.Attrs)
}

// SaveLead stores what may change of a lead besides its outcomes and ratings: its owner, its hand-off, its CRM fields.
func (tx *Tx) SaveLead(l truce.Lead) error {
	before, err := tx.Lead(l.ID)
	if err != nil {
		return err
	}
	return tx.saveLead(before, l)
}

func (tx *Tx) saveLead(before, l truce.Lead) error {
	l.Ref, l.CreatedAt, l.UpdatedAt, l.Standing, l.Rating = before.Ref, before.CreatedAt, tx.Now, before.Standing, before.Rating
	l.Counted = before.Counted
	err := tx.exec(`UPDATE leads SET mql_at = ?, email = ?, email_key = ?, name = ?, company = ?, account = ?, source = ?, campaign = ?,
		segment = ?, product = ?,
		score = ?, owner = ?, owner_id = ?, attrs = ?, handed_off_at = ?, updated_at = ?, icp_fit = ?, account_told = ? WHERE id = ?`,
		millis(l.MQLAt), l.Email, truce.FoldEmail(l.Email), l.Name, l.Company, l.Account, l.Source, l.Campaign, l.Segment, l.Product, score(l),
		l.Owner,
		null(l.OwnerID), attrs(l), millis(l.HandedOffAt), millis(tx.Now), l.ICPFit, l.AccountAs, l.ID)
	if err != nil {
		return fmt.Errorf("save lead %s: %w", l.ID, err)
	}
	since := tx.Now
	if !l.KnownAt.IsZero() {
		since = whole(l.KnownAt)
	}
	if err := tx.noteBefore(before, l, since); err != nil {
		return err
	}
	if l.OwnerID != before.OwnerID && !l.HandedOffAt.IsZero() {
		if err := tx.ownerChanged(l); err != nil {
			return err
		}
	}
	if err := tx.settleLead(before, l, nil, nil); err != nil {
		return err
	}
	return tx.leadMoved(before, l)
}

// ownerChanged ends the old owner's promises about a lead; the new one's begin when promises are tended next.
func (tx *Tx) ownerChanged(l truce.Lead) error {
	if err := tx.voidPromises(l.Ref); err != nil {
		return err
	}
	if err := tx.exec(`UPDATE leads SET clocked = 0 WHERE id = ?`, l.ID); err != nil {
		return fmt.Errorf("lead %s changes its owner: %w", l.ID, err)
	}
	return nil
}

const outcomeColumns = `lead_id, deal_id, status, at, amount, currency, reason, note, owner, origin, person_id, recorded_at, until_at, elsewhere_at`

func scanOutcome(scan func(...any) error) (o truce.Outcome, err error) {
	var amount *int64
	err = scan(&o.LeadID, &o.DealID, &o.Status, moment{&o.At}, &amount, &o.Amount.Currency, &o.Reason, &o.Note, &o.Owner, &o.Origin,
		text{&o.PersonID}, moment{&o.RecordedAt}, moment{&o.Until}, moment{&o.Elsewhere})
	if amount != nil {
		o.Amount.Amount, o.HasAmount = *amount, true
	}
	return o, err
}

// LeadOutcomes are a lead's outcomes by their own dates.
func (tx *Tx) LeadOutcomes(id string) ([]truce.Outcome, error) {
	list, err := all(tx, scanOutcome, `SELECT `+outcomeColumns+` FROM outcomes WHERE lead_id = ? ORDER BY at, status, deal_id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the outcomes of lead %s: %w", id, err)
	}
	return list, nil
}

// AddOutcome stores what became of a lead. The same lead, deal and status again corrects it; but what the CRM repeats never
// corrects what a person said here.
func (tx *Tx) AddOutcome(o truce.Outcome) (Change, error) {
	before, err := tx.Lead(o.LeadID)
	if truce.KindOf(err) == truce.NotFound {
		if change, below, err := tx.addBelowOutcome(o); below || err != nil {
			return change, err
		}
	}
	if err != nil {
		return "", err
	}
	outcomes, err := tx.LeadOutcomes(o.LeadID)
	if err != nil {
		return "", err
	}
	o.At, o.Until, o.RecordedAt, o.Elsewhere = o.At.UTC().Truncate(time.Millisecond), whole(o.Until), tx.Now, time.Time{}
	change := Added
	i := slices.IndexFunc(outcomes, func(old truce.Outcome) bool { return old.DealID == o.DealID && old.Status == o.Status })
	if i >= 0 {
		old := outcomes[i]
		old.RecordedAt, o.Elsewhere = o.RecordedAt, old.Elsewhere
		if old == o || o.Origin == truce.FromImport && (old.Origin == truce.FromPerson || old.Origin == truce.FromDispute) ||
			o.Origin == truce.FromSilence && old.Origin != truce.FromSilence { // silence stands beside what was said, never over it
			return Unchanged, nil
		}
		outcomes[i], change = o, Changed
	} else {
		outcomes = append(outcomes, o)
	}
	var amount any
	if o.HasAmount {
		amount = o.Amount.Amount
	}
	err = tx.exec(`INSERT INTO outcomes (`+outcomeColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (lead_id, deal_id, status) DO UPDATE
		SET at = excluded.at, until_at = excluded.until_at, amount = excluded.amount, currency = excluded.currency, reason = excluded.reason,
			note = excluded.note, owner = excluded.owner, origin = excluded.origin, person_id = excluded.person_id,
			recorded_at = excluded.recorded_at`,
		o.LeadID, o.DealID, o.Status, millis(o.At), amount, o.Amount.Currency, o.Reason, o.Note, o.Owner, o.Origin, null(o.PersonID),
		millis(o.RecordedAt), millis(o.Until), millis(o.Elsewhere))
	if err != nil {
		return "", fmt.Errorf("add %s to lead %s: %w", o.Status, o.LeadID, err)
	}
	after := before
	after.Standing = truce.Stand(outcomes, lastMoment)
	if err := tx.settleLead(before, after, outcomes, nil); err != nil {
		return "", err
	}
	return change, tx.settleDeal(o.DealID)
}

// withdrawOutcome takes back an outcome that the CRM has said and says no longer. One that was corrected since, or that a person
// said here, stays.
func (tx *Tx) withdrawOutcome(o truce.Outcome) error {
	before, err := tx.Lead(o.LeadID)
	if truce.KindOf(err) == truce.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	outcomes, err := tx.LeadOutcomes(o.LeadID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(outcomes, func(had truce.Outcome) bool {
		return had.DealID == o.DealID && had.Status == o.Status && had.At.Equal(whole(o.At)) &&
			(had.Origin == truce.FromImport || had.Origin == truce.FromAccount)
	})
	if i < 0 {
		return nil
	}
	outcomes = slices.Delete(outcomes, i, i+1)
	if err := tx.exec(`DELETE FROM outcomes WHERE lead_id = ? AND deal_id = ? AND status = ?`, o.LeadID, o.DealID, o.Status); err != nil {
		return fmt.Errorf("take %s of deal %s back from lead %s: %w", o.Status, o.DealID, o.LeadID, err)
	}
	after := before
	after.Standing = truce.Stand(outcomes, lastMoment)
	if err := tx.settleLead(before, after, outcomes, nil); err != nil {
		return err
	}
	return tx.settleDeal(o.DealID)
}

// lastMoment counts every outcome: the standing stored beside a lead must not go stale by the mere passing of time.
var lastMoment = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

const ratingColumns = `lead_id, rater, value, at, row_at, hindsight, recorded_at`

func scanRating(scan func(...any) error) (r truce.RatingOf, err error) {
	return r, scan(&r.LeadID, &r.Rater, &r.Value, moment{&r.At}, moment{&r.RowAt}, &r.Hindsight, moment{&r.RecordedAt})
}

// LeadRatings are a lead's ratings, the oldest first.
func (tx *Tx) LeadRatings(id string) ([]truce.RatingOf, error) {
	list, err := all(tx, scanRating, `SELECT `+ratingColumns+` FROM ratings WHERE lead_id = ? ORDER BY coalesce(at, row_at), rater`, id)
	if err != nil {
		return nil, fmt.Errorf("read the ratings of lead %s: %w", id, err)
	}
	return list, nil
}

// Rate stores a rating of a lead. Ratings are keyed by lead, rater and date (that of its row where it has none): the same key again
// corrects it, a later date is a second opinion beside the first, because what was said before the outcome must stay as it was said.
func (tx *Tx) Rate(r truce.RatingOf) (Change, error) {
	before, err := tx.Lead(r.LeadID)
	if err != nil {
		return "", err
	}
	ratings, err := tx.LeadRatings(r.LeadID)
	if err != nil {
		return "", err
	}
	if r.RowAt.IsZero() {
		r.RowAt = cmp.Or(r.At, tx.Now)
	}
	if !r.At.IsZero() {
		r.At = r.At.UTC().Truncate(time.Millisecond)
	}
	r.RowAt, r.RecordedAt = r.RowAt.UTC().Truncate(time.Millisecond), tx.Now
	change := Added
	key := dated(r)
	if i := slices.IndexFunc(ratings, func(old truce.RatingOf) bool { return old.Rater == r.Rater && dated(old) == key }); i >= 0 {
		old := ratings[i]
		if old.RecordedAt = r.RecordedAt; old == r {
			return Unchanged, nil
		}
		ratings[i], change = r, Changed
	} else {
		ratings = append(ratings, r)
	}
	err = tx.exec(`INSERT INTO ratings (lead_id, rater, value, at, row_at, hindsight, recorded_at, dated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (lead_id, rater, dated) DO UPDATE SET value = excluded.value, row_at = excluded.row_at, recorded_at = excluded.recorded_at`,
		r.LeadID, r.Rater, r.Value, millis(r.At), millis(r.RowAt), r.Hindsight, millis(r.RecordedAt), key)
	if err != nil {
		return "", fmt.Errorf("rate lead %s: %w", r.LeadID, err)
	}
	after := before
	inForce, _ := truce.RatingInForce(ratings, lastMoment)
	after.Rating = inForce.Value
	return change, tx.settleLead(before, after, nil, ratings)
}

// dated is the part of a rating's key that says when it was given: its own date, else, below zero, that of its row, with hindsight
// beside foresight. Without the row's date what a file says in two rows would depend on their order.
func dated(r truce.RatingOf) int64 {
	switch {
	case !r.At.IsZero():
		return r.At.UnixMilli()
	case r.Hindsight:
		return -2*r.RowAt.UnixMilli() - 2
	}
	return -2*r.RowAt.UnixMilli() - 1
}

// settleLead stores what outcomes and ratings make of a lead. Every write of a lead ends here, a new one with a zero before:
// whoever keeps sums over leads learns of each change in this one place, inside its transaction.
//
// outcomes and ratings are the lead's own now, nil where the write has not touched them.
func (tx *Tx) settleLead(before, after truce.Lead, outcomes []truce.Outcome, ratings []truce.RatingOf) error {
	counted, err := tx.roll(before, after, outcomes, ratings)
	if err != nil {
		return fmt.Errorf("settle lead %s: %w", after.ID, err)
	}
	if before.Standing == after.Standing && before.Rating == after.Rating && before.Counted == counted {
		return nil
	}
	var rating any
	if after.Rating != 0 {
		rating = int(after.Rating)
	}
	err = tx.exec(`UPDATE leads SET state = ?, state_at = ?, stage = ?, by_silence = ?, rating = ?, facts = ?, updated_at = ? WHERE id = ?`,
		after.State, millis(after.At), after.Stage, after.BySilence, rating, counted, millis(tx.Now), after.ID)
	if err != nil {
		return fmt.Errorf("settle lead %s: %w", after.ID, err)
	}
	return nil
}

// AddTouch stores a touch, which ends the promise of one; the same touch again (lead, moment, kind) is not a second one.
func (tx *Tx) AddTouch(t truce.Touch) (Change, error) {
	t.At = t.At.UTC().Truncate(time.Millisecond)
	n, err := tx.count(`SELECT count(*) FROM touches WHERE lead_id = ? AND at = ? AND kind = ?`, t.LeadID, millis(t.At), t.Kind)
	if err != nil || n > 0 {
		return Unchanged, err
	}
	err = tx.exec(`INSERT INTO touches (id, lead_id, at, kind, by_whom, recorded_at) VALUES (?, ?, ?, ?, ?, ?)`,
		truce.NewID(tx.Now), t.LeadID, millis(t.At), t.Kind, t.By, millis(tx.Now))
	if err != nil {
		return "", fmt.Errorf("log a touch of lead %s: %w", t.LeadID, err)
	}
	var ref string
	err = tx.row(`SELECT ref FROM leads WHERE id = ? AND handed_off_at IS NOT NULL`, []any{t.LeadID}, &ref)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		return Added, nil
	case err != nil:
		return "", fmt.Errorf("find what is owed on lead %s: %w", t.LeadID, err)
	}
	return Added, tx.StopLeadPromises(ref, t.At, truce.TouchPromise) // what is done is not demanded, whoever says so
}

// LeadTouches are a lead's touches, the first one first.
func (tx *Tx) LeadTouches(id string) ([]truce.Touch, error) {
	return all(tx, scanTouch, `SELECT `+touchColumns+` FROM touches WHERE lead_id = ? ORDER BY at, id`, id)
}

const touchColumns = `lead_id, at, kind, by_whom`

func scanTouch(scan func(...any) error) (t truce.Touch, err error) {
	return t, scan(&t.LeadID, moment{&t.At}, &t.Kind, &t.By)
}

// resolveOwners gives a person the leads whose owner, as the CRM says it, is their e-mail address. Their time begins now.
func (tx *Tx) resolveOwners(p truce.Person) error {
	if p.Email == "" {
		return nil
	}
	leads, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE lower(owner) = ? AND owner <> '' AND owner_id IS NULL
		AND state NOT IN ('recycled', 'rejected')`, p.Email) // a recycled lead goes to another rep
	if err != nil {
		return fmt.Errorf("find the leads of %s: %w", p.ID, err)
	}
	for _, l := range leads {
		before := l
		l.OwnerID = p.ID
		if err := tx.saveLead(before, l); err != nil {
			return err
		}
		if l.HandedOffAt.IsZero() {
			continue
		}
		if err := tx.Audit("", "", "lead.take", l.Ref, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// AnyTouch reports whether anybody logs touches at all: where nobody does, first touches are not measured.
func (tx *Tx) AnyTouch() (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM touches)`)
	return n > 0, err
}

// ChangeLead does to a lead what follows from a move of its case, or from a rule.
func (tx *Tx) ChangeLead(t truce.Terms, id string, c truce.LeadChange) error {
	if !c.Any() {
		return nil
	}
	if c.Begin {
		if err := tx.BeginLead(t, id); err != nil {
			return err
		}
	}
	if c.Restart {
		if err := tx.exec(`UPDATE leads SET clocked = 0 WHERE id = ? AND state = ''`, id); err != nil {
			return fmt.Errorf("hand lead %s back: %w", id, err)
		}
	}
	if c.Outcome != nil {
		if _, err := tx.AddOutcome(*c.Outcome); err != nil {
			return err
		}
	}
	lead, err := tx.Lead(id)
	if err != nil {
		return err
	}
	if err := tx.StopLeadPromises(lead.Ref, tx.Now, c.Done...); err != nil {
		return err
	}
	if c.Void {
		if err := tx.voidPromises(lead.Ref); err != nil {
			return err
		}
	}
	if c.Owner == nil {
		return nil
	}
	lead.OwnerID = *c.Owner
	return tx.SaveLead(lead)
}
