package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/demo"
	"truce/bot/demo/quillwater"
	"truce/bot/web"
	"truce/handlers"
	"truce/schedules"
	"truce/schedules/ideal"
	"truce/storage"
)

type demoCommand struct {
	Listen string `help:"Address to listen on; loopback only, port 0 takes a free one (default ${default})." default:"127.0.0.1:8080" placeholder:"ADDR"`
	Data   string `help:"The demo's database; history is kept in it (default ${default})." default:"truce-demo.db" placeholder:"FILE"`
	Now    string `help:"The demo's present when it starts, instead of today: a moment (2026-03-02T11:30:00Z) or a day (2026-03-02), which is its noon (default: now)." placeholder:"TIME|DATE"`
	Leads  int    `help:"How many leads a new database begins with, 100 to 1000000 (default ${default}, the company's year)." default:"2400" placeholder:"N"`
}

// Help is shown by "truce demo --help".
func (demoCommand) Help() string {
	return `Examples:
  truce demo
  truce demo --listen 127.0.0.1:0 --data /tmp/try.db
  truce demo --data /tmp/large.db --leads 100000
  truce demo --data /tmp/march.db --now 2026-03-02T11:30:00Z`
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
	present, err := d.present(p)
	if err != nil {
		return usage(err)
	}
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ln, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", d.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (is another Truce running? choose another address with --listen)", d.Listen, err)
	}
	defer ln.Close()
	switch _, err := os.Stat(d.Data); {
	case errors.Is(err, fs.ErrNotExist):
		if d.Leads > quillwater.DefaultLeads {
			fmt.Fprintf(p.stderr, "Inventing %d leads and what became of them.\n", d.Leads)
		}
		if err := d.makePast(p, ln, present, log); err != nil {
			return fmt.Errorf("make the demo's past: %w", err)
		}
	case err != nil:
		return fmt.Errorf("look for the demo's database: %w", err)
	case d.Leads != quillwater.DefaultLeads:
		fmt.Fprintf(p.stderr, "%s is there already and keeps its leads; for %d others choose another file with --data\n", d.Data, d.Leads)
	}
	clock := demo.NewClock(p.now)
	store, err := storage.Open(p.ctx, d.Data, clock.Now, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	if err := install(p.ctx, store, "demo"); err != nil {
		return err
	}
	if d.Now == "" {
		err = clock.Load(p.ctx, store)
	} else if err = clock.Set(p.ctx, store, present); err != nil {
		err = refused(fmt.Errorf("--now %s, in %s: %w", d.Now, d.Data, err))
	}
	if err != nil {
		return err
	}
	if err := keepThresholds(p.ctx, store, demo.Config(), log); err != nil {
		return err
	}
	if err := store.KeepRollUps(p.ctx, demo.Calendar().Loc); err != nil {
		return fmt.Errorf("keep the sums behind the digests: %w", err)
	}
	story, err := demo.ReadStory(p.ctx, store)
	if err != nil {
		return err
	}
	a, _, err := liveApp(p.ctx, store, clock, story, log)
	if err != nil {
		return err
	}
	return a.serveOn(p.ctx, ln, func(addr net.Addr) {
		fmt.Fprintf(p.stderr, "Truce is ready. Open http://%s/ and type /objection (Ctrl-C stops it; its history stays in %s)\n", addr, d.Data)
	})
}

// liveApp is the demo as it goes on after its past, with what comes later; advance moves its clock on.
func liveApp(ctx context.Context, store *storage.Store, clock *demo.Clock, story web.Story, log *slog.Logger) (a *app,
	advance func(time.Duration), err error) {
	var later *demo.Later
	advance = func(d time.Duration) { clock.Advance(ctx, store, d, later.Stops, a.catchUp, log) }
	if a, err = demoApp(ctx, store, clock, advance, story, log); err != nil {
		return nil, nil, err
	}
	if later, err = demo.NewLater(ctx, store, a.mux, log); err != nil {
		return nil, nil, err
	}
	a.guard = web.Guard
	a.sendDigests(demo.Config())
	every, err := schedules.Parse("* * * * *", time.UTC)
	if err != nil {
		return nil, nil, err
	}
	// First of the program's jobs, so that the others find what has come.
	a.loop.Jobs = slices.Insert(a.loop.Jobs, 0, schedules.Job{Name: "demo", Spec: every,
		Run: func(ctx context.Context, _ time.Time) error { return later.LiveOn(ctx) }})
	return a, advance, nil
}

