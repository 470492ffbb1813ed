package main

import (
	"fmt"
	"time"

	"truce/bot/chat"
	"truce/storage"
)

type taskforceCommand struct {
	Agenda agendaCommand `cmd:"" help:"The agenda of the next meeting, as of a moment."`
	ICS    icsCommand    `cmd:"" name:"ics" help:"The meetings of the next year, for a calendar."`
}

type agendaCommand struct {
	Series string `help:"Which series, where there are several." placeholder:"NAME"`
	AsOf   string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
	Format string `help:"text, markdown or json." enum:"text,markdown,json" default:"text"`
}

// Help is shown by "truce taskforce agenda --help".
func (agendaCommand) Help() string {
	return `At most three to decide, four to discuss, the rest to read; docs/taskforce.md says what comes from where.

Examples:
  truce taskforce agenda
  truce taskforce agenda --series "Task force" --as-of 2026-11-04 --format json`
}

// Run writes the agenda. It only reads.
func (c agendaCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	loc := cfg.Location()
	asOf := p.now().UTC().Truncate(time.Millisecond)
	if c.AsOf != "" {
		if asOf, err = parseAsOf(c.AsOf, loc); err != nil {
			return usage(fmt.Errorf("--as-of: %w", err))
		}
	}
	log := p.logger(cfg.Log)
	store, end, err := p.look(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	var out []byte
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		d := cfg.Digests()
		a, s, err := d.Agenda(tx, c.Series, asOf)
		if err != nil {
			return err
		}
		switch c.Format {
		case "json":
			out, err = d.AgendaJSON(a)
		case "markdown":
			out = []byte(chat.Markdown(d.AgendaCard(a, s)))
		default:
			out = []byte(chat.PlainText(d.AgendaCard(a, s), 100))
		}
		return err
	})
	if err != nil {
		return refused(err)
	}
	_, err = p.stdout.Write(out)
	return err
}

type icsCommand struct {
	Series string `help:"Which series, where there are several." placeholder:"NAME"`
	AsOf   string `help:"From which moment on. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce taskforce ics --help".
func (icsCommand) Help() string {
	return `Each meeting of the coming year is an event of its own, so that holidays and changes of the clock are right everywhere.

Example:
  truce taskforce ics > taskforce.ics`
}

// Run writes the calendar. It only reads.
func (c icsCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	asOf := p.now().UTC().Truncate(time.Millisecond)
	if c.AsOf != "" {
		if asOf, err = parseAsOf(c.AsOf, cfg.Location()); err != nil {
			return usage(fmt.Errorf("--as-of: %w", err))
		}
	}
	log := p.logger(cfg.Log)
	store, end, err := p.look(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	var out string
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		s, err := tx.SeriesNamed(c.Series, asOf)
		if err != nil {
			return err
		}
		list, err := tx.Meetings(s.ID, asOf)
		if err != nil {
			return err
		}
		var cancelled []time.Time
		for _, m := range list {
			if !m.CancelledAt.IsZero() {
				cancelled = append(cancelled, m.At)
			}
		}
		out = s.ICS(cfg.Hours(), asOf, cancelled)
		return nil
	})
	if err != nil {
		return refused(err)
	}
	_, err = p.stdout.Write([]byte(out))
	return err
}
