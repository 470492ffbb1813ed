// What ships with the program: stop words, synonym groups, and the themes and kinds a fresh installation starts with.
package textindex

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.txt
var data embed.FS

// Label is something a text can be about: a theme or a kind of note, with the phrases that teach a Classifier to know it.
type Label struct {
	ID      string   // stable, lower case, words joined by hyphens: "turnaround-time"
	Name    string   // as people see it: "Turnaround time"
	Phrases []string // a few words to a sentence each
}

// DefaultThemes returns the themes of objections that a fresh installation starts with, in the order of the data.
func DefaultThemes() []Label { return slices.Clone(themes()) }

var themes = sync.OnceValue(func() []Label { return mustLabels("themes") })

// DefaultKinds returns the kinds of notes ("objection", "resonates", "falls flat", "stuck", "trend", "competitor", "win",
// "lead problem", "question"), in the order of the data.
func DefaultKinds() []Label { return mustLabels("kinds") }

// DefaultSynonyms returns the groups of words that mean the same in a sales call; the first word of a group names it.
func DefaultSynonyms() [][]string {
	groups, err := ParseSynonyms(embedded("synonyms"))
	if err != nil {
		panic(fmt.Sprintf("textindex: embedded synonyms: %v", err))
	}
	return groups
}

// ParseSynonyms reads synonym groups: one a line, divided by commas; empty lines and lines that start with # are skipped.
func ParseSynonyms(text string) ([][]string, error) {
	var groups [][]string
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var group []string
		for _, w := range strings.Split(line, ",") {
			if w = strings.TrimSpace(w); len(words(w)) > 0 {
				group = append(group, w)
			}
		}
		if len(group) < 2 {
			return nil, fmt.Errorf("line %d: a group of synonyms needs at least two words, divided by commas: %q", i+1, line)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// ParseLabels reads labels with their phrases: a line "= id | Name", then phrases, one a line or divided by semicolons; empty
// lines and lines that start with # are skipped.
func ParseLabels(text string) ([]Label, error) {
	var labels []Label
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '=':
			id, name, ok := strings.Cut(line[1:], "|")
			id, name = strings.TrimSpace(id), strings.TrimSpace(name)
			if !ok || id == "" || name == "" || seen[id] {
				return nil, fmt.Errorf("line %d: want \"= id | Name\" with an id of its own: %q", i+1, line)
			}
			seen[id] = true
			labels = append(labels, Label{ID: id, Name: name})
		case len(labels) == 0:
			return nil, fmt.Errorf("line %d: a phrase before the first \"= id | Name\": %q", i+1, line)
		default:
			l := &labels[len(labels)-1]
			for _, p := range strings.Split(line, ";") {
				if p = strings.TrimSpace(p); p != "" {
					l.Phrases = append(l.Phrases, p)
				}
			}
		}
	}
	return labels, nil
}

func mustLabels(name string) []Label {
	labels, err := ParseLabels(embedded(name))
	if err != nil {
		panic(fmt.Sprintf("textindex: embedded %s: %v", name, err))
	}
	return labels
}

func stopWords() []string {
	var out []string
	for _, line := range strings.Split(embedded("stopwords"), "\n") {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.Fields(line)...)
		}
	}
	return out
}

func embedded(name string) string {
	b, err := data.ReadFile("data/" + name + ".txt")
	if err != nil {
		panic(fmt.Sprintf("textindex: %v", err)) // the file is part of the binary
	}
	return string(b)
}
