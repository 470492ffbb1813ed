package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxAck is from how many bytes on Slack drops an acknowledgement silently.
const maxAck = 20 << 10

// connection is one Socket Mode websocket.
type connection struct {
	mu sync.Mutex // writes
	ws *websocket.Conn
}

func (c *connection) send(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ws.WriteJSON(v)
}

func (f *Fake) serveSocket(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &connection{ws: ws}
	f.mu.Lock()
	f.conns = append(f.conns, c)
	n := len(f.conns)
	f.mu.Unlock()
	_ = c.send(map[string]any{"type": "hello", "num_connections": n, "debug_info": map[string]any{"approximate_connection_time": 18060}})
	select {
	case f.opened <- struct{}{}:
	default:
	}
	stop := make(chan struct{})
	go f.ping(c, stop)
	defer close(stop)
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			f.drop(c)
			return
		}
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if len(raw) >= maxAck || json.Unmarshal(raw, &ack) != nil {
			continue
		}
		if string(ack.Payload) == "null" {
			ack.Payload = nil
		}
		f.mu.Lock()
		ch := f.waiting[ack.ID]
		delete(f.waiting, ack.ID)
		f.mu.Unlock()
		if ch != nil {
			ch <- Ack{Status: 200, Body: ack.Payload}
		}
	}
}

func (f *Fake) ping(c *connection, stop chan struct{}) {
	for {
		c.mu.Lock()
		err := c.ws.WriteControl(websocket.PingMessage, []byte("Ping from wss-primary"), time.Now().Add(time.Second))
		c.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case <-time.After(5 * time.Second):
		case <-stop:
			return
		}
	}
}

func (f *Fake) drop(c *connection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.conns {
		if x == c {
			f.conns = append(f.conns[:i], f.conns[i+1:]...)
			break
		}
	}
	c.ws.Close()
}

// Greeted waits until a Socket Mode connection was opened and greeted; false after the time.
func (f *Fake) Greeted(d time.Duration) bool {
	select {
	case <-f.opened:
		return true
	case <-time.After(d):
		return false
	}
}

// Disconnect asks every connection to go, with a reason ("warning", "refresh_requested"); "" cuts them without a word.
func (f *Fake) Disconnect(reason string) {
	f.mu.Lock()
	conns := append([]*connection{}, f.conns...)
	f.mu.Unlock()
	for _, c := range conns {
		if reason == "" {
			c.ws.Close()
		} else {
			_ = c.send(map[string]any{"type": "disconnect", "reason": reason})
		}
	}
}

// envelope sends a payload over Socket Mode and waits three seconds for its acknowledgement.
func (f *Fake) envelope(kind string, payload map[string]any) Ack {
	types := map[string]string{"commands": "slash_commands", "interactions": "interactive", "events": "events_api"}
	return f.Envelope(types[kind], payload)
}

// Envelope sends any envelope and waits three seconds for its acknowledgement.
func (f *Fake) Envelope(kind string, payload any) Ack {
	f.mu.Lock()
	id := fmt.Sprintf("env-%d", f.next())
	ch := make(chan Ack, 1)
	f.waiting[id] = ch
	var c *connection
	if len(f.conns) > 0 {
		c = f.conns[f.serial%len(f.conns)]
	}
	f.mu.Unlock()
	if c == nil {
		return Ack{}
	}
	if err := c.send(map[string]any{"type": kind, "envelope_id": id, "payload": payload,
		"accepts_response_payload": kind != "events_api"}); err != nil {
		return Ack{}
	}
	select {
	case a := <-ch:
		return a
	case <-time.After(3 * time.Second):
		return Ack{}
	}
}
