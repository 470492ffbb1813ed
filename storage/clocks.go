package storage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file keeps promises: what is owed by when, while it runs and afterwards.

const promiseColumns = `c.id, c.subject, c.kind, c.side, c.person_id, c.started_at, c.due_at, c.left_ms, c.remind_at, c.reminder, c.stopped_at, c.result, c.promised_at`

func scanPromise(scan func(...any) error) (p truce.Promise, err error) {
	var left int64
	err = scan(&p.ID, &p.Subject, &p.Kind, &p.Side, &p.PersonID, moment{&p.StartedAt}, moment{&p.DueAt}, &left, moment{&p.RemindAt}, &p.Reminder, moment{&p.StoppedAt}, &p.Result, moment{&p.PromisedAt})
	p.Left = time.Duration(left) * time.Millisecond
	return p, err
}

func (tx *Tx) promises(query string, args ...any) ([]truce.Promise, error) {
	list, err := all(tx, scanPromise, `SELECT `+promiseColumns+` FROM clocks c `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read promises: %w", err)
	}
	return list, nil
}

// Promises are all promises about a case (D-1) or a lead (L-1), oldest first, ended ones too.
func (tx *Tx) Promises(subject string) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.subject = ? ORDER BY c.started_at, c.id`, subject)
}

// Promise reads a promise anew.
func (tx *Tx) Promise(id string) (truce.Promise, error) {
	list, err := tx.promises(`WHERE c.id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no promise %s.", id)
	}
	if err != nil {
		return truce.Promise{}, err
	}
	return list[0], nil
}

// OpenPromises are those of a subject that run or are paused.
func (tx *Tx) OpenPromises(subject string) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.subject = ? AND c.result IN ('', 'paused') ORDER BY c.started_at, c.id`, subject)
}

// PromisesBy are the running promises of a person, the next due first.
func (tx *Tx) PromisesBy(person string) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.person_id = ? AND c.result IN ('', 'paused') ORDER BY c.due_at, c.id`, person)
}

// PromisesToRemind are the running promises that must be reminded of at t.
func (tx *Tx) PromisesToRemind(t time.Time, n int) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.result = '' AND c.reminder = '' AND c.remind_at <= ? ORDER BY c.remind_at, c.id LIMIT ?`, millis(t), n)
}

// PromisesDue are the running promises whose deadline has come at t.
func (tx *Tx) PromisesDue(t time.Time, n int) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.result = '' AND c.due_at <= ? ORDER BY c.due_at, c.id LIMIT ?`, millis(t), n)
}

// PromisesRemindedBy are the promises that a reminder, by its outbox key, is about, as long as they run.
func (tx *Tx) PromisesRemindedBy(key string) ([]truce.Promise, error) {
	return tx.promises(`WHERE c.result = '' AND instr(' ' || c.reminder || ' ', ' ' || ? || ' ') > 0 ORDER BY c.due_at, c.id`, key)
}

// PromisesAway are the lead promises, running or paused, of people with a leave on record or without a reachable identity,
// and all paused ones: those for which somebody's coming or going may change something.
func (tx *Tx) promisesAway() ([]truce.Promise, error) {
	return tx.promises(`WHERE c.result IN ('', 'paused') AND c.kind IN ('verdict', 'touch', 'rating') AND (c.result = 'paused'
		OR EXISTS (SELECT 1 FROM people p WHERE p.id = c.person_id AND (p.leave_from IS NOT NULL OR p.active = 0)))`)
}

// SavePromise stores a promise; a new one gets its id.
func (tx *Tx) SavePromise(p truce.Promise) error {
	if p.ID == "" {
		p.ID = tx.newID()
	}
	err := tx.exec(`INSERT INTO clocks (id, subject, kind, side, person_id, started_at, due_at, left_ms, remind_at, reminder, stopped_at, result, promised_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET person_id = excluded.person_id, due_at = excluded.due_at, left_ms = excluded.left_ms,
			remind_at = excluded.remind_at, reminder = excluded.reminder, stopped_at = excluded.stopped_at, result = excluded.result, promised_at = excluded.promised_at`,
		p.ID, p.Subject, p.Kind, p.Side, p.PersonID, millis(p.StartedAt), millis(p.DueAt), p.Left.Milliseconds(), millis(p.RemindAt), p.Reminder,
		millis(p.StoppedAt), p.Result, millis(p.PromisedAt))
	if err != nil {
		return fmt.Errorf("save the %s promise of %s: %w", p.Kind, p.Subject, err)
	}
	return tx.RefreshHome(p.PersonID)
}

