package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"truce/bot/chat"
)

// This file turns gestures (a message sent, a button pressed, a form filled in) into events, and the replies into what
// the page shows.

const (
	maxBody = 256 << 10 // bytes of a request
	maxText = 12000     // characters of a message
)

var (
	gestureShape = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	commandShape = regexp.MustCompile(`^/([a-zA-Z][a-zA-Z0-9_-]*)(?:\s+|$)`)
	mentionBot   = regexp.MustCompile(`(?i)(^|[^\w@])@truce\b[,:]?\s*`)
)

// gesture is one thing a person did, as the browser sent it.
type gesture struct {
	a      *Adapter
	v      *viewer
	w      http.ResponseWriter
	ctx    context.Context // lives on when the browser goes away: what has begun is finished
	form   url.Values
	key    string
	place  string
	thread string
	atHome bool // the page is the home page: it has no conversation to show answers in
}

// gesture reads and checks what all gestures have. Where it is not usable it has answered and returns nil.
func (a *Adapter) gesture(w http.ResponseWriter, r *http.Request, v *viewer) *gesture {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		a.refuse(w, http.StatusRequestEntityTooLarge, "That is too long to send. Shorten it and send again; nothing was stored.")
		return nil
	}
	g := &gesture{a: a, v: v, w: w, ctx: context.WithoutCancel(r.Context()), form: r.PostForm, key: r.PostForm.Get("gesture"),
		place: r.PostForm.Get("place"), thread: r.PostForm.Get("thread"), atHome: r.PostForm.Get("view") == "home"}
	switch {
	case !gestureShape.MatchString(g.key):
		a.refuse(w, http.StatusBadRequest, "The page is out of date. Reload it; your text is kept here until then.")
		return nil
	case !a.mayEnter(v.ID, g.place):
		a.refuse(w, http.StatusForbidden, "You are not in this channel.")
		return nil
	}
	if t := g.thread; t != "" {
		if root := a.book.message(t); root == nil || root.Place != g.place || !root.seenBy(v.ID) {
			a.refuse(w, http.StatusNotFound, "This thread is no longer there.")
			return nil
		}
	}
	return g
}

// event begins an event. Its ID is the same when the browser repeats the gesture with the same content.
func (g *gesture) event(kind chat.Kind, name string, content ...string) chat.Event {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{string(kind), name, g.place, g.thread}, content...), "\x00")))
	return chat.Event{
		ID: prefix + g.v.ID + ":" + g.key + "." + hex.EncodeToString(sum[:4]), Kind: kind, Name: name,
		User: g.v.Persona.user(), Place: g.a.place(g.place, g.thread), At: g.a.clock().UTC(),
	}
}

// say takes what was typed in a composer: a message, or a command.
func (a *Adapter) say(w http.ResponseWriter, r *http.Request, v *viewer) {
	g := a.gesture(w, r, v)
	if g == nil {
		return
	}
	text := strings.TrimSpace(typed(g.form.Get("text")))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		w.WriteHeader(http.StatusNoContent)
		return
	case n > maxText:
		a.refuse(w, http.StatusRequestEntityTooLarge, "That is too long for one message. Shorten it and send again; your text is still in the "+
			"box.")
		return
	}
	if m := commandShape.FindStringSubmatchIndex(text); m != nil {
		name, rest := strings.ToLower(text[m[2]:m[3]]), strings.TrimSpace(text[m[1]:])
		ev := g.event(chat.Command, name, text)
		ev.Text = rest
		g.handle(ev, text)
		return
	}
	ev := g.event(chat.Message, "", text)
	defer a.turns.take(ev.ID)()
	said, err := a.book.post(g.ctx, message{Place: g.place, Thread: g.thread, Author: v.ID, Text: text, Key: "ev:" + ev.ID + ":said"})
	if err != nil {
		a.fail(w, ev, err, nil)
		return
	}
	var out bytes.Buffer
	a.writeMessages(g.ctx, &out, v, []*message{said}, said.Place, said.Thread)
	ev.Text = text
	if !strings.HasPrefix(g.place, "dm-") {
		if !mentionBot.MatchString(text) {
			a.answer(w, http.StatusOK, &out)
			return
		}
		ev.Text = strings.TrimSpace(mentionBot.ReplaceAllString(text, "$1"))
	}
	g.reply(ev, "", &out)
}

// act takes a pressed button or a choice in a message or on the home page.
func (a *Adapter) act(w http.ResponseWriter, r *http.Request, v *viewer) {
	g := a.gesture(w, r, v)
	if g == nil {
		return
	}
	press, err := url.ParseQuery(g.form.Get("press"))
	if err != nil || press.Get("a") == "" || len(press.Get("a")) > 200 || len(press.Get("g")) > 4000 || len(press.Get("v")) > 4000 {
		a.refuse(w, http.StatusBadRequest, "The page is out of date. Reload it and press again.")
		return
	}
	ev := g.event(chat.Action, press.Get("a"), g.form.Get("press"), g.form.Get("message"))
	ev.Arg = press.Get("g")
	if press.Has("v") {
		ev.Values = map[string]string{"value": press.Get("v")}
	}
	if _, ok := g.on(&ev); !ok {
		return
	}
	g.handle(ev, "")
}

