package storage

import (
	"encoding/json"
	"fmt"
	"time"

	"truce"
)

// This file is what makes "seen twice is done once" and "sent is written down before" true: the inbox of events, the
// outbox of messages, the runs of jobs.

// Seen looks an event up in the inbox: its stored reply, and whether it was there.
func (tx *Tx) Seen(event string) (reply json.RawMessage, seen bool, err error) {
	var s string
	switch err := tx.row(`SELECT reply FROM inbox WHERE event_id = ?`, []any{event}, &s); {
	case truce.KindOf(err) == truce.NotFound:
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("look for event %s: %w", event, err)
	}
	return json.RawMessage(s), true, nil
}

// Done puts an event into the inbox with the reply it got.
func (tx *Tx) Done(event string, reply any) error {
	if err := tx.exec(`INSERT INTO inbox (event_id, at, reply) VALUES (?, ?, ?)`, event, millis(tx.Now), asJSON(reply)); err != nil {
		return fmt.Errorf("note event %s: %w", event, err)
	}
	return nil
}

// ForgetEvents empties the inbox of what was done before t.
func (tx *Tx) ForgetEvents(t time.Time) error {
	return tx.exec(`DELETE FROM inbox WHERE at < ?`, millis(t))
}

// Message is what must be said. Exactly one of Subject and Body is set.
type Message struct {
	ID        string
	Key       string // the same message is written once: a second Send of the key does nothing, see Tx.Send
	To        Dest
	Subject   Subject         // rendered at delivery; waiting ones of one subject and destination coalesce
	Body      json.RawMessage // a finished card
	Kind      MessageKind
	PersonID  string // whose silence budget it counts against; "" for none
	At        time.Time
	NotBefore time.Time
	Attempts  int
	Unclear   bool // an attempt has an unknown outcome, or the process ended in the middle of one
	SentAt    time.Time
	Error     string
}

// MessageKind is what kind of message it is: people switch kinds off, and some are outside the silence budget.
type MessageKind string

// The kinds of messages.
const (
	CaseMessage MessageKind = "case"     // a case's one message, and its edits
	ReplyTo     MessageKind = "reply"    // an answer to what the person did
	Reminder    MessageKind = "reminder" // of a clock: outside the budget
	Notice      MessageKind = "notice"   // something the person should know
	DigestSent  MessageKind = "digest"
	Recap       MessageKind = "recap"
)

// Send writes a message into the outbox; it leaves after the commit. A message whose Key was sent before is not written
// again. A waiting message about the same Subject to the same place is enough: it will show the newest state, unless it is
// already on its way or may stand there as it was.
func (tx *Tx) Send(m Message) error {
	if m.Subject != "" && m.Key == "" {
		n, err := tx.count(`SELECT count(*) FROM outbox WHERE state = 'waiting' AND unclear = 0 AND subject = ? AND dest = ?`, m.Subject,
			string(m.To))
		if err != nil || n > 0 {
			return err
		}
	}
	id := tx.newID()
	if m.Key == "" {
		m.Key = id
	}
	if m.NotBefore.IsZero() {
		m.NotBefore = tx.Now
	}
	err := tx.exec(`INSERT INTO outbox (id, key, dest, subject, body, kind, person_id, at, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO NOTHING`,
		id, m.Key, string(m.To), m.Subject, string(m.Body), m.Kind, m.PersonID, millis(tx.Now), millis(m.NotBefore))
	if err != nil {
		return fmt.Errorf("write %s message to %s: %w", m.Kind, m.To, err)
	}
	tx.sends = true
	return nil
}

// What the column unclear knows of attempts, as bits: one ended with an unknown outcome; one was begun and has not ended.
const (
	endedUnclear = 1
	underWay     = 2
)

const messageColumns = `id, key, dest, subject, body, kind, person_id, at, not_before, attempts, unclear > 0, sent_at, error`

func scanMessage(scan func(...any) error) (m Message, err error) {
	var body string
	err = scan(&m.ID, &m.Key, &m.To, &m.Subject, &body, &m.Kind, &m.PersonID, moment{&m.At}, moment{&m.NotBefore}, &m.Attempts, &m.Unclear,
		moment{&m.SentAt}, &m.Error)
	m.Body = json.RawMessage(body)
	return m, err
}

// A lane is what is served one message after the other: a person, or a channel with its threads. Within a destination no message
// overtakes one whose attempt failed (blocked holds the first of those), held back ones are passed by.
const (
	blocked = `WITH blocked AS MATERIALIZED (SELECT dest, min(id) AS id FROM outbox WHERE state = 'waiting' AND not_before > ? AND attempts > 0
		GROUP BY dest) `

	mayLeave = `state = 'waiting' AND not_before <= ? AND NOT EXISTS (SELECT 1 FROM blocked b WHERE b.dest = o.dest AND b.id < o.id)`
)

