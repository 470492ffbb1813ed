package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"truce"
)

// load writes text as config.yaml and loads it with the given environment.
func load(t testing.TB, text string, environ ...string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, true, environ)
}

// faults is what is wrong, line by line, with the file's folder taken off.
func faults(err error) []string {
	if err == nil {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if i := strings.Index(line, "config.yaml"); i > 0 && strings.HasPrefix(line, string(filepath.Separator)) {
			line = line[i:]
		}
		lines = append(lines, line)
	}
	return lines
}

func TestExampleIsTheDefaults(t *testing.T) {
	cfg, err := Load("../../config.example.yaml", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := emptied(t, cfg), emptied(t, Default()); got != want {
		t.Errorf("the example says other than the default:\ngot  %s\nwant %s", got, want)
	}
}

// emptied is a Config as text in which an empty list and none are the same.
func emptied(t *testing.T, c Config) string {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("[]", "null", "{}", "null").Replace(string(b))
}

func TestExampleExplainsEveryKey(t *testing.T) {
	data, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	lines := strings.Split(string(data), "\n")
	var walk func(n *yaml.Node, prefix string)
	walk = func(n *yaml.Node, prefix string) {
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			key := join(prefix, n.Content[i].Value)
			seen[key] = true
			if above := strings.TrimSpace(lines[n.Content[i].Line-2]); !strings.HasPrefix(above, "#") {
				t.Errorf("%s has no comment above it", key)
			}
			walk(n.Content[i+1], key)
		}
	}
	walk(doc.Content[0], "")
	for _, key := range configKeys(reflect.TypeFor[Config](), "") {
		if !seen[key] {
			t.Errorf("config.example.yaml does not name %s", key)
		}
	}
}

