package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"truce"
	"truce/bot/chat"
)

// keepUser is how long truce check believes what Slack said of a person; keepUsers is how many are remembered, for their names. Who is
// let in is decided by what the store holds.
const (
	keepUser  = 10 * time.Minute
	keepUsers = 10_000
)

type cachedUser struct {
	user   chat.User // without ID
	home   string    // the workspace Slack says they are of
	active bool
	bot    bool
	at     time.Time
}

// userInfo is what is used of users.info.
type userInfo struct {
	ID           string `json:"id"`
	Team         string `json:"team_id"`
	Name         string `json:"name"`
	RealName     string `json:"real_name"`
	Deleted      bool   `json:"deleted"`
	Zone         string `json:"tz"`
	Bot          bool   `json:"is_bot"`
	Restricted   bool   `json:"is_restricted"`
	UltraRestr   bool   `json:"is_ultra_restricted"`
	Stranger     bool   `json:"is_stranger"`
	EnterpriseID string `json:"enterprise_id"`
	Enterprise   *struct {
		ID    string   `json:"enterprise_id"`
		Teams []string `json:"teams"`
	} `json:"enterprise_user"`
	Profile struct {
		Email       string `json:"email"`
		RealName    string `json:"real_name"`
		DisplayName string `json:"display_name"`
	} `json:"profile"`
}

// standing says what Slack vouches for. ourTeam is the workspace that the event came from.
func (u userInfo) standing(ourTeam string) chat.Standing {
	switch {
	case u.Stranger || u.Bot:
		return chat.Outside
	case u.Restricted || u.UltraRestr:
		return chat.Guest
	case u.Team == "" || ourTeam == "" || u.Team == ourTeam:
		return chat.Member
	case u.Enterprise != nil: // Grid: one person, several workspaces
		if u.Enterprise.ID == ourTeam {
			return chat.Member
		}
		for _, t := range u.Enterprise.Teams {
			if t == ourTeam {
				return chat.Member
			}
		}
	}
	return chat.Outside
}

func (u userInfo) name() string {
	for _, s := range []string{u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name} {
		if s = clean(s); s != "" {
			return chat.Shorten(s, 80)
		}
	}
	return u.ID
}

// lookUp asks Slack for a Slack user id, or takes what it said a while ago.
func (a *Adapter) lookUp(ctx context.Context, team, user string) (cachedUser, error) {
	a.mu.Lock()
	c, ok := a.users[team+":"+user]
	a.mu.Unlock()
	if ok && a.now().Sub(c.at) < keepUser {
		return c, nil
	}
	return a.info(ctx, team, user)
}

// info asks Slack for a Slack user id.
func (a *Adapter) info(ctx context.Context, team, user string) (cachedUser, error) {
	var out struct {
		User userInfo `json:"user"`
	}
	if _, err := a.api.get(ctx, "users.info", url.Values{"user": {user}}, &out); err != nil {
		return cachedUser{}, err
	}
	if out.User.ID != user { // ok, and nothing said of them
		return cachedUser{}, &apiError{Method: "users.info", Code: "no_user_in_answer"}
	}
	return a.keep(team, user, out.User), nil
}

