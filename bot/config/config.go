// Package config is everything a company decides about its Truce: strict YAML with ${ENV}, TRUCE_* variables over it, and all
// faults at once, each with where it stands. A part that has settings owns its section.
package config

import (
	"log/slog"
	"strings"
	"time"

	"truce"
	"truce/bot/slack"
	"truce/bot/teams"
	"truce/schedules"
	"truce/schedules/digests"
)

// Config is everything a company decides about its Truce. Each field is a key of config.yaml by its yaml tag, and an
// environment variable by its path (see Load); config.example.yaml explains them all, and a test compares the two.
// A part that has settings owns its section: its type, its defaults as zero values, its Validate.
type Config struct {
	Storage    Storage           `yaml:"storage"`
	HTTP       HTTP              `yaml:"http"`
	TimeZone   string            `yaml:"time_zone"` // IANA name; cuts days and weeks, and carries the calendar and the schedules
	Calendar   Calendar          `yaml:"calendar"`
	Roles      Roles             `yaml:"roles"`
	People     map[string]Person `yaml:"people"` // by e-mail, in lower case
	Channels   Channels          `yaml:"channels"`
	Schedules  Schedules         `yaml:"schedules"`
	Promises   Promises          `yaml:"promises"`
	Ramp       Ramp              `yaml:"ramp"`
	ICP        ICP               `yaml:"icp"`
	Journey    Journey           `yaml:"journey"`
	Budget     Budget            `yaml:"budget"`
	Outcome    Outcome           `yaml:"outcome"`
	Hooks      Hooks             `yaml:"hooks"`
	Sync       Sync              `yaml:"sync"`
	HubSpot    HubSpot           `yaml:"hubspot"`
	Salesforce Salesforce        `yaml:"salesforce"`
	CRM        CRM               `yaml:"crm"`
	Log        Log               `yaml:"log"`
	Metrics    Metrics           `yaml:"metrics"`
	Retention  Retention         `yaml:"retention"`

	// The chat platforms: a new one is a line here, and its own folder (see chat.Platform).
	Slack slack.Config `yaml:"slack"`
	Teams teams.Config `yaml:"teams"`
}

// ICP is what the ideal customer profile begins with.
type ICP struct {
	Profile       string   `yaml:"profile"`        // a file: version 1 of the profile, where none is in force
	SharedDomains []string `yaml:"shared_domains"` // by which no lead finds its account

	Read *truce.Profile `yaml:"-"` // what the file holds, once it was read
}

// terms are what the rest of Truce needs to know of it.
func (c ICP) terms() truce.ICPTerms {
	t := truce.ICPTerms{Configured: c.Read}
	for _, d := range c.SharedDomains {
		t.Shared = append(t.Shared, strings.TrimPrefix(truce.FoldDomain(d), "@"))
	}
	return t
}

// Storage is where everything is kept.
type Storage struct {
	Path string `yaml:"path"` // the SQLite file; made when it is not there
}

// HTTP is the one address that health, hooks and the platforms' requests share.
type HTTP struct {
	Listen    string `yaml:"listen"`     // host:port; port 0 takes a free one
	PublicURL string `yaml:"public_url"` // how browsers outside reach it; "" where they do not
}

// Calendar is when the company works: all promises and deadlines run on it.
type Calendar struct {
	Hours            string            `yaml:"hours"`              // "09:00-17:00"
	Days             string            `yaml:"days"`               // "mon-fri", "sun-thu", "mon,wed,fri"
	NoDeadlineBefore string            `yaml:"no_deadline_before"` // "10:00"
	Holidays         []string          `yaml:"holidays"`           // "us", "gb", "de-BE"
	Also             []string          `yaml:"also"`               // further closed dates
	Except           []string          `yaml:"except"`             // holidays on which the company works
	Half             map[string]string `yaml:"half"`               // date -> its own hours
}

// Roles says who may do more than capture, rate and dispute, as e-mail addresses or "group:handle" for a user group.
type Roles struct {
	Admins            []string `yaml:"admins"`
	Reps              []string `yaml:"reps"`
	Marketers         []string `yaml:"marketers"`
	SalesManagers     []string `yaml:"sales_managers"`
	MarketingManagers []string `yaml:"marketing_managers"`
	Sponsor           []string `yaml:"sponsor"`
}

