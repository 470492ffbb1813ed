package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"truce"
	"truce/bot/chat"
)

// maxRosters is how many conversations are asked about somebody who has only been met where no roster can be read.
const maxRosters = 5

// roster is what a conversation that the app was added to says of a person: the one they were seen in, else one after the other.
func (a *Adapter) roster(ctx context.Context, user, id string) (member, userRef, error) {
	u, found, err := recall[userRef](ctx, a.mem, userKey(user))
	if err != nil {
		return member{}, u, err
	}
	never := truce.Errorf(truce.NotFound, "Teams shows me only those who have written to me once, in our own chat (Apps, Truce, Add) or in a team I was added to.")
	if !found {
		return member{}, u, never
	}
	if u.Account.ID != "" {
		id = u.Account.ID
	}
	if conversation := u.Seen; conversation != "" || u.Personal != "" {
		if conversation == "" {
			conversation = u.Personal
		}
		m, err := a.conn.member(ctx, u.ServiceURL, conversation, id)
		return m, u, err
	}
	var list []conversationRef
	teams := map[string]bool{}
	err = a.mem.Scan(ctx, conversationKey(""), func(_ string, value []byte) error {
		var c conversationRef
		if decodeObject(value, &c) == nil && c.Kind == chat.Channel && !teams[c.Team] && len(list) < maxRosters {
			teams[c.Team] = true
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return member{}, u, fmt.Errorf("find rosters for %s: %w", user, err)
	}
	for _, c := range list {
		m, err := a.conn.member(ctx, c.ServiceURL, c.ID, id)
		var status *statusError
		if errors.As(err, &status) && status.Status == http.StatusNotFound {
			continue
		}
		if err != nil {
			return m, u, err
		}
		return m, u, a.updateUser(ctx, user, false, func(u *userRef) { u.Seen = c.ID })
	}
	return member{}, u, never
}

// standing is what a roster vouches for.
func (a *Adapter) standing(m member) chat.Standing {
	switch {
	case m.TenantID != "" && !strings.EqualFold(m.TenantID, a.cfg.TenantID):
		return chat.Outside
	case strings.EqualFold(m.UserRole, "guest") || strings.Contains(strings.ToUpper(m.UserPrincipalName), "#EXT#"):
		return chat.Guest
	case strings.EqualFold(m.UserRole, "anonymous"):
		return chat.Outside
	}
	return chat.Member
}
