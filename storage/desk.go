package storage

import (
	"fmt"
	"slices"

	"truce"
)

// This file is what waits for a person: on the home page, and in reminders.

const deskLeads = 5 // of each kind of lead

// OwedFiles gathers what is shown of promises. A lead's first touch is said with its verdict, where both are owed.
func (tx *Tx) OwedFiles(t truce.Terms, list []truce.Promise) ([]truce.Owed, error) {
	touches, verdicts := map[string]truce.Promise{}, map[string]bool{}
	for _, p := range list {
		switch p.Kind {
		case truce.TouchPromise:
			touches[p.Subject] = p
		case truce.VerdictPromise:
			verdicts[p.Subject] = true
		}
	}
	var owed []truce.Owed
	for _, p := range list {
		o := truce.Owed{Promise: p}
		switch {
		case p.Kind == truce.RatingPromise, p.Kind == truce.TouchPromise && verdicts[p.Subject]:
			continue
		case p.OnLead():
			f, err := tx.LeadFileByRef(p.Subject)
			if err != nil {
				return nil, err
			}
			o.Lead = &f
			if touch, ok := touches[p.Subject]; ok && p.Kind == truce.VerdictPromise {
				o.Touch = &touch
			}
		default:
			f, err := tx.CaseFile(t, p.Subject)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(f.Owed(), p.Answers) { // it waits for somebody else meanwhile
				continue
			}
			o.Case = &f
		}
		owed = append(owed, o)
	}
	return owed, nil
}

// SubjectTitle is whom a promise's subject is about: the title of the lead (L-1), or of the lead of the case (D-1); "" where there is
// none.
func (tx *Tx) SubjectTitle(subject string) (string, error) {
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE id IN (SELECT id FROM leads WHERE ref = ?1 UNION ALL SELECT lead_id FROM disputes WHERE id = ?1)`, subject)
	if err != nil {
		return "", fmt.Errorf("find what %s is about: %w", subject, err)
	}
	if len(list) == 0 {
		return "", nil
	}
	return list[0].Title(), nil
}

// Desk is what waits for a person.
func (tx *Tx) Desk(t truce.Terms, by truce.Person) (d truce.Desk, err error) {
	promises, err := tx.PromisesBy(by.ID)
	if err != nil {
		return d, err
	}
	if d.Owed, err = tx.OwedFiles(t, promises); err != nil {
		return d, err
	}
	if err := tx.deskCases(t, by, &d); err != nil {
		return d, fmt.Errorf("gather the cases of %s: %w", by.ID, err)
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

// deskCases finds the cases that a person may rule on, those they opened, and how many wait for Marketing.
func (tx *Tx) deskCases(t truce.Terms, by truce.Person, d *truce.Desk) error {
	open, err := tx.OpenDisputes()
	if err != nil {
		return err
	}
	owed := map[string]bool{}
	for _, o := range d.Owed {
		if o.Case != nil {
			owed[o.Case.ID] = true
		}
	}
	for _, c := range open {
		_, refused := c.RulesAs(t, by, tx.Now)
		switch {
		case owed[c.ID]:
		case refused == nil:
			f, err := tx.CaseFile(t, c.ID)
			if err != nil {
				return err
			}
			d.Rulings = append(d.Rulings, f)
		case c.OpenerID == by.ID:
			f, err := tx.CaseFile(t, c.ID)
			if err != nil {
				return err
			}
			d.Mine = append(d.Mine, f)
		case c.State == truce.DisputeOpen && by.SpeaksForMarketing():
			d.Waiting++
		}
	}
	return nil
}

func (tx *Tx) deskRules(by truce.Person, d *truce.Desk) error {
	if !by.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) {
		return nil
	}
	managers, err := tx.Managers()
	if err != nil {
		return err
	}
	rules, err := tx.ProposedRules()
	if err != nil {
		return err
	}
	for _, r := range rules {
		if len(r.Turns(by, managers)) > 0 {
			d.Rules = append(d.Rules, r)
		}
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

// HomeSubject is a person's home page.
func HomeSubject(person string) string { return "home:" + person }

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
