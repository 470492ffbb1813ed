package teams

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// Invokes are answered in place: what the HTTP response holds is what the person sees.

// result is an invoke's answer, and what remains to be done once it is out.
type result struct {
	answer response
	ev     chat.Event
	reply  chat.Reply
	shown  bool                  // the reply was sent as a message already
	after  func(context.Context) // e.g. changing the card for everybody else
}

// The invokes we answer, by Teams' names.
const (
	cardAction      = "adaptiveCard/action"
	taskFetch       = "task/fetch"
	taskSubmit      = "task/submit"
	extensionFetch  = "composeExtension/fetchTask"
	extensionSubmit = "composeExtension/submitAction"
	extensionQuery  = "composeExtension/query"
	extensionPick   = "composeExtension/selectItem"
	typeAhead       = "application/search"
)

func (a *Adapter) invoke(ctx context.Context, in incoming) result {
	var do func(context.Context, incoming) result
	switch in.Name {
	case cardAction:
		do = a.cardAction
	case taskFetch, taskSubmit, extensionSubmit:
		do = a.dialog
	case extensionFetch:
		do = a.shortcut
	case extensionQuery:
		do = a.search
	case extensionPick:
		do = a.pick
	case typeAhead:
		do = a.typeAhead
	default:
		a.log.Info("unknown invoke", "name", oneLine(in.Name, 80))
		return result{answer: response{status: http.StatusNotImplemented}}
	}
	if p, ok := looks(in); ok {
		return a.ownCard(ctx, in, p)
	}
	if err := a.refresh(ctx, in); err != nil {
		a.log.Error("reference not kept", "err", err)
		return result{answer: failed}
	}
	return do(ctx, in)
}

// tooSlow is the answer when ours is not ready in time.
func tooSlow(in incoming) response {
	if _, ok := looks(in); ok {
		return asItStands
	}
	const text = "This takes longer than Teams waits. You will get the answer as a message."
	switch in.Name {
	case cardAction:
		return cardMessage(text)
	case extensionQuery:
		return extensionMessage("This takes too long. Type one more letter to try again.")
	case extensionPick:
		return extensionMessage("This takes too long. Choose it again.")
	case typeAhead:
		return found(nil)
	}
	return taskMessage(text)
}

// sendLate says as a message what could not be said in time.
func (a *Adapter) sendLate(ctx context.Context, r result) {
	if r.shown || r.reply.Card == nil || r.reply.Replace { // a replaced card changes afterwards anyway
		return
	}
	if _, err := a.say(ctx, r.ev, r.reply, "", r.reply.Public); err != nil {
		a.log.Error("late reply not sent", "event", r.ev.ID, "err", err)
	}
}

