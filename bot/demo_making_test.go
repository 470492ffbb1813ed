package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// While the demo's past is made its address answers, says how far it is, and is then given on: nobody who comes in between is refused.
func TestTheDemosAddressAnswersWhileItsPastIsMade(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	get := func() (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	var said strings.Builder
	m := &making{w: &said}
	stop, err := m.serve(ln)
	if err != nil {
		t.Fatal(err)
	}
	if code, body := get(); code != http.StatusServiceUnavailable || !strings.Contains(body, "Quillwater") {
		t.Errorf("before anything is made: %d %s", code, body)
	}
	for i := range 200 {
		m.tell(i, 200, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	}
	if _, body := get(); !strings.Contains(body, "Mon 2 Mar 2026, 99 %") {
		t.Errorf("it does not say how far it is: %s", body)
	}
	if n := strings.Count(said.String(), "\n"); n != 10 {
		t.Errorf("the terminal hears it %d times, want 10:\n%s", n, &said)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the demo") }),
		ReadHeaderTimeout: time.Second}
	go srv.Serve(ln)
	defer srv.Close()
	if code, body := get(); code != http.StatusOK || body != "the demo" {
		t.Errorf("afterwards it answers %d %s", code, body)
	}
}
