package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/config"
	"truce/handlers/intake"
	"truce/handlers/intake/pull"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

type syncCommand struct {
	Name   string `arg:"" optional:"" help:"The one source to ask (default: all of them)." placeholder:"NAME"`
	Full   bool   `help:"Ask for everything, not only for what has changed since the last complete run."`
	DryRun bool   `help:"Ask, read and check, say what would be done, and store nothing."`
	Write  bool   `help:"Of a CRM: only write back what people said of leads here (write: verdicts). With --dry-run: show it."`

	CreateFields bool `help:"Of HubSpot: make the properties that are written back, and nothing else."`
}

// Help is shown by "truce sync --help".
func (syncCommand) Help() string {
	return `Asks the sources of the configuration (sync.sources) for what has changed, in the order people, leads, touches, engagements, deals, outcomes, orders,
costs, activities. Beside a running bot too. A source is asked for what has changed since its last complete run, less sync.overlap; a run that breaks off
counts for nothing and is asked for again. Exit status 0: complete. 3: complete, but rows were rejected. 1: not complete.

Examples:
  truce sync
  truce sync crm_leads --dry-run
  truce sync crm_deals --full
  truce sync hubspot
  truce sync hubspot --write --dry-run
  truce sync hubspot --create-fields`
}

// Run asks the sources.
func (c syncCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	asked := cfg.Asked()
	if len(asked) == 0 {
		return usage(errors.New("no source is configured: name one in sync.sources, or set hubspot.token or salesforce.client_id (see " +
			"config.example.yaml and docs/sync.md)"))
	}
	names := cfg.Sync.Names()
	if c.Name != "" {
		if !slices.Contains(asked, c.Name) {
			return usage(fmt.Errorf("there is no source %q; there are %s", c.Name, strings.Join(asked, ", ")))
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n != c.Name })
	}
	crms, err := systems(cfg, func(name string) bool { return c.Name == "" || name == c.Name })
	if err != nil {
		return err
	}
	if c.CreateFields {
		return c.createFields(p, crms)
	}
	if c.Write {
		names = nil // what is asked for is not asked now
		if crms = writing(cfg, crms, c.DryRun); len(crms) == 0 {
			return usage(errors.New("nothing is written back: set hubspot.write or salesforce.write to verdicts, and name that CRM or none"))
		}
	}
	list, err := sources(cfg, p.env, names)
	if err != nil {
		return err
	}
	log := p.logger(cfg.Log)
	open := func(cfg config.Config, log *slog.Logger) (*storage.Store, func(), error) {
		store, err := p.openAny(cfg, log)
		return store, func() { closeStore(store, log) }, err
	}
	if _, err := os.Stat(cfg.Storage.Path); errors.Is(err, fs.ErrNotExist) && c.DryRun {
		open = p.openNowhere // what is only tried leaves nothing behind
	}
	store, end, err := open(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	if !c.DryRun {
		give, err := store.SyncTurn()
		if err != nil {
			return err
		}
		defer give()
	}
	failed, rejected := 0, false
	for _, s := range crms {
		n, err := c.askCRM(p, cfg, store, s, log)
		if p.ctx.Err() != nil {
			return errors.New("it was stopped; run it again to go on: what is stored already is left as it is")
		}
		if err != nil {
			failed++
			fmt.Fprintf(p.stderr, "truce: sync %s: %s\n", s.Name(), oneLine(truce.Sentence(err)))
		}
		rejected = rejected || n > 0
	}
	for _, s := range list {
		sum, err := c.ask(p, store, s, log)
		if p.ctx.Err() != nil {
			return errors.New("it was stopped; run it again to go on: what is stored already is left as it is")
		}
		if err != nil {
			failed++
			fmt.Fprintf(p.stderr, "truce: sync %s: %s\n", s.Name, oneLine(err.Error()))
		}
		rejected = rejected || sum.Rejected > 0
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d sources did not come whole, and are asked again for the same next time", failed, len(list)+len(crms))
	case rejected:
		return &exitError{exitRejected, errors.New("")}
	}
	return nil
}

