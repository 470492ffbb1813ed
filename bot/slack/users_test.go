package slack_test

import (
	"errors"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
)

// TestWhoSlackKnows: who is found by e-mail address or id, and what Slack vouches for.
func TestWhoSlackKnows(t *testing.T) {
	b := makeBench(t, slack.ModeHTTP, &chattest.Memory{}, desk)
	b.AddUser(slackfake.User{ID: "U7", Name: "Gus", Email: "gus@agency.example", Restricted: true})
	b.AddUser(slackfake.User{ID: "U8", Name: "Dora", Email: "dora@quillwater.example", Deleted: true})
	b.run()

	t.Run("by e-mail address", func(t *testing.T) {
		u, err := b.adapter.FindByEmail(t.Context(), "mark@quillwater.example")
		want := chat.User{ID: "slack:T1:U2", Name: "Mark", Email: "mark@quillwater.example", Zone: "America/New_York", Standing: chat.Member}
		if err != nil || u != want {
			t.Errorf("got %+v, %v, want %+v", u, err, want)
		}
		if u, err := b.adapter.FindByEmail(t.Context(), "gus@agency.example"); err != nil || u.Standing != chat.Guest || u.Email != "" {
			t.Errorf("a guest: %+v, %v", u, err)
		}
		for _, email := range []string{"nobody@quillwater.example", "dora@quillwater.example"} {
			if u, err := b.adapter.FindByEmail(t.Context(), email); !errors.Is(err, chat.ErrNoSuchUser) {
				t.Errorf("%s: %+v, %v", email, u, err)
			}
		}
		b.Fail("users.lookupByEmail", slackfake.Fault{Error: "internal_error"})
		if _, err := b.adapter.FindByEmail(t.Context(), "mark@quillwater.example"); err == nil || errors.Is(err, chat.ErrNoSuchUser) {
			t.Errorf("Slack in trouble: %v", err)
		}
	})
	t.Run("by id", func(t *testing.T) {
		if _, err := b.adapter.LookUp(t.Context(), "slack:T1:U8"); !errors.Is(err, chat.ErrDeactivated) || truce.KindOf(err) != truce.NotFound {
			t.Errorf("one who left: %v", err)
		}
		// Of another workspace, perhaps: whom Slack does not know has not left.
		if _, err := b.adapter.LookUp(t.Context(), "slack:T1:U99"); errors.Is(err, chat.ErrDeactivated) || truce.KindOf(err) != truce.NotFound {
			t.Errorf("one whom Slack does not know: %v", err)
		}
	})
}
