package teamsfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// This file is what people do in Teams, as the bot's endpoint gets to see it.

type object = map[string]any

// Office is the people and channels of a Teams whose bot answers at Endpoint.
type Office struct {
	*Fake
	Endpoint string // POST /api/messages of the bot
	ids      atomic.Int64
}

// Where is a conversation: a person's own chat with the bot, or a channel (in a thread).
type Where struct {
	ID, Kind, Name string
}

// Personal is a person's chat with the bot.
func Personal(m Member) Where { return Where{ID: "a:personal-" + m.AadObjectID, Kind: "personal"} }

// Channel is a channel of a team; thread is the id of the message it hangs below, or "".
func Channel(id, name, thread string) Where {
	if thread != "" {
		id += ";messageid=" + thread
	}
	return Where{ID: id, Kind: "channel", Name: name}
}

// Activity is what all activities of a person in a conversation have in common; more is put over it.
func (o *Office) Activity(m Member, w Where, kind string, more object) object {
	act := object{"type": kind, "id": fmt.Sprintf("act-%d", o.ids.Add(1)), "timestamp": o.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"channelId": "msteams", "serviceUrl": o.ServiceURL(),
		"from":         object{"id": m.ID, "name": m.Name, "aadObjectId": m.AadObjectID},
		"recipient":    object{"id": BotID, "name": "Truce"},
		"conversation": object{"id": w.ID, "conversationType": w.Kind, "tenantId": Tenant, "isGroup": w.Kind != "personal"},
		"channelData":  object{"tenant": object{"id": Tenant}},
		"entities":     []object{{"type": "clientInfo", "locale": "en-GB", "timezone": "Europe/Berlin"}},
	}
	if w.Kind == "channel" {
		act["channelData"] = object{"tenant": object{"id": Tenant}, "team": object{"id": "19:team@thread.tacv2"},
			"channel": object{"id": base(w.ID), "name": w.Name}}
	}
	for k, v := range more {
		act[k] = v
	}
	return act
}

// Send delivers an activity. An answer with a body is decoded.
func (o *Office) Send(act object) (status int, answer object, err error) {
	status, body, err := o.Deliver(o.Endpoint, act)
	if err != nil || len(body) == 0 {
		return status, nil, err
	}
	return status, answer, json.Unmarshal(body, &answer)
}

// Write says something to the bot; in a channel it is mentioned.
func (o *Office) Write(m Member, w Where, text string) (int, error) {
	more := object{"text": text}
	if w.Kind != "personal" {
		more["text"] = "<at>Truce</at> " + text
		more["entities"] = []object{{"type": "mention", "text": "<at>Truce</at>", "mentioned": object{"id": BotID, "name": "Truce"}}}
	}
	status, _, err := o.Send(o.Activity(m, w, "message", more))
	return status, err
}

// Install adds the app for a person, or (Channel) to a team. Teams tells of it twice.
func (o *Office) Install(m Member, w Where) error {
	for _, act := range []object{
		o.Activity(m, w, "installationUpdate", object{"action": "add"}),
		o.Activity(m, w, "conversationUpdate", object{"membersAdded": []object{{"id": BotID}}}),
	} {
		if status, _, err := o.Send(act); err != nil || status != http.StatusOK {
			return fmt.Errorf("install: status %d, %w", status, err)
		}
	}
	return nil
}

// Remove removes the app again.
func (o *Office) Remove(m Member, w Where) error {
	for _, act := range []object{
		o.Activity(m, w, "installationUpdate", object{"action": "remove"}),
		o.Activity(m, w, "conversationUpdate", object{"membersRemoved": []object{{"id": BotID}}}),
	} {
		if status, _, err := o.Send(act); err != nil || status != http.StatusOK {
			return fmt.Errorf("remove: status %d, %w", status, err)
		}
	}
	return nil
}

// Press presses the button of this title on a message as it stood when it was read.
func (o *Office) Press(m Member, on Message, title string) (answer object, err error) {
	action := Button(on.Card, title)
	if action == nil {
		return nil, fmt.Errorf("press: the message has no button %q: %s", title, Text(on.Card))
	}
	more := object{"name": "adaptiveCard/action", "replyToId": on.ID,
		"value": object{"action": object{"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "manual"}}
	if data, _ := action["data"].(object); data["msteams"] != nil {
		more["name"], more["value"] = "task/fetch", object{"data": data}
	}
	status, answer, err := o.Send(o.Activity(m, whereOf(on), "invoke", more))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("press %q: status %d", title, status)
	}
	return answer, err
}

// PressIn presses the button of this title in a dialog, whose card is given, and the message it was opened from.
func (o *Office) PressIn(m Member, on Message, dialog object, title string) (answer object, err error) {
	data, _ := Button(dialog, title)["data"].(object)
	name := "task/submit"
	if data["msteams"] != nil {
		name = "task/fetch"
	}
	status, answer, err := o.Send(o.Activity(m, Personal(m), "invoke", object{"name": name, "replyToId": on.ID,
		"value": object{"data": data}}))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("press %q: status %d", title, status)
	}
	return answer, err
}

// Submit fills in a form (field -> text, "true" for a tick) and sends it. It stands in the message on, or in a dialog that was opened
// from there, whose card is given then. Fields that are not given are sent as they stand, as Teams does.
func (o *Office) Submit(m Member, on Message, dialog object, values map[string]string) (answer object, err error) {
	card := on.Card
	if dialog != nil {
		card = dialog
	}
	send := FormOf(card)
	if send == nil {
		return nil, fmt.Errorf("submit: the card is no form: %s", Text(card))
	}
	data := object{}
	for k, v := range send {
		data[k] = v
	}
	fields := Inputs(card)
	for name := range values {
		if fields["field-"+name] == nil {
			return nil, fmt.Errorf("submit: the form has no field %q", name)
		}
	}
	for id, in := range fields {
		if v, ok := in["value"]; ok {
			data[id] = v
		}
		if v, ok := values[strings.TrimPrefix(id, "field-")]; ok {
			data[id] = v
			if err := takes(in, v); err != nil {
				return nil, err
			}
		}
		if data[id] == nil || data[id] == "" {
			delete(data, id)
			if required, _ := in["isRequired"].(bool); required {
				return nil, fmt.Errorf("submit: Teams asks for %q first", id)
			}
		}
	}
	more := object{"name": "task/submit", "value": object{"data": data}, "replyToId": on.ID}
	if dialog == nil {
		more["name"] = "adaptiveCard/action"
		more["value"] = object{"action": object{"type": "Action.Execute", "data": data}, "trigger": "manual"}
	}
	status, answer, err := o.Send(o.Activity(m, Personal(m), "invoke", more))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("submit: status %d", status)
	}
	return answer, err
}

