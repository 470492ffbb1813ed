package storage

import (
	"fmt"
	"time"

	"truce"
)

// Reconciliation is what became of holding our leads against the CRM's own list.
type Reconciliation struct {
	At               time.Time
	Name             string // of the file; "" came by standard input
	Here, File, Both int    // leads here that qualified in the file's span or are in it, rows of the file, leads in both
	From, To         time.Time
	Why              map[string]int // how many differ, by reason
}

// AddReconciliation remembers a comparison that has just been made.
func (tx *Tx) AddReconciliation(r Reconciliation) error {
	err := tx.exec(`INSERT INTO reconciliations (id, at, name, here, file, both, from_at, to_at, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		truce.NewID(tx.Now), millis(tx.Now), r.Name, r.Here, r.File, r.Both, millis(r.From), millis(r.To), asJSON(r.Why))
	if err != nil {
		return fmt.Errorf("remember a comparison with %q: %w", r.Name, err)
	}
	return nil
}

// LastReconciliation is the newest comparison at a moment; the zero value where there was none.
func (tx *Tx) LastReconciliation(at time.Time) (r Reconciliation, err error) {
	list, err := all(tx, func(scan func(...any) error) (r Reconciliation, err error) {
		return r, scan(moment{&r.At}, &r.Name, &r.Here, &r.File, &r.Both, moment{&r.From}, moment{&r.To}, fromJSON{&r.Why})
	}, `SELECT at, name, here, file, both, from_at, to_at, why FROM reconciliations WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1`,
		millis(at))
	if err != nil || len(list) == 0 {
		return r, err
	}
	return list[0], nil
}
