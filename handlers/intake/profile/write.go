package profile

import (
	"encoding/json"
	"fmt"
	"strings"

	"truce"
)

// Write is the document of a profile, one criterion a line, as Read reads it.
func Write(p truce.Profile) ([]byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write a profile: %w", err)
	}
	var doc struct {
		Criteria []json.RawMessage `json:"criteria"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("write a profile: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "threshold: %g\ncriteria:\n", p.Threshold)
	for _, c := range doc.Criteria { // JSON in a line is YAML
		fmt.Fprintf(&b, "  - %s\n", c)
	}
	return []byte(b.String()), nil
}
