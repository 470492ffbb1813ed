package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"truce"
)

// This file keeps rows of a source that speak of a lead which has not come yet, and which lead has become which other one.

// WaitsFor is for how long a row waits for its lead.
const WaitsFor = 30 * 24 * time.Hour

// Waiting is a row that waits for its lead.
type Waiting struct {
	Hash   string // names it within its source and kind; AddWaiting gives it
	LeadID string
	Head   string // the lines above the rows of its file, with their ends; "" for JSON
	Row    string // as it came, without its line's end
	Since  time.Time
	seq    int64
}

// AddWaiting has rows of a source wait, in their order. A row that waits already goes on waiting since it came first.
func (tx *Tx) AddWaiting(source, kind string, rows []Waiting) error {
	seq, err := tx.count(`SELECT coalesce(max(seq), 0) FROM sync_waiting WHERE source = ? AND kind = ?`, source, kind)
	for i := 0; err == nil && i < len(rows); i++ {
		r := rows[i]
		sum := sha256.Sum256([]byte(r.Head + "\x00" + r.Row))
		err = tx.exec(`INSERT INTO sync_waiting (source, kind, hash, lead_id, head, row, since_at, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (source, kind, hash) DO UPDATE SET seq = excluded.seq`,
			source, kind, hex.EncodeToString(sum[:16]), r.LeadID, r.Head, r.Row, millis(tx.Now), seq+int64(i)+1)
	}
	if err != nil {
		return fmt.Errorf("have rows of %s wait for their leads: %w", source, err)
	}
	return nil
}

const waitingColumns = `w.hash, w.lead_id, w.head, w.row, w.since_at, w.seq`

func scanWaiting(scan func(...any) error) (w Waiting, err error) {
	return w, scan(&w.Hash, &w.LeadID, &w.Head, &w.Row, moment{&w.Since}, &w.seq)
}

// Awaited are rows of a source whose leads have come, in the order in which the rows came last; at most n.
func (tx *Tx) Awaited(source, kind string, n int) ([]Waiting, error) {
	list, err := all(tx, scanWaiting, `SELECT `+waitingColumns+` FROM sync_waiting w WHERE w.source = ? AND w.kind = ?
		AND EXISTS (SELECT 1 FROM leads l WHERE l.id = coalesce((SELECT m.into_id FROM lead_merges m WHERE m.lead_id = w.lead_id), w.lead_id))
		ORDER BY w.seq LIMIT ?`, source, kind, n)
	if err != nil {
		return nil, fmt.Errorf("find the rows of %s whose leads have come: %w", source, err)
	}
	return list, nil
}

// LongWaiting are rows of a source that have waited as long as a row may, the first that came first; at most n.
func (tx *Tx) LongWaiting(source, kind string, n int) ([]Waiting, error) {
	list, err := all(tx, scanWaiting, `SELECT `+waitingColumns+` FROM sync_waiting w WHERE w.source = ? AND w.kind = ? AND w.since_at <= ?
		ORDER BY w.seq LIMIT ?`,
		source, kind, millis(tx.Now.Add(-WaitsFor)), n)
	if err != nil {
		return nil, fmt.Errorf("find the rows of %s that have waited too long: %w", source, err)
	}
	return list, nil
}

// EndWaiting lets rows of a source go that wait no more. One that came again meanwhile goes on waiting.
func (tx *Tx) EndWaiting(source, kind string, rows []Waiting) error {
	for _, r := range rows {
		if err := tx.exec(`DELETE FROM sync_waiting WHERE source = ? AND kind = ? AND hash = ? AND seq = ?`, source, kind, r.Hash,
			r.seq); err != nil {
			return fmt.Errorf("let a row of %s go: %w", source, err)
		}
	}
	return nil
}

// CountWaiting is how many rows of a source wait for their leads.
func (tx *Tx) CountWaiting(source, kind string) (int, error) {
	n, err := tx.count(`SELECT count(*) FROM sync_waiting WHERE source = ? AND kind = ?`, source, kind)
	return int(n), err
}

// Survivor is the lead that a lead has become: its own id where the CRM has not merged it into another.
func (tx *Tx) Survivor(id string) (string, error) {
	if id == "" {
		return id, nil
	}
	var into string
	err := tx.row(`SELECT into_id FROM lead_merges WHERE lead_id = ?`, []any{id}, &into)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		return id, nil
	case err != nil:
		return id, fmt.Errorf("find what lead %s has become: %w", id, err)
	}
	return into, nil
}
