package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/handlers"
	"truce/storage"
)

// directory is a platform that may be silent.
type directory struct {
	mu    sync.Mutex
	says  map[string]chat.User
	err   error         // instead of an answer
	delay time.Duration // before one
	asked int
}

func (d *directory) LookUp(ctx context.Context, user string) (chat.User, error) {
	d.mu.Lock()
	d.asked++
	u, err, delay := d.says[user], d.err, d.delay
	d.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return chat.User{}, ctx.Err()
	}
	u.ID = user
	return u, err
}

func (d *directory) set(f func()) { d.mu.Lock(); defer d.mu.Unlock(); f() }

func (d *directory) count() int { d.mu.Lock(); defer d.mu.Unlock(); return d.asked }

var errSilent = errors.New("the platform does not answer")

// vouched is a store with an objection, an answer, a lead and a case of others, asked through a platform.
func vouched(t *testing.T, d *directory) (*handlers.Handlers, *storage.Store) {
	t.Helper()
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	h.Ask(map[string]chat.Directory{"test": d})
	t.Cleanup(func() { h.Close(); store.Close() })
	err := store.Update(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.UpsertLead(truce.Lead{ID: "Q1", MQLAt: tx.Now.Add(-time.Hour), HandedOffAt: tx.Now.Add(-time.Hour), Source: "Webinar",
			Company: "Secret Labs", Email: "buyer@secret.example"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{t: t, h: h}
	for _, ev := range []chat.Event{
		{Kind: chat.Command, Name: "objection", Text: "secret they are far too expensive for us"},
		{Kind: chat.Command, Name: "field", Text: "secret thing that resonates"},
		{Kind: chat.Command, Name: "dispute", Text: "Q1 outside ICP: a secret reason"},
	} {
		ev.User = ann
		c.do(ev)
	}
	return h, store
}

const gusID = "test:t:gus"

// everything is each thing that can be typed, pressed, sent, used or searched for, made of the handlers' own list: what is added
// later is in it too. Of what somebody tells, kept says that it is stored of somebody unknown.
func everything(h *handlers.Handlers) (list []chat.Event) {
	add := func(k chat.Kind, name, text string) {
		list = append(list, chat.Event{Kind: k, Name: name, Text: text, Arg: text,
			Values: map[string]string{"text": "something they told us about it"}})
	}
	for _, c := range h.Commands() {
		add(chat.Command, c.Name, "")
		add(chat.Command, c.Name, "something that nobody has said before")
		for _, example := range c.Examples {
			name, text, _ := strings.Cut(example, " ")
			add(chat.Command, name, text)
			add(chat.Message, "", example)
		}
		for _, use := range strings.Split(c.Usage, " | ") {
			add(chat.Command, c.Name, strings.ToLower(use))
		}
		for name := range c.Actions {
			add(chat.Action, name, "D-1")
		}
		for name := range c.Looks {
			add(chat.Action, name, "D-1")
		}
		for name := range c.Forms {
			add(chat.Submit, name, "D-1")
		}
		for _, s := range c.Shortcuts {
			add(chat.Shortcut, s.Name, "")
			list = append(list, chat.Event{Kind: chat.Shortcut, Name: s.Name, Quoted: &chat.Quoted{Text: "something they told us about it"}})
		}
		for name := range c.Suggest {
			add(chat.Suggest, name, "secret")
			add(chat.Suggest, name, "")
		}
		for name := range c.Picks {
			add(chat.Pick, name, "A-1")
		}
		for name := range c.Own {
			add(chat.Look, name, "D-1")
		}
	}
	add(chat.Message, "", "something that nobody has said before")
	add(chat.HomeOpened, "", "")
	add(chat.Dismiss, "objection", "")
	return list
}

// shown is all that a reply shows.
func shown(r chat.Reply) string {
	s := ""
	if r.Card != nil {
		s = r.Card.Summary + "\n" + chat.PlainText(*r.Card, 100)
	}
	if r.Form != nil {
		s += fmt.Sprintf("form %+v", *r.Form)
	}
	for _, f := range r.Faults {
		s += f.Text + "\n"
	}
	for _, o := range r.Options {
		s += "option " + o.Label + o.Hint
	}
	return s
}

// TestUnknownIsNotAMember: whatever is typed, pressed, sent or searched for by somebody whom no platform vouches for shows nothing of
// others and changes nothing of others; what they tell is kept.
func TestUnknownIsNotAMember(t *testing.T) {
	for standing, says := range map[string]struct {
		user chat.Standing
		err  error
		want []string // the only things that are said
	}{
		"unknown": {chat.Unknown, errSilent, []string{cards.NotYet, "Stored. I cannot see yet", "What you can type", "/"}},
		"guest":   {chat.Guest, nil, []string{"full members of this workspace only"}},
		"outside": {chat.Outside, nil, []string{"full members of this workspace only"}},
		"left":    {chat.Unknown, fmt.Errorf("gone: %w", chat.ErrDeactivated), []string{"full members of this workspace only"}},
	} {
		t.Run(standing, func(t *testing.T) {
			d := &directory{says: map[string]chat.User{gusID: {Name: "Gus", Standing: says.user}}, err: says.err}
			h, store := vouched(t, d)
			before := records(t, store)
			kept := 0
			for i, ev := range everything(h) {
				ev.ID, ev.User = fmt.Sprintf("gus:%d", i), chat.User{ID: gusID}
				r, err := h.Handle(t.Context(), ev)
				if err != nil {
					t.Fatalf("%s %s %q: %v", ev.Kind, ev.Name, ev.Text, err)
				}
				said := shown(r)
				if strings.Contains(strings.ToLower(said), "secret") && !strings.Contains(ev.Text, "secret") || len(r.Options) > 0 || r.Form != nil {
					t.Errorf("%s %s %q shows %s", ev.Kind, ev.Name, ev.Text, said)
				}
				fine := said == "" && (ev.Kind == chat.Look || ev.Kind == chat.Dismiss)
				for _, w := range says.want {
					fine = fine || strings.Contains(said, w)
				}
				if !fine {
					t.Errorf("%s %s %q says %q", ev.Kind, ev.Name, ev.Text, said)
				}
				if strings.HasPrefix(said, "Stored.") {
					kept++
				}
			}
			after := records(t, store)
			if standing == "unknown" {
				if told := after["objections"] - before["objections"] + after["notes"] - before["notes"]; kept == 0 || told != kept {
					t.Errorf("%d things were told, %d are stored", kept, told)
				}
				delete(before, "objections")
				delete(before, "notes")
			}
			for kind, n := range before {
				if after[kind] != n {
					t.Errorf("of %s there are %d, there were %d", kind, after[kind], n)
				}
			}
		})
	}
}

// records counts what others have.
func records(t *testing.T, store *storage.Store) map[string]int {
	t.Helper()
	n := map[string]int{}
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			held, err := tx.CountHeld(p.ID)
			if err != nil {
				return err
			}
			n["objections"] += held["objections"]
			n["notes"] += held["field notes"]
			for _, kind := range []string{"disputes", "dispute answers", "rulings", "ratings", "verdicts", "votes on answers", "roles", "answers"} {
				n[kind] += held[kind]
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWhoeverWasVouchedForIsAnsweredAtOnce: by what the platform said last, whatever it says now, also after a restart; a guest stays one.
func TestWhoeverWasVouchedForIsAnsweredAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	d := &directory{says: map[string]chat.User{
		"test:t:mia": {Name: "Mia", Email: "mia@example.com", Standing: chat.Member}, gusID: {Name: "Gus", Standing: chat.Guest}}}
	h, store := open(t, path)
	h.Ask(map[string]chat.Directory{"test": d})
	ask := func(id, user string) string {
		t.Helper()
		r, err := h.Handle(t.Context(), chat.Event{ID: id, Kind: chat.Command, Name: "objection", Text: "top", User: chat.User{ID: user}})
		if err != nil {
			t.Fatal(err)
		}
		return shown(r)
	}
	if said := ask("1", "test:t:mia"); strings.Contains(said, "full member") {
		t.Errorf("Mia is told %s", said)
	}
	if said := ask("2", gusID); !strings.Contains(said, "full members of this workspace only") {
		t.Errorf("Gus is told %s", said)
	}
	h.Close()
	store.Close()

	h, store = open(t, path)
	defer store.Close()
	defer h.Close()
	h.Ask(map[string]chat.Directory{"test": d})
	d.set(func() { d.err, d.delay, d.asked = errSilent, time.Hour, 0 })
	start := time.Now()
	for i := range 50 {
		if said := ask(fmt.Sprint("mia", i), "test:t:mia"); strings.Contains(said, "full member") {
			t.Fatalf("after a restart Mia is told %s", said)
		}
		if said := ask(fmt.Sprint("gus", i), gusID); !strings.Contains(said, "full members of this workspace only") {
			t.Fatalf("after a restart Gus is told %s", said)
		}
	}
	if n := d.count(); n != 0 || time.Since(start) > 5*time.Second {
		t.Errorf("the platform was asked %d times for people it spoke of, in %v", n, time.Since(start))
	}

	// It tells of itself: that holds from then on.
	tell := func(id, user string, s chat.Standing) {
		if _, err := h.Handle(t.Context(), chat.Event{ID: id, Kind: chat.Told, User: chat.User{ID: user, Standing: s}}); err != nil {
			t.Fatal(err)
		}
	}
	tell("t1", "test:t:mia", chat.Guest)
	if said := ask("3", "test:t:mia"); !strings.Contains(said, "full members of this workspace only") {
		t.Errorf("Mia is a guest now, and is told %s", said)
	}
	tell("t2", "test:t:mia", chat.Member)
	if said := ask("4", "test:t:mia"); strings.Contains(said, "full member") {
		t.Errorf("Mia is a member again, and is told %s", said)
	}
}

// TestTheAnswerThatComesLateCounts: who was put off because the platform was slow is let in once it has spoken, and by then is joined to
// the role that the configuration gives.
func TestTheAnswerThatComesLateCounts(t *testing.T) {
	d := &directory{delay: 2 * time.Second, says: map[string]chat.User{"test:t:mia": {Name: "Mia", Email: "mia@example.com",
		Standing: chat.Member}}}
	h, store := vouched(t, d)
	if err := handlers.SetRoster(t.Context(), store, "config",
		[]handlers.Member{{Email: "mia@example.com", Roles: []truce.Role{truce.Admin}}}); err != nil {
		t.Fatal(err)
	}
	ask := func(id, text string) string {
		t.Helper()
		r, err := h.Handle(t.Context(), chat.Event{ID: id, Kind: chat.Command, Name: "truce", Text: text, User: chat.User{ID: "test:t:mia"}})
		if err != nil {
			t.Fatal(err)
		}
		return shown(r)
	}
	start := time.Now()
	if said := ask("1", "roles"); !strings.Contains(said, cards.NotYet) || strings.Contains(said, "Ask") ||
		time.Since(start) > 1900*time.Millisecond {
		t.Errorf("she is told %s after %v", said, time.Since(start))
	}
	h.Handle(t.Context(), chat.Event{ID: "2", Kind: chat.HomeOpened, User: chat.User{ID: "test:t:mia"}}) // waits the rest
	if said := ask("3", "roles"); !strings.Contains(said, "Mia") {
		t.Errorf("afterwards she is told %s", said)
	}
	if n := d.count(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}