// Waiting are the messages that may leave at t, oldest first, at most n. They are read by when they may leave and then sorted (+id): in
// the order of their ids all that was ever sent would be looked at.
func (tx *Tx) Waiting(t time.Time, n int) ([]Message, error) {
	return all(tx, scanMessage, blocked+`SELECT `+messageColumns+` FROM outbox o WHERE `+mayLeave+` ORDER BY +id LIMIT ?`, millis(t), millis(t),
		n)
}

// Lanes are where a message may leave at t, the one that waits longest first, at most n.
func (tx *Tx) Lanes(t time.Time, n int) ([]Dest, error) {
	return all(tx, func(scan func(...any) error) (d Dest, err error) { return d, scan(&d) },
		blocked+`SELECT `+laneOf+` AS lane FROM outbox o WHERE `+mayLeave+` GROUP BY lane ORDER BY min(id) LIMIT ?`, millis(t), millis(t), n)
}

// WaitingIn are the messages of a lane that may leave at t, in their order, at most n.
func (tx *Tx) WaitingIn(in Dest, t time.Time, n int) ([]Message, error) {
	from, to := in.threads()
	return all(tx, scanMessage, blocked+`SELECT `+messageColumns+` FROM outbox o WHERE `+mayLeave+`
		AND (dest = ? OR dest >= ? AND dest < ?) ORDER BY +id LIMIT ?`,
		millis(t), millis(t), string(in), from, to, n)
}

// Backlog is how many messages may leave at t and since when the oldest of them waits.
func (tx *Tx) Backlog(t time.Time) (n int64, since time.Time, err error) {
	return n, since, tx.row(`SELECT count(*), min(not_before) FROM outbox WHERE state = 'waiting' AND not_before <= ?`, []any{millis(t)}, &n,
		moment{&since})
}

// WaitsFor reports whether a message about a subject to a place has not left yet.
func (tx *Tx) WaitsFor(subject Subject, to Dest) (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM outbox WHERE state = 'waiting' AND subject = ? AND dest = ?`, subject, string(to))
	return n > 0, err
}

// NextWaiting is the moment from which the next waiting message may leave; zero where none waits.
func (tx *Tx) NextWaiting() (t time.Time, err error) {
	return t, tx.row(`SELECT min(not_before) FROM outbox WHERE state = 'waiting'`, nil, moment{&t})
}

// MessageByKey finds a message, waiting or not.
func (tx *Tx) MessageByKey(key string) (Message, error) {
	list, err := all(tx, scanMessage, `SELECT `+messageColumns+` FROM outbox WHERE key = ?`, key)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no message %q.", key)
	}
	if err != nil {
		return Message{}, err
	}
	return list[0], nil
}

// BeginMessage notes, before a message is rendered and sent, that an attempt is under way: if the process ends before its outcome
// is recorded, the next attempt knows that the message may stand already. An attempt that is found under way has ended so.
func (tx *Tx) BeginMessage(id string) error {
	return tx.exec(`UPDATE outbox SET unclear = CASE WHEN unclear > 0 THEN ? ELSE ? END WHERE id = ?`, underWay|endedUnclear, underWay, id)
}

// SentMessage marks a message as delivered.
func (tx *Tx) SentMessage(id string) error {
	return tx.exec(`UPDATE outbox SET state = 'sent', sent_at = ?, attempts = attempts + 1, error = '', body = '' WHERE id = ?`,
		millis(tx.Now), id)
}

// Attempt is what came of an attempt to send a message.
type Attempt int

// The attempts.
const (
	NotTried Attempt = iota // it waits for its reader, or for their peace
	Failed                  // it did not arrive
	Unclear                 // it may have arrived
)

// DelayMessage puts a message off after an attempt, or before one.
func (tx *Tx) DelayMessage(id string, until time.Time, came Attempt, why string) error {
	return tx.exec(`UPDATE outbox SET not_before = ?, attempts = attempts + ?, unclear = unclear & ? | ?, error = ? WHERE id = ?`,
		millis(until), came != NotTried, endedUnclear, came == Unclear, why, id)
}

// NobodyThere is the reason (Message.Error) of messages that wait for their reader to turn up on a platform; Identify and SeenUser
// let them leave.
const NobodyThere = "the person is on none of the connected platforms"

// letLeave has what waits for a person to turn up leave now.
func (tx *Tx) letLeave(personID string) error {
	n, err := tx.execN(`UPDATE outbox SET not_before = ? WHERE state = 'waiting' AND dest = ? AND error = ? AND not_before > ?`,
		millis(tx.Now), string(ToPerson(personID)), NobodyThere, millis(tx.Now))
	if n > 0 {
		tx.sends = true
	}
	return err
}

// DropMessage gives a message up, with the reason.
func (tx *Tx) DropMessage(id, why string) error {
	return tx.exec(`UPDATE outbox SET state = 'dropped', attempts = attempts + 1, error = ? WHERE id = ?`, why, id)
}

// SentTo counts what was sent to a person of their own accord since t: what the silence budget is about.
func (tx *Tx) SentTo(personID string, since time.Time) (int64, error) {
	return tx.count(`SELECT count(*) FROM outbox WHERE person_id = ? AND state = 'sent' AND sent_at >= ?
		AND kind IN ('notice', 'digest', 'recap')`, personID, millis(since))
}

// Posted is where a subject stands in a destination: the JSON of a chat.Ref, nil where it does not.
func (tx *Tx) Posted(subject Subject, to Dest) (json.RawMessage, error) {
	var ref string
	err := tx.row(`SELECT ref FROM posted WHERE subject = ? AND dest = ?`, []any{subject, string(to)}, &ref)
	if truce.KindOf(err) == truce.NotFound {
		return nil, nil
	}
	return json.RawMessage(ref), err
}

// PostedEverywhere are the destinations in which a subject stands.
func (tx *Tx) PostedEverywhere(subject Subject) ([]Dest, error) {
	return all(tx, func(scan func(...any) error) (d Dest, err error) { return d, scan(&d) },
		`SELECT dest FROM posted WHERE subject = ? ORDER BY at, dest`, subject)
}

// SetPosted remembers where a subject stands; a nil ref forgets it.
func (tx *Tx) SetPosted(subject Subject, to Dest, ref any) error {
	if ref == nil {
		return tx.exec(`DELETE FROM posted WHERE subject = ? AND dest = ?`, subject, string(to))
	}
	return tx.exec(`INSERT INTO posted (subject, dest, ref, at) VALUES (?, ?, ?, ?) ON CONFLICT (subject, dest) DO UPDATE
		SET ref = excluded.ref, at = excluded.at`,
		subject, string(to), asJSON(ref), millis(tx.Now))
}

// Claim takes the run of a job that was due at a moment; false when it was taken before.
func (tx *Tx) Claim(job string, due time.Time) (bool, error) {
	n, err := tx.execN(`INSERT INTO runs (job, due, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, job, millis(due), millis(tx.Now))
	return n > 0, err
}

