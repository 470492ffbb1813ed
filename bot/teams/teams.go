// Package teams is the adapter to Microsoft Teams: it checks and decodes the activities of the Bot Connector into chat.Events,
// draws chat.Cards and chat.Forms as Adaptive Cards, and posts and edits messages through the connector's REST API.
//
// It knows the chat vocabulary and the root package, nothing else of ours. msbotbuilder-go does the turns of messages and holds
// the schema of what comes in; its token validator and its client are replaced by ours (docs/decisions/0007-own-teams-authentication.md).
package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"truce"
	"truce/bot/chat"
)

// Adapter is Microsoft Teams. Make one with New.
type Adapter struct {
	cfg   Config
	cat   chat.Catalog
	mem   chat.Memory
	clock truce.Clock
	log   *slog.Logger

	keys    *signingKeys
	tokens  *validator
	conn    *connector
	handler chat.Handler

	channels channels
	users    sync.Mutex         // held while a person's record is changed
	flights  singleflight.Group // deliveries under way, by event id: Teams repeats while we work
	work     sync.WaitGroup     // what goes on after its request was answered
}

// What a platform adapter may be, checked here.
var (
	_ chat.Adapter   = (*Adapter)(nil)
	_ chat.Mounter   = (*Adapter)(nil)
	_ chat.Readier   = (*Adapter)(nil)
	_ chat.Homer     = (*Adapter)(nil)
	_ chat.Directory = (*Adapter)(nil)
	_ chat.Lister    = (*Adapter)(nil)
	_ chat.Checker   = (*Adapter)(nil)
)

// New makes the adapter; it does no network. A Config that is switched off makes one that mounts no route.
func New(cfg Config, cat chat.Catalog, mem chat.Memory, clock truce.Clock, log *slog.Logger) (*Adapter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	var proof *certificate
	if cfg.Certificate != "" {
		var err error
		if proof, err = readCertificate(cfg.Certificate); err != nil {
			return nil, err
		}
	}
	client := newHTTPClient()
	keys := &signingKeys{metadataURL: cfg.metadataURL(), client: client, clock: clock}
	return &Adapter{
		cfg: cfg, cat: cat, mem: mem, clock: clock, log: log.With("network", Network),
		keys:   keys,
		tokens: newValidator(cfg.AppID, cfg.cloud().issuer, keys, clock),
		conn:   newConnector(client, newTokens(cfg, proof, client, clock), clock),
	}, nil
}

// Name is "teams".
func (a *Adapter) Name() string { return Network }

// Mount adds POST /api/messages, and the pages the app package names under GET /teams/. It adds nothing while Teams is switched off.
func (a *Adapter) Mount(mux *http.ServeMux, h chat.Handler) {
	if !a.cfg.Enabled() {
		return
	}
	a.handler = h
	mux.HandleFunc("/api/messages", a.serve)
	mountPages(mux)
}

// tryCredentials is how often a token is asked for where none is needed: that they are not taken any more is known before somebody waits.
const tryCredentials = time.Minute

// Run fetches the signing keys, tries the credentials, clears old notes once an hour, and waits until ctx ends and all work has
// ended. Events come in through the mounted route, so h is not used here.
func (a *Adapter) Run(ctx context.Context, _ chat.Handler) error {
	defer a.work.Wait()
	if !a.cfg.Enabled() {
		<-ctx.Done()
		return nil
	}
	if err := a.keys.load(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("signing keys not loaded, will try again with each request", "err", err)
	}
	tick := time.NewTicker(tryCredentials)
	defer tick.Stop()
	var pruned time.Time
	for {
		if now := a.clock(); now.Sub(pruned) >= time.Hour {
			pruned = now
			if err := a.prune(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("old notes not cleared", "err", err)
			}
		}
		before := a.conn.tokens.refusal()
		if _, err := a.conn.tokens.get(ctx); err != nil && ctx.Err() == nil && before == nil {
			a.log.Error("no token", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Ready is nil once the keys are there by which requests are checked, and as long as our credentials are taken.
func (a *Adapter) Ready() error {
	if !a.cfg.Enabled() {
		return nil
	}
	if err := a.keys.ready(); err != nil {
		return fmt.Errorf("teams: %w", err)
	}
	if err := a.conn.tokens.refusal(); err != nil {
		return fmt.Errorf("teams: Microsoft refuses our credentials, so nothing can be sent: %w", err)
	}
	return nil
}

// dated is what the notes that are cleared after a while have in common.
type dated struct {
	At time.Time `json:"at"`
}

// How long notes are kept: of answered activities (Teams repeats within minutes), and of forms that may still be open.
var noteAges = map[string]time.Duration{answeredPrefix: 24 * time.Hour, formPrefix: 14 * 24 * time.Hour}

func (a *Adapter) prune(ctx context.Context) error {
	for prefix, age := range noteAges {
		var old []string
		err := a.mem.Scan(ctx, prefix, func(key string, value []byte) error {
			var d dated
			if json.Unmarshal(value, &d) != nil || a.clock().Sub(d.At) > age {
				old = append(old, key)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("scan %s: %w", prefix, err)
		}
		for _, key := range old {
			if err := a.mem.Delete(ctx, key); err != nil {
				return fmt.Errorf("delete %s: %w", key, err)
			}
		}
	}
	return nil
}
