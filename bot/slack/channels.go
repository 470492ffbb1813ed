package slack

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// This file finds channels that are configured by name. Slack's methods want ids, and the names of private channels are shown to
// their members only: so the bot looks among the channels it is in.

// channelID is a channel's id as Slack writes it; names are in lower case.
var channelID = regexp.MustCompile(`^[CGD][A-Z0-9]+$`)

const (
	keepNames  = 10 * time.Minute // how long the names of our channels are believed
	namesAgain = 5 * time.Second  // how soon they are read again for a name that is not among them
)

// named is the workspace and id of a channel by what the configuration calls it: "#leads", "leads" or an id. One that the bot is not
// in is channel_not_found.
func (a *Adapter) named(ctx context.Context, name string) (team, channel string, err error) {
	if a.me().Team == "" {
		if err := a.whoAmI(ctx); err != nil {
			return "", "", err
		}
	}
	team = a.me().Team
	if channelID.MatchString(name) {
		return team, name, nil
	}
	name = strings.ToLower(strings.TrimPrefix(name, "#"))
	a.mu.Lock()
	channel, age := a.names[name], a.now().Sub(a.namesAt)
	a.mu.Unlock()
	if channel != "" && age < keepNames {
		return team, channel, nil
	}
	if channel == "" && age < namesAgain && age >= 0 {
		return team, "", notFound()
	}
	names, err := a.ourChannels(ctx)
	if err != nil {
		return team, "", err
	}
	a.mu.Lock()
	a.names, a.namesAt = names, a.now()
	a.mu.Unlock()
	if channel = names[name]; channel == "" {
		return team, "", notFound()
	}
	return team, channel, nil
}

func notFound() error {
	return &apiError{Method: "users.conversations", Code: "channel_not_found", Unsent: true}
}

// ourChannels are the ids of the channels the bot is in, by name.
func (a *Adapter) ourChannels(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	args := url.Values{"types": {"public_channel,private_channel"}, "exclude_archived": {"true"}, "limit": {"200"}}
	for {
		var out struct {
			Channels []struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"channels"`
			Meta struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if _, err := a.api.get(ctx, "users.conversations", args, &out); err != nil {
			return nil, err
		}
		for _, c := range out.Channels {
			names[strings.ToLower(c.Name)] = c.ID
		}
		if out.Meta.Next == "" {
			return names, nil
		}
		args.Set("cursor", out.Meta.Next)
	}
}
