package teams_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

func TestAMessageIsAnsweredByACard(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.said("they say we are too slow"), http.StatusOK)
	ev := w.one()
	if ev.Kind != chat.Message || ev.Text != "they say we are too slow" || ev.Place.Kind != chat.DM || !ev.Source.IsZero() {
		t.Errorf("event = %+v", ev)
	}
	if want := time.Date(2026, 11, 23, 10, 0, 0, 123456700, time.UTC); !ev.At.Equal(want) {
		t.Errorf("at = %v, want %v", ev.At, want)
	}
	if want := "teams:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee:" + anna; ev.User.ID != want || ev.User.Name != "Anna Berg" ||
		ev.User.Zone != "America/New_York" {
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

func TestWordsAreCommands(t *testing.T) {
	w := newWorld(t)
	bot := obj{"type": "mention", "text": "<at>Truce</at>", "mentioned": obj{"id": teamsfake.BotID, "name": "Truce"}}
	carl := obj{"type": "mention", "text": "<at>Carl</at>", "mentioned": obj{"id": "29:carl", "name": "Carl"}}
	for _, c := range []struct {
		text     string
		entities []obj
		kind     chat.Kind
		name     string
		want     string
	}{
		{"objection they say we are too slow", nil, chat.Command, "objection", "they say we are too slow"},
		{"/objection they say", nil, chat.Command, "objection", "they say"},
		{"Objection they say", nil, chat.Command, "objection", "they say"},
		{"objection", nil, chat.Command, "objection", ""},
		{"truce objection too slow", nil, chat.Command, "objection", "too slow"},
		{"/truce lead L-42", nil, chat.Command, "lead", "L-42"},
		{"truce", nil, chat.Command, "truce", ""},
		{"truce my data", nil, chat.Command, "truce", "my data"},
		{"help", nil, chat.Command, "help", ""},
		{"<at>Truce</at> help", []obj{bot}, chat.Command, "help", ""},
		{"<at>Truce</at>&nbsp;dispute L-42 outside ICP\n", []obj{bot}, chat.Command, "dispute", "L-42 outside ICP"},
		{"dispute L-42 <at>Truce</at> said <at>Carl</at> &amp; co &lt;b&gt;", []obj{bot, carl}, chat.Command, "dispute",
			"L-42   said @Carl & co <b>"},
		{"<at>Truce</at> objection <at>Truce</at> is slow", []obj{bot}, chat.Command, "objection", "Truce is slow"},
		{"objection line one\n\nline two", nil, chat.Command, "objection", "line one\n\nline two"},
		{"objections are many", nil, chat.Message, "", "objections are many"},
		{"they say objection", nil, chat.Message, "", "they say objection"},
		{"", nil, chat.Message, "", ""},
		{"home", nil, chat.HomeOpened, "", ""},
		{"truce Home", nil, chat.Command, "truce", "Home"},
		{"home is where", nil, chat.Message, "", "home is where"},
	} {
		t.Run(c.text, func(t *testing.T) {
			act := w.said(c.text)
			if c.entities != nil {
				act["entities"] = c.entities
			}
			w.deliver(act, 200)
			if ev := w.one(); ev.Kind != c.kind || ev.Name != c.name || ev.Text != c.want {
				t.Errorf("got %s %q %q, want %s %q %q", ev.Kind, ev.Name, ev.Text, c.kind, c.name, c.want)
			}
		})
	}
}

func TestARepeatedActivityIsAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	act := w.said("objection too slow")
	w.deliver(act, 200)
	first := w.one().ID
	w.deliver(act, 200)
	w.start() // a restart does not make it forget
	w.deliver(act, 200)
	for _, ev := range w.seen() {
		if ev.ID != first {
			t.Errorf("the repeat has the id %s, the first %s", ev.ID, first)
		}
	}
	if got := len(w.fake.Messages(personal)); got != 1 {
		t.Errorf("got %d answers, want 1", got)
	}
}

func TestDeliveriesAtTheSameTimeAreOne(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.answer(func(chat.Event) (chat.Reply, error) {
		<-hold
		return chat.Reply{Card: &chat.Card{Summary: "once"}}, nil
	})
	act := w.said("objection too slow")
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			if status, _, err := w.fake.Deliver(w.url, act); err != nil || status != 200 {
				t.Errorf("got %d, %v", status, err)
			}
		}()
	}
	time.Sleep(50 * time.Millisecond) // lets all four arrive; fewer would prove less, not fail
	close(hold)
	all.Wait()
	if got := len(w.fake.Messages(personal)); got != 1 {
		t.Errorf("got %d answers, want 1", got)
	}
}

func TestWhatWasNotStoredIsDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "Something went wrong (ref 7K2Q)"}}, errors.New("disk full")
	})
	act := w.said("objection too slow")
	w.deliver(act, 500)
	w.deliver(act, 500)
	w.answer(func(chat.Event) (chat.Reply, error) { return chat.Reply{Card: &chat.Card{Summary: "Logged"}}, nil })
	w.deliver(act, 200)
	msgs := w.fake.Messages(personal)
	if len(msgs) != 1 || !strings.Contains(text(msgs[0].Card), "Logged") {
		t.Errorf("the news of the failure should have become the answer: %+v", msgs)
	}
}

func TestAPanicIsAFailure(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) { panic("boom") })
	w.deliver(w.said("hello"), 500)
	w.answer(func(chat.Event) (chat.Reply, error) { return chat.Reply{}, nil })
	w.deliver(w.said("hello"), 200)
}

func TestInAChannel(t *testing.T) {
	saidAside := func(m teamsfake.Message) bool { // in the thread where it was asked, and nothing else
		return m.Conversation == channel+";messageid=1700" && strings.Contains(text(m.Card), `"fallbackText":"I answered you privately."`)
	}
	secret := chat.Reply{Card: &chat.Card{Summary: "for Anna alone", Blocks: []chat.Block{chat.Para("for Anna alone")}}}
	t.Run("what all may see stays in the thread", func(t *testing.T) {
		w := newWorld(t)
		w.answer(func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Card: &chat.Card{Summary: "help"}, Public: true}, nil
		})
		w.deliver(w.inChannel(w.said("help")), 200)
		ev := w.one()
		if ev.Place.Kind != chat.Channel || ev.Place.Thread != "1700" || ev.Place.Name != "lead-disputes" ||
			!strings.HasSuffix(ev.Place.ID, ":"+channel) {
			t.Errorf("place = %+v", ev.Place)
		}
		msgs := w.fake.Messages("")
		if len(msgs) != 1 || msgs[0].Conversation != channel+";messageid=1700" {
			t.Errorf("messages = %+v", msgs)
		}
	})
	t.Run("help is answered where it was asked, for everyone", func(t *testing.T) {
		w := newWorld(t)
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", TenantID: teamsfake.Tenant})
		w.answer(func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Card: &chat.Card{Summary: "what you can type"}, Open: true}, nil
		})
		for i, said := range []string{"help", "truce", "objection help", "truce help", "Truce Help objection"} {
			w.deliver(w.inChannel(w.said(said)), 200)
			msgs := w.fake.Messages("")
			if len(msgs) != i+1 || msgs[i].Conversation != channel+";messageid=1700" {
				t.Errorf("%q: messages = %+v", said, msgs)
			}
		}
	})
	t.Run("a guest who asks for help is told so alone", func(t *testing.T) {
		w := newWorld(t)
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", TenantID: teamsfake.Tenant, UserRole: "guest"})
		w.answer(func(chat.Event) (chat.Reply, error) { return secret, nil })
		w.deliver(w.inChannel(w.said("help")), 200)
		if msgs := w.fake.Messages(""); len(msgs) != 2 || msgs[0].Conversation != personal || !saidAside(msgs[1]) {
			t.Errorf("messages = %+v", msgs)
		}
	})
	t.Run("what one may see goes to their own chat", func(t *testing.T) {
		w := newWorld(t)
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg"})
		w.answer(func(chat.Event) (chat.Reply, error) { return secret, nil })
		w.deliver(w.inChannel(w.said("objection too slow")), 200)
		msgs := w.fake.Messages("")
		if len(msgs) != 2 || msgs[0].Conversation != personal || !strings.Contains(text(msgs[0].Card), "for Anna alone") || !saidAside(msgs[1]) {
			t.Errorf("messages = %+v", msgs)
		}
	})
	t.Run("a form too, as a card", func(t *testing.T) {
		w := newWorld(t)
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg"})
		w.answer(func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Form: &chat.Form{Name: "objection.new", Title: "Log an objection",
				Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: "What did they say?"}}}}, nil
		})
		w.deliver(w.inChannel(w.said("objection")), 200)
		msgs := w.fake.Messages("")
		if len(msgs) != 2 || msgs[0].Conversation != personal || len(find(msgs[0].Card, "type", "Input.Text")) != 1 || !saidAside(msgs[1]) {
			t.Errorf("messages = %+v", msgs)
		}
	})
	t.Run("where there is none, a note says so and nothing else", func(t *testing.T) {
		w := newWorld(t)
		w.answer(func(chat.Event) (chat.Reply, error) { return secret, nil })
		w.deliver(w.inChannel(w.said("objection too slow")), 200)
		msgs := w.fake.Messages("")
		if len(msgs) != 1 || !strings.HasPrefix(msgs[0].Conversation, channel) || strings.Contains(text(msgs[0]), "Anna alone") ||
			!strings.Contains(text(msgs[0].Card), "choose Add") {
			t.Errorf("messages = %+v", msgs)
		}
		// She adds the app; the next answer reaches her.
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg"})
		w.deliver(w.inChannel(w.said("objection too slow")), 200)
		if got := w.fake.Messages(personal); len(got) != 1 {
			t.Errorf("her own chat has %+v", got)
		}
	})
}

