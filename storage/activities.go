package storage

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"truce"
)

// This file is about activities and the chains of what shall come of them.

const activityColumns = `id, name, side, kind, owner, amount, currency, starts_at, ends_at, matches, motive, closed_at, recorded_at`

func scanActivity(scan func(...any) error) (a truce.Activity, err error) {
	var cost *int64
	err = scan(&a.ID, &a.Name, &a.Side, &a.Kind, &a.Owner, &cost, &a.Cost.Currency, moment{&a.StartsAt}, moment{&a.EndsAt},
		fromJSON{&a.Matches}, &a.Motive,
		moment{&a.ClosedAt}, moment{&a.RecordedAt})
	if cost != nil {
		a.Cost.Amount, a.HasCost = *cost, true
	}
	return a, err
}

// Activity finds an activity by its id.
func (tx *Tx) Activity(id string) (truce.Activity, error) {
	list, err := all(tx, scanActivity, `SELECT `+activityColumns+` FROM activities WHERE id = ?`, id)
	switch {
	case err != nil:
		return truce.Activity{}, fmt.Errorf("read activity %s: %w", id, err)
	case len(list) == 0:
		return truce.Activity{}, truce.Errorf(truce.NotFound, "There is no activity %q.", id)
	}
	return list[0], nil
}

// Activities are all activities, by their start, name and id.
func (tx *Tx) Activities() ([]truce.Activity, error) {
	list, err := all(tx, scanActivity, `SELECT `+activityColumns+` FROM activities ORDER BY starts_at, name, id`)
	if err != nil {
		return nil, fmt.Errorf("read the activities: %w", err)
	}
	return list, nil
}

// UpsertActivity stores an activity as a file tells it; the same id again corrects it, and takes nothing away that was said here: its
// motive, and that it is closed.
func (tx *Tx) UpsertActivity(a truce.Activity) (Change, error) {
	change := Added
	was, err := tx.Activity(a.ID)
	switch {
	case err == nil:
		change = Changed
		if a.Motive == "" {
			a.Motive = was.Motive
		}
		if a.ClosedAt.IsZero() {
			a.ClosedAt = was.ClosedAt
		}
	case truce.KindOf(err) != truce.NotFound:
		return "", err
	}
	a.StartsAt, a.EndsAt, a.ClosedAt = whole(a.StartsAt), whole(a.EndsAt), whole(a.ClosedAt)
	if a.RecordedAt = was.RecordedAt; change == Changed && reflect.DeepEqual(a, was) {
		return Unchanged, nil
	}
	return change, tx.SaveActivity(a)
}

