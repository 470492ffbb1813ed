// The index: texts by what they say, searched while they change.
package textindex

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"sync"
)

// BM25 with the usual constants (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009), and the weights of
// what is not a word of the query itself. The latter were measured on hand-made pairs before this package was written.
const (
	bm25K1 = 1.2  // how soon repeating a word stops to count
	bm25B  = 0.75 // how much long texts are held back

	conceptWeight = 0.5 // of a concept that query and text share
	typoWeight    = 0.8 // times the similarity: of a word that looks like an unknown word of the query
	typoLeast     = 0.4 // similarity from which a word counts as looking like another
	typoWords     = 3   // how many such words stand in for the unknown one
	typoLetters   = 4   // shorter unknown words have no look-alikes worth having
)

// Doc is a text to be found.
type Doc struct {
	ID    string // the caller's; must not be empty
	Text  string // only its terms are kept
	Label string // comes back with hits, for votes; may be empty
}

// Hit is a text found, with its score: comparable within one search only.
type Hit struct {
	ID    string
	Label string
	Score float64
}

// Index finds texts by all their words. Any number of goroutines may search while others add and remove; a search sees each
// change wholly or not at all. The same texts give the same hits in the same order, however they came to be in the index.
type Index struct {
	an *analyzer

	mu      sync.RWMutex
	docs    []entry // by number; postings refer to it
	numbers map[string]uint32
	live    int // docs not removed
	length  int // terms of all live docs
	vocab   *vocabulary
	post    [][]posting // by term number, ascending by doc
	labels  []string
	labelNo map[string]uint16
	loading recent

	scratch sync.Pool // *accumulator
}

// entry is one text. A removed one keeps its place until the next compaction.
type entry struct {
	id     string
	label  uint16
	length uint16 // words but stop words
	gone   bool
}

// posting says that a text holds a term: the text's number above, how often (at most maxCount) in the low bits.
type posting uint32

const (
	countBits = 4
	maxCount  = 1<<countBits - 1
	maxDocs   = 1<<(32-countBits) - 1 // 268 million
)

// New returns an empty index that also knows groups of synonyms; DefaultSynonyms returns those that ship with the program.
func New(synonyms [][]string) *Index { return newIndex(newAnalyzer(synonyms)) }

func newIndex(an *analyzer) *Index {
	x := &Index{an: an}
	x.reset()
	return x
}

func (x *Index) reset() {
	x.docs, x.numbers, x.live, x.length = nil, map[string]uint32{}, 0, 0
	x.vocab, x.post = newVocabulary(), nil
	x.labels, x.labelNo = nil, map[string]uint16{}
}

// Len returns how many texts can be found.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.live
}

// Add makes texts findable. A text with an id that is already there replaces the older one. Docs without an id are ignored.
func (x *Index) Add(docs ...Doc) {
	for _, d := range docs {
		terms, length := x.an.counts(d.Text) // outside the lock: the larger part of the work
		x.mu.Lock()
		x.loading.note(d.ID)
		x.put(d, terms, length)
		x.mu.Unlock()
	}
}

// Replace makes docs the whole content of the index, at once for all who search. What others add or remove meanwhile is lost:
// see Load.
func (x *Index) Replace(docs []Doc) {
	fresh := newIndex(x.an)
	fresh.Add(docs...)
	fresh.clip()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.docs, x.numbers, x.live, x.length = fresh.docs, fresh.numbers, fresh.live, fresh.length
	x.vocab, x.post, x.labels, x.labelNo = fresh.vocab, fresh.post, fresh.labels, fresh.labelNo
}

// Remove forgets texts by their ids; unknown ids are ignored.
func (x *Index) Remove(ids ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		x.loading.note(id)
		x.drop(id)
	}
	x.compact()
}

