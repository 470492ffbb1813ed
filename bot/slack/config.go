package slack

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"truce"
)

// The ways to receive what people do.
const (
	ModeSocket = "socket" // a websocket opened by us: no public address needed
	ModeHTTP   = "http"   // Slack posts to us: needs an https address that Slack can reach
)

// DefaultAPIURL is Slack's Web API. GovSlack has its own: https://slack-gov.com/api/.
const DefaultAPIURL = "https://slack.com/api/"

// Config is the section "slack" of the configuration. The zero Config is switched off.
type Config struct {
	Mode          string            `yaml:"mode"`           // socket (the default) or http
	BotToken      truce.Secret      `yaml:"bot_token"`      // xoxb-..., from "Install App"
	AppToken      truce.Secret      `yaml:"app_token"`      // xapp-..., with connections:write; mode socket only
	SigningSecret truce.Secret      `yaml:"signing_secret"` // from "Basic Information"; mode http only
	APIURL        string            `yaml:"api_url"`        // another Web API: https, or http on loopback
	CommandPrefix string            `yaml:"command_prefix"` // "acme-" makes /objection /acme-objection
	Commands      map[string]string `yaml:"commands"`       // renamed commands: ours -> the name in Slack, without slash; no prefix is added
	UserGroups    bool              `yaml:"user_groups"`    // roles come from user groups: asks for usergroups:read
	ChartImages   bool              `yaml:"chart_images"`   // pictures where Slack refuses its own charts: asks for files:write
}

// Enabled reports whether anything of Slack is configured.
func (c Config) Enabled() bool {
	return c.BotToken != "" || c.AppToken != "" || c.SigningSecret != ""
}

// commandName reports whether s is what Slack takes as a command's name or the beginning of one, of at most n characters (32 with the
// slash; W: manifest.d.ts). A regular expression of this would take three megabytes: a class of letters for each character.
func commandName(s string, n int) bool {
	for i, r := range s {
		letter := unicode.Is(unicode.Ll, r) || unicode.Is(unicode.Lo, r) || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_') {
			return false
		}
	}
	return s != "" && utf8.RuneCountInString(s) <= n
}

// Validate returns every fault of an enabled section, joined; each is a *truce.Fault.
func (c Config) Validate() error {
	if !c.Enabled() {
		return nil
	}
	var faults []error
	fault := func(key, text string) { faults = append(faults, &truce.Fault{Key: "slack." + key, Text: text}) }
	switch c.Mode {
	case "", ModeSocket:
		if !strings.HasPrefix(string(c.AppToken), "xapp-") {
			fault("app_token", "mode socket needs an app-level token that starts with xapp- (Basic Information, App-Level Tokens, scope "+
				"connections:write)")
		}
	case ModeHTTP:
		if c.SigningSecret == "" {
			fault("signing_secret", "mode http needs the signing secret (Basic Information, App Credentials)")
		}
	default:
		fault("mode", `must be "socket" or "http"`)
	}
	if !strings.HasPrefix(string(c.BotToken), "xoxb-") {
		fault("bot_token", "must start with xoxb- (Install App, Bot User OAuth Token)")
	}
	if _, err := apiBase(c.APIURL); err != nil {
		fault("api_url", err.Error())
	}
	if c.CommandPrefix != "" && !commandName(c.CommandPrefix, 16) {
		fault("command_prefix", "at most 16 lower-case letters, digits, - and _, beginning with a letter or digit")
	}
	taken := map[string]string{}
	for _, ours := range sortedKeys(c.Commands) {
		theirs := c.Commands[ours]
		switch {
		case !commandName(theirs, maxCommand-1):
			fault("commands."+ours, "at most 31 lower-case letters, digits, - and _, without the slash")
		case taken[theirs] != "":
			fault("commands."+ours, "has the same name as commands."+taken[theirs])
		}
		taken[theirs] = ours
	}
	return errors.Join(faults...)
}

// apiBase is the Web API's address with the slash at its end that method names follow.
func apiBase(s string) (string, error) {
	if s == "" {
		return DefaultAPIURL, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("must be an address such as " + DefaultAPIURL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", errors.New("http is allowed on loopback only: the token would travel in the clear; write https")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("must start with https://")
	}
	return strings.TrimSuffix(u.String(), "/") + "/", nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// sortedKeys are the keys of m in order.
func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// slashName is what people type in Slack, without the slash, for our command.
func (c Config) slashName(ours string) string {
	if theirs := c.Commands[ours]; theirs != "" {
		return theirs
	}
	return c.CommandPrefix + ours
}

// ourName is the command of ours that a typed one ("/acme-objection") stands for.
func (a *Adapter) ourName(typed string) string {
	name := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(typed), "/"))
	for ours, theirs := range a.cfg.Commands {
		if theirs == name {
			return ours
		}
	}
	bare := strings.TrimPrefix(name, a.cfg.CommandPrefix)
	if hasCommand(a.cat, bare) || !hasCommand(a.cat, name) {
		return bare
	}
	return name // a command that only begins like the prefix
}
