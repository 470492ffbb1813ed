package slackfake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Ack is what the bot answered to a delivery.
type Ack struct {
	Status int    // HTTP status; 200 for an acknowledged envelope, 0 where none came in three seconds
	Body   []byte // JSON, or empty
}

// deliver sends a payload to the bot: signed over HTTP, or by an envelope. kind is commands, interactions or events.
func (f *Fake) deliver(kind string, payload map[string]any) Ack {
	if f.BotURL == "" {
		return f.envelope(kind, payload)
	}
	var body, ctype string
	switch kind {
	case "commands":
		v := url.Values{}
		for k, x := range payload {
			v.Set(k, fmt.Sprint(x))
		}
		body, ctype = v.Encode(), "application/x-www-form-urlencoded"
	case "interactions":
		raw, _ := json.Marshal(payload)
		body, ctype = url.Values{"payload": {string(raw)}}.Encode(), "application/x-www-form-urlencoded"
	default:
		raw, _ := json.Marshal(payload)
		body, ctype = string(raw), "application/json"
	}
	return f.Post(kind, ctype, body)
}

// Post sends a signed request to the bot.
func (f *Fake) Post(kind, contentType, body string) Ack {
	req, err := http.NewRequest("POST", f.BotURL+"/slack/"+kind, strings.NewReader(body))
	if err != nil {
		return Ack{}
	}
	req.Header.Set("Content-Type", contentType)
	Sign(req, f.SigningSecret, body, f.Now())
	client := http.Client{Timeout: 3 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return Ack{}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return Ack{}
	}
	return Ack{Status: resp.StatusCode, Body: raw}
}

