package main

import (
	"log/slog"
	"time"

	"truce"
	"truce/bot/slack"
	"truce/bot/teams"
	"truce/schedules"
)

// Config is everything a company decides about its Truce. Each field is a key of config.yaml by its yaml tag, and an
// environment variable by its path (see LoadConfig); config.example.yaml explains them all, and a test compares the two.
// A part that has settings owns its section: its type, its defaults as zero values, its Validate.
type Config struct {
	Storage   StorageConfig           `yaml:"storage"`
	HTTP      HTTPConfig              `yaml:"http"`
	TimeZone  string                  `yaml:"time_zone"` // IANA name; cuts days and weeks, and carries the calendar and the schedules
	Calendar  CalendarConfig          `yaml:"calendar"`
	Roles     RolesConfig             `yaml:"roles"`
	People    map[string]PersonConfig `yaml:"people"` // by e-mail, in lower case
	Channels  ChannelsConfig          `yaml:"channels"`
	Schedules SchedulesConfig         `yaml:"schedules"`
	Promises  PromisesConfig          `yaml:"promises"`
	Budget    BudgetConfig            `yaml:"budget"`
	Hooks     HooksConfig             `yaml:"hooks"`
	Log       LogConfig               `yaml:"log"`
	Slack     slack.Config            `yaml:"slack"`
	Teams     teams.Config            `yaml:"teams"`
}

// StorageConfig is where everything is kept.
type StorageConfig struct {
	Path string `yaml:"path"` // the SQLite file; made when it is not there
}

// HTTPConfig is the one address that health, hooks and the platforms' requests share.
type HTTPConfig struct {
	Listen    string `yaml:"listen"`     // host:port; port 0 takes a free one
	PublicURL string `yaml:"public_url"` // how browsers outside reach it; "" where they do not
}

// CalendarConfig is when the company works: all promises and deadlines run on it.
type CalendarConfig struct {
	Hours            string            `yaml:"hours"`              // "09:00-17:00"
	Days             string            `yaml:"days"`               // "mon-fri", "sun-thu", "mon,wed,fri"
	NoDeadlineBefore string            `yaml:"no_deadline_before"` // "10:00"
	Holidays         []string          `yaml:"holidays"`           // "us", "gb", "de-BE"
	Also             []string          `yaml:"also"`               // further closed dates
	Except           []string          `yaml:"except"`             // holidays on which the company works
	Half             map[string]string `yaml:"half"`               // date -> its own hours
}

// RolesConfig says who may do more than capture, rate and dispute, as e-mail addresses or "group:handle" for a user group.
type RolesConfig struct {
	Admins            []string `yaml:"admins"`
	Reps              []string `yaml:"reps"`
	Marketers         []string `yaml:"marketers"`
	SalesManagers     []string `yaml:"sales_managers"`
	MarketingManagers []string `yaml:"marketing_managers"`
	Sponsor           []string `yaml:"sponsor"`
}

// PersonConfig joins what platforms and CRM cannot: identities of one human, their side and their manager.
type PersonConfig struct {
	IDs     []string `yaml:"ids"`     // chat.User.IDs: "slack:T012AB:U034CD"
	Side    string   `yaml:"side"`    // sales, marketing or ""
	Manager string   `yaml:"manager"` // e-mail
}

// ChannelsConfig is where Truce speaks to many: "#name" or the platform's id, or one on each platform with a comma between
// them. What has no channel goes to the people concerned.
type ChannelsConfig struct {
	Disputes   string `yaml:"disputes"`
	Digests    string `yaml:"digests"`
	Alignment  string `yaml:"alignment"`
	Objections string `yaml:"objections"`
}

// SchedulesConfig says when the reports come, each a cron line in the company's time zone or "off".
type SchedulesConfig struct {
	Leads   string `yaml:"digest_leads"`
	Weekly  string `yaml:"digest_weekly"`
	Monthly string `yaml:"digest_monthly"`
	Recap   string `yaml:"recap"`
}

