package main

import (
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/web"
	"truce/handlers"
	"truce/storage"
)

// This file is the demo's company: Quillwater Assays, its people and channels. All of it is invented.

type demoPerson struct {
	id, name, title string
	role            truce.Role
	manager         string
}

var demoCast = []demoPerson{
	{"ann", "Ann Keller", "Sales rep", truce.Rep, "sam"},
	{"ben", "Ben Ortiz", "Sales rep", truce.Rep, "sam"},
	{"mia", "Mia Tanaka", "Marketer", truce.Marketer, "mona"},
	{"sam", "Sam Okafor", "Sales manager", truce.SalesManager, "pat"},
	{"mona", "Mona Lindqvist", "Marketing manager", truce.MarketingManager, "pat"},
	{"pat", "Pat Rivera", "Chief revenue officer", truce.Sponsor, ""},
}

const demoDomain = "@quillwater.example"

func demoRoster() []handlers.Member {
	var list []handlers.Member
	for _, p := range demoCast {
		m := handlers.Member{Email: p.id + demoDomain, Name: p.name, Side: p.role.Side(), Users: []string{"web:demo:" + p.id}, Roles: []truce.Role{p.role}}
		if p.id == "pat" {
			m.Roles = append(m.Roles, truce.Admin)
		}
		if p.manager != "" {
			m.Manager = p.manager + demoDomain
		}
		list = append(list, m)
	}
	return list
}

func demoPlaces() map[string]chat.Place {
	places := map[string]chat.Place{}
	for role, name := range map[string]string{"disputes": "lead-disputes", "digests": "lead-feedback", "alignment": "alignment", "objections": "objections"} {
		places[role] = chat.Place{ID: "web:demo:" + name, Kind: chat.Channel, Name: name}
	}
	return places
}

func demoChannel(_ *storage.Tx, role string) (chat.Place, bool, error) {
	p, ok := demoPlaces()[role]
	return p, ok, nil
}

func demoWorkspace(advance func(time.Duration)) web.Config {
	cfg := web.Config{Advance: advance, Channels: []web.Channel{
		{ID: "general", Name: "general", Topic: "Everybody at Quillwater Assays"},
		{ID: "objections", Name: "objections", Topic: "What buyers say, and what to say back"},
		{ID: "lead-disputes", Name: "lead-disputes", Topic: "One message per case", Private: true, Members: []string{"ann", "ben", "mia", "sam", "mona", "pat"}},
		{ID: "lead-feedback", Name: "lead-feedback", Topic: "The weekly lead-feedback digest", Members: []string{"mia", "mona", "sam", "pat"}},
		{ID: "alignment", Name: "alignment", Topic: "The weekly alignment summary", Private: true, Members: []string{"sam", "mona", "pat"}},
	}}
	for _, p := range demoCast {
		cfg.Personas = append(cfg.Personas, web.Persona{ID: p.id, Name: p.name, Title: p.title, Email: p.id + demoDomain})
	}
	return cfg
}
