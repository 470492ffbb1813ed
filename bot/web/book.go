package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"truce"
	"truce/bot/chat"
)

// message is one entry of a conversation. A stored one is never changed in place: an edit stores a copy with a new Rev.
type message struct {
	ID     string     `json:"id"`               // sorts in the order of writing
	Place  string     `json:"place"`            // "lead-disputes", "dm-ann"
	Thread string     `json:"thread,omitempty"` // the ID of the message it answers
	Author string     `json:"author"`           // a Persona.ID, or bot
	Only   string     `json:"only,omitempty"`   // the one persona who sees it
	Asked  string     `json:"asked,omitempty"`  // the command typed, above its private answer
	Text   string     `json:"text,omitempty"`   // what a person wrote
	Card   *chat.Card `json:"card,omitempty"`   // what Truce says
	At     time.Time  `json:"at"`
	Edited time.Time  `json:"edited,omitzero"`
	Key    string     `json:"key,omitempty"` // what made it; the same key makes no second one
	Rev    int64      `json:"rev"`           // of the book, when it was last changed
}

func (m *message) seenBy(persona string) bool { return m.Only == "" || m.Only == persona }

type change struct {
	rev int64
	id  string
}

// book holds all conversations, in memory and in the chat.Memory behind it: what it returns has been stored.
type book struct {
	mem   chat.Memory
	clock truce.Clock
	hub   hub

	mu      sync.Mutex
	rev     int64
	byID    map[string]*message
	byKey   map[string]string
	places  map[string][]*message // in the order of ID
	changes []change              // in the order of rev
	read    map[string]string     // "ann/lead-disputes" -> the ID of the last message seen
	homes   map[string]*chat.Card // by persona
}

func openBook(ctx context.Context, mem chat.Memory, clock truce.Clock) (*book, error) {
	b := &book{mem: mem, clock: clock, byID: map[string]*message{}, byKey: map[string]string{}, places: map[string][]*message{},
		read: map[string]string{}, homes: map[string]*chat.Card{}}
	err := errors.Join(
		mem.Scan(ctx, "msg:", func(key string, value []byte) error {
			m := &message{}
			if err := json.Unmarshal(value, m); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			b.keep(m)
			return nil
		}),
		mem.Scan(ctx, "read:", func(key string, value []byte) error {
			b.read[strings.TrimPrefix(key, "read:")] = string(value)
			return nil
		}),
		mem.Scan(ctx, "home:", func(key string, value []byte) error {
			c := &chat.Card{}
			if err := json.Unmarshal(value, c); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			b.homes[strings.TrimPrefix(key, "home:")] = c
			return nil
		}))
	if err != nil {
		return nil, err
	}
	sort.Slice(b.changes, func(i, j int) bool { return b.changes[i].rev < b.changes[j].rev })
	return b, nil
}

// keep takes a stored message into the maps.
func (b *book) keep(m *message) {
	list := b.places[m.Place]
	if b.byID[m.ID] == nil {
		b.places[m.Place] = append(list, m)
	} else if i, ok := slices.BinarySearchFunc(list, m.ID, func(e *message, id string) int { return strings.Compare(e.ID, id) }); ok {
		list = slices.Clone(list) // readers hold the old one
		list[i] = m
		b.places[m.Place] = list
	}
	b.byID[m.ID] = m
	if m.Key != "" {
		b.byKey[m.Key] = m.ID
	}
	b.changes = append(b.changes, change{m.Rev, m.ID})
	b.rev = max(b.rev, m.Rev)
}

// put stores m as the next revision.
func (b *book) put(ctx context.Context, m *message) error {
	m.Rev = b.rev + 1
	if m.ID == "" {
		m.ID = fmt.Sprintf("%010d", m.Rev)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message %s: %w", m.ID, err)
	}
	if err := b.mem.Put(ctx, "msg:"+m.ID, data); err != nil {
		return fmt.Errorf("store message %s: %w", m.ID, err)
	}
	b.keep(m)
	b.hub.wake(false, "")
	return nil
}

// post stores a new message, or returns the one that its Key already made.
func (b *book) post(ctx context.Context, m message) (*message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id, ok := b.byKey[m.Key]; ok && m.Key != "" {
		return b.byID[id], nil
	}
	if m.At.IsZero() {
		m.At = b.clock().UTC()
	}
	if err := b.put(ctx, &m); err != nil {
		return nil, err
	}
	return &m, nil
}

