package storage

import (
	"fmt"

	"truce"
)

// This file is what waits for a person: on the home page, and in reminders.

const deskLeads = 5 // of each kind of lead

// Desk is what waits for a person.
func (tx *Tx) Desk(t truce.Terms, by truce.Person) (d truce.Desk, err error) {
	d.Now = tx.Now
	if err := tx.deskItems(t, by, &d); err != nil {
		return d, fmt.Errorf("gather what waits for %s: %w", by.ID, err)
	}
	if err := tx.deskRules(by, &d); err != nil {
		return d, err
	}
	if by.Signs() {
		versions, err := tx.CharterVersions(tx.Now)
		if err != nil {
			return d, err
		}
		if len(versions) > 0 {
			s, err := tx.Signature(by.ID, versions[0].Text)
			if err != nil {
				return d, err
			}
			if !s.Answered() {
				d.Sign = versions[0].Text
			}
		}
	}
	if d.Steps, err = tx.deskSteps(by); err != nil {
		return d, err
	}
	if d.Actions, err = tx.deskActions(by, t.Calendar.Date(tx.Now)); err != nil {
		return d, err
	}
	if d.Digest, err = tx.digestFor(by); err != nil {
		return d, err
	}
	if by.TeamSide() == truce.Sales || by.Has(truce.Admin) {
		if d.Stale, err = tx.Stale(t, tx.Now); err != nil {
			return d, err
		}
	}
	drafts, err := tx.count(`SELECT count(*) FROM notes WHERE `+isDraft+` AND author_id = ? AND created_at >= ?`, by.ID, millis(tx.Now.AddDate(0, 0, -truce.DraftDays)))
	if d.Drafts = int(drafts); err != nil {
		return d, err
	}
	if by.TeamSide() == truce.Sales {
		if before, ok := t.Calendar.AddDays(tx.Now, -t.RatingAfter); ok {
			if d.Unrated, err = tx.UnratedLeadsOf(by.ID, before, deskLeads); err != nil {
				return d, err
			}
		}
	}
	if by.Manages(truce.Sales) {
		if d.Nobodys, err = tx.NobodysLeads(tx.Now.AddDate(0, -3, 0), deskLeads); err != nil {
			return d, err
		}
		d.Recycled, err = tx.recycledLeads(deskLeads)
	}
	return d, err
}

// deskItems finds what waits for a person, the cases they opened that wait for others, and how many wait for their colleagues.
func (tx *Tx) deskItems(t truce.Terms, by truce.Person, d *truce.Desk) error {
	mine, cases, err := tx.PendingOf(t, by.ID)
	if err != nil {
		return err
	}
	d.Count = len(mine)
	if d.Items, err = tx.Items(t, mine, truce.ShownAtOnce); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, p := range mine {
		if p.Case != nil {
			seen[p.Case.ID] = true
		}
	}
	for _, p := range cases {
		switch c := p.Case; {
		case seen[c.ID]:
			continue
		case c.OpenerID == by.ID:
			f, err := tx.CaseFile(t, c.ID)
			if err != nil {
				return err
			}
			d.Mine = append(d.Mine, f)
		case p.Kind == truce.AnswerPromise && by.SpeaksForMarketing():
			d.Waiting++
		}
		seen[p.Case.ID] = true
	}
	return nil
}

func (tx *Tx) deskRules(by truce.Person, d *truce.Desk) error {
	if !by.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) {
		return nil
	}
	return tx.deskProposals(by, d)
}

// deskProposals finds the proposals that a person may answer.
func (tx *Tx) deskProposals(by truce.Person, d *truce.Desk) error {
	open, err := tx.OpenProposals()
	if err != nil {
		return err
	}
	files, err := tx.ProposalFiles(open)
	for _, f := range files {
		if f.MayAnswer(by.ID, f.Keys) {
			d.Proposed = append(d.Proposed, f)
		}
	}
	return err
}

func (tx *Tx) recycledLeads(n int) ([]truce.Lead, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE state = 'recycled' AND owner_id IS NULL AND handed_off_at IS NOT NULL
		ORDER BY state_at DESC, id LIMIT ?`, n)
	if err != nil {
		return nil, fmt.Errorf("read the recycled leads: %w", err)
	}
	return list, nil
}

// homeSeen is the setting of those who have opened their home page: only theirs are kept up to date.
const homeSeen = "home_opened"

// HomeOpened notes that a person looks at their home page.
func (tx *Tx) HomeOpened(person string) error { return tx.SetPref(person, homeSeen, "1") }

// RefreshHome has a person's home page drawn anew, where they have one.
func (tx *Tx) RefreshHome(person string) error {
	if person == "" {
		return nil
	}
	if seen, err := tx.Pref(person, homeSeen); err != nil || seen == "" {
		return err
	}
	return tx.Send(Message{To: ToPerson(person), Subject: HomeSubject(person), Kind: CaseMessage})
}
