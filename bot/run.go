package main

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"

	"truce/bot/chat"
	"truce/bot/config"
	"truce/handlers"
	"truce/schedules/ideal"
	"truce/storage"
)

type runCommand struct{}

// Help is shown by "truce run --help".
func (runCommand) Help() string {
	return `Examples:
  truce run --config config.yaml
  TRUCE_SLACK_BOT_TOKEN=xoxb-... TRUCE_SLACK_APP_TOKEN=xapp-... truce run`
}

// Run runs the bot on the platforms that are configured until it is told to stop.
func (runCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if len(cfg.Enabled()) == 0 {
		return usage(noPlatform(cfg))
	}
	log := p.logger(cfg.Log)
	asked, err := sources(cfg, p.env, cfg.Sync.Names())
	if err != nil {
		return err
	}
	crms, err := systems(cfg, nil)
	if err != nil {
		return err
	}
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	if err := store.Solo(); err != nil {
		return refused(err)
	}
	if err := handlers.SetRoster(p.ctx, store, "config", roster(cfg)); err != nil {
		return err
	}
	if err := keepThresholds(p.ctx, store, cfg, log); err != nil {
		return err
	}
	if err := keepProfile(p.ctx, store, cfg, log); err != nil {
		return err
	}
	var a *app
	opt := handlerOptions(cfg)
	opt.RefreshPeople = func() { a.people.Refresh() }
	h := handlers.New(store, opt, log)
	adapters, err := platforms(p, cfg, h.Catalog(), store, log)
	if err != nil {
		return err
	}
	a = newApp(store, h, spokenIn(cfg), adapters, cfg.Terms(), log)
	a.sendDigests(cfg)
	a.syncSources(cfg, crms, asked)
	a.sources = cfg.Asked()
	if err := a.letGo(cfg); err != nil {
		return err
	}
	if cfg.Metrics.Listen != "" {
		a.measure(cfg.Metrics.Listen)
	}
	a.mountHooks(cfg.Hooks, cfg.Location())
	a.people.groups = cfg.Roles.ByGroup()
	return a.serve(p.ctx, cfg.HTTP.Listen, func(addr net.Addr) { log.Info("truce is running", "listen", addr.String()) })
}

func noPlatform(cfg config.Config) error {
	var keys []string
	for _, platform := range cfg.Platforms() {
		keys = append(keys, platform.SwitchedBy())
	}
	return fmt.Errorf("no platform is configured: set %s (see config.example.yaml). To try Truce without one: truce demo",
		strings.Join(keys, " or "))
}

// platforms makes the adapters of the platforms that are configured. It does no network.
func platforms(p *program, cfg config.Config, cat chat.Catalog, store *storage.Store, log *slog.Logger) ([]chat.Adapter, error) {
	var adapters []chat.Adapter
	for _, platform := range cfg.Enabled() {
		network := platform.Network()
		a, err := platform.Adapter(cat, store.Memory(network), p.now, log.With("platform", network))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", network, err)
		}
		adapters = append(adapters, a)
	}
	return adapters, nil
}

func handlerOptions(cfg config.Config) handlers.Options {
	return handlers.Options{Location: cfg.Location(), Calendar: cfg.Hours(), Terms: cfg.Terms(), Rising: cfg.Digests().Rising,
		Channels: sortedKeys(cfg.Channels.ByKey()), Reports: cfg.Digests(), Questions: cfg.Outcome.Questions, Sources: cfg.Asked(),
		Ideal: ideal.Desk{Calendar: cfg.Hours(), Shared: cfg.Terms().ICP.Shared}, CRM: cfg.CRM.Links()}
}

func closeStore(store *storage.Store, log *slog.Logger) {
	if err := store.Close(); err != nil {
		log.Error("close the database", "error", err)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
