package web

import (
	"context"
	"slices"

	"truce/bot/chat"
)

// ownCard is a message's card as the viewer may see it: with the buttons that are theirs, where it has another look for them. It is
// asked for whenever the message comes to a page, and nothing is kept; where no answer comes, the viewer sees what all see.
func (a *Adapter) ownCard(ctx context.Context, v *viewer, m *message) *chat.Card {
	own := m.Card.Own
	if own == nil || !slices.Contains(own.For, prefix+v.ID) {
		return m.Card
	}
	ev := chat.Event{ID: prefix + v.ID + ":look-" + a.newKey(), Kind: chat.Look, Name: own.Name, Arg: own.Arg, User: v.Persona.user(),
		Place: a.place(m.Place, m.Thread), Source: a.ref(m), At: a.clock().UTC()}
	reply, err := a.handler.Handle(ctx, ev)
	if err != nil || reply.Card == nil {
		return m.Card
	}
	return reply.Card
}
