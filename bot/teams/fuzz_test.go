package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/teams/teamsfake"
)

// unreachableFake is an adapter whose network leads nowhere, with a handler that says little.
func unreachableFake(t testing.TB) *Adapter {
	cfg := Config{AppID: teamsfake.AppID, AppPassword: truce.Secret("x"), TenantID: teamsfake.Tenant, OpenIDMetadataURL: "http://127.0.0.1:1/",
		TokenURL: "http://127.0.0.1:1/"}
	a, err := New(cfg, chat.Catalog{Commands: []chat.CommandInfo{{Name: "objection"}, {Name: "truce"}}}, &chattest.Memory{},
		func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	a.conn.http.RetryMax = 0
	a.handler = chat.HandlerFunc(func(_ context.Context, ev chat.Event) (chat.Reply, error) {
		if tenant, _, ok := splitID(ev.Place.ID); !ok || tenant != teamsfake.Tenant || ev.ID == "" {
			t.Errorf("an event without a place of ours: %+v", ev)
		}
		if strings.ContainsRune(ev.Text, 0) || !utf8.ValidString(ev.Text) {
			t.Errorf("text %q", ev.Text)
		}
		return chat.Reply{Faults: []chat.Fault{{Field: "why", Text: "no"}}}, nil
	})
	return a
}

func FuzzActivity(f *testing.F) {
	a := unreachableFake(f)
	head := `"id":"1","channelId":"msteams","serviceUrl":"https://smba.example/","from":{"id":"29:a"},"recipient":{"id":"28:b"},"conversation":{"id":"a:1","tenantId":"` + teamsfake.Tenant + `"}`
	for _, seed := range []string{
		`{"type":"message","text":"<at>Truce</at>&nbsp;objection too slow","entities":[{"type":"mention","text":"<at>Truce</at>","mentioned":{"id":"28:b"}}],` + head + `}`,
		`{"type":"invoke","name":"adaptiveCard/action","value":{"action":{"data":{"truce":{"a":"x","g":"y"}}}},` + head + `}`,
		`{"type":"invoke","name":"task/submit","value":{"data":{"truce":{"f":"x","k":"000000000000000000000000"},"field-why":1e3}},` + head + `}`,
		`{"type":"invoke","name":"composeExtension/fetchTask","value":{"commandId":"c","messagePayload":{"body":{"content":"<p>x</p>"},"from":{"user":null}}},` + head + `}`,
		`{"type":"invoke","name":"composeExtension/query","value":{"parameters":[{"name":"text","value":[]}]},` + head + `}`,
		`{"type":"conversationUpdate","membersAdded":[{"id":"28:b"}],` + head + `}`,
		`{"type":"installationUpdate","action":"remove",` + head + `}`,
		`{"type":"message","value":"[1]","channelData":[],` + head + `}`, `{}`, `null`, `[]`, `{"type":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req := httptest.NewRequest(http.MethodPost, "/api/messages", bytes.NewReader(body))
		req.Header.Set("Authorization", "Bearer x.y.z")
		in, status, err := a.decode(req, body, voucher{serviceURL: "https://smba.example/"})
		if err != nil {
			if status < 400 || status > 499 {
				t.Errorf("refused with %d: %v", status, err)
			}
			return
		}
		if in.ServiceURL == "" || in.checkTenant(teamsfake.Tenant) != nil {
			t.Errorf("not ours, and let in: %+v", in)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var ans response
		if in.Type == "invoke" {
			ans = a.invoke(ctx, in).answer
		} else {
			ans = a.dispatch(ctx, in)
		}
		if ans.status == 0 {
			t.Error("no answer")
		}
		if ans.body != nil {
			if raw, err := encode(ans.body); err != nil || !json.Valid(raw) {
				t.Errorf("answer %v: %v", ans.body, err)
			}
		}
	})
}

func FuzzToken(f *testing.F) {
	fake := teamsfake.Start()
	f.Cleanup(fake.Close)
	clock := func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }
	fake.Now = clock
	v := newValidator(teamsfake.AppID, teamsfake.Issuer, &signingKeys{metadataURL: fake.MetadataURL(), client: newHTTPClient(), clock: clock},
		clock)
	good := "Bearer " + fake.Sign(fake.Claims())
	if _, err := v.verify(f.Context(), good); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, good[:len(good)-3], strings.TrimPrefix(good, "Bearer "), "Bearer ..",
		"Bearer eyJhbGciOiJub25lIn0.e30.", "bearer x", ""} {
		f.Add(seed)
	}
	body := func(s string) string { // header and claims; a signature can be written in more than one way
		s = s[strings.IndexByte(s, ' ')+1:]
		return s[:strings.LastIndexByte(s, '.')]
	}
	f.Fuzz(func(t *testing.T, header string) {
		if _, err := v.verify(t.Context(), header); err == nil && body(header) != body(good) {
			t.Errorf("let in: %q", header)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"<div>They&nbsp;say<br>too <b>slow</b></div>", "<at>Truce</at> objection",
		"* _x_ <at>y</at> {{DATE(1)}} 1. - # \n\n> [a](b)", "<img alt=\"x", "&lt;at&gt;", "\xff\x00\u202e"} {
		f.Add(seed)
	}
	cat := chat.Catalog{Commands: []chat.CommandInfo{{Name: "objection"}}}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{htmlText(s), tidy(s), mentionName(s), oneLine(s, 40)} {
			if !utf8.ValidString(out) || strings.ContainsRune(out, 0) {
				t.Errorf("%q from %q", out, s)
			}
		}
		if out := escape(s); strings.ContainsAny(out, "<>") || strings.Contains(out, "{{") {
			t.Errorf("escape(%q) = %q", s, out)
		}
		if n := utf8.RuneCountInString(oneLine(s, 40)); n > 40 {
			t.Errorf("%d characters from %q", n, s)
		}
		command(cat, s)
		raw, err := RenderCard(chat.Card{Summary: s, Title: chat.T(s),
			Blocks: []chat.Block{chat.Para(s, chat.B(s), chat.Link(s, s), chat.Mention(s, "teams:t:u")), chat.Quote(s),
				chat.FactList(chat.FactOf(s, s))}})
		if err != nil || !json.Valid(raw) || len(raw) > maxCard {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
	})
}
