package handlers

import (
	"context"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// This file shows a card that stands where many see it as one of them may see it. The platform asks whenever the message is on
// somebody's screen, so it only reads: it does not count as something the person did, and makes nobody known.

// ownCard is the card as the event's user may see it: whoever may not act, or is not known, gets it without buttons. The zero Reply
// leaves the message as it stands; guests, people of other organisations and who may not see the case get that: a button that is
// not theirs says so.
func (h *Handlers) ownCard(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	show := h.own[ev.Name]
	if show == nil {
		return chat.Reply{}, nil
	}
	err = h.store.View(ctx, func(tx *storage.Tx) error {
		by, ok, err := reader(tx, ev.User)
		if err != nil || !ok {
			return err
		}
		terms, err := tx.Terms(h.terms)
		if err != nil {
			return err
		}
		reply, err = show(&Call{Event: ev, Tx: tx, By: by, terms: terms, h: h})
		return err
	})
	if truce.KindOf(err) == truce.NotFound { // erased since, or never there
		return chat.Reply{}, nil
	}
	if err == nil && reply.Card != nil {
		reply.Card.Own = &chat.Own{Name: ev.Name, Arg: ev.Arg, For: []string{ev.User.ID}} // so that it is asked for again
	}
	return reply, err
}
