package storage

import (
	"fmt"
	"time"
)

// This file remembers how far each stream of a CRM has been read, page by page, so that a run that was killed goes on where it stood.

// CRMStream is how far a stream of a CRM has been read.
type CRMStream struct {
	System, Stream string
	Mark           time.Time // what changed before has come; zero: it never came whole
	EndedAt        time.Time // it last came whole
	BeganAt        time.Time // of the run that is under way; zero: none is
	Since, Until   time.Time // what that run asks for
	Cursor         string    // where it goes on
	Whole          bool      // it asks for everything
	Load           int64     // counts the loads of everything
}

// CRMStream is how far a stream has been read.
func (tx *Tx) CRMStream(system, stream string) (s CRMStream, err error) {
	list, err := all(tx, func(scan func(...any) error) (s CRMStream, err error) {
		return s, scan(&s.System, &s.Stream, moment{&s.Mark}, moment{&s.EndedAt}, moment{&s.BeganAt}, moment{&s.Since}, moment{&s.Until},
			&s.Cursor, &s.Whole, &s.Load)
	}, `SELECT system, stream, mark_at, ended_at, began_at, since_at, until_at, cursor, whole, load FROM crm_streams WHERE system = ?
		AND stream = ?`, system, stream)
	if err != nil {
		return s, fmt.Errorf("look how far %s of %s have been read: %w", stream, system, err)
	}
	if len(list) == 0 {
		return CRMStream{System: system, Stream: stream}, nil
	}
	return list[0], nil
}

// SaveCRMStream remembers how far a stream has been read.
func (tx *Tx) SaveCRMStream(s CRMStream) error {
	err := tx.exec(`INSERT INTO crm_streams (system, stream, mark_at, ended_at, began_at, since_at, until_at, cursor, whole, load)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (system, stream) DO UPDATE SET mark_at = excluded.mark_at, ended_at = excluded.ended_at, began_at = excluded.began_at,
		since_at = excluded.since_at,
			until_at = excluded.until_at, cursor = excluded.cursor, whole = excluded.whole, load = excluded.load`,
		s.System, s.Stream, millis(s.Mark), millis(s.EndedAt), millis(s.BeganAt), millis(s.Since), millis(s.Until), s.Cursor, s.Whole, s.Load)
	if err != nil {
		return fmt.Errorf("remember how far %s of %s have been read: %w", s.Stream, s.System, err)
	}
	return nil
}

// Written are the hashes of what was written back of leads, or refused, by lead.
func (tx *Tx) Written(system string) (map[string]string, error) {
	hashes := map[string]string{}
	err := tx.each(`SELECT lead_id, hash FROM crm_written WHERE system = ?`, []any{system}, func(scan func(...any) error) error {
		var id, hash string
		err := scan(&id, &hash)
		hashes[id] = hash
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what was written to %s: %w", system, err)
	}
	return hashes, nil
}

// NoteWritten remembers what a CRM has acknowledged of a lead, or why it refused it.
func (tx *Tx) NoteWritten(system, lead, hash, fault string) error {
	err := tx.exec(`INSERT INTO crm_written (system, lead_id, hash, at, fault) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (system, lead_id) DO UPDATE SET hash = excluded.hash, at = excluded.at, fault = excluded.fault`, system, lead, hash,
		millis(tx.Now), fault)
	if err != nil {
		return fmt.Errorf("remember what was written of lead %s: %w", lead, err)
	}
	return nil
}

// IsOfCRM reports whether a lead is one of a CRM's.
func (tx *Tx) IsOfCRM(system, lead string) (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM crm_records WHERE system = ? AND type = 'lead' AND id = ?`, system, lead)
	return n > 0, err
}
