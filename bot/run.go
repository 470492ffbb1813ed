package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/slack"
	"truce/bot/teams"
	"truce/handlers"
	"truce/schedules/digests"
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
	if !cfg.Slack.Enabled() && !cfg.Teams.Enabled() {
		return usage(errNoPlatform)
	}
	log := p.logger(cfg.Log)
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	if err := handlers.SetRoster(p.ctx, store, "config", cfg.roster()); err != nil {
		return err
	}
	if err := keepThresholds(p.ctx, store, cfg, log); err != nil {
		return err
	}
	var a *app
	opt := cfg.handlerOptions()
	opt.RefreshPeople = func() { a.people.Refresh() }
	h := handlers.New(store, opt, log)
	adapters, err := platforms(p, cfg, h.Catalog(), store, log)
	if err != nil {
		return err
	}
	a = newApp(store, h, cfg.channel(), adapters, cfg.terms(), log)
	a.sendDigests(cfg)
	a.mountHooks(cfg.Hooks, cfg.Location())
	a.people.groups = cfg.Roles.byGroup()
	return a.serve(p.ctx, cfg.HTTP.Listen, func(addr net.Addr) { log.Info("truce is running", "listen", addr.String()) })
}

var errNoPlatform = errors.New("no platform is configured: set slack.bot_token or teams.app_id (see config.example.yaml). To try Truce without one: truce demo")

// platforms makes the adapters of the platforms that are configured. It does no network.
func platforms(p *program, cfg Config, cat chat.Catalog, store *storage.Store, log *slog.Logger) ([]chat.Adapter, error) {
	var adapters []chat.Adapter
	if cfg.Slack.Enabled() {
		a, err := slack.New(cfg.Slack, cat, store.Memory("slack"), p.now, log.With("platform", "slack"))
		if err != nil {
			return nil, fmt.Errorf("slack: %w", err)
		}
		adapters = append(adapters, a)
	}
	if cfg.Teams.Enabled() {
		a, err := teams.New(cfg.Teams, cat, store.Memory("teams"), p.now, log.With("platform", "teams"))
		if err != nil {
			return nil, fmt.Errorf("teams: %w", err)
		}
		adapters = append(adapters, a)
	}
	return adapters, nil
}

func (c Config) handlerOptions() handlers.Options {
	return handlers.Options{Location: c.Location(), Calendar: c.Hours(), Terms: c.terms(), Rising: digests.Rising, Channels: sortedKeys(c.Channels.ByKey()), Reports: c.digests()}
}

// terms are how much time everybody has, as configured.
func (c Config) terms() truce.Terms {
	t, p := truce.NewTerms(c.Hours()), c.Promises
	t.Answer, t.Evidence, t.Reply, t.Ruling = BusinessHours(p.AnswerHours), BusinessHours(p.AskOnceHours), BusinessHours(p.RepHours), BusinessHours(p.RuleHours)
	t.Verdict, t.UrgentVerdict = BusinessHours(p.AcceptHours), BusinessHours(p.AcceptHoursUrgent)
	t.Touch, t.UrgentTouch = BusinessHours(p.FirstTouchHours), BusinessHours(p.FirstTouchHoursUrgent)
	t.Urgent, t.RatingAfter = p.Urgent, p.RatingAfterDays
	t.StaleAfter = time.Duration(p.StaleAfterHours * float64(time.Hour))
	return t
}

func closeStore(store *storage.Store, log *slog.Logger) {
	if err := store.Close(); err != nil {
		log.Error("close the database", "error", err)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