// ReminderDelivered is when the first of a promise's reminders arrived; zero where none has. lost reports that none can
// arrive any more.
func (tx *Tx) ReminderDelivered(p truce.Promise) (at time.Time, lost bool, err error) {
	lost = p.Reminder != ""
	for key := range strings.FieldsSeq(p.Reminder) {
		var sent time.Time
		var state string
		// A channel's message that went to people instead has their copies under keys of its own.
		err := tx.row(`SELECT state, sent_at FROM outbox WHERE key = ?`, []any{key}, &state, moment{&sent})
		switch {
		case truce.KindOf(err) == truce.NotFound:
			continue
		case err != nil:
			return time.Time{}, false, fmt.Errorf("look for reminder %s: %w", key, err)
		case state == "sent" && (at.IsZero() || sent.Before(at)):
			at = sent
		}
		if state != "dropped" {
			lost = false
		}
	}
	return at, lost, nil
}

// present reports whether a person can act and be reminded: active, not on leave, and on a platform that takes messages.
func (tx *Tx) present(p truce.Person) (bool, error) {
	if !p.Active || p.OnLeave(tx.Now) {
		return false, nil
	}
	ids, err := tx.Identities(p.ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(ids, func(i Identity) bool { return i.Unreachable.IsZero() }), nil
}

// presentOf are those of people who are present and not excluded.
func (tx *Tx) presentOf(people []truce.Person, except func(truce.Person) bool) ([]truce.Person, error) {
	var list []truce.Person
	for _, p := range people {
		if except(p) {
			continue
		}
		ok, err := tx.present(p)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, p)
		}
	}
	return list, nil
}

// answerer is the marketer who is to answer a case: the one who has its bundle already, else the one who owes the fewest
// answers; managers only where there is no marketer. "" where nobody is there, or everybody there has as many as is fair.
func (tx *Tx) answerer(t truce.Terms, d truce.Dispute) (string, error) {
	for _, role := range []truce.Role{truce.Marketer, truce.MarketingManager} {
		people, err := tx.PeopleWith(role)
		if err != nil {
			return "", err
		}
		people, err = tx.presentOf(people, func(p truce.Person) bool { return p.ID == d.OpenerID })
		if err != nil {
			return "", err
		}
		if len(people) == 0 {
			continue
		}
		best, least := "", int64(t.MostAnswers)
		for _, p := range people {
			n, err := tx.count(`SELECT count(*) FROM clocks WHERE person_id = ? AND kind = 'answer' AND result = ''`, p.ID)
			if err != nil {
				return "", err
			}
			if n >= int64(t.MostAnswers) {
				continue
			}
			same, err := tx.count(`SELECT count(*) FROM clocks c JOIN disputes d ON d.id = c.subject WHERE c.person_id = ? AND c.kind = 'answer' AND c.result = '' AND d.bundle = ?`,
				p.ID, cmp.Or(d.Bundle, d.ID))
			if err != nil {
				return "", err
			}
			if same > 0 {
				return p.ID, nil
			}
			if n < least {
				best, least = p.ID, n
			}
		}
		return best, nil
	}
	return "", nil
}

// Rulers are the active people who may rule on a case for a side: its managers, or the sponsors, but no party to the case.
// With there, only those who can act now.
func (tx *Tx) Rulers(d truce.Dispute, side truce.Side, there bool) ([]truce.Person, error) {
	role := map[truce.Side]truce.Role{truce.Sales: truce.SalesManager, truce.Marketing: truce.MarketingManager, truce.TheSponsor: truce.Sponsor}[side]
	people, err := tx.PeopleWith(role)
	if err != nil {
		return nil, err
	}
	other, _ := d.RulingOf(side.Other())
	except := func(p truce.Person) bool { return d.Party(p.ID) || side != truce.TheSponsor && other.PersonID == p.ID }
	if there {
		return tx.presentOf(people, except)
	}
	return slices.DeleteFunc(people, except), nil
}
