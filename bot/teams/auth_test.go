package teams_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"truce/bot/teams/teamsfake"
)

func TestWhoMayComeIn(t *testing.T) {
	w := newWorld(t)
	with := func(change func(jwt.MapClaims)) string {
		claims := w.fake.Claims()
		change(claims)
		return "Bearer " + w.fake.Sign(claims)
	}
	good := with(func(jwt.MapClaims) {})
	forge := func(method jwt.SigningMethod, key any, kid string) string {
		tok := jwt.NewWithClaims(method, w.fake.Claims())
		tok.Header["kid"] = kid
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + s
	}
	now := w.clock()
	for _, c := range []struct {
		name   string
		header string
		act    obj
		want   int
	}{
		{"a token of Microsoft's", good, nil, 200},
		{"an audience among several", with(func(c jwt.MapClaims) { c["aud"] = []string{"other", teamsfake.AppID} }), nil, 200},
		{"expired within the leeway", with(func(c jwt.MapClaims) { c["exp"] = now.Add(-4 * time.Minute).Unix() }), nil, 200},
		{"not yet valid, within the leeway", with(func(c jwt.MapClaims) { c["nbf"] = now.Add(4 * time.Minute).Unix() }), nil, 200},
		{"service address in another case, without its slash", with(func(c jwt.MapClaims) {
			c["serviceurl"] = strings.TrimSuffix(strings.ToUpper(w.fake.ServiceURL()), "/")
		}), nil, 200},
		{"no header", "", nil, 401},
		{"no token", "Bearer ", nil, 401},
		{"no scheme", strings.TrimPrefix(good, "Bearer "), nil, 401},
		{"another scheme", "Basic dXNlcjpwYXNz", nil, 401},
		{"rubbish", "Bearer a.b.c", nil, 401},
		{"a header full of dots", "Bearer " + strings.Repeat(".", 10000), nil, 401},
		{"alg none", forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "key-1"), nil, 401},
		{"HS256 with the public key", forge(jwt.SigningMethodHS256, w.fake.PublicKey(), "key-1"), nil, 401},
		{"a stranger's key under a known name", "Bearer " + w.fake.SignAsStranger(w.fake.Claims()), nil, 401},
		{"expired", with(func(c jwt.MapClaims) { c["exp"] = now.Add(-6 * time.Minute).Unix() }), nil, 401},
		{"without expiry", with(func(c jwt.MapClaims) { delete(c, "exp") }), nil, 401},
		{"not yet valid", with(func(c jwt.MapClaims) { c["nbf"] = now.Add(6 * time.Minute).Unix() }), nil, 401},
		{"for another bot", with(func(c jwt.MapClaims) { c["aud"] = "99999999-2222-4333-8444-555555555555" }), nil, 401},
		{"without audience", with(func(c jwt.MapClaims) { delete(c, "aud") }), nil, 401},
		{"of another issuer", with(func(c jwt.MapClaims) { c["iss"] = "https://sts.windows.net/" + teamsfake.Tenant + "/" }), nil, 401},
		{"without issuer", with(func(c jwt.MapClaims) { delete(c, "iss") }), nil, 401},
		{"without serviceurl", with(func(c jwt.MapClaims) { delete(c, "serviceurl") }), nil, 401},
		{"serviceurl that is a number", with(func(c jwt.MapClaims) { c["serviceurl"] = 7 }), nil, 401},
		{"serviceurl of elsewhere", with(func(c jwt.MapClaims) { c["serviceurl"] = "https://smba.example/" }), nil, 403},
		{"serviceUrl over http elsewhere", with(func(c jwt.MapClaims) { c["serviceurl"] = "http://smba.example/" }),
			obj{"serviceUrl": "http://smba.example/"}, 403},
		{"serviceUrl under another name", good, obj{"serviceUrl": nil, "ServiceUrl": w.fake.ServiceURL()}, 403},
		{"another channel", good, obj{"channelId": "webchat2"}, 403},
		{"a channel the key stands for, but not ours", good, obj{"channelId": "webchat"}, 403},
		{"another tenant's conversation", good, obj{"conversation": obj{"id": "a:1", "tenantId": "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"}}, 403},
		{"another tenant in channelData", good, obj{"channelData": obj{"tenant": obj{"id": "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"}}}, 403},
		{"no tenant at all", good, obj{"conversation": obj{"id": "a:1"}, "channelData": nil}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			act := w.said("hello")
			for k, v := range c.act {
				act[k] = v
				if v == nil {
					delete(act, k)
				}
			}
			raw, _ := json.Marshal(act)
			status, body, err := w.fake.DeliverAs(w.url, c.header, raw)
			if err != nil {
				t.Fatal(err)
			}
			if status != c.want {
				t.Errorf("got status %d, want %d", status, c.want)
			}
			if status != 200 && len(body) != 0 {
				t.Errorf("a refusal gives its reason away: %q", body)
			}
			if handled := len(w.seen()); (handled == 1) != (c.want == 200) {
				t.Errorf("the handler saw %d events", handled)
			}
		})
	}
	if !strings.Contains(w.logs.String(), "tenant") || !strings.Contains(w.logs.String(), "request refused") {
		t.Error("the log does not say why requests were refused")
	}
	if strings.Contains(w.logs.String(), teamsfake.Password) {
		t.Error("the log holds the client secret")
	}
}

