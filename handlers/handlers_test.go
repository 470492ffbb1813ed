package handlers_test

import (
	"os"
	"path/filepath"
	"testing"

	"truce/bot/golden"
	"truce/bot/transcript"
)

// TestTranscripts holds every conversation of testdata against what Truce says today.
func TestTranscripts(t *testing.T) {
	transcript.Run(t, "testdata/*.txt")
}

// TestNobodyKnowsWhichPlatformAsked plays every conversation under each platform's name: all answers must be the same. Slack's name is that
// of TestAuditNames; the fast tests take the other two in turn.
func TestNobodyKnowsWhichPlatformAsked(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		script, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		networks := []string{"teams", "web"}
		if testing.Short() {
			networks = networks[i%2:][:1]
		}
		for _, network := range networks {
			t.Run(filepath.Base(f)+"/"+network, func(t *testing.T) {
				t.Parallel()
				if got := transcript.Play(t, string(script), network); got != string(script) {
					t.Errorf("the answers on %s are not the same as elsewhere: %s", network, golden.Difference(string(script), got))
				}
			})
		}
	}
}
