package schedules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Subject renders the newest state of something that is said in one message and edited from then on: "dispute:D-12". A
// truce.NotFound drops the message.
type Subject func(tx *storage.Tx, id string) (chat.Card, error)

// Delivery takes messages out of the outbox to the platforms, in order within each conversation, at least once each. A
// platform that is down or slow delays its messages and loses none.
type Delivery struct {
	Store    *storage.Store
	Adapters map[string]chat.Adapter // by network
	Channel  Channel                 // the configured channels
	Subjects map[string]Subject      // by what stands before the colon
	Concerns Concerns                // who gets what belongs in a channel that is not there
	Accounts *Accounts               // finds people who have never written to us; nil finds nobody
	Hold     Hold                    // the silence budget and working hours; nil holds nothing back
	Lanes    int                     // conversations served at once; 0 is 8
	Log      *slog.Logger

	wake chan struct{}
	busy sync.Mutex // one look at a time: a message leaves once
}

// Channel is the place of a configured channel by its role: disputes, digests, alignment, objections; ok is false where it
// is not configured.
type Channel func(tx *storage.Tx, role string) (place chat.Place, ok bool, err error)

// Concerns are the people who get a message that a channel cannot: it is not configured, or the bot is not in it.
type Concerns func(tx *storage.Tx, channel string, m storage.Message) ([]truce.Person, error)

// Hold is the moment until which a message is held back for its reader's peace; zero lets it go.
type Hold func(tx *storage.Tx, m storage.Message) (time.Time, error)

const (
	deliveryLanes = 8
	deliveryBatch = 200
	pollEvery     = time.Second // another process (an import) may have written messages
	firstBackoff  = 2 * time.Second
	lastBackoff   = 10 * time.Minute
	waitForPerson = time.Hour          // between looks whether a person has turned up on a platform
	giveUpAfter   = 7 * 24 * time.Hour // for people nobody has seen anywhere
)

// Run delivers until ctx ends, and returns when no send is under way.
func (d *Delivery) Run(ctx context.Context) error {
	d.wake = make(chan struct{}, 1)
	d.Store.Watch(func() {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	})
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if _, err := d.Once(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("delivery", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// Once delivers what may leave now, and tells how many messages it looked at.
func (d *Delivery) Once(ctx context.Context) (int, error) {
	d.busy.Lock()
	defer d.busy.Unlock()
	var list []storage.Message
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		list, err = tx.Waiting(tx.Now, deliveryBatch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for waiting messages: %w", err)
	}
	var order []storage.Dest
	lanes := map[storage.Dest][]storage.Message{}
	for _, m := range list {
		if lanes[m.To] == nil {
			order = append(order, m.To)
		}
		lanes[m.To] = append(lanes[m.To], m)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, cmp.Or(d.Lanes, deliveryLanes))
	for _, to := range order {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, m := range lanes[to] {
				if ctx.Err() != nil {
					return
				}
				gone, err := d.deliver(ctx, m)
				if err != nil {
					d.Log.Error("deliver", "message", m.ID, "to", m.To, "error", err)
				}
				if !gone { // what comes after it in this conversation waits too
					return
				}
			}
		})
	}
	wg.Wait()
	return len(list), nil
}

// letter is a message ready to leave.
type letter struct {
	out  chat.Outgoing
	user string // the person's id on the platform, for a DM
}

// deliver sends one message and records what came of it; gone reports that the next one may go.
func (d *Delivery) deliver(ctx context.Context, m storage.Message) (gone bool, err error) {
	var l letter
	var until time.Time
	var people []truce.Person
	err = d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if d.Hold != nil {
			if until, err = d.Hold(tx, m); err != nil || !until.IsZero() {
				return err
			}
		}
		l, people, err = d.address(tx, m)
		return err
	})
	if errors.Is(err, errNobodyThere) && d.found(ctx, m) {
		err = d.Store.View(ctx, func(tx *storage.Tx) (err error) {
			l, people, err = d.address(tx, m)
			return err
		})
	}
	now := d.Store.Now()
	switch {
	case truce.KindOf(err) == truce.NotFound:
		return true, d.drop(ctx, m, err.Error())
	case errors.Is(err, errNobodyThere) && now.Sub(m.At) > giveUpAfter:
		return true, d.drop(ctx, m, err.Error())
	case errors.Is(err, errNobodyThere):
		return true, d.delay(ctx, m, now.Add(waitForPerson), false, false, err.Error())
	case err != nil:
		return false, errors.Join(err, d.delay(ctx, m, now.Add(backoff(m.Attempts)), true, false, err.Error()))
	case !until.IsZero():
		return true, d.delay(ctx, m, until, false, false, "held back")
	case people != nil:
		return true, d.reroute(ctx, m, people, "")
	}
	if name, ok := strings.CutPrefix(m.Subject, "home:"); ok {
		return d.home(ctx, m, name, l)
	}
	adapter := d.Adapters[l.out.To.Network()]
	ref, err := adapter.Send(ctx, l.out)
	if err != nil {
		return d.failed(ctx, m, l, err)
	}
	return true, d.Store.Update(ctx, func(tx *storage.Tx) error {
		if m.Subject != "" {
			if err := tx.SetPosted(m.Subject, m.To, ref); err != nil {
				return err
			}
		}
		return tx.SentMessage(m.ID)
	})
}

