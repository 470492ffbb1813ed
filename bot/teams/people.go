package teams

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
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
	never := truce.Errorf(truce.NotFound, "Teams shows me only those who have written to me once, in our own chat (Apps, Truce, Add) or in "+
		"a team I was added to.")
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

// Everybody calls fn for each page of the rosters of the teams and group chats that the app was added to: two requests instead of one for
// each of a thousand people. Whoever is in none of them, but has a chat of their own with the app, is asked for by LookUp.
func (a *Adapter) Everybody(ctx context.Context, fn func([]chat.User) error) error {
	if !a.cfg.Enabled() {
		return nil
	}
	rosters := map[string]conversationRef{} // by the id whose roster it is
	err := a.mem.Scan(ctx, "conversation/"+a.cfg.TenantID+":", func(_ string, value []byte) error {
		var c conversationRef
		if decodeObject(value, &c) != nil || c.Kind == chat.DM {
			return nil
		}
		if c.Team != "" { // its channels have the team's
			c.ID = c.Team
		}
		rosters[c.ID] = c
		return nil
	})
	if err != nil {
		return fmt.Errorf("list the people in Teams: %w", err)
	}
	told := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(rosters)) {
		err := a.conn.members(ctx, rosters[id].ServiceURL, id, func(page []member) error {
			var users []chat.User
			for _, m := range page {
				u, ok := a.listed(m)
				if !ok || told[u.ID] {
					continue
				}
				told[u.ID] = true
				users = append(users, u)
				if err := a.updateUser(ctx, u.ID, false, func(r *userRef) {
					if r.Seen == "" {
						r.Seen = id
					}
				}); err != nil {
					return err
				}
			}
			return fn(users)
		})
		var status *statusError
		if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusForbidden) {
			continue // the app was removed from it
		}
		if err != nil {
			return fmt.Errorf("list the people in Teams: %w", err)
		}
	}
	return nil
}

// listed is a member of a roster as a user; false of one without an id of the directory, such as a bot.
func (a *Adapter) listed(m member) (chat.User, bool) {
	id := strings.ToLower(m.AadObjectID)
	if id == "" {
		id = strings.ToLower(m.ObjectID)
	}
	if id == "" {
		return chat.User{}, false
	}
	u := chat.User{ID: makeID(a.cfg.TenantID, id), Name: m.Name, Standing: a.standing(m)}
	if u.Standing == chat.Member {
		u.Email = address(m.Email, m.UserPrincipalName)
	}
	return u, true
}
