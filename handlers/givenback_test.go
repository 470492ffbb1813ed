package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/transcript"
	"truce/storage"
)

// TestATextTooLongIsGivenBackWhole: whatever somebody types that does not fit comes back to the last character, in as many parts as it
// takes, of which each platform shows every one whole.
func TestATextTooLongIsGivenBackWhole(t *testing.T) {
	for _, tt := range []struct{ name, command, text string }{
		{"words", "objection", strings.Repeat("too slow for us ", 250)},
		{"no spaces", "objection", strings.Repeat("x", 9000)},
		{"lines", "objection", strings.Repeat("they say\nno\n", 2000)},
		{"full width", "objection", strings.Repeat("東京、", 4000)},
		{"what Slack escapes", "objection", strings.Repeat("<&> ", 2500)},
		{"a dispute", "dispute", "L999 wrong person " + strings.Repeat("no ", 5000)},
		{"a lead", "lead", "of " + strings.Repeat("“Northfield” ", 900)},
		{"an activity", "activity", "link " + strings.Repeat("booth ", 1500)},
		{"a column", "digest", "leads by " + strings.Repeat("booth ", 1500)},
		{"the end of a stage", "journey", "propose evaluation " + strings.Repeat("they run their own samples ", 9)},
		{"an entry of the map", "journey", "add evaluation barrier " + strings.Repeat("nobody validates it ", 390)},
		{"an item of the agenda", "taskforce", "add " + strings.Repeat("who answers for the price of a kit? ", 9)},
		{"a setting", "truce", "propose time to the first touch " + strings.Repeat("as soon as anybody can ", 300)},
		{"a search", "objection", "search " + strings.Repeat("y", 7000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st := transcript.NewStage(t, transcript.Network)
			text := strings.TrimSpace(tt.text)
			r, err := st.Handlers.Handle(t.Context(), chat.Event{ID: "e1", Kind: chat.Command, Name: tt.command, Text: text,
				User: chat.User{ID: "test:t:ann", Name: "ann", Standing: chat.Member}})
			if err != nil || r.Card == nil && r.Form == nil {
				t.Fatalf("%+v, %v", r, err)
			}
			back, from := "", 0
			if r.Card != nil {
				back, from = quotes(*r.Card), 1
			}
			err = st.Store.View(t.Context(), func(tx *storage.Tx) error {
				for i := from; ; i++ {
					m, err := tx.MessageByKey(fmt.Sprintf("back:e1:%d", i))
					if err != nil {
						return nil
					}
					var c chat.Card
					if err := json.Unmarshal(m.Body, &c); err != nil {
						return err
					}
					back += quotes(c)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Card == nil { // a form opened, with as much as it has room for
				if back != text {
					t.Errorf("%d characters came back of %d: %.200q …", len(back), len(text), back)
				}
				return
			}
			if r.Card.Key == "objection.found" { // it was long, and was searched for
				return
			}
			if said, _, _ := strings.Cut(chat.PlainText(*r.Card, 1<<20), "Your text, to copy"); len(said) > 600 {
				t.Errorf("the refusal itself has %d characters: %.300s", len(said), said)
			}
			if back != text {
				t.Errorf("%d characters came back of %d: %.200q …", len(back), len(text), back)
			}
		})
	}
}

func quotes(c chat.Card) (s string) {
	for _, b := range c.Blocks {
		s += b.Quote
	}
	return s
}
