package slack_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
)

func TestHTTP(t *testing.T) {
	handler := func(_ context.Context, ev chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "Logged: " + ev.Text}}, nil
	}
	command := "command=%2Fobjection&text=too+slow+%26amp%3B+dear&user_id=U1&user_name=rita&team_id=T1&channel_id=C1&trigger_id=1.2&response_url=https%3A%2F%2Fhooks.slack.com%2Fx"
	tests := []struct {
		name   string
		path   string
		body   string
		change func(*http.Request)
		status int
		answer string
		events int
	}{
		{name: "a command is answered in the response", path: "commands", body: command, status: 200, answer: "Logged: too slow &amp; dear",
			events: 1},
		{name: "a wrong signature is refused", path: "commands", body: command,
			change: func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("ab", 32)) }, status: 401},
		{name: "a missing signature is refused", path: "commands", body: command,
			change: func(r *http.Request) { r.Header.Del("X-Slack-Signature") }, status: 401},
		{name: "a missing time is refused", path: "commands", body: command,
			change: func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }, status: 401},
		{name: "a stale request is refused", path: "commands", body: command,
			change: func(r *http.Request) { sign(r, command, moment.Add(-5*time.Minute-time.Second)) }, status: 401},
		{name: "a request from the future is refused", path: "commands", body: command,
			change: func(r *http.Request) { sign(r, command, moment.Add(5*time.Minute+time.Second)) }, status: 401},
		{name: "five minutes are allowed", path: "commands", body: command,
			change: func(r *http.Request) { sign(r, command, moment.Add(-5*time.Minute)) }, status: 200, answer: "Logged", events: 1},
		{name: "a broken form is bad", path: "commands", body: "command=%zz", status: 400},
		{name: "a form without a command is bad", path: "commands", body: "text=x", status: 400},
		{name: "a certificate check is answered", path: "commands", body: "ssl_check=1&token=x", status: 200},
		{name: "more than a mebibyte is too large", path: "commands", body: strings.Repeat("x", 1<<20+1), status: 413},
		{name: "broken JSON is bad", path: "events", body: "{", status: 400},
		{name: "a broken payload is bad", path: "interactions", body: "payload=%7B", status: 400},
		{name: "an unknown interaction is acknowledged", path: "interactions", body: "payload=" + `{"type":"new_thing","user":{"id":"U1"}}`,
			status: 200},
		{name: "the address is verified", path: "events", body: `{"type":"url_verification","challenge":"abc"}`, status: 200,
			answer: `{"challenge":"abc"}`},
		{name: "an unknown event is acknowledged", path: "events",
			body: `{"type":"event_callback","team_id":"T1","event_id":"E1","event":{"type":"emoji_changed"}}`, status: 200},
		{name: "an event of unknown shape is acknowledged", path: "events",
			body: `{"type":"event_callback","team_id":"T1","event_id":"E1","event":{"type":7}}`, status: 200},
		{name: "an unknown delivery is acknowledged", path: "events", body: `{"type":"brand_new"}`, status: 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, handler)
			r := b.request(tt.path, tt.body)
			if tt.change != nil {
				tt.change(r)
			}
			status, answer := b.do(r)
			if status != tt.status || !strings.Contains(answer, tt.answer) {
				t.Errorf("got %d %q, want %d with %q", status, answer, tt.status, tt.answer)
			}
			if got := len(b.seen()); got != tt.events {
				t.Errorf("the handlers got %d events, want %d", got, tt.events)
			}
			if strings.Contains(b.logged(), "abababab") || strings.Contains(b.logged(), string(secret)) {
				t.Errorf("a signature or secret is in the log: %s", b.logged())
			}
		})
	}
}
