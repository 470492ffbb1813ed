package handlers_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// labelled are the test sentences of the corpus of package textindex, with the themes that are right.
func labelled(t testing.TB) (texts []string, themes [][]string) {
	t.Helper()
	b, err := os.ReadFile("../storage/textindex/testdata/objections.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 4 && f[0] == "test" {
			texts, themes = append(texts, f[3]), append(themes, strings.Split(f[1], "|"))
		}
	}
	return texts, themes
}

// The corpus goes through the command itself: what is assigned without asking must be right, and where it asks, the right
// theme should be on one of the two buttons.
func TestAssignedThemesAreRight(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	defer store.Close()
	c := &conversation{t: t, h: h}
	texts, themes := labelled(t)
	assigned, right, offered, asked := 0, 0, 0, 0
	for i, text := range texts {
		r := c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: text})
		undo := chat.Event{Kind: chat.Action, Name: "objection.undo"}
		var buttons []string
		theme := ""
		for _, b := range r.Card.Blocks {
			for _, x := range b.Buttons {
				switch x.Action {
				case "objection.undo":
					undo.Arg = x.Arg
				case "objection.theme":
					_, id, _ := strings.Cut(x.Arg, " ")
					buttons = append(buttons, id)
				}
			}
			if b.Select != nil {
				theme = b.Select.Value
			}
		}
		if theme != "" {
			assigned++
			if slices.Contains(themes[i], theme) {
				right++
			}
		} else {
			asked++
			if slices.ContainsFunc(buttons, func(id string) bool { return slices.Contains(themes[i], id) }) {
				offered++
			}
		}
		c.do(undo) // names it mentions are known from now on, as in life; its text is not
	}
	t.Logf("%d sentences: %d assigned without asking, %d of them right (%.1f %%); %d asked about, the right theme on a button in %d",
		len(texts), assigned, right, 100*float64(right)/float64(assigned), asked, offered)
	if float64(right) < 0.9*float64(assigned) || assigned < len(texts)/2 {
		t.Errorf("assigned %d of %d, %d right: want at least half, nine in ten right", assigned, len(texts), right)
	}
}

// BenchmarkObjection is one "/objection TEXT": guessed, stored durably, answered, with so many objections stored already.
func BenchmarkObjection(b *testing.B) {
	texts, themes := labelled(b)
	for _, stored := range []int{1000, 100000} {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("stored=%d/callers=%d", stored, callers), func(b *testing.B) {
				h, store := open(b, filepath.Join(b.TempDir(), "truce.db"))
				defer store.Close()
				ctx := context.Background()
				err := store.Update(ctx, func(tx *storage.Tx) error {
					p, err := tx.AddPerson(truce.Person{Name: "Ann"})
					if err != nil {
						return err
					}
					for i := range stored {
						k := i % len(texts)
						_, err = tx.AddObjection(truce.Objection{Text: texts[k] + " " + texts[(i*7+3)%len(texts)], ThemeID: themes[k][0], Confidence: 0.9,
							AuthorID: p.ID, LoggedBy: p.ID})
						if err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				spread(b, store.Path())
				start := time.Now()
				if err := h.Warm(ctx); err != nil {
					b.Fatal(err)
				}
				warm := float64(time.Since(start).Milliseconds())
				var mu sync.Mutex
				var took []time.Duration
				var wg sync.WaitGroup
				next := make(chan int)
				for range callers {
					wg.Go(func() {
						for i := range next {
							from := time.Now()
							_, err := h.Handle(ctx, chat.Event{ID: fmt.Sprintf("test:%d", i), Kind: chat.Command, Name: "objection", Text: texts[i%len(texts)],
								User: ann})
							d := time.Since(from)
							if err != nil {
								b.Error(err)
							}
							mu.Lock()
							took = append(took, d)
							mu.Unlock()
						}
					})
				}
				b.ResetTimer()
				for i := range b.N {
					next <- i
				}
				close(next)
				wg.Wait()
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(warm, "warm-ms")
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

// spread gives the stored objections dates over the three years before.
func spread(b *testing.B, path string) {
	b.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE objections SET created_at = created_at - (CAST(substr(id, 3) AS INTEGER) * 7919) % 94608000 * 1000`); err != nil {
		b.Fatal(err)
	}
}
