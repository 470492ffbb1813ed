package handlers_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// TestAMentionIsAPerson takes whom the platform says a mention to be, whatever name it shows: two people are called Ben.
func TestAMentionIsAPerson(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	defer store.Close()
	var second truce.Person
	err := store.Update(context.Background(), func(tx *storage.Tx) (err error) {
		if _, err = tx.AddPerson(truce.Person{Name: "Ben Ode", Email: "ben.ode@example.com"}); err != nil {
			return err
		}
		if second, err = tx.AddPerson(truce.Person{Name: "Ben Ortiz", Email: "ben.ortiz@example.com"}); err != nil {
			return err
		}
		return tx.Identify(second.ID, "slack:T1:U7", second.Name, "member")
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{t: t, h: h}
	r := c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "for @ben they want net 60",
		Mentions: []chat.User{{ID: "slack:T1:U7", Name: "ben"}}})
	if said := chat.PlainText(*r.Card, 100); !strings.Contains(said, "heard by Ben Ortiz") {
		t.Errorf("a mention of the second Ben is logged as:\n%s", said)
	}
	r = c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "for @ben they want net 90"})
	if said := chat.PlainText(*r.Card, 100); !strings.Contains(said, "ben.ode@example.com") ||
		!strings.Contains(said, "ben.ortiz@example.com") {
		t.Errorf("a name that two have does not ask which:\n%s", said)
	}
}
