package slack_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
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

const secret = truce.Secret("8f742231b10e8888abcd99yyyzzz85a5")

// moment is now in these tests.
var moment = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// bench is an adapter in a fake Slack, with handlers that remember what they were given.
type bench struct {
	*slackfake.Fake
	t       *testing.T
	adapter *slack.Adapter
	mem     *chattest.Memory
	server  *httptest.Server // mode http
	log     *chattest.Log
	stop    func() error // ends Run

	mu     sync.Mutex
	now    time.Time
	events []chat.Event
	reply  chat.HandlerFunc
}

// newBench makes one over HTTP, not yet running.
func newBench(t *testing.T, reply chat.HandlerFunc) *bench {
	return makeBench(t, slack.ModeHTTP, &chattest.Memory{}, reply)
}

func makeBench(t *testing.T, mode string, mem *chattest.Memory, reply chat.HandlerFunc) *bench {
	t.Helper()
	b := &bench{Fake: slackfake.New(), t: t, mem: mem, now: moment, reply: reply, log: &chattest.Log{}}
	t.Cleanup(b.Fake.Close)
	b.Fake.Now = b.clock
	b.adapter = b.newAdapter(mode)
	if mode == slack.ModeHTTP {
		mux := http.NewServeMux()
		b.adapter.Mount(mux, b)
		b.server = httptest.NewServer(mux)
		b.BotURL = b.server.URL
		t.Cleanup(b.server.Close)
	}
	return b
}

func (b *bench) newAdapter(mode string) *slack.Adapter {
	b.t.Helper()
	a, err := slack.New(slack.Config{Mode: mode, BotToken: "xoxb-fake", AppToken: "xapp-fake", SigningSecret: secret,
		APIURL: strings.TrimSuffix(b.APIURL(), "/")},
		catalog, b.mem, b.clock, slog.New(slog.NewTextHandler(b.log, nil)))
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// run starts the adapter and waits until it is ready.
func (b *bench) run() *bench {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.adapter.Run(ctx, b) }()
	b.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	b.t.Cleanup(func() {
		if err := b.stop(); err != nil {
			b.t.Errorf("Run: %v", err)
		}
	})
	b.until("ready", func() bool { return b.adapter.Ready() == nil })
	return b
}

// until waits for what happens in the background.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatalf("waited in vain: %s\n%s", what, b.logged())
}

// both runs a test over HTTP and over Socket Mode.
func both(t *testing.T, reply chat.HandlerFunc, fn func(t *testing.T, b *bench)) {
	for _, mode := range []string{slack.ModeHTTP, slack.ModeSocket} {
		t.Run(mode, func(t *testing.T) { fn(t, makeBench(t, mode, &chattest.Memory{}, reply).run()) })
	}
}

// advance moves the clock.
func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// catalog is what Truce can do in these tests.
var catalog = chat.Catalog{
	Commands: []chat.CommandInfo{
		{Name: "objection", Usage: "[what they say]", Help: "Log an objection and get the best answer."},
		{Name: "truce", Usage: "[anything]", Help: "Help, status and everything else."},
	},
	Shortcuts: []chat.ShortcutInfo{
		{Name: "log.objection", Title: "Log as objection", Help: "Log this message as an objection."},
		{Name: "new.objection", Title: "Log an objection", Help: "Log an objection from anywhere.", Global: true},
	},
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// Handle remembers the event, and replies.
func (b *bench) Handle(ctx context.Context, ev chat.Event) (chat.Reply, error) {
	b.mu.Lock()
	b.events = append(b.events, ev)
	reply := b.reply
	b.mu.Unlock()
	return reply(ctx, ev)
}

func (b *bench) seen() []chat.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

func (b *bench) logged() string { return b.log.String() }

// request is a signed request of Slack's.
func (b *bench) request(path, body string) *http.Request {
	r, err := http.NewRequest("POST", b.server.URL+"/slack/"+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	sign(r, body, moment)
	return r
}

func sign(r *http.Request, body string, at time.Time) {
	slackfake.Sign(r, string(secret), body, at)
}

func (b *bench) do(r *http.Request) (int, string) {
	b.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
