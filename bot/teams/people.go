package teams

import (
	"context"
	"sync"
	"time"

	"truce"
	"truce/bot/chat"
)

// What the roster says of a person stands in each of their events, so that they are the same person as on Slack. It is believed for a
// while; asking must not cost an answer its time.
const (
	rosterBudget = 1500 * time.Millisecond
	believed     = 10 * time.Minute
	unbelieved   = time.Minute // how long a failed look-up is not repeated
	maxPeople    = 10_000
)

type people struct {
	clock truce.Clock

	mu sync.Mutex
	m  map[string]knownPerson
}

type knownPerson struct {
	user  chat.User // zero where the roster did not say
	until time.Time
}

func (p *people) get(id string) (chat.User, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.m[id]
	return k.user, ok && p.clock().Before(k.until)
}

// stranger reports whether the roster said that somebody is a guest or of another organisation.
func (p *people) stranger(id string) bool {
	u, _ := p.get(id)
	return u.Standing == chat.Guest || u.Standing == chat.Outside
}

func (p *people) put(id string, u chat.User, keep time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m == nil || len(p.m) >= maxPeople { // rare enough to begin anew
		p.m = map[string]knownPerson{}
	}
	p.m[id] = knownPerson{user: u, until: p.clock().Add(keep)}
}

// identify completes the user of an event. Where the roster cannot be asked in time their standing stays unknown.
func (a *Adapter) identify(ctx context.Context, u chat.User) chat.User {
	if u.ID == "" {
		return u
	}
	known, fresh := a.people.get(u.ID)
	if !fresh {
		ctx, cancel := context.WithTimeout(ctx, rosterBudget)
		defer cancel()
		var err error
		if known, err = a.LookUp(ctx, u.ID); err != nil {
			a.log.Info("roster not read", "user", u.ID, "err", err)
			a.people.put(u.ID, chat.User{}, unbelieved)
			return u
		}
		a.people.put(u.ID, known, believed)
	}
	u.Email, u.Standing = known.Email, known.Standing
	if known.Name != "" {
		u.Name = known.Name
	}
	return u
}
