package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// receiver turns what Slack delivers into events, gives them to the handlers, and the reply back: the same over HTTP and
// Socket Mode.
type receiver struct {
	*Adapter
	h chat.Handler
}

// ack is what Slack is told: an HTTP response, or the acknowledgement of an envelope.
type ack struct {
	status int  // below 400 is acknowledged
	body   any  // as JSON; nil is an empty body
	keep   bool // it had an effect beside the body: a repetition gets the same answer and does nothing
}

// okay acknowledges; a repetition does nothing.
func okay() ack { return ack{status: http.StatusOK, keep: true} }

// handleLimit bounds one event's handling, also after Slack has given up waiting: what is stored then is answered by
// response_url.
const handleLimit = 10 * time.Second

// commandPatience is how long a command may take before Slack is told that the answer follows: it gives up after three
// seconds and shows an error.
const commandPatience = 2500 * time.Millisecond

// handle gives an event to the handlers, outliving the request that brought it.
func (in receiver) handle(ctx context.Context, ev chat.Event) (chat.Reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleLimit)
	defer cancel()
	reply, err := in.guarded(ctx, ev)
	if err != nil && reply.Card == nil && reply.Form == nil && len(reply.Faults) == 0 { // who handles events logs what fails
		reply.Card = apology(err)
	}
	return reply, err
}

// guarded calls the handlers; a panic there is one event's error, not the end of the bot.
func (in receiver) guarded(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	defer func() {
		if r := recover(); r != nil {
			reply, err = chat.Reply{}, fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			in.log.Error("slack: handle", "id", ev.ID, "kind", ev.Kind, "name", ev.Name, "error", err)
		}
	}()
	return in.h.Handle(ctx, ev)
}

