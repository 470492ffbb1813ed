package slack_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/slack"
)

func TestManifest(t *testing.T) {
	for name, cfg := range map[string]slack.Config{
		"socket": {},
		"http": {Mode: slack.ModeHTTP, CommandPrefix: "acme-", Commands: map[string]string{"truce": "frieden"}, UserGroups: true,
			ChartImages: true},
	} {
		asYAML, asJSON, err := slack.Manifest(catalog, cfg, "https://truce.example/")
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "manifest."+name+".yaml", asYAML)
		if !strings.Contains(string(asYAML), "messages_tab_read_only_enabled: false") { // left out, nobody could write to the bot
			t.Errorf("%s: people cannot write to Truce", name)
		}
		golden.Check(t, "manifest."+name+".json", asJSON)
	}
}

func TestManifestRefuses(t *testing.T) {
	long := strings.Repeat("x", 40)
	many := chat.Catalog{}
	for i := range 51 {
		many.Commands = append(many.Commands, chat.CommandInfo{Name: fmt.Sprintf("c%d", i), Help: "x"})
		many.Shortcuts = append(many.Shortcuts, chat.ShortcutInfo{Name: fmt.Sprintf("s%d", i), Title: "t", Help: "x"})
	}
	tests := map[string]struct {
		cat  chat.Catalog
		cfg  slack.Config
		url  string
		want string
	}{
		"a long command":         {cat: chat.Catalog{Commands: []chat.CommandInfo{{Name: long, Help: "x"}}}, want: "rename it in slack.commands"},
		"a command without help": {cat: chat.Catalog{Commands: []chat.CommandInfo{{Name: "a"}}}, want: "its help must have"},
		"two of a name": {cat: catalog, cfg: slack.Config{Commands: map[string]string{"objection": "truce"}},
			want: "there are two of this name"},
		"a rename of nothing": {cat: catalog, cfg: slack.Config{Commands: map[string]string{"nope": "x"}}, want: "no such command"},
		"a long title": {cat: chat.Catalog{Shortcuts: []chat.ShortcutInfo{{Name: "a", Title: long, Help: "x"}}},
			want: "its title must have"},
		"too many": {cat: many, want: "51 commands: Slack takes 50\n51 shortcuts: Slack takes 10"},
		"http without address": {cat: catalog, cfg: slack.Config{Mode: slack.ModeHTTP}, url: "http://truce.example",
			want: "beginning with https://"},
	}
	for name, tt := range tests {
		if _, _, err := slack.Manifest(tt.cat, tt.cfg, tt.url); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestConfig(t *testing.T) {
	good := slack.Config{BotToken: "xoxb-1", AppToken: "xapp-1"}
	tests := map[string]struct {
		change func(*slack.Config)
		keys   string
	}{
		"good":         {func(*slack.Config) {}, ""},
		"http":         {func(c *slack.Config) { c.Mode, c.AppToken, c.SigningSecret = "http", "", "s" }, ""},
		"switched off": {func(c *slack.Config) { *c = slack.Config{Mode: "odd"} }, ""},
		"no app token": {func(c *slack.Config) { c.AppToken = "" }, "slack.app_token"},
		"all wrong": {func(c *slack.Config) {
			*c = slack.Config{Mode: "smoke", SigningSecret: "s", APIURL: "ftp://x", CommandPrefix: "No Good"}
		}, "slack.mode slack.bot_token slack.api_url slack.command_prefix"},
		"no signing secret":     {func(c *slack.Config) { c.Mode = "http" }, "slack.signing_secret"},
		"GovSlack":              {func(c *slack.Config) { c.APIURL = "https://slack-gov.com/api" }, ""},
		"loopback in the clear": {func(c *slack.Config) { c.APIURL = "http://127.0.0.1:99/api" }, ""},
		"others in the clear":   {func(c *slack.Config) { c.APIURL = "http://slack.com/api/" }, "slack.api_url"},
		"a password in the url": {func(c *slack.Config) { c.APIURL = "https://u:p@slack.com/api/" }, "slack.api_url"},
		"command names": {func(c *slack.Config) { c.Commands = map[string]string{"a": "With Space", "b": "x", "c": "x"} },
			"slack.commands.a slack.commands.c"},
	}
	for name, tt := range tests {
		c := good
		tt.change(&c)
		var keys []string
		if err := c.Validate(); err != nil {
			for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
				var f *truce.Fault
				if !errors.As(e, &f) {
					t.Errorf("%s: %v is no *truce.Fault", name, e)
					continue
				}
				keys = append(keys, f.Key)
			}
		}
		if got := strings.Join(keys, " "); got != tt.keys {
			t.Errorf("%s: got faults for %q, want %q", name, got, tt.keys)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "xoxb-1") {
			t.Errorf("%s: a secret prints", name)
		}
	}
}
