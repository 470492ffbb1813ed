package teams_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
)

// send is a request as anybody could make it, with Microsoft's token.
func (w *world) send(contentType string, body io.Reader, change func(*http.Request)) (status int, answer string) {
	w.t.Helper()
	req, err := http.NewRequest("POST", w.url, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.fake.Sign(w.fake.Claims()))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw)
}

// TestWhatABodyIsCalledDoesNotMatter: it is read as what it is, JSON of at most a mebibyte, whatever its head says of it.
func TestWhatABodyIsCalledDoesNotMatter(t *testing.T) {
	w := newWorld(t)
	valid := func() []byte { raw, _ := json.Marshal(w.said("hello")); return raw }
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(bytes.Repeat([]byte(" "), 64<<20)) // 64 KiB that would become 64 MiB
	z.Close()
	unsized := func(b []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(b)} }
	for _, c := range []struct {
		name, kind string
		body       io.Reader
		change     func(*http.Request)
		want       int
	}{
		{"no type", "", bytes.NewReader(valid()), nil, 200},
		{"text", "text/plain", bytes.NewReader(valid()), nil, 200},
		{"a form", "application/x-www-form-urlencoded", strings.NewReader("type=message&text=hello"), nil, 400},
		{"parts", "multipart/form-data; boundary=x", strings.NewReader("--x\r\n\r\n{}\r\n--x--"), nil, 400},
		{"XML", "application/xml", strings.NewReader(`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>`), nil, 400},
		{"UTF-16", "application/json; charset=utf-16", bytes.NewReader([]byte{0xff, 0xfe, '{', 0, '}', 0}), nil, 400},
		{"a bomb of zeros", "application/json", bytes.NewReader(zipped.Bytes()),
			func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 400},
		{"no length, small", "application/json", unsized(valid()), nil, 200},
		{"no length, and without end", "application/json", unsized(append(valid(), bytes.Repeat([]byte(" "), 1<<21)...)), nil, 413},
		{"deep", "application/json", strings.NewReader(strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)), nil, 400},
		{"deep in its value", "application/json", strings.NewReader(strings.TrimSuffix(string(valid()), "}") + `,"value":` +
			strings.Repeat(`[`, 200_000) + strings.Repeat("]", 200_000) + "}"), nil, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.seen()
			status, answer := w.send(c.kind, c.body, c.change)
			if status != c.want || answer != "" {
				t.Errorf("status %d %q, want %d", status, answer, c.want)
			}
			if n := len(w.seen()); (n == 1) != (c.want == 200) {
				t.Errorf("the handler saw %d events", n)
			}
		})
	}
}

