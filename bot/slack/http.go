package slack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"truce/bot/chat"
)

// maxBody bounds a request's body; Slack's own payloads stay far below.
const maxBody = 1 << 20

// slowAnswer is from when an answer is warned of: Slack gives up after three seconds.
const slowAnswer = 2 * time.Second

// Mount adds /slack/commands, /slack/interactions and /slack/events in mode http. In mode socket it adds nothing: without
// a signing secret nobody could tell who is posting.
func (a *Adapter) Mount(mux *http.ServeMux, h chat.Handler) {
	if a.cfg.Mode != ModeHTTP {
		return
	}
	in := receiver{a, h}
	mux.HandleFunc("POST /slack/commands", a.receive(func(r *http.Request, body []byte) ack {
		c, err := commandOfForm(body)
		if err != nil {
			return ack{status: http.StatusBadRequest}
		}
		return in.command(r.Context(), c)
	}))
	mux.HandleFunc("POST /slack/interactions", a.receive(func(r *http.Request, body []byte) ack {
		v, err := url.ParseQuery(string(body))
		if err != nil {
			return ack{status: http.StatusBadRequest}
		}
		if v.Get("ssl_check") == "1" {
			return ack{status: http.StatusOK}
		}
		return in.interaction(r.Context(), []byte(v.Get("payload")))
	}))
	mux.HandleFunc("POST /slack/events", a.receive(func(r *http.Request, body []byte) ack {
		return in.event(r.Context(), body, r.Header.Get("X-Slack-Retry-Num") != "")
	}))
}

// receive verifies a request and writes fn's answer.
func (a *Adapter) receive(fn func(*http.Request, []byte) ack) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() // a stopwatch, not the time of anything
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			if _, ok := err.(*http.MaxBytesError); ok {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		if err := verify(r.Header, body, a.cfg.SigningSecret, a.now()); err != nil {
			a.log.Warn("slack: request refused", "path", r.URL.Path, "error", err)
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		ans := fn(r, body)
		a.timed(r.URL.Path, time.Since(start))
		a.write(w, ans)
	}
}

// timed counts and warns of an answer that came close to Slack's limit.
func (a *Adapter) timed(what string, d time.Duration) {
	if d >= slowAnswer {
		a.log.Warn("slack: slow answer", "what", what, "took", d, "count", a.slow.Add(1))
	}
}

func (a *Adapter) write(w http.ResponseWriter, ans ack) {
	if ans.status >= 400 {
		http.Error(w, http.StatusText(ans.status), ans.status)
		return
	}
	if ans.body == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	raw, err := encode(ans.body)
	if err != nil {
		a.log.Error("slack: encode answer", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(raw) // the person has gone; what was done is stored
}

// encode is JSON as people read it: without escaping < > &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
