package handlers_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/handlers"
	"truce/storage"
)

// TestManyPressAtOnce lets eight marketers press on the same case in the same moment: one of them answers it, every other is
// told what happened, and it happened once.
func TestManyPressAtOnce(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	log := slog.New(slog.DiscardHandler)
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return now }, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: terms.Calendar}, log)
	const n = 8
	user := func(i int) chat.User {
		return chat.User{ID: fmt.Sprintf("fake:t:u%d", i), Name: fmt.Sprint("U", i), Email: fmt.Sprintf("u%d@example.com", i),
			Standing: chat.Member}
	}
	press := func(i int, ev chat.Event) string {
		ev.ID, ev.User = fmt.Sprintf("fake:%s-%d", ev.Name, i), user(i)
		reply, err := h.Handle(t.Context(), ev)
		if err != nil {
			t.Error(err)
		}
		if reply.Card == nil {
			return ""
		}
		return strings.TrimSpace(chat.PlainText(*reply.Card, 100))
	}
	err = store.Update(t.Context(), func(tx *storage.Tx) error {
		for i := range n {
			p, err := tx.AddPerson(truce.Person{Email: user(i).Email})
			if err != nil {
				return err
			}
			if err := tx.GiveRole(p.ID, truce.Marketer, "config"); err != nil {
				return err
			}
		}
		_, err := tx.UpsertLead(truce.Lead{ID: "a1", MQLAt: now, HandedOffAt: now, Source: "Webinar"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if said := press(n, chat.Event{Kind: chat.Command, Name: "dispute", Text: "a1 wrong person"}); !strings.Contains(said, "D-1 is open") {
		t.Fatal(said)
	}
	answers := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i] = press(i, chat.Event{Kind: chat.Action, Name: "dispute.uphold", Arg: "D-1"}) })
	}
	wg.Wait()
	won := 0
	for _, a := range answers {
		switch {
		case strings.Contains(a, "upheld by Marketing") && !strings.Contains(a, "Already"):
			won++
		case a != "Already upheld by Marketing at 09:00. Nothing changed.":
			t.Errorf("one of the others hears: %s", a)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d answered the case", won, n)
	}
	store.View(t.Context(), func(tx *storage.Tx) error {
		log, err := tx.AuditOf("D-1")
		if err != nil || len(log) != 2 {
			t.Errorf("%d steps in the log, %v; want the opening and one answer", len(log), err)
		}
		return nil
	})
}
