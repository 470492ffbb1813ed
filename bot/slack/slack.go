// Package slack is Truce's dialect of Slack: it verifies and decodes what Slack sends into chat.Events, draws chat.Cards and
// chat.Forms as Block Kit, delivers messages, and describes the app to Slack (Manifest) and its installation to an admin
// (Check).
//
// It knows only the neutral words of bot/chat and Slack's. Trigger ids, response URLs and tokens never leave it. The limits
// of Block Kit that it keeps are in limits.go, each with where it comes from.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"truce"
	"truce/bot/chat"
)

// What an Adapter can do beyond chat.Adapter.
var (
	_ chat.Adapter   = (*Adapter)(nil)
	_ chat.Mounter   = (*Adapter)(nil)
	_ chat.Readier   = (*Adapter)(nil)
	_ chat.Homer     = (*Adapter)(nil)
	_ chat.Directory = (*Adapter)(nil)
	_ chat.Lister    = (*Adapter)(nil)
	_ chat.Finder    = (*Adapter)(nil)
	_ chat.Grouper   = (*Adapter)(nil)
	_ chat.Checker   = (*Adapter)(nil)
)

// Adapter is the Slack adapter. Make one with New.
type Adapter struct {
	cfg  Config
	cat  chat.Catalog
	mem  chat.Memory
	now  truce.Clock
	log  *slog.Logger
	api  *api
	base string
	once deliveries
	slow atomic.Int64

	mu         sync.Mutex
	self       identity                 // who we are, once auth.test said so
	authErr    error                    // why it did not, last time
	hello      bool                     // mode socket: a hello came on the connection in use
	users      map[string]cachedUser    // by Slack user id
	dms        map[string]string        // Slack user id -> the DM's channel
	ourDMs     map[string]bool          // channels known to be DMs with the bot
	limiters   map[string]*rate.Limiter // by channel
	names      map[string]string        // of the channels the bot is in -> id, as read at namesAt
	namesAt    time.Time                //
	answering  map[string]bool          // answers to messages being sent, by key
	native     string                   // see takesData
	nativeRead bool

	waiting chan struct{} // has housekeep look at answers that wait

	work work // what goes on after an answer
}

// identity is what auth.test says of our token.
type identity struct {
	Team, Bot, BotUser string
	URL                string
	Scopes             map[string]bool // nil where Slack did not name them
}

// New makes an Adapter; it does no network. cat names the commands and shortcuts there are, mem remembers across restarts.
// The error joins the faults of cfg.
func New(cfg Config, cat chat.Catalog, mem chat.Memory, clock truce.Clock, log *slog.Logger) (*Adapter, error) {
	if !cfg.Enabled() {
		return nil, &truce.Fault{Key: "slack", Text: "is not configured"}
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Mode == "" {
		cfg.Mode = ModeSocket
	}
	base, err := apiBase(cfg.APIURL)
	if err != nil {
		return nil, &truce.Fault{Key: "slack.api_url", Text: err.Error()}
	}
	log = log.With("network", Network)
	return &Adapter{
		cfg: cfg, cat: cat, mem: mem, now: clock, log: log, base: base, work: work{log: log},
		api:     newAPI(base, cfg.BotToken),
		authErr: errors.New("not connected yet"),
		users:   map[string]cachedUser{}, dms: map[string]string{}, ourDMs: map[string]bool{}, limiters: map[string]*rate.Limiter{},
		answering: map[string]bool{}, waiting: make(chan struct{}, 1),
	}, nil
}

// Name is "slack".
func (a *Adapter) Name() string { return Network }

// SlowAnswers is how many answers took two seconds or more since the start; Slack gives up after three.
func (a *Adapter) SlowAnswers() int64 { return a.slow.Load() }

// Run finds out who we are, and in mode socket takes events until ctx ends; in mode http they come by the mounted routes.
// It also finishes answers that an earlier run left undelivered.
func (a *Adapter) Run(ctx context.Context, h chat.Handler) error {
	var wg sync.WaitGroup
	wg.Go(func() { a.authenticate(ctx) })
	wg.Go(func() { a.housekeep(ctx) })
	if a.cfg.Mode == ModeSocket {
		a.runSocket(ctx, h)
	} else {
		<-ctx.Done()
	}
	wg.Wait()
	a.work.wait()
	return nil
}

// authenticate calls auth.test until it succeeds, and again every ten minutes, so that a revoked token shows in Ready.
func (a *Adapter) authenticate(ctx context.Context) {
	for wait := time.Second; ; {
		err := a.whoAmI(ctx)
		if ctx.Err() != nil {
			return
		}
		next := 10 * time.Minute
		if err != nil {
			a.log.Warn("slack: auth.test", "error", err, "again_in", wait)
			next, wait = wait, min(2*wait, time.Minute)
		} else {
			wait = time.Second
			a.askData(ctx)
		}
		if !sleep(ctx, next) {
			return
		}
	}
}

// sleep waits; false means that ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// whoAmI calls auth.test and keeps what it says.
func (a *Adapter) whoAmI(ctx context.Context) error {
	var out struct {
		URL    string `json:"url"`
		TeamID string `json:"team_id"`
		UserID string `json:"user_id"`
		BotID  string `json:"bot_id"`
	}
	header, err := a.api.do(ctx, "POST", "auth.test", "", nil, &out)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		// A passing trouble of the network does not make a connected bot unready; a refused token does.
		if a.self.Team == "" || codeOf(err) != "" && codeOf(err) != "ratelimited" {
			a.authErr = err
		}
		return err
	}
	a.self = identity{Team: out.TeamID, Bot: out.BotID, BotUser: out.UserID, URL: out.URL, Scopes: scopeSet(header.Get("X-OAuth-Scopes"))}
	a.authErr = nil
	return nil
}

// me is who we are, as far as known.
func (a *Adapter) me() identity {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.self
}

// Ready is nil once auth.test succeeded and, in mode socket, Slack said hello on the connection in use.
func (a *Adapter) Ready() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.authErr != nil {
		return fmt.Errorf("slack: %w", a.authErr)
	}
	if a.cfg.Mode == ModeSocket && !a.hello {
		return errors.New("slack: no hello from Socket Mode yet")
	}
	return nil
}

// work is what goes on after Slack was answered; wait returns once all of it has ended.
type work struct {
	log  *slog.Logger
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0
}

// do runs fn with its own time limit, cut off from the cancellation of ctx (a request that has been answered). It returns
// when fn has ended or patience is over; fn then goes on.
func (w *work) do(ctx context.Context, patience, limit time.Duration, fn func(context.Context)) {
	w.mu.Lock()
	if w.n++; w.n == 1 {
		w.idle = make(chan struct{})
	}
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer func() {
			if r := recover(); r != nil { // one answer is lost, not the bot
				w.log.Error("slack: panic", "what", r, "stack", string(debug.Stack()))
			}
			close(done)
			w.mu.Lock()
			if w.n--; w.n == 0 {
				close(w.idle)
			}
			w.mu.Unlock()
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		fn(ctx)
	}()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

func (w *work) wait() {
	for {
		w.mu.Lock()
		n, idle := w.n, w.idle
		w.mu.Unlock()
		if n == 0 {
			return
		}
		<-idle
	}
}
