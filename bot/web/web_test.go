package web

import (
	"net/http"
	"strings"
	"testing"

	"truce/bot/chat/chattest"
)

func TestPageOne(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	resp, err := http.DefaultTransport.RoundTrip(mustRequest(t, "GET", w.URL+"/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || len(resp.Cookies()) > 0 {
		t.Errorf("GET / = %d, cookies %v", resp.StatusCode, resp.Cookies())
	}
	_, body := w.get(t, "/")
	for _, want := range []string{"/objection", "96,000 USD", "/as/ann/dm", "Mara Lindqvist", "/as/ann/c/lead-disputes?text="} {
		if !strings.Contains(body, want) {
			t.Errorf("page one lacks %q", want)
		}
	}
	if strings.Contains(body, "<script") {
		t.Error("page one has a script")
	}
}

func mustRequest(t *testing.T, method, url string, headers map[string]string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		if k == "Host" {
			r.Host = v
			continue
		}
		r.Header.Set(k, v)
	}
	return r
}

func TestCommandIsAnsweredInTheSameRequest(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	body := w.say(t, "ann", "dm-ann", "/objection they say <b>slow</b>")
	if !strings.Contains(body, "Logged as") || !strings.Contains(body, "they say &lt;b&gt;slow&lt;/b&gt;") ||
		strings.Contains(body, "<b>slow") {
		t.Errorf("answer: %s", body)
	}
	ev := w.h.last(t)
	if ev.Name != "objection" || ev.Text != "they say <b>slow</b>" || ev.User.ID != "web:demo:ann" || ev.Place.ID != "web:demo:dm-ann" {
		t.Errorf("event %+v", ev)
	}
	if _, page := w.get(t, "/as/ann/dm"); !strings.Contains(page, "Logged as") {
		t.Error("the answer is gone after a reload")
	}
}
