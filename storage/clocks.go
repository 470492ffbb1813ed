package storage

import (
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
	err = scan(&p.ID, &p.Subject, &p.Kind, &p.Side, &p.PersonID, moment{&p.StartedAt}, moment{&p.DueAt}, &left, moment{&p.RemindAt},
		&p.Reminder, moment{&p.StoppedAt}, &p.Result, moment{&p.PromisedAt})
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

// PromisesOnceRemindedBy are all promises that a reminder, by its outbox key, is or was about.
func (tx *Tx) PromisesOnceRemindedBy(key string) ([]truce.Promise, error) {
	return tx.promises(`WHERE instr(' ' || c.reminder || ' ', ' ' || ? || ' ') > 0 ORDER BY c.due_at, c.id`, key)
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
	reminders := p.Reminder
	if p.ID == "" {
		p.ID = tx.newID()
	} else if reminders == "" { // somebody stands in: who was reminded before sees that it is not theirs any more
		err := tx.row(`SELECT reminder FROM clocks WHERE id = ?`, []any{p.ID}, &reminders)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return fmt.Errorf("look who was reminded of the %s promise of %s: %w", p.Kind, p.Subject, err)
		}
	}
	if p.Result != truce.Running || p.Reminder == "" {
		for key := range strings.FieldsSeq(reminders) {
			if err := tx.refreshPosted(Subject(key)); err != nil {
				return err
			}
		}
	}
	err := tx.exec(`INSERT INTO clocks (id, subject, kind, side, person_id, started_at, due_at, left_ms, remind_at, reminder, stopped_at,
		result, promised_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
		SET person_id = excluded.person_id, due_at = excluded.due_at, left_ms = excluded.left_ms,
			remind_at = excluded.remind_at, reminder = excluded.reminder, stopped_at = excluded.stopped_at, result = excluded.result,
			promised_at = excluded.promised_at`,
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

// TendPromises sees to the promises of all open cases, and of leads, after people came or went: it pauses and resumes them, finds somebody
// to stand in, pauses those of leads while the CRM's data is too old, and starts the clocks of cases and leads that had to wait for one.
func (tx *Tx) TendPromises(t truce.Terms) error {
	if err := tx.tendCases(t); err != nil {
		return err
	}
	stale, err := tx.Stale(t, tx.Now)
	if err != nil {
		return err
	}
	away, err := tx.promisesAway()
	if err != nil {
		return err
	}
	for _, p := range away {
		person, err := tx.Person(p.PersonID)
		if err != nil {
			return err
		}
		there, err := tx.present(person)
		if err != nil {
			return err
		}
		next := p
		switch {
		case p.Result == truce.Paused && there && stale.IsZero():
			next = t.Resume(p, p.PersonID, tx.Now)
		case p.Result == truce.Running && !there:
			next = t.Pause(p, tx.Now)
		}
		if next != p {
			if err := tx.SavePromise(next); err != nil {
				return err
			}
		}
	}
	if err := tx.startLeadPromises(t); err != nil || stale.IsZero() {
		return err
	}
	return tx.pauseLeadPromises(t, stale.Add(t.StaleAfter))
}

// tendCases sees to the promises of all open cases. All of them are read at once: there may be thousands, and mostly nothing changes.
func (tx *Tx) tendCases(t truce.Terms) error {
	open, err := tx.OpenDisputes()
	if err != nil || len(open) == 0 {
		return err
	}
	list, err := tx.promises(`WHERE c.result IN ('', 'paused') AND c.kind IN ('owner', 'answer', 'evidence', 'reply', 'ruling')
		ORDER BY c.started_at, c.id`)
	if err != nil {
		return err
	}
	cast, err := tx.cast(nil)
	if err != nil {
		return err
	}
	had := map[string][]truce.Promise{}
	for _, p := range list {
		had[p.Subject] = append(had[p.Subject], p)
	}
	for _, d := range open {
		cast.owes(d, had[d.ID], 1)
	}
	for _, d := range open {
		around := cast.around(d)
		around.Now, around.Terms, around.Promises = tx.Now, t, had[d.ID]
		changed := d.Tend(around)
		for _, p := range changed {
			if err := tx.SavePromise(p); err != nil {
				return fmt.Errorf("tend the promises of %s: %w", d.ID, err)
			}
		}
		if len(changed) == 0 {
			continue
		}
		has, err := tx.OpenPromises(d.ID)
		if err != nil {
			return err
		}
		cast.owes(d, had[d.ID], -1)
		cast.owes(d, has, 1)
		if err := tx.post(d); err != nil {
			return err
		}
	}
	return nil
}

// startLeadPromises starts the clocks of leads that were handed off and have an owner.
func (tx *Tx) startLeadPromises(t truce.Terms) error {
	leads, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE clocked = 0 AND handed_off_at IS NOT NULL AND owner_id IS NOT NULL
		AND state = ''
		ORDER BY handed_off_at LIMIT 500`)
	if err != nil {
		return fmt.Errorf("find leads without clocks: %w", err)
	}
	for _, l := range leads {
		if err := tx.startPromisesOf(t, l); err != nil {
			return fmt.Errorf("start the clocks of lead %s: %w", l.ID, err)
		}
	}
	return nil
}

// BeginLead starts the clocks of a lead that is about to be judged, where time has not come to it yet: what is done at once
// is a promise kept, too.
func (tx *Tx) BeginLead(t truce.Terms, id string) error {
	l, err := tx.Lead(id)
	if err != nil {
		return err
	}
	begun, err := tx.count(`SELECT clocked FROM leads WHERE id = ?`, id)
	if err != nil || begun > 0 || l.HandedOffAt.IsZero() || l.OwnerID == "" || l.State != truce.NoStatus {
		return err
	}
	return tx.startPromisesOf(t, l)
}

func (tx *Tx) startPromisesOf(t truce.Terms, l truce.Lead) error {
	owner, err := tx.Person(l.OwnerID)
	if err != nil {
		return err
	}
	there, err := tx.present(owner)
	if err != nil {
		return err
	}
	from := l.HandedOffAt
	if given, err := tx.ownedSince(l); err != nil {
		return err
	} else if given.After(from) {
		from = given
	}
	touches, err := tx.LeadTouches(l.ID)
	if err != nil {
		return err
	}
	if t, err = tx.TermsAt(t, from); err != nil { // those of the hand-off: what runs keeps its terms
		return err
	}
	logged, err := tx.AnyTouch() // where nobody logs touches they are not measured, and nobody is reminded of them
	if err != nil {
		return err
	}
	ramp, err := tx.RampAt(t, tx.Now)
	if err != nil {
		return err
	}
	owed := t.LeadPromises(l, from, logged && len(touches) == 0)
	if ramp.At(tx.Now) < truce.RampDisputes { // a lead of the first weeks has no clock, also later
		owed = nil
	}
	for _, p := range owed {
		if !there {
			p = t.Pause(p, tx.Now)
		}
		if err := tx.SavePromise(p); err != nil {
			return err
		}
	}
	return tx.exec(`UPDATE leads SET clocked = 1 WHERE id = ?`, l.ID)
}

// ownedSince is since when the lead's owner has had it without a break, where that is not its hand-off: it was given or
// taken later, or it has come back from a case.
func (tx *Tx) ownedSince(l truce.Lead) (t time.Time, err error) {
	return t, tx.row(`SELECT max(at) FROM (SELECT max(at) AS at FROM audit WHERE subject = ? AND action IN ('lead.give', 'lead.take')
		UNION ALL SELECT max(closed_at) FROM disputes WHERE lead_id = ?)`, []any{l.Ref, l.ID}, moment{&t})
}

// StopLeadPromises ends promises about a lead by what was done at a moment: kept or late. Kinds that nobody breaks are void.
func (tx *Tx) StopLeadPromises(ref string, at time.Time, kinds ...truce.PromiseKind) error {
	open, err := tx.OpenPromises(ref)
	if err != nil {
		return err
	}
	for _, p := range open {
		if !slices.Contains(kinds, p.Kind) {
			continue
		}
		if err := tx.SavePromise(p.DoneOnLead(at, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// voidPromises ends what is still owed on a subject, through nobody's doing.
func (tx *Tx) voidPromises(subject string) error {
	open, err := tx.OpenPromises(subject)
	if err != nil {
		return err
	}
	for _, p := range open {
		if err := tx.SavePromise(p.Stop(truce.Void, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}
