// Package web is the local workspace: the chat platform of the demo, a page in the browser that looks and feels like the
// chat tools people know. It is an adapter beside Slack and Teams and speaks the same neutral words (package chat).
//
// It knows no passwords: whoever can reach it can be any of its invented people, the person stands in the path
// (/as/ann/...), so that two tabs can be two people. That is why it answers only to loopback names and refuses what comes
// from another site; main listens on loopback only. All it shows is kept in a chat.Memory: a reload or a restart loses
// nothing. Its ids are "web:demo:ann" for people, "web:demo:lead-disputes" for channels, "web:demo:dm-ann" for the DM
// between Ann and Truce.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"truce"
	"truce/bot/chat"
)

// network is the adapter's name and tenant: the prefix of all its ids.
const (
	network = "web"
	prefix  = "web:demo:"
	bot     = "truce" // the author of what Truce says
)

// Persona is an invented person one can be in the workspace.
type Persona struct {
	ID    string // in paths and ids: "ann"
	Name  string // "Ann Keller"
	Title string // "Sales rep"
	Email string //
	Zone  string // IANA name; "" is UTC

	// Unlisted people work here like all others, but are not offered to be played.
	Unlisted bool
}

// Channel is a place several people see.
type Channel struct {
	ID      string // in paths and ids: "lead-disputes"; never beginning with "dm-"
	Name    string // as shown, without "#"; "" is the ID
	Topic   string
	Members []string // Persona.IDs; empty is everybody
	Private bool     // for show: a lock instead of "#"
}

// Story is what page one tells.
type Story struct {
	Title     string
	Sentences []string
	Try       []Try
	Note      string // small print: "The company and its figures are invented."
}

// Try is one thing to try: it opens the workspace as a person with the command written ready to send.
type Try struct {
	Text    string // "As a rep, log what a customer said"
	Persona string // Persona.ID
	Channel string // Channel.ID; "" is the DM with Truce
	Command string // "/objection they say we are too slow"

	Beside        string // another Persona.ID who is shown beside it; "" is nobody
	BesideChannel string // where they are: a Channel.ID; "" is their DM with Truce
}

// Config is what the workspace shows.
type Config struct {
	Personas []Persona
	Channels []Channel
	Story    Story
	Advance  func(d time.Duration) // moves the demo's clock on; nil shows no clock
}

// Adapter is the local workspace. See New.
type Adapter struct {
	cfg     Config
	cat     chat.Catalog
	clock   truce.Clock
	log     *slog.Logger
	book    *book
	pages   *template.Template
	assets  *assets
	one     *asset // page one
	people  map[string]*Persona
	turns   turns
	handler chat.Handler
	newKey  func() string // keys of gestures; a test makes them predictable

	stop    chan struct{} // closed when Run ends: the streams end with it
	stopped sync.Once
	streams sync.WaitGroup
}

var (
	_ chat.Adapter   = (*Adapter)(nil)
	_ chat.Mounter   = (*Adapter)(nil)
	_ chat.Homer     = (*Adapter)(nil)
	_ chat.Directory = (*Adapter)(nil)
	_ chat.Readier   = (*Adapter)(nil)
)

var idShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// New reads the history from mem. cat is what the composer completes and the message menu offers. clock is the demo's
// clock; log never sees what people wrote.
func New(cfg Config, cat chat.Catalog, mem chat.Memory, clock truce.Clock, log *slog.Logger) (*Adapter, error) {
	a := &Adapter{cfg: cfg, cat: cat, clock: clock, log: log, people: map[string]*Persona{}, stop: make(chan struct{}), newKey: randomKey}
	if len(cfg.Personas) == 0 {
		return nil, errors.New("web: no personas")
	}
	for i := range cfg.Personas {
		p := &cfg.Personas[i]
		if !idShape.MatchString(p.ID) || p.ID == bot || a.people[p.ID] != nil {
			return nil, fmt.Errorf("web: persona id %q is not usable or there twice", p.ID)
		}
		if _, err := time.LoadLocation(p.Zone); err != nil {
			return nil, fmt.Errorf("web: zone of persona %s: %w", p.ID, err)
		}
		a.people[p.ID] = p
	}
	for i, c := range cfg.Channels {
		if !idShape.MatchString(c.ID) || strings.HasPrefix(c.ID, "dm-") {
			return nil, fmt.Errorf("web: channel id %q is not usable", c.ID)
		}
		if c.Name == "" {
			cfg.Channels[i].Name = c.ID
		}
		for _, m := range c.Members {
			if a.people[m] == nil {
				return nil, fmt.Errorf("web: channel %s: no persona %q", c.ID, m)
			}
		}
	}
	var err error
	if a.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if a.pages, err = a.templates(); err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	if a.one, err = a.pageOne(); err != nil {
		return nil, fmt.Errorf("web: page one: %w", err)
	}
	if a.book, err = openBook(context.Background(), mem, clock); err != nil {
		return nil, fmt.Errorf("web: read the history: %w", err)
	}
	return a, nil
}

