// What to tidy: texts and labels that say the same, and names for what fits no label. All of it only proposes.
package textindex

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pair is two texts or two labels that say the same, A before B in order; Similarity goes from 0 to 1.
type Pair struct {
	A, B       string
	Similarity float64
}

// Values from which pairs are worth showing to a person.
const (
	DuplicateLeast = 0.6  // for Duplicates
	MergeLeast     = 0.33 // for Merges: of the built-in themes the nearest two have 0.23
)

// duplicateHits is how many neighbours of a text are looked at for being the same.
const duplicateHits = 20

// Duplicates returns pairs of texts that say nearly the same, the most similar first. The docs must be in the index with the
// same text. Similarity is the score of one text as the query for the other, as a share of its score for itself; of the
// two directions the smaller counts, so that a long text that holds a short one is no duplicate. It costs a search a text.
func (x *Index) Duplicates(docs []Doc, least float64) []Pair {
	shares := map[[2]string]float64{}
	for _, d := range docs {
		hits := x.Search(d.Text, duplicateHits)
		own := 0.0
		if i := slices.IndexFunc(hits, func(h Hit) bool { return h.ID == d.ID }); i >= 0 {
			own = hits[i].Score
		}
		for _, h := range hits {
			if h.ID != d.ID && own > 0 {
				shares[[2]string{d.ID, h.ID}] = min(1, h.Score/own)
			}
		}
	}
	var out []Pair
	for ab, s := range shares {
		if back, ok := shares[[2]string{ab[1], ab[0]}]; ok && ab[0] < ab[1] && min(s, back) >= least {
			out = append(out, Pair{ab[0], ab[1], min(s, back)})
		}
	}
	slices.SortFunc(out, likelier)
	return out
}

// likelier orders pairs, the most similar first.
func likelier(a, b Pair) int {
	return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
}

// mergeExamples is how many of a label's examples, the newest, are tried for Merges; fewer than mergeFewest say nothing.
const (
	mergeExamples = 60
	mergeFewest   = 4
)

// Merges returns pairs of labels that people use for the same thing: if one of the two did not exist, its examples would go to
// the other. Similarity is the share of examples for which that is so, of the two directions the smaller.
func (c *Classifier) Merges(least float64) []Pair {
	c.mu.RLock()
	defer c.mu.RUnlock()
	shares := map[[2]string]float64{}
	for _, k := range c.classes {
		newest := k.order[max(0, len(k.order)-mergeExamples):]
		if len(newest) < mergeFewest {
			continue
		}
		for _, id := range newest {
			ranked, _, _ := c.rank(c.examples[id].text)
			i := slices.IndexFunc(ranked, func(g Guess) bool { return g.Label != k.id })
			if i >= 0 {
				shares[[2]string{k.id, ranked[i].Label}] += 1 / float64(len(newest))
			}
		}
	}
	var out []Pair
	for ab, s := range shares {
		if s = min(s, shares[[2]string{ab[1], ab[0]}]); ab[0] < ab[1] && s >= least {
			out = append(out, Pair{ab[0], ab[1], s})
		}
	}
	slices.SortFunc(out, likelier)
	return out
}

// Proposal is a theme that some texts could be gathered under.
type Proposal struct {
	Name  string   // of one or two of the texts' own words: "Noise level"
	Terms []string // the words that tell these texts from all examples, the strongest first; at most five
	IDs   []string // of the texts, in order
}

// Propose names themes for texts that fit no label: words that at least the given number of texts share and that are rare
// among the examples. Each text is in at most one proposal; the largest and clearest comes first.
func (c *Classifier) Propose(docs []Doc, least int) []Proposal {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var texts []proposed
	for _, d := range docs {
		texts = append(texts, c.propose(d))
	}
	slices.SortFunc(texts, func(a, b proposed) int { return cmp.Compare(a.id, b.id) })
	var out []Proposal
	for len(texts) >= max(2, least) {
		terms := c.telling(texts, len(docs))
		if len(terms) == 0 || terms[0].texts < max(2, least) {
			break
		}
		first := terms[0]
		var in, rest []proposed
		for _, t := range texts {
			if t.forms[first.stem] != "" {
				in = append(in, t)
			} else {
				rest = append(rest, t)
			}
		}
		out = append(out, c.named(first, in, len(docs)))
		texts = rest
	}
	return out
}