// Each key can be set in three ways, and each field is of a kind that we can read.
func TestEveryKeyFromFileAndEnvironment(t *testing.T) {
	keys := configKeys(reflect.TypeFor[Config](), "")
	if len(keys) < 60 {
		t.Fatalf("only %d keys: %v", len(keys), keys)
	}
	names := map[string]string{}
	for _, key := range keys {
		name := envName(key)
		if other, taken := names[name]; taken {
			t.Fatalf("%s and %s share the variable %s", key, other, name)
		}
		if names[name] = key; envElsewhere(name) {
			t.Errorf("%s is also read elsewhere", name)
		}
		if key == "people" || key == "sync.sources" { // of sections
			continue
		}
		v := field(Default(), key)
		file, env := "1", "1"
		switch kind := v.Kind(); {
		case v.Type() == reflect.TypeFor[Pairs](), kind == reflect.Map:
			file, env = "{x: y}", "x=y"
		case kind == reflect.Slice:
			file, env = "[x, y]", " x , y,"
		case kind == reflect.Bool:
			file, env = "true", "true"
		}
		section, rest, _ := strings.Cut(key, ".")
		text := section + ": " + file
		if rest != "" {
			text = section + ":\n  " + rest + ": " + file
		}
		node, err := parseYAML([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var fromFile, fromEnv Config
		r := reader{origins: map[string]origin{}, overridden: map[string]string{}}
		r.value(reflect.ValueOf(&fromFile).Elem(), node, "")
		r.overridden[key], r.env = name, map[string]string{name: env}
		r.fromEnv(&fromEnv, key)
		if len(r.faults) > 0 {
			t.Errorf("%s: %v", key, r.faults)
		}
		if !reflect.DeepEqual(fromFile, fromEnv) || field(fromFile, key).IsZero() {
			t.Errorf("%s: the file gives %v, %s gives %v", key, field(fromFile, key), name, field(fromEnv, key))
		}
	}
}

func field(c Config, key string) reflect.Value {
	v := reflect.ValueOf(c)
	for name := range strings.SplitSeq(key, ".") {
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("yaml") == name {
				v = v.Field(i)
				break
			}
		}
	}
	return v
}

func TestLoadValues(t *testing.T) {
	const text = `
storage: {path: /data/truce.db}
time_zone: Europe/Berlin
calendar:
  hours: "10:00-18:00"
  days: mon-fri
  holidays: [us, de-BE]
  also: [2026-12-24]
  except: [2026-11-26]
  half: {2026-12-31: "10:00-14:00"}
roles:
  admins: [Ann@Example.com, "group:revops"]
people:
  Ann@Example.com: {ids: ["slack:T1:U1", "teams:t:u"], side: marketing, manager: Bo@Example.com}
channels: {disputes: "#lead-disputes"}
schedules: {recap: off, digest_leads: "30 7 * * 1"}
promises: {accept_hours: 4.5, urgent: [demo]}
log: {level: debug, format: json}
hooks:
`
	cfg, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Storage.Path != "/data/truce.db" || cfg.HTTP.Listen != "127.0.0.1:8080" || cfg.Location().String() != "Europe/Berlin" {
		t.Errorf("storage %+v, http %+v, zone %s", cfg.Storage, cfg.HTTP, cfg.Location())
	}
	if want := []string{"ann@example.com", "group:revops"}; !slices.Equal(cfg.Roles.Admins, want) ||
		!slices.Equal(cfg.Roles.Groups(), []string{"revops"}) {
		t.Errorf("admins %v, groups %v, want %v", cfg.Roles.Admins, cfg.Roles.Groups(), want)
	}
	if got, want := cfg.People["ann@example.com"], (Person{IDs: []string{"slack:T1:U1", "teams:t:u"}, Side: "marketing",
		Manager: "bo@example.com"}); !reflect.DeepEqual(got, want) {
		t.Errorf("people: %+v, want %+v", got, want)
	}
	if got := cfg.Channels.ByKey(); !reflect.DeepEqual(got, map[string]string{"disputes": "#lead-disputes"}) {
		t.Errorf("channels: %v", got)
	}
	if cfg.Log.SlogLevel() != slog.LevelDebug || BusinessHours(cfg.Promises.AcceptHours) != 4*time.Hour+30*time.Minute ||
		cfg.Promises.AnswerHours != 16 {
		t.Errorf("log %v, promises %+v", cfg.Log, cfg.Promises)
	}

	table := cfg.Timetable()
	if !table.Recap.IsZero() || table.Weekly.String() != "0 14 * * 4" {
		t.Errorf("recap %q, weekly %q", table.Recap, table.Weekly)
	}
	next := table.Leads.Next(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if got, want := next.Format(time.RFC3339), "2026-11-30T07:30:00+01:00"; got != want {
		t.Errorf("the next digest is at %s, want %s", got, want)
	}

	cal := cfg.Hours()
	for date, want := range map[string]string{
		"2026-11-25": "10:00-18:00", "2026-11-28": "closed", "2026-12-24": "closed", "2026-12-31": "10:00-14:00",
		"2026-11-26": "10:00-18:00", // Thanksgiving, excepted
		"2026-07-03": "closed",      // the Fourth of July, a Saturday, observed
		"2027-03-08": "closed",      // Berlin only
		"2027-12-31": "closed",      // New Year's Day 2028, a Saturday, observed
	} {
		d, err := truce.ParseDate(date)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.Window(d).String(); got != want {
			t.Errorf("%s: %s, want %s", date, got, want)
		}
	}
}

func TestHolidays(t *testing.T) {
	for _, tt := range []struct{ name, closed, open string }{
		{"us", "2026-11-26", "2026-12-24"},
		{"gb", "2026-12-28", "2026-12-29"}, // Boxing Day moved from the Saturday
		{"de", "2026-10-03", "2027-03-08"},
		{"DE-be", "2027-03-08", "2026-10-31"},
		{"de-SN", "2026-10-31", "2027-03-08"},
		{"fr", "2026-07-14", "2026-07-15"},
		{"ch-ZH", "2026-08-01", "2026-03-19"},
	} {
		dates := map[truce.Date]truce.Window{}
		if err := addHolidays(dates, tt.name); err != nil {
			t.Fatal(err)
		}
		for date, want := range map[string]bool{tt.closed: true, tt.open: false} {
			d, err := truce.ParseDate(date)
			if err != nil {
				t.Fatal(err)
			}
			if _, closed := dates[d]; closed != want {
				t.Errorf("%s on %s: closed is %t, want %t", tt.name, date, closed, want)
			}
		}
	}
	for name := range holidayLists() {
		dates := map[truce.Date]truce.Window{}
		if err := addHolidays(dates, name); err != nil || len(dates) < 400 {
			t.Errorf("%s: %d dates in a hundred years, %v", name, len(dates), err)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		env        []string
		want       []string
	}{
		{"all at once, each with its line", `storage:
  pth: x
time_zone: Mars/Olympus
http:
  listen: 8080
schedules:
  digest_leads: "61 9 * * 1"
  recap: "@every 1h"
log: {level: loud}
promises:
  leads_per_quarter: eighty
`, nil, []string{
			`config.yaml:2: storage.pth: unknown key, did you mean path?`,
			`config.yaml:3: time_zone: "Mars/Olympus" is not a time zone; write one such as Europe/Berlin, America/New_York or UTC`,
			`config.yaml:5: http.listen: must be host:port such as 127.0.0.1:8080; port 0 takes a free one`,
			`config.yaml:7: schedules.digest_leads: "61 9 * * 1" is not a cron line such as "0 9 * * 1" (minute, hour, day, month, weekday; Sunday is 0): end of range (61) above maximum (59): 61, or "off"`,
			`config.yaml:8: schedules.recap: "@every 1h": @every is not supported, write a time such as "0 9 * * 1" (Mondays at nine), or "off"`,
			`config.yaml:9: log.level: must be debug, info, warn or error`,
			`config.yaml:11: promises.leads_per_quarter: must be a whole number, not "eighty"`,
		}},
		{"where the CRM shows its records", "crm: {lead_url: 'http://crm.example.com/{id}', deal_url: 'https://crm.example.com/deals', " +
			"account_url: 'https://{id}.example.com/'}\n", nil, []string{
			`config.yaml:1: crm.account_url: must be an https address with {id} where the record's id stands, such as https://crm.example.com/leads/{id}`,
			`config.yaml:1: crm.deal_url: must be an https address with {id} where the record's id stands, such as https://crm.example.com/leads/{id}`,
			`config.yaml:1: crm.lead_url: must be an https address with {id} where the record's id stands, such as https://crm.example.com/leads/{id}`,
		}},
		{"keys that are nearly right, elsewhere, or twice", "storage: {path: a}\nlisten: x\nstorage: {}\nslak: {}\nfoo: 1\n", nil, []string{
			`config.yaml:2: listen: unknown key, did you mean http.listen or metrics.listen?`,
			`config.yaml:3: storage: is here twice; the first is in line 1`,
			`config.yaml:4: slak: unknown key, did you mean slack?`,
			`config.yaml:5: foo: unknown key`,
		}},
		{"wrong shapes", "storage: x\nhttp: [a]\nroles:\n  admins: a@b.co\n  reps: [[a]]\n  marketers: [~]\nslack:\n  user_groups: yes\n  " +
			"commands: [a]\n  bot_token: {a: b}\npromises: {icp_share: 75%}\npeople: {a@b.co: x}\nlog: {level: &x}\nhttp2: !!str x\ntime_zone: !x " +
			"y\n? [a]\n: b\n", nil, []string{
			`config.yaml:1: storage: must be a section with keys of its own`,
			`config.yaml:2: http: must be a section with keys of its own`,
			`config.yaml:4: roles.admins: must be a list such as [first, second]`,
			`config.yaml:5: roles.reps: must be a single value`,
			`config.yaml:6: roles.marketers: has an empty item`,
			`config.yaml:8: slack.user_groups: must be true or false, not "yes"`,
			`config.yaml:9: slack.commands: must be a section of name: value pairs`,
			`config.yaml:10: slack.bot_token: must be a single value`,
			`config.yaml:11: promises.icp_share: must be a number, not "75%"`,
			`config.yaml:12: people.a@b.co: must be a section with keys of its own`,
			`config.yaml:13: log.level: is an anchor without a value: put quotes around a value that begins with &`,
			`config.yaml:14: http2: unknown key, did you mean http?`,
			`config.yaml:15: time_zone: has a YAML tag: put quotes around a value that begins with !`,
			`config.yaml:16: holds a key that is not a name`,
		}},
		{"the calendar", `calendar:
  hours: "22:00-06:00"
  days: someday
  no_deadline_before: ten
  holidays:
    - us
    - xx
    - de-XX
  also: [2026-13-01, 2026-12-24]
  half:
    2026-12-24: "10:00-14:00"
    2026-12-31: never
`, nil, []string{
			`config.yaml:2: calendar.hours: hours 22:00-06:00 must begin before they end, on the same day`,
			`config.yaml:3: calendar.days: "someday" is not days such as mon-fri or mon,wed,fri`,
			`config.yaml:4: calendar.no_deadline_before: "ten" is not a time of day such as 10:00`,
			`config.yaml:7: calendar.holidays: "xx" is not known; there are ar, at, au, be, bg, br, ca, ch, cz, de, dk, es, fr, gb, gr, hr, ie, it, jp, lt, lv, mw, nc, nl, no, nz, pl, ro, ru, se, si, sk, ua, us, za; write other dates into calendar.also`,
			`config.yaml:8: calendar.holidays: "de-XX" is not known; of this country there are de-BB, de-BE, de-BW, de-BY, de-HB, de-HE, de-HH, de-MV, de-NI, de-NW, de-RP, de-SH, de-SL, de-SN, de-ST, de-TH`,
			`config.yaml:9: calendar.also: "2026-13-01" is not a date such as 2026-12-24`,
			`config.yaml:11: calendar.half.2026-12-24: 2026-12-24 is already in calendar.also`,
			`config.yaml:12: calendar.half.2026-12-31: "never" is not hours such as 09:00-17:00`,
		}},
		{"deadlines after closing", "calendar: {hours: \"06:00-09:30\"}\n", nil, []string{
			`config.yaml:1: calendar.no_deadline_before: must come before the end of calendar.hours, 06:00-09:30`}},
		{"people and roles", `roles:
  admins: [bob, "group:", a@b.co]
people:
  Ann@example.com: {ids: ["slack:T:U", "U034CD"], side: both, manager: bo}
  bo@example.com: {ids: ["slack:T:U"], manager: bo@example.com}
  ann@example.com: {}
  nobody: {}
`, nil, []string{
			`config.yaml:2: roles.admins: "bob" is neither an e-mail address nor group:handle`,
			`config.yaml:2: roles.admins: "group:" is neither an e-mail address nor group:handle`,
			`config.yaml:4: people.ann@example.com.ids: "U034CD" is not network:tenant:user such as slack:T012AB:U034CD`,
			`config.yaml:4: people.ann@example.com.manager: "bo" is not an e-mail address`,
			`config.yaml:4: people.ann@example.com.side: must be sales or marketing`,
			`config.yaml:5: people.bo@example.com.ids: slack:T:U already belongs to ann@example.com`,
			`config.yaml:5: people.bo@example.com.manager: must be somebody else`,
			`config.yaml:6: people.ann@example.com: is here twice; the first is in line 4`,
			`config.yaml:7: people.nobody: is not an e-mail address`,
		}},
		{"numbers out of range", "promises: {icp_share: 75, accept_hours: 0, rating_after_days: 0, leads_per_quarter: -1, urgent: [\"\"], " +
			"in_time_share: .nan, rule_hours: 1e999}\nbudget: {rep_per_day: -1}\nhooks: {token: short}\nchannels: {digests: \"#a, #b c, #a,, " +
			"msteams:x\"}\nstorage: {path: \":memory:\"}\n", nil, []string{
			`config.yaml:1: promises.accept_hours: must be from 0.5 to 1000 business hours`,
			`config.yaml:1: promises.icp_share: must be a share from 0 to 1, such as 0.75`,
			`config.yaml:1: promises.in_time_share: must be a number, not ".nan"`,
			`config.yaml:1: promises.leads_per_quarter: must be 0 (no promise) or more`,
			`config.yaml:1: promises.rating_after_days: must be from 1 to 250 business days`,
			`config.yaml:1: promises.rule_hours: must be a number, not "1e999"`,
			`config.yaml:1: promises.urgent: is empty and would make every lead urgent`,
			`config.yaml:2: budget.rep_per_day: must be from 0 (never) to 1000 messages`,
			`config.yaml:3: hooks.token: must have at least 20 characters, best random ones: openssl rand -hex 32`,
			`config.yaml:4: channels.digests: "#b c" holds a space, which no channel of Slack's does`,
			`config.yaml:4: channels.digests: names #a twice`,
			`config.yaml:4: channels.digests: names an empty channel: write one, such as "#leads", or one on each platform: "slack:#leads, teams:Leads"`,
			`config.yaml:4: channels.digests: "msteams" is no platform: write slack:#leads or teams:Leads`,
			`config.yaml:5: storage.path: must be the path of a file, without ? and #, such as /var/lib/truce/truce.db`,
		}},
		{"references", "slack:\n  app_token: ${NOT_SET}\nhooks:\n  token: a${}b\nlog: {level: \"${A B}\"}\n", nil, []string{
			`config.yaml:2: slack.app_token: the environment variable NOT_SET is not set`,
			`config.yaml:4: hooks.token: holds ${ without the name of an environment variable and }; write $${ for the characters themselves`,
			`config.yaml:5: log.level: holds ${ without the name of an environment variable and }; write $${ for the characters themselves`,
		}},
		{"a value of several lines", "slack:\n  signing_secret: |\n    abc\n    def\n", nil, []string{
			`config.yaml:2: slack.signing_secret: must be one line without control characters`}},
		{"not YAML", "storage:\n  path: [a\nlog: b\n", nil, []string{`config.yaml:3: is not YAML: did not find expected ',' or ']'`}},
		{"a password that looks like an alias", "teams:\n  app_password: *Sup3r\n", nil,
			[]string{`config.yaml:2: is not YAML: a value that begins with * needs quotes`}},
		{"two documents", "log: {}\n---\nlog: {}\n", nil,
			[]string{`config.yaml: holds more than one document: keep one, without further lines ---`}},
		{"a list at the top", "- a\n", nil, []string{`config.yaml:1: must be a section with keys of its own`}},
		{"too large", "# " + strings.Repeat("x", maxConfig), nil, []string{`config.yaml: is larger than 1048576 bytes`}},
		{"the platforms' own faults, where the section stands in the file", `roles:
  marketers: ["group:marketing"]
slack:
  bot_token: ${TOKEN}
  commands: {objection: Einwand!}
teams:
  app_id: abc
`, []string{"TOKEN=xoxp-1"}, []string{
			`config.yaml:3: slack.app_token: mode socket needs an app-level token that starts with xapp- (Basic Information, App-Level Tokens, scope connections:write)`,
			`config.yaml:3: slack.user_groups: must be true, because roles are taken from user groups`,
			`config.yaml:4: slack.bot_token: must start with xoxb- (Install App, Bot User OAuth Token)`,
			`config.yaml:5: slack.commands.objection: at most 31 lower-case letters, digits, - and _, without the slash`,
			`config.yaml:6: teams.app_password: is missing: make a client secret under Certificates & secrets and write its value, best as ${TEAMS_APP_PASSWORD}; or name a certificate`,
			`config.yaml:6: teams.tenant_id: must be the Directory (tenant) ID, like 5d1f0c1e-0000-4000-8000-1a2b3c4d5e6f`,
			`config.yaml:7: teams.app_id: must be the Application (client) ID of the Azure bot, like 8c2f1b1e-0000-4000-8000-1a2b3c4d5e6f`,
		}},
		{"user groups that nobody can look up", "roles: {marketers: [\"group:marketing\"]}\nteams: {app_id: " +
			"8c2f1b1e-0000-4000-8000-1a2b3c4d5e6f, app_password: x, tenant_id: 8c2f1b1e-0000-4000-8000-1a2b3c4d5e6f}\n", nil, []string{
			`config.yaml:1: roles: name user groups, which only Slack has, and Slack is off: name the people by e-mail`}},
		{"user groups without their switch", "roles: {marketers: [\"group:marketing\"]}\nslack:\n  bot_token: xoxb-1\n  app_token: xapp-1\n", nil,
			[]string{
				`config.yaml:2: slack.user_groups: must be true, because roles are taken from user groups`}},
		{"the platforms' own faults, without their section", "log: {}\n",
			[]string{"TRUCE_SLACK_MODE=carrier-pigeon", "TRUCE_SLACK_APP_TOKEN=xapp-1", "TRUCE_TEAMS_APP_PASSWORD=x"}, []string{
				`TRUCE_SLACK_BOT_TOKEN: must start with xoxb- (Install App, Bot User OAuth Token)`,
				`TRUCE_SLACK_MODE: must be "socket" or "http"`,
				`TRUCE_TEAMS_APP_ID: is empty although app_password or certificate is set: write the Application (client) ID of the Azure bot`,
			}},
		{"variables", "log: {level: info}\n", []string{"TRUCE_STORAGE_PAHT=x", "TRUCE_LOG_LEVEL=loud", "TRUCE_TIME_ZONE=Local",
			"TRUCE_BUDGET_REP_PER_DAY=", "TRUCE_ROLES_ADMINS=bob,a@b.co",
			"TRUCE_SLACK_COMMANDS=lead", "TRUCE_PEOPLE={a@b.co: {side: x, sid: y}}", "TRUCE_XYZZY=1", "TRUCE_CONFIG=ours", "TRUCE_TEST_ANYTHING=1",
			"OTHER=1"}, []string{
			`TRUCE_BUDGET_REP_PER_DAY: must be a whole number, not ""`,
			`TRUCE_LOG_LEVEL: must be debug, info, warn or error`,
			`TRUCE_PEOPLE: people.a@b.co.sid: unknown key, did you mean side?`,
			`TRUCE_PEOPLE: people.a@b.co.side: must be sales or marketing`,
			`TRUCE_ROLES_ADMINS: "bob" is neither an e-mail address nor group:handle`,
			`TRUCE_SLACK_COMMANDS: must be pairs such as a=b,c=d`,
			`TRUCE_STORAGE_PAHT: unknown variable, did you mean TRUCE_STORAGE_PATH?`,
			`TRUCE_TIME_ZONE: must name a time zone such as Europe/Berlin`,
			`TRUCE_XYZZY: unknown variable`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := load(t, tt.text, tt.env...)
			if got := faults(err); !slices.Equal(got, tt.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if !reflect.DeepEqual(cfg, Config{}) {
				t.Errorf("a configuration in spite of the faults: %+v", cfg)
			}
		})
	}
}

func TestEnvironmentWins(t *testing.T) {
	env := []string{"TRUCE_STORAGE_PATH=/env/truce.db", "TRUCE_HTTP_LISTEN=127.0.0.1:0", "TRUCE_ROLES_ADMINS= a@b.co, B@b.co ,",
		"TRUCE_HOOKS_TOKEN=${NOT_EXPANDED} because it is one already", "TRUCE_CALENDAR_HALF=2026-12-31=10:00-14:00",
		"TRUCE_PEOPLE={A@b.co: {side: sales}}", "TRUCE_PROMISES_ICP_SHARE=0.75", "TRUCE_SCHEDULES_RECAP=off"}
	check := func(t *testing.T, cfg Config, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Storage.Path != "/env/truce.db" || cfg.HTTP.Listen != "127.0.0.1:0" ||
			!slices.Equal(cfg.Roles.Admins, []string{"a@b.co", "b@b.co"}) ||
			string(cfg.Hooks.Token) != "${NOT_EXPANDED} because it is one already" || cfg.Calendar.Half["2026-12-31"] != "10:00-14:00" ||
			cfg.People["a@b.co"].Side != "sales" || cfg.Promises.ICPShare != 0.75 || !cfg.Timetable().Recap.IsZero() ||
			cfg.Promises.AcceptHours != 16 {
			t.Errorf("%+v", cfg)
		}
	}
	t.Run("over the file, whatever that says", func(t *testing.T) {
		cfg, err := load(t, "storage: {path: /file}\nhttp: {listen: nonsense}\nhooks: {token: \"${NOT_SET}\"}\npeople: 5\nroles: {admins: "+
			"bob}\npromises: {icp_share: x}\n", env...)
		check(t, cfg, err)
	})
	t.Run("where the file lacks the section", func(t *testing.T) {
		cfg, err := load(t, "log: {level: warn}\n", env...)
		check(t, cfg, err)
	})
	t.Run("without a file", func(t *testing.T) {
		cfg, err := Load(filepath.Join(t.TempDir(), "config.yaml"), false, env)
		check(t, cfg, err)
	})
}

func TestReferencesStayInTheirString(t *testing.T) {
	cfg, err := load(t, "hooks: {token: \"${T}\"}\nchannels: {digests: \"#${A}-$${A}-$A\"}\n", "T=xoxb: #1 'evil: true ${A}", "A=x")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(cfg.Hooks.Token), "xoxb: #1 'evil: true ${A}"; got != want {
		t.Errorf("token %q, want %q", got, want)
	}
	if got, want := cfg.Channels.Digests, "#x-${A}-$A"; got != want {
		t.Errorf("channel %q, want %q", got, want)
	}
}

func TestMissingAndEmptyFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "config.yaml")
	if _, err := Load(missing, true, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that was named and is not there: %v", err)
	}
	if _, err := Load(t.TempDir(), false, nil); err == nil {
		t.Error("a folder was taken for a configuration")
	}
	want := emptied(t, Default())
	cfg, err := Load(missing, false, nil)
	if got := emptied(t, cfg); err != nil || got != want {
		t.Errorf("no file: %s, %v, want the defaults", got, err)
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "\ufeff", "storage:\nroles:\n", "~"} {
		cfg, err := load(t, text)
		if got := emptied(t, cfg); err != nil || got != want {
			t.Errorf("%q: %s, %v, want the defaults", text, got, err)
		}
	}
}

const marker = "s3cr3t-marker"

func TestSecretsAreNeverShown(t *testing.T) {
	env := []string{"T=" + marker + "-of-twenty-characters"}
	cfg, err := load(t, "hooks:\n  token: ${T}\n", env...)
	if err != nil || !strings.HasPrefix(string(cfg.Hooks.Token), marker) {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("config", "config", cfg, "hooks", cfg.Hooks)
	slog.New(slog.NewTextHandler(&out, nil)).Info("config", "config", cfg, "token", cfg.Hooks.Token)
	fmt.Fprintf(&out, "%v %+v %#v %s %q", cfg, cfg, cfg, cfg.Hooks, cfg.Hooks.Token)
	json.NewEncoder(&out).Encode(cfg)
	dump, err := yaml.Dump(cfg)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(dump)
	if strings.Contains(out.String(), marker) {
		t.Errorf("printed: %s", out.String())
	}

	for _, text := range []string{
		"slack: " + marker, "slack: [" + marker + "]", "slack: {bot_token: [" + marker + "]}", "slack: {bot_token: {" + marker + ": 1}}",
		"teams: {app_password: *" + marker + "}", "teams: {app_password: &" + marker + "}", "teams: {app_password: !" + marker + "}",
		"teams: {app_password: \"" + marker + "}", "teams: {app_password: @" + marker + "}", "teams: {app_password: " + marker + ": x}",
		"slack: {bot_token: \"" + marker + "\\u0007\"}", "hooks:\n  token: ${X" + marker,
		"hooks: {token: s3cr3t-marke}\nslack: {app_token: " + marker + ", mode: x}",
	} {
		if _, err := load(t, text); err != nil && strings.Contains(err.Error(), marker) {
			t.Errorf("%s: printed by %v", text, err)
		}
	}
	for _, name := range []string{"TRUCE_SLACK_BOT_TOKEN", "TRUCE_HOOKS_TOKEN", "TRUCE_TEAMS_APP_PASSWORD", "TRUCE_SLACK_BOT_TOKN",
		"TRUCE_PEOPLE"} {
		if _, err := load(t, "", name+"="+marker+"\x07"); err != nil && strings.Contains(err.Error(), marker) {
			t.Errorf("%s: printed by %v", name, err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		cfg, err := Load("../../config.example.yaml", true, []string{"TRUCE_CALENDAR_HOLIDAYS=us,gb,de-BE"})
		if err != nil {
			b.Fatal(err)
		}
		cfg.Hours()
	}
}

func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example), "")
	f.Add("a: &x [*x]\n", "{a@b.co: {side: sales}}")
	f.Add("storage: {path: ${T}}\nschedules: {recap: \"0 9 30 2 *\"}\n", "&x {a: *x}")
	f.Add("calendar: {half: {2026-12-31: \"10:00-14:00\"}, holidays: [us, xx]}\nlog: *x", "")
	f.Add("<<: {a: b}\n? {}\n: x\n", "[")
	f.Add("roles:\n  admins: [&a x, *a, ~]\nhooks: {token: !!binary aGk=}", "~")
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, text, people string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(path, true, []string{"T=x", "TRUCE_PEOPLE=" + people, "TRUCE_HOOKS_TOKEN=" + marker + "-of-twenty-characters"})
		if err != nil {
			if strings.Contains(err.Error(), marker) && !strings.Contains(text+people, marker) {
				t.Fatalf("a secret in %v", err)
			}
			return
		}
		if err := cfg.Validate(); err != nil {
			t.Fatalf("loaded, yet invalid: %v", err)
		}
		if err := cfg.Hours().Validate(); err != nil {
			t.Fatalf("loaded, yet with a calendar that says %v", err)
		}
	})
}
