package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// platform is an adapter that keeps what it is sent, with faults put in by the test.
type platform struct {
	name  string
	looks bool // it finds a message by its key, as Slack can; else a repetition stands there twice, and says so

	mu    sync.Mutex
	posts []post
	n     int
	fault func(m chat.Outgoing) fault // what goes wrong with a send; nil is nothing
}

// fault is what goes wrong: the error, and whether the message came through all the same.
type fault struct {
	err  error
	came bool
}

// post is a message that stands somewhere.
type post struct {
	place, thread, key, text string
	id                       string
	edits                    int
	again                    bool // it said that it may be a repetition
}

func (p *platform) Name() string                                  { return p.name }
func (p *platform) Run(ctx context.Context, _ chat.Handler) error { <-ctx.Done(); return nil }

// troubled is a fault of one trouble.
func troubled(t chat.Trouble, came bool) fault {
	return fault{&chat.SendError{Trouble: t, Remedy: "Mend it.", Err: errors.New("a fault of the test")}, came}
}

func (p *platform) Send(_ context.Context, m chat.Outgoing) (chat.Ref, error) {
	p.mu.Lock()
	goesWrong := p.fault
	p.mu.Unlock()
	var f fault
	if goesWrong != nil {
		f = goesWrong(m)
	}
	if f.err != nil && !f.came {
		return chat.Ref{}, f.err
	}
	ref := p.stand(m)
	return ref, f.err
}

func (p *platform) stand(m chat.Outgoing) chat.Ref {
	p.mu.Lock()
	defer p.mu.Unlock()
	place := m.To
	if place.ID == "" {
		place.ID = "dm-" + m.To.User
	}
	for i := range p.posts {
		q := &p.posts[i]
		switch {
		case !m.Edit.IsZero() && q.id == m.Edit.ID:
			q.text, q.edits = m.Card.Summary, q.edits+1
			return m.Edit
		case m.Edit.IsZero() && m.Again && p.looks && q.key == m.Key:
			return chat.Ref{Place: place, ID: q.id}
		}
	}
	p.n++
	q := post{place: place.ID, thread: place.Thread, key: m.Key, text: m.Card.Summary, id: fmt.Sprintf("%s%d", p.name, p.n), again: m.Again}
	p.posts = append(p.posts, q)
	return chat.Ref{Place: place, ID: q.id}
}

