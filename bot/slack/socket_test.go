package slack_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
)

func TestSocketReady(t *testing.T) {
	b := makeBench(t, slack.ModeSocket, &chattest.Memory{}, desk)
	if b.adapter.Ready() == nil {
		t.Error("ready before anything happened")
	}
	b.Fail("auth.test", slackfake.Fault{Error: "invalid_auth"})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.adapter.Run(ctx, b) }()
	if !b.Greeted(5 * time.Second) {
		t.Fatal("no connection")
	}
	if err := b.adapter.Ready(); err == nil {
		t.Error("ready though auth.test failed")
	}
	b.until("ready", func() bool { return b.adapter.Ready() == nil }) // auth.test is tried again
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestSocketSurvives(t *testing.T) {
	boom := true
	b := makeBench(t, slack.ModeSocket, &chattest.Memory{}, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		if ev.Text == "boom" && boom {
			panic("a handler's mistake")
		}
		return desk(ctx, ev)
	}).run()
	t.Run("envelopes nobody knows are acknowledged", func(t *testing.T) {
		for kind, payload := range map[string]any{
			"brand_new": map[string]any{"a": 1}, "events_api": map[string]any{"type": "event_callback",
				"event": map[string]any{"type": "unheard_of"}},
			"slash_commands": []any{1, 2}, "interactive": "text",
		} {
			if ack := b.Envelope(kind, payload); ack.Status != 200 {
				t.Errorf("%s %v was not acknowledged", kind, payload)
			}
		}
	})
	t.Run("a click on a message with an element that slack-go does not know is handled", func(t *testing.T) {
		b.Envelope("interactive", map[string]any{
			"type": "block_actions", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": "U1"}, "trigger_id": "t",
			"container": map[string]any{"type": "message", "message_ts": "1.1", "channel_id": "C1"}, "channel": map[string]any{"id": "C1"},
			"message": map[string]any{"ts": "1.1", "blocks": []any{map[string]any{"type": "actions",
				"elements": []any{map[string]any{"type": "hologram", "action_id": 7}}}}},
			"actions": []any{map[string]any{"type": "button", "action_id": "objection.more#1", "value": "O-9", "action_ts": "2.2"}},
		})
		if ev := last(b.seen()); ev.Name != "objection.more" || ev.Arg != "O-9" {
			t.Errorf("got %+v", ev)
		}
	})
	t.Run("a panic ends one event, not the bot", func(t *testing.T) {
		if ack := b.Command("U1", "C1", "/objection boom"); ack.Status != 200 {
			t.Errorf("got %d", ack.Status)
		}
		if ack := b.Command("U1", "C1", "/objection still here"); !strings.Contains(string(ack.Body), "still here") {
			t.Errorf("got %s", ack.Body)
		}
		if !strings.Contains(b.logged(), "a handler's mistake") {
			t.Error("the panic is not in the log")
		}
	})
	t.Run("it connects again after Slack's farewell and after a cut", func(t *testing.T) {
		for b.Greeted(10 * time.Millisecond) { // forget the first
		}
		for _, reason := range []string{"warning", "refresh_requested", ""} {
			b.Disconnect(reason)
			if !b.Greeted(10 * time.Second) {
				t.Fatalf("no connection after %q\n%s", reason, b.logged())
			}
			b.until("an answer", func() bool { return b.Command("U1", "C1", "/objection back").Status == 200 })
		}
	})
	t.Run("a long answer comes whole", func(t *testing.T) {
		b.mu.Lock()
		b.reply = func(context.Context, chat.Event) (chat.Reply, error) {
			c := chat.Card{Summary: "Long"}
			for range 40 {
				c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("x", "a.b", strings.Repeat("y", 900))))
			}
			return chat.Reply{Card: &c}, nil
		}
		b.mu.Unlock()
		n := len(b.Seen("U1"))
		if ack := b.Command("U1", "C1", "/objection long"); ack.Status != 200 || !strings.Contains(string(ack.Body), "Long") {
			t.Fatalf("got %d %s", ack.Status, ack.Body)
		}
		b.until("the whole card", func() bool {
			for _, m := range b.Seen("U1")[n:] {
				if len(m.Blocks) == 40 {
					return true
				}
			}
			return false
		})
	})
}

// What was being handled when the program was told to stop is still acknowledged.
func TestSocketStops(t *testing.T) {
	started := make(chan struct{})
	b := makeBench(t, slack.ModeSocket, &chattest.Memory{}, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		close(started)
		time.Sleep(200 * time.Millisecond)
		return desk(ctx, ev)
	}).run()
	answered := make(chan slackfake.Ack, 1)
	go func() { answered <- b.Command("U1", "C1", "/objection last words") }()
	<-started
	if err := b.stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if ack := <-answered; !strings.Contains(string(ack.Body), "last words") {
		t.Errorf("got %d %s", ack.Status, ack.Body)
	}
}
