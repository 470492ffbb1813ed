package config

import (
	"slices"
	"strings"

	"truce"
)

// GroupPrefix begins an entry of roles that names a user group instead of a person.
const GroupPrefix = "group:"

// ByGroup is which roles each configured user group gives.
func (c Roles) ByGroup() map[string][]truce.Role {
	m := map[string][]truce.Role{}
	for _, g := range c.ByRole() {
		for _, s := range g.Who {
			if handle, ok := strings.CutPrefix(s, GroupPrefix); ok {
				handle = strings.TrimPrefix(handle, "@")
				if !slices.Contains(m[handle], g.Role) {
					m[handle] = append(m[handle], g.Role)
				}
			}
		}
	}
	return m
}

// RoleList is who has a role: e-mail addresses, and user groups behind GroupPrefix.
type RoleList struct {
	Role truce.Role
	Who  []string
}

// ByRole is who has each role, as configured.
func (c Roles) ByRole() []RoleList {
	return []RoleList{{truce.Admin, c.Admins}, {truce.Rep, c.Reps}, {truce.Marketer, c.Marketers}, {truce.SalesManager, c.SalesManagers},
		{truce.MarketingManager, c.MarketingManagers}, {truce.Sponsor, c.Sponsor}}
}
