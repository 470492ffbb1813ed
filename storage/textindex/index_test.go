package textindex

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func ids(hits []Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

func TestSearchFindsWhatMeansTheSame(t *testing.T) {
	x := New(DefaultSynonyms())
	x.Add(
		Doc{"slow", "They take twice as long as we are used to", "turnaround-time"},
		Doc{"price", "Far too expensive for a small lab", "price"},
		Doc{"ffpe", "Not validated on FFPE tissue", "validation-regulatory"},
		Doc{"lims", "No LIMS connection", "integration"},
		Doc{"zürich", "Needs a service engineer in Zürich", "support-service"},
		Doc{"gmp", "QA wants GMP documents", "validation-regulatory"},
		Doc{"empty", "", ""},
		Doc{"", "has no id", ""},
	)
	for _, c := range []struct{ query, first, why string }{
		{"is it validated on ffpe", "ffpe", "the same words in another order and case"},
		{"validation on FFPEs", "ffpe", "stems"},
		{"to expensve", "price", "a typo"},
		{"validaton for tisue", "ffpe", "two typos"},
		{"the quote is overpriced", "price", "synonyms without a shared word"},
		{"zurich", "zürich", "letters without their marks"},
		{"gmp?", "gmp", "a short, rare word"},
		{"LIMS!!!", "lims", "punctuation"},
		{"waiting for hours", "slow", "a synonym of long"},
	} {
		hits := x.Search(c.query, 3)
		if len(hits) == 0 || hits[0].ID != c.first {
			t.Errorf("%s: %q found %v, want %s first", c.why, c.query, ids(hits), c.first)
		}
	}
	for _, q := range []string{"", " ", "the of and", "xyzzy", "?!"} {
		if hits := x.Search(q, 3); len(hits) != 0 {
			t.Errorf("%q found %v, want nothing", q, ids(hits))
		}
	}
	if n := x.Len(); n != 7 {
		t.Errorf("Len %d, want 7", n)
	}
	if hits := x.Search("lims", 0); hits != nil {
		t.Errorf("no hits were asked for, got %v", hits)
	}
	if hits := x.Search("lims", 1); hits[0].Label != "integration" {
		t.Errorf("label %q, want integration", hits[0].Label)
	}
}

// sample returns a made-up short text of the words of the corpora, rare ones included.
func sample(r *rand.Rand, vocabulary []string) string {
	var b strings.Builder
	for range 6 + r.IntN(10) {
		n := int(float64(len(vocabulary)) * r.Float64() * r.Float64() * r.Float64()) // few words are most of what is said
		b.WriteString(vocabulary[n])
		b.WriteByte(' ')
	}
	return b.String()
}

// vocabularyOf returns n words: first those of the corpora, then made-up ones.
func vocabularyOf(t testing.TB, n int) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range append(corpus(t, "objections.tsv", "test"), corpus(t, "notes.tsv", "test")...) {
		for _, w := range words(s.Text) {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	r := rand.New(rand.NewPCG(7, 7))
	syllables := []string{"ba", "cor", "den", "fi", "gra", "lin", "mo", "nex", "pra", "ser", "tol", "vi"}
	for len(out) < n {
		w := ""
		for range 2 + r.IntN(3) {
			w += syllables[r.IntN(len(syllables))]
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out[:n]
}

func samples(t testing.TB, n int) []Doc {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	v := vocabularyOf(t, 12000)
	docs := make([]Doc, n)
	for i := range docs {
		docs[i] = Doc{fmt.Sprintf("objection-%08d", i), sample(r, v), fmt.Sprint("theme-", i%18)}
	}
	return docs
}

// Whatever was added, changed and removed before, an index answers like a fresh one of the same texts.
func TestChangesLeaveNoTrace(t *testing.T) {
	docs := samples(t, 6000)
	r := rand.New(rand.NewPCG(3, 4))
	x := New(DefaultSynonyms())
	now := map[string]Doc{}
	for range 20000 {
		d := docs[r.IntN(len(docs))]
		if r.IntN(3) == 0 {
			x.Remove(d.ID, "unknown")
			delete(now, d.ID)
			continue
		}
		d.Text = docs[r.IntN(len(docs))].Text
		x.Add(d)
		now[d.ID] = d
	}
	var left []Doc
	for _, d := range now {
		left = append(left, d) // in the map's random order
	}
	fresh := New(DefaultSynonyms())
	fresh.Replace(left)
	if x.Len() != fresh.Len() || x.Len() != len(left) {
		t.Fatalf("Len %d, fresh %d, want %d", x.Len(), fresh.Len(), len(left))
	}
	if len(x.docs) > len(left)+len(left)/3+1024 {
		t.Errorf("%d places for %d texts: removed ones are not given back", len(x.docs), len(left))
	}
	for i := range 300 {
		q := docs[i].Text + " expensve"
		got, want := x.Search(q, 10), fresh.Search(q, 10)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q:\n got %v\nwant %v", q, got, want)
		}
	}
	x.Remove(ids(x.Search(docs[0].Text, 3))...)
	fresh.Replace(nil)
	if got := fresh.Search(docs[0].Text, 3); fresh.Len() != 0 || len(got) != 0 {
		t.Errorf("replaced by nothing, still found %v", got)
	}
}

// A database is read while people go on working: what they did after the reading began is newer.
func TestLoadDoesNotOverwriteWhatHappenedMeanwhile(t *testing.T) {
	x, c := New(nil), NewClassifier(nil)
	x.Add(Doc{"before", "early alpha", ""})
	old := []Doc{{"edited", "alpha old", "a"}, {"removed", "alpha gone", "a"}, {"kept", "alpha kept", "a"}}
	meanwhile := func() ([]Doc, error) {
		x.Add(Doc{"edited", "alpha new", "b"}, Doc{"fresh", "alpha fresh", "b"})
		x.Remove("removed")
		c.Learn(Doc{"edited", "alpha new", "b"})
		c.Forget("removed")
		return old, nil
	}
	if err := errors.Join(x.Load(meanwhile), c.Load(meanwhile)); err != nil {
		t.Fatal(err)
	}
	got := ids(x.Search("alpha", 9))
	slices.Sort(got)
	if want := []string{"before", "edited", "fresh", "kept"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if hits := x.Search("new", 1); len(hits) != 1 || hits[0].Label != "b" {
		t.Errorf("the edit was overwritten: %v", hits)
	}
	if want := map[string]example{"edited": {"b", "alpha new"}, "kept": {"a", "alpha kept"}}; !reflect.DeepEqual(c.examples, want) {
		t.Errorf("learned %v, want %v", c.examples, want)
	}
	broken := errors.New("disk")
	if err := x.Load(func() ([]Doc, error) { return old, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	x.Remove("kept")
	if err := x.Load(func() ([]Doc, error) { return old, nil }); err != nil || len(x.Search("kept", 1)) != 1 {
		t.Error("a removal before the reading began must not hold")
	}
}

func TestTopKAgreesWithSortingAll(t *testing.T) {
	x := New(nil)
	docs := samples(t, 2000)
	x.Replace(docs)
	for i := range 50 {
		all := x.Search(docs[i].Text, len(docs))
		if !slices.IsSortedFunc(all, better) {
			t.Fatal("hits are not sorted")
		}
		for _, k := range []int{1, 5, 40} {
			if got := x.Search(docs[i].Text, k); !reflect.DeepEqual(got, all[:min(k, len(all))]) {
				t.Fatalf("k %d: got %v, want %v", k, got, all[:k])
			}
		}
	}
}

func TestSearchWhileOthersAddAndRemove(t *testing.T) {
	x := New(DefaultSynonyms())
	docs := samples(t, 800)
	x.Replace(docs[:300])
	x.Add(Doc{"here", "cytokine backorder zebra", "supply-delivery"})
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if hits := x.Search("zebra backorder", 1); len(hits) != 1 || hits[0].ID != "here" {
					t.Errorf("a text that was never touched is not found: %v", hits)
					return
				}
				x.Search(docs[i%len(docs)].Text, 5)
			}
		})
	}
	for w := range 2 {
		writers.Go(func() {
			for i := w; i < len(docs); i += 2 {
				x.Add(docs[i])
				x.Remove(docs[(i*7)%len(docs)].ID)
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}

func TestMemoryOfALargeIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 100,000 texts")
	}
	docs := samples(t, 100_000)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	x := New(DefaultSynonyms())
	x.Replace(docs)
	mib := float64(heap()-before) / (1 << 20)
	t.Logf("%d texts, %d terms: %.1f MiB", x.Len(), len(x.post), mib)
	if mib > 20 {
		t.Errorf("100,000 texts take %.1f MiB, want at most 20", mib)
	}
	runtime.KeepAlive(docs)
}
