package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack/socketmode"

	"truce/bot/chat"
	"truce/bot/slack/slackfake"
)

// deaf is an adapter whose Slack answers nothing: decoding must not depend on it.
func deaf(tb testing.TB) receiver {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		w.Write([]byte(`{"ok":false,"error":"ratelimited"}`))
	}))
	tb.Cleanup(server.Close)
	a, err := New(Config{Mode: ModeHTTP, BotToken: "xoxb-1", SigningSecret: "s", APIURL: server.URL}, chat.Catalog{}, nothing{},
		func() time.Time { return time.Unix(1790000000, 0) }, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	return receiver{a, chat.HandlerFunc(func(_ context.Context, ev chat.Event) (chat.Reply, error) {
		for _, s := range []string{ev.Text, ev.User.Name} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\u202e") {
				tb.Errorf("unclean text reaches the handlers: %q", s)
			}
		}
		if !strings.HasPrefix(ev.ID, "slack:") || ev.Kind == "" {
			tb.Errorf("event %+v", ev)
		}
		return echo(ev), nil
	})}
}

// echo gives back what it was told, in each way that is answered in the response itself: what goes out by the Web API waits for its
// pace, which is no place for fuzzing.
func echo(ev chat.Event) chat.Reply {
	switch ev.Kind {
	case chat.Command:
		return chat.Reply{Card: &chat.Card{Summary: ev.Text, Blocks: []chat.Block{chat.Quote(ev.Text),
			chat.ButtonRow(chat.Press(ev.Text, "a.b", ev.Text))}, Footer: chat.T(ev.User.Name)}}
	case chat.Suggest:
		return chat.Reply{Options: []chat.Option{{Value: ev.Text, Label: ev.Text, Group: ev.Arg, Hint: ev.Text}, {Value: ev.Arg, Label: ev.Arg}}}
	case chat.Submit:
		var reply chat.Reply
		form := chat.Form{Name: ev.Name, Title: ev.Name, State: ev.Arg}
		for k, v := range ev.Values {
			reply.Faults = append(reply.Faults, chat.Fault{Field: k, Text: v})
			form.Fields = append(form.Fields, chat.Field{Name: k, Label: v, Value: v, Kind: chat.LongText})
		}
		if len(reply.Faults)%2 == 0 {
			return chat.Reply{Form: &form}
		}
		return reply
	}
	return chat.Reply{}
}

// nothing is a memory that holds nothing.
type nothing struct{}

func (nothing) Get(context.Context, string) ([]byte, error)                    { return nil, nil }
func (nothing) Put(context.Context, string, []byte) error                      { return nil }
func (nothing) Delete(context.Context, string) error                           { return nil }
func (nothing) Scan(context.Context, string, func(string, []byte) error) error { return nil }

func FuzzText(f *testing.F) {
	for _, s := range []string{"a &amp;amp; b", "<@U1|rita> <#C1|general> <!here> <!subteam^S1|@sales>",
		"<http://x.example|x.example> <mailto:a@b.c|a@b.c>", "1 < 2 > 0", "<", "<<a>>", "&lt;!channel&gt;", "<|>", "\xff<@>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plainText(s, nil)
		if !utf8.ValidString(got) || len(got) > 4*len(s)+16 {
			t.Errorf("%q became %q", s, got)
		}
		if back := plainText(escape(got), nil); back != got {
			t.Errorf("%q does not survive the way to Slack and back: %q", got, back)
		}
		if strings.ContainsAny(escape(got), "<>") || strings.ContainsAny(literal(got), "<>") {
			t.Errorf("%q is live", got)
		}
	})
}

func FuzzCommand(f *testing.F) {
	f.Add("command=%2Fobjection&text=slow&user_id=U1&team_id=T1&channel_id=C1&trigger_id=1")
	f.Add("command=%2Ftruce&user_id=U1&text=%00%FF&channel_name=mpdm-x&channel_id=G1")
	f.Add("ssl_check=1")
	f.Add(`{"command":"/objection","user_id":"U1","text":"<@U1> *b*","is_enterprise_install":null}`)
	in := deaf(f)
	told := func(t *testing.T, ans ack) {
		r, ok := ans.body.(response)
		if !ok {
			return
		}
		blocks, err := json.Marshal(r.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Blocks) > 0 {
			for _, fault := range slackfake.CheckMessage(blocks) {
				t.Errorf("Slack would refuse %s: %s", blocks, fault)
			}
		}
		if r.Text == "" || strings.ContainsAny(r.Text, "<>") {
			t.Errorf("the text is empty or live: %q", r.Text)
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		if c, err := commandOfForm([]byte(body)); err == nil {
			told(t, in.command(context.Background(), c))
		}
		if c, err := commandOfJSON([]byte(body)); err == nil {
			told(t, in.command(context.Background(), c))
		}
	})
}

