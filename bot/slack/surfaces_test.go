package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
)

// desk is a small Truce: enough to have every kind of conversation with it.
func desk(_ context.Context, ev chat.Event) (chat.Reply, error) {
	card := func(s string, blocks ...chat.Block) *chat.Card {
		return &chat.Card{Summary: s, Blocks: append([]chat.Block{chat.Para(s)}, blocks...)}
	}
	form := func(state string) *chat.Form {
		return &chat.Form{Name: "objection.edit", Title: "Objection", Submit: "Log", State: state, Fields: []chat.Field{
			{Name: "text", Kind: chat.LongText, Label: "What do they say?", Required: true, Value: state},
			{Name: "theme", Kind: chat.Search, Label: "Theme", Suggest: "themes"},
			{Name: "stage", Kind: chat.Choice, Label: "Stage", Options: []chat.Option{{Value: "eval", Label: "Evaluation"},
				{Value: "demo", Label: "Demo"}}},
			{Name: "urgent", Kind: chat.Check, Label: "Urgent"},
			{Name: "due", Kind: chat.DateOf, Label: "Due"},
		}}
	}
	switch ev.Kind {
	case chat.Command:
		switch ev.Text {
		case "":
			return chat.Reply{Form: form("")}, nil
		case "public":
			return chat.Reply{Card: card("For all", chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"))), Public: true}, nil
		case "broken":
			return chat.Reply{}, errors.New("disk full")
		case "refused":
			return chat.Reply{}, truce.Errorf(truce.Invalid, "Choose a lead first.")
		}
		return chat.Reply{Card: card("Logged: "+ev.Text, chat.ButtonRow(chat.Ask("Edit", "objection.edit", "O-1"),
			chat.Press("Undo", "objection.undo", "O-1"), chat.Press("More", "objection.more", "O-1")),
			chat.SelectBlock(chat.Select{Label: "Theme", Action: "objection.theme", Arg: "O-1",
				Options: []chat.Option{{Value: "price", Label: "Price"}}}))}, nil
	case chat.Action:
		switch ev.Name {
		case "objection.edit":
			return chat.Reply{Form: form(ev.Arg)}, nil
		case "objection.undo":
			return chat.Reply{Card: card("Undone " + ev.Arg), Replace: true}, nil
		case "dispute.uphold":
			return chat.Reply{Card: card("Upheld " + ev.Arg), Replace: true}, nil
		case "objection.theme":
			return chat.Reply{Card: card("Theme " + ev.Values["value"] + " for " + ev.Arg), Replace: true}, nil
		}
		return chat.Reply{Card: card(ev.Name + " " + ev.Arg)}, nil
	case chat.Submit:
		if ev.Values["text"] == "bad" {
			return chat.Reply{Faults: []chat.Fault{{Field: "text", Text: "Say more."}, {Field: "nothing", Text: "And else."}}}, nil
		}
		if ev.Values["text"] == "next" {
			return chat.Reply{Form: form("second")}, nil
		}
		if ev.Values["text"] == "broken" {
			return chat.Reply{}, errors.New("disk full")
		}
		return chat.Reply{Card: card("Sent " + ev.Values["text"] + "/" + ev.Values["stage"] + "/" + ev.Values["urgent"] + "/" +
			ev.Values["due"])}, nil
	case chat.Suggest:
		return chat.Reply{Options: []chat.Option{{Value: "t1", Label: "Turnaround " + ev.Text}}}, nil
	case chat.Shortcut:
		if ev.Quoted != nil {
			return chat.Reply{Form: form(ev.Quoted.Text)}, nil
		}
		return chat.Reply{Form: form("")}, nil
	case chat.HomeOpened:
		return chat.Reply{Card: card("Waits for you", chat.ButtonRow(chat.Press("Done", "home.done", "1"),
			chat.Ask("Write", "objection.edit", "x"), chat.Press("Undo", "objection.undo", "H-1")))}, nil
	case chat.Message:
		if ev.Text == "help" {
			return chat.Reply{Card: card("What you can type"), Open: true}, nil
		}
		return chat.Reply{Card: card("Draft: " + ev.Text)}, nil
	}
	return chat.Reply{}, nil
}

// TestTheHomePageShowsTheNewest: what was done at home changes the page by way of the outbox too. Whichever comes first, the page stays
// in the end, not the answer to the press.
func TestTheHomePageShowsTheNewest(t *testing.T) {
	var b *bench
	b = newBench(t, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		if ev.Kind == chat.Action {
			if err := b.adapter.SetHome(ctx, ev.User.ID, chat.Card{Summary: "Nothing waits",
				Blocks: []chat.Block{chat.Para("Nothing waits")}}); err != nil {
				return chat.Reply{}, err
			}
		}
		return desk(ctx, ev)
	}).run()
	b.OpenHome("U2")
	b.PressHome("U2", "Undo")
	b.until("all three are published", func() bool { return len(b.Calls("views.publish")) == 3 })
	if home := jsonOf(b.Home("U2")); !strings.Contains(home, "Nothing waits") {
		t.Errorf("got %s", home)
	}
	if n := len(b.DM("U2")); n > 0 {
		t.Errorf("%d messages were sent instead", n)
	}
}

func TestConversation(t *testing.T) {
	both(t, desk, func(t *testing.T, b *bench) {
		t.Run("a command with text is answered at once, to the typist alone", func(t *testing.T) {
			ack := b.Command("U1", "C1", "/objection they say <we> & you are slow")
			if ack.Status != 200 || !strings.Contains(string(ack.Body), `"response_type":"ephemeral"`) {
				t.Fatalf("got %d %s", ack.Status, ack.Body)
			}
			seen := last(b.Seen("U1"))
			if want := "Logged: they say &lt;we&gt; &amp; you are slow"; seen.Text != want {
				t.Errorf("fallback text: got %q, want %q", seen.Text, want)
			}
			ev := last(b.seen())
			if ev.Name != "objection" || ev.Text != "they say <we> & you are slow" {
				t.Errorf("got event %q %q", ev.Name, ev.Text)
			}
			if want := (chat.User{ID: "slack:T1:U1"}); ev.User != want {
				t.Errorf("got user %+v, want %+v", ev.User, want)
			}
			if ev.Place.ID != "slack:T1:C1" || ev.Place.Kind != chat.Channel || ev.Place.Name != "general" {
				t.Errorf("got place %+v", ev.Place)
			}
			if len(b.Messages("C1")) != 0 {
				t.Error("something was posted in the channel")
			}
		})
		t.Run("a click replaces the private answer in place", func(t *testing.T) {
			if ack := b.Press("U1", "C1", "Undo"); ack.Status != 200 {
				t.Fatalf("got %d", ack.Status)
			}
			if seen := last(b.Seen("U1")); seen.Text != "Undone O-1" || seen.Edits != 1 {
				t.Errorf("got %q after %d edits", seen.Text, seen.Edits)
			}
		})
		t.Run("a choice acts at once and carries its argument", func(t *testing.T) {
			b.Command("U1", "C1", "/objection slow")
			b.Press("U1", "C1", "Price")
			if seen := last(b.Seen("U1")); seen.Text != "Theme price for O-1" {
				t.Errorf("got %q", seen.Text)
			}
		})
		t.Run("a private reply to a click comes beside the message", func(t *testing.T) {
			b.Command("U1", "C1", "/objection slow")
			before := len(b.Seen("U1"))
			b.Press("U1", "C1", "More")
			if got := b.Seen("U1"); len(got) != before+1 || last(got).Text != "objection.more O-1" {
				t.Errorf("got %d messages, the last %q", len(got), last(got).Text)
			}
		})
		t.Run("with an expired response url the reply comes by DM", func(t *testing.T) {
			b.Command("U1", "C1", "/objection slow")
			b.Fail("response_url", slackfake.Fault{Error: "expired_url"})
			b.Press("U1", "C1", "More")
			if got := b.DM("U1"); len(got) != 1 || got[0].Text != "objection.more O-1" {
				t.Errorf("got DM %+v", got)
			}
		})
		t.Run("a public card changes for all who see it", func(t *testing.T) {
			b.Command("U1", "C1", "/objection public")
			b.Press("U2", "C1", "Uphold")
			if m := last(b.Messages("C1")); m.Text != "Upheld D-12" || m.Edits != 1 {
				t.Errorf("got %q after %d edits", m.Text, m.Edits)
			}
			ev := last(b.seen())
			if ev.User.ID != "slack:T1:U2" || ev.Source.ID == "" || ev.Source.Place.ID != "slack:T1:C1" {
				t.Errorf("got event %+v", ev)
			}
		})
		t.Run("a command without text opens its form; faults stand beside the fields; a card follows", func(t *testing.T) {
			if ack := b.Command("U1", "C1", "/objection"); ack.Status != 200 || len(strings.TrimSpace(string(ack.Body))) > 0 {
				t.Fatalf("got %d %s", ack.Status, ack.Body)
			}
			if b.Modal("U1") == nil {
				t.Fatal("no modal is open")
			}
			_, faults := b.Submit("U1", map[string]string{"text": "bad"})
			if faults["text"] != "Say more. And else." {
				t.Errorf("got faults %v", faults)
			}
			b.Suggest("U1", "theme", "tu")
			if ack := b.Suggest("U1", "theme", "tur"); !strings.Contains(string(ack.Body), "Turnaround tur") {
				t.Errorf("suggestions: got %s", ack.Body)
			}
			_, faults = b.Submit("U1", map[string]string{"text": "broken"})
			if len(faults) != 1 || b.Modal("U1") == nil {
				t.Errorf("an error must keep the form open with what was typed: got %v", faults)
			}
			if _, faults = b.Submit("U1", map[string]string{"text": "next"}); len(faults) > 0 || b.Modal("U1").Updates != 1 {
				t.Fatalf("the second form: got %v", faults)
			}
			_, faults = b.Submit("U1", map[string]string{"text": "slow", "stage": "demo", "urgent": "true", "due": "2026-12-01"})
			if len(faults) > 0 || b.Modal("U1") != nil {
				t.Fatalf("got faults %v, modal %v", faults, b.Modal("U1"))
			}
			if seen := last(b.Seen("U1")); seen.Text != "Sent slow/demo/true/2026-12-01" {
				t.Errorf("got %q", seen.Text)
			}
			if ev := last(b.seen()); ev.Arg != "second" || ev.Name != "objection.edit" || ev.Place.ID != "slack:T1:C1" {
				t.Errorf("got event %+v", ev)
			}
		})
		t.Run("a dismissed form is told with what was typed", func(t *testing.T) {
			b.Command("U1", "C1", "/objection")
			b.CloseModal("U1", map[string]string{"text": "half a sen"})
			if ev := last(b.seen()); ev.Kind != chat.Dismiss || ev.Name != "objection.edit" || ev.Values["text"] != "half a sen" {
				t.Errorf("got %+v", ev)
			}
		})
		t.Run("a message shortcut quotes the message", func(t *testing.T) {
			ts := b.Say("U2", "C1", "they want <validation> on FFPE")
			if ack := b.MessageShortcut("U1", "C1", ts, "log.objection"); ack.Status != 200 {
				t.Fatalf("got %d", ack.Status)
			}
			ev := last(b.seen())
			if ev.Kind != chat.Shortcut || ev.Name != "log.objection" || ev.Quoted == nil || ev.Quoted.Text != "they want <validation> on FFPE" ||
				ev.Quoted.Author.ID != "slack:T1:U2" {
				t.Fatalf("got %+v", ev)
			}
			if _, faults := b.Submit("U1", nil); len(faults) > 0 || last(b.Seen("U1")).Text != "Sent they want &lt;validation&gt; on FFPE///" {
				t.Errorf("got %v, %q", faults, last(b.Seen("U1")).Text)
			}
			for _, m := range b.Messages("C1") {
				if m.TS == ts && m.Edits > 0 {
					t.Error("somebody's message was changed")
				}
			}
		})
		t.Run("a global shortcut is answered by DM", func(t *testing.T) {
			before := len(b.DM("U2"))
			b.GlobalShortcut("U2", "new.objection")
			b.Submit("U2", map[string]string{"text": "from anywhere"})
			if got := b.DM("U2"); len(got) != before+1 || last(got).Text != "Sent from anywhere///" {
				t.Errorf("got %+v", got)
			}
		})
		t.Run("the home page is published when opened, and can be worked on", func(t *testing.T) {
			b.OpenHome("U2")
			if b.Home("U2") == nil {
				t.Fatal("no home page")
			}
			b.PressHome("U2", "Undo")
			if home, _ := json.Marshal(b.Home("U2")); !strings.Contains(string(home), "Undone H-1") {
				t.Errorf("got %s", home)
			}
			b.OpenHome("U2")
			b.PressHome("U2", "Done")
			if v := b.Modal("U2"); v == nil || !strings.Contains(jsonOf(v.View), "home.done 1") {
				t.Errorf("the answer to a click at home: got %+v", v)
			}
		})
		t.Run("an error that nobody can mend is said, and one that somebody can, in its words", func(t *testing.T) {
			b.Command("U1", "C1", "/objection broken")
			if got := last(b.Seen("U1")).Text; !strings.HasPrefix(got, "Something went wrong") {
				t.Errorf("got %q", got)
			}
			if logged := b.log.String(); strings.Contains(logged, "disk full") {
				t.Errorf("who handles events has logged it; the adapter logs it again: %s", logged)
			}
			b.Command("U1", "C1", "/objection refused")
			if got := last(b.Seen("U1")).Text; got != "Choose a lead first." {
				t.Errorf("got %q", got)
			}
		})
		if n := len(b.Calls("chat.postMessage")); n > 3 {
			t.Errorf("%d messages were posted", n)
		}
		for _, c := range b.Calls("") {
			if c.Token == "body" {
				t.Errorf("%s: the token stands in the body", c.Method)
			}
		}
	})
}

func TestMessages(t *testing.T) {
	both(t, desk, func(t *testing.T, b *bench) {
		_, ts := b.Write("U1", "they say <http://x.example|x.example> & more")
		got := b.DM("U1")
		if len(got) != 2 || got[1].Text != "Draft: they say &lt;http://x.example|x.example&gt; &amp; more" {
			t.Fatalf("got %+v", got)
		}
		channel := got[0].Channel
		for i := range 11 { // seen in the wild: one message under eleven event ids, without a retry header
			b.EventAs("EvX"+string(rune('a'+i)), slackfake.DirectMessage("U1", channel, ts, "again"))
		}
		if n := len(b.DM("U1")); n != 2 {
			t.Errorf("after repetitions %d messages stand in the DM, want 2", n)
		}
		handled := len(b.seen())
		for name, inner := range map[string]map[string]any{
			"the bot's own": {"type": "message", "channel_type": "im", "channel": channel, "user": "UBOT", "text": "x", "ts": "5.1"},
			"another bot's": {"type": "message", "channel_type": "im", "channel": channel, "user": "U9", "bot_id": "B9", "text": "x", "ts": "5.2"},
			"an edit": {"type": "message", "subtype": "message_changed", "hidden": true, "channel_type": "im", "channel": channel,
				"ts": "5.3", "message": map[string]any{}},
			"an edited one": {"type": "message", "channel_type": "im", "channel": channel, "user": "U1", "text": "x", "ts": "5.4",
				"edited": map[string]any{"user": "U1"}},
			"a channel's":    {"type": "message", "channel_type": "channel", "channel": "C1", "user": "U1", "text": "x", "ts": "5.5"},
			"messages tab":   {"type": "app_home_opened", "user": "U1", "tab": "messages", "channel": channel},
			"another joined": {"type": "member_joined_channel", "user": "U2", "channel": "C1"},
		} {
			if ack := b.Event(inner); ack.Status != 200 {
				t.Errorf("%s: got %d", name, ack.Status)
			}
			if n := len(b.seen()); n != handled {
				t.Errorf("%s: was handled", name)
				handled = n
			}
		}
		b.Mention("U2", "C1", "what is new?", "")
		ev, m := last(b.seen()), last(b.Messages("C1"))
		if ev.Text != "what is new?" || m.Text != "I answered you privately." || m.Thread == "" || m.Thread != ev.Place.Thread {
			t.Errorf("mention: got %+v, answered %+v", ev, m)
		}
		if m := last(b.DM("U2")); m.Text != "Draft: what is new?" {
			t.Errorf("what a command shows to one person alone is, after a mention, %+v", m)
		}
		b.Mention("U2", "C1", "help", "")
		if m := last(b.Messages("C1")); m.Text != "What you can type" || m.Thread == "" {
			t.Errorf("what is nobody's secret: %+v", m)
		}
		b.Event(map[string]any{"type": "member_joined_channel", "user": "UBOT", "channel": "C7"})
		if ev := last(b.seen()); ev.Kind != chat.Joined || ev.Place.ID != "slack:T1:C7" {
			t.Errorf("got %+v", ev)
		}
		b.Event(map[string]any{"type": "app_uninstalled"})
		if ev := last(b.seen()); ev.Kind != chat.Left || b.adapter.Ready() == nil {
			t.Errorf("got %+v, ready %v", ev, b.adapter.Ready())
		}
	})
}

// After a restart a message that had its answer does not get another.
func TestMessageAnsweredOnceAcrossRestarts(t *testing.T) {
	mem := &chattest.Memory{}
	b := makeBench(t, slack.ModeHTTP, mem, desk)
	_, ts := b.Write("U1", "slow")
	c := makeBench(t, slack.ModeHTTP, mem, desk)
	c.Event(slackfake.DirectMessage("U1", "D1", ts, "slow"))
	if n := len(c.Calls("chat.postMessage")); n != 0 {
		t.Errorf("answered again after a restart")
	}
}

// A message that cannot be handled is not acknowledged: Slack brings it again.
func TestEventErrorIsRepeated(t *testing.T) {
	fail := true
	b := newBench(t, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		if fail {
			return chat.Reply{}, errors.New("disk full")
		}
		return desk(ctx, ev)
	})
	ack, ts := b.Write("U1", "slow")
	if ack.Status != 500 || len(b.DM("U1")) != 1 {
		t.Fatalf("got %d and %d messages", ack.Status, len(b.DM("U1")))
	}
	fail = false
	if ack := b.Event(slackfake.DirectMessage("U1", "D1", ts, "slow")); ack.Status != 200 || len(b.DM("U1")) != 2 {
		t.Errorf("the second time: got %d and %d messages", ack.Status, len(b.DM("U1")))
	}
}

