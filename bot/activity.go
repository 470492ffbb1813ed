package main

import (
	"errors"
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/web"
	"truce/schedules/digests"
	"truce/storage"
)

type activityCommand struct {
	Report activityReportCommand `cmd:"" help:"What activities were to bring and brought, and the leads they engaged beside others."`
}

type activityReportCommand struct {
	Format       string `help:"text, markdown, json or html." enum:"text,markdown,json,html" default:"text"`
	From         string `help:"First day of the period, by the date leads qualified. Default: a year before --to." placeholder:"DATE"`
	To           string `help:"The day after the last one. Default: the day after --as-of." placeholder:"DATE"`
	AsOf         string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
	LandmarkDays int    `help:"Days after the MQL date at which it is settled who is engaged." default:"30"`
	WindowDays   int    `help:"Days after that in which something must have come of a lead to count." default:"180"`
}

// Help is shown by "truce activity report --help".
func (activityReportCommand) Help() string {
	return `Import activities, and the links of their chains, first: see docs/activities.md.

Examples:
  truce activity report
  truce activity report --from 2025-10-01 --to 2026-10-01 --format json
  truce activity report --landmark-days 14 --window-days 90`
}

// Run writes the report. It only reads.
func (c activityReportCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	loc := cfg.Location()
	r, err := c.request(loc, p.now())
	if err != nil {
		return usage(err)
	}
	log := p.logger(cfg.Log)
	store, err := p.openAny(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	var out []byte
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		report, err := cfg.Digests().Activities(tx, r)
		if err != nil {
			return err
		}
		switch c.Format {
		case "json":
			out, err = report.JSON(loc)
		case "markdown":
			out = []byte(chat.Markdown(report.Card(loc)))
		case "html":
			out, err = web.Print(report.Card(loc), loc)
		default:
			out = []byte(chat.PlainText(report.Card(loc), 112))
		}
		return err
	})
	if err != nil {
		return refused(err)
	}
	_, err = p.stdout.Write(out)
	return err
}

func (c activityReportCommand) request(loc *time.Location, now time.Time) (digests.ActivityRequest, error) {
	r := digests.ActivityRequest{AsOf: now.UTC().Truncate(time.Millisecond),
		Landmark: truce.Landmark{Days: c.LandmarkDays, Window: c.WindowDays}}
	var errs []error
	if c.LandmarkDays < 1 || c.WindowDays < 1 || c.LandmarkDays+c.WindowDays > 3650 {
		errs = append(errs, errors.New("--landmark-days and --window-days are whole numbers from 1, together at most 3650"))
	}
	if c.AsOf != "" {
		at, err := parseAsOf(c.AsOf, loc)
		if err != nil {
			errs = append(errs, fmt.Errorf("--as-of: %w", err))
		}
		r.AsOf = at
	}
	to := truce.DateOf(r.AsOf.In(loc)).Add(1)
	day := func(flag, text string, into *truce.Date) {
		if text == "" {
			return
		}
		d, err := truce.ParseDate(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
		*into = d
	}
	day("--to", c.To, &to)
	from := truce.Date{Year: to.Year - 1, Month: to.Month, Day: min(to.Day, 28)}
	day("--from", c.From, &from)
	if r.From, r.To = from.At(0, loc), to.At(0, loc); !r.From.Before(r.To) {
		errs = append(errs, fmt.Errorf("--from %s must be before --to %s: the period ends with the day before --to", from, to))
	}
	return r, errors.Join(errs...)
}
