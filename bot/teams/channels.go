package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file finds channels that are configured by name ("teams:Lead disputes"). Activities do not name the channel they come from, so
// the names are read from the teams that the app was added to: GET /v3/teams/{id}/conversations of the connector
// (Microsoft's "Get Teams specific context for your bot"). The first channel of a team has no name there: it is General.

const (
	keepChannels  = 10 * time.Minute // how long the names of channels are believed
	channelsAgain = 5 * time.Second  // how soon they are read again for a name that is not among them
	firstChannel  = "General"
)

// channels are the ids of the channels of our teams, by their names in lower case.
type channels struct {
	mu     sync.Mutex
	byName map[string]string
	at     time.Time
}

// named is the place of a channel by its name; found is false where no team the app was added to has one.
func (a *Adapter) named(ctx context.Context, name string) (p chat.Place, found bool, err error) {
	name = strings.ToLower(strings.TrimPrefix(name, "#"))
	a.channels.mu.Lock()
	defer a.channels.mu.Unlock()
	id, age := a.channels.byName[name], a.clock().Sub(a.channels.at)
	if id == "" && (age > channelsAgain || age < 0) || age > keepChannels {
		all, err := a.readChannels(ctx)
		if err != nil {
			return p, false, fmt.Errorf("find the channel %q: %w", name, err)
		}
		a.channels.byName, a.channels.at = all, a.clock()
		id = all[name]
	}
	if id == "" {
		return p, false, nil
	}
	return chat.Place{ID: makeID(a.cfg.TenantID, id), Kind: chat.Channel}, true, nil
}

// readChannels asks each team we have heard from. A team that does not answer any more keeps the others from nothing.
func (a *Adapter) readChannels(ctx context.Context) (map[string]string, error) {
	teams := map[string]string{} // id -> serviceUrl
	err := a.mem.Scan(ctx, "conversation/"+a.cfg.TenantID+":", func(_ string, value []byte) error {
		var ref conversationRef
		if json.Unmarshal(value, &ref) == nil && ref.Team != "" {
			teams[ref.Team] = ref.ServiceURL
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	var failed error
	for team, serviceURL := range teams {
		list, err := a.conn.channels(ctx, serviceURL, team)
		var status *statusError
		if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusForbidden) {
			continue // the app was removed from it
		}
		if err != nil {
			failed = err
			a.log.Warn("channels of a team not read", "team", team, "err", err)
			continue
		}
		for _, c := range list {
			if c.Name == "" {
				c.Name = firstChannel
			}
			if key := strings.ToLower(c.Name); all[key] == "" || c.ID < all[key] { // the same each time, of several
				all[key] = c.ID
			}
		}
	}
	if len(all) == 0 && failed != nil {
		return nil, failed
	}
	return all, nil
}

// remedyNamed is what an admin does about a channel that is not found by its name.
func remedyNamed(p chat.Place) string {
	return addToTeam(p) + " If it is there, write the channel's id instead of its name (docs/teams.md, Channels)."
}

// errNoChannel says that no team has a channel of the name.
func errNoChannel(name string) error {
	return truce.Errorf(truce.NotFound, "No team that Truce was added to has a channel %q.", name)
}
