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
	var keys []byte // one behind the other: they are cut out of one string
	var ends []int
	var weights []float64
	add := func(weight float64, parts ...string) {
		for _, p := range parts {
			keys = append(keys, p...)
		}
		ends, weights = append(ends, len(keys)), append(weights, weight)
	}
	for i, w := range all {
		stop := a.stop[w]
		if stop {
			add(stopFeature, wordMark, stems[i])
		} else {
			add(wordFeature, wordMark, stems[i])
		}
		if i > 0 {
			add(pairFeature, pairMark, stems[i-1], " ", stems[i])
		}
		if !stop && len(w) >= shortestPiece {
			whole := "^" + w + "$"
			for n := shortestPiece; n <= longestPiece; n++ {
				for j := 0; j+n <= len(whole); j++ {
					add(pieceFeature, pieceMark, whole[j:j+n])
				}
			}
		}
	}
	for _, key := range a.concepts.find(stems) {
		add(conceptFeature, key)
	}
	out := make([]feature, 0, len(ends))
	seen := make(map[string]struct{}, len(ends))
	text, from := string(keys), 0
	for i, end := range ends {
		key := text[from:end]
		from = end
		if _, ok := seen[key]; !ok {
			seen[key] = struct{}{}
			out = append(out, feature{key, weights[i]})
		}
	}
	return out
}
