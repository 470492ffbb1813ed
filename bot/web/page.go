package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strconv"
	"time"

	"truce/bot/chat"
)

// viewer is the persona a page is made for.
type viewer struct {
	*Persona
	Loc *time.Location
}

func (a *Adapter) viewer(id string) *viewer {
	p := a.people[id]
	if p == nil {
		return nil
	}
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	return &viewer{Persona: p, Loc: loc}
}

// shown is how many messages of a place a page begins with.
const shown = 30

// pageOne is the story, the people, three things to try. Nothing of it changes while the program runs, so it is made once. It
// needs no script, and carries its style and its icon within itself.
func (a *Adapter) pageOne() (*asset, error) {
	type try struct {
		Try
		Who, And *Persona
		Link     string
	}
	data := struct {
		Story    Story
		Try      []try
		People   []*vPerson
		Commands []chat.CommandInfo
	}{Story: a.cfg.Story, Commands: a.cat.Commands}
	for _, t := range a.cfg.Story.Try {
		p := a.people[t.Persona]
		if p == nil {
			continue
		}
		one := try{Try: t, Who: p, And: a.people[t.Beside], Link: a.link(p.ID, t.Channel, t.Command)}
		if one.And != nil {
			one.Link = bothLink(one.Link, a.link(one.And.ID, t.BesideChannel, ""))
		}
		data.Try = append(data.Try, one)
	}
	for i := range a.cfg.Personas {
		p := &a.cfg.Personas[i]
		if p.Unlisted {
			continue
		}
		data.People = append(data.People, &vPerson{Persona: p, Face: a.face(p.ID), Link: "/as/" + p.ID + "/dm"})
	}
	var out bytes.Buffer
	if err := a.pages.ExecuteTemplate(&out, "start", data); err != nil {
		return nil, err
	}
	packed, err := pack(out.Bytes(), gzip.BestCompression)
	return &asset{body: out.Bytes(), packed: packed}, err
}

func (a *Adapter) start(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", a.assets.pageOne.Policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, a.one.body, a.one.packed)
}

// enter is where a persona's path begins.
func (a *Adapter) enter(w http.ResponseWriter, r *http.Request, v *viewer) {
	http.Redirect(w, r, "/as/"+v.ID+"/dm", http.StatusSeeOther)
}

// room is a conversation, with an open thread beside it where ?thread= names one.
func (a *Adapter) room(w http.ResponseWriter, r *http.Request, v *viewer) {
	place, c := "dm-"+v.ID, (*Channel)(nil)
	if id := r.PathValue("channel"); id != "" {
		if c = a.channel(id); c == nil || !c.has(v.ID) {
			http.NotFound(w, r)
			return
		}
		place = id
	}
	limit := shown
	if n, err := strconv.Atoi(r.URL.Query().Get("n")); err == nil && n > shown {
		limit = min(n, 5000)
	}
	p := a.newPage(v, place)
	p.Channel, p.Text = c, r.URL.Query().Get("text")
	unread, last := a.book.unread(v.ID, place), ""
	if unread > 0 {
		last = a.book.lastRead(v.ID, place)
	}
	content := a.book.page(v.ID, place, "", limit)
	p.Rev, p.Earlier, p.More = content.rev, content.earlier, limit*4
	p.Items = a.items(r.Context(), v, content, last)
	if id := r.URL.Query().Get("thread"); id != "" {
		thread := a.book.page(v.ID, place, id, 0)
		if len(thread.messages) > 0 && thread.messages[0].ID == id {
			p.Thread = &vThread{ID: id, Composer: vComposer{Place: place, Thread: id, Gesture: a.newKey()}}
			for _, m := range thread.messages {
				p.Thread.Messages = append(p.Thread.Messages, a.message(r.Context(), v, m, "t"))
			}
		}
	}
	p.Composer = vComposer{Place: place, Gesture: a.newKey(), Text: p.Text}
	a.markSeen(r.Context(), v, place)
	p.Nav = a.nav(v, place)
	a.show(w, r, "room", p)
}

// home is the persona's home page; opening it is an event, and its reply the page.
func (a *Adapter) home(w http.ResponseWriter, r *http.Request, v *viewer) {
	p := a.newPage(v, "home")
	ev := chat.Event{ID: prefix + v.ID + ":home-" + a.newKey(), Kind: chat.HomeOpened, User: v.Persona.user(), Place: a.place("dm-"+v.ID, ""),
		At: a.clock().UTC()}
	ctx := context.WithoutCancel(r.Context())
	reply, err := a.handler.Handle(ctx, ev)
	if err == nil && reply.Card != nil {
		err = a.book.setHome(ctx, v.ID, *reply.Card)
	}
	if err != nil {
		a.log.Error("web: home", "id", ev.ID, "err", err)
	}
	p.Home = a.homeView(v)
	_, p.Rev = a.book.since(1 << 62)
	a.show(w, r, "home", p)
}

func (a *Adapter) markSeen(ctx context.Context, v *viewer, place string) {
	if err := a.book.seen(context.WithoutCancel(ctx), v.ID, place); err != nil {
		a.log.Error("web: read mark", "persona", v.ID, "place", place, "err", err)
	}
}

// show sends a whole page.
func (a *Adapter) show(w http.ResponseWriter, r *http.Request, name string, data any) {
	var out bytes.Buffer
	if err := a.pages.ExecuteTemplate(&out, name, data); err != nil {
		a.log.Error("web: page", "name", name, "err", err)
		http.Error(w, "This page could not be made. The log says why.", http.StatusInternalServerError)
		return
	}
	var packed []byte
	if takesGzip(r) {
		packed, _ = pack(out.Bytes(), gzip.BestSpeed) // writing to memory does not fail; unpacked would do as well
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, out.Bytes(), packed)
}
