package demo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"truce/bot/chat"
	"truce/storage"
)

// This file is the workspace with the people of the cast at its keys: what they do goes through the same pages as what a reader does.

// stage is where they do it.
type stage struct {
	ctx   context.Context
	store *storage.Store
	serve http.Handler // the workspace
	reply chat.Reply   // the handlers' last one, where somebody keeps an eye on them
	key   string       // begins what each gesture is called; the same gesture again is not a second one
	done  int          // gestures
}

// says types into a place, "" being the DM with Truce.
func (l *stage) says(who, place, text string) error {
	return l.post(who, place, "say", url.Values{"text": {text}})
}

// presses presses a button.
func (l *stage) presses(who, action, arg string) error {
	return l.post(who, "", "act", url.Values{"press": {url.Values{"a": {action}, "g": {arg}}.Encode()}})
}

// sends fills in a form and sends it.
func (l *stage) sends(who, form, state string, values map[string]string) error {
	v := url.Values{"name": {form}, "state": {state}}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		v.Add("field", k)
		v.Set("v."+k, values[k])
	}
	return l.post(who, "", "form", v)
}

// reads opens every place of the workspace that the person can see.
func (l *stage) reads(who string) error {
	for _, c := range Channels() {
		if len(c.Members) == 0 || slices.Contains(c.Members, who) {
			if err := l.do(http.MethodGet, "/as/"+who+"/c/"+c.ID, nil); err != nil {
				return err
			}
		}
	}
	return l.do(http.MethodGet, "/as/"+who+"/dm", nil)
}

func (l *stage) post(who, place, gesture string, form url.Values) error {
	l.done++
	form.Set("gesture", fmt.Sprintf("%s%08d", l.key, l.done))
	form.Set("place", cmp.Or(place, "dm-"+who))
	l.reply = chat.Reply{}
	if err := l.do(http.MethodPost, "/as/"+who+"/"+gesture, form); err != nil {
		return err
	}
	for _, f := range l.reply.Faults {
		return fmt.Errorf("%s: %s", f.Field, f.Text)
	}
	if c := l.reply.Card; c != nil && (c.Key == "refusal" || c.Key == "trouble") {
		return errors.New(c.Summary)
	}
	return nil
}

// do sends a request to the workspace, as a browser would.
func (l *stage) do(method, path string, form url.Values) error {
	r, err := http.NewRequestWithContext(l.ctx, method, "http://localhost"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := &response{header: http.Header{}}
	l.serve.ServeHTTP(w, r)
	if w.status >= 400 {
		return fmt.Errorf("%s %s answers %d: %s", method, path, w.status, &w.body)
	}
	return nil
}

// response takes what the workspace answers.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *response) Header() http.Header         { return a.header }
func (a *response) WriteHeader(status int)      { a.status = cmp.Or(a.status, status) }
func (a *response) Write(b []byte) (int, error) { return a.body.Write(b) }

// button is what a button of the last reply carries; "" where it has none of that action.
func (l *stage) button(action string) string {
	if l.reply.Card == nil {
		return ""
	}
	for _, b := range l.reply.Card.Blocks {
		for _, button := range b.Buttons {
			if button.Action == action {
				return button.Arg
			}
		}
	}
	return ""
}
