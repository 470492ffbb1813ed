package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"truce/bot/chat"
)

// The structures here hold only what is used. Slack adds elements all the time, and slack-go refuses a whole payload for
// one it does not know (an element of actions, a table's cell).

// slashCommand is a slash command: a form over HTTP, JSON over Socket Mode.
type slashCommand struct {
	Team         string `json:"team_id"`
	Enterprise   string `json:"enterprise_id"`
	Channel      string `json:"channel_id"`
	ChannelName  string `json:"channel_name"`
	User         string `json:"user_id"`
	UserName     string `json:"user_name"`
	Command      string `json:"command"`
	Text         string `json:"text"`
	ResponseURL  string `json:"response_url"`
	Trigger      string `json:"trigger_id"`
	SSLCheckOnly string `json:"ssl_check"`
}

// errPayload is for what is no payload of Slack's.
var errPayload = errors.New("not a payload of Slack's")

func commandOfForm(body []byte) (slashCommand, error) {
	v, err := url.ParseQuery(string(body))
	if err != nil {
		return slashCommand{}, fmt.Errorf("read the form: %w", errPayload)
	}
	return slashCommand{
		Team: v.Get("team_id"), Enterprise: v.Get("enterprise_id"), Channel: v.Get("channel_id"), ChannelName: v.Get("channel_name"),
		User: v.Get("user_id"), UserName: v.Get("user_name"), Command: v.Get("command"), Text: v.Get("text"),
		ResponseURL: v.Get("response_url"), Trigger: v.Get("trigger_id"), SSLCheckOnly: v.Get("ssl_check"),
	}, nil
}

func commandOfJSON(payload []byte) (c slashCommand, err error) {
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, fmt.Errorf("read the command: %w", errPayload)
	}
	return c, nil
}

// tenant is the workspace, or the enterprise where the app is installed for a whole one.
func tenant(team, enterprise string) string {
	if team != "" {
		return team
	}
	return enterprise
}

type idName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// interaction is a click, a sent or closed form, a shortcut, or somebody typing in a field that suggests.
type interaction struct {
	Type        string  `json:"type"`
	Team        *idName `json:"team"`
	Enterprise  *idName `json:"enterprise"`
	Trigger     string  `json:"trigger_id"`
	ResponseURL string  `json:"response_url"`
	CallbackID  string  `json:"callback_id"`
	ActionTS    string  `json:"action_ts"`
	User        struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		UserName string `json:"username"`
		Team     string `json:"team_id"`
	} `json:"user"`
	Channel   *idName       `json:"channel"`
	Container container     `json:"container"`
	Message   *message      `json:"message"`
	MessageTS string        `json:"message_ts"`
	Actions   []actionTaken `json:"actions"`
	View      *view         `json:"view"`
	State     *viewState    `json:"state"`
	ActionID  string        `json:"action_id"` // block_suggestion
	BlockID   string        `json:"block_id"`  // block_suggestion
	Value     string        `json:"value"`     // block_suggestion
}

type container struct {
	Type      string `json:"type"` // message, view
	MessageTS string `json:"message_ts"`
	ThreadTS  string `json:"thread_ts"`
	Channel   string `json:"channel_id"`
	Ephemeral bool   `json:"is_ephemeral"`
	ViewID    string `json:"view_id"`
}

