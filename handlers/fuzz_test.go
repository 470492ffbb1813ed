package handlers_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/handlers"
	"truce/storage"
)

// FuzzTyped types anything after any command, and as a message: it is always answered, never fails on our side, and is never
// taken for somebody else's words.
func FuzzTyped(f *testing.F) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	store, err := storage.Open(f.Context(), filepath.Join(f.TempDir(), "truce.db"), func() time.Time { return now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: truce.NewCalendar(time.UTC)}, slog.New(slog.DiscardHandler))
	if err := handlers.Seed(f.Context(), store); err != nil {
		f.Fatal(err)
	}
	var names []string
	for _, c := range h.Commands() {
		names = append(names, c.Name)
		for _, e := range c.Examples {
			f.Add(uint8(len(names)), e)
		}
	}
	for _, s := range []string{"", " ", "help", "search", "search \x00", "<!channel> & <@U1>", "=cmd()", "\u202e",
		"show D-999999999999999999999", "L-1 outside ICP: 'x'; DROP TABLE leads", "\xff\xfe"} {
		f.Add(uint8(0), s)
	}
	var n atomic.Int64
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		ev := chat.Event{ID: fmt.Sprintf("test:%d", n.Add(1)), Kind: chat.Message, Text: text, At: now,
			User:  chat.User{ID: "test:t:ann", Name: "Ann", Email: "ann@example.com", Standing: chat.Member},
			Place: chat.Place{ID: "test:t:dm-ann", Kind: chat.DM}}
		if i := int(which) % (len(names) + 1); i < len(names) {
			ev.Kind, ev.Name = chat.Command, names[i]
		}
		reply, err := h.Handle(t.Context(), ev)
		if err != nil {
			t.Fatalf("%s %s %q: %v", ev.Kind, ev.Name, text, err)
		}
		if reply.Card == nil && reply.Form == nil {
			t.Errorf("%s %s %q: no answer", ev.Kind, ev.Name, text)
		}
		again, err := h.Handle(t.Context(), ev)
		if err != nil || (again.Card == nil) != (reply.Card == nil) {
			t.Errorf("%s %s %q: delivered twice, answered otherwise: %v", ev.Kind, ev.Name, text, err)
		}
	})
}
