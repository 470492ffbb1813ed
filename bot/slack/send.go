package slack

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"truce/bot/chat"
)

// metadataType marks our messages; the payload's key is a digest, since everybody in the channel may read it.
const metadataType = "truce_message"

type messageMetadata struct {
	Type    string            `json:"event_type"`
	Payload map[string]string `json:"event_payload"`
}

// post is the argument of chat.postMessage and chat.update.
type post struct {
	Channel  string           `json:"channel"`
	TS       string           `json:"ts,omitempty"`        // chat.update: which
	Thread   string           `json:"thread_ts,omitempty"` // chat.postMessage
	Metadata *messageMetadata `json:"metadata,omitempty"`
	Message
}

// Send posts or edits a message. It keeps to one message a second per channel, as Slack asks, and waits for that as long as
// ctx allows. A failure is a *chat.SendError.
func (a *Adapter) Send(ctx context.Context, m chat.Outgoing) (chat.Ref, error) {
	team, channel, err := a.channel(ctx, m)
	if err != nil {
		return chat.Ref{}, a.sendError(err, m, false)
	}
	opt := Options{Team: team, Plain: a.takesData(ctx) == nativeRefused}
	if opt.Plain {
		opt.Pictures = a.pictures(ctx, m.Card)
	}
	p := post{Channel: channel, Thread: m.To.Thread}
	method := "chat.postMessage"
	if !m.Edit.IsZero() {
		if strings.HasPrefix(m.Edit.ID, ephemeralMark) {
			return chat.Ref{}, &chat.SendError{Trouble: chat.Gone, Err: errors.New("only its reader has the message: it cannot be edited by id")}
		}
		method, p.TS, p.Thread = "chat.update", m.Edit.ID, ""
	}
	if m.Key != "" {
		p.Metadata = &messageMetadata{Type: metadataType, Payload: map[string]string{"key": digest(m.Key)}}
	}
	if m.Again && m.Edit.IsZero() {
		ts, sure, err := a.find(ctx, channel, m.To.Thread, digest(m.Key))
		if err != nil {
			return chat.Ref{}, a.sendError(err, m, false)
		}
		if ts != "" {
			return a.sent(m, team, channel, ts), nil
		}
		opt.Repeats = !sure
	}
	if err := a.limiter(channel).Wait(ctx); err != nil {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Later, RetryAfter: time.Second, Err: err}
	}
	var out struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	}
	err = a.tryPlain(ctx, m.Card, RenderMessage(m.Card, opt), opt, func(msg Message) error {
		p.Message = msg
		return a.api.post(ctx, method, p, &out)
	})
	if err != nil {
		return chat.Ref{}, a.sendError(err, m, method == "chat.postMessage")
	}
	if out.Channel == "" {
		out.Channel = channel
	}
	return a.sent(m, team, out.Channel, out.TS), nil
}

// sent names the message that stands now.
func (a *Adapter) sent(m chat.Outgoing, team, channel, ts string) chat.Ref {
	place := m.To
	place.ID = id(team, channel)
	if m.To.User != "" {
		place.Kind = chat.DM
	}
	return chat.Ref{Place: place, ID: ts}
}

// tryPlain calls with the message, and where Slack refuses its blocks once more with plain ones, and pictures of the
// charts where they may be uploaded.
func (a *Adapter) tryPlain(ctx context.Context, card chat.Card, first Message, opt Options, call func(Message) error) error {
	err := call(first)
	switch codeOf(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments":
	default:
		if err == nil && hasData(first) {
			a.noteData(ctx, true)
		}
		return err
	}
	a.log.Warn("slack: blocks refused, drawing plain ones", "card", card.Key, "error", err)
	opt.Plain = true
	opt.Pictures = a.pictures(ctx, card)
	err = call(RenderMessage(card, opt))
	if err == nil && hasData(first) {
		a.noteData(ctx, false)
	}
	if c := codeOf(err); c == "invalid_blocks" || c == "msg_blocks_too_long" {
		if len(opt.Pictures) > 0 { // a picture is not there at once; the figures as text are
			opt.Pictures = nil
			if err = call(RenderMessage(card, opt)); err == nil {
				return nil
			}
		}
		return call(Message{Text: RenderMessage(card, opt).Text})
	}
	return err
}

// channel is where a message goes: the conversation, or the DM with a person, opened where needed.
func (a *Adapter) channel(ctx context.Context, m chat.Outgoing) (team, channel string, err error) {
	if !m.Edit.IsZero() {
		if team, channel, ok := split(m.Edit.Place.ID); ok {
			return team, channel, nil
		}
	}
	if team, channel, ok := split(m.To.ID); ok {
		if team == "" { // configured by its name
			return a.named(ctx, channel)
		}
		return team, channel, nil
	}
	team, user, ok := split(m.To.User)
	if !ok {
		return "", "", &apiError{Method: "send", Code: "channel_not_found", Unsent: true}
	}
	a.mu.Lock()
	channel = a.dms[user]
	a.mu.Unlock()
	if channel != "" {
		return team, channel, nil
	}
	var out struct {
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if err := a.api.post(ctx, "conversations.open", map[string]string{"users": user}, &out); err != nil {
		return "", "", err
	}
	a.mu.Lock()
	if len(a.dms) >= keepUsers {
		clear(a.dms)
	}
	a.dms[user] = out.Channel.ID
	a.mu.Unlock()
	a.noteDM(out.Channel.ID)
	return team, out.Channel.ID, nil
}

// limiter is a channel's pace: one message a second (D apis/web-api/rate-limits).
func (a *Adapter) limiter(channel string) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.limiters[channel]
	if l == nil {
		if len(a.limiters) >= keepUsers {
			clear(a.limiters) // all of them idle for long, but for a few
		}
		l = rate.NewLimiter(rate.Every(time.Second), 1)
		a.limiters[channel] = l
	}
	return l
}

