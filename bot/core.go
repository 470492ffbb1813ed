package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// open opens the company's database, creating it where there is none.
func (p *program) open(cfg config.Config, log *slog.Logger) (*storage.Store, error) {
	store, err := storage.Open(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return nil, err
	}
	if err = install(p.ctx, store, "truce"); err == nil {
		err = handlers.Seed(p.ctx, store)
	}
	if err == nil {
		err = store.PrepareRollUps(p.ctx, cfg.Location())
	}
	if err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
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
	return p.open(cfg, log)
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
			return usage(fmt.Errorf("%s holds a company's data: the demo only works on files it made itself (choose another with --data)", store.Path()))
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
