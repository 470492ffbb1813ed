package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"truce"
	"truce/storage"
	"truce/storage/textindex"
)

// This file is the floor: a bare net/http handler that does the same search and the same durable insert and nothing else: no
// signature, no roles, no inbox, no card.

// serveBare serves until it is killed. shared commits through storage.Store, which shares commits among waiting events; otherwise
// each event has a commit of its own.
func serveBare(db string, shared bool) error {
	store, err := storage.Open(context.Background(), db, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	index := textindex.New(textindex.DefaultSynonyms())
	err = index.Load(func() (docs []textindex.Doc, err error) {
		err = store.View(context.Background(), func(tx *storage.Tx) error {
			return tx.EachObjection(func(o truce.Objection) error {
				docs = append(docs, textindex.Doc{ID: o.ID, Text: o.Text, Label: o.ThemeID})
				return nil
			})
		})
		return docs, err
	})
	if err != nil {
		return err
	}
	insert := func(text string) (id string, err error) {
		err = store.Update(context.Background(), func(tx *storage.Tx) error {
			o, err := tx.AddObjection(truce.Objection{Text: text, AuthorID: "P-1", LoggedBy: "P-1"})
			id = o.ID
			return err
		})
		return id, err
	}
	if !shared {
		conn, err := sql.Open("sqlite3",
			"file:"+db+"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=10000&_txlock=immediate&_stmt_cache_size=16")
		if err != nil {
			return err
		}
		conn.SetMaxOpenConns(1)
		var mu sync.Mutex
		n := 0
		insert = func(text string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			n++
			id := fmt.Sprintf("B-%d-%d", os.Getpid(), n)
			_, err := conn.Exec(`INSERT INTO objections (id, text, author_id, logged_by, created_at) VALUES (?, ?, 'P-1', 'P-1', ?)`, id, text,
				time.Now().UnixMilli())
			return id, err
		}
	}
	http.HandleFunc("POST /slack/commands", func(w http.ResponseWriter, r *http.Request) {
		text := r.PostFormValue("text")
		hits := index.Search(text, 5)
		id, err := insert(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		index.Add(textindex.Doc{ID: id, Text: text})
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"response_type": "ephemeral", "text": "Logged: " + text, "like": len(hits)})
	})
	http.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening " + ln.Addr().String())
	return http.Serve(ln, nil)
}

// company makes a database with n objections, made of sentences.
func company(path string, n int, sentences []string) error {
	store, err := storage.Open(context.Background(), path, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer store.Close()
	err = store.Update(context.Background(), func(tx *storage.Tx) error {
		p, err := tx.AddPerson(truce.Person{Name: "Rita", Email: "rita@quillwater.example"})
		if err != nil {
			return err
		}
		return tx.Identify(p.ID, "slack:T1:U1", p.Name, "member")
	})
	for from := 0; from < n && err == nil; from += 2000 {
		err = store.Update(context.Background(), func(tx *storage.Tx) error {
			for i := from; i < min(n, from+2000); i++ {
				if _, err := tx.AddObjection(truce.Objection{Text: text(sentences, i), AuthorID: "P-1", LoggedBy: "P-1"}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

// text is the i-th stored text: a sentence with the end of another, so that most differ.
func text(sentences []string, i int) string {
	a, b := sentences[i%len(sentences)], sentences[(i/len(sentences)*7+i)%len(sentences)]
	words := strings.Fields(b)
	return a + " " + strings.Join(words[len(words)/2:], " ")
}