// put adds one analysed text; the caller holds the lock.
func (x *Index) put(d Doc, terms []termCount, length int) {
	if d.ID == "" || len(x.docs) > maxDocs {
		return
	}
	x.drop(d.ID)
	x.compact()
	n := uint32(len(x.docs))
	e := entry{id: d.ID, label: x.label(d.Label), length: uint16(length)}
	x.docs = append(x.docs, e)
	x.numbers[d.ID] = n
	x.live++
	x.length += length
	for _, t := range terms {
		no := x.vocab.number(t.term)
		if int(no) == len(x.post) {
			x.post = append(x.post, nil)
		}
		x.post[no] = append(x.post[no], posting(n<<countBits|uint32(min(t.count, maxCount))))
	}
}

func (x *Index) label(name string) uint16 {
	no, ok := x.labelNo[name]
	if !ok {
		if len(x.labels) > math.MaxUint16 {
			return 0 // 65,536 themes: no longer themes
		}
		no = uint16(len(x.labels))
		x.labels = append(x.labels, name)
		x.labelNo[name] = no
	}
	return no
}

func (x *Index) drop(id string) {
	n, ok := x.numbers[id]
	if !ok {
		return
	}
	delete(x.numbers, id)
	x.docs[n].gone, x.docs[n].id = true, ""
	x.live--
	x.length -= int(x.docs[n].length)
}

// compact gives back the room of removed texts and of words nobody uses any more, once they are a quarter of all: so the
// memory follows the live texts, and each removal costs little on average.
func (x *Index) compact() {
	gone := len(x.docs) - x.live
	if gone < 1024 || 4*gone < len(x.docs) {
		return
	}
	moved := make([]uint32, len(x.docs))
	var docs []entry
	for n, e := range x.docs {
		if !e.gone {
			moved[n] = uint32(len(docs))
			x.numbers[e.id] = moved[n]
			docs = append(docs, e)
		}
	}
	vocab, post := newVocabulary(), make([][]posting, 0, len(x.post))
	for no, old := range x.post {
		kept := make([]posting, 0, x.frequency(uint32(no)))
		for _, p := range old {
			if n := p >> countBits; !x.docs[n].gone {
				kept = append(kept, posting(moved[n]<<countBits)|p&maxCount)
			}
		}
		if len(kept) > 0 {
			vocab.number(x.vocab.terms[no])
			post = append(post, kept)
		}
	}
	x.docs, x.vocab, x.post = docs, vocab, post
}

// clip gives back what the growing of slices left over.
func (x *Index) clip() {
	x.docs = slices.Clone(x.docs)
	for i := range x.post {
		x.post[i] = slices.Clone(x.post[i])
	}
	for g, ns := range x.vocab.grams {
		x.vocab.grams[g] = slices.Clone(ns)
	}
}

// frequency returns how many live texts hold a term. It counts, so that removed texts leave no trace in the scores.
func (x *Index) frequency(no uint32) int {
	if x.live == len(x.docs) {
		return len(x.post[no])
	}
	n := 0
	for _, p := range x.post[no] {
		if !x.docs[p>>countBits].gone {
			n++
		}
	}
	return n
}

// used says whether any live text holds a term.
func (x *Index) used(no uint32) bool {
	return slices.ContainsFunc(x.post[no], func(p posting) bool { return !x.docs[p>>countBits].gone })
}

// Search returns the at most k texts that fit a query best, the best first; equal scores in the order of their ids. A text
// is found if it shares at least one term with the query.
func (x *Index) Search(query string, k int) []Hit {
	a := x.an.analyze(query)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if k <= 0 || x.live == 0 {
		return nil
	}
	acc := x.accumulator()
	defer x.scratch.Put(acc)
	norms := x.norms()
	for _, t := range x.weigh(a) {
		x.score(t, norms, acc)
	}
	return x.best(acc, k)
}

// weightedTerm is a term of a query and what it counts.
type weightedTerm struct {
	number uint32
	weight float64
}

