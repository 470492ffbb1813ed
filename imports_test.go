package truce_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"truce/bot/golden"
)

// mayImport is who may import whom, of our own packages: the longest matching prefix counts. What is not named may import
// nothing of ours.
var mayImport = map[string][]string{
	"truce":                   {},
	"truce/bot/chat":          {},
	"truce/bot/golden":        {},
	"truce/schedules/stats":   {},
	"truce/storage/textindex": {},
	"truce/storage":           {"truce", "truce/storage/textindex"},
	"truce/bot/cards":         {"truce", "truce/bot/chat"},
	"truce/bot/cards/gallery": {"truce", "truce/bot/chat", "truce/bot/cards"},
	"truce/handlers": {"truce", "truce/bot/chat", "truce/bot/cards", "truce/storage", "truce/storage/textindex",
		"truce/handlers/intake", "truce/handlers/intake/sheet", "truce/handlers/intake/profile"},
	"truce/handlers/intake":         {"truce", "truce/storage", "truce/handlers/intake/sheet"},
	"truce/handlers/intake/sheet":   {"truce"},
	"truce/handlers/intake/profile": {"truce"},
	"truce/handlers/intake/pull":    {"truce", "truce/storage", "truce/handlers/intake", "truce/handlers/intake/sheet"},
	"truce/handlers/intake/pull/crm": {"truce", "truce/storage", "truce/handlers/intake", "truce/handlers/intake/sheet",
		"truce/handlers/intake/pull", "truce/handlers/intake/pull/crm"},
	"truce/schedules": {"truce", "truce/bot/chat", "truce/bot/cards", "truce/storage", "truce/schedules/delivery",
		"truce/schedules/ideal"},
	"truce/schedules/delivery": {"truce", "truce/bot/chat", "truce/bot/cards", "truce/storage"},
	"truce/schedules/ideal":    {"truce", "truce/storage", "truce/schedules/stats"},
	"truce/schedules/digests": {"truce", "truce/bot/chat", "truce/bot/cards", "truce/storage", "truce/schedules", "truce/schedules/stats",
		"truce/schedules/ideal"},
	"truce/bot/slack": {"truce", "truce/bot/chat", "truce/bot/slack"},
	"truce/bot/teams": {"truce", "truce/bot/chat", "truce/bot/teams"},
	"truce/bot/web":   {"truce", "truce/bot/chat"},
	"truce/bot/config": {"truce", "truce/handlers/intake/sheet", "truce/bot/chat", "truce/bot/slack", "truce/bot/teams",
		"truce/schedules", "truce/schedules/digests"},
	"truce/bot/metrics":         {"truce", "truce/bot/chat", "truce/storage"},
	"truce/bot/poster":          {"truce", "truce/bot/cards"},
	"truce/bot/transcript":      {"truce"},
	"truce/bot/demo/quillwater": {"truce", "truce/storage"},
	"truce/bot/demo": {"truce", "truce/bot/chat", "truce/bot/config", "truce/bot/demo/quillwater", "truce/bot/web",
		"truce/handlers", "truce/storage", "truce/schedules/digests"},
	"truce/bot":   nil, // everything
	"truce/bench": nil,
}

// everything may be imported by these, and nobody but tests imports them.
var freely = map[string]bool{"truce/bot": true, "truce/bot/transcript": true}

// TestTheLinterHoldsTheSameRules writes the import rules as golangci-lint's depguard reads them, for editors that show faults while one
// writes; this file stays the one place where they are changed.
func TestTheLinterHoldsTheSameRules(t *testing.T) {
	golden.Check(t, "../.golangci.yml", linterConfig())
}

func linterConfig() string {
	var b strings.Builder
	b.WriteString("# Written by go test . -run TheLinter -update, from the table in imports_test.go.\n" +
		"version: \"2\"\nlinters:\n  default: none\n  enable: [bodyclose, depguard, errcheck, errorlint, govet, ineffassign, lll, nilerr, " +
		"rowserrcheck, sqlclosecheck, staticcheck, unused]\n" +
		"  settings:\n    lll: { line-length: 180, tab-width: 1 }\n    errcheck: { exclude-functions: [fmt.Fprint, fmt.Fprintf, fmt.Fprintln, " +
		"io.WriteString, os.RemoveAll] }\n    depguard:\n      rules:\n")
	for _, pkg := range slices.Sorted(maps.Keys(mayImport)) {
		if mayImport[pkg] == nil {
			continue
		}
		dir := strings.TrimPrefix(strings.TrimPrefix(pkg, "truce"), "/")
		files := "**/" + dir + "/*.go"
		if dir == "" {
			files = "*.go"
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: lax\n          files: [\"%s\", \"!$test\"]\n          allow: [%s]\n          deny: "+
			"[{ pkg: truce, desc: \"see imports_test.go\" }]\n",
			strings.ReplaceAll(pkg, "/", "-"), files, quoted(mayImport[pkg]))
	}
	return b.String()
}

// quoted is the packages, each alone and not what is below it.
func quoted(pkgs []string) string {
	list := make([]string, len(pkgs))
	for i, p := range pkgs {
		list[i] = strconv.Quote(p + "$")
	}
	return strings.Join(list, ", ")
}

func TestWhoImportsWhom(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	packages := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		rule := ""
		for prefix := range mayImport {
			if (p.ImportPath == prefix || strings.HasPrefix(p.ImportPath, prefix+"/")) && len(prefix) > len(rule) {
				if prefix != "truce" && prefix != "truce/bot" || p.ImportPath == prefix {
					rule = prefix
				}
			}
		}
		if rule == "" {
			t.Errorf("%s has no rule: say here what it may import", p.ImportPath)
			continue
		}
		if freely[p.ImportPath] || strings.HasPrefix(p.ImportPath, "truce/bench") {
			continue
		}
		for _, i := range p.Imports {
			if i != "truce" && !strings.HasPrefix(i, "truce/") {
				if rule == "truce" && strings.Contains(i, ".") {
					t.Errorf("the domain imports %s: standard library only", i)
				}
				continue
			}
			ok := false
			for _, allowed := range mayImport[rule] {
				ok = ok || i == allowed
			}
			if !ok {
				t.Errorf("%s imports %s: it may import %v", p.ImportPath, i, mayImport[rule])
			}
		}
	}
	if packages < 10 {
		t.Errorf("go list named %d packages only", packages)
	}
}
