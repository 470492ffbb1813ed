package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/metrics"
	"truce/handlers"
	"truce/schedules"
	"truce/schedules/delivery"
	"truce/schedules/digests"
	"truce/storage"
)

// app is a running Truce: the store, the handlers, the platforms, and what time asks for.
type app struct {
	store    *storage.Store
	handlers *handlers.Handlers
	adapters []chat.Adapter
	delivery *delivery.Delivery
	loop     *schedules.Loop
	syncs    *schedules.Loop // nil where no source is asked
	sources  []string        // of truce sync
	people   *people
	terms    truce.Terms // as configured
	log      *slog.Logger
	mux      *http.ServeMux
	up       atomic.Bool                     // everything has started
	guard    func(http.Handler) http.Handler // before every route, where set
	metrics  *metrics.Metrics                // nil where nobody asks for figures
	figures  string                          // where the metrics are served
}

const (
	stopTimeout = 5 * time.Second
	lookUpPause = 1200 * time.Millisecond // between two look-ups behind: half of what Slack allows
)

// newApp puts the parts together around an open store. It does no network.
func newApp(store *storage.Store, h *handlers.Handlers, channel delivery.Channel, adapters []chat.Adapter, terms truce.Terms,
	log *slog.Logger) *app {
	a := &app{store: store, handlers: h, adapters: adapters, terms: terms, log: log, mux: http.NewServeMux()}
	byName, directories := map[string]chat.Adapter{}, map[string]chat.Directory{}
	for _, ad := range adapters {
		byName[ad.Name()] = ad
		if d, ok := ad.(chat.Directory); ok {
			directories[ad.Name()] = d
		}
		if m, ok := ad.(chat.Mounter); ok {
			m.Mount(a.mux, chat.HandlerFunc(a.handle))
		}
	}
	h.Ask(directories)
	accounts := &delivery.Accounts{Store: store, Adapters: byName, Terms: terms, Log: log, Pause: lookUpPause}
	a.people = newPeople(store, adapters, accounts, log)
	a.delivery = &delivery.Delivery{Store: store, Adapters: byName, Channel: channel, Subjects: delivery.Subjects(terms),
		Concerns: delivery.WhoIsConcerned, Accounts: accounts, Log: log}
	a.loop = &schedules.Loop{Jobs: schedules.Jobs(store, terms, log), Store: store, Log: log}
	a.mux.HandleFunc("GET /healthz", a.healthz)
	a.mux.HandleFunc("GET /readyz", a.readyz)
	return a
}

