package main

import (
	"fmt"
	"time"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/poster"
	"truce/storage"
)

type journeyCommand struct {
	Format string `help:"text, markdown, json, or html: a poster, A3 landscape." enum:"text,markdown,json,html" default:"text"`
	AsOf   string `help:"The map as it was at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce journey --help".
func (journeyCommand) Help() string {
	return `Examples:
  truce journey
  truce journey --format html > journey.html
  truce journey --format json --as-of 2026-05-01`
}

// Run writes the journey map. It only reads.
func (c journeyCommand) Run(p *program) error {
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
	store, err := p.openAny(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	maker := cfg.Digests()
	var out []byte
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		if c.Format == "json" {
			r, err := maker.Journey(tx, asOf)
			if err == nil {
				out, err = r.JSON()
			}
			return err
		}
		v, err := maker.JourneyMap(tx, asOf)
		if err != nil {
			return err
		}
		switch c.Format {
		case "html":
			out, err = poster.Page(v)
		case "markdown":
			out = []byte(chat.Markdown(cards.JourneyWhole(v)))
		default:
			out = []byte(chat.PlainText(cards.JourneyWhole(v), 112))
		}
		return err
	})
	if err != nil {
		return refused(err)
	}
	_, err = p.stdout.Write(out)
	return err
}
