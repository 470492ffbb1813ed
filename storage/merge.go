package storage

import (
	"database/sql"
	"time"
)

// merged reads rows in the order of their first column, a lead's id, beside another query in the same order: a merge join,
// so that a million leads need no more memory than one.
type merged struct {
	rows *sql.Rows
	err  error
	id   string // of the row that waits; "" when it must be read
	done bool
	into []any // the id, and what leaves the other columns alone
}

func (tx *Tx) merged(query string, from, to time.Time) *merged {
	m := &merged{}
	m.rows, m.err = tx.query(query, millis(from), millis(to))
	if m.err == nil {
		var cols []string
		if cols, m.err = m.rows.Columns(); m.err == nil {
			m.into = append(m.into, &m.id)
			for range cols[1:] {
				m.into = append(m.into, new(sql.RawBytes))
			}
		}
	}
	m.done = m.err != nil
	return m
}

func (m *merged) close() {
	if m.rows != nil {
		m.rows.Close()
	}
}

// of calls fn with the Scan of each row of the id.
func (m *merged) of(id string, fn func(scan func(...any) error) error) error {
	for !m.done {
		if m.id == "" {
			if !m.rows.Next() {
				m.done, m.err = true, m.rows.Err()
				break
			}
			if m.err = m.rows.Scan(m.into...); m.err != nil {
				return m.err
			}
		}
		if m.id != id {
			return m.err
		}
		if err := fn(m.rows.Scan); err != nil {
			return err
		}
		m.id = ""
	}
	return m.err
}
