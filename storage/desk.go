package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file is what waits for a person: on the home page, and in reminders.

const deskRows = 5 // of each kind of lead, and of the person's own cases

// Desk is what waits for a person.
func (tx *Tx) Desk(t truce.Terms, by truce.Person) (d truce.Desk, err error) {
	d.Now = tx.Now
	all, err := tx.deskItems(t, by, &d)
	if err != nil {
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
	if by.Has(truce.Admin) {
		r, err := tx.Ramp(t)
		if err != nil {
			return d, err
		}
		if r.At(tx.Now) < truce.RampComparisons {
			d.Ramp = &r
		}
	}
	if err := tx.deskRoles(t, by, all, &d); err != nil {
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
	drafts, err := tx.count(`SELECT count(*) FROM notes WHERE `+isDraft+` AND author_id = ? AND created_at >= ?`, by.ID,
		millis(tx.Now.AddDate(0, 0, -truce.DraftDays)))
	if d.Drafts = int(drafts); err != nil {
		return d, err
	}
	if by.TeamSide() == truce.Sales {
		if before, ok := t.Calendar.AddDays(tx.Now, -t.RatingAfter); ok {
			if err := tx.deskUnrated(t, by, before, &d); err != nil {
				return d, err
			}
		}
	}
	if by.Manages(truce.Sales) {
		if d.Nobodys, d.Of.Nobodys, err = tx.firstLeads(nobodys(tx.Now.AddDate(0, -3, 0))); err != nil {
			return d, err
		}
		d.Recycled, d.Of.Recycled, err = tx.firstLeads(recycled)
	}
	return d, err
}

// deskUnrated finds the first leads that a person has not rated, and counts them: those that they look at a second time too.
func (tx *Tx) deskUnrated(t truce.Terms, by truce.Person, before time.Time, d *truce.Desk) (err error) {
	if d.Unrated, err = tx.UnratedLeadsOf(t, by.ID, before, deskRows); err != nil {
		return err
	}
	if d.Of.Unrated = len(d.Unrated); d.Of.Unrated < deskRows {
		return nil
	}
	second, err := tx.unratedLooks(t, by.ID, before)
	if err != nil {
		return err
	}
	d.Of.Unrated, err = tx.countListed(unratedOf(by.ID, before))
	d.Of.Unrated += len(second)
	return err
}

// firstLeads are the first of a list, and how many there are in all.
func (tx *Tx) firstLeads(l leadList) ([]truce.Lead, int, error) {
	list, err := tx.listed(l, deskRows)
	if err != nil || len(list) < deskRows {
		return list, len(list), err
	}
	n, err := tx.countListed(l)
	return list, n, err
}

func (tx *Tx) countListed(l leadList) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM leads l WHERE `+l.where, l.args...)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", l.what, err)
	}
	return int(n), nil
}

// deskItems finds what waits for a person, the cases they opened that wait for others, and how many wait for their colleagues. all is
// what it was found among: of managers all that waits now, for their page counts it by side.
func (tx *Tx) deskItems(t truce.Terms, by truce.Person, d *truce.Desk) (all []truce.Pending, err error) {
	var mine, cases []truce.Pending
	if by.Manages(truce.Sales) || by.Manages(truce.Marketing) {
		if all, err = tx.Pending(t, tx.Now); err == nil {
			mine, err = tx.PendingFor(t, all, by.ID)
			cases = ofCases(all)
		}
	} else {
		mine, cases, err = tx.PendingOf(t, by.ID)
	}
	if err != nil {
		return nil, err
	}
	d.Count = len(mine)
	if d.Items, err = tx.Items(t, mine, truce.ShownAtOnce); err != nil {
		return nil, err
	}
	own, others := ownWaiting(mine, cases, by)
	d.Of.Mine, d.Waiting = len(own), others
	for _, c := range own[:min(deskRows, len(own))] {
		f, err := tx.CaseFile(t, c.ID)
		if err != nil {
			return nil, err
		}
		d.Mine = append(d.Mine, f)
	}
	return all, nil
}

// OwnWaiting are the open cases of a person that wait for others, the longest waiting first.
func (tx *Tx) OwnWaiting(t truce.Terms, by truce.Person) ([]truce.Dispute, error) {
	mine, cases, err := tx.PendingOf(t, by.ID)
	own, _ := ownWaiting(mine, cases, by)
	return own, err
}

// ownWaiting parts the cases that wait for somebody else than the person: their own, and how many of the others wait for Marketing.
func ownWaiting(mine, cases []truce.Pending, by truce.Person) (own []truce.Dispute, others int) {
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
			own = append(own, *c)
		case p.Kind == truce.AnswerPromise && by.SpeaksForMarketing():
			others++
		}
		seen[p.Case.ID] = true
	}
	slices.SortStableFunc(own, func(a, b truce.Dispute) int { return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID)) })
	return own, others
}

func (tx *Tx) deskRules(by truce.Person, d *truce.Desk) error {
	if !by.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) {
		return nil
	}
	return tx.deskProposals(by, d)
}

// WaitsBeside is what waits for a person beside leads and cases: how many proposals for their yes, and how many actions of the task force
// that are due by a day.
func (tx *Tx) WaitsBeside(by truce.Person, day truce.Date) (proposals, actions int, err error) {
	var d truce.Desk
	if err := tx.deskRules(by, &d); err != nil {
		return 0, 0, err
	}
	due, err := tx.deskActions(by, day)
	return len(d.Proposed), len(due), err
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

// RecycledLeads are the recycled ones that wait for another rep, the longest waiting first; at most n.
func (tx *Tx) RecycledLeads(n int) ([]truce.Lead, error) { return tx.listed(recycled, n) }

var recycled = leadList{what: "the recycled leads", order: "state_at, id",
	where: `state = 'recycled' AND owner_id IS NULL AND handed_off_at IS NOT NULL`}

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