// Person joins what platforms and CRM cannot: identities of one human, their side and their manager.
type Person struct {
	IDs     []string `yaml:"ids"`     // chat.User.IDs: "slack:T012AB:U034CD"
	Side    string   `yaml:"side"`    // sales, marketing or ""
	Manager string   `yaml:"manager"` // e-mail
}

// Channels is where Truce speaks to many: "#name" or the platform's id, or one on each platform with a comma between
// them. What has no channel goes to the people concerned.
type Channels struct {
	Disputes   string `yaml:"disputes"`
	Digests    string `yaml:"digests"`
	Alignment  string `yaml:"alignment"`
	Objections string `yaml:"objections"`
}

// Schedules says when the reports come, each a cron line in the company's time zone or "off".
type Schedules struct {
	Leads   string `yaml:"digest_leads"`
	Weekly  string `yaml:"digest_weekly"`
	Monthly string `yaml:"digest_monthly"`
	Recap   string `yaml:"recap"`
}

// Promises is what the sides have promised each other. Hours are business hours.
type Promises struct {
	// from which a lead qualifies, as Marketing's system has it; 0 is not told
	MQLScore              float64  `yaml:"mql_score"`
	LeadsPerQuarter       int      `yaml:"leads_per_quarter"`        // by Marketing; 0 is no promise
	ICPShare              float64  `yaml:"icp_share"`                // of the leads inside the ideal customer profile, 0 to 1; 0 is no promise
	InTimeShare           float64  `yaml:"in_time_share"`            // of first touches and verdicts in time, 0 to 1
	Urgent                []string `yaml:"urgent"`                   // words in a lead's source or campaign that make it urgent
	AcceptHours           float64  `yaml:"accept_hours"`             // to accept or reject a lead
	AcceptHoursUrgent     float64  `yaml:"accept_hours_urgent"`      //
	FirstTouchHours       float64  `yaml:"first_touch_hours"`        // to the first call, meeting or personal mail
	FirstTouchHoursUrgent float64  `yaml:"first_touch_hours_urgent"` //
	AnswerHours           float64  `yaml:"answer_hours"`             // Marketing, to a dispute
	AskOnceHours          float64  `yaml:"ask_once_hours"`           // the rep, to Marketing's one question
	RepHours              float64  `yaml:"rep_hours"`                // the rep, to a decline
	RuleHours             float64  `yaml:"rule_hours"`               // the managers, to an escalation
	// by the clock: older outcomes from the CRM pause the clocks of leads; 0 never does
	StaleAfterHours float64 `yaml:"stale_after_hours"`
	RatingAfterDays int     `yaml:"rating_after_days"` // business days from hand-off to the one request for a rating
}

// Ramp is from which week on, counted from the installation, a new installation does more than answer. Without one it does so at once.
type Ramp struct {
	// once charter and lead definition are agreed on, too; 1 is from the first day, whatever is agreed
	Disputes    int `yaml:"disputes_from_week"`
	Comparisons int `yaml:"comparisons_from_week"` // 1 is as soon as disputes are open
}

// Budget is how many messages Truce may start by itself.
type Budget struct {
	Rep      int `yaml:"rep_per_day"`
	Marketer int `yaml:"marketer_per_day"`
	Manager  int `yaml:"manager_per_day"`
	Sponsor  int `yaml:"sponsor_per_week"`
}

// Outcome is how customers are interviewed on the outcome they bought.
type Outcome struct {
	Questions []string `yaml:"questions"` // asked in this order; none: the product's own nine
}

// Hooks lets other systems post leads and outcomes.
type Hooks struct {
	Token truce.Secret `yaml:"token"` // the bearer token they show; "" switches the hooks off
}

// Metrics is where figures of the running program are to be had, for Prometheus.
type Metrics struct {
	Listen string `yaml:"listen"` // host:port; "" switches them off
}

// Retention is for how many days personal data is kept, by kind; 0 keeps it.
type Retention struct {
	Drafts  int `yaml:"drafts"`  // field notes that nobody confirmed
	Authors int `yaml:"authors"` // who said an objection or a field note
	Touches int `yaml:"touches"` // who made a call, a meeting, a mail
	Audit   int `yaml:"audit"`   // who did what, and with which words
	Digests int `yaml:"digests"` // digests and messages that were one person's
	Leads   int `yaml:"leads"`   // who a lead without a deal is
}

// Log is what goes to stderr.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text or json
}

