package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/core"
	"github.com/infracloudio/msbotbuilder-go/core/activity"
	"github.com/infracloudio/msbotbuilder-go/schema"

	"truce/bot/chat"
)

// answeredPrefix keys the notes of activities that have been answered, so that a repeat is not answered twice.
const answeredPrefix = "answered/"

// answeredNote says how an activity was answered.
type answeredNote struct {
	At    time.Time `json:"at"`
	Final bool      `json:"final"`        // an answer; otherwise the news that something went wrong, which a repeat replaces
	Ref   chat.Ref  `json:"ref,omitzero"` // the message that says so
}

// message does a turn: what was said becomes an event, its reply one message.
func (a *Adapter) message(ctx context.Context, in incoming) response {
	ev, kept := a.messageEvent(in)
	t := &turn{a: a, ctx: ctx, in: in, ev: ev, kept: kept}
	library := core.BotFrameworkAdapter{AdapterSetting: core.AdapterSetting{AppID: a.cfg.AppID}, Client: turnClient{post: t.post}}
	err := library.ProcessActivity(ctx, in.Activity, activity.HandlerFuncs{OnMessageFunc: t.run})
	switch {
	case t.failed != nil:
		return failed // nothing was stored: Teams shall deliver it again
	case err == nil:
		return done
	}
	a.log.Error("reply not sent", "event", ev.ID, "err", err)
	if t := chat.TroubleOf(err); t == chat.Later || t == chat.Unauthorized {
		return response{status: http.StatusBadGateway} // certainly not shown, so a repeat shows it
	}
	return done
}

// messageEvent is what a message means: a pressed button (clients that know only Action.Submit), a command, or words. kept is the
// key of the form that was sent, if one was.
func (a *Adapter) messageEvent(in incoming) (ev chat.Event, kept string) {
	if len(in.Value) > 0 && string(in.Value) != "null" {
		if p, values, ok := readPressed(in.Value); ok {
			return a.pressedEvent(in, p, values), p.Kept
		}
	}
	text := plainText(in)
	ev = in.event(a.cfg.TenantID, chat.Message)
	ev.Source = chat.Ref{}
	ev.Text = text
	if name, rest, ok := command(a.cat, text); ok {
		ev.Kind, ev.Name, ev.Text = chat.Command, name, rest
		return ev, ""
	}
	if ev.Place.Kind == chat.DM && isHome(text) {
		ev.Kind, ev.Text = chat.HomeOpened, ""
	}
	return ev, "" // also without words: somebody looks for us, or sent a picture, which we cannot read
}

func isHome(text string) bool {
	word, rest := firstWord(text)
	if word == truceWord {
		word, rest = firstWord(rest)
	}
	return word == "home" && rest == ""
}

// readPressed takes the data of a card's button apart: what we put there, and the inputs' values as text.
func readPressed(raw json.RawMessage) (pressed, map[string]string, bool) {
	var data map[string]json.RawMessage
	if decodeObject(raw, &data) != nil {
		return pressed{}, nil, false
	}
	var p pressed
	own, ok := data["truce"]
	if !ok || json.Unmarshal(own, &p) != nil || p.empty() {
		return pressed{}, nil, false
	}
	values := map[string]string{}
	for id, v := range data {
		name, isField := strings.CutPrefix(id, inputPrefix)
		if isField && p.Form != "" {
			values[name] = inputText(v)
		}
		if name, several := strings.CutPrefix(id, severalPrefix); several && p.Form != "" {
			values[name] = fromCommas(inputText(v))
		}
		if p.Input != "" && id == p.Input {
			values["value"] = inputText(v)
		}
	}
	return p, values, true
}

// inputText is an input's value as text: Teams sends strings, but numbers and booleans on some clients.
func inputText(raw json.RawMessage) string {
	var s string
	var n float64
	var b bool
	switch {
	case json.Unmarshal(raw, &s) == nil:
		if s == noChoice {
			return ""
		}
		return cleanLines(s)
	case json.Unmarshal(raw, &n) == nil && string(raw) != "null":
		return strconv.FormatFloat(n, 'f', -1, 64)
	case json.Unmarshal(raw, &b) == nil && b:
		return "true"
	}
	return ""
}

