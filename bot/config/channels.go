package config

import (
	"fmt"
	"slices"
	"strings"

	"truce/bot/chat"
	"truce/bot/slack"
	"truce/bot/teams"
)

// This file reads which channels Truce speaks in: one line per role, with one channel or, for a company on both platforms, one on
// each.

// Spoken is one channel of a line: its place where the line says it whole, else (no ID) the name to look for on a platform.
type Spoken struct {
	Line    string // as configured, without the others of its line
	Network string
	Place   chat.Place
}

// Speaks is where Truce speaks in a role; nothing where the role has no channel.
func (c Config) Speaks(role string) (list []Spoken) {
	line, ok := c.Channels.ByKey()[role]
	if !ok {
		return nil
	}
	for _, one := range lines(line) {
		network, p := c.place(one)
		list = append(list, Spoken{one, network, p})
	}
	return list
}

// lines are the channels of a configuration line: "#leads", or "slack:#leads, teams:Leads".
func lines(line string) []string {
	var list []string
	for part := range strings.SplitSeq(line, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list
}

// networks are the platforms that are switched on, the first one being that of names which say none.
func (c Config) networks() []string {
	var list []string
	if c.Slack.Enabled() {
		list = append(list, slack.Network)
	}
	if c.Teams.Enabled() {
		list = append(list, teams.Network)
	}
	return list
}

// place reads one channel of a line: its place where the line says it whole, or (id "") the name to look for on a platform.
func (c Config) place(line string) (network string, p chat.Place) {
	network, name, named := strings.Cut(line, ":")
	switch {
	case strings.HasPrefix(line, "19:"): // Teams' own way to write it
		network, name = teams.Network, line
	case !named:
		network, name = "", line
		if list := c.networks(); len(list) > 0 {
			network = list[0]
		}
	}
	p = chat.Place{Kind: chat.Channel, Name: strings.TrimPrefix(name, "#")}
	switch {
	case network == teams.Network && strings.HasPrefix(name, "19:"):
		p.ID = teams.Network + ":" + strings.ToLower(c.Teams.TenantID) + ":" + name
	case strings.Contains(name, ":"):
		p.ID, p.Name = line, line
	}
	return network, p
}

// checkChannel names what is wrong with one channel of a line; "" is nothing.
func (c Config) checkChannel(line string) string {
	network, p := c.place(line)
	on := c.networks()
	switch {
	case p.Name == "":
		return "names an empty channel: write one, such as \"#leads\", or one on each platform: \"slack:#leads, teams:Leads\""
	case network != "" && network != slack.Network && network != teams.Network:
		return fmt.Sprintf("%q is no platform: write slack:#leads or teams:Leads", network)
	case network != "" && len(on) > 0 && !slices.Contains(on, network):
		return fmt.Sprintf("%q is on %s, which is switched off", line, network)
	case network != teams.Network && strings.Contains(line, " "):
		return fmt.Sprintf("%q holds a space, which no channel of Slack's does", line)
	}
	return ""
}
