package storage

import (
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file keeps the versions of the ideal customer profile: proposals, the first of which may come of the configuration.

// Profiles are the versions of the ideal customer profile that came into force by a moment, the newest first. configured is version 1 where
// none is kept; nil is none.
func (tx *Tx) Profiles(configured *truce.Profile, at time.Time) (list []truce.ProfileVersion, err error) {
	all, err := tx.VersionsOf(truce.ICPGround, at)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		v := truce.ProfileVersion{Version: p.Version, From: p.InForce, By: p.By, ID: p.ID}
		if v.Profile, err = truce.ReadProfile(p.Payload); err != nil {
			return nil, fmt.Errorf("read %s: %w", p.ID, err)
		}
		if v.By == "" { // the configured one holds of old
			v.From = time.Time{}
		}
		list = append(list, v)
	}
	if len(list) == 0 && configured != nil {
		list = append(list, truce.ProfileVersion{Profile: *configured, Version: 1})
	}
	return list, nil
}

// KeepProfile keeps the configured profile as version 1, or as the version 1 that it has become, as long as nothing was agreed on in chat.
// changed is false where it stays as it was.
func (tx *Tx) KeepProfile(p truce.Profile) (changed bool, err error) {
	payload, err := p.MarshalJSON()
	if err != nil {
		return false, fmt.Errorf("write the configured profile: %w", err)
	}
	had, err := tx.Versions(truce.ICPGround, "")
	if err != nil {
		return false, err
	}
	if len(had) == 1 && had[0].By == "" && !truce.SameJSON(had[0].Payload, payload) {
		if err := tx.exec(`UPDATE proposals SET payload = ? WHERE id = ?`, string(payload), had[0].ID); err != nil {
			return false, fmt.Errorf("keep the configured profile: %w", err)
		}
		return true, tx.Audit("", "", "icp.configured", had[0].ID, nil)
	}
	if len(had) > 0 {
		return false, nil
	}
	n, err := tx.next("proposal")
	if err != nil {
		return false, err
	}
	v := truce.Proposal{ID: fmt.Sprintf("T-%d", n), Kind: truce.ICPGround, Title: "the configured ideal customer profile", Payload: payload,
		At: tx.Now, AskedAt: tx.Now,
		Agreed: tx.Now, InForce: tx.Now, Version: 1, State: truce.ProposalInForce, Needs: []truce.Side{}}
	if err := tx.insertProposal(v); err != nil {
		return false, fmt.Errorf("keep the configured profile: %w", err)
	}
	return true, tx.Audit("", "", "icp.configured", v.ID, nil)
}

// LeadFit is what a profile says of a lead, by what was known of it at a moment. shared are domains that many companies share.
func (tx *Tx) LeadFit(l truce.Lead, p truce.Profile, shared []string, at time.Time) (truce.Fit, error) {
	changes, err := tx.LeadChanges(l.ID)
	if err != nil {
		return truce.Fit{}, err
	}
	a, err := tx.LeadAccount(l, shared)
	if err != nil {
		return truce.Fit{}, err
	}
	return p.Of(func(name string) string {
		if own := l.AttributeAt(name, changes, at); own != "" {
			return own
		}
		return a.Attribute(name, at)
	}), nil
}

// SetEffect keeps what a proposal would have changed, and shows it where the proposal stands.
func (tx *Tx) SetEffect(id, effect string) error {
	if err := tx.exec(`UPDATE proposals SET effect = ? WHERE id = ?`, effect, id); err != nil {
		return fmt.Errorf("keep the effect of %s: %w", id, err)
	}
	p, err := tx.Proposal(id)
	if err != nil {
		return err
	}
	return tx.showProposal(p, nil)
}