// apology is what is shown of an error that came without a card.
func apology(err error) *chat.Card {
	s := truce.Sentence(err)
	if s == "" {
		s = "Something went wrong, and nothing was stored. Please try again."
	}
	return &chat.Card{Key: "slack.error", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// command answers a slash command in the response itself.
func (in receiver) command(ctx context.Context, c slashCommand) ack {
	if c.SSLCheckOnly == "1" {
		return ack{status: http.StatusOK}
	}
	if c.Command == "" || c.User == "" {
		return ack{status: http.StatusBadRequest}
	}
	team := tenant(c.Team, c.Enterprise)
	evID := c.Trigger
	if evID == "" {
		evID = digest(team, c.Channel, c.User, c.Command, c.Text, c.ResponseURL)
	}
	evID = Network + ":command:" + evID
	ans, _ := in.once.do(evID, in.now(), func() ack {
		late := make(chan ack, 1)
		o := origin{team: team, user: c.User, channel: c.Channel, trigger: c.Trigger, responseURL: c.ResponseURL}
		in.work.do(ctx, commandPatience, handleLimit+apiTimeout, func(ctx context.Context) {
			reply, _ := in.handle(ctx, chat.Event{
				ID: evID, Kind: chat.Command, Name: in.ourName(c.Command),
				Text:     plainText(c.Text, in.knownName(team)),
				Mentions: mentions(team, c.Text, in.knownName(team)),
				User:     user(team, c.User),
				Place:    in.commandPlace(team, c),
			})
			late <- in.commandAnswer(ctx, o, reply, evID, plainText(c.Text, nil))
		})
		select {
		case ans := <-late:
			return ans
		default:
		}
		in.work.do(ctx, 0, handleLimit+apiTimeout, func(ctx context.Context) {
			select {
			case ans := <-late:
				in.answerLate(ctx, o, ans)
			case <-ctx.Done():
			}
		})
		return ack{status: http.StatusOK, keep: true, body: response{Type: ephemeral,
			Message: Message{Text: "Still working on it: the answer follows here in a moment."}}}
	})
	return ans
}

// commandAnswer makes the response to a command of the handlers' reply.
func (in receiver) commandAnswer(ctx context.Context, o origin, reply chat.Reply, evID, typed string) ack {
	switch {
	case reply.Form != nil:
		card := in.openForm(ctx, o, *reply.Form, evID, typed)
		if card == nil {
			return okay()
		}
		return ack{status: http.StatusOK, keep: true, body: in.response(o, *card, false, false)}
	case reply.Card != nil:
		return in.body(ctx, o, *reply.Card, reply.Public, evID)
	default:
		return ack{status: http.StatusOK}
	}
}

// answerLate brings an answer that missed its response by the response URL.
func (a *Adapter) answerLate(ctx context.Context, o origin, ans ack) {
	if r, ok := ans.body.(response); ok {
		if err := a.api.respond(ctx, o.responseURL, r); err != nil {
			a.log.Error("slack: late answer", "error", err)
		}
	}
}

// commandPlace is where a command was typed. A "directmessage" may be one between two people: it counts as private only
// where it is known to be the bot's own.
func (a *Adapter) commandPlace(team string, c slashCommand) chat.Place {
	p := chat.Place{ID: id(team, c.Channel), Name: c.ChannelName, Kind: a.placeKind(c.Channel)}
	switch {
	case c.Channel == "":
		return chat.Place{Kind: chat.DM, User: id(team, c.User)}
	case c.ChannelName == "directmessage" || c.ChannelName == "privategroup":
		p.Name = ""
	case strings.HasPrefix(c.ChannelName, "mpdm-"):
		p.Name, p.Kind = "", chat.Group
	}
	return p
}

// placeKind tells a DM with the bot from other conversations, by what has been seen of it.
func (a *Adapter) placeKind(channel string) chat.PlaceKind {
	if !strings.HasPrefix(channel, "D") {
		return chat.Channel
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ourDMs[channel] {
		return chat.DM
	}
	return chat.Group
}

// noteDM remembers a channel as a DM with the bot.
func (a *Adapter) noteDM(channel string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ourDMs) >= keepUsers {
		clear(a.ourDMs)
	}
	a.ourDMs[channel] = true
}

// event takes an Events API delivery. again says that Slack repeats it.
func (in receiver) event(ctx context.Context, body []byte, again bool) ack {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return ack{status: http.StatusBadRequest}
	}
	switch env.Type {
	case "url_verification":
		return ack{status: http.StatusOK, body: map[string]string{"challenge": env.Challenge}}
	case "event_callback":
	case "app_rate_limited":
		in.log.Warn("slack: too many events, Slack drops some this minute")
		return okay()
	default:
		return ack{status: http.StatusOK}
	}
	var e event
	if err := json.Unmarshal(env.Event, &e); err != nil {
		in.log.Warn("slack: event not understood", "event", env.EventID)
		return ack{status: http.StatusOK} // unknown shapes are not ours to refuse
	}
	_ = json.Unmarshal(e.Who, &e.User)
	ev, ok := in.eventOf(env, e)
	if !ok {
		return ack{status: http.StatusOK}
	}
	ans, _ := in.once.do(ev.ID, in.now(), func() ack { return in.eventAnswer(ctx, ev, e, again) })
	return ans
}

// eventOf decodes an event; ok is false for those that nobody waits for.
func (in receiver) eventOf(env envelope, e event) (ev chat.Event, ok bool) {
	team := tenant(env.Team, env.Enterprise)
	me := in.me().BotUser
	if me == "" && len(env.Authorizations) > 0 {
		me = env.Authorizations[0].User
	}
	ev = chat.Event{ID: Network + ":event:" + env.EventID, At: moment(e.EventTS)}
	if env.EventID == "" {
		ev.ID = Network + ":event:" + digest(string(env.Event))
	}
	channel := e.channel()
	switch e.Type {
	case "message", "app_mention":
		if e.Type == "message" && e.ChannelType != "im" || e.BotID != "" || e.User == "" || e.User == me || e.Hidden ||
			len(e.Edited) > 0 && string(e.Edited) != "null" ||
			e.Subtype != "" && e.Subtype != "file_share" && e.Subtype != "thread_broadcast" {
			return ev, false
		}
		if channel == "" || e.TS == "" {
			return ev, false
		}
		ev.Kind, ev.At = chat.Message, moment(e.TS)
		// By place and time, not event_id: one message has been seen delivered many times under different event ids.
		ev.ID = Network + ":message:" + team + ":" + channel + ":" + e.TS
		ev.Place = chat.Place{ID: id(team, channel), Kind: chat.Channel, Thread: e.ThreadTS}
		if e.Type == "message" {
			in.noteDM(channel)
			ev.Place.Kind = chat.DM
		} else if e.ThreadTS == "" {
			ev.Place.Thread = e.TS // mentions are answered in their thread
		}
		said := withoutMention(e.Text, me)
		ev.Text, ev.Mentions = plainText(said, in.knownName(team)), mentions(team, said, in.knownName(team))
	case "app_home_opened":
		if e.Tab != "home" {
			return ev, false
		}
		ev.Kind, ev.Place = chat.HomeOpened, chat.Place{Kind: chat.DM, User: id(team, e.User)}
	case "member_joined_channel":
		if me == "" || e.User != me {
			return ev, false
		}
		ev.Kind, ev.Place = chat.Joined, chat.Place{ID: id(team, channel), Kind: chat.Channel}
		return ev, true
	case "channel_left", "group_left": // of the bot itself; others' leaving has another name
		if channel == "" {
			return ev, false
		}
		ev.Kind, ev.Place = chat.Left, chat.Place{ID: id(team, channel), Kind: chat.Channel}
		return ev, true
	case "user_change", "team_join":
		var u userInfo
		if json.Unmarshal(e.Who, &u) != nil || u.ID == "" || u.Bot || u.ID == "USLACKBOT" {
			return ev, false
		}
		ev.Kind, ev.User = chat.Told, in.keep(team, u.ID, u).user
		ev.User.ID = id(team, u.ID)
		return ev, true
	case "app_uninstalled", "tokens_revoked":
		ev.Kind, ev.Arg = chat.Left, Network+":"+team
		return ev, true
	default:
		return ev, false
	}
	ev.User = user(team, e.User)
	return ev, true
}

// withoutMention takes the bot's own mention out of a text.
func withoutMention(text, bot string) string {
	if bot == "" {
		return text
	}
	for {
		i := strings.Index(text, "<@"+bot)
		if i < 0 {
			return text
		}
		rest := text[i+len("<@"+bot):]
		end := strings.IndexByte(rest, '>')
		if end < 0 || end > 0 && rest[0] != '|' {
			return text
		}
		text = strings.TrimRight(text[:i], " ") + " " + strings.TrimLeft(rest[end+1:], " :,")
	}
}
