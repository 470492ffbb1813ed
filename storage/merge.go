package storage

import (
	"database/sql"
	"time"
)

// merged is a query whose rows, ordered by a lead's id, are taken in step with another query over the same leads. Each row
// is read once, into the value that goes on with it.
type merged[T any] struct {
	rows  *sql.Rows
	scan  func(scan func(...any) error, id *string) (T, error)
	id    string // of the row that was read and not yet taken; "" for none
	value T
	done  bool
	err   error
}

// merge begins a query over the leads of a period; more are the query's values after the period's.
func merge[T any](tx *Tx, from, to time.Time, query string, scan func(scan func(...any) error, id *string) (T, error),
	more ...any) *merged[T] {
	m := &merged[T]{scan: scan}
	m.rows, m.err = tx.query(query, append([]any{millis(from), millis(to)}, more...)...)
	m.done = m.err != nil
	return m
}

func (m *merged[T]) close() {
	if m.rows != nil {
		m.rows.Close()
	}
}

// of appends the values of an id to list. Ids must be asked for in the order of the query; those passed over are dropped.
func (m *merged[T]) of(id string, list []T) ([]T, error) {
	for !m.done {
		if m.id == "" {
			if !m.rows.Next() {
				m.done, m.err = true, problem("", m.rows.Err())
				break
			}
			if m.value, m.err = m.scan(m.rows.Scan, &m.id); m.err != nil {
				m.done = true
				break
			}
		}
		if m.id > id {
			break
		}
		if m.id == id {
			list = append(list, m.value)
		}
		m.id = ""
	}
	return list, m.err
}