func FuzzInteraction(f *testing.F) {
	for _, s := range []string{
		`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"actions":[{"action_id":"a#1","block_id":"sel:1:x","selected_option":{"value":"v"},"action_ts":"1.2"}],"container":{"message_ts":"1.1","channel_id":"C1"}}`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"f","private_metadata":"{\"s\":\"x\"}","state":{"values":{"a":{"v":{"type":"checkboxes","selected_options":[]}}}},"blocks":[{"type":"input","block_id":"a"}]}}`,
		`{"type":"view_closed","user":{"id":"U1"},"view":{"id":"V1","callback_id":"f","private_metadata":"{\"k\":\"meta/x\"}"}}`,
		`{"type":"message_action","callback_id":"s","team":null,"enterprise":{"id":"E1"},"user":{"id":"U1","team_id":"T1"},"message":{"user":"U2","text":"<@U3> &amp;","ts":"1.1"},"channel":{"id":"D1","name":"directmessage"}}`,
		`{"type":"shortcut","callback_id":"s","user":{"id":"U1"},"action_ts":"1.1"}`,
		`{"type":"block_suggestion","user":{"id":"U1"},"action_id":"leads","value":"x","view":{}}`,
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"slack.continue#1","value":"form/x"}]}`,
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"slack.link#1"}]}`,
		`{"type":"block_actions","user":{"id":"U1"},"view":{"id":"V1","type":"home","hash":"h"},"actions":[{"action_id":"a#1","value":"\u0001v\u0001x","action_ts":"9e9"}]}`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"f","submit":null,"state":{"values":{"a":{"v":{"type":"plain_text_input","value":"x"}},"b":{"v":{"type":"datepicker","selected_date":"2026-01-01"}}}},"blocks":[{"type":"section","block_id":"a"},{"type":"input","block_id":"b"}]}}`,
	} {
		f.Add(s)
	}
	in := deaf(f)
	f.Fuzz(func(t *testing.T, s string) {
		in.once = deliveries{} // two inputs may bring the same trigger
		ans := in.interaction(context.Background(), []byte(s))
		if ans.status != 200 && ans.status != 400 {
			t.Errorf("status %d", ans.status)
		}
		raw, err := json.Marshal(ans.body)
		if err != nil {
			t.Fatal(err)
		}
		var told struct {
			Errors map[string]string `json:"errors"`
			View   json.RawMessage   `json:"view"`
		}
		if json.Unmarshal(raw, &told) != nil {
			return // a suggestion's list, or nothing
		}
		p, _ := interactionOf([]byte(s))
		for block := range told.Errors {
			if !p.View.isInput(block) {
				t.Errorf("a fault at %q, which is no input: Slack would show trouble: %s", block, raw)
			}
		}
		if told.View != nil {
			for _, fault := range slackfake.CheckView(told.View) {
				t.Errorf("Slack would refuse %s: %s", told.View, fault)
			}
		}
	})
}

