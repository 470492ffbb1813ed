// What a Classifier looks at in a text.
package textindex

// Weights of the features, chosen on the dev part of the corpora. Pieces of words carry typos and endings that the stemmer
// does not know; stop words and pairs tell kinds of notes apart ("they say", "we won", "what do").
const (
	wordFeature    = 1.0
	stopFeature    = 0.6 // a stop word
	pairFeature    = 0.7 // two neighbouring words
	conceptFeature = 0.7 // a synonym group
	pieceFeature   = 0.3 // three or four letters in a row of a word, its ends marked
	shortestPiece  = 3
	longestPiece   = 4
)

// Marks before the key of a feature, so that a word, a pair, a piece and a concept (which has its own) are never mixed up.
const (
	wordMark  = "w"
	pairMark  = "p"
	pieceMark = "l"
)

// feature is something in a text that may point to a label.
type feature struct {
	key    string
	weight float64
}

// features returns the distinct features of a text in the order of their first occurrence.
func (a *analyzer) features(text string) []feature {
	all := words(text)
	stems := make([]string, len(all))
	for i, w := range all {
		stems[i] = a.stem(w)
	}
	var out []feature
	seen := map[string]bool{}
	add := func(key string, weight float64) {
		if !seen[key] {
			seen[key] = true
			out = append(out, feature{key, weight})
		}
	}
	for i, w := range all {
		stop := a.stop[w]
		if stop {
			add(wordMark+stems[i], stopFeature)
		} else {
			add(wordMark+stems[i], wordFeature)
		}
		if i > 0 {
			add(pairMark+stems[i-1]+" "+stems[i], pairFeature)
		}
		if !stop && len(w) >= shortestPiece {
			whole := "^" + w + "$"
			for n := shortestPiece; n <= longestPiece; n++ {
				for j := 0; j+n <= len(whole); j++ {
					add(pieceMark+whole[j:j+n], pieceFeature)
				}
			}
		}
	}
	for _, key := range a.concepts.find(stems) {
		add(key, conceptFeature)
	}
	return out
}