// proposed is a text with its telling stems and the words they stand for.
type proposed struct {
	id    string
	order []string          // stems in the order of the text
	forms map[string]string // stem -> word as typed
}

// commonplace words are about nobody's objection; no theme is named after them.
var commonplace = strings.Fields(`customer customers client prospect prospects buyer lab labs team people guy guys lady boss call calls meeting today
	yesterday week weeks month months year years day days thing things way lot bit new old big good bad use used using get got need needs
	make makes think thinks ask asks asked tell told know like really company site one two three`)

func (c *Classifier) propose(d Doc) proposed {
	p := proposed{id: d.ID, forms: map[string]string{}}
	for _, w := range words(d.Text) {
		r, _ := utf8.DecodeRuneInString(w)
		if c.an.stop[w] || utf8.RuneCountInString(w) < 3 || unicode.IsDigit(r) || slices.Contains(commonplace, w) {
			continue
		}
		if stem := c.an.stem(w); p.forms[stem] == "" {
			p.forms[stem] = w
			p.order = append(p.order, stem)
		}
	}
	return p
}

// tellingTerm is a stem with the number of texts that hold it and how telling that is.
type tellingTerm struct {
	stem  string
	texts int
	score float64
}

// telling ranks the stems of texts: held by many of them, by few examples. The score is the number of texts times the logarithm
// of how much more frequent the stem is in them than among the examples (the larger part of a log-likelihood ratio).
func (c *Classifier) telling(texts []proposed, of int) []tellingTerm {
	counts := map[string]int{}
	for _, t := range texts {
		for _, s := range t.order {
			counts[s]++
		}
	}
	var out []tellingTerm
	for s, n := range counts {
		held := 0.0
		if no, ok := c.numbers[wordMark+s]; ok {
			held = float64(c.holders[no])
		}
		here, there := float64(n)/float64(of), (held+0.5)/float64(len(c.examples)+1)
		if lift := math.Log(here / there); lift > 1 {
			out = append(out, tellingTerm{s, n, float64(n) * lift})
		}
	}
	slices.SortFunc(out, func(a, b tellingTerm) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.stem, b.stem))
	})
	return out
}

// named makes a proposal of the texts that share a term: named after it, and after a second that at least half of them hold,
// in the order in which they are mostly said.
func (c *Classifier) named(first tellingTerm, in []proposed, of int) Proposal {
	p := Proposal{}
	name := []string{first.stem}
	for _, t := range c.telling(in, of) {
		if len(p.Terms) < 5 && (t.stem == first.stem || t.texts >= 2) {
			p.Terms = append(p.Terms, commonForm(t.stem, in))
		}
		if len(name) == 1 && t.stem != first.stem && 2*t.texts >= len(in) && t.texts >= 2 {
			name = append(name, t.stem)
		}
	}
	if len(name) == 2 {
		before := 0
		for _, t := range in {
			i, j := slices.Index(t.order, name[0]), slices.Index(t.order, name[1])
			if i >= 0 && j >= 0 {
				before += cmp.Compare(i, j)
			}
		}
		if before > 0 {
			slices.Reverse(name)
		}
	}
	for i, s := range name {
		name[i] = commonForm(s, in)
	}
	p.Name = strings.Join(name, " ")
	if r, size := utf8.DecodeRuneInString(p.Name); size > 0 {
		p.Name = string(unicode.ToUpper(r)) + p.Name[size:]
	}
	for _, t := range in {
		p.IDs = append(p.IDs, t.id)
	}
	return p
}

// commonForm returns the word that people mostly typed for a stem.
func commonForm(stem string, texts []proposed) string {
	counts, best := map[string]int{}, ""
	for _, t := range texts {
		if f := t.forms[stem]; f != "" {
			counts[f]++
		}
	}
	for f, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && f < best {
			best = f
		}
	}
	return best
}
