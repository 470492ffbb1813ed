package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"truce/bot/chat"
)

// What the adapter's own buttons do.
const (
	actionLink     = "slack.link"     // opens an address; nothing to handle
	actionContinue = "slack.continue" // opens a form again whose trigger had expired
)

// How a response is seen.
const (
	ephemeral = "ephemeral"  // by the person alone
	inChannel = "in_channel" // by everybody in the place
)

// response is an answer to a command, or a post to a response URL.
type response struct {
	Type    string `json:"response_type"`
	Replace bool   `json:"replace_original"`
	Thread  string `json:"thread_ts,omitempty"`
	Message
}

// origin is where something came from, and so where its answer goes.
type origin struct {
	team, user, channel, thread string
	message                     string // ts of the message acted on
	ephemeral                   bool   // which only this person sees
	trigger, responseURL        string
	viewID, viewType, viewHash  string // the view acted in: "modal" or "home"
}

// metadata is what a modal carries for us, at most maxMetadata characters; it is never trusted for permissions.
type metadata struct {
	State       string `json:"s,omitempty"`
	ResponseURL string `json:"r,omitempty"`
	Channel     string `json:"c,omitempty"`
	Thread      string `json:"t,omitempty"`
	Message     string `json:"m,omitempty"`
	Ephemeral   bool   `json:"e,omitempty"`
	Stored      string `json:"k,omitempty"` // the rest is in Memory under this key
}

// origin is where the form was opened from, for the person who now sends it.
func (m metadata) origin(p interaction) origin {
	return origin{team: p.team(), user: p.User.ID, channel: m.Channel, thread: m.Thread, message: m.Message,
		ephemeral: m.Ephemeral, responseURL: m.ResponseURL, trigger: p.Trigger}
}

// metadata reads what a modal carried; ok is false where it is lost.
func (a *Adapter) metadata(ctx context.Context, s string) (m metadata, ok bool) {
	if s == "" {
		return m, true
	}
	if json.Unmarshal([]byte(s), &m) != nil {
		return m, false
	}
	if m.Stored == "" {
		return m, true
	}
	raw, err := a.mem.Get(ctx, m.Stored)
	if err != nil || raw == nil {
		return metadata{}, false
	}
	var whole stored
	if json.Unmarshal(raw, &whole) != nil {
		return metadata{}, false
	}
	return whole.Meta, true
}

// modal draws a form with what it must carry. What is too long for the modal is kept in Memory.
func (a *Adapter) modal(ctx context.Context, f chat.Form, o origin, evID string) (View, error) {
	m := metadata{State: f.State, ResponseURL: o.responseURL, Channel: o.channel, Thread: o.thread, Message: o.message, Ephemeral: o.ephemeral}
	raw, err := json.Marshal(m)
	if err != nil {
		return View{}, err
	}
	if utf8.RuneCount(raw) > maxMetadata {
		key := "meta/" + digest(evID, f.Name)
		if err := a.store(ctx, key, stored{User: o.user, Meta: m}); err != nil {
			return View{}, err
		}
		raw, _ = json.Marshal(metadata{Stored: key})
	}
	v := RenderForm(f)
	v.PrivateMetadata = string(raw)
	return v, nil
}

// stored is what the adapter keeps in Memory for a while: a form that could not be opened, or a modal's long state.
type stored struct {
	User string     `json:"user"`
	At   time.Time  `json:"at"`
	Form *chat.Form `json:"form,omitempty"`
	Meta metadata   `json:"meta"`
}

func (a *Adapter) store(ctx context.Context, key string, s stored) error {
	s.At = a.now()
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep %s: %w", key, err)
	}
	if err := a.mem.Put(ctx, key, raw); err != nil {
		return fmt.Errorf("keep %s: %w", key, err)
	}
	return nil
}