// catchUp does what is due by now and delivers what is to be said because of it. A clock that is moved on needs it: at each
// moment on its way, nothing is left for later.
func (a *app) catchUp(ctx context.Context) error {
	if _, err := a.loop.Once(ctx); err != nil {
		return err
	}
	for {
		n, err := a.delivery.Once(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// front is what the server serves.
func (a *app) front() http.Handler {
	if a.guard != nil {
		return a.guard(a.mux)
	}
	return a.mux
}

// sendDigests lets the app send digests when they are due, and keeps the peace of those who get them.
func (a *app) sendDigests(cfg config.Config) {
	t := cfg.Timetable()
	a.loop.Jobs = append(a.loop.Jobs, cfg.Digests().Jobs(a.store,
		digests.Timetable{Leads: t.Leads, Weekly: t.Weekly, Monthly: t.Monthly, Recap: t.Recap}, a.log)...)
	a.loop.Jobs = append(a.loop.Jobs, cfg.Digests().MeetingJobs(a.store, a.log)...)
	a.delivery.Hold = schedules.Peace{Calendar: cfg.Hours(),
		Budget: schedules.Budget{Rep: cfg.Budget.Rep, Marketer: cfg.Budget.Marketer, Manager: cfg.Budget.Manager,
			Sponsor: cfg.Budget.Sponsor}}.Hold
}

// healthz says that the process lives and its database answers, and below how the sources of truce sync stand: that one fails is no
// reason to start the process anew.
func (a *app) healthz(w http.ResponseWriter, r *http.Request) {
	var states []storage.SourceState
	err := a.store.View(r.Context(), func(tx *storage.Tx) (err error) {
		if _, err = tx.Meta("installed_at"); err == nil {
			states, err = tx.SourceStates(a.sources)
		}
		return err
	})
	if err != nil {
		a.log.Error("health", "error", err)
		http.Error(w, "database: not answering", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "ok\n"+sourcesText(states))
}

// sourcesText is how the sources of truce sync stand, a line each. It has no reasons: whoever reaches the address may read it.
func sourcesText(states []storage.SourceState) string {
	var b strings.Builder
	for _, s := range states {
		fmt.Fprintf(&b, "sync %s: last complete ", s.Name)
		if s.Heard.IsZero() {
			b.WriteString("never")
		} else {
			b.WriteString(s.Heard.Format(time.RFC3339))
		}
		if s.Failing.ID != "" {
			fmt.Fprintf(&b, ", failing since %s", s.Failing.BeganAt.Format(time.RFC3339))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// readyz says that every platform is connected, and that what people say can be written down.
func (a *app) readyz(w http.ResponseWriter, r *http.Request) {
	var not []string
	if !a.up.Load() {
		not = append(not, "starting")
	}
	if err := a.store.Ready(r.Context()); err != nil {
		a.log.Error("not ready", "error", err)
		not = append(not, "database: "+err.Error())
	}
	for _, ad := range a.adapters {
		if rd, ok := ad.(chat.Readier); ok {
			if err := rd.Ready(); err != nil {
				not = append(not, ad.Name()+": "+err.Error())
			}
		}
	}
	if len(not) > 0 {
		http.Error(w, strings.Join(not, "\n"), http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "ok\n")
}

// handle answers an event.
func (a *app) handle(ctx context.Context, ev chat.Event) (chat.Reply, error) {
	if a.metrics != nil {
		return a.metrics.Handle(ctx, ev, a.handlers)
	}
	return a.handlers.Handle(ctx, ev)
}

// measure serves figures of what the app does at an address of their own, once it serves.
func (a *app) measure(listen string) {
	src := metrics.Source{Store: a.store, Terms: a.terms, Version: thisBuild().version, Platforms: map[string]func() error{},
		Late: a.loop.Late, Syncs: a.sources}
	for _, ad := range a.adapters {
		ready := func() error { return nil }
		if r, ok := ad.(chat.Readier); ok {
			ready = r.Ready
		}
		src.Platforms[ad.Name()] = ready
	}
	a.metrics, a.figures = metrics.New(src), listen
	a.delivery.Count = a.metrics.Delivered
}

// serveMetrics serves the figures until ctx ends.
func (a *app) serveMetrics(ctx context.Context) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.figures)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (choose another address with metrics.listen)", a.figures, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Page())
	srv := newDoors(openAtOnce(maxFiles())).server(mux)
	srv.ErrorLog = slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	a.log.Info("metrics", "listen", ln.Addr().String())
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics on %s: %w", ln.Addr(), err)
	}
	return nil
}

// serve runs until ctx ends or a part fails, then stops in order: no new events, deliveries under way, the store. ready is
// called with the address once everything listens.
func (a *app) serve(ctx context.Context, listen string, ready func(addr net.Addr)) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (is another Truce running? choose another address with http.listen)", listen, err)
	}
	return a.serveOn(ctx, ln, ready)
}

// serveOn is serve on what listens already.
func (a *app) serveOn(ctx context.Context, ln net.Listener, ready func(addr net.Addr)) error {
	srv := newDoors(openAtOnce(maxFiles())).server(a.front())
	srv.ErrorLog = slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		a.tell(daemon.SdNotifyStopping)
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		if err := srv.Shutdown(stop); err != nil {
			srv.Close() // open streams do not end by themselves
		}
		return nil
	})
	if a.metrics != nil {
		g.Go(func() error { return a.serveMetrics(ctx) })
	}
	for _, ad := range a.adapters {
		g.Go(func() error {
			if err := ad.Run(ctx, chat.HandlerFunc(a.handle)); err != nil {
				return fmt.Errorf("%s: %w", ad.Name(), err)
			}
			return nil
		})
	}
	g.Go(func() error { return a.delivery.Run(ctx) })
	g.Go(func() error {
		if err := a.handlers.Warm(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("fill the memory of texts: nothing is guessed until the next start", "error", err)
		}
		return nil
	})
	g.Go(func() error { return a.loop.Run(ctx) })
	if a.syncs != nil {
		g.Go(func() error { return a.syncs.Run(ctx) })
	}
	g.Go(func() error { return a.people.Run(ctx) })
	g.Go(func() error { return a.handlers.KeepAsking(ctx) })
	g.Go(func() error { a.countRollUps(ctx); return nil })
	g.Go(func() error { a.keepWatch(ctx); return nil })
	a.up.Store(true)
	a.tell(daemon.SdNotifyReady)
	ready(ln.Addr())
	err := g.Wait()
	a.handlers.Close()
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// countEvery is how often a running Truce looks for days that a killed import, or a new version, has left to be counted.
const countEvery = 10 * time.Minute

// countRollUps counts such days until ctx ends; reports take longer while there are any.
func (a *app) countRollUps(ctx context.Context) {
	for {
		if err := a.store.CountRollUps(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("count the sums behind the digests", "error", err)
		}
		timer := time.NewTimer(countEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
