package storage

import (
	"context"

	"truce"
)

// Memory is what one adapter remembers across restarts (the adapters' own keys; nobody else reads them).
type Memory struct {
	s       *Store
	network string
}

// Memory is the memory of the adapter of a network.
func (s *Store) Memory(network string) *Memory { return &Memory{s, network} }

// Get returns the value of key, nil where there is none.
func (m *Memory) Get(ctx context.Context, key string) (value []byte, err error) {
	err = m.s.View(ctx, func(tx *Tx) error {
		return tx.row(`SELECT value FROM memory WHERE network = ? AND key = ?`, []any{m.network, key}, &value)
	})
	if truce.KindOf(err) == truce.NotFound {
		return nil, nil
	}
	return value, err
}

// Put stores a value; it is committed when Put returns.
func (m *Memory) Put(ctx context.Context, key string, value []byte) error {
	return m.s.Update(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO memory (network, key, value, at) VALUES (?, ?, ?, ?) ON CONFLICT (network, key) DO UPDATE
			SET value = excluded.value, at = excluded.at`,
			m.network, key, value, millis(tx.Now))
	})
}

// Delete removes a key.
func (m *Memory) Delete(ctx context.Context, key string) error {
	return m.s.Update(ctx, func(tx *Tx) error {
		return tx.exec(`DELETE FROM memory WHERE network = ? AND key = ?`, m.network, key)
	})
}

// Scan calls fn for each key with the prefix, in the order of the keys.
func (m *Memory) Scan(ctx context.Context, prefix string, fn func(key string, value []byte) error) error {
	return m.s.View(ctx, func(tx *Tx) error {
		return tx.each(`SELECT key, value FROM memory WHERE network = ? AND key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key`,
			[]any{m.network, prefix, prefix, prefix}, func(scan func(...any) error) error {
				var key string
				var value []byte
				if err := scan(&key, &value); err != nil {
					return err
				}
				return fn(key, value)
			})
	})
}
