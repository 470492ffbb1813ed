// How a text becomes terms: folding, words, stop words, stems and the concepts that groups of synonyms share.
package textindex

import (
	"strings"
	"sync"
	"unicode"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// Bounds on what one text may cost; what lies beyond is not looked at. A chat message is shorter, a pasted document is not.
const (
	maxText  = 16 << 10 // bytes of a text
	maxWords = 1 << 10  // words of a text
	maxWord  = 40       // bytes of a word
)

// fold makes texts comparable: compatibility forms decomposed, marks removed (Zürich, Zurich), lower case.
func fold(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	ascii := true
	for i := 0; i < len(text) && ascii; i++ {
		ascii = text[i] < 0x80
	}
	if !ascii {
		text = norm.NFKD.String(strings.ToValidUTF8(text, " "))
	}
	return strings.ToLower(text)
}

// words cuts a text into folded words: runs of letters and digits. An apostrophe inside a word is dropped, so that "don't"
// and the "dont" of people in a hurry are one word.
func words(text string) []string {
	text = fold(text)
	var out []string
	var b []byte
	flush := func() {
		if len(b) > 0 && len(out) < maxWords {
			out = append(out, string(b))
		}
		b = b[:0]
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if len(b)+4 <= maxWord {
				b = append(b, string(r)...)
			}
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		default:
			flush()
		}
	}
	flush()
	return out
}

// stemmer stems English words and remembers the stems, since a few thousand words make up nearly all of what people type.
type stemmer struct {
	mu    sync.RWMutex
	stems map[string]string
}

// maxStems bounds the memory of a stemmer (about 1 MiB); a full cache is forgotten as a whole.
const maxStems = 8192

func newStemmer() *stemmer { return &stemmer{stems: map[string]string{}} }

func (s *stemmer) stem(word string) string {
	s.mu.RLock()
	stem, ok := s.stems[word]
	s.mu.RUnlock()
	if ok {
		return stem
	}
	stem = word
	if isASCII(word) { // Snowball's English rules say nothing about other letters
		stem = english.Stem(word, true)
	}
	s.mu.Lock()
	if len(s.stems) >= maxStems {
		clear(s.stems)
	}
	s.stems[strings.Clone(word)] = stem
	s.mu.Unlock()
	return stem
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// analyzer turns texts into terms. It is safe for concurrent use; all but the stemmer's cache is fixed.
type analyzer struct {
	*stemmer
	stop     map[string]bool
	concepts *concepts
}

func newAnalyzer(groups [][]string) *analyzer {
	a := &analyzer{stemmer: newStemmer(), stop: map[string]bool{}}
	for _, w := range stopWords() {
		a.stop[w] = true
	}
	a.concepts = newConcepts(groups, a.stemmer)
	return a
}

// analysis is a text as terms, in the order of the text, repetitions kept.
type analysis struct {
	stems    []string // of all words but stop words
	concepts []string // keys of the concepts that words or phrases belong to
}

func (a *analyzer) analyze(text string) analysis {
	all := words(text)
	stems := make([]string, len(all))
	for i, w := range all {
		stems[i] = a.stem(w)
	}
	out := analysis{concepts: a.concepts.find(stems)}
	for i, w := range all {
		if !a.stop[w] {
			out.stems = append(out.stems, stems[i])
		}
	}
	return out
}

// termCount is a term of a text and how often it occurs.
type termCount struct {
	term  string
	count int
}

// counts returns the distinct terms of a text, concepts included, and its length in words.
func (a *analyzer) counts(text string) ([]termCount, int) {
	an := a.analyze(text)
	var out []termCount
	place := map[string]int{}
	for _, list := range [][]string{an.stems, an.concepts} {
		for _, t := range list {
			if i, ok := place[t]; ok {
				out[i].count++
				continue
			}
			place[t] = len(out)
			out = append(out, termCount{t, 1})
		}
	}
	return out, len(an.stems)
}
