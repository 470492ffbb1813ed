package storage

import (
	"fmt"
	"time"

	"truce"
)

// Import is what one import brought: the recap says it in a line, and how old the data is follows from it.
type Import struct {
	Kind     string
	Origin   string // file, hook, sync
	Name     string // of the file, or of the source of truce sync
	At       time.Time
	Complete bool

	Rows, Added, Changed, Unchanged, Rejected int
}

// AddImport notes an import that has ended.
func (tx *Tx) AddImport(i Import) error {
	err := tx.exec(`INSERT INTO imports (id, kind, origin, name, at, rows, added, changed, unchanged, rejected, complete)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
	}, `SELECT kind, origin, name, at, rows, added, changed, unchanged, rejected, complete FROM imports WHERE at >= ? AND at < ?
		ORDER BY at, id`, millis(from), millis(to))
}

// LastImport is the newest import of a kind that came in whole by a moment; the zero value where there was none.
func (tx *Tx) LastImport(kind string, by time.Time) (i Import, err error) {
	list, err := all(tx, func(scan func(...any) error) (i Import, err error) {
		i.Kind, i.Complete = kind, true
		return i, scan(&i.Origin, &i.Name, moment{&i.At}, &i.Rows)
	}, `SELECT origin, name, at, rows FROM imports WHERE kind = ? AND complete = 1 AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`, kind,
		millis(by))
	if err != nil {
		return i, fmt.Errorf("look for the last import of %s: %w", kind, err)
	}
	if len(list) > 0 {
		i = list[0]
	}
	return i, nil
}

// OwnImported is what imports brought of one person's leads.
type OwnImported struct {
	New  int // leads
	News int // leads known before, of which the CRM told an outcome
}

// OwnImported is what imports brought in [from, to) of the leads of each person, by their ids. It looks at every owned lead.
func (tx *Tx) OwnImported(from, to time.Time) (map[string]OwnImported, error) {
	own := map[string]OwnImported{}
	since, until := millis(from), millis(to)
	err := tx.each(`SELECT owner_id, count(*) FILTER (WHERE created_at >= ?), count(*) FILTER (WHERE created_at < ? AND EXISTS (SELECT 1
		FROM outcomes o
			WHERE o.lead_id = leads.id AND o.origin = 'import' AND o.recorded_at >= ? AND o.recorded_at < ?))
		FROM leads WHERE owner_id IS NOT NULL AND updated_at >= ? AND created_at < ? GROUP BY owner_id`,
		[]any{since, since, since, until, since, until}, func(scan func(...any) error) error {
			var id string
			var i OwnImported
			if err := scan(&id, &i.New, &i.News); err != nil {
				return err
			}
			own[id] = i
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("count what imports brought to the owners: %w", err)
	}
	return own, nil
}
