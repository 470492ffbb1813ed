package handlers_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"truce"
	"truce/bot/chat"
	"truce/handlers"
	"truce/storage"
)

// open opens a database with the handlers on it, as a start does.
func open(t testing.TB, path string) (*handlers.Handlers, *storage.Store) {
	t.Helper()
	clock := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	log := slog.New(slog.DiscardHandler)
	store, err := storage.Open(t.Context(), path, clock, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := handlers.Seed(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: truce.NewCalendar(time.UTC)}, log)
	if err := h.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h, store
}

var ann = chat.User{ID: "test:t:ann", Name: "Ann", Email: "ann@example.com", Standing: chat.Member}

func TestTypedTextSurvivesOurErrorAndARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	h, store := open(t, path)
	ctx := context.Background()
	if r, err := h.Handle(ctx, chat.Event{ID: "test:1", Kind: chat.Command, Name: "objection", User: ann}); err != nil || r.Form == nil {
		t.Fatalf("the form did not open: %+v, %v", r, err)
	}

	// The disk fails exactly when the objection is stored.
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`CREATE TRIGGER full BEFORE INSERT ON objections BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	const text = "they want the same lot for the whole study, three years"
	sent := chat.Event{ID: "test:2", Kind: chat.Submit, Name: "objection",
		Values: map[string]string{"text": text, "account": "Northfield Labs"}, User: ann}
	r, err := h.Handle(ctx, sent)
	if err == nil || r.Card == nil {
		t.Fatalf("got %+v, %v; want a card beside an error", r, err)
	}
	var button *chat.Button
	for _, b := range r.Card.Blocks {
		for _, x := range b.Buttons {
			button = &x
		}
	}
	if button == nil || button.Label != "Continue" || !strings.Contains(chat.PlainText(*r.Card, 80), "Your text is safe") {
		t.Fatalf("the card offers no way on:\n%s", chat.PlainText(*r.Card, 80))
	}
	if _, err := raw.Exec(`DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}

	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	h, store = open(t, path)
	defer store.Close()
	r, err = h.Handle(ctx, chat.Event{ID: "test:3", Kind: chat.Action, Name: button.Action, Arg: button.Arg, User: ann})
	if err != nil || r.Form == nil {
		t.Fatalf("got %+v, %v; want the form", r, err)
	}
	got := map[string]string{}
	for _, f := range r.Form.Fields {
		got[f.Name] = f.Value
	}
	if got["text"] != text || got["account"] != "Northfield Labs" {
		t.Errorf("the form holds %q; want what was typed", got)
	}
}

// A form that was refused was not done: sent again, under whatever id, it is judged again. One that was taken is done once.
func TestARefusedFormIsJudgedAgain(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	defer store.Close()
	send := func(text string) chat.Reply {
		t.Helper()
		r, err := h.Handle(t.Context(), chat.Event{ID: "test:sent", Kind: chat.Submit, Name: "objection", Values: map[string]string{"text": text},
			User: ann})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := send(" "); len(r.Faults) == 0 {
		t.Fatalf("an empty objection was taken: %+v", r)
	}
	first := send("they want the same lot for three years")
	if len(first.Faults) > 0 || first.Card == nil {
		t.Fatalf("got %+v", first)
	}
	send("they want the same lot for three years")
	n := 0
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		return tx.EachObjection(func(truce.Objection) error { n++; return nil })
	})
	if err != nil || n != 1 {
		t.Errorf("%d objections are stored (%v)", n, err)
	}
}

// A second window may send a form that was sent already: what it held is kept without the form, and everything else goes on.
func TestAFormSentAgainFromASecondWindow(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	defer store.Close()
	does := func(ev chat.Event) chat.Reply {
		t.Helper()
		ev.User = ann
		r, err := h.Handle(t.Context(), ev)
		if err != nil {
			t.Fatalf("%s: %v", ev.ID, err)
		}
		return r
	}
	does(chat.Event{ID: "test:1", Kind: chat.Command, Name: "objection"})
	does(chat.Event{ID: "test:2", Kind: chat.Submit, Name: "objection", Values: map[string]string{"text": "too slow for them"}})
	for i, id := range []string{"test:3", "test:4"} { // the first refusal kept it without the form, the second read that
		r := does(chat.Event{ID: id, Kind: chat.Submit, Name: "objection", Values: map[string]string{"text": "the other window's", "lead": "L-99"}})
		if len(r.Faults) == 0 {
			t.Fatalf("refusal %d: got %+v", i, r)
		}
	}
	r := does(chat.Event{ID: "test:5", Kind: chat.Command, Name: "field", Text: "drafts"})
	if r.Card == nil || strings.Contains(chat.PlainText(*r.Card, 80), "went wrong") {
		t.Errorf("the drafts cannot be listed: %+v", r)
	}
}