// pressedEvent is a pressed button, or a form that was sent.
func (a *Adapter) pressedEvent(in incoming, p pressed, values map[string]string) chat.Event {
	if p.Form != "" {
		ev := in.event(a.cfg.TenantID, chat.Submit)
		for name, v := range values {
			if v == "false" { // a toggle that is off; a text "false" cannot be told from it, nor need it be
				values[name] = ""
			}
		}
		ev.Name, ev.Arg, ev.Values = p.Form, clip(p.State, 2000), values
		return ev
	}
	ev := in.event(a.cfg.TenantID, chat.Action)
	ev.Name, ev.Arg = p.Action, clip(p.Arg, 1000)
	switch {
	case p.Own != "":
		ev.Kind, ev.Name = chat.Look, p.Own
		return ev
	case p.Pick != "":
		ev.Kind, ev.Name, ev.Source = chat.Pick, p.Pick, chat.Ref{}
		return ev
	}
	if len(values) > 0 {
		ev.Values = values
	}
	return ev
}

// turn is one message being answered.
type turn struct {
	a    *Adapter
	ctx  context.Context // of the request; the library drops it
	in   incoming
	ev   chat.Event
	kept string

	failed error        // of the handler
	note   answeredNote // what an earlier delivery left
	dest   destination  // where the reply goes
	home   bool         // it is the home card
	aside  *destination // where it is said that the answer went to the person's own chat; nil where that is no news
	card   json.RawMessage
	said   *chat.Card // what card was drawn of; nil of a form
}

// run asks the handler and returns the reply as msbotbuilder-go wants it; its zero value is no reply.
func (t *turn) run(turn *activity.TurnContext) (schema.Activity, error) {
	var err error
	if t.note, _, err = recall[answeredNote](t.ctx, t.a.mem, answeredPrefix+t.ev.ID); err != nil {
		t.failed = err
		t.a.log.Error("notes not read", "err", err)
		return schema.Activity{}, nil
	}
	if t.note.Final {
		return schema.Activity{}, nil
	}
	reply, err := t.a.handle(t.ctx, t.ev)
	t.failed = err
	reply.Public = reply.Public || reply.Open
	card, private, summary, err := t.a.replyCard(t.ctx, t.ev, reply, t.kept)
	if err != nil || card == nil {
		return schema.Activity{}, err
	}
	if err := t.address(reply, private); err != nil {
		return schema.Activity{}, err
	}
	if t.dest.note != "" { // it could not be said privately
		if card, err = t.a.noteCard(t.dest.note); err != nil {
			return schema.Activity{}, err
		}
		summary = t.dest.note
	}
	if t.dest.note == "" && len(reply.Faults) == 0 && reply.Form == nil {
		t.said = reply.Card
	}
	t.card, t.home = card, t.ev.Kind == chat.HomeOpened
	out, err := turn.SendActivity(activity.MsgOptionAttachments([]schema.Attachment{{ContentType: cardType, Content: card}}))
	out.Summary = summary
	return out, err
}

// address decides where the reply goes: where it was said, if all may see it, else where it was said for the person alone, if the
// tenant has such messages, else to the person's own chat. What was asked for the person alone is answered for them alone.
func (t *turn) address(reply chat.Reply, private bool) error {
	here := destination{serviceURL: t.in.ServiceURL, conversation: t.in.Conversation.ID, place: t.ev.Place, replyTo: t.in.ID}
	if t.ev.Place.Kind == chat.DM || !t.in.Targeted && (reply.Public || !private) {
		t.dest = here
		if reply.Replace && !t.ev.Source.IsZero() {
			t.dest.edit = t.ev.Source.ID
		}
		return nil
	}
	if t.a.targets(t.ctx, t.in) {
		here.only = t.in.From.ID
		if reply.Replace && t.in.Targeted && !t.ev.Source.IsZero() {
			here.edit = t.ev.Source.ID
		}
		t.dest = here
		return nil
	}
	return t.addressOwn(here)
}

