package storage

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestAttributesAreReadAsJSON: the short way says what encoding/json says.
func TestAttributesAreReadAsJSON(t *testing.T) {
	for _, text := range []string{``, `{}`, `null`, `{"a":"b"}`, `{"a":"b","c":"d"}`, `{"a": "b"}`, `{"a":""}`, `{"":"x"}`,
		`{"a":"x\"y","b":"\u00e9"}`, `{"a":"é, {}","b":"1,2:3"}`, `{"a":"b","a":"c"}`, `{"a":":\\"}`} {
		want := map[string]string{}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
		}
		var got map[string]string
		if err := (attributes{&got}).Scan(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{`{"a":}`, `{"a":"b",}`, `{"a"}`, `{"a":"b"`, `{"a":1}`} {
		var got map[string]string
		if err := (attributes{&got}).Scan(text); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
