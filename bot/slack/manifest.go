package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"truce"
	"truce/bot/chat"
)

// What an app manifest may hold (W: @slack/web-api manifest.d.ts).
const (
	maxCommands    = 50
	maxShortcuts   = 10
	maxCommand     = 32
	maxCommandHelp = 2000
	maxUsageHint   = 1000
	maxShortcut    = 24
	maxShortcutDoc = 150
)

// appManifest is slack-go's Manifest with what that cannot say: its AppHome leaves out what is false, and Slack counts a missing
// messages_tab_read_only_enabled as true in new apps. People could then write nothing to Truce.
type appManifest struct {
	Metadata slackgo.ManifestMetadata `json:"_metadata" yaml:"_metadata"`
	Display  slackgo.Display          `json:"display_information" yaml:"display_information"`
	Settings slackgo.Settings         `json:"settings" yaml:"settings"`
	Features struct {
		AppHome       appHome                        `json:"app_home" yaml:"app_home"`
		BotUser       slackgo.BotUser                `json:"bot_user" yaml:"bot_user"`
		Shortcuts     []slackgo.Shortcut             `json:"shortcuts,omitempty" yaml:"shortcuts,omitempty"`
		SlashCommands []slackgo.ManifestSlashCommand `json:"slash_commands,omitempty" yaml:"slash_commands,omitempty"`
	} `json:"features" yaml:"features"`
	OAuthConfig slackgo.OAuthConfig `json:"oauth_config" yaml:"oauth_config"`
}

type appHome struct {
	HomeTab          bool `json:"home_tab_enabled" yaml:"home_tab_enabled"`
	MessagesTab      bool `json:"messages_tab_enabled" yaml:"messages_tab_enabled"`
	MessagesReadOnly bool `json:"messages_tab_read_only_enabled" yaml:"messages_tab_read_only_enabled"`
}

// Scope is a permission the app asks for, with the reason people are given.
type Scope struct{ Name, Why string }

// Scopes are the least permissions for what cfg switches on.
func Scopes(cfg Config) []Scope {
	list := []Scope{
		{"commands", "the slash commands and shortcuts"},
		{"chat:write", "answers, cases in channels it was invited to, digests, direct messages"},
		{"app_mentions:read", "answers when somebody writes @Truce in a channel"},
		{"im:history", "reads what people write to the bot itself, and finds its own message again when an answer of Slack's was lost"},
		{"im:write", "opens the direct message with a person it must tell something"},
		{"users:read", "names, time zones, and who is a guest; is told when that changes"},
		{"users:read.email", "joins a person in Slack with the owner of a lead in the CRM, and finds the people of the configuration who have " +
			"never written to it"},
		{"channels:read", "is told when it is added to a public channel or removed, finds those configured by name; truce check looks at " +
			"membership and privacy"},
		{"groups:read", "the same for private channels it was invited to"},
	}
	if cfg.UserGroups {
		list = append(list, Scope{"usergroups:read", "roles that come from user groups"})
	}
	if cfg.ChartImages {
		list = append(list, Scope{"files:write", "pictures of charts where Slack refuses to draw them itself"})
	}
	return list
}

// events are what the app subscribes to.
func events() []string {
	return []string{"app_home_opened", "app_mention", "app_uninstalled", "channel_left", "group_left", "member_joined_channel", "message.im",
		"team_join", "tokens_revoked", "user_change"}
}

