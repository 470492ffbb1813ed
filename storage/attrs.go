package storage

import (
	"encoding/json"
	"fmt"
	"strings"
)

// attributes scans what was imported with a lead: an object of texts. It is read for every lead of a replay, so the usual case, without
// escapes, is read here; all others as JSON.
type attributes struct{ m *map[string]string }

func (a attributes) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("attributes are %T, not text", v)
	}
	*a.m = nil
	if text == "" || text == "{}" || text == "null" {
		return nil
	}
	if plain, ok := plainObject(text); ok {
		*a.m = plain
		return nil
	}
	return json.Unmarshal([]byte(text), a.m)
}

// plainObject reads {"a":"b","c":"d"} without escapes and blanks; ok is false for anything else.
func plainObject(s string) (m map[string]string, ok bool) {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' || strings.IndexByte(s, '\\') >= 0 {
		return nil, false
	}
	m = make(map[string]string, strings.Count(s, `":"`))
	for s = s[1 : len(s)-1]; ; s = s[1:] {
		key, rest, ok := inQuotes(s)
		if !ok || len(rest) == 0 || rest[0] != ':' {
			return nil, false
		}
		value, rest, ok := inQuotes(rest[1:])
		if !ok {
			return nil, false
		}
		m[key] = value
		if s = rest; s == "" {
			return m, true
		}
		if s[0] != ',' {
			return nil, false
		}
	}
}

// inQuotes takes a text in quotes off the front.
func inQuotes(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	text, rest, ok = strings.Cut(s[1:], `"`)
	return text, rest, ok
}