// PromisesConfig is what the sides have promised each other. Hours are business hours.
type PromisesConfig struct {
	MQLScore              float64  `yaml:"mql_score"`                // from which a lead qualifies, as Marketing's system has it; 0 is not told
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
	StaleAfterHours       float64  `yaml:"stale_after_hours"`        // by the clock: older outcomes from the CRM pause the clocks of leads; 0 never does
	RatingAfterDays       int      `yaml:"rating_after_days"`        // business days from hand-off to the one request for a rating
}

// BudgetConfig is how many messages Truce may start by itself.
type BudgetConfig struct {
	Rep      int `yaml:"rep_per_day"`
	Marketer int `yaml:"marketer_per_day"`
	Manager  int `yaml:"manager_per_day"`
	Sponsor  int `yaml:"sponsor_per_week"`
}

// HooksConfig lets other systems post leads and outcomes.
type HooksConfig struct {
	Token truce.Secret `yaml:"token"` // the bearer token they show; "" switches the hooks off
}

// LogConfig is what goes to stderr.
type LogConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text or json
}

// defaultConfig is what holds where nothing is said; the figures are those of the product.
func defaultConfig() Config {
	return Config{
		Storage:   StorageConfig{Path: "truce.db"},
		HTTP:      HTTPConfig{Listen: "127.0.0.1:8080"},
		TimeZone:  "UTC",
		Calendar:  CalendarConfig{Hours: "09:00-17:00", Days: "mon-fri", NoDeadlineBefore: "10:00"},
		Schedules: SchedulesConfig{Leads: "0 9 * * 1", Weekly: "0 14 * * 4", Monthly: "0 9 1 * *", Recap: "30 8 * * 1-5"},
		Promises: PromisesConfig{
			InTimeShare: 0.9, Urgent: []string{"demo", "quote", "kit"},
			AcceptHours: 16, AcceptHoursUrgent: 8, FirstTouchHours: 24, FirstTouchHoursUrgent: 4,
			AnswerHours: 16, AskOnceHours: 16, RepHours: 24, RuleHours: 16, RatingAfterDays: 5, StaleAfterHours: 24,
		},
		Budget: BudgetConfig{Rep: 2, Marketer: 3, Manager: 2, Sponsor: 1},
		Log:    LogConfig{Level: "info", Format: "text"},
		Slack:  slack.Config{Mode: slack.ModeSocket},
	}
}

// Location is the company's time zone.
func (c Config) Location() *time.Location {
	loc, err := location(c.TimeZone)
	if err != nil {
		return time.UTC // LoadConfig has refused it before
	}
	return loc
}

// Hours is the company's calendar, holidays included, ready to count with.
func (c Config) Hours() truce.Calendar {
	cal, _ := c.Calendar.calendar(c.Location())
	return cal
}

// Timetable is the schedules ready to run; one that is off is the zero Spec.
type Timetable struct{ Leads, Weekly, Monthly, Recap schedules.Spec }

// Timetable reads the schedules on the company's wall clock.
func (c Config) Timetable() Timetable {
	spec := func(line string) schedules.Spec {
		s, _ := parseSchedule(line, c.Location()) // LoadConfig has refused what cannot be read
		return s
	}
	return Timetable{spec(c.Schedules.Leads), spec(c.Schedules.Weekly), spec(c.Schedules.Monthly), spec(c.Schedules.Recap)}
}

// ByKey is which channels are configured, by their key: "disputes" -> "#lead-disputes".
func (c ChannelsConfig) ByKey() map[string]string {
	names := map[string]string{}
	for key, name := range map[string]string{"disputes": c.Disputes, "digests": c.Digests, "alignment": c.Alignment, "objections": c.Objections} {
		if name != "" {
			names[key] = name
		}
	}
	return names
}

// SlogLevel is the level as slog counts it.
func (c LogConfig) SlogLevel() slog.Level {
	var l slog.Level
	l.UnmarshalText([]byte(c.Level)) // LoadConfig has checked it; the zero level is info
	return l
}

// BusinessHours is a number of hours of the configuration as a duration.
func BusinessHours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
