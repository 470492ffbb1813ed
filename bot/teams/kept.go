package teams

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce/bot/chat"
)

// A dialog of Teams is gone once it is sent: to show it again with what was wrong and all that was typed, its form is remembered
// under a hash of what it is. Equal forms are one record.

const formPrefix = "form/"

type keptForm struct {
	At   time.Time `json:"at"` // when it was last shown, to the day
	Form chat.Form `json:"form"`
}

// keep remembers a form and returns its key.
func (a *Adapter) keep(ctx context.Context, form chat.Form) (string, error) {
	raw, err := json.Marshal(form)
	if err != nil {
		return "", fmt.Errorf("keep form %s: %w", form.Name, err)
	}
	sum := sha256.Sum256(raw)
	key := hex.EncodeToString(sum[:12])
	now := a.clock().UTC().Truncate(24 * time.Hour)
	old, found, err := recall[keptForm](ctx, a.mem, formPrefix+key)
	if err != nil {
		return "", err
	}
	if found && old.At.Equal(now) {
		return key, nil
	}
	return key, remember(ctx, a.mem, formPrefix+key, keptForm{At: now, Form: form})
}

// kept is a remembered form.
func (a *Adapter) kept(ctx context.Context, key string) (chat.Form, bool, error) {
	if len(key) != 24 {
		return chat.Form{}, false, nil
	}
	k, found, err := recall[keptForm](ctx, a.mem, formPrefix+key)
	return k.Form, found, err
}

// showForm draws a form that will come back. A field that suggests begins with what is found without a word typed.
func (a *Adapter) showForm(ctx context.Context, ev chat.Event, form chat.Form, view formView) (json.RawMessage, error) {
	key, err := a.keep(ctx, form)
	if err != nil {
		return nil, err
	}
	view.kept, view.tenant = key, a.cfg.TenantID
	form.Fields = slices.Clone(form.Fields) // what is suggested to one person is not kept with the form
	for i, f := range form.Fields {
		if f.Kind == chat.Search && f.Suggest != "" && len(f.Options) == 0 {
			form.Fields[i].Options = a.suggestions(ctx, ev, f.Suggest, "")
		}
	}
	return renderForm(form, view)
}

// suggestions are what a field may suggest to the event's user; none where that fails.
func (a *Adapter) suggestions(ctx context.Context, ev chat.Event, name, typed string) []chat.Option {
	reply, err := a.handle(ctx, chat.Event{ID: ev.ID, Kind: chat.Suggest, Name: name, Text: typed, User: ev.User, Place: ev.Place, At: ev.At})
	if err != nil {
		return nil
	}
	if len(reply.Faults) > 0 && len(reply.Options) == 0 { // why there is nothing
		return []chat.Option{{Value: noChoice, Label: reply.Faults[0].Text}}
	}
	return reply.Options
}

// again draws a sent form with its faults and all that was typed. If the form is not remembered any more, what was typed is shown,
// so that it can be copied.
func (a *Adapter) again(ctx context.Context, ev chat.Event, reply chat.Reply, kept string, inline bool) (json.RawMessage, error) {
	view := formView{values: ev.Values, faults: reply.Faults, inline: inline}
	if reply.Form != nil {
		return a.showForm(ctx, ev, *reply.Form, view)
	}
	form, found, err := a.kept(ctx, kept)
	if err != nil {
		return nil, err
	}
	if found && form.Name == ev.Name {
		return a.showForm(ctx, ev, form, view)
	}
	card := chat.Card{Summary: "This form has expired", Title: chat.T("This form has expired")}
	for _, f := range reply.Faults {
		card.Blocks = append(card.Blocks, chat.Para(f.Text))
	}
	card.Blocks = append(card.Blocks, chat.Para("Nothing was stored. Here is what you typed, to copy it into a new one:"))
	for _, name := range slices.Sorted(maps.Keys(ev.Values)) {
		if ev.Values[name] != "" {
			card.Blocks = append(card.Blocks, chat.Quote(ev.Values[name]))
		}
	}
	return renderCard(card, a.cfg.TenantID)
}