// on tells an event of the message its gesture was made on, nil where there is none; not ok where it has answered that the
// message is gone.
func (g *gesture) on(ev *chat.Event) (m *message, ok bool) {
	id := g.form.Get("message")
	if id == "" {
		return nil, true
	}
	if m = g.a.book.message(id); m == nil || m.Place != g.place || !m.seenBy(g.v.ID) {
		g.a.refuse(g.w, http.StatusNotFound, "This message is no longer there. Reload the page.")
		return nil, false
	}
	ev.Source = g.a.ref(m)
	ev.Place, g.thread = ev.Source.Place, m.Thread
	return m, true
}

// shortcut takes "Log as objection" on a message, or from anywhere.
func (a *Adapter) shortcut(w http.ResponseWriter, r *http.Request, v *viewer) {
	g := a.gesture(w, r, v)
	if g == nil {
		return
	}
	name := g.form.Get("name")
	known := false
	for _, s := range a.cat.Shortcuts {
		known = known || s.Name == name
	}
	if !known {
		a.refuse(w, http.StatusBadRequest, "The page is out of date. Reload it and try again.")
		return
	}
	ev := g.event(chat.Shortcut, name, g.form.Get("message"))
	m, ok := g.on(&ev)
	if !ok {
		return
	}
	if m != nil {
		ev.Quoted = &chat.Quoted{Text: m.Text, At: m.At, Author: chat.User{ID: prefix + bot, Name: "Truce"}}
		if p := a.people[m.Author]; p != nil {
			ev.Quoted.Author = p.user()
		}
		if m.Card != nil {
			ev.Quoted.Text = m.Card.Summary
		}
	}
	g.handle(ev, "")
}

// form takes a form that was sent, or closed without sending.
func (a *Adapter) form(w http.ResponseWriter, r *http.Request, v *viewer) {
	g := a.gesture(w, r, v)
	if g == nil {
		return
	}
	kind := chat.Submit
	if g.form.Get("dismiss") != "" {
		kind = chat.Dismiss
	}
	content := []string{g.form.Get("state")}
	values := map[string]string{}
	for _, name := range g.form["field"] {
		values[name] = strings.TrimSpace(typed(g.form.Get("v." + name)))
		if slices.Contains(g.form["several"], name) {
			values[name] = chat.Together(slices.DeleteFunc(slices.Clone(g.form["v."+name]), func(v string) bool {
				return strings.ContainsFunc(v, unicode.IsControl)
			})...)
		}
		content = append(content, name, values[name])
	}
	ev := g.event(kind, g.form.Get("name"), content...)
	ev.Arg, ev.Values = g.form.Get("state"), values
	if _, ok := g.on(&ev); !ok {
		return
	}
	if kind == chat.Submit {
		var faults []chat.Fault
		for _, name := range g.form["required"] {
			if values[name] == "" {
				faults = append(faults, chat.Fault{Field: name, Text: "Please fill this in."})
			}
		}
		if len(faults) > 0 {
			var out bytes.Buffer
			g.faults(&out, faults)
			a.answer(w, http.StatusOK, &out)
			return
		}
	}
	g.handle(ev, "")
}

// suggest answers what a person is typing in a field with the options that fit.
func (a *Adapter) suggest(w http.ResponseWriter, r *http.Request, v *viewer) {
	q := r.URL.Query()
	text, name := typed(q.Get("q")), q.Get("name")
	if utf8.RuneCountInString(text) > 200 || name == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	ev := chat.Event{ID: prefix + v.ID + ":suggest-" + a.newKey(), Kind: chat.Suggest, Name: name, Text: text, User: v.Persona.user(),
		Place: a.place("dm-"+v.ID, ""), At: a.clock().UTC()}
	reply, err := a.handler.Handle(r.Context(), ev) // who handles events logs what fails
	var out bytes.Buffer
	switch {
	case len(reply.Options) > 0:
		a.render(&out, "options", reply.Options)
	case len(reply.Faults) > 0:
		a.render(&out, "nooption", reply.Faults[0].Text)
	case err != nil:
		a.render(&out, "nooption", "I could not look just now. Type on, or try again in a minute.")
	default:
		a.render(&out, "nooption", "Nothing found. Keep typing.")
	}
	a.answer(w, http.StatusOK, &out)
}

// handle gives the event to the handler, once at a time, and shows the reply.
func (g *gesture) handle(ev chat.Event, asked string) {
	defer g.a.turns.take(ev.ID)()
	var out bytes.Buffer
	g.reply(ev, asked, &out)
}