// goWrong sets what goes wrong from now on.
func (p *platform) goWrong(f func(m chat.Outgoing) fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// once goes wrong once, in this way.
func (p *platform) once(f fault) {
	var done atomic.Bool // messages go out side by side
	p.goWrong(func(chat.Outgoing) fault {
		if done.Swap(true) {
			return fault{}
		}
		return f
	})
}

// in are the messages that stand in a place; "" takes all.
func (p *platform) in(place string) []post {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []post
	for _, q := range p.posts {
		if place == "" || q.place == place {
			list = append(list, q)
		}
	}
	return list
}

// texts are what stands in a place, in the order in which it came.
func (p *platform) texts(place string) string {
	s := ""
	for _, q := range p.in(place) {
		s += q.text + "|"
	}
	return s
}

// office is a store with people, an outbox, and two platforms.
type office struct {
	*testing.T
	path     string
	mu       sync.Mutex
	now      time.Time
	store    *storage.Store
	a, b     *platform
	delivery *Delivery
	channels map[string][]chat.Place
}

// Ann is on both platforms, seen on a last; Bea on a; Cem on none; Dan is an admin on a. The channel "disputes" is on a.
func newDelivery(t *testing.T) *office {
	o := &office{T: t, path: filepath.Join(t.TempDir(), "truce.db"), now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
		a: &platform{name: "a", looks: true}, b: &platform{name: "b"},
		channels: map[string][]chat.Place{"disputes": {{ID: "a:t:disputes", Kind: chat.Channel, Name: "disputes"}}}}
	o.open()
	t.Cleanup(func() { o.store.Close() })
	o.write(func(tx *storage.Tx) error {
		for _, who := range []struct {
			name string
			on   []string
			role truce.Role
		}{{"Ann", []string{"b:t:ann", "a:t:ann"}, truce.Rep}, {"Bea", []string{"a:t:bea"}, truce.Marketer}, {"Cem", nil, truce.Rep},
			{"Dan", []string{"a:t:dan"}, truce.Admin}} {
			p, err := tx.AddPerson(truce.Person{Name: who.name, Email: who.name + "@example.com"})
			if err != nil {
				return err
			}
			if err := tx.GiveRole(p.ID, who.role, "config"); err != nil {
				return err
			}
			for _, u := range who.on {
				if err := tx.Identify(p.ID, u, who.name, "member"); err != nil {
					return err
				}
			}
		}
		return tx.SetMeta("thing", "v0")
	})
	return o
}

const ann, bea, cem, dan = "P-1", "P-2", "P-3", "P-4"

// open opens the store and makes a Delivery, as a start of the program does.
func (o *office) open() {
	o.Helper()
	var err error
	if o.store, err = storage.Open(o.Context(), o.path, o.clock, slog.New(slog.DiscardHandler)); err != nil {
		o.Fatal(err)
	}
	o.delivery = &Delivery{Store: o.store, Adapters: map[string]chat.Adapter{"a": o.a, "b": o.b}, Concerns: WhoIsConcerned,
		Log:     slog.New(slog.DiscardHandler),
		Channel: func(_ *storage.Tx, role string) ([]chat.Place, error) { return o.channels[role], nil },
		Subjects: map[storage.SubjectKind]Subject{"thing": func(tx *storage.Tx, id string) (chat.Card, error) {
			s, err := tx.Meta("thing")
			return chat.Card{Summary: id + " " + s}, err
		}}}
}

func (o *office) clock() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.now }

func (o *office) pass(d time.Duration) { o.mu.Lock(); o.now = o.now.Add(d); o.mu.Unlock() }

func (o *office) write(fn func(tx *storage.Tx) error) {
	o.Helper()
	if err := o.store.Update(context.Background(), fn); err != nil {
		o.Fatal(err)
	}
}

// say writes finished messages to a destination.
func (o *office) say(to storage.Dest, texts ...string) {
	o.Helper()
	o.write(func(tx *storage.Tx) error {
		for _, s := range texts {
			if err := tx.Send(message(to, s)); err != nil {
				return err
			}
		}
		return nil
	})
}

func message(to storage.Dest, text string) storage.Message {
	body, err := json.Marshal(chat.Card{Summary: text})
	if err != nil {
		panic(err) // a string is JSON
	}
	return storage.Message{Key: string(to) + " " + text, To: to, Body: body, Kind: storage.CaseMessage}
}

// change changes the thing that is said in one message, and has that shown in a destination.
func (o *office) change(to storage.Dest, state string) {
	o.Helper()
	o.write(func(tx *storage.Tx) error {
		if err := tx.SetMeta("thing", state); err != nil {
			return err
		}
		return tx.Send(storage.Message{To: to, Subject: "thing:T", Kind: storage.CaseMessage})
	})
}

// deliver delivers until nothing may leave any more.
func (o *office) deliver() {
	o.Helper()
	for range 100 {
		n, err := o.delivery.Once(context.Background())
		if err != nil {
			o.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	o.Fatal("delivery does not come to rest")
}

func (o *office) stored(to storage.Dest, text string) storage.Message {
	o.Helper()
	var m storage.Message
	if err := o.store.View(context.Background(), func(tx *storage.Tx) (err error) {
		m, err = tx.MessageByKey(string(to) + " " + text)
		return err
	}); err != nil {
		o.Fatal(err)
	}
	return m
}

// waiting is how many messages have neither left nor been given up.
func (o *office) waiting() (n int) {
	o.Helper()
	if err := o.store.View(context.Background(), func(tx *storage.Tx) error {
		list, err := tx.Waiting(tx.Now.AddDate(1, 0, 0), 1<<20)
		n = len(list)
		return err
	}); err != nil {
		o.Fatal(err)
	}
	return n
}
