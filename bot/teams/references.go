package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"truce/bot/chat"
)

// What we must remember to write to people and places later: where each conversation is served, and by which ids.

// account is a party of a conversation.
type account struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Targeted says of who is written to that nobody else in the conversation sees it.
	Targeted bool `json:"isTargeted,omitempty"`
}

// conversationRef says how to reach a conversation. It came in an authenticated activity, so our token may go to ServiceURL.
type conversationRef struct {
	ServiceURL string         `json:"serviceUrl"`
	Tenant     string         `json:"tenant"`
	ID         string         `json:"id"` // without thread
	Kind       chat.PlaceKind `json:"kind"`
	Name       string         `json:"name,omitempty"`
	Team       string         `json:"team,omitempty"` // of a channel
	Bot        account        `json:"bot"`
	User       string         `json:"user,omitempty"` // of a personal chat: whose
}

// userRef says how to reach a person.
type userRef struct {
	ServiceURL  string  `json:"serviceUrl"`
	Tenant      string  `json:"tenant"`
	Account     account `json:"account"`            // the id this bot knows them by ("29:...")
	AAD         string  `json:"aad,omitempty"`      //
	Personal    string  `json:"personal,omitempty"` // the conversation id of the personal chat, once known
	Seen        string  `json:"seen,omitempty"`     // a conversation whose roster has them
	Bot         account `json:"bot"`
	Unreachable string  `json:"unreachable,omitempty"` // why the platform refused a message to them; until they write again
	Home        string  `json:"home,omitempty"`        // the activity id of their home card
}

func conversationKey(place string) string {
	return "conversation/" + strings.TrimPrefix(place, Network+":")
}
func userKey(user string) string { return "user/" + strings.TrimPrefix(user, Network+":") }

// recall reads a record; found is false where there is none.
func recall[T any](ctx context.Context, mem chat.Memory, key string) (v T, found bool, err error) {
	raw, err := mem.Get(ctx, key)
	if err != nil {
		return v, false, fmt.Errorf("recall %s: %w", key, err)
	}
	if raw == nil {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, false, fmt.Errorf("recall %s: %w", key, err)
	}
	return v, true, nil
}

func remember(ctx context.Context, mem chat.Memory, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	if err := mem.Put(ctx, key, raw); err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	return nil
}

// refresh keeps the references of an activity's conversation and sender, and takes the sender to be reachable again. It
// writes only what changed.
func (a *Adapter) refresh(ctx context.Context, in incoming) error {
	place, user := in.place(a.cfg.TenantID), in.user(a.cfg.TenantID)
	bot := account{ID: in.Recipient.ID, Name: in.Recipient.Name}
	id, _ := cutThread(in.Conversation.ID)
	conv := conversationRef{ServiceURL: in.ServiceURL, Tenant: a.cfg.TenantID, ID: id, Kind: place.Kind, Name: place.Name,
		Team: in.ChannelData.Team.ID, Bot: bot}
	if place.Kind == chat.DM {
		conv.User = user.ID
	}
	if elsewhere(in) {
		return a.updateUser(ctx, user.ID, user.ID != "", func(u *userRef) {
			u.ServiceURL, u.Tenant, u.Bot = in.ServiceURL, a.cfg.TenantID, bot
			u.Account, u.AAD = account{ID: in.From.ID, Name: in.From.Name}, strings.ToLower(in.From.AadObjectID)
		})
	}
	old, found, err := recall[conversationRef](ctx, a.mem, conversationKey(place.ID))
	if err != nil {
		return err
	}
	if conv.Name == "" {
		conv.Name = old.Name
	}
	if conv.Team == "" {
		conv.Team = old.Team
	}
	if !found || conv != old {
		if err := remember(ctx, a.mem, conversationKey(place.ID), conv); err != nil {
			return err
		}
	}
	if user.ID == "" || in.From.ID == in.Recipient.ID {
		return nil
	}
	return a.updateUser(ctx, user.ID, true, func(u *userRef) {
		u.ServiceURL, u.Tenant, u.Bot = in.ServiceURL, a.cfg.TenantID, bot
		u.Account.ID, u.AAD, u.Unreachable = in.From.ID, strings.ToLower(in.From.AadObjectID), ""
		if in.From.Name != "" {
			u.Account.Name = in.From.Name
		}
		if place.Kind == chat.DM {
			u.Personal, u.Seen = id, id
		} else if u.Seen == "" { // any roster will do; a new one each time would be a write each time
			u.Seen = id
		}
	})
}

// elsewhere reports whether an activity may come from a conversation the bot is no member of, such as the chat of two others: message
// extensions work everywhere. Nothing can be posted there, and no roster read.
func elsewhere(in incoming) bool { return strings.HasPrefix(in.Name, "composeExtension/") }

// forget drops the references of a conversation the bot was removed from.
func (a *Adapter) forget(ctx context.Context, in incoming) error {
	place := in.place(a.cfg.TenantID)
	for _, key := range []string{conversationKey(place.ID), welcomeKey(place.ID)} {
		if err := a.mem.Delete(ctx, key); err != nil {
			return fmt.Errorf("forget %s: %w", key, err)
		}
	}
	user := in.user(a.cfg.TenantID)
	if place.Kind != chat.DM || user.ID == "" {
		return nil
	}
	return a.updateUser(ctx, user.ID, false, func(u *userRef) {
		u.Personal, u.Home, u.Unreachable = "", "", "the app was removed"
		if id, _ := cutThread(in.Conversation.ID); u.Seen == id {
			u.Seen = ""
		}
	})
}

// updateUser changes what is remembered of a person; of one we never heard of only if they are to be added.
func (a *Adapter) updateUser(ctx context.Context, user string, add bool, change func(*userRef)) error {
	a.users.Lock()
	defer a.users.Unlock()
	u, found, err := recall[userRef](ctx, a.mem, userKey(user))
	if err != nil || !found && !add {
		return err
	}
	old := u
	if change(&u); found && u == old {
		return nil
	}
	return remember(ctx, a.mem, userKey(user), u)
}
