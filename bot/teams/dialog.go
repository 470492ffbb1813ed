package teams

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"time"

	"truce/bot/chat"
)

// Dialogs: a card in a window of its own, opened by a button (task/fetch) or from a message (composeExtension/fetchTask), sent with
// task/submit or composeExtension/submitAction. Each answer shows the next card, a sentence, or closes the window.

func taskMessage(text string) response {
	return response{http.StatusOK, element{"task": element{"type": "message", "value": text}}}
}

func taskCard(title string, card json.RawMessage) response {
	return response{http.StatusOK, element{"task": element{"type": "continue", "value": element{
		"title": oneLine(title, 60), "height": "large", "width": "medium",
		"card": element{"contentType": cardType, "content": card}}}}}
}

func escapeHTML(s string) string { return html.EscapeString(s) }

// dialog is a button that opens a dialog, or one in it.
func (a *Adapter) dialog(ctx context.Context, in incoming) result {
	var v struct {
		Data json.RawMessage `json:"data"`
	}
	if decodeObject(in.Value, &v) != nil {
		return result{answer: taskMessage("This dialog could not be read. Open it again.")}
	}
	p, values, ok := readPressed(v.Data)
	if !ok {
		return result{answer: taskMessage("This button is not one of Truce's.")}
	}
	return a.inDialog(ctx, a.pressedEvent(in, p, values), p.Kept)
}

// shortcut is "Log as ..." on a message, or a global shortcut.
func (a *Adapter) shortcut(ctx context.Context, in incoming) result {
	var v struct {
		CommandID      string `json:"commandId"`
		MessagePayload *struct {
			ID              string `json:"id"`
			CreatedDateTime string `json:"createdDateTime"`
			Subject         string `json:"subject"`
			From            *struct {
				User *struct {
					ID          string `json:"id"`
					DisplayName string `json:"displayName"`
				} `json:"user"`
			} `json:"from"`
			Body struct {
				ContentType string `json:"contentType"`
				Content     string `json:"content"`
			} `json:"body"`
		} `json:"messagePayload"`
	}
	if decodeObject(in.Value, &v) != nil || v.CommandID == "" {
		return result{answer: taskMessage("This message could not be read. Copy its text into a chat with Truce.")}
	}
	ev := in.event(a.cfg.TenantID, chat.Shortcut)
	ev.Name, ev.Source = v.CommandID, chat.Ref{}
	if m := v.MessagePayload; m != nil {
		q := &chat.Quoted{Text: tidy(m.Body.Content)}
		if !strings.EqualFold(m.Body.ContentType, "text") {
			q.Text = htmlText(m.Body.Content)
		}
		if q.Text == "" {
			q.Text = tidy(m.Subject)
		}
		if at, err := time.Parse(time.RFC3339, m.CreatedDateTime); err == nil {
			q.At = at.UTC()
		}
		if m.From != nil && m.From.User != nil && m.From.User.ID != "" {
			q.Author = chat.User{ID: makeID(a.cfg.TenantID, strings.ToLower(m.From.User.ID)), Name: m.From.User.DisplayName}
		}
		ev.Quoted = q
		if m.ID != "" {
			ev.Source = chat.Ref{Place: ev.Place, ID: m.ID}
		}
	}
	return a.inDialog(ctx, ev, "")
}

// inDialog asks the handler and shows its reply in the dialog.
func (a *Adapter) inDialog(ctx context.Context, ev chat.Event, kept string) result {
	reply, err := a.handle(ctx, ev)
	r := result{ev: ev, reply: reply}
	if err != nil {
		r.shown = true
		if ev.Kind != chat.Submit {
			r.answer = taskMessage(sentence(reply, err))
			return r
		}
		reply.Faults, reply.Form = append(reply.Faults, chat.Fault{Text: sentence(reply, err)}), nil // what was typed stays
	}
	switch {
	case len(reply.Faults) > 0:
		card, err := a.again(ctx, ev, reply, kept, false)
		return a.window(r, a.formTitle(ctx, reply, kept), card, err)
	case reply.Form != nil:
		card, err := a.showForm(ctx, ev, *reply.Form, formView{})
		return a.window(r, reply.Form.Title, card, err)
	case reply.Card == nil:
		if ev.Kind == chat.Submit || ev.Kind == chat.Action {
			r.answer = response{status: http.StatusOK, body: element{}} // closes the dialog
			return r
		}
		r.answer = taskMessage("Done.")
		return r
	}
	card, err := paint(*reply.Card, painter{tenant: a.cfg.TenantID, dialog: true})
	if err == nil && reply.Replace && !ev.Source.IsZero() {
		drawn, err := renderCard(*reply.Card, a.cfg.TenantID)
		if err == nil {
			r.after = a.replace(ev, *reply.Card, drawn)
			r.answer = response{status: http.StatusOK, body: element{}}
			return r
		}
	}
	if err == nil && reply.Public {
		if _, err := a.say(ctx, ev, reply, kept, true); err == nil {
			r.shown = true
			r.answer = response{status: http.StatusOK, body: element{}}
			return r
		}
		a.log.Info("public reply shown in the dialog", "event", ev.ID)
	}
	return a.window(r, plain(reply.Card.Title), card, err)
}

func (a *Adapter) window(r result, title string, card json.RawMessage, err error) result {
	if err != nil {
		a.log.Error("dialog not drawn", "event", r.ev.ID, "err", err)
		r.answer = taskMessage("The answer could not be shown. Nothing you did is lost.")
		return r
	}
	if strings.TrimSpace(title) == "" {
		title = "Truce"
	}
	r.answer = taskCard(title, card)
	return r
}

func (a *Adapter) formTitle(ctx context.Context, reply chat.Reply, kept string) string {
	if reply.Form != nil {
		return reply.Form.Title
	}
	form, _, err := a.kept(ctx, kept)
	if err != nil {
		a.log.Warn("form not recalled", "err", err)
	}
	return form.Title
}
