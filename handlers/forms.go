package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file keeps what people type into forms until it is sent: through wrong answers, closed dialogs, our own errors and
// restarts. It works for every form of every command, in the router.

// formsKept is how long what was typed waits to be continued.
const formsKept = 30 * 24 * time.Hour

// keepForms looks at an event and its reply: a form that opens is filled with what was typed last time, one that was sent is
// forgotten, one that was closed or refused is kept.
func (c *Call) keepForms(reply *chat.Reply, refused bool) error {
	switch {
	case c.Kind == chat.Dismiss:
		return c.keepTyped()
	case c.Kind == chat.Submit && (refused || len(reply.Faults) > 0):
		return c.keepTyped()
	case c.Kind == chat.Submit:
		if err := c.Tx.ForgetForm(c.By.ID, c.Name, c.Arg, c.Tx.Now.Add(-formsKept)); err != nil {
			return err
		}
	}
	if reply.Form == nil {
		return nil
	}
	return c.openForm(reply)
}

// openForm remembers the form as it is opened and fills in what was typed before.
func (c *Call) openForm(reply *chat.Reply) error {
	opened, err := json.Marshal(reply.Form)
	if err != nil {
		return fmt.Errorf("write down form %s: %w", reply.Form.Name, err)
	}
	before, err := c.Tx.Form(c.By.ID, reply.Form.Name, reply.Form.State)
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return err
	}
	kept := storage.Form{PersonID: c.By.ID, Name: reply.Form.Name, State: reply.Form.State, Opened: opened}
	if len(before.Typed) > 0 && c.Tx.Now.Sub(before.At) < formsKept {
		kept.Typed = before.Typed
		f := filled(*reply.Form, before.Typed)
		f.Intro = slices.Concat(cards.Continued(before.At, c.h.opt.Location), f.Intro)
		reply.Form = &f
	}
	return c.Tx.SaveForm(kept)
}

// filled is a form with values typed before, where they still fit.
func filled(f chat.Form, typed map[string]string) chat.Form {
	f.Fields = slices.Clone(f.Fields)
	for i, fd := range f.Fields {
		v, ok := typed[fd.Name]
		if !ok || fd.Kind == chat.ReadOnly {
			continue
		}
		if fd.Kind == chat.Several { // what is offered still
			v = chat.Together(slices.DeleteFunc(chat.Apart(v), func(s string) bool {
				return !slices.ContainsFunc(fd.Options, func(o chat.Option) bool { return o.Value == s })
			})...)
		}
		if (fd.Kind == chat.Choice || fd.Kind == chat.Radio) && v != "" &&
			!slices.ContainsFunc(fd.Options, func(o chat.Option) bool { return o.Value == v }) {
			continue
		}
		f.Fields[i].Value = v
	}
	return f
}

// keepTyped keeps the values of a form that was not taken. One that holds nothing but what it was opened with is forgotten.
func (c *Call) keepTyped() error {
	if len(c.Values) == 0 { // the platform does not say
		return nil
	}
	f, err := c.Tx.Form(c.By.ID, c.Name, c.Arg)
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return err
	}
	var opened chat.Form
	if f.Opened != nil {
		if err := json.Unmarshal(f.Opened, &opened); err != nil {
			return fmt.Errorf("read form %s: %w", c.Name, err)
		}
	}
	news := false
	for name, v := range c.Values {
		i := slices.IndexFunc(opened.Fields, func(fd chat.Field) bool { return fd.Name == name })
		if was := ""; i >= 0 && opened.Fields[i].Value != v || i < 0 && v != was {
			news = true
		}
	}
	if !news {
		return c.Tx.ForgetForm(c.By.ID, c.Name, c.Arg, time.Time{})
	}
	return c.Tx.SaveForm(storage.Form{PersonID: c.By.ID, Name: c.Name, State: c.Arg, Opened: f.Opened, Typed: maps.Clone(c.Values)})
}

// saveTyped keeps what a form held after the event itself has failed. It reports whether that worked.
func (h *Handlers) saveTyped(ctx context.Context, ev chat.Event) bool {
	if ev.Kind != chat.Submit || len(ev.Values) == 0 {
		return false
	}
	err := h.store.Update(ctx, func(tx *storage.Tx) error {
		by, err := tx.PersonByUser(ev.User.ID)
		if err != nil {
			return err
		}
		return (&Call{Event: ev, Tx: tx, By: by, h: h}).keepTyped()
	})
	if err != nil {
		h.log.Error("keep what was typed", "id", ev.ID, "error", err)
	}
	return err == nil
}

// continueForm opens a form again where it was left.
func (h *Handlers) continueForm(c *Call) (chat.Reply, error) {
	name, state := cut(c.Arg)
	kept, err := c.Tx.Form(c.By.ID, name, state)
	if truce.KindOf(err) == truce.NotFound || err == nil && kept.Opened == nil {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "That form was sent, or is of an older version: nothing waits in it any more.")
	}
	if err != nil {
		return chat.Reply{}, err
	}
	var f chat.Form
	if err := json.Unmarshal(kept.Opened, &f); err != nil {
		return chat.Reply{}, fmt.Errorf("read form %s: %w", name, err)
	}
	return ask(f), nil
}

// formDrafts are the forms the person left with text in them.
func (h *Handlers) formDrafts(c *Call) ([]cards.FormDraft, error) {
	list, err := c.Tx.Forms(c.By.ID)
	if err != nil {
		return nil, err
	}
	var out []cards.FormDraft
	for _, f := range list {
		var opened chat.Form
		if f.Opened == nil || c.Tx.Now.Sub(f.At) > formsKept {
			continue
		}
		if err := json.Unmarshal(f.Opened, &opened); err != nil {
			return nil, fmt.Errorf("read form %s: %w", f.Name, err)
		}
		longest := ""
		for name, v := range f.Typed {
			i := slices.IndexFunc(opened.Fields, func(fd chat.Field) bool { return fd.Name == name })
			if i >= 0 && len(opened.Fields[i].Options) > 0 && opened.Fields[i].Kind != chat.Search {
				continue // the value of a choice is nothing that anybody typed
			}
			if len(v) > len(longest) || len(v) == len(longest) && v < longest {
				longest = v
			}
		}
		out = append(out, cards.FormDraft{Name: f.Name, State: f.State, Title: opened.Title, Text: cards.FirstWords(longest, 200), At: f.At})
	}
	return out, nil
}