func TestEndorsements(t *testing.T) {
	for _, c := range []struct {
		name     string
		channels []string
		want     int
	}{
		{"a key for other channels is refused", []string{"webchat", "slack"}, 403},
		{"a key without endorsements stands for all", nil, 200},
		{"a key for Teams", []string{"msteams"}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.fake.Endorse(c.channels...)
			w.fake.Rotate() // so that the keys read at start are not the ones used
			w.pass(time.Minute)
			w.deliver(w.said("hello"), c.want)
		})
	}
}

func TestSigningKeysRotate(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.said("before"), 200)
	old := w.fake.Rotate()
	w.pass(30 * time.Second)
	w.deliver(w.said("with the new key, within a minute"), 200)
	raw, _ := json.Marshal(w.said("with the old key"))
	status, _, err := w.fake.DeliverAs(w.url, "Bearer "+w.fake.SignWith(old, w.fake.Claims()), raw)
	if err != nil || status != 401 {
		t.Errorf("the old key: status %d, %v, want 401", status, err)
	}
	reads := w.fake.MetadataReads()
	for range 20 {
		w.fake.DeliverAs(w.url, "Bearer "+w.fake.SignWith(old, w.fake.Claims()), raw)
	}
	if got := w.fake.MetadataReads(); got != reads {
		t.Errorf("forgers made us read the metadata %d times", got-reads)
	}
}

func TestMetadataOutage(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.said("before"), 200)
	w.fake.MetadataDown(true)
	w.pass(3 * time.Hour)
	w.deliver(w.said("keys grow old while the metadata is down"), 200)
	w.pass(22 * time.Hour)
	w.deliver(w.said("after a day nothing vouches for them"), 503)
	w.fake.MetadataDown(false)
	w.pass(time.Minute)
	w.deliver(w.said("and back"), 200)
}

func TestWhatIsNotAnActivity(t *testing.T) {
	w := newWorld(t)
	good := "Bearer " + w.fake.Sign(w.fake.Claims())
	valid, _ := json.Marshal(w.said("x"))
	for _, c := range []struct {
		name string
		body []byte
		want int
	}{
		{"empty", nil, 400},
		{"cut", valid[:len(valid)-5], 400},
		{"null", []byte("null"), 400},
		{"an array", []byte("[]"), 400},
		{"two values", append(append([]byte{}, valid...), valid...), 400},
		{"from is a string", []byte(`{"type":"message","from":"me"}`), 400},
		{"1 MiB", append(append([]byte{}, valid...), bytes.Repeat([]byte(" "), 1<<20)...), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, body, err := w.fake.DeliverAs(w.url, good, c.body); err != nil || status != c.want || len(body) > 0 {
				t.Errorf("got %d %q %v, want %d", status, body, err, c.want)
			}
		})
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		req, _ := http.NewRequest(method, w.url, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d, want 405", method, resp.StatusCode)
		}
	}
	w.deliver(w.activity("messageReaction", obj{"reactionsAdded": []obj{{"type": "like"}}}), 200)
	w.deliver(w.activity("somethingNew", nil), 200)
	w.deliver(w.activity("typing", nil), 200)
	if evs := w.seen(); len(evs) != 0 {
		t.Errorf("the handler saw %+v", evs)
	}
}

func TestThePagesThePackageNames(t *testing.T) {
	w := newWorld(t)
	for _, page := range []string{"about", "privacy", "terms"} {
		resp, err := http.Get(strings.TrimSuffix(w.url, "api/messages") + "teams/" + page)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %s", page, resp.Status)
		}
	}
}
