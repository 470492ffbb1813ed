package slack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	calls := func(p *pace, method string, n int) time.Duration {
		start := time.Now()
		for range n {
			if err := p.wait(context.Background(), method); err != nil {
				t.Fatal(err)
			}
		}
		return time.Since(start)
	}
	later := func(t *testing.T, err error) *apiError {
		t.Helper()
		var e *apiError
		if !errors.As(err, &e) || e.Code != "ratelimited" || !e.Unsent || e.RetryAfter <= 0 {
			t.Fatalf("got %v", err)
		}
		return e
	}
	t.Run("a minute's worth of edits keeps to the tier, with some at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &pace{}
			if d := calls(p, "chat.update", tier3/2); d != 0 {
				t.Errorf("the first ones waited %v", d)
			}
			if d, want := calls(p, "chat.update", tier3), time.Minute; d < want || d > want+time.Second {
				t.Errorf("a tier's calls took %v, want %v", d, want)
			}
		})
	})
	t.Run("methods do not wait for each other, and messages keep their own pace", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &pace{}
			calls(p, "users.conversations", tier2/2)
			if d := calls(p, "users.info", 1) + calls(p, "chat.postMessage", 1000); d != 0 {
				t.Errorf("waited %v", d)
			}
		})
	})
	t.Run("who cannot wait so long is told when, and takes nobody's turn", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &pace{}
			calls(p, "users.conversations", tier2/2)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			for range 10 {
				if e := later(t, p.wait(ctx, "users.conversations")); e.RetryAfter > 3*time.Second {
					t.Errorf("turns were taken: %v", e.RetryAfter)
				}
			}
			if d := calls(p, "users.conversations", 1); d > 3*time.Second {
				t.Errorf("waited %v", d)
			}
		})
	})
	t.Run("a 429 holds its method back for as long as Slack asks", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &pace{}
			p.hold("views.publish", 30*time.Second)
			p.hold("chat.postMessage", 30*time.Second) // counted per channel: the lanes wait
			if e := later(t, p.wait(context.Background(), "views.publish")); e.RetryAfter != 30*time.Second {
				t.Errorf("got %v", e.RetryAfter)
			}
			if d := calls(p, "views.open", 1) + calls(p, "chat.postMessage", 1); d != 0 {
				t.Errorf("others waited %v", d)
			}
			time.Sleep(27 * time.Second)
			if d := calls(p, "views.publish", 1); d != 3*time.Second {
				t.Errorf("waited %v", d)
			}
		})
	})
}