// ask asks one source and says what came.
func (c syncCommand) ask(p *program, store *storage.Store, s pull.Source, log *slog.Logger) (intake.Summary, error) {
	tell := &syncListener{newImportListener(p, nil, nil, -1), s.Name, p.stderr}
	log = log.With("source", s.Name)
	if c.DryRun {
		got, err := pull.DryRun(p.ctx, store, s, c.Full, tell, log)
		if got.Binding != nil {
			for _, l := range got.Binding.Plan() {
				fmt.Fprintf(p.stdout, "  %-14s from %s\n", l.Field, oneLine(l.From))
			}
			fmt.Fprint(p.stdout, guessesText(got.Binding))
		}
		fmt.Fprintf(p.stdout, "%s: nothing was stored. %s", s.Name, summaryText(got.Summary))
		return got.Summary, err
	}
	var got pull.Result
	err := store.Relax(p.ctx, func() (err error) { got, err = pull.Run(p.ctx, store, s, c.Full, tell, log); return err })
	fmt.Fprintf(p.stdout, "%s: %s", s.Name, summaryText(got.Summary))
	tellProposed(p.stdout, got.Proposed)
	if got.Binding != nil {
		fmt.Fprint(p.stdout, guessesText(got.Binding))
	}
	return got.Summary, err
}

// syncListener tells which source a row is of.
type syncListener struct {
	*importListener
	name string
	w    io.Writer
}

// Rejected tells a row that is not taken.
func (l *syncListener) Rejected(_ sheet.Row, bad *sheet.Bad) error {
	_, err := fmt.Fprintf(l.w, "sync %s: %s\n", l.name, oneLine(bad.Error()))
	return err
}

// sources are the sources of these names, ready to be asked.
func sources(cfg config.Config, env, names []string) ([]pull.Source, error) {
	list := make([]pull.Source, 0, len(names))
	for _, name := range names {
		c := cfg.Sync.Sources[name]
		s := pull.Source{Name: name, Timeout: c.TimeoutTime(), Overlap: cfg.Sync.OverlapTime(), Ended: tellSync(cfg.Location())}
		var err error
		if s.Options, err = sourceOptions(cfg, c); err != nil {
			return nil, usage(fmt.Errorf("sync.sources.%s: %w", name, err))
		}
		if s.Asker = commandOf(c, env); c.Postgres != "" {
			query, err := c.SQL()
			if err != nil {
				return nil, usage(fmt.Errorf("sync.sources.%s: %w", name, err))
			}
			s.Asker = pull.Postgres{URL: string(c.Postgres), Query: query}
		}
		list = append(list, s)
	}
	return list, nil
}

// tellSync tells the admins, once, that a source does not come any more, and once that it comes again.
func tellSync(loc *time.Location) func(*storage.Tx, storage.SyncRun) error {
	return func(tx *storage.Tx, run storage.SyncRun) error {
		news, ok, err := tx.SyncNews(run)
		if err != nil || !ok {
			return err
		}
		card, key := cards.SyncWell(run.Source, news.First.BeganAt, loc), "remedy:sync-well:"
		if news.Failed {
			card, key = cards.SyncTrouble(run.Source, run.Why, news.Heard, loc), "remedy:sync:"
		}
		body, err := json.Marshal(card)
		if err != nil {
			return err
		}
		admins, err := tx.PeopleWith(truce.Admin)
		if err != nil {
			return err
		}
		for _, a := range admins {
			if err := tx.Send(storage.Message{Key: key + news.First.ID + ">" + a.ID, To: storage.ToPerson(a.ID), Body: body, Kind: storage.Notice,
				PersonID: a.ID}); err != nil {
				return err
			}
		}
		return nil
	}
}

// commandOf is a source that is a program. It gets our environment without our own secrets.
func commandOf(c config.Source, env []string) pull.Command {
	var cmd pull.Command
	for _, a := range c.Command {
		cmd.Args = append(cmd.Args, string(a))
	}
	for _, e := range env {
		if !strings.HasPrefix(e, "TRUCE_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	return cmd
}

// sourceOptions say how the rows of a source are read: what truce import takes on its command line.
func sourceOptions(cfg config.Config, c config.Source) (o intake.Options, err error) {
	o.Kind = sheet.Kind(strings.ToLower(c.Kind))
	o.Bind = sheet.BindOptions{Preset: strings.ToLower(c.Preset), Maps: c.Map, Sets: c.Set, Values: c.Value}
	o.Sheet = sheet.Options{Guarded: sheet.Guarded(o.Bind.Preset), Stream: c.Stream}
	for _, m := range c.Map {
		o.Sheet.Paths = append(o.Sheet.Paths, m.Value)
	}
	if o.Number, err = truce.ParseNumberFormat(c.Number); err != nil {
		return o, err
	}
	o.Sheet.Number = o.Number
	if o.Sheet.Records, err = sheet.ParseRecords(strings.ToLower(c.Records)); err != nil {
		return o, err
	}
	o.Dates.Location = cfg.Location()
	o.Dates.Order, err = sheet.ParseDateOrder(c.Date)
	return o, err
}
