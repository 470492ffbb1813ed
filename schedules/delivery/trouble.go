package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what delivery does about a message that could not be sent.

// The keys of what admins are told begin so.
const (
	remedyKey      = "remedy:"
	unreachableKey = "unreachable:"
)

// failed records a failed attempt and does what its trouble asks for.
func (d *Delivery) failed(ctx context.Context, m storage.Message, l letter, cause error) (gone bool, err error) {
	se := &chat.SendError{}
	errors.As(cause, &se)
	now := d.Store.Now()
	again := now.Add(backoff(m.Attempts))
	trouble := chat.TroubleOf(cause)
	d.Log.Info("not delivered", "message", m.ID, "to", d.where(m), "network", l.out.To.Network(), "kind", m.Kind, "trouble", trouble,
		"attempt", m.Attempts+1, "error", cause)
	switch trouble {
	case chat.Later:
		if se.RetryAfter > 0 {
			again = now.Add(se.RetryAfter)
		}
		return false, d.delay(ctx, m, again, storage.Failed, cause.Error())
	case chat.Unauthorized:
		d.Log.Error("not allowed to send", "to", d.where(m), "remedy", se.Remedy, "error", cause)
		if err := d.tellUnauthorized(ctx, l.out.To.Network(), se.Remedy); err != nil {
			return false, err
		}
		return false, d.delay(ctx, m, again, storage.Failed, cause.Error())
	case chat.Refused:
		d.Log.Error("message refused", "message", m.ID, "card", l.out.Card.Key, "to", d.where(m), "error", cause)
		return true, d.drop(ctx, m, cause.Error())
	case chat.Gone, chat.NotMember:
		if !l.out.Edit.IsZero() && trouble == chat.Gone { // the message was deleted: say it anew
			return false, d.Store.Update(ctx, func(tx *storage.Tx) error {
				return errors.Join(tx.SetPosted(m.Subject, m.To, nil), tx.DelayMessage(m.ID, tx.Now, storage.Failed, cause.Error()))
			})
		}
		return d.fromChannel(ctx, m, se.Remedy, cause)
	case chat.Unreachable:
		if l.user == "" {
			return d.fromChannel(ctx, m, se.Remedy, cause)
		}
		if err := d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.Unreachable(l.user) }); err != nil {
			return false, err
		}
		return d.elsewhere(ctx, m, se.Remedy)
	default:
		return false, d.delay(ctx, m, again, storage.Unclear, cause.Error())
	}
}

// ToldAdmins reports whether a message tells admins what keeps Truce from working: that cannot wait.
func ToldAdmins(m storage.Message) bool {
	return strings.HasPrefix(m.Key, remedyKey) || strings.HasPrefix(m.Key, unreachableKey)
}

// fromChannel gives a message that its channel does not take to the people concerned.
func (d *Delivery) fromChannel(ctx context.Context, m storage.Message, remedy string, cause error) (bool, error) {
	role, _, ok := m.To.Channel()
	if !ok {
		return true, d.drop(ctx, m, cause.Error())
	}
	var people []truce.Person
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		people, err = d.Concerns(tx, role, m)
		return err
	})
	if err != nil {
		return false, err
	}
	if len(people) == 0 {
		if remedy != "" {
			if err := d.Store.Update(ctx, func(tx *storage.Tx) error { return tellRemedy(tx, m, remedy) }); err != nil {
				return false, err
			}
		}
		return true, d.delay(ctx, m, d.Store.Now().Add(waitForPerson), storage.NotTried, cause.Error())
	}
	return true, d.reroute(ctx, m, people, remedy)
}

// elsewhere has a message for a person whom a platform cannot reach tried on another, or wait for them.
func (d *Delivery) elsewhere(ctx context.Context, m storage.Message, remedy string) (bool, error) {
	person, _ := m.To.Person()
	err := d.Store.View(ctx, func(tx *storage.Tx) error { _, err := d.reach(tx, person); return err })
	switch {
	case errors.Is(err, errNobodyThere):
		return true, d.await(ctx, m, remedy)
	case err != nil:
		return false, err
	}
	return false, d.delay(ctx, m, d.Store.Now(), storage.Failed, "on to another platform")
}