type message struct {
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	Username string `json:"username"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
}

type actionTaken struct {
	Type     string  `json:"type"`
	ActionID string  `json:"action_id"`
	BlockID  string  `json:"block_id"`
	Value    string  `json:"value"`
	ActionTS string  `json:"action_ts"`
	Selected *option `json:"selected_option"`
}

type option struct {
	Value string `json:"value"`
}

type view struct {
	ID              string     `json:"id"`
	Type            string     `json:"type"` // modal, home
	CallbackID      string     `json:"callback_id"`
	PrivateMetadata string     `json:"private_metadata"`
	Hash            string     `json:"hash"`
	Submit          *textOf    `json:"submit"`
	State           *viewState `json:"state"`
	Blocks          []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
	} `json:"blocks"`
}

type textOf struct {
	Text string `json:"text"`
}

// submitLabel is what stands on the view's button.
func (v *view) submitLabel() string {
	if v.Submit != nil && v.Submit.Text != "" {
		return clean(v.Submit.Text)
	}
	return "the button"
}

type viewState struct {
	Values map[string]map[string]stateValue `json:"values"`
}

type stateValue struct {
	Type            string   `json:"type"`
	Value           string   `json:"value"`
	SelectedOption  *option  `json:"selected_option"`
	SelectedOptions []option `json:"selected_options"`
	SelectedDate    string   `json:"selected_date"`
}

// text is what was answered, in the form's words: "true" or "" for a tick, the values of several together.
func (v stateValue) text() string {
	switch {
	case len(v.SelectedOptions) > 0:
		var chosen []string
		for _, o := range v.SelectedOptions {
			chosen = append(chosen, o.Value)
		}
		return chat.Together(chosen...)
	case v.SelectedOption != nil && v.SelectedOption.Value != noChoice:
		return v.SelectedOption.Value
	case v.SelectedDate != "":
		return v.SelectedDate
	}
	return clean(v.Value)
}

// answers are a view's values by field: the field's name is the block id.
func (v *view) answers() map[string]string {
	values := map[string]string{}
	if v == nil || v.State == nil {
		return values
	}
	for block, elements := range v.State.Values {
		for _, e := range elements {
			values[block] = e.text()
		}
	}
	return values
}

// firstInput is the block id of the first field that can show a fault.
func (v *view) firstInput() string {
	if v != nil {
		for _, b := range v.Blocks {
			if b.Type == "input" {
				return b.BlockID
			}
		}
	}
	return ""
}

// isInput reports whether block is one that can show a fault: any other key makes Slack show "trouble connecting".
func (v *view) isInput(block string) bool {
	if v != nil {
		for _, b := range v.Blocks {
			if b.Type == "input" && b.BlockID == block {
				return true
			}
		}
	}
	return false
}

func interactionOf(payload []byte) (in interaction, err error) {
	if err := json.Unmarshal(payload, &in); err != nil {
		return in, fmt.Errorf("read the interaction: %w", errPayload)
	}
	return in, nil
}

// envelope is the outside of an Events API delivery.
type envelope struct {
	Type           string `json:"type"` // url_verification, event_callback, app_rate_limited
	Challenge      string `json:"challenge"`
	Team           string `json:"team_id"`
	Enterprise     string `json:"enterprise_id"`
	EventID        string `json:"event_id"`
	Authorizations []struct {
		User string `json:"user_id"`
	} `json:"authorizations"`
	Event json.RawMessage `json:"event"`
}

// event is the inside.
type event struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"-"`    // in some events Who is an object: userInfo
	Who         json.RawMessage `json:"user"` //
	UserTeam    string          `json:"user_team"`
	BotID       string          `json:"bot_id"`
	Text        string          `json:"text"`
	Channel     json.RawMessage `json:"channel"` // a string, an object in some events
	ChannelType string          `json:"channel_type"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	EventTS     string          `json:"event_ts"`
	Tab         string          `json:"tab"`
	Edited      json.RawMessage `json:"edited"`
	Hidden      bool            `json:"hidden"`
}

func (e event) channel() string {
	var s string
	if json.Unmarshal(e.Channel, &s) == nil {
		return s
	}
	var o idName
	_ = json.Unmarshal(e.Channel, &o)
	return o.ID
}

// moment reads a ts ("1700000000.123456": seconds and microseconds since 1970); the zero time where it is none.
func moment(ts string) time.Time {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || s <= 0 || s > 1<<40 {
		return time.Time{}
	}
	us := int64(0)
	if frac != "" {
		frac = (frac + "000000")[:6]
		if us, err = strconv.ParseInt(frac, 10, 64); err != nil || us < 0 {
			us = 0
		}
	}
	return time.Unix(s, us*1000).UTC()
}
