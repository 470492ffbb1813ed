package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/config"
	"truce/handlers/intake/profile"
	"truce/schedules/ideal"
	"truce/storage"
)

type icpEvidenceCommand struct {
	Format string `help:"text or json." enum:"text,json" default:"text"`
	AsOf   string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce icp evidence --help".
func (icpEvidenceCommand) Help() string {
	return `For every known value of every attribute of accounts: how many of those that bought bought again. The older half of them guesses, the newer half checks.

Examples:
  truce icp evidence
  truce icp evidence --as-of 2026-06-30 --format json`
}

// Run writes the evidence. It only reads.
func (c icpEvidenceCommand) Run(p *program) error {
	return p.ideal(c.AsOf, func(tx *storage.Tx, j *ideal.Judge, cfg config.Config, asOf time.Time) ([]byte, error) {
		e, err := j.Evidence(tx, asOf)
		if err != nil || c.Format == "text" {
			return []byte(e.Text()), err
		}
		return e.JSON()
	})
}

type icpReplayCommand struct {
	Profile string `arg:"" help:"The profile's document." placeholder:"FILE.yaml"`
	From    string `help:"First day of the period, by the date leads qualified. Default: a year before --to." placeholder:"DATE"`
	To      string `help:"The day after the last one. Default: the day after --as-of." placeholder:"DATE"`
	AsOf    string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
	Format  string `help:"text or json." enum:"text,json" default:"text"`
}

// Help is shown by "truce icp replay --help".
func (icpReplayCommand) Help() string {
	return `What a profile would have said of leads by what was known within five business days of their hand-off, and what became of them.

Examples:
  truce icp replay profile.yaml
  truce icp replay profile.yaml --from 2025-10-01 --to 2026-10-01 --as-of 2026-11-30 --format json`
}

// Run writes the replay. It only reads.
func (c icpReplayCommand) Run(p *program) error {
	prof, err := readProfile(c.Profile)
	if err != nil {
		return err
	}
	return p.ideal(c.AsOf, func(tx *storage.Tx, j *ideal.Judge, cfg config.Config, asOf time.Time) ([]byte, error) {
		from, to, err := c.period(cfg.Location(), asOf)
		if err != nil {
			return nil, usage(err)
		}
		_, inForce, err := profileInForce(tx, cfg, p.now())
		if err != nil {
			return nil, err
		}
		r, err := j.Replay(tx, prof, inForce, from, to, asOf)
		if err != nil || c.Format == "text" {
			return []byte(r.Text(cfg.Location())), err
		}
		return r.JSON(cfg.Location())
	})
}

func (c icpReplayCommand) period(loc *time.Location, asOf time.Time) (from, to time.Time, err error) {
	last := truce.DateOf(asOf.In(loc)).Add(1)
	if c.To != "" {
		if last, err = truce.ParseDate(c.To); err != nil {
			return from, to, fmt.Errorf("--to: %w", err)
		}
	}
	to = last.At(0, loc)
	if c.From == "" {
		return to.AddDate(-1, 0, 0), to, nil
	}
	first, err := truce.ParseDate(c.From)
	if err != nil {
		return from, to, fmt.Errorf("--from: %w", err)
	}
	if from = first.At(0, loc); !from.Before(to) {
		return from, to, fmt.Errorf("--from %s must be before --to %s: the period ends with the day before --to", first, last)
	}
	return from, to, nil
}

// ideal reads the store for a figure of the ideal customer profile and writes what fn makes of it.
func (p *program) ideal(asOf string, fn func(*storage.Tx, *ideal.Judge, config.Config, time.Time) ([]byte, error)) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	at := p.now().UTC().Truncate(time.Millisecond)
	if asOf != "" {
		if at, err = parseAsOf(asOf, cfg.Location()); err != nil {
			return usage(fmt.Errorf("--as-of: %w", err))
		}
	}
	store, end, err := p.look(cfg, p.logger(cfg.Log))
	if err != nil {
		return err
	}
	defer end()
	var out []byte
	err = store.View(p.ctx, func(tx *storage.Tx) (err error) {
		out, err = fn(tx, &ideal.Judge{Calendar: cfg.Hours(), Shared: cfg.Terms().ICP.Shared}, cfg, at)
		return err
	})
	var told *exitError
	switch {
	case errors.As(err, &told):
		return err
	case err != nil:
		return refused(err)
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	_, err = p.stdout.Write(out)
	return err
}

// profileInForce is the profile in force at a moment with its version, nil where none is: the one that was agreed on, else the configured
// one, which is version 1.
func profileInForce(tx *storage.Tx, cfg config.Config, at time.Time) (version int, prof *truce.Profile, err error) {
	list, err := tx.Profiles(cfg.ICP.Read, at)
	if in := truce.ProfileAt(list, at); in != nil {
		return in.Version, &in.Profile, err
	}
	return 0, nil, err
}

type icpShowCommand struct {
	Format string `help:"text, yaml or json." enum:"text,yaml,json" default:"text"`
}

// Run writes the profile in force.
func (c icpShowCommand) Run(p *program) error {
	return p.ideal("", func(tx *storage.Tx, _ *ideal.Judge, cfg config.Config, at time.Time) ([]byte, error) {
		version, prof, err := profileInForce(tx, cfg, at)
		switch {
		case err != nil:
			return nil, err
		case prof == nil:
			return nil, truce.Errorf(truce.NotFound, "No profile is in force yet. Write one (docs/icp.md), look at it with truce icp replay "+
				"FILE.yaml, and name it in the configuration as icp.profile.")
		}
		switch c.Format {
		case "json":
			return prof.MarshalJSON()
		case "yaml":
			return profile.Write(*prof)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "The profile in force, version %d: inside from %g %% of %d points.\n", version, prof.Threshold, prof.Total())
		for _, criterion := range prof.Criteria {
			fmt.Fprintf(&b, "  %s\n", criterion)
		}
		return []byte(b.String()), nil
	})
}
