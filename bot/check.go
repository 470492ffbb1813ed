package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/storage"
)

type checkCommand struct {
	Deep   bool `help:"Also count all leads anew and hold the sums behind the digests against it. Of an older database: bring a copy up to date, and say how long it took."`
	Ready  bool `help:"Ask only the Truce that runs with this configuration whether it is ready."`
	Online bool `help:"Also ask the platforms: tokens, permissions, channels."`
}

const onlineTimeout = 30 * time.Second

// Help is shown by "truce check --help".
func (checkCommand) Help() string {
	return `Examples:
  truce check --config config.yaml
  truce check --online
  truce check --ready      # status 0 while the running bot is ready; for a container's health check`
}

// Run reads the configuration and looks into the database, where there is one: it changes nothing and makes none. Without
// --online it uses no network.
func (c checkCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if c.Ready {
		return p.checkReady(cfg)
	}
	if c.Online && len(cfg.Enabled()) == 0 && len(cfg.Asked()) == 0 {
		return usage(noPlatform(cfg))
	}
	log := p.logger(cfg.Log)
	store, err := p.lookInto(cfg, log)
	older := errors.Is(err, storage.ErrOlder) // the check before the first start of a new version
	if older || truce.KindOf(err) == truce.NotFound {
		store, err = nil, nil
	}
	if err != nil {
		return err
	}
	if store != nil {
		defer closeStore(store, log)
		if err := notOfTheDemo(p.ctx, store); err != nil {
			return err
		}
	}
	p.sayWhatRuns(cfg, store != nil, older)
	if older {
		if err := p.sayUpgrade(cfg, c.Deep, log); err != nil {
			return err
		}
	}
	if store != nil {
		if err := p.sayUnlike(store, cfg); err != nil {
			return err
		}
		if err := p.sayRamp(store, cfg); err != nil {
			return err
		}
	}
	if c.Deep && !older {
		if store == nil {
			return usage(fmt.Errorf("there is no database %s to check that this version could read", cfg.Storage.Path))
		}
		if err := p.checkDeep(store); err != nil {
			return err
		}
	}
	if !c.Online {
		return nil
	}
	return p.checkOnline(cfg, store, log)
}

// checkOnline asks the sources and the platforms. Without a database the platforms are asked with an empty one, which is gone afterwards.
func (p *program) checkOnline(cfg config.Config, store *storage.Store, log *slog.Logger) error {
	if store == nil {
		var end func()
		var err error
		if store, end, err = p.openNowhere(cfg, log); err != nil {
			return err
		}
		defer end()
	}
	adapters, err := platforms(p, cfg, catalog(cfg), store, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, onlineTimeout)
	defer cancel()
	places, err := placesByRole(ctx, store, cfg)
	if err != nil {
		return err
	}
	failed, err := p.trySources(ctx, cfg)
	if err != nil {
		return err
	}
	for _, a := range adapters {
		checker, ok := a.(chat.Checker)
		if !ok {
			continue
		}
		found := checker.Check(ctx, places)
		if g, ok := a.(chat.Grouper); ok {
			found = append(found, checkGroups(ctx, a.Name(), g, cfg.Roles)...)
		}
		for _, f := range found {
			mark := "ok  "
			if !f.OK {
				mark, failed = "FAIL", true
			}
			fmt.Fprintf(p.stdout, "%s %s: %s\n", mark, f.What, f.Detail)
			if !f.OK && f.Remedy != "" {
				fmt.Fprintf(p.stdout, "     %s\n", f.Remedy)
			}
		}
	}
	if failed {
		return errors.New("something is not right: see the lines marked FAIL")
	}
	return nil
}

// placesByRole are the channels of the configuration, each with its role before its name: cases must be private, whatever it is called.
func placesByRole(ctx context.Context, store *storage.Store, cfg config.Config) (places []chat.Place, err error) {
	err = store.View(ctx, func(tx *storage.Tx) error {
		for _, role := range sortedKeys(cfg.Channels.ByKey()) {
			of, err := spokenIn(cfg)(tx, role)
			if err != nil {
				return err
			}
			for _, place := range of {
				if place.Name = strings.TrimPrefix(place.Name, "#"); place.Name != role {
					place.Name = strings.TrimSpace(role + " " + place.Name)
				}
				places = append(places, place)
			}
		}
		return nil
	})
	return places, err
}

