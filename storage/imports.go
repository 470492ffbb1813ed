package storage

import (
	"fmt"
	"time"

	"truce"
)

// Import is what one import brought: the recap says it in a line, and how old the data is follows from it.
type Import struct {
	Kind     string
	Origin   string // file, hook
	Name     string // of the file
	At       time.Time
	Complete bool

	Rows, Added, Changed, Unchanged, Rejected int
}

// AddImport notes an import that has ended.
func (tx *Tx) AddImport(i Import) error {
	err := tx.exec(`INSERT INTO imports (id, kind, origin, name, at, rows, added, changed, unchanged, rejected, complete) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		truce.NewID(tx.Now), i.Kind, i.Origin, i.Name, millis(tx.Now), i.Rows, i.Added, i.Changed, i.Unchanged, i.Rejected, i.Complete)
	if err != nil {
		return fmt.Errorf("note an import of %s: %w", i.Kind, err)
	}
	return nil
}

// ImportsSince are the imports that ended in [from, to), the oldest first.
func (tx *Tx) ImportsSince(from, to time.Time) ([]Import, error) {
	return all(tx, func(scan func(...any) error) (i Import, err error) {
		return i, scan(&i.Kind, &i.Origin, &i.Name, moment{&i.At}, &i.Rows, &i.Added, &i.Changed, &i.Unchanged, &i.Rejected, &i.Complete)
	}, `SELECT kind, origin, name, at, rows, added, changed, unchanged, rejected, complete FROM imports WHERE at >= ? AND at < ? ORDER BY at, id`, millis(from), millis(to))
}

// LastImport is when data of a kind last came in whole; zero where it never did.
func (tx *Tx) LastImport(kind string) (t time.Time, err error) {
	return t, tx.row(`SELECT max(at) FROM imports WHERE kind = ? AND complete = 1`, []any{kind}, moment{&t})
}
