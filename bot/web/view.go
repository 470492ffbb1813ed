package web

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"truce/bot/chat"
)

// This file makes what the templates draw: pages, messages, forms. Cards are in card.go, charts in chart.go.

// vPage is a page of the workspace.
type vPage struct {
	V         *viewer
	Place     string // local place, or "home"
	Channel   *Channel
	Nav       []vNav
	People    []*vPerson
	Items     []vItem
	Earlier   bool
	More      int
	Rev       int64
	Thread    *vThread
	Home      *vHome
	Composer  vComposer
	Text      string
	Me        vFace
	Commands  []chat.CommandInfo
	Shortcuts []chat.ShortcutInfo // on a message
	Globals   []chat.ShortcutInfo // from anywhere
	Advance   bool
	Gesture   string
}

type vNav struct {
	Link, Name, Kind string // Kind: home, dm, channel, private
	Here             bool
	Unread           int
}

type vFace struct {
	Initials string
	Tint     int
	Bot      bool
}

type vPerson struct {
	*Persona
	Face vFace
	Link string
	Both string // the viewer's page and theirs side by side
	Here bool
}

// vItem is a message, or what stands between two: a new day, the line above what is new.
type vItem struct {
	Message *vMessage
	ID, K   string
	Day     string
	New     bool
}

type vTime struct{ ISO, Text, Title string }

type vMessage struct {
	DOM, K, ID, Place string
	Author            string
	Face              vFace
	When              vTime
	Edited            *vTime
	Only              string // why only the reader sees it; "" is for all
	Asked, Text       string
	Card              *vCard
	Replies           int
	Last              vTime
	ThreadLink        string
	InThread, AtHome  bool
	MentionsMe        bool
	Label             string
}

type vThread struct {
	ID       string
	Messages []*vMessage
	Composer vComposer
}

type vComposer struct{ Place, Thread, Gesture, Text string }

type vHome struct {
	Card *vCard
	Form vFormRef
}

// vFormRef is what every form on the page carries so that the gesture finds its place.
type vFormRef struct {
	As, Place, Thread, Message, Gesture string
	AtHome                              bool
}

func (a *Adapter) newPage(v *viewer, place string) *vPage {
	p := &vPage{V: v, Place: place, Commands: a.cat.Commands, Advance: a.cfg.Advance != nil, Me: a.face(v.ID), Gesture: a.newKey(),
		Nav: a.nav(v, place)}
	for _, s := range a.cat.Shortcuts {
		if s.Global {
			p.Globals = append(p.Globals, s)
		} else {
			p.Shortcuts = append(p.Shortcuts, s)
		}
	}
	for i := range a.cfg.Personas {
		o := &a.cfg.Personas[i]
		if o.Unlisted && o.ID != v.ID {
			continue
		}
		link := a.same(o.ID, place)
		p.People = append(p.People, &vPerson{Persona: o, Face: a.face(o.ID), Link: link, Both: bothLink(a.same(v.ID, place), link),
			Here: o.ID == v.ID})
	}
	return p
}

// same is the path to a place as somebody else; to their messages with Truce where they cannot enter it.
func (a *Adapter) same(persona, place string) string {
	if place == "home" {
		return "/as/" + persona + "/home"
	}
	return a.link(persona, place, "")
}

func (a *Adapter) nav(v *viewer, place string) []vNav {
	out := []vNav{
		{Link: "/as/" + v.ID + "/home", Name: "Home", Kind: "home", Here: place == "home"},
		{Link: "/as/" + v.ID + "/dm", Name: "Truce", Kind: "dm", Here: place == "dm-"+v.ID, Unread: a.book.unread(v.ID, "dm-"+v.ID)},
	}
	for _, c := range a.cfg.Channels {
		if !c.has(v.ID) {
			continue
		}
		kind := "channel"
		if c.Private {
			kind = "private"
		}
		out = append(out, vNav{Link: "/as/" + v.ID + "/c/" + c.ID, Name: c.Name, Kind: kind, Here: place == c.ID,
			Unread: a.book.unread(v.ID, c.ID)})
	}
	return out
}

// link is the path to a place as a persona, with text ready in the composer.
func (a *Adapter) link(persona, channel, text string) string {
	path := "/as/" + persona + "/dm"
	if c := a.channel(channel); c != nil && c.has(persona) {
		path = "/as/" + persona + "/c/" + channel
	}
	if text != "" {
		path += "?" + url.Values{"text": {text}}.Encode()
	}
	return path
}

