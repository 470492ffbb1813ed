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
	kind, rest, _ := strings.Cut(string(m.To), ":")
	switch kind {
	case "person":
		if l.user, err = d.reach(tx, rest); err != nil {
			return l, err
		}
		l.out.To = chat.Place{Kind: chat.DM, User: l.user}
	case "channel":
		if err := d.toChannel(tx, m, rest, &l); err != nil || l.people != nil || l.also != nil {
			return l, err
		}
	case "thread": // thread:<destination>|<subject>: below the message of the subject there
		if err := d.toThread(tx, rest, &l); err != nil || l.also != nil {
			return l, err
		}
	case "place":
		if err := json.Unmarshal([]byte(rest), &l.out.To); err != nil {
			return l, fmt.Errorf("read the place of message %s: %w", m.ID, err)
		}
	default:
		return l, truce.Errorf(truce.NotFound, "no destination %q", m.To)
	}
	if d.Adapters[l.out.To.Network()] == nil {
		return l, fmt.Errorf("%w: %s", errNobodyThere, l.out.To.Network())
	}
	if m.Subject == "" {
		return l, json.Unmarshal(m.Body, &l.out.Card)
	}
	subject, erased := strings.CutPrefix(m.Subject, storage.ErasedSubject(""))
	name, id, _ := strings.Cut(subject, ":")
	if render := d.Subjects[name]; render != nil {
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

// toChannel addresses a configured channel. A channel that is in several places gets a message in each: "channel:disputes" goes
// out as "channel:disputes@slack:T1:C2" and "channel:disputes@teams:...".
func (d *Delivery) toChannel(tx *storage.Tx, m storage.Message, name string, l *letter) error {
	role, at, one := strings.Cut(name, "@")
	places, err := d.Channel(tx, role)
	if err != nil {
		return err
	}
	switch {
	case one:
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
		l.also = append(l.also, storage.Dest(string(m.To)+"@"+p.ID))
	}
	return nil
}

// toThread addresses the thread below the message of a subject; in a channel of several places, below each of its messages.
func (d *Delivery) toThread(tx *storage.Tx, rest string, l *letter) error {
	above, subject, _ := strings.Cut(rest, "|")
	role, isChannel := strings.CutPrefix(above, "channel:")
	if isChannel && !strings.Contains(role, "@") {
		places, err := d.Channel(tx, role)
		if err != nil {
			return err
		}
		if len(places) > 1 {
			for _, p := range places {
				l.also = append(l.also, storage.Dest("thread:"+above+"@"+p.ID+"|"+subject))
			}
			return nil
		}
		if len(places) == 1 {
			l.out.To = places[0]
		}
	} else if _, at, ok := strings.Cut(role, "@"); isChannel && ok {
		l.out.To.ID = at
	}
	ref, err := standsAt(tx, subject, storage.Dest(above), l.out.To)
	if err != nil {
		return err
	}
	if ref.IsZero() {
		coming, err := tx.WaitsFor(subject, storage.Dest(above))
		if err == nil && !coming && isChannel { // not yet sent on to the places of the channel
			role, _, _ := strings.Cut(role, "@")
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
func standsAt(tx *storage.Tx, subject string, to storage.Dest, at chat.Place) (chat.Ref, error) {
	ref, err := postedRef(tx, subject, to)
	name, isChannel := strings.CutPrefix(string(to), "channel:")
	if err != nil || !isChannel || same(ref.Place, at) {
		return ref, err
	}
	role, _, _ := strings.Cut(name, "@")
	all, err := tx.PostedEverywhere(subject)
	if err != nil {
		return chat.Ref{}, err
	}
	for _, other := range all {
		if o, _, _ := strings.Cut(string(other), "@"); o != string(storage.ToChannel(role)) {
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

func postedRef(tx *storage.Tx, subject string, to storage.Dest) (ref chat.Ref, err error) {
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
