package storage

import (
	"encoding/json"
	"fmt"
	"slices"

	"truce"
)

// This file keeps what CRMs say of a lead's source after it was locked, and asks both sides about it.

// SourceChanges are the leads whose source is another one by now in what tells of them, in the order of their ids.
func (tx *Tx) SourceChanges() ([]truce.SourceChange, error) {
	list, err := all(tx, func(scan func(...any) error) (c truce.SourceChange, err error) {
		return c, scan(&c.LeadID, &c.Ref, &c.Was, &c.Now, &c.System, moment{&c.At}, &c.Came, &c.Proposal)
	}, `SELECT l.id, l.ref, l.source, c.source, c.system, c.at, c.came, c.proposal_id FROM source_changes c JOIN leads l ON l.id = c.lead_id
		WHERE l.source <> c.source ORDER BY l.id`)
	if err != nil {
		return nil, fmt.Errorf("read whose source has changed: %w", err)
	}
	return list, nil
}

// noteSource notes what is said of a lead's source, which is locked; came is true where the lead comes with it. What is said again, or of
// a lead that has this source, is no news.
func (tx *Tx) noteSource(lead, system, here, said string, came bool) error {
	if said == "" || here == "" {
		return nil
	}
	var err error
	if said == here {
		err = tx.exec(`DELETE FROM source_changes WHERE lead_id = ?`, lead)
	} else {
		err = tx.exec(`INSERT INTO source_changes (lead_id, system, source, at, came) VALUES (?, ?, ?, ?, ?) ON CONFLICT (lead_id) DO UPDATE
			SET system = excluded.system, source = excluded.source, at = excluded.at, came = 0, proposal_id = '' WHERE source <> excluded.source`,
			lead, system, said, millis(tx.Now), came)
	}
	if err != nil {
		return fmt.Errorf("note what is said of the source of lead %s: %w", lead, err)
	}
	return nil
}

// noteTold is noteSource for a row of a list. Lists have millions of rows and few say anything new: that a lead has the source that is
// told is looked up only where anything was noted at all.
func (tx *Tx) noteTold(before, l truce.Lead) error {
	if before.Source == l.Source && !tx.sourcesAsked {
		n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM source_changes)`)
		if err != nil {
			return err
		}
		tx.sourcesAsked, tx.sourcesNoted = true, n > 0
	}
	if before.Source == l.Source && !tx.sourcesNoted {
		return nil
	}
	tx.sourcesAsked, tx.sourcesNoted = true, true
	return tx.noteSource(l.ID, "", before.Source, l.Source, false)
}

// ProposeSources asks both sides about the sources that have changed in a CRM, and takes back what was asked and is not said there any
// more. Where a side has nobody who could say yes, nothing is asked. It gives what was proposed.
func (tx *Tx) ProposeSources() (made []truce.Proposal, err error) {
	changes, err := tx.SourceChanges()
	if err != nil {
		return nil, err
	}
	open, err := tx.proposals(`WHERE state = 'proposed' AND kind = ? ORDER BY at, length(id), id`, truce.SourceGround)
	if err != nil {
		return nil, err
	}
	if len(changes)+len(open) == 0 {
		return nil, nil
	}
	var still []truce.Proposal
	for _, p := range open {
		if p.Overtaken(changes) {
			if err := tx.takeBackSource(p); err != nil {
				return nil, err
			}
			continue
		}
		still = append(still, p)
	}
	if len(still) < len(open) { // its leads may be asked about again
		if changes, err = tx.SourceChanges(); err != nil {
			return nil, err
		}
	}
	k, err := tx.Keyholders()
	if err != nil || !k.Two() {
		return nil, err
	}
	refused, err := tx.proposals(`WHERE kind = ? AND proposed_by = '' AND state = 'declined'`, truce.SourceGround)
	if err != nil {
		return nil, err
	}
	for _, group := range truce.SourcesToPropose(changes, still, refused) {
		p, err := tx.proposeSource(group)
		if err != nil {
			return nil, err
		}
		made = append(made, p)
	}
	return made, nil
}

// takeBackSource withdraws a proposal that nobody made but the CRM, which says otherwise by now.
func (tx *Tx) takeBackSource(p truce.Proposal) error {
	if err := tx.exec(`UPDATE source_changes SET proposal_id = '' WHERE proposal_id = ?`, p.ID); err != nil {
		return fmt.Errorf("forget %s: %w", p.ID, err)
	}
	_, err := tx.MoveProposal(p.ID, "proposal.withdraw", "", "", func(p *truce.Proposal, k truce.Keyholders) error {
		return p.Withdraw("", false, k, "The CRM says otherwise by now.", tx.Now)
	})
	return err
}

// proposeSource proposes one move of some leads.
func (tx *Tx) proposeSource(group []truce.SourceChange) (truce.Proposal, error) {
	leads := make([]truce.Lead, len(group))
	for i, c := range group {
		leads[i] = truce.Lead{Ref: c.Ref, Source: c.Was}
	}
	becomes, had := truce.SourceOf(leads, group[0].Now)
	payload, err := json.Marshal(becomes)
	if err != nil {
		return truce.Proposal{}, fmt.Errorf("write the source: %w", err)
	}
	configured, err := json.Marshal(had)
	if err != nil {
		return truce.Proposal{}, fmt.Errorf("write the source: %w", err)
	}
	was, err := tx.InForce(truce.SourceGround, becomes.Thing(), tx.Now)
	if err != nil {
		return truce.Proposal{}, err
	}
	if was != nil {
		was.Payload = configured // as with what people propose: see propose in package handlers
	}
	p, err := truce.NewProposal(truce.SourceGround, becomes.Thing(), payload, was, configured, truce.Person{})
	if err != nil {
		return p, err
	}
	p.Why = truce.WhySource(group)
	if p, err = tx.Propose(p, ""); err != nil {
		return p, err
	}
	ids := make([]string, len(group))
	for i, c := range group {
		ids[i] = c.LeadID
	}
	if err := tx.exec(`UPDATE source_changes SET proposal_id = ? WHERE lead_id IN (SELECT value FROM json_each(?))`, p.ID,
		asJSON(slices.Clip(ids))); err != nil {
		return p, fmt.Errorf("note that %s asks about sources: %w", p.ID, err)
	}
	return p, nil
}
