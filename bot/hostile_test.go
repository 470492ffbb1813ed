package main

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"truce/bot/transcript"
)

// TestHostileTextInFiles puts a text that spreadsheets and browsers would run into every column that people and CRMs write, found in the
// schema, and reads all that the program writes: exports of every kind, verdicts for each CRM, and every digest in each form.
func TestHostileTextInFiles(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.fill()
	columns := transcript.Poison(t, s.path("truce.db"))
	with, cells := 0, 0
	for kind, text := range s.exported("out", "csv") {
		for _, row := range cellsOf(t, kind, text) {
			for _, cell := range row {
				if cells++; runs(cell) {
					t.Errorf("%s has the cell %.80q", kind, cell)
				}
				if strings.Contains(cell, "calc") {
					with++
				}
			}
		}
	}
	for _, crm := range []string{"salesforce", "hubspot"} {
		status, out, errs := s.run("export", "verdicts", "--for", crm)
		if status != exitOK {
			t.Fatal(errs)
		}
		for _, row := range cellsOf(t, crm, out) {
			for _, cell := range row {
				if runs(cell) {
					t.Errorf("the verdicts for %s have the cell %.80q", crm, cell)
				}
			}
		}
	}
	for kind, text := range s.exported("lines", "jsonl") {
		for line := range strings.Lines(text) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: %s", kind, line)
			}
		}
	}
	shown := 0
	for _, kind := range []string{"leads", "weekly", "monthly"} {
		for _, format := range []string{"html", "json", "markdown", "text"} {
			status, out, errs := s.run("digest", kind, "--from", "2026-02-01", "--to", "2026-03-01", "--as-of", "2026-03-02T09:00:00Z",
				"--format", format)
			if status != exitOK {
				t.Fatal(errs)
			}
			if shown += strings.Count(out, "calc"); format == "json" && !json.Valid([]byte(out)) {
				t.Errorf("%s is no JSON", kind)
			}
			if live := liveIn[format]; live != nil && live.MatchString(out) {
				t.Errorf("the %s digest as %s: %s", kind, format, live.FindString(out))
			}
		}
	}
	if with < 40 || shown < 10 || len(columns) < 20 {
		t.Errorf("only %d cells of %d, and %d places of digests, have the text, which was put into %v", with, cells, shown, columns)
	}
	t.Logf("%d columns; %d cells of exports, %d of them with the text; %d places of digests", len(columns), cells, with, shown)
}

// liveIn is what would be run in a digest, by its form.
var liveIn = map[string]*regexp.Regexp{
	"html":     regexp.MustCompile(`<script>alert|<img src=x|href="https://evil`),
	"markdown": regexp.MustCompile(`[^\\]<(script|img|at)|[^\\]\[x\]\(https://evil`),
}

func cellsOf(t *testing.T, what, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return rows
}

// runs reports whether a spreadsheet would take a cell for a formula, also one that it parts at a semicolon.
func runs(cell string) bool {
	for part := range strings.SplitSeq(cell, ";") {
		part = strings.TrimLeft(part, " \t\r\n")
		if part == "" || !strings.ContainsRune("=+-@", rune(part[0])) {
			continue
		}
		if _, err := strconv.ParseFloat(part, 64); err != nil {
			return true
		}
	}
	return false
}
