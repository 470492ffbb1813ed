// The vocabulary of an index and the words of it that look like a misspelt one.
package textindex

import (
	"cmp"
	"slices"
)

// vocabulary numbers terms and finds the words nearest to one it does not know, by the share of letter trigrams they have
// in common (Dice coefficient). Concepts are numbered too but are never near to anything.
type vocabulary struct {
	numbers map[string]uint32
	terms   []string
	grams   map[uint32][]uint32 // trigram -> numbers of the words that hold it, ascending
	sizes   []uint8             // distinct trigrams of each word; 0 for concepts
}

func newVocabulary() *vocabulary {
	return &vocabulary{numbers: map[string]uint32{}, grams: map[uint32][]uint32{}}
}

// number returns the number of a term, new where needed.
func (v *vocabulary) number(term string) uint32 {
	if n, ok := v.numbers[term]; ok {
		return n
	}
	n := uint32(len(v.terms))
	v.terms = append(v.terms, term)
	v.numbers[term] = n
	var size uint8
	if term[0] != conceptMark[0] {
		var buf [maxWord + 4]uint32
		gs := trigrams(term, buf[:0])
		size = uint8(len(gs))
		for _, g := range gs {
			v.grams[g] = append(v.grams[g], n)
		}
	}
	v.sizes = append(v.sizes, size)
	return n
}

// near is a known word that looks like an unknown one.
type near struct {
	number     uint32
	similarity float64 // Dice coefficient of the letter trigrams, from 0 to 1
}

// nearest returns the at most k words most similar to an unknown one, from a similarity of least on, the most similar first;
// words that usable refuses are left out.
func (v *vocabulary) nearest(word string, k int, least float64, usable func(number uint32) bool) []near {
	var buf [maxWord + 4]uint32
	gs := trigrams(word, buf[:0])
	common := make([]uint8, len(v.terms)) // how many trigrams each word shares; quicker than a map
	var touched []uint32
	for _, g := range gs {
		for _, n := range v.grams[g] {
			if common[n] == 0 {
				touched = append(touched, n)
			}
			common[n]++
		}
	}
	var out []near
	for _, n := range touched {
		if s := 2 * float64(common[n]) / float64(len(gs)+int(v.sizes[n])); s >= least && usable(n) {
			out = append(out, near{n, s})
		}
	}
	slices.SortFunc(out, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.similarity, a.similarity), cmp.Compare(v.terms[a.number], v.terms[b.number]))
	})
	return out[:min(k, len(out))]
}

// trigrams appends the distinct runs of three bytes of a word, with its beginning and end marked.
func trigrams(word string, out []uint32) []uint32 {
	g := uint32('^')
	for i := 0; i <= len(word); i++ {
		c := byte('$')
		if i < len(word) {
			c = word[i]
		}
		g = (g<<8 | uint32(c)) & 0xffffff
		if i > 0 && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}