// await has a message wait for its reader to turn up, and lets the admins know that it does. What is for one person alone is not
// said in a channel instead.
func (d *Delivery) await(ctx context.Context, m storage.Message, remedy string) error {
	return d.Store.Update(ctx, func(tx *storage.Tx) error {
		if person, ok := m.To.Person(); ok {
			if err := d.tellUnreachable(tx, person, remedy); err != nil {
				return err
			}
		}
		return tx.DelayMessage(m.ID, tx.Now.Add(waitForPerson), storage.NotTried, storage.NobodyThere)
	})
}

// tellUnreachable tells the admins, once until it changes, that a person cannot be reached.
func (d *Delivery) tellUnreachable(tx *storage.Tx, person, remedy string) error {
	p, err := tx.Person(person)
	if truce.KindOf(err) == truce.NotFound || err == nil && !p.Active {
		return nil
	}
	if err != nil {
		return err
	}
	ids, err := tx.Identities(person)
	if err != nil {
		return err
	}
	since := "never seen"
	for _, i := range ids {
		if !i.Unreachable.IsZero() {
			since = i.Unreachable.Format(time.RFC3339)
			break
		}
	}
	admins, err := tx.PeopleWith(truce.Admin)
	if err != nil {
		return err
	}
	body, err := json.Marshal(cards.Unreachable(p, len(ids) > 0, remedy))
	if err != nil {
		return err
	}
	for _, a := range admins {
		if a.ID == p.ID {
			continue
		}
		key := unreachableKey + p.ID + ":" + since + ">" + a.ID
		if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(a.ID), Body: body, Kind: storage.Notice}); err != nil {
			return err
		}
	}
	return nil
}

// fanOut sends a message on to each of the places of its channel.
func (d *Delivery) fanOut(ctx context.Context, m storage.Message, to []storage.Dest) error {
	return d.Store.Update(ctx, func(tx *storage.Tx) error {
		for _, dest := range to {
			copied := storage.Message{To: dest, Subject: m.Subject, Body: m.Body, Kind: m.Kind, PersonID: m.PersonID}
			if m.Key != m.ID {
				copied.Key = storage.FannedOut(m.Key, dest)
			}
			if err := tx.Send(copied); err != nil {
				return err
			}
		}
		return tx.DropMessage(m.ID, "went to each place of the channel")
	})
}

// reroute gives a channel's message to the people concerned, and tells admins what would let it be posted there.
func (d *Delivery) reroute(ctx context.Context, m storage.Message, people []truce.Person, remedy string) error {
	key := storage.BeforeFanOut(m.Key) // the same for each place of a channel: nobody gets it twice
	return d.Store.Update(ctx, func(tx *storage.Tx) error {
		for _, p := range people {
			copied := storage.Message{Key: key + ">" + p.ID, To: storage.ToPerson(p.ID), PersonID: p.ID, Subject: m.Subject, Body: m.Body,
				Kind: m.Kind}
			if err := tx.Send(copied); err != nil {
				return err
			}
		}
		if remedy != "" {
			if err := tellRemedy(tx, m, remedy); err != nil {
				return err
			}
		}
		return tx.DropMessage(m.ID, "went to the people concerned. "+remedy)
	})
}

// tellUnauthorized tells the admins, once a day, that a platform does not take Truce's credentials: on another platform where
// they have one, else as soon as it does again.
func (d *Delivery) tellUnauthorized(ctx context.Context, network, remedy string) error {
	body, err := json.Marshal(cards.NotAllowed(network, remedy))
	if err != nil {
		return err
	}
	return d.Store.Update(ctx, func(tx *storage.Tx) error {
		admins, err := tx.PeopleWith(truce.Admin)
		if err != nil {
			return err
		}
		for _, p := range admins {
			key := remedyKey + "credentials:" + network + ":" + tx.Now.Format(time.DateOnly) + ">" + p.ID
			if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(p.ID), Body: body, Kind: storage.Notice, PersonID: p.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellRemedy tells admins, once a day, why a channel does not get its messages.
func tellRemedy(tx *storage.Tx, m storage.Message, remedy string) error {
	admins, err := tx.PeopleWith(truce.Admin)
	if err != nil {
		return err
	}
	role, _, _ := m.To.Channel()
	body, err := json.Marshal(cards.Remedy(role, remedy))
	if err != nil {
		return err
	}
	for _, p := range admins {
		key := remedyKey + string(m.To) + ":" + tx.Now.Format(time.DateOnly) + ">" + p.ID
		if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(p.ID), Body: body, Kind: storage.Notice}); err != nil {
			return err
		}
	}
	return nil
}
