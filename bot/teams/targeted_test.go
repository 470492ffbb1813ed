package teams_test

import (
	"net/http"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

// TestPrivateAnswersInAConversation walks the ways of an answer that is for one person alone: where nothing proves that the tenant has
// targeted messages it goes to the person's own chat; from the first targeted message on it stays where it was asked for.
func TestPrivateAnswersInAConversation(t *testing.T) {
	type want struct{ here, only, own, aside int }
	counted := func(w *world) (got want) {
		for _, m := range w.fake.Messages("") {
			switch {
			case m.Conversation == personal:
				got.own++
			case m.Only == annaID:
				got.only++
			case m.Only == "" && strings.Contains(m.Activity["summary"].(string), "privately"):
				got.aside++
			default:
				got.here++
			}
		}
		return got
	}
	targeted := func(w *world, text string) {
		act := w.inChannel(w.said(text))
		act["recipient"] = obj{"id": teamsfake.BotID, "name": "Truce", "isTargeted": true}
		w.deliver(act, http.StatusOK)
	}
	mentioned := func(w *world, text string) {
		act := w.inChannel(w.said("<at>Truce</at> " + text))
		act["entities"] = []obj{{"type": "mention", "text": "<at>Truce</at>", "mentioned": obj{"id": teamsfake.BotID, "name": "Truce"}}}
		w.deliver(act, http.StatusOK)
	}
	for _, c := range []struct {
		name string
		do   func(w *world)
		want want
	}{
		{"a tenant of which nothing is known", func(w *world) { mentioned(w, "lead L-42") }, want{own: 1, aside: 1}},
		{"the tenant would have them, and nobody has used one", func(w *world) { w.fake.Targeting(true); mentioned(w, "lead L-42") },
			want{own: 1, aside: 1}},
		{"a targeted command", func(w *world) { w.fake.Targeting(true); targeted(w, "/lead L-42") }, want{only: 1}},
		{"a mention after it, also after a restart", func(w *world) {
			w.fake.Targeting(true)
			targeted(w, "lead L-42")
			w.start()
			mentioned(w, "lead L-42")
		}, want{only: 2}},
		{"what all may see is for the one who asked for it alone", func(w *world) {
			w.fake.Targeting(true)
			w.answer(func(chat.Event) (chat.Reply, error) {
				return chat.Reply{Public: true, Card: &chat.Card{Summary: "The case", Blocks: []chat.Block{chat.Para("D-1")}}}, nil
			})
			targeted(w, "dispute show D-1")
			mentioned(w, "dispute show D-1")
		}, want{only: 1, here: 1}},
		{"the tenant has them no more", func(w *world) {
			w.fake.Targeting(true)
			targeted(w, "lead L-42")
			w.fake.Targeting(false)
			mentioned(w, "lead L-42")
			mentioned(w, "lead L-42")
		}, want{only: 1, own: 2, aside: 2}},
		{"the service says 500 once", func(w *world) {
			w.fake.Targeting(true)
			w.fake.Fail(teamsfake.Fault{Status: http.StatusInternalServerError, Match: func(method, path string) bool {
				return method == http.MethodPost && strings.Contains(path, "/activities")
			}})
			targeted(w, "lead L-42")
		}, want{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.fake.AddMember(teamsfake.Member{ID: annaID, Name: "Anna Berg", AadObjectID: anna})
			c.do(w)
			if got := counted(w); got != c.want {
				t.Errorf("messages %+v, want %+v; logs:\n%s", got, c.want, w.logs)
			}
			for _, call := range w.fake.Calls() {
				to, _ := call.Body["recipient"].(map[string]any)
				if call.Targeted != (to["isTargeted"] == true) {
					t.Errorf("%s %s says in one place that it is for one person and not in the other", call.Method, call.Path)
				}
			}
		})
	}
}