func (g *gesture) reply(ev chat.Event, asked string, out *bytes.Buffer) {
	a, key := g.a, "ev:"+ev.ID+":reply"
	if m := a.book.made(key); m != nil { // done before, only the answer was lost
		g.show(out, m)
		a.answer(g.w, http.StatusOK, out)
		return
	}
	reply, err := a.handler.Handle(g.ctx, ev)
	if err != nil {
		a.fail(g.w, ev, err, reply.Card)
		return
	}
	switch {
	case len(reply.Faults) > 0:
		g.faults(out, reply.Faults)
		a.answer(g.w, http.StatusOK, out)
		return
	case reply.Form != nil:
		a.partial(out, "#dialogs", "innerHTML", "dialog", g.dialog(*reply.Form, ev))
	case ev.Kind == chat.Submit:
		a.partial(out, "#dialogs", "innerHTML", "nothing", nil)
	}
	if reply.Card != nil {
		m, err := g.store(ev, reply, asked, key)
		if err != nil {
			a.fail(g.w, ev, err, nil)
			return
		}
		g.show(out, m)
		if err := g.aside(ev, m, out); err != nil {
			a.fail(g.w, ev, err, nil)
			return
		}
	}
	a.answer(g.w, http.StatusOK, out)
}

// aside says where somebody asked for all to read that the answer m is for them alone: in the thread of what they said.
func (g *gesture) aside(ev chat.Event, m *message, out *bytes.Buffer) error {
	if ev.Kind != chat.Message || m.Only == "" || g.a.channel(g.place) == nil {
		return nil
	}
	card, thread := chat.AnsweredPrivately(), g.thread
	if said := g.a.book.made("ev:" + ev.ID + ":said"); said != nil && thread == "" {
		thread = said.ID
	}
	line, err := g.a.book.post(g.ctx, message{Place: g.place, Thread: thread, Author: bot, Card: &card, Key: "ev:" + ev.ID + ":aside"})
	if err == nil && thread == g.thread {
		g.a.writeMessages(g.ctx, out, g.v, []*message{line}, line.Place, line.Thread)
	}
	return err
}

// store keeps the reply's card as a message, or as the new content of the one the event came from.
func (g *gesture) store(ev chat.Event, reply chat.Reply, asked, key string) (*message, error) {
	if src := g.a.book.message(ev.Source.ID); reply.Replace && src != nil && src.Author == bot {
		card := *reply.Card
		if src.Card.Own != nil { // the reply is as the one who pressed may see it; the others still see theirs
			card.Own = src.Card.Own
		}
		return g.a.book.edit(g.ctx, src.ID, card)
	}
	m := message{Place: g.place, Thread: g.thread, Author: bot, Card: reply.Card, Asked: asked, Key: key}
	if !reply.Public && !(reply.Open && ev.Kind == chat.Message) {
		m.Only = g.v.ID
	} else if g.a.channel(g.place) != nil {
		m.Asked = "" // what somebody typed is not for all to read
	}
	return g.a.book.post(g.ctx, m)
}

func (g *gesture) show(out *bytes.Buffer, m *message) {
	g.a.writeMessages(g.ctx, out, g.v, []*message{m}, m.Place, m.Thread)
	if g.atHome {
		vm := g.a.message(g.ctx, g.v, m, "a")
		vm.AtHome = true
		g.a.partial(out, "#answer", "innerHTML", "message", vm)
	}
}

// faults shows what is wrong beside the fields of the open form and leaves all that was typed where it is.
func (g *gesture) faults(out *bytes.Buffer, faults []chat.Fault) {
	texts := map[string]string{}
	for _, f := range faults {
		field := ""
		for _, name := range g.form["field"] {
			if name == f.Field {
				field = name
			}
		}
		if texts[field] != "" {
			texts[field] += " "
		}
		texts[field] += f.Text
	}
	for _, name := range append([]string{""}, g.form["field"]...) {
		g.a.partial(out, "#"+faultID(g.form["field"], name), "innerHTML", "fault", texts[name])
	}
}

// faultID is the id of the element beside a field that says what is wrong with it; "" stands for the whole form.
func faultID(fields []string, name string) string {
	for i, f := range fields {
		if f == name {
			return "fault-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		}
	}
	return "fault"
}

// typed is what a person typed with line ends as \n and without control characters.
func typed(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// answer sends fragments of pages.
func (a *Adapter) answer(w http.ResponseWriter, status int, out *bytes.Buffer) {
	if out.Len() == 0 && status == http.StatusOK {
		status = http.StatusNoContent
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(out.Bytes()) // a browser that went away needs no answer
}

// refuse says in one sentence why nothing was done.
func (a *Adapter) refuse(w http.ResponseWriter, status int, sentence string) {
	var out bytes.Buffer
	a.partial(&out, "#toasts", "beforeend", "toast", sentence)
	a.answer(w, status, &out)
}

// fail says that nothing was stored; the page keeps what was typed, and sending again repeats the same gesture.
func (a *Adapter) fail(w http.ResponseWriter, ev chat.Event, err error, card *chat.Card) {
	if card == nil { // else who handles events has logged it
		a.log.Error("web: event", "id", ev.ID, "kind", string(ev.Kind), "name", ev.Name, "err", err)
	}
	sentence := "Something went wrong and nothing was stored. Your text is still here: send it again in a moment."
	if card != nil && card.Summary != "" {
		sentence = card.Summary
	}
	a.refuse(w, http.StatusServiceUnavailable, sentence)
}
