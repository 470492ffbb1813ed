// The labelled sentences that guesses are measured on, and the checks that keep them worth measuring on.
package textindex

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// sentence is one labelled line of testdata. Labels holds the main label first, then those that are as right.
type sentence struct {
	Labels []string
	Typo   bool
	Text   string
}

// corpus reads the part ("dev" or "test") of a labelled file.
func corpus(t testing.TB, file, part string) []sentence {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []sentence
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 || (f[0] != "dev" && f[0] != "test") || (!slices.Contains([]string{"typo", "clean", "de", "fr", "es"}, f[2])) ||
			strings.TrimSpace(f[3]) == "" {
			t.Fatalf("%s, line %d: want part, label, spelling, text: %q", file, i+1, line)
		}
		if f[0] == part {
			out = append(out, sentence{strings.Split(f[1], "|"), f[2] == "typo", f[3]})
		}
	}
	return out
}

func TestCorpusIsLargeVariedAndCleanlySplit(t *testing.T) {
	for _, c := range []struct {
		file              string
		sentences, labels int
		typos             float64
	}{
		{"objections.tsv", 240, 14, 0.25},
		{"notes.tsv", 160, 9, 0.1},
	} {
		test, dev := corpus(t, c.file, "test"), corpus(t, c.file, "dev")
		labels, seen, typos := map[string]int{}, map[string]bool{}, 0
		for _, s := range append(append([]sentence{}, test...), dev...) {
			if seen[s.Text] {
				t.Errorf("%s: twice: %q", c.file, s.Text)
			}
			seen[s.Text] = true
		}
		for _, s := range test {
			labels[s.Labels[0]]++
			if s.Typo {
				typos++
			}
		}
		if len(test) < c.sentences || len(labels) < c.labels || float64(typos) < c.typos*float64(len(test)) {
			t.Errorf("%s: %d test sentences, %d labels, %d misspelt; want at least %d, %d, %.0f %%",
				c.file, len(test), len(labels), typos, c.sentences, c.labels, 100*c.typos)
		}
		for l, n := range labels {
			if n < 10 {
				t.Errorf("%s: %s has %d test sentences, too few to say anything about it", c.file, l, n)
			}
		}
	}
}