// SaveActivity stores an activity as it is.
func (tx *Tx) SaveActivity(a truce.Activity) error {
	if a.Matches == nil {
		a.Matches = []string{}
	}
	err := tx.exec(`INSERT INTO activities (`+activityColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, side = excluded.side, kind = excluded.kind, owner = excluded.owner,
		amount = excluded.amount,
			currency = excluded.currency, starts_at = excluded.starts_at, ends_at = excluded.ends_at, matches = excluded.matches,
			motive = excluded.motive,
			closed_at = excluded.closed_at, recorded_at = excluded.recorded_at`,
		a.ID, a.Name, a.Side, a.Kind, a.Owner, amount(a.Cost, a.HasCost), a.Cost.Currency, millis(a.StartsAt), millis(a.EndsAt),
		asJSON(a.Matches), a.Motive,
		millis(a.ClosedAt), millis(tx.Now))
	if err != nil {
		return fmt.Errorf("save activity %s: %w", a.ID, err)
	}
	return nil
}

const linkColumns = `activity_id, what, day, place, unit, expected, of, observed, recorded_at`

func scanLink(scan func(...any) error) (l truce.ActivityLink, err error) {
	var day string
	var seen *float64
	if err = scan(&l.Activity, &l.What, &day, &l.Place, &l.Unit, &l.Expected, &l.Of, &seen, moment{&l.RecordedAt}); err != nil {
		return l, err
	}
	if seen != nil {
		l.Observed, l.HasSeen = *seen, true
	}
	l.Date, err = truce.ParseDate(day)
	return l, err
}

// ActivityLinks are the chains of all activities, each in the order of its links.
func (tx *Tx) ActivityLinks() (map[string][]truce.ActivityLink, error) {
	list, err := all(tx, scanLink, `SELECT `+linkColumns+` FROM activity_links ORDER BY activity_id, place, day, what`)
	if err != nil {
		return nil, fmt.Errorf("read the chains of activities: %w", err)
	}
	links := map[string][]truce.ActivityLink{}
	for _, l := range list {
		links[l.Activity] = append(links[l.Activity], l)
	}
	return links, nil
}

// UpsertActivityLink stores a link: of one activity the same matter again corrects it. A new one goes to the end of its chain, and what
// its owner saw stays.
func (tx *Tx) UpsertActivityLink(l truce.ActivityLink) (Change, error) {
	day := l.Date.String()
	list, err := all(tx, scanLink, `SELECT `+linkColumns+` FROM activity_links WHERE activity_id = ? AND what = ? AND day = ?`, l.Activity,
		l.What, day)
	if err != nil {
		return "", fmt.Errorf("read the %s of activity %s: %w", l.What, l.Activity, err)
	}
	change := Added
	if i := slices.IndexFunc(list, l.Same); i >= 0 {
		was := list[i]
		if change, l.Place, l.RecordedAt = Changed, was.Place, was.RecordedAt; !l.HasSeen {
			l.Observed, l.HasSeen = was.Observed, was.HasSeen
		}
		if l == was {
			return Unchanged, nil
		}
	}
	var seen any
	if l.HasSeen {
		seen = l.Observed
	}
	if change == Changed {
		err = tx.exec(`UPDATE activity_links SET unit = ?, expected = ?, of = ?, observed = ?, recorded_at = ?
			WHERE activity_id = ? AND what = ? AND day = ? AND place = ?`, l.Unit, l.Expected, l.Of, seen, millis(tx.Now), l.Activity, l.What,
			day, l.Place)
	} else {
		err = tx.exec(`INSERT INTO activity_links (`+linkColumns+`) VALUES (?, ?, ?,
			(SELECT coalesce(max(place), 0) + 1 FROM activity_links WHERE activity_id = ?1), ?, ?, ?, ?, ?)`, l.Activity, l.What, day, l.Unit,
			l.Expected, l.Of, seen, millis(tx.Now))
	}
	if err != nil {
		return "", fmt.Errorf("save the %s of activity %s: %w", l.What, l.Activity, err)
	}
	return change, nil
}

// LeadMark is what a comparison of engaged leads needs to know of a lead beside its case.
type LeadMark struct {
	ID, Account, Email string // folded
	MQLAt              time.Time
	Source, Segment    string
	Score              float64
	HasScore           bool
}

// EachLeadMark calls fn for every lead that qualified in [from, to), by that date and then by id.
func (tx *Tx) EachLeadMark(from, to time.Time, fn func(LeadMark) error) error {
	return each(tx, func(scan func(...any) error) (m LeadMark, err error) {
		var score *float64
		err = scan(&m.ID, &m.Account, &m.Email, moment{&m.MQLAt}, &m.Source, &m.Segment, &score)
		if score != nil {
			m.Score, m.HasScore = *score, true
		}
		return m, err
	}, fn, `SELECT id, account, email_key, mql_at, source, segment, score FROM leads WHERE mql_at >= ? AND mql_at < ? ORDER BY mql_at, id`,
		millis(from), millis(to))
}

// EachMeeting calls fn for every meeting with a lead that qualified in [from, to), by lead and date.
func (tx *Tx) EachMeeting(from, to time.Time, fn func(lead string, at time.Time) error) error {
	return tx.each(`SELECT t.lead_id, t.at FROM leads l JOIN touches t ON t.lead_id = l.id WHERE l.mql_at >= ? AND l.mql_at < ?
		AND t.kind = 'meeting' ORDER BY t.lead_id, t.at`,
		[]any{millis(from), millis(to)}, func(scan func(...any) error) error {
			var id string
			var at time.Time
			if err := scan(&id, moment{&at}); err != nil {
				return err
			}
			return fn(id, at)
		})
}
