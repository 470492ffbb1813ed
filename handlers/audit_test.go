package handlers_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/transcript"
	"truce/storage"
)

// TestAuditNames plays every conversation and holds what each action, form and command wrote into the audit log against a table that people
// have read: an action's name in the log is what was done. Run with -update and read the diff.
func TestAuditNames(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	done := map[string]map[string]bool{} // by what was done: the names in the log
	for _, c := range transcript.NewStageIn(t, transcript.Network, time.UTC).Handlers.Commands() {
		for _, name := range slices.Concat(slices.Collect(maps.Keys(c.Actions)), slices.Collect(maps.Keys(c.Looks))) {
			done["action "+name] = map[string]bool{}
		}
		for name := range c.Forms {
			done["form "+name] = map[string]bool{}
		}
	}
	var mu sync.Mutex
	note := func(key, name string) {
		mu.Lock()
		defer mu.Unlock()
		if done[key] == nil {
			done[key] = map[string]bool{}
		}
		done[key][name] = true
	}
	t.Run("conversations", func(t *testing.T) {
		for _, f := range files {
			t.Run(filepath.Base(f), func(t *testing.T) {
				t.Parallel()
				namesOf(t, f, note)
			})
		}
	})
	var table strings.Builder
	for _, key := range slices.Sorted(maps.Keys(done)) {
		fmt.Fprintln(&table, strings.TrimSpace(key+": "+strings.Join(slices.Sorted(maps.Keys(done[key])), " ")))
	}
	const file = "testdata/audit_names.golden"
	want, err := os.ReadFile(file)
	switch {
	case golden.Updating():
		if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	case err != nil:
		t.Fatal(err)
	case table.String() != string(want):
		t.Errorf("what is written into the log has changed (run with -update and read the diff):\n%s",
			golden.Difference(string(want), table.String()))
	}
}

// namesOf plays a conversation as on Slack, and notes by what was done the names that it wrote into the log.
func namesOf(t *testing.T, file string, note func(key, name string)) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script, loc := string(raw), time.UTC
	if m := regexp.MustCompile(`(?m)^zone (\S+)$`).FindStringSubmatch(script); m != nil {
		if loc, err = time.LoadLocation(m[1]); err != nil {
			t.Fatal(err)
		}
	}
	shape := regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)
	st := transcript.NewStageIn(t, "slack", loc)
	seen := 0
	st.Heard = func(ev chat.Event, after bool) {
		key := ""
		switch ev.Kind {
		case chat.Action:
			key = "action " + ev.Name
		case chat.Submit:
			key = "form " + ev.Name
		case chat.Command:
			key = "command " + ev.Name
		case chat.Shortcut:
			key = "shortcut " + ev.Name
		default:
			key = string(ev.Kind)
		}
		n := 0
		err := st.Store.View(t.Context(), func(tx *storage.Tx) error {
			return tx.EachRecord("audit", func(values []any) error {
				if n++; !after || n <= seen {
					return nil
				}
				name := fmt.Sprint(values[3])
				if !shape.MatchString(name) {
					t.Errorf("%s writes %q into the log", key, name)
				}
				note(key, name)
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		seen = n
	}
	if got := st.Play(script); got != script && !golden.Updating() {
		t.Errorf("the answers on Slack are not the same as elsewhere: %s", golden.Difference(script, got))
	}
}
