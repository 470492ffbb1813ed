package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"truce"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/handlers"
	"truce/storage"
)

// BenchmarkObjection is /objection from the signed request to the answer, in this process: for profiles. What it is worth beside
// others is measured by bench/objection.
func BenchmarkObjection(b *testing.B) {
	f := slackfake.New()
	defer f.Close()
	log := slog.New(slog.NewTextHandler(discard{}, nil))
	store, err := storage.Open(b.Context(), filepath.Join(b.TempDir(), "truce.db"), time.Now, log)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	if err := handlers.Seed(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	err = store.Update(b.Context(), func(tx *storage.Tx) error { // a member, as the platform has said before
		p, err := tx.AddPerson(truce.Person{Name: "Rita", Email: "rita@quillwater.example"})
		if err != nil {
			return err
		}
		return tx.Identify(p.ID, "slack:"+f.Team+":U1", p.Name, "member")
	})
	if err != nil {
		b.Fatal(err)
	}
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: truce.NewCalendar(time.UTC)}, log)
	if err := h.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	a, err := slack.New(slack.Config{Mode: slack.ModeHTTP, BotToken: truce.Secret(f.BotToken), SigningSecret: truce.Secret(f.SigningSecret),
		APIURL: f.APIURL()}, h.Catalog(), store.Memory("slack"), time.Now, log)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	a.Mount(mux, h)
	var n atomic.Int64
	texts := []string{"they say we are too slow", "almost double what they pay per plate today", "their validation takes nine months",
		"purchasing wants net 60", "a consortium buys for them"}
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			body := url.Values{"command": {"/objection"}, "text": {texts[int(i)%len(texts)]}, "team_id": {f.Team}, "channel_id": {"C1"},
				"channel_name": {"general"}, "user_id": {"U1"},
				"trigger_id": {fmt.Sprint("t.", i)}}.Encode()
			r := httptest.NewRequest(http.MethodPost, "/slack/commands", strings.NewReader(body))
			slackfake.Sign(r, f.SigningSecret, body, time.Now())
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatal(w.Code)
			}
		}
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