// openForm opens a form with the trigger; where that fails it returns a card that keeps the form behind [Continue].
func (a *Adapter) openForm(ctx context.Context, o origin, f chat.Form, evID, typed string) *chat.Card {
	v, err := a.modal(ctx, f, o, evID)
	if err == nil {
		err = a.openView(ctx, o, v)
	}
	switch codeOf(err) {
	case "":
		if err == nil {
			return nil
		}
	case "exchanged_trigger_id":
		return nil // this very trigger has opened its form already: a repetition
	}
	a.log.Warn("slack: open form", "name", f.Name, "error", err)
	key := "form/" + digest(evID, f.Name)
	meta := metadata{Channel: o.channel, Thread: o.thread, Message: o.message, Ephemeral: o.ephemeral}
	if err := a.store(ctx, key, stored{User: o.user, Form: &f, Meta: meta}); err != nil {
		a.log.Error("slack: keep form", "error", err)
		return apology(err)
	}
	card := &chat.Card{Key: "slack.continue", Summary: "Your form had expired; your text is safe.",
		Blocks: []chat.Block{chat.Para("Your form had expired; your text is safe.")}}
	if typed != "" {
		card.Blocks = append(card.Blocks, chat.Quote(typed))
	}
	card.Blocks = append(card.Blocks, chat.ButtonRow(chat.Ask("Continue", actionContinue, key).As(chat.Primary)))
	return card
}