// Manifest describes the app to Slack: exactly the commands, shortcuts, events and scopes of what is switched on, as YAML
// and as JSON. publicURL is where Slack reaches Truce; it is needed, and used, in mode http only.
func Manifest(cat chat.Catalog, cfg Config, publicURL string) (asYAML, asJSON []byte, err error) {
	m := appManifest{
		Metadata: slackgo.ManifestMetadata{MajorVersion: 2},
		Display: slackgo.Display{
			Name: "Truce", Description: "Objections answered, lead disputes settled, digests that say what became revenue.",
			BackgroundColor: "#1f4b4a",
		},
	}
	m.Features.BotUser = slackgo.BotUser{DisplayName: "Truce", AlwaysOnline: true}
	m.Features.AppHome = appHome{HomeTab: true, MessagesTab: true}
	m.Settings.EventSubscriptions = &slackgo.EventSubscriptions{BotEvents: events()}
	m.Settings.Interactivity = &slackgo.Interactivity{IsEnabled: true}
	base := strings.TrimSuffix(publicURL, "/")
	switch cfg.Mode {
	case "", ModeSocket:
		m.Settings.SocketModeEnabled = true
		base = ""
	case ModeHTTP:
		if u, err := url.Parse(base); err != nil || u.Scheme != "https" || u.Host == "" {
			return nil, nil, &truce.Fault{Key: "slack.mode", Text: "mode http needs http.public_url, the address under which Slack reaches Truce, " +
				"beginning with https://"}
		}
		m.Settings.EventSubscriptions.RequestUrl = base + "/slack/events"
		m.Settings.Interactivity.RequestUrl = base + "/slack/interactions"
		m.Settings.Interactivity.MessageMenuOptionsUrl = base + "/slack/interactions"
	}
	for _, s := range Scopes(cfg) {
		m.OAuthConfig.Scopes.Bot = append(m.OAuthConfig.Scopes.Bot, s.Name)
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	taken := map[string]bool{}
	for _, c := range cat.Commands {
		cmd := slackgo.ManifestSlashCommand{Command: "/" + cfg.slashName(c.Name), Description: clean(c.Help),
			UsageHint:    chat.Shorten(clean(example(c)), maxUsageHint),
			ShouldEscape: true} // a mention comes as an id, not as a name that several may have
		if base != "" {
			cmd.Url = base + "/slack/commands"
		}
		switch {
		case !commandName(cmd.Command[1:], maxCommand-1):
			fault("command %s: Slack takes at most %d lower-case letters, digits, - and _ with the slash; rename it in slack.commands", cmd.Command,
				maxCommand)
		case cmd.Description == "" || utf8.RuneCountInString(cmd.Description) > maxCommandHelp:
			fault("command %s: its help must have 1 to %d characters", cmd.Command, maxCommandHelp)
		case taken[cmd.Command]:
			fault("command %s: there are two of this name; rename one in slack.commands", cmd.Command)
		}
		taken[cmd.Command] = true
		m.Features.SlashCommands = append(m.Features.SlashCommands, cmd)
	}
	for ours := range cfg.Commands {
		if !hasCommand(cat, ours) {
			fault("slack.commands.%s: Truce has no such command", ours)
		}
	}
	for _, s := range cat.Shortcuts {
		sc := slackgo.Shortcut{Name: clean(s.Title), CallbackID: s.Name, Description: clean(s.Help), Type: slackgo.MessageShortcut}
		if s.Global {
			sc.Type = slackgo.GlobalShortcut
		}
		switch {
		case sc.Name == "" || utf8.RuneCountInString(sc.Name) > maxShortcut:
			fault("shortcut %s: its title must have 1 to %d characters", s.Name, maxShortcut)
		case sc.Description == "" || utf8.RuneCountInString(sc.Description) > maxShortcutDoc:
			fault("shortcut %s: its help must have 1 to %d characters", s.Name, maxShortcutDoc)
		case s.Name == "" || utf8.RuneCountInString(s.Name) > maxCallbackID:
			fault("shortcut %q: its name must have 1 to %d characters", s.Name, maxCallbackID)
		}
		m.Features.Shortcuts = append(m.Features.Shortcuts, sc)
	}
	if len(m.Features.SlashCommands) > maxCommands {
		fault("%d commands: Slack takes %d", len(m.Features.SlashCommands), maxCommands)
	}
	if len(m.Features.Shortcuts) > maxShortcuts {
		fault("%d shortcuts: Slack takes %d", len(m.Features.Shortcuts), maxShortcuts)
	}
	if len(faults) > 0 {
		return nil, nil, fmt.Errorf("write Slack's manifest: %w", errors.Join(faults...))
	}
	if asJSON, err = json.MarshalIndent(m, "", "  "); err != nil {
		return nil, nil, fmt.Errorf("write Slack's manifest: %w", err)
	}
	if asYAML, err = yaml.Marshal(m); err != nil {
		return nil, nil, fmt.Errorf("write Slack's manifest: %w", err)
	}
	return asYAML, append(asJSON, '\n'), nil
}

func hasCommand(cat chat.Catalog, name string) bool {
	for _, c := range cat.Commands {
		if c.Name == name {
			return true
		}
	}
	return false
}

// example is what may stand behind a command, as Slack's menu shows it: words that somebody would type, no syntax.
func example(c chat.CommandInfo) string {
	for _, e := range c.Examples {
		if _, words, ok := strings.Cut(e, " "); ok {
			return words
		}
	}
	if strings.Contains(c.Usage, " | ") {
		return ""
	}
	return c.Usage
}
