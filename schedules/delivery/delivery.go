// Package delivery takes what the outbox holds to the chat platforms, and keeps what is known of people in step with them.
package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// Delivery takes messages out of the outbox to the platforms, in order within each conversation, at least once each. A
// platform that is down or slow delays its messages and loses none; a conversation that is slow delays no other.
type Delivery struct {
	Store    *storage.Store
	Adapters map[string]chat.Adapter // by network
	Channel  Channel                 // the configured channels
	Subjects map[storage.SubjectKind]Subject
	Concerns Concerns  // who gets what belongs in a channel that is not there
	Accounts *Accounts // finds people who have never written to us; nil finds nobody
	Hold     Hold      // the silence budget and working hours; nil holds nothing back
	Lanes    int       // conversations served at once; 0 is 32
	Log      *slog.Logger
	Count    func(network string, err error) // hears of each attempt to send; may be nil

	wake  chan struct{}
	alone sync.RWMutex // Once has it to itself; the lanes of Run share it
}

// Subject renders the newest state of something that is said in one message and edited from then on: "dispute:D-12". A
// truce.NotFound drops the message.
type Subject func(tx *storage.Tx, id string) (chat.Card, error)

// Channel is where a configured channel is, by its role: disputes, digests, alignment, objections. A company on two platforms may
// have one on each; none where it is not configured.
type Channel func(tx *storage.Tx, role string) ([]chat.Place, error)

// Concerns are the people who get a message that a channel cannot: it is not configured, or the bot is not in it.
type Concerns func(tx *storage.Tx, channel string, m storage.Message) ([]truce.Person, error)

// Hold is the moment until which a message is held back for its reader's peace; zero lets it go.
type Hold func(tx *storage.Tx, m storage.Message) (time.Time, error)

const (
	deliveryLanes = 32
	laneBatch     = 5 // messages of a lane read at once
	onceBatch     = 200
	pollEvery     = time.Second     // another process (an import) may have written messages
	longestRest   = pollEvery / 2   // between looks at a long outbox
	sendGrace     = 4 * time.Second // for what is being sent when Truce is told to stop
	firstBackoff  = 2 * time.Second
	lastBackoff   = 2 * time.Minute    // a lane asks once in this time, and all leaves soon after a platform is back
	awaitPosted   = 10 * time.Second   // at most between looks whether the message that a thread hangs below is posted
	homeFor       = time.Hour          // a home page that could not be shown is tried again
	waitForPerson = time.Hour          // between looks whether a person has turned up on a platform
	giveUpAfter   = 7 * 24 * time.Hour // for people nobody has seen anywhere
	tellBehind    = time.Minute        // between log lines about messages that should have left
	behindAfter   = 2 * time.Minute
)

// Run delivers until ctx ends, and returns when no send is under way.
func (d *Delivery) Run(ctx context.Context) error {
	d.wake = make(chan struct{}, 1)
	d.Store.Watch(d.poke)
	sending, stop := afterwards(ctx, sendGrace)
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	serving := lanes{}
	var told time.Time
	for {
		start := time.Now()
		if err := d.serve(ctx, sending, &serving, &wg); err != nil && ctx.Err() == nil {
			d.Log.Error("delivery", "error", err)
		}
		if start.Sub(told) > tellBehind {
			told = start
			d.tellBehind(ctx)
		}
		rest := time.NewTimer(min(longestRest, 5*time.Since(start))) // a long outbox is not read all the time
		select {
		case <-ctx.Done():
			rest.Stop()
			return nil
		case <-rest.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// poke has Run look at the outbox; it never waits.
func (d *Delivery) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// afterwards is a context that ends a while after ctx does.
func afterwards(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	end := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return later, func() { end(); cancel() }
}

// lanes are those being served.
type lanes struct {
	mu   sync.Mutex
	busy map[storage.Dest]bool
}

func (l *lanes) count() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.busy) }

// take reports whether the lane was free, and is the caller's now.
func (l *lanes) take(lane storage.Dest) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[lane] {
		return false
	}
	if l.busy == nil {
		l.busy = map[storage.Dest]bool{}
	}
	l.busy[lane] = true
	return true
}

func (l *lanes) leave(lane storage.Dest) { l.mu.Lock(); delete(l.busy, lane); l.mu.Unlock() }