func FuzzEvent(f *testing.F) {
	for _, s := range []string{
		`{"type":"event_callback","team_id":"T1","event_id":"E1","event":{"type":"message","channel_type":"im","channel":"D1","user":"U1","text":"slow","ts":"1.1"}}`,
		`{"type":"event_callback","event":{"type":"app_mention","channel":"C1","user":"U1","text":"<@UBOT> hi","ts":"1.1"},"authorizations":[{"user_id":"UBOT"}]}`,
		`{"type":"event_callback","event":{"type":"member_joined_channel","user":"UBOT","channel":{"id":"C1"}},"authorizations":[{"user_id":"UBOT"}]}`,
		`{"type":"event_callback","event":{"type":"app_home_opened","tab":"home","user":"U1"}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"channel_left","channel":"C1","actor_id":"U1"}}`,
		`{"type":"event_callback","event":{"type":"group_left","channel":{"id":7}}}`,
		`{"type":"event_callback","event":{"type":"tokens_revoked","tokens":{"bot":["U1"]}}}`,
		`{"type":"event_callback","enterprise_id":"E1","event":{"type":"app_uninstalled"}}`,
		`{"type":"app_rate_limited","minute_rate_limited":1}`,
		`{"type":"event_callback","event":{"type":"message","subtype":"message_changed","hidden":true,"channel_type":"im","channel":"D1","message":{"text":"x"}}}`,
		`{"type":"event_callback","event":{"type":"message","subtype":"file_share","channel_type":"im","channel":"D1","user":"U1","user_team":"T2","ts":"99999999999999999999.1","thread_ts":"x"}}`,
		`{"type":"url_verification","challenge":"x"}`, `{"type":"event_callback","event":null}`, `[]`,
	} {
		f.Add(s)
	}
	in := deaf(f)
	f.Fuzz(func(t *testing.T, s string) {
		if ans := in.event(context.Background(), []byte(s), false); ans.status != 200 && ans.status != 400 {
			t.Errorf("status %d", ans.status)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	f.Add("slash_commands", `{"command":"/objection","user_id":"U1","trigger_id":"1"}`)
	f.Add("interactive", `{"type":"shortcut","user":{"id":"U1"}}`)
	f.Add("events_api", `{"type":"event_callback","event":{}}`)
	f.Add("hello", `null`)
	s := &socket{receiver: deaf(f)}
	f.Fuzz(func(t *testing.T, kind, payload string) {
		s.envelope(context.Background(), socketmode.Request{Type: kind, EnvelopeID: "e", Payload: json.RawMessage(payload)})
	})
}

// FuzzAPIAnswer has the Web API and a response URL answer anything: what Slack says is outside input, too.
func FuzzAPIAnswer(f *testing.F) {
	f.Add(200, "", `{"ok":true,"user":{"id":"U1","profile":{}}}`)
	f.Add(200, "", `{"ok":false,"error":"missing_scope","needed":"users:read","response_metadata":{"messages":["x"]}}`)
	f.Add(429, "30", `{"ok":false,"error":"ratelimited"}`)
	f.Add(429, "-1", "")
	f.Add(503, "", "<html>")
	f.Add(302, "", "")
	f.Add(200, "", "ok")
	f.Add(404, "", `{"ok":false,"error":"expired_url"}`)
	f.Fuzz(func(t *testing.T, status int, after, body string) {
		c := newAPI(DefaultAPIURL, "xoxb-secret")
		c.client.Transport = roundTrip(func(*http.Request) *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {after}}, Body: io.NopCloser(strings.NewReader(body))}
		})
		var out struct {
			User userInfo `json:"user"`
		}
		_, err := c.get(context.Background(), "users.info", nil, &out)
		for _, err := range []error{err, c.respond(context.Background(), "https://hooks.slack.com/x", nil),
			c.upload(context.Background(), "https://files.slack.com/x", nil)} {
			var e *apiError
			switch {
			case err == nil && status != http.StatusOK:
				t.Errorf("status %d counts as done", status)
			case err == nil:
			case !errors.As(err, &e):
				t.Errorf("no *apiError: %v", err)
			case e.RetryAfter < 0 || e.RetryAfter > time.Hour:
				t.Errorf("again in %v", e.RetryAfter)
			case e.Unsent:
				t.Errorf("Slack answered, and it counts as unsent: %v", err)
			}
		}
		if out.User.name() != "" && !utf8.ValidString(out.User.name()) {
			t.Errorf("name %q", out.User.name())
		}
	})
}

// roundTrip is a transport without a network.
type roundTrip func(*http.Request) *http.Response

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return r(req), nil }

func FuzzVerify(f *testing.F) {
	f.Add("1790000000", "v0=00", "body")
	f.Add("-9223372036854775808", "v0=", "")
	f.Fuzz(func(t *testing.T, stamp, signature, body string) {
		h := http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {signature}}
		if verify(h, []byte(body), "secret", time.Unix(1790000000, 0)) == nil {
			t.Errorf("a guess was taken: %q %q", stamp, signature)
		}
	})
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"a &amp; b &lt;c&gt;":                    "a & b <c>",
		"&amp;lt;":                               "&lt;",
		"<@U1|rita> and <@U2> and <@U3>":         "@rita and @Mark and @U3",
		"<#C1|general> <#C2>":                    "#general #C2",
		"<!here> <!channel> <!subteam^S1|@team>": "@here @channel @team",
		"<!date^1790000000^{date}|21 Sep>":       "21 Sep",
		"<http://x.example|x.example> <https://y.example> <https://z.example|read &amp; weep>": "x.example https://y.example read & weep " +
			"(https://z.example)",
		"<mailto:a@b.example|a@b.example>": "a@b.example",
		"1 < 2 and 3 > 2":                  "1 < 2 and 3 > 2",
		"  two\nlines\x00\u202e ":          "two\nlines",
	} {
		got := plainText(in, func(id string) string { return map[string]string{"U2": "Mark"}[id] })
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"<@UBOT> top": "top", "hey <@UBOT|truce>: top": "hey top", "<@UBOT2> x": "<@UBOT2> x"} {
		if got := strings.TrimSpace(withoutMention(in, "UBOT")); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestResponseURLsGoToSlackOnly(t *testing.T) {
	api := newAPI(DefaultAPIURL, "xoxb-1")
	for s, want := range map[string]bool{
		"https://hooks.slack.com/actions/T/1/x": true, "https://hooks.slack-gov.com/x": true, "https://slack.com.evil.example/x": false,
		"http://hooks.slack.com/x": false, "https://evilslack.com/x": false, "file:///etc/passwd": false, "https://169.254.169.254/": false,
	} {
		if got := api.slackHost(s); got != want {
			t.Errorf("%s: got %t", s, got)
		}
	}
	err := api.respond(context.Background(), "https://evil.example/secret", map[string]string{})
	if codeOf(err) != "not_slack" || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if u := (url.Error{Op: "Post", URL: "https://hooks.slack.com/secret", Err: context.DeadlineExceeded}); strings.Contains(bare(&u).Error(),
		"secret") {
		t.Error("a response url is in an error")
	}
}
