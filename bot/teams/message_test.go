package teams_test

import (
	"net/http"
	"strings"
	"testing"

	"truce/bot/chat"
)

func TestAMessageIsAnsweredByACard(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.said("they say we are too slow"), http.StatusOK)
	ev := w.one()
	if ev.Kind != chat.Message || ev.Text != "they say we are too slow" || ev.Place.Kind != chat.DM {
		t.Errorf("event = %+v", ev)
	}
	if want := "teams:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee:" + anna; ev.User.ID != want || ev.User.Name != "Anna Berg" || ev.User.Zone != "America/New_York" {
		t.Errorf("user = %+v, want id %s", ev.User, want)
	}
	msgs := w.fake.Messages(personal)
	if len(msgs) != 1 {
		t.Fatalf("got %d messages, want 1; logs:\n%s", len(msgs), w.logs)
	}
	if got := text(msgs[0].Card); !strings.Contains(got, "they say we are too slow") {
		t.Errorf("card = %s", got)
	}
	if got := msgs[0].Activity["summary"]; got != "You said: they say we are too slow" {
		t.Errorf("summary = %v", got)
	}
	for _, call := range w.fake.Calls() {
		if _, ok := call.Body["suggestedActions"]; ok {
			t.Error("the library's zero fields left the house")
		}
	}
}