// face is the small square beside a name: initials on a tint that follows from the id.
func (a *Adapter) face(id string) vFace {
	if id == bot {
		return vFace{Bot: true}
	}
	f := vFace{Initials: "?"}
	if p := a.people[id]; p != nil {
		f.Initials = ""
		for _, w := range strings.Fields(p.Name) {
			r, _ := utf8.DecodeRuneInString(w)
			if f.Initials = f.Initials + strings.ToUpper(string(r)); utf8.RuneCountInString(f.Initials) == 2 {
				break
			}
		}
		for i := range a.cfg.Personas {
			if a.cfg.Personas[i].ID == id {
				f.Tint = i % 8
			}
		}
		return f
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	f.Tint = int(h.Sum32() % 8)
	return f
}

func moment(v *viewer, t time.Time) vTime {
	l := t.In(v.Loc)
	return vTime{ISO: l.Format(time.RFC3339), Text: l.Format("15:04"), Title: l.Format("Monday 2 January 2006 15:04:05 MST")}
}

// momentAndDay is a moment where no line says which day it is of.
func (a *Adapter) momentAndDay(v *viewer, t time.Time) vTime {
	m, l := moment(v, t), t.In(v.Loc)
	if l.Format(time.DateOnly) != a.clock().In(v.Loc).Format(time.DateOnly) {
		m.Text = l.Format("Mon 2 Jan 15:04")
	}
	return m
}

// items puts the messages of a place in order, with a line before each day and above what is new since last.
func (a *Adapter) items(ctx context.Context, v *viewer, content page, last string) []vItem {
	var out []vItem
	day, marked := "", last == ""
	for _, m := range content.messages {
		if d := a.day(v, m.At); d != day {
			day = d
			out = append(out, vItem{ID: "day-" + m.ID, K: m.ID, Day: d})
		}
		if !marked && m.ID > last && m.Author != v.ID {
			marked = true
			out = append(out, vItem{ID: "new-" + m.ID, K: m.ID, New: true})
		}
		vm := a.message(ctx, v, m, "m")
		a.withReplies(v, vm, content)
		out = append(out, vItem{Message: vm})
	}
	return out
}

func (a *Adapter) withReplies(v *viewer, vm *vMessage, content page) {
	if vm.Replies = content.replies[vm.ID]; vm.Replies > 0 {
		vm.Last = a.momentAndDay(v, content.last[vm.ID].At)
	}
}

// day names the day of a moment as the viewer would.
func (a *Adapter) day(v *viewer, t time.Time) string {
	l, now := t.In(v.Loc), a.clock().In(v.Loc)
	switch l.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return "Today"
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return "Yesterday"
	}
	if l.Year() == now.Year() {
		return l.Format("Monday 2 January")
	}
	return l.Format("Monday 2 January 2006")
}

// message is a message as its viewer sees it. where is "m" in the conversation, "t" in a thread's panel, "a" on the home
// page: the same message can stand on a page twice.
func (a *Adapter) message(ctx context.Context, v *viewer, m *message, where string) *vMessage {
	vm := &vMessage{DOM: where + "-" + m.ID, K: m.ID, ID: m.ID, Place: m.Place, Face: a.face(m.Author), When: moment(v, m.At), Asked: m.Asked,
		Text: m.Text, InThread: where == "t"}
	if vm.InThread {
		vm.When = a.momentAndDay(v, m.At)
	}
	vm.Author = "Truce"
	if p := a.people[m.Author]; p != nil {
		vm.Author = p.Name
	}
	if !m.Edited.IsZero() {
		t := moment(v, m.Edited)
		vm.Edited = &t
	}
	channel := a.channel(m.Place)
	if m.Only != "" && channel != nil {
		vm.Only = "Only visible to you"
		if m.Card != nil && m.Card.Private != "" {
			vm.Only = m.Card.Private
		}
	}
	base := "/as/" + v.ID + "/dm"
	if channel != nil {
		base = "/as/" + v.ID + "/c/" + m.Place
	}
	root := m.ID
	if m.Thread != "" {
		root = m.Thread
	}
	vm.ThreadLink = base + "?thread=" + root
	vm.Label = vm.Author + ", " + vm.When.Text
	if m.Card != nil {
		card := a.ownCard(ctx, v, m)
		vm.Card = a.card(v, card, vFormRef{As: v.ID, Place: m.Place, Thread: m.Thread, Message: m.ID, AtHome: where == "a"})
		vm.MentionsMe = mentions(card, prefix+v.ID)
	}
	return vm
}

