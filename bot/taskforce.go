package main

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

type taskforceCommand struct {
	Start  startSeriesCommand `cmd:"" help:"Begin a series of meetings, weekly or monthly."`
	Agenda agendaCommand      `cmd:"" help:"The agenda of the next meeting, as of a moment."`
	ICS    icsCommand         `cmd:"" name:"ics" help:"The meetings of the next year, for a calendar."`
}

type startSeriesCommand struct {
	Name   string   `help:"What it is called." default:"Task force" placeholder:"NAME"`
	Every  string   `help:"week or month." enum:"week,month" default:"week"`
	Day    string   `help:"The day of the week." required:"" placeholder:"thursday"`
	Week   string   `help:"Of a monthly series: which such day of the month, 1 to 4, or last." enum:"1,2,3,4,last" default:"1"`
	At     string   `help:"When it begins, on the company's clock." default:"10:00" placeholder:"10:00"`
	Length int      `help:"Minutes." default:"45"`
	Member []string `help:"E-mail address of a member; once for each." placeholder:"EMAIL"`
}

// Help is shown by "truce taskforce start --help".
func (startSeriesCommand) Help() string {
	return `Examples:
  truce taskforce start --day thursday --at 10:00 --member ann@example.com --member mia@example.com
  truce taskforce start --name Review --every month --day tuesday --week last`
}

// Run begins a series.
func (c startSeriesCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	s, err := c.series(cfg.Hours())
	if err != nil {
		return usage(err)
	}
	log := p.logger(cfg.Log)
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	err = store.Update(p.ctx, func(tx *storage.Tx) error {
		running, err := tx.MeetingSeries(tx.Now)
		if err != nil {
			return err
		}
		for _, r := range running {
			if truce.FoldText(r.Name) == truce.FoldText(s.Name) {
				return truce.Errorf(truce.Conflict, "There is a series called %s already, %s: give this one another --name.", r.Name, r.When())
			}
		}
		s.Members = nil
		for _, email := range c.Member {
			m, err := person(tx, cfg, email)
			if err == nil && m.ID == "" {
				err = truce.Errorf(truce.NotFound, "Truce has not met %s yet: have them write to it once, then name them.", email)
			}
			if err != nil {
				return err
			}
			s.Members = append(s.Members, m.ID)
		}
		s, err = tx.AddSeries(s)
		return err
	})
	if err != nil {
		return refused(err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s begins: %s, %s.\n", s.Name, s.ID, s.When())
	return err
}

func (c startSeriesCommand) series(cal truce.Calendar) (truce.MeetingSeries, error) {
	s := truce.MeetingSeries{Name: strings.TrimSpace(c.Name), Monthly: c.Every == "month", Length: c.Length, Day: -1}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if day := strings.ToLower(strings.TrimSpace(c.Day)); day != "" && len(day) >= 3 && strings.HasPrefix(strings.ToLower(d.String()), day) {
			s.Day = d
		}
	}
	at, err := time.Parse("15:04", c.At)
	switch {
	case s.Day < 0:
		return s, fmt.Errorf("--day %s: write a day of the week, such as thursday", c.Day)
	case err != nil:
		return s, fmt.Errorf("--at %s: write the time as 10:00", c.At)
	case c.Length < 5 || c.Length > 8*60:
		return s, fmt.Errorf("--length %d: from 5 to 480 minutes", c.Length)
	}
	s.Minutes = 60*at.Hour() + at.Minute()
	if s.Monthly {
		if s.Week = truce.LastWeek; c.Week != "last" {
			s.Week = int(c.Week[0] - '0')
		}
	}
	return s, s.Check(cal)
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