// Name is "web".
func (a *Adapter) Name() string { return network }

// Run waits until ctx ends, then ends the live streams.
func (a *Adapter) Run(ctx context.Context, _ chat.Handler) error {
	<-ctx.Done()
	a.stopped.Do(func() { close(a.stop) })
	a.streams.Wait()
	return nil
}

// Ready is nil once Mount has been called.
func (a *Adapter) Ready() error {
	if a.handler == nil {
		return errors.New("web: not mounted")
	}
	return nil
}

// LookUp knows the personas; all are full members.
func (a *Adapter) LookUp(_ context.Context, user string) (chat.User, error) {
	p := a.people[strings.TrimPrefix(user, prefix)]
	if p == nil || !strings.HasPrefix(user, prefix) {
		return chat.User{}, truce.Errorf(truce.NotFound, "There is nobody called %s in the local workspace.", user)
	}
	return p.user(), nil
}

// Mount adds the workspace's pages; h takes the events.
func (a *Adapter) Mount(mux *http.ServeMux, h chat.Handler) {
	a.handler = h
	handle := func(pattern string, fn http.HandlerFunc) { mux.Handle(pattern, Guard(fn)) }
	as := func(pattern string, fn func(http.ResponseWriter, *http.Request, *viewer)) {
		handle(pattern, func(w http.ResponseWriter, r *http.Request) {
			v := a.viewer(r.PathValue("persona"))
			if v == nil {
				http.NotFound(w, r)
				return
			}
			fn(w, r, v)
		})
	}
	handle("GET /{$}", a.start)
	handle("GET /static/{file}", a.assets.serve)
	handle("GET /favicon.ico", a.assets.icon)
	handle("GET /both", a.both)
	handle("POST /advance", a.advance)
	as("GET /as/{persona}", a.enter)
	as("GET /as/{persona}/home", a.home)
	as("GET /as/{persona}/dm", a.room)
	as("GET /as/{persona}/c/{channel}", a.room)
	as("GET /as/{persona}/stream", a.stream)
	as("GET /as/{persona}/suggest", a.suggest)
	as("GET /as/{persona}/find", a.find)
	as("POST /as/{persona}/say", a.say)
	as("POST /as/{persona}/act", a.act)
	as("POST /as/{persona}/form", a.form)
	as("POST /as/{persona}/shortcut", a.shortcut)
}

func (p *Persona) user() chat.User {
	return chat.User{ID: prefix + p.ID, Name: p.Name, Email: p.Email, Zone: p.Zone, Standing: chat.Member}
}

func (c *Channel) has(persona string) bool {
	if len(c.Members) == 0 {
		return true
	}
	for _, m := range c.Members {
		if m == persona {
			return true
		}
	}
	return false
}

// channel finds a channel by its local id.
func (a *Adapter) channel(id string) *Channel {
	for i := range a.cfg.Channels {
		if a.cfg.Channels[i].ID == id {
			return &a.cfg.Channels[i]
		}
	}
	return nil
}

// mayEnter reports whether the persona sees the place at all.
func (a *Adapter) mayEnter(persona, place string) bool {
	if place == "dm-"+persona {
		return true
	}
	c := a.channel(place)
	return c != nil && c.has(persona)
}

// place is the neutral form of a local place.
func (a *Adapter) place(id, thread string) chat.Place {
	p := chat.Place{ID: prefix + id, Kind: chat.DM, Name: "Truce", Thread: thread}
	if c := a.channel(id); c != nil {
		p.Kind, p.Name = chat.Channel, c.Name
	}
	return p
}

func randomKey() string {
	var b [12]byte
	rand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}
