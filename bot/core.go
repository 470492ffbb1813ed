package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"truce"
	"truce/bot/config"
	"truce/handlers"
	"truce/storage"
)

// This file opens what every command needs: the configuration, the log, the store.

// config reads the configuration; its faults are the person's to mend.
func (p *program) config() (config.Config, error) {
	path, explicit := p.configFile, p.configFile != ""
	if !explicit {
		path = "config.yaml"
	}
	cfg, err := config.Load(path, explicit, p.env)
	if err != nil {
		return cfg, usage(err)
	}
	if cfg.ICP.Profile != "" {
		prof, err := readProfile(cfg.ICP.Profile)
		if err != nil {
			return cfg, fmt.Errorf("icp.profile: %w", err)
		}
		cfg.ICP.Read = &prof
	}
	return cfg, nil
}

// logger writes to stderr as the configuration says.
func (p *program) logger(cfg config.Log) *slog.Logger {
	opt := &slog.HandlerOptions{Level: cfg.SlogLevel()}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, opt))
	}
	return slog.New(slog.NewTextHandler(p.stderr, opt))
}

// open opens the company's database, creating it where there is none. Its days are from now on those of the configuration's zone.
func (p *program) open(cfg config.Config, log *slog.Logger) (*storage.Store, error) {
	store, err := p.openAs(cfg, log)
	if err == nil {
		if err = store.PrepareRollUps(p.ctx, cfg.Location()); err != nil {
			store.Close()
		}
	}
	return store, err
}

// mustBeThere refuses where there is no database yet: what changes or copies one makes none. to ends the sentence: "back up".
func mustBeThere(cfg config.Config, to string) error {
	if _, err := os.Stat(cfg.Storage.Path); errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("there is no database %s to %s", cfg.Storage.Path, to))
	}
	return nil
}

// openAs is open without a word on zones.
func (p *program) openAs(cfg config.Config, log *slog.Logger) (*storage.Store, error) {
	store, err := storage.Open(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return nil, err
	}
	store.ShareDomains(cfg.Terms().ICP.Shared)
	if err = install(p.ctx, store, "truce"); err == nil {
		err = handlers.Seed(p.ctx, store)
	}
	if err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// look opens the database to read it: nothing is created and nothing changes, whatever the configuration says. What it says otherwise
// than the database is told. Where there is none an empty one is read, which end takes away.
func (p *program) look(cfg config.Config, log *slog.Logger) (store *storage.Store, end func(), err error) {
	if store, err = p.lookInto(cfg, log); err == nil {
		return store, func() { closeStore(store, log) }, nil
	}
	if truce.KindOf(err) != truce.NotFound {
		return nil, nil, err
	}
	fmt.Fprintf(p.stderr, "truce: there is no database %s yet, and none is made by reading: this is what an empty one says\n",
		cfg.Storage.Path)
	return p.openNowhere(cfg, log)
}

// openNowhere opens an empty database that end takes away again, for what is only read or tried.
func (p *program) openNowhere(cfg config.Config, log *slog.Logger) (store *storage.Store, end func(), err error) {
	dir, err := os.MkdirTemp("", "truce-empty-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a place for an empty database: %w", err)
	}
	cfg.Storage.Path = filepath.Join(dir, "truce.db")
	if store, err = p.open(cfg, log); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return store, func() { closeStore(store, log); os.RemoveAll(dir) }, nil
}

// lookInto is look where there must be a database: truce.NotFound where there is none.
func (p *program) lookInto(cfg config.Config, log *slog.Logger) (*storage.Store, error) {
	store, err := storage.OpenRead(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return nil, refused(err)
	}
	if _, err := p.sameZone(cfg, store); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// sameZone reports whether the database keeps its sums by the days of the configuration's zone, and tells where it does not.
func (p *program) sameZone(cfg config.Config, store *storage.Store) (same bool, err error) {
	zone := ""
	if err := store.View(p.ctx, func(tx *storage.Tx) (err error) { zone, err = tx.DayZone(); return err }); err != nil {
		return false, fmt.Errorf("look into %s: %w", store.Path(), err)
	}
	if zone == cfg.Location().String() {
		return true, nil
	}
	if zone != "" {
		fmt.Fprintf(p.stderr, "truce: the database counts its days in %s, this configuration says %s: nothing is changed by that (truce run "+
			"and truce rebuild would)\n", zone, cfg.Location())
	}
	return zone == "", nil
}

// openAny opens a database, also one that the demo made: to look at it, and to try a CRM's own export in the workspace.
func (p *program) openAny(cfg config.Config, log *slog.Logger) (*storage.Store, error) {
	store, err := storage.Open(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return nil, err
	}
	made := ""
	err = store.View(p.ctx, func(tx *storage.Tx) (err error) {
		made, err = tx.Meta("made_by")
		return err
	})
	if err == nil && made == "demo" {
		return store, nil
	}
	if err := errors.Join(err, store.Close()); err != nil {
		return nil, fmt.Errorf("look into %s: %w", cfg.Storage.Path, err)
	}
	if store, err = p.openAs(cfg, log); err != nil {
		return nil, err
	}
	same, err := p.sameZone(cfg, store)
	if err == nil && same { // the first import decides; a later one with another configuration does not
		err = store.PrepareRollUps(p.ctx, cfg.Location())
	}
	if err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// install remembers when Truce began to work on the database, and which of its programs made it.
func install(ctx context.Context, store *storage.Store, maker string) error {
	return store.Update(ctx, func(tx *storage.Tx) error {
		made, err := tx.Meta("made_by")
		switch {
		case err != nil:
			return err
		case made == maker:
			return nil
		case made == "":
			if err := tx.SetMeta("installed_at", tx.Now.Format("2006-01-02T15:04:05Z")); err != nil {
				return err
			}
			return tx.SetMeta("made_by", maker)
		case maker == "demo":
			return usage(fmt.Errorf("%s holds a company's data: the demo only works on files it made itself (choose another with --data)",
				store.Path()))
		default:
			return usage(fmt.Errorf("%s was made by the demo and holds invented data: choose another file with storage.path", store.Path()))
		}
	})
}

// roster is the people of the configuration. User groups are followed by the platforms that have them.
func roster(cfg config.Config) []handlers.Member {
	byEmail := map[string]*handlers.Member{}
	var order []string
	member := func(email string) *handlers.Member {
		email = truce.FoldEmail(email)
		if byEmail[email] == nil {
			byEmail[email] = &handlers.Member{Email: email}
			order = append(order, email)
		}
		return byEmail[email]
	}
	for _, g := range cfg.Roles.ByRole() {
		for _, email := range g.Who {
			if !strings.HasPrefix(email, config.GroupPrefix) {
				m := member(email)
				m.Roles = append(m.Roles, g.Role)
			}
		}
	}
	for _, email := range sortedKeys(cfg.People) {
		p, m := cfg.People[email], member(email)
		m.Users, m.Side, m.Manager = p.IDs, truce.Side(p.Side), p.Manager
	}
	list := make([]handlers.Member, len(order))
	for i, email := range order {
		list[i] = *byEmail[email]
	}
	return list
}