// An answer that Slack would not take is sent later, once.
func TestAnswerWaits(t *testing.T) {
	b := newBench(t, desk)
	b.Fail("chat.postMessage", slackfake.Fault{Status: 429, RetryAfter: 1})
	ack, _ := b.Write("U1", "slow")
	if ack.Status != 200 || len(b.DM("U1")) != 1 {
		t.Fatalf("got %d and %d messages", ack.Status, len(b.DM("U1")))
	}
	b.run()
	time.Sleep(50 * time.Millisecond)
	if len(b.DM("U1")) != 1 {
		t.Error("it was sent again before the time that Slack asked for")
	}
	b.advance(time.Second) // housekeeping looks again then
	b.until("the answer", func() bool { return len(b.DM("U1")) == 2 })
}

// TestWaitingAnswerOutlivesTheProcess: an answer that Slack had asked to bring later is brought then, though the process that
// was asked has died since.
func TestWaitingAnswerOutlivesTheProcess(t *testing.T) {
	b := newBench(t, desk)
	b.Fail("chat.postMessage", slackfake.Fault{Status: 429, RetryAfter: 1})
	if ack, _ := b.Write("U1", "slow"); ack.Status != 200 || len(b.DM("U1")) != 1 {
		t.Fatalf("got %d and %d messages", ack.Status, len(b.DM("U1")))
	}
	b.mem = b.mem.Copy()
	b.adapter = b.newAdapter(slack.ModeHTTP)
	b.run()
	time.Sleep(50 * time.Millisecond)
	if len(b.DM("U1")) != 1 {
		t.Error("it was sent again before the time that Slack asked for")
	}
	b.advance(time.Second)
	b.until("the answer", func() bool { return len(b.DM("U1")) == 2 })
}

