package delivery

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file finds where a message goes, and what it says by now.

var (
	errNobodyThere = errors.New(storage.NobodyThere)
	errStillComing = errors.New("the message above it is still on its way")
)

// address finds the place a message goes to, and renders it.
func (d *Delivery) address(tx *storage.Tx, m storage.Message) (l letter, err error) {
	l.out = chat.Outgoing{Key: m.Key, Again: m.Unclear}
	if err := d.place(tx, m, &l); err != nil || l.people != nil || l.also != nil {
		return l, err
	}
	if d.Adapters[l.out.To.Network()] == nil {
		return l, fmt.Errorf("%w: %s", errNobodyThere, l.out.To.Network())
	}
	if m.Subject == "" {
		return l, json.Unmarshal(m.Body, &l.out.Card)
	}
	subject, erased := m.Subject.Unerased()
	kind, id := subject.Parts()
	if render := d.Subjects[kind]; render != nil {
		l.out.Card, err = render(tx, id)
	} else {
		err = truce.Errorf(truce.NotFound, "nothing renders %q", m.Subject)
	}
	if erased && truce.KindOf(err) == truce.NotFound { // it has moved on, or was said once: nothing of it is left to show
		l.out.Card, err = cards.ErasedMessage(), nil
	}
	if err != nil {
		return l, err
	}
	if l.out.Edit, err = standsAt(tx, subject, m.To, l.out.To); err == nil && erased && l.out.Edit.IsZero() {
		err = truce.Errorf(truce.NotFound, "%s stands nowhere", subject)
	}
	return l, err
}

// place finds where a message goes: a place, or several, or other people instead.
func (d *Delivery) place(tx *storage.Tx, m storage.Message, l *letter) (err error) {
	if person, ok := m.To.Person(); ok {
		l.user, err = d.reach(tx, person)
		l.out.To = chat.Place{Kind: chat.DM, User: l.user}
		return err
	}
	if role, at, ok := m.To.Channel(); ok {
		return d.toChannel(tx, m, role, at, l)
	}
	if above, subject, ok := m.To.Thread(); ok {
		return d.toThread(tx, above, subject, l)
	}
	if ok, err := m.To.Place(&l.out.To); ok {
		return err
	}
	return truce.Errorf(truce.NotFound, "no destination %q", m.To)
}

// toChannel addresses a configured channel, or one of its places (at). A channel that is in several gets a message in each.
func (d *Delivery) toChannel(tx *storage.Tx, m storage.Message, role, at string, l *letter) error {
	places, err := d.Channel(tx, role)
	if err != nil {
		return err
	}
	switch {
	case at != "":
		for _, p := range places {
			if p.ID == at {
				l.out.To = p
				return nil
			}
		}
		return truce.Errorf(truce.NotFound, "%s is no place of the channel %s any more", at, role)
	case len(places) == 0:
		l.people, err = d.Concerns(tx, role, m)
		if err == nil && len(l.people) == 0 {
			err = errNobodyThere
		}
		return err
	case len(places) == 1:
		l.out.To = places[0]
		return nil
	}
	for _, p := range places {
		l.also = append(l.also, m.To.In(p.ID))
	}
	return nil
}

// toThread addresses the thread below the message of a subject; in a channel of several places, below each of its messages.
func (d *Delivery) toThread(tx *storage.Tx, above storage.Dest, subject storage.Subject, l *letter) error {
	role, at, isChannel := above.Channel()
	if isChannel && at == "" {
		places, err := d.Channel(tx, role)
		if err != nil {
			return err
		}
		if len(places) > 1 {
			for _, p := range places {
				l.also = append(l.also, storage.ToThread(above, subject).In(p.ID))
			}
			return nil
		}
		if len(places) == 1 {
			l.out.To = places[0]
		}
	} else if isChannel {
		l.out.To.ID = at
	}
	ref, err := standsAt(tx, subject, above, l.out.To)
	if err != nil {
		return err
	}
	if ref.IsZero() {
		coming, err := tx.WaitsFor(subject, above)
		if err == nil && !coming && isChannel { // not yet sent on to the places of the channel
			coming, err = tx.WaitsFor(subject, storage.ToChannel(role))
		}
		switch {
		case err != nil:
			return err
		case coming:
			return fmt.Errorf("%w: %s in %s", errStillComing, subject, above)
		}
		return truce.Errorf(truce.NotFound, "%s stands nowhere in %s", subject, above)
	}
	l.out.To = chat.Place{ID: ref.Place.ID, Kind: ref.Place.Kind, Name: ref.Place.Name, Thread: cmp.Or(ref.Place.Thread, ref.ID)}
	return nil
}

// standsAt is where a subject stands in a destination. A channel may have been configured in another way when the message was
// posted (one place then, two now): what counts is the place itself. A message in a channel that has moved on the same platform is
// edited where it stands.
func standsAt(tx *storage.Tx, subject storage.Subject, to storage.Dest, at chat.Place) (chat.Ref, error) {
	ref, err := postedRef(tx, subject, to)
	role, _, isChannel := to.Channel()
	if err != nil || !isChannel || same(ref.Place, at) {
		return ref, err
	}
	all, err := tx.PostedEverywhere(subject)
	if err != nil {
		return chat.Ref{}, err
	}
	for _, other := range all {
		if o, _, ok := other.Channel(); !ok || o != role {
			continue
		}
		found, err := postedRef(tx, subject, other)
		if err != nil {
			return chat.Ref{}, err
		}
		if same(found.Place, at) {
			return found, nil
		}
	}
	if ref.Place.Network() != at.Network() {
		return chat.Ref{}, nil
	}
	return ref, nil
}

// same reports whether a configured place, perhaps known by its name only ("slack::#disputes"), is the one a message stands in.
func same(posted, configured chat.Place) bool {
	if posted.ID == configured.ID {
		return true
	}
	return posted.Network() == configured.Network() && strings.HasPrefix(configured.ID, configured.Network()+"::") &&
		configured.Name != "" && strings.EqualFold(posted.Name, configured.Name)
}

func postedRef(tx *storage.Tx, subject storage.Subject, to storage.Dest) (ref chat.Ref, err error) {
	raw, err := tx.Posted(subject, to)
	if err != nil || raw == nil {
		return ref, err
	}
	return ref, json.Unmarshal(raw, &ref)
}

// reach is the platform id at which a person was seen last, among those that take our messages.
func (d *Delivery) reach(tx *storage.Tx, person string) (string, error) {
	ids, err := tx.Identities(person)
	if err != nil {
		return "", err
	}
	for _, i := range ids {
		if i.Unreachable.IsZero() && d.Adapters[chat.Network(i.UserID)] != nil {
			return i.UserID, nil
		}
	}
	return "", errNobodyThere
}