// LastRun is the newest due moment that a job has run for; zero where it never ran.
func (tx *Tx) LastRun(job string) (t time.Time, err error) {
	return t, tx.row(`SELECT max(due) FROM runs WHERE job = ?`, []any{job}, moment{&t})
}

// Audit writes down who did what to which thing, from where. by "" is Truce itself.
func (tx *Tx) Audit(by, network, action, subject string, detail any) error {
	d := ""
	if detail != nil {
		d = asJSON(detail)
	}
	err := tx.exec(`INSERT INTO audit (id, at, person_id, network, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		tx.newID(), millis(tx.Now), by, network, action, subject, d)
	if err != nil {
		return fmt.Errorf("audit %s of %s: %w", action, subject, err)
	}
	return nil
}

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	At       time.Time
	PersonID string // "" is Truce itself
	Network  string
	Action   string
	Subject  string
	Detail   json.RawMessage
}

// AuditOf is the log of one subject, oldest first.
func (tx *Tx) AuditOf(subject string) ([]AuditEntry, error) {
	return all(tx, func(scan func(...any) error) (e AuditEntry, err error) {
		var d string
		err = scan(moment{&e.At}, &e.PersonID, &e.Network, &e.Action, &e.Subject, &d)
		e.Detail = json.RawMessage(d)
		return e, err
	}, `SELECT at, person_id, network, action, subject, detail FROM audit WHERE subject = ? ORDER BY at, id`, subject)
}

// Logged are the objections and notes that a person has filed since a moment, the latest first; also those taken back since.
func (tx *Tx) Logged(person string, since time.Time) ([]string, error) {
	return all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT subject FROM audit WHERE person_id = ? AND at >= ? AND action IN ('objection.log', 'note.file') ORDER BY at DESC, id DESC
		LIMIT 50`, person, millis(since))
}

// LastAudited is when the audit log was last written to; zero where it is empty.
func (tx *Tx) LastAudited() (t time.Time, err error) {
	return t, tx.row(`SELECT max(at) FROM audit`, nil, moment{&t})
}

// Meta is a fact about the database itself; "" where it was never set.
func (tx *Tx) Meta(key string) (string, error) {
	var v string
	err := tx.row(`SELECT value FROM meta WHERE key = ?`, []any{key}, &v)
	if truce.KindOf(err) == truce.NotFound {
		return "", nil
	}
	return v, err
}

// SetMeta stores a fact about the database itself.
func (tx *Tx) SetMeta(key, value string) error {
	return tx.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
}