// openView opens a modal, or pushes it where one is open.
func (a *Adapter) openView(ctx context.Context, o origin, v View) error {
	if o.trigger == "" {
		return &apiError{Method: "views.open", Code: "invalid_trigger_id", Unsent: true}
	}
	method := "views.open"
	if o.viewType == "modal" {
		method = "views.push"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // the trigger lives no longer
	defer cancel()
	return a.api.post(ctx, method, map[string]any{"trigger_id": o.trigger, "view": v}, nil)
}

// reopen opens the form behind a [Continue] again.
func (a *Adapter) reopen(ctx context.Context, o origin, key, evID string) {
	var s stored
	raw, err := a.mem.Get(ctx, key)
	if err != nil || raw == nil || json.Unmarshal(raw, &s) != nil || s.Form == nil || s.User != o.user {
		if err != nil {
			a.log.Error("slack: read kept form", "error", err)
		}
		a.reply(ctx, o, chat.Reply{Card: &chat.Card{Key: "slack.gone", Summary: "This form is no longer kept. Please type the command again."}},
			evID, "")
		return
	}
	back := o
	back.channel, back.thread, back.message, back.ephemeral = s.Meta.Channel, s.Meta.Thread, s.Meta.Message, s.Meta.Ephemeral
	if card := a.openForm(ctx, back, *s.Form, evID, ""); card != nil {
		a.reply(ctx, o, chat.Reply{Card: card, Replace: true}, evID, "")
	}
}

// reply shows the handlers' reply to a click, a shortcut or a form.
func (a *Adapter) reply(ctx context.Context, o origin, r chat.Reply, evID, typed string) {
	card := r.Card
	if r.Form != nil {
		if card = a.openForm(ctx, o, *r.Form, evID, typed); card == nil {
			return
		}
		r.Replace, r.Public = false, false
	}
	if card == nil {
		return
	}
	if err := a.show(ctx, o, *card, r.Public, r.Replace, evID); err != nil {
		a.log.Error("slack: show reply", "id", evID, "card", card.Key, "error", err)
	}
}

// show brings a card to where the person looks: in place of the message or view, beside it, or, when all that has expired,
// into the DM.
func (a *Adapter) show(ctx context.Context, o origin, card chat.Card, public, replace bool, evID string) error {
	if o.viewType != "" && a.showInView(ctx, o, card, replace) == nil {
		return nil
	}
	private := !public && !(replace && !o.ephemeral)
	refused := a.takesData(ctx) == nativeRefused
	body := a.response(o, card, !private, refused)
	body.Replace = replace && o.message != ""
	if o.responseURL != "" {
		err := a.tryPlain(ctx, card, body.Message, Options{Team: o.team, Private: private, Plain: refused}, func(m Message) error {
			body.Message = m
			return a.api.respond(ctx, o.responseURL, body)
		})
		if err == nil {
			return nil
		}
		a.log.Info("slack: response url", "error", err)
	}
	place := chat.Place{ID: id(o.team, o.channel), Thread: o.thread}
	if replace && o.message != "" && !o.ephemeral {
		_, err := a.Send(ctx, chat.Outgoing{Key: evID, To: place, Card: card, Edit: chat.Ref{Place: place, ID: o.message}})
		if err == nil {
			return nil
		}
		a.log.Info("slack: edit after click", "error", err)
	}
	if public && o.channel != "" {
		_, err := a.Send(ctx, chat.Outgoing{Key: evID, To: place, Card: card})
		if err == nil {
			return nil
		}
		a.log.Info("slack: public reply", "error", err)
	}
	_, err := a.Send(ctx, chat.Outgoing{Key: evID, To: chat.Place{Kind: chat.DM, User: id(o.team, o.user)}, Card: card})
	return err
}

// showInView shows a card where the click was: on the home page or in a modal.
func (a *Adapter) showInView(ctx context.Context, o origin, card chat.Card, replace bool) error {
	switch {
	case o.viewType == "home" && replace:
		err := a.publish(ctx, o.user, card, o.team, o.viewHash)
		var ae *apiError
		if errors.As(err, &ae) && ae.Code == "hash_conflict" {
			return nil // what was done has changed the page already, by way of the outbox: it shows what waits now
		}
		return err
	case o.viewType == "modal" && replace:
		return a.api.post(ctx, "views.update", map[string]any{"view_id": o.viewID, "hash": o.viewHash,
			"view": cardView(card, Options{Team: o.team})}, nil)
	default:
		return a.openView(ctx, o, cardView(card, Options{Team: o.team}))
	}
}

// response draws a card as an answer to a command or for a response URL.
func (a *Adapter) response(o origin, card chat.Card, public, plainBlocks bool) response {
	r := response{Type: ephemeral, Thread: o.thread, Message: RenderMessage(card, Options{Team: o.team, Private: !public, Plain: plainBlocks})}
	if public {
		r.Type = inChannel
	}
	return r
}

// answerBudget is how long the answer to a message may take before Slack is told that the message arrived.
const answerBudget = 2 * time.Second

// eventAnswer handles an event and does what its reply says. Handling is a commit: only after it Slack is told 200, and an
// error makes Slack deliver again.
func (in receiver) eventAnswer(ctx context.Context, ev chat.Event, e event, again bool) ack {
	if ev.Kind == chat.Message && in.answered(ctx, ev.ID) {
		return okay()
	}
	reply, err := in.handle(ctx, ev)
	if err != nil {
		return ack{status: http.StatusInternalServerError}
	}
	if ev.Kind == chat.Told {
		return ack{status: http.StatusOK}
	}
	switch {
	case ev.Kind == chat.HomeOpened && reply.Card != nil:
		in.work.do(ctx, answerBudget, handleLimit, func(ctx context.Context) {
			_, user, _ := split(ev.User.ID)
			team, _, _ := split(ev.User.ID)
			if err := in.publish(ctx, user, *reply.Card, team, ""); err != nil {
				in.log.Error("slack: publish home", "user", user, "error", err)
			}
		})
	case ev.Kind == chat.Left && ev.Place.IsZero():
		in.mu.Lock()
		in.authErr = fmt.Errorf("the app was removed from the workspace (%s)", e.Type)
		in.mu.Unlock()
	case reply.Card != nil && !ev.Place.IsZero():
		out := chat.Outgoing{Key: ev.ID, To: ev.Place, Card: *reply.Card, Again: again}
		if ev.Kind == chat.Message && reply.Form != nil {
			in.log.Warn("slack: a message cannot be answered with a form", "form", reply.Form.Name)
		}
		outs := []chat.Outgoing{out}
		if ev.Kind == chat.Message && ev.Place.Kind != chat.DM && !reply.Public && !reply.Open { // as private as to a command
			aside := chat.Outgoing{Key: ev.ID + ":aside", To: ev.Place, Card: chat.AnsweredPrivately(), Again: again}
			outs[0].To = chat.Place{Kind: chat.DM, User: ev.User.ID}
			outs = append(outs, aside)
		}
		in.work.do(ctx, answerBudget, handleLimit+apiTimeout, func(ctx context.Context) {
			for _, out := range outs {
				in.answerMessage(ctx, out)
			}
		})
	}
	return okay()
}

// answered reports whether a message has had its answer, also in an earlier run.
func (a *Adapter) answered(ctx context.Context, evID string) bool {
	raw, err := a.mem.Get(ctx, "answer/"+evID)
	if err != nil {
		a.log.Error("slack: read answers", "error", err)
	}
	return err == nil && raw != nil
}

// pending is an answer to a message: written down before it is sent, so that it is not lost with the process, and marked when it
// was delivered.
type pending struct {
	At   time.Time      `json:"at"`
	Out  *chat.Outgoing `json:"out,omitempty"`  // nil: it was delivered, or never will be
	Left int            `json:"left,omitempty"` // tries
	Next time.Time      `json:"next,omitzero"`  // when to try again
}

const (
	answerTries = 20 // how often an answer that Slack would not take is tried again
	answerSoon  = 2 * time.Second
	answerLate  = 2 * time.Minute // at most between tries
)

// answerMessage posts the one answer to a message, and remembers that it did.
func (a *Adapter) answerMessage(ctx context.Context, out chat.Outgoing) {
	if !a.beginAnswer(out.Key) {
		return
	}
	defer a.endAnswer(out.Key)
	kept := out
	kept.Again = true // whoever reads this after the process died does not know whether it was sent
	p := pending{At: a.now(), Out: &kept, Left: answerTries}
	a.keepAnswer(ctx, out.Key, p)
	p.Out = &out
	a.tryAnswer(ctx, p)
}

// beginAnswer reports whether nobody else sends this answer now.
func (a *Adapter) beginAnswer(key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.answering[key] {
		return false
	}
	a.answering[key] = true
	return true
}

func (a *Adapter) endAnswer(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.answering, key)
}

