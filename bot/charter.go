package main

import (
	"encoding/json"
	"fmt"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

type charterCommand struct {
	Format string `help:"text, markdown or json." enum:"text,markdown,json" default:"text"`
	AsOf   string `help:"What was in force and known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce charter --help".
func (charterCommand) Help() string {
	return `Examples:
  truce charter
  truce charter --format json --as-of 2026-10-01`
}

// Run writes the charter in force with its figures. It only reads, so it may run beside the bot.
func (c charterCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	req, err := digestFlags{AsOf: c.AsOf}.request(digests.WeeklyDigest, cfg.Location(), p.now())
	if err != nil {
		return usage(err)
	}
	store, end, err := p.look(cfg, p.logger(cfg.Log))
	if err != nil {
		return err
	}
	defer end()
	var m *truce.CharterMeasured
	var from string
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		if m, err = cfg.Digests().Charter(tx, req.AsOf, truce.Sides{}); err != nil || m == nil {
			return err
		}
		versions, err := tx.CharterVersions(req.AsOf)
		if err != nil || versions[0].By == "" {
			return err
		}
		by, err := tx.Person(versions[0].By)
		from = by.Name
		return err
	})
	if err != nil {
		return refused(err)
	}
	var out []byte
	switch {
	case c.Format == "json":
		if m == nil {
			m = &truce.CharterMeasured{} // version 0, nothing promised
		}
		if out, err = json.MarshalIndent(map[string]any{"charter": m}, "", "  "); err != nil {
			return fmt.Errorf("write the charter: %w", err)
		}
		out = append(out, '\n')
	case c.Format == "markdown":
		out = []byte(chat.Markdown(printed(m, from, cfg.Location())))
	default:
		out = []byte(chat.PlainText(printed(m, from, cfg.Location()), 112))
	}
	_, err = p.stdout.Write(out)
	return err
}

// printed is the charter without what can be pressed.
func printed(m *truce.CharterMeasured, from string, loc *time.Location) chat.Card {
	if m == nil {
		return cards.NoCharter(false, "")
	}
	return cards.CharterPrinted(*m, from, loc)
}
