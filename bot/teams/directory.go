package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"truce"
	"truce/bot/chat"
)

// LookUp asks the roster of a conversation in which the person was seen. The e-mail is the directory's; for a guest it belongs to
// another organisation, so it is not given. The zone is not in the roster: it comes with each activity.
func (a *Adapter) LookUp(ctx context.Context, user string) (chat.User, error) {
	tenant, id, ok := splitID(user)
	if !ok || !strings.EqualFold(tenant, a.cfg.TenantID) {
		return chat.User{}, truce.Errorf(truce.NotFound, "Teams knows nobody by the id %s.", user)
	}
	m, u, err := a.roster(ctx, user, id)
	var status *statusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound {
		return chat.User{}, truce.Errorf(truce.NotFound, "Teams does not show me this account any more.")
	}
	if err != nil {
		return chat.User{}, fmt.Errorf("look up %s: %w", user, err)
	}
	if m.ID == "" && m.AadObjectID == "" && m.ObjectID == "" {
		return chat.User{}, fmt.Errorf("look up %s: the roster's answer names nobody", user)
	}
	out := chat.User{ID: user, Name: m.Name, Standing: a.standing(m)}
	if out.Name == "" {
		out.Name = u.Account.Name
	}
	if out.Standing == chat.Member {
		out.Email = address(m.Email, m.UserPrincipalName)
	}
	return out, nil
}

// address is the first that is an e-mail address, in lower case.
func address(candidates ...string) string {
	for _, c := range candidates {
		if a, err := mail.ParseAddress(c); err == nil && a.Address == strings.TrimSpace(c) {
			return strings.ToLower(a.Address)
		}
	}
	return ""
}

// SetHome changes the person's home card, if they have asked for one ("home"). Teams has no page of its own for it without a web
// site, and a new card each time would be noise.
func (a *Adapter) SetHome(ctx context.Context, user string, card chat.Card) error {
	u, found, err := recall[userRef](ctx, a.mem, userKey(user))
	if err != nil {
		return err
	}
	if !found || u.Home == "" || u.Personal == "" || u.Unreachable != "" {
		return nil
	}
	place := chat.Place{ID: makeID(a.cfg.TenantID, u.Personal), Kind: chat.DM}
	_, err = a.Send(ctx, chat.Outgoing{To: place, Card: card, Edit: chat.Ref{Place: place, ID: u.Home}})
	if chat.TroubleOf(err) == chat.Gone && err != nil { // they deleted it
		return a.updateUser(ctx, user, false, func(u *userRef) { u.Home = "" })
	}
	return err
}