// addressOwn sends the reply to the person's own chat, and says here that it did.
func (t *turn) addressOwn(here destination) error {
	here.only, here.edit = "", ""
	dest, err := t.a.personal(t.ctx, t.ev.User.ID)
	if err == nil {
		t.dest, t.aside = dest, &here
		return nil
	}
	switch chat.TroubleOf(err) {
	case chat.Unreachable, chat.Gone, chat.NotMember:
		t.a.log.Warn("no personal chat", "user", t.ev.User.ID, "err", err)
		t.dest = here
		t.dest.note = noPersonal
		return nil
	}
	return err
}

// noPersonal stands in the conversation when the answer was for one person and cannot reach them. It says nothing of the answer.
const noPersonal = "My answer is for you alone, and I cannot write to you yet. Open Apps, find Truce, choose Add, and say it to me there."

// sayAside says where somebody asked that the answer is in their own chat. That it cannot be said there is no reason to say it twice.
func (a *Adapter) sayAside(ctx context.Context, dest destination) {
	said := chat.AnsweredPrivately()
	card, err := renderCard(said, a.cfg.TenantID)
	if err == nil {
		_, err = a.transmit(ctx, dest, "", outgoing{Type: "message", Summary: said.Summary,
			Attachments: []attachment{{ContentType: cardType, Content: card}}})
	}
	if err != nil {
		a.log.Warn("not said that the answer is private", "err", err)
	}
}

// post sends the turn's answer and notes that it was given.
func (t *turn) post(act schema.Activity) error {
	out := outgoing{Type: "message", Summary: act.Summary, Attachments: []attachment{{ContentType: cardType, Content: t.card}}}
	if t.said != nil {
		out.plainer = t.a.cardMessage(*t.said, t.card).plainer
	}
	edit := t.dest.edit
	if !t.note.Ref.IsZero() && t.dest.place.ID == t.note.Ref.Place.ID { // an earlier delivery said that something went wrong: now it did not
		edit = t.note.Ref.ID
	}
	ref, err := t.a.transmit(t.ctx, t.dest, edit, out)
	if err != nil && t.dest.only != "" && refusedForOne(err) {
		ref, err = t.elsewhere(out, err)
	}
	if err != nil {
		return err
	}
	if t.home {
		if err := t.a.updateUser(t.ctx, t.ev.User.ID, true, func(u *userRef) { u.Home = ref.ID }); err != nil {
			t.a.log.Warn("home card not noted", "err", err)
		}
	}
	if t.aside != nil && t.note.Ref.IsZero() {
		t.a.sayAside(t.ctx, *t.aside)
	}
	note := answeredNote{At: t.a.clock(), Final: t.failed == nil, Ref: ref}
	if err := remember(t.ctx, t.a.mem, answeredPrefix+t.ev.ID, note); err != nil {
		t.a.log.Warn("answer not noted", "err", err)
	}
	for _, place := range []string{t.ev.Place.ID, t.dest.place.ID} {
		if err := t.a.greeted(t.ctx, place); err != nil {
			t.a.log.Warn("answer not noted", "err", err)
		}
	}
	return nil
}

// replyCard is what a reply shows in a conversation: its card, its form as a card, or what was wrong with a sent form. private says
// whether others may not see it.
func (a *Adapter) replyCard(ctx context.Context, ev chat.Event, reply chat.Reply, kept string) (raw json.RawMessage, private bool,
	summary string, err error) {
	switch {
	case len(reply.Faults) > 0 && reply.Form == nil:
		raw, err = a.again(ctx, ev, reply, kept, true)
		return raw, true, "Please look at your answers again", err
	case reply.Form != nil:
		raw, err = a.showForm(ctx, ev, *reply.Form, formView{values: ev.Values, faults: reply.Faults, inline: true})
		return raw, true, oneLine(reply.Form.Title, 200), err
	case reply.Card != nil:
		raw, err = renderCard(*reply.Card, a.cfg.TenantID)
		return raw, !reply.Public && !reply.Replace, oneLine(reply.Card.Summary, 200), err
	}
	return nil, false, "", nil
}

