package teams

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"truce"
)

// Teams' limits for one bot in one conversation are 7 sends in a second, 8 in two, 60 in thirty, 1,800 in an hour, and 30 to 50 a
// second for app and tenant together. A bucket of burst b refilled at r lets at most b + r·w through in any window of w, so:
var buckets = []struct {
	every time.Duration
	burst int
}{
	{500 * time.Millisecond, 4}, // 4 + 2 in a second, 4 + 4 in two
	{time.Second, 30},           // 30 + 30 in thirty seconds
	{4 * time.Second, 900},      // 900 + 900 in an hour
}

const (
	perSecond    = 30 // for all conversations
	maxLimiters  = 4096
	longestQueue = 8 * time.Second // rather than hold a request longer, say when to come back
)

// limiters keep us below the limits, so that 429 is the exception. They live in memory: after a restart Teams' own count rules.
type limiters struct {
	clock truce.Clock
	all   *rate.Limiter

	mu     sync.Mutex
	byConv map[string]*convLimiter
}

type convLimiter struct {
	buckets []*rate.Limiter
	used    time.Time
}

func newLimiters(clock truce.Clock) *limiters {
	return &limiters{clock: clock, all: rate.NewLimiter(perSecond, perSecond), byConv: map[string]*convLimiter{}}
}

// waitError says that it is not our turn for a while: nothing was sent.
type waitError struct{ after time.Duration }

func (e *waitError) Error() string {
	return fmt.Sprintf("Teams' limit for this conversation is reached for %s", e.after.Round(time.Second))
}

// wait returns when a send to the conversation is allowed, or a *waitError if that is too far off.
func (l *limiters) wait(ctx context.Context, conversation string) error {
	now := l.clock()
	var longest time.Duration
	var taken []*rate.Reservation
	for _, b := range append([]*rate.Limiter{l.all}, l.of(conversation, now)...) {
		r := b.ReserveN(now, 1)
		taken = append(taken, r)
		longest = max(longest, r.DelayFrom(now))
	}
	giveBack := func() {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	if deadline, ok := ctx.Deadline(); longest > longestQueue || ok && longest > 0 && time.Until(deadline) < longest {
		giveBack()
		return &waitError{after: longest}
	}
	if longest == 0 {
		return nil
	}
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		giveBack()
		return &waitError{after: longest}
	case <-timer.C:
		return nil
	}
}

func (l *limiters) of(conversation string, now time.Time) []*rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.byConv[conversation]
	if c == nil {
		if len(l.byConv) >= maxLimiters {
			for id, old := range l.byConv {
				if now.Sub(old.used) > time.Hour {
					delete(l.byConv, id)
				}
			}
		}
		c = &convLimiter{}
		for _, b := range buckets {
			c.buckets = append(c.buckets, rate.NewLimiter(rate.Every(b.every), b.burst))
		}
		l.byConv[conversation] = c
	}
	c.used = now
	return c.buckets
}
