package slack_test

import (
	"context"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/slack/slackfake"
)

// TestAChannelConfiguredByItsName: "#lead-disputes" is found among the channels the bot is in, and the message's own place is its
// id, whatever the channel is called later.
func TestAChannelConfiguredByItsName(t *testing.T) {
	b := newBench(t, desk)
	ctx := context.Background()
	b.AddChannel(slackfake.Channel{ID: "C5", Name: "first", Members: []string{b.BotUser}})
	b.AddChannel(slackfake.Channel{ID: "C6", Name: "lead-disputes", Members: []string{"U1"}}) // without the bot
	byName := chat.Place{ID: "slack::#Lead-Disputes", Kind: chat.Channel, Name: "Lead-Disputes"}
	if _, err := b.adapter.Send(ctx, chat.Outgoing{Key: "1", To: byName, Card: note("one")}); chat.TroubleOf(err) != chat.NotMember {
		t.Fatalf("a channel without the bot: %v", err)
	}
	found := b.adapter.Check(ctx, []chat.Place{byName})
	if f := found[len(found)-1]; f.OK || f.Remedy == "" {
		t.Errorf("check says %+v", f)
	}

	b.AddChannel(slackfake.Channel{ID: "C7", Name: "lead-disputes", Private: true, Members: []string{"U1", b.BotUser}})
	b.advance(6 * time.Second)
	ref, err := b.adapter.Send(ctx, chat.Outgoing{Key: "1", To: byName, Card: note("one")})
	if err != nil || ref.Place.ID != "slack:T1:C7" || ref.Place.Name != "Lead-Disputes" {
		t.Fatalf("got %+v, %v", ref, err)
	}
	if _, err := b.adapter.Send(ctx, chat.Outgoing{Key: "2", To: byName, Card: note("two"), Edit: ref}); err != nil {
		t.Fatal(err)
	}
	if list := b.Messages("C7"); len(list) != 1 || list[0].Text != "two" {
		t.Errorf("got %+v", list)
	}
	if n := len(b.Calls("users.conversations")); n != 2+3 { // pages of one: general and first, then lead-disputes too
		t.Errorf("the bot's channels were asked for %d times: their names are not remembered", n)
	}
	if found := b.adapter.Check(ctx, []chat.Place{byName}); !found[len(found)-1].OK || !found[len(found)-2].OK {
		t.Errorf("check says %+v", found)
	}
	if _, err := b.adapter.Send(ctx, chat.Outgoing{Key: "3", To: chat.Place{ID: "slack::C5", Kind: chat.Channel},
		Card: note("by id")}); err != nil || len(b.Messages("C5")) != 1 {
		t.Errorf("an id without its workspace: %v", err)
	}
}
