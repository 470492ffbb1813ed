package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOneIsNoPlural reads what people see in conversations, digests and on cards, as golden files have it: "1 leads" is not said.
func TestOneIsNoPlural(t *testing.T) {
	bad := regexp.MustCompile(`(?:^|[^\w,.:/–-])1 (?:leads|accounts|reps|days|weeks|months|deals|orders|disputes|cases|answers|ratings|rules|sources|entries|times|people|wins|themes|others|values|customers|meetings|actions|hours)\b`)
	read := 0
	for _, pattern := range []string{"../handlers/testdata/*.txt", "../schedules/digests/testdata/*", "../schedules/ideal/testdata/*",
		"testdata/gallery/*.txt", "testdata/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			read++
			for i, line := range strings.Split(string(text), "\n") {
				if found := bad.FindString(line); found != "" {
					t.Errorf("%s:%d: %q in: %s", file, i+1, found, line)
				}
			}
		}
	}
	if read < 100 {
		t.Errorf("%d files read: the golden files have moved", read)
	}
}
