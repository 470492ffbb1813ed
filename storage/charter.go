package storage

import (
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file keeps who signed the charter, and asks each once. The reason of somebody who cannot sign is read only by Signature, for the
// sponsor and the person.

// CharterVersion is a version of the charter, with the version whose text it has.
type CharterVersion struct {
	truce.Proposal
	truce.Charter
	Text int // the first version with the same text
}

// CharterVersions are the versions in force up to a moment, the newest first. A version retired by then is left out.
func (tx *Tx) CharterVersions(at time.Time) (list []CharterVersion, err error) {
	all, err := tx.VersionsOf(truce.CharterGround, at)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	for _, p := range all {
		v := CharterVersion{Proposal: p, Text: p.Version}
		if v.Charter, err = truce.ReadCharter(p.Payload); err != nil {
			return nil, fmt.Errorf("read %s: %w", p.ID, err)
		}
		if n := len(list); n > 0 && list[n-1].SameText(v.Charter) {
			v.Text = list[n-1].Text
		}
		list = append(list, v)
	}
	slices.Reverse(list)
	return list, nil
}

// SignaturesOf are what people said to the text of a version by a moment, by person.
func (tx *Tx) SignaturesOf(text int, at time.Time) (map[string]truce.Signature, error) {
	list, err := all(tx, func(scan func(...any) error) (s truce.Signature, err error) {
		return s, scan(&s.PersonID, &s.Version, moment{&s.AskedAt}, moment{&s.Reminded}, moment{&s.Signed}, moment{&s.CouldNot}, &s.Told)
	}, `SELECT person_id, version, asked_at, reminded_at, signed_at, could_not_at, told FROM signatures WHERE version = ?`, text)
	if err != nil {
		return nil, fmt.Errorf("read who signed version %d: %w", text, err)
	}
	m := map[string]truce.Signature{}
	for _, s := range list {
		if s.Signed.After(at) {
			s.Signed = time.Time{}
		}
		if s.CouldNot.After(at) {
			s.CouldNot = time.Time{}
		}
		m[s.PersonID] = s
	}
	return m, nil
}

// CharterSigned counts who signed the newest of some versions by a moment, among the people of now.
func (tx *Tx) CharterSigned(versions []CharterVersion, at time.Time) (s truce.Signed, err error) {
	if len(versions) == 0 {
		return s, nil
	}
	people, err := tx.People()
	if err != nil {
		return s, err
	}
	now, err := tx.SignaturesOf(versions[0].Text, at)
	if err != nil {
		return s, err
	}
	before := map[string]truce.Signature{}
	for _, v := range versions {
		if v.Text == versions[0].Text {
			continue
		}
		if before, err = tx.SignaturesOf(v.Text, at); err != nil {
			return s, err
		}
		break
	}
	return truce.CountSigned(people, now, before), nil
}

// Signature is what one person said to a text, with the reason: for the sponsor and the person alone.
func (tx *Tx) Signature(person string, text int) (s truce.Signature, err error) {
	err = tx.row(`SELECT person_id, version, asked_at, reminded_at, signed_at, could_not_at, reason, answer, told FROM signatures
		WHERE person_id = ? AND version = ?`, []any{person, text},
		&s.PersonID, &s.Version, moment{&s.AskedAt}, moment{&s.Reminded}, moment{&s.Signed}, moment{&s.CouldNot}, &s.Reason, &s.Answer, &s.Told)
	if truce.KindOf(err) == truce.NotFound {
		return truce.Signature{PersonID: person, Version: text}, nil
	}
	return s, err
}

// CouldNotSign are those who could not sign a text, for the sponsor alone.
func (tx *Tx) CouldNotSign(text int) ([]truce.Signature, error) {
	return all(tx, func(scan func(...any) error) (s truce.Signature, err error) {
		return s, scan(&s.PersonID, &s.Version, moment{&s.CouldNot}, &s.Reason, &s.Answer)
	}, `SELECT person_id, version, could_not_at, reason, answer FROM signatures WHERE version = ? AND could_not_at IS NOT NULL
		ORDER BY could_not_at, person_id`, text)
}

// Sign keeps that a person signed a text, or with a reason that they cannot. The log holds neither the reason nor which of both: only
// that they answered.
func (tx *Tx) Sign(person string, text int, reason, network string) error {
	signed, could := any(millis(tx.Now)), any(nil)
	if reason != "" {
		signed, could = nil, millis(tx.Now)
	}
	err := tx.exec(`INSERT INTO signatures (person_id, version, asked_at, signed_at, could_not_at, reason, told)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?2)
		ON CONFLICT (person_id, version) DO UPDATE
		SET signed_at = excluded.signed_at, could_not_at = excluded.could_not_at, reason = excluded.reason, answer = '', answered_by = ''`,
		person, text, millis(tx.Now), signed, could, reason)
	if err != nil {
		return fmt.Errorf("keep the signature of %s: %w", person, err)
	}
	if err := tx.Audit(person, network, "charter.answer", fmt.Sprintf("charter:%d", text), nil); err != nil {
		return err
	}
	if err := tx.RefreshHome(person); err != nil || reason == "" {
		return err
	}
	sponsors, err := tx.PeopleWith(truce.Sponsor)
	if err != nil {
		return err
	}
	for _, p := range sponsors {
		if err := tx.Send(Message{To: ToPerson(p.ID), Subject: CouldNotSubject(text, person), Kind: ReplyTo, PersonID: p.ID}); err != nil {
			return err
		}
	}
	return nil
}

// AnswerSignature keeps what the sponsor says to somebody who could not sign, and tells that person.
func (tx *Tx) AnswerSignature(person string, text int, answer, by, network string) error {
	n, err := tx.execN(`UPDATE signatures SET answer = ?, answered_by = ? WHERE person_id = ? AND version = ?
		AND could_not_at IS NOT NULL`, answer, by, person, text)
	if err == nil && n == 0 {
		err = truce.Errorf(truce.Conflict, "They have signed meanwhile. Nothing changed.")
	}
	if err != nil {
		return err
	}
	if err := tx.Audit(by, network, "charter.reply", fmt.Sprintf("charter:%d", text), nil); err != nil {
		return err
	}
	return tx.Send(Message{To: ToPerson(person), Subject: AnsweredSubject(text, person), Kind: ReplyTo, PersonID: person})
}

// TendCharter asks everybody once to sign the text in force, newcomers too, reminds them once, and tells of changed terms.
func (tx *Tx) TendCharter(c truce.Calendar) error {
	versions, err := tx.CharterVersions(tx.Now)
	if err != nil || len(versions) == 0 {
		return err
	}
	v := versions[0]
	people, err := tx.People()
	if err != nil {
		return err
	}
	signed, err := tx.SignaturesOf(v.Text, tx.Now)
	if err != nil {
		return err
	}
	for _, p := range people {
		s, asked := signed[p.ID]
		if !p.Signs() || asked && (s.Answered() || !s.Reminded.IsZero()) && s.Told >= v.Version {
			continue
		}
		m := Message{To: ToPerson(p.ID), Subject: SignSubject(v.Text, false), Kind: Reminder, PersonID: p.ID}
		due, ok := c.AddDays(s.AskedAt, truce.SignReminder)
		switch {
		case !asked:
			err = tx.exec(`INSERT INTO signatures (person_id, version, asked_at, told) VALUES (?, ?, ?, ?)`, p.ID, v.Text, millis(tx.Now), v.Version)
		case s.Told < v.Version:
			m.Subject, m.Kind = TermsSubject(v.Version), Notice
			err = tx.exec(`UPDATE signatures SET told = ? WHERE person_id = ? AND version = ?`, v.Version, p.ID, v.Text)
		case !s.Answered() && s.Reminded.IsZero() && ok && !tx.Now.Before(due):
			m.Subject = SignSubject(v.Text, true)
			err = tx.exec(`UPDATE signatures SET reminded_at = ? WHERE person_id = ? AND version = ?`, millis(tx.Now), p.ID, v.Text)
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("ask %s to sign: %w", p.ID, err)
		}
		if err := tx.Send(m); err != nil {
			return err
		}
		if err := tx.RefreshHome(p.ID); err != nil {
			return err
		}
	}
	return nil
}

// SponsorDecided are the proposals that came to the sponsor in [from, to): how many were decided within so many business days, of
// those decided or past them at a moment.
func (tx *Tx) SponsorDecided(c truce.Calendar, days int, from, to, at time.Time) (kept, due int, err error) {
	list, err := tx.proposals(`WHERE sponsor_at >= ? AND sponsor_at < ?`, millis(from), millis(to))
	if err != nil {
		return 0, 0, err
	}
	for _, p := range list {
		end := p.Agreed
		if end.IsZero() && p.ClosedBy != "" {
			end = p.ClosedAt
		}
		if end.After(at) {
			end = time.Time{}
		}
		deadline, ok := c.AddDays(p.ToSponsor, days)
		switch {
		case !ok:
		case !end.IsZero():
			due++
			if !end.After(deadline) {
				kept++
			}
		case at.After(deadline):
			due++
		}
	}
	return kept, due, nil
}

// RequestsKept are the requests to Marketing due in [from, to): how many were answered in time, of those due by a moment.
func (tx *Tx) RequestsKept(from, to, at time.Time) (kept, due int, err error) {
	err = tx.each(`SELECT due_at, closed_at, state FROM requests WHERE due_at >= ? AND due_at < ?`, []any{millis(from), millis(to)},
		func(scan func(...any) error) error {
			var dueAt, closed time.Time
			var state string
			if err := scan(moment{&dueAt}, moment{&closed}, &state); err != nil {
				return err
			}
			answered := state == "answered" && !closed.After(at)
			switch {
			case answered && !closed.After(dueAt):
				kept, due = kept+1, due+1
			case state == "dropped":
			case dueAt.Before(at):
				due++
			}
			return nil
		})
	if err != nil {
		return 0, 0, fmt.Errorf("count the requests answered in time: %w", err)
	}
	return kept, due, nil
}

// Conversations is how many talks with customers there were in [from, to), as known at a moment: interviews that were finished,
// and meetings with leads that a marketer logged.
func (tx *Tx) Conversations(from, to, at time.Time) (int, error) {
	n, err := tx.count(`SELECT (SELECT count(*) FROM interviews WHERE state = 'done' AND finished_at >= ?1 AND finished_at < ?2
		AND finished_at <= ?3)
		+ (SELECT count(*) FROM touches t WHERE t.kind = 'meeting' AND t.at >= ?1 AND t.at < ?2 AND t.recorded_at <= ?3
			AND EXISTS (SELECT 1 FROM roles r WHERE r.person_id = t.by_whom AND r.role IN ('marketer', 'marketing manager')))`, millis(from),
		millis(to), millis(at))
	if err != nil {
		return 0, fmt.Errorf("count the conversations with customers: %w", err)
	}
	return int(n), nil
}

// TaskForces is how many meetings of [from, to) a sponsor said they were at, by a moment; held is false where there is no series at all, so
// that it is not measured.
func (tx *Tx) TaskForces(from, to, at time.Time) (attended int, held bool, err error) {
	var n, series int
	err = tx.row(`SELECT (SELECT count(DISTINCT m.id) FROM meetings m JOIN meeting_presence p ON p.meeting_id = m.id
		JOIN roles r ON r.person_id = p.person_id AND r.role = 'sponsor'
		WHERE m.at >= ?1 AND m.at < ?2 AND m.cancelled_at IS NULL AND p.at <= ?3), (SELECT count(*) FROM meeting_series
		WHERE created_at <= ?3)`, []any{millis(from), millis(to), millis(at)}, &n, &series)
	if err != nil {
		return 0, false, fmt.Errorf("count the task forces attended: %w", err)
	}
	return n, series > 0, nil
}

// RatingsKept are the leads whose rating would have been asked for in [from, to), by a moment: how many were rated before. Those that were
// decided before are left out: nobody asks for their rating.
func (tx *Tx) RatingsKept(from, to, at time.Time) (kept, due int, err error) {
	err = tx.row(`SELECT coalesce(sum(EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = l.id
		AND coalesce(r.at, r.row_at) <= c.due_at)), 0), count(*)
		FROM clocks c JOIN leads l ON l.ref = c.subject WHERE c.kind = 'rating' AND c.due_at >= ?1 AND c.due_at < ?2 AND c.due_at <= ?3
			AND (c.stopped_at IS NULL OR c.stopped_at >= c.due_at OR EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = l.id
			AND coalesce(r.at, r.row_at) <= c.due_at))`,
		[]any{millis(from), millis(to), millis(at)}, &kept, &due)
	if err != nil {
		return 0, 0, fmt.Errorf("count the ratings in time: %w", err)
	}
	return kept, due, nil
}
