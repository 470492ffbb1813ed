package teams_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/teams"
	"truce/bot/teams/teamsfake"
)

// world is an adapter behind a real HTTP server, with Microsoft's side faked and a handler that the test writes.
type world struct {
	t       *testing.T
	fake    *teamsfake.Fake
	adapter *teams.Adapter
	mem     *chattest.Memory
	url     string // of POST /api/messages
	logs    *chattest.Log

	mu     sync.Mutex
	now    time.Time
	events []chat.Event
	reply  func(chat.Event) (chat.Reply, error)
	ids    int
	proof  string // a certificate's file, in place of the secret
}

var catalog = chat.Catalog{
	Commands: []chat.CommandInfo{
		{Name: "truce", Usage: "[help | status | my data]", Help: "Help, status, my data.", Examples: []string{"truce"}},
		{Name: "help", Help: "What Truce can do.", Examples: []string{"help"}},
		{Name: "objection", Usage: "[what they say] | top | new", Help: "Log what the field hears and get the best answer.",
			Examples: []string{"objection they say we are too slow"}},
		{Name: "lead", Usage: "ID or e-mail", Help: "Show a lead.", Examples: []string{"lead L-42"}},
		{Name: "dispute", Usage: "LEAD REASON", Help: "Open a case about a lead.", Examples: []string{"dispute L-42 outside ICP"}},
	},
	Shortcuts: []chat.ShortcutInfo{
		{Name: "log-objection", Title: "Log as objection", Help: "Log this message as an objection."},
		{Name: "log-field-note", Title: "Log as field note", Help: "Log this message as a field note."},
		{Name: "new-objection", Title: "New objection", Help: "Log an objection.", Global: true},
	},
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, fake: teamsfake.Start(), mem: &chattest.Memory{}, logs: &chattest.Log{},
		now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	t.Cleanup(w.fake.Close)
	w.fake.Now = w.clock
	w.reply = func(ev chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "You said: " + ev.Text, Blocks: []chat.Block{chat.Para("You said: ", ev.Text)}}}, nil
	}
	w.start()
	return w
}

// start makes the adapter; called again it is a restart with the same memory.
func (w *world) start() {
	w.t.Helper()
	cfg := teams.Config{AppID: teamsfake.AppID, AppPassword: truce.Secret(teamsfake.Password), TenantID: teamsfake.Tenant,
		OpenIDMetadataURL: w.fake.MetadataURL(), TokenURL: w.fake.TokenURL()}
	if w.proof != "" {
		cfg.AppPassword, cfg.Certificate = "", w.proof
	}
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := teams.New(cfg, catalog, w.mem, w.clock, log)
	if err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	a.Mount(mux, w)
	server := httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, w) }()
	w.t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run ended with %v", err)
		}
	})
	w.adapter, w.url = a, server.URL+"/api/messages"
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); w.now = w.now.Add(d); w.mu.Unlock() }

// Handle makes the world the adapter's handler.
func (w *world) Handle(_ context.Context, ev chat.Event) (chat.Reply, error) {
	w.mu.Lock()
	w.events = append(w.events, ev)
	reply := w.reply
	w.mu.Unlock()
	return reply(ev)
}

func (w *world) answer(f func(chat.Event) (chat.Reply, error)) {
	w.mu.Lock()
	w.reply = f
	w.mu.Unlock()
}

// seen takes the events so far.
func (w *world) seen() []chat.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.events
	w.events = nil
	return out
}

// one is the only event since the last look.
func (w *world) one() chat.Event {
	w.t.Helper()
	evs := w.seen()
	if len(evs) != 1 {
		w.t.Fatalf("got %d events, want 1: %+v", len(evs), evs)
	}
	return evs[0]
}

// lacking skips a test that needs what is not installed here; with TRUCE_BROWSER=must, as in CI, that is a failure.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("TRUCE_BROWSER") == "must" {
		t.Fatalf("TRUCE_BROWSER=must: %s", what)
	}
	t.Skip(what)
}

type obj = map[string]any

const (
	anna     = "0a0a0a0a-1111-4222-8333-444444444444"
	annaID   = "29:anna"
	personal = "a:personal-" + anna
	channel  = "19:general@thread.tacv2"
)

// activity is what all activities of Anna in her personal chat have in common.
func (w *world) activity(kind string, more obj) obj {
	w.mu.Lock()
	w.ids++
	id := fmt.Sprintf("in-%d", w.ids)
	w.mu.Unlock()
	act := obj{"type": kind, "id": id, "timestamp": "2026-11-23T10:00:00.1234567Z", "channelId": "msteams", "serviceUrl": w.fake.ServiceURL(),
		"from":         obj{"id": annaID, "name": "Anna Berg", "aadObjectId": anna},
		"recipient":    obj{"id": teamsfake.BotID, "name": "Truce"},
		"conversation": obj{"id": personal, "conversationType": "personal", "tenantId": teamsfake.Tenant},
		"channelData":  obj{"tenant": obj{"id": teamsfake.Tenant}},
		"entities":     []obj{{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "America/New_York"}},
	}
	for k, v := range more {
		act[k] = v
	}
	return act
}

func (w *world) said(text string) obj { return w.activity("message", obj{"text": text}) }

// inChannel is an activity as it comes from a thread of a channel.
func (w *world) inChannel(act obj) obj {
	act["conversation"] = obj{"id": channel + ";messageid=1700", "conversationType": "channel", "tenantId": teamsfake.Tenant, "isGroup": true}
	act["channelData"] = obj{"tenant": obj{"id": teamsfake.Tenant}, "team": obj{"id": "19:team@thread.tacv2"},
		"channel": obj{"id": channel, "name": "lead-disputes"}}
	return act
}

func (w *world) invoke(name string, value any, more obj) obj {
	act := w.activity("invoke", obj{"name": name, "value": value})
	for k, v := range more {
		act[k] = v
	}
	return act
}

// deliver hands an activity over, signed, and wants the status. Two seconds pass, so that Teams' limits are no matter.
func (w *world) deliver(act obj, want int) []byte {
	w.t.Helper()
	w.pass(2 * time.Second)
	status, body, err := w.fake.Deliver(w.url, act)
	if err != nil {
		w.t.Fatal(err)
	}
	if status != want {
		w.t.Fatalf("got status %d, want %d; logs:\n%s", status, want, w.logs)
	}
	return body
}

// answered is an invoke's answer.
func (w *world) answered(act obj) obj {
	w.t.Helper()
	var out obj
	if err := json.Unmarshal(w.deliver(act, http.StatusOK), &out); err != nil {
		w.t.Fatalf("invoke answer: %v", err)
	}
	return out
}

// path walks into JSON: path(v, "task", "value", "card").
func path(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// find returns all objects in v that have the member with the value.
func find(v any, member string, value any) []map[string]any {
	var out []map[string]any
	switch v := v.(type) {
	case map[string]any:
		if v[member] == value {
			out = append(out, v)
		}
		for _, x := range v {
			out = append(out, find(x, member, value)...)
		}
	case []any:
		for _, x := range v {
			out = append(out, find(x, member, value)...)
		}
	}
	return out
}

func text(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}