// demoApp is Truce in the local workspace, with the invented people.
func demoApp(ctx context.Context, store *storage.Store, clock *demo.Clock, advance func(time.Duration), story web.Story,
	log *slog.Logger) (*app, error) {
	if err := handlers.SetRoster(ctx, store, "demo", demo.Members()); err != nil {
		return nil, err
	}
	if err := handlers.Seed(ctx, store); err != nil {
		return nil, err
	}
	h := handlers.New(store, handlers.Options{Location: time.UTC, Calendar: demo.Calendar(), Terms: demo.Config().Terms(),
		Rising: demo.Config().Digests().Rising, Channels: sortedKeys(demo.Places()), Reports: demo.Config().Digests(),
		Ideal: ideal.Desk{Calendar: demo.Calendar()}}, log)
	cfg := web.Config{Personas: demo.Personas(), Channels: demo.Channels(), Story: demo.Playable(story, h), Advance: advance}
	workspace, err := web.New(cfg, h.Catalog(), store.Memory("web"), clock.Now, log)
	if err != nil {
		return nil, err
	}
	a := newApp(store, h, demo.Channel, []chat.Adapter{workspace}, demo.Config().Terms(), log)
	return a, nil
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
			return fmt.Errorf("--listen %s: the demo listens on this machine only, because anybody who can open it may be anybody: use "+
				"127.0.0.1:PORT", listen)
		}
	}
	return nil
}

// present is when the demo starts: --now, or the real time.
func (d demoCommand) present(p *program) (time.Time, error) {
	if d.Now == "" {
		return p.now(), nil
	}
	if day, err := truce.ParseDate(d.Now); err == nil {
		return day.At(12*60, demo.Calendar().Loc), nil
	}
	at, err := time.Parse(time.RFC3339, d.Now)
	if err != nil {
		return at, fmt.Errorf("--now %q is neither a day such as 2026-03-02 nor a moment such as 2026-03-02T11:30:00Z", d.Now)
	}
	return at, nil
}

// pastGC is by how many percent the heap grows between collections while the past is made.
const pastGC = 400

// makePast makes the demo's file, and says meanwhile on the demo's own address how far it is.
func (d demoCommand) makePast(p *program, ln net.Listener, present time.Time, log *slog.Logger) error {
	m := &making{w: p.stderr}
	stop, err := m.serve(ln)
	if err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(pastGC)) // for some seconds memory is worth less than time
	err = demo.Make(p.ctx, demo.Past{Path: d.Data, Leads: d.Leads, Now: present, Start: startPast(log), Log: log, Progress: p.stderr,
		Tell: m.tell})
	return errors.Join(err, stop())
}

// startPast starts the program in which the past is lived through.
func startPast(log *slog.Logger) func(context.Context, *storage.Store, *demo.Clock) (demo.Program, error) {
	return func(ctx context.Context, store *storage.Store, clock *demo.Clock) (demo.Program, error) {
		if err := install(ctx, store, "demo"); err != nil {
			return nil, err
		}
		if err := keepThresholds(ctx, store, demo.Config(), log); err != nil {
			return nil, err
		}
		a, err := demoApp(ctx, store, clock, nil, web.Story{}, log)
		if err != nil {
			return nil, err
		}
		return lived{a}, nil
	}
}

// lived is the program as the demo's past lives through it.
type lived struct{ *app }

func (l lived) Handle(ctx context.Context, ev chat.Event) (chat.Reply, error) {
	return l.handlers.Handle(ctx, ev)
}
func (l lived) Mount(mux *http.ServeMux, h chat.Handler) { l.adapters[0].(chat.Mounter).Mount(mux, h) }
func (l lived) CatchUp(ctx context.Context) error        { return l.catchUp(ctx) }
func (l lived) SendDigests()                             { l.sendDigests(demo.Config()) }