// tryAnswer sends an answer and keeps what came of it; one that Slack would not take waits.
func (a *Adapter) tryAnswer(ctx context.Context, p pending) {
	out := *p.Out
	_, err := a.Send(ctx, out)
	trouble := chat.TroubleOf(err)
	switch {
	case err == nil:
		p.Out = nil
	case errors.Is(ctx.Err(), context.Canceled) && trouble == chat.Later: // we are stopping: the next start sends it
		p.Next = a.now()
	case (trouble == chat.Later || trouble == chat.Unclear || trouble == chat.Unauthorized) && p.Left > 1:
		out.Again = out.Again || trouble == chat.Unclear
		p.Out = &out
		var se *chat.SendError
		errors.As(err, &se)
		wait := min(answerLate, answerSoon<<min(answerTries-p.Left, 10))
		if se != nil && se.RetryAfter > 0 {
			wait = se.RetryAfter
		}
		p.Left--
		p.Next = a.now().Add(wait)
		a.log.Warn("slack: answer waits", "key", out.Key, "again_in", wait, "tries_left", p.Left, "error", err)
	default:
		a.log.Error("slack: answer given up", "key", out.Key, "error", err)
		p.Out = nil
	}
	if a.keepAnswer(ctx, out.Key, p) && p.Out != nil {
		a.lookAgain()
	}
}

// keepAnswer reports whether an answer's state was written down.
func (a *Adapter) keepAnswer(ctx context.Context, key string, p pending) bool {
	raw, err := json.Marshal(p)
	if err == nil {
		err = a.mem.Put(context.WithoutCancel(ctx), "answer/"+key, raw)
	}
	if err != nil {
		a.log.Error("slack: keep answer", "key", key, "error", err)
	}
	return err == nil
}

// lookAgain has housekeep look at what waits.
func (a *Adapter) lookAgain() {
	select {
	case a.waiting <- struct{}{}:
	default:
	}
}

// forgetAfter is how long answers and kept forms are remembered: Slack repeats an event for minutes, people come back to a
// [Continue] within the week.
const forgetAfter = 7 * 24 * time.Hour

// housekeep sends answers that wait, when they are due, also those an earlier run left, and forgets old ones, until ctx ends.
func (a *Adapter) housekeep(ctx context.Context) {
	for {
		pause := time.NewTimer(a.sweep(ctx))
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		case <-a.waiting:
			pause.Stop()
		}
	}
}

// sweep does one round of housekeep, and returns how long the next may wait: until an answer is due, at most a minute.
func (a *Adapter) sweep(ctx context.Context) (pause time.Duration) {
	pause = time.Minute
	var old []string
	var due []pending
	for _, prefix := range []string{"answer/", "form/", "meta/"} {
		err := a.mem.Scan(ctx, prefix, func(key string, value []byte) error {
			var p pending
			switch now := a.now(); {
			case json.Unmarshal(value, &p) != nil || now.Sub(p.At) > forgetAfter:
				old = append(old, key)
			case prefix != "answer/" || p.Out == nil || p.Left == 0:
			case p.Next.After(now):
				pause = min(pause, p.Next.Sub(now))
			default:
				due = append(due, p)
			}
			return nil
		})
		if err != nil {
			if ctx.Err() == nil {
				a.log.Error("slack: read memory", "error", err)
			}
			return pause
		}
	}
	for _, key := range old {
		if err := a.mem.Delete(ctx, key); err != nil && ctx.Err() == nil {
			a.log.Error("slack: forget", "error", err)
		}
	}
	for _, p := range due {
		if ctx.Err() != nil {
			return pause
		}
		if a.beginAnswer(p.Out.Key) {
			a.tryAnswer(ctx, p)
			a.endAnswer(p.Out.Key)
		}
	}
	return pause
}