// TestAnswerOutlivesTheProcess: an answer that was being sent when the process died is sent by the next one, once.
func TestAnswerOutlivesTheProcess(t *testing.T) {
	for name, fault := range map[string]slackfake.Fault{
		"before it came through": {Cut: true, Delay: 300 * time.Millisecond},
		"after":                  {Cut: true, Delay: 300 * time.Millisecond, After: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, desk)
			b.Fail("chat.postMessage", fault)
			wrote := make(chan struct{})
			go func() { defer close(wrote); b.Write("U1", "slow") }()
			b.until("the call is under way", func() bool { return len(b.Calls("chat.postMessage")) == 1 })
			b.mem = b.mem.Copy() // what the process leaves behind if it dies here
			<-wrote
			b.adapter = b.newAdapter(slack.ModeHTTP)
			b.run()
			b.until("the answer", func() bool { return len(b.DM("U1")) == 2 })
			time.Sleep(50 * time.Millisecond)
			if n := len(b.DM("U1")); n != 2 {
				t.Errorf("%d messages stand in the DM, want what was written and one answer", n)
			}
		})
	}
}

func TestExpiredTriggerKeepsTheText(t *testing.T) {
	both(t, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		if ev.Kind == chat.Command {
			return chat.Reply{Form: &chat.Form{Name: "f", Title: "F", Submit: "Go",
				Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: "Text", Value: ev.Text}}}}, nil
		}
		return desk(ctx, ev)
	}, func(t *testing.T, b *bench) {
		b.Fail("views.open", slackfake.Fault{Error: "expired_trigger_id"})
		b.Command("U1", "C1", "/objection far too slow")
		seen := last(b.Seen("U1"))
		if seen.Text != "Your form had expired; your text is safe." || !strings.Contains(jsonOf(seen.Blocks), "far too slow") {
			t.Fatalf("got %q %s", seen.Text, jsonOf(seen.Blocks))
		}
		b.Press("U1", "C1", "Continue")
		v := b.Modal("U1")
		if v == nil || !strings.Contains(jsonOf(v.View), "far too slow") {
			t.Fatalf("got %+v", v)
		}
		b.Submit("U1", nil)
		if got := last(b.Seen("U1")).Text; got != "Sent far too slow///" {
			t.Errorf("got %q", got)
		}
	})
}

