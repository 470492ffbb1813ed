package storage

import (
	"fmt"

	"truce"
)

// PrefFirstSteps is whether an admin has put the first steps away: "hidden", or nothing.
const PrefFirstSteps = "first_steps"

// Begun is how far the company has come with Truce.
func (tx *Tx) Begun() (b truce.Begun, err error) {
	is := func(role truce.Role) string {
		return fmt.Sprintf(`(SELECT count(DISTINCT p.id) FROM roles r JOIN people p ON p.id = r.person_id WHERE p.active = 1
			AND r.role = '%s')`, role)
	}
	err = tx.row(`SELECT `+is(truce.Rep)+`, `+is(truce.Marketer)+`, `+is(truce.SalesManager)+`, `+is(truce.MarketingManager)+`, `+
		is(truce.Sponsor)+`,
			EXISTS (SELECT 1 FROM leads), EXISTS (SELECT 1 FROM outcomes), EXISTS (SELECT 1 FROM objections WHERE undone_at IS NULL),
			EXISTS (SELECT 1 FROM answers WHERE state = 'approved'), EXISTS (SELECT 1 FROM proposals WHERE kind = 'charter' AND in_force_at <= ?),
			EXISTS (SELECT 1 FROM signatures WHERE signed_at IS NOT NULL)`, []any{millis(tx.Now)},
		&b.Sales, &b.Marketing, &b.SalesManagers, &b.MarketingManagers, &b.Sponsors, &b.Leads, &b.Outcomes, &b.Objections, &b.Answers,
		&b.Charters, &b.Signed)
	if err != nil {
		return b, fmt.Errorf("look how far the company has come: %w", err)
	}
	return b, nil
}

// deskSteps are the first steps, to an admin, until all are taken or the admin has put them away.
func (tx *Tx) deskSteps(by truce.Person) ([]truce.FirstStep, error) {
	if !by.Has(truce.Admin) {
		return nil, nil
	}
	if away, err := tx.Pref(by.ID, PrefFirstSteps); err != nil || away != "" {
		return nil, err
	}
	b, err := tx.Begun()
	if err != nil {
		return nil, err
	}
	steps := b.FirstSteps()
	for _, s := range steps {
		if !s.Done {
			return steps, nil
		}
	}
	return nil, nil
}

// deskActions are the open actions of a person that are due by the end of a day.
func (tx *Tx) deskActions(by truce.Person, day truce.Date) (due []truce.MeetingAction, err error) {
	list, err := tx.MeetingActions("", tx.Now)
	for _, a := range list {
		if a.OwnerID == by.ID && a.ClosedAt.IsZero() && a.Due.Compare(day) <= 0 {
			due = append(due, a)
		}
	}
	return due, err
}
