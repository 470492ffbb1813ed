package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/web"
	"truce/schedules/digests"
	"truce/storage"
)

type digestCommand struct {
	Leads   leadsDigestCommand   `cmd:"" help:"What became of the leads, by source and campaign (lead-feedback digest)."`
	Weekly  weeklyDigestCommand  `cmd:"" help:"Who kept which promise, what is stuck, what to decide (alignment summary)."`
	Monthly monthlyDigestCommand `cmd:"" help:"The sponsor's month: what has changed since Truce began."`
	Mine    mineDigestCommand    `cmd:"" help:"What waits for one person, and that person's own leads."`
}

// digestFlags are the flags that all digests share.
type digestFlags struct {
	Format string `help:"text, markdown, json or html." enum:"text,markdown,json,html" default:"text"`
	From   string `help:"First day of the period, by the date leads qualified." placeholder:"DATE"`
	To     string `help:"The day after the last one. Without both it is the last whole week." placeholder:"DATE"`
	As     string `help:"E-mail address of a person: what of it they may see. Figures about a side of fewer than five people are for managers and that side." placeholder:"EMAIL"`
	AsOf   string `help:"What was known at the end of a day of the company's zone (2026-05-01), or at a moment (2026-05-01T09:00:00Z); later events are not counted. Default: now." placeholder:"DATE|TIME"`
}

type leadsDigestCommand struct {
	digestFlags
	By string `help:"Table the leads by an attribute: segment, product, or a column that was imported with them. Without dates, of the last 13 weeks." placeholder:"ATTRIBUTE"`
}

type weeklyDigestCommand struct{ digestFlags }

type monthlyDigestCommand struct{ digestFlags }

type mineDigestCommand struct{ digestFlags }

// Help is shown by "truce digest leads --help".
func (leadsDigestCommand) Help() string {
	return `Examples:
  truce digest leads
  truce digest leads --from 2026-01-01 --to 2026-04-01 --format json
  truce digest leads --by Region
  truce digest leads --from 2026-01-01 --to 2026-04-01 --as-of 2026-04-30 --format html > q1.html`
}

// Help is shown by "truce digest weekly --help".
func (weeklyDigestCommand) Help() string {
	return `Examples:
  truce digest weekly
  truce digest weekly --format markdown`
}

// Help is shown by "truce digest monthly --help".
func (monthlyDigestCommand) Help() string {
	return `Examples:
  truce digest monthly
  truce digest monthly --from 2026-10-01 --to 2026-11-01 --format html > october.html`
}

// Help is shown by "truce digest mine --help".
func (mineDigestCommand) Help() string {
	return `Examples:
  truce digest mine --as ann@example.com`
}

// Run writes the lead-feedback digest.
func (c leadsDigestCommand) Run(p *program) error {
	return p.digest(digests.LeadsDigest, c.digestFlags, c.By)
}

// Run writes the alignment summary.
func (c weeklyDigestCommand) Run(p *program) error {
	return p.digest(digests.WeeklyDigest, c.digestFlags, "")
}

// Run writes the sponsor's month.
func (c monthlyDigestCommand) Run(p *program) error {
	return p.digest(digests.MonthlyDigest, c.digestFlags, "")
}

// Run writes a personal report.
func (c mineDigestCommand) Run(p *program) error {
	if c.As == "" {
		return usage(errors.New("--as is missing: the e-mail address of the person"))
	}
	return p.digest(digests.MineDigest, c.digestFlags, "")
}