func TestSameRequestAgain(t *testing.T) {
	b := newBench(t, desk)
	form := "command=%2Fobjection&text=&user_id=U1&team_id=T1&channel_id=C1&trigger_id=nope"
	text := "command=%2Fobjection&text=slow&user_id=U1&team_id=T1&channel_id=C1&trigger_id=nope2"
	for _, body := range []string{form, text} {
		status, first := b.do(b.request("commands", body))
		b.advance(4 * time.Minute)
		again, second := b.do(b.request("commands", body))
		if status != 200 || again != 200 || first != second {
			t.Errorf("got %d %q, then %d %q", status, first, again, second)
		}
		b.advance(-4 * time.Minute)
	}
	if n := len(b.Calls("views.open")); n != 1 {
		t.Errorf("the form was opened %d times", n)
	}
	ids := map[string]bool{}
	for _, ev := range b.seen() {
		ids[ev.ID] = true
	}
	if len(ids) != 2 {
		t.Errorf("got event ids %v, want one for each command", ids)
	}
}

func TestClickDeliveredManyTimes(t *testing.T) {
	b := newBench(t, desk)
	body := "payload=" + `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"trigger_id":"t1","container":{"type":"message","message_ts":"1.1","channel_id":"C1"},"channel":{"id":"C1"},"actions":[{"type":"button","action_id":"objection.more%231","value":"O-1","action_ts":"9.9"}]}`
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if status, _ := b.do(b.request("interactions", body)); status != 200 {
				t.Errorf("got %d", status)
			}
		})
	}
	wg.Wait()
	if n := len(b.seen()); n != 1 {
		t.Errorf("handled %d times", n)
	}
	if ev := last(b.seen()); ev.Name != "objection.more" || ev.Arg != "O-1" || ev.ID != "slack:action:T1:U1:9.9:objection.more#1" {
		t.Errorf("got %+v", ev)
	}
}