// membership is the bot being added or removed. Teams tells of an installation in two activities, in either order.
func (a *Adapter) membership(ctx context.Context, in incoming) response {
	added, removed := a.change(in)
	switch {
	case added:
		return a.joined(ctx, in)
	case removed:
		ev := in.event(a.cfg.TenantID, chat.Left)
		if err := a.forget(ctx, in); err != nil {
			a.log.Error("references not dropped", "err", err)
			return failed
		}
		if _, err := a.handle(ctx, ev); err != nil {
			return failed
		}
		return done
	case in.Type == schema.ConversationUpdate:
		if err := a.refresh(ctx, in); err != nil { // a renamed channel, a new member
			a.log.Warn("reference not kept", "err", err)
		}
	}
	return done
}

func (a *Adapter) change(in incoming) (added, removed bool) {
	isBot := func(m schema.ChannelAccount) bool { return m.ID != "" && m.ID == in.Recipient.ID }
	if in.Type == schema.InstallationUpdate {
		return in.Action == "add" || in.Action == "add-upgrade", in.Action == "remove"
	}
	switch in.ChannelData.EventType {
	case "teamDeleted", "teamHardDeleted", "teamArchived":
		return false, true
	}
	return slices.ContainsFunc(in.MembersAdded, isBot), slices.ContainsFunc(in.MembersRemoved, isBot)
}

// welcomeKey keys the note that a place has been greeted, or has talked to us before we came to it.
func welcomeKey(place string) string { return "welcomed/" + strings.TrimPrefix(place, Network+":") }

// greeted notes that a place needs no welcome any more.
func (a *Adapter) greeted(ctx context.Context, place string) error {
	raw, err := a.mem.Get(ctx, welcomeKey(place))
	if err != nil || raw != nil {
		return err
	}
	return remember(ctx, a.mem, welcomeKey(place), dated{At: a.clock()})
}

// joined greets a place once, whatever Teams tells how often, and not any more when the conversation has begun.
func (a *Adapter) joined(ctx context.Context, in incoming) response {
	if err := a.refresh(ctx, in); err != nil {
		a.log.Error("reference not kept", "err", err)
		return failed
	}
	ev := in.event(a.cfg.TenantID, chat.Joined)
	got, err, _ := a.flights.Do("welcome "+ev.Place.ID, func() (any, error) {
		raw, err := a.mem.Get(ctx, welcomeKey(ev.Place.ID))
		if err != nil {
			return failed, fmt.Errorf("recall welcome: %w", err)
		}
		reply, err := a.handle(ctx, ev)
		if err != nil {
			return failed, nil
		}
		if raw != nil || reply.Card == nil {
			return done, nil
		}
		card, err := renderCard(*reply.Card, a.cfg.TenantID)
		if err != nil {
			return done, err
		}
		// Look again: the first words may have been answered while the handler worked.
		if raw, err = a.mem.Get(ctx, welcomeKey(ev.Place.ID)); err != nil || raw != nil {
			return done, err
		}
		if err := a.greeted(ctx, ev.Place.ID); err != nil {
			return failed, err
		}
		dest := destination{serviceURL: in.ServiceURL, conversation: in.Conversation.ID, place: ev.Place}
		_, err = a.transmit(ctx, dest, "", a.cardMessage(*reply.Card, card))
		return done, err
	})
	if err != nil {
		a.log.Error("welcome not sent", "err", err)
		var se *chat.SendError
		if !errors.As(err, &se) {
			return failed
		}
	}
	return got.(response)
}