// digest writes one report to stdout. It only reads, so it may run beside the bot.
func (p *program) digest(kind string, f digestFlags, by string) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	req, err := f.request(kind, cfg.Location(), p.now())
	if err != nil {
		return usage(err)
	}
	req.By = by
	if req.AsOf.After(endOfDay(p.now(), cfg.Location())) {
		fmt.Fprintf(p.stderr, "truce: --as-of %s has not come yet: nothing dated later than today is known, and what is open is counted as if "+
			"it had waited until then.\n", f.AsOf)
	}
	log := p.logger(cfg.Log)
	store, end, err := p.look(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	maker := cfg.Digests()
	if f.As == "" { // the ramp is for people who begin; whoever asks here wants what the data say
		maker.Terms.Ramp = truce.RampTerms{}
	}
	var out []byte
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		if f.As != "" {
			if req.Person, err = person(tx, cfg, f.As); err != nil {
				return err
			}
			if req.Withheld, err = tx.WithheldSides(req.Person); err != nil {
				return err
			}
		}
		if f.Format == "json" {
			report, err := maker.Report(tx, req)
			if err != nil {
				return err
			}
			out, err = json.MarshalIndent(report, "", "  ")
			out = append(out, '\n')
			return err
		}
		card, err := maker.Card(tx, req, true)
		if err != nil {
			return err
		}
		switch f.Format {
		case "markdown":
			out = []byte(chat.Markdown(card))
		case "html":
			out, err = web.Print(card, cfg.Location())
		default:
			out = []byte(chat.PlainText(card, 112))
		}
		return err
	})
	if err != nil {
		return refused(err)
	}
	_, err = p.stdout.Write(out)
	return err
}

// request reads the flags. A day begins at midnight of the company's zone.
func (f digestFlags) request(kind string, loc *time.Location, now time.Time) (digests.Query, error) {
	req := digests.Query{Kind: kind, AsOf: now.UTC().Truncate(time.Millisecond)}
	var errs []error
	day := func(flag, s string) (t time.Time) {
		if s == "" {
			return t
		}
		d, err := truce.ParseDate(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
			return t
		}
		return d.At(0, loc)
	}
	req.From, req.To = day("--from", f.From), day("--to", f.To)
	if f.AsOf != "" {
		at, err := parseAsOf(f.AsOf, loc)
		if err != nil {
			errs = append(errs, fmt.Errorf("--as-of: %w", err))
		}
		req.AsOf = at
	}
	if !req.From.IsZero() && !req.To.IsZero() && !req.From.Before(req.To) {
		errs = append(errs, fmt.Errorf("--from %s must be before --to %s: the period ends with the day before --to", f.From, f.To))
	}
	return req, errors.Join(errs...)
}

// endOfDay is the last moment of the day: --as-of today is no look into the future.
func endOfDay(t time.Time, loc *time.Location) time.Time {
	return truce.DateOf(t.In(loc)).Add(1).At(0, loc).Add(-time.Millisecond)
}

// parseAsOf reads a moment (RFC 3339), or a day, which means its last millisecond in the company's zone: all that happened on it
// is known.
func parseAsOf(s string, loc *time.Location) (time.Time, error) {
	if d, err := truce.ParseDate(s); err == nil {
		return d.Add(1).At(0, loc).Add(-time.Millisecond).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is neither a day such as 2026-03-02 nor a moment such as 2026-03-02T09:00:00Z", s)
	}
	return t.UTC(), nil
}

// person is whom an e-mail address belongs to: somebody Truce has met, or is to meet by the configuration.
func person(tx *storage.Tx, cfg config.Config, email string) (truce.Person, error) {
	p, err := tx.PersonByEmail(email)
	if truce.KindOf(err) != truce.NotFound {
		return p, err
	}
	for _, m := range roster(cfg) {
		if m.Email == truce.FoldEmail(email) {
			return truce.Person{Email: m.Email, Roles: m.Roles, Side: m.Side}, nil
		}
	}
	people, err := tx.People()
	if err != nil {
		return p, err
	}
	switch found := truce.PeopleCalled(people, email); len(found) {
	case 0:
	case 1:
		return found[0], nil
	default:
		return p, usage(fmt.Errorf("--as: %s", truce.Sentence(truce.WhichPerson(email, found))))
	}
	return p, usage(fmt.Errorf("--as %s: nobody here has that e-mail address: use one of the configuration, or of somebody who has written "+
		"to Truce", email))
}
