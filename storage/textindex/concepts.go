// Concepts: groups of words and phrases that mean the same in a sales call. A text gets one more term for each concept it
// touches, so that "too pricey" finds "costs too much" though they share no word.
package textindex

import "strings"

// conceptMark opens the key of a concept, so that it can never be a word's.
const conceptMark = "\x00"

// maxPhrase is how many words a phrase of a synonym group may have; longer ones are cut.
const maxPhrase = 4

// concepts finds which groups the words and phrases of a text belong to.
type concepts struct {
	phrases map[string][]string // stems joined by blanks -> keys of the groups that hold the phrase
	longest int                 // words of the longest phrase
}

func newConcepts(groups [][]string, s *stemmer) *concepts {
	c := &concepts{phrases: map[string][]string{}}
	for _, g := range groups {
		key := ""
		for _, phrase := range g {
			ws := words(phrase)
			if len(ws) == 0 {
				continue
			}
			if key == "" { // the first phrase names the group
				key = conceptMark + strings.Join(ws, " ")
			}
			ws = ws[:min(len(ws), maxPhrase)]
			for i := range ws {
				ws[i] = s.stem(ws[i])
			}
			c.add(strings.Join(ws, " "), key)
			c.longest = max(c.longest, len(ws))
		}
	}
	return c
}

func (c *concepts) add(phrase, key string) {
	for _, k := range c.phrases[phrase] {
		if k == key {
			return
		}
	}
	c.phrases[phrase] = append(c.phrases[phrase], key)
}

// find returns the keys of all concepts in a text given as stems, in the order of the text, repetitions kept.
func (c *concepts) find(stems []string) []string {
	var out []string
	var phrase []byte
	for i := range stems {
		phrase = phrase[:0]
		for n := 0; n < c.longest && i+n < len(stems); n++ {
			if n > 0 {
				phrase = append(phrase, ' ')
			}
			phrase = append(phrase, stems[i+n]...)
			out = append(out, c.phrases[string(phrase)]...)
		}
	}
	return out
}
