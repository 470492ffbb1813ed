package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// listing is a platform that can tell of everybody.
type listing struct {
	chat.Adapter
	users  []chat.User
	err    error
	listed int
	asked  []string
}

func (l *listing) Everybody(_ context.Context, fn func([]chat.User) error) error {
	l.listed++
	if l.err != nil {
		return l.err
	}
	for _, u := range l.users {
		if err := fn([]chat.User{u}); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) LookUp(_ context.Context, user string) (chat.User, error) {
	l.asked = append(l.asked, user)
	for _, u := range l.users {
		if u.ID == user {
			return u, nil
		}
	}
	return chat.User{}, truce.Errorf(truce.NotFound, "nobody")
}

// TestEverybodyIsHeardOfInPages: after a start everybody is listed, not asked about one after the other; whoever the configuration names
// by an address is known by their account then, and nobody's standing grows old.
func TestEverybodyIsHeardOfInPages(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	store, err := storage.Open(t.Context(), t.TempDir()+"/truce.db", func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := &listing{}
	for i := range 120 {
		l.users = append(l.users, chat.User{ID: fmt.Sprintf("fake:t:u%d", i), Name: fmt.Sprint("U", i), Email: fmt.Sprintf("u%d@example.com", i),
			Standing: chat.Member})
	}
	l.users = append(l.users, chat.User{ID: "fake:t:gus", Name: "Gus", Standing: chat.Guest},
		chat.User{ID: "fake:t:old", Name: "Old", Standing: chat.Former})
	err = store.Update(t.Context(), func(tx *storage.Tx) error {
		for i := range 60 {
			p, err := tx.AddPerson(truce.Person{Email: fmt.Sprintf("u%d@example.com", i)})
			if err == nil && i > 0 { // the first one is known by the configuration only
				err = tx.Identify(p.ID, fmt.Sprintf("fake:t:u%d", i), "", "member")
			}
			if err == nil && i == 0 {
				err = tx.GiveRole(p.ID, truce.Marketer, "config")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	accounts := &Accounts{Store: store, Adapters: map[string]chat.Adapter{"fake": l}, Log: slog.New(slog.DiscardHandler)}
	round := func(every time.Duration) {
		t.Helper()
		if err := accounts.Once(t.Context(), every); err != nil && l.err == nil {
			t.Fatal(err)
		}
	}
	standing := func(user string) (s storage.Standing) {
		t.Helper()
		if err := store.View(t.Context(), func(tx *storage.Tx) (err error) { s, err = tx.Standing(user); return err }); err != nil {
			t.Fatal(err)
		}
		return s
	}
	now = now.Add(2 * time.Hour)
	round(time.Minute) // the start
	if l.listed != 1 || len(l.asked) != 0 {
		t.Errorf("listed %d times, asked about %v", l.listed, l.asked)
	}
	if standing("fake:t:gus").Is != "guest" || standing("fake:t:u119").Is != "member" || standing("fake:t:old").Is != "" {
		t.Errorf("a guest is %v, somebody new %v, one who left before we met %v", standing("fake:t:gus"), standing("fake:t:u119"),
			standing("fake:t:old"))
	}
	if err := store.View(t.Context(), func(tx *storage.Tx) error {
		p, err := tx.PersonByUser("fake:t:u0")
		if !p.Has(truce.Marketer) || p.Name != "U0" {
			t.Errorf("the marketer of the configuration is %+v", p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	// The days go by; the list cannot be read any more: everybody is asked about, a few in a round, the longest unheard of first.
	l.err = errors.New("silence")
	for range 24 * 6 { // every ten minutes
		now = now.Add(10 * time.Minute)
		round(CheckEvery)
	}
	for _, u := range l.users[:121] {
		if s := standing(u.ID); now.Sub(s.HeardAt) > 24*time.Hour {
			t.Errorf("%s was heard of %v ago", u.ID, now.Sub(s.HeardAt))
		}
	}
	// Who becomes a guest is one by the next round, and gets nothing any more.
	l.err, l.users[5].Standing = nil, chat.Guest
	now = now.Add(ListEvery)
	round(CheckEvery)
	if err := store.View(t.Context(), func(tx *storage.Tx) error {
		p, err := tx.PersonByUser("fake:t:u5")
		if err != nil {
			return err
		}
		ids, err := tx.Identities(p.ID)
		if len(ids) > 0 || standing("fake:t:u5").Is != "guest" {
			t.Errorf("a guest by now is %v, reached at %v", standing("fake:t:u5"), ids)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
