package textindex

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		docs := samples(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				New(DefaultSynonyms()).Replace(docs)
			}
		})
	}
}

// BenchmarkSearch asks the sentences of the test parts, misspelt ones included, and reports the median and the 99th percentile.
func BenchmarkSearch(b *testing.B) {
	queries := append(corpus(b, "objections.tsv", "test"), corpus(b, "notes.tsv", "test")...)
	for _, n := range []int{1000, 100_000} {
		x := New(DefaultSynonyms())
		x.Replace(samples(b, n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				x.Search(queries[i%len(queries)].Text, 5)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkSearchWhileAdding asks while another goroutine replaces up to a thousand texts a second.
func BenchmarkSearchWhileAdding(b *testing.B) {
	queries := corpus(b, "objections.tsv", "test")
	docs := samples(b, 100_000)
	x := New(DefaultSynonyms())
	x.Replace(docs)
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- i
				return
			default:
				d := docs[i%len(docs)]
				d.Text = docs[(i*7+1)%len(docs)].Text
				x.Add(d)
				time.Sleep(time.Millisecond)
			}
		}
	}()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		x.Search(queries[i%len(queries)].Text, 5)
		took = append(took, time.Since(start))
	}
	close(stop)
	b.ReportMetric(float64(<-done)/b.Elapsed().Seconds(), "adds/s")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
}

func BenchmarkAdd(b *testing.B) {
	docs := samples(b, 100_000)
	x := New(DefaultSynonyms())
	x.Replace(docs)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		d := docs[i%len(docs)]
		d.Text = docs[(i*7+1)%len(docs)].Text
		x.Add(d)
	}
}

// BenchmarkGuess asks a fresh classifier, and one that has learned as much as it keeps.
func BenchmarkGuess(b *testing.B) {
	queries := corpus(b, "objections.tsv", "test")
	themes := DefaultThemes()
	c := NewClassifier(DefaultSynonyms(), themes...)
	ask := func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			c.Guess(queries[i%len(queries)].Text)
		}
	}
	b.Run("fresh", ask)
	for i, d := range samples(b, maxExamples*len(themes)) {
		d.Label = themes[i%len(themes)].ID
		c.Learn(d)
	}
	b.Run("full", ask)
	b.Run("learn", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			c.Learn(Doc{fmt.Sprint(i), queries[i%len(queries)].Text, "price"})
		}
	})
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("%d examples, %d features, heap of the whole test %.1f MiB", len(c.examples), len(c.holders), float64(m.HeapAlloc)/(1<<20))
}
