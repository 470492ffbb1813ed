package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"truce/bot/chat"
)

// Send posts or edits. The same Outgoing.Key again returns what the first one made.
func (a *Adapter) Send(ctx context.Context, m chat.Outgoing) (chat.Ref, error) {
	if !m.Edit.IsZero() {
		msg, err := a.book.edit(ctx, m.Edit.ID, m.Card)
		switch {
		case errors.Is(err, errGone):
			return chat.Ref{}, &chat.SendError{Trouble: chat.Gone, Err: fmt.Errorf("edit message %s: %w", m.Edit.ID, err)}
		case err != nil:
			return chat.Ref{}, &chat.SendError{Trouble: chat.Later, Err: err}
		}
		return a.ref(msg), nil
	}
	place, err := a.local(m.To)
	if err != nil {
		return chat.Ref{}, err
	}
	if t := m.To.Thread; t != "" {
		if root := a.book.message(t); root == nil || root.Place != place {
			return chat.Ref{}, &chat.SendError{Trouble: chat.Gone, Err: fmt.Errorf("no thread %s in %s", t, place)}
		}
	}
	key := ""
	if m.Key != "" {
		key = "out:" + m.Key
	}
	card := m.Card
	msg, err := a.book.post(ctx, message{Place: place, Thread: m.To.Thread, Author: bot, Card: &card, Key: key})
	if err != nil {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Later, Err: err}
	}
	return a.ref(msg), nil
}

// local is the local name of a place that messages can go to.
func (a *Adapter) local(p chat.Place) (string, error) {
	if p.ID == "" {
		who := strings.TrimPrefix(p.User, prefix)
		if a.people[who] == nil || who == p.User {
			return "", &chat.SendError{Trouble: chat.Unreachable, Err: fmt.Errorf("no persona %s", p.User)}
		}
		return "dm-" + who, nil
	}
	id, ours := strings.CutPrefix(p.ID, prefix)
	if ours && a.channel(id) != nil {
		return id, nil
	}
	if who, dm := strings.CutPrefix(id, "dm-"); ours && dm && a.people[who] != nil {
		return id, nil
	}
	return "", &chat.SendError{Trouble: chat.Gone, Err: fmt.Errorf("no place %s", p.ID)}
}

func (a *Adapter) ref(m *message) chat.Ref {
	return chat.Ref{Place: a.place(m.Place, m.Thread), ID: m.ID}
}

// Line is something a persona said before the demo began.
type Line struct {
	Key     string // the same key is said once, however often the demo starts
	Persona string // Persona.ID
	Channel string // Channel.ID
	Text    string
	At      time.Time // UTC; zero is now
}

// Seed puts lines into the channels, in their order, as if the personas had written them. No events are made of them.
func (a *Adapter) Seed(ctx context.Context, lines ...Line) error {
	for _, l := range lines {
		if a.people[l.Persona] == nil || !a.mayEnter(l.Persona, l.Channel) {
			return fmt.Errorf("web: seed %s: %q is not a member of %q", l.Key, l.Persona, l.Channel)
		}
		if _, err := a.book.post(ctx, message{Place: l.Channel, Author: l.Persona, Text: l.Text, At: l.At, Key: "seed:" + l.Key}); err != nil {
			return fmt.Errorf("web: seed %s: %w", l.Key, err)
		}
	}
	return nil
}

// SetHome changes a person's home page, also where it is open.
func (a *Adapter) SetHome(ctx context.Context, user string, card chat.Card) error {
	who := strings.TrimPrefix(user, prefix)
	if a.people[who] == nil || who == user {
		return &chat.SendError{Trouble: chat.Unreachable, Err: fmt.Errorf("no persona %s", user)}
	}
	return a.book.setHome(ctx, who, card)
}