// find looks for a message of ours by its key among the recent ones. sure is false where the granted scopes or Slack do
// not let us look; the error is for what may be looked at later.
func (a *Adapter) find(ctx context.Context, channel, thread, key string) (ts string, sure bool, err error) {
	me := a.me()
	need := "channels:history"
	switch {
	case strings.HasPrefix(channel, "D"):
		need = "im:history"
	case strings.HasPrefix(channel, "G") && !me.Scopes[need]:
		need = "groups:history"
	}
	if me.Scopes != nil && !me.Scopes[need] && !(need == "channels:history" && me.Scopes["groups:history"]) {
		return "", false, nil
	}
	method, args := "conversations.history", url.Values{"channel": {channel}, "limit": {"50"}, "include_all_metadata": {"true"}}
	if thread != "" {
		method = "conversations.replies"
		args.Set("ts", thread)
		args.Set("limit", "200")
	}
	var out struct {
		Messages []struct {
			TS       string `json:"ts"`
			Metadata struct {
				Type    string         `json:"event_type"`
				Payload map[string]any `json:"event_payload"`
			} `json:"metadata"`
		} `json:"messages"`
	}
	switch _, err := a.api.get(ctx, method, args, &out); {
	case codeOf(err) == "ratelimited":
		return "", false, err
	case err != nil:
		a.log.Info("slack: look for a message", "error", err)
		return "", false, nil
	}
	for _, m := range out.Messages {
		if m.Metadata.Type == metadataType && m.Metadata.Payload["key"] == key {
			return m.TS, true, nil
		}
	}
	return "", true, nil
}

// sendError says what a failed call means for the message. posts is true where it may have posted one.
func (a *Adapter) sendError(err error, m chat.Outgoing, posts bool) error {
	var e *apiError
	if !errors.As(err, &e) {
		return &chat.SendError{Trouble: chat.Later, Err: err}
	}
	se := &chat.SendError{Err: err}
	where := "the channel"
	if m.To.Name != "" {
		where = "#" + strings.TrimPrefix(m.To.Name, "#")
	}
	switch e.Code {
	case "":
		switch {
		case e.Status != 0 && e.Status < 500 && e.Err == nil: // a proxy's 4xx: Slack itself says what is wrong in JSON
			se.Trouble = chat.Later
		case e.Unsent || !posts:
			se.Trouble = chat.Later
		default:
			se.Trouble = chat.Unclear
		}
	case "ratelimited", "rate_limited":
		se.Trouble, se.RetryAfter = chat.Later, e.RetryAfter
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org":
		se.Trouble = chat.Later
		if posts {
			se.Trouble = chat.Unclear
		}
	case "not_in_channel", "channel_not_found":
		if m.To.User != "" && m.To.ID == "" {
			se.Trouble = chat.Unreachable
			break
		}
		se.Trouble, se.Remedy = chat.NotMember, "Type /invite @Truce in "+where+"."
	case "is_archived":
		se.Trouble, se.Remedy = chat.Gone, "Choose another channel: "+where+" is archived."
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found", "is_inactive", "message_deleted":
		se.Trouble = chat.Gone
	case "user_not_found", "users_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot", "messages_tab_disabled",
		"users_list_not_supplied":
		se.Trouble = chat.Unreachable
	case "missing_scope", "no_permission", "not_allowed_token_type":
		se.Trouble, se.Remedy = chat.Unauthorized, "Add the missing scope to the Slack app and install it again: truce manifest slack prints "+
			"all of them."
		if e.Needed != "" {
			se.Remedy = "Add the scope " + e.Needed + " to the Slack app (OAuth & Permissions) and install it again."
		}
	case "token_revoked", "invalid_auth", "not_authed", "account_inactive", "token_expired", "team_access_not_granted", "org_login_required",
		"ekm_access_denied", "access_denied":
		se.Trouble, se.Remedy = chat.Unauthorized, "Install the Slack app again and write the new bot token into slack.bot_token."
	default:
		se.Trouble = chat.Refused
	}
	return se
}

// publish puts a card on a person's home page; with a hash only where the page is still the one that has it, else it is a hash_conflict.
func (a *Adapter) publish(ctx context.Context, user string, card chat.Card, team, hash string) error {
	body := map[string]any{"user_id": user, "view": RenderHome(card, Options{Team: team})}
	if hash != "" {
		body["hash"] = hash
	}
	return a.api.post(ctx, "views.publish", body, nil)
}

// SetHome puts a card on a user's home page. A failure is a *chat.SendError.
func (a *Adapter) SetHome(ctx context.Context, user string, card chat.Card) error {
	team, local, ok := split(user)
	if !ok {
		return &chat.SendError{Trouble: chat.Unreachable, Err: errors.New("not a Slack user: " + user)}
	}
	if err := a.publish(ctx, local, card, team, ""); err != nil {
		return a.sendError(err, chat.Outgoing{To: chat.Place{User: user}}, false)
	}
	return nil
}

// scopeSet reads an X-OAuth-Scopes header; nil where there is none.
func scopeSet(header string) map[string]bool {
	if header == "" {
		return nil
	}
	set := map[string]bool{}
	for s := range strings.SplitSeq(header, ",") {
		set[strings.TrimSpace(s)] = true
	}
	return set
}