// takes reports whether a field of a form can hold a text: one of its choices, a number, a day.
func takes(in object, text string) error {
	kind, _ := in["type"].(string)
	switch choices, _ := in["choices"].([]any); {
	case text == "" || in["choices.data"] != nil:
	case kind == "Input.ChoiceSet" && !slices.ContainsFunc(choices, func(c any) bool {
		choice, _ := c.(object)
		return choice["value"] == text
	}):
		return fmt.Errorf("submit: %v offers no %q: %v", in["id"], text, choices)
	case kind == "Input.Date":
		_, err := time.Parse(time.DateOnly, text)
		return err
	case kind == "Input.Number":
		_, err := strconv.ParseFloat(text, 64)
		return err
	}
	return nil
}

// FormName is the name of the form that a card is; "" where it is none.
func FormName(card object) string {
	truce, _ := FormOf(card)["truce"].(object)
	name, _ := truce["f"].(string)
	return name
}

// FormOf is what the button that sends a form carries; nil where a card is none.
func FormOf(card object) object {
	actions, _ := card["actions"].([]any)
	for _, a := range actions {
		action, _ := a.(object)
		data, _ := action["data"].(object)
		if truce, _ := data["truce"].(object); truce["f"] != nil {
			return data
		}
	}
	return nil
}

// Inputs are the fields of a form, by their ids.
func Inputs(card any) map[string]object {
	found := map[string]object{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if kind, _ := v["type"].(string); strings.HasPrefix(kind, "Input.") {
				if id, ok := v["id"].(string); ok && strings.HasPrefix(id, "field-") {
					found[id] = v
				}
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(card)
	return found
}

// Look is the card as a person sees it on their screen: where it refreshes itself for them, the bot is asked for theirs. An answer
// that is no card leaves the message as it stands.
func (o *Office) Look(m Member, on Message) (Message, error) {
	refresh, _ := on.Card["refresh"].(object)
	action, _ := refresh["action"].(object)
	ids, _ := refresh["userIds"].([]any)
	if action == nil || len(ids) > 0 && !slices.Contains(ids, any(m.ID)) {
		return on, nil
	}
	if len(ids) > 60 {
		return on, fmt.Errorf("look: %d people have a view of their own, Teams takes 60", len(ids))
	}
	status, answer, err := o.Send(o.Activity(m, whereOf(on), "invoke", object{"name": "adaptiveCard/action", "replyToId": on.ID,
		"value": object{"action": object{"type": "Action.Execute", "id": "", "verb": action["verb"], "data": action["data"]},
			"trigger": "automatic"}}))
	if err != nil || status != http.StatusOK {
		return on, fmt.Errorf("look: status %d, %w", status, err)
	}
	if card, ok := answer["value"].(object); ok && answer["type"] == "application/vnd.microsoft.card.adaptive" {
		on.Card = card
	}
	return on, nil
}

// whereOf is the conversation a message stands in.
func whereOf(m Message) Where {
	if strings.HasPrefix(m.Conversation, "a:") {
		return Where{ID: m.Conversation, Kind: "personal"}
	}
	return Where{ID: m.Conversation, Kind: "channel"}
}

// Button finds the action with a title anywhere in a card; nil where there is none.
func Button(card any, title string) object {
	switch c := card.(type) {
	case map[string]any:
		if kind, _ := c["type"].(string); strings.HasPrefix(kind, "Action.") && c["title"] == title && c["data"] != nil {
			return c
		}
		for _, v := range c {
			if b := Button(v, title); b != nil {
				return b
			}
		}
	case []any:
		for _, v := range c {
			if b := Button(v, title); b != nil {
				return b
			}
		}
	}
	return nil
}

// Text is what a card says, its texts one after the other.
func Text(card any) string {
	var b strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range []string{"text", "title"} {
				if s, ok := v[key].(string); ok {
					b.WriteString(s + " ")
				}
			}
			for _, key := range []string{"body", "items", "columns", "rows", "cells", "inlines", "facts", "actions"} {
				walk(v[key])
			}
		case []any:
			for _, x := range v {
				if run, ok := x.(string); ok { // of a rich text, which may be bare
					b.WriteString(run + " ")
				}
				walk(x)
			}
		}
	}
	walk(card)
	return strings.Join(strings.Fields(b.String()), " ")
}

// In are the messages that stand in a conversation, threads included, in the order they came.
func (f *Fake) In(w Where) []Message {
	var out []Message
	for _, m := range f.Messages("") {
		if base(m.Conversation) == base(w.ID) {
			out = append(out, m)
		}
	}
	return out
}