// writeMessages writes messages into the conversation and the thread's panel of a page, each in its place by ID.
func (a *Adapter) writeMessages(ctx context.Context, out *bytes.Buffer, v *viewer, msgs []*message, place, thread string) {
	ids, roots := map[string]bool{}, map[string]*message{}
	for _, m := range msgs {
		ids[m.ID] = true
		root := m
		if m.Thread != "" {
			root = a.book.message(m.Thread)
		}
		if root != nil && root.Place == place && root.seenBy(v.ID) {
			roots[root.ID] = root
		}
	}
	content := a.book.page(v.ID, place, "", 0)
	days := map[string]string{}
	for i, m := range content.messages {
		if d := a.day(v, m.At); i == 0 || d != a.day(v, content.messages[i-1].At) {
			days[m.ID] = d
		}
	}
	order := make([]string, 0, len(roots))
	for id := range roots {
		order = append(order, id)
	}
	sort.Strings(order)
	var items []vItem
	for _, id := range order {
		if d := days[id]; d != "" && ids[id] {
			items = append(items, vItem{ID: "day-" + id, K: id, Day: d})
		}
		vm := a.message(ctx, v, roots[id], "m")
		a.withReplies(v, vm, content)
		items = append(items, vItem{Message: vm})
	}
	if len(items) > 0 {
		a.partial(out, `#log[data-place="`+place+`"]`, "log", "items", items)
	}
	if thread == "" {
		return
	}
	items = nil
	for _, m := range msgs {
		if m.Place == place && m.seenBy(v.ID) && (m.Thread == thread || m.ID == thread) {
			items = append(items, vItem{Message: a.message(ctx, v, m, "t")})
		}
	}
	if len(items) > 0 {
		a.partial(out, `#thread-log[data-thread="`+thread+`"]`, "log", "items", items)
	}
}

func (a *Adapter) homeView(v *viewer) *vHome {
	h := &vHome{}
	if c := a.book.home(v.ID); c != nil {
		h.Card = a.card(v, c, vFormRef{As: v.ID, Place: "dm-" + v.ID, AtHome: true})
	}
	return h
}

// vDialog is a form as a dialog.
type vDialog struct {
	chat.Form
	Ref    vFormRef
	Intro  template.HTML
	Fields []vField
	Names  []string
}

type vField struct {
	chat.Field
	DOM, Fault string
	Groups     []vGroup
	Shown      string // of a Search field: the label of its value
	Length     int
	First      bool
	Rows       int
	Asks       bool // takes an answer
}

// Has reports whether a value is among those chosen in a field that takes several.
func (f vField) Has(value string) bool { return slices.Contains(chat.Apart(f.Value), value) }

type vGroup struct {
	Name    string
	Options []chat.Option
}

func (g *gesture) dialog(f chat.Form, ev chat.Event) *vDialog {
	d := &vDialog{Form: f, Intro: spans(g.v, f.Intro), Ref: vFormRef{As: g.v.ID, Place: g.place, Thread: g.thread, Message: ev.Source.ID,
		Gesture: g.a.newKey(), AtHome: g.atHome}}
	for _, field := range f.Fields {
		if field.Kind != chat.ReadOnly {
			d.Names = append(d.Names, field.Name)
		}
	}
	first := true
	for i, field := range f.Fields {
		vf := vField{Field: field, DOM: fmt.Sprintf("field-%d", i), Length: 3000, Asks: field.Kind != chat.ReadOnly,
			Groups: groups(field.Options)}
		if field.Max > 0 {
			vf.Length = field.Max
		}
		if vf.Asks {
			vf.Fault = faultID(d.Names, field.Name)
			vf.First, first = first, false
		}
		vf.Shown = field.Value
		for _, o := range field.Options {
			if o.Value == field.Value {
				vf.Shown = o.Label
			}
		}
		d.Fields = append(d.Fields, vf)
	}
	return d
}

// groups puts options of a group together, in the order in which the groups appear.
func groups(options []chat.Option) []vGroup {
	var out []vGroup
	at := map[string]int{}
	for _, o := range options {
		i, ok := at[o.Group]
		if !ok {
			i = len(out)
			at[o.Group] = i
			out = append(out, vGroup{Name: o.Group})
		}
		out[i].Options = append(out[i].Options, o)
	}
	return out
}

func (a *Adapter) render(out *bytes.Buffer, name string, data any) {
	if err := a.pages.ExecuteTemplate(out, name, data); err != nil {
		a.log.Error("web: fragment", "name", name, "err", err)
	}
}

// partial writes a fragment that htmx puts where target says, in the way swap says.
func (a *Adapter) partial(out *bytes.Buffer, target, swap, name string, data any) {
	var body bytes.Buffer
	a.render(&body, name, data)
	fmt.Fprintf(out, `<hx-partial hx-target="%s" hx-swap="%s">`, template.HTMLEscapeString(target), swap)
	out.Write(bytes.TrimSpace(body.Bytes()))
	out.WriteString("</hx-partial>\n")
}