func cardMessage(text string) response {
	return response{http.StatusOK, element{"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}}
}

func cardError(status int, code, text string) response {
	return response{http.StatusOK, element{"statusCode": status, "type": "application/vnd.microsoft.error",
		"value": element{"code": code, "message": text}}}
}

func cardAnswer(card json.RawMessage) response {
	return response{http.StatusOK, element{"statusCode": 200, "type": cardType, "value": card}}
}

// sentence is what a person is told when the handler failed: its own words where it has some.
func sentence(reply chat.Reply, err error) string {
	if s := truce.Sentence(err); s != "" {
		return s
	}
	if reply.Card != nil && reply.Card.Summary != "" {
		return reply.Card.Summary
	}
	return "Something went wrong and nothing was stored. Please try again."
}

// cardAction is a button of a card in a message.
func (a *Adapter) cardAction(ctx context.Context, in incoming) result {
	p, values, ok := readAction(in)
	if !ok {
		return result{answer: cardError(http.StatusBadRequest, "BadRequest", "This button is not one of Truce's.")}
	}
	ev := a.pressedEvent(in, p, values)
	reply, err := a.handle(ctx, ev)
	r := result{ev: ev, reply: reply}
	if err != nil {
		r.answer, r.shown = cardError(http.StatusInternalServerError, "Internal", sentence(reply, err)), true
		return r
	}
	switch {
	case len(reply.Faults) > 0:
		card, err := a.again(ctx, ev, reply, p.Kept, true)
		return a.inPlace(r, card, err)
	case reply.Card != nil && (reply.Replace || ev.Kind == chat.Submit && !reply.Public):
		// A form in a message gives way to its answer, for all who see it. Teams keeps what we answer here for this person only.
		card, err := renderCard(*reply.Card, a.cfg.TenantID)
		if err == nil {
			r.after = a.replace(ev, *reply.Card, card)
		}
		return a.inPlace(r, card, err)
	case reply.Card == nil && reply.Form == nil:
		r.answer = cardMessage("Done.")
		return r
	}
	return a.beside(ctx, r, p.Kept)
}

// inPlace shows a card instead of the one whose button was pressed.
func (a *Adapter) inPlace(r result, card json.RawMessage, err error) result {
	if err != nil {
		a.log.Error("card not drawn", "event", r.ev.ID, "err", err)
		r.answer = cardError(http.StatusInternalServerError, "Internal", "It is done, but the answer could not be shown.")
		return r
	}
	r.answer = cardAnswer(card)
	return r
}

// beside sends the reply as a message: where the card stands if all may see it or it is a personal chat, else to the person's own
// chat. If it cannot be sent, it takes the card's place in this person's view.
func (a *Adapter) beside(ctx context.Context, r result, kept string) result {
	here := r.reply.Public || r.ev.Place.Kind == chat.DM
	ctx, cancel := context.WithTimeout(ctx, invokeTime-time.Second)
	defer cancel()
	shown, err := a.say(ctx, r.ev, r.reply, kept, here)
	if err == nil {
		r.shown = true
		r.answer = cardMessage(map[bool]string{true: "Done.", false: "I answered you in our own chat."}[here || !shown])
		return r
	}
	a.log.Warn("reply shown in the card's place", "event", r.ev.ID, "err", err)
	card, _, _, err := a.replyCard(ctx, r.ev, r.reply, kept)
	return a.inPlace(r, card, err)
}

// say sends a reply as a message, once: a repeated delivery of the same event is not answered twice (shown is false then).
func (a *Adapter) say(ctx context.Context, ev chat.Event, reply chat.Reply, kept string, here bool) (shown bool, err error) {
	note, _, err := recall[answeredNote](ctx, a.mem, answeredPrefix+ev.ID)
	if err != nil || note.Final {
		return false, err
	}
	card, _, summary, err := a.replyCard(ctx, ev, reply, kept)
	if err != nil || card == nil {
		return false, err
	}
	dest := destination{}
	if here {
		dest, err = a.resolve(ctx, ev.Place)
	} else {
		dest, err = a.personal(ctx, ev.User.ID)
	}
	if err != nil {
		return false, err
	}
	ref, err := a.transmit(ctx, dest, "", outgoing{Type: "message", Summary: summary,
		Attachments: []attachment{{ContentType: cardType, Content: card}}})
	if err != nil && chat.TroubleOf(err) != chat.Unclear {
		return false, err
	}
	return true, remember(ctx, a.mem, answeredPrefix+ev.ID, answeredNote{At: a.clock(), Final: true, Ref: ref})
}

// replace changes the message an event came from, for all who see it.
func (a *Adapter) replace(ev chat.Event, card chat.Card, drawn json.RawMessage) func(context.Context) {
	if ev.Source.IsZero() {
		return nil
	}
	return func(ctx context.Context) {
		dest, err := a.resolve(ctx, ev.Source.Place)
		if err == nil {
			_, err = a.transmit(ctx, dest, ev.Source.ID, a.cardMessage(card, drawn))
		}
		if err != nil {
			a.log.Warn("message not changed", "event", ev.ID, "err", err)
		}
	}
}

// typeAhead is somebody typing in a field that suggests.
func (a *Adapter) typeAhead(ctx context.Context, in incoming) result {
	var v struct {
		QueryText string `json:"queryText"`
		Dataset   string `json:"dataset"`
	}
	decodeObject(in.Value, &v)
	return result{answer: found(a.suggestions(ctx, in.event(a.cfg.TenantID, chat.Suggest), v.Dataset, tidy(v.QueryText))), shown: true}
}

func found(options []chat.Option) response {
	results := []element{}
	for _, c := range choices(options) {
		results = append(results, element{"title": c["title"], "value": c["value"]})
	}
	return response{http.StatusOK, element{"statusCode": 200, "type": "application/vnd.microsoft.search.searchResponse",
		"value": element{"results": results}}}
}

// search is the message extension's search: what is found can be put into the message being written.
func (a *Adapter) search(ctx context.Context, in incoming) result {
	var v struct {
		CommandID  string `json:"commandId"`
		Parameters []struct {
			Name  string          `json:"name"`
			Value json.RawMessage `json:"value"`
		} `json:"parameters"`
	}
	decodeObject(in.Value, &v)
	ev := in.event(a.cfg.TenantID, chat.Suggest)
	ev.Name, ev.Source = v.CommandID, chat.Ref{}
	for _, p := range v.Parameters {
		if p.Name != "initialRun" {
			ev.Text = strings.TrimSpace(ev.Text + " " + tidy(inputText(p.Value)))
		}
	}
	reply, err := a.handle(ctx, ev)
	if err != nil {
		return result{answer: extensionMessage(sentence(reply, err)), shown: true}
	}
	if len(reply.Faults) > 0 { // why there is nothing
		return result{answer: extensionMessage(reply.Faults[0].Text), shown: true}
	}
	attachments := []element{}
	for _, o := range reply.Options[:min(len(reply.Options), 25)] {
		card, err := renderCard(chat.Card{Summary: o.Label, Blocks: []chat.Block{chat.Para(o.Label), chat.Small(o.Hint)}}, a.cfg.TenantID)
		if err != nil {
			continue
		}
		preview := element{"title": escapeHTML(oneLine(o.Label, 200)), "text": escapeHTML(oneLine(o.Hint, 200))}
		if v.CommandID == answersSearch { // what is taken counts, so we are asked for it: composeExtension/selectItem
			preview["tap"] = element{"type": "invoke", "value": element{"truce": pressed{Pick: v.CommandID, Arg: o.Value}}}
		}
		attachments = append(attachments, element{"contentType": cardType, "content": card,
			"preview": element{"contentType": "application/vnd.microsoft.card.thumbnail", "content": preview}})
	}
	return result{answer: extensionResult(attachments...), shown: true}
}

// pick is one of a search's finds being taken: what the handler answers goes into the message that is being written.
func (a *Adapter) pick(ctx context.Context, in incoming) result {
	p, _, ok := readPressed(in.Value)
	if !ok || p.Pick == "" {
		return result{answer: extensionMessage("This could not be read. Search again."), shown: true}
	}
	ev := a.pressedEvent(in, p, nil)
	reply, err := a.handle(ctx, ev)
	r := result{ev: ev, reply: reply, shown: true}
	switch {
	case len(reply.Faults) > 0:
		r.answer = extensionMessage(reply.Faults[0].Text)
		return r
	case err != nil || reply.Card == nil:
		r.answer = extensionMessage(sentence(reply, err))
		return r
	}
	card, err := renderCard(*reply.Card, a.cfg.TenantID)
	if err != nil {
		a.log.Error("card not drawn", "event", ev.ID, "err", err)
		r.answer = extensionMessage("It could not be shown. Choose another one.")
		return r
	}
	r.answer = extensionResult(element{"contentType": cardType, "content": card,
		"preview": element{"contentType": "application/vnd.microsoft.card.thumbnail",
			"content": element{"title": escapeHTML(oneLine(reply.Card.Summary, 200))}}})
	return r
}

func extensionResult(attachments ...element) response {
	return response{http.StatusOK, element{"composeExtension": element{"type": "result", "attachmentLayout": "list",
		"attachments": attachments}}}
}

func extensionMessage(text string) response {
	return response{http.StatusOK, element{"composeExtension": element{"type": "message", "text": text}}}
}
