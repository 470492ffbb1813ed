package config

import (
	"fmt"
	"strings"

	"truce/bot/chat"
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

// place reads one channel of a line: its place where the line says it whole, or (id "") the name to look for on a platform.
func (c Config) place(line string) (network string, p chat.Place) {
	network, name, named := strings.Cut(line, ":")
	if platform, whole := c.whole(line); whole != "" {
		return platform, chat.Place{ID: whole, Kind: chat.Channel, Name: line}
	}
	if !named {
		network, name = "", line
		if list := c.Enabled(); len(list) > 0 {
			network = list[0].Network()
		}
	}
	p = chat.Place{Kind: chat.Channel, Name: strings.TrimPrefix(name, "#")}
	if platform := c.Platform(network); platform != nil {
		p.ID = platform.Whole(name)
	}
	if p.ID == "" && strings.Contains(name, ":") {
		p.ID, p.Name = line, line
	}
	return network, p
}

// whole finds the platform in whose own way a channel is written.
func (c Config) whole(line string) (network, id string) {
	for _, platform := range c.Platforms() {
		if id := platform.Whole(line); id != "" {
			return platform.Network(), id
		}
	}
	return "", ""
}

// checkChannel names what is wrong with one channel of a line; "" is nothing.
func (c Config) checkChannel(line string) string {
	network, p := c.place(line)
	platform := c.Platform(network)
	switch {
	case p.Name == "":
		return fmt.Sprintf("names an empty channel: write one, such as \"#leads\", or one on each platform: %q", strings.Join(c.examples(), ", "))
	case network != "" && platform == nil:
		return fmt.Sprintf("%q is no platform: write %s", network, strings.Join(c.examples(), " or "))
	case network != "" && len(c.Enabled()) > 0 && !platform.Enabled():
		return fmt.Sprintf("%q is on %s, which is switched off", line, network)
	}
	if platform == nil {
		platform = c.Platforms()[0]
	}
	if why := platform.Misnamed(line); why != "" {
		return fmt.Sprintf("%q %s", line, why)
	}
	return ""
}

// examples is how channels are written, on each platform.
func (c Config) examples() (list []string) {
	for _, platform := range c.Platforms() {
		list = append(list, platform.Channel())
	}
	return list
}