// serve begins to serve the lanes in which something may leave, as many as there is room for.
func (d *Delivery) serve(ctx, sending context.Context, serving *lanes, wg *sync.WaitGroup) error {
	room, busy := cmp.Or(d.Lanes, deliveryLanes), serving.count()
	if busy >= room {
		return nil
	}
	var waiting []storage.Dest
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		waiting, err = tx.Lanes(tx.Now, room+busy)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for waiting messages: %w", err)
	}
	for _, lane := range waiting {
		if serving.count() >= room || !serving.take(lane) {
			continue
		}
		wg.Go(func() {
			defer d.poke() // whoever waited for room
			defer serving.leave(lane)
			for ctx.Err() == nil {
				d.alone.RLock()
				n := d.lane(ctx, sending, lane)
				d.alone.RUnlock()
				if n == 0 {
					return
				}
			}
		})
	}
	return nil
}

// Once delivers what may leave now, at most a batch, and tells how many messages it looked at.
func (d *Delivery) Once(ctx context.Context) (int, error) {
	d.alone.Lock()
	defer d.alone.Unlock()
	var list []storage.Message
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		list, err = tx.Waiting(tx.Now, onceBatch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for waiting messages: %w", err)
	}
	var order []storage.Dest
	conversations := map[storage.Dest][]storage.Message{}
	for _, m := range list {
		if conversations[m.To] == nil {
			order = append(order, m.To)
		}
		conversations[m.To] = append(conversations[m.To], m)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, cmp.Or(d.Lanes, deliveryLanes))
	for _, to := range order {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			d.each(ctx, ctx, conversations[to])
		})
	}
	wg.Wait()
	return len(list), nil
}

// lane delivers the next few messages of a lane, and tells how many it looked at.
func (d *Delivery) lane(ctx, sending context.Context, lane storage.Dest) int {
	var list []storage.Message
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		list, err = tx.WaitingIn(lane, tx.Now, laneBatch)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			d.Log.Error("look for waiting messages", "lane", lane, "error", err)
		}
		return 0
	}
	d.each(ctx, sending, list)
	return len(list)
}

// each delivers messages one after the other. Where one has to wait, what comes after it in its conversation waits too.
func (d *Delivery) each(ctx, sending context.Context, list []storage.Message) {
	stopped := map[storage.Dest]bool{}
	for _, m := range list {
		if ctx.Err() != nil {
			return
		}
		if stopped[m.To] {
			continue
		}
		gone, err := d.deliver(sending, m)
		if err != nil {
			d.Log.Error("deliver", "message", m.ID, "to", d.where(m), "error", err)
		}
		stopped[m.To] = !gone
	}
}

// letter is a message ready to leave.
type letter struct {
	out    chat.Outgoing
	user   string         // the person's id on the platform, for a DM
	people []truce.Person // who get it instead of a channel that is not there
	also   []storage.Dest // where it goes instead: a channel that is in several places
}

// deliver sends one message and records what came of it; gone reports that the next one may go.
func (d *Delivery) deliver(ctx context.Context, m storage.Message) (gone bool, err error) {
	// Before it is rendered: what changes from here on is said by another message.
	if err := d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.BeginMessage(m.ID) }); err != nil {
		return false, fmt.Errorf("begin to deliver: %w", err)
	}
	var l letter
	var until time.Time
	err = d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if d.Hold != nil {
			if until, err = d.Hold(tx, m); err != nil || !until.IsZero() {
				return err
			}
		}
		l, err = d.address(tx, m)
		return err
	})
	if errors.Is(err, errNobodyThere) && d.found(ctx, m) {
		err = d.Store.View(ctx, func(tx *storage.Tx) (err error) {
			l, err = d.address(tx, m)
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
		return true, d.await(ctx, m, "")
	case errors.Is(err, errStillComing):
		return false, d.delay(ctx, m, now.Add(min(awaitPosted, backoff(m.Attempts))), storage.Failed, err.Error())
	case err != nil && now.Sub(m.At) > giveUpAfter:
		return true, errors.Join(err, d.drop(ctx, m, err.Error()))
	case err != nil: // ours to mend: nobody else waits for it
		age := min(lastBackoff, max(firstBackoff, now.Sub(m.At)))
		return true, errors.Join(err, d.delay(ctx, m, now.Add(age), storage.NotTried, err.Error()))
	case !until.IsZero():
		return true, d.delay(ctx, m, until, storage.NotTried, "held back")
	case l.people != nil:
		return true, d.reroute(ctx, m, l.people, "")
	case l.also != nil:
		return true, d.fanOut(ctx, m, l.also)
	}
	if m.Subject.Is(storage.AboutHome) {
		return true, d.home(ctx, m, l.out.Card)
	}
	start := d.Store.Now()
	ref, err := d.Adapters[l.out.To.Network()].Send(ctx, l.out)
	if d.Count != nil {
		d.Count(l.out.To.Network(), err)
	}
	if err != nil {
		return d.failed(context.WithoutCancel(ctx), m, l, err)
	}
	now = d.Store.Now()
	d.Log.Info("delivered", "message", m.ID, "to", d.where(m), "network", l.out.To.Network(), "kind", m.Kind, "edit", !l.out.Edit.IsZero(),
		"attempt", m.Attempts+1,
		"waited", start.Sub(m.At).Round(time.Millisecond), "took", now.Sub(start).Round(time.Millisecond))
	return true, d.Store.Update(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		subject, _ := m.Subject.Unerased()
		if subject == "" { // it is not edited again, unless somebody is erased
			subject = storage.SaidSubject(m)
		}
		if err := tx.SetPosted(subject, m.To, ref); err != nil {
			return err
		}
		return tx.SentMessage(m.ID)
	})
}

