package slack

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"truce/bot/chat"
)

// inTime is how much of Slack's three seconds the work after a commit may use before Slack is answered; it goes on
// afterwards.
const inTime = 1500 * time.Millisecond

// interaction takes a click, a form, a shortcut or a suggestion.
func (in receiver) interaction(ctx context.Context, payload []byte) ack {
	p, err := interactionOf(payload)
	if err != nil || p.User.ID == "" {
		return ack{status: http.StatusBadRequest}
	}
	switch p.Type {
	case "block_actions":
		return in.clicks(ctx, p)
	case "view_submission":
		return in.submitted(ctx, p)
	case "view_closed":
		return in.dismissed(ctx, p)
	case "shortcut", "message_action":
		return in.shortcut(ctx, p)
	case "block_suggestion":
		return in.suggest(ctx, p, payload)
	default:
		return ack{status: http.StatusOK}
	}
}

// team is the workspace an interaction came from.
func (p interaction) team() string {
	switch {
	case p.Team != nil && p.Team.ID != "":
		return p.Team.ID
	case p.Enterprise != nil && p.Enterprise.ID != "":
		return p.Enterprise.ID
	default:
		return p.User.Team
	}
}

// origin is where an interaction came from: where its answer goes.
func (p interaction) origin() origin {
	o := origin{
		team: p.team(), user: p.User.ID, trigger: p.Trigger, responseURL: p.ResponseURL,
		channel: p.Container.Channel, message: p.Container.MessageTS, ephemeral: p.Container.Ephemeral, thread: p.Container.ThreadTS,
	}
	if p.Channel != nil {
		o.channel = p.Channel.ID
	}
	if p.Message != nil {
		if o.message == "" {
			o.message = p.Message.TS
		}
		if p.Message.ThreadTS != "" && p.Message.ThreadTS != p.Message.TS {
			o.thread = p.Message.ThreadTS
		}
	}
	if p.View != nil {
		o.viewID, o.viewType, o.viewHash = p.View.ID, p.View.Type, p.View.Hash
	}
	return o
}

// place is a conversation as the handlers know it.
func (in receiver) place(o origin, name string) chat.Place {
	if o.channel == "" {
		return chat.Place{Kind: chat.DM, User: id(o.team, o.user)}
	}
	if name == "directmessage" || name == "privategroup" {
		name = ""
	}
	return chat.Place{ID: id(o.team, o.channel), Kind: in.placeKind(o.channel), Name: name, Thread: o.thread}
}

// channelName is the name Slack gives with an interaction.
func (p interaction) channelName() string {
	if p.Channel == nil {
		return ""
	}
	return p.Channel.Name
}

// clicks takes the pressed button or the choice made; Slack sends one action at a time.
func (in receiver) clicks(ctx context.Context, p interaction) ack {
	ans := okay()
	for _, act := range p.Actions {
		// user, action_ts and action_id name a click where a repetition may carry another trigger.
		evID := Network + ":action:" + p.Trigger
		if act.ActionTS != "" {
			evID = Network + ":action:" + strings.Join([]string{p.team(), p.User.ID, act.ActionTS, act.ActionID}, ":")
		}
		ans, _ = in.once.do(evID, in.now(), func() ack {
			in.work.do(ctx, inTime, handleLimit+apiTimeout, func(ctx context.Context) { in.click(ctx, p, act, evID) })
			return okay()
		})
	}
	return ans
}

func (in receiver) click(ctx context.Context, p interaction, act actionTaken, evID string) {
	o := p.origin()
	name, arg, values := actionOf(act)
	switch name {
	case actionLink:
		return // Slack tells of pressed links too; the person is on the way there
	case actionContinue:
		in.reopen(ctx, o, arg, evID)
		return
	}
	place := in.place(o, p.channelName())
	reply, _ := in.handle(ctx, chat.Event{
		ID: evID, Kind: chat.Action, Name: name, Arg: arg, Values: values,
		User: user(p.team(), p.User.ID), Place: place, Source: ref(place, o.message, o.ephemeral), At: moment(act.ActionTS),
	})
	in.reply(ctx, o, reply, evID, "")
}

