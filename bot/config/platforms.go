package config

import (
	"reflect"
	"strings"

	"truce/bot/chat"
)

// Platforms are the chat platforms there are: the sections that are one, in their order. The first that is switched on is that of
// names which say none.
func (c Config) Platforms() (list []chat.Platform) {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if platform, ok := v.Field(i).Interface().(chat.Platform); ok {
			list = append(list, platform)
		}
	}
	return list
}

// Enabled are the platforms that are switched on.
func (c Config) Enabled() (list []chat.Platform) {
	for _, platform := range c.Platforms() {
		if platform.Enabled() {
			list = append(list, platform)
		}
	}
	return list
}

// Platform is the platform of a network; nil where there is none.
func (c Config) Platform(network string) chat.Platform {
	for _, platform := range c.Platforms() {
		if platform.Network() == network {
			return platform
		}
	}
	return nil
}

// checkGroups finds what keeps roles from coming of user groups.
func (c Config) checkGroups(f *faultList) {
	if len(c.Roles.Groups()) == 0 {
		return
	}
	var have []string
	on := false
	for _, platform := range c.Platforms() {
		grouped, ok := platform.(chat.Grouped)
		if !ok {
			continue
		}
		have = append(have, platform.Name())
		if !platform.Enabled() {
			continue
		}
		on = true
		if key, text := grouped.GroupsOff(); key != "" {
			f.add(key, "%s", text)
		}
	}
	if !on && len(c.Enabled()) > 0 {
		who := strings.Join(have, " and ")
		f.add("roles", "name user groups, which only %s has, and %s is off: name the people by e-mail", who, who)
	}
}