// where is a message's destination as it may be logged: without names.
func (d *Delivery) where(m storage.Message) string {
	if m.To.IsPlace() {
		return "a place"
	}
	return string(m.To)
}

// home shows a person's home page anew on each platform that has one for them. No message waits behind it: a page that could not
// be shown is tried again for a while, and drawn anew with the next change anyway.
func (d *Delivery) home(ctx context.Context, m storage.Message, card chat.Card) error {
	var ids []storage.Identity
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		person, _ := m.To.Person()
		ids, err = tx.Identities(person)
		return err
	})
	if err != nil {
		return err
	}
	var failed error
	for _, i := range ids {
		h, ok := d.Adapters[chat.Network(i.UserID)].(chat.Homer)
		if !ok || !i.Unreachable.IsZero() {
			continue
		}
		if err := h.SetHome(ctx, i.UserID, card); err != nil {
			failed = err
		}
	}
	ctx = context.WithoutCancel(ctx)
	now := d.Store.Now()
	switch trouble, age := chat.TroubleOf(failed), now.Sub(m.At); {
	case failed == nil:
		return d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.SentMessage(m.ID) })
	case age < homeFor && (trouble == chat.Later || trouble == chat.Unclear || trouble == chat.Unauthorized):
		return d.delay(ctx, m, now.Add(max(firstBackoff, age)), storage.NotTried, failed.Error())
	default:
		return d.drop(ctx, m, failed.Error())
	}
}

// found looks for the person a message is for on the platforms, by e-mail address.
func (d *Delivery) found(ctx context.Context, m storage.Message) bool {
	person, ok := m.To.Person()
	if !ok || d.Accounts == nil {
		return false
	}
	found, err := d.Accounts.Find(ctx, person)
	if err != nil {
		d.Log.Warn("look for a person", "person", person, "error", err)
	}
	return found
}

// tellBehind logs, now and then, that messages should have left long ago.
func (d *Delivery) tellBehind(ctx context.Context) {
	var n int64
	var since time.Time
	err := d.Store.View(ctx, func(tx *storage.Tx) (err error) {
		n, since, err = tx.Backlog(tx.Now)
		return err
	})
	if late := d.Store.Now().Sub(since); err == nil && n > 0 && late > behindAfter {
		d.Log.Warn("messages wait to leave", "messages", n, "oldest", late.Round(time.Second))
	}
}

func (d *Delivery) delay(ctx context.Context, m storage.Message, until time.Time, came storage.Attempt, why string) error {
	return d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.DelayMessage(m.ID, until, came, why) })
}

func (d *Delivery) drop(ctx context.Context, m storage.Message, why string) error {
	d.Log.Warn("message dropped", "message", m.ID, "to", d.where(m), "why", why)
	return d.Store.Update(ctx, func(tx *storage.Tx) error { return tx.DropMessage(m.ID, why) })
}

// backoff doubles from two seconds to lastBackoff.
func backoff(attempts int) time.Duration {
	return min(lastBackoff, firstBackoff<<min(attempts, 10))
}
