package teamsfake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
)

// Gateway stands between Microsoft 365 Agents Playground and a bot, in tests only: the Playground sends no token, so the gateway signs
// what it forwards with the fake's keys, whose metadata the bot is configured with. The bot checks it as it checks everything.
type Gateway struct {
	Fake *Fake
	Bot  string // the address of the bot's POST /api/messages

	forwarded atomic.Int64
}

// Forwarded is how many activities went through.
func (g *Gateway) Forwarded() int64 { return g.forwarded.Load() }

// ServeHTTP forwards an activity. The Playground asks with HEAD first whether anybody is there.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusOK)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var act struct {
		ServiceURL string `json:"serviceUrl"`
	}
	if err := json.Unmarshal(body, &act); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	claims := g.Fake.Claims()
	claims["serviceurl"] = act.ServiceURL
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, g.Bot, bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+g.Fake.Sign(claims))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	g.forwarded.Add(1)
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}