// Default is what holds where nothing is said; the figures are those of the product.
func Default() Config {
	return Config{
		Storage:   Storage{Path: "truce.db"},
		HTTP:      HTTP{Listen: "127.0.0.1:8080"},
		TimeZone:  "UTC",
		Calendar:  Calendar{Hours: "09:00-17:00", Days: "mon-fri", NoDeadlineBefore: "10:00"},
		Schedules: Schedules{Leads: "0 9 * * 1", Weekly: "0 14 * * 4", Monthly: "0 9 1 * *", Recap: "30 8 * * 1-5"},
		Promises: Promises{
			InTimeShare: 0.9, Urgent: []string{"demo", "quote", "kit"},
			AcceptHours: 16, AcceptHoursUrgent: 8, FirstTouchHours: 24, FirstTouchHoursUrgent: 4,
			AnswerHours: 16, AskOnceHours: 16, RepHours: 24, RuleHours: 16, RatingAfterDays: 5, StaleAfterHours: 24,
		},
		Ramp:    Ramp{Disputes: 1, Comparisons: 1},
		Journey: defaultJourney(),
		Sync:    Sync{Every: "off", Overlap: "10m"},
		Budget:  Budget{Rep: 2, Marketer: 3, Manager: 2, Sponsor: 1},
		Log:     Log{Level: "info", Format: "text"},
		Slack:   slack.Config{Mode: slack.ModeSocket},
	}
}

// Location is the company's time zone.
func (c Config) Location() *time.Location {
	loc, err := location(c.TimeZone)
	if err != nil {
		return time.UTC // Load has refused it before
	}
	return loc
}

// Hours is the company's calendar, holidays included, ready to count with.
func (c Config) Hours() truce.Calendar {
	cal, _ := c.Calendar.calendar(c.Location())
	return cal
}

// Terms are how much time everybody has, as configured.
func (c Config) Terms() truce.Terms {
	t, p := truce.NewTerms(c.Hours()), c.Promises
	t.Answer, t.Evidence, t.Reply, t.Ruling = BusinessHours(p.AnswerHours), BusinessHours(p.AskOnceHours), BusinessHours(p.RepHours),
		BusinessHours(p.RuleHours)
	t.Verdict, t.UrgentVerdict = BusinessHours(p.AcceptHours), BusinessHours(p.AcceptHoursUrgent)
	t.Touch, t.UrgentTouch = BusinessHours(p.FirstTouchHours), BusinessHours(p.FirstTouchHoursUrgent)
	t.Urgent, t.RatingAfter = p.Urgent, p.RatingAfterDays
	t.Targets = truce.Targets{LeadsPerQuarter: p.LeadsPerQuarter, ICPShare: p.ICPShare, InTimeShare: p.InTimeShare, MQLScore: p.MQLScore}
	t.StaleAfter = time.Duration(p.StaleAfterHours * float64(time.Hour))
	t.ICP = c.ICP.terms()
	t.Ramp = truce.RampTerms(c.Ramp)
	return t
}

// Digests is the maker of reports as the company has configured it.
func (c Config) Digests() digests.Maker {
	return digests.Maker{Calendar: c.Hours(), Terms: c.Terms(), Stages: c.Journey.stages()}
}

// Timetable is the schedules ready to run; one that is off is the zero Spec.
type Timetable struct{ Leads, Weekly, Monthly, Recap schedules.Spec }

// Timetable reads the schedules on the company's wall clock.
func (c Config) Timetable() Timetable {
	spec := func(line string) schedules.Spec {
		s, _ := parseSchedule(line, c.Location()) // Load has refused what cannot be read
		return s
	}
	return Timetable{spec(c.Schedules.Leads), spec(c.Schedules.Weekly), spec(c.Schedules.Monthly), spec(c.Schedules.Recap)}
}

// ByKey is which channels are configured, by their key: "disputes" -> "#lead-disputes".
func (c Channels) ByKey() map[string]string {
	names := map[string]string{}
	for key, name := range map[string]string{"disputes": c.Disputes, "digests": c.Digests, "alignment": c.Alignment,
		"objections": c.Objections} {
		if name != "" {
			names[key] = name
		}
	}
	return names
}

// SlogLevel is the level as slog counts it.
func (c Log) SlogLevel() slog.Level {
	var l slog.Level
	l.UnmarshalText([]byte(c.Level)) // Load has checked it; the zero level is info
	return l
}

// BusinessHours is a number of hours of the configuration as a duration.
func BusinessHours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