func (d *Delivery) home(ctx context.Context, m storage.Message, _ string, l letter) (bool, error) {
	if h, ok := d.Adapters[chat.Network(l.user)].(chat.Homer); ok {
		if err := h.SetHome(ctx, l.user, l.out.Card); err != nil {
			return d.failed(ctx, m, l, err)
		}
	}
	return true, d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.SentMessage(m.ID) })
}

// found looks for the person a message is for on the platforms, by e-mail address.
func (d *Delivery) found(ctx context.Context, m storage.Message) bool {
	person, ok := strings.CutPrefix(string(m.To), "person:")
	if !ok || d.Accounts == nil {
		return false
	}
	found, err := d.Accounts.Find(ctx, person)
	if err != nil {
		d.Log.Warn("look for a person", "person", person, "error", err)
	}
	return found
}

var errNobodyThere = errors.New("the person is on none of the connected platforms")

// address finds the place a message goes to, and renders it; people are returned instead where a channel is not there.
func (d *Delivery) address(tx *storage.Tx, m storage.Message) (l letter, people []truce.Person, err error) {
	l.out = chat.Outgoing{Key: m.Key, Again: m.Unclear}
	kind, rest, _ := strings.Cut(string(m.To), ":")
	switch kind {
	case "person":
		if l.user, err = d.reach(tx, rest); err != nil {
			return l, nil, err
		}
		l.out.To = chat.Place{Kind: chat.DM, User: l.user}
	case "channel":
		place, ok, err := d.Channel(tx, rest)
		if err != nil {
			return l, nil, err
		}
		if !ok {
			people, err = d.Concerns(tx, rest, m)
			if err == nil && len(people) == 0 {
				err = errNobodyThere
			}
			return l, people, err
		}
		l.out.To = place
	case "thread": // thread:<destination>|<subject>: below the message of the subject there
		to, subject, _ := strings.Cut(rest, "|")
		ref, err := postedRef(tx, subject, storage.Dest(to))
		if err != nil {
			return l, nil, err
		}
		if ref.IsZero() {
			if coming, err := tx.WaitsFor(subject, storage.Dest(to)); err != nil || coming {
				return l, nil, errors.Join(fmt.Errorf("%s is still on its way to %s", subject, to), err)
			}
			return l, nil, truce.Errorf(truce.NotFound, "%s stands nowhere in %s", subject, to)
		}
		l.out.To = chat.Place{ID: ref.Place.ID, Kind: ref.Place.Kind, Name: ref.Place.Name, Thread: cmp.Or(ref.Place.Thread, ref.ID)}
	case "place":
		if err := json.Unmarshal([]byte(rest), &l.out.To); err != nil {
			return l, nil, fmt.Errorf("read the place of message %s: %w", m.ID, err)
		}
	default:
		return l, nil, truce.Errorf(truce.NotFound, "no destination %q", m.To)
	}
	if d.Adapters[l.out.To.Network()] == nil {
		return l, nil, fmt.Errorf("%w: %s", errNobodyThere, l.out.To.Network())
	}
	if m.Subject == "" {
		return l, nil, json.Unmarshal(m.Body, &l.out.Card)
	}
	name, id, _ := strings.Cut(m.Subject, ":")
	render := d.Subjects[name]
	if render == nil {
		return l, nil, truce.Errorf(truce.NotFound, "nothing renders %q", m.Subject)
	}
	if l.out.Card, err = render(tx, id); err != nil {
		return l, nil, err
	}
	l.out.Edit, err = postedRef(tx, m.Subject, m.To)
	return l, nil, err
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

// failed records a failed attempt and does what its trouble asks for.
func (d *Delivery) failed(ctx context.Context, m storage.Message, l letter, cause error) (gone bool, err error) {
	var se *chat.SendError
	errors.As(cause, &se)
	now := d.Store.Now()
	again := now.Add(backoff(m.Attempts))
	switch trouble := chat.TroubleOf(cause); trouble {
	case chat.Later:
		if se.RetryAfter > 0 {
			again = now.Add(se.RetryAfter)
		}
		return false, d.delay(ctx, m, again, true, false, cause.Error())
	case chat.Unauthorized:
		d.Log.Error("not allowed to send", "to", m.To, "remedy", se.Remedy, "error", cause)
		return false, d.delay(ctx, m, again, true, false, cause.Error())
	case chat.Refused:
		d.Log.Error("message refused", "message", m.ID, "card", l.out.Card.Key, "to", m.To, "error", cause)
		return true, d.drop(ctx, m, cause.Error())
	case chat.Gone, chat.NotMember:
		if !l.out.Edit.IsZero() && trouble == chat.Gone { // the message was deleted: say it anew
			return false, d.Store.Update(ctx, func(tx *storage.Tx) error {
				return errors.Join(tx.SetPosted(m.Subject, m.To, nil), tx.DelayMessage(m.ID, tx.Now, true, false, cause.Error()))
			})
		}
		channel, ok := strings.CutPrefix(string(m.To), "channel:")
		if !ok {
			return true, d.drop(ctx, m, cause.Error())
		}
		var people []truce.Person
		err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
			people, err = d.Concerns(tx, channel, m)
			return err
		})
		if err != nil {
			return false, err
		}
		return true, d.reroute(ctx, m, people, se.Remedy)
	case chat.Unreachable:
		return false, d.Store.Update(ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.Unreachable(l.user), tx.DelayMessage(m.ID, tx.Now, true, false, cause.Error()))
		})
	default:
		return false, d.delay(ctx, m, again, true, true, cause.Error())
	}
}

