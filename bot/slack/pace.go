package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Slack counts calls per method, and gives each method a tier: so many a minute, with some more at once (D
// apis/web-api/rate-limits; which method has which tier: MethodsRateLimits of Slack's own Java SDK). chat.postMessage is not
// here: Slack counts it per channel (see limiter), response URLs, auth.test and blocks.validate have limits of their own.
const (
	tier2 = 20
	tier3 = 50
	tier4 = 100
)

var tiers = map[string]int{
	"chat.update":        tier3,
	"conversations.open": tier3, "conversations.info": tier3, "conversations.history": tier3, "conversations.replies": tier3,
	"conversations.members": tier4,
	"users.info":            tier4, "users.lookupByEmail": tier3, "users.conversations": tier2, "users.list": tier2,
	"usergroups.list": tier2, "usergroups.users.list": tier2,
	"views.open": tier4, "views.push": tier4, "views.update": tier4, "views.publish": tier4,
	"files.getUploadURLExternal": tier4, "files.completeUploadExternal": tier4,
}

// maxPause is how long a call waits for its turn; beyond that it counts as refused for now, so that its caller knows.
const maxPause = 5 * time.Second

// pace keeps each method to its tier, and away from Slack for as long as a 429 said.
type pace struct {
	mu      sync.Mutex
	methods map[string]*methodPace
}

type methodPace struct {
	limiter *rate.Limiter
	until   time.Time // Slack takes no call before
}

// of is a method's pace; nil for one that has no tier. Its caller holds p.mu.
func (p *pace) of(method string) *methodPace {
	perMinute := tiers[method]
	if perMinute == 0 {
		return nil
	}
	if p.methods == nil {
		p.methods = map[string]*methodPace{}
	}
	m := p.methods[method]
	if m == nil {
		m = &methodPace{limiter: rate.NewLimiter(rate.Limit(perMinute)/60, perMinute/2)}
		p.methods[method] = m
	}
	return m
}

// wait returns when a call of the method may go out. Where that is not soon enough for ctx, or for anybody, it is a "ratelimited"
// that never left.
func (p *pace) wait(ctx context.Context, method string) error {
	now := time.Now() // Slack's patience is measured in real seconds
	p.mu.Lock()
	m := p.of(method)
	if m == nil {
		p.mu.Unlock()
		return nil
	}
	at := now
	if m.until.After(at) {
		at = m.until
	}
	turn := m.limiter.ReserveN(at, 1)
	pause := turn.DelayFrom(now)
	end, limited := ctx.Deadline()
	if pause > maxPause || limited && now.Add(pause).After(end) {
		turn.CancelAt(now)
		p.mu.Unlock()
		return &apiError{Method: method, Code: "ratelimited", RetryAfter: pause, Unsent: true}
	}
	p.mu.Unlock()
	if pause > 0 && !sleep(ctx, pause) {
		return &apiError{Method: method, Unsent: true, Err: ctx.Err()}
	}
	return nil
}

// hold keeps a method back after Slack answered 429.
func (p *pace) hold(method string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.of(method); m != nil {
		m.until = time.Now().Add(d)
	}
}
