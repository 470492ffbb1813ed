package handlers_test

import (
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/transcript"
)

// TestWhatWasTakenBackIsReadByItsAuthorAlone presses forged buttons that carry the id of an objection which somebody has undone.
func TestWhatWasTakenBackIsReadByItsAuthorAlone(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	does := func(who, id string, ev chat.Event) (said string) {
		t.Helper()
		ev.ID, ev.User = id, chat.User{ID: "test:t:" + who, Name: who, Standing: chat.Member}
		r, err := st.Handlers.Handle(t.Context(), ev)
		if err != nil {
			t.Fatal(err)
		}
		if r.Card != nil {
			said += chat.PlainText(*r.Card, 1000)
		}
		if r.Form != nil {
			for _, f := range r.Form.Fields {
				said += f.Value + " "
			}
		}
		return said
	}
	does("ann", "e1", chat.Event{Kind: chat.Command, Name: "objection", Text: "they say the zeppelin is too slow"})
	does("ann", "e2", chat.Event{Kind: chat.Action, Name: "objection.undo", Arg: "O-1"})
	for i, action := range []string{"journey.from O-1", "taskforce.about objection O-1", "objection.like O-1"} {
		name, arg, _ := strings.Cut(action, " ")
		for who, reads := range map[string]bool{"ben": false, "ann": name == "journey.from"} {
			said := does(who, who+string(rune('a'+i)), chat.Event{Kind: chat.Action, Name: name, Arg: arg})
			if strings.Contains(said, "zeppelin") != reads {
				t.Errorf("%s presses %s and reads %q", who, action, said)
			}
			if who == "ben" && !strings.Contains(said, "taken back") {
				t.Errorf("%s presses %s and is told %q", who, action, said)
			}
		}
	}
}
