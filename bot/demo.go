package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/quillwater"
	"truce/bot/web"
	"truce/handlers"
	"truce/schedules/digests"
	"truce/storage"
)

type demoCommand struct {
	Listen string `help:"Address to listen on; loopback only, port 0 takes a free one." default:"127.0.0.1:8080" placeholder:"ADDR"`
	Data   string `help:"The demo's database; history is kept in it." default:"truce-demo.db" placeholder:"FILE"`
	Leads  int    `help:"How many leads a new database begins with, 100 to 1000000 (2400 is the company's year)." default:"2400" placeholder:"N"`
}

// Help is shown by "truce demo --help".
func (demoCommand) Help() string {
	return `Examples:
  truce demo
  truce demo --listen 127.0.0.1:0 --data /tmp/try.db
  truce demo --data /tmp/large.db --leads 100000`
}

// Run serves the local workspace: the same handlers, store, schedules and outbox as on Slack and Teams, with invented
// people and leads. It reads no configuration and no tokens.
func (d demoCommand) Run(p *program) error {
	if err := loopback(p.ctx, d.Listen); err != nil {
		return usage(err)
	}
	if d.Leads < 100 || d.Leads > 1_000_000 {
		return usage(fmt.Errorf("--leads %d: choose from 100 to 1000000", d.Leads))
	}
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	switch _, err := os.Stat(d.Data); {
	case errors.Is(err, fs.ErrNotExist):
		if d.Leads > quillwater.DefaultLeads {
			fmt.Fprintf(p.stderr, "Inventing %d leads and what became of them.\n", d.Leads)
		}
		if err := makePast(p.ctx, d.Data, d.Leads, p.now(), log, p.stderr); err != nil {
			return fmt.Errorf("make the demo's past: %w", err)
		}
	case err != nil:
		return fmt.Errorf("look for the demo's database: %w", err)
	case d.Leads != quillwater.DefaultLeads:
		fmt.Fprintf(p.stderr, "%s is there already and keeps its leads; for %d others choose another file with --data\n", d.Data, d.Leads)
	}
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
	if err := keepThresholds(p.ctx, store, demoConfig(), log); err != nil {
		return err
	}
	if err := store.KeepRollUps(p.ctx, demoCalendar().Loc); err != nil {
		return fmt.Errorf("keep the sums behind the digests: %w", err)
	}
	story, err := readStory(p.ctx, store)
	if err != nil {
		return err
	}
	var a *app
	if a, err = demoApp(p.ctx, store, clock, func(d time.Duration) { a.advance(p.ctx, clock, d) }, story, log); err != nil {
		return err
	}
	a.guard = web.Guard
	a.sendDigests(demoConfig())
	return a.serve(p.ctx, d.Listen, func(addr net.Addr) {
		fmt.Fprintf(p.stderr, "Truce is ready. Open http://%s/ and type /objection (Ctrl-C stops it; its history stays in %s)\n", addr, d.Data)
	})
}

// demoApp is Truce in the local workspace, with the invented people.
func demoApp(ctx context.Context, store *storage.Store, clock *movingClock, advance func(time.Duration), story web.Story, log *slog.Logger) (*app, error) {
	if err := handlers.SetRoster(ctx, store, "demo", demoRoster()); err != nil {
		return nil, err
	}
	if err := handlers.Seed(ctx, store); err != nil {
		return nil, err
	}
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: demoCalendar(), Rising: digests.Rising, Channels: sortedKeys(demoPlaces()), Reports: demoConfig().Digests()}, log)
	cfg := web.Config{Personas: demoPersonas(), Channels: demoChannels(), Story: playable(story, h), Advance: advance}
	workspace, err := web.New(cfg, h.Catalog(), store.Memory("web"), clock.Now, log)
	if err != nil {
		return nil, err
	}
	a := newApp(store, h, demoChannel, []chat.Adapter{workspace}, truce.NewTerms(demoCalendar()), log)
	return a, nil
}

// demoPromisedBefore is how many leads a quarter Marketing had promised when the past began.
const demoPromisedBefore = 560

// demoConfig is what the company has configured: the demo reads no configuration.
func demoConfig() config.Config {
	c := config.Default()
	c.Promises.LeadsPerQuarter, c.Promises.ICPShare = 580, 0.75
	return c
}

func demoCalendar() truce.Calendar { return truce.NewCalendar(time.UTC) }

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
// order. While the past is made it stands where it is pinned.
type movingClock struct {
	now    truce.Clock
	move   atomic.Int64 // ns
	pinned atomic.Int64 // UnixNano; 0 is not pinned
	moving sync.Mutex   // one move at a time
}

func (c *movingClock) Now() time.Time {
	if at := c.pinned.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return c.now().Add(time.Duration(c.move.Load()))
}

func (c *movingClock) pin(t time.Time) { c.pinned.Store(t.UnixNano()) }

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

// advance moves the demo's clock on by d, stopping wherever something may be due: reminders come before deadlines pass, and
// digests at their hour.
func (a *app) advance(ctx context.Context, c *movingClock, d time.Duration) {
	c.moving.Lock()
	defer c.moving.Unlock()
	from := c.Now()
	for _, at := range moments(demoCalendar(), dueMinutes, from, from.Add(d)) {
		step := at.Sub(c.Now())
		if step <= 0 {
			continue
		}
		move := strconv.FormatInt(c.move.Load()+int64(step), 10)
		if err := a.store.Update(ctx, func(tx *storage.Tx) error { return tx.SetMeta("demo_clock", move) }); err != nil {
			a.log.Error("keep the demo's clock", "error", err)
			return
		}
		c.move.Add(int64(step))
		if err := a.catchUp(ctx); err != nil {
			a.log.Error("catch up with the demo's clock", "at", at, "error", err)
		}
	}
}

// dueMinutes are the minutes of a workday at which something may be due: the hour of the recaps, and every full one.
// fewMinutes do for a time without digests: often enough for a reminder to come well before its deadline.
var (
	dueMinutes = []int{8 * 60, 8*60 + 30, 9 * 60, 10 * 60, 11 * 60, 12 * 60, 13 * 60, 14 * 60, 15 * 60, 16 * 60, 17 * 60, 18 * 60}
	fewMinutes = []int{9 * 60, 12 * 60, 15 * 60, 18 * 60}
)

// moments are when something may be due after one moment and up to another, the last one included.
func moments(c truce.Calendar, minutes []int, from, to time.Time) []time.Time {
	var list []time.Time
	for day := c.Date(from); !day.At(0, c.Loc).After(to); day = day.Add(1) {
		if !c.Workday(day) {
			continue
		}
		for _, m := range minutes {
			if at := day.At(m, c.Loc); at.After(from) && at.Before(to) {
				list = append(list, at)
			}
		}
	}
	return append(list, to)
}