// weigh turns a query into terms of the index: its words, the look-alikes of its unknown words, and the concepts of both.
// A term that comes up twice counts as its heaviest.
func (x *Index) weigh(a analysis) []weightedTerm {
	var out []weightedTerm
	place := map[uint32]int{}
	add := func(no uint32, w float64) {
		if i, ok := place[no]; ok {
			out[i].weight = max(out[i].weight, w)
			return
		}
		place[no] = len(out)
		out = append(out, weightedTerm{no, w})
	}
	concept := func(key string, w float64) {
		if no, ok := x.vocab.numbers[key]; ok {
			add(no, w*conceptWeight)
		}
	}
	seen := map[string]bool{}
	for _, stem := range a.stems {
		if seen[stem] {
			continue
		}
		seen[stem] = true
		if no, ok := x.vocab.numbers[stem]; ok && x.used(no) {
			add(no, 1)
			continue
		}
		if len(stem) < typoLetters {
			continue
		}
		for _, n := range x.vocab.nearest(stem, typoWords, typoLeast, x.used) {
			add(n.number, typoWeight*n.similarity)
			for _, key := range x.an.concepts.phrases[x.vocab.terms[n.number]] {
				concept(key, typoWeight*n.similarity)
			}
		}
	}
	for _, key := range a.concepts {
		concept(key, 1)
	}
	return out
}

// norms returns BM25's length norm by number of words.
func (x *Index) norms() []float32 {
	mean := max(1, float64(x.length)/float64(x.live))
	norms := make([]float32, maxWords+1)
	for n := range norms {
		norms[n] = float32(bm25K1 * (1 - bm25B + bm25B*float64(n)/mean))
	}
	return norms
}

// accumulator sums the scores of one search; it is reused, so that a search leaves no garbage as large as the index.
type accumulator struct {
	scores  []float32 // by doc; all zero between searches
	touched []uint32
}

func (x *Index) accumulator() *accumulator {
	acc, _ := x.scratch.Get().(*accumulator)
	if acc == nil || len(acc.scores) < len(x.docs) {
		acc = &accumulator{scores: make([]float32, len(x.docs)+len(x.docs)/8)}
	}
	return acc
}

// score adds what one term contributes to each text that holds it.
func (x *Index) score(t weightedTerm, norms []float32, acc *accumulator) {
	df := float64(x.frequency(t.number))
	idf := math.Log(1 + (float64(x.live)-df+0.5)/(df+0.5))
	w := float32(t.weight * idf * (bm25K1 + 1))
	for _, p := range x.post[t.number] {
		n, tf := p>>countBits, float32(p&maxCount)
		e := &x.docs[n]
		if e.gone {
			continue
		}
		if acc.scores[n] == 0 {
			acc.touched = append(acc.touched, uint32(n))
		}
		acc.scores[n] += w * tf / (tf + norms[e.length])
	}
}

// best empties the accumulator into the k best hits.
func (x *Index) best(acc *accumulator, k int) []Hit {
	h := make(worstFirst, 0, min(k, len(acc.touched))+1)
	for _, n := range acc.touched {
		s := acc.scores[n]
		acc.scores[n] = 0
		if len(h) == k && s < float32(h[0].Score) {
			continue
		}
		e := &x.docs[n]
		heap.Push(&h, Hit{e.id, x.labels[e.label], float64(s)})
		if len(h) > k {
			heap.Pop(&h)
		}
	}
	acc.touched = acc.touched[:0]
	slices.SortFunc(h, better)
	return h
}

// better orders hits: higher scores first, then ids.
func better(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
}

// worstFirst is a heap whose root is the hit to give up next.
type worstFirst []Hit

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return better(h[i], h[j]) > 0 }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worstFirst) Push(v any)        { *h = append(*h, v.(Hit)) }
func (h *worstFirst) Pop() any {
	last := len(*h) - 1
	v := (*h)[last]
	*h = (*h)[:last]
	return v
}
