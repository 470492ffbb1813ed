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
	u, found, err := recall[userRef](ctx, a.mem, userKey(user))
	if err != nil {
		return chat.User{}, err
	}
	conversation := u.Seen
	if conversation == "" {
		conversation = u.Personal
	}
	if !found || conversation == "" {
		return chat.User{}, truce.Errorf(truce.NotFound, "Teams has not shown us %s yet: they must write to Truce once.", user)
	}
	if u.Account.ID != "" {
		id = u.Account.ID
	}
	m, err := a.conn.member(ctx, u.ServiceURL, conversation, id)
	var status *statusError
	if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusForbidden) {
		return chat.User{}, truce.Errorf(truce.NotFound, "Teams does not show us %s any more.", user)
	}
	if err != nil {
		return chat.User{}, fmt.Errorf("look up %s: %w", user, err)
	}
	out := chat.User{ID: user, Name: m.Name, Standing: chat.Member}
	if out.Name == "" {
		out.Name = u.Account.Name
	}
	switch {
	case m.TenantID != "" && !strings.EqualFold(m.TenantID, a.cfg.TenantID):
		out.Standing = chat.Outside
	case strings.EqualFold(m.UserRole, "guest") || strings.Contains(strings.ToUpper(m.UserPrincipalName), "#EXT#"):
		out.Standing = chat.Guest
	case strings.EqualFold(m.UserRole, "anonymous"):
		out.Standing = chat.Outside
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
