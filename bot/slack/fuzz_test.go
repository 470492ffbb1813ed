package slack

import (
	"context"
	"encoding/json"
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
)

// deaf is an adapter whose Slack answers nothing: decoding must not depend on it.
func deaf(tb testing.TB) intake {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(`{"ok":false,"error":"ratelimited"}`)) }))
	tb.Cleanup(server.Close)
	a, err := New(Config{Mode: ModeHTTP, BotToken: "xoxb-1", SigningSecret: "s", APIURL: server.URL}, chat.Catalog{}, nothing{}, func() time.Time { return time.Unix(1790000000, 0) }, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	return intake{a, chat.HandlerFunc(func(_ context.Context, ev chat.Event) (chat.Reply, error) {
		for _, s := range []string{ev.Text, ev.User.Name} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\u202e") {
				tb.Errorf("unclean text reaches the handlers: %q", s)
			}
		}
		if !strings.HasPrefix(ev.ID, "slack:") || ev.Kind == "" {
			tb.Errorf("event %+v", ev)
		}
		return chat.Reply{}, nil
	})}
}

// nothing is a memory that holds nothing.
type nothing struct{}

func (nothing) Get(context.Context, string) ([]byte, error)                    { return nil, nil }
func (nothing) Put(context.Context, string, []byte) error                      { return nil }
func (nothing) Delete(context.Context, string) error                           { return nil }
func (nothing) Scan(context.Context, string, func(string, []byte) error) error { return nil }

func FuzzText(f *testing.F) {
	for _, s := range []string{"a &amp;amp; b", "<@U1|rita> <#C1|general> <!here> <!subteam^S1|@sales>", "<http://x.example|x.example> <mailto:a@b.c|a@b.c>", "1 < 2 > 0", "<", "<<a>>", "&lt;!channel&gt;", "<|>", "\xff<@>"} {
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
	f.Add(`{"command":"/objection","user_id":"U1","is_enterprise_install":null}`)
	in := deaf(f)
	f.Fuzz(func(t *testing.T, body string) {
		if c, err := commandOfForm([]byte(body)); err == nil {
			in.command(context.Background(), c)
		}
		if c, err := commandOfJSON([]byte(body)); err == nil {
			in.command(context.Background(), c)
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
	} {
		f.Add(s)
	}
	in := deaf(f)
	f.Fuzz(func(t *testing.T, s string) {
		ans := in.interaction(context.Background(), []byte(s))
		if ans.status != 200 && ans.status != 400 {
			t.Errorf("status %d", ans.status)
		}
		if _, err := json.Marshal(ans.body); err != nil {
			t.Error(err)
		}
	})
}

func FuzzEvent(f *testing.F) {
	for _, s := range []string{
		`{"type":"event_callback","team_id":"T1","event_id":"E1","event":{"type":"message","channel_type":"im","channel":"D1","user":"U1","text":"slow","ts":"1.1"}}`,
		`{"type":"event_callback","event":{"type":"app_mention","channel":"C1","user":"U1","text":"<@UBOT> hi","ts":"1.1"},"authorizations":[{"user_id":"UBOT"}]}`,
		`{"type":"event_callback","event":{"type":"member_joined_channel","user":"UBOT","channel":{"id":"C1"}},"authorizations":[{"user_id":"UBOT"}]}`,
		`{"type":"event_callback","event":{"type":"app_home_opened","tab":"home","user":"U1"}}`,
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
	s := &socket{intake: deaf(f)}
	f.Fuzz(func(t *testing.T, kind, payload string) {
		s.envelope(context.Background(), socketmode.Request{Type: kind, EnvelopeID: "e", Payload: json.RawMessage(payload)})
	})
}

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
		"<http://x.example|x.example> <https://y.example> <https://z.example|read &amp; weep>": "x.example https://y.example read & weep (https://z.example)",
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
	if u := (url.Error{Op: "Post", URL: "https://hooks.slack.com/secret", Err: context.DeadlineExceeded}); strings.Contains(bare(&u).Error(), "secret") {
		t.Error("a response url is in an error")
	}
}
