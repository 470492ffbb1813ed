package teams

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"truce/bot/chat"
)

// incoming is one activity of Teams. The plain members are msbotbuilder-go's schema.Activity; what that cannot decode (a value
// that is a string, mentions, channelData) is decoded here from the same bytes.
type incoming struct {
	schema.Activity
	Value       json.RawMessage // an object, a string, an array, or nothing
	Mentions    []mention
	ChannelData channelData
	Zone        string // the sender's, where Teams says it
	Targeted    bool   // nobody else in the conversation sees it (a targeted message)
}

type mention struct {
	ID   string // mentioned.id
	Text string // "<at>Truce</at>"
}

type channelData struct {
	EventType string                                        `json:"eventType"`
	Tenant    struct{ ID string }                           `json:"tenant"`
	Team      struct{ ID, AadGroupID string }               `json:"team"`
	Channel   struct{ ID, Name string }                     `json:"channel"`
	Settings  struct{ SelectedChannel struct{ ID string } } `json:"settings"`
}

// libraryMembers are those that go on to schema.Activity. Names are taken exactly: Go's decoder would take "ServiceUrl" for
// "serviceUrl" too, and what was checked must be what is used.
var libraryMembers = []string{"type", "id", "timestamp", "serviceUrl", "channelId", "from", "conversation", "recipient",
	"membersAdded", "membersRemoved", "locale", "text", "textFormat", "action", "replyToId", "name"}

// rawActivity is an activity by its members, before the library has seen it.
type rawActivity map[string]json.RawMessage

func parseRaw(body []byte) (rawActivity, error) {
	var raw rawActivity
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("decode activity: %w", err)
	}
	if raw == nil {
		return nil, errors.New("decode activity: null")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode activity: more than one value")
	}
	return raw, nil
}

// forLibrary is the request as msbotbuilder-go can parse it.
func (raw rawActivity) forLibrary(r *http.Request) (*http.Request, error) {
	kept := rawActivity{}
	for _, name := range libraryMembers {
		if v, ok := raw[name]; ok && string(v) != "null" {
			kept[name] = v
		}
	}
	if t, ok := kept["timestamp"]; ok && json.Unmarshal(t, new(time.Time)) != nil {
		delete(kept, "timestamp") // a moment we cannot read is not worth refusing what was said
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("decode activity: %w", err)
	}
	out := r.Clone(r.Context())
	out.Body = io.NopCloser(bytes.NewReader(body))
	return out, nil
}

// with completes what the library decoded. Members of an unexpected shape are left empty, except those we would act on.
func (raw rawActivity) with(act schema.Activity) (incoming, error) {
	in := incoming{Activity: act, Value: raw["value"]}
	if data, ok := raw["channelData"]; ok && string(data) != "null" {
		if err := json.Unmarshal(data, &in.ChannelData); err != nil {
			return incoming{}, fmt.Errorf("decode channelData: %w", err)
		}
	}
	var entities []struct {
		Type      string `json:"type"`
		Text      string `json:"text"`
		Mentioned struct {
			ID string `json:"id"`
		} `json:"mentioned"`
		Timezone string `json:"timezone"`
	}
	json.Unmarshal(raw["entities"], &entities)
	json.Unmarshal(raw["localTimezone"], &in.Zone)
	for _, e := range entities {
		switch {
		case e.Type == "mention":
			in.Mentions = append(in.Mentions, mention{ID: e.Mentioned.ID, Text: e.Text})
		case e.Type == "clientInfo" && in.Zone == "":
			in.Zone = e.Timezone
		}
	}
	var to account
	if json.Unmarshal(raw["recipient"], &to) == nil {
		in.Targeted = to.Targeted
	}
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "Local" {
		in.Zone = ""
	}
	return in, nil
}

// tenants are all that the activity says about the tenant it comes from.
func (in incoming) tenants() []string {
	var ts []string
	for _, t := range []string{in.Conversation.TenantID, in.ChannelData.Tenant.ID} {
		if t != "" {
			ts = append(ts, t)
		}
	}
	return ts
}

// checkTenant refuses what does not come from our tenant alone. The token of a single-tenant bot does not name it.
func (in incoming) checkTenant(tenant string) error {
	ts := in.tenants()
	if len(ts) == 0 {
		return errors.New("the activity names no tenant")
	}
	for _, t := range ts {
		if !strings.EqualFold(t, tenant) {
			return fmt.Errorf("tenant %q is not ours", t)
		}
	}
	return nil
}

func (in incoming) place(tenant string) chat.Place {
	id, thread := cutThread(in.Conversation.ID)
	kind := placeKind(in.Conversation.ConversationType)
	if in.Conversation.ConversationType == "" && in.Conversation.IsGroup {
		kind = chat.Group
		if in.ChannelData.Channel.ID != "" {
			kind = chat.Channel
		}
	}
	name := in.Conversation.Name
	if in.ChannelData.Channel.Name != "" {
		name = in.ChannelData.Channel.Name
	}
	return chat.Place{ID: makeID(tenant, id), Kind: kind, Name: name, Thread: thread}
}

func (in incoming) user(tenant string) chat.User {
	if in.From.ID == "" {
		return chat.User{}
	}
	rest := strings.ToLower(in.From.AadObjectID)
	if rest == "" {
		rest = in.From.ID
	}
	return chat.User{ID: makeID(tenant, rest), Name: in.From.Name, Zone: in.Zone}
}

// event is what all kinds of activities have in common as an Event.
func (in incoming) event(tenant string, kind chat.Kind) chat.Event {
	return chat.Event{
		ID:     makeID(tenant, in.Conversation.ID+":"+in.ID),
		Kind:   kind,
		User:   in.user(tenant),
		Place:  in.place(tenant),
		Source: in.source(tenant),
		At:     in.Timestamp,
	}
}

// source is the message whose button was pressed; plain messages in a thread carry a replyToId too, so only those with a
// value have one.
func (in incoming) source(tenant string) chat.Ref {
	if in.ReplyToID == "" || len(in.Value) == 0 {
		return chat.Ref{}
	}
	return chat.Ref{Place: in.place(tenant), ID: in.ReplyToID}
}
