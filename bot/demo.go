package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/web"
	"truce/handlers"
	"truce/storage"
)

type demoCommand struct {
	Listen string `help:"Address to listen on; loopback only, port 0 takes a free one." default:"127.0.0.1:8080" placeholder:"ADDR"`
	Data   string `help:"The demo's database; history is kept in it." default:"truce-demo.db" placeholder:"FILE"`
}

// Help is shown by "truce demo --help".
func (demoCommand) Help() string {
	return `Examples:
  truce demo
  truce demo --listen 127.0.0.1:0 --data /tmp/try.db`
}

// Run serves the local workspace: the same handlers, store, schedules and outbox as on Slack and Teams, with invented
// people and leads. It reads no configuration and no tokens.
func (d demoCommand) Run(p *program) error {
	if err := loopback(p.ctx, d.Listen); err != nil {
		return usage(err)
	}
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	clock := &movingClock{now: p.now}
	store, err := storage.Open(p.ctx, d.Data, clock.Now, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	if err := install(p.ctx, store, "demo"); err != nil {
		return err
	}
	if err := clock.load(p.ctx, store); err != nil {
		return err
	}
	if err := handlers.SetRoster(p.ctx, store, "demo", demoRoster()); err != nil {
		return err
	}
	if err := handlers.Seed(p.ctx, store); err != nil {
		return err
	}
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: truce.NewCalendar(time.UTC), Channels: sortedKeys(demoPlaces())}, log)
	workspace, err := web.New(demoWorkspace(clock.advance(p.ctx, store, log)), h.Catalog(), store.Memory("web"), clock.Now, log)
	if err != nil {
		return err
	}
	a := newApp(store, h, demoChannel, []chat.Adapter{workspace}, truce.NewTerms(truce.NewCalendar(time.UTC)), log)
	return a.serve(p.ctx, d.Listen, func(addr net.Addr) {
		fmt.Fprintf(p.stderr, "Truce is ready. Open http://%s/ and type /objection (Ctrl-C stops it; its history stays in %s)\n", addr, d.Data)
	})
}

// loopback refuses an address that others could reach: the demo checks nobody's identity.
func loopback(ctx context.Context, listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", listen, err)
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil || host == "" {
		return fmt.Errorf("--listen %s: the demo listens on this machine only: use 127.0.0.1:PORT or localhost:PORT", listen)
	}
	for _, ip := range ips {
		if !ip.IP.IsLoopback() {
			return fmt.Errorf("--listen %s: the demo listens on this machine only, because anybody who can open it may be anybody: use 127.0.0.1:PORT", listen)
		}
	}
	return nil
}

// movingClock is the real time, moved on by what people asked for; the move survives a restart, so that history stays in
// order.
type movingClock struct {
	now  truce.Clock
	move atomic.Int64
}

func (c *movingClock) Now() time.Time { return c.now().Add(time.Duration(c.move.Load())) }

func (c *movingClock) load(ctx context.Context, store *storage.Store) error {
	return store.View(ctx, func(tx *storage.Tx) error {
		v, err := tx.Meta("demo_clock")
		if err != nil || v == "" {
			return err
		}
		n, err := strconv.ParseInt(v, 10, 64)
		c.move.Store(n)
		return err
	})
}

func (c *movingClock) advance(ctx context.Context, store *storage.Store, log *slog.Logger) func(time.Duration) {
	return func(d time.Duration) {
		if d <= 0 {
			return
		}
		move := c.move.Add(int64(d))
		if err := store.Update(ctx, func(tx *storage.Tx) error { return tx.SetMeta("demo_clock", strconv.FormatInt(move, 10)) }); err != nil {
			log.Error("keep the demo's clock", "error", err)
		}
	}
}