// ProfileAttributes are the names that a profile may ask of: those of accounts and of the newest leads, sorted.
func (tx *Tx) ProfileAttributes() ([]string, error) {
	names, err := tx.AccountAttributes()
	if err != nil {
		return nil, err
	}
	own, err := tx.texts(`SELECT DISTINCT j.key FROM (SELECT attrs FROM leads WHERE attrs <> '' ORDER BY mql_at DESC LIMIT 500) l, json_each(l.attrs) j`)
	if err != nil {
		return nil, fmt.Errorf("find which attributes leads have: %w", err)
	}
	names = append(append(names, own...), "segment", "product", "source", "campaign", "company")
	slices.Sort(names)
	names = slices.CompactFunc(names, func(a, b string) bool { return truce.FoldAttribute(a) == truce.FoldAttribute(b) })
	return slices.DeleteFunc(names, truce.Refused), nil
}

// LeadsQualified counts the leads that qualified in [from, to).
func (tx *Tx) LeadsQualified(from, to time.Time) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM leads WHERE mql_at >= ? AND mql_at < ?`, millis(from), millis(to))
	return int(n), err
}

// KeptFit is what the profile says of a lead at a moment; nil where no profile was ever in force.
func (tx *Tx) KeptFit(l truce.Lead, t truce.Terms, asOf time.Time) (*truce.KeptFit, error) {
	versions, err := tx.Profiles(t.ICP.Configured, asOf)
	if err != nil {
		return nil, err
	}
	return tx.KeptFitBy(versions, l, t, asOf)
}

// KeptFitBy is KeptFit by versions that are known, the newest first.
func (tx *Tx) KeptFitBy(versions []truce.ProfileVersion, l truce.Lead, t truce.Terms, asOf time.Time) (_ *truce.KeptFit, err error) {
	if len(versions) == 0 {
		return nil, nil
	}
	k := &truce.KeptFit{}
	v := truce.ProfileAt(versions, l.HandedOver())
	if v == nil {
		v, k.Before = &versions[0], true
	}
	k.Version = v.Version
	var verdict time.Time
	if err := tx.row(`SELECT min(at) FROM (SELECT at FROM outcomes WHERE lead_id = ?1 AND origin <> 'silence' AND at <= ?2
		UNION ALL SELECT opened_at FROM disputes WHERE lead_id = ?1 AND opened_at <= ?2)`, []any{l.ID, millis(asOf)},
		moment{&verdict}); err != nil {
		return nil, fmt.Errorf("find the first verdict on %s: %w", l.ID, err)
	}
	k.By = t.Calendar.FitBy(l, verdict)
	k.Counts = !k.Before && !k.By.After(asOf)
	if k.Now, err = tx.LeadFit(l, v.Profile, t.ICP.Shared, asOf); err != nil {
		return nil, err
	}
	if k.Fit = k.Now; k.By.Before(asOf) {
		k.Fit, err = tx.LeadFit(l, v.Profile, t.ICP.Shared, k.By)
	}
	return k, err
}

// FirstDisputes are when a case about a lead was first opened, by lead, up to a moment.
func (tx *Tx) FirstDisputes(asOf time.Time) (map[string]time.Time, error) {
	first := map[string]time.Time{}
	err := tx.each(`SELECT lead_id, min(opened_at) FROM disputes WHERE opened_at <= ? GROUP BY lead_id`, []any{millis(asOf)},
		func(scan func(...any) error) error {
			var id string
			var at time.Time
			if err := scan(&id, moment{&at}); err != nil {
				return err
			}
			first[id] = at
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("find when leads were first disputed: %w", err)
	}
	return first, nil
}

// ProposalAt is the proposal of a kind that was under way at a moment; nil where none was.
func (tx *Tx) ProposalAt(k truce.ProposalKind, at time.Time) (*truce.Proposal, error) {
	list, err := tx.proposals(`WHERE kind = ?1 AND at <= ?2 AND (agreed_at IS NULL OR agreed_at > ?2) AND (closed_at IS NULL OR closed_at > ?2)
		ORDER BY at DESC, id LIMIT 1`, k, millis(at))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
