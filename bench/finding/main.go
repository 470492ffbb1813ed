// Command finding measures storage/textindex against SQLite's FTS5 on the same texts, in the same run: time to build, time to
// answer, and how often the vote of the five best hits names the right theme.
//
//	go run -tags sqlite_fts5 ./bench/finding
//
// The texts are made of the labelled sentences in storage/textindex/testdata, cut and mixed with a fixed seed; the queries
// are those sentences. Without the tag SQLite has no FTS5 and only our index is measured.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	_ "github.com/mattn/go-sqlite3"

	"truce/storage/textindex"
)

func main() {
	dir := flag.String("corpus", "storage/textindex/testdata", "folder of the labelled sentences")
	rounds := flag.Int("rounds", 5, "how often all queries are asked")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "finding:", err)
		os.Exit(1)
	}
}

// finder is what is measured: an index of texts.
type finder interface {
	build(ctx context.Context, docs []textindex.Doc) error
	search(ctx context.Context, query string, k int) ([]textindex.Hit, error)
	close() error
}

func run(ctx context.Context, out io.Writer, dir string, rounds int) error {
	queries, err := sentences(filepath.Join(dir, "objections.tsv"))
	if err != nil {
		return err
	}
	notes, err := sentences(filepath.Join(dir, "notes.tsv"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-34s %9s %10s %10s %10s\n", "", "texts", "build", "p50", "p99")
	makers := []struct {
		name string
		make func() (finder, error)
	}{
		{"textindex", func() (finder, error) { return &ours{}, nil }},
		{"FTS5, porter, all words OR-ed", func() (finder, error) { return openFTS(ctx, false) }},
		{"FTS5, porter, without stop words", func() (finder, error) { return openFTS(ctx, true) }},
	}
	for _, m := range makers {
		for _, n := range []int{1000, 100_000} {
			f, err := m.make()
			if err != nil {
				fmt.Fprintf(out, "%-34s %v (build with -tags sqlite_fts5)\n", m.name, err)
				break
			}
			if err := speed(ctx, out, m.name, f, mixed(append(slices.Clone(queries), notes...), n), queries, rounds); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	fmt.Fprintf(out, "\n%-34s %9s %10s %10s\n", "vote of the five best", "sentences", "top-1", "top-3")
	for _, m := range makers {
		f, err := m.make()
		if err != nil {
			continue
		}
		if err := votes(ctx, out, m.name, f, queries); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// sentence is a labelled line of the corpus; themes are those that count as right.
type sentence struct {
	part, text string
	themes     []string
}

func sentences(path string) ([]sentence, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	var out []sentence
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Split(line, "\t"); len(f) == 4 && line[0] != '#' {
			out = append(out, sentence{f[0], f[3], strings.Split(f[1], "|")})
		}
	}
	return out, nil
}

// mixed makes n texts: the beginning of one sentence, the end of another, and a made-up name.
func mixed(from []sentence, n int) []textindex.Doc {
	r := rand.New(rand.NewPCG(1, 2))
	syllables := []string{"ba", "cor", "den", "fi", "gra", "lin", "mo", "nex", "pra", "ser", "tol", "vi", "wes", "zu"}
	docs := make([]textindex.Doc, n)
	for i := range docs {
		a, b := strings.Fields(from[r.IntN(len(from))].text), strings.Fields(from[r.IntN(len(from))].text)
		words := append(slices.Clone(a[:(len(a)+1)/2]), b[len(b)/2:]...)
		name := ""
		for range 2 + r.IntN(3) {
			name += syllables[r.IntN(len(syllables))]
		}
		docs[i] = textindex.Doc{ID: fmt.Sprintf("objection-%08d", i), Text: strings.Join(append(words, name), " ")}
	}
	return docs
}

func speed(ctx context.Context, out io.Writer, name string, f finder, docs []textindex.Doc, queries []sentence, rounds int) error {
	defer f.close()
	runtime.GC()
	start := time.Now()
	if err := f.build(ctx, docs); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	built := time.Since(start)
	var took []time.Duration
	for range rounds {
		for _, q := range queries {
			start := time.Now()
			if _, err := f.search(ctx, q.text, 5); err != nil {
				return fmt.Errorf("search %q: %w", q.text, err)
			}
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	fmt.Fprintf(out, "%-34s %9d %10s %10s %10s\n", name, len(docs), built.Round(time.Millisecond),
		took[len(took)/2].Round(time.Microsecond), took[len(took)*99/100].Round(time.Microsecond))
	return nil
}

// votes asks the test sentences of texts that are the built-in phrases of the themes.
func votes(ctx context.Context, out io.Writer, name string, f finder, queries []sentence) error {
	defer f.close()
	theme := map[string]string{}
	var docs []textindex.Doc
	for _, l := range textindex.DefaultThemes() {
		for i, p := range l.Phrases {
			id := fmt.Sprintf("%s %03d", l.ID, i)
			theme[id] = l.ID
			docs = append(docs, textindex.Doc{ID: id, Text: p})
		}
	}
	if err := f.build(ctx, docs); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	n, top1, top3 := 0, 0, 0
	for _, q := range queries {
		if q.part != "test" {
			continue
		}
		n++
		hits, err := f.search(ctx, q.text, 5)
		if err != nil {
			return fmt.Errorf("search %q: %w", q.text, err)
		}
		sums := map[string]float64{}
		var ranked []string
		for _, h := range hits {
			if sums[theme[h.ID]] == 0 {
				ranked = append(ranked, theme[h.ID])
			}
			sums[theme[h.ID]] += h.Score
		}
		slices.SortStableFunc(ranked, func(a, b string) int {
			if sums[a] > sums[b] {
				return -1
			} else if sums[a] < sums[b] {
				return 1
			}
			return 0
		})
		right := func(t string) bool { return slices.Contains(q.themes, t) }
		if slices.ContainsFunc(ranked[:min(1, len(ranked))], right) {
			top1++
		}
		if slices.ContainsFunc(ranked[:min(3, len(ranked))], right) {
			top3++
		}
	}
	fmt.Fprintf(out, "%-34s %9d %8.1f %% %8.1f %%\n", name, n, 100*float64(top1)/float64(n), 100*float64(top3)/float64(n))
	return nil
}

// ours is the index of Truce.
type ours struct{ x *textindex.Index }

func (o *ours) build(_ context.Context, docs []textindex.Doc) error {
	o.x = textindex.New(textindex.DefaultSynonyms())
	o.x.Replace(docs)
	return nil
}

func (o *ours) search(_ context.Context, query string, k int) ([]textindex.Hit, error) {
	return o.x.Search(query, k), nil
}

func (o *ours) close() error { return nil }

// fts is a table of FTS5 in memory, on one connection.
type fts struct {
	db   *sql.DB
	stop map[string]bool
}

func openFTS(ctx context.Context, stopWords bool) (finder, error) {
	db, err := sql.Open("sqlite3", ":memory:?_stmt_cache_size=16")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize = 'porter unicode61')`); err != nil {
		db.Close()
		return nil, err
	}
	f := &fts{db: db, stop: map[string]bool{}}
	if stopWords {
		for _, w := range strings.Fields(`a about all an and any are as at be but by can could do does for from had has have he her his how i if in
			into is it its just me my no not of on one or our out she so than that the their them then there they this to too up us
			was we were what when who will with would you your says say said wants want`) {
			f.stop[w] = true
		}
	}
	return f, nil
}

func (f *fts) build(ctx context.Context, docs []textindex.Doc) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	st, err := tx.PrepareContext(ctx, `INSERT INTO texts (id, text) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if _, err := st.ExecContext(ctx, d.ID, d.Text); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO texts (texts) VALUES ('optimize')`); err != nil {
		return err
	}
	return tx.Commit()
}

func (f *fts) search(ctx context.Context, query string, k int) ([]textindex.Hit, error) {
	var terms []string
	for _, w := range strings.FieldsFunc(strings.ToLower(query), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !f.stop[w] {
			terms = append(terms, `"`+w+`"`)
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	rows, err := f.db.QueryContext(ctx, `SELECT id, -bm25(texts) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?`,
		strings.Join(terms, " OR "), k)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var hits []textindex.Hit
	for rows.Next() {
		var h textindex.Hit
		if err := rows.Scan(&h.ID, &h.Score); err != nil {
			return nil, err
		}
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

func (f *fts) close() error { return f.db.Close() }