// TestAReplayIsTheSameEvent: who has heard a request and its token sends it again. It has the id it had, so the inbox knows it; what is
// changed in it but its id has that id too, and with its token's end nothing of it is taken.
func TestAReplayIsTheSameEvent(t *testing.T) {
	w := newWorld(t)
	claims := w.fake.Claims()
	claims["exp"] = w.clock().Add(time.Hour).Unix()
	token := "Bearer " + w.fake.Sign(claims)
	act := w.said("/objection they say we are too slow")
	first, _ := json.Marshal(act)
	act["text"] = "/objection something else"
	changed, _ := json.Marshal(act)
	for _, body := range [][]byte{first, first, changed} {
		if status, _, err := w.fake.DeliverAs(w.url, token, body); err != nil || status != 200 {
			t.Fatalf("status %d, %v", status, err)
		}
	}
	ids := map[string]bool{}
	for _, ev := range w.seen() {
		ids[ev.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("three deliveries of one activity are the events %v", slices.Sorted(maps.Keys(ids)))
	}
	w.pass(time.Hour + 6*time.Minute)
	if status, _, err := w.fake.DeliverAs(w.url, token, first); err != nil || status != 401 || len(w.seen()) > 0 {
		t.Errorf("after the token's end: status %d, %v", status, err)
	}
}

// TestNoAnswerGoesWhereNobodyVouched: an activity names the address that it is answered at. Only the one that the token was given for
// counts, and nothing is sent to another, whatever else it says.
func TestNoAnswerGoesWhereNobodyVouched(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.said("so that we are known"), 200)
	w.seen()
	for _, address := range []string{"https://evil.example/", w.fake.ServiceURL() + ".evil.example/", w.fake.ServiceURL() + "@evil.example/",
		strings.Replace(w.fake.ServiceURL(), "http://", "http://user@", 1), w.fake.ServiceURL() + "../evil/",
		"file:///etc/passwd", "//evil.example", ""} {
		act := w.said("hello")
		act["serviceUrl"] = address
		raw, _ := json.Marshal(act)
		claims := w.fake.Claims()
		status, _, err := w.fake.DeliverAs(w.url, "Bearer "+w.fake.Sign(claims), raw)
		if err != nil || status != 403 && status != 400 || len(w.seen()) > 0 {
			t.Errorf("%q: status %d, %v", address, status, err)
		}
		if strings.HasPrefix(address, w.fake.ServiceURL()) || address == "" {
			continue
		}
		claims["serviceurl"] = address // a token for it: only https, and never a file
		status, _, err = w.fake.DeliverAs(w.url, "Bearer "+w.fake.Sign(claims), raw)
		if https := strings.HasPrefix(address, "https://"); err != nil || !https && status == 200 {
			t.Errorf("%q vouched for: status %d, %v", address, status, err)
		}
		w.seen()
	}
}

// TestAnyShapeOfAnActivity puts everything that JSON has in the place of each member of an activity of each kind, and leaves each out: it
// is answered or refused, never a failure of ours, and never two events.
func TestAnyShapeOfAnActivity(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) { return chat.Reply{}, nil })
	shapes := []any{nil, "", "x", strings.Repeat("W", 5000), 7, -1.5, true, obj{}, obj{"id": 7}, []any{}, []any{nil, "x", 7, obj{"type": 7}}}
	kinds := []func() obj{
		func() obj { return w.said("hello") },
		func() obj { return w.inChannel(w.said("hello")) },
		func() obj {
			return w.invoke("adaptiveCard/action", obj{"action": obj{"verb": "x", "data": obj{"truce": obj{"a": "x"}}}}, nil)
		},
		func() obj { return w.invoke("task/fetch", obj{"data": obj{"truce": obj{"a": "x"}}}, nil) },
		func() obj { return w.invoke("composeExtension/query", obj{"commandId": "x"}, nil) },
		func() obj { return w.invoke("somethingNew/fetch", obj{}, nil) },
		func() obj { return w.activity("conversationUpdate", obj{"membersAdded": []obj{{"id": annaID}}}) },
		func() obj { return w.activity("installationUpdate", obj{"action": "add"}) },
		func() obj { return w.activity("handoff", obj{"value": obj{}}) },
		func() obj { return w.activity("event", obj{"name": "application/vnd.microsoft.meetingStart"}) },
	}
	sent := 0
	for _, kind := range kinds {
		for _, member := range slices.Sorted(maps.Keys(kind())) {
			for n := range len(shapes) + 1 {
				act := kind()
				if n == len(shapes) {
					delete(act, member)
				} else {
					act[member] = shapes[n]
				}
				raw, _ := json.Marshal(act)
				w.pass(time.Second)
				status, answer := w.send("application/json", bytes.NewReader(raw), nil)
				sent++
				if status >= 500 && status != http.StatusNotImplemented || strings.Contains(answer, "panic") {
					t.Errorf("%v with %s %.60s: status %d %s", act["type"], member, fmt.Sprint(act[member]), status, answer)
				}
				if n := len(w.seen()); n > 1 {
					t.Errorf("%v with %s %.60s: %d events", act["type"], member, fmt.Sprint(act[member]), n)
				}
			}
		}
	}
	if strings.Contains(w.logs.String(), "panic") {
		t.Errorf("a panic:\n%s", w.logs)
	}
	t.Logf("%d activities", sent)
}