// TestInAGroupChat: a chat of several people is like a channel without threads.
func TestInAGroupChat(t *testing.T) {
	w := newWorld(t)
	w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "anna@quillwater.example",
		TenantID: teamsfake.Tenant})
	const group = "19:meeting@thread.v2"
	in := func(act obj) obj {
		act["conversation"] = obj{"id": group, "conversationType": "groupChat", "tenantId": teamsfake.Tenant, "isGroup": true,
			"name": "Northfield deal"}
		return act
	}
	card := func(text string, public bool) func(chat.Event) (chat.Reply, error) {
		return func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Public: public, Card: &chat.Card{Summary: text,
				Blocks: []chat.Block{chat.Para(text), chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-1"))}}}, nil
		}
	}
	last := func() teamsfake.Message { m := w.fake.Messages(""); return m[len(m)-1] }

	w.answer(card("welcome", false))
	w.deliver(in(w.activity("installationUpdate", obj{"action": "add"})), 200)
	w.deliver(in(w.activity("conversationUpdate", obj{"membersAdded": []obj{{"id": teamsfake.BotID}}})), 200)
	if m := w.fake.Messages(group); len(m) != 1 {
		t.Fatalf("the chat is greeted %d times", len(m))
	}
	if ev := w.seen()[0]; ev.Kind != chat.Joined || ev.Place.Kind != chat.Group || ev.Place.Name != "Northfield deal" ||
		ev.Place.Thread != "" {
		t.Errorf("joined %+v", ev)
	}
	mentioned := func(words string) obj {
		return in(w.activity("message", obj{"text": "<at>Truce</at> " + words,
			"entities": []obj{{"type": "mention", "text": "<at>Truce</at>", "mentioned": obj{"id": teamsfake.BotID}}}}))
	}
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "what you can type"}, Open: true}, nil
	})
	w.deliver(mentioned("help"), 200)
	if last().Conversation != group {
		t.Errorf("help stands in %s", last().Conversation)
	}
	w.answer(card("for Anna alone", false))
	w.deliver(mentioned("objection too slow"), 200)
	if ev := w.seen()[1]; ev.Kind != chat.Command || ev.Name != "objection" || ev.Text != "too slow" {
		t.Errorf("event = %+v", ev)
	}
	if all := w.fake.Messages(""); all[len(all)-2].Conversation != personal || last().Conversation != group ||
		!strings.Contains(text(last().Card), `"fallbackText":"I answered you privately."`) {
		t.Errorf("what is for one person stands in %s, and in the chat %s", all[len(all)-2].Conversation, text(last().Card))
	}
	w.answer(card("a case for all", true))
	w.deliver(mentioned("dispute show D-1"), 200)
	posted := last()
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		if ev.Source.ID != posted.ID || ev.Place.Kind != chat.Group {
			t.Errorf("pressed %+v", ev)
		}
		return chat.Reply{Replace: true, Card: &chat.Card{Summary: "upheld"}}, nil
	})
	w.answered(in(w.pressing("dispute.uphold", "D-1", obj{"replyToId": posted.ID})))
	for deadline := time.Now().Add(5 * time.Second); last().Edits == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
	}
	if m := last(); posted.Conversation != group || m.Edits != 1 || !strings.Contains(text(m.Card), "upheld") {
		t.Errorf("the card in the chat is %s after %d edits", text(m.Card), m.Edits)
	}
	// Written to of itself: no thread is made, as it is in a channel.
	ref, err := w.adapter.Send(t.Context(), chat.Outgoing{Key: "k", To: chat.Place{ID: userID(group), Kind: chat.Group},
		Card: chat.Card{Summary: "a digest"}})
	if err != nil || ref.Place.Thread != "" || last().Conversation != group {
		t.Errorf("sent to %+v, %v", ref, err)
	}
	w.answer(card("bye", false))
	w.deliver(in(w.activity("conversationUpdate", obj{"membersRemoved": []obj{{"id": teamsfake.BotID}}})), 200)
	if keys := w.mem.Keys("conversation/" + teamsfake.Tenant + ":" + group); len(keys) != 0 {
		t.Errorf("after the removal is kept %v", keys)
	}
}

