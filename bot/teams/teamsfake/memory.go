package teamsfake

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Memory is a chat.Memory that ends with the test.
type Memory struct {
	mu sync.Mutex
	m  map[string][]byte
}

// Get returns a value, nil where there is none.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.m[key]), nil
}

// Put keeps a value.
func (m *Memory) Put(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.m == nil {
		m.m = map[string][]byte{}
	}
	m.m[key] = slices.Clone(value)
	return nil
}

// Delete drops a value.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.m, key)
	return nil
}

// Scan calls fn for each key with the prefix, in order.
func (m *Memory) Scan(ctx context.Context, prefix string, fn func(string, []byte) error) error {
	for _, k := range m.Keys(prefix) {
		v, err := m.Get(ctx, k)
		if err != nil || v == nil {
			continue
		}
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// Keys are the keys with the prefix, in order.
func (m *Memory) Keys(prefix string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for k := range m.m {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