// trySources tries each source of truce sync, and says what came of it.
func (p *program) trySources(ctx context.Context, cfg config.Config) (failed bool, err error) {
	crms, err := systems(cfg, nil)
	if err != nil {
		return false, err
	}
	for _, s := range crms {
		if _, err := s.Begin(ctx); err != nil {
			failed = true
			fmt.Fprintf(p.stdout, "FAIL sync %s: %s\n", s.Name(), oneLine(truce.Sentence(err)))
			continue
		}
		fmt.Fprintf(p.stdout, "ok   sync %s: it can be asked, and has what is configured\n", s.Name())
	}
	list, err := sources(cfg, p.env, cfg.Sync.Names())
	if err != nil {
		return failed, err
	}
	for _, s := range list {
		if err := s.Asker.Try(ctx); err != nil {
			failed = true
			fmt.Fprintf(p.stdout, "FAIL sync %s: %s\n", s.Name, oneLine(err.Error()))
			continue
		}
		fmt.Fprintf(p.stdout, "ok   sync %s: it can be asked for %s\n", s.Name, s.Kind())
	}
	return failed, nil
}

// notOfTheDemo refuses a database of the demo: a company must not go on in it.
func notOfTheDemo(ctx context.Context, store *storage.Store) error {
	made := ""
	if err := store.View(ctx, func(tx *storage.Tx) (err error) { made, err = tx.Meta("made_by"); return err }); err != nil {
		return fmt.Errorf("look into %s: %w", store.Path(), err)
	}
	if made == "demo" {
		return usage(fmt.Errorf("%s was made by the demo and holds invented data: choose another file with storage.path", store.Path()))
	}
	return nil
}

// sayWhatRuns says what a start with the configuration would be.
func (p *program) sayWhatRuns(cfg config.Config, database, older bool) {
	_, err := os.Stat("config.yaml")
	none := p.configFile == "" && err != nil && !slices.ContainsFunc(p.env, func(v string) bool { return strings.HasPrefix(v, "TRUCE_") })
	if none {
		fmt.Fprintln(p.stdout, "There is no configuration: no config.yaml here, no --config, no TRUCE_... variable. What follows are the "+
			"defaults.")
	} else {
		fmt.Fprintf(p.stdout, "The configuration is right. Database: %s\n", cfg.Storage.Path)
	}
	switch {
	case !database && !older:
		fmt.Fprintf(p.stdout, "There is no database %s yet: the first start, or the first import, makes it.\n", cfg.Storage.Path)
	}
	var on []string
	for _, platform := range cfg.Enabled() {
		on = append(on, platform.Summary())
	}
	if len(on) == 0 {
		fmt.Fprintln(p.stdout, "truce run would not start: "+noPlatform(cfg).Error())
		return
	}
	fmt.Fprintf(p.stdout, "truce run would serve %s, listen on %s and count days in %s.\n", strings.Join(on, " and "), cfg.HTTP.Listen,
		cfg.Location())
}

// checkGroups looks whether the user groups that give roles are there, and have anybody in them.
func checkGroups(ctx context.Context, network string, g chat.Grouper, roles config.Roles) []chat.Finding {
	var found []chat.Finding
	byGroup := roles.ByGroup()
	for _, group := range roles.Groups() {
		f := chat.Finding{What: network + ": user group @" + group}
		switch members, err := g.Members(ctx, group); {
		case errors.Is(err, chat.ErrNoSuchGroup):
			f.Detail = "there is no such group, so it makes nobody " + roleNames(byGroup[group])
			f.Remedy = g.GroupRemedy(err)
		case err != nil:
			f.Detail, f.Remedy = err.Error(), g.GroupRemedy(err)
		case len(members) == 0:
			f.Detail, f.Remedy = "has no members, so it makes nobody "+roleNames(byGroup[group]), g.GroupRemedy(nil)
		default:
			f.OK, f.Detail = true, fmt.Sprintf("%d in it, each a %s", len(members), roleNames(byGroup[group]))
		}
		found = append(found, f)
	}
	return found
}

func roleNames(roles []truce.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, " and ")
}
