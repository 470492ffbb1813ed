package teams

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"truce/bot/chat"
)

// This file is about targeted messages: those that one person sees in a conversation of many. Whether a tenant has them nobody says.
// Where it has not, a message sent as one might be shown to all, so the only proof is one that came from there: somebody has
// written to us for ourselves alone. From then on private answers stay where they were asked for.

// targetedNote says that a tenant has targeted messages.
type targetedNote struct {
	At time.Time `json:"at"` // when the last one came
}

func (a *Adapter) targetedKey() string { return "targeted/" + a.cfg.TenantID }

// targets reports whether a reply to an activity can be targeted, and notes it where the activity proves it.
func (a *Adapter) targets(ctx context.Context, in incoming) bool {
	note, found, err := recall[targetedNote](ctx, a.mem, a.targetedKey())
	if in.Targeted && err == nil && (!found || a.clock().Sub(note.At) > 24*time.Hour) {
		err = remember(ctx, a.mem, a.targetedKey(), targetedNote{At: a.clock()})
	}
	if err != nil {
		a.log.Warn("not noted whether the tenant has targeted messages", "err", err)
	}
	return in.Targeted || found && err == nil
}

// refusedForOne reports whether Teams will not show a message to one person here: it has no such messages (any more), the person is
// not in the conversation, or the message that was to be changed is gone, as all are after a day.
func refusedForOne(err error) bool {
	var status *statusError
	if !errors.As(err, &status) {
		return false
	}
	switch status.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge:
		return true
	}
	return false
}

// elsewhere sends what could not be shown to one person here to their own chat.
func (t *turn) elsewhere(out outgoing, refused error) (chat.Ref, error) {
	t.a.log.Warn("not shown to one person in the conversation, sent to their own chat", "err", refused)
	if err := t.a.mem.Delete(t.ctx, t.a.targetedKey()); err != nil { // until the next one comes
		return chat.Ref{}, err
	}
	if err := t.addressOwn(t.dest); err != nil {
		return chat.Ref{}, err
	}
	if t.dest.note != "" {
		card, err := t.a.noteCard(t.dest.note)
		if err != nil {
			return chat.Ref{}, err
		}
		out = outgoing{Type: "message", Summary: t.dest.note, Attachments: []attachment{{ContentType: cardType, Content: card}}}
	}
	return t.a.transmit(t.ctx, t.dest, "", out)
}

// noteCard is a card that says one sentence.
func (a *Adapter) noteCard(note string) (json.RawMessage, error) {
	return renderCard(chat.Card{Summary: note, Blocks: []chat.Block{chat.Para(note)}}, a.cfg.TenantID)
}
