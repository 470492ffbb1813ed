package handlers_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"truce/bot/chat"
)

// conversation hands events to the handlers one after the other.
type conversation struct {
	t *testing.T
	h chat.Handler
	n int
}

func (c *conversation) do(ev chat.Event) chat.Reply {
	c.t.Helper()
	c.n++
	ev.ID = fmt.Sprintf("test:%d", c.n)
	if ev.User.ID == "" {
		ev.User = ann
	}
	r, err := c.h.Handle(context.Background(), ev)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func TestExportHoldsAllThatErasingRemoves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	h, store := open(t, path)
	defer store.Close()
	c := &conversation{t: t, h: h}
	const secret = "quokka" // a word that occurs nowhere else
	c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "they say the " + secret + " is too expensive"})
	c.do(chat.Event{Kind: chat.Message, Text: "a private " + secret + " thought"})
	c.do(chat.Event{Kind: chat.Command, Name: "objection"})
	c.do(chat.Event{Kind: chat.Dismiss, Name: "objection", Values: map[string]string{"text": secret + " again"}})
	c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "answer price"})
	c.do(chat.Event{Kind: chat.Submit, Name: "answer", Arg: "price", Values: map[string]string{"body": "say " + secret, "claim": "plain"}})

	r := c.do(chat.Event{Kind: chat.Command, Name: "truce", Text: "mydata export"})
	var exported map[string]any
	if err := json.Unmarshal([]byte(r.Card.Blocks[0].Quote), &exported); err != nil {
		t.Fatalf("the export is no JSON: %v\n%s", err, r.Card.Blocks[0].Quote)
	}
	for _, kind := range []string{"objections", "field notes", "answers", "unsent forms", "chat accounts"} {
		if list, _ := exported[kind].([]any); len(list) != 1 {
			t.Errorf("the export holds %d %s; want 1", len(list), kind)
		}
	}

	if r := c.do(chat.Event{Kind: chat.Submit, Name: "mydata.erase", Values: map[string]string{"sure": "Ann"}}); len(r.Faults) > 0 {
		t.Fatal(r.Faults)
	}
	for _, trace := range []string{secret, "ann@example.com", ann.ID} {
		if where := tablesWith(t, path, trace); len(where) > 0 {
			t.Errorf("%q still stands in %v", trace, where)
		}
	}
	r = c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "search " + secret,
		User: chat.User{ID: "test:t:ben", Name: "Ben", Standing: chat.Member}})
	if text := chat.PlainText(*r.Card, 80); !strings.Contains(text, "Nobody has logged anything like it") {
		t.Errorf("it is still found:\n%s", text)
	}
}

// tablesWith are the tables in which a text occurs in any column.
func tablesWith(t *testing.T, path, text string) (found []string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM "`+table+`" WHERE instr(CAST("`+column+`" AS TEXT), ?) > 0`, text).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found = append(found, table+"."+column)
		}
	}
	return found
}