// submitted takes a sent form: its answer says what becomes of the modal. One that takes too long leaves the form open, and the
// person sends it again: that gets the first one's outcome.
func (in receiver) submitted(ctx context.Context, p interaction) ack {
	if p.View == nil {
		return ack{status: http.StatusBadRequest}
	}
	evID := Network + ":submit:" + p.User.ID + ":" + digest(append([]string{p.team(), p.View.ID, p.View.Hash, p.View.CallbackID,
		p.View.PrivateMetadata}, inOrder(p.View.answers())...)...)
	delivery := p.Trigger
	if delivery == "" {
		delivery = evID
	}
	ans, _ := in.once.do(Network+":submit:"+delivery, in.now(), func() ack {
		done := make(chan ack, 1)
		in.work.do(ctx, commandPatience, handleLimit+apiTimeout, func(ctx context.Context) { done <- in.submit(ctx, p, evID) })
		select {
		case ans := <-done:
			return ans
		default:
			return faults(p.View, []chat.Fault{{Text: "This takes longer than usual. Please press " + p.View.submitLabel() +
				" once more in a few seconds: it is done only once."}})
		}
	})
	return ans
}

// submit gives a sent form to the handlers. evID is the same for what is sent twice from the same view, whatever trigger it came
// with: somebody whose first answer was lost presses again.
func (in receiver) submit(ctx context.Context, p interaction, evID string) ack {
	m, ok := in.metadata(ctx, p.View.PrivateMetadata)
	if !ok {
		return faults(p.View, []chat.Fault{{Text: "This form can no longer be sent. Copy what you typed, and open it again."}})
	}
	values := p.View.answers()
	o := m.origin(p)
	place := in.place(o, "")
	reply, err := in.handle(ctx, chat.Event{
		ID: evID, Kind: chat.Submit, Name: p.View.CallbackID, Arg: m.State, Values: values,
		User: user(p.team(), p.User.ID), Place: place, Source: ref(place, o.message, o.ephemeral),
	})
	if err != nil && len(reply.Faults) == 0 && reply.Form == nil { // the form stays, with all that was typed
		return faults(p.View, []chat.Fault{{Text: reply.Card.Summary}})
	}
	return in.submitAnswer(ctx, p.View, o, reply, evID)
}

// inOrder is a form's values as a list that is the same whenever they are.
func inOrder(values map[string]string) []string {
	list := make([]string, 0, 2*len(values))
	for _, k := range sortedKeys(values) {
		list = append(list, k, values[k])
	}
	return list
}

// submitAnswer is what becomes of the modal: faults beside the fields, another form, or closed and a card shown.
func (in receiver) submitAnswer(ctx context.Context, v *view, o origin, reply chat.Reply, evID string) ack {
	switch {
	case len(reply.Faults) > 0:
		return faults(v, reply.Faults)
	case reply.Form != nil:
		modal, err := in.modal(ctx, *reply.Form, o, evID)
		if err != nil {
			in.log.Error("slack: form", "name", reply.Form.Name, "error", err)
			return faults(v, []chat.Fault{{Text: "The next form could not be opened. Please try again."}})
		}
		return ack{status: http.StatusOK, keep: true, body: map[string]any{"response_action": "update", "view": modal}}
	}
	if reply.Card != nil {
		in.work.do(ctx, inTime, handleLimit+apiTimeout, func(ctx context.Context) { in.reply(ctx, o, reply, evID, "") })
		return ack{status: http.StatusOK, keep: true, body: map[string]any{"response_action": "clear"}}
	}
	return okay()
}

// faults shows what is wrong beside the fields. Slack takes block ids of inputs only: what belongs to no input is shown at
// the first one.
func faults(v *view, list []chat.Fault) ack {
	errs := map[string]string{}
	for _, f := range list {
		block := f.Field
		if !v.isInput(block) {
			block = v.firstInput()
		}
		if old := errs[block]; old != "" {
			f.Text = old + " " + f.Text
		}
		errs[block] = f.Text
	}
	if _, none := errs[""]; none { // a form without inputs: nothing typed can be lost
		text := errs[""]
		return ack{status: http.StatusOK, keep: true, body: map[string]any{"response_action": "update",
			"view": cardView(chat.Card{Summary: text, Blocks: []chat.Block{chat.Para(text)}}, Options{})}}
	}
	return ack{status: http.StatusOK, keep: true, body: map[string]any{"response_action": "errors", "errors": errs}}
}