// Everybody calls fn for each page of the workspace's people. Bots are left out.
func (a *Adapter) Everybody(ctx context.Context, fn func([]chat.User) error) error {
	team, err := a.team(ctx)
	if err != nil {
		return fmt.Errorf("list the people on Slack: %w", err)
	}
	args := url.Values{"limit": {"200"}}
	for {
		var out struct {
			Members []userInfo `json:"members"`
			Meta    struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		_, err := a.api.get(ctx, "users.list", args, &out)
		var ae *apiError
		if errors.As(err, &ae) && ae.Code == "ratelimited" && ae.RetryAfter > 0 { // behind, nobody waits for it
			if !sleep(ctx, ae.RetryAfter) {
				return ctx.Err()
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("list the people on Slack: %w", err)
		}
		var page []chat.User
		for _, u := range out.Members {
			if u.ID == "" || u.Bot || u.ID == "USLACKBOT" {
				continue
			}
			c := a.keep(team, u.ID, u)
			c.user.ID = id(team, u.ID)
			page = append(page, c.user)
		}
		if err := fn(page); err != nil {
			return err
		}
		if out.Meta.Next == "" {
			return nil
		}
		args.Set("cursor", out.Meta.Next)
	}
}

// keep remembers what Slack said of a user.
func (a *Adapter) keep(team, user string, u userInfo) cachedUser {
	c := cachedUser{at: a.now(), active: !u.Deleted, bot: u.Bot, home: u.Team,
		user: chat.User{Name: u.name(), Zone: u.Zone, Standing: u.standing(team)}}
	if c.user.Standing == chat.Member && c.active {
		c.user.Email = u.Profile.Email // verified for full members only
	}
	if u.Deleted {
		c.user.Standing = chat.Former
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.users) >= keepUsers {
		clear(a.users)
	}
	a.users[team+":"+user] = c
	return c
}

// user is who did something. Who they are is not asked here: the store knows what Slack said of them last. The name in a payload is a
// handle.
func user(team, userID string) chat.User {
	if userID == "" {
		return chat.User{}
	}
	return chat.User{ID: id(team, userID)}
}

// knownName is the name of a user if it is remembered, else "": decoding text must not wait for the network.
func (a *Adapter) knownName(team string) func(string) string {
	return func(user string) string {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.users[team+":"+user].user.Name
	}
}

// LookUp says who a user is. A person who was deactivated, or whom Slack does not know, is a truce.NotFound error, the first
// with chat.ErrDeactivated in its chain: Slack keeps those who left and says so, whom it does not know is of another workspace.
func (a *Adapter) LookUp(ctx context.Context, user string) (chat.User, error) {
	team, local, ok := split(user)
	if !ok {
		return chat.User{}, truce.Errorf(truce.NotFound, "%q is not a Slack user.", user)
	}
	c, err := a.info(ctx, team, local)
	switch {
	case codeOf(err) == "user_not_found" || codeOf(err) == "users_not_found":
		return chat.User{}, truce.Errorf(truce.NotFound, "Slack does not know the user %s.", local)
	case err != nil:
		return chat.User{}, fmt.Errorf("look up Slack user %s: %w", local, err)
	case !c.active:
		return chat.User{}, &truce.Error{Kind: truce.NotFound, Text: c.user.Name + " is deactivated in Slack.", Err: chat.ErrDeactivated}
	}
	c.user.ID = user
	return c.user, nil
}

// FindByEmail finds a user of the workspace by their e-mail address.
func (a *Adapter) FindByEmail(ctx context.Context, email string) (chat.User, error) {
	team, err := a.team(ctx)
	if err != nil {
		return chat.User{}, fmt.Errorf("find a Slack user by e-mail: %w", err)
	}
	var out struct {
		User userInfo `json:"user"`
	}
	_, err = a.api.get(ctx, "users.lookupByEmail", url.Values{"email": {email}}, &out)
	switch {
	case codeOf(err) == "users_not_found":
		return chat.User{}, chat.ErrNoSuchUser
	case err != nil:
		return chat.User{}, fmt.Errorf("find a Slack user by e-mail: %w", err)
	}
	c := a.keep(team, out.User.ID, out.User)
	if !c.active || c.bot || out.User.ID == "" {
		return chat.User{}, chat.ErrNoSuchUser
	}
	c.user.ID = id(team, out.User.ID)
	return c.user, nil
}

// team is the workspace of our token.
func (a *Adapter) team(ctx context.Context) (string, error) {
	if team := a.me().Team; team != "" {
		return team, nil
	}
	if err := a.whoAmI(ctx); err != nil {
		return "", err
	}
	return a.me().Team, nil
}

// Members returns the ids of a user group's members; group is its handle (with or without @) or id.
func (a *Adapter) Members(ctx context.Context, group string) ([]string, error) {
	team, err := a.team(ctx)
	if err != nil {
		return nil, fmt.Errorf("read Slack user group %s: %w", group, err)
	}
	if len(group) > 0 && group[0] == '@' {
		group = group[1:]
	}
	var list struct {
		Groups []struct {
			ID     string `json:"id"`
			Handle string `json:"handle"`
		} `json:"usergroups"`
	}
	if _, err := a.api.get(ctx, "usergroups.list", nil, &list); err != nil {
		return nil, fmt.Errorf("list Slack user groups: %w", err)
	}
	for _, g := range list.Groups {
		if g.ID != group && g.Handle != group {
			continue
		}
		var out struct {
			Users []string `json:"users"`
		}
		if _, err := a.api.get(ctx, "usergroups.users.list", url.Values{"usergroup": {g.ID}}, &out); err != nil {
			return nil, fmt.Errorf("read Slack user group %s: %w", group, err)
		}
		ids := make([]string, len(out.Users))
		for i, u := range out.Users {
			ids[i] = id(team, u)
		}
		return ids, nil
	}
	return nil, fmt.Errorf("user group %s on Slack: %w", group, chat.ErrNoSuchGroup)
}
