package slack

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"truce/bot/chat"
)

// Socket Mode: slack-go opens the websocket, answers pings and dials again; the rest is ours. It stops for good on a refused
// token, leaves unacknowledged what it cannot decode, and its handler has no recover.

// maxEnvelopes bounds how many envelopes are handled at once; more wait.
const maxEnvelopes = 256

// maxFrame bounds one message of the websocket.
const maxFrame = 4 << 20

// socket is one run of Socket Mode.
type socket struct {
	receiver
	client *socketmode.Client
	places chan struct{} // a token for each envelope being handled
	wg     sync.WaitGroup
}

// runSocket takes events by Socket Mode until ctx ends, and returns when the last has been handled.
func (a *Adapter) runSocket(ctx context.Context, h chat.Handler) {
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		start := time.Now() // a stopwatch
		err := a.socketSession(ctx, h)
		a.setHello(false)
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) > 5*time.Minute {
			wait = time.Second
		}
		a.log.Error("slack: Socket Mode stopped", "error", err, "again_in", wait)
		if !sleep(ctx, wait) {
			return
		}
	}
}

// socketSession runs slack-go's client until it gives up or ctx ends.
func (a *Adapter) socketSession(ctx context.Context, h chat.Handler) (err error) {
	quiet := log.New(io.Discard, "", 0)
	api := slackgo.New(string(a.cfg.BotToken),
		slackgo.OptionAppLevelToken(string(a.cfg.AppToken)), slackgo.OptionAPIURL(a.base), slackgo.OptionLog(quiet),
		slackgo.OptionHTTPClient(&http.Client{Timeout: apiTimeout}))
	s := &socket{
		receiver: receiver{a, h},
		client:   socketmode.New(api, socketmode.OptionReadLimit(maxFrame), socketmode.OptionLog(quiet)),
		places:   make(chan struct{}, maxEnvelopes),
	}
	// The connection outlives ctx a little: what is being handled is still acknowledged.
	connected, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	listening, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.listen(listening)
		s.wg.Wait()
		sleep(connected, lastWrites)
		disconnect()
	}()
	err = s.client.RunContext(connected)
	stop()
	disconnect()
	<-done
	return err
}

// lastWrites is the time the websocket gets for the last acknowledgements before it is closed.
const lastWrites = 50 * time.Millisecond

// listen reads the client's events without ever keeping it waiting: a full channel would stop its pings.
func (s *socket) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case ev := <-s.client.Events:
			s.heard(ctx, ev)
		}
	}
}

func (s *socket) heard(ctx context.Context, ev socketmode.Event) {
	switch ev.Type {
	case socketmode.EventTypeHello:
		s.setHello(true)
		s.log.Info("slack: Socket Mode connected")
	case socketmode.EventTypeConnectionError:
		s.setHello(false)
		if e, ok := ev.Data.(*slackgo.ConnectionErrorEvent); ok {
			s.log.Warn("slack: Socket Mode", "error", bare(e.ErrorObj), "attempt", e.Attempt, "again_in", e.Backoff)
		}
	case socketmode.EventTypeErrorWriteFailed:
		s.log.Error("slack: an acknowledgement was not written")
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
		if ev.Request != nil {
			s.start(ctx, *ev.Request)
		}
	case socketmode.EventTypeErrorBadMessage:
		// What slack-go cannot decode we may: its structs are stricter than Slack. At least it is acknowledged, or Slack
		// would repeat it.
		bad, ok := ev.Data.(*socketmode.ErrorBadMessage)
		if !ok {
			return
		}
		var req socketmode.Request
		if err := json.Unmarshal(bad.Message, &req); err != nil {
			var least struct {
				ID string `json:"envelope_id"`
			}
			_ = json.Unmarshal(bad.Message, &least)
			req = socketmode.Request{EnvelopeID: least.ID}
		}
		s.start(ctx, req)
	}
}

// setHello notes whether the connection in use is greeted.
func (a *Adapter) setHello(ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hello = ok
}

// start handles an envelope in a goroutine of its own.
func (s *socket) start(ctx context.Context, req socketmode.Request) {
	s.wg.Go(func() {
		select {
		case s.places <- struct{}{}:
			defer func() { <-s.places }()
		case <-ctx.Done():
			return // Slack repeats what was not acknowledged
		}
		defer func() {
			if r := recover(); r != nil {
				s.log.Error("slack: panic", "what", r, "type", req.Type, "stack", string(debug.Stack()))
				s.acknowledge(req, ack{status: http.StatusInternalServerError})
			}
		}()
		start := time.Now() // a stopwatch
		ans := s.envelope(ctx, req)
		s.timed(req.Type, time.Since(start))
		s.acknowledge(req, ans)
	})
}

// envelope handles one envelope.
func (s *socket) envelope(ctx context.Context, req socketmode.Request) ack {
	switch req.Type {
	case socketmode.RequestTypeSlashCommands:
		c, err := commandOfJSON(req.Payload)
		if err != nil {
			return ack{status: http.StatusBadRequest}
		}
		return s.command(ctx, c)
	case socketmode.RequestTypeInteractive:
		return s.interaction(ctx, req.Payload)
	case socketmode.RequestTypeEventsAPI:
		return s.event(ctx, req.Payload, req.RetryAttempt > 0)
	default:
		return ack{status: http.StatusOK}
	}
}

// acknowledge answers an envelope. A failure to handle an event is not acknowledged, so that Slack repeats it; all else is,
// for a repetition would not help.
func (s *socket) acknowledge(req socketmode.Request, ans ack) {
	if req.EnvelopeID == "" || ans.status >= 500 && req.Type == socketmode.RequestTypeEventsAPI {
		return
	}
	var payload any
	follow := func() {}
	if ans.status < 400 && ans.body != nil && req.Type != socketmode.RequestTypeEventsAPI {
		payload, follow = s.payload(req, ans)
	}
	ctx, cancel := context.WithTimeout(context.Background(), apiTimeout) // a last answer still goes out while stopping
	defer cancel()
	if err := s.client.AckCtx(ctx, req.EnvelopeID, payload); err != nil {
		s.log.Error("slack: acknowledge", "type", req.Type, "error", err)
	}
	follow()
}

// payload is an answer small enough for an acknowledgement: Slack drops 20 KB silently. For a longer one to a command it
// is the card's summary; follow then brings the card by the response URL.
func (s *socket) payload(req socketmode.Request, ans ack) (payload any, follow func()) {
	follow = func() {}
	raw, err := json.Marshal(ans.body) // as slack-go will, < > & escaped: it counts
	if err != nil {
		s.log.Error("slack: encode answer", "error", err)
		return nil, follow
	}
	if len(raw) < maxAck {
		return json.RawMessage(raw), follow
	}
	r, ok := ans.body.(response)
	c, err := commandOfJSON(req.Payload)
	if !ok || err != nil || c.ResponseURL == "" {
		s.log.Error("slack: answer too long for Socket Mode", "type", req.Type, "bytes", len(raw))
		return map[string]any{"response_action": "update", "view": tooLong()}, follow
	}
	follow = func() {
		s.work.do(context.Background(), 0, handleLimit+apiTimeout, func(ctx context.Context) {
			if err := s.api.respond(ctx, c.ResponseURL, r); err != nil {
				s.log.Error("slack: long answer", "error", err)
			}
		})
	}
	return response{Type: r.Type, Message: Message{Text: r.Text}}, follow
}

// tooLong says that a form does not fit.
func tooLong() View {
	const s = "This form is too long for Slack. Please use the local workspace for it."
	return cardView(chat.Card{Summary: s, Blocks: []chat.Block{chat.Para(s)}}, Options{})
}