// dismissed takes a form closed without being sent.
func (in receiver) dismissed(ctx context.Context, p interaction) ack {
	if p.View == nil || p.View.CallbackID == "" {
		return ack{status: http.StatusOK}
	}
	evID := Network + ":dismiss:" + p.View.ID
	ans, _ := in.once.do(evID, in.now(), func() ack {
		in.work.do(ctx, inTime, handleLimit+apiTimeout, func(ctx context.Context) {
			m, ok := in.metadata(ctx, p.View.PrivateMetadata)
			if !ok {
				return
			}
			o := m.origin(p)
			place := in.place(o, "")
			reply, _ := in.handle(ctx, chat.Event{
				ID: evID, Kind: chat.Dismiss, Name: p.View.CallbackID, Arg: m.State, Values: p.View.answers(),
				User: user(p.team(), p.User.ID), Place: place, Source: ref(place, o.message, o.ephemeral),
			})
			reply.Form = nil // there is no trigger to open one with
			in.reply(ctx, o, reply, evID, "")
		})
		return okay()
	})
	return ans
}

// shortcut takes a shortcut, on a message or from anywhere.
func (in receiver) shortcut(ctx context.Context, p interaction) ack {
	o := p.origin()
	evID := p.Trigger
	if p.ActionTS != "" {
		evID = strings.Join([]string{o.team, o.user, p.ActionTS, p.CallbackID}, ":")
	}
	evID = Network + ":shortcut:" + evID
	ans, _ := in.once.do(evID, in.now(), func() ack {
		in.work.do(ctx, inTime, handleLimit+apiTimeout, func(ctx context.Context) {
			place := in.place(o, p.channelName())
			ev := chat.Event{
				ID: evID, Kind: chat.Shortcut, Name: p.CallbackID,
				User: user(p.team(), p.User.ID), Place: place, At: moment(p.ActionTS),
			}
			if m := p.Message; p.Type == "message_action" && m != nil {
				author := m.Username
				if m.User != "" {
					author = in.knownName(o.team)(m.User)
				}
				ev.Source = ref(place, m.TS, false)
				ev.Quoted = &chat.Quoted{Text: plainText(m.Text, in.knownName(o.team)), At: moment(m.TS), Author: chat.User{Name: clean(author)}}
				if m.User != "" {
					ev.Quoted.Author.ID = id(o.team, m.User)
				}
			}
			reply, _ := in.handle(ctx, ev)
			reply.Replace = false // what was said by others stays
			in.reply(ctx, o, reply, evID, "")
		})
		return okay()
	})
	return ans
}

// noChoice is the value of an option that only says why there are none: chosen, it is nothing.
const noChoice = "truce:nothing"

// suggest answers what somebody types in a field that suggests: with why there is nothing, where that takes so long that Slack
// would show an error.
func (in receiver) suggest(ctx context.Context, p interaction, payload []byte) ack {
	ev := chat.Event{
		ID:   Network + ":suggest:" + digest(string(payload)),
		Kind: chat.Suggest, Name: p.ActionID, Text: plainText(p.Value, nil), User: user(p.team(), p.User.ID),
		Place: in.place(p.origin(), p.channelName()),
	}
	if p.View != nil {
		if m, ok := in.metadata(ctx, p.View.PrivateMetadata); ok {
			ev.Arg, ev.Place = m.State, in.place(m.origin(p), "")
		}
		ev.Values = p.View.answers()
	}
	found := make(chan chat.Reply, 1)
	in.work.do(ctx, commandPatience, handleLimit, func(ctx context.Context) {
		reply, _ := in.handle(ctx, ev)
		found <- reply
	})
	select {
	case reply := <-found:
		if len(reply.Faults) > 0 && len(reply.Options) == 0 { // why there is nothing
			reply.Options = []chat.Option{reason(reply.Faults[0].Text)}
		}
		return ack{status: http.StatusOK, body: suggestions(reply.Options)}
	default:
		return ack{status: http.StatusOK, body: suggestions([]chat.Option{reason("This takes longer than usual. Type on, or try again in a " +
			"minute.")})}
	}
}

// reason is an option that says why there is nothing to choose: what its label has no room for goes on below it.
func reason(text string) chat.Option {
	o := chat.Option{Value: noChoice, Label: text}
	if utf8.RuneCountInString(text) > maxOptionText {
		if i := strings.LastIndexByte(string([]rune(text)[:maxOptionText]), ' '); i > 0 {
			o.Label, o.Hint = text[:i], text[i+1:]
		}
	}
	return o
}