// edit stores a message of Truce with another card. The same card again changes nothing.
func (b *book) edit(ctx context.Context, id string, card chat.Card) (*message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.byID[id]
	if old == nil || old.Author != bot {
		return nil, errGone
	}
	if sameCard(old.Card, &card) {
		return old, nil
	}
	m := *old
	m.Card, m.Edited = &card, b.clock().UTC()
	if err := b.put(ctx, &m); err != nil {
		return nil, err
	}
	return &m, nil
}

var errGone = errors.New("no such message of Truce")

func sameCard(a, b *chat.Card) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func (b *book) message(id string) *message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byID[id]
}

// made is the message a key made before.
func (b *book) made(key string) *message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byID[b.byKey[key]]
}

// page is what a persona sees of a place (with thread "") or of a thread, in order, the revision it stands at, and how
// many replies each message has that the persona may see.
type page struct {
	messages []*message
	rev      int64
	earlier  bool
	replies  map[string]int
	last     map[string]*message
}

func (b *book) page(persona, place, thread string, limit int) page {
	b.mu.Lock()
	list, rev := b.places[place], b.rev
	b.mu.Unlock()
	p := page{rev: rev, replies: map[string]int{}, last: map[string]*message{}}
	for _, m := range list {
		if !m.seenBy(persona) {
			continue
		}
		if m.Thread != "" {
			p.replies[m.Thread]++
			p.last[m.Thread] = m
		}
		if m.Thread == thread || thread != "" && m.ID == thread {
			p.messages = append(p.messages, m)
		}
	}
	if limit > 0 && len(p.messages) > limit {
		p.messages, p.earlier = p.messages[len(p.messages)-limit:], true
	}
	return p
}

// since is what changed after a revision, each message once, in the order of ID.
func (b *book) since(rev int64) (changed []*message, now int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := sort.Search(len(b.changes), func(i int) bool { return b.changes[i].rev > rev })
	seen := map[string]bool{}
	for _, c := range b.changes[from:] {
		if !seen[c.id] {
			seen[c.id] = true
			changed = append(changed, b.byID[c.id])
		}
	}
	slices.SortFunc(changed, func(x, y *message) int { return strings.Compare(x.ID, y.ID) })
	return changed, b.rev
}

// unread counts what a persona has not seen in a place: new messages of others, and replies in threads they wrote in.
func (b *book) unread(persona, place string) int {
	b.mu.Lock()
	list, last := b.places[place], b.read[persona+"/"+place]
	b.mu.Unlock()
	n, mine := 0, map[string]bool{}
	for _, m := range list {
		root := m.Thread
		if root == "" {
			root = m.ID
		}
		if m.Author == persona {
			mine[root] = true
		}
		if m.ID > last && m.seenBy(persona) && m.Author != persona && (m.Thread == "" || mine[root]) {
			n++
		}
	}
	return n
}

// seen marks all of a place as read.
func (b *book) seen(ctx context.Context, persona, place string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, key := b.places[place], persona+"/"+place
	if len(list) == 0 || b.read[key] >= list[len(list)-1].ID {
		return nil
	}
	last := list[len(list)-1].ID
	if err := b.mem.Put(ctx, "read:"+key, []byte(last)); err != nil {
		return fmt.Errorf("store what %s has read: %w", persona, err)
	}
	b.read[key] = last
	return nil
}

// setHome stores a persona's home page.
func (b *book) setHome(ctx context.Context, persona string, card chat.Card) error {
	data, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("encode the home page of %s: %w", persona, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if sameCard(b.homes[persona], &card) {
		return nil
	}
	if err := b.mem.Put(ctx, "home:"+persona, data); err != nil {
		return fmt.Errorf("store the home page of %s: %w", persona, err)
	}
	b.homes[persona] = &card
	b.hub.wake(false, persona)
	return nil
}

func (b *book) home(persona string) *chat.Card {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.homes[persona]
}

// lastRead is the ID of the last message a persona has seen in a place.
func (b *book) lastRead(persona, place string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read[persona+"/"+place]
}