func TestStanding(t *testing.T) {
	b := newBench(t, desk)
	b.AddUser(slackfake.User{ID: "U3", Name: "Guest", Email: "g@x.example", Restricted: true})
	b.AddUser(slackfake.User{ID: "U4", Name: "Single", Ultra: true})
	b.AddUser(slackfake.User{ID: "U5", Name: "Partner", Email: "p@x.example", Team: "T9"})
	b.AddUser(slackfake.User{ID: "U6", Name: "Stranger", Stranger: true})
	b.AddUser(slackfake.User{ID: "U7", Name: "Robot", Bot: true})
	b.AddUser(slackfake.User{ID: "U8", Name: "Dora", Email: "dora@quillwater.example", Deleted: true})
	for i := range 70 { // more than a page
		b.AddUser(slackfake.User{ID: fmt.Sprintf("V%02d", i), Name: "Vic"})
	}
	want := map[string]chat.Standing{"U1": chat.Member, "U3": chat.Guest, "U4": chat.Guest, "U5": chat.Outside, "U6": chat.Outside,
		"U8": chat.Former}
	for user, standing := range want {
		if standing == chat.Former {
			continue // LookUp says so by its error
		}
		u, err := b.adapter.LookUp(t.Context(), "slack:T1:"+user)
		if err != nil || u.Standing != standing || (u.Email != "") != (standing == chat.Member) {
			t.Errorf("%s: got %+v, %v, want %s, an e-mail for members only", user, u, err, standing)
		}
	}
	b.Fail("users.list", slackfake.Fault{Status: 429, RetryAfter: 1})
	listed := map[string]chat.User{}
	if err := b.adapter.Everybody(t.Context(), func(page []chat.User) error {
		for _, u := range page {
			listed[u.ID] = u
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for user, standing := range want {
		if u := listed["slack:T1:"+user]; u.Standing != standing || (u.Email != "") != (standing == chat.Member) {
			t.Errorf("listed, %s is %+v, want %s", user, u, standing)
		}
	}
	if _, ok := listed["slack:T1:U7"]; ok || listed["slack:T1:V69"].Standing != chat.Member {
		t.Errorf("of a robot and the last page: %v, %+v", ok, listed["slack:T1:V69"])
	}
	// What Slack tells of itself.
	b.ChangeUser("U1", func(u *slackfake.User) { u.Restricted = true })
	if ev := last(b.seen()); ev.Kind != chat.Told || ev.User.ID != "slack:T1:U1" || ev.User.Standing != chat.Guest || ev.User.Email != "" {
		t.Errorf("got %+v", ev)
	}
	// An event waits for nobody: who it is from is in the store.
	n := len(b.Calls("users.info"))
	b.Command("U1", "C1", "/objection x")
	if ev := last(b.seen()); ev.User != (chat.User{ID: "slack:T1:U1"}) || len(b.Calls("users.info")) != n {
		t.Errorf("got %+v with %d more look-ups", ev.User, len(b.Calls("users.info"))-n)
	}
	// What says nothing of the person vouches for nobody.
	for name, fault := range map[string]slackfake.Fault{"500": {Status: 500}, "429": {Status: 429}, "cut": {Cut: true, Times: 3},
		"an error": {Error: "fatal_error"}} {
		b.Fail("users.info", fault)
		if u, err := b.adapter.LookUp(t.Context(), "slack:T1:U2"); err == nil || u.Standing != chat.Unknown {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
		b.advance(time.Minute)
	}
}

func TestSlowHandler(t *testing.T) {
	release := make(chan struct{})
	b := newBench(t, func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
		<-release
		return desk(ctx, ev)
	})
	time.AfterFunc(2700*time.Millisecond, func() { close(release) })
	ack := b.Command("U1", "C1", "/objection slow")
	if ack.Status != 200 || !strings.Contains(string(ack.Body), "Still working") {
		t.Fatalf("got %d %s", ack.Status, ack.Body)
	}
	b.until("the answer", func() bool { return len(b.Seen("U1")) == 2 })
	if got := last(b.Seen("U1")).Text; got != "Logged: slow" {
		t.Errorf("got %q", got)
	}
	if b.adapter.SlowAnswers() != 1 || !strings.Contains(b.logged(), "slow answer") {
		t.Errorf("counted %d", b.adapter.SlowAnswers())
	}
}

// A form that takes too long stays open with what was typed; sent once more it is the same event.
func TestSlowForm(t *testing.T) {
	both(t, nil, func(t *testing.T, b *bench) {
		held := make(chan struct{})
		release := sync.OnceFunc(func() { close(held) })
		t.Cleanup(release) // before the bot is stopped, which waits
		var once sync.Once
		b.mu.Lock()
		b.reply = func(ctx context.Context, ev chat.Event) (chat.Reply, error) {
			if ev.Kind == chat.Submit {
				once.Do(func() { <-held })
			}
			return desk(ctx, ev)
		}
		b.mu.Unlock()
		b.Command("U1", "C1", "/objection")
		_, faults := b.Submit("U1", map[string]string{"text": "slow", "stage": "demo"})
		if len(faults) != 1 || !strings.Contains(faults["text"], "press Log once more") || b.Modal("U1") == nil {
			t.Fatalf("got %v, modal %v", faults, b.Modal("U1"))
		}
		release()
		b.until("the first one is done", func() bool { return len(b.seen()) == 2 })
		if _, faults := b.Submit("U1", map[string]string{"text": "slow", "stage": "demo"}); len(faults) > 0 || b.Modal("U1") != nil {
			t.Fatalf("the second time: %v, modal %v", faults, b.Modal("U1"))
		}
		seen := b.seen()
		if len(seen) != 3 || seen[1].ID != seen[2].ID {
			t.Errorf("the same form became two events: %+v", seen)
		}
		b.until("an answer", func() bool { return last(b.Seen("U1")).Text == "Sent slow/demo//" })
		b.Command("U1", "C1", "/objection")
		b.Submit("U1", map[string]string{"text": "slow", "stage": "demo"})
		if ev := last(b.seen()); ev.ID == seen[1].ID {
			t.Error("another form with the same text became the same event")
		}
	})
}

func TestCommandNames(t *testing.T) {
	b := newBench(t, desk)
	for line, want := range map[string]string{"/objection x": "objection", "/truce objection x": "truce", "/OBJECTION x": "objection"} {
		b.Command("U1", "C1", line)
		if got := last(b.seen()).Name; got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
	if ev := last(b.seen()); ev.Text == "" {
		t.Errorf("the text is gone: %+v", ev)
	}
}

func last[T any](list []T) (zero T) {
	if len(list) == 0 {
		return zero
	}
	return list[len(list)-1]
}

func jsonOf(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}
