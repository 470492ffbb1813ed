package teams

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/infracloudio/msbotbuilder-go/core"
	"github.com/infracloudio/msbotbuilder-go/schema"

	"truce/bot/chat"
)

// Limits of a request. Teams waits about fifteen seconds for a message and then delivers it again; for an invoke it waits five.
const (
	maxBody     = 1 << 20
	messageTime = 12 * time.Second
	invokeTime  = 4 * time.Second
)

// response is what goes back to Teams: a status and, for invokes, a body.
type response struct {
	status int
	body   any
}

var (
	done   = response{status: http.StatusOK}
	failed = response{status: http.StatusInternalServerError}
)

// serve is POST /api/messages. Nothing of the body is looked at before the token is known to be Microsoft's; a refusal says nothing,
// its reason is in the log.
func (a *Adapter) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	voucher, err := a.tokens.verify(r.Context(), r.Header.Get("Authorization"))
	if err != nil {
		status := http.StatusUnauthorized
		if errors.Is(err, errNoKeys) {
			status = http.StatusServiceUnavailable // not the caller's fault: Teams shall come again
		}
		a.refuse(w, r, status, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			status = http.StatusRequestEntityTooLarge
		}
		a.refuse(w, r, status, err)
		return
	}
	in, status, err := a.decode(r, body, voucher)
	if err != nil {
		a.refuse(w, r, status, err)
		return
	}
	a.write(w, a.process(r.Context(), in))
}

func (a *Adapter) refuse(w http.ResponseWriter, r *http.Request, status int, reason error) {
	a.log.Warn("request refused", "status", status, "reason", reason, "from", r.RemoteAddr)
	w.WriteHeader(status)
}

func (a *Adapter) write(w http.ResponseWriter, ans response) {
	if ans.body == nil {
		w.WriteHeader(ans.status)
		return
	}
	raw, err := encode(ans.body)
	if err != nil {
		a.log.Error("answer not encoded", "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(ans.status)
	w.Write(raw)
}

// decode parses an activity through msbotbuilder-go, with our checks in the place of its own, and holds it against the token.
func (a *Adapter) decode(r *http.Request, body []byte, v voucher) (incoming, int, error) {
	raw, err := parseRaw(body)
	if err != nil {
		return incoming{}, http.StatusBadRequest, err
	}
	forLibrary, err := raw.forLibrary(r)
	if err != nil {
		return incoming{}, http.StatusBadRequest, err
	}
	check := &bound{voucher: v}
	library := core.BotFrameworkAdapter{AdapterSetting: core.AdapterSetting{AppID: a.cfg.AppID}, TokenValidator: check}
	act, err := library.ParseRequest(r.Context(), forLibrary)
	switch {
	case err != nil && check.asked:
		return incoming{}, http.StatusForbidden, err
	case err != nil:
		return incoming{}, http.StatusBadRequest, err
	case act.Type == "" || act.Conversation.ID == "":
		return incoming{}, http.StatusBadRequest, errors.New("decode activity: no type or conversation")
	}
	in, err := raw.with(act)
	if err != nil {
		return incoming{}, http.StatusBadRequest, err
	}
	if err := in.checkTenant(a.cfg.TenantID); err != nil {
		return incoming{}, http.StatusForbidden, err
	}
	if in.ID == "" { // some updates have none: the same bytes are the same activity
		sum := sha256.Sum256(body)
		in.ID = "sha256-" + hex.EncodeToString(sum[:12])
	}
	return in, 0, nil
}

// process does what an activity asks for. Deliveries of the same activity at the same time are one: all get its answer. The work
// goes on if the caller hangs up, because what is committed must also be answered.
func (a *Adapter) process(ctx context.Context, in incoming) response {
	key := string(in.Type) + " " + in.Conversation.ID + " " + in.ID
	got, _, _ := a.flights.Do(key, func() (any, error) {
		limit := messageTime
		if in.Type == schema.Invoke {
			limit = time.Minute // the invoke itself answers in time; what comes late is sent afterwards
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		if in.Type != schema.Invoke {
			defer cancel()
			return a.dispatch(ctx, in), nil
		}
		return a.inTime(ctx, cancel, in), nil
	})
	return got.(response)
}

// inTime answers an invoke within invokeTime. One that takes longer goes on; what it would have answered is sent as a message.
func (a *Adapter) inTime(ctx context.Context, cancel context.CancelFunc, in incoming) response {
	out := make(chan response) // without room: whoever comes late finds nobody waiting
	gone := make(chan struct{})
	a.work.Add(1)
	go func() {
		defer a.work.Done()
		defer cancel()
		r := a.invoke(ctx, in)
		select {
		case out <- r.answer:
		case <-gone:
			a.sendLate(ctx, r)
		}
		if r.after != nil {
			r.after(ctx)
		}
	}()
	timer := time.NewTimer(invokeTime)
	defer timer.Stop()
	select {
	case ans := <-out:
		return ans
	case <-timer.C:
		close(gone)
		a.log.Warn("invoke takes long", "name", in.Name, "activity", in.ID)
		return tooSlow(in)
	}
}

func (a *Adapter) dispatch(ctx context.Context, in incoming) response {
	switch in.Type {
	case schema.Message:
		if err := a.refresh(ctx, in); err != nil {
			a.log.Error("reference not kept", "err", err)
			return failed
		}
		return a.message(ctx, in)
	case schema.ConversationUpdate, schema.InstallationUpdate:
		return a.membership(ctx, in)
	default:
		return done // reactions, typing, edits, and what Microsoft invents next
	}
}

// handle asks the handler, which logs the event; how long it took with the roster is for those who look closer. A panic is an error:
// the other requests go on.
func (a *Adapter) handle(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	start := a.clock()
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("panic in handler", "event", ev.ID, "panic", p)
			reply, err = chat.Reply{}, errors.New("panic in handler")
		}
		a.log.Debug("event", "id", ev.ID, "kind", ev.Kind, "name", ev.Name, "user", ev.User.ID, "took", a.clock().Sub(start), "err", err)
	}()
	return a.handler.Handle(ctx, ev)
}

// turnClient is msbotbuilder-go's Client for one turn: it carries the turn's context, which the library drops, and sends what the
// turn answers through our connector.
type turnClient struct {
	post func(schema.Activity) error
}

// Post sends the activity a turn returned; one without a type is no answer.
func (c turnClient) Post(_ url.URL, act schema.Activity) error {
	if act.Type == "" {
		return nil
	}
	return c.post(act)
}

// Put is not used in a turn.
func (c turnClient) Put(url.URL, schema.Activity) error { return errors.ErrUnsupported }

// Delete is not used in a turn.
func (c turnClient) Delete(url.URL, schema.Activity) error { return errors.ErrUnsupported }

// decodeObject reads an activity's value into v; a string that holds JSON is taken as what it holds.
func decodeObject(raw json.RawMessage, v any) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		raw = json.RawMessage(s)
	}
	return json.Unmarshal(raw, v)
}
