package teams

import (
	"context"
	"encoding/json"
	"net/http"

	"truce/bot/chat"
)

// A card in a channel is the same for all, until Teams asks for it as one of its readers may see it: Microsoft's user specific views.
// It asks by itself when the message comes to their screen, so nothing is written here, and nobody counts as reachable by it.

// asItStands leaves the message as all see it.
var asItStands = cardError(http.StatusInternalServerError, "NotRefreshed", "This message is shown as it was sent.")

// looks reports whether an invoke asks for a card as its sender may see it, rather than being a button somebody pressed.
func looks(in incoming) (pressed, bool) {
	if in.Name != cardAction {
		return pressed{}, false
	}
	p, _, ok := readAction(in)
	return p, ok && p.Own != ""
}

// readAction is what the button of a card in a message carries.
func readAction(in incoming) (pressed, map[string]string, bool) {
	var v struct {
		Action struct {
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	if decodeObject(in.Value, &v) != nil {
		return pressed{}, nil, false
	}
	return readPressed(v.Action.Data)
}

// ownCard answers with the card as the sender may see it.
func (a *Adapter) ownCard(ctx context.Context, in incoming, p pressed) result {
	ev := a.pressedEvent(in, p, nil)
	reply, err := a.handle(ctx, ev)
	r := result{ev: ev, reply: reply, shown: true}
	if err != nil || reply.Card == nil {
		r.answer = asItStands
		return r
	}
	card, err := paint(*reply.Card, painter{tenant: a.cfg.TenantID, viewers: []string{in.From.ID}})
	return a.inPlace(r, card, err)
}

// viewers are the ids by which Teams knows those who see another card ("29:..."), as far as they were seen.
func (a *Adapter) viewers(ctx context.Context, own *chat.Own) (ids []string) {
	if own == nil {
		return nil
	}
	for _, user := range own.For {
		if chat.Network(user) != Network || len(ids) == mostViewers {
			continue
		}
		u, _, err := recall[userRef](ctx, a.mem, userKey(user))
		if err != nil {
			a.log.Warn("reader of a card not found", "user", user, "err", err)
		}
		// who never wrote to us is known by their directory's id, which Teams does not take here
		if _, aad, _ := splitID(user); u.Account.ID != "" && u.Account.ID != aad {
			ids = append(ids, u.Account.ID)
		}
	}
	return ids
}