// reroute gives a channel's message to the people concerned, and tells admins what would let it be posted there.
func (d *Delivery) reroute(ctx context.Context, m storage.Message, people []truce.Person, remedy string) error {
	return d.Store.Update(ctx, func(tx *storage.Tx) error {
		for _, p := range people {
			copied := storage.Message{Key: m.Key + ">" + p.ID, To: storage.ToPerson(p.ID), PersonID: p.ID, Subject: m.Subject, Body: m.Body, Kind: m.Kind}
			if err := tx.Send(copied); err != nil {
				return err
			}
		}
		if remedy != "" {
			admins, err := tx.PeopleWith(truce.Admin)
			if err != nil {
				return err
			}
			body, err := json.Marshal(cards.Remedy(string(m.To), remedy))
			if err != nil {
				return err
			}
			for _, p := range admins {
				day := tx.Now.Format(time.DateOnly)
				if err := tx.Send(storage.Message{Key: "remedy:" + string(m.To) + ":" + day + ">" + p.ID, To: storage.ToPerson(p.ID), Body: body, Kind: storage.Notice}); err != nil {
					return err
				}
			}
		}
		return tx.DropMessage(m.ID, "went to the people concerned. "+remedy)
	})
}

func (d *Delivery) delay(ctx context.Context, m storage.Message, until time.Time, tried, unclear bool, why string) error {
	return d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.DelayMessage(m.ID, until, tried, unclear, why) })
}

func (d *Delivery) drop(ctx context.Context, m storage.Message, why string) error {
	d.Log.Warn("message dropped", "message", m.ID, "to", m.To, "why", why)
	return d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.DropMessage(m.ID, why) })
}

// backoff doubles from two seconds to ten minutes.
func backoff(attempts int) time.Duration {
	return min(lastBackoff, firstBackoff<<min(attempts, 10))
}
