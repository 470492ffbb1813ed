// Package chattest is what the tests of the platform adapters share: a chat.Memory in a map, and a log that can be read.
package chattest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Memory is a chat.Memory that ends with the test; what it holds is what a restart finds. The zero Memory is empty and ready.
type Memory struct {
	mu     sync.Mutex
	values map[string][]byte
	fail   bool
}

// Fail has every Put fail from now on, as on a full disk.
func (m *Memory) Fail() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = true
}

// Copy is what a process that dies now leaves behind.
func (m *Memory) Copy() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{values: maps.Clone(m.values)}
}

// Get returns a value, nil where there is none.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.values[key]), nil
}

// Put keeps a value.
func (m *Memory) Put(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail {
		return errors.New("disk full")
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[key] = append([]byte{}, value...)
	return nil
}

// Delete drops a value.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
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
	for k := range m.values {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// Log is a log that may be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
