package slack_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/slack"
)

const secret = truce.Secret("8f742231b10e8888abcd99yyyzzz85a5")

// moment is now in these tests.
var moment = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// bench is an adapter over HTTP, with handlers that remember what they were given.
type bench struct {
	t       *testing.T
	adapter *slack.Adapter
	mem     *memory
	server  *httptest.Server
	log     *lockedBuffer

	mu     sync.Mutex
	now    time.Time
	events []chat.Event
	reply  chat.HandlerFunc
}

func newBench(t *testing.T, reply chat.HandlerFunc) *bench {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"ok":true,"user":{"id":"U1","team_id":"T1","profile":{"email":"rita@quillwater.example"}}}`)
	}))
	t.Cleanup(api.Close)
	b := &bench{t: t, mem: newMemory(), now: moment, reply: reply, log: &lockedBuffer{}}
	var err error
	b.adapter, err = slack.New(slack.Config{Mode: slack.ModeHTTP, BotToken: "xoxb-1", SigningSecret: secret, APIURL: api.URL + "/api"},
		catalog, b.mem, b.clock, slog.New(slog.NewTextHandler(b.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	b.adapter.Mount(mux, b)
	b.server = httptest.NewServer(mux)
	t.Cleanup(b.server.Close)
	return b
}

// catalog is what Truce can do in these tests.
var catalog = chat.Catalog{
	Commands: []chat.CommandInfo{
		{Name: "objection", Usage: "[what they say]", Help: "Log an objection and get the best answer."},
		{Name: "truce", Usage: "[anything]", Help: "Help, status and everything else."},
	},
	Shortcuts: []chat.ShortcutInfo{{Name: "log.objection", Title: "Log as objection", Help: "Log this message as an objection."}},
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
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
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

// memory is a chat.Memory in a map.
type memory struct {
	mu sync.Mutex
	m  map[string][]byte
}

func newMemory() *memory { return &memory{m: map[string][]byte{}} }

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.m[key], nil
}

func (m *memory) Put(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.m[key] = bytes.Clone(value)
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.m, key)
	return nil
}

func (m *memory) Scan(_ context.Context, prefix string, fn func(string, []byte) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(m.m)) {
		if strings.HasPrefix(k, prefix) {
			if err := fn(k, m.m[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lockedBuffer is a log that may be read meanwhile.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
