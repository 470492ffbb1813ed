// Package demo is the invented company that the local workspace shows, Quillwater Assays: its people, what they have configured and
// the weeks that lie behind them.
package demo

import (
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/demo/quillwater"
	"truce/bot/web"
	"truce/handlers"
	"truce/storage"
)

// This file is the company: the people of Quillwater Assays and their channels. All of it is invented.

type person struct {
	id, name, title string
	role            truce.Role // "" is a member of the team who holds none
	manager         string
	played          bool // offered as one to be
}

var cast = []person{
	{"ann", "Ann Keller", "Sales rep", truce.Rep, "sam", true},
	{"ben", "Ben Ortiz", "Sales rep", truce.Rep, "sam", true},
	{"carla", "Carla Mendes", "Sales rep", truce.Rep, "sam", false},
	{"dev", "Dev Acharya", "Sales rep", truce.Rep, "sam", false},
	{"elif", "Elif Demir", "Sales rep", truce.Rep, "sam", false},
	{"finn", "Finn Larsson", "Sales rep", truce.Rep, "sam", false},
	{"grace", "Grace Adeyemi", "Sales rep", truce.Rep, "sam", false},
	{"hugo", "Hugo Bernard", "Sales rep", truce.Rep, "sam", false},
	{"mia", "Mia Tanaka", "Marketer", truce.Marketer, "mona", true},
	{"noor", "Noor Haddad", "Marketer, events", "", "mona", false},
	{"otto", "Otto Brandt", "Marketer, content", "", "mona", false},
	{"lucia", "Lucia Ferri", "Marketer, digital", "", "mona", false},
	{"sam", "Sam Okafor", "Sales manager", truce.SalesManager, "pat", true},
	{"mona", "Mona Lindqvist", "Marketing manager", truce.MarketingManager, "pat", true},
	{"pat", "Pat Rivera", "Chief revenue officer", truce.Sponsor, "", true},
}

// Members are the people with their roles.
func Members() []handlers.Member {
	var list []handlers.Member
	for _, p := range cast {
		m := handlers.Member{Email: p.id + quillwater.Domain, Name: p.name, Side: p.role.Side(), Users: []string{"web:demo:" + p.id},
			Roles: []truce.Role{p.role}}
		if p.role == "" { // all of these are in Marketing; Mia answers for it
			m.Side, m.Roles = truce.Marketing, nil
		}
		if p.id == "pat" {
			m.Roles = append(m.Roles, truce.Admin)
		}
		if p.manager != "" {
			m.Manager = p.manager + quillwater.Domain
		}
		list = append(list, m)
	}
	return list
}

// Personas are the people as the workspace offers them.
func Personas() []web.Persona {
	var list []web.Persona
	for _, p := range cast {
		list = append(list, web.Persona{ID: p.id, Name: p.name, Title: p.title, Email: p.id + quillwater.Domain, Unlisted: !p.played})
	}
	return list
}

// Places are the channels in which Truce speaks, by role.
func Places() map[string]chat.Place {
	places := map[string]chat.Place{}
	for role, name := range map[string]string{"disputes": "lead-disputes", "digests": "lead-feedback", "alignment": "alignment",
		"objections": "objections"} {
		places[role] = chat.Place{ID: "web:demo:" + name, Kind: chat.Channel, Name: name}
	}
	return places
}

// Channel finds them, as a delivery.Channel.
func Channel(_ *storage.Tx, role string) ([]chat.Place, error) {
	if p, ok := Places()[role]; ok {
		return []chat.Place{p}, nil
	}
	return nil, nil
}

// Channels are all channels of the workspace.
func Channels() []web.Channel {
	var marketing, managers []string
	for _, p := range cast {
		if p.role != truce.Rep {
			marketing = append(marketing, p.id)
		}
		if p.manager == "pat" || p.role == truce.Sponsor {
			managers = append(managers, p.id)
		}
	}
	var all []string
	for _, p := range cast {
		all = append(all, p.id)
	}
	return []web.Channel{
		{ID: "general", Name: "general", Topic: "Everybody at Quillwater Assays"},
		{ID: "objections", Name: "objections", Topic: "What buyers say, and what to say back"},
		{ID: "lead-disputes", Name: "lead-disputes", Topic: "One message per case", Private: true, Members: all},
		{ID: "lead-feedback", Name: "lead-feedback", Topic: "The weekly lead-feedback digest", Members: marketing},
		{ID: "alignment", Name: "alignment", Topic: "The weekly alignment summary", Private: true, Members: managers},
	}
}

// Config is what the company has configured: the demo reads no configuration.
func Config() config.Config {
	c := config.Default()
	c.Promises.LeadsPerQuarter, c.Promises.ICPShare = 580, 0.75
	return c
}

// Calendar is when the company works.
func Calendar() truce.Calendar { return truce.NewCalendar(time.UTC) }