func TestWelcome(t *testing.T) {
	welcome := func(ev chat.Event) (chat.Reply, error) {
		if ev.Kind == chat.Joined {
			return chat.Reply{Card: &chat.Card{Summary: "Welcome"}}, nil
		}
		return chat.Reply{Card: &chat.Card{Summary: "an answer"}}, nil
	}
	installed := func(w *world) obj { return w.activity("installationUpdate", obj{"action": "add"}) }
	added := func(w *world) obj {
		return w.activity("conversationUpdate", obj{"membersAdded": []obj{{"id": annaID}, {"id": teamsfake.BotID}}})
	}
	t.Run("one card, whatever Teams tells", func(t *testing.T) {
		w := newWorld(t)
		w.answer(welcome)
		w.deliver(installed(w), 200)
		w.deliver(added(w), 200)
		w.deliver(added(w), 200)
		if got := len(w.fake.Messages(personal)); got != 1 {
			t.Errorf("got %d messages, want 1", got)
		}
	})
	t.Run("none beside an answer", func(t *testing.T) {
		w := newWorld(t)
		w.answer(welcome)
		w.deliver(w.said("help"), 200)
		w.deliver(added(w), 200)
		if msgs := w.fake.Messages(personal); len(msgs) != 1 || msgs[0].Activity["summary"] != "an answer" {
			t.Errorf("messages = %+v", msgs)
		}
	})
	t.Run("somebody else joining is none of our business", func(t *testing.T) {
		w := newWorld(t)
		w.answer(welcome)
		w.deliver(w.inChannel(w.activity("conversationUpdate", obj{"membersAdded": []obj{{"id": "29:carl"}}})), 200)
		if evs := w.seen(); len(evs) != 0 || len(w.fake.Messages("")) != 0 {
			t.Errorf("events = %+v", evs)
		}
	})
	t.Run("again after a removal", func(t *testing.T) {
		w := newWorld(t)
		w.answer(welcome)
		w.deliver(added(w), 200)
		w.seen()
		w.deliver(w.activity("installationUpdate", obj{"action": "remove"}), 200)
		if ev := w.one(); ev.Kind != chat.Left || ev.Place.IsZero() {
			t.Errorf("event = %+v", ev)
		}
		if keys := w.mem.Keys("conversation/"); len(keys) != 0 {
			t.Errorf("still remembered: %v", keys)
		}
		w.deliver(installed(w), 200)
		if got := len(w.fake.Messages(personal)); got != 2 {
			t.Errorf("got %d messages, want 2", got)
		}
	})
}

func TestValuesOfAllShapesDecode(t *testing.T) {
	w := newWorld(t)
	for _, value := range []any{"a string", []any{1, "two"}, 3, true, nil, obj{"x": 1}, `{"truce":{"a":"from.string"}}`} {
		act := w.said("hello")
		act["value"] = value
		w.deliver(act, 200)
		ev := w.one()
		if value == `{"truce":{"a":"from.string"}}` {
			if ev.Kind != chat.Action || ev.Name != "from.string" {
				t.Errorf("a button's data as a string: %+v", ev)
			}
		} else if ev.Kind != chat.Message || ev.Text != "hello" {
			t.Errorf("value %v: %+v", value, ev)
		}
	}
}