// Sign adds Slack's signature headers.
func Sign(r *http.Request, secret, body string, at time.Time) {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// Command types "/objection too slow" in a channel; the answer is shown to the user.
func (f *Fake) Command(user, channel, line string) Ack {
	name, text, _ := strings.Cut(line, " ")
	f.mu.Lock()
	c := f.Channels[channel]
	payload := map[string]any{
		"team_id": f.Team, "channel_id": channel, "user_id": user, "user_name": strings.ToLower(f.Users[user].Name),
		"command": name, "text": entities(text), "trigger_id": f.trigger(user),
	}
	if c != nil {
		payload["channel_name"] = c.Name
		if c.Private && c.IM == "" {
			payload["channel_name"] = "privategroup"
		}
	}
	payload["response_url"] = f.responseURL(responseURL{user: user, channel: channel})
	f.mu.Unlock()
	ack := f.deliver("commands", payload)
	f.shown(user, channel, ack)
	return ack
}

// shown shows the person the answer to a command.
func (f *Fake) shown(user, channel string, ack Ack) {
	var body struct {
		Type   string `json:"response_type"`
		Text   string `json:"text"`
		Blocks []any  `json:"blocks"`
	}
	if ack.Status != 200 || len(ack.Body) == 0 || json.Unmarshal(ack.Body, &body) != nil || body.Text == "" && len(body.Blocks) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if faults := f.checkBlocks(body.Blocks, message); len(faults) > 0 { // the person sees only that the command failed
		body.Type, body.Text, body.Blocks = "ephemeral", "failed with the error \"invalid_blocks\": "+strings.Join(faults, "; "), nil
	}
	f.show(user, channel, "", body.Type, body.Text, body.Blocks)
}

// entities is how Slack sends text.
func entities(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Press presses the button of this label in the last message the user can see that has it (their ephemeral ones first, then
// the channel's), or chooses the option of this label.
func (f *Fake) Press(user, channel, label string) Ack { return f.PressOn(user, channel, label, "") }

// PressOn presses it in the last message that holds a text, besides.
func (f *Fake) PressOn(user, channel, label, holding string) Ack {
	f.mu.Lock()
	var found *Message
	var act map[string]any
	candidates := append(append([]*Message{}, f.Channels[channel].Messages...), f.seen[user]...)
	for _, m := range candidates {
		if m.Ephemeral && m.Channel != channel || !m.holds(holding) {
			continue
		}
		if a := findAction(m.Blocks, label); a != nil {
			found, act = m, a
		}
	}
	if found == nil {
		f.mu.Unlock()
		return Ack{}
	}
	payload := f.actionPayload(user, act)
	container := map[string]any{"type": "message", "message_ts": found.TS, "channel_id": channel, "is_ephemeral": found.Ephemeral}
	if found.Thread != "" {
		container["thread_ts"] = found.Thread
	}
	payload["container"] = container
	payload["channel"] = map[string]any{"id": channel, "name": f.Channels[channel].Name}
	payload["response_url"] = f.responseURL(responseURL{user: user, channel: channel, message: found})
	if !found.Ephemeral {
		payload["message"] = map[string]any{"ts": found.TS, "text": found.Text, "thread_ts": found.Thread, "blocks": found.Blocks}
	}
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}

// holds reports whether a message says a text, in its own words or in those of its blocks.
func (m *Message) holds(text string) bool {
	var said strings.Builder
	said.WriteString(m.Text + " ")
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range []string{"text", "elements", "fields", "rows"} {
				walk(v[key])
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case string:
			said.WriteString(v + " ")
		}
	}
	walk(m.Blocks)
	return strings.Contains(strings.Join(strings.Fields(said.String()), ""), strings.Join(strings.Fields(text), ""))
}

// PressHome presses a button on the user's home page.
func (f *Fake) PressHome(user, label string) Ack {
	f.mu.Lock()
	home := f.homes[user]
	if home == nil {
		f.mu.Unlock()
		return Ack{}
	}
	act := findAction(list(home.View["blocks"]), label)
	if act == nil {
		f.mu.Unlock()
		return Ack{}
	}
	payload := f.actionPayload(user, act)
	payload["container"] = map[string]any{"type": "view", "view_id": home.ID}
	payload["view"] = f.viewPayload(home, nil)
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}

// PressModal presses a button in the modal the user sees.
func (f *Fake) PressModal(user, label string) Ack {
	f.mu.Lock()
	v := f.top(user)
	if v == nil {
		f.mu.Unlock()
		return Ack{}
	}
	act := findAction(list(v.View["blocks"]), label)
	if act == nil {
		f.mu.Unlock()
		return Ack{}
	}
	payload := f.actionPayload(user, act)
	payload["container"] = map[string]any{"type": "view", "view_id": v.ID}
	payload["view"] = f.viewPayload(v, nil)
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}

func (f *Fake) actionPayload(user string, act map[string]any) map[string]any {
	act["action_ts"] = f.ts()
	return map[string]any{
		"type": "block_actions", "team": map[string]any{"id": f.Team}, "trigger_id": f.trigger(user),
		"user": map[string]any{"id": user, "name": strings.ToLower(f.Users[user].Name), "team_id": f.Users[user].Team}, "actions": []any{act},
	}
}

// findAction finds the element with a label, as the action that pressing or choosing it sends.
func findAction(blocks []any, label string) map[string]any {
	for _, b := range blocks {
		block, _ := b.(map[string]any)
		elements := list(block["elements"])
		for _, row := range list(block["rows"]) {
			for _, cell := range list(row) {
				if c, ok := cell.(map[string]any); ok && c["type"] == "action_cell" {
					elements = append(elements, c["element"])
				}
			}
		}
		for _, x := range elements {
			e, _ := x.(map[string]any)
			if t, _ := e["text"].(map[string]any); e["type"] == "button" && str(t, "text") == label {
				return map[string]any{"type": "button", "action_id": e["action_id"], "block_id": block["block_id"], "value": e["value"]}
			}
			for _, o := range list(e["options"]) {
				m, _ := o.(map[string]any)
				if t, _ := m["text"].(map[string]any); str(t, "text") == label {
					return map[string]any{"type": "static_select", "action_id": e["action_id"], "block_id": block["block_id"], "selected_option": m}
				}
			}
		}
	}
	return nil
}

// Submit fills in the modal the user sees (field -> text, the value of an option, "true" for a tick) and sends it. What the
// answer asks for is done: faults are returned, the view updated or closed.
func (f *Fake) Submit(user string, values map[string]string) (ack Ack, faults map[string]string) {
	f.mu.Lock()
	v := f.top(user)
	if v == nil {
		f.mu.Unlock()
		return Ack{}, nil
	}
	payload := map[string]any{
		"type": "view_submission", "team": map[string]any{"id": f.Team}, "trigger_id": f.trigger(user),
		"user": map[string]any{"id": user, "name": strings.ToLower(f.Users[user].Name), "team_id": f.Users[user].Team},
		"view": f.viewPayload(v, values),
	}
	f.mu.Unlock()
	ack = f.deliver("interactions", payload)
	if ack.Status != 200 {
		return ack, nil
	}
	var body struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   map[string]any    `json:"view"`
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(bytes.TrimSpace(ack.Body)) == 0 {
		f.pop(user)
		return ack, nil
	}
	if err := json.Unmarshal(ack.Body, &body); err != nil || body.Action == "" {
		return ack, map[string]string{"": "We had some trouble connecting."}
	}
	switch body.Action {
	case "errors":
		for block := range body.Errors {
			if input(v.View, block) == nil {
				return ack, map[string]string{"": "We had some trouble connecting."}
			}
		}
		return ack, body.Errors
	case "update", "push":
		if bad := f.checkView(body.View); len(bad) > 0 {
			return ack, map[string]string{"": "We had some trouble connecting: " + strings.Join(bad, "; ")}
		}
		if body.Action == "update" {
			f.updateView(v, body.View)
		} else {
			nv := f.newView(user, body.View)
			f.views[nv.ID] = nv
			f.stacks[user] = append(f.stacks[user], nv.ID)
		}
	case "clear":
		f.stacks[user] = nil
	}
	return ack, nil
}

func (f *Fake) pop(user string) {
	if s := f.stacks[user]; len(s) > 0 {
		f.stacks[user] = s[:len(s)-1]
	}
}

// CloseModal closes the modal the user sees, with what was typed so far.
func (f *Fake) CloseModal(user string, values map[string]string) Ack {
	f.mu.Lock()
	v := f.top(user)
	if v == nil {
		f.mu.Unlock()
		return Ack{}
	}
	f.pop(user)
	notify, _ := v.View["notify_on_close"].(bool)
	payload := map[string]any{
		"type": "view_closed", "team": map[string]any{"id": f.Team}, "user": map[string]any{"id": user, "team_id": f.Users[user].Team},
		"view": f.viewPayload(v, values), "is_cleared": false,
	}
	f.mu.Unlock()
	if !notify {
		return Ack{}
	}
	return f.deliver("interactions", payload)
}

// input finds a view's input block.
func input(view map[string]any, block string) map[string]any {
	for _, b := range list(view["blocks"]) {
		if m, ok := b.(map[string]any); ok && m["type"] == "input" && m["block_id"] == block {
			return m
		}
	}
	return nil
}

// viewPayload is a view as an interaction carries it, with the state of its inputs: values, else what they were filled with.
func (f *Fake) viewPayload(v *View, values map[string]string) map[string]any {
	state := map[string]any{}
	for _, b := range list(v.View["blocks"]) {
		block, _ := b.(map[string]any)
		if block["type"] != "input" {
			continue
		}
		e, _ := block["element"].(map[string]any)
		value, given := values[str(block, "block_id")]
		state[str(block, "block_id")] = map[string]any{str(e, "action_id"): inputState(e, value, given)}
	}
	out := map[string]any{"id": v.ID, "hash": v.Hash, "state": map[string]any{"values": state}, "root_view_id": v.ID}
	for _, k := range []string{"type", "callback_id", "private_metadata", "blocks", "title", "submit", "close"} {
		out[k] = v.View[k]
	}
	return out
}

func inputState(e map[string]any, value string, given bool) map[string]any {
	kind := str(e, "type")
	s := map[string]any{"type": kind}
	switch kind {
	case "static_select", "external_select", "radio_buttons":
		s["selected_option"] = nil
		if given && value != "" {
			s["selected_option"] = map[string]any{"value": value, "text": map[string]any{"type": "plain_text", "text": value}}
		} else if !given {
			s["selected_option"] = e["initial_option"]
		}
	case "checkboxes", "multi_static_select":
		s["selected_options"] = []any{}
		if given && value != "" {
			var chosen []any
			for v := range strings.SplitSeq(value, "\n") {
				chosen = append(chosen, map[string]any{"value": v})
			}
			s["selected_options"] = chosen
		} else if !given && e["initial_options"] != nil {
			s["selected_options"] = e["initial_options"]
		}
	case "datepicker":
		s["selected_date"] = nil
		if given && value != "" {
			s["selected_date"] = value
		} else if !given {
			s["selected_date"] = e["initial_date"]
		}
	default:
		s["value"] = nil
		if given && value != "" {
			s["value"] = value
		} else if !given {
			s["value"] = e["initial_value"]
		}
	}
	return s
}

// Suggest types into a field of the modal that suggests.
func (f *Fake) Suggest(user, field, text string) Ack {
	f.mu.Lock()
	v := f.top(user)
	if v == nil {
		f.mu.Unlock()
		return Ack{}
	}
	e, _ := input(v.View, field)["element"].(map[string]any)
	payload := map[string]any{
		"type": "block_suggestion", "team": map[string]any{"id": f.Team}, "user": map[string]any{"id": user, "team_id": f.Users[user].Team},
		"container": map[string]any{"type": "view", "view_id": v.ID}, "view": f.viewPayload(v, nil),
		"action_id": e["action_id"], "block_id": field, "value": text,
	}
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}

// Event delivers an event with a new event id; team is the workspace of the event.
func (f *Fake) Event(inner map[string]any) Ack {
	f.mu.Lock()
	id := fmt.Sprintf("Ev%d", f.next())
	f.mu.Unlock()
	return f.EventAs(id, inner)
}

// EventAs delivers an event under an event id.
func (f *Fake) EventAs(id string, inner map[string]any) Ack {
	return f.deliver("events", map[string]any{
		"type": "event_callback", "team_id": f.Team, "event_id": id, "event_time": f.Now().Unix(), "event": inner,
		"authorizations": []any{map[string]any{"team_id": f.Team, "user_id": f.BotUser, "is_bot": true}},
	})
}

// Write sends the bot a direct message, and returns its ts.
func (f *Fake) Write(user, text string) (Ack, string) {
	f.mu.Lock()
	channel := f.openDM(user)
	m := &Message{Channel: channel, TS: f.ts(), User: user, Text: text}
	f.Channels[channel].Messages = append(f.Channels[channel].Messages, m)
	f.mu.Unlock()
	return f.Event(DirectMessage(user, channel, m.TS, text)), m.TS
}

// DirectMessage is the inside of a message.im event.
func DirectMessage(user, channel, ts, text string) map[string]any {
	return map[string]any{"type": "message", "channel_type": "im", "channel": channel, "user": user, "text": entities(text), "ts": ts,
		"event_ts": ts}
}

// Mention writes a message with a mention of the bot into a channel.
func (f *Fake) Mention(user, channel, text, thread string) Ack {
	f.mu.Lock()
	m := &Message{Channel: channel, TS: f.ts(), User: user, Text: text, Thread: thread}
	f.Channels[channel].Messages = append(f.Channels[channel].Messages, m)
	f.mu.Unlock()
	inner := map[string]any{"type": "app_mention", "channel": channel, "user": user, "text": "<@" + f.BotUser + "> " + entities(text),
		"ts": m.TS, "event_ts": m.TS}
	if thread != "" {
		inner["thread_ts"] = thread
	}
	return f.Event(inner)
}

// Say writes a message into a channel as a person, and returns its ts.
func (f *Fake) Say(user, channel, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &Message{Channel: channel, TS: f.ts(), User: user, Text: text}
	f.Channels[channel].Messages = append(f.Channels[channel].Messages, m)
	return m.TS
}

// OpenHome opens the home page.
func (f *Fake) OpenHome(user string) Ack {
	return f.Event(map[string]any{"type": "app_home_opened", "user": user, "channel": f.dmOf(user), "tab": "home", "event_ts": "1.1"})
}

// MessageShortcut uses a shortcut on a message of a channel.
func (f *Fake) MessageShortcut(user, channel, ts, callback string) Ack {
	f.mu.Lock()
	var on *Message
	for _, m := range f.Channels[channel].Messages {
		if m.TS == ts {
			on = m
		}
	}
	payload := map[string]any{
		"type": "message_action", "callback_id": callback, "team": map[string]any{"id": f.Team}, "trigger_id": f.trigger(user),
		"action_ts":    f.ts(),
		"user":         map[string]any{"id": user, "team_id": f.Users[user].Team},
		"channel":      map[string]any{"id": channel, "name": f.Channels[channel].Name},
		"message":      map[string]any{"user": on.User, "text": entities(on.Text), "ts": on.TS},
		"response_url": f.responseURL(responseURL{user: user, channel: channel, message: on}),
	}
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}

// GlobalShortcut uses a shortcut from anywhere.
func (f *Fake) GlobalShortcut(user, callback string) Ack {
	f.mu.Lock()
	payload := map[string]any{
		"type": "shortcut", "callback_id": callback, "team": map[string]any{"id": f.Team}, "trigger_id": f.trigger(user), "action_ts": f.ts(),
		"user": map[string]any{"id": user, "team_id": f.Users[user].Team},
	}
	f.mu.Unlock()
	return f.deliver("interactions", payload)
}
