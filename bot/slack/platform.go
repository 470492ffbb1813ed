package slack

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"truce/bot/chat"
)

// What the program must know of Slack besides its adapter.
var (
	_ chat.Platform = Config{}
	_ chat.Grouped  = Config{}
)

// Network is "slack".
func (Config) Network() string { return Network }

// Name is "Slack".
func (Config) Name() string { return "Slack" }

// Summary says how requests come.
func (c Config) Summary() string { return "Slack (" + string(c.Mode) + ")" }

// SwitchedBy is the token that every app has.
func (Config) SwitchedBy() string { return "slack.bot_token" }

// Channel is an example of a channel's name.
func (Config) Channel() string { return "slack:#leads" }

// Whole is nothing: an id without its workspace is looked up as a name is.
func (Config) Whole(string) string { return "" }

// Misnamed refuses spaces.
func (Config) Misnamed(name string) string {
	if strings.Contains(name, " ") {
		return "holds a space, which no channel of Slack's does"
	}
	return ""
}

// GroupsOff asks for the scope that reading user groups needs.
func (c Config) GroupsOff() (key, text string) {
	if c.UserGroups {
		return "", ""
	}
	return "slack.user_groups", "must be true, because roles are taken from user groups"
}

// Adapter is New.
func (c Config) Adapter(cat chat.Catalog, mem chat.Memory, clock func() time.Time, log *slog.Logger) (chat.Adapter, error) {
	return New(c, cat, mem, clock, log)
}

// GroupRemedy says what to do about a user group that could not be read (err), or is empty (nil).
func (a *Adapter) GroupRemedy(err error) string {
	switch {
	case err == nil:
		return "Add people to it."
	case errors.Is(err, chat.ErrNoSuchGroup):
		return "Make it (People & user groups), or name another in the configuration: by its handle, the word after the @."
	default:
		return "Add the scope usergroups:read (print the manifest again with slack.user_groups: true) and install the app again. User groups " +
			"need a paid plan."
	}
}

// Manifest is "truce manifest slack".
func (Config) Manifest() any {
	return &struct {
		Slack manifestCommand `cmd:"" help:"Print the manifest from which Slack makes the app."`
	}{}
}

type manifestCommand struct {
	Format string `help:"yaml or json." enum:"yaml,json" default:"yaml"`
}

// Help is shown by "truce manifest slack --help".
func (manifestCommand) Help() string {
	return `Examples:
  truce manifest slack
  truce manifest slack --format json --config config.yaml

Paste it at api.slack.com/apps, "Create New App", "From a manifest". In mode http the addresses come from http.public_url.`
}

// Run prints the manifest of exactly what the configuration switches on. It needs no token: the app has none yet.
func (m manifestCommand) Run(write chat.Installer) error {
	return write(Network, func(in chat.Installing) (chat.Manifest, error) {
		asYAML, asJSON, err := Manifest(in.Catalog, in.Section.(Config), in.PublicURL)
		if m.Format == "json" {
			return chat.Manifest{Data: asJSON}, err
		}
		return chat.Manifest{Data: asYAML}, err
	})
}
